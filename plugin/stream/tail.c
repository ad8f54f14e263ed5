/* tail.c - the beginning of a unit that goes on in later segments of one side.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "stream/tail.h"

#include "core/smp.h"
#include "readers/units.h"
#include "stream/parcel.h"

struct tail {
    assembly_t begun;
    guint32 frame; /* the frame in which it begins; 0 = there is no such unit */
    guint32 next;  /* the sequence number where its next segment should stand */
};

static void tail_forget(tail_t *tail)
{
    assembly_clear(&tail->begun);
    tail->frame = 0;
}

/* The tail of a side, without a unit. */
static tail_t *tail_empty(track_t *track, sender_t sender)
{
    tcp_side_t *side = track_tcp(track, sender);
    if (side->tail == NULL) {
        side->tail = wmem_new0(wmem_file_scope(), tail_t);
    }
    tail_forget(side->tail);
    return side->tail;
}

void tail_begin(track_t *track, const frame_t *frame, span_t rest)
{
    tail_t *tail = tail_empty(track, frame->sender);
    tail->frame = frame->number;
    assembly_add(&tail->begun, rest, (guint32)rest.length, PARCEL_REST_LIMIT);
}

/* Whether the unit is complete, or turned out to be none. */
static bool has_ended(const tail_t *tail)
{
    span_t head = span_part(assembly_bytes(&tail->begun), 0, SMP_HEADER_LENGTH);
    unit_t unit = unit_due(head);
    return head.length >= UNIT_HEAD_LENGTH && (unit.kind == UNIT_NONE || unit.length <= tail->begun.total);
}

static void go_on(tail_t *tail, const tcp_sight_t *sight, span_t payload)
{
    gint32 ahead = (gint32)(sight->seq - tail->next);
    gint32 more = (gint32)(sight->seq + sight->payload - tail->next);
    if (more <= 0) {
        return; /* sent again */
    }
    if (ahead == 0) {
        assembly_add(&tail->begun, payload, sight->payload, PARCEL_REST_LIMIT);
        tail->next += sight->payload;
    }
    if (ahead != 0 || has_ended(tail)) {
        tail_forget(tail);
    }
}

void tail_follow(track_t *track, const tcp_sight_t *sight, span_t payload)
{
    tail_t *tail = sight->frame.sender == SENDER_UNKNOWN ? NULL : track_side(track, sight->frame.sender)->tcp->tail;
    if (tail == NULL || tail->frame == 0 || sight->payload == 0) {
        return;
    }
    if (tail->frame == sight->frame.number) {
        tail->next = sight->seq + sight->payload;
    } else {
        go_on(tail, sight, payload);
    }
}

void tail_move(track_t *track, sender_t sender, assembly_t *to)
{
    const tcp_side_t *side = track_side_of(track, sender)->tcp;
    if (side->tail == NULL || side->tail->frame == 0) {
        return;
    }
    if (side->has_seq && side->tail->next == side->next_seq) {
        *to = side->tail->begun;
        side->tail->begun = (assembly_t){0};
    }
    tail_forget(side->tail);
}

void tail_return(track_t *track, sender_t sender, guint32 frame, guint32 next, assembly_t *from)
{
    tail_t *tail = tail_empty(track, sender);
    tail->begun = *from;
    tail->frame = frame;
    tail->next = next;
    *from = (assembly_t){0};
}
