/* statement.h - the SQL text that a request brings: that of a batch (MS-TDS 2.2.6.7), or the statement of a call
 * (2.2.6.6).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_STATEMENT_H
#define TDSCONN_STATEMENT_H

#include "bytes.h"

/* What a request says of its text. */
typedef enum {
    STATEMENT_NONE,   /* it brings none: another procedure, or one that was prepared before */
    STATEMENT_HIDDEN, /* it brings one, or may: but where, these bytes do not tell */
    STATEMENT_READ
} statement_kind_t;

typedef struct {
    const char *source; /* "batch", or the procedure that got it; static text */
    span_t text;        /* of STATEMENT_READ; cut where its end is not there */
    bool wide;          /* UTF-16LE, else one byte a character */
} statement_t;

/* Reads a request of this packet type of tds.h, without TDS headers. `tds_version` is LOGIN7's number for it, 0 = not
 * known. The pieces of a long statement are put together in `room`, as many bytes as the message has; the text points
 * into that or into the message. Of several calls in a message only the first is read. */
statement_kind_t statement_of(uint8_t type, span_t message, uint32_t tds_version, uint8_t *room,
                              statement_t *statement);

#endif
