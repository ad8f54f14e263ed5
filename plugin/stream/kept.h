/* kept.h - segments that Wireshark's TCP keeps from dissectors, cut into units.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * TCP calls a segment a retransmission if its acknowledgement, or a later segment, stands before it in the capture. It
 * gives such a segment to no dissector. If no frame before had these bytes, they are read here. First pass only, all of
 * it.
 */
#ifndef TDSCONN_KEPT_H
#define TDSCONN_KEPT_H

#include "stream/parcel.h"

/* Processed segments of one side that follow each other without a hole. */
typedef struct {
    guint32 next;    /* the sequence number where the next segment should stand */
    guint32 frame;   /* the highest frame number of these segments */
    guint32 ahead;   /* bytes from `next` on that were read already */
    assembly_t rest; /* of a unit that is not complete */
    bool has_next;   /* `next` is known */
    bool kept;       /* TCP kept a part of the rest from us, or TCP is astray: the next segments are cut here */
    bool astray;     /* TCP waits for the end of a unit that does not exist */
    bool aligned;    /* the next segment begins with a unit, or continues the one in `rest` */
    bool late;       /* these segments fill a hole, and came after the bytes behind it */
} run_t;

/* Sets `run` to continue behind the processed frames of this side, whatever it held before. */
void kept_begin(track_t *track, sender_t sender, run_t *run);

/* The next frames are processed as they come: what `run` has of an unfinished unit is kept for kept_begin(). */
void kept_end(track_t *track, sender_t sender, run_t *run);

/* Processes the payload of a frame whose turn it is. New bytes that TCP kept from us are cut into units, which are
 * added to the parcel. If all bytes are old, or are cut here, what was read before is removed from the parcel. `run`:
 * of the frame's sender; `hole`: of the segments that fill holes of this sender. Nothing happens for an RST. */
void kept_add(track_t *track, run_t *run, run_t *hole, parcel_t *parcel);

#endif
