/* sspi_test.c - what a Windows authentication token is and whom it names.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "vectors.h"

#include "der.h"
#include "login7.h"
#include "sspi.h"
#include "tokens.h"

#define OID_SPNEGO        "06 06 2B0601050502"
#define OID_KERBEROS      "06 09 2A864886F712010202"
#define OID_KERBEROS_MS   "06 09 2A864882F712010202"
#define OID_KERBEROS_USER "06 0A 2A864886F71201020203"
#define OID_NTLM          "06 0A 2B06010401823702020A"
#define OID_NEGOEX        "06 0A 2B06010401823702021E"

static sspi_t parsed(span_t token)
{
    sspi_t sspi;
    assert_true(sspi_parse(token, &sspi));
    return sspi;
}

static span_t captured_negotiate(void)
{
    login7_t login;
    assert_true(login7_parse(tds_payload(hex(login7_ntlm)), &login));
    return login.sspi;
}

static span_t captured_ap_req(void)
{
    login7_t login;
    assert_true(login7_parse(tds_payload(hex(login7_kerberos)), &login));
    return login.sspi;
}

static span_t captured_answer(const char *packet)
{
    span_t message = tds_payload(hex(packet));
    response_t response;
    response_read(message, message.length, token_format_of(0x74000004), &response);
    assert_true(response.has_sspi);
    return response.sspi;
}

static span_t captured_challenge(void)
{
    return captured_answer(ntlm_challenge_response);
}

static span_t captured_ap_rep(void)
{
    return captured_answer(kerberos_response);
}

/* From here on: tokens put together as RFC 4178 and RFC 4121 have them. */

static span_t gss(const char *oid, span_t inner)
{
    return der(0x60, JOIN(hex(oid), inner));
}

static span_t spnego_init(const char *mechanisms, span_t token)
{
    span_t fields = der(0xA0, der(0x30, hex(mechanisms)));
    if (token.length > 0) {
        fields = JOIN(fields, der(0xA2, der(0x04, token)));
    }
    return gss(OID_SPNEGO, der(0xA0, der(0x30, fields)));
}

/* negState, supportedMech ("" = none), responseToken (empty = none). */
static span_t spnego_response(unsigned state, const char *mechanism, span_t token)
{
    span_t fields = der(0xA0, der(0x0A, u8(state)));
    if (mechanism[0] != '\0') {
        fields = JOIN(fields, der(0xA1, hex(mechanism)));
    }
    if (token.length > 0) {
        fields = JOIN(fields, der(0xA2, der(0x04, token)));
    }
    return der(0xA1, der(0x30, fields));
}

static span_t principal(const char *first, const char *second)
{
    span_t strings = JOIN(der(0x1B, text(first)), der(0x1B, text(second)));
    return der(0x30, JOIN(der(0xA0, hex("02 01 02")), der(0xA1, der(0x30, strings))));
}

static span_t krb_error(unsigned code)
{
    span_t fields = JOIN(der(0xA0, hex("02 01 05")), der(0xA1, hex("02 01 1E")), der(0xA6, der(0x02, u8(code))),
                         der(0xA9, der(0x1B, text("LAB.TEST"))), der(0xAA, principal("MSSQLSvc", "db.lab.test")));
    return der(0x7E, der(0x30, fields));
}

static span_t krb_error_token(unsigned code)
{
    return gss(OID_KERBEROS, JOIN(hex("03 00"), krb_error(code)));
}

/* A Kerberos message without its GSS frame: what stands behind {OID, token id}. */
static span_t unframed(span_t token)
{
    reader_t r = reader_of(token);
    der_t outer, oid;
    assert_true(der_next(&r, &outer));
    reader_t inner = reader_of(outer.body);
    assert_true(der_next(&inner, &oid));
    return span_part(outer.body, outer.body.length - inner.left + 2, outer.body.length);
}

static void captured_tokens_have_their_kind(void **state)
{
    (void)state;
    assert_int_equal(parsed(captured_negotiate()).kind, SSPI_NTLM_NEGOTIATE);
    assert_int_equal(parsed(captured_challenge()).kind, SSPI_NTLM_CHALLENGE);
    assert_int_equal(parsed(tds_payload(hex(ntlm_authenticate))).kind, SSPI_NTLM_AUTHENTICATE);
    assert_int_equal(parsed(tds_payload(hex(ntlm_v1_authenticate))).kind, SSPI_NTLM_AUTHENTICATE);
    assert_int_equal(parsed(captured_ap_req()).kind, SSPI_KERBEROS_AP_REQ);
    assert_int_equal(parsed(captured_ap_rep()).kind, SSPI_KERBEROS_AP_REP);
}

/* ntlm-odbc-noenc, frame 10: LAB\alice at vm, NTLMv2, 164 bytes; FreeTDS adds neither target nor bindings. */
static void authenticate_names_its_user(void **state)
{
    (void)state;
    ntlm_t ntlm = parsed(tds_payload(hex(ntlm_authenticate))).ntlm;
    assert_true(ntlm.unicode);
    assert_utf16(ntlm.domain, "LAB");
    assert_utf16(ntlm.user, "alice");
    assert_utf16(ntlm.workstation, "vm");
    assert_int_equal(ntlm.nt_response_length, 164);
    assert_int_equal(ntlm.target_spn.length, 0);
    assert_false(ntlm.has_channel_bindings || ntlm.anonymous);
}

static void ntlm_v1_is_known_by_its_length(void **state)
{
    (void)state;
    ntlm_t ntlm = parsed(tds_payload(hex(ntlm_v1_authenticate))).ntlm;
    assert_int_equal(ntlm.nt_response_length, NTLM_V1_RESPONSE_LENGTH);
    assert_utf16(ntlm.domain, "LAB");
    assert_utf16(ntlm.user, "alice");
    assert_utf16(ntlm.workstation, "VM");
    assert_false(ntlm.anonymous);
}

#define NTLM_FIXED 88

/* An AUTHENTICATE with this NT response, domain and user, all in UTF-16 or ASCII as `flags` say. */
static span_t authenticate(uint32_t flags, span_t nt_response, span_t domain, span_t user)
{
    unsigned at = NTLM_FIXED,
             lengths[] = {(unsigned)nt_response.length, (unsigned)domain.length, (unsigned)user.length};
    span_t table = span_none();
    for (size_t i = 0; i < COUNT_OF(lengths); i++) {
        table = JOIN(table, u16le(lengths[i]), u16le(lengths[i]), u32le(at));
        at += lengths[i];
    }
    return JOIN(text("NTLMSSP"), u8(0), u32le(3), zeros(8), table, zeros(16), u32le(flags), zeros(8 + 16), nt_response,
                domain, user);
}

static span_t nt_response_with(span_t av_pairs)
{
    return JOIN(zeros(16 + 28), av_pairs);
}

static span_t av_pair(unsigned id, span_t value)
{
    return JOIN(u16le(id), u16le((unsigned)value.length), value);
}

/* The SPN that the client meant, MS-NLMP 2.2.2.1: visible also where LOGIN7 is encrypted. */
static void av_pairs_name_the_target(void **state)
{
    (void)state;
    span_t pairs = JOIN(av_pair(2, utf16("LAB")), av_pair(9, utf16("MSSQLSvc/db.lab.test:1433")),
                        av_pair(10, zeros(16)), av_pair(0, span_none()));
    ntlm_t ntlm = parsed(authenticate(1, nt_response_with(pairs), utf16("LAB"), utf16("bob"))).ntlm;
    assert_utf16(ntlm.target_spn, "MSSQLSvc/db.lab.test:1433");
    assert_true(ntlm.has_channel_bindings && ntlm.channel_bindings_zero);
    assert_utf16(ntlm.user, "bob");
}

static void channel_bindings_may_be_real(void **state)
{
    (void)state;
    span_t pairs = JOIN(av_pair(10, patched(zeros(16), 15, u8(1))), av_pair(0, span_none()));
    ntlm_t ntlm = parsed(authenticate(1, nt_response_with(pairs), utf16("LAB"), utf16("bob"))).ntlm;
    assert_true(ntlm.has_channel_bindings);
    assert_false(ntlm.channel_bindings_zero);
}

/* What stands behind the end of the list is no pair. */
static void av_pairs_end_at_their_end(void **state)
{
    (void)state;
    span_t pairs = JOIN(av_pair(0, span_none()), av_pair(9, utf16("no/target")));
    ntlm_t ntlm = parsed(authenticate(1, nt_response_with(pairs), utf16("LAB"), utf16("bob"))).ntlm;
    assert_int_equal(ntlm.target_spn.length, 0);
}

static void anonymous_has_no_name_or_says_so(void **state)
{
    (void)state;
    static const struct {
        uint32_t flags;
        const char *domain, *user;
        bool anonymous;
    } rows[] = {{1, "", "", true},
                {0x801, "LAB", "bob", true},
                {1, "LAB", "", false},
                {1, "", "bob", false},
                {1, "LAB", "bob", false}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        span_t token = authenticate(rows[i].flags, zeros(24), utf16(rows[i].domain), utf16(rows[i].user));
        assert_int_equal(parsed(token).ntlm.anonymous, rows[i].anonymous);
    }
}

/* Windows logs in to its own machine without names, and says so. */
static void a_local_call_is_told(void **state)
{
    (void)state;
    span_t challenge = JOIN(text("NTLMSSP"), u8(0), u32le(2), zeros(8), u32le(0x4001), zeros(24));
    assert_true(parsed(challenge).ntlm.local_call);
    assert_false(parsed(patched(challenge, 20, u32le(1))).ntlm.local_call);
    assert_false(parsed(span_part(challenge, 0, 22)).ntlm.local_call);
    ntlm_t local = parsed(authenticate(0x4001, zeros(0), utf16(""), utf16(""))).ntlm;
    assert_true(local.local_call && local.anonymous && !local.says_anonymous);
    assert_true(parsed(authenticate(0x801, zeros(0), utf16(""), utf16(""))).ntlm.says_anonymous);
}

static void oem_names_are_not_utf16(void **state)
{
    (void)state;
    ntlm_t ntlm = parsed(authenticate(2, zeros(24), text("LAB"), text("bob"))).ntlm;
    assert_false(ntlm.unicode);
    assert_text(ntlm.user, "bob");
}

/* odbc-kerberos-noenc, frame 12. */
static void ap_req_names_its_service(void **state)
{
    (void)state;
    kerberos_t kerberos = parsed(captured_ap_req()).kerberos;
    assert_text(kerberos.realm, "LAB.TEST");
    assert_int_equal(kerberos.service_parts, 2);
    assert_text(kerberos.service[0], "MSSQLSvc");
    assert_text(kerberos.service[1], "sqlsrv.lab.test:1433");
}

/* Realm and service stand in the first 100 bytes: the ticket that follows need not be in the capture. */
static void a_cut_ap_req_names_its_service(void **state)
{
    (void)state;
    sspi_t sspi = parsed(span_part(captured_ap_req(), 0, 120));
    assert_int_equal(sspi.kind, SSPI_KERBEROS_AP_REQ);
    assert_text(sspi.kerberos.realm, "LAB.TEST");
    assert_text(sspi.kerberos.service[1], "sqlsrv.lab.test:1433");
}

static void krb_error_names_code_and_service(void **state)
{
    (void)state;
    sspi_t sspi = parsed(krb_error_token(41));
    assert_int_equal(sspi.kind, SSPI_KERBEROS_ERROR);
    assert_int_equal(sspi.kerberos.error, 41);
    assert_text(sspi.kerberos.realm, "LAB.TEST");
    assert_text(sspi.kerberos.service[0], "MSSQLSvc");
    assert_text(sspi.kerberos.service[1], "db.lab.test");
}

static span_t name_of(kerberos_t kerberos)
{
    static char room[KERBEROS_NAME_LIMIT];
    return kerberos_service_name(&kerberos, room);
}

static void a_service_is_named_as_its_spn(void **state)
{
    (void)state;
    assert_text(name_of(parsed(captured_ap_req()).kerberos), "MSSQLSvc/sqlsrv.lab.test:1433");
    assert_false(name_of(parsed(captured_ap_req()).kerberos).cut);
    assert_int_equal(name_of((kerberos_t){0}).length, 0);
    kerberos_t more = {.service = {text("a"), text("b"), text("c")}, .service_parts = 3, .service_cut = true};
    assert_text(name_of(more), "a/b/c");
    assert_true(name_of(more).cut);
    kerberos_t longer = {.service = {zeros(KERBEROS_NAME_LIMIT), text("b")}, .service_parts = 2};
    assert_int_equal(name_of(longer).length, KERBEROS_NAME_LIMIT);
    assert_true(name_of(longer).cut);
}

/* "Absent" is said of an AUTHENTICATE only if all of it is there that could have them. */
static void channel_bindings_are_absent_where_all_was_read(void **state)
{
    (void)state;
    span_t pairs = JOIN(av_pair(9, utf16("MSSQLSvc/db:1433")), av_pair(0, span_none()));
    span_t token = authenticate(1, nt_response_with(pairs), utf16("LAB"), utf16("bob"));
    ntlm_t ntlm = parsed(token).ntlm;
    assert_true(ntlm.bindings_reported && !ntlm.has_channel_bindings);
    assert_true(parsed(authenticate(1, zeros(24), utf16("LAB"), utf16("bob"))).ntlm.bindings_reported);
    for (size_t length = 0; length < 60; length++) {
        assert_false(parsed(span_part(JOIN(token, u8(0)), 0, length + 1)).ntlm.bindings_reported);
    }
}

#define KERBEROS_BOTH OID_KERBEROS_MS OID_KERBEROS OID_NTLM

static void a_message_without_its_frame_names_its_service(void **state)
{
    (void)state;
    kerberos_t framed = parsed(captured_ap_req()).kerberos;
    kerberos_t bare = parsed(spnego_init(KERBEROS_BOTH, unframed(captured_ap_req()))).kerberos;
    assert_true(framed.service_parts == 2 && bare.service_parts == 2);
    assert_true(span_equal(bare.service[1], framed.service[1]));
    assert_true(span_equal(bare.realm, framed.realm));
    assert_int_equal(parsed(spnego_response(1, OID_KERBEROS, krb_error(37))).kerberos.error, 37);
}

/* Every wrapping that clients and servers use. */
static void tokens_are_known_in_any_wrapping(void **state)
{
    (void)state;
    span_t challenge = captured_challenge(), reply = captured_ap_rep(), none = span_none();
    const struct {
        span_t token;
        sspi_kind_t kind;
        bool spnego;
    } rows[] = {
        {spnego_init(OID_NTLM, captured_negotiate()), SSPI_NTLM_NEGOTIATE, true},
        {spnego_init(KERBEROS_BOTH, captured_negotiate()), SSPI_NTLM_NEGOTIATE, true},
        {spnego_init(KERBEROS_BOTH, captured_ap_req()), SSPI_KERBEROS_AP_REQ, true},
        {spnego_init(KERBEROS_BOTH, none), SSPI_SPNEGO, true}, /* a list proves nothing */
        {spnego_init(OID_NEGOEX OID_NTLM, text("NEGOEXTS")), SSPI_SPNEGO, true},
        {spnego_response(1, OID_NTLM, challenge), SSPI_NTLM_CHALLENGE, true},
        {spnego_response(1, "", tds_payload(hex(ntlm_authenticate))), SSPI_NTLM_AUTHENTICATE, true},
        {spnego_response(0, OID_KERBEROS, reply), SSPI_KERBEROS_AP_REP, true},
        {spnego_response(0, OID_KERBEROS_MS, reply), SSPI_KERBEROS_AP_REP, true},
        {spnego_response(0, OID_KERBEROS_MS, hex("6F 03 300100")), SSPI_KERBEROS_AP_REP, true}, /* DCE style */
        {spnego_response(1, OID_KERBEROS, krb_error_token(41)), SSPI_KERBEROS_ERROR, true},
        {spnego_response(0, OID_KERBEROS, none), SSPI_KERBEROS_CHOSEN, true},
        {spnego_response(0, OID_KERBEROS_MS, none), SSPI_KERBEROS_CHOSEN, true},
        {spnego_response(1, OID_KERBEROS_USER, none), SSPI_KERBEROS_CHOSEN, true},
        {spnego_response(1, OID_NTLM, none), SSPI_NTLM_CHOSEN, true},
        {spnego_response(3, OID_NEGOEX, none), SSPI_SPNEGO, true},
        {spnego_response(0, "", none), SSPI_SPNEGO, true},
        {spnego_response(2, "", none), SSPI_SPNEGO, true},
        {spnego_init(KERBEROS_BOTH, unframed(captured_ap_req())), SSPI_KERBEROS_AP_REQ, true}, /* impacket */
        {spnego_response(1, OID_KERBEROS_MS, krb_error(37)), SSPI_KERBEROS_ERROR, true},
        {spnego_response(2, "", krb_error(37)), SSPI_KERBEROS_ERROR, true},
        {unframed(captured_ap_req()), SSPI_KERBEROS_AP_REQ, false},
        {krb_error(37), SSPI_KERBEROS_ERROR, false},
        {spnego_init(KERBEROS_BOTH, hex("6C 02 3000")), SSPI_SPNEGO, true}, /* a TGS-REQ is no token */
        {gss(OID_KERBEROS_MS, hex("02 00 6F 03 300100")), SSPI_KERBEROS_AP_REP, false},
        {gss(OID_KERBEROS_USER, hex("01 00 6E 02 3000")), SSPI_KERBEROS_AP_REQ, false},
        {gss(OID_KERBEROS, hex("04 00 30 00")), SSPI_UNKNOWN, false}, /* neither AP-REQ nor any answer */
        {gss(OID_NEGOEX, hex("01 00 6E 02 3000")), SSPI_UNKNOWN, false},
        {JOIN(text("NTLMSSP"), u8(0), u32le(4)), SSPI_UNKNOWN, false},
        {JOIN(text("NTLMSSP"), u8(0), u32le(0)), SSPI_UNKNOWN, false},
        {text("NTLMSSP1"), SSPI_UNKNOWN, false},
        {hex("16030300400100"), SSPI_UNKNOWN, false},
        {hex("60 80 0606"), SSPI_UNKNOWN, false}, /* an indefinite length, which DER has not */
        {hex("00"), SSPI_UNKNOWN, false},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        sspi_t sspi = parsed(rows[i].token);
        assert_int_equal(sspi.kind, rows[i].kind);
        assert_int_equal(sspi.spnego, rows[i].spnego);
    }
}

/* SPNEGO within SPNEGO within ... must not be followed. */
static void spnego_is_unwrapped_once(void **state)
{
    (void)state;
    span_t inner = spnego_init(OID_NTLM, captured_negotiate());
    assert_int_equal(parsed(spnego_init(OID_SPNEGO, inner)).kind, SSPI_SPNEGO);
    assert_int_equal(parsed(spnego_response(1, OID_SPNEGO, inner)).kind, SSPI_SPNEGO);
}

static void no_token_is_none(void **state)
{
    (void)state;
    sspi_t sspi;
    assert_false(sspi_parse(span_none(), &sspi));
}

static void raw_tokens_are_known_by_their_start(void **state)
{
    (void)state;
    assert_true(sspi_starts(captured_negotiate()));
    assert_true(sspi_starts(captured_ap_req()));
    assert_true(sspi_starts(spnego_response(0, OID_KERBEROS, span_none())));
    assert_false(sspi_starts(tds_payload(hex(login7_freetds))));
    assert_false(sspi_starts(text("NTLMSSP")));
    assert_false(sspi_starts(span_none()));
}

static void some_raw_tokens_come_from_a_server_alone(void **state)
{
    (void)state;
    assert_true(sspi_is_of_server(captured_challenge()));
    assert_true(sspi_is_of_server(captured_ap_rep()));
    assert_true(sspi_is_of_server(spnego_response(1, OID_KERBEROS, krb_error(37))));
    assert_false(sspi_is_of_server(captured_negotiate()));
    assert_false(sspi_is_of_server(captured_ap_req()));
    assert_false(sspi_is_of_server(spnego_response(0, OID_KERBEROS, span_none())));
    assert_false(sspi_is_of_server(text("NTLMSSP")));
}

/* What a token may still be taken for when its end is missing. */
static bool is_lesser(sspi_kind_t part, sspi_kind_t whole)
{
    return part == whole || part == SSPI_UNKNOWN || part == SSPI_SPNEGO || part == SSPI_KERBEROS_CHOSEN ||
           part == SSPI_NTLM_CHOSEN;
}

static void sspi_trial(span_t bytes, const void *whole)
{
    const sspi_t *all = whole;
    sspi_t sspi;
    assert_int_equal(sspi_parse(bytes, &sspi), bytes.length > 0);
    const span_t parts[] = {sspi.ntlm.domain,         sspi.ntlm.user,          sspi.ntlm.workstation,
                            sspi.ntlm.target_spn,     sspi.kerberos.realm,     sspi.kerberos.service[0],
                            sspi.kerberos.service[1], sspi.kerberos.service[2]};
    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        assert_within(parts[i], bytes);
    }
    (void)sspi_starts(bytes);
    (void)sspi_is_of_server(bytes);
    if (all == NULL) {
        return;
    }
    const span_t wholes[] = {all->ntlm.domain,         all->ntlm.user,          all->ntlm.workstation,
                             all->ntlm.target_spn,     all->kerberos.realm,     all->kerberos.service[0],
                             all->kerberos.service[1], all->kerberos.service[2]};
    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        assert_cut_of(parts[i], bytes, wholes[i]);
    }
    char room[KERBEROS_NAME_LIMIT], all_room[KERBEROS_NAME_LIMIT];
    span_t name = kerberos_service_name(&sspi.kerberos, room);
    span_t whole_name = kerberos_service_name(&all->kerberos, all_room);
    assert_true(span_starts_with(whole_name, name));
    assert_true(name.length == 0 || name.cut || name.length == whole_name.length);
    assert_true(!sspi.ntlm.bindings_reported || sspi.ntlm.has_channel_bindings == all->ntlm.has_channel_bindings);
    assert_true(is_lesser(sspi.kind, all->kind));
    assert_true(sspi.ntlm.anonymous <= all->ntlm.anonymous);
    assert_true(sspi.ntlm.channel_bindings_zero <= all->ntlm.channel_bindings_zero);
    assert_true(sspi.ntlm.nt_response_length == 0 || sspi.ntlm.nt_response_length == all->ntlm.nt_response_length);
    assert_true(sspi.kerberos.error == 0 || sspi.kerberos.error == all->kerberos.error);
}

static void a_cut_token_says_less(void **state)
{
    (void)state;
    span_t pairs = JOIN(av_pair(9, utf16("MSSQLSvc/db:1433")), av_pair(10, zeros(16)), av_pair(0, span_none()));
    const span_t tokens[] = {
        captured_negotiate(),
        captured_challenge(),
        captured_ap_req(),
        captured_ap_rep(),
        tds_payload(hex(ntlm_authenticate)),
        authenticate(1, nt_response_with(pairs), utf16("LAB"), utf16("bob")),
        krb_error_token(41),
        spnego_init(KERBEROS_BOTH, captured_ap_req()),
        spnego_response(1, OID_NTLM, captured_challenge()),
        spnego_response(2, OID_KERBEROS_USER, krb_error_token(41)),
        spnego_init(KERBEROS_BOTH, unframed(captured_ap_req())),
    };
    for (size_t i = 0; i < COUNT_OF(tokens); i++) {
        sspi_t all = parsed(tokens[i]);
        for_every_cut(tokens[i], sspi_trial, &all);
        for_every_change(tokens[i], sspi_trial);
    }
}

static void a_rejected_negotiation_is_told(void **state)
{
    (void)state;
    assert_true(parsed(spnego_response(2, OID_NTLM, hex(""))).rejected);
    assert_false(parsed(spnego_response(1, OID_NTLM, hex(""))).rejected);
    assert_false(parsed(spnego_response(0, OID_NTLM, hex(""))).rejected);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(captured_tokens_have_their_kind),
        cmocka_unit_test(authenticate_names_its_user),
        cmocka_unit_test(ntlm_v1_is_known_by_its_length),
        cmocka_unit_test(av_pairs_name_the_target),
        cmocka_unit_test(channel_bindings_may_be_real),
        cmocka_unit_test(av_pairs_end_at_their_end),
        cmocka_unit_test(anonymous_has_no_name_or_says_so),
        cmocka_unit_test(a_local_call_is_told),
        cmocka_unit_test(oem_names_are_not_utf16),
        cmocka_unit_test(ap_req_names_its_service),
        cmocka_unit_test(a_cut_ap_req_names_its_service),
        cmocka_unit_test(a_service_is_named_as_its_spn),
        cmocka_unit_test(channel_bindings_are_absent_where_all_was_read),
        cmocka_unit_test(krb_error_names_code_and_service),
        cmocka_unit_test(a_message_without_its_frame_names_its_service),
        cmocka_unit_test(tokens_are_known_in_any_wrapping),
        cmocka_unit_test(spnego_is_unwrapped_once),
        cmocka_unit_test(no_token_is_none),
        cmocka_unit_test(raw_tokens_are_known_by_their_start),
        cmocka_unit_test(some_raw_tokens_come_from_a_server_alone),
        cmocka_unit_test(a_cut_token_says_less),
        cmocka_unit_test(a_rejected_negotiation_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
