/* statement.h - the SQL text of a request: of a batch (MS-TDS 2.2.6.7), or the statement in an RPC (2.2.6.6).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_STATEMENT_H
#define TDSCONN_STATEMENT_H

#include "bytes.h"

/* Whether a request has an SQL text. */
typedef enum {
    STATEMENT_NONE,   /* it has none: another procedure, or a statement that was prepared before */
    STATEMENT_HIDDEN, /* it has one, or may have one, but it cannot be read from these bytes */
    STATEMENT_READ
} statement_kind_t;

typedef struct {
    const char *source; /* "batch", the procedure that gets the statement, or "call" for another one; static text */
    span_t text;        /* of STATEMENT_READ; cut if its end is not there */
    bool wide;          /* UTF-16LE; else one byte for each character */
} statement_t;

/* Reads a request, without TDS headers. `type`: its packet type, from tds.h. `tds_version`: LOGIN7's number for the
 * version, 0 = not known. `room`: at least as many bytes as the message has; the pieces of a long statement are joined
 * there. The text points into `room` or into the message. If a message has several calls, only the first is read. */
statement_kind_t statement_of(uint8_t type, span_t message, uint32_t tds_version, uint8_t *room,
                              statement_t *statement);

#endif
