/* lookup.c - the conversation of a frame, without a search for it each time.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "memory/lookup.h"

#include <epan/dissectors/packet-tcp.h>

#include <string.h>

#include "compat.h"
#include "memory/capture.h"

void lookup_forget(void)
{
    memset(capture.conversations, 0, sizeof capture.conversations);
}

/* Whether both ends have addresses that are kept: those of IP. */
static bool is_ip(const packet_info *pinfo)
{
    bool v4 = pinfo->src.type == AT_IPv4 && pinfo->src.len == IPV4_LENGTH;
    bool v6 = pinfo->src.type == AT_IPv6 && pinfo->src.len == IPV6_LENGTH;
    return (v4 || v6) && pinfo->dst.type == pinfo->src.type && pinfo->dst.len == pinfo->src.len;
}

static guint last_byte(const address *host)
{
    return ((const guint8 *)host->data)[host->len - 1];
}

/* The same for both directions. */
static kept_conversation_t *place_of(const packet_info *pinfo)
{
    guint32 ports = pinfo->srcport ^ pinfo->destport;
    return &capture.conversations[(ports ^ last_byte(&pinfo->src) ^ last_byte(&pinfo->dst)) % CONVERSATIONS_KEPT];
}

/* A length that the compiler knows needs no call. */
static bool is_host(const guint8 *bytes, const address *host)
{
    return host->len == IPV4_LENGTH ? memcmp(bytes, host->data, IPV4_LENGTH) == 0
                                    : memcmp(bytes, host->data, IPV6_LENGTH) == 0;
}

/* If both ports are equal, the ends cannot be told apart, and such a conversation may be missed. */
static bool is_of(const kept_conversation_t *one, const packet_info *pinfo)
{
    guint source = one->ports[0] == pinfo->srcport ? 0 : 1;
    return one->ports[source] == pinfo->srcport && one->ports[1 - source] == pinfo->destport &&
           one->length == pinfo->src.len && is_host(one->hosts[source], &pinfo->src) &&
           is_host(one->hosts[1 - source], &pinfo->dst);
}

/* Where the conversation of the segment at hand is kept; NULL if it is not. Frames that were visited come in any order:
 * what is kept may be later than they are. */
static kept_conversation_t *find(const packet_info *pinfo)
{
    bool in_order = pinfo->ptype == PT_TCP && !PINFO_FD_VISITED(pinfo) && is_ip(pinfo) && compat_ends_are_unique();
    kept_conversation_t *one = in_order ? place_of(pinfo) : NULL;
    return one != NULL && one->conversation != NULL && is_of(one, pinfo) ? one : NULL;
}

static void keep(const packet_info *pinfo, conversation_t *conversation)
{
    kept_conversation_t *one = place_of(pinfo);
    *one = (kept_conversation_t){
        .conversation = conversation, .length = pinfo->src.len, .ports = {pinfo->srcport, pinfo->destport}};
    memcpy(one->hosts[0], pinfo->src.data, (gsize)pinfo->src.len);
    memcpy(one->hosts[1], pinfo->dst.data, (gsize)pinfo->dst.len);
}

conversation_t *lookup_conversation_anew(packet_info *pinfo)
{
    conversation_t *conversation = compat_find_conversation(pinfo);
    if (pinfo->ptype == PT_TCP && !PINFO_FD_VISITED(pinfo) && is_ip(pinfo)) {
        keep(pinfo, conversation);
    }
    return conversation;
}

conversation_t *lookup_conversation(packet_info *pinfo)
{
    const kept_conversation_t *one = find(pinfo);
    return one != NULL ? one->conversation : lookup_conversation_anew(pinfo);
}

static bool are_headers_kept(const packet_info *pinfo, guint32 frame)
{
    return capture.headers.frame == frame && capture.headers.source == pinfo->src.data &&
           capture.headers.source_port == pinfo->srcport && capture.headers.destination_port == pinfo->destport;
}

bool lookup_headers(const packet_info *pinfo, tcp_facts_t *facts)
{
    ASSERT_FIRST_PASS(pinfo);
    guint32 frame = number_of(pinfo);
    if (!are_headers_kept(pinfo, frame)) {
        bool readable = tcp_facts_of_frame(pinfo, &capture.headers.facts);
        capture.headers.frame = readable ? frame : 0;
        capture.headers.source = pinfo->src.data;
        capture.headers.source_port = pinfo->srcport;
        capture.headers.destination_port = pinfo->destport;
    }
    *facts = capture.headers.facts;
    return capture.headers.frame != 0;
}

void lookup_note_other(const packet_info *pinfo)
{
    ASSERT_FIRST_PASS(pinfo);
    kept_conversation_t *one = find(pinfo);
    if (one != NULL) {
        one->is_other = true;
    }
}

const kept_conversation_t *lookup_kept(const packet_info *pinfo)
{
    guint32 count = get_tcp_stream_count();
    bool may_begin = count != capture.streams_begun;
    capture.streams_begun = count;
    return may_begin ? NULL : find(pinfo);
}
