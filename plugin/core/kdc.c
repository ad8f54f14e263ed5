/* kdc.c - what a Kerberos KDC is asked, and what it answers about a service.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "kdc.h"

#include "der.h"

enum {
    APPLICATION_TICKET = 1,
    APPLICATION_AS_REQ = 10,
    APPLICATION_AS_REP = 11,
    APPLICATION_TGS_REQ = 12,
    APPLICATION_TGS_REP = 13,
    APPLICATION_KRB_ERROR = 30
};

/* KDC-REP ::= SEQUENCE { ..., ticket [5] [APPLICATION 1] SEQUENCE { ..., realm [1], sname [2] } } */
static void reply(kdc_message_t *kdc, span_t body)
{
    static const uint8_t to_ticket[] = {DER_SEQUENCE, DER_CONTEXT(5)};
    reader_t r = reader_of(der_descend(body, to_ticket, sizeof to_ticket));
    der_t ticket;
    if (!der_next(&r, &ticket) || ticket.tag != DER_APPLICATION(APPLICATION_TICKET)) {
        return;
    }
    span_t parts = der_child(ticket.body, DER_SEQUENCE);
    kdc->ticket = ticket.full;
    kdc->about.realm = der_child(der_child(parts, DER_CONTEXT(1)), DER_GENERAL_STRING);
    kerberos_service(&kdc->about, der_child(parts, DER_CONTEXT(2)));
}

bool kdc_parse(span_t message, kdc_message_t *kdc)
{
    *kdc = (kdc_message_t){0};
    reader_t r = reader_of(message);
    der_t outer;
    if (!der_next(&r, &outer)) {
        return false;
    }
    switch (outer.tag) {
    case DER_APPLICATION(APPLICATION_AS_REP):
    case DER_APPLICATION(APPLICATION_TGS_REP):
        kdc->kind = outer.tag == DER_APPLICATION(APPLICATION_AS_REP) ? KDC_AS_REP : KDC_TGS_REP;
        reply(kdc, outer.body);
        break;
    case DER_APPLICATION(APPLICATION_KRB_ERROR):
        kdc->kind = KDC_ERROR;
        kerberos_error(&kdc->about, outer.body);
        break;
    default:
        return false;
    }
    return kdc->about.service_parts > 0;
}

/* KDC-REQ ::= SEQUENCE { ..., padata [3], req-body [4] SEQUENCE { ..., cname [1], realm [2], sname [3], ... } } */
bool kdc_parse_request(span_t message, kdc_message_t *kdc)
{
    static const uint8_t to_body[] = {DER_SEQUENCE, DER_CONTEXT(4), DER_SEQUENCE};
    *kdc = (kdc_message_t){0};
    reader_t r = reader_of(message);
    der_t outer;
    bool is_request = der_next(&r, &outer) && (outer.tag == DER_APPLICATION(APPLICATION_AS_REQ) ||
                                               outer.tag == DER_APPLICATION(APPLICATION_TGS_REQ));
    if (!is_request) {
        return false;
    }
    kdc->kind = outer.tag == DER_APPLICATION(APPLICATION_AS_REQ) ? KDC_AS_REQ : KDC_TGS_REQ;
    span_t body = der_descend(outer.body, to_body, sizeof to_body);
    kdc->about.realm = der_child(der_child(body, DER_CONTEXT(2)), DER_GENERAL_STRING);
    kerberos_service(&kdc->about, der_child(body, DER_CONTEXT(3)));
    return true;
}

bool kdc_is_sql_server(const kerberos_t *about)
{
    static const uint8_t name[] = {'M', 'S', 'S', 'Q', 'L', 'S', 'v', 'c'};
    return about->service_parts > 1 && span_equal(about->service[0], span_of(name, sizeof name));
}
