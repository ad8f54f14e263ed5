/* order.c - frames are processed in the order in which they were sent, even if the capture has another order.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "stream/order.h"

#include "compat.h"
#include "core/recognise.h"
#include "judge/advance.h"
#include "memory/capture.h"
#include "memory/clock.h"
#include "memory/findings.h"
#include "memory/times.h"
#include "memory/watch.h"
#include "readers/units.h"
#include "stream/kept.h"
#include "stream/tail.h"
#include "wire/spans.h"
#include "wire/tcpfacts.h"

/* How long a frame waits: for bytes that the other side acknowledged; for an ACK that tells whether bytes arrived, at
 * most the half second of RFC 9293 3.8.6.3 and the way; for bytes that the other side says it lacks. */
#define PATIENCE        MILLISECONDS(20) /* clocks are seldom further apart; TCP sends again after 200 ms */
#define PATIENCE_OTHER  SECONDS(600)     /* for the first frame of the other side: clocks of two hosts */
#define PATIENCE_WORD   SECONDS(1)
#define PATIENCE_HOLE   SECONDS(60)
#define PATIENCE_FRAMES 65536 /* frames of the capture, if times are not known */
#define WAITING_LIMIT   4096  /* frames of one side that wait */
#define WAITING_ALONE   256   /* the same, where the other side sent nothing, as in many connections: perhaps ... */
#define MANY_ALONE      64    /* ... the capture has only one direction */
#define SLACK           SECONDS(1) /* by which clocks may differ more than where it was seen: the way */
#define VAIN_LIMIT      3          /* after so many frames that waited in vain, and none that did not, no frame waits */

/* TCP keeps a segment from dissectors if it has one of these flags. */
#define KEPT_FLAGS (TCP_FLAGS_ANY_RETRANSMISSION | TCP_FLAG_OUT_OF_ORDER)

/* One direction. */
typedef struct {
    wmem_list_t *waiting; /* parcel_t, as they came; a frame that fills a hole stands before those behind the hole */
    run_t run, hole;
    instant_t latest; /* the processed frame with the highest number */
} direction_t;

struct order {
    track_t *track;
    direction_t directions[SENDER_SERVER + 1];
    parcel_t *at_hand;        /* of the frame whose payload is read, or NULL */
    guint vain;               /* how many frames waited in vain */
    bool proved;              /* a frame waited for acknowledged bytes, and they came */
    bool over;                /* no frame waits for acknowledged bytes any more */
    bool closed;              /* no frame waits for bytes that fill a hole any more */
    wmem_list_frame_t *holds; /* its place in capture.waiting, NULL = it is not there */
};

typedef struct order order_t;

static void order_advance_frame(track_t *track, tcp_sight_t *sight, bool cut)
{
    units_note_gaps(track, sight);
    units_note_late(track, sight);
    if (cut) {
        units_note_cut(track, &sight->frame);
    }
    advance_tcp(track, sight);
}

/* Wireshark's TCP saw the frames in another order: it may call a new segment a retransmission, and does not call one
 * that stands behind missing bytes so if a later one came before it. Corrects that. */
static void correct_analysis(const track_t *track, tcp_sight_t *sight)
{
    const tcp_side_t *own = track_side_of(track, sight->frame.sender)->tcp;
    bool again = own->has_seq && (gint32)(sight->seq + sight->length - own->next_seq) <= 0;
    gint32 ahead = own->has_seq && (sight->flags & (TCP_SYN | TCP_RST)) == 0 ? (gint32)(sight->seq - own->next_seq) : 0;
    if (!again) {
        sight->analysis &= (guint16)~KEPT_FLAGS;
    }
    if (ahead > 0 && ahead < TCP_FAR) {
        sight->analysis |= TCP_FLAG_LOST_PACKET;
    }
}

static direction_t *direction_of(order_t *order, sender_t sender)
{
    return &order->directions[sender];
}

static parcel_t *first_waiting(order_t *order, sender_t sender)
{
    wmem_list_frame_t *first = wmem_list_head(direction_of(order, sender)->waiting);
    return first == NULL ? NULL : (parcel_t *)wmem_list_frame_data(first);
}

/* If a frame waited for the bytes of this one, that frame shows that they had been sent before. */
static void note_filling(order_t *order, const tcp_sight_t *sight)
{
    const parcel_t *waits = first_waiting(order, sight->frame.sender);
    bool again = watch_is_again(order->track, sight->frame.sender, sight->seq, sight->payload);
    if (waits != NULL && sight->payload > 0 && !again && waits->sight.frame.number < sight->frame.number) {
        watch_filled(order->track, &sight->frame, instant_of(&waits->sight.frame));
    }
}

/* Bytes behind a hole are delivered when the hole is filled: with the latest frame processed so far. */
static void note_delivery(direction_t *direction, parcel_t *parcel)
{
    instant_t now = instant_of(&parcel->sight.frame);
    direction->latest = now.frame > direction->latest.frame ? now : direction->latest;
    parcel->delivered = direction->latest.at;
}

static void process_parcel(order_t *order, parcel_t *parcel)
{
    track_t *track = order->track;
    tcp_sight_t *sight = &parcel->sight;
    direction_t *direction = direction_of(order, sight->frame.sender);
    correct_analysis(track, sight);
    note_delivery(direction, parcel);
    note_filling(order, sight);
    watch_refill(track, sight);
    advance_ack(track, sight);
    units_note_gaps(track, sight);
    kept_add(track, &direction->run, &direction->hole, parcel);
    parcel_process(track, parcel);
    order_advance_frame(track, sight, parcel->cut);
    parcel_free(parcel);
}

/* Whose turn it is. {{{ */

/* Whether a frame acknowledges bytes of the other side that were not processed so far. Only if it is known what was:
 * the connection's beginning is in the capture, or something of that side. */
static bool is_early(const track_t *track, const tcp_sight_t *sight)
{
    const tcp_side_t *own = track_side_of(track, sight->frame.sender)->tcp;
    const tcp_side_t *peer = track_side_of(track, sender_other(sight->frame.sender))->tcp;
    if ((sight->flags & TCP_ACK) == 0) {
        return false;
    }
    if (!peer->has_seq && !own->has_acked) {
        return own->has_isn || (!own->has_seq && (sight->flags & (TCP_SYN | TCP_RST)) != 0);
    }
    gint32 ahead = (gint32)(sight->ack - (peer->has_seq ? peer->next_seq : own->acked));
    return ahead > 0 && ahead < ACK_FAR;
}

/* Whether a frame stands behind missing bytes that the other side has not acknowledged either. */
static bool is_behind_hole(const track_t *track, const tcp_sight_t *sight)
{
    const tcp_side_t *own = track_side_of(track, sight->frame.sender)->tcp;
    const tcp_side_t *peer = track_side_of(track, sender_other(sight->frame.sender))->tcp;
    gint32 ahead = (gint32)(sight->seq - own->next_seq);
    return own->has_seq && ahead > 0 && ahead < TCP_FAR && (sight->flags & (TCP_SYN | TCP_RST)) == 0 &&
           peer->has_acked && (gint32)(peer->acked - own->next_seq) <= 0;
}

/* Whether TCP calls a segment a retransmission although some of its bytes were in no frame before. */
static bool is_called_copy(const track_t *track, const tcp_sight_t *sight)
{
    return sight->payload > 0 && (sight->analysis & KEPT_FLAGS) != 0 && (sight->analysis & TCP_FLAG_KEEP_ALIVE) == 0 &&
           !watch_is_again(track, sight->frame.sender, sight->seq, sight->payload);
}

/* The frame behind a parcel's up to which the capture's clock went on. The parcel's frame itself if it did not. */
static guint32 clock_runs_until(const order_t *order, const parcel_t *parcel)
{
    instant_t from = instant_of(&parcel->sight.frame);
    instant_t latest = diagnoses_latest(from.frame);
    moment_t apart = track_stamped_since(order->track, from, latest);
    return apart == MOMENT_NONE || apart == 0 ? from.frame : latest.frame;
}

/* How much longer a frame waits where the clocks of two directions are known to differ, here or in another connection.
 */
static moment_t slack(void)
{
    return capture.clocks_apart != 0 ? moment_sum(capture.clocks_apart, SLACK) : 0;
}

/* A frame of another connection may be stamped with an earlier time than a parcel. It tells nothing as long as the time
 * of others goes on. */
static bool is_overdue(const order_t *order, const parcel_t *parcel, instant_t now, moment_t limit)
{
    moment_t patience = moment_sum(limit, slack());
    moment_t waited = track_stamped_since(order->track, instant_of(&parcel->sight.frame), now);
    return waited != MOMENT_NONE ? waited > patience : now.frame > clock_runs_until(order, parcel) + PATIENCE_FRAMES;
}

/* Whether the connection begins in the capture, and the other side was not seen so far. */
static bool is_alone(const order_t *order, const parcel_t *parcel)
{
    const track_t *track = order->track;
    const tcp_side_t *own = track_side_of(track, parcel->sight.frame.sender)->tcp;
    const tcp_side_t *peer = track_side_of(track, sender_other(parcel->sight.frame.sender))->tcp;
    return !peer->has_seq && peer->seen.frame == 0 && (own->has_isn || (parcel->sight.flags & TCP_SYN) != 0);
}

/* How long a frame waits for acknowledged bytes. */
static moment_t patience_of(const order_t *order, const parcel_t *parcel)
{
    return is_alone(order, parcel) ? PATIENCE_OTHER : PATIENCE;
}

/* How many frames of its side may wait with a parcel. */
static guint room_of(const order_t *order, const parcel_t *parcel)
{
    bool many = capture.waiting != NULL && wmem_list_count(capture.waiting) > MANY_ALONE;
    return many && is_alone(order, parcel) && capture.clocks_apart == 0 ? WAITING_ALONE : WAITING_LIMIT;
}

/* Whether the other side may have sent something before this frame that has a later time stamp, as its clock is ahead.
 */
static bool awaits_clock(const order_t *order, const parcel_t *parcel, instant_t now)
{
    const seldom_t *seldom = order->track->seldom;
    moment_t waited = seldom->early == parcel->sight.frame.sender
                          ? track_stamped_since(order->track, instant_of(&parcel->sight.frame), now)
                          : MOMENT_NONE;
    return waited != MOMENT_NONE && waited < seldom->clocks_apart;
}

/* Whether a frame of the other side that waits has acknowledged the missing bytes, and for so long that a clock which
 * is ahead does not explain it. */
static bool is_long_acknowledged(const order_t *order, sender_t sender, instant_t now)
{
    const parcel_t *waits = first_waiting((order_t *)order, sender_other(sender));
    return waits != NULL && is_early(order->track, &waits->sight) &&
           (order->over || is_overdue(order, waits, now, patience_of(order, waits)));
}

/* Whether the latest frame of the other side may have been sent behind this one, though it stands before it: the two
 * sides have different clocks. */
static bool may_be_answered(const order_t *order, const parcel_t *parcel, const tcp_side_t *peer)
{
    moment_t before = track_stamped_since(order->track, instant_kept(peer->seen), instant_of(&parcel->sight.frame));
    return order->proved && before != MOMENT_NONE && before < moment_sum(PATIENCE, slack());
}

/* Whether the missing bytes before a frame may still come: the network lost them, and not the capture. Then the other
 * side still acknowledges only the bytes before them, or did so twice: its clock may be ahead. A bare ACK gets no
 * answer.
 */
static bool awaits_filling(const order_t *order, const parcel_t *parcel, instant_t now)
{
    sender_t sender = parcel->sight.frame.sender;
    if (order->closed || !is_behind_hole(order->track, &parcel->sight) || is_long_acknowledged(order, sender, now)) {
        return false;
    }
    const tcp_side_t *peer = track_side_of(order->track, sender_other(sender))->tcp;
    bool lacking = peer->seen.frame > parcel->sight.frame.number || parcel->sight.payload == 0 || peer->ack_repeated ||
                   may_be_answered(order, parcel, peer);
    return !is_overdue(order, parcel, now, lacking ? PATIENCE_HOLE : PATIENCE_WORD);
}

/* The parcel that came first. Each may be NULL. */
static parcel_t *earlier_parcel(parcel_t *one, parcel_t *other)
{
    if (one == NULL || other == NULL) {
        return one != NULL ? one : other;
    }
    return one->sight.frame.number < other->sight.frame.number ? one : other;
}

/* Whether the other parcel acknowledges bytes of this one. */
static bool brings(const parcel_t *one, const parcel_t *other)
{
    return one->sight.length > 0 && (other->sight.flags & TCP_ACK) != 0 &&
           (gint32)(other->sight.ack - one->sight.seq) > 0;
}

/* The parcel that was sent first, of two that both wait. */
static parcel_t *sent_first(parcel_t *one, parcel_t *other)
{
    bool one_first = brings(one, other);
    bool other_first = brings(other, one);
    if (one_first == other_first) {
        return earlier_parcel(one, other);
    }
    return one_first ? one : other;
}

static parcel_t *if_ready(const order_t *order, parcel_t *parcel, instant_t now)
{
    bool ready = parcel != NULL && (order->over || !is_early(order->track, &parcel->sight)) &&
                 !awaits_filling(order, parcel, now) && !awaits_clock(order, parcel, now);
    return ready ? parcel : NULL;
}

/* Whether frames of both sides wait, and none for a hole to be filled: then waiting does not help. */
static bool is_deadlock(const order_t *order, const parcel_t *one, const parcel_t *other, instant_t now)
{
    return one != NULL && other != NULL && !awaits_filling(order, one, now) && !awaits_filling(order, other, now);
}

/* The parcel that need not wait any longer, as both sides wait for each other or one has waited too long: what it waits
 * for is missing. NULL if there is none. */
static parcel_t *if_in_vain(const order_t *order, parcel_t *one, parcel_t *other, instant_t now)
{
    bool both = is_deadlock(order, one, other, now);
    parcel_t *first = both ? sent_first(one, other) : earlier_parcel(one, other);
    bool many = first != NULL && wmem_list_count(direction_of((order_t *)order, first->sight.frame.sender)->waiting) >
                                     room_of(order, first);
    bool overdue =
        first != NULL && !awaits_filling(order, first, now) && is_overdue(order, first, now, patience_of(order, first));
    return both || many || overdue ? first : NULL;
}

static parcel_t *next_ready(order_t *order, instant_t now)
{
    parcel_t *client = first_waiting(order, SENDER_CLIENT);
    parcel_t *server = first_waiting(order, SENDER_SERVER);
    parcel_t *ready = earlier_parcel(if_ready(order, client, now), if_ready(order, server, now));
    if (ready != NULL) {
        return ready;
    }
    parcel_t *vain = if_in_vain(order, client, server, now);
    order->vain += vain != NULL && is_early(order->track, &vain->sight);
    order->over = order->over || (order->vain >= VAIN_LIMIT && !order->proved);
    return vain;
}

/* Whether a frame of the other side waited for this frame. */
static bool ends_waiting(order_t *order, const tcp_sight_t *sight, bool expected)
{
    const parcel_t *waits = first_waiting(order, sender_other(sight->frame.sender));
    return expected && waits != NULL && sight->length > 0 && !is_early(order->track, &waits->sight);
}

static void hold(order_t *order)
{
    if (capture.waiting == NULL) {
        capture.waiting = wmem_list_new(wmem_file_scope());
    }
    wmem_list_append(capture.waiting, order);
    order->holds = wmem_list_tail(capture.waiting);
}

static void release(order_t *order)
{
    wmem_list_remove_frame(capture.waiting, order->holds);
    order->holds = NULL;
}

/* Whether frames of this connection need parcels: some wait or may wait again, or TCP keeps segments from us. */
static bool is_busy(order_t *order)
{
    return order->holds != NULL || order->at_hand != NULL || direction_of(order, SENDER_CLIENT)->run.kept ||
           direction_of(order, SENDER_SERVER)->run.kept || (order->proved && !order->over);
}

static void note_holding(order_t *order)
{
    bool holds = first_waiting(order, SENDER_CLIENT) != NULL || first_waiting(order, SENDER_SERVER) != NULL;
    if (holds && order->holds == NULL) {
        hold(order);
    } else if (!holds && order->holds != NULL) {
        release(order);
    }
    if (!is_busy(order)) {
        kept_end(order->track, SENDER_CLIENT, &direction_of(order, SENDER_CLIENT)->run);
        kept_end(order->track, SENDER_SERVER, &direction_of(order, SENDER_SERVER)->run);
    }
}

/* The first connection in which a frame waits, or NULL. */
static order_t *first_holding(void)
{
    wmem_list_frame_t *first = capture.waiting == NULL ? NULL : wmem_list_head(capture.waiting);
    return first == NULL ? NULL : (order_t *)wmem_list_frame_data(first);
}

/* Processes all parcels that need not wait any longer. */
static void order_advance_waiting(order_t *order, instant_t now)
{
    parcel_t *parcel;
    while ((parcel = next_ready(order, now)) != NULL) {
        tcp_sight_t sight = parcel->sight;
        const tcp_side_t *own = track_side_of(order->track, sight.frame.sender)->tcp;
        bool expected = !own->has_seq || sight.seq == own->next_seq;
        bool waited = first_waiting(order, sender_other(sight.frame.sender)) != NULL;
        wmem_list_remove(direction_of(order, sight.frame.sender)->waiting, parcel);
        process_parcel(order, parcel);
        if (sight.frame.number != now.frame) {
            track_note_late(order->track, sight.frame.number);
        }
        order->proved = order->proved || (waited && ends_waiting(order, &sight, expected));
    }
    note_holding(order);
}

void order_hurry(guint32 frame, moment_t at)
{
    order_t *order;
    while ((order = first_holding()) != NULL) {
        order_advance_waiting(order, (instant_t){frame, at});
        if (order->holds != NULL) { /* the next ones have their turn with the next frames */
            release(order);
            hold(order);
            return;
        }
    }
}

void order_flush(void)
{
    order_hurry(G_MAXUINT32, MOMENT_NONE);
}

/* }}} */

static order_t *order_new(track_t *track)
{
    order_t *order = wmem_new0(wmem_file_scope(), order_t);
    order->track = track;
    for (sender_t sender = SENDER_CLIENT; sender <= SENDER_SERVER; sender++) {
        direction_of(order, sender)->waiting = wmem_list_new(wmem_file_scope());
        direction_of(order, sender)->hole.late = true;
    }
    track_seldom(track)->order = order;
    return order;
}

/* The parcel of the frame whose payload is read; NULL = what is read is processed at once. */
static parcel_t *parcel_of(const track_t *track, const frame_t *frame)
{
    parcel_t *parcel = track->seldom->order == NULL ? NULL : track->seldom->order->at_hand;
    return parcel != NULL && parcel->sight.frame.number == frame->number ? parcel : NULL;
}

/* The connection's order_t, if this frame needs a parcel; it is made if it is not there. NULL = the frame is processed
 * as it comes. */
static order_t *order_of(track_t *track, const tcp_sight_t *sight)
{
    order_t *order = track->seldom->order;
    if (sight->frame.sender == SENDER_UNKNOWN) {
        return NULL;
    }
    if (order != NULL && is_busy(order)) {
        return order;
    }
    bool early = (order == NULL || !order->over) && is_early(track, sight);
    if (!early && !is_behind_hole(track, sight) && !is_called_copy(track, sight)) {
        return NULL;
    }
    order = order != NULL ? order : order_new(track);
    kept_begin(track, SENDER_CLIENT, &direction_of(order, SENDER_CLIENT)->run);
    kept_begin(track, SENDER_SERVER, &direction_of(order, SENDER_SERVER)->run);
    return order;
}

/* Whether a frame has to wait. */
static bool has_to_wait(order_t *order, const tcp_sight_t *sight)
{
    return first_waiting(order, sight->frame.sender) != NULL || is_early(order->track, sight) ||
           order->track->seldom->early == sight->frame.sender ||
           (!order->closed && is_behind_hole(order->track, sight));
}

/* Compares parcels by the order in which their sender sent them. */
static gint compare_places(gconstpointer one, gconstpointer other)
{
    const tcp_sight_t *a = &((const parcel_t *)one)->sight;
    const tcp_sight_t *b = &((const parcel_t *)other)->sight;
    gint32 apart = (gint32)(a->seq - b->seq);
    return apart != 0 ? (apart > 0) - (apart < 0)
                      : (a->frame.number > b->frame.number) - (a->frame.number < b->frame.number);
}

/* Whether a parcel brings bytes that none of those that wait has: its sender's segments do not come in their order. */
static bool is_new_among(const order_t *order, wmem_list_t *waiting, const tcp_sight_t *sight)
{
    bool found = sight->payload == 0 || watch_is_again(order->track, sight->frame.sender, sight->seq, sight->payload);
    for (wmem_list_frame_t *at = wmem_list_head(waiting); at != NULL && !found; at = wmem_list_frame_next(at)) {
        const tcp_sight_t *one = &((const parcel_t *)wmem_list_frame_data(at))->sight;
        found = (gint32)(sight->seq - one->seq) >= 0 && (gint32)(one->seq + one->length - sight->seq) > 0;
    }
    return !found;
}

/* Adds a parcel to those of its sender that wait: at the end; before those whose bytes stand behind its bytes, if these
 * did not come yet. */
static void put_in_line(order_t *order, parcel_t *parcel)
{
    wmem_list_t *waiting = direction_of(order, parcel->sight.frame.sender)->waiting;
    const parcel_t *first = first_waiting(order, parcel->sight.frame.sender);
    bool last = first == NULL || compare_places(wmem_list_frame_data(wmem_list_tail(waiting)), parcel) <= 0;
    if (!last && (is_behind_hole(order->track, &first->sight) || is_new_among(order, waiting, &parcel->sight))) {
        wmem_list_insert_sorted(waiting, parcel, compare_places);
    } else {
        wmem_list_append(waiting, parcel);
    }
}

/* Whether after this frame no bytes come any more that fill a hole. Who acknowledges these bytes has them: its clock is
 * behind, and they stand behind its FIN. */
static bool closes_holes(order_t *order, const tcp_sight_t *sight)
{
    return (sight->flags & TCP_RST) != 0 ||
           ((sight->flags & TCP_FIN) != 0 && first_waiting(order, sender_other(sight->frame.sender)) != NULL &&
            !is_early(order->track, sight));
}

/* The frame before, whose order_tcp() was never called, as its headers were not read, is processed with the next one.
 */
static void put_away(order_t *order)
{
    if (order->at_hand != NULL) {
        put_in_line(order, order->at_hand);
        order->at_hand = NULL;
    }
}

bool order_meet(track_t *track, const tcp_sight_t *sight)
{
    clock_see(track, &sight->frame);
    order_t *order = order_of(track, sight);
    if (order == NULL) {
        return true;
    }
    if (parcel_of(track, &sight->frame) == NULL) {
        put_away(order);
        order->at_hand = parcel_new(track, sight);
        order->at_hand->at_once = !direction_of(order, sight->frame.sender)->run.kept && !has_to_wait(order, sight);
    }
    order->at_hand->read = true;
    return order->at_hand->at_once;
}

bool order_awaits_filling(const track_t *track)
{
    const parcel_t *parcel = track->seldom->order == NULL ? NULL : track->seldom->order->at_hand;
    return parcel != NULL && !parcel->at_once && is_behind_hole(track, &parcel->sight);
}

/* Whether the server answers a SYN that is not this connection's: the end of this one may not be in the capture. */
static bool begins_next(const track_t *track, const tcp_sight_t *sight)
{
    const tcp_side_t *client = track->client.tcp, *server = track->server.tcp;
    bool answers =
        sight->frame.sender == SENDER_SERVER && (sight->flags & TCP_SYN) != 0 && (sight->flags & TCP_ACK) != 0;
    return answers && server->has_isn && sight->seq != server->isn && client->has_isn && sight->ack != client->isn + 1;
}

/* Where a side's next byte should stand. A leap does not count before bytes follow it. */
static guint32 due_of(const track_t *track, sender_t sender)
{
    const leap_t *leap = &track->seldom->leap;
    guint32 next = track_side_of(track, sender)->tcp->next_seq;
    return leap->from != leap->to && leap->to == next && sender == SENDER_CLIENT ? leap->from : next;
}

bool order_is_far(const track_t *track, const tcp_sight_t *sight)
{
    const tcp_side_t *own = track_side_of(track, sight->frame.sender)->tcp;
    const tcp_side_t *peer = track_side_of(track, sender_other(sight->frame.sender))->tcp;
    bool known = own->has_seq && (peer->has_seq || own->has_acked) && (sight->flags & TCP_ACK) != 0;
    return known && tcp_are_far(sight->seq, due_of(track, sight->frame.sender)) &&
           tcp_are_far(sight->ack, peer->has_seq ? peer->next_seq : own->acked);
}

/* Whether a payload is what only a client says, and only first: PRELOGIN, or a ClientHello that names TDS 8.0. Bytes in
 * the middle of a connection do not look so by chance. */
static bool is_first_word(const tcp_facts_t *facts)
{
    const circumstances_t c = {.from_start = true, .sender = SENDER_CLIENT, .length = facts->payload_length};
    span_t bytes = span_of_tvb(facts->tvb, (gint)tcp_facts_payload(facts), MIN(c.length, RECOGNISED_BYTES));
    recognised_t how = recognise(bytes, &c);
    return how == CLAIM_STRICT || (how == CLAIM_TDS && bytes.at[0] == TDS_PRELOGIN);
}

/* Whether a client begins anew whose connection has no end in the capture. `sight` is far from that one's numbers. */
static bool begins_anew(track_t *track, const tcp_sight_t *sight, const tcp_facts_t *facts)
{
    if (sight->frame.sender != SENDER_CLIENT || !order_is_far(track, sight)) { /* nearly all frames */
        return false;
    }
    const connection_t *connection = &track->connection;
    if (!connection_is_past_login(connection) && connection->state != STATE_LOGIN_FAILED) {
        return false;
    }
    if (sight->length == 0) {
        track_seldom(track)->leap = (leap_t){due_of(track, SENDER_CLIENT), sight->seq};
    }
    return sight->payload > 0 && is_first_word(facts);
}

bool order_is_of_next(track_t *track, const tcp_sight_t *sight, const tcp_facts_t *facts)
{
    const connection_t *connection = &track->connection;
    if (begins_next(track, sight)) {
        track_seldom(track)->next_begun = true;
        return true;
    }
    if (sight->frame.sender == SENDER_UNKNOWN || (sight->flags & TCP_RST) != 0) {
        return false;
    }
    bool over = connection->reset || (connection->client.fin && connection->server.fin) || track->seldom->next_begun;
    if (!over) {
        return begins_anew(track, sight, facts);
    }
    const tcp_side_t *own = track_side_of(track, sight->frame.sender)->tcp;
    bool syn = (sight->flags & TCP_SYN) != 0 && (gint32)(sight->seq - own->next_seq) > 0;
    return own->has_seq && (syn || tcp_are_far(sight->seq, due_of(track, sight->frame.sender)));
}

void order_unit(track_t *track, const frame_t *frame, const unit_t *unit, span_t bytes, guint32 reported,
                guint32 offset)
{
    parcel_t *parcel = parcel_of(track, frame);
    if (parcel == NULL || parcel->at_once) {
        units_read(track, frame, unit, bytes, reported, offset);
        return;
    }
    deed_t deed = {
        .kind = DEED_UNIT,
        .unit = *unit,
        .reported = reported,
        .offset = offset,
        .units = frame->units,
        .follows = track_side_of(track, frame->sender)->tcp->unit_follows,
    };
    parcel_add(parcel, deed, bytes);
}

void order_encrypted(track_t *track, const frame_t *frame, guint32 length)
{
    parcel_t *parcel = parcel_of(track, frame);
    if (parcel == NULL || parcel->at_once) {
        units_read_encrypted(track, frame, length, true);
        return;
    }
    parcel_add(parcel, (deed_t){DEED_ENCRYPTED, .reported = length, .units = frame->units}, span_none());
}

void order_unfinished(track_t *track, const frame_t *frame, span_t rest)
{
    parcel_t *parcel = parcel_of(track, frame);
    if (parcel == NULL && rest.length > 0) {
        tail_begin(track, frame, rest);
    }
    if (parcel == NULL || parcel->at_once) {
        track_unit_unfinished(track, frame);
    } else {
        parcel_add(parcel, (deed_t){DEED_UNFINISHED, .units = frame->units}, span_none());
    }
    if (parcel != NULL) {
        assembly_add(&parcel->rest, rest, (guint32)rest.length, PARCEL_REST_LIMIT);
    }
}

void order_tcp(track_t *track, tcp_sight_t *sight, const payload_t *payload)
{
    clock_see(track, &sight->frame);
    order_t *order = order_of(track, sight);
    if (order == NULL) {
        order_advance_frame(track, sight, payload->cut);
        tail_follow(track, sight, payload->bytes);
        return;
    }
    parcel_t *parcel = parcel_of(track, &sight->frame);
    parcel = parcel != NULL ? parcel : parcel_new(track, sight);
    order->at_hand = NULL;
    parcel->sight = *sight;
    parcel->cut = payload->cut;
    parcel->kept = (sight->analysis & KEPT_FLAGS) != 0;
    parcel->foreign = !payload->ours;
    if (!parcel->at_once || parcel->kept) {
        assembly_add(&parcel->payload, payload->bytes, sight->payload, G_MAXUINT32);
    }
    order->closed = order->closed || closes_holes(order, sight);
    if (is_behind_hole(track, sight)) {
        watch_hole(track, sight);
    }
    put_in_line(order, parcel);
    order_advance_waiting(order, instant_of(&sight->frame));
}
