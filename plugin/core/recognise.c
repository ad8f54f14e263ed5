/* recognise.c - whether bytes are those of a connection to SQL Server.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "recognise.h"

#include "dialect.h"
#include "login7.h"
#include "proxy.h"
#include "smp.h"
#include "sspi.h"
#include "tds.h"
#include "tlshello.h"

/* Whether the version, which stands first, is within the message. */
static bool is_prelogin(const tds_header_t *header, span_t payload)
{
    const uint32_t version_length = 6;
    prelogin_t prelogin;
    reader_t r = reader_of(payload);
    read_skip(&r, 1);
    uint32_t offset = read_u16be(&r);
    return prelogin_parse(payload, &prelogin) && offset + version_length + TDS_HEADER_LENGTH <= header->length;
}

static bool is_login_payload(const tds_header_t *header, span_t payload)
{
    login7_t login;
    old_login_t old_login;
    switch (header->type) {
    case TDS_PRELOGIN:
    case TDS_RESPONSE: /* that of the server, in a capture of its side alone */
        return is_prelogin(header, payload);
    case TDS_LOGIN7:
        return login7_parse(payload, &login) && login.length + TDS_HEADER_LENGTH >= header->length;
    case TDS_OLD_LOGIN:
        return old_login_parse(payload, &old_login);
    default:
        return false;
    }
}

/* A request with which a capture may begin, but no connection. */
static bool is_request_payload(const tds_header_t *header, span_t payload, const circumstances_t *c)
{
    bool request = header->type == TDS_SQL_BATCH || header->type == TDS_RPC || header->type == TDS_TRANSACTION;
    return request && !c->from_start && request_has_headers(payload);
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

/* Whether these first bytes of a header may be those of a login; an old one has a type that many protocols begin with.
 */
static bool begins_login(span_t bytes, const circumstances_t *c)
{
    uint8_t type = bytes.at[0];
    bool login = type == TDS_PRELOGIN || type == TDS_LOGIN7 || (type == TDS_OLD_LOGIN && c->known_port);
    bool status = bytes.length < 2 || (bytes.at[1] & ~TDS_EOM) == 0;
    return login && status && (bytes.length < 4 || tds_header_plausible(bytes));
}

/* Whether the segment ends so early in PRELOGIN or LOGIN7 that it does not tell: some drivers send the header by
 * itself. */
static bool is_login_begun(const tds_header_t *header, span_t payload, const circumstances_t *c)
{
    const size_t telling = 8; /* bytes: of LOGIN7, its length and version; of PRELOGIN, its first option */
    bool begun = payload.length < telling && payload.length + TDS_HEADER_LENGTH < header->length;
    return c->from_start && begun && header->spid == 0 && (header->type == TDS_PRELOGIN || header->type == TDS_LOGIN7);
}

/* A packet that only TDS has. What a receiver ignores of its header counts where nothing else tells. */
static recognised_t recognise_tds(span_t bytes, const circumstances_t *c)
{
    tds_header_t header;
    bool plausible = tds_header_plausible(bytes);
    if (bytes.length < TDS_HEADER_LENGTH) {
        return begins_login(bytes, c) ? CLAIM_WAIT : CLAIM_NO;
    }
    if (!tds_header_possible(bytes) || !tds_header_parse(bytes, &header)) {
        return CLAIM_NO;
    }
    span_t payload = span_part(bytes, TDS_HEADER_LENGTH, header.length - TDS_HEADER_LENGTH);
    if (is_login_payload(&header, payload) || is_request_payload(&header, payload, c)) {
        return CLAIM_TDS;
    }
    if (!plausible && (header.length != c->length || !tds_type_used(header.type))) {
        return CLAIM_NO;
    }
    return is_login_begun(&header, payload, c) ? CLAIM_WAIT : recognise_header(&header, payload, c);
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

/* Whether the payload ends within a ClientHello, so that the next segment has the rest. */
static bool is_hello_begun(const tls_record_t *record, const circumstances_t *c)
{
    bool snapped = c->length > TLS_RECORD_HEADER_LENGTH + record->body.length;
    bool begun = c->from_start && record->type == TLS_HANDSHAKE && record->body.cut && !snapped;
    return begun && (record->body.length == 0 || record->body.at[0] == TLS_CLIENT_HELLO);
}

/* MS-TDS 1.7: ALPN may be missing; then only the port can say that this is no other service. */
static recognised_t recognise_tls(const tls_record_t *record, const circumstances_t *c)
{
    reader_t r = reader_of(record->body);
    tls_handshake_t handshake;
    tls_hello_t hello;
    if (record->type != TLS_HANDSHAKE || !tls_handshake_next(&r, &handshake) || handshake.type != TLS_CLIENT_HELLO ||
        !tls_client_hello_parse(handshake.body, &hello)) {
        bool midway = c->known_port && !c->from_start && record->type == TLS_APPLICATION_DATA;
        recognised_t otherwise = midway ? CLAIM_TDS : CLAIM_NO;
        return is_hello_begun(record, c) ? CLAIM_WAIT : otherwise;
    }
    if (hello.alpn_tds8) {
        return CLAIM_STRICT;
    }
    if (hello.alpn.length > 0) {
        return CLAIM_NO; /* another service */
    }
    if (c->known_port) {
        return CLAIM_STRICT;
    }
    return is_hello_begun(record, c) ? CLAIM_WAIT : CLAIM_LATER;
}

/* Whether these bytes, too few for the head of a unit, may begin a login or a ClientHello. */
static bool may_begin(span_t bytes, const circumstances_t *c)
{
    const uint8_t tls_major = 3;
    bool tls = bytes.at[0] == TLS_HANDSHAKE && (bytes.length < 2 || bytes.at[1] == tls_major);
    return begins_login(bytes, c) || (tls && c->from_start);
}

static recognised_t recognise_client(span_t bytes, const circumstances_t *c)
{
    tls_record_t record;
    if (bytes.length == 0) {
        return CLAIM_WAIT;
    }
    if (!recognisable(bytes.at[0])) {
        return CLAIM_NO;
    }
    if (bytes.length < UNIT_HEAD_LENGTH) {
        return may_begin(bytes, c) ? CLAIM_WAIT : CLAIM_NO;
    }
    if (bytes.at[0] == SMP_ID) {
        return recognise_smp(bytes, c);
    }
    if (tls_record_parse(bytes, &record)) {
        return recognise_tls(&record, c);
    }
    return recognise_tds(bytes, c);
}

/* What a PROXY header stands before tells. One alone may stand before anything, on a known port too: the port tells. */
static recognised_t recognise_proxied(span_t bytes, const proxy_header_t *header, const circumstances_t *c)
{
    if (c->length > header->length) {
        circumstances_t behind = *c;
        behind.length -= header->length;
        return recognise_client(span_from(bytes, header->length), &behind);
    }
    if (!c->from_start) {
        return CLAIM_NO;
    }
    return c->known_port ? CLAIM_TDS : CLAIM_BEHIND;
}

recognised_t recognise(span_t bytes, const circumstances_t *c)
{
    proxy_header_t header;
    return proxy_header_parse(bytes, &header) ? recognise_proxied(bytes, &header, c) : recognise_client(bytes, c);
}
