/* cut.h - where the units begin in the bytes of a connection.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Whether bytes are SQL Server's at all is another question, which core/recognise.h answers. Here the connection is
 * known, and mostly where each side's next unit is due: a header that stands there is one, though it holds what a
 * receiver ignores. Behind a hole only bytes that can hardly be anything else begin a unit.
 */
#ifndef TDSCONN_CUT_H
#define TDSCONN_CUT_H

#include "memory/track.h"

/* Where the bytes at hand stand in their sender's stream: called before they are cut, first pass only. `data` is what
 * Wireshark's TCP gave its dissector, NULL if it gave nothing: then the bytes are the end of the frame's payload. */
cut_t cut_begin(const packet_info *pinfo, tvbuff_t *tvb, const void *data);

/* The payload at hand says what the connection is: a unit is due at its beginning. First pass only. */
void cut_expect(track_t *track, const packet_info *pinfo, tvbuff_t *tvb, const void *data);

/* Whether it is known where this side's next unit is due, and at which sequence number. First pass only. */
bool cut_due(const track_t *track, sender_t sender, guint32 *seq);

/* The unit at this place of the bytes at hand, `tvb` being all of them or their end; `units` says where they stand. */
unit_t cut_unit(track_t *track, const units_t *units, packet_info *pinfo, tvbuff_t *tvb, gint offset);

#endif
