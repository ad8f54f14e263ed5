/* certificate_test.c - what a server's certificate says: for whom it is, and from when until when.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "vectors.h"

#include <string.h>

#include "certificate.h"

#define JANUARY_2023 1672531200 /* 2023-01-01 00:00:00 UTC, as `date` counts */
#define LONGEST_NAME 300

static span_t dns(const char *name)
{
    return der(0x82, text(name));
}

static span_t common_name(const char *value)
{
    return der(0x31, der(0x30, JOIN(der(0x06, hex("550403")), der(0x0C, text(value)))));
}

static span_t extensions(span_t names)
{
    span_t usage = der(0x30, JOIN(der(0x06, hex("551D0F")), der(0x01, hex("FF")), der(0x04, hex("03 02 05 A0"))));
    span_t alternatives = der(0x30, JOIN(der(0x06, hex("551D11")), der(0x04, der(0x30, names))));
    return der(0xA3, der(0x30, JOIN(usage, alternatives)));
}

static span_t certificate_with(span_t validity, span_t subject, span_t behind)
{
    span_t algorithm = der(0x30, hex("0609 2A864886F70D01010B 0500"));
    span_t tbs =
        der(0x30, JOIN(der(0xA0, hex("02 01 02")), der(0x02, hex("01")), algorithm, der(0x30, common_name("Lab CA")),
                       der(0x30, validity), der(0x30, subject), der(0x30, zeros(20)), behind));
    return der(0x30, JOIN(tbs, algorithm, der(0x03, zeros(17))));
}

static span_t year_2022(void)
{
    return JOIN(der(0x17, text("220101000000Z")), der(0x17, text("230101000000Z")));
}

static tls_certificate_t parsed(span_t bytes)
{
    tls_certificate_t certificate;
    assert_true(certificate_parse(bytes, &certificate));
    return certificate;
}

static span_t certificate_made_with(span_t algorithm, span_t key)
{
    span_t tbs = der(0x30, JOIN(der(0x02, hex("01")), der(0x30, algorithm), der(0x30, common_name("Lab CA")),
                                der(0x30, year_2022()), der(0x30, common_name("sql")), der(0x30, key)));
    return der(0x30, tbs);
}

static span_t key_of(const char *algorithm, size_t zeros_before, uint8_t first, size_t length)
{
    static uint8_t modulus[600];
    memset(modulus, 0xA5, sizeof modulus);
    memset(modulus, 0, zeros_before);
    modulus[zeros_before] = first;
    span_t integers = JOIN(der(0x02, span_of(modulus, zeros_before + length)), der(0x02, hex("010001")));
    return JOIN(der(0x30, der(0x06, hex(algorithm))), der(0x03, JOIN(hex("00"), der(0x30, integers))));
}

static void what_it_is_made_with_is_told(void **state)
{
    (void)state;
    const char *rsa = "2A864886F70D010101";
    const struct {
        const char *algorithm;
        span_t key;
        const char *weak;
        uint16_t bits;
    } rows[] = {
        {"2A864886F70D01010B", key_of(rsa, 1, 0x80, 256), NULL, 2048},
        {"2A864886F70D010105", key_of(rsa, 1, 0xC1, 128), "SHA-1", 1024},
        {"2A864886F70D010104", key_of(rsa, 0, 0x01, 64), "MD5", 505},
        {"2A8648CE3D0401", key_of("2A8648CE3D0201", 1, 0x80, 32), "SHA-1", 0}, /* no RSA */
        {"2B0E03021D", der(0x30, der(0x06, hex(rsa))), "SHA-1", 0},            /* no key */
        {"2A864886F70D01010B", key_of(rsa, 3, 0x00, 0), NULL, 0},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        tls_certificate_t made = parsed(certificate_made_with(der(0x06, hex(rows[i].algorithm)), rows[i].key));
        assert_int_equal(made.key_bits, rows[i].bits);
        assert_true(made.weak_signature == NULL ? rows[i].weak == NULL
                                                : strcmp(made.weak_signature, rows[i].weak) == 0);
    }
}

static void a_key_that_is_cut_has_no_length(void **state)
{
    (void)state;
    span_t whole =
        certificate_made_with(der(0x06, hex("2A864886F70D010105")), key_of("2A864886F70D010101", 1, 0x80, 128));
    whole.length -= 40;
    whole.cut = true;
    tls_certificate_t certificate = parsed(whole);
    assert_int_equal(certificate.key_bits, 0);
    assert_string_equal(certificate.weak_signature, "SHA-1");
}

/* RFC 6125 6.4: case does not count, nor does the dot behind a full name; a wildcard is for the left-most label. */
static void names_match_as_a_client_matches_them(void **state)
{
    (void)state;
    static const struct {
        const char *asked, *name;
        bool matches;
    } rows[] = {
        {"sql.contoso.com", "sql.contoso.com", true},
        {"SQL.Contoso.com", "sql.contoso.COM", true},
        {"sql.contoso.com.", "sql.contoso.com", true},
        {"sql.contoso.com", "sql.contoso.com.", true},
        {"sql.contoso.com", "sql.contoso.co", false},
        {"sql.contoso.com", "mysql.contoso.com", false},
        {"sql", "sql.contoso.com", false}, /* a short name is not in a certificate for the full one */
        {"sql.contoso.com", "sql", false},
        {"sql.contoso.com", "*.contoso.com", true},
        {"SQL.contoso.com.", "*.Contoso.com", true},
        {"a.sql.contoso.com", "*.contoso.com", false}, /* one label only */
        {"contoso.com", "*.contoso.com", false},
        {".contoso.com", "*.contoso.com", false},
        {"sql.eu.contoso.com", "sql.*.contoso.com", false}, /* not the left-most */
        {"sql7.contoso.com", "sql*.contoso.com", true},
        {"sql.contoso.com", "sql*.contoso.com", false},
        {"my7sql.contoso.com", "my*sql.contoso.com", true},
        {"mysql.contoso.com", "my*sql.contoso.com", false},
        {"10.1.0.20", "10.1.0.20", true},
        {"10.1.0.20", "*.1.0.20", false}, /* an address has no labels */
        {"10.1.0.20", "10.1.0.21", false},
        {"sql", "", false},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (certificate_name_matches(rows[i].name, rows[i].asked) != rows[i].matches) {
            fail_msg("row %zu: %s, %s", i, rows[i].asked, rows[i].name);
        }
    }
}

static void another_name_is_told_where_it_is_certain(void **state)
{
    (void)state;
    span_t two = JOIN(dns("win-4qt7.corp.local"), dns("*.contoso.com"));
    span_t address = der(0x87, hex("0A010014")), mail = der(0x81, text("dba@contoso.com"));
    const struct {
        const char *asked;
        span_t subject, behind;
        bool others;
    } rows[] = {
        {"sql.contoso.com", common_name("x"), extensions(two), false},
        {"sql.corp.local", common_name("x"), extensions(two), true},
        {"WIN-4QT7.corp.local", common_name("x"), extensions(two), false},
        {"x", common_name("x"), extensions(two), true}, /* the subject does not count behind DNS names */
        {"10.1.0.20", common_name("x"), extensions(JOIN(two, address)), false},
        {"10.1.0.21", common_name("x"), extensions(JOIN(two, address)), true},
        {"x", common_name("x"), extensions(address), false},
        {"y", common_name("x"), extensions(address), true},
        {"y", span_none(), extensions(address), true},
        {"sql.contoso.com", common_name("sql.contoso.com"), span_none(), false},
        {"sql.contoso.com", common_name("*.contoso.com"), span_none(), false},
        {"sql.contoso.com", common_name("WIN-4QT7.corp.local"), span_none(), true},
        {"sql.contoso.com", common_name("sql.contoso.com"), extensions(mail), false}, /* no name of a host */
        {"sql.contoso.com", common_name("win"), extensions(mail), true},
        {"sql.contoso.com", span_none(), span_none(), false}, /* it names nobody */
        {"sql.contoso.com", common_name("SSL_Self_Signed_Fallback"), span_none(), false},
        {"sql.contoso.com", common_name("x"), extensions(span_none()), false}, /* whatever that means */
        {"fe80::1", common_name("x"), span_none(), false},                     /* which is written in many ways */
        {"", common_name("x"), span_none(), false},
        {NULL, common_name("x"), span_none(), false},
        {"sql.contoso.com", common_name("x"), extensions(dns("sql.contoso.com\n")), true},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        tls_certificate_t certificate = parsed(certificate_with(year_2022(), rows[i].subject, rows[i].behind));
        if (certificate_is_for_others(&certificate, rows[i].asked) != rows[i].others) {
            fail_msg("row %zu", i);
        }
    }
}

static void names_become_text(void **state)
{
    (void)state;
    const struct {
        span_t name;
        const char *text;
    } rows[] = {
        {dns("sql.contoso.com"), "sql.contoso.com"},
        {dns("sql\n\x1B[2J\xC3"), "sql??[2J?"},
        {der(0x82, hex("73716C 00 65")), "sql?e"},
        {der(0x87, hex("0A010014")), "10.1.0.20"},
        {der(0x87, hex("FE800000000000000000000000000001")), "fe80:0:0:0:0:0:0:1"},
    };
    span_t all = span_none();
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        all = JOIN(all, der(0x81, text("dba@contoso.com")), der(0x87, hex("0A")), rows[i].name); /* not these two */
    }
    certificate_name_t name;
    char shown[CERTIFICATE_NAME_TEXT];
    reader_t r = reader_of(all);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_true(certificate_name_next(&r, &name));
        certificate_name_text(name, shown);
        assert_string_equal(shown, rows[i].text);
    }
    assert_false(certificate_name_next(&r, &name));
}

static void a_long_name_is_shortened(void **state)
{
    (void)state;
    char longest[LONGEST_NAME + 1], shown[CERTIFICATE_NAME_TEXT];
    memset(longest, 'a', LONGEST_NAME);
    longest[LONGEST_NAME] = '\0';
    certificate_name_text((certificate_name_t){false, text(longest)}, shown);
    assert_int_equal(strlen(shown), CERTIFICATE_NAME_TEXT - 1);
}

static void a_subject_may_be_wide(void **state)
{
    (void)state;
    char shown[CERTIFICATE_NAME_TEXT];
    span_t wide = der(0x31, der(0x30, JOIN(der(0x06, hex("550403")), der(0x1E, hex("0064 0062 0416")))));
    tls_certificate_t certificate = parsed(certificate_with(year_2022(), wide, span_none()));
    certificate_subject_text(&certificate, shown);
    assert_string_equal(shown, "db?");
}

static void times_are_read(void **state)
{
    (void)state;
    const struct {
        span_t time;
        int64_t seconds;
    } rows[] = {
        {der(0x17, text("230101000000Z")), JANUARY_2023},
        {der(0x18, text("20230101000000Z")), JANUARY_2023},
        {der(0x17, text("240229235959Z")), 1709251199},
        {der(0x17, text("700101000000Z")), 0},
        {der(0x17, text("500101000000Z")), -631152000}, /* RFC 5280 4.1.2.5.1: from 1950 on */
        {der(0x17, text("491231235959Z")), 2524607999},
        {der(0x18, text("99991231235959Z")), 253402300799}, /* never */
        {der(0x17, text("2301010000Z")), CERTIFICATE_NO_TIME},
        {der(0x17, text("230101000000+0100")), CERTIFICATE_NO_TIME},
        {der(0x18, text("20230101000000.5Z")), CERTIFICATE_NO_TIME},
        {der(0x17, text("231301000000Z")), CERTIFICATE_NO_TIME},
        {der(0x17, text("23010x000000Z")), CERTIFICATE_NO_TIME},
        {der(0x04, text("230101000000Z")), CERTIFICATE_NO_TIME},
        {der(0x17, span_none()), CERTIFICATE_NO_TIME},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        span_t validity = JOIN(rows[i].time, rows[i].time);
        tls_certificate_t certificate = parsed(certificate_with(validity, common_name("x"), span_none()));
        assert_int_equal(certificate.from, rows[i].seconds);
        assert_int_equal(certificate.until, rows[i].seconds);
    }
}

static void dates_are_written(void **state)
{
    (void)state;
    static const struct {
        int64_t seconds;
        const char *date;
    } rows[] = {
        {JANUARY_2023, "2023-01-01"}, {JANUARY_2023 - 1, "2022-12-31"},
        {1709164800, "2024-02-29"},   {0, "1970-01-01"},
        {-1, "1969-12-31"},           {253402300799, "9999-12-31"},
        {951782399, "2000-02-28"},    {951868799, "2000-02-29"},
        {951868800, "2000-03-01"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char date[CERTIFICATE_DATE];
        assert_string_equal(certificate_date(rows[i].seconds, date), rows[i].date);
    }
}

/* What is missing may have been the name, or the time. */
static void cut_trial(span_t bytes, const void *whole)
{
    const tls_certificate_t *all = whole;
    tls_certificate_t certificate;
    span_t cut = bytes;
    cut.cut = true;
    if (certificate_parse(cut, &certificate)) {
        assert_within(certificate.alternatives, bytes);
        assert_false(certificate_is_for_others(&certificate, "nobody.example"));
        assert_true(all == NULL || certificate.until == CERTIFICATE_NO_TIME || certificate.until == all->until);
    }
}

static void change_trial(span_t bytes, const void *whole)
{
    (void)whole;
    tls_certificate_t certificate;
    char shown[CERTIFICATE_NAME_TEXT];
    if (certificate_parse(bytes, &certificate)) {
        (void)certificate_is_for_others(&certificate, "nobody.example");
        certificate_subject_text(&certificate, shown);
    }
}

static void a_cut_certificate_says_nothing(void **state)
{
    (void)state;
    span_t bytes = certificate_with(year_2022(), common_name("x"), extensions(dns("sql.contoso.com")));
    tls_certificate_t all = parsed(bytes);
    assert_true(certificate_is_for_others(&all, "nobody.example"));
    for_every_cut(bytes, cut_trial, &all);
    for_every_change(bytes, change_trial);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_match_as_a_client_matches_them),
        cmocka_unit_test(another_name_is_told_where_it_is_certain),
        cmocka_unit_test(names_become_text),
        cmocka_unit_test(what_it_is_made_with_is_told),
        cmocka_unit_test(a_key_that_is_cut_has_no_length),
        cmocka_unit_test(a_long_name_is_shortened),
        cmocka_unit_test(a_subject_may_be_wide),
        cmocka_unit_test(times_are_read),
        cmocka_unit_test(dates_are_written),
        cmocka_unit_test(a_cut_certificate_says_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
