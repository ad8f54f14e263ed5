/* outcome.h - the outcome of a connection, the same for all statistics.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * To be asked when all frames of the connection were read.
 */
#ifndef TDSCONN_OUTCOME_H
#define TDSCONN_OUTCOME_H

#include "memory/findings.h"

/* The lowest severity that counts for outcome_worst. */
#define SEVERITY_LEAST SEVERITY_NOTE

/* The worst finding of a connection: the first of the errors; without errors, the latest of the highest severity. */
typedef struct {
    bool any; /* there is one */
    diagnosis_t rule;
    guint32 frame;
    char text[RULE_TEXT]; /* without a finding: what was owed at the end; "" if nothing was */
} worst_t;

worst_t outcome_worst(const track_t *track);

/* How the connection failed; NULL if it did not. "Login failed", "Login unfinished", "Not connected". "Broken": after
 * the login, it ended otherwise than by the client's FIN, or an error was raised on it. "Given up": the client ended it
 * while a message was owed. "Outcome unknown": the capture does not tell whether the login failed or the connection
 * broke. Static text. */
const char *outcome_failure(const track_t *track, const worst_t *worst);

/* Whether an RST ended the connection, one after the client's FIN not counted. */
bool outcome_is_reset(const track_t *track);

/* Who ended it: "client", "server" or "device"; NULL if it is open. Static text. */
const char *outcome_ended_by(const track_t *track);

/* The error that refused the login or ended the connection; NULL if there is none. File scope. */
const error_record_t *outcome_error(const track_t *track);

/* The frame to look at: of the error (may be NULL), else of the worst finding, else the last one. */
guint32 outcome_frame(const track_t *track, const error_record_t *error, const worst_t *worst);

/* The server's error message; without one, the text of `worst`. Valid as long as both. `error` may be NULL. */
const char *outcome_text(const error_record_t *error, const worst_t *worst);

/* The wait when the connection ended, or at the end of the capture. False if nobody owed anything, or if the message
 * may be missing in the capture. */
bool outcome_wait(const track_t *track, wait_t *wait);

/* How far the connection got: the furthest step before Close. */
step_t outcome_step(const track_t *track);

/* How many requests came after the login; -1 if TLS hides them. */
gint64 outcome_requests(const track_t *track);

/* How many frames of both sides have this message, MESSAGE_RETRANSMISSION or MESSAGE_KEEP_ALIVE, by Wireshark's TCP. -1
 * for a named pipe, whose TCP connection may carry other pipes and files. */
gint64 outcome_segments(const track_t *track, message_t message);

#endif
