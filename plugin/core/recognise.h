/* recognise.h - whether bytes are those of a connection to SQL Server: TDS (MS-TDS 2.2.3), SMP (MC-SMP 2.2.1), or the
 * TLS with which TDS 8.0 begins (MS-TDS 1.7).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_RECOGNISE_H
#define TDSCONN_RECOGNISE_H

#include "bytes.h"
#include "values.h"

/* The first bytes of a payload that are looked at. A PRELOGIN fits, and a ClientHello with the keys of ML-KEM. */
#define RECOGNISED_BYTES 4096

/* Whether a payload is SQL Server's. */
typedef enum {
    CLAIM_NO,
    CLAIM_WAIT,   /* it is too short to tell */
    CLAIM_BEHIND, /* it is a load balancer's header: the next payload tells */
    CLAIM_LATER,  /* it is TLS that names no service: the decrypted bytes may tell */
    CLAIM_TDS,
    CLAIM_STRICT /* it is TDS 8.0, where TLS comes first */
} recognised_t;

/* What is known besides the bytes. */
typedef struct {
    bool from_start; /* the payload is the first of the connection, and its client sent it */
    bool known_port; /* one of the ports is known as SQL Server's */
    sender_t sender; /* SENDER_UNKNOWN = not known */
    uint32_t length; /* the real length of the payload in bytes */
} circumstances_t;

/* Whether the conversation of this payload is SQL Server's. A load balancer's PROXY header may stand before it.
 * `bytes`: the beginning of the payload, RECOGNISED_BYTES are enough. On an unknown port only bytes that no other
 * protocol has count. */
recognised_t recognise(span_t bytes, const circumstances_t *c);

/* Whether a payload with this first byte can be SQL Server's. Most other payloads are sorted out by it. */
static inline bool recognisable(uint8_t first)
{
    enum { TLS_LAST_TYPE = 0x17, SMP_FIRST = 0x53 }; /* TDS has its types below those of TLS */
    return first <= TLS_LAST_TYPE || first == SMP_FIRST;
}

#endif
