/* judge.h - asks the rules about a connection, and tells what they found.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_JUDGE_H
#define TDSCONN_JUDGE_H

#include "memory/findings.h"

/* Asks every rule about what was just seen: `before` is where the connection stood. First pass only. */
void judge_message(track_t *track, const frame_t *frame, message_t seen, const connection_t *before);

/* The gravest finding of this frame; on the last frame with what only the end of the connection tells. */
gravest_t judge_gravest(const track_t *track, packet_info *pinfo);

/* Adds the findings of this frame to an item, NULL without a tree, and returns the gravest. */
gravest_t judge_show(proto_item *item, packet_info *pinfo, const track_t *track);

/* Whether there is any finding on this frame, as the two above would take it; where only the end of the connection may
 * tell, there may be none. */
bool judge_may_find(const track_t *track, const packet_info *pinfo);

/* Tells everything that was raised on the connection, in the order of frames, and what only its end tells. Rules that
 * are left out by preference are not told. To be asked when all frames of the connection were read. */
void judge_findings_all(const track_t *track, finding_callback_t take, void *data);

#endif
