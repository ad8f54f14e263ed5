/* late.h - what the server's answer tells that came when the client had closed.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_LATE_H
#define TDSCONN_LATE_H

#include "memory/findings.h"

/* Whether a late answer disproves what was found at the client's close: the server refused the login, so it answered
 * it; or the client's host took the answer to a command or a cancel. */
bool late_disproves(const track_t *track, diagnosis_t rule);

/* Writes what a late answer tells of a finding, as a part of a sentence that begins with "; ": of what was found at the
 * client's close that the answer came, of the answer itself that the client had closed. Leaves `words` as they are if
 * it tells nothing of it. Asked when all frames so far were read. */
void late_words(const track_t *track, const finding_t *finding, char words[RULE_TEXT]);

#endif
