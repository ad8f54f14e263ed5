/* tell.h - which findings are told of a frame and of a connection, and what is known of them by then.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_TELL_H
#define TDSCONN_TELL_H

#include "memory/findings.h"

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
