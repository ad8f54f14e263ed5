/* turns.h - whose turn it is on a connection, and what was waited for how long.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_TURNS_H
#define TDSCONN_TURNS_H

#include "memory/track.h"

/* A message of the login, or an end of the connection, moves the turn on: called when it was judged, so that the rules
 * see the turn that it ends. First pass only. */
void turns_message(track_t *track, const frame_t *frame, message_t message);

/* A request was sent, or an ATTENTION: `by` says which and when. First pass only. */
void turns_request(track_t *track, channel_t *channel, const handover_t *by);

/* The first bytes of the response came in the frame `first`, or the request is cancelled there: how it was delivered is
 * kept in `exchange`, the first time. First pass only. */
void turns_response_begins(channel_t *channel, exchange_t *exchange, const frame_t *first);

/* The response ended: nobody owes anything in this channel. First pass only. */
void turns_response_ends(channel_t *channel, exchange_t *exchange, const frame_t *first, const frame_t *last);

/* What TCP shows in this frame of what was sent. First pass only, once a frame. Returns the turn whose message arrived
 * with this frame though it had to be sent again, NULL if there is none. Valid until the next message. */
const turn_t *turns_segment(track_t *track, const tcp_sight_t *sight);

/* The same of its acknowledgement alone, before its payload is read: what it brings may hand the turn over. First pass
 * only. */
const turn_t *turns_ack(track_t *track, const tcp_sight_t *sight);

/* Keeps with the frame whose turn it is behind it. First pass only, at the end of the frame. */
void turns_note(const track_t *track, annotation_t *annotation);

/* The turn that is open: of the login, of the latest command, or of the MARS session that waits longest; NULL if nobody
 * owes anything. Valid until the next message. */
const turn_t *turns_open(const track_t *track);

/* The wait that the end of the connection ended, or that goes on until `end`, when the capture ends. False if nobody
 * owed anything. Asked when all frames of the connection were read. */
bool turns_last_wait(const track_t *track, moment_t silence, wait_t *wait);

/* How the time of a login went: until messages had arrived that were sent more than once, and then until the side that
 * owed the next one sent it. All are MOMENT_NONE where the login did not end, or one wait is not known. */
typedef struct {
    moment_t network, server, client;
} wait_sum_t;

/* Asked at any time. */
wait_sum_t turns_login_parts(const track_t *track);

/* The wait that ended in this frame, other than with a response; NULL if none did. Valid until the next ends. */
const wait_t *turns_wait(const track_t *track, guint32 frame);

#endif
