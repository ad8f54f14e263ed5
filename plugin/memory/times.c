/* times.c - how long the steps of a login take, and the time between frames of a connection.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "memory/times.h"

#include "memory/annotations.h"
#include "memory/capture.h"

/* Clocks that differ by less than this share of a time leave it as it is. */
#define CLOCKS_SHARE 10

void track_note_clock_set(track_t *track, guint32 frame)
{
    rows_add(&track_seldom(track)->clock_set, &frame, sizeof frame);
}

void track_note_clocks_apart(track_t *track, sender_t early, moment_t apart)
{
    if (apart >= CLOCKS_APART_LEAST && apart > track->seldom->clocks_apart) {
        track_seldom(track)->clocks_apart = apart;
        track_seldom(track)->early = early;
        capture.clocks_apart = MAX(capture.clocks_apart, apart);
    }
}

/* Whether the clock was set between two frames. */
static inline bool was_clock_set(const track_t *track, guint32 one, guint32 other)
{
    const rows_t *set = &track->seldom->clock_set;
    guint32 i = set->count == 0 ? 0 : frames_from(set, MIN(one, other) + 1);
    return i < set->count && *(const guint32 *)rows_at(set, i) <= MAX(one, other);
}

/* A step, to be changed. */
static kept_step_t *own_time(track_t *track, step_time_id_t which)
{
    if (which != TIME_CONNECT && which != TIME_TOTAL) {
        (void)track_login(track);
    }
    return (kept_step_t *)track_time(track, which);
}

void track_forget_time(track_t *track, step_time_id_t which)
{
    *own_time(track, which) = (kept_step_t){0};
}

moment_t track_took(const track_t *track, step_time_id_t which)
{
    const kept_step_t *time = track_time(track, which);
    return time->frame == 0 ? MOMENT_NONE
                            : track_since(track, track_instant(track, time->begun), track_instant(track, time->frame));
}

moment_t track_between(const track_t *track, moment_t from, moment_t to)
{
    return from != to || track->ticks ? moment_since(from, to) : MOMENT_NONE;
}

/* Inlined with was_clock_set(), as track_since() is asked very often. */
static inline moment_t stamped_since(const track_t *track, instant_t from, instant_t to)
{
    bool known = from.frame != 0 && !was_clock_set(track, from.frame, to.frame);
    return known ? track_between(track, from.at, to.at) : MOMENT_NONE;
}

moment_t track_stamped_since(const track_t *track, instant_t from, instant_t to)
{
    return stamped_since(track, from, to);
}

moment_t track_across(const track_t *track, moment_t time)
{
    moment_t apart = track->seldom->clocks_apart;
    return time / CLOCKS_SHARE < apart ? MOMENT_NONE : time;
}

/* Whether two frames were stamped by the clocks of two directions, as far as it is known who sent them. */
static bool is_across(const track_t *track, guint32 one, guint32 other)
{
    const annotation_t *from = track_annotation(track, one);
    const annotation_t *to = track_annotation(track, other);
    return from != NULL && to != NULL && from->sender != to->sender;
}

moment_t track_since(const track_t *track, instant_t from, instant_t to)
{
    moment_t time = stamped_since(track, from, to);
    bool across = track->seldom->clocks_apart != 0 && time != MOMENT_NONE && is_across(track, from.frame, to.frame);
    return across ? track_across(track, time) : time;
}

moment_t track_lasted(const track_t *track, instant_t since, instant_t last, moment_t silence)
{
    bool only = silence > 0 && since.frame != 0 && since.at == last.at; /* a clock that goes on behind it was there */
    return moment_at_least(only ? 0 : track_since(track, since, last), silence);
}

moment_t track_apart(const track_t *track, instant_t one, instant_t other)
{
    moment_t apart = track_since(track, one, other);
    return apart != MOMENT_NONE ? apart : track_since(track, other, one);
}

void track_begin(track_t *track, step_time_id_t which, const frame_t *frame)
{
    kept_step_t *time = own_time(track, which);
    if (time->begun == 0 && time->frame == 0) {
        time->begun = frame->number;
        track->opened_at = which == TIME_TOTAL ? moment_keep(frame->at) : track->opened_at;
    }
}

void track_end(track_t *track, step_time_id_t which, const frame_t *frame)
{
    kept_step_t *time = own_time(track, which);
    if (time->begun != 0 && time->frame == 0) {
        time->frame = frame->number;
    }
}
