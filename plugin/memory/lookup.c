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

/* The same for both directions. A host's connections to another one differ in a port. */
static kept_conversation_t *place_of(const packet_info *pinfo)
{
    return &capture.conversations[(pinfo->srcport ^ pinfo->destport) % CONVERSATIONS_KEPT];
}

/* Whether a host and its port are this end. A length that the compiler knows needs no call. */
static inline bool is_end(const kept_end_t *end, guint32 port, const address *host)
{
    return end->port == port && memcmp(end->host, host->data, IPV4_LENGTH) == 0 &&
           (host->len == IPV4_LENGTH || memcmp(end->host, host->data, IPV6_LENGTH) == 0);
}

/* Whether the segment at hand was sent from one end to the other. */
static inline bool leads(const kept_end_t *from, const kept_end_t *to, const packet_info *pinfo)
{
    return is_end(from, pinfo->srcport, &pinfo->src) && is_end(to, pinfo->destport, &pinfo->dst);
}

static inline bool is_of(const kept_conversation_t *one, const packet_info *pinfo)
{
    return one->kind == pinfo->src.type && one->kind == pinfo->dst.type &&
           (leads(&one->ends[0], &one->ends[1], pinfo) || leads(&one->ends[1], &one->ends[0], pinfo));
}

/* Where the conversation of the segment at hand is kept; NULL if it is not. Frames that were visited come in any order:
 * what is kept may be later than they are. */
static kept_conversation_t *find(const packet_info *pinfo)
{
    kept_conversation_t *one = place_of(pinfo);
    bool in_order = pinfo->ptype == PT_TCP && !PINFO_FD_VISITED(pinfo) && compat_ends_are_unique();
    return in_order && one->conversation != NULL && is_of(one, pinfo) ? one : NULL;
}

static void keep(const packet_info *pinfo, conversation_t *conversation)
{
    kept_conversation_t *one = place_of(pinfo);
    *one = (kept_conversation_t){.conversation = conversation,
                                 .kind = pinfo->src.type,
                                 .ends = {{.port = pinfo->srcport}, {.port = pinfo->destport}}};
    memcpy(one->ends[0].host, pinfo->src.data, (gsize)pinfo->src.len);
    memcpy(one->ends[1].host, pinfo->dst.data, (gsize)pinfo->dst.len);
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
