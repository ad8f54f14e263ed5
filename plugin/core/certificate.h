/* certificate.h - what a server's certificate says: for whom it is, from when until when, and who issued it
 * (RFC 5280, RFC 6125).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_CERTIFICATE_H
#define TDSCONN_CERTIFICATE_H

#include "der.h"

#define CERTIFICATE_NO_TIME INT64_MIN /* cut, or no time at all */

/* A common name, or an empty span. */
typedef struct {
    span_t text;
    bool wide; /* UCS-2, big-endian (BMPString); else a superset of ASCII */
} tls_name_t;

typedef struct {
    tls_name_t subject, issuer;
    bool self_issued;    /* subject and issuer are the same bytes */
    int64_t from, until; /* seconds since 1970 */
    span_t alternatives; /* the names in its subjectAltName */
    bool whole;          /* all of it could be read: it has no other name than these */
} tls_certificate_t;

/* Reads a certificate. False if it is cut before its subject. */
bool certificate_parse(span_t bytes, tls_certificate_t *certificate);

/* A name that the certificate is for. */
typedef struct {
    bool address; /* an IP address */
    span_t bytes; /* its 4 or 16 bytes; else a DNS name */
} certificate_name_t;

/* Takes the next name off a reader over `alternatives`: a DNS name or an address that is not cut. */
bool certificate_name_next(reader_t *r, certificate_name_t *name);

#define CERTIFICATE_NAME_TEXT 256

/* The name as text: what is no printable ASCII is '?'. */
void certificate_name_text(certificate_name_t name, char text[CERTIFICATE_NAME_TEXT]);

/* The same of the subject's common name; empty if it has none. */
void certificate_subject_text(const tls_certificate_t *certificate, char text[CERTIFICATE_NAME_TEXT]);

/* Whether a DNS name of a certificate, perhaps with a wildcard, stands for the host that was asked for. */
bool certificate_name_matches(const char *name, const char *asked);

/* Whether it is certain that the certificate is for other hosts than for the one that was asked for. Where it has no
 * DNS name, its subject counts. Never so of SQL Server's self-signed fallback, which is for nobody. */
bool certificate_is_for_others(const tls_certificate_t *certificate, const char *asked);

#define CERTIFICATE_DATE 48

/* "2023-01-01", in UTC. Returns `text`. */
const char *certificate_date(int64_t time, char text[CERTIFICATE_DATE]);

#endif
