/* kdc_test.c - what a KDC answers about a service.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "vectors.h"

#include "kdc.h"

static span_t principal(const char *first, const char *second)
{
    span_t strings = JOIN(der(0x1B, text(first)), der(0x1B, text(second)));
    return der(0x30, JOIN(der(0xA0, hex("02 01 02")), der(0xA1, der(0x30, strings))));
}

static span_t ticket_of(size_t cipher)
{
    span_t encrypted = der(0x30, JOIN(der(0xA0, hex("02 01 12")), der(0xA2, der(0x04, zeros(cipher)))));
    return der(0x61, der(0x30, JOIN(der(0xA0, hex("02 01 05")), der(0xA1, der(0x1B, text("LAB.TEST"))),
                                    der(0xA2, principal("MSSQLSvc", "db.lab.test:1433")), der(0xA3, encrypted))));
}

static span_t reply(span_t ticket)
{
    span_t before = JOIN(der(0xA0, hex("02 01 05")), der(0xA1, hex("02 01 0D")), der(0xA3, der(0x1B, text("LAB.TEST"))),
                         der(0xA4, principal("alice", "")));
    return der(0x6D, der(0x30, JOIN(before, der(0xA5, ticket), der(0xA6, der(0x30, zeros(40))))));
}

static void a_reply_names_its_service_and_the_size_of_its_ticket(void **state)
{
    (void)state;
    const size_t ciphers[] = {20, 200, 1100};
    for (size_t i = 0; i < COUNT_OF(ciphers); i++) {
        span_t ticket = ticket_of(ciphers[i]);
        kdc_message_t kdc;
        assert_true(kdc_parse(reply(ticket), &kdc));
        assert_int_equal(kdc.kind, KDC_TGS_REP);
        assert_int_equal(kdc.ticket, ticket.length);
        assert_true(kdc_is_sql_server(&kdc.about));
        assert_text(kdc.about.service[1], "db.lab.test:1433");
        assert_text(kdc.about.realm, "LAB.TEST");
    }
}

/* Over TCP a large reply takes several segments: the first is what is read. */
static void of_a_cut_reply_the_ticket_has_its_size(void **state)
{
    (void)state;
    span_t ticket = ticket_of(1100), whole = reply(ticket);
    for (size_t length = 0; length < whole.length; length++) {
        kdc_message_t kdc;
        if (kdc_parse(span_part(whole, 0, length), &kdc)) {
            assert_int_equal(kdc.ticket, ticket.length);
        }
    }
}

static void an_error_has_no_ticket(void **state)
{
    (void)state;
    span_t fields = JOIN(der(0xA0, hex("02 01 05")), der(0xA1, hex("02 01 1E")), der(0xA6, hex("02 01 07")),
                         der(0xAA, principal("MSSQLSvc", "db.lab.test:1433")));
    kdc_message_t kdc;
    assert_true(kdc_parse(der(0x7E, der(0x30, fields)), &kdc));
    assert_int_equal(kdc.kind, KDC_ERROR);
    assert_int_equal(kdc.about.error, 7);
    assert_int_equal(kdc.ticket, 0);
}

static void a_reply_without_a_ticket_is_none(void **state)
{
    (void)state;
    kdc_message_t kdc;
    assert_false(kdc_parse(reply(span_none()), &kdc));
    assert_false(kdc_parse(reply(der(0x62, zeros(4))), &kdc));
    assert_false(kdc_parse(der(0x6B, reply(ticket_of(20))), &kdc)); /* an AS-REP */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_reply_names_its_service_and_the_size_of_its_ticket),
        cmocka_unit_test(of_a_cut_reply_the_ticket_has_its_size),
        cmocka_unit_test(an_error_has_no_ticket),
        cmocka_unit_test(a_reply_without_a_ticket_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
