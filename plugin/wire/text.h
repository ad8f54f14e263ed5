/* text.h - bytes of a message as text that may be shown: valid UTF-8, whatever they are.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_TEXT_H
#define TDSCONN_TEXT_H

#include <epan/packet.h>

#include "core/bytes.h"

/* UTF-8, or any text of one byte a character. Allocated in `scope`; NULL is memory for wmem_free(NULL, ...). */
char *text_utf8(wmem_allocator_t *scope, span_t bytes);

/* UTF-16LE; a last odd byte is left out. */
char *text_utf16(wmem_allocator_t *scope, span_t bytes);

#endif
