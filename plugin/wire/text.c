/* text.c - bytes of a message as text: as it is kept, and as it is printed.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "wire/text.h"

#include <epan/charsets.h>

#include <string.h>

/* An encoding of characters: how many bytes a unit has, and a unit that is no character. */
typedef struct {
    span_t (*whole_characters)(span_t text);
    char *(*read)(wmem_allocator_t *scope, span_t text);
    gsize unit;
    guint8 unreadable[2];
} encoding_t;

static char *read_utf8(wmem_allocator_t *scope, span_t text)
{
    return (char *)get_utf_8_string(scope, text.at, (gint)text.length);
}

/* The text if it is ASCII, as most are: its lower bytes. NULL for others. */
static char *read_ascii_of_utf16le(wmem_allocator_t *scope, span_t text)
{
    gsize length = text.length / 2;
    char *read = (char *)wmem_alloc(scope, length + 1);
    for (gsize i = 0; i < length; i++) {
        if (text.at[i * 2] >= 0x80 || text.at[i * 2 + 1] != 0) {
            wmem_free(scope, read);
            return NULL;
        }
        read[i] = (char)text.at[i * 2];
    }
    read[length] = '\0';
    return read;
}

static char *read_utf16le(wmem_allocator_t *scope, span_t text)
{
    char *ascii = read_ascii_of_utf16le(scope, text);
    return ascii != NULL ? ascii : (char *)get_utf_16_string(scope, text.at, (gint)text.length, ENC_LITTLE_ENDIAN);
}

static char *read_utf16be(wmem_allocator_t *scope, span_t text)
{
    return (char *)get_utf_16_string(scope, text.at, (gint)text.length, ENC_BIG_ENDIAN);
}

static const encoding_t utf8 = {characters_utf8, read_utf8, 1, {0xFF}};
static const encoding_t utf16le = {characters_utf16le, read_utf16le, 2, {0xFD, 0xFF}};
static const encoding_t utf16be = {characters_utf16be, read_utf16be, 2, {0xFF, 0xFD}};

/* The place of the first NUL from `at` on; the text's end if there is none. */
static gsize nul_from(span_t text, gsize at, gsize unit)
{
    while (at < text.length && (text.at[at] != 0 || text.at[at + unit - 1] != 0)) {
        at += unit;
    }
    return at;
}

/* Reads a text with NULs inside. It would end at the first, and look like another name, so NULs are made unreadable. */
static char *read_with_nuls(wmem_allocator_t *scope, span_t text, const encoding_t *encoding)
{
    guint8 *copy = (guint8 *)wmem_memdup(NULL, text.at, text.length);
    for (gsize at = 0; (at = nul_from(text, at, encoding->unit)) < text.length; at += encoding->unit) {
        memcpy(copy + at, encoding->unreadable, encoding->unit);
    }
    char *read = encoding->read(scope, span_of(copy, text.length));
    wmem_free(NULL, copy);
    return read;
}

static char *text_of(wmem_allocator_t *scope, span_t bytes, const encoding_t *encoding)
{
    span_t text = encoding->whole_characters(bytes);
    if (text.length == 0) {
        return wmem_strdup(scope, "");
    }
    bool plain = nul_from(text, 0, encoding->unit) == text.length;
    char *read = plain ? encoding->read(scope, text) : read_with_nuls(scope, text, encoding);
    if (!text.cut) {
        return read;
    }
    char *marked = wmem_strdup_printf(scope, "%s" ELLIPSIS, read);
    wmem_free(scope, read);
    return marked;
}

char *text_utf8(wmem_allocator_t *scope, span_t bytes)
{
    return text_of(scope, bytes, &utf8);
}

char *text_utf16(wmem_allocator_t *scope, span_t bytes)
{
    return text_of(scope, bytes, &utf16le);
}

char *text_utf16be(wmem_allocator_t *scope, span_t bytes)
{
    return text_of(scope, bytes, &utf16be);
}

char *text_shown(wmem_allocator_t *scope, const char *text)
{
    gsize room = strlen(text) * 4 + SHOWN_LONGEST; /* \033 is four times as long as what it stands for */
    char *shown = (char *)wmem_alloc(NULL, room);
    (void)characters_show(shown, room, text);
    char *exact = wmem_strdup(scope, shown);
    wmem_free(NULL, shown);
    return exact;
}

bool text_is_whole(const char *text)
{
    return !g_str_has_suffix(text, ELLIPSIS);
}
