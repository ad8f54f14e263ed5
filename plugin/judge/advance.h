/* advance.h - what a message, or TCP, does to a connection: it moves on, is judged, and its frame gets a step.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * First pass only, all of it.
 */
#ifndef TDSCONN_ADVANCE_H
#define TDSCONN_ADVANCE_H

#include "memory/track.h"

/* Adds an entry to this frame, moves the connection on by its message and the frame to the step of it, and returns
 * the entry. Valid until the next is added. */
entry_t *advance_entry(track_t *track, const frame_t *frame, entry_kind_t kind, message_t message);

/* The same, and adds the message to tdsconn.progress. */
entry_t *advance_message(track_t *track, const frame_t *frame, entry_kind_t kind, message_t message);

/* Adds a code to tdsconn.progress. */
void progress_add(track_t *track, sender_t sender, const char *code);

/* Tells the SMP packet that session_read kept last, which is of this frame. */
void advance_smp(track_t *track, const frame_t *frame);

/* Concludes what an encrypted login came to, if what is known now allows it. */
void advance_conclusion(track_t *track);

/* Takes what SMB2 did to the pipe that the connection is, behind what it carried: `sight` has the places of the bytes
 * in the pipe, and what of the other side's the sender acknowledges. First pass only. */
void advance_pipe(track_t *track, const tcp_sight_t *sight);

/* The pipe ends, from that side: `message` says how. First pass only. */
void advance_pipe_end(track_t *track, const frame_t *frame, message_t message);

/* Takes what a segment acknowledges, before its payload is read. First pass only. */
void advance_ack(track_t *track, const tcp_sight_t *sight);

/* Takes what TCP did in this frame: the messages from SYN to retransmission, the times of the handshake. */
void advance_tcp(track_t *track, tcp_sight_t *sight);

#endif
