/* unreachable_test.c - the errors of ICMP and ICMPv6 in words.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "vectors.h"

#include <string.h>

#include "unreachable.h"

static void codes_have_names_and_causes(void **state)
{
    (void)state;
    static const struct {
        unreachable_t what;
        const char *name, *cause;
    } rows[] = {
        {{.type = 3, .code = 0}, "network unreachable", "a router has no way to this address"},
        {{.type = 3, .code = 10}, "host administratively prohibited", "a firewall refuses it"},
        {{.type = 3, .code = 13}, "communication administratively prohibited", "a firewall refuses it"},
        {{.v6 = true, .type = 1, .code = 1}, "communication administratively prohibited", "a firewall refuses it"},
        {{.v6 = true, .type = 1, .code = 3}, "address unreachable", "the host does not answer in its network"},
        {{.type = 3, .code = 200}, "unreachable", "something between does not pass it on"},
    };
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_string_equal(unreachable_name(&rows[i].what), rows[i].name);
        assert_string_equal(unreachable_cause(&rows[i].what), rows[i].cause);
    }
}

static void only_errors_about_delivery_count(void **state)
{
    (void)state;
    assert_true(unreachable_is_error(&(unreachable_t){.type = 3, .code = 1}));
    assert_true(unreachable_is_error(&(unreachable_t){.v6 = true, .type = 2}));
    assert_false(unreachable_is_error(&(unreachable_t){.type = 8})); /* echo request */
    assert_false(unreachable_is_error(&(unreachable_t){.type = 5})); /* redirect */
    assert_false(unreachable_is_error(&(unreachable_t){.v6 = true, .type = 128}));
}

static void a_packet_may_be_too_big(void **state)
{
    (void)state;
    assert_true(unreachable_is_too_big(&(unreachable_t){.type = 3, .code = 4}));
    assert_true(unreachable_is_too_big(&(unreachable_t){.v6 = true, .type = 2}));
    assert_false(unreachable_is_too_big(&(unreachable_t){.type = 3, .code = 3}));
    assert_false(unreachable_is_too_big(&(unreachable_t){.v6 = true, .type = 1, .code = 4}));
}

static void a_fragment_may_be_missing(void **state)
{
    (void)state;
    assert_true(unreachable_lacks_fragment(&(unreachable_t){.type = 11, .code = 1}));
    assert_true(unreachable_lacks_fragment(&(unreachable_t){.v6 = true, .type = 3, .code = 1}));
    assert_false(unreachable_lacks_fragment(&(unreachable_t){.type = 11}));
    assert_false(unreachable_lacks_fragment(&(unreachable_t){.type = 3, .code = 1}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(codes_have_names_and_causes),
        cmocka_unit_test(only_errors_about_delivery_count),
        cmocka_unit_test(a_packet_may_be_too_big),
        cmocka_unit_test(a_fragment_may_be_missing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
