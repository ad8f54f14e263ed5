/* rpc.c - which procedure an RPC request calls (MS-TDS 2.2.6.6).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "rpc.h"

#define BY_NUMBER 0xFFFF /* in place of the length of a name */

/* The call, behind ALL_HEADERS (MS-TDS 2.2.5.3) if they are there. TDS 7.1 and older have none, and a capture that
 * begins later does not tell the version. But the upper half of their length is 0, where a call has a character or a
 * number. */
static span_t call_of(span_t message)
{
    reader_t r = reader_of(message);
    uint32_t total = read_u16le(&r);
    bool headers = read_u16le(&r) == 0 && r.ok;
    return headers ? span_from(message, total) : message;
}

bool rpc_read(span_t message, rpc_t *rpc, reader_t *r)
{
    *r = reader_of(call_of(message));
    *rpc = (rpc_t){0};
    uint16_t length = read_u16le(r);
    if (length == BY_NUMBER) {
        rpc->number = read_u16le(r);
        return r->ok;
    }
    rpc->name = r->ok ? read_part(r, 2 * (size_t)length) : span_none();
    return rpc->name.length > 1;
}

bool rpc_parse(span_t message, rpc_t *rpc)
{
    reader_t r;
    return rpc_read(message, rpc, &r);
}

const char *rpc_well_known(uint16_t number)
{
    static const char *const names[] = {
#define PROCEDURE(number, name) [number] = name,
#include "procedures.def"
    };
    return number < sizeof names / sizeof names[0] ? names[number] : NULL;
}
