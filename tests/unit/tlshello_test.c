/* tlshello_test.c - what a TLS handshake shows to everybody.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "vectors.h"

#include "tlshello.h"

/* The handshake messages in a flight of records, joined. */
static span_t handshake_of(span_t records)
{
    span_t joined_bodies = span_none();
    tls_record_t record;
    while (tls_record_parse(records, &record)) {
        if (record.type == TLS_HANDSHAKE) {
            joined_bodies = JOIN(joined_bodies, record.body);
        }
        records = span_part(records, record.length, records.length);
    }
    return joined_bodies;
}

/* The body of the first message of this type. */
static span_t message_in(span_t handshake, uint8_t type)
{
    reader_t r = reader_of(handshake);
    tls_handshake_t message;
    while (tls_handshake_next(&r, &message)) {
        if (message.type == type) {
            assert_false(message.body.cut);
            return message.body;
        }
    }
    fail();
    return span_none();
}

static span_t captured(const char *records, uint8_t type)
{
    return message_in(handshake_of(hex(records)), type);
}

static span_t captured_in_tds(const char *packets, uint8_t type)
{
    return message_in(handshake_of(tds_payload(hex(packets))), type);
}

static void records_are_judged(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        bool possible;
        uint32_t length;
        size_t body;
    } rows[] = {
        {"14 0303 0001 01", true, 6, 1},       {"15 0300 0002 02 50", true, 7, 2},
        {"16 0301 0103 01", true, 264, 1}, /* the rest is in another segment */
        {"17 0303 4800", true, 5 + 0x4800, 0}, {"17 0304 0010", true, 21, 0},
        {"17 0303 4801", false, 0, 0},         {"17 0303 0000", false, 0, 0},
        {"17 0305 0010", false, 0, 0},         {"17 0403 0010", false, 0, 0},
        {"13 0303 0010", false, 0, 0},         {"18 0303 0010", false, 0, 0},
        {"16 0303 00", false, 0, 0},           {"", false, 0, 0},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        tls_record_t record;
        assert_int_equal(tls_record_parse(hex(rows[i].bytes), &record), rows[i].possible);
        if (rows[i].possible) {
            assert_int_equal(record.length, rows[i].length);
            assert_int_equal(record.body.length, rows[i].body);
        }
    }
}

/* tls-version-mismatch-ted, frame 9: fatal, internal_error (80), as its row in captures/README.md says. */
static void an_alert_has_level_and_number(void **state)
{
    (void)state;
    tls_record_t record;
    assert_true(tls_record_parse(tds_payload(hex(alert_in_tds)), &record));
    assert_int_equal(record.type, TLS_ALERT);
    assert_int_equal(record.version, 0x0302);
    assert_spans(record.body, JOIN(u8(TLS_ALERT_FATAL), u8(80)));
}

/* sqlclient-mono-simple, frame 9: four messages in four records. */
static void messages_of_a_flight_are_told_apart(void **state)
{
    (void)state;
    static const struct {
        uint8_t type;
        size_t length;
    } expected[] = {
        {TLS_SERVER_HELLO, 57}, {TLS_CERTIFICATE, 829}, {TLS_SERVER_KEY_EXCHANGE, 329}, {TLS_SERVER_HELLO_DONE, 0}};
    span_t handshake = handshake_of(tds_payload(hex(server_flight_in_tds)));
    reader_t r = reader_of(handshake);
    tls_handshake_t message;
    for (size_t i = 0; i < COUNT_OF(expected); i++) {
        assert_true(tls_handshake_next(&r, &message));
        assert_int_equal(message.type, expected[i].type);
        assert_int_equal(message.body.length, expected[i].length);
        assert_false(message.body.cut);
    }
    assert_false(tls_handshake_next(&r, &message));
}

/* Client key exchange, ChangeCipherSpec, and then a Finished that nobody can read. */
static void an_encrypted_message_is_not_taken_for_one(void **state)
{
    (void)state;
    span_t handshake = handshake_of(tds_payload(hex(client_keys_in_tds)));
    reader_t r = reader_of(handshake);
    tls_handshake_t message;
    assert_true(tls_handshake_next(&r, &message));
    assert_int_equal(message.type, TLS_CLIENT_KEY_EXCHANGE);
    assert_int_equal(message.body.length, 66);
    assert_false(tls_handshake_next(&r, &message)); /* its nonce begins with the four zeros of a HelloRequest */
    handshake = handshake_of(tds_payload(hex(server_finished_in_tds)));
    r = reader_of(handshake);
    assert_false(tls_handshake_next(&r, &message));
    handshake = hex("00000000");
    r = reader_of(handshake);
    assert_true(tls_handshake_next(&r, &message));
    assert_int_equal(message.type, TLS_HELLO_REQUEST);
}

static void client_hello_of_tds7_is_read(void **state)
{
    (void)state;
    tls_hello_t hello;
    assert_true(tls_client_hello_parse(captured_in_tds(client_hello_in_tds, TLS_CLIENT_HELLO), &hello));
    assert_int_equal(hello.version, TLS_VERSION_1_2); /* the record layer says 0x0301 */
    assert_text(hello.sni, "10.10.10.10");
    assert_int_equal(hello.alpn.length, 0);
    assert_false(hello.alpn_tds8 || hello.retry);
}

static void client_hello_of_tds8_is_read(void **state)
{
    (void)state;
    tls_hello_t hello;
    assert_true(tls_client_hello_parse(captured(client_hello_tds8, TLS_CLIENT_HELLO), &hello));
    assert_int_equal(hello.version, TLS_VERSION_1_3); /* from supported_versions; the hello itself says 0x0303 */
    assert_text(hello.sni, "tds8srv.lab.test");
    assert_text(hello.alpn, "tds/8.0");
    assert_true(hello.alpn_tds8);
}

static void server_hellos_are_read(void **state)
{
    (void)state;
    tls_hello_t hello;
    assert_true(tls_server_hello_parse(captured(server_hello_tds8, TLS_SERVER_HELLO), &hello));
    assert_int_equal(hello.version, TLS_VERSION_1_3);
    assert_int_equal(hello.cipher, 0x1302);
    assert_false(hello.retry);
    assert_true(tls_server_hello_parse(captured_in_tds(server_flight_in_tds, TLS_SERVER_HELLO), &hello));
    assert_int_equal(hello.version, TLS_VERSION_1_2);
    assert_int_equal(hello.cipher, 0xC030);
}

/* From here on: hellos as RFC 8446 4.1 lays them out. */

static span_t extension(unsigned type, span_t data)
{
    return JOIN(u16be(type), u16be((unsigned)data.length), data);
}

static span_t client_hello(unsigned version, span_t extensions)
{
    span_t tail = extensions.length > 0 ? JOIN(u16be((unsigned)extensions.length), extensions) : span_none();
    return JOIN(u16be(version), zeros(32), u8(0), u16be(4), hex("1302 C02F"), hex("01 00"), tail);
}

static span_t server_hello(const char *random, unsigned cipher, span_t extensions)
{
    span_t tail = extensions.length > 0 ? JOIN(u16be((unsigned)extensions.length), extensions) : span_none();
    return JOIN(u16be(0x0303), hex(random), u8(0), u16be(cipher), u8(0), tail);
}

#define SOME_RANDOM "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F"
/* RFC 8446 4.1.3: SHA-256 of "HelloRetryRequest". */
#define RETRY_RANDOM "CF21AD74E59A6111BE1D8C021E65B891C2A211167ABB8C5E079E09E2C8A8339C"

static void alpn_may_be_a_list(void **state)
{
    (void)state;
    static const struct {
        const char *data;
        const char *first;
        bool tds8;
    } rows[] = {
        {"000B 02 6832 07 7464732F382E30", "h2", true}, /* h2, tds/8.0 */
        {"000B 07 7464732F382E30 02 6832", "tds/8.0", true}, {"0003 02 6832", "h2", false},
        {"0009 08 7464732F382E3031", "tds/8.01", false},     {"0000", "", false},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        tls_hello_t hello;
        assert_true(tls_client_hello_parse(client_hello(0x0303, extension(16, hex(rows[i].data))), &hello));
        assert_text(hello.alpn, rows[i].first);
        assert_int_equal(hello.alpn_tds8, rows[i].tds8);
    }
}

/* RFC 8701: 0x7A7A is greater than every version, and none. */
static void highest_offered_version_is_no_grease(void **state)
{
    (void)state;
    static const struct {
        const char *supported;
        uint16_t version;
    } rows[] = {
        {"06 7A7A 0304 0303", 0x0304}, {"06 0303 0304 FAFA", 0x0304}, {"04 0A0A 0303", 0x0303},
        {"06 0303 0302 0301", 0x0303}, {"02 0304", 0x0304},           {"02 0301", 0x0303},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        tls_hello_t hello;
        assert_true(tls_client_hello_parse(client_hello(0x0303, extension(43, hex(rows[i].supported))), &hello));
        assert_int_equal(hello.version, rows[i].version);
    }
}

static void a_hello_needs_no_extension(void **state)
{
    (void)state;
    tls_hello_t hello;
    assert_true(tls_client_hello_parse(client_hello(0x0301, span_none()), &hello));
    assert_int_equal(hello.version, 0x0301);
    assert_true(tls_server_hello_parse(server_hello(SOME_RANDOM, 0x002F, span_none()), &hello));
    assert_int_equal(hello.version, TLS_VERSION_1_2);
    assert_int_equal(hello.cipher, 0x002F);
}

/* A HelloRetryRequest is a ServerHello but for its random; another ClientHello follows. */
static void hello_retry_request_is_known(void **state)
{
    (void)state;
    tls_hello_t hello;
    span_t extensions = extension(43, hex("0304"));
    assert_true(tls_server_hello_parse(server_hello(RETRY_RANDOM, 0x1302, extensions), &hello));
    assert_true(hello.retry);
    assert_int_equal(hello.version, TLS_VERSION_1_3);
    assert_true(tls_server_hello_parse(server_hello(SOME_RANDOM, 0x1302, extensions), &hello));
    assert_false(hello.retry);
}

static void the_server_may_choose_an_alpn(void **state)
{
    (void)state;
    tls_hello_t hello;
    span_t extensions = extension(16, hex("0008 07 7464732F382E30"));
    assert_true(tls_server_hello_parse(server_hello(SOME_RANDOM, 0xC030, extensions), &hello));
    assert_true(hello.alpn_tds8);
}

/* sqlclient-mono-simple, frame 9, as tshark shows it. */
static void certificate_of_the_capture_is_read(void **state)
{
    (void)state;
    tls_certificate_t certificate;
    assert_true(
        tls_certificate_parse(captured_in_tds(server_flight_in_tds, TLS_CERTIFICATE), TLS_VERSION_1_2, &certificate));
    assert_text(certificate.subject.text, "sqlsrv.lab.test");
    assert_text(certificate.issuer.text, "Test Lab CA");
    assert_false(certificate.self_issued);
}

static span_t name_part(const char *oid, const char *value)
{
    return der(0x31, der(0x30, JOIN(der(0x06, hex(oid)), der(0x0C, text(value)))));
}

static span_t common_name(const char *value)
{
    return name_part("550403", value);
}

/* A Certificate message's body with one certificate; a v1 certificate has no [0] version. */
static span_t certificate_message(span_t version, span_t issuer, span_t subject)
{
    span_t algorithm = der(0x30, hex("0609 2A864886F70D01010B 0500"));
    span_t validity = der(0x30, JOIN(der(0x17, text("260101000000Z")), der(0x17, text("560101000000Z"))));
    span_t tbs = der(0x30, JOIN(version, der(0x02, hex("01")), algorithm, der(0x30, issuer), validity,
                                der(0x30, subject), der(0x30, zeros(20))));
    span_t certificate = der(0x30, JOIN(tbs, algorithm, der(0x03, zeros(17))));
    unsigned length = (unsigned)certificate.length;
    return JOIN(u8(0), u16be(length + 3), u8(0), u16be(length), certificate);
}

static void certificates_name_subject_and_issuer(void **state)
{
    (void)state;
    span_t fallback = common_name("SSL_Self_Signed_Fallback"), version = der(0xA0, hex("02 01 02"));
    span_t organisation = name_part("55040A", "Example"), server = common_name("db.lab.test");
    const struct {
        span_t version, issuer, subject;
        const char *issuer_name, *subject_name;
        bool self_issued;
    } rows[] = {
        {version, fallback, fallback, "SSL_Self_Signed_Fallback", "SSL_Self_Signed_Fallback", true},
        {span_none(), fallback, fallback, "SSL_Self_Signed_Fallback", "SSL_Self_Signed_Fallback", true},
        {version, JOIN(organisation, common_name("Lab CA")), JOIN(organisation, server), "Lab CA", "db.lab.test",
         false},
        {version, organisation, server, "", "db.lab.test", false}, /* an issuer without a common name */
        {version, JOIN(organisation, server), server, "db.lab.test", "db.lab.test", false},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        tls_certificate_t certificate;
        span_t body = certificate_message(rows[i].version, rows[i].issuer, rows[i].subject);
        assert_true(tls_certificate_parse(body, TLS_VERSION_1_2, &certificate));
        assert_text(certificate.subject.text, rows[i].subject_name);
        assert_text(certificate.issuer.text, rows[i].issuer_name);
        assert_int_equal(certificate.self_issued, rows[i].self_issued);
    }
}

/* RFC 8446 4.4.2: a context before the chain, and extensions behind each certificate. */
static span_t in_context(span_t context, span_t message)
{
    span_t chain = span_part(message, 3, message.length), extensions = hex("0000");
    return JOIN(u8((unsigned)context.length), context, u8(0), u16be((unsigned)(chain.length + extensions.length)),
                chain, extensions);
}

static void tls_1_3_has_a_context_before_the_chain(void **state)
{
    (void)state;
    span_t chain = certificate_message(span_none(), common_name("Lab CA"), common_name("db.lab.test"));
    const span_t contexts[] = {span_none(), hex("A5 5A")};
    for (size_t i = 0; i < COUNT_OF(contexts); i++) {
        tls_certificate_t certificate;
        assert_true(tls_certificate_parse(in_context(contexts[i], chain), TLS_VERSION_1_3, &certificate));
        assert_text(certificate.subject.text, "db.lab.test");
        assert_text(certificate.issuer.text, "Lab CA");
    }
}

/* A client that was asked for a certificate and has none. */
static void a_chain_may_be_empty(void **state)
{
    (void)state;
    tls_certificate_t certificate;
    assert_false(tls_certificate_parse(hex("000000"), TLS_VERSION_1_2, &certificate));
}

static void versions_have_names(void **state)
{
    (void)state;
    assert_string_equal(tls_version_name(0x0300), "SSL 3.0");
    assert_string_equal(tls_version_name(0x0301), "TLS 1.0");
    assert_string_equal(tls_version_name(0x0303), "TLS 1.2");
    assert_string_equal(tls_version_name(0x0304), "TLS 1.3");
    assert_null(tls_version_name(0x0305));
    assert_null(tls_version_name(0));
    assert_null(tls_version_name(0x7A7A));
}

static void assert_hello_is_lesser(const tls_hello_t *part, const tls_hello_t *whole, span_t bytes)
{
    assert_cut_of(part->sni, bytes, whole->sni);
    assert_cut_of(part->alpn, bytes, whole->alpn);
    assert_true(part->alpn_tds8 <= whole->alpn_tds8 && part->retry <= whole->retry);
    assert_true(part->cipher == 0 || part->cipher == whole->cipher);
}

typedef struct {
    bool (*parse)(span_t body, tls_hello_t *hello);
    tls_hello_t hello;
} whole_hello_t;

/* That a version above 1.2 was offered or chosen is told by the last bytes: without them it is not known, also where a
 * hello without extensions would end. */
static void hello_trial(span_t bytes, const void *whole)
{
    const whole_hello_t *all = whole;
    tls_hello_t hello;
    if (!all->parse(bytes, &hello)) {
        return;
    }
    assert_hello_is_lesser(&hello, &all->hello, bytes);
    assert_true(hello.version == 0 || hello.version == all->hello.version);
}

static void hello_change_trial(span_t bytes, const void *whole)
{
    (void)whole;
    tls_hello_t hello;
    (void)tls_server_hello_parse(bytes, &hello);
    assert_within(hello.alpn, bytes);
    (void)tls_client_hello_parse(bytes, &hello);
    assert_within(hello.sni, bytes);
    assert_within(hello.alpn, bytes);
}

static void a_cut_hello_says_less(void **state)
{
    (void)state;
    const span_t versions = extension(43, hex("0304"));
    const struct {
        bool (*parse)(span_t body, tls_hello_t *hello);
        span_t body;
    } rows[] = {
        {tls_client_hello_parse, captured(client_hello_tds8, TLS_CLIENT_HELLO)},
        {tls_client_hello_parse, captured_in_tds(client_hello_in_tds, TLS_CLIENT_HELLO)},
        {tls_server_hello_parse, captured(server_hello_tds8, TLS_SERVER_HELLO)},
        {tls_server_hello_parse, captured_in_tds(server_flight_in_tds, TLS_SERVER_HELLO)},
        {tls_server_hello_parse, server_hello(RETRY_RANDOM, 0x1302, versions)},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        whole_hello_t all = {.parse = rows[i].parse};
        assert_true(rows[i].parse(rows[i].body, &all.hello));
        for_every_cut(rows[i].body, hello_trial, &all);
        for_every_change(rows[i].body, hello_change_trial);
    }
}

static uint16_t trial_version;

static void certificate_trial(span_t bytes, const void *whole)
{
    const tls_certificate_t *all = whole;
    tls_certificate_t certificate;
    if (!tls_certificate_parse(bytes, trial_version, &certificate)) {
        return;
    }
    assert_within(certificate.subject.text, bytes);
    assert_within(certificate.issuer.text, bytes);
    if (all != NULL) {
        assert_spans(certificate.issuer.text, all->issuer.text);
        assert_true(span_starts_with(all->subject.text, certificate.subject.text));
        assert_true(certificate.self_issued <= all->self_issued);
    }
}

static void a_cut_certificate_says_less(void **state)
{
    (void)state;
    span_t fallback = common_name("SSL_Self_Signed_Fallback");
    const span_t bodies[] = {captured_in_tds(server_flight_in_tds, TLS_CERTIFICATE),
                             certificate_message(span_none(), fallback, fallback),
                             in_context(hex(""), certificate_message(span_none(), fallback, fallback))};
    for (size_t i = 0; i < COUNT_OF(bodies); i++) {
        tls_certificate_t all;
        trial_version = i < 2 ? TLS_VERSION_1_2 : TLS_VERSION_1_3;
        assert_true(tls_certificate_parse(bodies[i], trial_version, &all));
        for_every_cut(bodies[i], certificate_trial, &all);
        for_every_change(bodies[i], certificate_trial);
    }
}

static void flight_trial(span_t bytes, const void *whole)
{
    (void)whole;
    tls_record_t record;
    for (span_t rest = bytes; tls_record_parse(rest, &record); rest = span_part(rest, record.length, rest.length)) {
        assert_within(record.body, bytes);
        reader_t r = reader_of(record.body);
        tls_handshake_t message;
        while (tls_handshake_next(&r, &message)) {
            assert_within(message.body, bytes);
        }
    }
}

static void a_cut_flight_is_walked_to_its_end(void **state)
{
    (void)state;
    for_every_cut(tds_payload(hex(server_flight_in_tds)), flight_trial, NULL);
    for_every_change(tds_payload(hex(server_flight_in_tds)), flight_trial);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_are_judged),
        cmocka_unit_test(an_alert_has_level_and_number),
        cmocka_unit_test(messages_of_a_flight_are_told_apart),
        cmocka_unit_test(an_encrypted_message_is_not_taken_for_one),
        cmocka_unit_test(client_hello_of_tds7_is_read),
        cmocka_unit_test(client_hello_of_tds8_is_read),
        cmocka_unit_test(server_hellos_are_read),
        cmocka_unit_test(alpn_may_be_a_list),
        cmocka_unit_test(highest_offered_version_is_no_grease),
        cmocka_unit_test(a_hello_needs_no_extension),
        cmocka_unit_test(hello_retry_request_is_known),
        cmocka_unit_test(the_server_may_choose_an_alpn),
        cmocka_unit_test(certificate_of_the_capture_is_read),
        cmocka_unit_test(certificates_name_subject_and_issuer),
        cmocka_unit_test(tls_1_3_has_a_context_before_the_chain),
        cmocka_unit_test(a_chain_may_be_empty),
        cmocka_unit_test(versions_have_names),
        cmocka_unit_test(a_cut_hello_says_less),
        cmocka_unit_test(a_cut_certificate_says_less),
        cmocka_unit_test(a_cut_flight_is_walked_to_its_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
