/* case.h - what the rules are asked about: a connection as it is at a message, or at its end.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_CASE_H
#define TDSCONN_CASE_H

#include "core/rules.h"
#include "memory/track.h"

/* The connection at a message that was just seen in this frame, as far as rules are asked then. `before`: the
 * connection before it. A case points into `track`, and is valid until that changes. First pass only. */
void case_at_message(case_t *c, const track_t *track, const frame_t *frame, message_t seen, const connection_t *before);

/* The connection at its last frame, with the silence behind it. */
void case_at_end(case_t *c, const track_t *track);

/* Whether a rule holds that was not raised before. Then `text` is what it says. */
bool case_raises(const case_t *c, const track_t *track, diagnosis_t rule, char text[RULE_TEXT]);

#endif
