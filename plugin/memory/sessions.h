/* sessions.h - the MARS sessions of a connection.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * First pass only, all but sessions_waiting, session_is_part and session_of_packet.
 */
#ifndef TDSCONN_SESSIONS_H
#define TDSCONN_SESSIONS_H

#include "memory/findings.h"
#include "memory/track.h"

/* Reads an SMP packet: moves its session on, adds it to track->sessions->packets, and raises violations of MC-SMP. The
 * caller calls advance_smp afterwards. Returns the session, made if it is not there; file scope. */
mars_track_t *session_read(track_t *track, const frame_t *frame, const smp_header_t *header);

/* A response of the session ended. Raises DIAGNOSIS_MARS_WINDOW_BRAKE if the server waited for credit most of the time.
 */
void session_response_ended(track_t *track, mars_track_t *session, const frame_t *frame);

/* Whether the TDS packet in the SMP packet at hand is only a part of its message. Must be called once for each SMP
 * packet of a frame, in order. On every pass. */
bool session_is_part(const track_t *track, packet_info *pinfo);

/* Bytes of this sender are missing. No session is judged by its numbers until they are known again, and messages that
 * were begun have no end. */
void sessions_gap(track_t *track, sender_t sender);

/* A frame of this sender is cut, so packets may be missing. As sessions_gap, but messages that were begun go on. */
void sessions_cut(track_t *track, sender_t sender);

/* This sender sent something else where an SMP packet was due: it may have been a packet of any session. `at`: these
 * bytes. `due`: no bytes are missing before them, so a finding is raised. */
void sessions_stray(track_t *track, const frame_t *frame, span_t at, bool due);

/* Calls back with a finding for each session in which one side, in the middle of a message, has had no credit for
 * longer than the limit, unless that was raised before. `now`: the last frame; `silence`: how long the capture goes on
 * after it. The finding's text is valid during the callback. */
void sessions_waiting(const track_t *track, instant_t now, moment_t silence, finding_callback_t callback, void *data);

/* The connection ends in this frame. Raises findings for sessions that are open, or have no credit. */
void sessions_close(track_t *track, const frame_t *frame);

/* The number (tdsconn.mars.session) of the session of the frame's first SMP packet. False if it has none, or if
 * `track`, the connection of this frame, is NULL. On every pass. */
bool session_of_packet(const track_t *track, const packet_info *pinfo, guint32 *number);

#endif
