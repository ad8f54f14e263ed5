/* recognise_test.c - which bytes are taken for those of a connection to SQL Server.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "vectors.h"

#include "recognise.h"
#include "tds.h"
#include "tlshello.h"

static const circumstances_t first_anywhere = {.from_start = true};
static const circumstances_t first_at_1433 = {.from_start = true, .known_port = true};
static const circumstances_t later_anywhere = {.from_start = false};
static const circumstances_t later_at_1433 = {.known_port = true};

#define assert_claim(bytes, circumstances, claim) assert_int_equal(recognise(bytes, &(circumstances)), claim)

/* A TDS packet around this payload. */
static span_t packet(unsigned type, span_t payload)
{
    return JOIN(u8(type), u8(TDS_EOM), u16be((unsigned)payload.length + TDS_HEADER_LENGTH), hex("0000 01 00"), payload);
}

/* Total length, and one header: the transaction descriptor (MS-TDS 2.2.5.3). */
static span_t all_headers(void)
{
    return hex("16000000 12000000 0200 0000000000000000 01000000");
}

static void a_login_is_ours_on_every_port(void **state)
{
    (void)state;
    const char *logins[] = {prelogin_freetds, prelogin_sqlclient, login7_freetds, login7_kerberos,
                            login7_of_7_0,    login_of_4_2,       login_of_5_0};
    for (size_t i = 0; i < COUNT_OF(logins); i++) {
        assert_claim(hex(logins[i]), first_anywhere, CLAIM_TDS);
        assert_claim(hex(logins[i]), first_at_1433, CLAIM_TDS);
        assert_claim(hex(logins[i]), later_anywhere, CLAIM_TDS);
    }
}

/* A capture of the server's side alone begins with its PRELOGIN. */
static void the_answer_to_prelogin_is_ours(void **state)
{
    (void)state;
    assert_claim(hex(prelogin_babelfish), later_anywhere, CLAIM_TDS);
}

/* Some drivers send a header by itself, and a segment may end anywhere. */
static void what_is_too_short_is_waited_for(void **state)
{
    (void)state;
    span_t prelogin = hex(prelogin_freetds);
    for (size_t length = 0; length < TDS_HEADER_LENGTH + 5; length++) { /* up to its first option */
        assert_claim(span_part(prelogin, 0, length), first_anywhere, CLAIM_WAIT);
        assert_claim(span_part(prelogin, 0, length), first_at_1433, CLAIM_WAIT);
    }
    assert_claim(span_part(prelogin, 0, TDS_HEADER_LENGTH), later_anywhere, CLAIM_NO);
    for (size_t length = 1; length < TDS_HEADER_LENGTH + 8; length++) { /* up to its version */
        assert_claim(span_part(hex(login7_freetds), 0, length), first_anywhere, CLAIM_WAIT);
    }
}

/* On a port of SQL Server, and nowhere else: many protocols begin with its type. */
static void an_old_login_that_is_too_short_is_waited_for(void **state)
{
    (void)state;
    for (size_t length = 1; length < TDS_HEADER_LENGTH; length++) {
        assert_claim(span_part(hex(login_of_4_2), 0, length), first_at_1433, CLAIM_WAIT);
        assert_claim(span_part(hex(login_of_4_2), 0, length), first_anywhere, CLAIM_NO);
    }
}

/* ALPN may stand behind the first segment. On a port of SQL Server the rest changes nothing. */
static void a_client_hello_that_is_not_whole_is_waited_for(void **state)
{
    (void)state;
    span_t hello = hex(client_hello_tds8);
    for (size_t length = 1; length < 40; length++) {
        assert_claim(span_part(hello, 0, length), first_anywhere, CLAIM_WAIT);
        assert_claim(span_part(hello, 0, length), later_anywhere,
                     length < TLS_RECORD_HEADER_LENGTH + 6 ? CLAIM_NO : CLAIM_LATER);
    }
    assert_claim(span_part(hello, 0, 40), first_at_1433, CLAIM_STRICT);
    circumstances_t snapped = {.from_start = true, .length = (uint32_t)hello.length};
    assert_claim(span_part(hello, 0, 40), snapped, CLAIM_LATER);
}

static void other_protocols_are_let_go(void **state)
{
    (void)state;
    const char *others[] = {"GET / HTTP/1.1\r\nHost: a\r\n\r\n", "SSH-2.0-OpenSSH_9.2\r\n", "EHLO mail.example\r\n",
                            "S"};
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        assert_claim(text(others[i]), first_anywhere, CLAIM_NO);
        assert_claim(text(others[i]), first_at_1433, CLAIM_NO);
        assert_claim(text(others[i]), later_at_1433, CLAIM_NO);
    }
    assert_claim(zeros(64), first_at_1433, CLAIM_NO);
    assert_claim(zeros(64), later_at_1433, CLAIM_NO);
}

/* Where a capture begins late: a request shows its ALL_HEADERS, a response has nothing that only TDS has. */
static void requests_are_known_by_their_headers(void **state)
{
    (void)state;
    span_t batch = packet(TDS_SQL_BATCH, JOIN(all_headers(), utf16("select 1")));
    assert_claim(batch, later_anywhere, CLAIM_TDS);
    assert_claim(packet(TDS_RPC, all_headers()), later_anywhere, CLAIM_TDS);
    assert_claim(packet(TDS_SQL_BATCH, utf16("select 1")), later_anywhere, CLAIM_NO);
    assert_claim(packet(TDS_SQL_BATCH, utf16("select 1")), later_at_1433, CLAIM_TDS);
    assert_claim(hex(loginack_response), later_anywhere, CLAIM_NO);
    assert_claim(hex(loginack_response), later_at_1433, CLAIM_TDS);
}

/* MS-TDS 2.2.5.3: a trace activity may stand before the transaction descriptor, which no request lacks. Other protocols
 * begin with lengths and small numbers, too. */
static void headers_of_a_request_are_whole(void **state)
{
    (void)state;
    span_t descriptor = hex("12000000 0200 0000000000000000 01000000");
    span_t activity = JOIN(hex("1A000000 0300"), zeros(20));
    assert_claim(packet(TDS_SQL_BATCH, JOIN(hex("30000000"), activity, descriptor)), later_anywhere, CLAIM_TDS);
    assert_claim(packet(TDS_SQL_BATCH, JOIN(hex("1E000000"), activity)), later_anywhere, CLAIM_NO);
    const char *others[] = {"2B010000 18000000 0100", "61000000 00000000 0100", "4C000000 16000000 0100",
                            "3D000000 36000000 0300", "B0000000 01000000 0300"};
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        assert_claim(packet(TDS_RPC, JOIN(hex(others[i]), zeros(300))), later_anywhere, CLAIM_NO);
    }
}

/* Nor does a connection begin with a request. */
static void a_request_begins_no_connection(void **state)
{
    (void)state;
    assert_claim(packet(TDS_SQL_BATCH, all_headers()), first_anywhere, CLAIM_NO);
}

/* Its names may be empty; how it writes numbers and characters is told by bytes that are not 0. */
static void zeros_are_no_old_login(void **state)
{
    (void)state;
    span_t login = hex(login_of_4_2);
    const size_t major = TDS_HEADER_LENGTH + 458;
    assert_claim(patched(packet(TDS_OLD_LOGIN, zeros(login.length)), major, u8(4)), first_anywhere, CLAIM_NO);
}

/* The version stands within the message. */
static void options_elsewhere_are_no_prelogin(void **state)
{
    (void)state;
    span_t prelogin = hex(prelogin_freetds);
    assert_claim(patched(prelogin, TDS_HEADER_LENGTH + 1, hex("0800")), first_anywhere, CLAIM_NO);
}

/* MS-TDS 2.2.3.1: status bits without a meaning, how packets are numbered, the window. Where the content tells, they do
 * not count; nor where the port does, if the packet is as long as the payload. */
static void what_a_receiver_ignores_does_not_count(void **state)
{
    (void)state;
    static const struct {
        size_t at;
        unsigned value;
    } ignored[] = {{1, 0xA1}, {6, 2}, {7, 2}};
    span_t batch = packet(TDS_SQL_BATCH, JOIN(all_headers(), utf16("select 1")));
    span_t old_batch = packet(TDS_SQL_BATCH, utf16("select 1"));
    circumstances_t fits = {.known_port = true, .length = (uint32_t)old_batch.length};
    circumstances_t anywhere = {.length = (uint32_t)old_batch.length};
    for (size_t i = 0; i < COUNT_OF(ignored); i++) {
        span_t value = u8(ignored[i].value);
        assert_claim(patched(hex(prelogin_freetds), ignored[i].at, value), first_anywhere, CLAIM_TDS);
        assert_claim(patched(hex(login7_freetds), ignored[i].at, value), first_anywhere, CLAIM_TDS);
        assert_claim(patched(hex(login_of_4_2), ignored[i].at, value), first_anywhere, CLAIM_TDS);
        assert_claim(patched(batch, ignored[i].at, value), later_anywhere, CLAIM_TDS);
        assert_claim(patched(old_batch, ignored[i].at, value), fits, CLAIM_TDS);
        assert_claim(patched(old_batch, ignored[i].at, value), anywhere, CLAIM_NO);
    }
    assert_claim(patched(old_batch, 7, u8(2)), later_at_1433, CLAIM_NO); /* longer or shorter: it may be anything */
    assert_claim(patched(old_batch, 0, u8(5)), fits, CLAIM_NO);          /* nobody uses that type */
}

/* The rows of a response may look like a request: its sender says that they are none. */
static void a_server_sends_no_requests(void **state)
{
    (void)state;
    circumstances_t by_server = {.known_port = true, .sender = SENDER_SERVER};
    circumstances_t by_client = {.known_port = true, .sender = SENDER_CLIENT};
    span_t looks_so = packet(TDS_BULK_LOAD, zeros(32));
    assert_claim(looks_so, by_server, CLAIM_NO);
    assert_claim(looks_so, by_client, CLAIM_TDS);
    assert_claim(hex(loginack_response), by_client, CLAIM_NO);
}

/* SMP comes after a login: a conversation does not begin with it. */
static void mars_is_ours_in_the_middle(void **state)
{
    (void)state;
    span_t data = span_part(hex(smp_syn_and_data), 16, 1000);
    assert_claim(data, later_anywhere, CLAIM_TDS);
    assert_claim(data, first_anywhere, CLAIM_NO);
    assert_claim(hex(smp_ack), later_anywhere, CLAIM_NO); /* 16 bytes that anybody may send */
    assert_claim(hex(smp_ack), later_at_1433, CLAIM_TDS);
    assert_claim(patched(data, 16, u8(0xFF)), later_anywhere, CLAIM_NO); /* no TDS packet in it */
}

static void tds_8_begins_with_tls(void **state)
{
    (void)state;
    span_t hello = hex(client_hello_tds8);
    assert_claim(hello, first_anywhere, CLAIM_STRICT);
    span_t without_alpn = tds_payload(hex(client_hello_in_tds));
    assert_claim(without_alpn, first_at_1433, CLAIM_STRICT);
    assert_claim(without_alpn, first_anywhere, CLAIM_LATER);
    span_t data = hex("17 0303 0004 01020304");
    assert_claim(data, later_at_1433, CLAIM_TDS);
    assert_claim(data, later_anywhere, CLAIM_NO);
    assert_claim(data, first_at_1433, CLAIM_NO);
}

/* ALPN names another service. */
static void other_services_over_tls_are_let_go(void **state)
{
    (void)state;
    span_t hello = hex(client_hello_tds8);
    for (size_t i = 0; i + 7 <= hello.length; i++) {
        if (span_starts_with(span_part(hello, i, 7), text("tds/8.0"))) {
            assert_claim(patched(hello, i, text("http/11")), first_at_1433, CLAIM_NO);
            return;
        }
    }
    fail();
}

/* What is ours on any port is ours on a known one, whatever the bytes. */
static void a_known_port_takes_no_less(span_t bytes, const void *whole)
{
    (void)whole;
    recognised_t anywhere = recognise(bytes, &first_anywhere);
    recognised_t known = recognise(bytes, &first_at_1433);
    bool needs_no_more = anywhere == CLAIM_WAIT && known == CLAIM_STRICT; /* of a ClientHello */
    bool as_anywhere = known == (anywhere == CLAIM_LATER ? CLAIM_STRICT : anywhere);
    assert_true(anywhere == CLAIM_NO || needs_no_more || as_anywhere);
    assert_true(recognise(bytes, &later_anywhere) != CLAIM_TDS || recognise(bytes, &later_at_1433) == CLAIM_TDS);
}

/* The beginning of what is ours is not taken for another kind of it. */
static void a_part_is_what_the_whole_is(span_t bytes, const void *whole)
{
    recognised_t claim = recognise(bytes, &first_anywhere);
    assert_true(claim == CLAIM_NO || claim == CLAIM_WAIT || claim == CLAIM_LATER ||
                claim == *(const recognised_t *)whole);
    a_known_port_takes_no_less(bytes, NULL);
}

static void cut_and_changed(void **state)
{
    (void)state;
    const char *inputs[] = {prelogin_freetds, login7_fedauth, smp_syn_and_data, client_hello_tds8, loginack_response};
    for (size_t i = 0; i < COUNT_OF(inputs); i++) {
        recognised_t whole = recognise(hex(inputs[i]), &first_anywhere);
        for_every_cut(hex(inputs[i]), a_part_is_what_the_whole_is, &whole);
        for_every_change(hex(inputs[i]), a_known_port_takes_no_less);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_login_is_ours_on_every_port),
        cmocka_unit_test(the_answer_to_prelogin_is_ours),
        cmocka_unit_test(what_is_too_short_is_waited_for),
        cmocka_unit_test(an_old_login_that_is_too_short_is_waited_for),
        cmocka_unit_test(a_client_hello_that_is_not_whole_is_waited_for),
        cmocka_unit_test(other_protocols_are_let_go),
        cmocka_unit_test(requests_are_known_by_their_headers),
        cmocka_unit_test(headers_of_a_request_are_whole),
        cmocka_unit_test(a_request_begins_no_connection),
        cmocka_unit_test(zeros_are_no_old_login),
        cmocka_unit_test(options_elsewhere_are_no_prelogin),
        cmocka_unit_test(what_a_receiver_ignores_does_not_count),
        cmocka_unit_test(a_server_sends_no_requests),
        cmocka_unit_test(mars_is_ours_in_the_middle),
        cmocka_unit_test(tds_8_begins_with_tls),
        cmocka_unit_test(other_services_over_tls_are_let_go),
        cmocka_unit_test(cut_and_changed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
