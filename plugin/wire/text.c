/* text.c - bytes of a message as text that may be shown: valid UTF-8, whatever they are.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "wire/text.h"

#include <epan/charsets.h>

char *text_utf8(wmem_allocator_t *scope, span_t bytes)
{
    return (char *)get_utf_8_string(scope, bytes.at, (gint)bytes.length);
}

char *text_utf16(wmem_allocator_t *scope, span_t bytes)
{
    return (char *)get_utf_16_string(scope, bytes.at, (gint)(bytes.length & ~(size_t)1), ENC_LITTLE_ENDIAN);
}
