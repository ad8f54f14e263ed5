/* tlshello.c - what a TLS handshake shows to everybody.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tlshello.h"

#include <string.h>

#define RECORD_BODY_LIMIT (0x4000 + 2048) /* RFC 5246 6.2.3 */

bool tls_record_parse(span_t bytes, tls_record_t *record)
{
    reader_t r = reader_of(bytes);
    *record = (tls_record_t){.type = read_u8(&r)};
    if (record->type < TLS_CHANGE_CIPHER_SPEC || record->type > TLS_APPLICATION_DATA) { /* most packets of TDS */
        return false;
    }
    record->version = read_u16be(&r);
    uint16_t length = read_u16be(&r);
    record->length = TLS_RECORD_HEADER_LENGTH + (uint32_t)length;
    record->body = span_part(bytes, TLS_RECORD_HEADER_LENGTH, length);
    return r.ok && record->version >> 8 == 3 && (record->version & 0xFF) <= 4 && length > 0 &&
           length <= RECORD_BODY_LIMIT;
}

static bool is_handshake_type(uint8_t type)
{
    static const uint8_t types[] = {
        TLS_HELLO_REQUEST,        TLS_CLIENT_HELLO,       TLS_SERVER_HELLO,        TLS_NEW_SESSION_TICKET,
        TLS_ENCRYPTED_EXTENSIONS, TLS_CERTIFICATE,        TLS_SERVER_KEY_EXCHANGE, TLS_CERTIFICATE_REQUEST,
        TLS_SERVER_HELLO_DONE,    TLS_CERTIFICATE_VERIFY, TLS_CLIENT_KEY_EXCHANGE, TLS_FINISHED,
        TLS_CERTIFICATE_STATUS,
    };
    for (size_t i = 0; i < sizeof types; i++) {
        if (types[i] == type) {
            return true;
        }
    }
    return false;
}

bool tls_handshake_next(reader_t *r, tls_handshake_t *message)
{
    message->type = read_u8(r);
    uint32_t length = read_u24be(r);
    if (!r->ok || !is_handshake_type(message->type)) {
        return false;
    }
    /* A HelloRequest is empty and comes alone; zeros are also how the nonce of an encrypted record begins. */
    if (message->type == TLS_HELLO_REQUEST && (length > 0 || r->left > 0)) {
        return false;
    }
    message->body = read_part(r, length);
    return true;
}

enum { EXTENSION_SERVER_NAME = 0, EXTENSION_ALPN = 16, EXTENSION_SUPPORTED_VERSIONS = 43 };

/* RFC 8701: values like 0x0A0A mean nothing and are there to be ignored. */
static bool is_grease(uint16_t value)
{
    return (value & 0x0F0F) == 0x0A0A && value >> 8 == (value & 0xFF);
}

static void hello_server_name(tls_hello_t *hello, span_t data)
{
    reader_t r = reader_of(data);
    read_skip(&r, 2); /* length of the list */
    uint8_t type = read_u8(&r);
    span_t name = read_span(&r, read_u16be(&r));
    if (r.ok && type == 0) {
        hello->sni = name;
    }
}

static void hello_alpn(tls_hello_t *hello, span_t data)
{
    static const uint8_t tds8[] = {'t', 'd', 's', '/', '8', '.', '0'};
    reader_t r = reader_of(data);
    read_skip(&r, 2);
    while (r.ok && r.left > 0) {
        span_t name = read_span(&r, read_u8(&r));
        if (hello->alpn.length == 0) {
            hello->alpn = name;
        }
        hello->alpn_tds8 = hello->alpn_tds8 || span_equal(name, span_of(tds8, sizeof tds8));
    }
}

/* The client lists what it takes, the server names the one it chose (RFC 8446 4.2.1). */
static void hello_versions(tls_hello_t *hello, span_t data, bool client)
{
    reader_t r = reader_of(data);
    if (client) {
        read_skip(&r, 1);
    }
    for (uint16_t version = read_u16be(&r); r.ok; version = read_u16be(&r)) {
        if (!is_grease(version) && (version > hello->version || !client)) {
            hello->version = version;
        }
    }
}

static void hello_extensions_read(tls_hello_t *hello, reader_t *r, bool client)
{
    while (r->ok && r->left > 0) {
        uint16_t type = read_u16be(r);
        uint16_t length = read_u16be(r);
        span_t data = read_span(r, length);
        if (!r->ok) {
            return;
        }
        switch (type) {
        case EXTENSION_SERVER_NAME:
            hello_server_name(hello, data);
            break;
        case EXTENSION_ALPN:
            hello_alpn(hello, data);
            break;
        case EXTENSION_SUPPORTED_VERSIONS:
            hello_versions(hello, data, client);
            break;
        default:
            break;
        }
    }
}

static void hello_extensions(tls_hello_t *hello, reader_t *r, span_t body, bool client)
{
    bool none = r->ok && r->left == 0 && !body.cut;
    size_t length_of_all = read_u16be(r);
    bool cut = !none && (!r->ok || length_of_all > r->left);
    hello_extensions_read(hello, r, client); /* what is there of them */
    if (cut && hello->version == TLS_VERSION_1_2) {
        hello->version = 0; /* a version above it stands in an extension only */
    }
}

bool tls_client_hello_parse(span_t body, tls_hello_t *hello)
{
    *hello = (tls_hello_t){0};
    reader_t r = reader_of(body);
    hello->version = read_u16be(&r);
    bool named = r.ok;
    read_skip(&r, 32);             /* random */
    read_skip(&r, read_u8(&r));    /* session id */
    read_skip(&r, read_u16be(&r)); /* cipher suites */
    read_skip(&r, read_u8(&r));    /* compression */
    hello_extensions(hello, &r, body, true);
    return named;
}

/* RFC 8446 4.1.3: the random of a ServerHello that is a HelloRetryRequest, its first 8 bytes. */
static const uint8_t retry_random[] = {0xCF, 0x21, 0xAD, 0x74, 0xE5, 0x9A, 0x61, 0x11};

bool tls_server_hello_parse(span_t body, tls_hello_t *hello)
{
    *hello = (tls_hello_t){0};
    reader_t r = reader_of(body);
    hello->version = read_u16be(&r);
    bool named = r.ok;
    span_t random = read_span(&r, 32);
    hello->retry = span_starts_with(random, span_of(retry_random, sizeof retry_random));
    read_skip(&r, read_u8(&r)); /* session id */
    hello->cipher = read_u16be(&r);
    read_skip(&r, 1); /* compression */
    hello_extensions(hello, &r, body, false);
    return named;
}

bool tls_certificate_parse(span_t body, uint16_t version, tls_certificate_t *certificate)
{
    reader_t r = reader_of(body);
    if (version == TLS_VERSION_1_3) { /* RFC 8446 4.4.2 */
        read_skip(&r, read_u8(&r));
    }
    read_skip(&r, 3); /* length of the chain */
    uint32_t length = read_u24be(&r);
    return r.ok && certificate_parse(read_part(&r, length), certificate);
}

bool tls_is_dhe(const char *suite)
{
    static const char prefix[] = "TLS_DHE_";
    return strncmp(suite, prefix, sizeof prefix - 1) == 0;
}

/* ServerDHParams (RFC 5246 7.4.3) begin with the prime. */
uint16_t tls_group_bits(span_t body)
{
    reader_t r = reader_of(body);
    return der_bits(read_part(&r, read_u16be(&r)));
}

const char *tls_version_name(uint16_t version)
{
    static const char *const names[] = {"SSL 3.0", "TLS 1.0", "TLS 1.1", "TLS 1.2", "TLS 1.3"};
    bool known = version >> 8 == 3 && (version & 0xFF) < sizeof names / sizeof names[0];
    return known ? names[version & 0xFF] : NULL;
}
