/* kept.h - what Wireshark's TCP keeps from dissectors, cut into units.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * TCP takes a segment that was acknowledged before it, or behind which others came, for a retransmission, and gives it
 * to nobody: where no frame before had its bytes, they are read here. First pass only, all of it.
 */
#ifndef TDSCONN_KEPT_H
#define TDSCONN_KEPT_H

#include "stream/parcel.h"

/* Segments of one side, of which each goes on behind the one before, as far as they were processed. */
typedef struct {
    guint32 next;    /* where its next segment should stand */
    guint32 frame;   /* of those that were processed, the one that came last */
    guint32 ahead;   /* bytes behind that which were read already */
    assembly_t rest; /* of a unit that is not all there */
    bool has_next;
    bool kept;    /* TCP kept some of the rest from us, or joins what does not belong together: we cut what comes */
    bool astray;  /* TCP waits for the end of what it takes for a unit, and is none */
    bool aligned; /* a unit begins where its next segment should stand, or goes on there */
    bool late;    /* they fill a hole, behind what came after it */
} run_t;

/* Goes on where the processed frames of this side end, whatever came before. */
void kept_begin(track_t *track, sender_t sender, run_t *run);

/* Takes the payload of a frame of which it is the turn: what of it is new and TCP kept, it adds to the parcel, and what
 * is old it takes out. `run`: of its sender; `hole`: what fills its holes. */
void kept_add(track_t *track, run_t *run, run_t *hole, parcel_t *parcel);

#endif
