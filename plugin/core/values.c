/* values.c - the table behind tdsconn.message; names of numbers.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "values.h"

#include <stddef.h>

static const message_row_t message_rows[MESSAGE_LIMIT] = {
#define MESSAGE(tag, value, text, code, step, kind) [value] = {text, code, STEP_##step, KIND_##kind},
#include "messages.def"
};

const message_row_t *message_row(message_t message)
{
    size_t index = (size_t)message;
    return &message_rows[index < MESSAGE_LIMIT ? index : MESSAGE_NONE];
}

const char *name_in(const named_t *list, uint32_t number)
{
    while (list->name != NULL && list->number != number) {
        list++;
    }
    return list->name;
}
