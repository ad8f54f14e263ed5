/* values.c - the table behind tdsconn.message.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "values.h"

#include <stddef.h>

static const message_row_t message_rows[MESSAGE_LIMIT] = {
#define MESSAGE(tag, value, text, code, step) [value] = {text, code, STEP_##step},
#include "messages.def"
};

const message_row_t *message_row(message_t message)
{
    size_t index = (size_t)message;
    return &message_rows[index < MESSAGE_LIMIT ? index : MESSAGE_NONE];
}
