/* dialect.c - the age of a connection's TDS by its requests, if no login tells the version.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "dialect.h"

#include "tds.h"

#define TELLING 4 /* bytes of a text that are needed to see how wide its characters are */

enum { QUERY_NOTIFICATIONS = 1, TRANSACTION_DESCRIPTOR = 2, TRACE_ACTIVITY = 3 };

#define HEADER_HEAD_LENGTH 6 /* its length and its type */

/* MS-TDS 2.2.5.3: how long each type of header is, with its length and type. */
static bool is_header_length(uint16_t type, uint32_t length)
{
    const uint32_t descriptor = 18, activity = 26, shortest_notification = 10;
    switch (type) {
    case QUERY_NOTIFICATIONS:
        return length >= shortest_notification;
    case TRANSACTION_DESCRIPTOR:
        return length == descriptor;
    case TRACE_ACTIVITY:
        return length == activity;
    default:
        return false;
    }
}

/* Every request has a transaction descriptor, perhaps behind another header. */
bool request_has_headers(span_t payload)
{
    const uint32_t least = 4 + 18, most = 0x400;
    reader_t r = reader_of(payload);
    uint32_t total = read_u32le(&r);
    bool described = false;
    if (!r.ok || total < least || total > most) {
        return false;
    }
    reader_t headers = reader_of(span_part(payload, 4, total - 4));
    while (headers.left > 0) {
        uint32_t length = read_u32le(&headers);
        uint16_t type = read_u16le(&headers);
        if (!headers.ok || !is_header_length(type, length)) {
            return described && !headers.ok; /* cut */
        }
        described = described || type == TRANSACTION_DESCRIPTOR;
        read_skip(&headers, length - HEADER_HEAD_LENGTH);
    }
    return described;
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
