/* moment_test.c - durations that are known, and those that are not.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "vectors.h"

#include "moment.h"

static void a_duration_is_known_between_two_moments_in_their_order(void **state)
{
    (void)state;
    assert_int_equal(moment_since(5, 7), 2);
    assert_int_equal(moment_since(-5, 7), 12);
    assert_int_equal(moment_since(7, 7), 0);
    assert_int_equal(moment_since(0, MOMENT_LONGEST), MOMENT_LONGEST);
}

static void other_durations_are_not_known(void **state)
{
    (void)state;
    static const struct {
        moment_t from, to;
    } rows[] = {
        {7, 5},
        {MOMENT_NONE, 5},
        {5, MOMENT_NONE},
        {MOMENT_NONE, MOMENT_NONE},
        {0, MOMENT_LONGEST + 1},
        {INT64_MIN + 1, INT64_MAX},
        {INT64_MAX, INT64_MIN + 1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_true(moment_since(rows[i].from, rows[i].to) == MOMENT_NONE);
    }
}

static void a_sum_is_never_more_than_there_is_room_for(void **state)
{
    (void)state;
    assert_int_equal(moment_sum(5, -7), -2);
    assert_true(moment_sum(INT64_MAX, 1) == INT64_MAX);
    assert_true(moment_sum(INT64_MAX - 1, 1) == INT64_MAX);
    assert_true(moment_sum(-INT64_MAX, -1) == -INT64_MAX);
    assert_true(moment_sum(INT64_MAX, -INT64_MAX) == 0);
}

static void a_sum_with_something_unknown_is_unknown(void **state)
{
    (void)state;
    assert_true(moment_sum(MOMENT_NONE, 1) == MOMENT_NONE);
    assert_true(moment_sum(1, MOMENT_NONE) == MOMENT_NONE);
    assert_true(moment_at_least(MOMENT_NONE, 1) == MOMENT_NONE);
    assert_int_equal(moment_at_least(1, MOMENT_NONE), 1);
    assert_int_equal(moment_at_least(1, 2), 3);
}

static void what_is_unknown_is_longer_than_nothing(void **state)
{
    (void)state;
    assert_false(MOMENT_NONE >= 0);
    assert_false(MOMENT_NONE > -MOMENT_LONGEST);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_duration_is_known_between_two_moments_in_their_order),
        cmocka_unit_test(other_durations_are_not_known),
        cmocka_unit_test(a_sum_is_never_more_than_there_is_room_for),
        cmocka_unit_test(a_sum_with_something_unknown_is_unknown),
        cmocka_unit_test(what_is_unknown_is_longer_than_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
