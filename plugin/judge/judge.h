/* judge.h - asks the rules about a connection, and reports the findings.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_JUDGE_H
#define TDSCONN_JUDGE_H

#include "memory/findings.h"

/* Asks the rules about a message that was just seen, and raises those that hold. `before`: the connection before it.
 * First pass only. */
void judge_message(track_t *track, const frame_t *frame, message_t seen, const connection_t *before);

/* The gravest finding of this frame. On the connection's last frame, on later passes, also of the findings that only
 * the end of the connection shows. */
gravest_t judge_gravest(const track_t *track, packet_info *pinfo);

/* Adds these findings to an item as expert information, and returns the gravest. `item`: NULL without a tree; the
 * expert information is raised all the same. */
gravest_t judge_show(proto_item *item, packet_info *pinfo, const track_t *track);

/* Whether the two functions above may find something on the frame at hand, whose number this is. On the connection's
 * last frame always true on later passes. */
bool judge_may_find(const track_t *track, guint32 frame, const packet_info *pinfo);

/* Whether a rule says only who ended the connection. Others of the same frame may say why. */
bool judge_is_bare_end(diagnosis_t rule);

/* Calls back with all findings of the connection, in the order of frames, and then with those that only its end shows.
 * Rules that are switched off by preference are left out. A text is valid during the callback. To be called when all
 * frames of the connection were read. */
void judge_findings_all(const track_t *track, finding_callback_t callback, void *data);

#endif
