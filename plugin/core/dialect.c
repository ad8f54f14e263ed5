/* dialect.c - the age of a connection's TDS by its requests, if no login tells the version.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "dialect.h"

#include "tds.h"

#define TELLING 4 /* bytes of a text that are needed to see how wide its characters are */

/* 4 bytes of total length, then 18, 2. */
bool request_has_headers(span_t payload)
{
    reader_t r = reader_of(payload);
    uint32_t total = read_u32le(&r);
    uint32_t length = read_u32le(&r);
    uint16_t type = read_u16le(&r);
    return r.ok && total >= 22 && total <= 0x400 && ((length == 18 && type == 2) || type == 1 || type == 3) &&
           length < total;
}

static bool is_character(uint8_t byte)
{
    return byte >= 0x20 || (byte >= '\t' && byte <= '\r');
}

/* SQL begins with words, blanks or a comment of ASCII: of UTF-16 every other byte is 0. */
static bool is_wide_text(span_t text)
{
    return text.length >= TELLING && is_character(text.at[0]) && text.at[1] == 0 && is_character(text.at[2]) &&
           text.at[3] == 0;
}

static bool is_narrow_text(span_t text)
{
    for (size_t i = 0; i < text.length; i++) {
        if (!is_character(text.at[i])) {
            return false;
        }
    }
    return text.length >= TELLING;
}

/* A procedure by its number, or by its name behind the length: of two bytes from TDS 7.0 on, of one before. */
static bool is_wide_call(span_t call)
{
    reader_t r = reader_of(call);
    uint16_t length = read_u16le(&r);
    return r.ok && (length == 0xFFFF || (length > 1 && length <= 0x400 && is_wide_text(span_from(call, 2))));
}

static bool is_narrow_call(span_t call)
{
    reader_t r = reader_of(call);
    span_t name = read_part(&r, read_u8(&r));
    return r.ok && is_narrow_text(name);
}

bool dialect_of_request(uint8_t type, span_t payload, token_format_t *format)
{
    bool call = type == TDS_RPC;
    span_t head = span_part(payload, 0, DIALECT_BYTES);
    if (!call && type != TDS_SQL_BATCH) {
        return false;
    }
    if (request_has_headers(head)) {
        *format = (token_format_t){.wide_done = true, .wide_text = true};
        return true;
    }
    bool wide = call ? is_wide_call(head) : is_wide_text(head);
    bool narrow = call ? is_narrow_call(head) : is_narrow_text(head);
    *format = (token_format_t){.wide_done = false, .wide_text = wide};
    return wide || narrow;
}
