/* advance.h - a message, or TCP, moves a connection on: the rules are asked, and the frame gets a step.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * First pass only, all of it.
 */
#ifndef TDSCONN_ADVANCE_H
#define TDSCONN_ADVANCE_H

#include "memory/annotations.h"
#include "memory/track.h"

/* Adds an entry to this frame, moves the connection on by its message, asks the rules, and gives the frame its step.
 * Returns the entry, valid until the next is added. */
entry_t *advance_entry(track_t *track, const frame_t *frame, entry_kind_t kind, message_t message);

/* The same, and adds the message to tdsconn.progress. */
entry_t *advance_message(track_t *track, const frame_t *frame, entry_kind_t kind, message_t message);

/* Adds the entry of the SMP packet that session_read added last, in this frame. */
void advance_smp(track_t *track, const frame_t *frame);

/* Concludes how an encrypted login ended, if that can be told by now. */
void advance_conclusion(track_t *track);

/* As advance_tcp, for a connection over a named pipe: what SMB did in this frame, after the bytes in it were read.
 * `sight`: its sequence numbers are offsets in the pipe. */
void advance_pipe(track_t *track, const tcp_sight_t *sight);

/* The frame's sender ends the pipe. `message`: how. */
void advance_pipe_end(track_t *track, const frame_t *frame, message_t message);

/* Notes what a segment acknowledges. Called before its payload is read. */
void advance_ack(track_t *track, const tcp_sight_t *sight);

/* Processes what TCP did in this frame: entries from SYN to RST and for retransmissions and keep-alives, and the times
 * of the TCP handshake. Called once for each frame, after its payload. */
void advance_tcp(track_t *track, tcp_sight_t *sight);

#endif
