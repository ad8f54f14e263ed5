/* findings.h - what is wrong, as it is found: kept with the connection.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_FINDINGS_H
#define TDSCONN_FINDINGS_H

#include "compat.h"
#include "memory/track.h"

/* What diagnoses.def says of one rule. */
typedef struct {
    const char *filter;
    int group; /* one of Wireshark's, PI_* */
    severity_t severity;
    const char *text;
} diagnosis_row_t;

/* Valid for ever. */
const diagnosis_row_t *diagnosis_row(diagnosis_t rule);

/* The first row of a rule that has one for each severity. */
diagnosis_t diagnosis_first_row(diagnosis_t rule);

/* A rule that was raised. */
typedef struct {
    guint32 frame;
    diagnosis_t rule;
    const char *text; /* a fragment without a full stop; valid as long as the file, or while it is being told */
} finding_t;

typedef void (*finding_callback_t)(const finding_t *finding, void *data);

/* The gravest finding of a frame. */
typedef struct {
    severity_t severity; /* SEVERITY_NONE = there is none; the rest is not set then */
    diagnosis_t rule;
    const char *text; /* packet scope */
} gravest_t;

/* A limit as the preferences have it. */
moment_t diagnoses_limit(limit_t limit);

/* Where the preferences are kept: a limit in milliseconds, whether a rule is left out. For registration. */
guint *diagnoses_limit_setting(limit_t limit);
ws_bool *diagnosis_off_setting(diagnosis_t rule);

/* Raises a rule on a frame of the connection. First pass only. It does not look for repetition: a caller that wants
 * a rule only once per connection asks diagnosed() first. The text is a fragment without a full stop. */
void diagnose(track_t *track, guint32 frame, diagnosis_t rule, const char *format, ...) G_GNUC_PRINTF(4, 5);

/* It turned out to be untrue: the rule was never raised. First pass only. */
void diagnosis_withdraw(track_t *track, diagnosis_t rule);

/* It turned out to be another rule that was to be raised: `by` stands where the one was raised, with a copy of the
 * text, which must be printable already. The one was raised. First pass only. */
void diagnosis_replace(track_t *track, diagnosis_t rule, diagnosis_t by, const char *text);

/* Whether the rule was raised on this connection. */
bool diagnosed(const track_t *track, diagnosis_t rule);

/* The capture goes on with this frame. First pass only. */
void diagnoses_clock(guint32 frame, moment_t at);

/* How long the capture goes on behind a frame: what comes to nothing is silent for as long. MOMENT_NONE if that is not
 * known. */
moment_t diagnoses_silence(instant_t since);

/* Whether a rule is left out by preference. */
bool diagnosis_is_off(diagnosis_t rule);

/* A rule's name, as in tdsconn.expert.NAME; its severity; what it is about. Static text. */
const char *diagnosis_name(diagnosis_t rule);
severity_t diagnosis_severity(diagnosis_t rule);
const char *diagnosis_text(diagnosis_t rule);

#endif
