/* kdc_test.c - what a KDC is asked, and what it answers about a service.
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

/* padata is longer than the body, and comes before it. */
static span_t request(uint8_t tag, span_t service)
{
    span_t body = der(0x30, JOIN(der(0xA0, hex("03 05 00 40 81 00 10")), der(0xA1, principal("alice", "")),
                                 der(0xA2, der(0x1B, text("LAB.TEST"))), der(0xA3, service)));
    return der(tag, der(0x30, JOIN(der(0xA1, hex("02 01 05")), der(0xA2, hex("02 01 0C")),
                                   der(0xA3, der(0x30, zeros(900))), der(0xA4, body))));
}

static void a_request_names_its_service(void **state)
{
    (void)state;
    static const struct {
        uint8_t tag;
        kdc_kind_t kind;
        const char *first, *second;
        bool sql_server;
    } requests[] = {
        {0x6C, KDC_TGS_REQ, "MSSQLSvc", "db.lab.test:1433", true},
        {0x6C, KDC_TGS_REQ, "cifs", "db.lab.test", false},
        {0x6A, KDC_AS_REQ, "krbtgt", "LAB.TEST", false},
    };
    for (size_t i = 0; i < COUNT_OF(requests); i++) {
        kdc_message_t kdc;
        assert_true(
            kdc_parse_request(request(requests[i].tag, principal(requests[i].first, requests[i].second)), &kdc));
        assert_int_equal(kdc.kind, requests[i].kind);
        assert_text(kdc.about.service[1], requests[i].second);
        assert_text(kdc.about.realm, "LAB.TEST");
        assert_int_equal(kdc_is_sql_server(&kdc.about), requests[i].sql_server);
    }
}

/* Over TCP the service of a TGS-REQ may stand in a later segment. */
static void a_cut_request_names_the_whole_service_or_none(void **state)
{
    (void)state;
    span_t whole = request(0x6C, principal("MSSQLSvc", "db.lab.test:1433"));
    for (size_t length = 0; length < whole.length; length++) {
        kdc_message_t kdc;
        bool is = kdc_parse_request(span_part(whole, 0, length), &kdc);
        char room[KERBEROS_NAME_LIMIT];
        assert_true(!is || kdc.about.service_parts == 0 || kerberos_service_name(&kdc.about, room).cut);
    }
}

static void an_answer_is_no_request_and_a_request_no_answer(void **state)
{
    (void)state;
    kdc_message_t kdc;
    assert_false(kdc_parse_request(reply(ticket_of(20)), &kdc));
    assert_false(kdc_parse(request(0x6C, principal("MSSQLSvc", "db.lab.test:1433")), &kdc));
}

static void an_as_reply_is_told_from_a_tgs_reply(void **state)
{
    (void)state;
    span_t as_reply = der(0x6B, der(0x30, JOIN(der(0xA0, hex("02 01 05")), der(0xA5, ticket_of(20)))));
    kdc_message_t kdc;
    assert_true(kdc_parse(as_reply, &kdc));
    assert_int_equal(kdc.kind, KDC_AS_REP);
}

static void a_reply_without_a_ticket_is_none(void **state)
{
    (void)state;
    kdc_message_t kdc;
    assert_false(kdc_parse(reply(span_none()), &kdc));
    assert_false(kdc_parse(reply(der(0x62, zeros(4))), &kdc));
    assert_false(kdc_parse(der(0x6B, reply(ticket_of(20))), &kdc));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_reply_names_its_service_and_the_size_of_its_ticket),
        cmocka_unit_test(of_a_cut_reply_the_ticket_has_its_size),
        cmocka_unit_test(an_error_has_no_ticket),
        cmocka_unit_test(a_request_names_its_service),
        cmocka_unit_test(a_cut_request_names_the_whole_service_or_none),
        cmocka_unit_test(an_answer_is_no_request_and_a_request_no_answer),
        cmocka_unit_test(an_as_reply_is_told_from_a_tgs_reply),
        cmocka_unit_test(a_reply_without_a_ticket_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
