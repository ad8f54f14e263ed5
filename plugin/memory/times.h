/* times.h - how long the steps of a login take, and the time between frames of a connection.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_TIMES_H
#define TDSCONN_TIMES_H

#include "memory/track.h"

/* A step of the login, or all of it. */
static inline const kept_step_t *track_time(const track_t *track, step_time_id_t which)
{
    if (which == TIME_CONNECT || which == TIME_TOTAL) {
        return which == TIME_CONNECT ? &track->connect : &track->total;
    }
    return &track->login->times[which - TIME_CONNECT - 1];
}

/* How long that took; MOMENT_NONE if it did not end, or if it is not known. */
moment_t track_took(const track_t *track, step_time_id_t which);

/* When the client began with the connection, in its frame track_time(TIME_TOTAL)->begun; frame 0 = not known. */
static inline instant_t track_opened(const track_t *track)
{
    return (instant_t){track->total.begun, moment_kept(track->opened_at)};
}

/* The clock of the capture was set before this frame. First pass only. */
void track_note_clock_set(track_t *track, guint32 frame);

#define CLOCKS_APART_LEAST MILLISECONDS(20) /* what clocks differ by less leaves times as they are */

/* The clocks of the two directions differ by `apart` at least: those of `early` are stamped with a time that is too
 * early, or those of the other side with one that is too late. Less than CLOCKS_APART_LEAST is not noted. First pass
 * only. */
void track_note_clocks_apart(track_t *track, sender_t early, moment_t apart);

/* The time from one frame to another. MOMENT_NONE if it is not known: one is not there, the clock was set between them,
 * all frames of the connection have one time, or the two sides sent one each and their clocks differ by so much that
 * it would be wrong. */
moment_t track_since(const track_t *track, instant_t from, instant_t to);

/* The same as the frames are stamped, also if the clocks of the two sides differ. */
moment_t track_stamped_since(const track_t *track, instant_t from, instant_t to);

/* A time that began with a frame of one side and ended with one of the other: MOMENT_NONE if their clocks differ by so
 * much that it would be wrong. */
moment_t track_across(const track_t *track, moment_t time);

/* The same of two moments, if it is known that the clock was not set between them. */
moment_t track_between(const track_t *track, moment_t from, moment_t to);

/* How long something lasts that began at `since` and goes on at the connection's last frame and in the silence after
 * it. `silence`: its length; 0 if the connection has ended, MOMENT_NONE if it is not known. */
moment_t track_lasted(const track_t *track, instant_t since, instant_t last, moment_t silence);

/* How far two frames are apart, in whichever order they are. For two sides that may have different clocks. */
moment_t track_apart(const track_t *track, instant_t one, instant_t other);

/* A step begins or ends in this frame. Only the first begin and the first end count. First pass only. */
void track_begin(track_t *track, step_time_id_t which, const frame_t *frame);
void track_end(track_t *track, step_time_id_t which, const frame_t *frame);

/* Forgets a step: it may begin and end once more. First pass only. */
void track_forget_time(track_t *track, step_time_id_t which);

#endif
