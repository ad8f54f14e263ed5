/* watch.h - what TCP does to a connection between its messages: copies, keep-alives, closed windows, other hosts'
 * resets.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_WATCH_H
#define TDSCONN_WATCH_H

#include "track.h"

/* Takes a frame before its own messages are told. First pass only. */
void watch_frame(track_t *track, const tcp_sight_t *sight);

/* Puts into a case what was watched. */
void watch_fill(case_t *c, const track_t *track);

#endif
