/* bytes_test.c - bounded reading, and what is only a beginning.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "vectors.h"

static void a_part_is_cut_where_less_is_there(void **state)
{
    (void)state;
    span_t whole = text("MSSQLSvc/host:1433");
    assert_text(span_part(whole, 9, 9), "host:1433");
    assert_false(span_part(whole, 9, 9).cut);
    assert_text(span_part(whole, 14, 5), "1433");
    assert_true(span_part(whole, 14, 5).cut);
    assert_true(span_part(whole, 18, 1).cut);
    assert_false(span_part(whole, 30, 0).cut);
}

/* What a cut message holds to its end is whole. */
static void a_part_of_cut_bytes_may_be_whole(void **state)
{
    (void)state;
    span_t beginning = span_part(text("a name"), 0, 20);
    assert_true(beginning.cut);
    assert_false(span_part(beginning, 2, 4).cut);
}

static void the_rest_and_the_head_are_cut_where_the_whole_is(void **state)
{
    (void)state;
    span_t whole = text("abcdef");
    span_t cut = span_part(whole, 0, 7);
    assert_text(span_from(whole, 4), "ef");
    assert_false(span_from(whole, 4).cut);
    assert_true(span_from(cut, 4).cut);
    assert_int_equal(span_from(whole, 9).length, 0);
    assert_text(span_head(whole, 2), "ab");
    assert_true(span_head(whole, 2).cut);
    assert_false(span_head(whole, 6).cut);
    assert_true(span_head(cut, 60).cut);
}

static void what_is_cut_equals_nothing(void **state)
{
    (void)state;
    span_t whole = text("MSSQLSvc");
    span_t cut = span_part(whole, 0, 9);
    assert_true(span_equal(whole, whole));
    assert_false(span_equal(whole, cut));
    assert_false(span_equal(cut, cut));
}

static void a_part_that_runs_past_the_end_ends_the_reader(void **state)
{
    (void)state;
    reader_t r = reader_of(text("abcdef"));
    assert_text(read_part(&r, 2), "ab");
    assert_true(r.ok);
    span_t cut = read_part(&r, 5);
    assert_text(cut, "cdef");
    assert_true(cut.cut);
    assert_false(r.ok);
    assert_true(read_part(&r, 0).cut); /* how long it is was read behind the end, too */
    assert_int_equal(read_part(&r, 1).length, 0);
}

static void the_last_part_is_whole(void **state)
{
    (void)state;
    reader_t r = reader_of(text("ab"));
    assert_false(read_part(&r, 2).cut);
    assert_true(r.ok);
    assert_false(read_part(&r, 0).cut);
    assert_true(r.ok);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_part_is_cut_where_less_is_there),
        cmocka_unit_test(a_part_of_cut_bytes_may_be_whole),
        cmocka_unit_test(the_rest_and_the_head_are_cut_where_the_whole_is),
        cmocka_unit_test(what_is_cut_equals_nothing),
        cmocka_unit_test(a_part_that_runs_past_the_end_ends_the_reader),
        cmocka_unit_test(the_last_part_is_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
