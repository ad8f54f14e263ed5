/* order.h - frames are processed in the order in which they were sent, though the capture has them in another.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Where each direction has a clock of its own, or one of them comes later to the capturing host, an acknowledgement
 * stands before what it acknowledges, and an answer before its request. Such a frame waits until what it acknowledges
 * has come, and the frames of its sender wait behind it. What does not come in time is missing.
 *
 * Where the network loses a segment, what its sender sent behind it stands before it: nobody has those bytes until the
 * lost ones came again. They wait, too, as long as the receiver does not acknowledge what is lacking. If it does, the
 * capture has lost the segment, and not the network.
 *
 * First pass only, all of it: frames are shown as they come, and a frame that waits shows what belongs to it on a later
 * pass.
 */
#ifndef TDSCONN_ORDER_H
#define TDSCONN_ORDER_H

#include "memory/track.h"

/* The payload of this frame is about to be read. Returns whether what is read is processed at once. */
bool order_meet(track_t *track, const tcp_sight_t *sight);

/* Whether the frame whose payload is about to be read waits for bytes before it. */
bool order_awaits_filling(const track_t *track);

/* Whether a frame belongs to the next connection with the same ports, whose SYN comes behind it: Wireshark's TCP does
 * not know that one yet. */
bool order_is_of_next(const track_t *track, const tcp_sight_t *sight);

/* What is read of it: the same as units_read(), units_read_encrypted() and track_unit_unfinished(), now or when it is
 * the frame's turn. `rest`: what there is of the unfinished unit; none where it is inside of TLS. */
void order_unit(track_t *track, const frame_t *frame, const unit_t *unit, span_t bytes, guint32 reported,
                guint32 offset);
void order_encrypted(track_t *track, const frame_t *frame, guint32 length);
void order_unfinished(track_t *track, const frame_t *frame, span_t rest);

/* What the capture has of a frame's payload. */
typedef struct {
    span_t bytes;
    bool cut;  /* the snap length left some out */
    bool ours; /* TCP gives us what this connection carries */
} payload_t;

/* Takes what TCP did in a frame, after its payload was read, and tells it and what waited for it, or lets it wait. */
void order_tcp(track_t *track, tcp_sight_t *sight, const payload_t *payload);

/* The capture goes on with this frame: what waited too long waits no more. */
void order_hurry(guint32 frame, moment_t at);

/* The capture ends: nothing waits any more. */
void order_flush(void);

#endif
