/* secret_test.c - whether a SQL text may hold a password.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "vectors.h"

#include "secret.h"

static void texts_that_may_hold_a_secret_are_known(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "alter login sa with password = 'x'",
        "create login a with password=0x0200 hashed",
        "create user u with password = 'x'",
        "select * from openrowset('msdasql', 'server=a;uid=sa;pwd=x', 'select 1')",
        "select * from opendatasource('sqlncli', 'data source=a').master.dbo.t",
        "exec sp_addlogin 'albert', 'x'",
        "exec sp_password 'old', 'new', 'albert'",
        "exec [sp_change_users_login] 'auto_fix', 'mary', null, 'x'",
        "create credential c with identity = 'a', secret = 'x'",
        "alter database scoped credential c with identity = 'a'",
        "exec sp_addlinkedsrvlogin 's', 'false', null, 'sa', 'x'",
        "exec sp_addlinkedserver @server='s', @provstr='x'",
        "open symmetric key k decryption by password = 'x'",
        "create symmetric key k with key_source = 'x', identity_value = 'y'",
        "create certificate c from binary = 0x30 with private\n\tkey (binary = 0x31)",
        "backup database d to disk = 'f' with password = 'x'",
        "create application role r with password = 'x'",
        "exec sp_setapprole 'r', 'x'",
        "create master key encryption by password = 'x'",
        "exec xp_cmdshell 'net use \\\\a\\b x /user:c'",
        "select encryptbypassphrase('x', 'y')",
        "insert users values ('a', hashbytes('sha2_256', 'x'))",
        "exec sp_invoke_external_rest_endpoint @headers = '{\"api-key\":\"x\"}'",
        "select 1 where url = 'https://a/b?sv=1&sig=x'",
        "update users set user_pass = 'x'",
        "declare @jwt varchar(100) = 'x'",
    };
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        assert_non_null(secret_hint(texts[i]));
    }
    assert_string_equal(secret_hint("exec sp_setapprole 'r', 'x'"), "approle");
}

static void usual_texts_are_none_of_them(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "select * from orders where customer = @p1",
        "insert passengers (name) values ('a')",
        "set arithabort on\nset textsize 64512",
        "exec sp_who2",
        "select suser_sname(), login_time from sys.dm_exec_sessions",
        "update keys set source_id = 1, private_note = 'x'",
        "select passed, sessions from exams",
    };
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        assert_null(secret_hint(texts[i]));
    }
}

/* A blank in a word is anything but letters and digits, a bar the end of a word; other letters are letters. */
static void words_end_where_letters_do(void **state)
{
    (void)state;
    assert_non_null(secret_hint("privatekey"));
    assert_non_null(secret_hint("private /* */ key"));
    assert_null(secret_hint("private/*a*/key"));
    assert_null(secret_hint("private "));
    assert_non_null(secret_hint("pass"));
    assert_non_null(secret_hint("[pass]"));
    assert_null(secret_hint("pass\xC3\xA9"));
    assert_null(secret_hint("passes"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_that_may_hold_a_secret_are_known),
        cmocka_unit_test(usual_texts_are_none_of_them),
        cmocka_unit_test(words_end_where_letters_do),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
