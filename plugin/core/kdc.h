/* kdc.h - what a Kerberos KDC is asked, and what it answers about a service (RFC 4120 5.4, 5.9).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_KDC_H
#define TDSCONN_KDC_H

#include "sspi.h"

typedef enum { KDC_AS_REQ, KDC_TGS_REQ, KDC_AS_REP, KDC_TGS_REP, KDC_ERROR } kdc_kind_t;

typedef struct {
    kdc_kind_t kind;
    kerberos_t about; /* realm and service; of KDC_ERROR also the error code */
    size_t ticket;    /* the real length of the ticket in bytes, also if it is cut; 0 = there is none */
} kdc_message_t;

/* Reads a message from a KDC, without the length that stands before it over TCP. False if it is no answer, or names no
 * service. A cut message is read as far as it goes. */
bool kdc_parse(span_t message, kdc_message_t *kdc);

/* Reads a message to a KDC in the same way. False if it is no request. A request that is cut before its service is
 * true, with about.service_parts 0. */
bool kdc_parse_request(span_t message, kdc_message_t *kdc);

/* Whether a service name is SQL Server's: MSSQLSvc/... */
bool kdc_is_sql_server(const kerberos_t *about);

#endif
