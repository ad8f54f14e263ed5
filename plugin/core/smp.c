/* smp.c - the Session Multiplex Protocol header of MARS.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "smp.h"

/* MC-SMP sets no limit; 64 KiB and a header is what the largest TDS packet can fill. */
#define SMP_LENGTH_LIMIT (SMP_HEADER_LENGTH + 0x10000)

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
