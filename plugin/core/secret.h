/* secret.h - whether a SQL text may hold a password.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_SECRET_H
#define TDSCONN_SECRET_H

/* The first row of secrets.def that occurs in the text; NULL if none does. The text must be in lower case, with letters
 * in their usual forms (full-width ones made normal, for example). Static text. */
const char *secret_hint(const char *text);

#endif
