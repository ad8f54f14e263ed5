/* outcome.h - what became of a connection: what all statistics say of it must be the same.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * To be asked when all frames of the connection were read.
 */
#ifndef TDSCONN_OUTCOME_H
#define TDSCONN_OUTCOME_H

#include "memory/findings.h"

/* Rules that are no more than talk are nobody's worst. */
#define SEVERITY_LEAST SEVERITY_NOTE

/* The worst that was raised on a connection: of errors the first, of warnings the latest. Without `any`, `text` says
 * what was owed at the end; it is "" if that was nothing. */
typedef struct {
    bool any;
    diagnosis_t rule;
    guint32 frame;
    char text[RULE_TEXT];
} worst_t;

worst_t outcome_worst(const track_t *track);

/* What went wrong, NULL if nothing did: "Login failed", "Login unfinished", "Not connected", "Broken", "Given up";
 * "Outcome unknown" where nobody knows whether it was the login that failed or the connection that broke. A connection
 * is broken if it ended otherwise than by its client's FIN after the login, or an error was raised on it. It was given
 * up if its client ended it while somebody owed something. Static text. */
const char *outcome_failure(const track_t *track, const worst_t *worst);

/* The connection was cut short by an RST. */
bool outcome_is_reset(const track_t *track);

/* Who ended it; NULL if it goes on. Static text. */
const char *outcome_ended_by(const track_t *track);

/* The error that refused the login or ended the connection, NULL if there is none. Valid as long as the file. */
const error_record_t *outcome_error(const track_t *track);

/* Where to look: the error, what was found, or the end. */
guint32 outcome_frame(const track_t *track, const error_record_t *error, const worst_t *worst);

/* The server's words; without any, what was found; without that, what was owed at the end. Valid as long as both. */
const char *outcome_text(const error_record_t *error, const worst_t *worst);

/* What was owed when it ended, or is at the end of the capture; false if nobody owed anything. */
bool outcome_wait(const track_t *track, wait_t *wait);

/* How far the connection got: the furthest step before Close. */
step_t outcome_step(const track_t *track);

/* Requests after the login; -1 if they are hidden by TLS. */
gint64 outcome_requests(const track_t *track);

/* Frames of either side that are this: MESSAGE_RETRANSMISSION or MESSAGE_KEEP_ALIVE, as Wireshark's TCP sees them. -1
 * of a named pipe: its TCP connection may have other pipes and files. */
gint64 outcome_segments(const track_t *track, message_t message);

#endif
