/* procedures.c - the procedures that were called in the capture, each by a number of its own.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A capture has millions of calls and few procedures: a request keeps a number, each name is kept once.
 */
#include "memory/procedures.h"

#include <epan/packet.h>

#include "memory/capture.h"
#include "wire/text.h"

#define FIRST_NAMED 16   /* after those of the protocol */
#define NAMES_LIMIT 5000 /* names made up for each call must not fill the memory */
#define NAME_LIMIT  256  /* bytes of UTF-16 */

static void procedure_add(const char *name)
{
    guint32 number = wmem_array_get_count(capture.procedures.names);
    wmem_array_append_one(capture.procedures.names, name);
    if (name != NULL) {
        wmem_map_insert(capture.procedures.numbers, name, GUINT_TO_POINTER(number));
    }
}

void procedures_begin_file(void)
{
    capture.procedures.numbers = wmem_map_new(wmem_file_scope(), wmem_str_hash, g_str_equal);
    capture.procedures.names = wmem_array_sized_new(wmem_file_scope(), sizeof(const char *), FIRST_NAMED);
    for (guint16 number = 0; number < FIRST_NAMED; number++) {
        procedure_add(rpc_well_known(number));
    }
}

static guint32 number_of_name(span_t utf16)
{
    char *name = text_utf16(NULL, span_head(utf16, NAME_LIMIT));
    guint32 number = GPOINTER_TO_UINT(wmem_map_lookup(capture.procedures.numbers, name));
    if (number == PROCEDURE_UNKNOWN && wmem_array_get_count(capture.procedures.names) < NAMES_LIMIT) {
        number = wmem_array_get_count(capture.procedures.names);
        procedure_add(wmem_strdup(wmem_file_scope(), name));
    }
    wmem_free(NULL, name);
    return number;
}

guint32 procedure_of(span_t message)
{
    rpc_t rpc;
    if (!rpc_parse(message, &rpc)) {
        return PROCEDURE_UNKNOWN;
    }
    if (rpc.name.length > 0) {
        return number_of_name(rpc.name);
    }
    return rpc_well_known(rpc.number) != NULL ? rpc.number : PROCEDURE_UNKNOWN;
}

const char *procedure_name(guint32 number)
{
    return number < wmem_array_get_count(capture.procedures.names)
               ? *(const char **)wmem_array_index(capture.procedures.names, number)
               : NULL;
}
