/* text.h - bytes of a message as text: as it is kept, and as it is printed.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A kept text is valid UTF-8, whatever the bytes are. Fields get it as it is, and Wireshark escapes it where it shows
 * them. Before it goes into a sentence, a column or a table, text_shown must escape it.
 *
 * A text made of a cut span ends with an ellipsis, so that nobody takes the beginning of a name for the name. If no
 * byte of the span is there, the text is empty. Compare texts only if they are whole.
 */
#ifndef TDSCONN_TEXT_H
#define TDSCONN_TEXT_H

#include <epan/packet.h>

#include "core/characters.h"

/* The text of bytes in UTF-8. Bytes that are no UTF-8, and NULs inside, become replacement characters. Allocated in
 * `scope`; if that is NULL, the caller frees it with wmem_free(NULL, ...). Never NULL. */
char *text_utf8(wmem_allocator_t *scope, span_t bytes);

/* The same of UTF-16, little-endian and big-endian. An odd last byte is left out. */
char *text_utf16(wmem_allocator_t *scope, span_t bytes);
char *text_utf16be(wmem_allocator_t *scope, span_t bytes);

/* The text with escapes, as it may be printed: see characters_show. Allocated in `scope`. */
char *text_shown(wmem_allocator_t *scope, const char *text);

/* Whether a text is complete: it does not end with an ellipsis. */
bool text_is_whole(const char *text);

#endif
