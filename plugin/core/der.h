/* der.h - walking the tag-length-value structure of SPNEGO tokens, Kerberos tickets and certificates (X.690).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Only the few values that name a mechanism, a service or a subject are read. Wireshark's own dissectors show the rest.
 */
#ifndef TDSCONN_DER_H
#define TDSCONN_DER_H

#include "bytes.h"

enum {
    DER_INTEGER = 0x02,
    DER_ENUMERATED = 0x0A,
    DER_OCTET_STRING = 0x04,
    DER_OID = 0x06,
    DER_GENERAL_STRING = 0x1B,
    DER_BMP_STRING = 0x1E,
    DER_SEQUENCE = 0x30
};
#define DER_CONTEXT(number)     (0xA0 + (number))
#define DER_APPLICATION(number) (0x60 + (number))

typedef struct {
    uint8_t tag;
    span_t body; /* as much of it as the capture holds */
    size_t full; /* the real length of the element in bytes, with its tag and length */
} der_t;

/* Reads the next element. False at the end, or if its length is indefinite or has more than 4 bytes. A cut body is
 * returned as far as it goes, and ends the reader. */
bool der_next(reader_t *r, der_t *element);

/* The body of the first element in `body` with this tag; an empty span if there is none. */
span_t der_child(span_t body, uint8_t tag);

/* Follows a path of `depth` tags down from `body`. The body of the last element; an empty span if there is none. */
span_t der_descend(span_t body, const uint8_t *tags, size_t depth);

/* The length in bits of a positive integer, without the zeros that it begins with; 0 if it is cut. */
uint16_t der_bits(span_t integer);

#endif
