/* characters_test.c - the characters of texts that come from the wire.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "vectors.h"

#include "characters.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cut_text_ends_with_a_whole_character),
        cmocka_unit_test(a_whole_text_keeps_what_is_no_character),
        cmocka_unit_test(nuls_at_the_end_are_no_part_of_a_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
