/* sighting.c - one unit or message as it is met, and how it is told.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "readers/sighting.h"

#include "judge/judge.h"
#include "judge/tell.h"
#include "memory/turns.h"

/* For Wireshark's own dissectors, on every pass. */
void sighting_repair(const sighting_t *s, repair_t repair)
{
    track_t *track = s->track;
    if (track->repairs == NULL) {
        track->repairs = wmem_array_sized_new(wmem_file_scope(), sizeof repair, 4);
    }
    repair.frame = s->frame.number;
    repair.unit = s->offset;
    frames_add(track->repairs, &repair, sizeof repair);
}

mark_t *sighting_mark_packet(const sighting_t *s, mark_t *mark, const tds_header_t *header, bool continued)
{
    mark->of.tds.type = header->type;
    mark->of.tds.status = header->status;
    mark->of.tds.packet_id = header->packet_id;
    mark->of.tds.spid = header->spid;
    mark->flags = (guint8)((continued ? MARK_CONTINUED : 0) | (s->reassembled ? MARK_REASSEMBLED : 0));
    return mark;
}

mark_t *sighting_pass(const sighting_t *s, const tds_header_t *header, message_t step_like, bool continued)
{
    mark_t *mark = track_mark_still(s->track, &s->frame, MARK_TDS, MESSAGE_NONE, step_like);
    return sighting_mark_packet(s, mark, header, continued);
}

mark_t *sighting_tell(const sighting_t *s, const tds_message_t *m, message_t message)
{
    mark_t *mark = tell_message(s->track, &s->frame, MARK_TDS, message);
    return sighting_mark_packet(s, mark, &m->header, m->continued);
}

mark_t *sighting_request(const sighting_t *s, const tds_message_t *m, message_t message)
{
    mark_t *mark = sighting_tell(s, m, message);
    mark->exchange = exchange_new(s, m->lane);
    if (message_kind(message) == KIND_REQUEST) {
        const handover_t by = {message, s->frame.sender, s->frame.number, s->frame.at, s->first.at};
        turns_request(s->track, m->lane, &by);
    }
    return mark;
}

void sighting_without_smp(const sighting_t *s)
{
    s->track->plain = s->track->plain || (s->session == NULL && !s->track->gap);
}

void sighting_tell_content(const sighting_t *s, message_t message)
{
    judge_message(s->track, &s->frame, message, &s->track->connection);
    turns_message(s->track, &s->frame, message);
    track_mark_still(s->track, &s->frame, MARK_CONTENT, message, message);
}

guint32 exchange_new(const sighting_t *s, lane_t *lane)
{
    exchange_t exchange = {.request_frame = s->frame.number, .requested = s->frame.at, .response_ended = MOMENT_NONE};
    wmem_array_append_one(s->track->exchanges, exchange);
    lane->exchange = wmem_array_get_count(s->track->exchanges);
    return lane->exchange;
}

void exchange_attention(const sighting_t *s, lane_t *lane, mark_t *mark)
{
    exchange_t *exchange = track_exchange(s->track, lane->exchange);
    if (exchange == NULL) {
        return;
    }
    exchange->attention_frame = s->frame.number;
    exchange->attention = s->frame.at;
    exchange->attention_ack_frame = 0;
    turns_response_begins(lane, exchange, &s->frame);
    const handover_t by = {MESSAGE_ATTENTION, s->frame.sender, s->frame.number, s->frame.at, s->first.at};
    turns_request(s->track, lane, &by);
    lane->attention = lane->exchange;
    mark->exchange = lane->exchange;
}

exchange_t *exchange_answered(const sighting_t *s, const lane_t *lane)
{
    return s->frame.units.unpaired ? NULL : track_exchange(s->track, lane->exchange);
}

void exchange_response(const sighting_t *s, lane_t *lane, mark_t *mark)
{
    exchange_t *exchange = exchange_answered(s, lane);
    if (exchange == NULL) {
        return;
    }
    if (exchange->response_frame == 0) {
        exchange->response_frame = s->first.number;
        exchange->shown_frame = s->frame.number;
        exchange->responded = s->first.at;
        turns_response_begins(lane, exchange, &s->first);
    }
    mark->exchange = lane->exchange;
}

void exchange_acknowledged(const sighting_t *s, lane_t *lane)
{
    exchange_t *exchange = track_exchange(s->track, lane->attention);
    if (exchange != NULL) {
        exchange->attention_ack_frame = s->frame.number;
        exchange->attention_acked = s->frame.at;
        lane->attention = 0;
    }
}
