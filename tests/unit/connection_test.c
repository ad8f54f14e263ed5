/* connection_test.c - where a SQL Server connection stands, what moves it on, and the table of its moves.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "vectors.h"

#include <string.h>

#include "connection.h"

#define PATH_LIMIT POSITION_COUNT

static connection_t new_connection(void)
{
    connection_t connection;
    connection_init(&connection);
    return connection;
}

/* The shortest way of messages from START to every position. */
typedef struct {
    bool reached[POSITION_COUNT];
    unsigned length[POSITION_COUNT];
    message_t path[POSITION_COUNT][PATH_LIMIT];
} ways_t;

static void way_go_on(ways_t *ways, position_t from, message_t seen, position_t to)
{
    if (!ways->reached[from] || ways->reached[to]) {
        return;
    }
    ways->reached[to] = true;
    ways->length[to] = ways->length[from] + 1;
    memcpy(ways->path[to], ways->path[from], sizeof ways->path[to]);
    ways->path[to][ways->length[from]] = seen;
}

static ways_t find_ways(void)
{
    ways_t ways = {.reached = {[POSITION_START] = true}};
    position_t from, to;
    message_t seen;
    for (unsigned round = 0; round < POSITION_COUNT; round++) {
        for (unsigned i = 0; connection_move_row(i, &from, &seen, &to); i++) {
            way_go_on(&ways, from, seen, to);
        }
    }
    return ways;
}

/* A connection led to `position` by messages, as the table says. */
static connection_t connection_at(position_t position)
{
    ways_t ways = find_ways();
    assert_true(ways.reached[position]);
    connection_t connection = new_connection();
    for (unsigned i = 0; i < ways.length[position]; i++) {
        assert_int_equal(connection_see(&connection, ways.path[position][i], SENDER_CLIENT), OUTCOME_MOVED);
    }
    assert_int_equal(connection.position, position);
    return connection;
}

/* The table. */

static void no_move_stands_twice(void **state)
{
    (void)state;
    bool seen_from[POSITION_COUNT][MESSAGE_LIMIT] = {{false}};
    position_t from, to;
    message_t seen;
    unsigned rows = 0;
    for (; connection_move_row(rows, &from, &seen, &to); rows++) {
        assert_uint_in_range(seen, 1, MESSAGE_LIMIT - 1);
        assert_false(seen_from[from][seen]);
        seen_from[from][seen] = true;
    }
    assert_uint_in_range(rows, POSITION_COUNT, 1000);
}

/* CLOSING and CLOSED are reached by FIN and RST alone, and nothing else leads there or on from there. */
static void every_position_is_reached_from_start(void **state)
{
    (void)state;
    ways_t ways = find_ways();
    for (unsigned i = 0; i < POSITION_COUNT; i++) {
        assert_int_equal(ways.reached[i], i != POSITION_CLOSING && i != POSITION_CLOSED);
    }
}

static void moves_are_made_of_known_messages(void **state)
{
    (void)state;
    position_t from, to;
    message_t seen;
    for (unsigned i = 0; connection_move_row(i, &from, &seen, &to); i++) {
        assert_non_null(message_row(seen)->text);
        assert_true(from != POSITION_CLOSING && from != POSITION_CLOSED);
        assert_true(from != POSITION_REFUSED && from != POSITION_REDIRECTED); /* only the end follows */
        assert_true(from != to);
    }
}

/* Where the table has no move out, FIN is the way out. */
static void every_position_but_closed_can_be_left(void **state)
{
    (void)state;
    for (unsigned i = 0; i < POSITION_CLOSING; i++) {
        connection_t connection = connection_at((position_t)i);
        assert_int_equal(connection_see(&connection, MESSAGE_FIN, SENDER_CLIENT), OUTCOME_MOVED);
        assert_int_equal(connection.position, POSITION_CLOSING);
        assert_int_equal(connection_see(&connection, MESSAGE_FIN, SENDER_SERVER), OUTCOME_MOVED);
        assert_int_equal(connection.position, POSITION_CLOSED);
    }
}

static void every_position_has_a_name_and_awaits_something(void **state)
{
    (void)state;
    for (unsigned i = 0; i < POSITION_COUNT; i++) {
        assert_true(strlen(position_name((position_t)i)) > 0);
        assert_true(strlen(position_awaits((position_t)i)) > 0);
        for (unsigned j = 0; j < i; j++) {
            assert_string_not_equal(position_name((position_t)i), position_name((position_t)j));
        }
    }
}

/* Every message of commands, or of MARS, moves like the one request of the table; responses likewise. */
static void messages_go_by_the_name_of_their_kind(void **state)
{
    (void)state;
    static const struct {
        message_t message;
        position_t from, to;
    } rows[] = {
        {MESSAGE_SQL_BATCH, POSITION_CONFIRMED, POSITION_COMMAND},
        {MESSAGE_RPC, POSITION_CONFIRMED, POSITION_COMMAND},
        {MESSAGE_BULK_LOAD, POSITION_CONFIRMED, POSITION_COMMAND},
        {MESSAGE_TRANSACTION, POSITION_CONFIRMED, POSITION_COMMAND},
        {MESSAGE_ATTENTION, POSITION_CONFIRMED, POSITION_COMMAND},
        {MESSAGE_SMP_SYN, POSITION_CONFIRMED, POSITION_COMMAND},
        {MESSAGE_SMP_ACK, POSITION_START, POSITION_MIDWAY},
        {MESSAGE_SMP_FIN, POSITION_START, POSITION_MIDWAY},
        {MESSAGE_SMP_DATA, POSITION_START, POSITION_MIDWAY},
        {MESSAGE_RESPONSE, POSITION_START, POSITION_MIDWAY},
        {MESSAGE_ATTENTION_ACK, POSITION_START, POSITION_MIDWAY},
        {MESSAGE_RESPONSE_ERROR, POSITION_START, POSITION_MIDWAY},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        connection_t connection = connection_at(rows[i].from);
        assert_int_equal(connection_see(&connection, rows[i].message, SENDER_CLIENT), OUTCOME_MOVED);
        assert_int_equal(connection.position, rows[i].to);
    }
}

/* Logins, each a line of messages: where it stands in the end and what became of it. */
static void logins_end_where_they_should(void **state)
{
    (void)state;
#define TCP     MESSAGE_SYN, MESSAGE_SYN_ACK, MESSAGE_HANDSHAKE_ACK
#define DRIVER  MESSAGE_PRELOGIN, MESSAGE_PRELOGIN_RESPONSE
#define TLS     MESSAGE_CLIENT_HELLO, MESSAGE_SERVER_HELLO, MESSAGE_CLIENT_KEY, MESSAGE_SERVER_FINISHED
#define RESUMED MESSAGE_CLIENT_HELLO, MESSAGE_SERVER_HELLO, MESSAGE_SERVER_FINISHED, MESSAGE_CLIENT_KEY
    static const struct {
        message_t messages[16];
        position_t position;
        state_t state;
        step_t step;
    } rows[] = {
        {{TCP}, POSITION_REACHED, STATE_CONNECTING, STEP_TCP_HANDSHAKE},
        {{TCP, DRIVER, MESSAGE_LOGIN7, MESSAGE_LOGINACK}, POSITION_CONFIRMED, STATE_LOGGED_IN, STEP_CONFIRMATION},
        {{TCP, DRIVER, TLS, MESSAGE_LOGIN7_ENCRYPTED, MESSAGE_LOGINACK, MESSAGE_SQL_BATCH},
         POSITION_COMMAND,
         STATE_LOGGED_IN,
         STEP_COMMAND},
        {{TCP, DRIVER, RESUMED, MESSAGE_LOGIN7_ENCRYPTED, MESSAGE_LOGINACK},
         POSITION_CONFIRMED,
         STATE_LOGGED_IN,
         STEP_CONFIRMATION},
        {{TCP, DRIVER, MESSAGE_LOGIN7, MESSAGE_SSPI_SERVER, MESSAGE_SSPI_CLIENT, MESSAGE_LOGINACK},
         POSITION_CONFIRMED,
         STATE_LOGGED_IN,
         STEP_CONFIRMATION},
        {{TCP, DRIVER, MESSAGE_LOGIN7, MESSAGE_SSPI_SERVER, MESSAGE_SSPI_CLIENT, MESSAGE_SSPI_SERVER},
         POSITION_CHALLENGED,
         STATE_LOGGING_IN,
         STEP_AUTHENTICATION},
        {{TCP, DRIVER, MESSAGE_LOGIN7, MESSAGE_FEDAUTHINFO, MESSAGE_FEDAUTH_TOKEN, MESSAGE_LOGINACK},
         POSITION_CONFIRMED,
         STATE_LOGGED_IN,
         STEP_CONFIRMATION},
        {{TCP, DRIVER, MESSAGE_LOGIN7, MESSAGE_LOGIN_ERROR}, POSITION_REFUSED, STATE_LOGIN_FAILED, STEP_CONFIRMATION},
        {{TCP, MESSAGE_PRELOGIN, MESSAGE_LOGIN_ERROR}, POSITION_REFUSED, STATE_LOGIN_FAILED, STEP_CONFIRMATION},
        {{TCP, DRIVER, MESSAGE_LOGIN7, MESSAGE_LOGINACK, MESSAGE_ROUTING},
         POSITION_REDIRECTED,
         STATE_REDIRECTED,
         STEP_CONFIRMATION},
        {{MESSAGE_ENCRYPTED}, POSITION_MIDWAY_HIDDEN, STATE_JOINED_MIDWAY, STEP_UNKNOWN},
        {{MESSAGE_KEEP_ALIVE}, POSITION_KEPT_ALIVE, STATE_JOINED_MIDWAY, STEP_UNKNOWN},
        {{TCP, MESSAGE_KEEP_ALIVE}, POSITION_REACHED, STATE_CONNECTING, STEP_TCP_HANDSHAKE},
        {{MESSAGE_KEEP_ALIVE, MESSAGE_SQL_BATCH}, POSITION_MIDWAY, STATE_JOINED_MIDWAY, STEP_COMMAND},
        {{MESSAGE_KEEP_ALIVE, DRIVER, MESSAGE_LOGIN7}, POSITION_LOGIN, STATE_LOGGING_IN, STEP_LOGIN},
        {{MESSAGE_ENCRYPTED, MESSAGE_RESPONSE}, POSITION_MIDWAY, STATE_JOINED_MIDWAY, STEP_COMMAND},
        {{MESSAGE_ENCRYPTED, MESSAGE_SSPI_SERVER, MESSAGE_SSPI_CLIENT, MESSAGE_LOGINACK},
         POSITION_CONFIRMED,
         STATE_LOGGED_IN,
         STEP_CONFIRMATION},
        {{MESSAGE_ENCRYPTED, MESSAGE_LOGIN_ERROR}, POSITION_REFUSED, STATE_LOGIN_FAILED, STEP_CONFIRMATION},
        {{TCP, TLS, DRIVER, MESSAGE_LOGIN7, MESSAGE_LOGINACK}, POSITION_CONFIRMED, STATE_LOGGED_IN, STEP_CONFIRMATION},
        {{TCP, MESSAGE_CLIENT_HELLO, MESSAGE_SERVER_HELLO, TLS}, POSITION_SECURED, STATE_LOGGING_IN, STEP_TLS},
        {{TCP, MESSAGE_CLIENT_HELLO, MESSAGE_SERVER_HELLO, MESSAGE_CLIENT_HELLO},
         POSITION_HELLO, /* after a HelloRetryRequest */
         STATE_LOGGING_IN,
         STEP_TLS},
        {{TCP, DRIVER, RESUMED}, POSITION_SECURED, STATE_LOGGING_IN, STEP_TLS},
        {{TCP, MESSAGE_OLD_LOGIN, MESSAGE_LOGINACK}, POSITION_CONFIRMED, STATE_LOGGED_IN, STEP_CONFIRMATION},
        {{TCP, MESSAGE_LOGIN7, MESSAGE_LOGINACK}, POSITION_CONFIRMED, STATE_LOGGED_IN, STEP_CONFIRMATION}, /* 7.0 */
        {{TCP, MESSAGE_SQL_BATCH}, POSITION_MIDWAY, STATE_JOINED_MIDWAY, STEP_COMMAND},
        {{MESSAGE_LOGINACK, MESSAGE_SQL_BATCH}, POSITION_COMMAND, STATE_LOGGED_IN, STEP_COMMAND},
        {{MESSAGE_RESPONSE, MESSAGE_SQL_BATCH}, POSITION_MIDWAY, STATE_JOINED_MIDWAY, STEP_COMMAND},
    };
#undef TCP
#undef DRIVER
#undef TLS
#undef RESUMED
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        connection_t connection = new_connection();
        for (size_t j = 0; rows[i].messages[j] != MESSAGE_NONE; j++) {
            assert_int_not_equal(connection_see(&connection, rows[i].messages[j], SENDER_CLIENT), OUTCOME_UNEXPLAINED);
        }
        assert_int_equal(connection.position, rows[i].position);
        assert_int_equal(connection.state, rows[i].state);
        assert_int_equal(connection_step_of(&connection, MESSAGE_NONE), rows[i].step);
        assert_int_equal(connection.close, CLOSE_OPEN);
    }
}

/* Moved, stayed, not explained: three different things. */
static void a_message_moves_or_stays_or_is_out_of_place(void **state)
{
    (void)state;
    static const struct {
        position_t at;
        message_t message;
        outcome_t outcome;
    } rows[] = {
        {POSITION_COMMAND, MESSAGE_RPC, OUTCOME_STAYED},
        {POSITION_COMMAND, MESSAGE_RESPONSE, OUTCOME_STAYED},
        {POSITION_COMMAND, MESSAGE_KEEP_ALIVE, OUTCOME_STAYED},
        {POSITION_HELLO, MESSAGE_TLS_ALERT, OUTCOME_STAYED},
        {POSITION_HELLO, MESSAGE_TLS_OTHER, OUTCOME_STAYED},
        {POSITION_LOGIN, MESSAGE_LOGIN7, OUTCOME_STAYED}, /* its second packet */
        {POSITION_COMMAND, MESSAGE_PRELOGIN, OUTCOME_UNEXPLAINED},
        {POSITION_COMMAND, MESSAGE_LOGIN7, OUTCOME_UNEXPLAINED},
        {POSITION_PRELOGIN, MESSAGE_SSPI_CLIENT, OUTCOME_UNEXPLAINED},
        {POSITION_REFUSED, MESSAGE_SQL_BATCH, OUTCOME_UNEXPLAINED},
        {POSITION_CONFIRMED, MESSAGE_SYN, OUTCOME_UNEXPLAINED},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        connection_t connection = connection_at(rows[i].at);
        assert_int_equal(connection_see(&connection, rows[i].message, SENDER_CLIENT), rows[i].outcome);
        assert_int_equal(connection.position, rows[i].at);
    }
}

/* The step of a frame: its message's own, or where the connection stands. */
static void frames_belong_to_a_step(void **state)
{
    (void)state;
    static const struct {
        position_t at;
        message_t message;
        step_t step;
    } rows[] = {
        {POSITION_START, MESSAGE_NONE, STEP_UNKNOWN},
        {POSITION_HELLO, MESSAGE_NONE, STEP_TLS},
        {POSITION_LOGIN, MESSAGE_RETRANSMISSION, STEP_LOGIN},
        {POSITION_COMMAND, MESSAGE_KEEP_ALIVE_ACK, STEP_COMMAND},
        {POSITION_COMMAND, MESSAGE_RESPONSE, STEP_COMMAND},
        {POSITION_LOGIN, MESSAGE_LOGIN7, STEP_LOGIN},
        {POSITION_COMMAND, MESSAGE_LOGINACK, STEP_CONFIRMATION},
        {POSITION_PRELOGIN, MESSAGE_RST, STEP_CLOSE},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        connection_t connection = connection_at(rows[i].at);
        assert_int_equal(connection_step_of(&connection, rows[i].message), rows[i].step);
    }
}

/* What a connection has been when it ends, from every position that a close can find it at. HIDDEN is left
 * out: whether a login was answered there nobody can see without keys. */
static const struct {
    position_t at;
    state_t state, closed;
    bool past_login;
} ends[] = {
    {POSITION_START, STATE_CONNECTING, STATE_CONNECTING, false},
    {POSITION_SYN_SENT, STATE_CONNECTING, STATE_CONNECTING, false}, /* refused, not probed */
    {POSITION_SYN_ANSWERED, STATE_CONNECTING, STATE_PROBE, false},  /* a scan that does not finish the handshake */
    {POSITION_REACHED, STATE_CONNECTING, STATE_PROBE, false},
    {POSITION_PRELOGIN, STATE_LOGGING_IN, STATE_LOGIN_UNFINISHED, false},
    {POSITION_ANSWERED, STATE_LOGGING_IN, STATE_LOGIN_UNFINISHED, false},
    {POSITION_HELLO, STATE_LOGGING_IN, STATE_LOGIN_UNFINISHED, false},
    {POSITION_HELLO_ANSWERED, STATE_LOGGING_IN, STATE_LOGIN_UNFINISHED, false},
    {POSITION_KEYS, STATE_LOGGING_IN, STATE_LOGIN_UNFINISHED, false},
    {POSITION_SECURED, STATE_LOGGING_IN, STATE_LOGIN_UNFINISHED, false},
    {POSITION_LOGIN, STATE_LOGGING_IN, STATE_LOGIN_UNFINISHED, false},
    {POSITION_CHALLENGED, STATE_LOGGING_IN, STATE_LOGIN_UNFINISHED, false},
    {POSITION_RESPONDED, STATE_LOGGING_IN, STATE_LOGIN_UNFINISHED, false},
    {POSITION_CONFIRMED, STATE_LOGGED_IN, STATE_LOGGED_IN, true},
    {POSITION_REFUSED, STATE_LOGIN_FAILED, STATE_LOGIN_FAILED, false},
    {POSITION_REDIRECTED, STATE_REDIRECTED, STATE_REDIRECTED, true},
    {POSITION_COMMAND, STATE_LOGGED_IN, STATE_LOGGED_IN, true},
    {POSITION_MIDWAY, STATE_JOINED_MIDWAY, STATE_JOINED_MIDWAY, true},
    {POSITION_MIDWAY_HIDDEN, STATE_JOINED_MIDWAY, STATE_JOINED_MIDWAY, false}, /* perhaps it was the login */
    {POSITION_KEPT_ALIVE, STATE_JOINED_MIDWAY, STATE_JOINED_MIDWAY, false},    /* perhaps it comes */
};

/* Bytes were sent, though none of them was read: no probe. A server that gives up on its SYN-ACK met nobody. */
static void what_was_spoken_to_is_no_probe(void **state)
{
    (void)state;
    connection_t connection = connection_at(POSITION_REACHED);
    connection.spoken = true;
    connection_see(&connection, MESSAGE_FIN, SENDER_CLIENT);
    assert_int_equal(connection.state, STATE_LOGIN_UNFINISHED);
    connection = connection_at(POSITION_SYN_ANSWERED);
    connection_see(&connection, MESSAGE_RST, SENDER_SERVER);
    assert_int_equal(connection.state, STATE_CONNECTING);
}

/* What the capture does not hold may have been the rest of the login: until the next message tells. */
static void what_was_missed_leaves_the_outcome_open(void **state)
{
    (void)state;
    static const position_t unfinished[] = {POSITION_PRELOGIN, POSITION_HELLO, POSITION_LOGIN, POSITION_RESPONDED};
    for (size_t i = 0; i < COUNT_OF(unfinished); i++) {
        connection_t before = connection_at(unfinished[i]), behind = before;
        connection_miss(&before, SENDER_SERVER);
        connection_see(&before, MESSAGE_FIN, SENDER_CLIENT);
        assert_int_equal(before.state, STATE_LOGGING_IN);
        connection_see(&behind, MESSAGE_FIN, SENDER_CLIENT);
        connection_miss(&behind, SENDER_SERVER);
        assert_int_equal(behind.state, STATE_LOGGING_IN);
    }
    connection_t connection = connection_at(POSITION_PRELOGIN);
    connection_miss(&connection, SENDER_SERVER);
    connection_see(&connection, MESSAGE_PRELOGIN_RESPONSE, SENDER_SERVER);
    connection_see(&connection, MESSAGE_FIN, SENDER_CLIENT);
    assert_int_equal(connection.state, STATE_LOGIN_UNFINISHED);
    connection = connection_at(POSITION_CONFIRMED);
    connection_miss(&connection, SENDER_SERVER);
    connection_see(&connection, MESSAGE_RST, SENDER_CLIENT);
    assert_int_equal(connection.state, STATE_LOGGED_IN);
}

/* Behind a hole, and behind TCP alone, a message leads where a capture that begins with it would stand. */
static void a_hole_is_crossed_to_what_is_seen_behind_it(void **state)
{
    (void)state;
    static const struct {
        position_t at;
        message_t message;
        position_t without, with; /* a hole */
    } rows[] = {
        {POSITION_REACHED, MESSAGE_SERVER_HELLO, POSITION_HELLO_ANSWERED, POSITION_HELLO_ANSWERED},
        {POSITION_SYN_SENT, MESSAGE_LOGIN7, POSITION_LOGIN, POSITION_LOGIN},
        {POSITION_REACHED, MESSAGE_SYN, POSITION_REACHED, POSITION_REACHED},
        {POSITION_PRELOGIN, MESSAGE_SERVER_FINISHED, POSITION_PRELOGIN, POSITION_SECURED},
        {POSITION_HELLO, MESSAGE_SSPI_CLIENT, POSITION_HELLO, POSITION_RESPONDED},
        {POSITION_KEYS, MESSAGE_PRELOGIN_RESPONSE, POSITION_KEYS, POSITION_KEYS}, /* it would lead back */
        {POSITION_SECURED, MESSAGE_ENCRYPTED, POSITION_SECURED, POSITION_SECURED},
        {POSITION_LOGIN, MESSAGE_RESPONSE, POSITION_LOGIN, POSITION_LOGIN},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        connection_t connection = connection_at(rows[i].at), holed = connection;
        connection_see(&connection, rows[i].message, SENDER_CLIENT);
        assert_int_equal(connection.position, rows[i].without);
        connection_miss(&holed, SENDER_SERVER);
        connection_see(&holed, rows[i].message, SENDER_CLIENT);
        assert_int_equal(holed.position, rows[i].with);
    }
}

static void the_end_tells_what_it_was(void **state)
{
    (void)state;
    static const message_t closes[] = {MESSAGE_FIN, MESSAGE_RST};
    for (size_t i = 0; i < COUNT_OF(ends) * COUNT_OF(closes); i++) {
        connection_t connection = connection_at(ends[i / 2].at);
        assert_int_equal(connection.state, ends[i / 2].state);
        assert_int_equal(connection_is_past_login(&connection), ends[i / 2].past_login);
        connection_see(&connection, closes[i % 2], SENDER_CLIENT);
        assert_int_equal(connection.state, ends[i / 2].closed);
        connection_see(&connection, MESSAGE_FIN, SENDER_SERVER);
        connection_see(&connection, MESSAGE_RST, SENDER_SERVER);
        assert_int_equal(connection.state, ends[i / 2].closed); /* once said, it stays said */
    }
}

/* A late LOGINACK: the client gave up before. It is out of place and changes nothing. */
static void a_confirmation_after_the_close_comes_too_late(void **state)
{
    (void)state;
    connection_t connection = connection_at(POSITION_LOGIN);
    connection_see(&connection, MESSAGE_FIN, SENDER_CLIENT);
    assert_int_equal(connection_see(&connection, MESSAGE_LOGINACK, SENDER_SERVER), OUTCOME_UNEXPLAINED);
    assert_int_equal(connection.state, STATE_LOGIN_UNFINISHED);
    assert_int_equal(connection.position, POSITION_CLOSING);
}

/* Where the server owed its answer. */
static void a_refusal_after_the_clients_close_is_one(void **state)
{
    (void)state;
    static const struct {
        message_t before; /* MESSAGE_NONE = nothing */
        message_t answer;
        bool owed;
        state_t state;
    } rows[] = {
        {MESSAGE_NONE, MESSAGE_LOGIN_ERROR, true, STATE_LOGIN_FAILED},
        {MESSAGE_FIN, MESSAGE_LOGIN_ERROR, true, STATE_LOGIN_FAILED}, /* sent before the server's FIN */
        {MESSAGE_NONE, MESSAGE_LOGIN_ERROR, false, STATE_LOGIN_UNFINISHED},
        {MESSAGE_RST, MESSAGE_LOGIN_ERROR, true, STATE_LOGIN_UNFINISHED},
        {MESSAGE_NONE, MESSAGE_LOGINACK, true, STATE_LOGIN_UNFINISHED},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        connection_t connection = connection_at(POSITION_LOGIN);
        connection.answer_owed = rows[i].owed;
        connection_see(&connection, MESSAGE_FIN, SENDER_CLIENT);
        if (rows[i].before != MESSAGE_NONE) {
            connection_see(&connection, rows[i].before, SENDER_SERVER);
        }
        connection_see(&connection, rows[i].answer, SENDER_SERVER);
        assert_int_equal(connection.state, rows[i].state);
    }
}

/* What the server sent before its FIN came behind it. */
static void a_segment_that_was_sent_again_tells_how_a_login_ended(void **state)
{
    (void)state;
    static const struct {
        message_t message;
        sender_t closes;
        bool missed;
        state_t state;
    } rows[] = {
        {MESSAGE_LOGIN_ERROR, SENDER_SERVER, false, STATE_LOGIN_FAILED},
        {MESSAGE_LOGINACK, SENDER_SERVER, true, STATE_LOGGED_IN},
        {MESSAGE_LOGIN_ERROR, SENDER_CLIENT, false, STATE_LOGIN_UNFINISHED},
        {MESSAGE_SSPI_SERVER, SENDER_SERVER, true, STATE_LOGGING_IN}, /* it decides nothing */
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        connection_t connection = connection_at(POSITION_LOGIN);
        if (rows[i].missed) {
            connection_miss(&connection, SENDER_SERVER);
        }
        connection_see(&connection, MESSAGE_FIN, rows[i].closes);
        connection_see(&connection, rows[i].message, SENDER_SERVER);
        assert_int_equal(connection.state, rows[i].state);
        assert_int_equal(connection.position, POSITION_CLOSING);
    }
}

/* FIN and RST of either side, in their order, and what tdsconn.close says of them. */
static void closes_are_told_apart(void **state)
{
    (void)state;
    static const struct {
        struct {
            message_t message;
            sender_t sender;
        } seen[4];
        close_t close;
        position_t position;
    } rows[] = {
#define CLIENT_FIN {MESSAGE_FIN, SENDER_CLIENT}
#define SERVER_FIN                                                                                                     \
    {                                                                                                                  \
        MESSAGE_FIN, SENDER_SERVER                                                                                     \
    }
#define CLIENT_RST                                                                                                     \
    {                                                                                                                  \
        MESSAGE_RST, SENDER_CLIENT                                                                                     \
    }
#define SERVER_RST                                                                                                     \
    {                                                                                                                  \
        MESSAGE_RST, SENDER_SERVER                                                                                     \
    }
        {{{MESSAGE_NONE, SENDER_UNKNOWN}}, CLOSE_OPEN, POSITION_COMMAND},
        {{CLIENT_FIN}, CLOSE_NORMAL, POSITION_CLOSING},
        {{CLIENT_FIN, CLIENT_FIN}, CLOSE_NORMAL, POSITION_CLOSING}, /* sent again */
        {{CLIENT_FIN, SERVER_FIN}, CLOSE_NORMAL, POSITION_CLOSED},
        {{SERVER_FIN}, CLOSE_SERVER_FIRST, POSITION_CLOSING},
        {{SERVER_FIN, CLIENT_FIN}, CLOSE_SERVER_FIRST, POSITION_CLOSED},
        {{SERVER_FIN, CLIENT_RST}, CLOSE_SERVER_FIRST, POSITION_CLOSED},
        {{CLIENT_RST}, CLOSE_CLIENT_RESET, POSITION_CLOSED},
        {{SERVER_RST}, CLOSE_SERVER_RESET, POSITION_CLOSED},
        {{CLIENT_RST, SERVER_RST}, CLOSE_CLIENT_RESET, POSITION_CLOSED},
        {{CLIENT_FIN, SERVER_RST}, CLOSE_RESET_AFTER_CLOSE, POSITION_CLOSED},
        {{CLIENT_FIN, CLIENT_RST}, CLOSE_RESET_AFTER_CLOSE, POSITION_CLOSED},
        {{CLIENT_FIN, SERVER_FIN, CLIENT_RST}, CLOSE_RESET_AFTER_CLOSE, POSITION_CLOSED},
        {{CLIENT_FIN, SERVER_RST, SERVER_RST}, CLOSE_RESET_AFTER_CLOSE, POSITION_CLOSED},
        {{SERVER_RST, CLIENT_FIN}, CLOSE_SERVER_RESET, POSITION_CLOSED}, /* they met on the way */
        {{CLIENT_RST, SERVER_FIN}, CLOSE_CLIENT_RESET, POSITION_CLOSED},
#undef CLIENT_FIN
#undef SERVER_FIN
#undef CLIENT_RST
#undef SERVER_RST
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        connection_t connection = connection_at(POSITION_COMMAND);
        for (size_t j = 0; j < COUNT_OF(rows[i].seen) && rows[i].seen[j].message != MESSAGE_NONE; j++) {
            connection_see(&connection, rows[i].seen[j].message, rows[i].seen[j].sender);
        }
        assert_int_equal(connection.close, rows[i].close);
        assert_int_equal(connection.position, rows[i].position);
        assert_int_equal(connection.state, STATE_LOGGED_IN);
    }
}

static void the_first_to_close_is_remembered(void **state)
{
    (void)state;
    connection_t connection = connection_at(POSITION_REFUSED);
    connection_see(&connection, MESSAGE_FIN, SENDER_SERVER);
    connection_see(&connection, MESSAGE_FIN, SENDER_CLIENT);
    assert_int_equal(connection.closed_first, SENDER_SERVER);
    assert_true(connection.client.fin && connection.server.fin);
    assert_false(connection.reset);
    assert_int_equal(connection_see(&connection, MESSAGE_RST, SENDER_CLIENT), OUTCOME_MOVED);
    assert_int_equal(connection_see(&connection, MESSAGE_RST, SENDER_CLIENT), OUTCOME_STAYED);
    assert_true(connection.reset);
}

/* Windows sends its SYN again when an RST refuses it; what ended otherwise does not begin again. */
static void a_refused_client_may_try_again(void **state)
{
    (void)state;
    connection_t connection;
    connection_init(&connection);
    assert_false(connection_retry(&connection));
    connection_see(&connection, MESSAGE_SYN, SENDER_CLIENT);
    assert_false(connection_retry(&connection));
    connection_see(&connection, MESSAGE_RST, SENDER_SERVER);
    assert_true(connection_retry(&connection));
    assert_int_equal(connection.close, CLOSE_OPEN);
    connection_see(&connection, MESSAGE_SYN, SENDER_CLIENT);
    connection_see(&connection, MESSAGE_SYN_ACK, SENDER_SERVER);
    connection_see(&connection, MESSAGE_HANDSHAKE_ACK, SENDER_CLIENT);
    connection_see(&connection, MESSAGE_RST, SENDER_SERVER);
    assert_false(connection_retry(&connection));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_move_stands_twice),
        cmocka_unit_test(every_position_is_reached_from_start),
        cmocka_unit_test(moves_are_made_of_known_messages),
        cmocka_unit_test(every_position_but_closed_can_be_left),
        cmocka_unit_test(every_position_has_a_name_and_awaits_something),
        cmocka_unit_test(messages_go_by_the_name_of_their_kind),
        cmocka_unit_test(logins_end_where_they_should),
        cmocka_unit_test(a_message_moves_or_stays_or_is_out_of_place),
        cmocka_unit_test(frames_belong_to_a_step),
        cmocka_unit_test(the_end_tells_what_it_was),
        cmocka_unit_test(what_was_spoken_to_is_no_probe),
        cmocka_unit_test(what_was_missed_leaves_the_outcome_open),
        cmocka_unit_test(a_hole_is_crossed_to_what_is_seen_behind_it),
        cmocka_unit_test(a_confirmation_after_the_close_comes_too_late),
        cmocka_unit_test(a_refusal_after_the_clients_close_is_one),
        cmocka_unit_test(a_segment_that_was_sent_again_tells_how_a_login_ended),
        cmocka_unit_test(closes_are_told_apart),
        cmocka_unit_test(the_first_to_close_is_remembered),
        cmocka_unit_test(a_refused_client_may_try_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
