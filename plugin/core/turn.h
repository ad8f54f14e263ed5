/* turn.h - whose turn it is, since when, and whether the bytes that handed the turn over arrived.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A turn belongs to one channel: the TCP handshake and the login, the commands of a connection, or those of one MARS
 * session. Sequence numbers are TCP's and come round.
 */
#ifndef TDSCONN_TURN_H
#define TDSCONN_TURN_H

#include "connection.h"
#include "moment.h"
#include "values.h"

#include <stdbool.h>
#include <stdint.h>

/* What is owed: a position of the login, or a message that somebody answers. A byte, so that each frame can keep it. */
typedef uint8_t awaited_t;

#define AWAITED_NOTHING 0

/* In words for a sentence: "its answer to PRELOGIN", "its response to the SQL batch". Static text, NULL for nothing. */
const char *awaited_text(awaited_t awaited);

/* Whether it is the response to a command. */
bool awaited_is_response(awaited_t awaited);

/* Whether it may be owed in this position of the login: a part of what is owed may have come, and moved it on. */
bool awaited_at(awaited_t awaited, position_t position);

/* Who owes what. */
typedef struct {
    sender_t owes; /* SENDER_UNKNOWN = nobody */
    awaited_t awaited;
} debt_t;

/* What a login owes where it stands, after `seen` came from `sender`: asked after connection_see. */
debt_t login_debt(const connection_t *connection, message_t seen, sender_t sender);

/* What a command owes after `seen`: a request its response, an ATTENTION its acknowledgement, a response nothing. */
debt_t command_debt(message_t seen);

/* A TCP segment as the capture has it. */
typedef struct {
    uint32_t frame;
    moment_t at;
    sender_t sender;
    uint32_t seq, length; /* SYN and FIN count, as in TCP */
    bool again;           /* its bytes were sent before: a retransmission, and no copy of a frame */
    bool copy;            /* the frame stands in the capture a second time */
    bool acknowledges;    /* `ack` counts */
    uint32_t ack;
    bool selective; /* a SACK block says that later bytes than `ack` arrived */
} segment_t;

/* What TCP shows of the delivery of the message that handed the turn over. */
typedef struct {
    bool placed;         /* `from` and `to` are known */
    uint32_t from, to;   /* the first byte of it that was not acknowledged when it ended, and behind its last */
    uint32_t resendings; /* of the segment at `resent`, not counting copies */
    uint32_t resent, resent_length;
    moment_t last_sent;   /* when any of its bytes were sent the last time */
    uint32_t acked_frame; /* an ACK covers all of it; 0 = none does */
    moment_t acked;
    uint32_t repeats;       /* after that: the sender does not get what the receiver sends */
    uint32_t lacking_frame; /* the receiver's latest word that bytes before `to` are missing; 0 = none */
    bool holed;             /* and that later ones arrived */
} delivery_t;

typedef struct {
    debt_t debt;
    sender_t by;       /* who handed it over */
    message_t message; /* with which message */
    uint32_t frame;    /* where that message ends; 0 = there was none yet */
    moment_t since;    /* its time */
    moment_t begun;    /* of its first byte */
    bool answering;    /* what is owed has begun to come */
    delivery_t delivery;
} turn_t;

/* The message that hands a turn over: where and when it ends, and when it began. */
typedef struct {
    message_t message;
    sender_t sender;
    uint32_t frame;
    moment_t at;
    moment_t begun;
} handover_t;

/* Somebody owes something from here on, or nobody does: then the delivery of the message is watched all the same. */
void turn_pass(turn_t *turn, debt_t debt, const handover_t *by);

/* Takes a segment of the connection, in wire order; the one in which the turn was handed over comes after turn_pass.
 * `unacked`: the sender's first byte that was not acknowledged before this segment. */
void turn_segment(turn_t *turn, const segment_t *segment, uint32_t unacked);

/* Whether anybody owes anything. */
static inline bool turn_is_open(const turn_t *turn)
{
    return turn->debt.owes != SENDER_UNKNOWN;
}

/* How often the message was sent. */
static inline uint32_t turn_sendings(const turn_t *turn)
{
    return turn->delivery.resendings + 1;
}

/* Whether it arrived, as far as the peer's ACKs show; what nobody could place is taken for delivered. */
bool turn_was_delivered(const turn_t *turn);

/* The parts of a wait, MOMENT_NONE where they are not known: until the peer had the whole message, and from there to
 * `until`, when the first byte of the answer came, or nothing any more. TRANSUM's request spread and service time. */
typedef struct {
    moment_t request_spread;
    moment_t service_time;
} wait_parts_t;

wait_parts_t turn_parts(const turn_t *turn, moment_t until);

#endif
