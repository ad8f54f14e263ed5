/* outcome.h - the outcome of a connection, the same for all statistics.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * To be asked when all frames of the connection were read.
 */
#ifndef TDSCONN_OUTCOME_H
#define TDSCONN_OUTCOME_H

#include "memory/findings.h"
#include "memory/turns.h"

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

/* How a connection failed, and why. */
typedef struct {
    const char *what; /* as outcome_failure; NULL = it did not fail, and of the rest only `worst` and `error` are set */
    worst_t worst;
    const error_record_t *error; /* as outcome_error */
    guint32 frame;               /* to look at: of the error, else of the worst finding, else the last one */
    const char *diagnosis;       /* the rule of the worst finding; NULL if there is none */
    const char *text;            /* the server's error message; without one, the text of `worst` */
    bool waited;                 /* somebody owed something in the end: `wait` is set */
    wait_t wait;
    moment_t network; /* its part until the message before had arrived, and since the owed one was lost on its way */
} failure_t;

/* Returns whether the connection failed. Texts are static, of file scope, or in `failure`. */
bool outcome_failed(const track_t *track, failure_t *failure);

/* How far the connection got: the furthest step before Close. */
step_t outcome_step(const track_t *track);

/* How many requests came after the login; -1 if TLS hides them. */
gint64 outcome_requests(const track_t *track);

/* How many frames of both sides have this message, MESSAGE_RETRANSMISSION or MESSAGE_KEEP_ALIVE, by Wireshark's TCP. -1
 * for a named pipe, whose TCP connection may carry other pipes and files. */
gint64 outcome_segments(const track_t *track, message_t message);

#endif
