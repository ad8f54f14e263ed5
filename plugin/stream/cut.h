/* cut.h - where the units begin in the bytes of a connection.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * core/recognise.h answers whether bytes are SQL Server's at all. Here the connection is known, and usually also the
 * place where each side's next unit is due. A header at that place begins a unit, even if it holds values that a
 * receiver ignores. Behind a hole, only bytes that can hardly be anything else begin a unit.
 */
#ifndef TDSCONN_CUT_H
#define TDSCONN_CUT_H

#include "memory/track.h"
#include "wire/tcpfacts.h"

/* Where these bytes stand in their sender's stream. Called before they are cut. `data`: what Wireshark's TCP passed to
 * its dissector; if NULL, the bytes are the end of the frame's payload. First pass only, which it asserts. */
cut_t cut_begin(const packet_info *pinfo, tvbuff_t *tvb, const void *data);

/* The same where the frame's TCP header was read. `facts`: NULL if it could not be. First pass only, which it asserts.
 */
cut_t cut_begin_at(const tcp_facts_t *facts, const packet_info *pinfo, tvbuff_t *tvb, const void *data);

/* The payload at hand proved what the connection is, so a unit is due at its beginning. `data` as above. First pass
 * only, which it asserts. */
void cut_expect(track_t *track, const packet_info *pinfo, tvbuff_t *tvb, const void *data);

/* The unit at `offset` of `tvb`; UNIT_NONE if there is none. `units` says where the bytes stand. On the first pass the
 * unit is noted as the latest of its side, unless it was read before. Later passes give the same answer. */
unit_t cut_unit(track_t *track, const units_t *units, packet_info *pinfo, tvbuff_t *tvb, gint offset);

#endif
