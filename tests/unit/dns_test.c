/* dns_test.c - what a host asks DNS, and what it is answered.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <string.h>

#include "vectors.h"

#include "dns.h"

#define QUESTION "01 00 00 01 00 00 00 00 00 00"

static span_t header(const char *flags_and_counts)
{
    return JOIN(hex("12 34"), hex(flags_and_counts));
}

static span_t label(const char *name)
{
    return JOIN(u8((unsigned)strlen(name)), text(name));
}

static span_t kind(unsigned type)
{
    return JOIN(u16be(type), u16be(1));
}

static span_t host(void)
{
    return JOIN(label("SQL"), label("contoso"), label("com"), u8(0));
}

static span_t record(unsigned type, span_t data)
{
    return JOIN(hex("C0 0C"), kind(type), zeros(4), u16be((unsigned)data.length), data);
}

static void a_question_names_a_host(void **state)
{
    (void)state;
    static const unsigned types[] = {DNS_TYPE_A, DNS_TYPE_AAAA};
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        dns_message_t message;
        assert_true(dns_parse(JOIN(header(QUESTION), host(), kind(types[i])), &message));
        assert_false(message.answer);
        assert_int_equal(message.type, types[i]);
        assert_string_equal(message.name, "sql.contoso.com");
    }
}

static void what_asks_for_no_address_of_a_host_is_none(void **state)
{
    (void)state;
    const span_t others[] = {
        JOIN(header(QUESTION), host(), kind(33)),                                /* SRV */
        JOIN(header("29 00 00 01 00 00 00 00 00 00"), host(), kind(DNS_TYPE_A)), /* an update */
        JOIN(header("01 00 00 02 00 00 00 00 00 00"), host(), kind(DNS_TYPE_A)), /* two questions */
        JOIN(header("01 00 00 00 00 00 00 00 00 00"), host(), kind(DNS_TYPE_A)), /* none */
        JOIN(header(QUESTION), u8(0), kind(DNS_TYPE_A)),                         /* the root */
        JOIN(header(QUESTION), label("a b"), u8(0), kind(DNS_TYPE_A)),           /* no name of a host */
        JOIN(header(QUESTION), hex("C0 0C"), kind(DNS_TYPE_A)),                  /* a pointer to itself */
        JOIN(header("85 00 00 00 00 01 00 00 00 00"), host(), kind(DNS_TYPE_A)), /* an answer without question */
        JOIN(header(QUESTION), label("EKFDEMCACACACACACACACACACACACAC"), u8(0), kind(32)), /* too short for NetBIOS */
    };
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        dns_message_t message;
        assert_false(dns_parse(others[i], &message));
    }
}

static void an_answer_has_addresses_among_other_records(void **state)
{
    (void)state;
    span_t alias = record(5, JOIN(label("node"), hex("C0 10")));
    span_t answer = JOIN(header("81 80 00 01 00 03 00 00 00 00"), host(), kind(DNS_TYPE_A), alias,
                         record(DNS_TYPE_A, hex("0A 0A 0A 14")), record(DNS_TYPE_A, hex("0A 0A 0A 15")));
    dns_message_t message;
    span_t address;
    assert_true(dns_parse(answer, &message));
    assert_true(message.answer);
    assert_int_equal(message.code, 0);
    assert_true(dns_next_address(&message, &address));
    assert_spans(address, hex("0A 0A 0A 14"));
    assert_true(dns_next_address(&message, &address));
    assert_spans(address, hex("0A 0A 0A 15"));
    assert_false(dns_next_address(&message, &address));
}

static void an_error_has_a_name(void **state)
{
    (void)state;
    dns_message_t message;
    span_t address;
    assert_true(dns_parse(JOIN(header("81 83 00 01 00 00 00 00 00 00"), host(), kind(DNS_TYPE_AAAA)), &message));
    assert_string_equal(dns_code_name(message.code), "NXDOMAIN");
    assert_false(dns_next_address(&message, &address));
    assert_string_equal(dns_code_name(15), "an error");
}

/* "SQL01" and its last byte, which asks for the file server, as RFC 1001 14.1 encodes them. */
static span_t netbios_name(void)
{
    return JOIN(label("FDFBEMDADBCACACACACACACACACACACA"), u8(0));
}

static void netbios_encodes_its_names(void **state)
{
    (void)state;
    dns_message_t message;
    span_t address;
    assert_true(dns_parse(JOIN(header("01 10 00 01 00 00 00 00 00 00"), netbios_name(), kind(32)), &message));
    assert_string_equal(message.name, "sql01");
    span_t answer = JOIN(header("85 00 00 00 00 01 00 00 00 00"), netbios_name(), kind(32), zeros(4), u16be(6),
                         hex("60 00 0A 0A 0A 14"));
    assert_true(dns_parse(answer, &message));
    assert_string_equal(message.name, "sql01");
    assert_true(dns_next_address(&message, &address));
    assert_spans(address, hex("0A 0A 0A 14"));
}

static void try_cut(span_t bytes, const void *whole)
{
    (void)whole;
    dns_message_t message;
    span_t address;
    if (dns_parse(bytes, &message)) {
        assert_string_equal(message.name, "sql.contoso.com");
        while (dns_next_address(&message, &address)) {
            assert_within(address, bytes);
            assert_spans(address, hex("0A 0A 0A 14"));
        }
    }
}

static void try_changed(span_t bytes, const void *whole)
{
    (void)whole;
    dns_message_t message;
    span_t address;
    if (dns_parse(bytes, &message)) {
        assert_uint_in_range(strlen(message.name), 1, DNS_NAME_LIMIT - 1);
        while (dns_next_address(&message, &address)) {
            assert_within(address, bytes);
        }
    }
}

static void of_a_cut_message_no_half_name_or_address_is_read(void **state)
{
    (void)state;
    span_t answer = JOIN(header("81 80 00 01 00 02 00 00 00 00"), host(), kind(DNS_TYPE_A),
                         record(DNS_TYPE_A, hex("0A 0A 0A 14")), record(DNS_TYPE_A, hex("0A 0A 0A 14")));
    for_every_cut(answer, try_cut, NULL);
    for_every_change(answer, try_changed);
}

static void a_name_is_no_longer_than_its_room(void **state)
{
    (void)state;
    span_t name = span_none();
    for (unsigned i = 0; i < 9; i++) {
        name = JOIN(name, label("a123456789012345678901234567890"));
    }
    dns_message_t message;
    assert_false(dns_parse(JOIN(header(QUESTION), name, u8(0), kind(DNS_TYPE_A)), &message));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_question_names_a_host),
        cmocka_unit_test(what_asks_for_no_address_of_a_host_is_none),
        cmocka_unit_test(an_answer_has_addresses_among_other_records),
        cmocka_unit_test(an_error_has_a_name),
        cmocka_unit_test(netbios_encodes_its_names),
        cmocka_unit_test(of_a_cut_message_no_half_name_or_address_is_read),
        cmocka_unit_test(a_name_is_no_longer_than_its_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
