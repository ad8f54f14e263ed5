/* packet-ssrp.h - the protocol SSRP, for the other parts of the plugin.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef PACKET_SSRP_H
#define PACKET_SSRP_H

#include <epan/packet.h>

#include "wire/icmp.h"

/* Links an ICMP error to the request to SQL Browser that it quotes, if it quotes one. Called after all dissectors, on
 * every pass. */
void ssrp_observe(tvbuff_t *frame, packet_info *pinfo, proto_tree *tree, const icmp_answer_t *icmp);

/* Called by Wireshark through plugin.c. */
void proto_register_ssrp(void);
void proto_reg_handoff_ssrp(void);

#endif
