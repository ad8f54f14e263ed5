/* tail.h - the beginning of a unit that goes on in later segments of one side.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Wireshark's TCP joins the segments of a unit, unless one of them is lost and comes again. Then kept.h goes on behind
 * these bytes. First pass only, all of it.
 */
#ifndef TDSCONN_TAIL_H
#define TDSCONN_TAIL_H

#include "memory/track.h"

typedef struct tail tail_t;

/* The segment in this frame ends with `rest`, which is the beginning of a unit. It is copied, up to PARCEL_REST_LIMIT
 * bytes. */
void tail_begin(track_t *track, const frame_t *frame, span_t rest);

/* Adds the payload of a segment that was processed, if the unit goes on there. Forgets the unit when it ends, or when
 * bytes are missing. */
void tail_follow(track_t *track, const tcp_sight_t *sight, span_t payload);

/* Moves the bytes of this side's unfinished unit into `to`, which must be empty. `to` then owns them. It stays empty if
 * there is no such unit, or if the next segment does not follow it directly. */
void tail_move(track_t *track, sender_t sender, assembly_t *to);

/* The reverse: `from` becomes this side's unfinished unit, and is empty then. It goes on at the sequence number `next`;
 * its latest segment is in `frame`. */
void tail_return(track_t *track, sender_t sender, guint32 frame, guint32 next, assembly_t *from);

#endif
