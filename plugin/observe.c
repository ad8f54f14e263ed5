/* observe.c - which connection the frame at hand belongs to, and what TCP, SMB and ICMP do to that in it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "observe.h"
#include "packet-ssrp.h"

#include <epan/conversation.h>
#include <epan/dissectors/packet-tcp.h>
#include <epan/ipproto.h>

#include "compat.h"
#include "memory/annotations.h"
#include "memory/browser.h"
#include "memory/capture.h"
#include "memory/findings.h"
#include "memory/links.h"
#include "memory/lookup.h"
#include "memory/ports.h"
#include "memory/resolver.h"
#include "memory/sought.h"
#include "memory/tickets.h"
#include "memory/watch.h"
#include "stream/claim.h"
#include "stream/order.h"
#include "stream/smb.h"
#include "stream/stream.h"
#include "wire/icmp.h"
#include "wire/spans.h"
#include "wire/tcpfacts.h"

/* Notes a frame of a conversation that is not claimed, until a payload shows what it is. A SYN to a port of SQL Server
 * claims at once, so that a server that never answers is reported. So does a keep-alive: an idle connection may send
 * nothing else. */
static track_t *observe_unclaimed(packet_info *pinfo, conversation_t *conversation, const tcp_sight_t *sight,
                                  span_t payload)
{
    if (!claim_is_candidate(conversation) || (sight->flags & TCP_SYN) != 0) { /* what is noted may be handed on */
        stream_wait_for(conversation, pinfo);
    }
    claim_note_early(conversation, sight, payload);
    if ((sight->analysis & TCP_FLAG_KEEP_ALIVE) != 0 && ports_sender(pinfo) != SENDER_UNKNOWN) {
        return claim_make(pinfo, conversation, ports_sender(pinfo), false);
    }
    bool answer = (sight->flags & TCP_ACK) != 0;
    bool known = ports_is_known(answer ? pinfo->srcport : pinfo->destport) ||
                 (!answer && (links_is_redirect(pinfo) || links_is_server(&pinfo->dst, (guint16)pinfo->destport)));
    if ((sight->flags & TCP_SYN) != 0 && !answer && !known) {
        sought_note_syn(pinfo, conversation);
    }
    return (sight->flags & TCP_SYN) != 0 && known ? claim_make(pinfo, conversation, SENDER_UNKNOWN, false) : NULL;
}

/* A payload on a port of SQL Server that no dissector gave to us. */
static track_t *observe_late(packet_info *pinfo, conversation_t *conversation, const tcp_facts_t *facts)
{
    if (!ports_is_known(pinfo->srcport) && !ports_is_known(pinfo->destport)) {
        return NULL;
    }
    stream_claim_late(facts->tvb, pinfo, conversation, tcp_facts_payload(facts));
    track_t *track = claim_of(conversation);
    if (track != NULL) {
        tcp_sight_t sight = watch_sight(pinfo, conversation, track, facts);
        order_tcp(track, &sight, &(payload_t){.bytes = span_none()});
    }
    return track;
}

/* TCP may keep the payload from dissectors that shows what the conversation is. Returns its connection now. */
static track_t *claim_retransmission(packet_info *pinfo, conversation_t *conversation, const tcp_facts_t *facts,
                                     tcp_sight_t *sight)
{
    if (sight->has_payload && (sight->analysis & TCP_FLAGS_ANY_RETRANSMISSION) != 0) {
        stream_claim_kept(facts->tvb, pinfo, conversation, tcp_facts_payload(facts));
        const track_t *track = claim_of(conversation);
        sight->frame.sender = track == NULL ? SENDER_UNKNOWN : track_sender(track, pinfo);
    }
    return claim_of(conversation);
}

/* Wireshark does not recognise a keep-alive that is the first frame of its sender. */
static void note_keep_alive(const conversation_t *conversation, const tcp_facts_t *facts, tcp_sight_t *sight)
{
    if (tcp_facts_may_keep_alive(facts) && !claim_has_sent(conversation, sight)) {
        sight->analysis |= TCP_FLAG_KEEP_ALIVE;
    }
}

/* A frame of the next connection with the same ports. What TCP found out about it compares it with another connection.
 * That it calls it a copy has its bytes cut here, whether or not TCP gave them to dissectors. */
static track_t *observe_next(packet_info *pinfo, conversation_t *conversation, tcp_sight_t *sight,
                             const payload_t *payload)
{
    sight->analysis = sight->has_payload ? TCP_FLAG_RETRANSMISSION : 0;
    track_t *next = stream_meet_next(pinfo, conversation, sight, payload->bytes);
    if (next != NULL) {
        order_tcp(next, sight, payload);
    }
    return next;
}

/* Processes a frame of TCP. `facts`: NULL if the frame does not hold the TCP header. */
static track_t *observe_segment(packet_info *pinfo, conversation_t *conversation, const tcp_facts_t *facts)
{
    track_t *track = claim_of(conversation);
    if (facts == NULL || (track == NULL && claim_is_refused(conversation))) {
        return track;
    }
    tcp_sight_t sight = watch_sight(pinfo, conversation, track, facts);
    track = claim_retransmission(pinfo, conversation, facts, &sight);
    note_keep_alive(conversation, facts, &sight);
    bool keeps_alive = (sight.analysis & TCP_FLAG_KEEP_ALIVE) != 0;
    if (track == NULL && facts->payload_length > 0 && !keeps_alive && !claim_is_candidate(conversation)) {
        return observe_late(pinfo, conversation, facts);
    }
    payload_t payload = {
        .bytes = span_of_tvb(facts->tvb, (gint)tcp_facts_payload(facts), sight.payload),
        .cut = sight.has_payload && tvb_captured_length(facts->tvb) < tvb_reported_length(facts->tvb),
        .ours = track == NULL || track->seldom->order == NULL || stream_is_ours(conversation, pinfo->num + 1),
    };
    if (track == NULL || track->login->start_frame == 0) {
        sight.bad_checksum = !sight.has_payload && tcp_facts_bad_checksum(pinfo, facts);
    }
    if (track == NULL) {
        return observe_unclaimed(pinfo, conversation, &sight, payload.bytes);
    }
    if (order_is_of_next(track, &sight, facts)) {
        return observe_next(pinfo, conversation, &sight, &payload);
    }
    order_tcp(track, &sight, &payload);
    return track;
}

/* Whether what was read of this frame came through a proxy (SOCKS, HTTP's CONNECT): its dissector shows it with the
 * target's port, as another conversation. */
static bool is_proxied(const packet_info *pinfo)
{
    return capture.proxied.track != NULL && capture.proxied.frame == number_of(pinfo);
}

/* `known`: the conversation, if it is kept; else NULL. */
static track_t *observe_tcp(packet_info *pinfo, conversation_t *known)
{
    tcp_facts_t facts;
    bool readable = lookup_headers(pinfo, &facts);
    conversation_t *conversation = known != NULL ? known : lookup_conversation_anew(pinfo);
    if (conversation != NULL && readable && (facts.flags & TCP_SYN) != 0) {
        claim_go_on(pinfo, conversation, &facts);
    }
    if (conversation != NULL && is_proxied(pinfo)) {
        claim_proxied(pinfo, conversation);
    }
    track_t *track = conversation == NULL ? NULL : observe_segment(pinfo, conversation, readable ? &facts : NULL);
    if (track != NULL || conversation == NULL || !readable) {
        return track;
    }
    if (claim_is_refused(conversation) && !smb_may_come(conversation, pinfo)) {
        lookup_note_other(pinfo);
        return NULL;
    }
    smb_observe(pinfo, conversation, &facts);
    return track_of_frame(number_of(pinfo)); /* of a named pipe */
}

/* Notes an ICMP error with the connection whose segment it quotes. */
static void observe_undelivered(const packet_info *pinfo, const icmp_answer_t *answer)
{
    const conversation_t *conversation = find_conversation(
        pinfo->num, &answer->source, &answer->target, CONVERSATION_TCP, answer->source_port, answer->target_port, 0);
    track_t *track = conversation == NULL ? NULL : claim_of(conversation);
    if (track != NULL && track->client.host->type != AT_NONE) {
        bool of_client =
            answer->source_port == track->client.port && addresses_equal(&answer->source, track->client.host);
        watch_icmp(track, of_client ? SENDER_CLIENT : SENDER_SERVER, number_of(pinfo), answer);
    }
}

/* Reads an ICMP error, whether or not Wireshark dissects what it quotes: that may be 8 bytes behind the IP header. */
static void observe_icmp(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree)
{
    icmp_answer_t answer;
    if (!icmp_read(pinfo, &answer)) {
        return;
    }
    if (!PINFO_FD_VISITED(pinfo)) {
        tickets_note_unreachable(pinfo, &answer);
    }
    if (answer.protocol == IP_PROTO_UDP) {
        ssrp_observe(tvb, pinfo, tree, &answer);
    } else if (!PINFO_FD_VISITED(pinfo)) {
        observe_undelivered(pinfo, &answer);
    }
}

/* A datagram of which a fragment is missing is no answer, and tells that there was one. */
static void observe_fragment(tvbuff_t *tvb, const packet_info *pinfo)
{
    fragment_t fragment;
    if (fragment_read(tvb, pinfo, &fragment)) {
        browser_note_fragment(pinfo, &fragment);
        tickets_note_fragment(pinfo, &fragment);
    }
}

/* The connection of the frame at hand on a later pass. */
static const track_t *track_visited(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree)
{
    order_flush();
    const track_t *track = track_of_frame(number_of(pinfo));
    if (track == NULL && icmp_is_in_frame(pinfo)) {
        observe_icmp(tvb, pinfo, tree);
    }
    return track;
}

/* The same on the first pass. `kept`: as lookup_kept says. An ICMP error that quotes a segment of another protocol has
 * its ports, and is sorted out with it. */
static const track_t *track_met(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, const kept_conversation_t *kept)
{
    const instant_t now = {number_of(pinfo), moment_of(pinfo)};
    if (icmp_is_in_frame(pinfo)) { /* what it quotes may be the first that TCP hears of a conversation */
        observe_icmp(tvb, pinfo, tree);
        lookup_forget();
        diagnoses_clock(now.frame, now.at);
        return NULL;
    }
    order_hurry(now.frame, now.at);
    diagnoses_clock(now.frame, now.at);
    if (tickets_concern(pinfo)) {
        tickets_read_frame(tvb, pinfo);
    } else if (resolver_concerns(pinfo)) {
        resolver_read_frame(tvb, pinfo);
    } else {
        observe_fragment(tvb, pinfo);
    }
    return pinfo->ptype == PT_TCP ? observe_tcp(pinfo, kept == NULL ? NULL : kept->conversation) : NULL;
}

/* Most frames of most captures are of no connection: they must cost little time. */
const track_t *observe(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree)
{
    const kept_conversation_t *kept = lookup_kept(pinfo);
    if (kept != NULL && kept->is_other && !tickets_concern(pinfo) && !is_proxied(pinfo)) {
        diagnoses_clock(number_of(pinfo), moment_of(pinfo));
        return NULL;
    }
    return PINFO_FD_VISITED(pinfo) ? track_visited(tvb, pinfo, tree) : track_met(tvb, pinfo, tree, kept);
}
