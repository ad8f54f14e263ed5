/* rpc_test.c - which procedure an RPC request calls.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "vectors.h"

#include "rpc.h"

#define HEADERS JOIN(u32le(22), u32le(18), u16le(2), zeros(8), u32le(1))

/* The call of a procedure by its number, or by name. */
static span_t by_number(unsigned number)
{
    return JOIN(u16le(0xFFFF), u16le(number), u16le(0));
}

static span_t by_name(unsigned length, span_t name)
{
    return JOIN(u16le(length), name, u16le(0));
}

static rpc_t called(span_t message)
{
    rpc_t rpc;
    assert_true(rpc_parse(message, &rpc));
    return rpc;
}

static void a_number_is_read_with_and_without_headers(void **state)
{
    (void)state;
    assert_int_equal(called(JOIN(HEADERS, by_number(10))).number, 10);
    assert_int_equal(called(by_number(13)).number, 13);
    assert_int_equal(called(by_number(13)).name.length, 0);
}

static void a_name_is_read_with_and_without_headers(void **state)
{
    (void)state;
    span_t name = utf16("dbo.orders");
    assert_true(span_equal(called(JOIN(HEADERS, by_name(10, name))).name, name));
    assert_true(span_equal(called(by_name(10, name)).name, name));
    assert_int_equal(called(by_name(10, name)).number, 0);
}

static void several_headers_are_stepped_over(void **state)
{
    (void)state;
    span_t trace = JOIN(u32le(26), u16le(3), zeros(20));
    span_t transaction = JOIN(u32le(18), u16le(2), zeros(12));
    assert_int_equal(called(JOIN(u32le(48), trace, transaction, by_number(15))).number, 15);
}

/* 22 characters, as long as the usual headers are. */
static void a_name_is_not_taken_for_headers(void **state)
{
    (void)state;
    span_t name = utf16("dbo.twentytwo_letters_");
    assert_true(span_equal(called(by_name(22, name)).name, name));
}

static void a_cut_name_is_what_is_there_of_it(void **state)
{
    (void)state;
    span_t name = utf16("dbo.orders");
    rpc_t rpc = called(span_part(by_name(10, name), 0, 2 + 7));
    assert_spans(rpc.name, span_part(name, 0, 7));
    assert_true(rpc.name.cut);
}

static void every_cut_and_nonsense_is_answered(void **state)
{
    (void)state;
    span_t whole = JOIN(HEADERS, by_number(10));
    rpc_t rpc;
    for (size_t length = 0; length < 22 + 4; length++) {
        assert_false(rpc_parse(span_part(whole, 0, length), &rpc));
    }
    assert_false(rpc_parse(u16le(0), &rpc));
    assert_false(rpc_parse(JOIN(u32le(22), u32le(18), u16le(2)), &rpc));
}

static void numbers_have_the_names_of_the_protocol(void **state)
{
    (void)state;
    assert_string_equal(rpc_well_known(1), "sp_cursor");
    assert_string_equal(rpc_well_known(10), "sp_executesql");
    assert_string_equal(rpc_well_known(15), "sp_unprepare");
    assert_null(rpc_well_known(0));
    assert_null(rpc_well_known(16));
    assert_null(rpc_well_known(0xFFFF));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_number_is_read_with_and_without_headers),
        cmocka_unit_test(a_name_is_read_with_and_without_headers),
        cmocka_unit_test(several_headers_are_stepped_over),
        cmocka_unit_test(a_name_is_not_taken_for_headers),
        cmocka_unit_test(a_cut_name_is_what_is_there_of_it),
        cmocka_unit_test(every_cut_and_nonsense_is_answered),
        cmocka_unit_test(numbers_have_the_names_of_the_protocol),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
