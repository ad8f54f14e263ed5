/* characters.c - the characters of texts that come from the wire: which of them are whole.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "characters.h"

static bool is_zero(const uint8_t *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (bytes[i] != 0) {
            return false;
        }
    }
    return true;
}

/* Without an unfinished unit of that many bytes at the end, and without NULs there. */
static void trim_units(span_t *text, size_t unit)
{
    text->length -= text->length % unit;
    while (text->length > 0 && is_zero(text->at + text->length - unit, unit)) {
        text->length -= unit;
    }
}

/* How many bytes the character has that begins with this one; 0 for one that begins none. */
static size_t utf8_length(uint8_t first)
{
    return first < 0x80                     ? 1
           : first >= 0xC2 && first <= 0xDF ? 2
           : (first & 0xF0) == 0xE0         ? 3
           : first >= 0xF0 && first <= 0xF4 ? 4
                                            : 0;
}

/* How many bytes at the end begin a character that goes on behind them. */
static size_t utf8_unfinished(span_t text)
{
    for (size_t back = 1; back < 4 && back <= text.length; back++) {
        uint8_t byte = text.at[text.length - back];
        if ((byte & 0xC0) != 0x80) {
            return utf8_length(byte) > back ? back : 0;
        }
    }
    return 0;
}

span_t characters_utf8(span_t text)
{
    text.length -= text.cut ? utf8_unfinished(text) : 0;
    trim_units(&text, 1);
    return text;
}

/* `high`: which byte of a unit is the higher one. */
static span_t characters_utf16(span_t text, size_t high)
{
    trim_units(&text, 2);
    bool unfinished = text.cut && text.length > 0 && (text.at[text.length - 2 + high] & 0xFC) == 0xD8;
    text.length -= unfinished ? 2 : 0;
    return text;
}

span_t characters_utf16le(span_t text)
{
    return characters_utf16(text, 1);
}

span_t characters_utf16be(span_t text)
{
    return characters_utf16(text, 0);
}
