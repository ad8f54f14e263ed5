/* azure_test.c - what tells Azure SQL from other servers.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "azure.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void a_name_of_azure_sql_ends_in_one_of_its_domains(void **state)
{
    (void)state;
    assert_true(azure_is_name("contoso.database.windows.net"));
    assert_true(azure_is_name("Contoso.Database.Windows.Net."));
    assert_true(azure_is_name("ab12.tr345.westus1-a.worker.database.windows.net"));
    assert_true(azure_is_name("*.database.chinacloudapi.cn"));
}

static void other_names_are_none(void **state)
{
    (void)state;
    const char *const names[] = {"",
                                 ".",
                                 "database.windows.net",
                                 ".database.windows.net",
                                 "sql.contoso.com",
                                 "contosodatabase.windows.net",
                                 "contoso.database.windows.net.example.com"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (azure_is_name(names[i])) {
            fail_msg("%s", names[i]);
        }
    }
    assert_false(azure_is_name(NULL));
}

static void one_of_the_names_of_a_certificate_is_enough(void **state)
{
    (void)state;
    assert_true(azure_is_among("sql.contoso.com\n*.database.windows.net\n10.1.0.5"));
    assert_true(azure_is_among("*.database.windows.net"));
    assert_false(azure_is_among("sql.contoso.com\n*.windows.net"));
    assert_false(azure_is_among("\n\n"));
    assert_false(azure_is_among(""));
    assert_false(azure_is_among(NULL));
}

static void nodes_have_the_ports_that_firewalls_let_through(void **state)
{
    (void)state;
    assert_false(azure_is_node_port(10999));
    assert_true(azure_is_node_port(11000));
    assert_true(azure_is_node_port(11999));
    assert_false(azure_is_node_port(12000));
    assert_false(azure_is_node_port(1433));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_of_azure_sql_ends_in_one_of_its_domains),
        cmocka_unit_test(other_names_are_none),
        cmocka_unit_test(one_of_the_names_of_a_certificate_is_enough),
        cmocka_unit_test(nodes_have_the_ports_that_firewalls_let_through),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
