/* errors.h - what SQL Server's error numbers mean.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_ERRORS_H
#define TDSCONN_ERRORS_H

#include "bytes.h"

#include <stdbool.h>
#include <stdint.h>

/* What the number of a login error means, by MS-TDS 3.2.5.6 and the Database Engine's list of errors; NULL for others.
 * Static text. */
const char *error_meaning(uint32_t number);

/* The same of an error in the answer to a command: one that is known from logins is of a login elsewhere, as at a
 * linked server. */
const char *error_of_command(uint32_t number);

/* Whether a login error is of the server or the database at that time, and not of the login: it may pass. */
bool error_is_transient(uint32_t number);

/* What a message means by which the server says that it ends; NULL for others. It may come as INFO. Static text. */
const char *error_of_ending(uint32_t number);

/* The same of all of these, where it is not known which. */
const char *error_explained(uint32_t number);

/* What a state of error 18456 means, by Microsoft; NULL for others, as for 1, which hides it. Static text. */
const char *error_of_failure_state(uint8_t state);

/* What an error means whose words, in UTF-16LE, are those of SQL Server's network library: the server is the client of
 * another server, as of a linked one. NULL if they are not. Static text. */
const char *error_of_library(uint32_t number, span_t text);

#endif
