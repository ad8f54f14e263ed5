/* assembly.c - a message put together from the packets that it comes in.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "wire/assembly.h"

#include <epan/wmem_scopes.h>

#include <string.h>

void assembly_add(assembly_t *assembly, span_t bytes, guint32 reported, guint32 limit)
{
    assembly->total += reported;
    if (assembly->headless || assembly->holed) {
        return;
    }
    assembly->holed = bytes.length < reported;
    guint32 left = limit > assembly->length ? limit - assembly->length : 0;
    guint32 take = (guint32)bytes.length < left ? (guint32)bytes.length : left;
    if (take == 0) {
        return;
    }
    if (assembly->length + take > assembly->room) {
        assembly->room = (assembly->length + take) * 2;
        assembly->bytes = (guint8 *)wmem_realloc(wmem_file_scope(), assembly->bytes, assembly->room);
    }
    memcpy(assembly->bytes + assembly->length, bytes.at, take);
    assembly->length += take;
}

span_t assembly_bytes(const assembly_t *assembly)
{
    span_t bytes = span_of(assembly->bytes, assembly->length);
    bytes.cut = assembly->length < assembly->total;
    return bytes;
}

void assembly_clear(assembly_t *assembly)
{
    wmem_free(wmem_file_scope(), assembly->bytes);
    *assembly = (assembly_t){0};
}
