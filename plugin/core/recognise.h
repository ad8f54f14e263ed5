/* recognise.h - whether bytes are those of a connection to SQL Server: TDS (MS-TDS 2.2.3), SMP (MC-SMP 2.2.1), or the
 * TLS with which TDS 8.0 begins (MS-TDS 1.7).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_RECOGNISE_H
#define TDSCONN_RECOGNISE_H

#include "bytes.h"
#include "values.h"

#define RECOGNISED_BYTES 1024 /* of a payload are enough: a PRELOGIN or ClientHello fits */

typedef enum {
    CLAIM_NO,
    CLAIM_WAIT,  /* too short to tell */
    CLAIM_LATER, /* TLS that names no service: what it decrypts may tell */
    CLAIM_TDS,
    CLAIM_STRICT /* TDS 8.0: TLS comes first */
} recognised_t;

/* What is known besides the bytes. */
typedef struct {
    bool from_start; /* the payload is the connection's first: its client speaks */
    bool known_port;
    sender_t sender; /* by the ports, where they tell */
    uint32_t length; /* of the payload, also where the capture cut it */
} circumstances_t;

/* What the payload of a segment says its conversation is. Away from a known port only bytes that nothing else has are
 * enough. */
recognised_t recognise(span_t bytes, const circumstances_t *c);

/* Whether a payload that begins with this byte may be recognised: most that are nobody's are known by it. */
static inline bool recognisable(uint8_t first)
{
    enum { TLS_LAST_TYPE = 0x17, SMP_FIRST = 0x53 }; /* TDS has its types below those of TLS */
    return first <= TLS_LAST_TYPE || first == SMP_FIRST;
}

#endif
