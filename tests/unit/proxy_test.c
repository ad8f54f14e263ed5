/* proxy_test.c - the header of the PROXY protocol.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "vectors.h"

#include "proxy.h"

#include <string.h>

#define V2 "0d0a0d0a000d0a515549540a"

static void expect(span_t bytes, uint8_t version, uint32_t length, const char *source)
{
    proxy_header_t header;
    assert_true(proxy_header_parse(JOIN(bytes, text("behind")), &header));
    assert_int_equal(header.version, version);
    assert_int_equal(header.length, length);
    assert_string_equal(header.source, source);
}

static void expect_none(span_t bytes)
{
    proxy_header_t header;
    assert_false(proxy_header_parse(bytes, &header));
}

static void a_line_is_version_1(void **state)
{
    (void)state;
    expect(text("PROXY TCP4 10.0.0.5 10.0.0.9 40001 1433\r\n"), 1, 41, "10.0.0.5");
    expect(text("PROXY TCP6 2001:db8::5 2001:db8::9 40001 1433\r\n"), 1, 47, "2001:db8::5");
    expect(text("PROXY UNKNOWN\r\n"), 1, 15, "");
    expect(text("PROXY UNKNOWN ffff:: ffff:: 1 1\r\n"), 1, 33, "");
}

static void binary_is_version_2(void **state)
{
    (void)state;
    expect(hex(V2 "2111000c 0a000005 0a000009 9c41 0599"), 2, 28, "10.0.0.5");
    expect(hex(V2 "21210024 20010db8000000000000000000000005 00000000000000000000000000000001 9c41 0599"), 2, 52,
           "2001:db8::5");
    expect(hex(V2 "21210024 00000000000000000000000000000001 00000000000000000000000000000001 9c41 0599"), 2, 52,
           "::1");
    expect(hex(V2 "21210024 00000001000000000000000200030000 00000000000000000000000000000001 9c41 0599"), 2, 52,
           "0:1::2:3:0");
    expect(hex(V2 "21210024 00000000000000000000000000000000 00000000000000000000000000000001 9c41 0599"), 2, 52, "::");
    expect(hex(V2 "20000000"), 2, 16, "");
    expect(hex(V2 "2000000c 0a000005 0a000009 9c41 0599"), 2, 28, ""); /* LOCAL: the addresses do not count */
    expect(hex(V2 "21110000"), 2, 16, "");                             /* too short for its addresses */
}

static void other_bytes_are_none(void **state)
{
    (void)state;
    expect_none(span_none());
    expect_none(text("POST / HTTP/1.1\r\n"));
    expect_none(text("PROXY TCP4 secret 10.0.0.9 40001 1433\r\n"));
    expect_none(text("PROXY TCP5 10.0.0.5 10.0.0.9 40001 1433\r\n"));
    expect_none(text("PROXY TCP4 10.0.0.5 10.0.0.9 40001 1433\n"));
    expect_none(text("PROXYTCP4\r\n"));
    expect_none(hex(V2 "1111000c 0a000005 0a000009 9c41 0599"));
    expect_none(hex(V2 "2211000c 0a000005 0a000009 9c41 0599"));
    expect_none(hex(V2 "2151000c 0a000005 0a000009 9c41 0599"));
}

static void a_line_ends_in_time(void **state)
{
    (void)state;
    char line[128] = "PROXY UNKNOWN ";
    memset(line + 14, 'x', sizeof line - 15);
    memcpy(line + 105, "\r\n", 3);
    expect(text(line), 1, 107, "");
    memcpy(line + 105, "x\r\n", 4);
    expect_none(text(line));
}

static void a_part_is_none(span_t bytes, const void *whole)
{
    proxy_header_t header;
    assert_int_equal(proxy_header_parse(bytes, &header), bytes.length == *(const size_t *)whole);
}

static void a_header_is_whole(void **state)
{
    (void)state;
    const span_t headers[] = {text("PROXY TCP4 10.0.0.5 10.0.0.9 40001 1433\r\n"),
                              hex(V2 "2111000c 0a000005 0a000009 9c41 0599")};
    for (size_t i = 0; i < COUNT_OF(headers); i++) {
        for_every_cut(headers[i], a_part_is_none, &headers[i].length);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_is_version_1),  cmocka_unit_test(binary_is_version_2),
        cmocka_unit_test(other_bytes_are_none), cmocka_unit_test(a_line_ends_in_time),
        cmocka_unit_test(a_header_is_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
