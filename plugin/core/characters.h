/* characters.h - characters of texts from the wire: whether they are whole, and whether they may be printed.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_CHARACTERS_H
#define TDSCONN_CHARACTERS_H

#include "bytes.h"

#define ELLIPSIS "\xE2\x80\xA6" /* stands at the end of a text that is cut */

/* The text without NULs at its end, and without a last character that the capture cut. In UTF-8 and in UTF-16. Points
 * into `text`. */
span_t characters_utf8(span_t text);
span_t characters_utf16le(span_t text);
span_t characters_utf16be(span_t text);

/* Whether two ASCII texts of `length` bytes are equal, without regard to case, as names of DNS are. */
bool characters_same(const char *a, const char *b, size_t length);

#define SHOWN_LONGEST 10 /* bytes of the longest escape */

/* Writes a text to `to` as it may be printed, with a NUL, `room` bytes at most. Control characters and other invisible
 * characters are escaped as Wireshark does it, such as \n, \033 and \u202E. Bytes that are no UTF-8 become replacement
 * characters. Backslashes are not escaped, so an escaped text does not change. A text that is too long ends with an
 * ellipsis; `room` must be enough for that. Returns the length in bytes, without the NUL. */
size_t characters_show(char *to, size_t room, const char *text);

#define SENTENCE_LIMIT 240 /* bytes with the NUL: Wireshark cuts longer texts */

/* A name for the middle of a sentence, printable and short enough to leave room for the rest. Lives until the end of
 * the expression: use brief(...).text as an argument, never keep it. */
typedef struct {
    char text[100];
} brief_t;

brief_t brief(const char *name);

#endif
