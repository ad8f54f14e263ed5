/* mars_test.c - one MARS session: its state, its window, its lives; and the table of its moves.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "vectors.h"

#include "mars.h"

#define STATES (SESSION_MIDWAY + 1) /* the highest value in values.def */

/* A packet on the wire and what the session is then. */
typedef struct {
    sender_t sender;
    uint8_t flag;
    uint32_t seqnum, wndw;
    session_state_t after;
    uint32_t credit; /* that its sender has left */
} packet_row_t;

static void play(mars_session_t *session, const packet_row_t *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint32_t length = rows[i].flag == SMP_DATA ? 96 : SMP_HEADER_LENGTH;
        smp_header_t packet = {rows[i].flag, 7, length, rows[i].seqnum, rows[i].wndw};
        session_state_t before = session->state;
        mars_outcome_t outcome = mars_see(session, rows[i].sender, &packet);
        assert_int_equal(outcome.before, before);
        assert_int_equal(outcome.after, rows[i].after);
        assert_int_equal(session->state, rows[i].after);
        assert_true(outcome.has_credit);
        assert_int_equal(outcome.credit, rows[i].credit);
    }
}

#define PLAY(session, rows) play(session, rows, COUNT_OF(rows))

static mars_session_t new_session(void)
{
    mars_session_t session;
    mars_session_init(&session);
    return session;
}

/* mars-odbc-noenc, frames 11 to 17: SID 0. Both sides start with a window of 4. */
static void a_session_opens_and_talks(void **state)
{
    (void)state;
    static const packet_row_t rows[] = {
        {SENDER_CLIENT, SMP_SYN, 0, 4, SESSION_ESTABLISHED, 4},
        {SENDER_CLIENT, SMP_DATA, 1, 4, SESSION_ESTABLISHED, 3},
        {SENDER_SERVER, SMP_DATA, 1, 5, SESSION_ESTABLISHED, 3},
        {SENDER_CLIENT, SMP_DATA, 2, 5, SESSION_ESTABLISHED, 3},
        {SENDER_SERVER, SMP_ACK, 1, 6, SESSION_ESTABLISHED, 4},
        {SENDER_SERVER, SMP_DATA, 2, 6, SESSION_ESTABLISHED, 3},
    };
    mars_session_t session = new_session();
    PLAY(&session, rows);
    assert_true(session.opened && mars_is_open(session.state));
    assert_int_equal(session.generation, 0);
}

/* Both FINs end it, whoever is first. */
static void either_side_may_close_first(void **state)
{
    (void)state;
    static const struct {
        sender_t first;
        session_state_t between;
    } rows[] = {{SENDER_CLIENT, SESSION_FIN_BY_CLIENT}, {SENDER_SERVER, SESSION_FIN_BY_SERVER}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const packet_row_t packets[] = {
            {SENDER_CLIENT, SMP_SYN, 0, 4, SESSION_ESTABLISHED, 4},
            {rows[i].first, SMP_FIN, 0, 4, rows[i].between, 4},
            {rows[i].first, SMP_FIN, 0, 4, rows[i].between, 4}, /* the same again changes nothing */
            {sender_other(rows[i].first), SMP_FIN, 0, 4, SESSION_CLOSED, 4},
        };
        mars_session_t session = new_session();
        PLAY(&session, packets);
        assert_false(mars_is_open(session.state));
    }
}

/* FreeTDS takes the lowest SID that is free again: that is another session. */
static void a_reused_sid_is_another_life(void **state)
{
    (void)state;
    static const packet_row_t life[] = {
        {SENDER_CLIENT, SMP_SYN, 0, 4, SESSION_ESTABLISHED, 4},
        {SENDER_CLIENT, SMP_DATA, 1, 4, SESSION_ESTABLISHED, 3},
        {SENDER_SERVER, SMP_DATA, 1, 5, SESSION_ESTABLISHED, 3},
        {SENDER_CLIENT, SMP_FIN, 1, 5, SESSION_FIN_BY_CLIENT, 4},
        {SENDER_SERVER, SMP_FIN, 1, 5, SESSION_CLOSED, 4},
    };
    mars_session_t session = new_session();
    for (unsigned generation = 0; generation < 3; generation++) {
        PLAY(&session, life); /* with a window of 4 again: nothing of the life before counts */
        assert_int_equal(session.generation, generation);
    }
}

/* Too early, but the server takes it so; a diagnosis says what is wrong. */
static void a_syn_on_an_open_sid_is_another_life_too(void **state)
{
    (void)state;
    static const session_state_t froms[] = {SESSION_ESTABLISHED, SESSION_FIN_BY_CLIENT,
                                            SESSION_FIN_BY_SERVER};
    static const packet_row_t syn[] = {{SENDER_CLIENT, SMP_SYN, 0, 4, SESSION_ESTABLISHED, 4}};
    for (size_t i = 0; i < COUNT_OF(froms); i++) {
        mars_session_t session = new_session();
        PLAY(&session, syn);
        session.state = froms[i];
        PLAY(&session, syn);
        assert_int_equal(session.generation, 1);
    }
}

/* A capture that began later: the SYN of a SID met before is its first life all the same. */
static void a_session_without_its_syn_is_midway(void **state)
{
    (void)state;
    mars_session_t session = new_session();
    smp_header_t data = {SMP_DATA, 7, 96, 100, 102};
    mars_outcome_t outcome = mars_see(&session, SENDER_CLIENT, &data);
    assert_int_equal(outcome.after, SESSION_MIDWAY);
    assert_false(outcome.has_credit); /* the server's window is not known */
    assert_true(mars_is_open(session.state));
    assert_false(session.opened);
    static const packet_row_t then[] = {{SENDER_SERVER, SMP_ACK, 98, 103, SESSION_MIDWAY, 4},
                                        {SENDER_CLIENT, SMP_DATA, 101, 102, SESSION_MIDWAY, 2},
                                        {SENDER_CLIENT, SMP_SYN, 0, 4, SESSION_ESTABLISHED, 4}};
    PLAY(&session, then);
    assert_int_equal(session.generation, 0);
}

/* A server sends no SYN (MC-SMP 3.2.5): it opens nothing and forgets nothing. */
static void a_syn_of_the_server_opens_nothing(void **state)
{
    (void)state;
    mars_session_t session = new_session();
    smp_header_t syn = {SMP_SYN, 7, 16, 0, 4};
    assert_int_equal(mars_see(&session, SENDER_SERVER, &syn).after, SESSION_UNKNOWN);
    assert_false(session.opened);
    static const packet_row_t open[] = {{SENDER_CLIENT, SMP_SYN, 0, 4, SESSION_ESTABLISHED, 4},
                                        {SENDER_SERVER, SMP_SYN, 0, 4, SESSION_ESTABLISHED, 4}};
    PLAY(&session, open);
    assert_int_equal(session.generation, 0);
}

/* Every value of the flags byte that is not one flag leaves every state as it is. */
static void combined_flags_move_nothing(void **state)
{
    (void)state;
    for (unsigned flags = 0; flags <= 0xFF; flags++) {
        for (unsigned from = 0; from < STATES; from++) {
            mars_session_t session = new_session();
            session.state = (session_state_t)from;
            smp_header_t packet = {(uint8_t)flags, 7, 16, 0, 4};
            if (smp_header_sound(&packet)) {
                continue;
            }
            assert_int_equal(mars_see(&session, SENDER_CLIENT, &packet).after, from);
            assert_int_equal(mars_see(&session, SENDER_SERVER, &packet).after, from);
            assert_int_equal(session.generation, 0);
        }
    }
}

/* MC-SMP 2.2.1: both numbers go from 0xFFFFFFFF to 0. */
static void credit_wraps_with_the_numbers(void **state)
{
    (void)state;
    static const struct {
        uint32_t seqnum, wndw, credit;
    } rows[] = {
        {0xFFFFFFFD, 0x00000001, 4}, {0xFFFFFFFF, 0x00000001, 2}, {0xFFFFFFFF, 0xFFFFFFFF, 0},
        {0x00000000, 0x00000001, 1}, {0x00000001, 0x00000001, 0}, {0x00000002, 0x00000001, 0}, /* beyond it */
        {0x00000001, 0xFFFFFFFF, 0}, {0x7FFFFFFE, 0x80000002, 4},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        mars_session_t session = new_session();
        smp_header_t ack = {SMP_ACK, 7, 16, 0, rows[i].wndw}, data = {SMP_DATA, 7, 96, rows[i].seqnum, 4};
        (void)mars_see(&session, SENDER_CLIENT, &ack);
        mars_outcome_t outcome = mars_see(&session, SENDER_SERVER, &data);
        assert_true(outcome.has_credit);
        assert_int_equal(outcome.credit, rows[i].credit);
    }
}

static void states_have_the_names_of_the_specification(void **state)
{
    (void)state;
    assert_string_equal(mars_role_state(SESSION_ESTABLISHED, SENDER_CLIENT), "ESTABLISHED");
    assert_string_equal(mars_role_state(SESSION_FIN_BY_CLIENT, SENDER_CLIENT), "FIN SENT");
    assert_string_equal(mars_role_state(SESSION_FIN_BY_CLIENT, SENDER_SERVER), "FIN RECEIVED");
    assert_string_equal(mars_role_state(SESSION_FIN_BY_SERVER, SENDER_CLIENT), "FIN RECEIVED");
    assert_string_equal(mars_role_state(SESSION_FIN_BY_SERVER, SENDER_SERVER), "FIN SENT");
    assert_string_equal(mars_role_state(SESSION_CLOSED, SENDER_SERVER), "CLOSED");
    assert_string_equal(mars_role_state(SESSION_MIDWAY, SENDER_CLIENT), "not known");
}

static void the_table_has_no_row_twice(void **state)
{
    (void)state;
    bool seen[STATES][3][0x10] = {{{false}}};
    session_state_t from, to;
    sender_t sender;
    uint8_t flag;
    unsigned rows = 0;
    for (; mars_move_row(rows, &from, &sender, &flag, &to); rows++) {
        assert_in_range(from, 0, STATES - 1);
        assert_in_range(to, 0, STATES - 1);
        assert_false(seen[from][sender][flag]);
        seen[from][sender][flag] = true;
    }
    assert_in_range(rows, 1, 1000);
}

static void every_state_is_reached_and_left(void **state)
{
    (void)state;
    bool reached[STATES] = {[SESSION_UNKNOWN] = true}, left[STATES] = {false};
    session_state_t from, to;
    sender_t sender;
    uint8_t flag;
    for (unsigned round = 0; round < STATES; round++) {
        for (unsigned i = 0; mars_move_row(i, &from, &sender, &flag, &to); i++) {
            reached[to] = reached[to] || reached[from];
            left[from] = left[from] || from != to;
        }
    }
    for (unsigned i = 0; i < STATES; i++) {
        assert_true(reached[i] && left[i]);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_session_opens_and_talks),
        cmocka_unit_test(either_side_may_close_first),
        cmocka_unit_test(a_reused_sid_is_another_life),
        cmocka_unit_test(a_syn_on_an_open_sid_is_another_life_too),
        cmocka_unit_test(a_session_without_its_syn_is_midway),
        cmocka_unit_test(a_syn_of_the_server_opens_nothing),
        cmocka_unit_test(combined_flags_move_nothing),
        cmocka_unit_test(credit_wraps_with_the_numbers),
        cmocka_unit_test(states_have_the_names_of_the_specification),
        cmocka_unit_test(the_table_has_no_row_twice),
        cmocka_unit_test(every_state_is_reached_and_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
