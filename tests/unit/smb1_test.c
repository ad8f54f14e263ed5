/* smb1_test.c - what SMB1 says of named pipes.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "vectors.h"

#include "smb1.h"

/* smb1-np-samba-trans: frames 10, 12 to 17 and 28 to 30, without the four bytes before SMB1. */
static const char session_setup[] =
    "ff534d427300000000180148000000000000000000000000ffffe1449ac600000cff00000000f00200010000000000f2"
    "000000000044c00080fd00a181ef3081eca281e90481e64e544c4d535350000300000018001800520000007c007c006a"
    "00000008000800400000000a000a0048000000000000005200000000000000e6000000050288a043004f005200500061"
    "006c00690063006500a8bd319c5f117b42d9433e31c83ea8726d726c3147354d788569e8c9061b1d4433c2c67c079550"
    "ba010100000000000080fb78f53880dd016d726c3147354d780000000002000a00530051004c003000310001000a0053"
    "0051004c003000310004000000030000000700080080fb78f53880dd010900140063006900660073002f00530051004c"
    "00300031000000000000000000556e69780053616d626100";
static const char tree_connect[] =
    "ff534d427500000000180148000000000000000000000000ffffe1449ac6000004ff000000000001001900005c5c3130"
    "2e34342e302e31315c49504324003f3f3f3f3f00";
static const char tree_connected[] =
    "ff534d427500000000880348000000000000000000000000a6dce1449ac6000003ff000000010005004950430000";
static const char create[] =
    "ff534d42a200000000180148000000000000000000000000a6dce1449ac6000018ff0000000009001600000000000000"
    "9f01120000000000000000008000000001000000010000004000000002000000000a0073716c5c717565727900";
static const char created[] =
    "ff534d42a200000000880348000000000000000000000000a6dce1449ac600002aff000000002a3d0100000000000000"
    "000000000000000000000000000000000000000000000000000000008000000000000000000000000000000000000000"
    "0200ff0500000000000000000000000000000000000000000000000000ff011f009b0112000000";
static const char write[] =
    "ff534d422f00000000180148000000000000000000000000a6dce1449ac600000eff0000002a3d00000000ff00000008"
    "003400000034003f000000000034001201003400000000000015000601001b000102001c000c0300280004ff08000155"
    "0000004d5353514c536572766572008ffb0000";
static const char written[] =
    "ff534d422f00000000880348000000000000000000000000a6dce1449ac6000006ff00000034000000000000000000";
static const char transact[] =
    "ff534d422500000000180148000000000000000000000000a6dce1449ac600001000001c000004e0ff00000000000000"
    "00000000004a001c004a00020026002a3d23005c504950455c000101001c00000100730065006c006500630074002000"
    "31000d000a00";
static const char transacted[] =
    "ff534d422500000000880348000000000000000000000000a6dce1449ac600000a000011000000000038000000110038"
    "00000000001200000401001100370100fd0000c10001000000";
static const char close_[] = "ff534d420400000000180148000000000000000000000000a6dce1449ac60000032a3d000000000000";

#define AT_FLAGS2 10
#define AT_WORDS  (SMB1_HEADER_LENGTH + 1)

static smb2_t parsed(span_t message)
{
    smb2_t smb;
    assert_true(smb1_parse(message, &smb));
    return smb;
}

static void headers_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *message;
        unsigned command;
        bool response;
    } rows[] = {
        {session_setup, SMB2_SESSION_SETUP, false},
        {tree_connect, SMB2_TREE_CONNECT, false},
        {tree_connected, SMB2_TREE_CONNECT, true},
        {create, SMB2_CREATE, false},
        {created, SMB2_CREATE, true},
        {write, SMB2_WRITE, false},
        {written, SMB2_WRITE, true},
        {transact, SMB2_IOCTL, false},
        {transacted, SMB2_IOCTL, true},
        {close_, SMB2_CLOSE, false},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        smb2_t smb = parsed(hex(rows[i].message));
        assert_int_equal(smb.command, rows[i].command);
        assert_int_equal(smb.response, rows[i].response);
        assert_int_equal(smb.status, NTSTATUS_SUCCESS);
        assert_true(smb.session == 0xc69a && smb.message == 0x44e10000);
        assert_false(smb1_next(&smb));
    }
    assert_int_equal(parsed(hex(create)).tree, 0xdca6);
}

static void a_number_has_process_and_multiplex_id(void **state)
{
    (void)state;
    span_t message = patched(patched(hex(create), 30, u16le(0x1234)), 12, u16le(0xabcd));
    assert_true(parsed(message).message == 0xabcd44e11234);
}

static void a_status_is_read(void **state)
{
    (void)state;
    assert_int_equal(parsed(patched(hex(created), 5, u32le(0xC0000034))).status, 0xC0000034);
}

static void only_smb1_is_read(void **state)
{
    (void)state;
    smb2_t smb;
    assert_false(smb1_parse(span_none(), &smb));
    assert_false(smb1_parse(span_part(hex(create), 0, SMB1_HEADER_LENGTH - 1), &smb));
    assert_false(smb1_parse(patched(hex(create), 0, u8(0xFE)), &smb));
    assert_int_equal(parsed(patched(hex(create), 4, u8(0x71))).command, 0);
}

static void a_file_has_one_id(void **state)
{
    (void)state;
    const char *with[] = {created, write, transact, close_};
    const char *without[] = {create, written, transacted, session_setup};
    smb2_file_id_t file;
    for (size_t i = 0; i < COUNT_OF(with); i++) {
        smb2_t smb = parsed(hex(with[i]));
        assert_true(smb1_file(&smb, &file));
        assert_true(file.persistent == 0x3d2a && file.transient == 0);
    }
    for (size_t i = 0; i < COUNT_OF(without); i++) {
        smb2_t smb = parsed(hex(without[i]));
        assert_false(smb1_file(&smb, &file));
    }
}

/* PeekNamedPipe has a FID as well, and carries nothing that leaves the pipe. */
static void of_transactions_only_transceive_has_a_file(void **state)
{
    (void)state;
    smb2_file_id_t file;
    smb2_t smb = parsed(patched(hex(transact), AT_WORDS + 28, u16le(0x23)));
    assert_false(smb1_file(&smb, &file));
}

/* A refusal has no words. */
static void no_words_no_file(void **state)
{
    (void)state;
    smb2_file_id_t file;
    smb2_t smb = parsed(patched(hex(created), SMB1_HEADER_LENGTH, u8(0)));
    assert_false(smb1_file(&smb, &file));
}

static void names_are_read(void **state)
{
    (void)state;
    smb2_t request = parsed(hex(create));
    assert_text(smb1_create_name(&request), "sql\\query");
    assert_false(smb1_create_name(&request).cut);
    span_t head = patched(span_part(hex(create), 0, 81), AT_FLAGS2, u16le(0xC801));
    span_t named = JOIN(head, u16le(21), u8(0), utf16("\\sql\\query"), u16le(0));
    smb2_t wide = parsed(named);
    assert_utf16(smb1_create_name(&wide), "\\sql\\query");
}

static void shares_are_told_apart(void **state)
{
    (void)state;
    smb2_t pipes = parsed(hex(tree_connected));
    assert_int_equal(smb1_share_type(&pipes), SMB2_SHARE_PIPE);
    smb2_t disk = parsed(patched(hex(tree_connected), 41, text("A:")));
    assert_int_equal(smb1_share_type(&disk), SMB2_SHARE_DISK);
}

static void the_token_is_that_of_ntlm(void **state)
{
    (void)state;
    smb2_t request = parsed(hex(session_setup));
    assert_int_equal(smb1_session_token(&request).length, 0xf2);
    assert_spans(span_part(smb1_session_token(&request), 0, 4), hex("a181ef30"));
    smb2_t old = parsed(patched(hex(session_setup), SMB1_HEADER_LENGTH, u8(13)));
    assert_int_equal(smb1_session_token(&old).length, 0);
}

/* SESSION_SETUP_ANDX with TREE_CONNECT_ANDX behind it, as Windows sends them. */
static span_t chain(uint16_t offset)
{
    span_t first = patched(patched(hex(session_setup), AT_WORDS, u8(0x75)), AT_WORDS + 2, u16le(offset));
    return JOIN(first, span_from(hex(tree_connect), SMB1_HEADER_LENGTH));
}

static void a_command_may_follow_in_the_same_message(void **state)
{
    (void)state;
    uint16_t end = (uint16_t)hex(session_setup).length;
    smb2_t smb = parsed(chain(end));
    assert_true(smb1_next(&smb));
    assert_int_equal(smb.command, SMB2_TREE_CONNECT);
    assert_int_equal(smb.smb1.block, end);
    assert_false(smb1_next(&smb));
}

/* Backwards, to itself, and behind the end. */
static void no_chain_goes_round(void **state)
{
    (void)state;
    const uint16_t offsets[] = {0, SMB1_HEADER_LENGTH - 1, SMB1_HEADER_LENGTH, 0xFFFF};
    for (size_t i = 0; i < COUNT_OF(offsets); i++) {
        smb2_t smb = parsed(chain(offsets[i]));
        assert_false(smb1_next(&smb));
    }
}

static void what_may_open_something_is_known_at_a_look(void **state)
{
    (void)state;
    const char *opening[] = {session_setup, tree_connected, create, created};
    const char *other[] = {write, written, transact, close_};
    for (size_t i = 0; i < COUNT_OF(opening); i++) {
        assert_true(smb1_may_open(hex(opening[i])));
        assert_false(smb1_may_open(hex(other[i])));
    }
    assert_false(smb1_may_open(span_none()));
}

static void nothing_is_read_beyond(span_t bytes, const void *whole)
{
    (void)whole;
    smb2_t smb;
    smb2_file_id_t file;
    bool more = smb1_parse(bytes, &smb);
    while (more) {
        (void)smb1_file(&smb, &file);
        (void)smb1_share_type(&smb);
        assert_within(smb1_create_name(&smb), bytes);
        assert_within(smb1_session_token(&smb), bytes);
        more = smb1_next(&smb);
    }
}

static void cut_and_changed(void **state)
{
    (void)state;
    const char *inputs[] = {session_setup, tree_connected, create, created, write, transact, close_};
    for (size_t i = 0; i < COUNT_OF(inputs); i++) {
        for_every_cut(hex(inputs[i]), nothing_is_read_beyond, NULL);
        for_every_change(hex(inputs[i]), nothing_is_read_beyond);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(headers_are_read),
        cmocka_unit_test(a_number_has_process_and_multiplex_id),
        cmocka_unit_test(a_status_is_read),
        cmocka_unit_test(only_smb1_is_read),
        cmocka_unit_test(a_file_has_one_id),
        cmocka_unit_test(of_transactions_only_transceive_has_a_file),
        cmocka_unit_test(no_words_no_file),
        cmocka_unit_test(names_are_read),
        cmocka_unit_test(shares_are_told_apart),
        cmocka_unit_test(the_token_is_that_of_ntlm),
        cmocka_unit_test(a_command_may_follow_in_the_same_message),
        cmocka_unit_test(no_chain_goes_round),
        cmocka_unit_test(what_may_open_something_is_known_at_a_look),
        cmocka_unit_test(cut_and_changed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
