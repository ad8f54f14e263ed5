/* order.h - frames are processed in the order in which they were sent, even if the capture has another order.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * If each direction has a clock of its own, or if one direction reaches the capturing host later, then an
 * acknowledgement stands before what it acknowledges, and an answer before its request. Such a frame waits until what
 * it acknowledges has come. Later frames of its sender wait behind it. After a time limit the frame waits no longer,
 * and what did not come is missing.
 *
 * If the network loses a segment, then later segments of its sender stand before it in the capture. The receiver has
 * no use for them until the lost bytes come again. They wait, too, as long as the receiver does not acknowledge the
 * missing bytes. If it does, then the capture lost the segment, and not the network.
 *
 * First pass only, all of it. Wireshark shows frames as they come. A frame that waits shows its messages on a later
 * pass.
 */
#ifndef TDSCONN_ORDER_H
#define TDSCONN_ORDER_H

#include "memory/track.h"
#include "wire/tcpfacts.h"

/* Called before the payload of this frame is read. Returns whether its units are processed at once. If not, they are
 * kept until it is the frame's turn. */
bool order_meet(track_t *track, const tcp_sight_t *sight);

/* Whether the frame whose payload is read next waits for missing bytes before it. */
bool order_awaits_filling(const track_t *track);

/* Whether this frame belongs to the next connection with the same ports, whose SYN comes later in the capture, or is
 * not in it. Wireshark's TCP does not know that connection yet. `facts`: of the frame. As long as nothing shows that
 * the connection at hand is over, only a client's first message counts, of which both numbers are far away. First pass
 * only.
 */
bool order_is_of_next(track_t *track, const tcp_sight_t *sight, const tcp_facts_t *facts);

/* Whether both numbers of this frame, its own and the one that it acknowledges, are far from all that this connection
 * sent. First pass only. */
bool order_is_far(const track_t *track, const tcp_sight_t *sight);

/* Do the same as units_read(), units_read_encrypted() and track_unit_unfinished(), at once or when it is the frame's
 * turn. Bytes that must wait are copied. `rest`: the bytes of the unfinished unit that are there; empty inside TLS. */
void order_unit(track_t *track, const frame_t *frame, const unit_t *unit, span_t bytes, guint32 reported,
                guint32 offset);
void order_encrypted(track_t *track, const frame_t *frame, guint32 length);
void order_unfinished(track_t *track, const frame_t *frame, span_t rest);

/* The payload of a frame in the capture. */
typedef struct {
    span_t bytes;
    bool cut;  /* the snap length left some out */
    bool ours; /* TCP gives the payload of this connection to the plugin */
} payload_t;

/* Processes what TCP did in a frame. Called after its payload was read, once for each frame. Frames that waited for
 * this one are processed, too. If this frame has to wait itself, it is kept, with a copy of the payload. */
void order_tcp(track_t *track, tcp_sight_t *sight, const payload_t *payload);

/* Called with each new frame of the capture. Frames of any connection that waited too long are processed. */
void order_hurry(guint32 frame, moment_t at);

/* Called when the first pass is over: all frames that still wait are processed. Later calls do nothing. */
void order_flush(void);

#endif
