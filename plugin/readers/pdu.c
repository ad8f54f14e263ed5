/* pdu.c - one unit or message, and its entries and exchanges.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "readers/pdu.h"

#include "judge/judge.h"
#include "judge/advance.h"
#include "memory/turns.h"

/* For Wireshark's own dissectors, on every pass. */
void pdu_repair(const pdu_t *s, repair_t repair)
{
    track_t *track = s->track;
    repair.frame = s->frame.number;
    repair.unit = s->offset;
    frames_add(&track_seldom(track)->repairs, &repair, sizeof repair);
}

entry_t *pdu_fill_entry(const pdu_t *s, entry_t *entry, const tds_header_t *header, bool continued)
{
    entry->of.tds.type = header->type;
    entry->of.tds.status = header->status;
    entry->of.tds.packet_id = header->packet_id;
    entry->of.tds.spid = header->spid;
    entry->flags = (guint8)((continued ? ENTRY_CONTINUED : 0) | (s->reassembled ? ENTRY_REASSEMBLED : 0));
    return entry;
}

entry_t *pdu_without_message(const pdu_t *s, const tds_header_t *header, message_t step_like, bool continued)
{
    entry_t *entry = track_entry_still(s->track, &s->frame, ENTRY_TDS, MESSAGE_NONE, step_like);
    return pdu_fill_entry(s, entry, header, continued);
}

entry_t *pdu_message(const pdu_t *s, const tds_message_t *m, message_t message)
{
    entry_t *entry = advance_message(s->track, &s->frame, ENTRY_TDS, message);
    return pdu_fill_entry(s, entry, &m->header, m->continued);
}

/* A server may refuse a request, as a bulk load, before all of it came: then it has said what it had to say. */
static bool is_refused_already(const pdu_t *s, const tds_message_t *m)
{
    guint32 begun = channel_message(m->channel, SENDER_CLIENT)->begun;
    const error_record_t *last = track_error_before(s->track, s->frame.number);
    return last != NULL && last->frame > begun;
}

entry_t *pdu_request(const pdu_t *s, const tds_message_t *m, message_t message)
{
    entry_t *entry = pdu_message(s, m, message);
    entry->exchange = exchange_new(s, m->channel);
    if (message_kind(message) == KIND_REQUEST) {
        const handover_t by = {message, s->frame.sender, s->frame.number, s->frame.at, s->first.at};
        turns_request(s->track, m->channel, &by);
        if (m->continued && is_refused_already(s, m)) {
            m->channel->turn.debt = (debt_t){SENDER_UNKNOWN, AWAITED_NOTHING};
        }
    }
    return entry;
}

void pdu_without_smp(const pdu_t *s)
{
    s->track->plain = s->track->plain || (s->session == NULL && !s->track->gap);
}

void pdu_content(const pdu_t *s, message_t message)
{
    judge_message(s->track, &s->frame, message, &s->track->connection);
    turns_message(s->track, &s->frame, message);
    track_entry_still(s->track, &s->frame, ENTRY_CONTENT, message, message);
}

guint32 exchange_new(const pdu_t *s, channel_t *channel)
{
    exchange_t exchange = {
        .request_frame = s->frame.number,
        .response_ended = moment_keep(MOMENT_NONE),
    };
    rows_add(&track_login(s->track)->exchanges, &exchange, sizeof exchange);
    channel->exchange = s->track->login->exchanges.count;
    return channel->exchange;
}

void exchange_attention(const pdu_t *s, channel_t *channel, entry_t *entry)
{
    exchange_t *exchange = track_exchange(s->track, channel->exchange);
    if (exchange == NULL) {
        return;
    }
    attention_t *cancel = exchange_own_cancel(exchange);
    cancel->sent = instant_of(&s->frame);
    cancel->acked.frame = 0;
    turns_response_begins(channel, exchange, &s->frame);
    const handover_t by = {MESSAGE_ATTENTION, s->frame.sender, s->frame.number, s->frame.at, s->first.at};
    turns_request(s->track, channel, &by);
    channel->attention = channel->exchange;
    entry->exchange = channel->exchange;
}

exchange_t *exchange_answered(const pdu_t *s, const channel_t *channel)
{
    return s->frame.units.unpaired ? NULL : track_exchange(s->track, channel->exchange);
}

void exchange_response(const pdu_t *s, channel_t *channel, entry_t *entry)
{
    exchange_t *exchange = exchange_answered(s, channel);
    if (exchange == NULL) {
        return;
    }
    if (exchange->response_frame == 0) {
        exchange->response_frame = s->first.number;
        exchange->shown_frame = s->frame.number;
        turns_response_begins(channel, exchange, &s->first);
    }
    entry->exchange = channel->exchange;
}

void exchange_acknowledged(const pdu_t *s, channel_t *channel)
{
    exchange_t *exchange = track_exchange(s->track, channel->attention);
    if (exchange != NULL) {
        exchange_own_cancel(exchange)->acked = instant_of(&s->frame);
        channel->attention = 0;
    }
}
