/* smb2_test.c - what SMB2 says of named pipes.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "vectors.h"

#include "smb2.h"

/* smb311-np-samba-read-before-write: frames 12, 15, 16, 17, 20, 21 and 55, without the four bytes before SMB2. */
static const char session_setup[] =
    "fe534d42400001000000000001007f00000000000000000003000000000000000000000000000000186ce8e800000000"
    "00000000000000000000000000000000190000010000000000000000580038010000000000000000a182013430820130"
    "a282012c048201284e544c4d53535000030000001800180052000000ae00ae006a00000008000800400000000a000a00"
    "4800000000000000520000001000100018010000358288e043004f005200500061006c00690063006500d397f0f67303"
    "83cebca018394721bc8b444836324a566f697cf1d4ccf367405aa9ef286bf231222d01010000000000001ad040648f7f"
    "dd01444836324a566f69000000000200080043004f0052005000010006004400430031000400120063006f0072007000"
    "2e00740065007300740003001a006400630031002e0063006f00720070002e007400650073007400070008001ad04064"
    "8f7fdd010900240063006900660073002f006400630031002e0063006f00720070002e00740065007300740000000000"
    "fb746df3ba80ccc6591c664fb09c71b7";
static const char tree_connected[] =
    "fe534d42400001000000000003007f000900000000000000040000000000000000000000192d3751186ce8e800000000"
    "d6cd3899223d348a1f47d887ea0985fe100002000000000000000000a9001f00";
static const char create[] =
    "fe534d42400001000000000005007f000800000000000000050000000000000000000000192d3751186ce8e800000000"
    "4d31ebb1355a46c9c674c4f7b99275a13900000002000000000000000000000000000000000000009f01120080000000"
    "010000000100000040000000780012000000000000000000730071006c005c0071007500650072007900";
static const char created[] =
    "fe534d42400001000000000005007f000900000000000000050000000000000000000000192d3751186ce8e800000000"
    "36c381d91d7b250dadf7c9d2153b2ff5590000000000000000803ed5deb19d0100803ed5deb19d0100803ed5deb19d01"
    "00803ed5deb19d01000000000000000000000000000000008000000000000000e58a81df00000000e999643d00000000"
    "0000000000000000";
static const char write[] =
    "fe534d42400001000000000009007f000800000000000000070000000000000000000000192d3751186ce8e800000000"
    "d1da0f0fb099d7aa7f1face6dbce214031007000340000000000000000000000e58a81df00000000e999643d00000000"
    "000000000000000000000000000000001201003400000000000015000601001b000102001c000c0300280004ff080001"
    "550000004d5353514c53657276657200fabf0000";
static const char written[] =
    "fe534d42400001000000000009007f000900000000000000070000000000000000000000192d3751186ce8e800000000"
    "bafd071e5603c2270b41a38e254bb6a011000000340000000000000000000000";
static const char close_[] =
    "fe534d42400001000000000006007f000800000000000000120000000000000000000000192d3751186ce8e800000000"
    "3cc3b9c36cf5bf54cdefcfb6001676651800000000000000e58a81df00000000e999643d00000000";

static smb2_t parsed(const char *digits)
{
    smb2_t smb2;
    assert_true(smb2_parse(hex(digits), &smb2));
    return smb2;
}

static void headers_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *message;
        unsigned command;
        bool response;
        uint64_t number;
    } rows[] = {
        {session_setup, SMB2_SESSION_SETUP, false, 3},
        {tree_connected, SMB2_TREE_CONNECT, true, 4},
        {create, SMB2_CREATE, false, 5},
        {created, SMB2_CREATE, true, 5},
        {write, SMB2_WRITE, false, 7},
        {written, SMB2_WRITE, true, 7},
        {close_, SMB2_CLOSE, false, 18},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        smb2_t smb2 = parsed(rows[i].message);
        assert_int_equal(smb2.command, rows[i].command);
        assert_int_equal(smb2.response, rows[i].response);
        assert_true(smb2.message == rows[i].number);
        assert_int_equal(smb2.status, NTSTATUS_SUCCESS);
        assert_int_equal(smb2.next, 0);
        assert_true(smb2.session == 0xe8e86c18);
    }
    assert_int_equal(parsed(create).tree, 0x51372d19);
}

static void only_smb2_is_read(void **state)
{
    (void)state;
    smb2_t smb2;
    assert_false(smb2_parse(span_none(), &smb2));
    assert_false(smb2_parse(span_part(hex(create), 0, SMB2_HEADER_LENGTH - 1), &smb2));
    assert_false(smb2_parse(patched(hex(create), 0, u8(0xFF)), &smb2)); /* SMB1 */
    assert_false(smb2_parse(patched(hex(create), 0, u8(0xFD)), &smb2)); /* encrypted */
}

/* An asynchronous answer has another number where the share's would stand. */
static void an_asynchronous_answer_names_no_share(void **state)
{
    (void)state;
    smb2_t smb2;
    assert_true(smb2_parse(patched(hex(written), 16, u32le(3)), &smb2));
    assert_int_equal(smb2.tree, 0);
}

static void names_and_shares_are_read(void **state)
{
    (void)state;
    smb2_t request = parsed(create);
    smb2_t tree = parsed(tree_connected);
    assert_utf16(smb2_create_name(&request), "sql\\query");
    assert_int_equal(smb2_share_type(&tree), SMB2_SHARE_PIPE);
}

static void a_file_has_one_id(void **state)
{
    (void)state;
    const char *messages[] = {created, write, close_};
    smb2_file_id_t file;
    for (size_t i = 0; i < COUNT_OF(messages); i++) {
        smb2_t smb2 = parsed(messages[i]);
        assert_true(smb2_file(&smb2, &file));
        assert_true(file.persistent == 0xdf818ae5 && file.transient == 0x3d6499e9);
    }
    smb2_t answer = parsed(written);
    smb2_t request = parsed(create);
    assert_false(smb2_file(&answer, &file));
    assert_false(smb2_file(&request, &file));
}

static void the_token_is_that_of_ntlm(void **state)
{
    (void)state;
    smb2_t request = parsed(session_setup);
    span_t token = smb2_session_token(&request);
    assert_int_equal(token.length, 0x138);
    assert_spans(span_part(token, 0, 4), hex("a1820134"));
}

/* A command that another follows ends where that begins. */
static void a_command_ends_where_the_next_begins(void **state)
{
    (void)state;
    span_t first = patched(hex(close_), 20, u32le(88));
    smb2_t smb2;
    assert_true(smb2_parse(JOIN(first, hex(create)), &smb2));
    assert_int_equal(smb2.next, 88);
    assert_int_equal(smb2.content.length, 88);
    assert_true(smb2_parse(span_from(JOIN(first, hex(create)), smb2.next), &smb2));
    assert_int_equal(smb2.command, SMB2_CREATE);
}

static void what_may_open_something_is_known_at_a_look(void **state)
{
    (void)state;
    const char *opening[] = {session_setup, tree_connected, create, created};
    const char *other[] = {write, written, close_};
    for (size_t i = 0; i < COUNT_OF(opening); i++) {
        assert_true(smb2_may_open(hex(opening[i])));
    }
    for (size_t i = 0; i < COUNT_OF(other); i++) {
        assert_false(smb2_may_open(hex(other[i])));
        assert_true(smb2_may_open(patched(hex(other[i]), 20, u32le(88)))); /* another command follows */
        assert_false(smb2_may_open(span_part(hex(other[i]), 0, 13)));
    }
    assert_false(smb2_may_open(span_none()));
}

static void lengths_before_messages_are_read(void **state)
{
    (void)state;
    uint32_t length;
    assert_true(netbios_length(hex("00012345"), &length));
    assert_int_equal(length, 0x12345);
    assert_false(netbios_length(hex("000123"), &length));
    assert_false(netbios_length(hex("85000000"), &length)); /* a keep-alive */
}

static void names_of_sql_server_are_known(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        bool known;
    } rows[] = {
        {"sql\\query", true},
        {"SQL\\Query", true},
        {"MSSQL$SALES\\sql\\query", true},
        {"\\sql\\query", true},
        {"nosql\\query", false},
        {"sql\\query2", false},
        {"sql/query", false},
        {"query", false},
        {"srvsvc", false},
        {"", false},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_int_equal(smb2_names_sql_server(rows[i].name), rows[i].known);
    }
}

static void statuses_have_names(void **state)
{
    (void)state;
    assert_string_equal(ntstatus_name(0xC0000034), "STATUS_OBJECT_NAME_NOT_FOUND");
    assert_string_equal(ntstatus_name(0xC00000B0), "STATUS_PIPE_DISCONNECTED");
    assert_null(ntstatus_name(0xC0000120));
    assert_true(ntstatus_ends_pipe(0xC00000B0) && ntstatus_ends_pipe(0xC000014B));
    assert_false(ntstatus_ends_pipe(NTSTATUS_SUCCESS) || ntstatus_ends_pipe(NTSTATUS_BUFFER_OVERFLOW) ||
                 ntstatus_ends_pipe(0xC0000120));
}

static void nothing_is_read_beyond(span_t bytes, const void *whole)
{
    (void)whole;
    smb2_t smb2;
    smb2_file_id_t file;
    if (smb2_parse(bytes, &smb2)) {
        (void)smb2_file(&smb2, &file);
        (void)smb2_share_type(&smb2);
        assert_within(smb2_create_name(&smb2), bytes);
        assert_within(smb2_session_token(&smb2), bytes);
    }
}

static void cut_and_changed(void **state)
{
    (void)state;
    const char *inputs[] = {session_setup, tree_connected, create, created, write, written, close_};
    for (size_t i = 0; i < COUNT_OF(inputs); i++) {
        for_every_cut(hex(inputs[i]), nothing_is_read_beyond, NULL);
        for_every_change(hex(inputs[i]), nothing_is_read_beyond);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(headers_are_read),
        cmocka_unit_test(only_smb2_is_read),
        cmocka_unit_test(an_asynchronous_answer_names_no_share),
        cmocka_unit_test(names_and_shares_are_read),
        cmocka_unit_test(a_file_has_one_id),
        cmocka_unit_test(the_token_is_that_of_ntlm),
        cmocka_unit_test(a_command_ends_where_the_next_begins),
        cmocka_unit_test(what_may_open_something_is_known_at_a_look),
        cmocka_unit_test(lengths_before_messages_are_read),
        cmocka_unit_test(names_of_sql_server_are_known),
        cmocka_unit_test(statuses_have_names),
        cmocka_unit_test(cut_and_changed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
