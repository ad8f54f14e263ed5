/* unjoined.h - units that go on in later segments which TCP does not join, because the snap length cut them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * If TCP's reassembly is switched off, Wireshark's TCP itself skips the segments in which a unit goes on.
 */
#ifndef TDSCONN_UNJOINED_H
#define TDSCONN_UNJOINED_H

#include "memory/track.h"

/* How many bytes from this sequence number on belong to a side's latest unit, if they stand behind its first one.
 * First pass only. */
guint32 unjoined_left(const tcp_side_t *side, guint32 seq);

/* How many of the first bytes of this payload belong to a unit that began in an earlier frame. No unit begins in them,
 * whatever they look like. 0 if TCP joins segments. On the first pass units->cut must say where the payload stands, and
 * the result is remembered for later passes. */
guint unjoined_rest(track_t *track, const units_t *units, tvbuff_t *payload, packet_info *pinfo);

#endif
