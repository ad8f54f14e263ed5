/* tcpfacts.h - the IP and TCP headers of a frame, read from its own bytes, or from what came in IP fragments, as a
 * postdissector does not get a tree on every pass.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_TCPFACTS_H
#define TDSCONN_TCPFACTS_H

#include <epan/conversation.h>
#include <epan/packet.h>

#include "core/bytes.h"

/* IP headers (RFC 791, RFC 8200), in bytes: lengths, and places in them. Source and destination stand side by side. */
enum {
    IPV4_LENGTH = 4,
    IPV6_LENGTH = 16,
    IPV4_HEADER_LENGTH = 20,
    IPV6_HEADER_LENGTH = 40,
    IPV6_FRAGMENT_LENGTH = 8,
    IPV4_AT_ID = 4,
    IPV4_AT_TTL = 8,
    IPV4_AT_PROTOCOL = 9,
    IPV4_AT_ADDRESSES = 12,
    IPV6_AT_NEXT_HEADER = 6,
    IPV6_AT_HOP_LIMIT = 7,
    IPV6_AT_ADDRESSES = 8
};

/* More fragments, and the place of this one: not 0 in a fragment. */
enum { IPV4_FRAGMENT = 0x3FFF, IPV6_FRAGMENT = 0xFFF9 };

/* The place alone: 0 in the first fragment. */
enum { IPV4_PLACE = 0x1FFF, IPV6_PLACE = 0xFFF8 };

#define IP_SEARCH_LIMIT 512 /* bytes of a frame in which an IP header is searched */

enum {
    TCP_FIN = 0x01,
    TCP_SYN = 0x02,
    TCP_RST = 0x04,
    TCP_PSH = 0x08,
    TCP_ACK = 0x10,
    TCP_URG = 0x20,
    TCP_ECE = 0x40,
    TCP_CWR = 0x80
};

typedef struct {
    tvbuff_t *tvb;       /* where the segment stands: the frame, or what Wireshark put together of IP fragments */
    guint tcp_offset;    /* of the TCP header there */
    guint header_length; /* of TCP, with its options */
    bool offloaded;      /* the IP header has length 0, as segmentation offload leaves it */
    guint8 ttl;          /* or hop limit */
    guint8 flags;        /* TCP_* */
    guint32 seq, ack;
    guint16 window;         /* as in the header */
    int window_shift;       /* the window scale option of a SYN; -1 = there is none, or this is no SYN */
    bool has_timestamp;     /* RFC 7323 */
    guint32 timestamp;      /* TSval */
    guint32 selective;      /* of so many bytes behind `ack` a SACK block says that they arrived; the longest block */
    guint16 ip_id;          /* Identification of IPv4; 0 = none, as in IPv6 */
    guint32 payload_length; /* the real length in bytes, also if the capture cut the payload */
} tcp_facts_t;

/* Reads the headers of the innermost TCP segment, which has pinfo's addresses and ports, whatever stands before it
 * (VLAN tags, tunnels). `frame`: the whole frame. Of a segment in IP fragments Wireshark shows TCP in the frame that
 * completes it, and that is where it is read. False if the headers are not there; then `facts` is undefined. */
bool tcp_facts_read(tvbuff_t *frame, const packet_info *pinfo, tcp_facts_t *facts);

/* Where the payload begins in facts->tvb. */
static inline guint tcp_facts_payload(const tcp_facts_t *facts)
{
    return facts->tcp_offset + facts->header_length;
}

/* What Wireshark's TCP dissector knows of this conversation; NULL if nothing. May be asked after the TCP dissector has
 * returned: Wireshark's get_tcp_conversation_data would then search the conversation again, or forget what TCP found in
 * this segment. */
struct tcp_analysis *tcp_analysis_of(const conversation_t *conversation);

#define TCP_FAR (1 << 20) /* bytes: so much is not on its way behind the end of a connection */

/* Whether two sequence numbers are so far apart that they are of two connections. */
static inline bool tcp_are_far(guint32 one, guint32 other)
{
    gint32 apart = (gint32)(one - other);
    return apart >= TCP_FAR || apart <= -TCP_FAR;
}

/* Like tcp_facts_read, for the frame at hand, while its payload is dissected. */
bool tcp_facts_of_frame(const packet_info *pinfo, tcp_facts_t *facts);

/* Whether this segment looks like a keep-alive with one byte, as Windows sends it: only ACK is set, and the byte is 0.
 * Whether the byte was sent before is for the caller to know. */
bool tcp_facts_may_keep_alive(const tcp_facts_t *facts);

/* A UDP datagram of which Wireshark did not get all IP fragments. Its addresses are pinfo's. */
typedef struct {
    guint16 source_port, target_port;
} fragment_t;

/* Reads the first fragment of such a datagram. False for every other frame. */
bool fragment_read(tvbuff_t *frame, const packet_info *pinfo, fragment_t *fragment);

/* The captured payload of the innermost TCP segment or UDP datagram, with what may stand behind it in the frame. False
 * if its headers are not there, as tcp_facts_read says. Valid as long as the frame is dissected. */
bool payload_read(tvbuff_t *frame, const packet_info *pinfo, span_t *payload);

/* Whether the TCP checksum is wrong. False also if the capture does not hold the whole segment. */
bool tcp_facts_bad_checksum(const packet_info *pinfo, const tcp_facts_t *facts);

#endif
