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

static void play_one(mars_session_t *session, packet_row_t row, mars_violation_t violation)
{
    uint32_t length = row.flag == SMP_DATA ? 96 : SMP_HEADER_LENGTH;
    smp_header_t packet = {row.flag, 7, length, row.seqnum, row.wndw};
    session_state_t before = session->state;
    mars_outcome_t outcome = mars_see(session, row.sender, &packet, true);
    assert_int_equal(outcome.before, before);
    assert_int_equal(outcome.after, row.after);
    assert_int_equal(session->state, row.after);
    assert_true(outcome.has_credit);
    assert_int_equal(outcome.credit, row.credit);
    assert_int_equal(outcome.violation, violation);
}

static void play(mars_session_t *session, const packet_row_t *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        play_one(session, rows[i], MARS_SOUND);
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
        const packet_row_t syn = {SENDER_CLIENT, SMP_SYN, 0, 4, SESSION_ESTABLISHED, 4};
        const packet_row_t fin = {rows[i].first, SMP_FIN, 0, 4, rows[i].between, 4};
        const packet_row_t last = {sender_other(rows[i].first), SMP_FIN, 0, 4, SESSION_CLOSED, 4};
        mars_session_t session = new_session();
        play_one(&session, syn, MARS_SOUND);
        play_one(&session, fin, MARS_SOUND);
        play_one(&session, fin, MARS_DATA_AFTER_FIN); /* the same again changes nothing */
        play_one(&session, last, MARS_SOUND);
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
    static const session_state_t froms[] = {SESSION_ESTABLISHED, SESSION_FIN_BY_CLIENT, SESSION_FIN_BY_SERVER};
    static const packet_row_t syn[] = {{SENDER_CLIENT, SMP_SYN, 0, 4, SESSION_ESTABLISHED, 4}};
    for (size_t i = 0; i < COUNT_OF(froms); i++) {
        mars_session_t session = new_session();
        PLAY(&session, syn);
        session.state = froms[i];
        play_one(&session, syn[0], MARS_SID_REUSED_EARLY);
        assert_int_equal(session.generation, 1);
    }
}

/* A capture that began later: the SYN of a SID met before is its first life all the same. */
static void a_session_without_its_syn_is_midway(void **state)
{
    (void)state;
    mars_session_t session = new_session();
    smp_header_t data = {SMP_DATA, 7, 96, 100, 102};
    mars_outcome_t outcome = mars_see(&session, SENDER_CLIENT, &data, false);
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
    assert_int_equal(mars_see(&session, SENDER_SERVER, &syn, true).after, SESSION_UNKNOWN);
    assert_false(session.opened);
    const packet_row_t open = {SENDER_CLIENT, SMP_SYN, 0, 4, SESSION_ESTABLISHED, 4};
    const packet_row_t not_open = {SENDER_SERVER, SMP_SYN, 0, 4, SESSION_ESTABLISHED, 4};
    play_one(&session, open, MARS_SOUND);
    play_one(&session, not_open, MARS_SYN_FROM_SERVER);
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
            assert_int_equal(mars_see(&session, SENDER_CLIENT, &packet, true).after, from);
            assert_int_equal(mars_see(&session, SENDER_SERVER, &packet, true).after, from);
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
        (void)mars_see(&session, SENDER_CLIENT, &ack, false);
        mars_outcome_t outcome = mars_see(&session, SENDER_SERVER, &data, false);
        assert_true(outcome.has_credit);
        assert_int_equal(outcome.credit, rows[i].credit);
    }
}

/* Both sides have sent a packet, and the client has acknowledged the server's. */
static mars_session_t opened_session(void)
{
    static const packet_row_t rows[] = {{SENDER_CLIENT, SMP_SYN, 0, 4, SESSION_ESTABLISHED, 4},
                                        {SENDER_CLIENT, SMP_DATA, 1, 4, SESSION_ESTABLISHED, 3},
                                        {SENDER_SERVER, SMP_DATA, 1, 5, SESSION_ESTABLISHED, 3},
                                        {SENDER_CLIENT, SMP_ACK, 1, 5, SESSION_ESTABLISHED, 4}};
    mars_session_t session = new_session();
    PLAY(&session, rows);
    return session;
}

/* What MC-SMP forbids, one row each, and beside it what is nearly that and allowed. Each row follows on a session of
 * which both sides have sent one DATA: the client's WNDW is 5, the server's too. */
static void each_rule_is_raised_by_what_it_forbids(void **state)
{
    (void)state;
    static const struct {
        mars_violation_t violation;
        sender_t sender;
        uint8_t flags;
        uint32_t length, seqnum, wndw;
        uint8_t before; /* what the client sent just before: FIN, or 0 */
        bool fin_of_server;
    } rows[] = {
        {MARS_BAD_FLAGS, SENDER_CLIENT, SMP_DATA | SMP_ACK, 96, 2, 5, 0, false},
        {MARS_BAD_FLAGS, SENDER_CLIENT, SMP_SYN | SMP_FIN, 16, 1, 5, 0, false},
        {MARS_BAD_FLAGS, SENDER_CLIENT, 0, 16, 1, 5, 0, false},
        {MARS_BAD_FLAGS, SENDER_CLIENT, 0x10, 16, 1, 5, 0, false},
        {MARS_BAD_FLAGS, SENDER_SERVER, SMP_ACK, 17, 1, 5, 0, false},
        {MARS_BAD_FLAGS, SENDER_SERVER, SMP_FIN, 15, 1, 5, 0, false},
        {MARS_BAD_FLAGS, SENDER_SERVER, SMP_DATA, 15, 2, 5, 0, false},
        {MARS_SOUND, SENDER_SERVER, SMP_DATA, 16, 2, 5, 0, false}, /* of nothing: allowed */

        {MARS_SYN_FROM_SERVER, SENDER_SERVER, SMP_SYN, 16, 0, 4, 0, false},
        {MARS_SYN_FROM_SERVER, SENDER_SERVER, SMP_SYN, 16, 0, 4, SMP_FIN, true},

        {MARS_SID_REUSED_EARLY, SENDER_CLIENT, SMP_SYN, 16, 0, 4, 0, false},
        {MARS_SID_REUSED_EARLY, SENDER_CLIENT, SMP_SYN, 16, 0, 4, SMP_FIN, false},
        {MARS_SID_REUSED_EARLY, SENDER_CLIENT, SMP_SYN, 16, 0, 4, 0, true},
        {MARS_SOUND, SENDER_CLIENT, SMP_SYN, 16, 0, 4, SMP_FIN, true},

        {MARS_DATA_AFTER_FIN, SENDER_CLIENT, SMP_DATA, 96, 2, 5, SMP_FIN, false},
        {MARS_DATA_AFTER_FIN, SENDER_CLIENT, SMP_FIN, 16, 1, 5, SMP_FIN, true},
        {MARS_SOUND, SENDER_SERVER, SMP_DATA, 96, 2, 5, SMP_FIN, false}, /* the other side's FIN */
        {MARS_SOUND, SENDER_CLIENT, SMP_ACK, 16, 1, 6, SMP_FIN, false},

        {MARS_SEQUENCE, SENDER_CLIENT, SMP_DATA, 96, 3, 5, 0, false},
        {MARS_SEQUENCE, SENDER_CLIENT, SMP_DATA, 96, 1, 5, 0, false},
        {MARS_SEQUENCE, SENDER_CLIENT, SMP_DATA, 96, 0, 5, 0, false},
        {MARS_SOUND, SENDER_CLIENT, SMP_DATA, 96, 2, 5, 0, false},
        {MARS_SEQUENCE, SENDER_SERVER, SMP_ACK, 16, 0, 6, 0, false},
        {MARS_SEQUENCE, SENDER_SERVER, SMP_ACK, 16, 2, 6, 0, false},
        {MARS_SOUND, SENDER_SERVER, SMP_ACK, 16, 1, 6, 0, false},
        {MARS_SOUND, SENDER_SERVER, SMP_FIN, 16, 0, 6, 0, false}, /* MC-SMP 2.2.1.1: of a FIN, only "should" */

        {MARS_WINDOW_SHRUNK, SENDER_CLIENT, SMP_ACK, 16, 1, 4, 0, false},
        {MARS_WINDOW_SHRUNK, SENDER_CLIENT, SMP_DATA, 96, 2, 4, 0, false},
        {MARS_WINDOW_SHRUNK, SENDER_SERVER, SMP_FIN, 16, 1, 0xFFFFFFFF, 0, false},
        {MARS_SOUND, SENDER_CLIENT, SMP_ACK, 16, 1, 5, 0, false}, /* the same again */
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        mars_session_t session = opened_session();
        smp_header_t fin = {SMP_FIN, 7, 16, 1, 5};
        if (rows[i].before == SMP_FIN) {
            assert_int_equal(mars_see(&session, SENDER_CLIENT, &fin, true).violation, MARS_SOUND);
        }
        if (rows[i].fin_of_server) {
            assert_int_equal(mars_see(&session, SENDER_SERVER, &fin, true).violation, MARS_SOUND);
        }
        smp_header_t packet = {rows[i].flags, 7, rows[i].length, rows[i].seqnum, rows[i].wndw};
        assert_int_equal(mars_see(&session, rows[i].sender, &packet, true).violation, rows[i].violation);
    }
}

/* DATA up to the peer's WNDW, and one more. */
static void the_window_is_the_last_number_allowed(void **state)
{
    (void)state;
    static const packet_row_t full[] = {
        {SENDER_CLIENT, SMP_SYN, 0, 4, SESSION_ESTABLISHED, 4},
        {SENDER_SERVER, SMP_DATA, 1, 4, SESSION_ESTABLISHED, 3},
        {SENDER_SERVER, SMP_DATA, 2, 4, SESSION_ESTABLISHED, 2},
        {SENDER_SERVER, SMP_DATA, 3, 4, SESSION_ESTABLISHED, 1},
        {SENDER_SERVER, SMP_DATA, 4, 4, SESSION_ESTABLISHED, 0},
    };
    static const packet_row_t goes_on[] = {
        {SENDER_CLIENT, SMP_ACK, 0, 9, SESSION_ESTABLISHED, 4},
        {SENDER_SERVER, SMP_DATA, 6, 4, SESSION_ESTABLISHED, 3}, /* it is told once */
        {SENDER_CLIENT, SMP_DATA, 1, 9, SESSION_ESTABLISHED, 3},
        {SENDER_CLIENT, SMP_DATA, 2, 9, SESSION_ESTABLISHED, 2},
        {SENDER_CLIENT, SMP_DATA, 3, 9, SESSION_ESTABLISHED, 1},
        {SENDER_CLIENT, SMP_DATA, 4, 9, SESSION_ESTABLISHED, 0},
    };
    static const packet_row_t too_far[] = {{SENDER_SERVER, SMP_DATA, 5, 4, SESSION_ESTABLISHED, 0},
                                           {SENDER_CLIENT, SMP_DATA, 5, 9, SESSION_ESTABLISHED, 0}};
    mars_session_t session = new_session();
    PLAY(&session, full);
    play_one(&session, too_far[0], MARS_WINDOW_EXCEEDED);
    PLAY(&session, goes_on);
    play_one(&session, too_far[1], MARS_WINDOW_EXCEEDED);
}

/* A packet that nobody could read may have been any. What it may have said is not held against either side; what cannot
 * have changed still is. */
static void a_doubtful_packet_is_held_against_nobody(void **state)
{
    (void)state;
    static const struct {
        mars_violation_t violation; /* of the packet behind it */
        sender_t doubtful, sender;
        uint8_t flags;
        uint32_t seqnum, wndw;
    } rows[] = {
        {MARS_SOUND, SENDER_CLIENT, SENDER_CLIENT, SMP_DATA, 3, 5}, /* it was DATA */
        {MARS_SOUND, SENDER_CLIENT, SENDER_CLIENT, SMP_DATA, 2, 5}, /* it was not */
        {MARS_SOUND, SENDER_CLIENT, SENDER_CLIENT, SMP_ACK, 2, 5},
        {MARS_SOUND, SENDER_CLIENT, SENDER_SERVER, SMP_DATA, 2, 5},
        {MARS_SOUND, SENDER_SERVER, SENDER_CLIENT, SMP_SYN, 0, 4}, /* it was a FIN, like the one before */
        {MARS_SEQUENCE, SENDER_CLIENT, SENDER_SERVER, SMP_DATA, 3, 5},
        {MARS_SEQUENCE, SENDER_SERVER, SENDER_CLIENT, SMP_DATA, 3, 5},
        {MARS_WINDOW_SHRUNK, SENDER_CLIENT, SENDER_CLIENT, SMP_ACK, 1, 4},
        {MARS_WINDOW_EXCEEDED, SENDER_CLIENT, SENDER_CLIENT, SMP_DATA, 6, 5},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        mars_session_t session = opened_session();
        mars_doubt(&session, rows[i].doubtful);
        smp_header_t packet = {rows[i].flags, 7, 16, rows[i].seqnum, rows[i].wndw};
        assert_int_equal(mars_see(&session, rows[i].sender, &packet, true).violation, rows[i].violation);
    }
}

/* What a side may send is not known until the other has spoken again. */
static void behind_a_doubtful_packet_credit_is_not_known(void **state)
{
    (void)state;
    static const packet_row_t open[] = {{SENDER_CLIENT, SMP_SYN, 0, 4, SESSION_ESTABLISHED, 4},
                                        {SENDER_SERVER, SMP_DATA, 1, 4, SESSION_ESTABLISHED, 3}};
    mars_session_t session = new_session();
    PLAY(&session, open);
    smp_header_t bad = {SMP_ACK | SMP_DATA, 7, 16, 0, 5}, data = {SMP_DATA, 7, 16, 2, 4}, ack = {SMP_ACK, 7, 16, 0, 6};
    assert_false(mars_see(&session, SENDER_CLIENT, &bad, true).has_credit);
    assert_false(mars_see(&session, SENDER_SERVER, &data, true).has_credit);
    (void)mars_see(&session, SENDER_CLIENT, &ack, true);
    data.seqnum = 3;
    mars_outcome_t outcome = mars_see(&session, SENDER_SERVER, &data, true);
    assert_true(outcome.has_credit && outcome.credit == 3 && outcome.after == SESSION_ESTABLISHED);
}

/* A session without SYN was never opened only where the capture has all of the connection. */
static void an_unknown_session_needs_a_complete_capture(void **state)
{
    (void)state;
    static const uint8_t flags[] = {SMP_DATA, SMP_ACK, SMP_FIN};
    for (size_t i = 0; i < 2 * COUNT_OF(flags); i++) {
        sender_t sender = i % 2 == 0 ? SENDER_CLIENT : SENDER_SERVER;
        smp_header_t packet = {flags[i / 2], 7, 16, 9, 9};
        mars_session_t session = new_session();
        assert_int_equal(mars_see(&session, sender, &packet, true).violation, MARS_UNKNOWN_SESSION);
        assert_int_equal(mars_see(&session, sender_other(sender), &packet, true).violation, MARS_SOUND);
        session = new_session();
        assert_int_equal(mars_see(&session, sender, &packet, false).violation, MARS_SOUND);
    }
}

/* One wrong number is told once, whether the sender goes on from it or from where it was. */
static void a_wrong_number_is_told_once(void **state)
{
    (void)state;
    static const struct {
        uint8_t flag;
        uint32_t wrong, then, last;
    } rows[] = {
        {SMP_DATA, 3, 4, 5}, {SMP_DATA, 3, 3, 4}, {SMP_DATA, 9, 3, 4}, {SMP_DATA, 1, 2, 3},
        {SMP_DATA, 1, 3, 4}, {SMP_ACK, 3, 4, 5},  {SMP_ACK, 3, 2, 3},  {SMP_ACK, 0, 2, 3},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        mars_session_t session = new_session();
        smp_header_t syn = {SMP_SYN, 7, 16, 0, 100}, data = {SMP_DATA, 7, 96, 1, 100};
        smp_header_t wrong = {rows[i].flag, 7, 16, rows[i].wrong, 100};
        smp_header_t ack = {SMP_ACK, 7, 16, rows[i].last, 101};
        (void)mars_see(&session, SENDER_CLIENT, &syn, true);
        assert_int_equal(mars_see(&session, SENDER_SERVER, &data, true).violation, MARS_SOUND);
        assert_int_equal(mars_see(&session, SENDER_SERVER, &wrong, true).violation, MARS_SEQUENCE);
        data.seqnum = rows[i].then;
        assert_int_equal(mars_see(&session, SENDER_SERVER, &data, true).violation, MARS_SOUND);
        data.seqnum = rows[i].last;
        assert_int_equal(mars_see(&session, SENDER_SERVER, &data, true).violation, MARS_SOUND);
        assert_int_equal(mars_see(&session, SENDER_SERVER, &ack, true).violation, MARS_SOUND);
    }
}

/* A wrong number in the first packet of a side is no number to go on from. */
static void the_first_packet_of_a_side_counts_from_zero(void **state)
{
    (void)state;
    static const packet_row_t rows[] = {{SENDER_CLIENT, SMP_SYN, 0, 4, SESSION_ESTABLISHED, 4},
                                        {SENDER_SERVER, SMP_ACK, 5, 4, SESSION_ESTABLISHED, 4},
                                        {SENDER_SERVER, SMP_DATA, 1, 4, SESSION_ESTABLISHED, 3}};
    mars_session_t session = new_session();
    play_one(&session, rows[0], MARS_SOUND);
    play_one(&session, rows[1], MARS_SEQUENCE);
    play_one(&session, rows[2], MARS_SOUND);
}

/* Both numbers go over 0xFFFFFFFF without a word, in a session that was joined midway. */
static void nothing_is_wrong_where_the_numbers_wrap(void **state)
{
    (void)state;
    mars_session_t session = new_session();
    smp_header_t data = {SMP_DATA, 7, 96, 0xFFFFFFF0, 0xFFFFFFF9}, ack = {SMP_ACK, 7, 16, 0xFFFFFFF5, 0xFFFFFFF2};
    for (unsigned i = 0; i < 40; i++) {
        assert_int_equal(mars_see(&session, SENDER_CLIENT, &ack, false).violation, MARS_SOUND);
        mars_outcome_t outcome = mars_see(&session, SENDER_SERVER, &data, false);
        assert_int_equal(outcome.violation, MARS_SOUND);
        assert_int_equal(outcome.credit, 2);
        ack.wndw++;
        data.seqnum++;
    }
    assert_uint_in_range(data.seqnum, 0, 100);
    data.seqnum = ack.wndw;
    assert_int_equal(mars_see(&session, SENDER_SERVER, &data, false).violation, MARS_SEQUENCE);
    ack.wndw = 0xFFFFFFFF;
    assert_int_equal(mars_see(&session, SENDER_CLIENT, &ack, false).violation, MARS_WINDOW_SHRUNK);
}

/* What is not known is not judged: neither numbers, nor a FIN that may have been missed. */
static void a_session_joined_midway_is_taken_as_it_comes(void **state)
{
    (void)state;
    mars_session_t session = new_session();
    smp_header_t data = {SMP_DATA, 7, 96, 500, 90}, ack = {SMP_ACK, 7, 16, 86, 501}, syn = {SMP_SYN, 7, 16, 0, 4};
    smp_header_t fin = {SMP_FIN, 7, 16, 500, 90};
    assert_int_equal(mars_see(&session, SENDER_SERVER, &data, false).violation, MARS_SOUND);
    assert_int_equal(mars_see(&session, SENDER_CLIENT, &ack, false).violation, MARS_SOUND);
    assert_int_equal(mars_see(&session, SENDER_SERVER, &fin, false).violation, MARS_SOUND);
    assert_int_equal(session.state, SESSION_FIN_BY_SERVER);
    assert_int_equal(mars_see(&session, SENDER_CLIENT, &syn, false).violation, MARS_SOUND);
    assert_int_equal(mars_see(&session, SENDER_CLIENT, &syn, false).violation, MARS_SID_REUSED_EARLY);
}

/* Behind a gap a side may have said anything; what comes next is where it stands now. */
static void behind_a_gap_numbers_are_taken_as_they_come(void **state)
{
    (void)state;
    static const packet_row_t open[] = {{SENDER_CLIENT, SMP_SYN, 0, 4, SESSION_ESTABLISHED, 4},
                                        {SENDER_CLIENT, SMP_DATA, 1, 4, SESSION_ESTABLISHED, 3},
                                        {SENDER_SERVER, SMP_DATA, 1, 5, SESSION_ESTABLISHED, 3}};
    for (sender_t sender = SENDER_CLIENT; sender <= SENDER_SERVER; sender++) {
        mars_session_t session = new_session();
        sender_t other = sender_other(sender);
        PLAY(&session, open);
        mars_gap(&session, sender);
        smp_header_t data = {SMP_DATA, 7, 96, 2, 34}; /* it read what is missing here */
        mars_outcome_t outcome = mars_see(&session, other, &data, false);
        assert_int_equal(outcome.violation, MARS_SOUND);
        assert_false(outcome.has_credit); /* the window may be any now */
        data = (smp_header_t){SMP_DATA, 7, 96, 30, 6};
        assert_int_equal(mars_see(&session, sender, &data, false).violation, MARS_SOUND);
        data.seqnum = 32; /* known again */
        assert_int_equal(mars_see(&session, sender, &data, false).violation, MARS_SEQUENCE);
    }
}

/* The numbers of the other side stay known, unless the client's SYN of another life may be missing. */
static void a_gap_of_the_server_leaves_the_client_known(void **state)
{
    (void)state;
    static const mars_violation_t due[] = {[SENDER_CLIENT] = MARS_SOUND, [SENDER_SERVER] = MARS_SEQUENCE};
    for (sender_t sender = SENDER_CLIENT; sender <= SENDER_SERVER; sender++) {
        mars_session_t session = new_session();
        smp_header_t syn = {SMP_SYN, 7, 16, 0, 4}, data = {SMP_DATA, 7, 96, 1, 4};
        (void)mars_see(&session, SENDER_CLIENT, &syn, true);
        (void)mars_see(&session, sender_other(sender), &data, true);
        mars_gap(&session, sender);
        data.seqnum = 3;
        assert_int_equal(mars_see(&session, sender_other(sender), &data, false).violation, due[sender]);
    }
}

/* A gap can hold both FINs and the SYN of another life. */
static void behind_a_gap_a_sid_may_have_another_life(void **state)
{
    (void)state;
    static const packet_row_t closed[] = {{SENDER_CLIENT, SMP_SYN, 0, 4, SESSION_ESTABLISHED, 4},
                                          {SENDER_SERVER, SMP_FIN, 0, 4, SESSION_FIN_BY_SERVER, 4},
                                          {SENDER_CLIENT, SMP_FIN, 0, 4, SESSION_CLOSED, 4}};
    smp_header_t syn = {SMP_SYN, 7, 16, 0, 4}, data = {SMP_DATA, 7, 96, 1, 5};
    for (size_t played = 1; played <= COUNT_OF(closed); played++) {
        mars_session_t session = new_session();
        play(&session, closed, played);
        mars_gap(&session, SENDER_CLIENT);
        mars_session_t again = session;
        assert_int_equal(mars_see(&session, SENDER_SERVER, &data, false).violation, MARS_SOUND);
        assert_int_equal(mars_see(&session, SENDER_CLIENT, &data, false).violation, MARS_SOUND);
        assert_true(mars_is_open(session.state));
        assert_int_equal(mars_see(&again, SENDER_CLIENT, &syn, false).violation, MARS_SOUND);
    }
    mars_session_t session = new_session();
    play(&session, closed, COUNT_OF(closed));
    mars_gap(&session, SENDER_SERVER); /* a FIN of the client that was seen is still known */
    assert_int_equal(mars_see(&session, SENDER_CLIENT, &data, false).violation, MARS_DATA_AFTER_FIN);
}

/* FreeTDS acknowledges every second packet; SqlClient's managed network layer every third, and as a sender it stops
 * one short of the window. */
static void the_habits_of_drivers_are_no_error(void **state)
{
    (void)state;
    static const struct {
        unsigned threshold;
        bool fills_window;
    } drivers[] = {{2, true}, {3, false}};
    for (size_t i = 0; i < COUNT_OF(drivers); i++) {
        mars_session_t session = new_session();
        smp_header_t syn = {SMP_SYN, 7, 16, 0, 4}, ack = {SMP_ACK, 7, 16, 0, 4}, data = {SMP_DATA, 7, 96, 0, 4};
        (void)mars_see(&session, SENDER_CLIENT, &syn, true);
        for (unsigned count = 0; count < 1000; count++) { /* the server's response */
            data.seqnum++;
            assert_int_equal(mars_see(&session, SENDER_SERVER, &data, true).violation, MARS_SOUND);
            if (data.seqnum + 4 - ack.wndw >= drivers[i].threshold) {
                ack.wndw = data.seqnum + 4;
                assert_int_equal(mars_see(&session, SENDER_CLIENT, &ack, true).violation, MARS_SOUND);
            }
        }
        smp_header_t request = {SMP_DATA, 7, 96, 0, ack.wndw}, open = {SMP_ACK, 7, 16, data.seqnum, 4};
        for (unsigned count = 0; count < 1000; count++) { /* a long request of the client */
            request.seqnum++;
            mars_outcome_t outcome = mars_see(&session, SENDER_CLIENT, &request, true);
            assert_int_equal(outcome.violation, MARS_SOUND);
            if (outcome.credit == (drivers[i].fills_window ? 0 : 1)) {
                open.wndw = request.seqnum + 4;
                assert_int_equal(mars_see(&session, SENDER_SERVER, &open, true).violation, MARS_SOUND);
            }
        }
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
        assert_uint_in_range(from, 0, STATES - 1);
        assert_uint_in_range(to, 0, STATES - 1);
        assert_false(seen[from][sender][flag]);
        seen[from][sender][flag] = true;
    }
    assert_uint_in_range(rows, 1, 1000);
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
        cmocka_unit_test(each_rule_is_raised_by_what_it_forbids),
        cmocka_unit_test(the_window_is_the_last_number_allowed),
        cmocka_unit_test(a_doubtful_packet_is_held_against_nobody),
        cmocka_unit_test(behind_a_doubtful_packet_credit_is_not_known),
        cmocka_unit_test(an_unknown_session_needs_a_complete_capture),
        cmocka_unit_test(a_wrong_number_is_told_once),
        cmocka_unit_test(the_first_packet_of_a_side_counts_from_zero),
        cmocka_unit_test(nothing_is_wrong_where_the_numbers_wrap),
        cmocka_unit_test(a_session_joined_midway_is_taken_as_it_comes),
        cmocka_unit_test(behind_a_gap_numbers_are_taken_as_they_come),
        cmocka_unit_test(a_gap_of_the_server_leaves_the_client_known),
        cmocka_unit_test(behind_a_gap_a_sid_may_have_another_life),
        cmocka_unit_test(the_habits_of_drivers_are_no_error),
        cmocka_unit_test(states_have_the_names_of_the_specification),
        cmocka_unit_test(the_table_has_no_row_twice),
        cmocka_unit_test(every_state_is_reached_and_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
