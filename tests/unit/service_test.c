/* service_test.c - services that are not SQL Server.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "vectors.h"

#include "service.h"

static void greetings_name_their_service(void **state)
{
    (void)state;
    assert_int_equal(service_by_greeting(text("HTTP/1.1 400 Bad Request\r\n")), SERVICE_HTTP);
    assert_int_equal(service_by_greeting(text("SSH-2.0-OpenSSH_9.2\r\n")), SERVICE_SSH);
    assert_int_equal(service_by_greeting(text("220 mail ESMTP\r\n")), SERVICE_MAIL);
    assert_int_equal(service_by_greeting(text("RFB 003.008\n")), SERVICE_VNC);
    assert_int_equal(service_by_greeting(hex("4a000000 0a 382e302e333600")), SERVICE_MYSQL);
    assert_int_equal(service_by_greeting(hex("45000000 ff 69 04")), SERVICE_MYSQL);
    assert_int_equal(service_by_greeting(hex("45000000 fe 00 00")), SERVICE_UNKNOWN);
    assert_int_equal(service_by_greeting(hex("45000000 5d 53 46")), SERVICE_POSTGRESQL);
    assert_int_equal(service_by_greeting(hex("0008 0000 0b 000000")), SERVICE_ORACLE);
    assert_int_equal(service_by_greeting(hex("0300 000b 06d00000123400")), SERVICE_RDP);
}

static void a_name_or_none(void **state)
{
    (void)state;
    assert_null(service_name(SERVICE_NONE));
    assert_null(service_name(SERVICE_UNKNOWN));
    for (service_t service = SERVICE_HTTP; service < SERVICE_COUNT; service++) {
        assert_non_null(service_name(service));
    }
}

static void bytes_that_are_cut_are_of_nobody(void **state)
{
    (void)state;
    assert_int_equal(service_by_greeting(text("HTTP")), SERVICE_UNKNOWN);
    assert_int_equal(service_by_greeting(span_none()), SERVICE_UNKNOWN);
    assert_int_equal(service_by_greeting(hex("4a000000")), SERVICE_UNKNOWN);
    assert_int_equal(service_by_greeting(hex("0008 0000 0b")), SERVICE_UNKNOWN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(greetings_name_their_service),
        cmocka_unit_test(a_name_or_none),
        cmocka_unit_test(bytes_that_are_cut_are_of_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
