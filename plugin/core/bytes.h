/* bytes.h - bounded reading: no core parser touches a byte in any other way.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A reader never runs past its span. A read that would do so returns zero, and `ok` is false from then on. So a parser
 * reads on and checks `ok` once at the end. Bytes that the capture does not hold are a normal case, not an error.
 */
#ifndef TDSCONN_BYTES_H
#define TDSCONN_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes that another part owns; valid as long as the message that was parsed. */
typedef struct {
    const uint8_t *at;
    size_t length;
    bool cut; /* these bytes are only a beginning: the rest is not in the capture. Never compare a cut name. */
} span_t;

typedef struct {
    const uint8_t *at;
    size_t left;
    bool ok; /* false once a read asked for more than there was */
} reader_t;

static inline span_t span_of(const uint8_t *at, size_t length)
{
    return (span_t){at, length, false};
}

static inline span_t span_none(void)
{
    return (span_t){NULL, 0, false};
}

/* `length` bytes of `whole` from `offset` on. If fewer are there, those, as cut. */
static inline span_t span_part(span_t whole, size_t offset, size_t length)
{
    size_t there = offset < whole.length ? whole.length - offset : 0;
    span_t part = there == 0 ? span_none() : span_of(whole.at + offset, length < there ? length : there);
    part.cut = length > there;
    return part;
}

/* The beginning of `whole`, `limit` bytes at most; cut if that is not all of it. */
static inline span_t span_head(span_t whole, size_t limit)
{
    span_t head = span_part(whole, 0, whole.length < limit ? whole.length : limit);
    head.cut = whole.cut || head.length < whole.length;
    return head;
}

/* All bytes from `offset` on; cut if `whole` is. */
static inline span_t span_from(span_t whole, size_t offset)
{
    span_t rest = span_part(whole, offset, offset < whole.length ? whole.length - offset : 0);
    rest.cut = whole.cut;
    return rest;
}

static inline bool span_starts_with(span_t whole, span_t head)
{
    if (whole.length < head.length) {
        return false;
    }
    for (size_t i = 0; i < head.length; i++) {
        if (whole.at[i] != head.at[i]) {
            return false;
        }
    }
    return true;
}

/* Whether two spans hold the same bytes. False if one of them is cut. */
static inline bool span_equal(span_t a, span_t b)
{
    return !a.cut && !b.cut && a.length == b.length && span_starts_with(a, b);
}

static inline reader_t reader_of(span_t bytes)
{
    return (reader_t){bytes.at, bytes.length, true};
}

/* The next `length` bytes; an empty span if fewer are left. */
static inline span_t read_span(reader_t *r, size_t length)
{
    if (!r->ok || length > r->left) {
        r->ok = false;
        r->left = 0;
        return span_none();
    }
    span_t bytes = span_of(r->at, length);
    if (length > 0) {
        r->at += length;
        r->left -= length;
    }
    return bytes;
}

/* The next `length` bytes. If fewer are left, those, as cut; then `ok` is false, as after any read past the end. */
static inline span_t read_part(reader_t *r, size_t length)
{
    bool cut = !r->ok || length > r->left;
    span_t bytes = r->ok ? read_span(r, cut ? r->left : length) : span_none();
    bytes.cut = cut;
    r->ok = !cut;
    r->left = cut ? 0 : r->left;
    return bytes;
}

static inline void read_skip(reader_t *r, size_t length)
{
    (void)read_span(r, length);
}

/* A big-endian number of `size` bytes, 8 at most. */
static inline uint64_t read_be(reader_t *r, size_t size)
{
    span_t bytes = read_span(r, size);
    uint64_t value = 0;
    for (size_t i = 0; i < bytes.length; i++) {
        value = value << 8 | bytes.at[i];
    }
    return value;
}

/* A little-endian number of `size` bytes, 8 at most. */
static inline uint64_t read_le(reader_t *r, size_t size)
{
    span_t bytes = read_span(r, size);
    uint64_t value = 0;
    for (size_t i = bytes.length; i > 0; i--) {
        value = value << 8 | bytes.at[i - 1];
    }
    return value;
}

/* The usual sizes, mostly without a loop over bytes. */

static inline uint8_t read_u8(reader_t *r)
{
    span_t bytes = read_span(r, 1);
    return bytes.length == 0 ? 0 : bytes.at[0];
}

static inline uint16_t read_u16be(reader_t *r)
{
    span_t bytes = read_span(r, 2);
    return bytes.length == 0 ? 0 : (uint16_t)(bytes.at[0] << 8 | bytes.at[1]);
}

static inline uint16_t read_u16le(reader_t *r)
{
    span_t bytes = read_span(r, 2);
    return bytes.length == 0 ? 0 : (uint16_t)(bytes.at[1] << 8 | bytes.at[0]);
}

static inline uint32_t read_u24be(reader_t *r)
{
    return (uint32_t)read_be(r, 3);
}

static inline uint32_t read_u32be(reader_t *r)
{
    span_t bytes = read_span(r, 4);
    const uint8_t *at = bytes.at;
    return bytes.length == 0 ? 0 : (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static inline uint32_t read_u32le(reader_t *r)
{
    return (uint32_t)read_le(r, 4);
}

#endif
