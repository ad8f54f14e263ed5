/* frame.c - the frame at hand, its time, and how times are kept.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "memory/frame.h"

#include "memory/capture.h"

/* The time of the first frame, or of one with the same time. */
static void note_first_time(const nstime_t *time)
{
    if (!capture.has_first_time) {
        capture.first_time = *time;
        capture.has_first_time = true;
    }
    capture.ticks = nstime_cmp(time, &capture.first_time) != 0;
}

/* Wireshark's own relative time counts from a time reference that the user may set. A damaged file may hold any time:
 * what is more than 63 years off is taken for that, so that a moment has room for it. */
moment_t moment_of(const packet_info *pinfo)
{
    const gint64 limit = 2000000000;
    if ((pinfo->presence_flags & PINFO_HAS_TS) == 0) {
        return MOMENT_NONE;
    }
    if (!capture.ticks) {
        note_first_time(&pinfo->abs_ts);
    }
    gint64 seconds = (gint64)pinfo->abs_ts.secs - (gint64)capture.first_time.secs;
    return SECONDS(CLAMP(seconds, -limit, limit)) + pinfo->abs_ts.nsecs - capture.first_time.nsecs;
}

moment_t moment_between(moment_t from, moment_t to)
{
    return from != to || capture.ticks ? moment_since(from, to) : MOMENT_NONE;
}

bool moment_time(moment_t moment, nstime_t *time)
{
    if (moment == MOMENT_NONE) {
        return false;
    }
    moment_t nanoseconds = moment_sum(moment, capture.first_time.nsecs);
    int before = nanoseconds % SECONDS(1) < 0;
    time->secs = capture.first_time.secs + (time_t)(nanoseconds / SECONDS(1)) - before;
    time->nsecs = (int)(nanoseconds % SECONDS(1)) + before * (int)SECONDS(1);
    return true;
}

bool moment_date(moment_t moment, gint64 *date)
{
    const gint64 year_2000 = 946684800;
    nstime_t time;
    if (!moment_time(moment, &time)) {
        return false;
    }
    *date = time.secs;
    return *date >= year_2000;
}

frame_t frame_of(const packet_info *pinfo, sender_t sender)
{
    ASSERT_FIRST_PASS(pinfo);
    return (frame_t){.number = number_of(pinfo), .at = moment_of(pinfo), .sender = sender};
}
