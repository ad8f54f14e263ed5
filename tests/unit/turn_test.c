/* turn_test.c - whose turn it is, since when, and whether the bytes that handed the turn over arrived.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "vectors.h"

#include "turn.h"

#define SECOND 1000000000LL

static const handover_t request = {MESSAGE_SQL_BATCH, SENDER_CLIENT, 10, 5 * SECOND, 5 * SECOND};

static turn_t open_request(void)
{
    turn_t turn = {0};
    turn_pass(&turn, command_debt(MESSAGE_SQL_BATCH), &request);
    return turn;
}

static segment_t sent(uint32_t frame, int64_t at, uint32_t seq, uint32_t length)
{
    return (segment_t){.frame = frame, .at = at, .sender = SENDER_CLIENT, .seq = seq, .length = length};
}

static segment_t sent_again(uint32_t frame, int64_t at, uint32_t seq, uint32_t length)
{
    segment_t segment = sent(frame, at, seq, length);
    segment.again = true;
    return segment;
}

static segment_t acked(uint32_t frame, int64_t at, uint32_t ack)
{
    return (segment_t){.frame = frame, .at = at, .sender = SENDER_SERVER, .acknowledges = true, .ack = ack};
}

static void take(turn_t *turn, segment_t segment, uint32_t unacked)
{
    turn_segment(turn, &segment, unacked);
}

static debt_t login_after(position_t position, message_t seen, sender_t sender)
{
    connection_t connection;
    connection_init(&connection);
    connection.position = position;
    return login_debt(&connection, seen, sender);
}

static void test_a_login_says_who_owes_what(void **state)
{
    (void)state;
    static const struct {
        position_t position;
        message_t seen;
        sender_t sender, owes;
        const char *awaited;
    } rows[] = {
        {POSITION_SYN_SENT, MESSAGE_SYN, SENDER_CLIENT, SENDER_SERVER, "its SYN-ACK"},
        {POSITION_PRELOGIN, MESSAGE_PRELOGIN, SENDER_CLIENT, SENDER_SERVER, "its answer to PRELOGIN"},
        {POSITION_ANSWERED, MESSAGE_PRELOGIN_RESPONSE, SENDER_SERVER, SENDER_CLIENT, "its ClientHello or LOGIN7"},
        {POSITION_HELLO_ANSWERED, MESSAGE_SERVER_HELLO, SENDER_SERVER, SENDER_CLIENT, "its key exchange"},
        {POSITION_KEYS, MESSAGE_CLIENT_KEY, SENDER_CLIENT, SENDER_SERVER, "its Finished"},
        {POSITION_KEYS, MESSAGE_SERVER_FINISHED, SENDER_SERVER, SENDER_CLIENT, "its Finished"},
        {POSITION_CHALLENGED, MESSAGE_NTLM_CHALLENGE, SENDER_SERVER, SENDER_CLIENT, "its token"},
        {POSITION_CHALLENGED, MESSAGE_KERBEROS_AP_REP, SENDER_SERVER, SENDER_SERVER, "its LOGINACK"},
        {POSITION_RESPONDED, MESSAGE_NTLM_AUTHENTICATE, SENDER_CLIENT, SENDER_SERVER, "its answer to the token"},
        {POSITION_CONFIRMED, MESSAGE_LOGINACK, SENDER_SERVER, SENDER_UNKNOWN, NULL},
        {POSITION_REFUSED, MESSAGE_LOGIN_ERROR, SENDER_SERVER, SENDER_UNKNOWN, NULL},
    };
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        debt_t debt = login_after(rows[i].position, rows[i].seen, rows[i].sender);
        assert_int_equal(debt.owes, rows[i].owes);
        if (rows[i].awaited == NULL) {
            assert_null(awaited_text(debt.awaited));
        } else {
            assert_string_equal(awaited_text(debt.awaited), rows[i].awaited);
        }
    }
}

static void test_a_command_is_owed_its_response(void **state)
{
    (void)state;
    assert_string_equal(awaited_text(command_debt(MESSAGE_RPC).awaited), "its response to the RPC");
    assert_string_equal(awaited_text(command_debt(MESSAGE_ATTENTION).awaited), "its acknowledgement of the ATTENTION");
    assert_int_equal(command_debt(MESSAGE_RPC).owes, SENDER_SERVER);
    assert_int_equal(command_debt(MESSAGE_RESPONSE).owes, SENDER_UNKNOWN);
}

static void test_every_message_that_is_answered_has_words(void **state)
{
    (void)state;
    for (message_t message = MESSAGE_NONE; message < MESSAGE_REQUEST; message++) {
        message_kind_t kind = message_kind(message);
        bool answered = kind == KIND_REQUEST || kind == KIND_ATTENTION;
        assert_true(!answered || awaited_text(command_debt(message).awaited) != NULL);
    }
}

static void test_delivered_at_once(void **state)
{
    (void)state;
    turn_t turn = open_request();
    take(&turn, sent(10, 5 * SECOND, 1000, 100), 1000);
    take(&turn, acked(11, 5 * SECOND + 40, 1100), 0);
    assert_true(turn_was_delivered(&turn));
    assert_int_equal(turn_sendings(&turn), 1);
    wait_parts_t parts = turn_parts(&turn, 8 * SECOND);
    assert_int_equal(parts.request_spread, 40);
    assert_int_equal(parts.service_time, 3 * SECOND - 40);
}

static void test_sent_three_times(void **state)
{
    (void)state;
    turn_t turn = open_request();
    take(&turn, sent(10, 5 * SECOND, 1000, 100), 1000);
    take(&turn, sent_again(11, 8 * SECOND, 1000, 100), 1000);
    take(&turn, sent_again(12, 14 * SECOND, 1000, 100), 1000);
    assert_false(turn_was_delivered(&turn));
    take(&turn, acked(13, 14 * SECOND + 1, 1100), 0);
    assert_int_equal(turn_sendings(&turn), 3);
    assert_int_equal(turn_parts(&turn, 14 * SECOND + 2).request_spread, 9 * SECOND + 1);
}

/* The answer brings the ACK: the peer had the request after the last sending, not when it answered. */
static void test_only_the_answer_acknowledges(void **state)
{
    (void)state;
    turn_t turn = open_request();
    take(&turn, sent(10, 5 * SECOND, 1000, 100), 1000);
    take(&turn, sent_again(11, 8 * SECOND, 1000, 100), 1000);
    take(&turn, acked(12, 20 * SECOND, 1100), 0);
    wait_parts_t parts = turn_parts(&turn, 20 * SECOND);
    assert_int_equal(parts.request_spread, 3 * SECOND);
    assert_int_equal(parts.service_time, 12 * SECOND);
}

static void test_an_ack_tells_the_arrival_until_the_next_sending_is_due(void **state)
{
    (void)state;
    turn_t turn = open_request();
    take(&turn, sent(10, 5 * SECOND, 1000, 100), 1000);
    take(&turn, sent_again(11, 8 * SECOND, 1000, 100), 1000);
    assert_int_equal(turn_arrival(&turn), MOMENT_NONE);
    turn_t late = turn;
    take(&turn, acked(12, 15 * SECOND, 1100), 0); /* 3 s until the second sending, 6 s until the third and one more */
    assert_int_equal(turn_arrival(&turn), 15 * SECOND);
    take(&late, acked(12, 15 * SECOND + 1, 1100), 0);
    assert_int_equal(turn_arrival(&late), MOMENT_NONE);
}

static void test_a_copy_is_no_sending(void **state)
{
    (void)state;
    turn_t turn = open_request();
    segment_t copy = sent(11, 5 * SECOND + 100, 1000, 100);
    copy.copy = true;
    take(&turn, sent(10, 5 * SECOND, 1000, 100), 1000);
    take(&turn, copy, 1000);
    assert_int_equal(turn_sendings(&turn), 1);
}

/* A message of several segments, of which the first is lost: what the peer lacks is the beginning. */
static void test_the_receiver_says_what_it_lacks(void **state)
{
    (void)state;
    turn_t turn = open_request();
    take(&turn, sent(10, 5 * SECOND, 3920, 80), 1000);
    segment_t sack = acked(11, 5 * SECOND + 1, 1000);
    sack.selective = 80;
    take(&turn, sack, 0);
    assert_int_equal(turn.delivery.lacking_frame, 11);
    assert_int_equal(turn.delivery.arrived, 80);
    for (uint32_t i = 1; i <= 5; i++) {
        take(&turn, sent_again(11 + i, (5 + i) * SECOND, 1000, 1460), 1000);
    }
    assert_int_equal(turn_sendings(&turn), 6);
    assert_false(turn_was_delivered(&turn));
    assert_int_equal(turn_lost_segment(&turn, 5), 1460);
    assert_int_equal(turn_lost_segment(&turn, 6), 0);
    take(&turn, acked(20, 20 * SECOND, 4000), 0);
    assert_int_equal(turn_lost_segment(&turn, 5), 0);
}

static void test_a_segment_is_of_the_message_by_its_number(void **state)
{
    (void)state;
    turn_t turn = open_request();
    assert_true(turn_is_of_message(&turn, 77)); /* no number is known */
    take(&turn, sent(10, 5 * SECOND, 3920, 80), 1000);
    assert_false(turn_is_of_message(&turn, 999));
    assert_true(turn_is_of_message(&turn, 1000));
    assert_true(turn_is_of_message(&turn, 3999));
    assert_false(turn_is_of_message(&turn, 4000));
}

static void test_sequence_numbers_come_round(void **state)
{
    (void)state;
    turn_t turn = open_request();
    take(&turn, sent(10, 5 * SECOND, 0xFFFFFFC0u, 100), 0xFFFFFFC0u);
    take(&turn, acked(11, 5 * SECOND + 1, 0xFFFFFFC0u), 0);
    assert_false(turn_was_delivered(&turn));
    take(&turn, acked(12, 5 * SECOND + 2, 36), 0);
    assert_true(turn_was_delivered(&turn));
}

static void test_nobody_owes_anything_after_an_answer(void **state)
{
    (void)state;
    turn_t turn = open_request();
    handover_t response = {MESSAGE_RESPONSE, SENDER_SERVER, 12, 6 * SECOND, 6 * SECOND};
    turn_pass(&turn, command_debt(MESSAGE_RESPONSE), &response);
    assert_false(turn_is_open(&turn));
    take(&turn, sent_again(13, 7 * SECOND, 1000, 100), 1000);
    assert_int_equal(turn_sendings(&turn), 1);
}

/* Seen at the server: what it sent is watched though nobody owes anything. */
static void test_the_delivery_of_an_answer_is_watched(void **state)
{
    (void)state;
    turn_t turn = open_request();
    handover_t response = {MESSAGE_RESPONSE, SENDER_SERVER, 12, 6 * SECOND, 6 * SECOND};
    turn_pass(&turn, command_debt(MESSAGE_RESPONSE), &response);
    segment_t answer = {.frame = 12, .at = 6 * SECOND, .sender = SENDER_SERVER, .seq = 500, .length = 50};
    take(&turn, answer, 500);
    answer.frame = 13;
    answer.again = true;
    take(&turn, answer, 500);
    segment_t ack = {.frame = 14, .at = 9 * SECOND, .sender = SENDER_CLIENT, .acknowledges = true, .ack = 550};
    take(&turn, ack, 0);
    assert_int_equal(turn_sendings(&turn), 2);
    assert_int_equal(turn.delivery.acked_frame, 14);
}

/* Whether it is cancelled or not; an answer ends it, and what nobody can read is none. */
static void test_a_turn_knows_the_request_that_waits(void **state)
{
    (void)state;
    turn_t turn = open_request();
    uint32_t asked = turn.frame;
    assert_int_equal(turn_request(&turn), asked);
    assert_false(turn_is_cancel(&turn));
    const handover_t cancel = {MESSAGE_ATTENTION, SENDER_CLIENT, 20, 6 * SECOND, 6 * SECOND};
    turn_pass(&turn, command_debt(MESSAGE_ATTENTION), &cancel);
    assert_true(turn_is_cancel(&turn));
    assert_int_equal(turn.frame, 20);
    assert_int_equal(turn_request(&turn), asked);
    turn_pass(&turn, command_debt(MESSAGE_ATTENTION), &cancel);
    assert_int_equal(turn_request(&turn), asked);
    const handover_t response = {MESSAGE_RESPONSE, SENDER_SERVER, 21, 7 * SECOND, 7 * SECOND};
    turn_pass(&turn, command_debt(MESSAGE_RESPONSE), &response);
    assert_int_equal(turn_request(&turn), 0);
    turn_pass(&turn, command_debt(MESSAGE_ATTENTION), &cancel);
    assert_int_equal(turn_request(&turn), 0);
    const handover_t hidden = {MESSAGE_ENCRYPTED, SENDER_CLIENT, 22, 7 * SECOND, 7 * SECOND};
    turn_pass(&turn, command_debt(MESSAGE_ENCRYPTED), &hidden);
    assert_int_equal(turn_request(&turn), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_login_says_who_owes_what),
        cmocka_unit_test(test_a_command_is_owed_its_response),
        cmocka_unit_test(test_every_message_that_is_answered_has_words),
        cmocka_unit_test(test_delivered_at_once),
        cmocka_unit_test(test_sent_three_times),
        cmocka_unit_test(test_only_the_answer_acknowledges),
        cmocka_unit_test(test_an_ack_tells_the_arrival_until_the_next_sending_is_due),
        cmocka_unit_test(test_a_copy_is_no_sending),
        cmocka_unit_test(test_the_receiver_says_what_it_lacks),
        cmocka_unit_test(test_a_segment_is_of_the_message_by_its_number),
        cmocka_unit_test(test_sequence_numbers_come_round),
        cmocka_unit_test(test_nobody_owes_anything_after_an_answer),
        cmocka_unit_test(test_the_delivery_of_an_answer_is_watched),
        cmocka_unit_test(test_a_turn_knows_the_request_that_waits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
