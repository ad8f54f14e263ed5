/* rpc.h - which procedure an RPC request calls (MS-TDS 2.2.6.6).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_RPC_H
#define TDSCONN_RPC_H

#include "bytes.h"

/* How many bytes of a message are enough for rpc_parse: its headers and the longest name that is worth keeping. */
#define RPC_HEAD_LIMIT 1024

/* What a procedure is called by: a number, or a name. */
typedef struct {
    uint16_t number; /* 0 = by name */
    span_t name;     /* UTF-16LE; what is there of it */
} rpc_t;

/* Reads the first call of an RPC message, without TDS header; others that the message may hold are not looked at. False
 * if the bytes do not get that far. */
bool rpc_parse(span_t message, rpc_t *rpc);

/* The same; `r` then stands behind what the procedure is called by: at the flags of the call. */
bool rpc_read(span_t message, rpc_t *rpc, reader_t *r);

/* The name of a procedure that is called by number; NULL for a number that has none. Static text. */
const char *rpc_well_known(uint16_t number);

#endif
