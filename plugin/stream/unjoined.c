/* unjoined.c - units that go on in later segments where TCP does not put these together.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "stream/unjoined.h"

/* The first bytes of one frame. */
typedef struct {
    guint32 frame;
    guint32 bytes;
} rest_t;

guint32 unjoined_left(const tcp_side_t *side, guint32 seq)
{
    bool inside = (gint32)(seq - side->unit_from) > 0 && (gint32)(side->unit_until - seq) > 0;
    return side->has_unit && inside ? side->unit_until - seq : 0;
}

static void note_rest(track_t *track, guint32 frame, guint32 bytes)
{
    rest_t rest = {frame, bytes};
    rows_add(&track_seldom(track)->rests, &rest, sizeof rest);
}

static guint32 rest_met(track_t *track, const units_t *units, tvbuff_t *payload, packet_info *pinfo)
{
    const tcp_side_t *side = track_side_of(track, track_sender(track, pinfo))->tcp;
    bool known = units->cut.place == CUT_TCP;
    guint32 rest = known ? MIN(unjoined_left(side, units->cut.seq), tvb_reported_length(payload)) : 0;
    if (rest != 0) {
        note_rest(track, number_of(pinfo), rest);
    }
    return rest;
}

guint unjoined_rest(track_t *track, const units_t *units, tvbuff_t *payload, packet_info *pinfo)
{
    if (PINFO_FD_VISITED(pinfo)) {
        guint place = frames_from(&track->seldom->rests, number_of(pinfo));
        const rest_t *rest = (const rest_t *)frames_at(&track->seldom->rests, place, number_of(pinfo));
        return rest == NULL ? 0 : rest->bytes;
    }
    return pinfo->can_desegment > 0 ? 0 : rest_met(track, units, payload, pinfo);
}
