/* dialect_test.c - how old the TDS of a connection is, by its requests.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "vectors.h"

#include "dialect.h"
#include "tds.h"

static span_t headers(void)
{
    return JOIN(u32le(22), u32le(18), u16le(2), zeros(8), u32le(1));
}

static void expect(uint8_t type, span_t payload, bool wide_done, bool wide_text)
{
    token_format_t format;
    assert_true(dialect_of_request(type, payload, &format));
    assert_int_equal(format.wide_done, wide_done);
    assert_int_equal(format.wide_text, wide_text);
}

static void expect_nothing(uint8_t type, span_t payload)
{
    token_format_t format;
    assert_false(dialect_of_request(type, payload, &format));
}

static void all_headers_are_of_7_2(void **state)
{
    (void)state;
    expect(TDS_SQL_BATCH, JOIN(headers(), utf16("select 1")), true, true);
    expect(TDS_RPC, JOIN(headers(), u16le(0xFFFF), u16le(10)), true, true);
}

static void text_of_two_bytes_is_of_7_0(void **state)
{
    (void)state;
    expect(TDS_SQL_BATCH, utf16("select 1"), false, true);
    expect(TDS_SQL_BATCH, utf16("\r\n--"), false, true);
    expect(TDS_RPC, us_varchar("sp_who"), false, true);
    expect(TDS_RPC, JOIN(u16le(0xFFFF), u16le(10), u16le(0)), false, true);
}

static void text_of_one_byte_is_older(void **state)
{
    (void)state;
    expect(TDS_SQL_BATCH, hex("73656C6563742031"), false, false);
    expect(TDS_RPC, JOIN(u8(6), hex("73705F77686F"), zeros(2)), false, false);
}

static void what_tells_nothing_is_not_guessed(void **state)
{
    (void)state;
    expect_nothing(TDS_SQL_BATCH, span_none());
    expect_nothing(TDS_SQL_BATCH, hex("7300"));
    expect_nothing(TDS_SQL_BATCH, hex("736500656C00")); /* neither */
    expect_nothing(TDS_RPC, zeros(20));
    expect_nothing(TDS_RPC, u16le(3));
    expect_nothing(TDS_BULK_LOAD, utf16("select 1"));
    expect_nothing(TDS_5_NORMAL, hex("73656C6563742031"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_headers_are_of_7_2),
        cmocka_unit_test(text_of_two_bytes_is_of_7_0),
        cmocka_unit_test(text_of_one_byte_is_older),
        cmocka_unit_test(what_tells_nothing_is_not_guessed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
