/* commands.c - the commands of a client that is logged in.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "core/clauses.h"
#include "readers/pdu.h"

#include <stdio.h>

#include "core/dialect.h"
#include "core/ends.h"
#include "memory/links.h"
#include "memory/procedures.h"
#include "memory/times.h"

/* MS-TDS 2.2.3.1.2: the first packet says so, and no other. */
static bool resets_connection(const tds_message_t *m)
{
    return (m->statuses & (TDS_RESETCONNECTION | TDS_RESETCONNECTION_SKIPTRAN)) != 0;
}

static void note_pooled(const pdu_t *s, const tds_message_t *m)
{
    if (resets_connection(m)) {
        diagnose(s->track, s->frame.number, DIAGNOSIS_POOLED_REUSE,
                 "RESETCONNECTION: a pooled connection is handed to a new user");
    }
}

static void note_command(exchange_t *exchange, const tds_message_t *m)
{
    exchange->command = (guint8)m->message;
    exchange->pooled = resets_connection(m);
    if (m->message == MESSAGE_RPC && !m->headless) {
        exchange->procedure = procedure_of(m->content);
    }
}

/* If the capture begins after the login, the beginning of a request shows the format of TDS. */
static void note_dialect(track_t *track, const tds_message_t *m)
{
    if (track->login->tds_version == 0 && !track->format_known && !m->headless) {
        track->format_known = dialect_of_request(m->header.type, m->content, &track->format);
    }
}

void read_command(const pdu_t *s, const tds_message_t *m)
{
    note_dialect(s->track, m);
    disprove_refusal(s);
    pdu_without_smp(s);
    note_pooled(s, m);
    const entry_t *entry = pdu_request(s, m, m->message);
    note_command(track_exchange(s->track, entry->exchange), m);
}

bool is_usual_timeout(moment_t waited)
{
    moment_t usual = diagnoses_limit(LIMIT_COMMAND_TIMEOUT);
    return waited > usual - MILLISECONDS(500) && waited < usual + MILLISECONDS(1500);
}

/* Raises a finding if the answer was complete and acknowledged long before the ATTENTION: the application did not read
 * it. */
static void note_unread(const pdu_t *s, const channel_t *channel, const exchange_t *exchange)
{
    const turn_t *response = &channel->turn;
    instant_t now = instant_of(&s->frame);
    moment_t since = track_since(s->track, (instant_t){response->frame, response->since}, now);
    guint32 acked = response->delivery.acked_frame; /* before the ATTENTION, or the answer may just have come */
    bool acknowledged = response->message == MESSAGE_RESPONSE && acked != 0 && acked < s->frame.number;
    if (!acknowledged || since < diagnoses_limit(LIMIT_SLOW_STEP) ||
        track_may_lack_client_word(s->track, exchange->request_frame)) {
        return;
    }
    moment_t waited = track_since(s->track, track_instant(s->track, exchange->request_frame), now);
    diagnose(s->track, s->frame.number, DIAGNOSIS_ANSWER_NOT_READ,
             "ATTENTION %s s after the request in frame %u, whose answer was complete in frame %u, %s s before, and "
             "acknowledged: the client did not read it%s",
             seconds(waited).text, exchange->request_frame, response->frame, seconds(since).text,
             is_usual_timeout(waited) ? "; its command timeout ended" : "");
}

/* Behind a lost record of TLS, the next ones of its sender are not decrypted: the answer may be among them. */
static bool may_be_answered_in_tls(const pdu_t *s, const exchange_t *exchange)
{
    return s->frame.units.inside_tls && s->track->gap && exchange->response_frame == 0 &&
           s->track->server.tcp->last_words > exchange->request_frame;
}

/* "command timeout" after a time that is known as one. */
static const char *why_cancelled(moment_t waited, guint32 like)
{
    return is_usual_timeout(waited) || like != 0 ? "command timeout"
                                                 : "cancelled by the application or its own timeout";
}

/* What TCP shows of the request that waits for its answer. */
static const char *sent_words(const turn_t *turn, moment_t now, char words[RULE_TEXT])
{
    return in_vain_words(turn, words)[0] != '\0' ? words : network_words(turn, now, words);
}

/* Raises a cancel, unless the answer was complete: some drivers send an ATTENTION for the rows that they did not read.
 */
static void note_cancel(const pdu_t *s, const channel_t *channel)
{
    const exchange_t *exchange = track_exchange(s->track, channel->exchange);
    if (exchange != NULL && exchange->answered) {
        note_unread(s, channel, exchange);
    }
    if (exchange == NULL || exchange->answered || track_may_lack_answer(s->track, exchange->request_frame) ||
        may_be_answered_in_tls(s, exchange)) {
        return;
    }
    moment_t waited = track_since(s->track, track_instant(s->track, exchange->request_frame), instant_of(&s->frame));
    guint32 like = links_note_cancel(s->track, s->frame.number, waited);
    char also[40] = "";
    if (like != 0) {
        snprintf(also, sizeof also, ", as long as in frame %u", like);
    }
    char network[RULE_TEXT];
    diagnose(s->track, s->frame.number, DIAGNOSIS_ATTENTION, "%s, %s%safter the request in frame %u%s%s",
             why_cancelled(waited, like), waited == MOMENT_NONE ? "" : seconds(waited).text,
             waited == MOMENT_NONE ? "" : " s ", exchange->request_frame,
             sent_words(&channel->turn, s->frame.at, network), also);
}

/* The packets before the ATTENTION began a request, which has no end: MS-TDS 2.2.1.7. */
static void cancel_half_sent(const pdu_t *s, const tds_message_t *m)
{
    guint32 begun = m->headless ? 0 : channel_message(m->channel, s->frame.sender)->begun;
    entry_t *entry = pdu_request(s, m, MESSAGE_ATTENTION);
    exchange_attention(s, m->channel, entry);
    moment_t sending = track_since(s->track, track_instant(s->track, begun), instant_of(&s->frame));
    char since[RULE_TEXT] = "";
    if (sending != MOMENT_NONE) {
        (void)snprintf(since, sizeof since, ", %s s after it began in frame %u", seconds(sending).text, begun);
    }
    diagnose(s->track, s->frame.number, DIAGNOSIS_ATTENTION, "%s, before the request was all sent%s",
             why_cancelled(sending, 0), since);
}

void read_attention(const pdu_t *s, const tds_message_t *m)
{
    if (m->continued) {
        cancel_half_sent(s, m);
        return;
    }
    note_cancel(s, m->channel);
    exchange_attention(s, m->channel, pdu_message(s, m, MESSAGE_ATTENTION));
}
