/* characters.h - the characters of texts that come from the wire: which of them are whole.
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

#endif
