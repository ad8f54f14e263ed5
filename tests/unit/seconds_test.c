/* seconds_test.c - durations in words: the same in every locale.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "vectors.h"

#include "seconds.h"

static const struct {
    int64_t nanoseconds;
    unsigned decimals;
    const char *text;
} rows[] = {
    {0, 3, "0.000"},
    {2509000000, 3, "2.509"},
    {1000000, 3, "0.001"},
    {499999, 3, "0.000"},
    {500000, 3, "0.001"},
    {999499999, 3, "0.999"},
    {999500000, 3, "1.000"},
    {SECONDS(60), 3, "60.000"},
    {123456789, 6, "0.123457"},
    {1, 9, "0.000000001"},
    {1, 12, "0.000000001"},
    {299499999999, 0, "299"},
    {299500000000, 0, "300"},
    {-1952000000, 3, "-1.952"},
    {-499999, 3, "0.000"},
    {INT64_MAX, 3, "9223372036.855"},
    {-INT64_MAX, 9, "-9223372036.854775807"},
    {-INT64_MAX, 0, "-9223372037"},
    {INT64_MIN, 3, "?"},
};

static void rounds_to_the_decimals_asked_for(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_string_equal(seconds_rounded(rows[i].nanoseconds, rows[i].decimals).text, rows[i].text);
    }
}

static void sentences_have_three_decimals(void **state)
{
    (void)state;
    assert_string_equal(seconds(2509499999).text, "2.509");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rounds_to_the_decimals_asked_for),
        cmocka_unit_test(sentences_have_three_decimals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
