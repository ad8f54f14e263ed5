/* layers.h - what Wireshark counts of a frame while units in it are shown: few layers, with the same numbers each time.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Each dissector that is called puts a layer on the frame, and at 500 Wireshark takes that for a fault. What was put
 * together of several packets, and what TLS decrypted, is found again on a later pass by the frame and the number of
 * the layer. So the number of a unit may not depend on what those before it had in them, which is not the same on each
 * pass; and units that end a message should not share one, because each would then show the message of the last.
 */
#ifndef TDSCONN_LAYERS_H
#define TDSCONN_LAYERS_H

#include <epan/packet.h>

#include <stdbool.h>

#define LAYERS_OWN 64 /* so many units, the last ones, have a number to themselves */

/* The layers of a frame while some units of it are shown. */
typedef struct {
    guint below;        /* so many the units stand on */
    guint8 number;      /* of the last of these */
    guint32 units, met; /* in all, which need not be known if they are no more than LAYERS_OWN, and so far */
} layers_t;

/* So many units come: on every pass alike, as the rest. */
layers_t layers_begin(const packet_info *pinfo, guint32 units);

/* Before each is shown. `part`: of a message that goes on behind it. */
void layers_before(layers_t *layers, packet_info *pinfo, bool part);

/* Behind it, unless an exception came out of it. */
void layers_behind(const layers_t *layers, packet_info *pinfo);

/* Behind all of them. */
void layers_end(const layers_t *layers, packet_info *pinfo);

#endif
