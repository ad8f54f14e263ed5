/* characters.c - characters of texts from the wire: whether they are whole, and whether they may be printed.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "characters.h"

#include <stdio.h>
#include <string.h>

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
    static const struct {
        uint8_t from, to, length;
    } ranges[] = {{0x00, 0x7F, 1}, {0xC2, 0xDF, 2}, {0xE0, 0xEF, 3}, {0xF0, 0xF4, 4}};
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
        if (first >= ranges[i].from && first <= ranges[i].to) {
            return ranges[i].length;
        }
    }
    return 0;
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

/* Showing. */

#define UNREADABLE "\xEF\xBF\xBD" /* REPLACEMENT CHARACTER */

/* What nobody sees, or what changes how the text around it is read: controls, and the characters that Unicode calls
 * format and separators of lines. */
static const struct {
    uint32_t from, to;
} unprintable[] = {
    {0x00, 0x1F},       {0x7F, 0x9F},       {0xAD, 0xAD},       {0x600, 0x605},     {0x61C, 0x61C},
    {0x6DD, 0x6DD},     {0x70F, 0x70F},     {0x890, 0x891},     {0x8E2, 0x8E2},     {0x180E, 0x180E},
    {0x200B, 0x200F},   {0x2028, 0x202E},   {0x2060, 0x206F},   {0xFEFF, 0xFEFF},   {0xFFF9, 0xFFFB},
    {0x110BD, 0x110BD}, {0x110CD, 0x110CD}, {0x13430, 0x1343F}, {0x1BCA0, 0x1BCA3}, {0x1D173, 0x1D17A},
    {0xE0001, 0xE0001}, {0xE0020, 0xE007F},
};

static bool is_printable(uint32_t character)
{
    for (size_t i = 0; i < sizeof unprintable / sizeof unprintable[0]; i++) {
        if (character >= unprintable[i].from && character <= unprintable[i].to) {
            return false;
        }
    }
    return true;
}

/* The character that a text begins with and how many bytes it has; 0 for bytes that are none (RFC 3629). */
static size_t utf8_read(const uint8_t *text, uint32_t *character)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t length = utf8_length(text[0]);
    *character = length == 1 ? text[0] : text[0] & (0x7Fu >> length);
    for (size_t i = 1; i < length; i++) {
        if ((text[i] & 0xC0) != 0x80) { /* also the NUL at the end */
            return 0;
        }
        *character = *character << 6 | (text[i] & 0x3Fu);
    }
    bool surrogate = *character >= 0xD800 && *character <= 0xDFFF;
    return length == 0 || *character < least[length] || surrogate || *character > 0x10FFFF ? 0 : length;
}

static void escape(char shown[SHOWN_LONGEST + 1], uint32_t character)
{
    static const char letters[] = "abtnvfr";
    if (character >= '\a' && character <= '\r') {
        (void)snprintf(shown, SHOWN_LONGEST + 1, "\\%c", letters[character - '\a']);
    } else if (character < 0x80) {
        (void)snprintf(shown, SHOWN_LONGEST + 1, "\\%03o", (unsigned)character);
    } else {
        (void)snprintf(shown, SHOWN_LONGEST + 1, character <= 0xFFFF ? "\\u%04X" : "\\U%08X", (unsigned)character);
    }
}

/* How the character that a text begins with is shown. Returns how many bytes of the text it is. */
static size_t show_one(char shown[SHOWN_LONGEST + 1], const char *text)
{
    uint32_t character;
    size_t length = utf8_read((const uint8_t *)text, &character);
    if (length == 0) {
        memcpy(shown, UNREADABLE, sizeof UNREADABLE);
        return 1;
    }
    if (is_printable(character)) {
        memcpy(shown, text, length);
        shown[length] = '\0';
    } else {
        escape(shown, character);
    }
    return length;
}

/* How many characters of ASCII a text begins with that are shown as they are: nearly all are. */
static size_t plain_length(const char *text, size_t limit)
{
    size_t length = 0;
    while (length < limit && text[length] >= ' ' && text[length] < 0x7F) {
        length++;
    }
    return length;
}

static char lower(char c)
{
    return (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

bool characters_same(const char *a, const char *b, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (lower(a[i]) != lower(b[i])) {
            return false;
        }
    }
    return true;
}

size_t characters_show(char *to, size_t room, const char *text)
{
    const size_t last = sizeof ELLIPSIS; /* with its NUL */
    size_t used = 0, whole = 0;          /* whole: as much as leaves room for an ellipsis */
    char shown[SHOWN_LONGEST + 1];
    for (;;) {
        size_t plain = used + last < room ? plain_length(text, room - last - used) : 0;
        memcpy(to + used, text, plain);
        text += plain;
        used += plain;
        whole = plain > 0 ? used : whole;
        if (*text == '\0') {
            break;
        }
        text += show_one(shown, text);
        size_t length = strlen(shown);
        if (used + length >= room) {
            memcpy(to + whole, ELLIPSIS, last);
            return whole + last - 1;
        }
        memcpy(to + used, shown, length);
        used += length;
        whole = used + last <= room ? used : whole;
    }
    to[used] = '\0';
    return used;
}

brief_t brief(const char *name)
{
    brief_t shown = {""};
    (void)characters_show(shown.text, sizeof shown.text, name);
    return shown;
}
