/* der.h - walking the tag-length-value structure of SPNEGO tokens, Kerberos tickets and certificates (X.690).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Only the few values that name a mechanism, a service or a subject are taken; Wireshark's own dissectors show
 * the rest.
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
    size_t full; /* how long the element is with its tag and length, also where it is cut */
} der_t;

/* Takes the next element off the reader. False at the end or at what is no definite length. A cut body ends the
 * reader and is given as far as it goes. */
bool der_next(reader_t *r, der_t *element);

/* The first element of `body` with this tag; its body, or an empty span. */
span_t der_child(span_t body, uint8_t tag);

/* Follows a path of `depth` tags from `body` downwards; the last one's body, or an empty span. */
span_t der_descend(span_t body, const uint8_t *tags, size_t depth);

#endif
