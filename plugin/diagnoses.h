/* diagnoses.h - telling a user what is wrong: the expert layer.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_DIAGNOSES_H
#define TDSCONN_DIAGNOSES_H

#include <epan/prefs.h>

#include "track.h"

/* Registers one expert field and one off switch a rule. Called once, at registration. */
void diagnoses_register(int proto, module_t *preferences);

/* Raises a rule on a frame of the connection. First pass only; a rule is raised once a connection, or once a session
 * and request where the caller sees to it. The text is a fragment without a full stop. */
void diagnose(track_t *track, guint32 frame, diagnosis_t rule, const char *format, ...) G_GNUC_PRINTF(4, 5);

/* Whether the rule was raised on this connection. */
gboolean diagnosed(const track_t *track, diagnosis_t rule);

/* Asks every rule about what was just seen: `before` is where the connection stood. First pass only. */
void diagnoses_judge(track_t *track, const frame_t *frame, message_t seen, const connection_t *before);

/* The capture goes on until here: what comes to nothing is silent for as long. First pass only. */
void diagnoses_clock(moment_t now);
moment_t diagnoses_capture_end(void);

/* Called with a finding; `text` is valid during the call. */
typedef void (*diagnosis_visit_t)(void *data, diagnosis_t rule, const char *text);

/* Calls `visit` with each finding of this frame that no preference leaves out, on the last frame with what only the
 * end of the connection tells. */
void diagnoses_visit(const track_t *track, packet_info *pinfo, diagnosis_visit_t visit, void *data);

severity_t diagnosis_severity(diagnosis_t rule);

/* Shows a finding that is told anew whenever the frame is shown. */
void diagnoses_tell(proto_item *item, packet_info *pinfo, diagnosis_t rule, const char *text);

/* Adds the findings of this frame, and returns how grave the gravest is. */
severity_t diagnoses_show(proto_item *item, packet_info *pinfo, const track_t *track);

#endif
