/* unjoined.c - units that go on in later segments where TCP does not put these together.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "stream/unjoined.h"

#include "wire/spans.h"
#include "wire/tcpfacts.h"

/* The first bytes of one frame. */
typedef struct {
    guint32 frame;
    guint32 bytes;
} rest_t;

static guint32 rest_at(const tcp_side_t *side, guint32 seq, guint32 length)
{
    bool inside = (gint32)(seq - side->unit_from) > 0 && (gint32)(side->unit_until - seq) > 0;
    return inside ? MIN(side->unit_until - seq, length) : 0;
}

static void note_rest(track_t *track, guint32 frame, guint32 bytes)
{
    rest_t rest = {frame, bytes};
    if (track->rests == NULL) {
        track->rests = wmem_array_sized_new(wmem_file_scope(), sizeof rest, 4);
    }
    wmem_array_append_one(track->rests, rest);
}

/* Where the unit ends that goes on behind this payload; 0 = none does, or nobody knows. */
static guint32 end_of_units(tvbuff_t *payload, guint32 offset)
{
    guint32 reported = tvb_reported_length(payload);
    while (offset < reported) {
        unit_t unit = unit_at(span_of_tvb(payload, (gint)offset, SMP_HEADER_LENGTH));
        if (unit.kind == UNIT_NONE || unit.length == 0) {
            return 0;
        }
        offset += unit.length;
    }
    return offset > reported ? offset : 0;
}

static guint32 rest_met(track_t *track, tvbuff_t *payload, packet_info *pinfo)
{
    tcp_facts_t facts;
    if (!tcp_facts_of_frame(pinfo, &facts)) {
        return 0;
    }
    tcp_side_t *side = &track_side(track, track_sender(track, pinfo))->tcp;
    guint32 length = tvb_reported_length(payload);
    guint32 seq = facts.seq + facts.payload_length - length;
    guint32 rest = rest_at(side, seq, length);
    guint32 end = end_of_units(payload, rest);
    if (end != 0) {
        side->unit_from = seq;
        side->unit_until = seq + end;
    }
    if (rest != 0) {
        note_rest(track, pinfo->num, rest);
    }
    return rest;
}

guint unjoined_rest(track_t *track, tvbuff_t *payload, packet_info *pinfo)
{
    if (PINFO_FD_VISITED(pinfo)) {
        guint place = frames_from(track->rests, pinfo->num);
        const rest_t *rest = (const rest_t *)frames_at(track->rests, place, pinfo->num);
        return rest == NULL ? 0 : rest->bytes;
    }
    return pinfo->can_desegment > 0 ? 0 : rest_met(track, payload, pinfo);
}
