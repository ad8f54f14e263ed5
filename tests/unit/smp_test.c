/* smp_test.c - the Session Multiplex Protocol header of MARS.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "vectors.h"

#include "smp.h"

/* The header as bytes. */
static span_t header_bytes(unsigned flags, unsigned sid, uint32_t length, uint32_t seqnum, uint32_t wndw)
{
    return JOIN(u8(SMP_ID), u8(flags), u16le(sid), u32le(length), u32le(seqnum), u32le(wndw));
}

/* mars-odbc-noenc, as tshark -T fields shows it: {flags, sid, length, seqnum, wndw}, packet after packet. */
static void captured_headers_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *segment;
        size_t offset;
        smp_header_t header;
    } rows[] = {
        {smp_syn_and_data, 0, {SMP_SYN, 0, 16, 0, 4}},
        {smp_syn_and_data, 16, {SMP_DATA, 0, 96, 1, 4}},
        {smp_ack, 0, {SMP_ACK, 0, 16, 1, 6}},
        {smp_fin_and_data, 0, {SMP_FIN, 1, 16, 1, 5}},
        {smp_fin_and_data, 16, {SMP_DATA, 2, 61, 2, 5}},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        span_t packet = span_part(hex(rows[i].segment), rows[i].offset, 1000);
        smp_header_t header;
        assert_true(smp_header_parse(packet, &header));
        assert_true(smp_header_sound(&header) && smp_header_plausible(packet));
        assert_int_equal(header.flags, rows[i].header.flags);
        assert_int_equal(header.sid, rows[i].header.sid);
        assert_int_equal(header.length, rows[i].header.length);
        assert_int_equal(header.seqnum, rows[i].header.seqnum);
        assert_int_equal(header.wndw, rows[i].header.wndw);
    }
}

/* MC-SMP 2.2: everything is little-endian. */
static void every_byte_of_the_header_counts(void **state)
{
    (void)state;
    smp_header_t header;
    assert_true(smp_header_parse(hex("53 08 0102 60010000 01020304 F1F2F3F4"), &header));
    assert_int_equal(header.sid, 0x0201);
    assert_int_equal(header.length, 0x160);
    assert_int_equal(header.seqnum, 0x04030201);
    assert_int_equal(header.wndw, 0xF4F3F2F1);
}

/* Exactly one flag; control packets have no data. All 256 values of the flags byte. */
static void one_flag_and_one_only(void **state)
{
    (void)state;
    for (unsigned flags = 0; flags <= 0xFF; flags++) {
        smp_header_t header = {(uint8_t)flags, 0, SMP_HEADER_LENGTH, 0, 4};
        bool control = flags == SMP_SYN || flags == SMP_ACK || flags == SMP_FIN, data = flags == SMP_DATA;
        assert_int_equal(smp_header_sound(&header), control || data);
        header.length = SMP_HEADER_LENGTH + 8;
        assert_int_equal(smp_header_sound(&header), data);
        header.length = SMP_HEADER_LENGTH - 1;
        assert_false(smp_header_sound(&header));
    }
}

/* Bad flags must not lose the place in the stream: the diagnosis mars_bad_flags lives on such packets. */
static void combined_flags_are_plausible_still(void **state)
{
    (void)state;
    for (unsigned flags = 0; flags <= 0xFF; flags++) {
        bool known = flags >= 0x01 && flags <= 0x0F;
        assert_int_equal(smp_header_plausible(header_bytes(flags, 0, 16, 0, 4)), known);
    }
}

static void lengths_are_judged(void **state)
{
    (void)state;
    static const struct {
        uint32_t length;
        bool plausible;
    } rows[] = {{0, false},   {15, false},        {16, true},          {24, true},
                {8016, true}, {32767 + 16, true}, {0x00100000, false}, {0xFFFFFFFF, false}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_int_equal(smp_header_plausible(header_bytes(SMP_DATA, 0, rows[i].length, 1, 4)), rows[i].plausible);
    }
    assert_false(smp_header_plausible(patched(header_bytes(SMP_DATA, 0, 16, 1, 4), 0, u8(0x52))));
}

static void header_trial(span_t bytes, const void *whole)
{
    (void)whole;
    smp_header_t header;
    bool is_smp = bytes.length > 0 && bytes.at[0] == SMP_ID;
    assert_int_equal(smp_header_parse(bytes, &header), is_smp && bytes.length >= SMP_HEADER_LENGTH);
    bool plausible = smp_header_plausible(bytes);
    assert_true(!plausible || (is_smp && bytes.length >= 8));
    (void)smp_header_sound(&header);
}

static void a_cut_header_is_none(void **state)
{
    (void)state;
    for_every_cut(hex(smp_syn_and_data), header_trial, NULL);
    for_every_change(hex(smp_ack), header_trial);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(captured_headers_are_read), cmocka_unit_test(every_byte_of_the_header_counts),
        cmocka_unit_test(one_flag_and_one_only),     cmocka_unit_test(combined_flags_are_plausible_still),
        cmocka_unit_test(lengths_are_judged),        cmocka_unit_test(a_cut_header_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
