/* turns.h - which side of a connection has to send next, and how long the other side waited.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_TURNS_H
#define TDSCONN_TURNS_H

#include "memory/annotations.h"
#include "memory/exchanges.h"

/* A wait that ended, other than with the response to a command. */
typedef struct {
    guint32 frame;                         /* the frame that ended it */
    debt_t debt;                           /* which side owed what */
    guint8 message;                        /* message_t: the message that had to be answered */
    guint32 opened;                        /* the frame in which that message ends */
    guint32 sendings;                      /* how often it was sent */
    moment_t time;                         /* from its end to the end of the wait */
    moment_t request_spread, service_time; /* the parts of the wait, see wait_parts_t */
    bool served;       /* the service time is one: the answer came, or the server owed it, and no client paused */
    moment_t way_back; /* how long the answer was lost on its way, if it was sent more than once; 0 = not shown */
} wait_t;

/* A message of the login, or an end of the connection, ends the turn and begins the next. Called after judge_message,
 * so that the rules see the turn that it ends. First pass only. */
void turns_message(track_t *track, const frame_t *frame, message_t message);

/* The RST in this frame ended nothing. `debt`: what was owed before it, which is owed again if nothing came since.
 * First pass only. */
void turns_outlive(track_t *track, guint32 reset, debt_t debt);

/* The client sent a request or an ATTENTION in this channel. `by`: which and when. First pass only. */
void turns_request(track_t *track, channel_t *channel, const handover_t *by);

/* The response begins in the frame `first`, or the request is cancelled there. The first call for an exchange notes in
 * it how its request was delivered. First pass only. */
void turns_response_begins(channel_t *channel, exchange_t *exchange, const frame_t *first);

/* The response ended in the frame `last`; `first`: where its last unit began. Nobody owes anything in this channel now,
 * unless an ATTENTION is not acknowledged. `exchange` may be NULL. First pass only. */
void turns_response_ends(channel_t *channel, exchange_t *exchange, const frame_t *first, const frame_t *last);

/* The server ends a message in this channel. If the client has closed, and it is what the server owed then, notes it as
 * the late answer (late_t); the first is kept. Called before the turn is passed on. First pass only. */
void turns_note_late(track_t *track, const channel_t *channel, const frame_t *frame, message_t message);

/* Notes what this segment shows about the delivery of the messages that have to be answered. Called once for each
 * frame. Returns the turn whose message had to be sent again, if this frame shows that it arrived; else NULL. Valid
 * until the next message. First pass only. */
const turn_t *turns_segment(track_t *track, const tcp_sight_t *sight);

/* The same for the acknowledgement in the segment only. Called before its payload is read, which may end the turn.
 * First pass only. */
const turn_t *turns_ack(track_t *track, const tcp_sight_t *sight);

/* Notes in the frame's annotation which side owes what after it. Called at the end of the frame. First pass only. */
void turns_note(const track_t *track, annotation_t *annotation);

/* The open turn: of the login or the latest command, else of the MARS session that has waited longest. NULL if nobody
 * owes anything. Valid until the next message. */
const turn_t *turns_open(const track_t *track);

/* The same of an ATTENTION: another session may wait longer for what was not cancelled. */
const turn_t *turns_cancelled(const track_t *track);

/* The turn that the latest message began, whether or not somebody owes something. Valid until the next message. */
const turn_t *turns_latest(const track_t *track);

/* The longest wait that a message ended behind a frame, up to now, where one of `sender` may end another. Those of the
 * TCP handshake, and those of which no time is known, do not count. */
longest_t turns_longest(const track_t *track, guint32 behind, instant_t now, sender_t sender);

/* Whether the client, which closed first while it waited, acknowledged the whole answer behind its FIN, and sent no
 * RST: it ended only what it sends (RFC 9293 3.6). Asked when all frames of the connection were read. */
bool turns_taken_all_the_same(const track_t *track);

/* Whether the client's host acknowledged the whole late answer before it sent an RST. False if there is none. Asked
 * when all frames of the connection were read. */
bool turns_took_late(const track_t *track);

/* The wait that the end of the connection ended, as it was then. False if nobody owed anything. */
bool turns_wait_at_end(const track_t *track, wait_t *wait);

/* Whether the server closed before the client did, and the client's host acknowledged that. */
bool turns_closed_for_client(const track_t *track);

/* The wait that the end of the connection ended, or that goes on at its last frame. `silence`: how long the capture
 * goes on after that frame. False if nobody owed anything. Asked when all frames of the connection were read. */
bool turns_last_wait(const track_t *track, moment_t silence, wait_t *wait);

/* How the time of a login is divided. All are MOMENT_NONE if the login did not end, or if one wait is not known. */
typedef struct {
    moment_t network; /* until messages that were sent more than once had arrived */
    moment_t server;  /* while the server owed the next message */
    moment_t client;  /* while the client did */
} wait_sum_t;

/* The parts of this connection's login, by the frames read so far. */
wait_sum_t turns_login_parts(const track_t *track);

/* The wait that ended in this frame, other than with the response to a command. False if there is none. */
bool turns_wait(const track_t *track, guint32 frame, wait_t *wait);

/* Such a wait, by its index in track->login->waits. */
wait_t turns_wait_at(const track_t *track, guint32 index);

#endif
