/* pipe.c - the bytes of a named pipe, in one direction.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "pipe.h"

#include "smp.h"
#include "tlshello.h"

/* Whether a unit can begin with this byte. */
static bool may_begin(uint8_t first)
{
    return tds_type_used(first) || first == SMP_ID ||
           (first >= TLS_CHANGE_CIPHER_SPEC && first <= TLS_APPLICATION_DATA);
}

size_t pipe_whole(span_t bytes)
{
    size_t whole = 0;
    while (bytes.length - whole >= UNIT_HEAD_LENGTH) {
        unit_t unit = unit_at(span_from(bytes, whole));
        if (unit.kind == UNIT_NONE || unit.length > PIPE_UNIT_LIMIT) {
            return bytes.length;
        }
        if (unit.length == 0 || unit.length > bytes.length - whole) {
            break;
        }
        whole += unit.length;
    }
    return whole < bytes.length && !may_begin(bytes.at[whole]) ? bytes.length : whole;
}
