/* characters_test.c - the characters of texts that come from the wire.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "vectors.h"

#include <string.h>

#include "characters.h"

#define UNREADABLE "\xEF\xBF\xBD"

static span_t cut(span_t bytes)
{
    bytes.cut = true;
    return bytes;
}

/* The characters of a cut text, and how many of its bytes they are. */
static void a_cut_text_ends_with_a_whole_character(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t utf8, utf16le, utf16be;
    } rows[] = {
        {"", 0, 0, 0},
        {"61", 1, 0, 0},
        {"6100", 1, 2, 2},
        {"610062", 3, 2, 2},
        {"61 C3", 1, 2, 2},
        {"61 C3A4", 3, 2, 2},
        {"E282", 0, 2, 2},
        {"E282AC", 3, 2, 2},
        {"F09F98", 0, 2, 2},
        {"F09F9880", 4, 4, 4},
        {"61 80", 2, 2, 2},     /* no character: what it stands for is shown */
        {"61 FF", 2, 2, 2},     /* likewise */
        {"61 C080", 3, 2, 2},   /* likewise */
        {"6100 3DD8", 3, 2, 4}, /* the first half of a pair */
        {"6100 3DD8 00DE", 4, 6, 6},
        {"0061 D83D", 4, 4, 2},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_int_equal(characters_utf8(cut(hex(rows[i].bytes))).length, rows[i].utf8);
        assert_int_equal(characters_utf16le(cut(hex(rows[i].bytes))).length, rows[i].utf16le);
        assert_int_equal(characters_utf16be(cut(hex(rows[i].bytes))).length, rows[i].utf16be);
    }
}

static void a_whole_text_keeps_what_is_no_character(void **state)
{
    (void)state;
    assert_int_equal(characters_utf8(hex("61 C3")).length, 2);
    assert_int_equal(characters_utf16le(hex("6100 3DD8")).length, 4);
    assert_int_equal(characters_utf16le(hex("6100 62")).length, 2);
}

static void nuls_at_the_end_are_no_part_of_a_text(void **state)
{
    (void)state;
    assert_int_equal(characters_utf8(hex("61 00 62 00 00")).length, 3);
    assert_int_equal(characters_utf16le(hex("6100 0000 0000")).length, 2);
    assert_int_equal(characters_utf16be(hex("0061 0000")).length, 2);
    assert_int_equal(characters_utf8(cut(zeros(3))).length, 0);
}

static void what_nobody_sees_is_escaped(void **state)
{
    (void)state;
    static const struct {
        const char *text, *shown;
    } rows[] = {
        {"", ""},
        {"sa", "sa"},
        {"LAB\\alice \"x\"", "LAB\\alice \"x\""},
        {"\a\b\t\n\v\f\r", "\\a\\b\\t\\n\\v\\f\\r"},
        {"\033[31m\x01\x7F", "\\033[31m\\001\\177"},
        {"M\xC3\xBCnchen \xE2\x82\xAC \xF0\x9F\x98\x80", "M\xC3\xBCnchen \xE2\x82\xAC \xF0\x9F\x98\x80"},
        {"\xC2\x85\xC2\x9B\xC2\xA0", "\\u0085\\u009B\xC2\xA0"},            /* C1, and a blank */
        {"\xE2\x80\xAE\xE2\x81\xA6\xE2\x80\xA8", "\\u202E\\u2066\\u2028"}, /* directions, a line's end */
        {"\xEF\xBB\xBF\xF3\xA0\x81\x81", "\\uFEFF\\U000E0041"},
        {"\xFF\xC3", UNREADABLE UNREADABLE},
        {"\xC3(\x80", UNREADABLE "(" UNREADABLE},
        {"\xC0\x8A", UNREADABLE UNREADABLE},                /* overlong */
        {"\xED\xA0\x80", UNREADABLE UNREADABLE UNREADABLE}, /* a surrogate */
        {"\xF4\x90\x80\x80", UNREADABLE UNREADABLE UNREADABLE UNREADABLE},
        {"ali" ELLIPSIS, "ali" ELLIPSIS},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char shown[80], again[80];
        assert_int_equal(characters_show(shown, sizeof shown, rows[i].text), strlen(rows[i].shown));
        assert_string_equal(shown, rows[i].shown);
        (void)characters_show(again, sizeof again, shown);
        assert_string_equal(again, shown);
    }
}

/* Between two characters, and not within an escape. */
static void what_has_no_room_ends_in_an_ellipsis(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t room;
        const char *shown;
    } rows[] = {
        {"abcdefgh", 9, "abcdefgh"},
        {"abcdefgh", 8, "abcd" ELLIPSIS},
        {"abcd\n", 7, "abcd\\n"},
        {"abc\033d", 8, "abc" ELLIPSIS},
        {"abc\xC3\xBC"
         "d",
         6, "ab" ELLIPSIS},
        {"abc\xC3\xBC"
         "d",
         7,
         "abc\xC3\xBC"
         "d"},
        {"abcdefgh", 4, ELLIPSIS},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char shown[16];
        memset(shown, '?', sizeof shown);
        assert_int_equal(characters_show(shown, rows[i].room, rows[i].text), strlen(rows[i].shown));
        assert_string_equal(shown, rows[i].shown);
        assert_int_equal(shown[rows[i].room], '?');
    }
}

static void a_brief_name_has_its_beginning(void **state)
{
    (void)state;
    assert_string_equal(brief("sql.contoso.com").text, "sql.contoso.com");
    char name[300];
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    assert_int_equal(strlen(brief(name).text), 99);
    assert_non_null(strstr(brief(name).text, "n" ELLIPSIS));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cut_text_ends_with_a_whole_character),
        cmocka_unit_test(a_whole_text_keeps_what_is_no_character),
        cmocka_unit_test(nuls_at_the_end_are_no_part_of_a_text),
        cmocka_unit_test(what_nobody_sees_is_escaped),
        cmocka_unit_test(what_has_no_room_ends_in_an_ellipsis),
        cmocka_unit_test(a_brief_name_has_its_beginning),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
