/* clock.h - faults in the time stamps of a connection's frames.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The clock of a capture may be set while it runs, and each direction may have a clock of its own.
 */
#ifndef TDSCONN_CLOCK_H
#define TDSCONN_CLOCK_H

#include "memory/track.h"

/* Checks the time of a frame against the frames of its sender before it. Called before anything of the frame is
 * processed; a second call for the same frame does nothing. First pass only. */
void clock_see(track_t *track, const frame_t *frame);

/* Checks the time of a frame against the frame whose bytes it acknowledges, `sent` (frame 0 = none). First pass only.
 */
void clock_see_ack(track_t *track, const frame_t *frame, instant_t sent);

#endif
