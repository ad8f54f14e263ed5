/* diagnoses.h - what is wrong, as it is found: kept with the connection, and told as expert information.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_DIAGNOSES_H
#define TDSCONN_DIAGNOSES_H

#include <epan/prefs.h>

#include "memory/track.h"

/* A rule that was raised. */
typedef struct {
    guint32 frame;
    diagnosis_t rule;
    const char *text; /* a fragment without a full stop; valid as long as the file, or while it is being told */
} finding_t;

typedef void (*finding_taker_t)(const finding_t *finding, void *data);

/* Registers one expert field and one off switch a rule. Called once, at registration. */
void diagnoses_register(int proto, module_t *preferences);

/* A limit as the preferences have it. */
moment_t diagnoses_limit(limit_t limit);

/* Raises a rule on a frame of the connection. First pass only. It does not look for repetition: a caller that wants
 * a rule only once per connection asks diagnosed() first. The text is a fragment without a full stop. */
void diagnose(track_t *track, guint32 frame, diagnosis_t rule, const char *format, ...) G_GNUC_PRINTF(4, 5);

/* It turned out to be untrue: the rule was never raised. First pass only. */
void diagnosis_withdraw(track_t *track, diagnosis_t rule);

/* It turned out to be another rule that was to be raised, with this text, where the one was raised. First pass only. */
void diagnosis_replace(track_t *track, diagnosis_t rule, diagnosis_t by, const char *text);

/* Whether the rule was raised on this connection. */
bool diagnosed(const track_t *track, diagnosis_t rule);

/* Forgets when the capture ended: another file begins. */
void diagnoses_init_file(void);

/* The capture goes on until here: what comes to nothing is silent for as long. First pass only. */
void diagnoses_clock(moment_t now);
moment_t diagnoses_capture_end(void);

/* Shows a finding that is told anew whenever the frame is shown. */
void diagnoses_tell(proto_item *item, packet_info *pinfo, diagnosis_t rule, const char *text);

/* Adds tdsconn.severity, how grave the gravest finding of a frame is, unless that is SEVERITY_NONE. */
void diagnoses_show_severity(proto_tree *tree, tvbuff_t *tvb, severity_t severity);

/* Whether a rule is left out by preference. */
bool diagnosis_is_off(diagnosis_t rule);

/* A rule's name, as in tdsconn.expert.NAME; its severity; what it is about. Static text. */
const char *diagnosis_name(diagnosis_t rule);
severity_t diagnosis_severity(diagnosis_t rule);
const char *diagnosis_text(diagnosis_t rule);

#endif
