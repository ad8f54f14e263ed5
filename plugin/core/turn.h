/* turn.h - which side has to send next, since when, and whether the message that it has to answer arrived.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A turn belongs to one channel: the TCP handshake and the login, the commands of a connection, or those of one MARS
 * session. Sequence numbers are TCP's and wrap at 32 bits.
 */
#ifndef TDSCONN_TURN_H
#define TDSCONN_TURN_H

#include "connection.h"
#include "moment.h"
#include "values.h"

#include <stdbool.h>
#include <stdint.h>

/* What has to come next: a position of the login that waits for it, or the message that it answers. One byte, as each
 * frame keeps one. */
typedef uint8_t awaited_t;

#define AWAITED_NOTHING 0

/* In words for a sentence, such as "its answer to PRELOGIN" or "its response to the SQL batch". Static text; NULL if
 * nothing is awaited. */
const char *awaited_text(awaited_t awaited);

/* Whether the response to a command is awaited. */
bool awaited_is_response(awaited_t awaited);

/* Whether this can be awaited in this position of the login. An answer to a message can be in any: a part of it may
 * have come and moved the login on. */
bool awaited_at(awaited_t awaited, position_t position);

/* Which side owes what: it has to send next. */
typedef struct {
    uint8_t owes; /* sender_t; SENDER_UNKNOWN = nobody */
    awaited_t awaited;
} debt_t;

/* What is owed in a login after `seen` came from `sender`. Asked after connection_see. */
debt_t login_debt(const connection_t *connection, message_t seen, sender_t sender);

/* What is owed after a command's message: after a request its response, after an ATTENTION its acknowledgement, after a
 * response nothing. */
debt_t command_debt(message_t seen);

/* A TCP segment as the capture has it. */
typedef struct {
    uint32_t frame;
    moment_t at;
    sender_t sender;
    uint32_t seq, length; /* SYN and FIN count, as in TCP */
    bool again;           /* a retransmission: its bytes were sent before */
    bool copy;            /* the frame stands in the capture a second time */
    bool acknowledges;    /* `ack` is valid */
    uint32_t ack;
    uint32_t selective; /* of so many bytes behind `ack` a SACK block says that they arrived; 0 = of none */
} segment_t;

/* What TCP shows about the delivery of the message that has to be answered. */
typedef struct {
    /* Sequence numbers: its first byte that was not acknowledged when it ended, and behind its last. */
    uint32_t from, to;
    bool placed;            /* they are known */
    uint32_t resendings;    /* of the segment at `resent`, copies not counted */
    uint32_t resent;        /* the sequence number of the segment that was sent again first */
    uint32_t resent_length; /* of that segment */
    uint32_t acked_frame;   /* the first frame whose ACK covers all of it; 0 = none */
    uint32_t repeats;       /* retransmissions after that ACK, which the sender did not get */
    uint32_t lacking_frame; /* the latest frame whose ACK covers not all of it; 0 = none */
    uint32_t arrived;       /* so many later bytes arrived in one run, as such a frame said by SACK; 0 = none */
    moment_t last_sent;     /* when any of its bytes were sent the last time */
    moment_t acked;         /* the time of the frame at `acked_frame` */
} delivery_t;

/* A turn. */
typedef struct {
    debt_t debt;
    bool answering;        /* the answer has begun to come */
    sender_t by : 8;       /* who sent the message that has to be answered */
    message_t message : 8; /* that message */
    uint32_t frame;        /* where it ends; 0 = there was none yet */
    uint32_t request;      /* where the request ends that this message, an ATTENTION, cancels; 0 = none */
    moment_t since;        /* the time of that frame */
    moment_t begun;        /* the time of its first byte */
    delivery_t delivery;
} turn_t;

/* A message that begins a turn: where and when it ends, and when it began. */
typedef struct {
    message_t message;
    sender_t sender;
    uint32_t frame;
    moment_t at;
    moment_t begun;
} handover_t;

/* Begins a new turn with this message. The delivery of the message is watched even if `debt` says that nobody owes an
 * answer. */
void turn_pass(turn_t *turn, debt_t debt, const handover_t *by);

/* Notes what a segment of the connection shows about the delivery. Called for each segment in wire order, for the one
 * that ends the message after turn_pass. `unacked`: the sequence number of the sender's first byte that was not
 * acknowledged before this segment. */
void turn_segment(turn_t *turn, const segment_t *segment, uint32_t unacked);

/* Whether a side owes an answer. */
static inline bool turn_is_open(const turn_t *turn)
{
    return turn->debt.owes != SENDER_UNKNOWN;
}

/* Whether the server owes its acknowledgement of an ATTENTION. */
static inline bool turn_is_cancel(const turn_t *turn)
{
    return turn_is_open(turn) && turn->message == MESSAGE_ATTENTION;
}

/* The frame of the message of a login, or of the command, that waits for its answer, be it cancelled; 0 = none does, or
 * nobody can read what waits. */
uint32_t turn_request(const turn_t *turn);

/* How often the message was sent. */
static inline uint32_t turn_sendings(const turn_t *turn)
{
    return turn->delivery.resendings + 1;
}

/* Whether the message arrived, by the peer's ACKs. True also if its sequence numbers are not known. */
bool turn_was_delivered(const turn_t *turn);

/* Whether a segment with this sequence number carried a part of the message. True also if its sequence numbers are not
 * known. */
bool turn_is_of_message(const turn_t *turn, uint32_t seq);

/* The length in bytes of the segment that was sent again in vain, `least` times or more, though its receiver got
 * shorter ones behind it; 0 = there is none. */
uint32_t turn_lost_segment(const turn_t *turn, uint32_t least);

/* When the receiver had a message that was sent more than once, by its ACK. MOMENT_NONE if that ACK came so late that
 * the sender would have sent the message once more (RFC 6298 doubles the time): the capture lacks an earlier ACK. */
moment_t turn_arrival(const turn_t *turn);

/* The two parts of a wait, as in Wireshark's TRANSUM. Each is MOMENT_NONE if it is not known. */
typedef struct {
    moment_t request_spread; /* from the first byte of the message until the peer had all of it */
    moment_t service_time;   /* from there to `until` */
} wait_parts_t;

/* The parts of the wait that ends at `until`, when the first byte of the answer came, or when the wait was given up. */
wait_parts_t turn_parts(const turn_t *turn, moment_t until);

#endif
