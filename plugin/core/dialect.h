/* dialect.h - the age of a connection's TDS by its requests, if no login tells the version.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_DIALECT_H
#define TDSCONN_DIALECT_H

#include "bytes.h"
#include "tokens.h"

#define DIALECT_BYTES 512 /* the first bytes of a request that are looked at */

/* Whether a request begins with ALL_HEADERS (MS-TDS 2.2.5.3), as every request does from TDS 7.2 on. */
bool request_has_headers(span_t payload);

/* The format of the tokens in the response to this request, by how the request begins. `type`: its packet type, from
 * tds.h. `payload`: without TDS header. False if the request does not tell. */
bool dialect_of_request(uint8_t type, span_t payload, token_format_t *format);

#endif
