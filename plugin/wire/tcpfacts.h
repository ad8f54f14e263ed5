/* tcpfacts.h - the IP and TCP headers of a frame, read from its own bytes: a postdissector gets no tree to read
 * them from on every pass.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_TCPFACTS_H
#define TDSCONN_TCPFACTS_H

#include <epan/conversation.h>
#include <epan/packet.h>

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
    guint ip_offset;     /* of the IP header in the frame */
    guint tcp_offset;    /* of the TCP header in the frame */
    guint header_length; /* of TCP, with its options */
    bool offloaded;      /* the IP header does not tell how long the segment is */
    guint8 ttl;          /* or hop limit */
    guint8 flags;        /* TCP_* */
    guint32 seq, ack;
    guint16 window;         /* as in the header */
    int window_shift;       /* of the window scale option in this SYN; -1 = there is none */
    bool has_timestamp;     /* RFC 7323 */
    guint32 timestamp;      /* TSval */
    bool selective;         /* a SACK block says that later bytes than `ack` arrived */
    guint16 ip_id;          /* Identification of IPv4; 0 = none, as in IPv6 */
    guint32 payload_length; /* in bytes, also where the capture cut them */
} tcp_facts_t;

/* Reads the headers of the innermost TCP segment that pinfo's addresses and ports belong to, whatever stands
 * before it (VLAN tags, tunnels). False if they are not in the frame's own bytes, as with IP fragments. */
bool tcp_facts_read(tvbuff_t *frame, const packet_info *pinfo, tcp_facts_t *facts);

/* What Wireshark's TCP dissector knows of the conversation of the segment at hand, when it is through with it; NULL if
 * nothing. Its own get_tcp_conversation_data searches the conversation anew, or forgets what it found in this segment.
 */
struct tcp_analysis *tcp_analysis_of(const conversation_t *conversation);

/* The same for the frame at hand, while its payload is dissected. */
bool tcp_facts_of_frame(const packet_info *pinfo, tcp_facts_t *facts);

/* Whether this segment can be a keep-alive with a byte, as Windows sends it: the byte is 0 and stands before what is to
 * be sent next. */
bool tcp_facts_may_keep_alive(tvbuff_t *frame, const tcp_facts_t *facts);

/* Where the payload of the innermost TCP or UDP packet begins in the frame. False as above. */
bool payload_offset_read(tvbuff_t *frame, const packet_info *pinfo, guint *offset);

/* Whether the TCP checksum is wrong; false too if the capture does not hold the whole segment. */
bool tcp_facts_bad_checksum(tvbuff_t *frame, const packet_info *pinfo, const tcp_facts_t *facts);

#endif
