/* certificate.c - a server's certificate: its names, its dates, and its issuer.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "certificate.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "characters.h"

#define FALLBACK     "SSL_Self_Signed_Fallback"
#define IPV4         4
#define IPV6         16
#define DAY          86400
#define EPOCH_BEGINS 719468 /* days from 0000-03-01 to 1970-01-01 */
#define ERA          146097 /* days of 400 years */

/* Times. */

/* Days since 1970 of a day of the Gregorian calendar. Years begin in March here, so that a leap day is their last. */
static int64_t days_of(int64_t year, unsigned month, unsigned day)
{
    int64_t y = month > 2 ? year : year - 1;
    unsigned m = month > 2 ? month - 3 : month + 9;
    return 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - EPOCH_BEGINS;
}

const char *certificate_date(int64_t time, char text[CERTIFICATE_DATE])
{
    int64_t days = time / DAY - (time % DAY < 0 ? 1 : 0) + EPOCH_BEGINS;
    int64_t era = (days >= 0 ? days : days - (ERA - 1)) / ERA;
    int64_t of_era = days - era * ERA;
    int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
    int month = (int)((5 * of_year + 2) / 153);
    int day = (int)(of_year - (153 * month + 2) / 5) + 1;
    int64_t shown = year + era * 400 + (month < 10 ? 0 : 1);
    (void)snprintf(text, CERTIFICATE_DATE, "%04" PRId64 "-%02d-%02d", shown, month < 10 ? month + 3 : month - 9, day);
    return text;
}

/* Two digits; what is none turns the reader bad. */
static unsigned read_two_digits(reader_t *r)
{
    uint8_t tens = read_u8(r), ones = read_u8(r);
    r->ok = r->ok && tens >= '0' && tens <= '9' && ones >= '0' && ones <= '9';
    return r->ok ? (unsigned)(tens - '0') * 10 + (ones - '0') : 0;
}

/* Four digits of a GeneralizedTime, or two of a UTCTime, which stand for 1950 to 2049. */
static unsigned read_year(reader_t *r, bool four)
{
    unsigned first = read_two_digits(r);
    if (four) {
        return first * 100 + read_two_digits(r);
    }
    return first < 50 ? 2000 + first : 1900 + first;
}

/* RFC 5280 4.1.2.5: UTCTime "YYMMDDHHMMSSZ", GeneralizedTime "YYYYMMDDHHMMSSZ", nothing else. */
static int64_t time_of(const der_t *element)
{
    enum { UTC_TIME = 0x17, GENERALIZED_TIME = 0x18 };
    if (element->tag != UTC_TIME && element->tag != GENERALIZED_TIME) {
        return CERTIFICATE_NO_TIME;
    }
    reader_t r = reader_of(element->body);
    unsigned year = read_year(&r, element->tag == GENERALIZED_TIME);
    unsigned month = read_two_digits(&r), day = read_two_digits(&r);
    unsigned hour = read_two_digits(&r), minute = read_two_digits(&r), second = read_two_digits(&r);
    bool ends = read_u8(&r) == 'Z' && r.left == 0;
    bool possible = month >= 1 && month <= 12 && day >= 1 && day <= 31 && hour < 24 && minute < 60 && second <= 60;
    if (!r.ok || !ends || !possible || element->body.cut) {
        return CERTIFICATE_NO_TIME;
    }
    return days_of(year, month, day) * DAY + (int64_t)hour * 3600 + (int64_t)minute * 60 + second;
}

static void read_validity(span_t validity, tls_certificate_t *certificate)
{
    reader_t r = reader_of(validity);
    der_t element;
    certificate->from = der_next(&r, &element) ? time_of(&element) : CERTIFICATE_NO_TIME;
    certificate->until = der_next(&r, &element) ? time_of(&element) : CERTIFICATE_NO_TIME;
}

/* The parts of a certificate. */

/* The common name (2.5.4.3) among the relative distinguished names of a Name. */
static tls_name_t common_name(span_t name)
{
    static const uint8_t oid_common_name[] = {0x55, 0x04, 0x03};
    reader_t r = reader_of(name);
    der_t set;
    while (der_next(&r, &set)) {
        reader_t pair = reader_of(der_child(set.body, DER_SEQUENCE));
        der_t oid, value;
        if (der_next(&pair, &oid) && oid.tag == DER_OID && der_next(&pair, &value) &&
            span_equal(oid.body, span_of(oid_common_name, sizeof oid_common_name))) {
            return (tls_name_t){value.body, value.tag == DER_BMP_STRING};
        }
    }
    return (tls_name_t){span_none(), false};
}

/* Extension (RFC 5280 4.1.2.9): identifier, whether it is critical, value. One without a name in it is not understood.
 */
static void read_extensions(span_t extensions, tls_certificate_t *certificate)
{
    static const uint8_t oid_alternatives[] = {0x55, 0x1D, 0x11};
    reader_t r = reader_of(der_child(extensions, DER_SEQUENCE));
    der_t extension;
    while (der_next(&r, &extension)) {
        reader_t parts = reader_of(extension.body);
        der_t oid;
        if (der_next(&parts, &oid) && oid.tag == DER_OID &&
            span_equal(oid.body, span_of(oid_alternatives, sizeof oid_alternatives))) {
            span_t value = der_child(span_of(parts.at, parts.left), DER_OCTET_STRING);
            certificate->alternatives = der_child(value, DER_SEQUENCE);
            certificate->whole = certificate->whole && certificate->alternatives.length > 0;
        }
    }
}

/* The algorithms of signatures that are too weak today (RFC 3279 2.2, RFC 5758). */
static const struct {
    uint8_t length, oid[9];
    const char *hash;
} weak_signatures[] = {
    {9, {0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x04}, "MD5"},   /* md5WithRSAEncryption */
    {9, {0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x05}, "SHA-1"}, /* sha1WithRSAEncryption */
    {5, {0x2B, 0x0E, 0x03, 0x02, 0x1D}, "SHA-1"},                         /* the same, as OIW has it */
    {7, {0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x01}, "SHA-1"},             /* ecdsa-with-SHA1 */
};

/* Of an AlgorithmIdentifier. */
static const char *weak_signature_of(span_t algorithm)
{
    span_t oid = der_child(algorithm, DER_OID);
    for (size_t i = 0; i < sizeof weak_signatures / sizeof weak_signatures[0]; i++) {
        if (span_equal(oid, span_of(weak_signatures[i].oid, weak_signatures[i].length))) {
            return weak_signatures[i].hash;
        }
    }
    return NULL;
}

/* SubjectPublicKeyInfo (RFC 5280 4.1.2.7): the algorithm, and a bit string with the key. */
static uint16_t rsa_bits_of(span_t key)
{
    static const uint8_t rsa[] = {0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01};
    enum { BIT_STRING = 0x03 };
    span_t oid = der_child(der_child(key, DER_SEQUENCE), DER_OID), bits = der_child(key, BIT_STRING);
    reader_t r = reader_of(bits);
    read_skip(&r, 1); /* how many bits of the last byte do not count */
    return span_equal(oid, span_of(rsa, sizeof rsa)) && r.ok
               ? der_bits(der_child(der_child(span_of(r.at, r.left), DER_SEQUENCE), DER_INTEGER))
               : 0;
}

enum { SEQUENCE_SIGNATURE = 1, SEQUENCE_ISSUER, SEQUENCE_VALIDITY, SEQUENCE_SUBJECT, SEQUENCE_KEY };

/* One of the sequences of a TBSCertificate. */
static void read_sequence(int place, const der_t *element, span_t *issuer, tls_certificate_t *certificate)
{
    switch (place) {
    case SEQUENCE_SIGNATURE:
        certificate->weak_signature = weak_signature_of(element->body);
        break;
    case SEQUENCE_KEY:
        certificate->key_bits = element->body.cut ? 0 : rsa_bits_of(element->body);
        break;
    case SEQUENCE_ISSUER:
        *issuer = element->body;
        break;
    case SEQUENCE_VALIDITY:
        read_validity(element->body, certificate);
        break;
    case SEQUENCE_SUBJECT:
        certificate->issuer = common_name(*issuer);
        certificate->subject = common_name(element->body);
        certificate->self_issued = !element->body.cut && span_equal(*issuer, element->body);
        break;
    default:
        break;
    }
}

/* TBSCertificate (RFC 5280 4.1): [0] version, serial, signature, issuer, validity, subject, key, [3] extensions. */
static bool read_parts(span_t tbs, tls_certificate_t *certificate)
{
    reader_t r = reader_of(tbs);
    span_t issuer = span_none();
    der_t element;
    int sequences = 0;
    while (r.left > 0) {
        if (!der_next(&r, &element)) {
            certificate->whole = false;
            break;
        }
        certificate->whole = certificate->whole && !element.body.cut;
        if (element.tag == DER_SEQUENCE) {
            read_sequence(++sequences, &element, &issuer, certificate);
        } else if (element.tag == DER_CONTEXT(3)) {
            read_extensions(element.body, certificate);
        }
    }
    return sequences >= SEQUENCE_SUBJECT;
}

bool certificate_parse(span_t bytes, tls_certificate_t *certificate)
{
    static const uint8_t to_tbs[] = {DER_SEQUENCE, DER_SEQUENCE};
    *certificate = (tls_certificate_t){.from = CERTIFICATE_NO_TIME, .until = CERTIFICATE_NO_TIME, .whole = !bytes.cut};
    return read_parts(der_descend(bytes, to_tbs, 2), certificate);
}

/* Names. */

bool certificate_name_next(reader_t *r, certificate_name_t *name)
{
    enum { DNS_NAME = 0x82, IP_ADDRESS = 0x87 }; /* GeneralName, RFC 5280 4.2.1.6 */
    der_t element;
    while (der_next(r, &element)) {
        bool address = element.tag == IP_ADDRESS && (element.body.length == IPV4 || element.body.length == IPV6);
        if (!element.body.cut && element.body.length > 0 && (address || element.tag == DNS_NAME)) {
            *name = (certificate_name_t){address, element.body};
            return true;
        }
    }
    return false;
}

/* Every `step`th byte of a name, the last of each character; those before it are zero in ASCII. */
static void ascii_text(span_t bytes, size_t step, char text[CERTIFICATE_NAME_TEXT])
{
    size_t length = bytes.length / step;
    length = length < CERTIFICATE_NAME_TEXT ? length : CERTIFICATE_NAME_TEXT - 1;
    for (size_t i = 0; i < length; i++) {
        uint8_t c = bytes.at[i * step + step - 1];
        bool ascii = c >= ' ' && c <= '~' && (step == 1 || bytes.at[i * step] == 0);
        text[i] = (char)(ascii ? c : '?');
    }
    text[length] = '\0';
}

static void address_text(span_t address, char text[CERTIFICATE_NAME_TEXT])
{
    const char *separator = address.length == IPV4 ? "." : ":";
    size_t at = 0;
    for (size_t i = 0; i < address.length; i += address.length == IPV4 ? 1 : 2) {
        unsigned pair = address.length == IPV4 ? address.at[i] : (unsigned)(address.at[i] << 8 | address.at[i + 1]);
        at += (size_t)snprintf(text + at, CERTIFICATE_NAME_TEXT - at, address.length == IPV4 ? "%s%u" : "%s%x",
                               i == 0 ? "" : separator, pair);
    }
}

void certificate_name_text(certificate_name_t name, char text[CERTIFICATE_NAME_TEXT])
{
    if (name.address) {
        address_text(name.bytes, text);
    } else {
        ascii_text(name.bytes, 1, text);
    }
}

void certificate_subject_text(const tls_certificate_t *certificate, char text[CERTIFICATE_NAME_TEXT])
{
    ascii_text(certificate->subject.text, certificate->subject.wide ? 2 : 1, text);
}

/* Of a name, without the dot that ends a full one. */
static size_t name_length(const char *name)
{
    size_t length = strlen(name);
    return length > 0 && name[length - 1] == '.' ? length - 1 : length;
}

static size_t label_length(const char *name, size_t length)
{
    const char *dot = memchr(name, '.', length);
    return dot == NULL ? length : (size_t)(dot - name);
}

static bool is_ipv4(const char *asked)
{
    return asked[0] != '\0' && strspn(asked, "0123456789.") == strlen(asked) && strchr(asked, '.') != NULL;
}

/* RFC 6125 6.4.3: a wildcard stands for the left-most label, or a part of it. */
static bool wildcard_matches(const char *name, size_t length, const char *asked, size_t asked_length)
{
    size_t label = label_length(name, length), asked_label = label_length(asked, asked_length);
    const char *star = memchr(name, '*', label);
    size_t rest = length - label;
    if (star == NULL || rest != asked_length - asked_label ||
        !characters_same(name + label, asked + asked_label, rest)) {
        return false;
    }
    size_t head = (size_t)(star - name), tail = label - head - 1;
    return asked_label > head + tail && characters_same(name, asked, head) &&
           characters_same(star + 1, asked + asked_label - tail, tail);
}

bool certificate_name_matches(const char *name, const char *asked)
{
    size_t length = name_length(name), asked_length = name_length(asked);
    if (length == asked_length && characters_same(name, asked, length)) {
        return true;
    }
    return !is_ipv4(asked) && wildcard_matches(name, length, asked, asked_length);
}

bool certificate_is_for_others(const tls_certificate_t *certificate, const char *asked)
{
    char text[CERTIFICATE_NAME_TEXT] = "";
    bool dns = false, any = false;
    if (!certificate->whole || asked == NULL || asked[0] == '\0' || strchr(asked, ':') != NULL) { /* an IPv6 address */
        return false;
    }
    certificate_name_t name;
    for (reader_t r = reader_of(certificate->alternatives); certificate_name_next(&r, &name); any = true) {
        certificate_name_text(name, text);
        dns = dns || !name.address;
        if (certificate_name_matches(text, asked)) {
            return false;
        }
    }
    certificate_subject_text(certificate, text);
    bool counts = !dns && text[0] != '\0'; /* RFC 6125 6.4.4 */
    return strcmp(text, FALLBACK) != 0 && (any || counts) && !(counts && certificate_name_matches(text, asked));
}
