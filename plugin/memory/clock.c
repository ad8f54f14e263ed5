/* clock.c - faults in the time stamps of a connection's frames.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "memory/clock.h"

#include "memory/findings.h"
#include "memory/times.h"
#include "seconds.h"

/* Stamps of one clock that are taken on several processors contradict each other by less. No duration that anybody
 * reads is wrong by that. */
#define JITTER (MILLISECONDS(1) / 10)

/* Whether a fault was reported already: one finding for a connection is enough. */
static bool is_noted(const track_t *track)
{
    return diagnosed(track, DIAGNOSIS_CLOCKS_DIFFER);
}

/* `back`: by how much, as moment_since has it. */
static void report_set(track_t *track, const frame_t *frame, instant_t before, moment_t back)
{
    if (is_noted(track)) {
        return;
    }
    if (back != MOMENT_NONE) {
        diagnose(track, frame->number, DIAGNOSIS_CLOCKS_DIFFER,
                 "times jump back by %s s behind frame %u: durations are not to be trusted",
                 seconds_rounded(back, 6).text, before.frame);
    } else {
        diagnose(track, frame->number, DIAGNOSIS_CLOCKS_DIFFER,
                 "times jump by more than a year behind frame %u: durations are not to be trusted", before.frame);
    }
}

/* The first frame that is stamped begins, the first with another stamp says that there is a clock. */
static void note_time(track_t *track, const frame_t *frame)
{
    if (frame->at == MOMENT_NONE || track->ticks) {
        return;
    }
    if (track->first.frame == 0) {
        track->first = instant_keep(instant_of(frame));
    } else if (frame->at != instant_kept(track->first).at) {
        track->ticks = true;
    }
}

/* Frames of one sender stand in their order, whatever becomes of the other's. */
void clock_see(track_t *track, const frame_t *frame)
{
    note_time(track, frame);
    if (frame->sender == SENDER_UNKNOWN) {
        return;
    }
    kept_instant_t *own = &track_tcp(track, frame->sender)->seen;
    instant_t before = instant_kept(*own);
    *own = instant_keep(instant_of(frame));
    bool known = before.frame != 0 && before.at != MOMENT_NONE && frame->at != MOMENT_NONE;
    if (!known || moment_since(before.at, frame->at) != MOMENT_NONE) {
        return;
    }
    moment_t back = moment_since(frame->at, before.at);
    if (back != MOMENT_NONE && back < JITTER) {
        own->at = moment_keep(before.at);
        return;
    }
    report_set(track, frame, before, back);
    track_note_clock_set(track, frame->number);
    /* The same clock: its next frame is not set back once more. */
    track_tcp(track, sender_other(frame->sender))->seen.at = moment_keep(frame->at);
}

void clock_see_ack(track_t *track, const frame_t *frame, instant_t sent)
{
    moment_t back = sent.frame == 0 ? MOMENT_NONE : moment_since(frame->at, sent.at);
    if (back == MOMENT_NONE || back < JITTER) {
        return;
    }
    if (track_stamped_since(track, instant_of(frame), sent) != MOMENT_NONE) {
        track_note_clocks_apart(track, frame->sender, back);
    }
    if (is_noted(track)) {
        return;
    }
    diagnose(track, frame->number, DIAGNOSIS_CLOCKS_DIFFER,
             "times run backwards between the two directions: this frame acknowledges frame %u and is stamped %s s "
             "before it; durations are not to be trusted",
             sent.frame, seconds_rounded(back, 6).text);
}
