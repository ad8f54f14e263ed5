/* unjoined.h - units that go on in later segments where TCP does not put these together, as the snap length cut them.
 * With its reassembly off, Wireshark's TCP itself steps over what goes on.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_UNJOINED_H
#define TDSCONN_UNJOINED_H

#include "memory/track.h"

/* How many of the first bytes of a segment's payload are the rest of a unit that began in an earlier frame: they are
 * none of their own, whatever they look like. 0 where TCP puts segments together. On the first pass units->cut says
 * where the payload stands. */
guint unjoined_rest(track_t *track, const units_t *units, tvbuff_t *payload, packet_info *pinfo);

#endif
