/* icmp.c - ICMP errors of a router, a firewall or the other host about a TCP segment or UDP datagram.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "wire/icmp.h"

#include <epan/ipproto.h>

#include "wire/spans.h"
#include "wire/tcpfacts.h"

#define ICMP_HEADER_LENGTH 8
#define QUOTED             8 /* bytes of a quoted segment or datagram that are read */

/* Reads the addresses and the protocol of an IP header at the beginning of these bytes. Returns its length; 0 if there
 * is none. */
static guint ip_header(span_t bytes, address *source, address *target, guint8 *protocol)
{
    guint8 version = bytes.length == 0 ? 0 : bytes.at[0] >> 4;
    bool v4 = version == 4;
    guint header = v4 ? (bytes.at[0] & 0x0F) * 4u : IPV6_HEADER_LENGTH;
    if ((!v4 && version != 6) || header < IPV4_HEADER_LENGTH || bytes.length < header) {
        return 0;
    }
    int length = v4 ? IPV4_LENGTH : IPV6_LENGTH;
    const guint8 *at = bytes.at + (v4 ? IPV4_AT_ADDRESSES : IPV6_AT_ADDRESSES);
    set_address(source, v4 ? AT_IPv4 : AT_IPv6, length, at);
    set_address(target, v4 ? AT_IPv4 : AT_IPv6, length, at + length);
    *protocol = bytes.at[v4 ? IPV4_AT_PROTOCOL : IPV6_AT_NEXT_HEADER];
    return header;
}

static bool read_quoted(span_t bytes, icmp_answer_t *answer)
{
    guint header = ip_header(bytes, &answer->source, &answer->target, &answer->protocol);
    reader_t r = reader_of(span_part(bytes, header, QUOTED));
    answer->source_port = read_u16be(&r);
    answer->target_port = read_u16be(&r);
    bool has_ports = r.ok;
    answer->seq = read_u32be(&r);
    answer->has_seq = r.ok;
    return header != 0 && (answer->protocol == IP_PROTO_TCP || answer->protocol == IP_PROTO_UDP) && has_ports;
}

static bool read_at(span_t bytes, icmp_answer_t *answer)
{
    address to;
    guint8 protocol;
    guint header = ip_header(bytes, &answer->from, &to, &protocol);
    bool v6 = answer->from.type == AT_IPv6;
    if (header == 0 || protocol != (v6 ? IP_PROTO_ICMPV6 : IP_PROTO_ICMP)) {
        return false;
    }
    reader_t r = reader_of(span_part(bytes, header, ICMP_HEADER_LENGTH));
    answer->what = (unreachable_t){.v6 = v6};
    answer->what.type = read_u8(&r);
    answer->what.code = read_u8(&r);
    read_skip(&r, 2);
    guint32 rest = read_u32be(&r);
    if (unreachable_is_too_big(&answer->what)) {
        answer->what.mtu = v6 ? rest : rest & 0xFFFF;
    }
    return r.ok && unreachable_is_error(&answer->what) &&
           read_quoted(span_part(bytes, header + ICMP_HEADER_LENGTH, bytes.length), answer);
}

static int proto_icmp, proto_icmpv6;

void icmp_handoff(void)
{
    proto_icmp = proto_get_id_by_filter_name("icmp");
    proto_icmpv6 = proto_get_id_by_filter_name("icmpv6");
}

bool icmp_is_in_frame(const packet_info *pinfo)
{
    return wmem_list_find(pinfo->layers, GINT_TO_POINTER(proto_icmp)) != NULL ||
           wmem_list_find(pinfo->layers, GINT_TO_POINTER(proto_icmpv6)) != NULL;
}

static bool read_somewhere(span_t bytes, icmp_answer_t *answer)
{
    for (guint at = 0; at < MIN(bytes.length, IP_SEARCH_LIMIT); at++) {
        if (read_at(span_part(bytes, at, bytes.length), answer)) {
            return true;
        }
    }
    return false;
}

bool icmp_read(const packet_info *pinfo, icmp_answer_t *answer)
{
    bool done = false;
    for (const GSList *source = pinfo->data_src; source != NULL && !done; source = source->next) {
        tvbuff_t *tvb = get_data_source_tvb((const struct data_source *)source->data);
        done = read_somewhere(span_of_whole(tvb), answer);
    }
    return done;
}
