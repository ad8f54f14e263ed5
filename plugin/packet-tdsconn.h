/* packet-tdsconn.h - the protocol, for the other parts of the plugin.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef PACKET_TDSCONN_H
#define PACKET_TDSCONN_H

#include <glib.h>

extern int proto_tdsconn;

/* The next number of a MARS session in the capture, for tdsconn.session. First pass only. */
guint32 packet_tdsconn_next_session(void);

/* Called by Wireshark through plugin.c. */
void proto_register_tdsconn(void);
void proto_reg_handoff_tdsconn(void);

#endif
