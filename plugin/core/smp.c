/* smp.c - the Session Multiplex Protocol header of MARS.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "smp.h"

#include <string.h>

/* MC-SMP sets no limit; 64 KiB and a header is what the largest TDS packet can fill. */
#define SMP_LENGTH_LIMIT (SMP_HEADER_LENGTH + 0x10000)

#define SMP_TELLING_LENGTH 8 /* bytes of a header that tell a packet's kind and length */

bool smp_header_parse(span_t bytes, smp_header_t *header)
{
    reader_t r = reader_of(bytes);
    uint8_t id = read_u8(&r);
    header->flags = read_u8(&r);
    header->sid = read_u16le(&r);
    header->length = read_u32le(&r);
    header->seqnum = read_u32le(&r);
    header->wndw = read_u32le(&r);
    return r.ok && id == SMP_ID;
}

bool smp_header_sound(const smp_header_t *header)
{
    bool control = header->flags == SMP_SYN || header->flags == SMP_ACK || header->flags == SMP_FIN;
    return control ? header->length == SMP_HEADER_LENGTH
                   : header->flags == SMP_DATA && header->length >= SMP_HEADER_LENGTH;
}

bool smp_header_plausible(span_t bytes)
{
    const uint8_t known_flags = SMP_SYN | SMP_ACK | SMP_FIN | SMP_DATA;
    reader_t r = reader_of(bytes);
    uint8_t id = read_u8(&r);
    uint8_t flags = read_u8(&r);
    read_skip(&r, 2);
    uint32_t length = read_u32le(&r);
    return r.ok && id == SMP_ID && flags != 0 && (flags & ~known_flags) == 0 && length >= SMP_HEADER_LENGTH &&
           length <= SMP_LENGTH_LIMIT;
}

/* Whether the packet that begins here can be nothing but one of SMP. */
static bool begins_soundly(span_t bytes)
{
    smp_header_t header;
    (void)smp_header_parse(bytes, &header); /* of a header that is cut the flags and the length are enough */
    return bytes.length >= SMP_TELLING_LENGTH && bytes.at[0] == SMP_ID && smp_header_sound(&header) &&
           header.length <= SMP_LENGTH_LIMIT;
}

bool smp_may_end(span_t bytes, size_t length)
{
    return length == bytes.length || (length < bytes.length && begins_soundly(span_from(bytes, length)));
}

size_t smp_resume(span_t bytes)
{
    smp_header_t header;
    (void)smp_header_parse(bytes, &header);
    if (bytes.length >= SMP_TELLING_LENGTH && header.length >= SMP_HEADER_LENGTH && smp_may_end(bytes, header.length)) {
        return header.length;
    }
    size_t first = bytes.length > 0 && bytes.at[0] == SMP_ID ? SMP_TELLING_LENGTH : 1; /* so much was a header */
    for (size_t at = first; at < bytes.length; at++) {
        const uint8_t *next = (const uint8_t *)memchr(bytes.at + at, SMP_ID, bytes.length - at);
        if (next == NULL) {
            break;
        }
        at = (size_t)(next - bytes.at);
        if (begins_soundly(span_from(bytes, at))) {
            return at;
        }
    }
    return bytes.length;
}
