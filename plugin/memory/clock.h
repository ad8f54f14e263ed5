/* clock.h - what is wrong with the time stamps of a connection's frames.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The clock of a capture may be set while it runs, and the two directions may have a clock each.
 */
#ifndef TDSCONN_CLOCK_H
#define TDSCONN_CLOCK_H

#include "memory/track.h"

/* Takes a frame before anything of it is processed; once more does nothing. First pass only. */
void clock_see(track_t *track, const frame_t *frame);

/* This frame acknowledges what the other side sent then. First pass only. */
void clock_see_ack(track_t *track, const frame_t *frame, instant_t sent);

#endif
