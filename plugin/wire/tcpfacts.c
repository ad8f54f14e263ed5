/* tcpfacts.c - the IP and TCP headers of a frame, read from its own bytes.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "wire/tcpfacts.h"

#include <epan/in_cksum.h>
#include <epan/ipproto.h>

#include <string.h>

#include "wire/spans.h"

enum { TCP_HEADER_LENGTH = 20 };
enum {
    TCP_OPTION_END = 0,
    TCP_OPTION_NOP = 1,
    TCP_OPTION_WINDOW_SCALE = 3,
    TCP_OPTION_SACK = 5,
    TCP_OPTION_TIMESTAMP = 8
};

/* The length of an IPv4 header; 0 if this is none, or if another protocol than `wanted` follows. `length` gets the
 * length of what follows, 0 = not known. */
static guint ipv4_payload(span_t ip, guint8 wanted, guint32 *length)
{
    if (ip.length < IPV4_HEADER_LENGTH) {
        return 0;
    }
    reader_t r = reader_of(span_of(ip.at, IPV4_HEADER_LENGTH));
    guint8 version = read_u8(&r);
    read_skip(&r, 1);
    guint32 total = read_u16be(&r);
    read_skip(&r, 5);
    guint8 protocol = read_u8(&r);
    guint header = (version & 0x0F) * 4u;
    if (version >> 4 != 4 || header < IPV4_HEADER_LENGTH || protocol != wanted) {
        return 0;
    }
    *length = total > header ? total - header : 0; /* 0 = offloaded: the frame's own length counts */
    return header;
}

/* The same behind an IPv6 header and its extension headers. */
static guint ipv6_payload(span_t ip, guint8 wanted, guint32 *length)
{
    reader_t r = reader_of(ip);
    guint8 version = read_u8(&r);
    read_skip(&r, 3);
    guint32 payload = read_u16be(&r);
    guint8 next = read_u8(&r);
    read_skip(&r, 1 + 2 * IPV6_LENGTH);
    guint header = IPV6_HEADER_LENGTH;
    while (r.ok && (next == IP_PROTO_HOPOPTS || next == IP_PROTO_ROUTING || next == IP_PROTO_DSTOPTS)) {
        next = read_u8(&r);
        guint more = (read_u8(&r) + 1u) * 8u;
        read_skip(&r, more - 2);
        header += more;
    }
    if (!r.ok || version >> 4 != 6 || next != wanted) {
        return 0;
    }
    *length = payload > header - IPV6_HEADER_LENGTH ? payload - (header - IPV6_HEADER_LENGTH) : 0;
    return header;
}

/* A block below the ACK is a copy that came: RFC 2883. */
static guint32 longest_block(reader_t *r, guint32 ack)
{
    guint32 longest = 0;
    while (r->left >= 8) {
        guint32 from = read_u32be(r), to = read_u32be(r);
        longest = (gint32)(from - ack) > 0 ? MAX(longest, to - from) : longest;
    }
    return longest;
}

static void read_option(guint8 kind, span_t value, tcp_facts_t *facts)
{
    reader_t r = reader_of(value);
    bool syn = (facts->flags & TCP_SYN) != 0;
    if (kind == TCP_OPTION_WINDOW_SCALE && value.length == 1 && syn) {
        facts->window_shift = value.at[0];
    } else if (kind == TCP_OPTION_TIMESTAMP && value.length == 8) {
        facts->timestamp = read_u32be(&r);
        facts->has_timestamp = true;
    } else if (kind == TCP_OPTION_SACK) {
        facts->selective = longest_block(&r, facts->ack);
    }
}

static void read_options(span_t options, tcp_facts_t *facts)
{
    reader_t r = reader_of(options);
    facts->window_shift = -1;
    facts->has_timestamp = false;
    facts->selective = 0;
    for (;;) {
        guint8 kind = read_u8(&r);
        if (!r.ok || kind == TCP_OPTION_END) {
            return;
        }
        if (kind == TCP_OPTION_NOP) {
            continue;
        }
        guint8 length = read_u8(&r);
        span_t value = read_span(&r, length < 2 ? 0 : length - 2u);
        if (!r.ok || length < 2) {
            return;
        }
        read_option(kind, value, facts);
    }
}

static bool read_tcp(span_t segment, const packet_info *pinfo, tcp_facts_t *facts, guint *header)
{
    if (segment.length < TCP_HEADER_LENGTH) {
        return false;
    }
    reader_t r = reader_of(span_of(segment.at, TCP_HEADER_LENGTH)); /* of a length that the compiler knows */
    guint16 source = read_u16be(&r);
    guint16 destination = read_u16be(&r);
    facts->seq = read_u32be(&r);
    facts->ack = read_u32be(&r);
    *header = (read_u8(&r) >> 4) * 4u;
    facts->flags = read_u8(&r);
    facts->window = read_u16be(&r);
    if (*header < TCP_HEADER_LENGTH || source != pinfo->srcport || destination != pinfo->destport) {
        return false;
    }
    read_options(span_part(segment, TCP_HEADER_LENGTH, *header - TCP_HEADER_LENGTH), facts);
    return true;
}

static bool same_address_kind(const packet_info *pinfo)
{
    return pinfo->src.type == pinfo->dst.type && (pinfo->src.type == AT_IPv4 || pinfo->src.type == AT_IPv6) &&
           pinfo->src.len <= IPV6_LENGTH && pinfo->src.len == pinfo->dst.len;
}

/* Reads the IP header at this place of the frame. False if it is none, or is not the wanted one. */
typedef bool (*header_reader_t)(span_t frame, guint ip_offset, const packet_info *pinfo, void *result);

/* The place of pinfo's source address in the frame; 0 if it is elsewhere. pinfo's addresses usually point into the
 * innermost IP header, in the frame's own bytes. */
static guint place_of_source(span_t frame, const packet_info *pinfo)
{
    uintptr_t source = (uintptr_t)pinfo->src.data;
    uintptr_t start = (uintptr_t)frame.at;
    return source > start && source - start < frame.length ? (guint)(source - start) : 0;
}

/* Calls `read` for each place in the frame where an IP header with pinfo's addresses may begin, until it returns true.
 */
static bool find_ip_header(tvbuff_t *frame, const packet_info *pinfo, header_reader_t read, void *result)
{
    if (!same_address_kind(pinfo)) {
        return false;
    }
    span_t bytes = span_of_tvb(frame, 0, SPAN_ALL);
    guint before = pinfo->src.type == AT_IPv4 ? IPV4_AT_ADDRESSES : IPV6_AT_ADDRESSES;
    guint source = place_of_source(bytes, pinfo);
    if (source >= before && read(bytes, source - before, pinfo, result)) {
        return true;
    }

    guint8 both[2 * IPV6_LENGTH];
    size_t each = (size_t)pinfo->src.len;
    memcpy(both, pinfo->src.data, each);
    memcpy(both + each, pinfo->dst.data, each);
    size_t limit = MIN(bytes.length, IP_SEARCH_LIMIT);
    for (guint at = before; at + 2 * each <= limit; at++) {
        if (bytes.at[at] == both[0] && memcmp(bytes.at + at, both, 2 * each) == 0 &&
            read(bytes, at - before, pinfo, result)) {
            return true;
        }
    }
    return false;
}

static guint ip_payload(span_t ip, const packet_info *pinfo, guint8 wanted, guint32 *length)
{
    return pinfo->src.type == AT_IPv4 ? ipv4_payload(ip, wanted, length) : ipv6_payload(ip, wanted, length);
}

static bool read_tcp_at(span_t frame, guint ip_offset, const packet_info *pinfo, void *result)
{
    tcp_facts_t *facts = (tcp_facts_t *)result;
    guint32 length = 0;
    guint tcp_header = 0;
    span_t ip = span_from(frame, ip_offset);
    guint ip_header = ip_payload(ip, pinfo, IP_PROTO_TCP, &length);
    if (ip_header == 0 || !read_tcp(span_from(ip, ip_header), pinfo, facts, &tcp_header)) {
        return false;
    }
    facts->ip_offset = ip_offset;
    facts->ip_id = pinfo->src.type == AT_IPv4 ? (guint16)(ip.at[IPV4_AT_ID] << 8 | ip.at[IPV4_AT_ID + 1]) : 0;
    facts->ttl = ip.at[pinfo->src.type == AT_IPv4 ? IPV4_AT_TTL : IPV6_AT_HOP_LIMIT];
    facts->tcp_offset = ip_offset + ip_header;
    facts->header_length = tcp_header;
    facts->payload_length = length > tcp_header ? length - tcp_header : 0;
    facts->offloaded = length == 0;
    return true;
}

bool tcp_facts_read(tvbuff_t *frame, const packet_info *pinfo, tcp_facts_t *facts)
{
    if (!find_ip_header(frame, pinfo, read_tcp_at, facts)) {
        return false;
    }
    guint start = facts->tcp_offset + facts->header_length;
    if (facts->offloaded && tvb_reported_length(frame) > start) {
        facts->payload_length = tvb_reported_length(frame) - start;
    }
    return true;
}

struct tcp_analysis *tcp_analysis_of(const conversation_t *conversation)
{
    static int proto_tcp; /* 0 = not known yet */
    if (proto_tcp == 0) {
        proto_tcp = proto_get_id_by_filter_name("tcp");
    }
    return (struct tcp_analysis *)conversation_get_proto_data(conversation, proto_tcp);
}

bool tcp_facts_of_frame(const packet_info *pinfo, tcp_facts_t *facts)
{
    const struct data_source *frame = (const struct data_source *)g_slist_nth_data(pinfo->data_src, 0);
    return frame != NULL && tcp_facts_read(get_data_source_tvb(frame), pinfo, facts);
}

static bool read_udp_at(span_t frame, guint ip_offset, const packet_info *pinfo, void *result)
{
    enum { UDP_HEADER_LENGTH = 8 };
    guint32 length = 0;
    span_t ip = span_from(frame, ip_offset);
    guint ip_header = ip_payload(ip, pinfo, IP_PROTO_UDP, &length);
    reader_t r = reader_of(span_part(ip, ip_header, UDP_HEADER_LENGTH));
    guint16 source = read_u16be(&r);
    guint16 destination = read_u16be(&r);
    *(guint *)result = ip_offset + ip_header + UDP_HEADER_LENGTH;
    return ip_header != 0 && r.ok && source == pinfo->srcport && destination == pinfo->destport;
}

bool tcp_facts_may_keep_alive(tvbuff_t *frame, const tcp_facts_t *facts)
{
    guint payload = facts->tcp_offset + facts->header_length;
    return facts->payload_length == 1 && facts->flags == TCP_ACK && payload < tvb_captured_length(frame) &&
           *tvb_get_ptr(frame, (gint)payload, 1) == 0;
}

bool payload_offset_read(tvbuff_t *frame, const packet_info *pinfo, guint *offset)
{
    tcp_facts_t tcp = {0};
    if (pinfo->ptype == PT_UDP) {
        return find_ip_header(frame, pinfo, read_udp_at, offset);
    }
    if (!tcp_facts_read(frame, pinfo, &tcp)) {
        return false;
    }
    *offset = tcp.tcp_offset + tcp.header_length;
    return true;
}

bool tcp_facts_bad_checksum(tvbuff_t *frame, const packet_info *pinfo, const tcp_facts_t *facts)
{
    guint captured = tvb_captured_length(frame);
    const guint8 *tcp = tvb_get_ptr(frame, 0, (gint)captured) + facts->tcp_offset;
    guint length = facts->header_length + facts->payload_length;
    if (facts->tcp_offset + length > captured) {
        return false;
    }
    guint32 pseudo[2] = {g_htonl(length), g_htonl(IP_PROTO_TCP)};
    vec_t parts[4];
    SET_CKSUM_VEC_PTR(parts[0], (const guint8 *)pinfo->src.data, (guint)pinfo->src.len);
    SET_CKSUM_VEC_PTR(parts[1], (const guint8 *)pinfo->dst.data, (guint)pinfo->dst.len);
    SET_CKSUM_VEC_PTR(parts[2], (const guint8 *)pseudo, sizeof pseudo);
    SET_CKSUM_VEC_PTR(parts[3], tcp, length);
    return in_cksum(parts, 4) != 0;
}
