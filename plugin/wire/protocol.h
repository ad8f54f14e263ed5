/* protocol.h - the protocol, for the other parts of the plugin.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_PROTOCOL_H
#define TDSCONN_PROTOCOL_H

/* Its number, from registration on; also the key under which the parts keep what belongs to a conversation or a frame.
 */
extern int proto_tdsconn;

#endif
