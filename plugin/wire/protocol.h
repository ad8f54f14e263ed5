/* protocol.h - the protocol, for the other parts of the plugin.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_PROTOCOL_H
#define TDSCONN_PROTOCOL_H

/* The number of the protocol TDSCONN, from registration on. It is also the key of the plugin's data of a conversation
 * or a frame. */
extern int proto_tdsconn;

#endif
