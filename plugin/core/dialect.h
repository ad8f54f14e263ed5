/* dialect.h - how old the TDS of a connection is, where no login tells its version: by its requests.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_DIALECT_H
#define TDSCONN_DIALECT_H

#include "bytes.h"
#include "tokens.h"

#define DIALECT_BYTES 64 /* of a request are enough */

/* Whether a request begins with ALL_HEADERS (MS-TDS 2.2.5.3), as all do from TDS 7.2 on, of which the transaction
 * descriptor is never missing. */
bool request_has_headers(span_t payload);

/* What the beginning of a request, of a packet type of tds.h and without TDS header, tells of the tokens of its
 * response. False if it tells nothing. */
bool dialect_of_request(uint8_t type, span_t payload, token_format_t *format);

#endif
