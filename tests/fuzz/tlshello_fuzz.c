/* tlshello_fuzz.c - for tls_record_parse, tls_handshake_next, tls_client_hello_parse, tls_server_hello_parse,
 * tls_certificate_parse, and what certificate.h makes of a certificate.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * An input is the records of one side. Every message is read as each kind, whatever it says it is.
 */
#include "fuzz.h"
#include "tlshello.h"

static void try_hello(bool (*parse)(span_t, tls_hello_t *), span_t body)
{
    tls_hello_t hello;
    if (parse(body, &hello)) {
        CLAIM(is_within(hello.sni, body) && is_within(hello.alpn, body));
        (void)tls_version_name(hello.version);
    }
}

static void try_certificate(span_t body, uint16_t version)
{
    tls_certificate_t certificate;
    if (tls_certificate_parse(body, version, &certificate)) {
        CLAIM(is_within(certificate.subject.text, body));
        CLAIM(is_within(certificate.issuer.text, body));
        CLAIM(is_within(certificate.alternatives, body));
        char text[CERTIFICATE_NAME_TEXT], date[CERTIFICATE_DATE];
        certificate_name_t name;
        for (reader_t r = reader_of(certificate.alternatives); certificate_name_next(&r, &name);) {
            CLAIM(is_within(name.bytes, body));
            certificate_name_text(name, text);
        }
        (void)certificate_is_for_others(&certificate, "sql.contoso.com");
        (void)certificate_date(certificate.until, date);
    }
}

static void try_messages(span_t body)
{
    reader_t r = reader_of(body);
    tls_handshake_t message;
    for (size_t left = r.left; tls_handshake_next(&r, &message); left = r.left) {
        CLAIM(r.left < left);
        CLAIM(is_within(message.body, body));
        try_hello(tls_client_hello_parse, message.body);
        try_hello(tls_server_hello_parse, message.body);
        try_certificate(message.body, TLS_VERSION_1_2);
        try_certificate(message.body, TLS_VERSION_1_3);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    span_t input = span_of(data, size);
    tls_record_t record;
    while (tls_record_parse(input, &record)) {
        CLAIM(record.length >= TLS_RECORD_HEADER_LENGTH);
        CLAIM(is_within(record.body, input) && record.body.length + TLS_RECORD_HEADER_LENGTH <= record.length);
        try_messages(record.body);
        input = span_part(input, record.length, input.length);
    }
    return 0;
}
