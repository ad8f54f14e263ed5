/* rpc.h - which procedure an RPC request calls (MS-TDS 2.2.6.6).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_RPC_H
#define TDSCONN_RPC_H

#include "bytes.h"

/* As many bytes of a message are enough for rpc_parse: its headers, and the longest name that is kept. */
#define RPC_HEAD_LIMIT 1024

/* The procedure of a call, by its number or by its name. */
typedef struct {
    uint16_t number; /* 0 = by name */
    span_t name;     /* UTF-16LE; cut if not all of it is there */
} rpc_t;

/* Reads the procedure of the first call in an RPC message, without TDS header. Further calls are not read. False if the
 * bytes are cut before the number or before the first character of the name. */
bool rpc_parse(span_t message, rpc_t *rpc);

/* The same; then `r` stands behind the number or name, at the flags of the call. */
bool rpc_read(span_t message, rpc_t *rpc, reader_t *r);

/* The name of the procedure with this number; NULL if there is none. Static text. */
const char *rpc_well_known(uint16_t number);

#endif
