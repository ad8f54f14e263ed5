/* pipe_test.c - where the units of a named pipe end, however READ and WRITE cut them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "vectors.h"

#include "pipe.h"
#include "smp.h"

/* A TDS packet of this type and length. */
static span_t packet(unsigned type, unsigned length)
{
    return JOIN(u8(type), u8(TDS_EOM), u16be(length), hex("0000 01 00"), zeros(length - TDS_HEADER_LENGTH));
}

/* A TLS record, an SMP packet and TDS packets, one of which is as long as one can be. */
static span_t stream(void)
{
    span_t record = JOIN(hex("17 0303 0020"), zeros(0x20));
    span_t smp = JOIN(u8(SMP_ID), u8(SMP_DATA), u16le(1), u32le(48), u32le(1), u32le(4), packet(TDS_SQL_BATCH, 32));
    return JOIN(packet(TDS_PRELOGIN, 52), packet(TDS_RESPONSE, 0x7FFF), record, smp, packet(TDS_ATTENTION, 8));
}

static void whole_units_are_counted(void **state)
{
    (void)state;
    span_t two = JOIN(packet(TDS_PRELOGIN, 52), packet(TDS_RESPONSE, 100));
    assert_int_equal(pipe_whole(span_none()), 0);
    assert_int_equal(pipe_whole(two), 152);
    assert_int_equal(pipe_whole(span_part(two, 0, 151)), 52);
    assert_int_equal(pipe_whole(span_part(two, 0, 52 + UNIT_HEAD_LENGTH)), 52);
    assert_int_equal(pipe_whole(span_part(two, 0, 52)), 52);
    assert_int_equal(pipe_whole(span_part(two, 0, 51)), 0);
    assert_int_equal(pipe_whole(span_part(two, 0, 3)), 0);
    assert_int_equal(pipe_whole(stream()), stream().length);
}

/* In pieces of this size the units end where they end in one piece. */
static void assert_same_ends(span_t bytes, size_t piece)
{
    size_t ends = 0;
    for (size_t there = 0; there < bytes.length;) {
        there = there + piece < bytes.length ? there + piece : bytes.length;
        size_t whole = pipe_whole(span_part(bytes, ends, there - ends));
        span_t alone = span_part(bytes, ends, whole);
        assert_int_equal(pipe_whole(alone), whole);
        ends += whole;
        assert_true(there - ends < PIPE_UNIT_LIMIT);
    }
    assert_int_equal(ends, bytes.length);
}

static void pieces_do_not_matter(void **state)
{
    (void)state;
    static const size_t pieces[] = {1, 3, 7, 100, 1000, 4096, 65536, 100000};
    for (size_t i = 0; i < COUNT_OF(pieces); i++) {
        assert_same_ends(stream(), pieces[i]);
    }
}

/* What is no unit is not waited for, nor a unit that nobody sends. */
static void other_bytes_do_not_wait(void **state)
{
    (void)state;
    assert_int_equal(pipe_whole(text("GET / HTTP/1.1")), 14);
    assert_int_equal(pipe_whole(JOIN(packet(TDS_PRELOGIN, 52), zeros(3))), 55);
    assert_int_equal(pipe_whole(JOIN(packet(TDS_PRELOGIN, 52), text("no packet"))), 61);
    span_t huge = JOIN(u8(SMP_ID), u8(SMP_DATA), u16le(1), u32le(PIPE_UNIT_LIMIT + 1), u32le(1), u32le(4));
    assert_int_equal(pipe_whole(huge), huge.length);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_units_are_counted),
        cmocka_unit_test(pieces_do_not_matter),
        cmocka_unit_test(other_bytes_do_not_wait),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
