/* numbers.c - the number of a frame in the file.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "memory/numbers.h"

#include <epan/frame_data.h>
#include <wsutil/wslog.h>

#include "memory/capture.h"

/* Wireshark says it only by what it knows of the time since that frame: nothing then, but of the latest. Two moments
 * behind it differ if it is known when that was. Where it is not, Wireshark would warn of a fault. From 4.4 on it does
 * not know either of a frame without a time stamp. */
bool number_is_kept(const packet_info *pinfo, guint32 shown)
{
    if (capture.numbers.unstamped) {
        return true;
    }
    frame_data one = {.num = shown + 1, .has_ts = 1, .abs_ts = {.secs = 1}};
    frame_data other = {.num = shown + 1, .has_ts = 1, .abs_ts = {.secs = 2}};
    enum ws_log_level level = ws_log_get_level();
    ws_log_set_level(LOG_LEVEL_ERROR);
    bool kept = frame_data_compare(pinfo->epan, &one, &other, COL_DELTA_TIME) != 0;
    ws_log_set_level(level);
    return kept;
}

/* So many frames were dropped before the one that Wireshark shows by this number. */
typedef struct {
    guint32 shown; /* the first that more were dropped before than before the last */
    guint32 dropped;
} drop_t;

static const drop_t *drop_at(guint index)
{
    return (const drop_t *)rows_at(&capture.numbers.drops, index);
}

/* How many were dropped before this one, as far as is known. Not inlined, as nothing is that number_of() needs seldom:
 * that is asked very often. */
static G_GNUC_NO_INLINE guint32 dropped_before(guint32 shown)
{
    guint behind = frames_from(&capture.numbers.drops, shown + 1);
    return behind == 0 ? 0 : drop_at(behind - 1)->dropped;
}

/* The frame before, which had this number, was dropped. Numbers do not go back. */
static G_GNUC_NO_INLINE void note_drop(guint32 shown)
{
    const drop_t drop = {shown, dropped_before(shown) + 1};
    guint count = capture.numbers.drops.count;
    if (count > 0 && drop_at(count - 1)->shown == shown) {
        *(drop_t *)rows_last(&capture.numbers.drops) = drop;
    } else {
        rows_add(&capture.numbers.drops, &drop, sizeof drop);
    }
}

/* First pass: whether the frame before was dropped is known from the number of this one. */
static G_GNUC_NO_INLINE void note_latest(const frame_data *frame)
{
    if (frame->num == capture.numbers.latest && frame->file_off != capture.numbers.offset) {
        note_drop(frame->num);
    }
    capture.numbers.latest = frame->num;
    capture.numbers.offset = frame->file_off;
    if (!frame->has_ts) {
        capture.numbers.unstamped = true;
    }
    capture.numbers.settled = false;
}

/* On a later pass: asks whether the latest frame was dropped, as no frame behind it shows that. */
static G_GNUC_NO_INLINE void settle(const packet_info *pinfo)
{
    if (capture.numbers.latest != 0 && !number_is_kept(pinfo, capture.numbers.latest)) {
        note_drop(capture.numbers.latest);
        capture.numbers.latest = 0;
    }
    capture.numbers.settled = true;
    capture.numbers.asked = NULL; /* its last frame may be another by now */
}

guint32 number_of(const packet_info *pinfo)
{
    const frame_data *frame = pinfo->fd;
    if (!PINFO_FD_VISITED(pinfo)) {
        if (frame->num != capture.numbers.latest || frame->file_off != capture.numbers.offset) { /* asked very often */
            note_latest(frame);
        }
    } else if (!capture.numbers.settled) {
        settle(pinfo);
    }
    return capture.numbers.drops.count == 0 ? pinfo->num : pinfo->num + dropped_before(pinfo->num);
}

/* The index of the first drop behind which this place is not any more; their count if there is none. */
static guint drops_until(guint32 number)
{
    guint from = 0, to = capture.numbers.drops.count;
    while (from < to) {
        guint middle = from + (to - from) / 2;
        if (drop_at(middle)->shown + drop_at(middle)->dropped <= number) {
            from = middle + 1;
        } else {
            to = middle;
        }
    }
    return from;
}

guint32 number_shown(guint32 number)
{
    if (capture.numbers.drops.count == 0) {
        return number;
    }
    guint next = drops_until(number);
    guint32 shown = number - (next == 0 ? 0 : drop_at(next - 1)->dropped);
    bool dropped = next < capture.numbers.drops.count && shown >= drop_at(next)->shown;
    return dropped ? 0 : shown;
}
