/* recognise.c - whether bytes are those of a connection to SQL Server.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "recognise.h"

#include "dialect.h"
#include "login7.h"
#include "smp.h"
#include "sspi.h"
#include "tds.h"
#include "tlshello.h"

static bool is_login_payload(const tds_header_t *header, span_t payload)
{
    prelogin_t prelogin;
    login7_t login;
    old_login_t old_login;
    switch (header->type) {
    case TDS_PRELOGIN:
    case TDS_RESPONSE: /* that of the server, in a capture of its side alone */
        return prelogin_parse(payload, &prelogin);
    case TDS_LOGIN7:
        return login7_parse(payload, &login) && login.length + TDS_HEADER_LENGTH >= header->length;
    case TDS_OLD_LOGIN:
        return old_login_parse(payload, &old_login);
    default:
        return false;
    }
}

/* A request with which a capture may begin. */
static bool is_request_payload(const tds_header_t *header, span_t payload)
{
    bool request = header->type == TDS_SQL_BATCH || header->type == TDS_RPC || header->type == TDS_TRANSACTION;
    return request && request_has_headers(payload);
}

/* Bytes within a server's rows can look like the header of a packet that only a client sends: the sender rules that
 * out. But a server may send its token as a client does. */
static bool may_be_of_sender(const tds_header_t *header, span_t payload, const circumstances_t *c)
{
    bool token = header->type == TDS_SSPI && sspi_is_of_server(payload);
    sender_t sender = token ? SENDER_SERVER : tds_type_sender(header->type);
    return sender == SENDER_UNKNOWN || c->sender == SENDER_UNKNOWN || sender == c->sender;
}

/* On a known port a header alone is enough, in the middle of a connection or for an old login that is cut: the bytes
 * that identify an old login stand at its end. */
static recognised_t recognise_header(const tds_header_t *header, span_t payload, const circumstances_t *c)
{
    bool cut_login = header->type == TDS_OLD_LOGIN && payload.length + TDS_HEADER_LENGTH < header->length;
    bool enough = cut_login || !c->from_start;
    return c->known_port && enough && may_be_of_sender(header, payload, c) ? CLAIM_TDS : CLAIM_NO;
}

/* A packet that only TDS has. What a receiver ignores of its header counts where nothing else tells. */
static recognised_t recognise_tds(span_t bytes, const circumstances_t *c)
{
    tds_header_t header;
    bool plausible = tds_header_plausible(bytes);
    if (bytes.length < TDS_HEADER_LENGTH) {
        return plausible && bytes.at[0] >= TDS_LOGIN7 ? CLAIM_WAIT : CLAIM_NO;
    }
    if (!tds_header_possible(bytes) || !tds_header_parse(bytes, &header)) {
        return CLAIM_NO;
    }
    span_t payload = span_part(bytes, TDS_HEADER_LENGTH, header.length - TDS_HEADER_LENGTH);
    if (is_login_payload(&header, payload) || is_request_payload(&header, payload)) {
        return CLAIM_TDS;
    }
    if (!plausible && (header.length != c->length || !tds_type_used(header.type))) {
        return CLAIM_NO;
    }
    if (c->from_start && payload.length == 0 && header.length > TDS_HEADER_LENGTH && header.spid == 0 &&
        (header.type == TDS_PRELOGIN || header.type == TDS_LOGIN7)) {
        return CLAIM_WAIT; /* a driver that sends the header by itself */
    }
    return recognise_header(&header, payload, c);
}

static recognised_t recognise_smp(span_t bytes, const circumstances_t *c)
{
    smp_header_t header;
    if (!smp_header_parse(bytes, &header) || !smp_header_sound(&header) || c->from_start) {
        return CLAIM_NO;
    }
    if (c->known_port) {
        return CLAIM_TDS;
    }
    tds_header_t inner;
    span_t data = span_from(bytes, SMP_HEADER_LENGTH);
    return tds_header_plausible(data) && tds_header_parse(data, &inner) &&
                   inner.length == header.length - SMP_HEADER_LENGTH
               ? CLAIM_TDS
               : CLAIM_NO;
}

/* MS-TDS 1.7: ALPN may be missing; then only the port can say that this is no other service. */
static recognised_t recognise_tls(const tls_record_t *record, const circumstances_t *c)
{
    reader_t r = reader_of(record->body);
    tls_handshake_t handshake;
    tls_hello_t hello;
    if (record->type != TLS_HANDSHAKE || !tls_handshake_next(&r, &handshake) || handshake.type != TLS_CLIENT_HELLO ||
        !tls_client_hello_parse(handshake.body, &hello)) {
        return c->known_port && !c->from_start && record->type == TLS_APPLICATION_DATA ? CLAIM_TDS : CLAIM_NO;
    }
    if (hello.alpn_tds8) {
        return CLAIM_STRICT;
    }
    if (hello.alpn.length > 0) {
        return CLAIM_NO; /* another service */
    }
    return c->known_port ? CLAIM_STRICT : CLAIM_LATER;
}

recognised_t recognise(span_t bytes, const circumstances_t *c)
{
    tls_record_t record;
    if (bytes.length == 0) {
        return CLAIM_WAIT;
    }
    if (!recognisable(bytes.at[0])) {
        return CLAIM_NO;
    }
    if (bytes.length < UNIT_HEAD_LENGTH) {
        return bytes.at[0] >= TDS_LOGIN7 && bytes.at[0] <= TDS_PRELOGIN ? CLAIM_WAIT : CLAIM_NO;
    }
    if (bytes.at[0] == SMP_ID) {
        return recognise_smp(bytes, c);
    }
    if (tls_record_parse(bytes, &record)) {
        return recognise_tls(&record, c);
    }
    return recognise_tds(bytes, c);
}
