/* findings.h - findings: rules that were raised, kept with their connection.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_FINDINGS_H
#define TDSCONN_FINDINGS_H

#include "compat.h"
#include "memory/track.h"

/* A row of diagnoses.def. */
typedef struct {
    const char *filter;
    int group; /* a group of Wireshark's expert information, PI_* */
    severity_t severity;
    const char *text;
} diagnosis_row_t;

/* The row of a rule. Static. */
const diagnosis_row_t *diagnosis_row(diagnosis_t rule);

/* The first row with the same filter: a rule may have several rows, one for each severity. */
diagnosis_t diagnosis_first_row(diagnosis_t rule);

/* A rule that was raised. */
typedef struct {
    guint32 frame;
    diagnosis_t rule;
    const char *text; /* a sentence without a full stop; file scope, or valid during the callback only */
} finding_t;

typedef void (*finding_callback_t)(const finding_t *finding, void *data);

/* The gravest finding of a frame. */
typedef struct {
    severity_t severity; /* SEVERITY_NONE = there is none; the rest is not set then */
    diagnosis_t rule;
    const char *text; /* packet scope, or static */
} gravest_t;

/* A limit of the preferences, as a duration. */
moment_t diagnoses_limit(limit_t limit);

/* Where the preferences are stored: a limit in milliseconds; whether a rule is switched off. For registration. */
guint *diagnoses_limit_setting(limit_t limit);
ws_bool *diagnosis_off_setting(diagnosis_t rule);

/* Raises a rule on a frame of the connection, as often as it is called: a caller who wants a rule once for a connection
 * asks diagnosed() first. The text is a sentence without a full stop; it is escaped here as text_shown does. First pass
 * only. */
void diagnose(track_t *track, guint32 frame, diagnosis_t rule, const char *format, ...) G_GNUC_PRINTF(4, 5);

/* Removes all findings of a rule, which turned out to be untrue. First pass only. */
void diagnosis_withdraw(track_t *track, diagnosis_t rule);

/* Takes back what was found about the end of a connection in a frame that did not end it. First pass only. */
void diagnoses_withdraw_end(track_t *track, guint32 frame);

/* Replaces the rule of all its findings by another one, with a copy of `text`, which must be printable. Does nothing if
 * the rule was not raised. First pass only. */
void diagnosis_replace(track_t *track, diagnosis_t rule, diagnosis_t by, const char *text);

/* Whether the rule was raised on this connection so far. */
bool diagnosed(const track_t *track, diagnosis_t rule);

/* Notes the time of each frame of the capture, for diagnoses_silence. Called for every frame in the order of the file.
 * First pass only. */
void diagnoses_clock(guint32 frame, moment_t at);

/* The frame with the latest time among those read so far, from this frame on. {0, MOMENT_NONE} if there is none. */
instant_t diagnoses_latest(guint32 frame);

/* How long the capture goes on after a frame, by the frames read so far. MOMENT_NONE if that is not known. */
moment_t diagnoses_silence(instant_t since);

/* How long nothing more comes of a connection behind its last frame: until the capture ends, or until a new connection
 * has its ports. Its end is not in the capture, then. MOMENT_NONE if that is not known. */
moment_t diagnoses_silence_of(const track_t *track);

/* Whether a rule is switched off by preference. */
bool diagnosis_is_off(diagnosis_t rule);

/* A rule's name, as in tdsconn.expert.NAME; its severity; its short description. Static text. */
const char *diagnosis_name(diagnosis_t rule);
severity_t diagnosis_severity(diagnosis_t rule);
const char *diagnosis_text(diagnosis_t rule);

#endif
