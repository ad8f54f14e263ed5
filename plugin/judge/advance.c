/* advance.c - a message, or TCP, moves a connection on: the rules are asked, and the frame gets a step.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "judge/advance.h"

#include <stdio.h>

#include "compat.h"
#include "core/characters.h"
#include "core/seconds.h"
#include "judge/judge.h"
#include "memory/clock.h"
#include "memory/evidence.h"
#include "memory/facts.h"
#include "memory/findings.h"
#include "memory/links.h"
#include "memory/progress.h"
#include "memory/resolver.h"
#include "memory/sessions.h"
#include "memory/sought.h"
#include "memory/times.h"
#include "memory/turns.h"
#include "memory/watch.h"
#include "wire/tcpfacts.h"

#define IN_TURN_MANY   20         /* connections in a minute: more than a user opens by hand */
#define CLOSED_AT_ONCE SECONDS(5) /* after a refusal; a server that waits for the client's next token waits longer */

static message_t smp_message(guint8 flags)
{
    switch (flags) {
    case SMP_SYN:
        return MESSAGE_SMP_SYN;
    case SMP_ACK:
        return MESSAGE_SMP_ACK;
    case SMP_FIN:
        return MESSAGE_SMP_FIN;
    case SMP_DATA:
        return MESSAGE_SMP_DATA;
    default:
        return MESSAGE_NONE;
    }
}

void advance_smp(track_t *track, const frame_t *frame)
{
    guint32 place = track->sessions->packets.count - 1;
    const smp_header_t header = ((const smp_entry_t *)rows_at(&track->sessions->packets, place))->header;
    message_t message = smp_message(header.flags);
    entry_t *entry = advance_entry(track, frame, ENTRY_SMP, message);
    entry->of.smp[0] = (guint16)(place >> 16);
    entry->of.smp[1] = (guint16)place;
    if (message != MESSAGE_NONE) {
        progress_add_smp(track, frame->sender, message, header.sid);
    }
}

/* The login, the first command and its answer, the end if it comes next: anything else is left out. */
static void progress_message(track_t *track, sender_t sender, message_t message)
{
    bool answered = track->progress.answered;
    message_kind_t kind = message_kind(message);
    if (kind == KIND_REQUEST || kind == KIND_ATTENTION) {
        track->progress.answered = track->progress.answered || track->progress.command;
        track->progress.command = true;
    }
    if (message == MESSAGE_FIN || message == MESSAGE_RST) {
        track->progress.answered = false;
    }
    progress_add(track, sender, message);
    track->progress.answered = answered || (kind == KIND_RESPONSE && track->progress.command);
}

/* Commands and their responses are many and change nothing: only what leads to a login or away from one is judged. */
static bool is_worth_judging(message_t message, const connection_t *before, const connection_t *now)
{
    message_kind_t kind = message_kind(message);
    return kind == KIND_TCP || kind == KIND_LOGIN || before->state != now->state ||
           connection_is_past_login(before) != connection_is_past_login(now);
}

/* The latest word of the client, for those who wait for an answer: noted when it was judged. */
static void note_client(track_t *track, const frame_t *frame, entry_kind_t kind, message_t message)
{
    if (kind != ENTRY_TCP && frame->sender == SENDER_CLIENT) {
        track->client_alerted = message == MESSAGE_TLS_ALERT;
        track_login(track)->last_client = instant_keep(instant_of(frame));
        track->server_spoke_last = false;
    }
}

/* An alert behind the login is how a side ends TLS, before it ends the connection. A client that is owed something
 * gives up. */
static void note_leave(track_t *track, const frame_t *frame, entry_kind_t kind, message_t message)
{
    bool leaves = message == MESSAGE_TLS_ALERT && track_time(track, TIME_LOGIN)->begun != 0;
    if (frame->sender == SENDER_CLIENT && kind != ENTRY_TCP) {
        track->connection.client_left = leaves && turns_open(track) == NULL;
    } else if (frame->sender == SENDER_SERVER && leaves) {
        track_seldom(track)->server_left = frame->number;
    }
}

/* TLS may be anybody's, and TCP is. */
static bool is_word_of_server(const frame_t *frame, entry_kind_t kind, message_t message)
{
    return frame->sender == SENDER_SERVER && message != MESSAGE_NONE && kind != ENTRY_TCP && kind != ENTRY_TLS;
}

entry_t *advance_entry(track_t *track, const frame_t *frame, entry_kind_t kind, message_t message)
{
    connection_t before = track->connection;
    (void)track_annotate_processed(track, frame);
    if (is_word_of_server(frame, kind, message)) {
        links_learn_own_server(track);
    }
    (void)track_see(track, message, frame->sender);
    if (message == MESSAGE_FIN || message == MESSAGE_RST) {
        advance_conclusion(track);
    }
    if (rule_breaks(message, &before) && rule_is_foreign_ttl(frame->tcp.reset_ttl, frame->tcp.usual_ttl)) {
        track->connection.close = CLOSE_DEVICE_RESET;
    }
    if (is_worth_judging(message, &before, &track->connection)) {
        judge_message(track, frame, message, &before);
    }
    note_client(track, frame, kind, message);
    note_leave(track, frame, kind, message);
    turns_message(track, frame, message);
    return track_entry_still(track, frame, kind, message, message);
}

/* What went wrong in a look-up: nothing, or a part of a sentence. */
static void look_up_words(const looked_up_t *asked, char words[RULE_TEXT])
{
    gsize length = 0;
    words[0] = '\0';
    if (asked->unanswered > 0) {
        length = (gsize)snprintf(words, RULE_TEXT, ", %u of %u questions without an answer", asked->unanswered,
                                 asked->questions);
    }
    if (asked->failed != 0) {
        (void)snprintf(words + length, RULE_TEXT - length, ", %s in frame %u", dns_code_name(asked->code),
                       asked->failed);
    }
}

/* Whether the client waited for the server's address before it connected; asked again when its name is known. */
static void judge_look_up(track_t *track, guint32 frame)
{
    looked_up_t asked = resolver_before(track);
    char words[RULE_TEXT];
    if (asked.took == MOMENT_NONE || asked.took <= diagnoses_limit(LIMIT_SLOW_LOOKUP)) {
        return;
    }
    look_up_words(&asked, words);
    diagnose(track, frame, DIAGNOSIS_SLOW_LOOKUP,
             "the client probably waited %s s for the address of %s before its SYN: it asked in frame %u%s",
             seconds(asked.took).text, brief(asked.name).text, asked.frame, words);
}

/* Messages in which the client names the server. */
static bool may_name_server(message_t message)
{
    return message == MESSAGE_CLIENT_HELLO || message == MESSAGE_LOGIN7;
}

entry_t *advance_message(track_t *track, const frame_t *frame, entry_kind_t kind, message_t message)
{
    progress_message(track, frame->sender, message);
    if (message == MESSAGE_PRELOGIN || message == MESSAGE_CLIENT_HELLO) {
        sought_watch(track->client.host);
        sought_watch(track->server.host);
    }
    if (may_name_server(message)) {
        judge_look_up(track, frame->number);
    }
    return advance_entry(track, frame, kind, message);
}

/* Whether the connection's latest frame came right behind that message. What came when the client had closed already
 * is not why it closed. If the clocks of the two sides differ, then the client's own tells at most how long it was:
 * since what it sent before. */
static bool is_closed_at_once(const track_t *track, const hidden_message_t *message)
{
    if (message == NULL || track->seldom->late.said.frame != 0) {
        return false;
    }
    const instant_t latest = instant_kept(track->latest);
    moment_t apart = track_apart(track, (instant_t){message->frame, message->at}, latest);
    if (apart == MOMENT_NONE) {
        apart = track_since(track, instant_kept(track->login->last_client), latest);
    }
    return apart != MOMENT_NONE && apart <= CLOSED_AT_ONCE;
}

/* The answer may be a redirect: where the client goes next will tell. */
static void expect_redirect(track_t *track, hidden_circumstances_t circumstances)
{
    const hidden_message_t *answer = hidden_last(track->login->hidden->login);
    if (!track->login->hidden->may_be_redirect && hidden_may_redirect(track->login->hidden->login, circumstances)) {
        track_hidden(track)->may_be_redirect =
            links_expect_hidden_redirect(track, (instant_t){answer->frame, answer->at});
    }
}

void advance_conclusion(track_t *track)
{
    bool known = track->login->confirm_frame != 0 && track->login->confirm_frame != track->login->hidden->confirmed;
    if (track->login->hidden->login == NULL || !track->login->hidden->overhead.known || track_is_opened(track) ||
        track->gap || known) {
        return;
    }
    const connection_t *c = &track->connection;
    hidden_circumstances_t circumstances = {
        .federated_possible = track_fact(track, FACT_ENCRYPT_CLIENT).frame == 0 ||
                              (track->client.fedauth && track->server.fedauth) ||
                              (track->client.encrypt & ENCRYPT_CLIENT_CERT) != 0,
        .closed = c->close != CLOSE_OPEN,
        .server_first = c->closed_first == SENDER_SERVER,
        .at_once = is_closed_at_once(track, hidden_last(track->login->hidden->login)),
    };
    hidden_verdict_t verdict = hidden_judge(track->login->hidden->login, circumstances);
    if (verdict.outcome == HIDDEN_OPEN) {
        expect_redirect(track, circumstances);
        return;
    }
    connection_conclude(&track->connection, verdict.outcome == HIDDEN_CONFIRMED ? STATE_LOGGED_IN : STATE_LOGIN_FAILED);
    if (track->connection.state == STATE_LOGGED_IN) {
        links_learn_own_server(track);
    }
    hidden_track_t *hidden = track_hidden(track);
    hidden->refused = verdict.outcome == HIDDEN_REFUSED;
    hidden->command = verdict.command_frame;
    if (verdict.has_evidence) {
        track_note_evidence(track, verdict.evidence, verdict.decided->frame);
    }
    if (verdict.decided != NULL && track->login->confirm_frame == 0) {
        frame_t decided = {.number = verdict.decided->frame, .at = verdict.decided->at, .sender = SENDER_SERVER};
        hidden->confirmed = track_login(track)->confirm_frame = decided.number;
        track_end(track, TIME_TOTAL, &decided);
    }
}

/* The bare ACK that ends the TCP handshake. It moves the connection on, but gets no entry. */
static void tcp_handshake_ack(track_t *track, const tcp_sight_t *sight)
{
    connection_t before = track->connection;
    if (sight->frame.sender == SENDER_CLIENT) { /* an ACK that brings the first message ends the handshake as well */
        track_end(track, TIME_CONNECT, &sight->frame);
    }
    if (sight->frame.sender == SENDER_CLIENT &&
        track_see(track, MESSAGE_HANDSHAKE_ACK, SENDER_CLIENT) == OUTCOME_MOVED) {
        progress_add(track, SENDER_CLIENT, MESSAGE_HANDSHAKE_ACK);
        judge_message(track, &sight->frame, MESSAGE_HANDSHAKE_ACK, &before);
        turns_message(track, &sight->frame, MESSAGE_HANDSHAKE_ACK);
    }
}

/* Whether a SYN, FIN or RST stood in the capture before. Wireshark marks no RST that was sent twice. */
static bool tcp_is_old(const tcp_sight_t *sight)
{
    return sight->copy || (sight->analysis & TCP_FLAGS_ANY_RETRANSMISSION) != 0;
}

/* What the client's other connections tell about this one, which begins now. */
static void judge_neighbours(track_t *track, guint32 frame)
{
    moment_t free = links_port_again(track);
    if (free != MOMENT_NONE && free < diagnoses_limit(LIMIT_PORT_REUSE)) {
        diagnose(track, frame, DIAGNOSIS_PORT_REUSED,
                 "client port %u again, %s s after the client closed connection %u, which had it", track->client.port,
                 seconds(free).text, track->namesakes->before->number);
    }
    guint32 in_turn = links_in_turn(track);
    if (in_turn >= IN_TURN_MANY) {
        diagnose(track, frame, DIAGNOSIS_NO_POOLING,
                 "the client opened and closed %u connections to this server in the minute before, one after the other",
                 in_turn);
    }
}

static void tcp_opening(track_t *track, const tcp_sight_t *sight)
{
    if ((sight->flags & TCP_SYN) == 0) {
        return;
    }
    message_t message = (sight->flags & TCP_ACK) != 0 ? MESSAGE_SYN_ACK : MESSAGE_SYN;
    if (watch_is_of_older(track, sight)) {
        return;
    }
    bool again = message == MESSAGE_SYN && !sight->copy && connection_retry(&track->connection);
    if (again) {
        diagnosis_withdraw(track, DIAGNOSIS_CONNECTION_REFUSED);
    }
    if (message == MESSAGE_SYN) {
        if (track->opening == 0) {
            links_note_opening(track, &sight->frame);
            judge_neighbours(track, sight->frame.number);
        }
        track_begin(track, TIME_CONNECT, &sight->frame);
        track_begin(track, TIME_TOTAL, &sight->frame);
        judge_look_up(track, sight->frame.number);
    }
    bool awaited = message == MESSAGE_SYN_ACK && !sight->copy && track->connection.position == POSITION_SYN_SENT;
    if (tcp_is_old(sight) && !again && !awaited) {
        track_entry_still(track, &sight->frame, ENTRY_TCP, message, message);
    } else {
        advance_message(track, &sight->frame, ENTRY_TCP, message);
    }
}

/* A FIN that is not in the capture came first, at this sequence number. */
static void tcp_unseen_fin(track_t *track, sender_t of, guint32 seq)
{
    if (track->connection.closed_first == SENDER_UNKNOWN) {
        track->inferred_fin = of;
        track_seldom(track)->inferred_fin_seq = seq;
        (void)track_see(track, MESSAGE_FIN, of);
    }
}

/* The ACK of such a FIN is there. */
static void tcp_fin_of_peer(track_t *track, sender_t sender)
{
    if (watch_knows_fin_of_peer(track, sender)) {
        tcp_unseen_fin(track, sender_other(sender), track_side(track, sender)->tcp->acked - 1);
    }
}

/* It was none if its sender's FIN, or more data, comes where that would not stand: what was acknowledged was a byte. */
static void tcp_fin_elsewhere(track_t *track, const tcp_sight_t *sight)
{
    sender_t sender = sight->frame.sender;
    bool fin = (sight->flags & TCP_FIN) != 0;
    gint32 beyond = (gint32)(sight->seq + sight->length - fin - track->seldom->inferred_fin_seq);
    if (sender != SENDER_UNKNOWN && track->inferred_fin == sender &&
        (fin ? beyond != 0 : sight->has_payload && beyond > 0)) {
        connection_closed_first_by(&track->connection, sender_other(sender));
        track->inferred_fin = SENDER_UNKNOWN;
    }
}

/* Whether a segment ends what its sender sends where its first byte would stand. */
static bool tcp_closes_unspoken(const track_t *track, const tcp_sight_t *sight)
{
    const tcp_side_t *side = track_side_of(track, sight->frame.sender)->tcp;
    return (sight->flags & (TCP_FIN | TCP_RST)) != 0 && !sight->has_payload && side->has_isn &&
           sight->seq == side->isn + 1;
}

/* Bytes that did not arrive decide no login. */
static void tcp_ends_on_loss(track_t *track)
{
    bool cut = track->client.tcp->trouble->cut != 0 || track->server.tcp->trouble->cut != 0;
    if (watch_gap_is_loss(track) && !cut && !track_is_one_sided(track)) {
        connection_missed_nothing(&track->connection);
    }
}

static void tcp_fin(track_t *track, const tcp_sight_t *sight)
{
    tcp_fin_of_peer(track, sight->frame.sender);
    if (tcp_is_old(sight)) {
        track_entry_still(track, &sight->frame, ENTRY_TCP, MESSAGE_FIN, MESSAGE_FIN);
    } else {
        advance_message(track, &sight->frame, ENTRY_TCP, MESSAGE_FIN);
    }
}

/* `alive`, `debt`: the connection, and what was owed, before the RST. */
static void tcp_note_reset(track_t *track, const tcp_sight_t *sight, const connection_t *alive, debt_t debt)
{
    sender_t sender = sight->frame.sender;
    track_seldom(track)->reset = (reset_t){
        .frame = sight->frame.number,
        .by = sender,
        .next = track_side_of(track, sender)->tcp->next_seq,
        .seq = sight->seq,
        .peer_next = track_side_of(track, sender_other(sender))->tcp->next_seq,
        .alive = *alive,
        .debt = debt,
    };
}

/* The connection stands where it stood, but for what came since. */
static void tcp_undo_reset(track_t *track)
{
    const reset_t reset = track->seldom->reset;
    bool spoken = track->connection.spoken;
    track->connection = reset.alive;
    track->connection.spoken = spoken;
    turns_outlive(track, reset.frame, reset.debt);
    diagnoses_withdraw_end(track, reset.frame);
    diagnosis_withdraw(track, DIAGNOSIS_LATE_CONFIRMATION);
    track_seldom(track)->reset = (reset_t){0};
    track_seldom(track)->late = (late_t){0};
}

/* Who acknowledges bytes that the other side sent behind its RST did not heed that, nor did the other side send it.
 * Bytes before the RST's number may stand behind it in the capture alone, unless they answer what came behind it. */
static void tcp_outlives_reset(track_t *track, const tcp_sight_t *sight)
{
    const reset_t *reset = &track->seldom->reset;
    if (reset->frame == 0 || (sight->flags & (TCP_ACK | TCP_RST)) != TCP_ACK) {
        return;
    }
    if (sight->frame.sender == reset->by) {
        track_seldom(track)->reset.answered = reset->answered || (gint32)(sight->ack - reset->peer_next) > 0;
        return;
    }
    bool sent = (gint32)(track_side_of(track, reset->by)->tcp->next_seq - sight->ack) >= 0;
    bool got = (gint32)(sight->ack - reset->next) > 0;
    bool behind = (gint32)(sight->ack - reset->seq) > 0 || reset->answered;
    if (sight->frame.sender == sender_other(reset->by) && sent && got && behind) {
        tcp_undo_reset(track);
    }
}

/* What TCP shows of the server's answer that came behind the client's FIN: whether the server had that FIN when it sent
 * it, and that the client's host takes no more. */
static void tcp_note_late(track_t *track, const tcp_sight_t *sight)
{
    if (track->seldom->late.said.frame == 0) {
        return;
    }
    late_t *late = &track_seldom(track)->late;
    if (late->said.frame == sight->frame.number && (sight->flags & TCP_ACK) != 0) {
        late->crossed = (gint32)(sight->ack - track->client.tcp->next_seq) < 0;
    }
    if (late->reset == 0 && sight->frame.sender == SENDER_CLIENT && (sight->flags & TCP_RST) != 0) {
        late->reset = sight->frame.number;
    }
}

static void tcp_reset(track_t *track, const tcp_sight_t *sight)
{
    if (sight->frame.tcp.stray_reset || sight->copy) {
        track_entry_still(track, &sight->frame, ENTRY_TCP, MESSAGE_RST, sight->copy ? MESSAGE_RST : MESSAGE_NONE);
        return;
    }
    tcp_fin_of_peer(track, sight->frame.sender);
    if (watch_reset_follows_fin(track, sight)) {
        tcp_unseen_fin(track, sight->frame.sender, sight->seq - 1);
    }
    const connection_t before = track->connection;
    debt_t debt = track->channel.turn.debt;
    advance_message(track, &sight->frame, ENTRY_TCP, MESSAGE_RST);
    if (rule_breaks(MESSAGE_RST, &before) && before.position > POSITION_SYN_SENT) {
        tcp_note_reset(track, sight, &before, debt);
    }
}

static void tcp_closing(track_t *track, const tcp_sight_t *sight)
{
    bool fin = (sight->flags & TCP_FIN) != 0;
    bool reset = (sight->flags & TCP_RST) != 0;
    if (sight->frame.sender == SENDER_SERVER && tcp_closes_unspoken(track, sight)) {
        track->connection.server_mute = true;
    }
    if (fin || reset) {
        tcp_ends_on_loss(track);
    }
    if (!reset) {
        tcp_fin_elsewhere(track, sight);
    }
    if (fin) {
        tcp_fin(track, sight);
    }
    if (reset) {
        tcp_reset(track, sight);
    }
}

static void tcp_analysis_entries(track_t *track, const tcp_sight_t *sight)
{
    static const struct {
        guint16 flags;
        message_t message;
    } rows[] = {
        {TCP_FLAG_KEEP_ALIVE, MESSAGE_KEEP_ALIVE},
        {TCP_FLAG_KEEP_ALIVE_ACK, MESSAGE_KEEP_ALIVE_ACK},
        {TCP_FLAG_ZERO_WINDOW, MESSAGE_ZERO_WINDOW},
        {TCP_FLAGS_ANY_RETRANSMISSION, MESSAGE_RETRANSMISSION},
    };
    if ((sight->analysis & TCP_FLAG_KEEP_ALIVE) != 0) {
        (void)track_see(track, MESSAGE_KEEP_ALIVE, sight->frame.sender);
    }
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        if ((sight->analysis & rows[i].flags) != 0) {
            track_entry_still(track, &sight->frame, ENTRY_TCP, rows[i].message, rows[i].message);
        }
    }
}

/* Whether a segment has new bytes: a keep-alive may repeat one. */
static bool carries_bytes(const tcp_sight_t *sight)
{
    return sight->has_payload && (sight->analysis & TCP_FLAG_KEEP_ALIVE) == 0;
}

/* A byte may be a FIN; bytes that are acknowledged were sent, whether or not the capture has them. */
static bool acknowledges_bytes(track_t *track, const tcp_sight_t *sight)
{
    return sight->frame.sender != SENDER_UNKNOWN && track_side(track, sight->frame.sender)->tcp->ack_step > 1;
}

/* Not by copies of a FIN or RST. */
static bool closes_further(const connection_t *before, const connection_t *now)
{
    return before->client.fin != now->client.fin || before->server.fin != now->server.fin ||
           before->reset != now->reset;
}

/* Seen at the server: its word was there, and did not arrive. Of those that hand a turn over the client's next one
 * tells the same. */
static void judge_arrival(track_t *track, const tcp_sight_t *sight, const turn_t *turn)
{
    if (turn == NULL || turn->by != SENDER_SERVER || turn_is_open(turn)) {
        return;
    }
    bool login = turn->message == MESSAGE_LOGINACK;
    bool answer = turn->message == MESSAGE_RESPONSE || turn->message == MESSAGE_ENCRYPTED;
    moment_t took = login || answer ? track_across(track, moment_since(turn->begun, turn_arrival(turn))) : MOMENT_NONE;
    if (took > diagnoses_limit(login ? LIMIT_SLOW_STEP : LIMIT_SLOW_RESPONSE)) {
        diagnose(track, sight->frame.number, login ? DIAGNOSIS_SLOW_STEP : DIAGNOSIS_SLOW_RESPONSE,
                 "%s in frame %u arrived after %s s: it was sent %u times", login ? "LOGINACK" : "the answer",
                 turn->frame, seconds(took).text, turn_sendings(turn));
    }
}

/* Whether this segment of the server goes on with its answer, and nobody kept it from that: the client had acknowledged
 * all that was sent, and its window was open. */
static bool goes_on_answering(const track_t *track, const tcp_sight_t *sight)
{
    const turn_t *turn = &track->channel.turn;
    const tcp_side_t *server = track->server.tcp;
    const tcp_side_t *client = track->client.tcp;
    bool new_bytes = server->has_seq && (gint32)(sight->seq - server->next_seq) >= 0;
    bool answering = turn->debt.owes == SENDER_SERVER && !turn_is_cancel(turn) && server->last_words > turn->frame &&
                     track->login->latest_data.frame == server->last_words;
    return new_bytes && answering && track->sessions->by_sid == NULL && !track->gap && client->has_acked &&
           client->acked == server->next_seq && client->trouble->closed.frame == 0 &&
           client->trouble->reopened < server->last_words;
}

/* The first byte of an answer may come at once, and the rest after a long time. Said once for each request. */
static void judge_pause(track_t *track, const tcp_sight_t *sight)
{
    if (sight->frame.sender != SENDER_SERVER || !sight->has_payload) {
        return;
    }
    exchange_t *exchange = track_exchange(track, track->channel.exchange);
    moment_t silence = track_since(track, instant_kept(track->login->latest_data), instant_of(&sight->frame));
    if (exchange == NULL || exchange->paused || exchange->command == MESSAGE_NONE || silence == MOMENT_NONE ||
        silence <= diagnoses_limit(LIMIT_SLOW_RESPONSE) || !goes_on_answering(track, sight)) {
        return;
    }
    exchange->paused = true;
    diagnose(track, sight->frame.number, DIAGNOSIS_SLOW_RESPONSE,
             "the server sent nothing for %s s in the middle of its answer to frame %u", seconds(silence).text,
             exchange->request_frame);
}

void advance_ack(track_t *track, const tcp_sight_t *sight)
{
    if (sight->frame.sender != SENDER_UNKNOWN) {
        tcp_outlives_reset(track, sight);
        judge_arrival(track, sight, turns_ack(track, sight));
        judge_pause(track, sight);
    }
}

void advance_tcp(track_t *track, tcp_sight_t *sight)
{
    annotation_t *annotation = track_annotate_processed(track, &sight->frame);
    annotation->has_payload = sight->has_payload;
    watch_frame(track, sight);
    if (sight->frame.tcp.window_opened != SENDER_UNKNOWN) {
        judge_message(track, &sight->frame, MESSAGE_NONE, &track->connection);
        watch_note_window(track, sight);
    }
    track->client.frames += sight->frame.sender == SENDER_CLIENT;
    track->server.frames += sight->frame.sender == SENDER_SERVER;
    bool opens = (sight->flags & TCP_SYN) != 0; /* then its turn begins with the segment itself */
    if (!opens) {
        judge_arrival(track, sight, turns_segment(track, sight));
    }
    tcp_outlives_reset(track, sight);
    tcp_opening(track, sight);
    if (opens) {
        (void)turns_segment(track, sight);
    }
    tcp_analysis_entries(track, sight);
    if ((sight->flags & (TCP_SYN | TCP_FIN | TCP_RST)) == 0) {
        tcp_handshake_ack(track, sight);
    }
    bool known = sight->frame.sender != SENDER_UNKNOWN;
    bool missed = track->gap && !(known && watch_lacks_no_byte(track, sight));
    track->connection.spoken =
        track->connection.spoken || missed || carries_bytes(sight) || acknowledges_bytes(track, sight);
    if (track_is_one_sided(track)) {
        connection_miss(&track->connection, sender_other(sight->frame.sender));
    }
    connection_t before = track->connection;
    tcp_note_late(track, sight);
    tcp_closing(track, sight);
    if (closes_further(&before, &track->connection)) {
        sessions_close(track, &sight->frame);
    }
    turns_note(track, track_annotate(track, &sight->frame));
}

/* What watch.c notes of a segment of TCP, as far as a pipe has it. */
static void watch_pipe(track_t *track, const tcp_sight_t *sight)
{
    tcp_side_t *side = track_tcp(track, sight->frame.sender);
    kept_instant_t now = instant_keep(instant_of(&sight->frame));
    side->seen = track->latest = now;
    if (sight->has_payload) {
        side->last_words = sight->frame.number;
        track->server_spoke_last = track->server_spoke_last || sight->frame.sender == SENDER_SERVER;
        track_login(track)->latest_data = now;
    }
    if ((sight->flags & TCP_ACK) != 0) {
        side->acked = sight->ack;
        side->has_acked = true;
    }
}

void advance_pipe(track_t *track, const tcp_sight_t *sight)
{
    clock_see(track, &sight->frame);
    annotation_t *annotation = track_annotate(track, &sight->frame);
    annotation->has_payload = annotation->has_payload || sight->has_payload;
    watch_pipe(track, sight);
    track->client.frames += sight->frame.sender == SENDER_CLIENT;
    track->server.frames += sight->frame.sender == SENDER_SERVER;
    track->connection.spoken = track->connection.spoken || track->gap || sight->has_payload;
    (void)turns_segment(track, sight);
    if (track_is_one_sided(track)) {
        connection_miss(&track->connection, sender_other(sight->frame.sender));
    }
    turns_note(track, track_annotate(track, &sight->frame));
}

void advance_pipe_end(track_t *track, const frame_t *frame, message_t message)
{
    clock_see(track, frame);
    message_t like = message == MESSAGE_RST ? MESSAGE_RST : MESSAGE_FIN;
    track->connection.spoken = track->connection.spoken || track->gap;
    connection_t before = track->connection;
    advance_message(track, frame, ENTRY_TCP, like)->message = (guint8)message;
    if (closes_further(&before, &track->connection)) {
        sessions_close(track, frame);
    }
    turns_note(track, track_annotate(track, frame));
}
