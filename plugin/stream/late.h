/* late.h - units that nobody brought to us, read from a frame's own bytes.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_LATE_H
#define TDSCONN_LATE_H

#include "memory/track.h"

/* Reads the whole units with which this payload of TCP begins; `offset` is where it stands in the frame. First pass
 * only. */
void late_read_units(track_t *track, packet_info *pinfo, tvbuff_t *payload, guint offset);

/* A segment that Wireshark's TCP calls sent before, or out of order, it keeps from dissectors. What stands in it may be
 * nowhere else in the capture: this reads it, but not of MARS, if a unit begins where the first byte stands that was
 * not seen before. `payload` is where the segment's data begins in the frame. First pass only, before the segment
 * itself is told. */
void late_read_segment(track_t *track, packet_info *pinfo, tvbuff_t *frame, const tcp_sight_t *sight, guint payload,
                       guint32 length);

#endif
