/* certificate.h - a server's certificate: its names, its dates, and its issuer (RFC 5280, RFC 6125).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_CERTIFICATE_H
#define TDSCONN_CERTIFICATE_H

#include "der.h"

#define CERTIFICATE_NO_TIME INT64_MIN /* the time is cut, or is no time */

/* A common name, or an empty span. */
typedef struct {
    span_t text;
    bool wide; /* UCS-2, big-endian (BMPString); else ASCII or a superset of it */
} tls_name_t;

typedef struct {
    tls_name_t subject, issuer;
    bool self_issued;    /* subject and issuer are the same bytes */
    int64_t from, until; /* seconds since 1970 */
    span_t alternatives; /* the names in its subjectAltName, for certificate_name_next */
    uint16_t key_bits;   /* the length of its RSA key; 0 = another key, or not known */
    const char
        *weak_signature; /* the hash that its issuer signed, where that is SHA-1 or MD5; else NULL. Static text */
    bool whole;          /* all of it was read: it has no other names */
} tls_certificate_t;

/* Reads a certificate. False if it is cut before its subject. */
bool certificate_parse(span_t bytes, tls_certificate_t *certificate);

/* One of the names that the certificate is for. */
typedef struct {
    bool address; /* an IP address */
    span_t bytes; /* its 4 or 16 bytes; else a DNS name */
} certificate_name_t;

/* Reads the next DNS name or IP address. `r` reads `alternatives`. Cut and other names are left out. False at the end.
 */
bool certificate_name_next(reader_t *r, certificate_name_t *name);

#define CERTIFICATE_NAME_TEXT 256

/* The name as text. Bytes that are no printable ASCII become '?'. */
void certificate_name_text(certificate_name_t name, char text[CERTIFICATE_NAME_TEXT]);

/* The subject's common name as text, in the same way; empty if it has none. */
void certificate_subject_text(const tls_certificate_t *certificate, char text[CERTIFICATE_NAME_TEXT]);

/* Whether a DNS name of a certificate, perhaps with a wildcard, matches the host that the client asked for (RFC 6125
 * 6.4.3). */
bool certificate_name_matches(const char *name, const char *asked);

/* Whether the certificate is certainly not for the host that the client asked for. If it has no DNS name, its subject's
 * common name counts (RFC 6125 6.4.4). False for SQL Server's self-signed fallback, which names no host, if `asked` is
 * NULL, empty or an IPv6 address, and if not all of the certificate was read. */
bool certificate_is_for_others(const tls_certificate_t *certificate, const char *asked);

#define CERTIFICATE_DATE 48

/* "2023-01-01", in UTC. Returns `text`. */
const char *certificate_date(int64_t time, char text[CERTIFICATE_DATE]);

#endif
