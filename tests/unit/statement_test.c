/* statement_test.c - the SQL text that a request brings.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "vectors.h"

#include <string.h>

#include "statement.h"
#include "tds.h"

#define HEADERS   JOIN(u32le(22), u32le(18), u16le(2), zeros(8), u32le(1))
#define COLLATION zeros(5)
#define TDS_7_0   0x70000000u
#define TDS_7_1   0x71000001u
#define TDS_7_4   0x74000004u

/* A parameter without a name: flags, and what stands behind them. */
#define PARAMETER(...) JOIN(zeros(2), __VA_ARGS__)
#define INTEGER        PARAMETER(u8(0x26), u8(4), u8(4), u32le(7))
#define NO_INTEGER     PARAMETER(u8(0x26), u8(4), u8(0))

static uint8_t room[4096];

static statement_kind_t read_request(uint8_t type, span_t message, uint32_t version, statement_t *statement)
{
    assert_true(message.length <= sizeof room);
    return statement_of(type, message, version, room, statement);
}

static statement_t read_statement(uint8_t type, span_t message, uint32_t version)
{
    statement_t statement;
    assert_int_equal(read_request(type, message, version, &statement), STATEMENT_READ);
    return statement;
}

static statement_kind_t kind_of(uint8_t type, span_t message, uint32_t version)
{
    statement_t statement;
    return read_request(type, message, version, &statement);
}

static span_t varchar(span_t value)
{
    return PARAMETER(u8(0xE7), u16le(8000), COLLATION, u16le((unsigned)value.length), value);
}

static span_t in_pieces(span_t first, span_t second)
{
    return PARAMETER(u8(0xE7), u16le(0xFFFF), COLLATION, u32le((uint32_t)(first.length + second.length)), u32le(0),
                     u32le((uint32_t)first.length), first, u32le((uint32_t)second.length), second, u32le(0));
}

static span_t ntext(span_t value)
{
    return PARAMETER(u8(0x63), u32le(100), COLLATION, u32le((uint32_t)value.length), value);
}

static span_t by_number(unsigned number, span_t parameters)
{
    return JOIN(HEADERS, u16le(0xFFFF), u16le(number), u16le(0), parameters);
}

static span_t by_name(const char *name, span_t parameters)
{
    return JOIN(HEADERS, us_varchar(name), u16le(0), parameters);
}

static void a_batch_is_what_stands_behind_its_headers(void **state)
{
    (void)state;
    statement_t batch = read_statement(TDS_SQL_BATCH, JOIN(HEADERS, utf16("select 1")), 0);
    assert_utf16(batch.text, "select 1");
    assert_true(batch.wide && !batch.text.cut);
    assert_string_equal(batch.source, "batch");
    assert_int_equal(kind_of(TDS_SQL_BATCH, HEADERS, TDS_7_4), STATEMENT_NONE);
}

static void a_batch_of_old_has_no_headers(void **state)
{
    (void)state;
    assert_utf16(read_statement(TDS_SQL_BATCH, utf16("go"), TDS_7_1).text, "go");
    assert_true(read_statement(TDS_SQL_BATCH, utf16("select 1"), 0).wide);
    statement_t narrow = read_statement(TDS_SQL_BATCH, text("select 1"), 0x04020000);
    assert_text(narrow.text, "select 1");
    assert_false(narrow.wide);
    assert_false(read_statement(TDS_SQL_BATCH, text("select 1"), 0).wide);
}

/* From TDS 7.2 on it is the middle of one whose beginning is missing. */
static void a_batch_that_lacks_its_headers_is_not_read(void **state)
{
    (void)state;
    assert_int_equal(kind_of(TDS_SQL_BATCH, utf16("word='hidden'"), TDS_7_4), STATEMENT_HIDDEN);
    assert_int_equal(kind_of(TDS_SQL_BATCH, hex("01 02 03 04 05"), 0), STATEMENT_HIDDEN);
}

static void each_procedure_has_its_statement_at_a_place(void **state)
{
    (void)state;
    span_t statement = varchar(utf16("select @a"));
    span_t other = varchar(utf16("@a int"));
    const struct {
        unsigned number;
        const char *name;
        span_t parameters;
    } calls[] = {
        {10, "sp_executesql", JOIN(statement, other, INTEGER)},
        {13, "sp_prepexec", JOIN(NO_INTEGER, other, statement, INTEGER)},
        {11, "sp_prepare", JOIN(NO_INTEGER, other, statement, INTEGER)},
        {2, "sp_cursoropen", JOIN(NO_INTEGER, statement, INTEGER)},
        {3, "sp_cursorprepare", JOIN(NO_INTEGER, other, statement)},
        {5, "sp_cursorprepexec", JOIN(NO_INTEGER, INTEGER, other, statement)},
    };
    for (size_t i = 0; i < COUNT_OF(calls); i++) {
        statement_t found = read_statement(TDS_RPC, by_number(calls[i].number, calls[i].parameters), 0);
        assert_utf16(found.text, "select @a");
        assert_string_equal(found.source, calls[i].name);
        assert_utf16(read_statement(TDS_RPC, by_name(calls[i].name, calls[i].parameters), 0).text, "select @a");
    }
}

static void a_name_may_have_capitals_and_a_schema(void **state)
{
    (void)state;
    span_t statement = varchar(utf16("select 1"));
    assert_utf16(read_statement(TDS_RPC, by_name("master.sys.SP_ExecuteSql", statement), 0).text, "select 1");
    assert_int_equal(kind_of(TDS_RPC, by_name("my_sp_executesql", statement), 0), STATEMENT_NONE);
    assert_int_equal(kind_of(TDS_RPC, by_name("sql", statement), 0), STATEMENT_NONE);
    assert_int_equal(kind_of(TDS_RPC, by_number(12, INTEGER), 0), STATEMENT_NONE); /* sp_execute */
}

static void every_type_of_text_is_read(void **state)
{
    (void)state;
    assert_utf16(read_statement(TDS_RPC, by_number(10, in_pieces(utf16("select"), utf16(" 1"))), 0).text, "select 1");
    assert_utf16(read_statement(TDS_RPC, by_number(10, ntext(utf16("select 2"))), 0).text, "select 2");
    span_t narrow = PARAMETER(u8(0xA7), u16le(100), COLLATION, u16le(8), text("select 3"));
    statement_t found = read_statement(TDS_RPC, by_number(10, narrow), 0);
    assert_text(found.text, "select 3");
    assert_false(found.wide);
    span_t named = JOIN(b_varchar("@stmt"), u8(0), u8(0xEF), u16le(100), COLLATION, u16le(4), utf16("go"));
    assert_utf16(read_statement(TDS_RPC, by_number(10, named), 0).text, "go");
}

static void null_is_no_statement(void **state)
{
    (void)state;
    span_t shorter = PARAMETER(u8(0xE7), u16le(100), COLLATION, u16le(0xFFFF));
    span_t longer = PARAMETER(u8(0xE7), u16le(0xFFFF), COLLATION, hex("FF FF FF FF FF FF FF FF"));
    span_t old = PARAMETER(u8(0x63), u32le(100), COLLATION, u32le(0xFFFFFFFF));
    assert_int_equal(kind_of(TDS_RPC, by_number(10, shorter), 0), STATEMENT_NONE);
    assert_int_equal(kind_of(TDS_RPC, by_number(10, longer), 0), STATEMENT_NONE);
    assert_int_equal(kind_of(TDS_RPC, by_number(10, old), 0), STATEMENT_NONE);
}

static void tds_7_0_has_no_collations(void **state)
{
    (void)state;
    span_t call = JOIN(us_varchar("sp_executesql"), u16le(0));
    span_t without = JOIN(call, PARAMETER(u8(0xE7), u16le(8000), u16le(16), utf16("select 1")));
    span_t with = JOIN(call, varchar(utf16("select 1")));
    assert_utf16(read_statement(TDS_RPC, without, TDS_7_0).text, "select 1");
    assert_utf16(read_statement(TDS_RPC, with, TDS_7_1).text, "select 1");
    assert_int_equal(kind_of(TDS_RPC, with, 0), STATEMENT_HIDDEN);
}

static void what_has_no_business_there_hides_the_statement(void **state)
{
    (void)state;
    span_t encrypted = JOIN(u8(0), u8(8), u8(0xE7), u16le(100), COLLATION, u16le(4), utf16("go"));
    assert_int_equal(kind_of(TDS_RPC, by_number(10, encrypted), 0), STATEMENT_HIDDEN);
    assert_int_equal(kind_of(TDS_RPC, by_number(10, PARAMETER(u8(0x6F), u8(8), zeros(9))), 0), STATEMENT_HIDDEN);
    assert_int_equal(kind_of(TDS_RPC, by_number(10, INTEGER), 0), STATEMENT_HIDDEN);
    assert_int_equal(kind_of(TDS_RPC, by_number(10, span_none()), 0), STATEMENT_HIDDEN);
    assert_int_equal(kind_of(TDS_TRANSACTION, by_number(10, INTEGER), 0), STATEMENT_NONE);
}

static void try_cut(span_t bytes, const void *whole)
{
    statement_t statement;
    span_t text = ((const statement_t *)whole)->text;
    bytes.cut = true;
    if (read_request(TDS_RPC, bytes, TDS_7_4, &statement) == STATEMENT_READ) {
        assert_true(span_starts_with(text, statement.text));
        assert_true(statement.text.cut || statement.text.length == text.length);
    }
}

static void a_cut_call_has_the_beginning_of_its_statement(void **state)
{
    (void)state;
    const span_t calls[] = {
        by_number(13, JOIN(NO_INTEGER, varchar(utf16("@a int")), in_pieces(utf16("select"), utf16(" @a")))),
        by_number(10, JOIN(ntext(utf16("select @a")), INTEGER)),
    };
    for (size_t i = 0; i < COUNT_OF(calls); i++) {
        static uint8_t kept[sizeof room];
        statement_t whole;
        assert_int_equal(statement_of(TDS_RPC, calls[i], TDS_7_4, kept, &whole), STATEMENT_READ);
        assert_utf16(whole.text, "select @a");
        for_every_cut(calls[i], try_cut, &whole);
    }
    span_t half = span_head(JOIN(HEADERS, utf16("select 1")), 30);
    assert_true(read_statement(TDS_SQL_BATCH, half, TDS_7_4).text.cut);
    assert_utf16(read_statement(TDS_SQL_BATCH, half, TDS_7_4).text, "sele");
    assert_int_equal(kind_of(TDS_SQL_BATCH, span_head(half, 9), TDS_7_1), STATEMENT_HIDDEN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_batch_is_what_stands_behind_its_headers),
        cmocka_unit_test(a_batch_of_old_has_no_headers),
        cmocka_unit_test(a_batch_that_lacks_its_headers_is_not_read),
        cmocka_unit_test(each_procedure_has_its_statement_at_a_place),
        cmocka_unit_test(a_name_may_have_capitals_and_a_schema),
        cmocka_unit_test(every_type_of_text_is_read),
        cmocka_unit_test(null_is_no_statement),
        cmocka_unit_test(tds_7_0_has_no_collations),
        cmocka_unit_test(what_has_no_business_there_hides_the_statement),
        cmocka_unit_test(a_cut_call_has_the_beginning_of_its_statement),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
