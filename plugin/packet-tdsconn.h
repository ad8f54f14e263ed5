/* packet-tdsconn.h - the protocol TDSCONN: its fields and its tree.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef PACKET_TDSCONN_H
#define PACKET_TDSCONN_H

/* Called by Wireshark through plugin.c. */
void proto_register_tdsconn(void);
void proto_reg_handoff_tdsconn(void);

#endif
