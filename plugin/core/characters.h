/* characters.h - the characters of texts that come from the wire: which of them are whole, and which may be printed.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_CHARACTERS_H
#define TDSCONN_CHARACTERS_H

#include "bytes.h"

#define ELLIPSIS "\xE2\x80\xA6" /* stands behind the beginning of a text that has no end */

/* The same without what is no part of the text: NULs that pad it, and a character of which the capture cut the rest. */
span_t characters_utf8(span_t text);
span_t characters_utf16le(span_t text);
span_t characters_utf16be(span_t text);

/* Whether two texts of ASCII, each so many bytes long, are the same but for capitals: as names of DNS are. */
bool characters_same(const char *a, const char *b, size_t length);

#define SHOWN_LONGEST 10 /* bytes of the longest escape */

/* Puts a text into `room` bytes as it may be printed. Controls, and other characters that nobody sees, come out as
 * Wireshark writes them, such as \n, \033 and \u202E; bytes that are no UTF-8 as replacement characters. Backslashes
 * stay as they are, so that what was shown before does not change. Where the room ends, so does the text, with an
 * ellipsis. Returns its length. */
size_t characters_show(char *to, size_t room, const char *text);

#define SENTENCE_LIMIT 240 /* bytes with the NUL: Wireshark cuts off what is over that */

/* A name in the middle of a sentence, at most so long that there is room for what stands behind it. Lives as long as
 * the expression that asks for it. */
typedef struct {
    char text[100];
} brief_t;

brief_t brief(const char *name);

#endif
