/* text.h - bytes of a message as text: as it is kept, and as it is printed.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Kept is valid UTF-8, whatever the bytes are; the fields have it so, and Wireshark escapes it where it shows them.
 * Whoever puts it into a sentence, a column or a table shows it first.
 *
 * Of a span that is cut an ellipsis stands for the rest, so that nobody takes the beginning of a name for the name; of
 * one of which nothing is there, there is no text. Texts are compared only if they are whole.
 */
#ifndef TDSCONN_TEXT_H
#define TDSCONN_TEXT_H

#include <epan/packet.h>

#include "core/characters.h"

/* UTF-8, or any text of one byte a character. Allocated in `scope`; NULL is memory for wmem_free(NULL, ...). */
char *text_utf8(wmem_allocator_t *scope, span_t bytes);

/* UTF-16; a last odd byte is left out. */
char *text_utf16(wmem_allocator_t *scope, span_t bytes);
char *text_utf16be(wmem_allocator_t *scope, span_t bytes);

/* As it may be printed: see characters_show. */
char *text_shown(wmem_allocator_t *scope, const char *text);

/* Whether a text is not only the beginning of one. */
bool text_is_whole(const char *text);

#endif
