/* connection.c - the position of a SQL Server connection in its life, and the messages that move it on.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "connection.h"

#include <stddef.h>

#define STATE_KEEP 0

/* Whose turn it is: a sender_t, or the side that did not speak last. */
enum { OWES_NOBODY = SENDER_UNKNOWN, OWES_CLIENT = SENDER_CLIENT, OWES_SERVER = SENDER_SERVER, OWES_OTHER };

static const struct {
    const char *name;
    step_t step;
    unsigned state; /* a state_t, or STATE_KEEP */
    unsigned owes;  /* OWES_* */
    const char *awaits;
} positions[POSITION_COUNT] = {
#define POSITION(tag, step, state, owes, awaited)                                                                      \
    [POSITION_##tag] = {#tag, STEP_##step, STATE_##state, OWES_##owes, awaited},
#define MOVE(from, seen, to)
#include "steps.def"
};

static const struct {
    position_t from;
    message_t seen;
    position_t to;
} moves[] = {
#define POSITION(tag, step, state, owes, awaited)
#define MOVE(from, seen, to) {POSITION_##from, MESSAGE_##seen, POSITION_##to},
#include "steps.def"
};

#define MOVE_COUNT (sizeof moves / sizeof moves[0])

/* The same moves to look up: where FROM goes on SEEN, + 1; 0 = no such move. */
static const uint8_t next[POSITION_COUNT][MESSAGE_LIMIT] = {
#define POSITION(tag, step, state, owes, awaited)
#define MOVE(from, seen, to) [POSITION_##from][MESSAGE_##seen] = POSITION_##to + 1,
#include "steps.def"
};

/* The message by the name that the table has for its kind. */
static message_t as_seen(message_t message)
{
    switch (message_kind(message)) {
    case KIND_REQUEST:
    case KIND_ATTENTION:
    case KIND_SMP:
        return MESSAGE_REQUEST;
    case KIND_RESPONSE:
        return MESSAGE_RESPONSE;
    default:
        return message;
    }
}

static void connection_go(connection_t *connection, position_t to)
{
    connection->position = to;
    if (positions[to].state != STATE_KEEP) {
        connection->state = (state_t)positions[to].state;
    }
}

/* Whether a message is recognised only by its order and length, as encrypted ones are. Behind a hole it is uncertain.
 */
static bool is_known_by_position(message_t message, position_t at)
{
    bool inside_tls = at == POSITION_KEYS || at == POSITION_SECURED;
    return message == MESSAGE_CLIENT_KEY || message == MESSAGE_SERVER_FINISHED || message == MESSAGE_LOGIN7_ENCRYPTED ||
           message == MESSAGE_ENCRYPTED || (message == MESSAGE_PRELOGIN && inside_tls);
}

static connection_side_t *connection_side(connection_t *connection, sender_t sender)
{
    return sender == SENDER_SERVER ? &connection->server : &connection->client;
}

static bool has_missed(const connection_t *connection)
{
    return connection->client.missed || connection->server.missed;
}

/* TCP was opened; or bytes or the client's RST follow the SYN-ACK: both sides were there. */
static bool was_reached(const connection_t *connection, sender_t closed_by)
{
    return connection->position == POSITION_REACHED || connection->position == POSITION_PIPE_OPEN ||
           (connection->position == POSITION_SYN_ANSWERED && (closed_by == SENDER_CLIENT || connection->spoken));
}

/* Whether a login may have been answered by what is not in the capture. */
static bool may_be_answered(const connection_t *connection)
{
    return has_missed(connection) && !connection->server_mute;
}

/* What a connection that ends here turns out to have been. */
static state_t state_when_closed(const connection_t *connection, sender_t closed_by)
{
    switch (connection->state) {
    case STATE_CONNECTING:
        if (!was_reached(connection, closed_by)) {
            return STATE_CONNECTING;
        }
        if (!connection->spoken) {
            return STATE_PROBE;
        }
        return may_be_answered(connection) ? STATE_LOGGING_IN : STATE_LOGIN_UNFINISHED;
    case STATE_LOGGING_IN: /* an encrypted login that was answered may be over and done */
        return connection->position == POSITION_HIDDEN || may_be_answered(connection) ? STATE_LOGGING_IN
                                                                                      : STATE_LOGIN_UNFINISHED;
    default:
        return connection->state;
    }
}

/* The first FIN or RST says what the connection was. */
static void connection_end(connection_t *connection, sender_t closed_by, position_t to)
{
    if (connection->position != POSITION_CLOSING && connection->position != POSITION_CLOSED) {
        connection->state = state_when_closed(connection, closed_by);
    }
    connection->position = to;
}

static close_t close_by_fin(sender_t sender)
{
    return sender == SENDER_SERVER ? CLOSE_SERVER_FIRST : CLOSE_NORMAL;
}

/* A FIN that meets an RST on the way does not undo it. */
static outcome_t connection_fin(connection_t *connection, sender_t sender)
{
    if (connection->reset) {
        return OUTCOME_STAYED;
    }
    if (connection->closed_first == SENDER_UNKNOWN) {
        connection->closed_first = sender;
        connection->close = close_by_fin(sender);
    }
    connection_side(connection, sender)->fin = true;
    bool both = connection->client.fin && connection->server.fin;
    connection_end(connection, sender, both ? POSITION_CLOSED : POSITION_CLOSING);
    return OUTCOME_MOVED;
}

/* An RST that follows the client's FIN ends nothing: what was still on its way met a closed socket. Behind the end of
 * TLS it stands for the FIN. */
static outcome_t connection_rst(connection_t *connection, sender_t sender)
{
    if (connection->reset) {
        return OUTCOME_STAYED;
    }
    connection->reset = true;
    bool leave = connection->closed_first == SENDER_UNKNOWN && sender == SENDER_CLIENT && connection->client_left;
    if (connection->closed_first == SENDER_CLIENT || leave) {
        connection->close = CLOSE_RESET_AFTER_CLOSE;
    } else if (connection->closed_first == SENDER_UNKNOWN) {
        connection->close = sender == SENDER_SERVER ? CLOSE_SERVER_RESET : CLOSE_CLIENT_RESET;
    }
    connection_end(connection, sender, POSITION_CLOSED);
    return OUTCOME_MOVED;
}

void connection_miss(connection_t *connection, sender_t sender)
{
    connection_side(connection, sender)->missed = true;
    if (connection->state == STATE_LOGIN_UNFINISHED && !connection->server_mute) {
        connection->state = STATE_LOGGING_IN;
    }
}

void connection_missed_nothing(connection_t *connection)
{
    connection->client.missed = connection->server.missed = false;
}

bool connection_retry(connection_t *connection)
{
    bool refused = connection->reset && connection->state == STATE_CONNECTING;
    if (refused) {
        connection_init(connection);
    }
    return refused;
}

void connection_disprove_refusal(connection_t *connection)
{
    if (connection->position == POSITION_REFUSED) {
        connection_go(connection, POSITION_MIDWAY);
    }
}

void connection_closed_first_by(connection_t *connection, sender_t sender)
{
    if (!connection->reset) {
        connection->closed_first = sender;
        connection->close = close_by_fin(sender);
    }
}

void connection_init(connection_t *connection)
{
    *connection = (connection_t){.position = POSITION_START, .state = STATE_CONNECTING, .close = CLOSE_OPEN};
}

/* Whether a message that has no move here is taken as it would be at START: only TCP was seen so far; or bytes are
 * missing, and START's move `to` leads further on, though not to MIDWAY. */
static bool begins_anew(const connection_t *connection, message_t seen, position_t to)
{
    position_t at = connection->position;
    bool further = to > at && to < POSITION_MIDWAY;
    bool behind_hole = at <= POSITION_SECURED && has_missed(connection) && further;
    return message_kind(seen) != KIND_TCP && (at <= POSITION_REACHED || behind_hole);
}

/* Whether the server's word decides the login of a connection that is closing. What it says behind its FIN in the
 * capture stands before that in its stream: it was lost on its first way. Behind the client's FIN a refusal is one all
 * the same, where the server owed an answer; who has closed cannot go on with a confirmation. */
static bool is_late_answer(const connection_t *connection, message_t seen, sender_t sender)
{
    bool closing = connection->position == POSITION_CLOSING || connection->position == POSITION_CLOSED;
    bool open = connection->state == STATE_LOGGING_IN || connection->state == STATE_LOGIN_UNFINISHED;
    bool before_own_fin = connection->server.fin && connection->closed_first == SENDER_SERVER;
    bool refusal = connection->answer_owed && seen == MESSAGE_LOGIN_ERROR;
    return closing && open && !connection->reset && sender == SENDER_SERVER && (before_own_fin || refusal);
}

/* The answer to the login, which decides the state of a connection that is closing already. */
static outcome_t connection_answer_late(connection_t *connection, message_t seen)
{
    uint8_t to = next[POSITION_LOGIN][seen];
    if (to == 0 || positions[to - 1].state == STATE_KEEP || positions[to - 1].state == STATE_LOGGING_IN) {
        return OUTCOME_STAYED;
    }
    connection->state = (state_t)positions[to - 1].state;
    return OUTCOME_MOVED;
}

/* The position that a message leads to, + 1; 0 = no move. */
static uint8_t way_on(const connection_t *connection, message_t seen)
{
    uint8_t to = next[connection->position][seen];
    uint8_t from_start = next[POSITION_START][seen];
    bool anew = to == 0 && from_start != 0 && begins_anew(connection, seen, (position_t)(from_start - 1));
    return anew ? from_start : to;
}

outcome_t connection_see(connection_t *connection, message_t message, sender_t sender)
{
    if (message == MESSAGE_FIN) {
        return connection_fin(connection, sender);
    }
    if (message == MESSAGE_RST) {
        return connection_rst(connection, sender);
    }
    if (is_late_answer(connection, message, sender)) {
        return connection_answer_late(connection, message);
    }
    uint8_t to = way_on(connection, as_seen(message));
    if (to != 0) {
        if (!is_known_by_position(message, connection->position)) {
            connection->client.missed = connection->server.missed = false;
        }
        connection_go(connection, (position_t)(to - 1));
        return OUTCOME_MOVED;
    }
    bool at_home =
        message_row(message)->step == STEP_KEEP || message_row(message)->step == positions[connection->position].step;
    return at_home ? OUTCOME_STAYED : OUTCOME_UNEXPLAINED;
}

void connection_conclude(connection_t *connection, state_t state)
{
    if (connection->state == STATE_LOGGING_IN || connection->state == STATE_LOGIN_UNFINISHED) {
        connection->state = state;
    }
}

step_t connection_step_of(const connection_t *connection, message_t message)
{
    step_t own = message == MESSAGE_NONE ? STEP_KEEP : message_row(message)->step;
    return own == STEP_KEEP ? positions[connection->position].step : own;
}

bool connection_is_past_login(const connection_t *connection)
{
    return connection->position != POSITION_MIDWAY_HIDDEN && connection->position != POSITION_KEPT_ALIVE &&
           (connection->state == STATE_LOGGED_IN || connection->state == STATE_JOINED_MIDWAY ||
            connection->state == STATE_REDIRECTED);
}

const char *position_name(position_t position)
{
    return positions[position].name;
}

sender_t position_owes(position_t position, sender_t spoke)
{
    unsigned owes = positions[position].owes;
    return owes == OWES_OTHER ? sender_other(spoke) : (sender_t)owes;
}

const char *position_awaits(position_t position)
{
    return positions[position].awaits;
}

bool connection_move_row(unsigned index, position_t *from, message_t *seen, position_t *to)
{
    if (index >= MOVE_COUNT) {
        return false;
    }
    *from = moves[index].from;
    *seen = moves[index].seen;
    *to = moves[index].to;
    return true;
}
