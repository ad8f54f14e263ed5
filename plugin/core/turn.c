/* turn.c - which side has to send next, since when, and whether the message that it has to answer arrived.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "turn.h"

#include <stddef.h>

#include "seconds.h"

/* If this bit is set, the other bits are a message that is answered; else they are a position. */
#define ANSWER_TO 0x80

_Static_assert(POSITION_COUNT <= ANSWER_TO && MESSAGE_LIMIT <= ANSWER_TO, "an awaited_t has room for both");
_Static_assert(POSITION_START == AWAITED_NOTHING, "nothing is awaited where nothing was seen");

static const char *const answers[MESSAGE_LIMIT] = {
    [MESSAGE_KERBEROS_AP_REP] = "its LOGINACK",
    [MESSAGE_SQL_BATCH] = "its response to the SQL batch",
    [MESSAGE_RPC] = "its response to the RPC",
    [MESSAGE_BULK_LOAD] = "its response to the bulk load",
    [MESSAGE_TRANSACTION] = "its response to the transaction manager request",
    [MESSAGE_ATTENTION] = "its acknowledgement of the ATTENTION",
    [MESSAGE_ENCRYPTED] = "its answer to encrypted data",
};

const char *awaited_text(awaited_t awaited)
{
    if (awaited == AWAITED_NOTHING) {
        return NULL;
    }
    return (awaited & ANSWER_TO) == 0 ? position_awaits((position_t)awaited) : answers[awaited & ~ANSWER_TO];
}

bool awaited_is_response(awaited_t awaited)
{
    message_t message = (message_t)(awaited & ~ANSWER_TO);
    return (awaited & ANSWER_TO) != 0 && (message_kind(message) == KIND_REQUEST || message == MESSAGE_ENCRYPTED);
}

bool awaited_at(awaited_t awaited, position_t position)
{
    return (awaited & ANSWER_TO) != 0 || awaited == position;
}

static debt_t no_debt(void)
{
    return (debt_t){SENDER_UNKNOWN, AWAITED_NOTHING};
}

static debt_t answer_to(message_t message)
{
    return (debt_t){SENDER_SERVER, (awaited_t)(ANSWER_TO | message)};
}

debt_t login_debt(const connection_t *connection, message_t seen, sender_t sender)
{
    sender_t owes = position_owes(connection->position, sender);
    if (seen == MESSAGE_ENCRYPTED) { /* nobody knows whether more than one record makes an answer */
        return sender == SENDER_CLIENT ? answer_to(seen) : no_debt();
    }
    if (connection->position == POSITION_CHALLENGED && seen == MESSAGE_KERBEROS_AP_REP) {
        return answer_to(seen); /* the client has said all that it has to say */
    }
    return owes == SENDER_UNKNOWN ? no_debt() : (debt_t){(uint8_t)owes, (awaited_t)connection->position};
}

debt_t command_debt(message_t seen)
{
    return answers[seen] == NULL ? no_debt() : answer_to(seen);
}

/* A command, or a message of the login: those of TLS and TCP are no requests. */
static bool is_request(const turn_t *turn)
{
    awaited_t awaited = turn->debt.awaited;
    bool login = awaited == POSITION_PRELOGIN || awaited == POSITION_LOGIN || awaited == POSITION_RESPONDED;
    return message_kind(turn->message) == KIND_REQUEST || login;
}

uint32_t turn_request(const turn_t *turn)
{
    if (!turn_is_open(turn)) {
        return 0;
    }
    return is_request(turn) ? turn->frame : turn->request;
}

void turn_pass(turn_t *turn, debt_t debt, const handover_t *by)
{
    uint32_t cancelled = by->message == MESSAGE_ATTENTION ? turn_request(turn) : 0;
    *turn = (turn_t){
        .debt = debt,
        .by = by->sender,
        .message = by->message,
        .frame = by->frame,
        .request = cancelled,
        .since = by->at,
        .begun = by->begun,
        .delivery = {.last_sent = by->at},
    };
}

static bool is_before(uint32_t seq, uint32_t other)
{
    return (int32_t)(seq - other) < 0;
}

/* The segment in which the message ends. What was not acknowledged before it is taken for a part of the message. */
static void place(delivery_t *delivery, const segment_t *segment, uint32_t unacked)
{
    const uint32_t far = 1u << 24; /* more than a message and its windows: numbers of another life */
    bool earlier = is_before(unacked, segment->seq) && segment->seq - unacked < far;
    delivery->placed = true;
    delivery->from = earlier ? unacked : segment->seq;
    delivery->to = segment->seq + segment->length;
    delivery->last_sent = segment->at;
}

static bool overlaps(const delivery_t *delivery, const segment_t *segment)
{
    return is_before(segment->seq, delivery->to) && is_before(delivery->from, segment->seq + segment->length);
}

static void count_resending(delivery_t *delivery, const segment_t *segment)
{
    bool same = delivery->resendings > 0 && delivery->resent == segment->seq;
    delivery->resendings = same || delivery->resendings == 0 ? delivery->resendings + 1 : delivery->resendings;
    if (delivery->resendings == 1) {
        delivery->resent = segment->seq;
        delivery->resent_length = segment->length;
    }
    delivery->last_sent = segment->at;
}

static void note_sending(turn_t *turn, const segment_t *segment, uint32_t unacked)
{
    delivery_t *delivery = &turn->delivery;
    if (segment->length == 0 || segment->copy) {
        return;
    }
    if (!delivery->placed && segment->frame == turn->frame) {
        place(delivery, segment, unacked);
    } else if (delivery->placed && segment->again && overlaps(delivery, segment)) {
        if (delivery->acked_frame == 0) {
            count_resending(delivery, segment);
        } else {
            delivery->repeats++;
        }
    }
}

static void note_ack(delivery_t *delivery, const segment_t *segment)
{
    if (!delivery->placed || !segment->acknowledges) {
        return;
    }
    if (is_before(segment->ack, delivery->to)) {
        delivery->lacking_frame = segment->frame;
        delivery->arrived = segment->selective > delivery->arrived ? segment->selective : delivery->arrived;
    } else {
        delivery->acked_frame = segment->frame;
        delivery->acked = segment->at;
    }
}

void turn_segment(turn_t *turn, const segment_t *segment, uint32_t unacked)
{
    if (turn->by == SENDER_UNKNOWN || segment->sender == SENDER_UNKNOWN) {
        return;
    }
    if (segment->sender == turn->by) {
        note_sending(turn, segment, unacked);
    } else if (turn->delivery.acked_frame == 0) {
        note_ack(&turn->delivery, segment);
    }
}

bool turn_was_delivered(const turn_t *turn)
{
    return !turn->delivery.placed || turn->delivery.acked_frame != 0;
}

bool turn_is_of_message(const turn_t *turn, uint32_t seq)
{
    const delivery_t *delivery = &turn->delivery;
    return !delivery->placed || (!is_before(seq, delivery->from) && is_before(seq, delivery->to));
}

uint32_t turn_lost_segment(const turn_t *turn, uint32_t least)
{
    const delivery_t *delivery = &turn->delivery;
    bool shorter = delivery->arrived != 0 && delivery->arrived < delivery->resent_length;
    return !turn_was_delivered(turn) && shorter && delivery->resendings >= least ? delivery->resent_length : 0;
}

/* The peer had the whole message when it acknowledged it. If only the answer did, it had it after the last sending. */
static moment_t arrival_of(const turn_t *turn, moment_t until)
{
    const delivery_t *delivery = &turn->delivery;
    bool before_answer = delivery->acked_frame != 0 && (until == MOMENT_NONE || delivery->acked < until);
    return before_answer ? delivery->acked : delivery->last_sent;
}

moment_t turn_arrival(const turn_t *turn)
{
    const delivery_t *delivery = &turn->delivery;
    const moment_t first = SECONDS(1); /* the longest time until TCP's timer sends for the first time */
    moment_t tried = moment_since(turn->begun, delivery->last_sent);
    moment_t waited = moment_since(delivery->last_sent, delivery->acked);
    bool known = delivery->acked_frame != 0 && tried != MOMENT_NONE && waited != MOMENT_NONE;
    return known && waited <= moment_sum(moment_sum(tried, tried), first) ? delivery->acked : MOMENT_NONE;
}

wait_parts_t turn_parts(const turn_t *turn, moment_t until)
{
    moment_t arrived = arrival_of(turn, until);
    return (wait_parts_t){moment_since(turn->begun, arrived), moment_since(arrived, until)};
}
