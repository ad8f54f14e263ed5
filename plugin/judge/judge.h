/* judge.h - asks the rules about each message of a connection, and raises what they find.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_JUDGE_H
#define TDSCONN_JUDGE_H

#include "memory/findings.h"

/* Asks the rules about a message that was just seen, and raises those that hold. `before`: the connection before it.
 * First pass only. */
void judge_message(track_t *track, const frame_t *frame, message_t seen, const connection_t *before);

#endif
