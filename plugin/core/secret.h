/* secret.h - whether a SQL text may hold a password.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_SECRET_H
#define TDSCONN_SECRET_H

/* The first of the words of secrets.def that stands in a text; NULL if none does. The text is in small letters, and of
 * forms of one letter it has the usual one. Static text. */
const char *secret_hint(const char *text);

#endif
