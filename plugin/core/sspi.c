/* sspi.c - tokens of Windows authentication: their kind, and the names in them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "sspi.h"

#include <string.h>

#include "der.h"

static const uint8_t ntlmssp_signature[] = {'N', 'T', 'L', 'M', 'S', 'S', 'P', 0};

static const uint8_t oid_spnego[] = {0x2B, 0x06, 0x01, 0x05, 0x05, 0x02};
static const uint8_t oid_kerberos[] = {0x2A, 0x86, 0x48, 0x86, 0xF7, 0x12, 0x01, 0x02, 0x02};
static const uint8_t oid_kerberos_ms[] = {0x2A, 0x86, 0x48, 0x82, 0xF7, 0x12, 0x01, 0x02, 0x02};
static const uint8_t oid_kerberos_user[] = {0x2A, 0x86, 0x48, 0x86, 0xF7, 0x12, 0x01, 0x02, 0x02, 0x03};
static const uint8_t oid_ntlm[] = {0x2B, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x02, 0x02, 0x0A};

typedef enum { MECHANISM_OTHER, MECHANISM_SPNEGO, MECHANISM_KERBEROS, MECHANISM_NTLM } mechanism_t;

static mechanism_t mechanism_of(span_t oid)
{
    static const struct {
        const uint8_t *oid;
        size_t length;
        mechanism_t mechanism;
    } known[] = {
        {oid_spnego, sizeof oid_spnego, MECHANISM_SPNEGO},
        {oid_kerberos, sizeof oid_kerberos, MECHANISM_KERBEROS},
        {oid_kerberos_ms, sizeof oid_kerberos_ms, MECHANISM_KERBEROS},
        {oid_kerberos_user, sizeof oid_kerberos_user, MECHANISM_KERBEROS},
        {oid_ntlm, sizeof oid_ntlm, MECHANISM_NTLM},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (span_equal(oid, span_of(known[i].oid, known[i].length))) {
            return known[i].mechanism;
        }
    }
    return MECHANISM_OTHER;
}

/* MS-NLMP: each name stands behind {length 2, maximum 2, offset 4} at a fixed place. */
enum { NTLM_AT_CHALLENGE_FLAGS = 20 };
enum { NTLM_AT_NT_RESPONSE = 20, NTLM_AT_DOMAIN = 28, NTLM_AT_USER = 36, NTLM_AT_WORKSTATION = 44, NTLM_AT_FLAGS = 60 };

#define NTLM_UNICODE        0x00000001
#define NTLM_ANONYMOUS      0x00000800
#define NTLM_LOCAL_CALL     0x00004000 /* what Windows calls it: MS-NLMP has it as unused */
#define NTLM_V2_AV_PAIRS_AT 44         /* NTProofStr 16, then the fixed part of NTLMv2_CLIENT_CHALLENGE, 28 */

static span_t ntlm_value(span_t token, size_t at)
{
    reader_t r = reader_of(span_part(token, at, 8));
    uint16_t length = read_u16le(&r);
    read_skip(&r, 2);
    uint32_t offset = read_u32le(&r);
    span_t lost = {.cut = true};
    return r.ok ? span_part(token, offset, length) : lost;
}

static uint16_t ntlm_length(span_t token, size_t at)
{
    reader_t r = reader_of(span_part(token, at, 2));
    return read_u16le(&r);
}

static bool is_zero(span_t bytes)
{
    for (size_t i = 0; i < bytes.length; i++) {
        if (bytes.at[i] != 0) {
            return false;
        }
    }
    return true;
}

/* MS-NLMP 2.2.2.1. */
enum { AV_END = 0, AV_TARGET_NAME = 9, AV_CHANNEL_BINDINGS = 10 };

/* Returns whether all of them are there. */
static bool ntlm_av_pairs(ntlm_t *ntlm, span_t nt_response)
{
    reader_t r = reader_of(span_from(nt_response, NTLM_V2_AV_PAIRS_AT));
    for (;;) {
        uint16_t id = read_u16le(&r);
        uint16_t length = read_u16le(&r);
        if (!r.ok || id == AV_END) {
            return r.ok || !nt_response.cut;
        }
        span_t value = read_part(&r, length);
        if (id == AV_TARGET_NAME) {
            ntlm->target_spn = value;
        } else if (id == AV_CHANNEL_BINDINGS && !value.cut) {
            ntlm->has_channel_bindings = true;
            ntlm->channel_bindings_zero = is_zero(value);
        }
    }
}

static void ntlm_challenge(ntlm_t *ntlm, span_t token)
{
    reader_t flags_at = reader_of(span_part(token, NTLM_AT_CHALLENGE_FLAGS, 4));
    ntlm->local_call = (read_u32le(&flags_at) & NTLM_LOCAL_CALL) != 0;
}

static void ntlm_authenticate(ntlm_t *ntlm, span_t token)
{
    reader_t flags_at = reader_of(span_part(token, NTLM_AT_FLAGS, 4));
    uint32_t flags = read_u32le(&flags_at);
    ntlm->unicode = (flags & NTLM_UNICODE) != 0;
    ntlm->domain = ntlm_value(token, NTLM_AT_DOMAIN);
    ntlm->user = ntlm_value(token, NTLM_AT_USER);
    ntlm->workstation = ntlm_value(token, NTLM_AT_WORKSTATION);
    ntlm->nt_response_length = ntlm_length(token, NTLM_AT_NT_RESPONSE);
    bool has_length = !span_part(token, NTLM_AT_NT_RESPONSE, sizeof(uint16_t)).cut;
    ntlm->anonymous = flags_at.ok && ((flags & NTLM_ANONYMOUS) != 0 || (ntlm_length(token, NTLM_AT_USER) == 0 &&
                                                                        ntlm_length(token, NTLM_AT_DOMAIN) == 0));
    ntlm->says_anonymous = (flags & NTLM_ANONYMOUS) != 0;
    ntlm->local_call = (flags & NTLM_LOCAL_CALL) != 0;
    bool has_pairs = ntlm->nt_response_length > NTLM_V1_RESPONSE_LENGTH;
    ntlm->bindings_reported = has_length && (!has_pairs || ntlm_av_pairs(ntlm, ntlm_value(token, NTLM_AT_NT_RESPONSE)));
}

static bool is_ntlm(span_t token)
{
    return span_starts_with(token, span_of(ntlmssp_signature, sizeof ntlmssp_signature));
}

static void ntlm_token(sspi_t *sspi, span_t token)
{
    static const sspi_kind_t kinds[] = {SSPI_UNKNOWN, SSPI_NTLM_NEGOTIATE, SSPI_NTLM_CHALLENGE, SSPI_NTLM_AUTHENTICATE};
    reader_t r = reader_of(span_part(token, sizeof ntlmssp_signature, 4));
    uint32_t type = read_u32le(&r);
    sspi->kind = type < sizeof kinds / sizeof kinds[0] ? kinds[type] : SSPI_UNKNOWN;
    if (sspi->kind == SSPI_NTLM_AUTHENTICATE) {
        ntlm_authenticate(&sspi->ntlm, token);
    } else if (sspi->kind == SSPI_NTLM_CHALLENGE) {
        ntlm_challenge(&sspi->ntlm, token);
    }
}

/* RFC 4120: the application tags of the messages, and the context tags of the parts that name a service. */
enum { KERBEROS_AP_REQ = 14, KERBEROS_AP_REP = 15, KERBEROS_ERROR = 30 };

/* PrincipalName ::= SEQUENCE { name-type [0], name-string [1] SEQUENCE OF GeneralString } */
void kerberos_service(kerberos_t *kerberos, span_t principal)
{
    static const uint8_t to_strings[] = {DER_SEQUENCE, DER_CONTEXT(1), DER_SEQUENCE};
    span_t strings = der_descend(principal, to_strings, sizeof to_strings);
    reader_t r = reader_of(strings);
    der_t part;
    while (kerberos->service_parts < KERBEROS_NAME_PARTS && der_next(&r, &part)) {
        kerberos->service[kerberos->service_parts++] = part.body;
    }
    kerberos->service_cut = strings.cut || r.left > 0;
}

/* AP-REQ ::= [APPLICATION 14] SEQUENCE { ..., ticket [3] [APPLICATION 1] SEQUENCE { realm [1], sname [2] } } */
static void kerberos_ap_req(kerberos_t *kerberos, span_t body)
{
    static const uint8_t to_ticket[] = {DER_SEQUENCE, DER_CONTEXT(3), DER_APPLICATION(1), DER_SEQUENCE};
    span_t ticket = der_descend(body, to_ticket, sizeof to_ticket);
    kerberos->realm = der_child(der_child(ticket, DER_CONTEXT(1)), DER_GENERAL_STRING);
    kerberos_service(kerberos, der_child(ticket, DER_CONTEXT(2)));
}

/* KRB-ERROR ::= [APPLICATION 30] SEQUENCE { ..., error-code [6], ..., realm [9], sname [10], ... } */
void kerberos_error(kerberos_t *kerberos, span_t body)
{
    span_t error = der_child(body, DER_SEQUENCE);
    span_t code = der_child(der_child(error, DER_CONTEXT(6)), DER_INTEGER);
    reader_t r = reader_of(code);
    kerberos->error = (uint32_t)read_be(&r, code.length <= 4 ? code.length : 4);
    kerberos->realm = der_child(der_child(error, DER_CONTEXT(9)), DER_GENERAL_STRING);
    kerberos_service(kerberos, der_child(error, DER_CONTEXT(10)));
}

/* Reads a message of Kerberos. False if it is none. */
static bool kerberos_message(sspi_t *sspi, const der_t *message)
{
    switch (message->tag) {
    case DER_APPLICATION(KERBEROS_AP_REQ):
        sspi->kind = SSPI_KERBEROS_AP_REQ;
        kerberos_ap_req(&sspi->kerberos, message->body);
        return true;
    case DER_APPLICATION(KERBEROS_AP_REP):
        sspi->kind = SSPI_KERBEROS_AP_REP;
        return true;
    case DER_APPLICATION(KERBEROS_ERROR):
        sspi->kind = SSPI_KERBEROS_ERROR;
        kerberos_error(&sspi->kerberos, message->body);
        return true;
    default:
        return false;
    }
}

/* What follows the mechanism's OID in a GSS Kerberos token: {token id 2, message}, RFC 4121 4.1. */
static void kerberos_token(sspi_t *sspi, span_t token)
{
    reader_t r = reader_of(token);
    read_skip(&r, 2);
    der_t message;
    if (der_next(&r, &message)) {
        (void)kerberos_message(sspi, &message);
    }
}

static void mechanism_token(sspi_t *sspi, span_t token);

/* NegTokenInit ::= SEQUENCE { mechTypes [0] SEQUENCE OF OID, ..., mechToken [2] OCTET STRING }. The client's
 * first choice is what mechToken is of; a list alone proves no mechanism. */
static void spnego_init(sspi_t *sspi, span_t body)
{
    span_t fields = der_child(body, DER_SEQUENCE);
    sspi->spnego = true;
    sspi->kind = SSPI_SPNEGO;
    mechanism_token(sspi, der_child(der_child(fields, DER_CONTEXT(2)), DER_OCTET_STRING));
}

/* negState [0] ENUMERATED { accept-completed (0), accept-incomplete (1), reject (2), request-mic (3) } */
static bool is_reject(span_t fields)
{
    enum { NEG_STATE_REJECT = 2 };
    span_t state = der_child(der_child(fields, DER_CONTEXT(0)), DER_ENUMERATED);
    return state.length == 1 && state.at[0] == NEG_STATE_REJECT;
}

/* NegTokenResp ::= SEQUENCE { negState [0], supportedMech [1] OID, responseToken [2] OCTET STRING, ... } */
static void spnego_response(sspi_t *sspi, span_t body)
{
    static const sspi_kind_t chosen[] = {
        [MECHANISM_OTHER] = SSPI_SPNEGO,
        [MECHANISM_SPNEGO] = SSPI_SPNEGO,
        [MECHANISM_KERBEROS] = SSPI_KERBEROS_CHOSEN,
        [MECHANISM_NTLM] = SSPI_NTLM_CHOSEN,
    };
    span_t fields = der_child(body, DER_SEQUENCE);
    sspi->spnego = true;
    sspi->kind = chosen[mechanism_of(der_child(der_child(fields, DER_CONTEXT(1)), DER_OID))];
    sspi->rejected = is_reject(fields);
    mechanism_token(sspi, der_child(der_child(fields, DER_CONTEXT(2)), DER_OCTET_STRING));
}

/* InitialContextToken ::= [APPLICATION 0] { thisMech OID, innerToken }, RFC 2743 3.1. */
static void gss_token(sspi_t *sspi, span_t body)
{
    reader_t r = reader_of(body);
    der_t oid;
    if (!der_next(&r, &oid) || oid.tag != DER_OID) {
        return;
    }
    switch (mechanism_of(oid.body)) {
    case MECHANISM_KERBEROS:
        kerberos_token(sspi, span_of(r.at, r.left));
        break;
    case MECHANISM_SPNEGO:
        spnego_init(sspi, der_child(span_of(r.at, r.left), DER_CONTEXT(0)));
        break;
    case MECHANISM_NTLM:
    case MECHANISM_OTHER:
        break;
    }
}

/* Reads a token of one mechanism, raw or inside SPNEGO. Does not change the kind if the token is of no known kind. */
static void mechanism_token(sspi_t *sspi, span_t token)
{
    if (is_ntlm(token)) {
        ntlm_token(sspi, token);
        return;
    }
    reader_t r = reader_of(token);
    der_t outer;
    if (!der_next(&r, &outer)) {
        return;
    }
    if (kerberos_message(sspi, &outer)) { /* without GSS framing, as DCE style and impacket send it */
        return;
    }
    if (outer.tag == DER_APPLICATION(0) && !sspi->spnego) {
        gss_token(sspi, outer.body);
    } else if (outer.tag == DER_APPLICATION(0)) { /* inside SPNEGO only a plain mechanism may follow */
        reader_t inner = reader_of(outer.body);
        der_t oid;
        if (der_next(&inner, &oid) && mechanism_of(oid.body) == MECHANISM_KERBEROS) {
            kerberos_token(sspi, span_of(inner.at, inner.left));
        }
    } else if (outer.tag == DER_CONTEXT(1) && !sspi->spnego) {
        spnego_response(sspi, outer.body);
    } else if (outer.tag == DER_CONTEXT(0) && !sspi->spnego) {
        spnego_init(sspi, outer.body);
    }
}

bool sspi_parse(span_t token, sspi_t *sspi)
{
    *sspi = (sspi_t){0};
    if (token.length == 0) {
        return false;
    }
    mechanism_token(sspi, token);
    return true;
}

/* Puts bytes behind those that stand there. */
static void name_add(span_t *name, char room[KERBEROS_NAME_LIMIT], span_t bytes)
{
    span_t taken = span_head(bytes, KERBEROS_NAME_LIMIT - name->length);
    if (taken.length > 0) {
        memcpy(room + name->length, taken.at, taken.length);
    }
    name->length += taken.length;
    name->cut = name->cut || taken.cut;
}

span_t kerberos_service_name(const kerberos_t *kerberos, char room[KERBEROS_NAME_LIMIT])
{
    static const uint8_t between[] = {'/'};
    span_t name = span_of((const uint8_t *)room, 0);
    for (unsigned i = 0; i < kerberos->service_parts; i++) {
        name_add(&name, room, span_of(between, i > 0 ? sizeof between : 0));
        name_add(&name, room, kerberos->service[i]);
    }
    name.cut = name.cut || kerberos->service_cut;
    return name;
}

bool sspi_starts(span_t bytes)
{
    return is_ntlm(bytes) || (bytes.length > 1 && (bytes.at[0] == DER_APPLICATION(0) || bytes.at[0] == DER_CONTEXT(1) ||
                                                   bytes.at[0] == DER_CONTEXT(0)));
}

bool sspi_is_of_server(span_t bytes)
{
    sspi_t sspi;
    return sspi_starts(bytes) && sspi_parse(bytes, &sspi) &&
           (sspi.kind == SSPI_NTLM_CHALLENGE || sspi.kind == SSPI_KERBEROS_AP_REP || sspi.kind == SSPI_KERBEROS_ERROR);
}
