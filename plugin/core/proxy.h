/* proxy.h - the header of the PROXY protocol, with which a load balancer tells a server whose bytes follow. SQL Server
 * does not read it. By haproxy.org's proxy-protocol.txt, 2.1 (version 1, a line of text) and 2.2 (version 2, binary).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_PROXY_H
#define TDSCONN_PROXY_H

#include "bytes.h"

#define PROXY_SOURCE 48 /* bytes of an address as text, with its NUL */

typedef struct {
    uint8_t version;           /* 1 or 2 */
    uint32_t length;           /* of the header, in bytes */
    char source[PROXY_SOURCE]; /* the address of whom the load balancer serves; "" if the header does not tell */
} proxy_header_t;

/* The header that stood before the client's first bytes. */
typedef struct {
    uint32_t frame; /* 0 = none */
    uint8_t version;
    const char *source; /* as in proxy_header_t; NULL if frame is 0 */
} proxied_t;

/* Reads the header with which these bytes begin. False if they do not begin with a whole one; `header` is then
 * undefined. No packet of TDS, SMP or TLS is taken for one. */
bool proxy_header_parse(span_t bytes, proxy_header_t *header);

#endif
