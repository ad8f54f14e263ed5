/* proxy.c - the header of the PROXY protocol.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "proxy.h"

#include <stdio.h>
#include <string.h>

#define LINE_LIMIT 107 /* bytes of version 1 with its CRLF: proxy-protocol.txt 2.1 */

/* Version 1. {{{ */

/* The next word of a line; what ends it is skipped. */
static span_t next_word(span_t *line)
{
    size_t length = 0;
    while (length < line->length && line->at[length] != ' ') {
        length++;
    }
    span_t word = span_part(*line, 0, length);
    *line = span_from(*line, length + 1);
    return word;
}

static bool is_word(span_t word, const char *text)
{
    return span_equal(word, span_of((const uint8_t *)text, strlen(text)));
}

static bool is_of_address(uint8_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || c == ':' || c == '.';
}

static bool is_address(span_t word)
{
    bool address = word.length > 0 && word.length < PROXY_SOURCE;
    for (size_t i = 0; address && i < word.length; i++) {
        address = is_of_address(word.at[i]);
    }
    return address;
}

/* The length in bytes of the line that ends with CRLF, without that; 0 if none ends in time. */
static size_t line_length(span_t bytes)
{
    for (size_t i = 0; i + 1 < bytes.length && i + 2 <= LINE_LIMIT; i++) {
        if (bytes.at[i] == '\r' && bytes.at[i + 1] == '\n') {
            return i;
        }
    }
    return 0;
}

static bool parse_line(span_t bytes, proxy_header_t *header)
{
    size_t length = line_length(bytes);
    span_t line = span_part(bytes, 0, length);
    if (!is_word(next_word(&line), "PROXY")) {
        return false;
    }
    span_t protocol = next_word(&line);
    span_t source = next_word(&line);
    bool told = is_word(protocol, "TCP4") || is_word(protocol, "TCP6");
    if (told ? !is_address(source) : !is_word(protocol, "UNKNOWN")) {
        return false;
    }
    *header = (proxy_header_t){.version = 1, .length = (uint32_t)length + 2};
    if (told) {
        memcpy(header->source, source.at, source.length);
    }
    return true;
}

/* }}} */

/* Version 2. {{{ */

static const uint8_t signature[] = {0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a};

enum { COMMAND_LOCAL = 0x20, COMMAND_PROXY = 0x21 };               /* with the version */
enum { FAMILY_IPV4 = 0x1, FAMILY_IPV6 = 0x2, FAMILY_COUNT = 0x4 }; /* UNSPEC is 0, UNIX 3 */
enum { IPV4_LENGTH = 4, IPV6_GROUPS = 8 };

static void tell_ipv4(reader_t *addresses, char text[PROXY_SOURCE])
{
    span_t at = read_span(addresses, IPV4_LENGTH);
    if (addresses->ok) {
        (void)snprintf(text, PROXY_SOURCE, "%u.%u.%u.%u", at.at[0], at.at[1], at.at[2], at.at[3]);
    }
}

/* How many groups from here on are 0. */
static size_t zeros_at(const uint16_t groups[IPV6_GROUPS], size_t from)
{
    size_t count = 0;
    while (from + count < IPV6_GROUPS && groups[from + count] == 0) {
        count++;
    }
    return count;
}

/* Where the longest run of groups begins that are 0, the first of several: RFC 5952 4.2. A single one stays. */
static size_t longest_zeros(const uint16_t groups[IPV6_GROUPS])
{
    size_t longest = IPV6_GROUPS;
    for (size_t i = 0; i < IPV6_GROUPS; i++) {
        size_t least = longest == IPV6_GROUPS ? 1 : zeros_at(groups, longest);
        longest = zeros_at(groups, i) > least ? i : longest;
    }
    return longest;
}

static void tell_ipv6(reader_t *addresses, char text[PROXY_SOURCE])
{
    uint16_t groups[IPV6_GROUPS];
    for (size_t i = 0; i < IPV6_GROUPS; i++) {
        groups[i] = (uint16_t)read_be(addresses, 2);
    }
    size_t zeros = longest_zeros(groups);
    size_t used = 0;
    for (size_t i = 0; addresses->ok && i < IPV6_GROUPS; i++) {
        if (i == zeros) {
            i += zeros_at(groups, i) - 1;
            used += (size_t)snprintf(text + used, PROXY_SOURCE - used, i + 1 < IPV6_GROUPS ? ":" : "::");
        } else {
            used += (size_t)snprintf(text + used, PROXY_SOURCE - used, "%s%x", i == 0 ? "" : ":", groups[i]);
        }
    }
}

static bool parse_binary(span_t bytes, proxy_header_t *header)
{
    reader_t r = reader_of(bytes);
    read_skip(&r, sizeof signature);
    uint8_t command = (uint8_t)read_be(&r, 1);
    uint8_t family = (uint8_t)(read_be(&r, 1) >> 4);
    size_t length = (size_t)read_be(&r, 2);
    reader_t addresses = reader_of(read_span(&r, length));
    if (!r.ok || (command != COMMAND_LOCAL && command != COMMAND_PROXY) || family >= FAMILY_COUNT) {
        return false;
    }
    *header = (proxy_header_t){.version = 2, .length = (uint32_t)(sizeof signature + 4 + length)};
    if (command == COMMAND_PROXY && family == FAMILY_IPV4) {
        tell_ipv4(&addresses, header->source);
    } else if (command == COMMAND_PROXY && family == FAMILY_IPV6) {
        tell_ipv6(&addresses, header->source);
    }
    return true;
}

/* }}} */

bool proxy_header_parse(span_t bytes, proxy_header_t *header)
{
    if (bytes.length == 0 || (bytes.at[0] != 'P' && bytes.at[0] != signature[0])) {
        return false;
    }
    bool binary = span_starts_with(bytes, span_of(signature, sizeof signature));
    return binary ? parse_binary(bytes, header) : parse_line(bytes, header);
}
