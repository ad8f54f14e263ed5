/* packet-tdsconn.h - the protocol, for the other parts of the plugin.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef PACKET_TDSCONN_H
#define PACKET_TDSCONN_H

/* Also the key under which the other parts keep what belongs to a conversation or a frame. */
extern int proto_tdsconn;

/* Called by Wireshark through plugin.c. */
void proto_register_tdsconn(void);
void proto_reg_handoff_tdsconn(void);

#endif
