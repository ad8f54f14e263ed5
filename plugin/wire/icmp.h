/* icmp.h - what a router, a firewall or the other host answers with ICMP to what TCP or UDP sent.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_ICMP_H
#define TDSCONN_ICMP_H

#include <epan/packet.h>

#include "core/unreachable.h"

/* One such answer, and the segment or datagram that it quotes. */
typedef struct {
    unreachable_t what;
    address from;    /* who says so; these addresses point into the frame */
    guint8 protocol; /* of the segment or datagram: IP_PROTO_TCP or IP_PROTO_UDP; the rest is of it, too */
    address source, target;
    guint16 source_port, target_port;
} icmp_answer_t;

/* Looks up the protocols. Called once, at handoff. */
void icmp_handoff(void);

/* Whether the frame is an ICMP message: what follows there is a quotation, and was sent once in a frame of its own. */
bool icmp_is_in_frame(const packet_info *pinfo);

/* Reads an ICMP or ICMPv6 error about what TCP or UDP sent, wherever in the frame it stands (VLAN tags, tunnels). 8
 * bytes of that are enough (RFC 792). False for every other message. */
bool icmp_read(tvbuff_t *frame, icmp_answer_t *answer);

#endif
