/* turns.c - which side of a connection has to send next, and how long the other side waited.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "memory/turns.h"

#include "compat.h"
#include "memory/sessions.h"
#include "memory/times.h"
#include "memory/watch.h"
#include "wire/tcpfacts.h"

/* A wait as it is kept: a login has some six. See turns_wait_at(). */
typedef struct {
    guint32 frame, opened;
    guint32 owes : 2, awaited : 8, message : 7;
    guint32 sendings : 13;
    bool served : 1;
    bool lost_back : 1; /* its way_back is in seldom_t.ways_back */
    kept_moment_t time, request_spread, service_time;
} kept_wait_t;

/* The way_back of the wait that ended in a frame. */
typedef struct {
    guint32 frame;
    kept_moment_t lost;
} way_back_t;

/* How long the answer that this frame brings had been sent before: at most since the message had arrived. */
static moment_t lost_on_way_back(const track_t *track, const turn_t *turn, instant_t until)
{
    guint32 shown = 0;
    moment_t lost = watch_lost_for(track, turn->debt.owes, until.frame, until, &shown);
    moment_t most = turn_parts(turn, until.at).service_time;
    return lost == MOMENT_NONE || most == MOMENT_NONE ? 0 : MIN(lost, most);
}

/* `silence`: how long it went on behind that, 0 if it ended. */
static wait_t wait_until(const track_t *track, const turn_t *turn, instant_t until, moment_t silence)
{
    wait_parts_t parts = turn_parts(turn, until.at);
    moment_t lost = lost_on_way_back(track, turn, until);
    moment_t time = track_lasted(track, (instant_t){turn->frame, turn->since}, until, silence);
    bool known = time != MOMENT_NONE;
    return (wait_t){
        .frame = until.frame,
        .debt = turn->debt,
        .message = turn->message,
        .opened = turn->frame,
        .sendings = turn_sendings(turn),
        .time = time,
        .request_spread = known ? parts.request_spread : MOMENT_NONE,
        .service_time = known ? moment_at_least(moment_since(lost, parts.service_time), silence) : MOMENT_NONE,
        .served = true,
        .way_back = lost,
    };
}

/* How long what is owed had been on its way, as its receiver says that it lacks it; at most `most`. */
static moment_t lost_in_vain(const track_t *track, const turn_t *turn, instant_t until, moment_t silence, moment_t most)
{
    lost_t lost = watch_undelivered(track, until, silence);
    bool owed = lost.of == turn->debt.owes && lost.frame > turn->frame && lost.lacked_for != MOMENT_NONE;
    return owed && most != MOMENT_NONE ? MIN(lost.lacked_for, most) : 0;
}

/* Whether the same side sends an earlier segment again and again, which is not acknowledged. */
static bool is_behind_lost(const track_t *track, const turn_t *turn)
{
    return track_side_of(track, turn->by)->tcp->trouble->copies > 1;
}

/* Nothing came of what was owed: the network had all of the wait if the message that asks for it never arrived. */
static wait_t wait_in_vain(const track_t *track, const turn_t *turn, instant_t until, moment_t silence)
{
    wait_t wait = wait_until(track, turn, until, silence);
    wait.served = turn->debt.owes == SENDER_SERVER;
    if (wait.time == MOMENT_NONE) {
        return wait;
    }
    if (!turn_was_delivered(turn) && (turn_sendings(turn) > 1 || is_behind_lost(track, turn))) {
        wait.request_spread = moment_sum(moment_since(turn->begun, turn->since), wait.time);
        wait.service_time = 0;
        return wait;
    }
    wait.way_back = lost_in_vain(track, turn, until, silence, wait.service_time);
    wait.service_time = moment_since(wait.way_back, wait.service_time);
    return wait;
}

/* The index of the wait that ended in a frame; the count if there is none. */
static guint32 wait_in(const track_t *track, guint32 frame)
{
    guint32 index = frames_from(&track->login->waits, frame);
    return frames_at(&track->login->waits, index, frame) != NULL ? index : track->login->waits.count;
}

static void keep_way_back(track_t *track, const wait_t *wait)
{
    if (wait->way_back != 0) {
        const way_back_t lost = {wait->frame, moment_keep(wait->way_back)};
        frames_add(&track_seldom(track)->ways_back, &lost, sizeof lost);
    }
}

/* The first that ended in a frame. */
static void keep_wait(track_t *track, const wait_t *wait)
{
    const guint32 most = (1 << 13) - 1;
    if (wait_in(track, wait->frame) < track->login->waits.count) {
        return;
    }
    const kept_wait_t kept = {
        .frame = wait->frame,
        .opened = wait->opened,
        .owes = wait->debt.owes,
        .awaited = wait->debt.awaited,
        .message = wait->message,
        .sendings = MIN(wait->sendings, most),
        .served = wait->served,
        .lost_back = wait->way_back != 0,
        .time = moment_keep(wait->time),
        .request_spread = moment_keep(wait->request_spread),
        .service_time = moment_keep(wait->service_time),
    };
    login_t *login = track_login(track);
    frames_add(&login->waits, &kept, sizeof kept);
    if (login->last_wait != 0 && wait_in(track, wait->frame) < login->last_wait) {
        login->last_wait++; /* those behind it moved */
    }
    keep_way_back(track, wait);
}

static moment_t way_back_of(const track_t *track, const kept_wait_t *kept)
{
    guint32 index = kept->lost_back ? frames_from(&track->seldom->ways_back, kept->frame) : 0;
    return kept->lost_back ? moment_kept(((const way_back_t *)rows_at(&track->seldom->ways_back, index))->lost) : 0;
}

wait_t turns_wait_at(const track_t *track, guint32 index)
{
    const kept_wait_t *kept = (const kept_wait_t *)rows_at(&track->login->waits, index);
    return (wait_t){
        .frame = kept->frame,
        .debt = {(guint8)kept->owes, (awaited_t)kept->awaited},
        .message = (guint8)kept->message,
        .opened = kept->opened,
        .sendings = kept->sendings,
        .served = kept->served,
        .time = moment_kept(kept->time),
        .request_spread = moment_kept(kept->request_spread),
        .service_time = moment_kept(kept->service_time),
        .way_back = way_back_of(track, kept),
    };
}

static void note_wait(track_t *track, const turn_t *turn, const frame_t *frame)
{
    wait_t wait = wait_until(track, turn, instant_of(frame), 0);
    keep_wait(track, &wait);
}

bool turns_wait(const track_t *track, guint32 frame, wait_t *wait)
{
    guint32 index = wait_in(track, frame);
    if (index < track->login->waits.count) {
        *wait = turns_wait_at(track, index);
    }
    return index < track->login->waits.count;
}

/* Hosts answer in the TCP handshake at once: its time is the network's. */
static bool is_of_hosts(const wait_t *wait)
{
    return wait->debt.awaited == POSITION_SYN_SENT || wait->debt.awaited == POSITION_SYN_ANSWERED;
}

static void keep_longer(longest_t *longest, const wait_t *wait)
{
    moment_t own = wait->service_time != MOMENT_NONE ? wait->service_time : wait->time;
    if (own != MOMENT_NONE && own > longest->time && !is_of_hosts(wait)) {
        *longest = (longest_t){wait->debt, wait->opened, wait->frame, own};
    }
}

longest_t turns_longest(const track_t *track, guint32 behind, instant_t now, sender_t sender)
{
    longest_t longest = {0};
    for (guint i = 0; i < track->login->waits.count; i++) {
        const wait_t wait = turns_wait_at(track, i);
        bool in_vain = i + 1 == track->login->last_wait;
        if (wait.frame > behind && !in_vain) {
            keep_longer(&longest, &wait);
        }
    }
    const turn_t *open = turns_open(track);
    if (open != NULL && open->debt.owes == sender) {
        const wait_t wait = wait_until(track, open, now, 0);
        keep_longer(&longest, &wait);
    }
    return longest;
}

/* What was sent once arrived at some time before its ACK, which receivers delay: it cost the network nothing. */
static void add_wait(wait_sum_t *sum, const wait_t *wait)
{
    moment_t lost = wait->sendings > 1 ? wait->request_spread : 0;
    moment_t spread = moment_sum(wait->request_spread, wait->service_time);
    moment_t *owed = wait->debt.owes == SENDER_SERVER ? &sum->server : &sum->client;
    sum->network = moment_sum(sum->network, moment_sum(lost, wait->way_back));
    *owed = moment_sum(*owed, moment_since(lost, spread));
}

wait_sum_t turns_login_parts(const track_t *track)
{
    guint32 end = track_time(track, TIME_TOTAL)->frame;
    guint count = end == 0 ? 0 : track->login->waits.count;
    wait_sum_t sum = {0};
    for (guint i = 0; i < count; i++) {
        const wait_t wait = turns_wait_at(track, i);
        if (wait.frame <= end) {
            add_wait(&sum, &wait);
        }
    }
    bool known = count > 0 && track->seldom->clocks_apart == 0 && sum.network != MOMENT_NONE &&
                 sum.server != MOMENT_NONE && sum.client != MOMENT_NONE;
    return known ? sum : (wait_sum_t){MOMENT_NONE, MOMENT_NONE, MOMENT_NONE};
}

/* A channel of MARS that waits is looked for only where one is open. */
typedef struct {
    bool (*is)(const turn_t *turn);
    const turn_t *longest;
} search_t;

static void look_for_open(gpointer sid _U_, gpointer value, gpointer data)
{
    const turn_t *turn = &((mars_track_t *)value)->channel.turn;
    search_t *search = (search_t *)data;
    if (search->is(turn) && (search->longest == NULL || turn->since < search->longest->since)) {
        search->longest = turn;
    }
}

/* The turn of which that is true: of the connection, or of the session that waits longest. */
static const turn_t *longest_turn(const track_t *track, bool (*is)(const turn_t *))
{
    search_t search = {is, is(&track->channel.turn) ? &track->channel.turn : NULL};
    if (search.longest == NULL && track->sessions->by_sid != NULL) {
        wmem_map_foreach(track->sessions->by_sid, look_for_open, &search);
    }
    return search.longest;
}

const turn_t *turns_open(const track_t *track)
{
    return longest_turn(track, turn_is_open);
}

const turn_t *turns_cancelled(const track_t *track)
{
    return longest_turn(track, turn_is_cancel);
}

bool turns_wait_at_end(const track_t *track, wait_t *wait)
{
    bool waited = track->login->last_wait != 0;
    if (waited) {
        *wait = turns_wait_at(track, track->login->last_wait - 1);
    }
    return waited;
}

/* The turn that the late answer began, or what the server said behind it; NULL if it is not known. */
static const turn_t *late_turn(const track_t *track)
{
    const turn_t *turns[] = {&track->channel.turn, turns_latest(track)};
    guint32 frame = track->seldom->late.said.frame;
    for (guint i = 0; frame != 0 && i < G_N_ELEMENTS(turns); i++) {
        if (turns[i]->by == SENDER_SERVER && turns[i]->frame >= frame) {
            return turns[i];
        }
    }
    return NULL;
}

bool turns_took_late(const track_t *track)
{
    const turn_t *turn = late_turn(track);
    guint32 acked = turn == NULL ? 0 : turn->delivery.acked_frame;
    guint32 reset = track->seldom->late.reset;
    return acked != 0 && (reset == 0 || acked < reset);
}

bool turns_taken_all_the_same(const track_t *track)
{
    return turns_took_late(track) && !track->connection.reset;
}

bool turns_last_wait(const track_t *track, moment_t silence, wait_t *wait)
{
    const turn_t *open = turns_open(track);
    bool goes_on = track->connection.close == CLOSE_OPEN && open != NULL;
    bool ended = track->login->last_wait != 0 && !turns_taken_all_the_same(track);
    if (ended) {
        *wait = turns_wait_at(track, track->login->last_wait - 1);
    } else if (goes_on) {
        instant_t last = {track->last_frame, annotation_moment(track_annotation(track, track->last_frame))};
        *wait = wait_in_vain(track, open, last, silence);
    }
    return ended || goes_on;
}

static bool ends_connection(message_t message)
{
    return message == MESSAGE_FIN || message == MESSAGE_RST;
}

/* Whether a message belongs to the opening of TCP, to TLS or to the login, or is encrypted. */
static bool leads_on(const track_t *track, message_t message)
{
    bool decides = message == MESSAGE_LOGINACK || message == MESSAGE_ROUTING || message == MESSAGE_ENCRYPTED;
    bool opens = message == MESSAGE_SYN || message == MESSAGE_SYN_ACK || message == MESSAGE_HANDSHAKE_ACK ||
                 message == MESSAGE_PIPE_CREATE || message == MESSAGE_PIPE_CREATED ||
                 (message_kind(message) == KIND_LOGIN && message != MESSAGE_TLS_ALERT); /* which asks for nothing */
    return decides || (opens && !connection_is_past_login(&track->connection));
}

/* Notes the silence before a request. */
static void note_idleness(track_t *track, const turn_t *turn, instant_t now)
{
    if (!turn_is_open(turn)) {
        login_t *login = track_login(track);
        login->idle_before_request = track_since(track, instant_kept(login->latest_data), now);
        track->idle_with_keep_alives = track->keep_alives_answered;
    }
}

bool turns_closed_for_client(const track_t *track)
{
    return track->connection.closed_first == SENDER_SERVER && track->seldom->closed.frame != 0 &&
           (gint32)(track->client.tcp->acked - track->server.tcp->next_seq) >= 0;
}

static void note_use_of_closed(track_t *track, const handover_t *by)
{
    if (by->sender == SENDER_CLIENT && track->seldom->use_of_closed.frame == 0 && turns_closed_for_client(track)) {
        track_seldom(track)->use_of_closed = (instant_t){by->frame, by->at};
    }
}

/* Begins a turn. RFC 9293 3.6: who has sent FIN sends no more, and owes nothing. */
static void pass(track_t *track, turn_t *turn, debt_t debt, const handover_t *by)
{
    bool closed = debt.owes == track->connection.closed_first;
    turn_pass(turn, closed ? (debt_t){SENDER_UNKNOWN, AWAITED_NOTHING} : debt, by);
    note_use_of_closed(track, by);
}

/* Whether this answers what the server owed when the client closed. Of the connection's own channel there is only one;
 * an ATTENTION is answered by its acknowledgement alone. */
static bool answers_wait(const track_t *track, const channel_t *channel, message_t message)
{
    wait_t wait;
    if (!turns_wait_at_end(track, &wait) || wait.debt.owes != SENDER_SERVER) {
        return false;
    }
    bool acknowledges = message == MESSAGE_ATTENTION_ACK || message == MESSAGE_ENCRYPTED;
    return (channel == &track->channel || channel->turn.frame == wait.opened) &&
           (wait.message != MESSAGE_ATTENTION || acknowledges);
}

void turns_note_late(track_t *track, const channel_t *channel, const frame_t *frame, message_t message)
{
    const connection_t *c = &track->connection;
    bool gone = c->closed_first == SENDER_CLIENT || c->close == CLOSE_CLIENT_RESET;
    if (gone && frame->sender == SENDER_SERVER && track->seldom->late.said.frame == 0 &&
        answers_wait(track, channel, message)) {
        track_seldom(track)->late.said = instant_of(frame);
        track_seldom(track)->late.message = (guint8)message;
    }
}

/* An encrypted record that is an ATTENTION by its size. */
static void hidden_cancel(track_t *track, const frame_t *frame)
{
    turn_t *turn = &track->channel.turn;
    if (turn_is_open(turn)) {
        note_wait(track, turn, frame);
    }
    const handover_t by = {MESSAGE_ATTENTION, frame->sender, frame->number, frame->at, frame->at};
    pass(track, turn, command_debt(MESSAGE_ATTENTION), &by);
}

/* When the message began: encrypted records of one side in a row count as one message. */
static moment_t begin_of(const turn_t *turn, const frame_t *frame, message_t message)
{
    bool goes_on = message == MESSAGE_ENCRYPTED && turn->message == message && turn->by == frame->sender;
    return goes_on ? turn->begun : frame->at;
}

/* A message of the login. If its sender did not have to send, it continues the message that began the turn. */
static void login_goes_on(track_t *track, const frame_t *frame, message_t message)
{
    turn_t *turn = &track->channel.turn;
    if (message == MESSAGE_ENCRYPTED && track->login->hidden->kind == HIDDEN_SMP) {
        return;
    }
    if (message == MESSAGE_ENCRYPTED && track->login->hidden->kind == HIDDEN_ATTENTION) {
        hidden_cancel(track, frame);
        return;
    }
    if (message == MESSAGE_ENCRYPTED && frame->sender == SENDER_CLIENT) {
        note_idleness(track, turn, instant_of(frame));
    }
    debt_t debt = login_debt(&track->connection, message, frame->sender);
    bool pays = turn_is_open(turn) && turn->debt.owes == frame->sender;
    bool same = debt.owes == turn->debt.owes && debt.awaited == turn->debt.awaited;
    if (pays && (same || message == MESSAGE_TLS_OTHER)) {
        return; /* it has said something, as a ChangeCipherSpec, but not yet what is awaited */
    }
    if (pays) {
        note_wait(track, turn, frame);
    }
    turns_note_late(track, &track->channel, frame, message);
    const handover_t by = {message, frame->sender, frame->number, frame->at, begin_of(turn, frame, message)};
    pass(track, turn, debt, &by);
}

static void close_turn(gpointer sid _U_, gpointer value, gpointer data _U_)
{
    ((mars_track_t *)value)->channel.turn.debt = (debt_t){SENDER_UNKNOWN, AWAITED_NOTHING};
}

static void note_close(track_t *track, const frame_t *frame, message_t message)
{
    if (message == MESSAGE_FIN && frame->sender == SENDER_SERVER && track->seldom->closed.frame == 0 &&
        track->connection.closed_first == SENDER_SERVER) {
        track_seldom(track)->closed = instant_of(frame);
    }
}

/* The first end ends all waits: its copies, and the other side's FIN, end none. */
static void connection_ends(track_t *track, const frame_t *frame)
{
    const turn_t *open = turns_open(track);
    if (open != NULL) {
        wait_t wait = wait_in_vain(track, open, instant_of(frame), 0);
        keep_wait(track, &wait);
        track_login(track)->last_wait = wait_in(track, wait.frame) + 1;
    }
    track->channel.turn.debt = (debt_t){SENDER_UNKNOWN, AWAITED_NOTHING};
    if (track->sessions->by_sid != NULL) {
        wmem_map_foreach(track->sessions->by_sid, close_turn, NULL);
    }
}

void turns_outlive(track_t *track, guint32 reset, debt_t debt)
{
    turn_t *turn = &track->channel.turn;
    if (track->login->last_wait != 0 && turns_wait_at(track, track->login->last_wait - 1).frame == reset) {
        track_login(track)->last_wait = 0;
    }
    if (turn->frame < reset && !turn_is_open(turn)) {
        turn->debt = debt;
    }
}

void turns_message(track_t *track, const frame_t *frame, message_t message)
{
    if (ends_connection(message)) {
        note_close(track, frame, message);
        connection_ends(track, frame);
    } else if (leads_on(track, message)) {
        login_goes_on(track, frame, message);
    }
}

void turns_request(track_t *track, channel_t *channel, const handover_t *by)
{
    if (by->message == MESSAGE_ATTENTION && turn_is_open(&channel->turn)) {
        const frame_t end = {.number = by->frame, .at = by->at, .sender = by->sender};
        note_wait(track, &channel->turn, &end);
    }
    note_idleness(track, &channel->turn, (instant_t){by->frame, by->at});
    pass(track, &channel->turn, command_debt(by->message), by);
    if (channel != &track->channel) {
        track_sessions(track)->channel = channel;
    }
}

void turns_response_begins(channel_t *channel, exchange_t *exchange, const frame_t *first)
{
    channel->turn.answering = channel->turn.debt.owes == first->sender;
    if (exchange->sendings != 0) {
        return;
    }
    exchange->sendings = (guint16)MIN(turn_sendings(&channel->turn), G_MAXUINT16);
    exchange->begun = moment_keep(channel->turn.begun);
    exchange->arrived =
        moment_keep(moment_sum(channel->turn.begun, turn_parts(&channel->turn, first->at).request_spread));
}

void turns_response_ends(channel_t *channel, exchange_t *exchange, const frame_t *first, const frame_t *last)
{
    if (exchange != NULL) {
        exchange->response_ended = moment_keep(last->at);
    }
    if (channel->attention != 0 && turn_is_cancel(&channel->turn)) {
        return; /* what the server owes now is its acknowledgement */
    }
    const handover_t by = {MESSAGE_RESPONSE, SENDER_SERVER, last->number, last->at, first->at};
    turn_pass(&channel->turn, command_debt(MESSAGE_RESPONSE), &by);
}

/* Whether the message arrived now, though it had to be sent again. */
static bool note_segment(turn_t *turn, const tcp_sight_t *sight, guint32 unacked)
{
    bool again = (sight->analysis & TCP_FLAGS_ANY_RETRANSMISSION) != 0;
    segment_t segment = {
        .frame = sight->frame.number,
        .at = sight->frame.at,
        .sender = sight->frame.sender,
        .seq = sight->seq,
        .length = sight->length,
        .again = again,
        .copy = sight->copy,
        .acknowledges = (sight->flags & TCP_ACK) != 0 && (sight->flags & TCP_RST) == 0,
        .ack = sight->ack,
        .selective = sight->selective,
    };
    bool open = turn->delivery.acked_frame == 0;
    turn_segment(turn, &segment, unacked);
    return open && turn->delivery.acked_frame == sight->frame.number && turn_sendings(turn) > 1;
}

static bool note_ack(turn_t *turn, const tcp_sight_t *sight)
{
    const segment_t ack = {
        .frame = sight->frame.number,
        .at = sight->frame.at,
        .sender = sight->frame.sender,
        .acknowledges = (sight->flags & TCP_ACK) != 0 && (sight->flags & TCP_RST) == 0,
        .ack = sight->ack,
        .selective = sight->selective,
    };
    bool open = turn->delivery.acked_frame == 0;
    turn_segment(turn, &ack, sight->ack);
    return open && turn->delivery.acked_frame == sight->frame.number && turn_sendings(turn) > 1;
}

/* Seen at the server, a response that was sent again ends where the client has all of it. */
static void note_arrival(track_t *track, const channel_t *channel)
{
    exchange_t *exchange = track_exchange(track, channel->exchange);
    const turn_t *turn = &channel->turn;
    bool sent =
        turn->message == MESSAGE_RESPONSE && exchange != NULL && moment_kept(exchange->response_ended) == turn->since;
    if (sent && turn_arrival(turn) != MOMENT_NONE && track->seldom->clocks_apart == 0) {
        exchange->response_ended = moment_keep(turn_arrival(turn));
    }
}

/* The turn whose message arrived now, that of the connection or of its session. */
static const turn_t *arrived_turn(track_t *track, bool arrived, bool in_session)
{
    if (!arrived && !in_session) {
        return NULL;
    }
    const channel_t *channel = arrived ? &track->channel : track->sessions->channel;
    note_arrival(track, channel);
    return &channel->turn;
}

const turn_t *turns_ack(track_t *track, const tcp_sight_t *sight)
{
    bool arrived = note_ack(&track->channel.turn, sight);
    bool in_session = track->sessions->channel != NULL && note_ack(&track->sessions->channel->turn, sight);
    return arrived_turn(track, arrived, in_session);
}

const turn_t *turns_segment(track_t *track, const tcp_sight_t *sight)
{
    const tcp_side_t *peer = track_side_of(track, sender_other(sight->frame.sender))->tcp;
    guint32 unacked = peer->has_acked ? peer->acked : sight->seq;
    bool arrived = note_segment(&track->channel.turn, sight, unacked);
    bool in_session = track->sessions->channel != NULL && note_segment(&track->sessions->channel->turn, sight, unacked);
    return arrived_turn(track, arrived, in_session);
}

const turn_t *turns_latest(const track_t *track)
{
    return track->sessions->channel != NULL ? &track->sessions->channel->turn : &track->channel.turn;
}

void turns_note(const track_t *track, annotation_t *annotation)
{
    const turn_t *turn = turns_latest(track);
    annotation->owes = (guint8)turn->debt.owes;
    annotation->awaited = turn->debt.awaited;
}
