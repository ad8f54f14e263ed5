/* layers.h - the layers that Wireshark counts in a frame with several units: few, and the same on every pass.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Wireshark puts a layer on the frame for each dissector that it calls, and has a limit. Some dissectors keep what they
 * know under the layer's number, so the number of a unit must be the same on every pass. All functions are called on
 * every pass, with the same arguments each time.
 */
#ifndef TDSCONN_LAYERS_H
#define TDSCONN_LAYERS_H

#include <epan/packet.h>

#include <stdbool.h>

#define LAYERS_OWN 64 /* so many units, the last of a frame, have a layer number each; the others share a few */

/* The layers of a frame while some units of it are shown. */
typedef struct {
    guint below;        /* how many layers there are below the units */
    guint8 number;      /* the number of the topmost of these */
    guint32 units, met; /* how many units there are in all, and how many were met so far */
} layers_t;

/* Called before the units of one buffer are shown. `units`: how many they are. A number up to LAYERS_OWN need not be
 * exact. */
layers_t layers_begin(const packet_info *pinfo, guint32 units);

/* Called before each unit is shown. `part`: the unit is a packet whose message goes on in a later packet. */
void layers_before(layers_t *layers, packet_info *pinfo, bool part);

/* Called after each unit was shown. Need not be called if a dissector threw an exception. */
void layers_behind(const layers_t *layers, packet_info *pinfo);

/* Called after the last unit was shown. */
void layers_end(const layers_t *layers, packet_info *pinfo);

#endif
