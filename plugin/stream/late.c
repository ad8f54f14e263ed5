/* late.c - units that nobody brought to us, read from a frame's own bytes.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "stream/late.h"

#include <epan/dissectors/packet-tcp.h>

#include "compat.h"
#include "core/tlshello.h"
#include "memory/watch.h"
#include "readers/units.h"
#include "stream/cut.h"
#include "wire/spans.h"

static void read_unit(track_t *track, packet_info *pinfo, const unit_t *unit, span_t bytes, guint32 offset)
{
    if (unit->kind == UNIT_TLS && bytes.at[0] == TLS_APPLICATION_DATA) {
        units_take_encrypted(track, pinfo, unit->length);
    } else {
        units_take(track, pinfo, unit, bytes, unit->length, offset);
    }
}

void late_read_units(track_t *track, packet_info *pinfo, tvbuff_t *payload, guint offset)
{
    guint32 used = 0;
    for (;;) {
        span_t bytes = span_of_tvb(payload, (gint)used, SPAN_ALL);
        unit_t unit = cut_unit(track, pinfo, payload, (gint)used);
        if (unit.kind == UNIT_NONE || unit.length == 0 || unit.length > bytes.length) {
            return;
        }
        read_unit(track, pinfo, &unit, span_part(bytes, 0, unit.length), offset + used);
        used += unit.length;
    }
}

/* Whether these bytes are whole units, of which the last ends a message. */
static bool are_whole_messages(span_t bytes)
{
    bool ends = false;
    while (bytes.length > 0) {
        unit_t unit = unit_at(bytes);
        if (unit.kind == UNIT_NONE || unit.length == 0 || unit.length > bytes.length) {
            return false;
        }
        ends = unit.kind != UNIT_TDS || (bytes.at[1] & TDS_EOM) != 0;
        bytes = span_from(bytes, unit.length);
    }
    return ends;
}

/* A message that goes on behind the hole that these bytes fill is not mixed up with what they hold. */
static bool may_stand_alone(track_t *track, sender_t sender, span_t bytes)
{
    return !lane_message(&track->lane, sender)->open && are_whole_messages(bytes);
}

/* Where the first unit may begin that was not read before: where one is due, if the segment has that, too. */
static guint32 first_unread(const track_t *track, const tcp_sight_t *sight, guint32 length)
{
    guint32 fresh = watch_first_new(track, sight->frame.sender, sight->seq, length);
    guint32 due;
    bool known = cut_due(track, sight->frame.sender, &due);
    return known && (gint32)(due - sight->seq) >= 0 && (gint32)(fresh - due) > 0 ? due : fresh;
}

/* The packets of MARS sessions have an order of their own, which one that comes late would turn round. */
static bool is_kept_from_us(const track_t *track, const tcp_sight_t *sight)
{
    const guint16 kept = TCP_FLAGS_ANY_RETRANSMISSION | TCP_FLAG_OUT_OF_ORDER;
    if ((sight->analysis & kept) == 0 || (sight->analysis & TCP_FLAG_KEEP_ALIVE) != 0 || !sight->has_payload) {
        return false; /* as most */
    }
    const annotation_t *annotation = track_annotation(track, sight->frame.number);
    return track->sessions == NULL && sight->frame.sender != SENDER_UNKNOWN &&
           (annotation == NULL || annotation->mark_count == 0);
}

/* Whether the other side had these bytes already: what it answered may stand before them in the capture. */
static bool is_acknowledged(const track_t *track, sender_t sender, guint32 seq)
{
    const tcp_side_t *peer = &track_side_of(track, sender_other(sender))->tcp;
    return peer->has_acked && (gint32)(peer->acked - seq) > 0;
}

void late_read_segment(track_t *track, packet_info *pinfo, tvbuff_t *frame, const tcp_sight_t *sight, guint payload,
                       guint32 length)
{
    if (!is_kept_from_us(track, sight)) {
        return;
    }
    guint32 first = first_unread(track, sight, length) - sight->seq;
    if (first >= length || payload + first >= tvb_captured_length(frame) ||
        is_acknowledged(track, sight->frame.sender, sight->seq + first)) {
        return;
    }
    tvbuff_t *tvb = tvb_new_subset_length(frame, (gint)(payload + first), (gint)(length - first));
    track->cut = cut_begin(pinfo, tvb, NULL);
    guint32 due;
    bool is_due = cut_due(track, sight->frame.sender, &due) && due == track->cut.seq;
    if (!is_due && !may_stand_alone(track, sight->frame.sender, span_of_tvb(tvb, 0, SPAN_ALL))) {
        return;
    }
    track->again = false;
    track->late = true;
    late_read_units(track, pinfo, tvb, payload + first);
    track->late = false;
}
