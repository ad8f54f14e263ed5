/* watch.c - what TCP does to a connection.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "memory/watch.h"

#include <epan/to_str.h>

#include <string.h>

#include "compat.h"
#include "memory/annotations.h"
#include "memory/clock.h"
#include "memory/keep.h"
#include "memory/times.h"
#include "wire/tcpfacts.h"

static guint16 analysis_flags(packet_info *pinfo, const conversation_t *conversation, track_t *track, bool syn)
{
    const struct tcp_analysis *tcp = track == NULL ? tcp_analysis_of(conversation) : track_tcp_of(track, pinfo);
    return tcp == NULL ? 0 : compat_tcp_flags(tcp, syn);
}

tcp_sight_t watch_sight(packet_info *pinfo, const conversation_t *conversation, track_t *track,
                        const tcp_facts_t *facts)
{
    ASSERT_FIRST_PASS(pinfo);
    return (tcp_sight_t){
        .frame = frame_of(pinfo, track == NULL ? SENDER_UNKNOWN : track_sender(track, pinfo)),
        .source_port = (guint16)pinfo->srcport,
        .flags = facts->flags,
        .analysis = analysis_flags(pinfo, conversation, track, (facts->flags & TCP_SYN) != 0),
        .has_payload = facts->payload_length > 0,
        .payload = facts->payload_length,
        .seq = facts->seq,
        .ack = facts->ack,
        .length = facts->payload_length + ((facts->flags & TCP_SYN) != 0) + ((facts->flags & TCP_FIN) != 0),
        .ttl = facts->ttl,
        .selective = facts->selective,
        .ip_id = facts->ip_id,
        .timestamp = facts->has_timestamp ? facts->timestamp : 0,
    };
}

/* Whether this frame comes so soon behind that one; false where that is not known. */
static bool is_within(const track_t *track, instant_t before, const tcp_sight_t *sight, moment_t limit)
{
    moment_t apart = track_since(track, before, instant_of(&sight->frame));
    return apart != MOMENT_NONE && apart < limit;
}

/* With the same Identification it is a copy, if it comes before a timer of TCP can send it again; with none only if it
 * comes at once. */
static bool may_be_copy(const track_t *track, instant_t before, const tcp_sight_t *sight)
{
    const moment_t shortest_timer = MILLISECONDS(200); /* RFC 6298 wants a second; no system goes below 200 ms */
    moment_t apart = track_since(track, before, instant_of(&sight->frame));
    return apart == MOMENT_NONE ? sight->ip_id != 0 : apart < (sight->ip_id != 0 ? shortest_timer : MOMENT_COPY);
}

/* The numbers of a frame, mixed to one. */
static guint32 mixed(const tcp_sight_t *sight)
{
    guint64 one = (guint64)sight->ack << 32 | sight->seq;
    guint64 other = (guint64)sight->length << 32 | sight->timestamp;
    guint64 third = (guint32)sight->ip_id << 8 | sight->flags;
    guint64 both = one * 0x9E3779B97F4A7C15u ^ other; /* primes with bits all over */
    both = ((both ^ both >> 29) ^ third << 32) * 0xC2B2AE3D27D4EB4Fu;
    return (guint32)((both ^ both >> 29) * 0x9E3779B97F4A7C15u >> 32);
}

/* A mirror port, two interfaces or pktmon show a frame more than once: with the same Identification. Where a sender
 * uses none, its time stamp and the moment tell, for no timer of TCP is so short. */
static bool is_copy(const track_t *track, const tcp_side_t *own, const tcp_sight_t *sight, guint32 numbers)
{
    for (guint i = 0; i < own->latest_count; i++) {
        const latest_frame_t *before = &own->latest[i];
        if (before->mixed == numbers && sight->flags != 0 &&
            may_be_copy(track, track_instant(track, before->frame), sight)) {
            return true;
        }
    }
    return false;
}

/* A side that sends a frame only, as a SYN that nobody answers, needs no ring. */
static void make_room(tcp_side_t *own)
{
    const gsize one = sizeof *own->latest;
    if (own->latest_count < 2) {
        own->latest = (latest_frame_t *)keep_larger(own->latest, own->latest_count * one,
                                                    own->latest_count == 0 ? one : LATEST_FRAMES * one);
    }
}

static void note_latest(tcp_side_t *own, const tcp_sight_t *sight, guint32 numbers)
{
    make_room(own);
    own->latest[own->latest_place] = (latest_frame_t){sight->frame.number, numbers};
    own->latest_place = (guint8)((own->latest_place + 1) % LATEST_FRAMES);
    own->latest_count = MIN(own->latest_count + 1, LATEST_FRAMES);
}

/* Whether this frame of the other side acknowledges what this side sends again and again. */
static bool arrived(const tcp_trouble_t *trouble, const tcp_sight_t *sight)
{
    return (sight->flags & TCP_ACK) == 0 || (gint32)(sight->ack - trouble->copied) > 0;
}

/* The other side says anything. */
static void end_runs(tcp_trouble_t *trouble, const tcp_sight_t *sight)
{
    trouble->copies = arrived(trouble, sight) ? 0 : trouble->copies;
    trouble->heard = trouble->copies > 0;
    trouble->keep_alives = 0;
}

/* This frame sends a segment again. */
static void count_copy(tcp_trouble_t *trouble, const tcp_sight_t *sight, bool anew)
{
    bool same = trouble->copies > 0 && trouble->copied == sight->seq;
    trouble->heard = same && trouble->heard;
    trouble->copies = (same ? trouble->copies : 0) + anew;
    trouble->copied = sight->seq;
}

/* The server does not know that its SYN-ACK was acknowledged. */
static void watch_opening(track_t *track, tcp_side_t *own, const tcp_sight_t *sight)
{
    const tcp_side_t *peer = track_side_of(track, sender_other(sight->frame.sender))->tcp;
    bool opens = (sight->flags & (TCP_SYN | TCP_ACK)) == (TCP_SYN | TCP_ACK);
    if (opens && !sight->copy && own->has_isn && own->isn == sight->seq && peer->has_acked &&
        peer->acked == sight->seq + 1) {
        tcp_trouble(own)->opened_again = sight->frame.number;
    }
}

/* A run of copies lasts until it is acknowledged, one of keep-alives until the other side says anything. */
static void watch_runs(track_t *track, tcp_side_t *own, const tcp_sight_t *sight)
{
    tcp_trouble_t *of_peer = track_trouble_met(track, sender_other(sight->frame.sender));
    bool copy = (sight->analysis & TCP_FLAGS_ANY_RETRANSMISSION) != 0;
    bool keep_alive = (sight->analysis & TCP_FLAG_KEEP_ALIVE) != 0;
    bool syn = (sight->flags & (TCP_SYN | TCP_ACK)) == TCP_SYN;
    bool anew = (copy || keep_alive || syn || sight->has_payload) && !sight->copy;
    track->syn_count += syn && anew;
    if (sight->has_payload && !sight->copy) {
        own->last_words = sight->frame.number;
        track->server_spoke_last = track->server_spoke_last || sight->frame.sender == SENDER_SERVER;
    }
    if (copy) {
        count_copy(tcp_trouble(own), sight, anew);
    }
    if (keep_alive && anew) {
        tcp_trouble(own)->keep_alives++;
    }
    track->copies += sight->copy;
    if ((sight->flags & TCP_RST) == 0 && of_peer != NULL) {
        end_runs(of_peer, sight);
    }
}

static void watch_window(tcp_side_t *own, tcp_sight_t *sight)
{
    bool closed = (sight->analysis & TCP_FLAG_ZERO_WINDOW) != 0;
    if (closed && own->trouble->closed.frame == 0) {
        tcp_trouble(own)->closed = instant_of(&sight->frame);
    } else if (!closed && own->trouble->closed.frame != 0 && (sight->flags & (TCP_RST | TCP_SYN)) == 0) {
        sight->frame.tcp.window_opened = sight->frame.sender;
    }
}

/* So a host answers a SYN-ACK if its TCP sent no SYN: a port scan makes its own (RFC 9293 3.10.7.1). */
static bool disowns_syn(const tcp_side_t *own, const tcp_sight_t *sight)
{
    return (sight->flags & (TCP_RST | TCP_ACK)) == TCP_RST && own->has_isn && !own->has_acked;
}

/* Routers between count a TTL down alike for all of a sender's packets; a device that resets has another way. */
static void watch_ttl(tcp_side_t *own, tcp_sight_t *sight)
{
    bool reset = (sight->flags & TCP_RST) != 0;
    if (!reset) {
        own->first_ttl = own->first_ttl == 0 ? sight->ttl : own->first_ttl;
        own->ttl = sight->ttl;
    }
    sight->frame.tcp.reset_ttl = reset ? sight->ttl : 0;
    /* A proxy may have answered the SYN in its name, and of frames captured at two places there are two. */
    sight->frame.tcp.usual_ttl = sight->ttl == own->first_ttl ? own->first_ttl : own->ttl;
    if (disowns_syn(own, sight)) {
        sight->frame.tcp.syn_ttl = own->ttl;
        sight->frame.tcp.usual_ttl = 0;
    }
}

#define SEQUENCE_FAR (1 << 24) /* bytes: a window, and data on the way */

/* An RST far from where its sender's next segment would stand, or before its first, is of an earlier connection with
 * the same ports, or forged (RFC 5961 3). */
static bool is_stray(const tcp_side_t *own, guint32 seq, gint32 ahead)
{
    return ahead >= SEQUENCE_FAR || ahead <= -SEQUENCE_FAR || (own->has_isn && (gint32)(seq - own->isn) < 0);
}

/* Missing bytes. {{{ */

#define RANGES_LIMIT 32

static bool is_filled(const byte_range_t *range)
{
    return range->from == range->to;
}

static bool overlaps(const byte_range_t *range, guint32 from, guint32 to)
{
    return !is_filled(range) && (gint32)(range->to - from) > 0 && (gint32)(to - range->from) > 0;
}

/* The index of a range that may be forgotten: a filled one, else the oldest. Before the end of that one it is then not
 * known which bytes are new. */
static guint range_to_forget(tcp_trouble_t *trouble, const byte_range_t *ranges)
{
    for (guint i = 0; i < RANGES_LIMIT; i++) {
        if (is_filled(&ranges[i])) {
            return i;
        }
    }
    trouble->unknown_until = ranges[0].to;
    trouble->has_unknown = true;
    return 0;
}

static void note_missing(tcp_trouble_t *trouble, guint32 from, guint32 to, instant_t since)
{
    byte_range_t range = {from, to, since};
    if (trouble->missing == NULL) {
        trouble->missing = wmem_array_sized_new(wmem_file_scope(), sizeof range, 2);
    }
    if (wmem_array_get_count(trouble->missing) < RANGES_LIMIT) {
        wmem_array_append_one(trouble->missing, range);
        return;
    }
    byte_range_t *ranges = (byte_range_t *)wmem_array_get_raw(trouble->missing);
    guint place = range_to_forget(trouble, ranges);
    memmove(ranges + place, ranges + place + 1, (RANGES_LIMIT - 1 - place) * sizeof range);
    ranges[RANGES_LIMIT - 1] = range;
}

static guint count_missing(const tcp_side_t *side)
{
    return side->trouble->missing == NULL ? 0 : wmem_array_get_count(side->trouble->missing);
}

/* A range that is filled stays, empty. What is left behind the bytes that came is a range of its own. */
static void fill_missing(tcp_side_t *side, guint32 from, guint32 to)
{
    guint count = count_missing(side);
    for (guint i = 0; i < count; i++) {
        byte_range_t *range = (byte_range_t *)wmem_array_index(side->trouble->missing, i);
        if (!overlaps(range, from, to)) {
            continue;
        }
        byte_range_t behind = {to, range->to, range->since};
        range->to = (gint32)(from - range->from) > 0 ? from : range->from;
        if ((gint32)(behind.to - behind.from) > 0) {
            note_missing(tcp_trouble(side), behind.from, behind.to, behind.since);
            return; /* it ends in this range, and the others may have moved */
        }
    }
}

static guint32 earlier(guint32 one, guint32 other)
{
    return (gint32)(one - other) < 0 ? one : other;
}

static guint32 later(guint32 one, guint32 other)
{
    return (gint32)(one - other) > 0 ? one : other;
}

guint32 watch_first_new(const track_t *track, sender_t sender, guint32 seq, guint32 length)
{
    const tcp_side_t *side = track_side_of(track, sender)->tcp;
    if (!side->has_seq || (side->trouble->has_unknown && (gint32)(seq - side->trouble->unknown_until) < 0)) {
        return seq; /* rather twice than not at all */
    }
    guint32 first = later(side->next_seq, seq);
    guint count = count_missing(side);
    for (guint i = 0; i < count; i++) {
        const byte_range_t *range = (const byte_range_t *)wmem_array_index(side->trouble->missing, i);
        first = overlaps(range, seq, seq + length) ? earlier(first, later(range->from, seq)) : first;
    }
    return earlier(first, seq + length);
}

void watch_filled(track_t *track, const frame_t *frame, instant_t since)
{
    tcp_trouble_t *trouble = tcp_trouble(track_tcp(track, frame->sender));
    trouble->refill.frame = frame->number;
    trouble->refill.since = since;
}

void watch_refill(track_t *track, const tcp_sight_t *sight)
{
    const tcp_side_t *side = track_side_of(track, sight->frame.sender)->tcp;
    guint count = sight->payload == 0 ? 0 : count_missing(side);
    for (guint i = 0; i < count; i++) {
        const byte_range_t *range = (const byte_range_t *)wmem_array_index(side->trouble->missing, i);
        if (overlaps(range, sight->seq, sight->seq + sight->payload)) {
            watch_filled(track, &sight->frame, range->since);
            return;
        }
    }
}

moment_t watch_lost_for(const track_t *track, sender_t sender, guint32 first, instant_t now, guint32 *shown)
{
    const tcp_trouble_t *trouble = track_side_of(track, sender)->tcp->trouble;
    if (sender == SENDER_UNKNOWN || trouble->refill.frame == 0 || trouble->refill.frame < first ||
        trouble->refill.frame > now.frame) {
        return MOMENT_NONE;
    }
    *shown = trouble->refill.since.frame;
    return track_since(track, trouble->refill.since, now);
}

bool watch_is_again(const track_t *track, sender_t sender, guint32 seq, guint32 length)
{
    return sender != SENDER_UNKNOWN && length != 0 && track_side_of(track, sender)->tcp->has_seq &&
           watch_first_new(track, sender, seq, length) == seq + length;
}

/* }}} */

/* Bytes that did not reach the other side are no fault of the capture. An ACK may have been on its way when they
 * passed; a SACK of later ones tells at once, and so does what it acknowledges long after. */
#define ACK_DUE SECONDS(1) /* more than a way, and the half second that RFC 9293 3.8.6.3 leaves an ACK */

static void watch_word_of_lost(track_t *track, tcp_trouble_t *of, const tcp_sight_t *sight)
{
    if (of == NULL || of->lost.before.frame == 0) {
        return;
    }
    if ((gint32)(sight->ack - of->lost.from) > 0) {
        of->lost.before.frame = 0;
    } else if (of->lost.lacked_frame == 0 &&
               (sight->selective || track_since(track, of->lost.before, instant_of(&sight->frame)) >= ACK_DUE)) {
        of->lost.lacked_frame = sight->frame.number;
    }
}

/* A reset that acknowledges all before the bytes that are missing: who sends it did not have them. A device may put any
 * number there. */
static void watch_last_word_of_lost(tcp_trouble_t *of, const tcp_side_t *own, const tcp_sight_t *sight)
{
    bool device = own->ttl != 0 && rule_is_foreign_ttl(sight->ttl, own->ttl);
    bool lost = of != NULL && of->lost.before.frame != 0 && of->lost.lacked_frame == 0;
    if (lost && sight->ack == of->lost.from && !device) {
        of->lost.lacked_frame = sight->frame.number;
    }
}

/* The first bytes of a side that are missing: nothing behind them reaches the other side's application without them. */
static void note_lost(tcp_side_t *own, const tcp_sight_t *sight)
{
    tcp_trouble_t *trouble = tcp_trouble(own);
    bool first = trouble->gap == 0 || trouble->gap == sight->frame.number;
    bool noted = trouble->lost.before.frame != 0 && trouble->lost.from == own->next_seq;
    if (first && trouble->missing == NULL && !noted) {
        trouble->lost.before = instant_of(&sight->frame);
        trouble->lost.from = own->next_seq;
        trouble->lost.to = sight->seq;
        trouble->lost.lacked_frame = 0;
    }
}

void watch_hole(track_t *track, const tcp_sight_t *sight)
{
    note_lost(track_tcp(track, sight->frame.sender), sight);
}

static bool is_loss(const tcp_side_t *side)
{
    const tcp_trouble_t *trouble = side->trouble;
    return trouble->gap == 0 || (trouble->lost.before.frame != 0 && trouble->lost.lacked_frame != 0);
}

bool watch_gap_is_loss(const track_t *track)
{
    return track->gap && is_loss(track->client.tcp) && is_loss(track->server.tcp);
}

/* Notes what a frame acknowledges: bytes of the other side, in the capture or not. */
static void watch_ack(track_t *track, tcp_side_t *own, const tcp_sight_t *sight)
{
    const tcp_side_t *peer = track_side_of(track, sender_other(sight->frame.sender))->tcp;
    tcp_trouble_t *of_peer = track_trouble_met(track, sender_other(sight->frame.sender));
    gint32 step = (gint32)(sight->ack - own->acked);
    if ((sight->flags & TCP_ACK) != 0 && peer->has_seq && sight->ack == peer->next_seq) {
        clock_see_ack(track, &sight->frame, instant_kept(peer->sent));
    }
    if ((sight->flags & TCP_ACK) == 0) {
        return;
    }
    if ((sight->flags & TCP_RST) != 0) {
        watch_last_word_of_lost(of_peer, own, sight);
        return;
    }
    watch_word_of_lost(track, of_peer, sight);
    if (own->has_acked && step <= 0) {
        own->ack_repeated = own->ack_repeated || (step == 0 && sight->length == 0);
        return;
    }
    own->ack_repeated = false;
    own->ack_step = own->has_acked ? (guint32)step : 0;
    own->acked = sight->ack;
    own->has_acked = true;
}

bool watch_knows_fin_of_peer(const track_t *track, sender_t sender)
{
    const tcp_side_t *own = track_side_of(track, sender)->tcp;
    const tcp_side_t *peer = track_side_of(track, sender_other(sender))->tcp;
    if (!own->has_acked || sender == SENDER_UNKNOWN) {
        return false;
    }
    gint32 beyond = (gint32)(own->acked - peer->next_seq);
    return peer->has_seq && beyond <= 1 ? beyond == 1 : own->ack_step == 1;
}

/* Whether a number stands no further than a side's SYN and a FIN lead. */
static bool is_at_start(const tcp_side_t *side, guint32 number)
{
    return side->has_isn && number - side->isn <= 2;
}

/* As far as a side shows itself, or was acknowledged. */
static bool sent_no_byte(const tcp_side_t *side, const tcp_side_t *peer)
{
    return is_at_start(side, side->next_seq) && (!peer->has_acked || is_at_start(side, peer->acked));
}

bool watch_lacks_no_byte(const track_t *track, const tcp_sight_t *sight)
{
    const tcp_side_t *own = track_side_of(track, sight->frame.sender)->tcp;
    const tcp_side_t *peer = track_side_of(track, sender_other(sight->frame.sender))->tcp;
    bool acknowledges = (sight->flags & TCP_ACK) != 0;
    return sent_no_byte(own, peer) && sent_no_byte(peer, own) && is_at_start(own, sight->seq) &&
           (!acknowledges || is_at_start(peer, sight->ack));
}

bool watch_reset_follows_fin(const track_t *track, const tcp_sight_t *sight)
{
    const tcp_side_t *own = track_side_of(track, sight->frame.sender)->tcp;
    return own->has_seq && sight->seq == own->next_seq + 1;
}

/* RFC 9293 3.10.7.3: an RST that does not acknowledge the SYN that waits for an answer ends nothing. */
static bool is_no_answer_to_syn(const tcp_side_t *own, const tcp_side_t *peer, const tcp_sight_t *sight)
{
    bool waits = peer->has_isn && !peer->has_acked && !own->has_seq;
    bool answers = (sight->flags & TCP_ACK) != 0 && (gint32)(sight->ack - peer->isn) > 0 &&
                   (gint32)(sight->ack - peer->next_seq) <= 0;
    return waits && !answers;
}

/* Whether the first segment of a side stands behind what the other side has acknowledged. The bytes between were on
 * their way when the capture began, and may come again. */
static bool is_behind_acked(const tcp_side_t *peer, const tcp_sight_t *sight)
{
    gint32 between = (gint32)(sight->seq - peer->acked);
    return peer->has_acked && between > 0 && between < SEQUENCE_FAR;
}

/* Notes which bytes of a side are missing. `ahead`: how far this segment stands ahead of the one that was due. */
static void watch_missing(tcp_side_t *own, const tcp_side_t *peer, const tcp_sight_t *sight, gint32 ahead)
{
    if (ahead > 0) {
        note_lost(own, sight);
        note_missing(tcp_trouble(own), own->next_seq, sight->seq, instant_of(&sight->frame));
    } else if (!own->has_seq && is_behind_acked(peer, sight)) {
        note_missing(tcp_trouble(own), peer->acked, sight->seq, instant_of(&sight->frame));
    } else if (sight->length > 0) {
        fill_missing(own, sight->seq, sight->seq + sight->length);
    }
}

bool watch_is_of_older(const track_t *track, const tcp_sight_t *sight)
{
    const tcp_side_t *own = track_side_of(track, sight->frame.sender)->tcp;
    const tcp_side_t *peer = track_side_of(track, sender_other(sight->frame.sender))->tcp;
    bool waits = sight->frame.sender == SENDER_SERVER && peer->has_isn && !own->has_isn;
    gint32 beyond = (gint32)(sight->ack - peer->next_seq);
    gint32 far = (sight->flags & TCP_SYN) != 0 ? 1 : ACK_FAR; /* an ACK may be of bytes that were not captured */
    return waits && (sight->flags & (TCP_ACK | TCP_RST)) == TCP_ACK &&
           ((gint32)(sight->ack - peer->isn) <= 0 || beyond >= far);
}

static void watch_sequence(track_t *track, tcp_side_t *own, tcp_sight_t *sight)
{
    const tcp_side_t *peer = track_side_of(track, sender_other(sight->frame.sender))->tcp;
    guint32 next = sight->seq + sight->length;
    gint32 ahead = own->has_seq ? (gint32)(sight->seq - own->next_seq) : 0;
    bool reset = (sight->flags & TCP_RST) != 0;
    bool stray = reset && (is_stray(own, sight->seq, ahead) || is_no_answer_to_syn(own, peer, sight));
    sight->frame.tcp.stray_reset = stray;
    sight->frame.tcp.bare_reset = reset && (sight->flags & TCP_ACK) == 0;
    if (reset && !stray && ahead > 0) { /* what stands before it is not in the capture */
        track_note_gap(track, sight->frame.sender, sight->frame.number);
    }
    if (!reset) {
        watch_missing(own, peer, sight, ahead);
    }
    own->longest = MAX(own->longest, sight->length);
    if (!reset && (!own->has_seq || (gint32)(next - own->next_seq) > 0)) {
        own->next_seq = next;
        own->sent = instant_keep(sight->length > 0 ? instant_of(&sight->frame) : (instant_t){0});
        own->has_seq = true;
        own->has_isn = own->has_isn && next - own->isn < SEQUENCE_FAR; /* later, numbers come round */
    }
    if ((sight->flags & TCP_SYN) != 0) {
        own->isn = sight->seq;
        own->has_isn = true;
    }
}

/* RFC 1191, RFC 8201: the headers of IP and TCP take at least so much of an MTU. */
enum { V4_HEADERS = 40, V6_HEADERS = 60 };

/* What is acknowledged arrived, in one packet or in several: a network card may have cut it, or it came again in
 * smaller ones. */
static void watch_arrival_of_big(icmp_track_t *icmp, const tcp_sight_t *sight)
{
    bool acknowledges = (sight->flags & (TCP_ACK | TCP_RST)) == TCP_ACK;
    if (acknowledges && (gint32)(sight->ack - icmp->behind) >= 0) {
        icmp->ignored = 0;
    }
}

/* Notes a segment that is too big after ICMP said so: its sender ignores that, or did not get it. */
static void watch_too_big(track_t *track, const tcp_sight_t *sight)
{
    icmp_track_t *icmp = track->seldom->icmp;
    if (icmp == NULL || !unreachable_is_too_big(&icmp->what) || sight->copy) {
        return;
    }
    if (sight->frame.sender != icmp->of) {
        watch_arrival_of_big(icmp, sight);
    } else if (sight->length + (icmp->what.v6 ? V6_HEADERS : V4_HEADERS) > icmp->what.mtu) {
        icmp->ignored = MAX(icmp->ignored, sight->length);
        icmp->behind = sight->seq + sight->length;
    }
}

/* Whether this is the error that is kept, once more. */
static bool is_same_error(const icmp_track_t *icmp, sender_t of, const unreachable_t *what)
{
    return icmp->count > 0 && icmp->of == of && icmp->what.v6 == what->v6 && icmp->what.type == what->type &&
           icmp->what.code == what->code;
}

void watch_icmp(track_t *track, sender_t of, guint32 frame, const icmp_answer_t *answer)
{
    const unreachable_t *what = &answer->what;
    if (track->seldom->icmp == NULL) {
        track_seldom(track)->icmp = wmem_new0(wmem_file_scope(), icmp_track_t);
    }
    icmp_track_t *icmp = track->seldom->icmp;
    if (!is_same_error(icmp, of, what)) {
        *icmp = (icmp_track_t){.frame = frame, .what = *what, .of = of};
    }
    icmp->what.mtu = what->mtu;
    icmp->latest = frame;
    icmp->seq = answer->seq;
    icmp->has_seq = answer->has_seq;
    icmp->count++;
    icmp->from = address_to_str(wmem_file_scope(), &answer->from);
}

#define ALIVES_APART SECONDS(2) /* a keep-alive that is not answered comes again so soon; the next one is later */

/* A side whose keep-alive is answered waits long before the next one. If it does not, the answers do not reach it. */
static void watch_answered_alives(track_t *track, const tcp_sight_t *sight)
{
    tcp_trouble_t *met = track_trouble_met(track, sight->frame.sender);
    bool alive = (sight->analysis & TCP_FLAG_KEEP_ALIVE) != 0;
    if (alive && !sight->copy) {
        tcp_trouble_t *trouble = tcp_trouble(track_tcp(track, sight->frame.sender));
        bool again = is_within(track, trouble->alive, sight, ALIVES_APART);
        trouble->answered_alives = again ? trouble->answered_alives + 1 : 0;
        trouble->alive = instant_of(&sight->frame);
    } else if (!alive && sight->has_payload && met != NULL) {
        met->answered_alives = 0;
    }
}

#define PAUSE SECONDS(5) /* the rest of a message does not come so late */

/* Keep-alives do not break a silence. */
static void watch_data(track_t *track, const tcp_sight_t *sight)
{
    bool again = (sight->analysis & (TCP_FLAGS_ANY_RETRANSMISSION | TCP_FLAG_KEEP_ALIVE)) != 0;
    if (sight->has_payload && !again) {
        moment_t idle = track_since(track, instant_kept(track->login->latest_data), instant_of(&sight->frame));
        if (idle >= PAUSE) {
            track_seldom(track)->idle_before_data = idle;
            track_seldom(track)->data_after_idle = instant_of(&sight->frame);
        }
        track_login(track)->latest_data = instant_keep(instant_of(&sight->frame));
        track->keep_alives_answered = false;
    }
    track->keep_alives_answered = track->keep_alives_answered || (sight->analysis & TCP_FLAG_KEEP_ALIVE_ACK) != 0;
}

void watch_frame(track_t *track, tcp_sight_t *sight)
{
    if (sight->frame.sender == SENDER_UNKNOWN) {
        return;
    }
    tcp_side_t *side = track_tcp(track, sight->frame.sender);
    guint32 numbers = mixed(sight);
    sight->copy = is_copy(track, side, sight, numbers);
    if (!sight->copy) {
        note_latest(side, sight, numbers);
    }
    watch_runs(track, side, sight);
    watch_opening(track, side, sight);
    watch_window(side, sight);
    watch_ttl(side, sight);
    if (!watch_is_of_older(track, sight)) {
        watch_ack(track, side, sight);
        watch_sequence(track, side, sight);
    }
    track->latest = instant_keep(instant_of(&sight->frame));
    watch_data(track, sight);
    watch_answered_alives(track, sight);
    watch_too_big(track, sight);
    track->frames++;
    side->bad_checksums += sight->bad_checksum;
}

void watch_note_window(track_t *track, tcp_sight_t *sight)
{
    tcp_trouble_t *trouble = tcp_trouble(track_tcp(track, sight->frame.tcp.window_opened));
    trouble->closed = (instant_t){0};
    trouble->reopened = sight->frame.number;
    sight->frame.tcp.window_opened = SENDER_UNKNOWN;
}

static sender_t who_closed_window(const track_t *track)
{
    if (track->client.tcp->trouble->closed.frame != 0) {
        return SENDER_CLIENT;
    }
    return track->server.tcp->trouble->closed.frame != 0 ? SENDER_SERVER : SENDER_UNKNOWN;
}

static window_t closed_window(const track_t *track, sender_t of, instant_t now, moment_t silence)
{
    const tcp_side_t *side = track_side_of(track, of)->tcp;
    if (of == SENDER_UNKNOWN) {
        return (window_t){.of = of};
    }
    return (window_t){
        .of = of,
        .frame = side->trouble->closed.frame,
        .closed_for = track_lasted(track, side->trouble->closed, now, silence),
    };
}

lost_t watch_undelivered(const track_t *track, instant_t now, moment_t silence)
{
    const tcp_side_t *client = track->client.tcp;
    bool by_client = client->trouble->lost.before.frame != 0 && client->trouble->lost.lacked_frame != 0;
    const tcp_side_t *side = by_client ? client : track->server.tcp;
    if (!watch_gap_is_loss(track)) {
        return (lost_t){.of = SENDER_UNKNOWN};
    }
    return (lost_t){
        .of = by_client ? SENDER_CLIENT : SENDER_SERVER,
        .frame = side->trouble->lost.before.frame,
        .bytes = side->trouble->lost.to - side->trouble->lost.from,
        .longest = side->longest,
        .lacked_frame = side->trouble->lost.lacked_frame,
        .lacked_for = track_lasted(track, side->trouble->lost.before, now, silence),
    };
}

void watch_fill(case_t *c, const track_t *track, instant_t now)
{
    const tcp_side_t *client = track->client.tcp;
    const tcp_side_t *server = track->server.tcp;
    const tcp_trouble_t *of_client = client->trouble;
    const tcp_trouble_t *of_server = server->trouble;
    bool by_client = of_client->copies + of_client->keep_alives >= of_server->copies + of_server->keep_alives;
    const tcp_trouble_t *worse = by_client ? of_client : of_server;
    c->sufferer = by_client ? SENDER_CLIENT : SENDER_SERVER;
    c->copies = worse->copies;
    c->heard = worse->heard;
    c->keep_alives = worse->keep_alives;
    c->repeated_alives = MAX(of_client->answered_alives, of_server->answered_alives);
    c->window = closed_window(track, who_closed_window(track), now, c->silence);
    c->undelivered = watch_undelivered(track, now, c->silence);
    c->opened_again = of_server->opened_again;
    c->idle_before_request = track->login->idle_before_request;
    c->idle_before_data = track->seldom->idle_before_data;
    c->idle_ended_frame = track->seldom->data_after_idle.frame;
    c->since_idle_ended = track_since(track, track->seldom->data_after_idle, now);
    c->frame_count = track->frames;
    c->copy_count = track->copies;
    c->bad_checksums_client = client->bad_checksums;
    c->bad_checksums_server = server->bad_checksums;
}

void watch_fill_frame(case_t *c, const track_t *track, const frame_t *frame)
{
    c->reset_ttl = frame->tcp.reset_ttl;
    c->usual_ttl = frame->tcp.usual_ttl;
    c->syn_ttl = frame->tcp.syn_ttl;
    c->bare_reset = frame->tcp.bare_reset;
    if (frame->tcp.window_opened != SENDER_UNKNOWN) {
        c->window = closed_window(track, frame->tcp.window_opened, instant_of(frame), c->silence);
        c->window.open = true;
    }
}
