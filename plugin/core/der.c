/* der.c - walking the tag-length-value structure of SPNEGO tokens, Kerberos tickets and certificates.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "der.h"

#define LENGTH_LONG_FORM   0x80
#define LENGTH_BYTES_LIMIT 4

static size_t der_length(reader_t *r)
{
    uint8_t first = read_u8(r);
    if (first < LENGTH_LONG_FORM) {
        return first;
    }
    size_t count = first & 0x7F;
    if (count == 0 || count > LENGTH_BYTES_LIMIT) { /* indefinite, which DER does not have, or absurd */
        r->ok = false;
        return 0;
    }
    return (size_t)read_be(r, count);
}

bool der_next(reader_t *r, der_t *element)
{
    size_t before = r->left;
    element->tag = read_u8(r);
    size_t length = der_length(r);
    if (!r->ok) {
        return false;
    }
    element->full = before - r->left + length;
    element->body = read_part(r, length);
    return true;
}

span_t der_child(span_t body, uint8_t tag)
{
    reader_t r = reader_of(body);
    der_t element;
    while (der_next(&r, &element)) {
        if (element.tag == tag) {
            return element.body;
        }
    }
    return span_none();
}

span_t der_descend(span_t body, const uint8_t *tags, size_t depth)
{
    for (size_t i = 0; i < depth; i++) {
        body = der_child(body, tags[i]);
    }
    return body;
}

uint16_t der_bits(span_t integer)
{
    size_t zeros = 0, most = UINT16_MAX / 8;
    while (zeros < integer.length && integer.at[zeros] == 0) {
        zeros++;
    }
    size_t length = integer.length - zeros;
    if (integer.cut || length == 0 || length > most) {
        return 0;
    }
    unsigned bits = (unsigned)length * 8;
    for (uint8_t first = integer.at[zeros]; (first & 0x80) == 0; first = (uint8_t)(first << 1)) {
        bits--;
    }
    return (uint16_t)bits;
}
