/* sessions.h - the MARS sessions of a connection.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What takes a packet, a response, a hole or the end: first pass only.
 */
#ifndef TDSCONN_SESSIONS_H
#define TDSCONN_SESSIONS_H

#include "memory/findings.h"
#include "memory/track.h"

/* Takes an SMP packet: moves its session on, keeps its record in track->smp, raises what MC-SMP forbids. The caller
 * tells it (advance_smp). First pass only. Returns the session. */
mars_track_t *session_read(track_t *track, const frame_t *frame, const smp_header_t *header);

/* A response of the session ended: whether its window was the brake. */
void session_response_ended(track_t *track, mars_track_t *session, const frame_t *frame);

/* Whether the SMP packet at hand, asked once for each of a frame's in order, holds a TDS packet that is only a part of
 * its message. */
bool session_is_part(const track_t *track, packet_info *pinfo);

/* Packets of this sender are missing: no session is judged by numbers until they are known again. */
void sessions_gap(track_t *track, sender_t sender);

/* The same where a frame of that side has no end: what was begun goes on, but packets may be missing. */
void sessions_cut(track_t *track, sender_t sender);

/* This sender sent something that is no SMP packet where one had to stand: it may have been one of any session. `at` is
 * what stands there; it is told if `due`, else some of what comes before it is not in the capture. */
void sessions_stray(track_t *track, const frame_t *frame, span_t at, bool due);

/* Tells of each session of which one side, in the middle of a message, still has no credit when `silence` is over
 * behind this frame, if that is for long and was not told before. */
void sessions_waiting(const track_t *track, instant_t now, moment_t silence, finding_callback_t callback, void *data);

/* The connection ends: whether sessions are left open, or were waiting. First pass only. */
void sessions_close(track_t *track, const frame_t *frame);

/* The number (tdsconn.mars.session) of the first session that this frame carries a packet of; false = of none. `track`:
 * the connection of this frame, or NULL. */
bool session_of_packet(const track_t *track, const packet_info *pinfo, guint32 *number);

#endif
