/* claim.c - which TCP conversations are connections to SQL Server, and what comes before that is known.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "stream/claim.h"

#include "compat.h"
#include "core/proxy.h"
#include "judge/advance.h"
#include "memory/browser.h"
#include "memory/capture.h"
#include "memory/keep.h"
#include "memory/links.h"
#include "memory/lookup.h"
#include "readers/units.h"
#include "stream/order.h"

#define EARLY_LIMIT   24         /* frames that are kept of a conversation that is not claimed yet */
#define NEXT_PATIENCE SECONDS(1) /* clocks are seldom further apart */

/* The plugin's data of a TCP conversation: its connection, or what was noted before it was known to be one. */
typedef struct anchor {
    track_t *track;
    wmem_array_t *early; /* early_t */
    struct anchor *next; /* of the next connection with the same ends, if frames of it stand before its SYN; or NULL */
    bool refused;        /* its first payload was something else: it is not examined again */
    bool known;          /* of `next`: the payload of a noted frame is SQL Server's */
    void *pipes;         /* of stream/smb.c */
} anchor_t;

/* A frame that came before its conversation was known to be SQL Server's. */
typedef struct {
    tcp_sight_t sight;
    guint8 *payload; /* file scope, or NULL */
    guint32 captured;
} early_t;

static const tcp_sight_t *early_sight(const anchor_t *anchor, guint index)
{
    return &((const early_t *)wmem_array_index(anchor->early, index))->sight;
}

static void forget_early(anchor_t *anchor)
{
    for (guint i = 0; anchor->early != NULL && i < wmem_array_get_count(anchor->early); i++) {
        wmem_free(wmem_file_scope(), ((early_t *)wmem_array_index(anchor->early, i))->payload);
    }
    if (anchor->early != NULL) {
        wmem_destroy_array(anchor->early);
    }
    anchor->early = NULL;
}

static anchor_t *anchor_of(const conversation_t *conversation)
{
    return conversation->conv_index < capture.anchors.room ? capture.anchors.of[conversation->conv_index] : NULL;
}

static void set_anchor(const conversation_t *conversation, anchor_t *anchor)
{
    capture.anchors.of =
        (anchor_t **)keep_places(capture.anchors.of, &capture.anchors.room, conversation->conv_index, sizeof(void *));
    capture.anchors.of[conversation->conv_index] = anchor;
}

static anchor_t *anchor_new(void)
{
    static const anchor_t empty;
    return (anchor_t *)keep_copy(&empty, sizeof empty);
}

static anchor_t *anchor_make(conversation_t *conversation)
{
    anchor_t *anchor = anchor_of(conversation);
    if (anchor == NULL) {
        anchor = anchor_new();
        set_anchor(conversation, anchor);
    }
    return anchor;
}

track_t *claim_of(const conversation_t *conversation)
{
    const anchor_t *anchor = anchor_of(conversation);
    return anchor == NULL ? NULL : anchor->track;
}

/* Whether this frame has the ports of the connection. False if they are not known. */
static bool is_of_track(const track_t *track, const packet_info *pinfo)
{
    bool sent = pinfo->srcport == track->client.port && pinfo->destport == track->server.port;
    bool received = pinfo->srcport == track->server.port && pinfo->destport == track->client.port;
    return track->client.host->type != AT_NONE && (sent || received);
}

track_t *claim_find(packet_info *pinfo)
{
    track_t *noted = PINFO_FD_VISITED(pinfo) ? track_of_frame(number_of(pinfo)) : NULL;
    if (noted != NULL && is_of_track(noted, pinfo)) {
        return noted;
    }
    const conversation_t *conversation = lookup_conversation(pinfo);
    return conversation == NULL ? NULL : claim_of(conversation);
}

track_t *claim_shown(packet_info *pinfo)
{
    track_t *noted = track_of_frame(number_of(pinfo));
    return noted != NULL && noted->seldom->pipe != NULL ? noted : claim_find(pinfo);
}

bool claim_is_candidate(const conversation_t *conversation)
{
    const anchor_t *anchor = anchor_of(conversation);
    return anchor != NULL && anchor->track == NULL && !anchor->refused;
}

static void note_early(anchor_t *anchor, const tcp_sight_t *sight, span_t payload)
{
    early_t early = {.sight = *sight, .captured = (guint32)payload.length};
    if (anchor->early == NULL) {
        anchor->early = wmem_array_sized_new(wmem_file_scope(), sizeof early, 4);
    }
    if (wmem_array_get_count(anchor->early) < EARLY_LIMIT) {
        early.payload =
            payload.length == 0 ? NULL : (guint8 *)wmem_memdup(wmem_file_scope(), payload.at, payload.length);
        wmem_array_append_one(anchor->early, early);
    }
}

void claim_note_early(conversation_t *conversation, const tcp_sight_t *sight, span_t payload)
{
    note_early(anchor_make(conversation), sight, payload);
}

/* Whether a noted frame may be of the same connection as another frame. */
static bool is_near(const tcp_sight_t *early, const tcp_sight_t *sight)
{
    bool own = early->source_port == sight->source_port;
    return !tcp_are_far(sight->seq, own ? early->seq : early->ack);
}

/* Frames that came long before may be of other connections. */
static void forget_far(anchor_t *anchor, const tcp_sight_t *sight)
{
    wmem_array_t *noted = anchor->early;
    bool known = anchor->known;
    anchor->early = NULL;
    anchor->known = false;
    for (guint i = 0; noted != NULL && i < wmem_array_get_count(noted); i++) {
        early_t *early = (early_t *)wmem_array_index(noted, i);
        if (is_near(&early->sight, sight)) {
            note_early(anchor, &early->sight, span_of(early->payload, early->captured));
            anchor->known = known;
        }
        wmem_free(wmem_file_scope(), early->payload);
    }
    if (noted != NULL) {
        wmem_destroy_array(noted);
    }
}

void claim_note_next(conversation_t *conversation, const tcp_sight_t *sight, span_t payload, bool ours)
{
    anchor_t *anchor = anchor_make(conversation);
    anchor->next = anchor->next == NULL ? anchor_new() : anchor->next;
    if (anchor->next->early != NULL && wmem_array_get_count(anchor->next->early) == EARLY_LIMIT) {
        forget_far(anchor->next, sight);
    }
    note_early(anchor->next, sight, payload);
    anchor->next->known = anchor->next->known || ours;
}

bool claim_answers_unseen(const conversation_t *conversation, const tcp_sight_t *sight)
{
    const anchor_t *anchor = anchor_of(conversation);
    if (anchor != NULL && anchor->track != NULL) {
        const tcp_side_t *peer = track_side_of(anchor->track, sender_other(sight->frame.sender))->tcp;
        return sight->frame.sender != SENDER_UNKNOWN && peer->has_seq && (gint32)(sight->ack - peer->next_seq) > 0;
    }
    guint count = anchor == NULL || anchor->early == NULL ? 0 : wmem_array_get_count(anchor->early);
    bool answers = false;
    for (guint i = 0; i < count; i++) {
        const tcp_sight_t *early = early_sight(anchor, i);
        bool syn = (early->flags & TCP_SYN) != 0;
        bool own = early->source_port == sight->source_port;
        guint32 begin = own ? early->ack : early->seq + 1;
        bool known = syn && (!own || (early->flags & TCP_ACK) != 0);
        answers = answers || (known && (gint32)(sight->ack - begin) > 0);
    }
    return answers;
}

bool claim_has_sent(const conversation_t *conversation, const tcp_sight_t *sight)
{
    const anchor_t *anchor = anchor_of(conversation);
    if (anchor != NULL && anchor->track != NULL) {
        return track_side_of(anchor->track, sight->frame.sender)->tcp->has_seq;
    }
    guint count = anchor == NULL || anchor->early == NULL ? 0 : wmem_array_get_count(anchor->early);
    bool sent = false;
    for (guint i = 0; i < count; i++) {
        const tcp_sight_t *early = early_sight(anchor, i);
        sent = sent || early->source_port == sight->source_port;
    }
    return sent;
}

/* What a SYN or SYN-ACK tells about a frame. `own`: the frame has the same sender. */
static opening_t opening_by(const tcp_sight_t *syn, bool own)
{
    bool answer = (syn->flags & TCP_ACK) != 0;
    return (opening_t){
        .sender = own != answer ? SENDER_CLIENT : SENDER_SERVER,
        .has_first = own || answer,
        .first = own ? syn->seq + 1 : syn->ack,
    };
}

static opening_t opening_of_track(const track_t *track, const packet_info *pinfo)
{
    sender_t sender = track_sender(track, pinfo);
    const tcp_side_t *side = track_side_of(track, sender)->tcp;
    if (!track->client.tcp->has_isn && !track->server.tcp->has_isn) {
        return (opening_t){.sender = SENDER_UNKNOWN};
    }
    return (opening_t){.sender = sender, .has_first = side->has_isn, .first = side->isn + 1};
}

opening_t claim_opening(const conversation_t *conversation, const packet_info *pinfo)
{
    opening_t opening = {.sender = SENDER_UNKNOWN};
    const anchor_t *anchor = anchor_of(conversation);
    if (anchor != NULL && anchor->track != NULL) {
        return opening_of_track(anchor->track, pinfo);
    }
    guint count = anchor == NULL || anchor->early == NULL ? 0 : wmem_array_get_count(anchor->early);
    for (guint i = 0; i < count && !opening.has_first; i++) {
        const tcp_sight_t *sight = early_sight(anchor, i);
        if ((sight->flags & TCP_SYN) != 0) {
            opening = opening_by(sight, sight->source_port == pinfo->srcport);
        }
    }
    return opening;
}

bool claim_is_refused(const conversation_t *conversation)
{
    const anchor_t *anchor = anchor_of(conversation);
    return anchor != NULL && anchor->refused;
}

static void forget(conversation_t *conversation, bool refused)
{
    anchor_t *anchor = anchor_make(conversation);
    if (anchor->track != NULL) {
        links_forget(anchor->track);
        track_forget(anchor->track);
    }
    forget_early(anchor);
    *anchor = (anchor_t){.refused = refused, .pipes = anchor->pipes};
}

void **claim_pipes(conversation_t *conversation, bool made)
{
    anchor_t *anchor = made ? anchor_make(conversation) : anchor_of(conversation);
    return anchor == NULL ? NULL : &anchor->pipes;
}

void claim_drop(conversation_t *conversation)
{
    forget(conversation, true);
}

void claim_let_go(conversation_t *conversation)
{
    forget(conversation, false);
    lookup_forget();
}

/* Who sent an early frame, now that the connection's sides are known, if they are. */
static sender_t early_sender(const track_t *track, const tcp_sight_t *sight)
{
    if (track->client.host->type == AT_NONE) {
        return SENDER_UNKNOWN;
    }
    return sight->source_port == track->client.port ? SENDER_CLIENT : SENDER_SERVER;
}

/* Sets the sides by a SYN or SYN-ACK among the early frames. `pinfo`: any frame of the conversation. */
static void sender_from_handshake(track_t *track, const packet_info *pinfo, const anchor_t *anchor)
{
    for (guint32 i = 0; anchor->early != NULL && i < wmem_array_get_count(anchor->early); i++) {
        const tcp_sight_t *sight = early_sight(anchor, i);
        if ((sight->flags & TCP_SYN) == 0) {
            continue;
        }
        bool by_client = (sight->flags & TCP_ACK) == 0;
        bool same_sender = sight->source_port == pinfo->srcport;
        track_set_sides(track, pinfo, by_client == same_sender ? SENDER_CLIENT : SENDER_SERVER);
        return;
    }
}

/* Reads a payload that was too short to recognise: a PROXY header, or the beginning of a packet that ends in the frame
 * that claims. Or another service greets. */
static void read_early(track_t *track, const frame_t *frame, span_t payload)
{
    proxy_header_t header;
    if (frame->sender == SENDER_CLIENT && proxy_header_parse(payload, &header)) {
        const unit_t unit = {UNIT_PROXY, header.length};
        units_read(track, frame, &unit, payload, header.length, 0);
    } else if (frame->sender == SENDER_SERVER && service_by_greeting(payload) != SERVICE_UNKNOWN) {
        units_note_foreign(track, frame, service_by_greeting(payload));
    } else {
        track_unit_unfinished(track, frame);
    }
}

/* Processes the frames that were noted before the conversation was claimed. */
static void process_early(track_t *track, const anchor_t *anchor)
{
    for (guint i = 0; anchor->early != NULL && i < wmem_array_get_count(anchor->early); i++) {
        const early_t *early = (const early_t *)wmem_array_index(anchor->early, i);
        tcp_sight_t sight = early->sight;
        sight.frame.sender = early_sender(track, &sight);
        const payload_t kept = {.bytes = span_of(early->payload, early->captured)};
        order_tcp(track, &sight, &kept);
        bool payload = sight.has_payload && (sight.analysis & TCP_FLAG_KEEP_ALIVE) == 0 && track->seldom->order == NULL;
        if (payload && track->strict) { /* TLS that was not known to be SQL Server's */
            track_annotate(track, &sight.frame)->step = STEP_TLS;
        } else if (payload) {
            read_early(track, &sight.frame, kept.bytes);
        }
    }
}

/* Whether TCP began this conversation in the frame at hand, and knew none with the same addresses and ports. */
static bool is_first_of_ends(const packet_info *pinfo, const conversation_t *conversation)
{
    const struct tcp_analysis *tcp = tcp_analysis_of(conversation);
    return conversation->setup_frame == pinfo->num && tcp != NULL &&
           (compat_tcp_flags(tcp, false) & TCP_FLAG_REUSED_PORTS) == 0;
}

/* The earlier conversation with the same addresses and ports; NULL if there is none. To search for one that is not
 * there takes Wireshark long, and most have none. */
static const conversation_t *before(const packet_info *pinfo, const conversation_t *conversation)
{
    if (conversation->setup_frame < 2 || is_first_of_ends(pinfo, conversation)) {
        return NULL;
    }
    const conversation_t *last = find_conversation(conversation->setup_frame - 1, &pinfo->src, &pinfo->dst,
                                                   CONVERSATION_TCP, pinfo->srcport, pinfo->destport, 0);
    return last == conversation ? NULL : last;
}

static bool began_with(const conversation_t *conversation, guint32 syn)
{
    const struct tcp_analysis *tcp = tcp_analysis_of(conversation);
    return tcp != NULL && (compat_tcp_begins_at(&tcp->flow1, syn) || compat_tcp_begins_at(&tcp->flow2, syn));
}

/* Whether frames that stand before this SYN answer it. */
static bool answers_syn(const anchor_t *next, guint32 syn)
{
    guint count = next == NULL || next->early == NULL ? 0 : wmem_array_get_count(next->early);
    bool answers = false;
    for (guint i = 0; i < count; i++) {
        const tcp_sight_t *sight = early_sight(next, i);
        answers = answers || ((sight->flags & TCP_SYN) != 0 && sight->ack == syn + 1);
    }
    return answers;
}

void claim_go_on(const packet_info *pinfo, conversation_t *conversation, const tcp_facts_t *facts)
{
    ASSERT_FIRST_PASS(pinfo);
    guint32 syn = (facts->flags & TCP_ACK) == 0 ? facts->seq : facts->ack - 1;
    const conversation_t *last = anchor_of(conversation) == NULL ? before(pinfo, conversation) : NULL;
    anchor_t *anchor = last != NULL ? anchor_of(last) : NULL;
    if (anchor != NULL && !began_with(last, syn)) {
        anchor = answers_syn(anchor->next, syn) ? anchor->next : NULL;
    }
    if (anchor != NULL) {
        set_anchor(conversation, anchor);
    }
}

/* Notes the connection that had the ports before, and with it that it is over. */
static void join_former(track_t *track, const packet_info *pinfo, const conversation_t *conversation)
{
    const conversation_t *last = before(pinfo, conversation);
    const anchor_t *anchor = anchor_of(conversation);
    track_t *former = last == NULL ? NULL : claim_of(last);
    bool noted = anchor->early != NULL && wmem_array_get_count(anchor->early) > 0;
    if (former != NULL) {
        track_namesakes(track)->before = former;
        track_namesakes(former)->after =
            noted ? instant_of(&early_sight(anchor, 0)->frame) : (instant_t){number_of(pinfo), moment_of(pinfo)};
    }
}

track_t *claim_make(packet_info *pinfo, conversation_t *conversation, sender_t sender, bool strict)
{
    ASSERT_FIRST_PASS(pinfo);
    anchor_t *anchor = anchor_make(conversation);
    if (anchor->track != NULL) {
        anchor->track->strict = anchor->track->strict || strict;
        return anchor->track;
    }
    track_t *track = track_new();
    anchor->track = track;
    track->strict = strict;
    join_former(track, pinfo, conversation);
    sender_from_handshake(track, pinfo, anchor);
    track_set_sides(track, pinfo, sender);
    process_early(track, anchor);
    forget_early(anchor);
    links_join_redirect(track, pinfo);
    browser_join_connection(track);
    return track;
}

/* The first frame that was noted of the next connection, if this frame is of that one; else NULL. */
static const tcp_sight_t *first_of_next(const conversation_t *conversation, const tcp_sight_t *sight)
{
    const anchor_t *anchor = anchor_of(conversation);
    const anchor_t *next = anchor == NULL ? NULL : anchor->next;
    guint count = next == NULL || next->early == NULL ? 0 : wmem_array_get_count(next->early);
    for (guint i = 0; i < count; i++) {
        if (is_near(early_sight(next, i), sight)) {
            return early_sight(next, i);
        }
    }
    return NULL;
}

bool claim_awaits_next(const conversation_t *conversation, const tcp_sight_t *sight)
{
    const tcp_sight_t *first = first_of_next(conversation, sight);
    if (first == NULL) {
        return true;
    }
    moment_t waited = moment_between(first->frame.at, sight->frame.at);
    bool room = wmem_array_get_count(anchor_of(conversation)->next->early) < EARLY_LIMIT;
    return room && (waited == MOMENT_NONE || waited < NEXT_PATIENCE);
}

bool claim_knows_next(const conversation_t *conversation, const tcp_sight_t *sight)
{
    return first_of_next(conversation, sight) != NULL && anchor_of(conversation)->next->known;
}

track_t *claim_begin_next(packet_info *pinfo, conversation_t *conversation, conversation_t *next,
                          const tcp_sight_t *sight, bool strict)
{
    ASSERT_FIRST_PASS(pinfo);
    anchor_t *before = anchor_make(conversation);
    anchor_t *anchor = before->next == NULL ? anchor_new() : before->next;
    before->next = NULL;
    set_anchor(next, anchor);
    forget_far(anchor, sight);
    lookup_forget();
    return claim_make(pinfo, next, sight->frame.sender, strict);
}

void claim_proxied(packet_info *pinfo, conversation_t *conversation)
{
    ASSERT_FIRST_PASS(pinfo);
    track_t *track = capture.proxied.track;
    if (track == NULL || claim_of(conversation) != NULL || track->client.host->type == AT_NONE) {
        return;
    }
    lookup_forget();
    anchor_t *anchor = anchor_make(conversation);
    anchor->track = track;
    anchor->refused = false;
    forget_early(anchor);
    track->server.port = (guint16)(pinfo->srcport == track->client.port ? pinfo->destport : pinfo->srcport);
}
