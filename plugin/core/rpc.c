/* rpc.c - which procedure an RPC request calls (MS-TDS 2.2.6.6).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "rpc.h"

#define BY_NUMBER 0xFFFF /* in place of the length of a name */

enum { HEADER_LEAST = 6, HEADER_NOTIFICATION = 1, HEADER_TRACE = 3 };

/* The length of ALL_HEADERS (MS-TDS 2.2.5.3) before the call; 0 if there is none. TDS 7.1 and older have none, and a
 * capture that began later does not tell the version. A call cannot be taken for headers: their length is less than
 * 0x10000, while the two characters or the number where its upper half would be are not 0. */
static size_t headers_length(span_t message)
{
    reader_t r = reader_of(message);
    uint32_t total = read_u32le(&r);
    uint32_t first = read_u32le(&r);
    uint16_t type = read_u16le(&r);
    bool fits = r.ok && total < 0x10000 && first >= HEADER_LEAST && first < 0x10000 && first + 4 <= total;
    return fits && type >= HEADER_NOTIFICATION && type <= HEADER_TRACE ? total : 0;
}

bool rpc_parse(span_t message, rpc_t *rpc)
{
    reader_t r = reader_of(span_part(message, headers_length(message), message.length));
    *rpc = (rpc_t){0};
    uint16_t length = read_u16le(&r);
    if (length == BY_NUMBER) {
        rpc->number = read_u16le(&r);
        return r.ok;
    }
    size_t bytes = 2 * (size_t)length;
    rpc->name = read_span(&r, bytes < r.left ? bytes : r.left & ~(size_t)1);
    return r.ok && rpc->name.length > 0;
}

const char *rpc_well_known(uint16_t number)
{
    static const char *const names[] = {
#define PROCEDURE(number, name) [number] = name,
#include "procedures.def"
    };
    return number < sizeof names / sizeof names[0] ? names[number] : NULL;
}
