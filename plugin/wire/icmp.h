/* icmp.h - ICMP errors of a router, a firewall or the other host about a TCP segment or UDP datagram.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_ICMP_H
#define TDSCONN_ICMP_H

#include <epan/packet.h>

#include "core/unreachable.h"

/* One such error, and the segment or datagram that it quotes. */
typedef struct {
    unreachable_t what;
    address from;           /* who sent the error; all addresses here point into the frame's buffers */
    guint8 protocol;        /* of the quoted packet: IP_PROTO_TCP or IP_PROTO_UDP */
    address source, target; /* of the quoted packet, as the ports */
    guint16 source_port, target_port;
    guint32 seq;  /* of TCP: the sequence number of the quoted segment */
    bool has_seq; /* the capture has it; the ports are always there */
} icmp_answer_t;

/* Looks up the protocols. Called once, at handoff. */
void icmp_handoff(void);

/* Whether the frame contains an ICMP message: a TCP segment behind it is only quoted, and was sent in an earlier frame.
 * Asked after all dissectors. */
bool icmp_is_in_frame(const packet_info *pinfo);

/* Reads an ICMP or ICMPv6 error about TCP or UDP, at any place in the first 512 bytes of the frame (VLAN tags,
 * tunnels), or of what Wireshark put together of a tunnel's fragments. 8 bytes of the quoted segment or datagram are
 * enough (RFC 792); where the snap length cut those, its ports are. False for every other message; then `answer` holds
 * nothing. */
bool icmp_read(const packet_info *pinfo, icmp_answer_t *answer);

#endif
