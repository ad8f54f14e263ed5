/* tcpfacts.c - the IP and TCP headers of a frame, read from its own bytes, or from what came in IP fragments.
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

/* A buffer of Wireshark's, and what was captured of it. */
typedef struct {
    tvbuff_t *tvb;
    span_t bytes;
} buffer_t;

/* What an IP packet brings. */
typedef struct {
    buffer_t buffer; /* where it stands */
    guint at;        /* where it begins there */
    guint32 length;  /* 0 = not known */
    bool fragment;   /* it is only a part of the packet */
    bool first;      /* it begins the packet */
} content_t;

static inline buffer_t buffer_of(tvbuff_t *tvb)
{
    return (buffer_t){tvb, span_of_whole(tvb)};
}

/* The length of an IPv4 header; 0 if this is none, or if another protocol than `wanted` follows. Also the length of
 * what follows, and whether it is a fragment. */
static guint ipv4_payload(span_t ip, guint8 wanted, content_t *content)
{
    if (ip.length < IPV4_HEADER_LENGTH) {
        return 0;
    }
    reader_t r = reader_of(span_of(ip.at, IPV4_HEADER_LENGTH));
    guint8 version = read_u8(&r);
    read_skip(&r, 1);
    guint32 total = read_u16be(&r);
    read_skip(&r, 2);
    guint16 place = read_u16be(&r) & IPV4_FRAGMENT;
    content->fragment = place != 0;
    content->first = (place & IPV4_PLACE) == 0;
    read_skip(&r, 1);
    guint8 protocol = read_u8(&r);
    guint header = (version & 0x0F) * 4u;
    if (version >> 4 != 4 || header < IPV4_HEADER_LENGTH || protocol != wanted) {
        return 0;
    }
    content->length = total > header ? total - header : 0; /* 0 = offloaded: the frame's own length counts */
    return header;
}

static bool is_extension(guint8 protocol)
{
    return protocol == IP_PROTO_HOPOPTS || protocol == IP_PROTO_ROUTING || protocol == IP_PROTO_DSTOPTS ||
           protocol == IP_PROTO_FRAGMENT;
}

/* The same behind an IPv6 header and its extension headers. Behind that of a fragment may stand no further one. */
static guint ipv6_payload(span_t ip, guint8 wanted, content_t *content)
{
    reader_t r = reader_of(ip);
    guint8 version = read_u8(&r);
    read_skip(&r, 3);
    guint32 payload = read_u16be(&r);
    guint8 next = read_u8(&r);
    read_skip(&r, 1 + 2 * IPV6_LENGTH);
    guint header = IPV6_HEADER_LENGTH;
    content->fragment = false;
    while (r.ok && !content->fragment && is_extension(next)) {
        bool divides = next == IP_PROTO_FRAGMENT;
        next = read_u8(&r);
        guint8 units = read_u8(&r);
        guint16 place = read_u16be(&r) & IPV6_FRAGMENT;
        content->fragment = place != 0 && divides;
        content->first = (place & IPV6_PLACE) == 0;
        guint more = divides ? IPV6_FRAGMENT_LENGTH : (units + 1u) * 8u;
        read_skip(&r, more - 4);
        header += more;
    }
    if (!r.ok || version >> 4 != 6 || next != wanted) {
        return 0;
    }
    content->length = payload > header - IPV6_HEADER_LENGTH ? payload - (header - IPV6_HEADER_LENGTH) : 0;
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

/* Reads the IP header at this place of the buffer. False if it is none, or is not the wanted one. */
typedef bool (*header_reader_t)(const buffer_t *buffer, guint ip_offset, const packet_info *pinfo, void *result);

/* The place of pinfo's source address in these bytes; 0 if it is elsewhere. pinfo's addresses usually point into the
 * innermost IP header, in the frame's own bytes. */
static guint place_of_source(span_t bytes, const packet_info *pinfo)
{
    uintptr_t source = (uintptr_t)pinfo->src.data;
    uintptr_t start = (uintptr_t)bytes.at;
    return source > start && source - start < bytes.length ? (guint)(source - start) : 0;
}

/* How far the addresses stand behind the beginning of an IP header. */
static guint before_addresses(const packet_info *pinfo)
{
    return pinfo->src.type == AT_IPv4 ? IPV4_AT_ADDRESSES : IPV6_AT_ADDRESSES;
}

/* Looks for the IP header with pinfo's addresses in a buffer, until `read` returns true for one. */
typedef bool (*header_finder_t)(const buffer_t *buffer, const packet_info *pinfo, header_reader_t read, void *result);

/* The header from which pinfo has its addresses. */
static bool find_pointed(const buffer_t *buffer, const packet_info *pinfo, header_reader_t read, void *result)
{
    guint before = before_addresses(pinfo);
    guint source = place_of_source(buffer->bytes, pinfo);
    return source >= before && read(buffer, source - before, pinfo, result);
}

/* Each place where one may begin. */
static bool find_alike(const buffer_t *buffer, const packet_info *pinfo, header_reader_t read, void *result)
{
    guint8 both[2 * IPV6_LENGTH];
    size_t each = (size_t)pinfo->src.len;
    memcpy(both, pinfo->src.data, each);
    memcpy(both + each, pinfo->dst.data, each);
    span_t bytes = span_head(buffer->bytes, IP_SEARCH_LIMIT);
    guint before = before_addresses(pinfo);
    for (guint at = before; at + 2 * each <= bytes.length; at++) {
        if (bytes.at[at] == both[0] && memcmp(bytes.at + at, both, 2 * each) == 0 &&
            read(buffer, at - before, pinfo, result)) {
            return true;
        }
    }
    return false;
}

/* The buffers that were made of a frame: of IP fragments, TCP segments, decrypted bytes. In this order. */
static const GSList *made_of_frame(const packet_info *pinfo)
{
    return pinfo->data_src == NULL ? NULL : pinfo->data_src->next;
}

static buffer_t buffer_of_source(const GSList *source)
{
    return buffer_of(get_data_source_tvb((const struct data_source *)source->data));
}

/* In these buffers: a tunnel's packets may come in fragments. */
static bool find_in_others(header_finder_t find, const packet_info *pinfo, header_reader_t read, void *result)
{
    bool done = false;
    for (const GSList *source = made_of_frame(pinfo); source != NULL && !done; source = source->next) {
        buffer_t buffer = buffer_of_source(source);
        done = find(&buffer, pinfo, read, result);
    }
    return done;
}

static bool find_ip_header(tvbuff_t *tvb, const packet_info *pinfo, header_reader_t read, void *result)
{
    if (!same_address_kind(pinfo)) {
        return false;
    }
    buffer_t frame = buffer_of(tvb);
    return find_pointed(&frame, pinfo, read, result) || find_in_others(find_pointed, pinfo, read, result) ||
           find_alike(&frame, pinfo, read, result) || find_in_others(find_alike, pinfo, read, result);
}

/* Whether TCP's or UDP's header with pinfo's ports is here. */
static bool begins_with_ports(span_t bytes, const packet_info *pinfo)
{
    reader_t r = reader_of(bytes);
    guint16 source = read_u16be(&r);
    guint16 destination = read_u16be(&r);
    return r.ok && source == pinfo->srcport && destination == pinfo->destport;
}

/* What Wireshark put together of IP fragments; the fragment itself if it did not. */
static content_t assembled(content_t fragment, const packet_info *pinfo)
{
    for (const GSList *source = made_of_frame(pinfo); source != NULL; source = source->next) {
        buffer_t buffer = buffer_of_source(source);
        if (begins_with_ports(buffer.bytes, pinfo)) {
            return (content_t){.buffer = buffer, .length = tvb_reported_length(buffer.tvb)};
        }
    }
    return fragment;
}

/* False if no IP header is there that the `wanted` protocol follows. */
static bool read_content(const buffer_t *buffer, guint ip_offset, const packet_info *pinfo, guint8 wanted,
                         content_t *content)
{
    span_t ip = span_from(buffer->bytes, ip_offset);
    guint header = pinfo->src.type == AT_IPv4 ? ipv4_payload(ip, wanted, content) : ipv6_payload(ip, wanted, content);
    content->buffer = *buffer;
    content->at = ip_offset + header;
    if (header != 0 && content->fragment) {
        *content = assembled(*content, pinfo);
    }
    return header != 0;
}

static bool read_tcp_at(const buffer_t *buffer, guint ip_offset, const packet_info *pinfo, void *result)
{
    tcp_facts_t *facts = (tcp_facts_t *)result;
    content_t content;
    guint tcp_header = 0;
    if (!read_content(buffer, ip_offset, pinfo, IP_PROTO_TCP, &content) ||
        !read_tcp(span_from(content.buffer.bytes, content.at), pinfo, facts, &tcp_header)) {
        return false;
    }
    const guint8 *ip = buffer->bytes.at + ip_offset;
    facts->ip_id = pinfo->src.type == AT_IPv4 ? (guint16)(ip[IPV4_AT_ID] << 8 | ip[IPV4_AT_ID + 1]) : 0;
    facts->ttl = ip[pinfo->src.type == AT_IPv4 ? IPV4_AT_TTL : IPV6_AT_HOP_LIMIT];
    facts->tvb = content.buffer.tvb;
    facts->tcp_offset = content.at;
    facts->header_length = tcp_header;
    facts->payload_length = content.length > tcp_header ? content.length - tcp_header : 0;
    facts->offloaded = content.length == 0;
    return true;
}

bool tcp_facts_read(tvbuff_t *frame, const packet_info *pinfo, tcp_facts_t *facts)
{
    if (!find_ip_header(frame, pinfo, read_tcp_at, facts)) {
        return false;
    }
    guint start = tcp_facts_payload(facts);
    if (facts->offloaded && tvb_reported_length(facts->tvb) > start) {
        facts->payload_length = tvb_reported_length(facts->tvb) - start;
    }
    return true;
}

static bool read_fragment_at(const buffer_t *buffer, guint ip_offset, const packet_info *pinfo, void *result)
{
    span_t ip = span_from(buffer->bytes, ip_offset);
    content_t content;
    guint header = pinfo->src.type == AT_IPv4 ? ipv4_payload(ip, IP_PROTO_UDP, &content)
                                              : ipv6_payload(ip, IP_PROTO_UDP, &content);
    reader_t r = reader_of(span_from(ip, header));
    fragment_t *fragment = (fragment_t *)result;
    fragment->source_port = read_u16be(&r);
    fragment->target_port = read_u16be(&r);
    return header != 0 && content.fragment && content.first && r.ok;
}

bool fragment_read(tvbuff_t *frame, const packet_info *pinfo, fragment_t *fragment)
{
    return pinfo->ptype == PT_NONE && find_ip_header(frame, pinfo, read_fragment_at, fragment);
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

static bool read_udp_at(const buffer_t *buffer, guint ip_offset, const packet_info *pinfo, void *result)
{
    enum { UDP_HEADER_LENGTH = 8 };
    content_t content;
    if (!read_content(buffer, ip_offset, pinfo, IP_PROTO_UDP, &content) ||
        !begins_with_ports(span_part(content.buffer.bytes, content.at, UDP_HEADER_LENGTH), pinfo)) {
        return false;
    }
    *(span_t *)result = span_from(content.buffer.bytes, content.at + UDP_HEADER_LENGTH);
    return true;
}

bool tcp_facts_may_keep_alive(const tcp_facts_t *facts)
{
    guint payload = tcp_facts_payload(facts);
    return facts->payload_length == 1 && facts->flags == TCP_ACK && payload < tvb_captured_length(facts->tvb) &&
           *tvb_get_ptr(facts->tvb, (gint)payload, 1) == 0;
}

bool payload_read(tvbuff_t *frame, const packet_info *pinfo, span_t *payload)
{
    tcp_facts_t tcp = {0};
    if (pinfo->ptype == PT_UDP) {
        return find_ip_header(frame, pinfo, read_udp_at, payload);
    }
    if (!tcp_facts_read(frame, pinfo, &tcp)) {
        return false;
    }
    *payload = span_of_tvb(tcp.tvb, (gint)tcp_facts_payload(&tcp), SPAN_ALL);
    return true;
}

bool tcp_facts_bad_checksum(const packet_info *pinfo, const tcp_facts_t *facts)
{
    guint captured = tvb_captured_length(facts->tvb);
    const guint8 *tcp = tvb_get_ptr(facts->tvb, 0, (gint)captured) + facts->tcp_offset;
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
