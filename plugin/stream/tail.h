/* tail.h - the unit that a side has begun, as far as it was processed.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Wireshark's TCP puts a unit together by itself, unless a segment of it is lost and comes again: see kept.h, which
 * then goes on behind these bytes. First pass only, all of it.
 */
#ifndef TDSCONN_TAIL_H
#define TDSCONN_TAIL_H

#include "memory/track.h"

typedef struct tail tail_t;

/* What a segment of this frame ends with: `rest` of a unit that goes on behind it. */
void tail_begin(track_t *track, const frame_t *frame, span_t rest);

/* Takes the payload of a segment that was processed. */
void tail_follow(track_t *track, const tcp_sight_t *sight, span_t payload);

/* Moves the bytes of the unit that ends nowhere before the next segment of this side into `to`, which was empty; none
 * where all units have ended, or where they began is not known. */
void tail_move(track_t *track, sender_t sender, assembly_t *to);

#endif
