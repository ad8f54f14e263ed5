/* diagnoses.h - telling a user what is wrong: the expert layer.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_DIAGNOSES_H
#define TDSCONN_DIAGNOSES_H

#include <epan/prefs.h>

#include "track.h"

typedef enum {
#define DIAGNOSIS(tag, filter, severity, group, text) DIAGNOSIS_##tag,
#include "core/diagnoses.def"
    DIAGNOSIS_COUNT
} diagnosis_t;

/* Registers one expert field and one off switch a rule. Called once, at registration. */
void diagnoses_register(int proto, module_t *preferences);

/* Raises a rule on a frame of the connection. First pass only; a rule is raised once a connection, or once a session
 * and request where the caller sees to it. The text is a fragment without a full stop. */
void diagnose(track_t *track, guint32 frame, diagnosis_t rule, const char *format, ...) G_GNUC_PRINTF(4, 5);

/* Whether the rule was raised on this connection. */
gboolean diagnosed(const track_t *track, diagnosis_t rule);

/* Adds what was raised on this frame, and on the last frame what only the end of the connection tells. */
void diagnoses_show(proto_item *item, packet_info *pinfo, const track_t *track);

#endif
