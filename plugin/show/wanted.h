/* wanted.h - whether the result of Wireshark's TDS dissector is needed: if not, the plugin saves its time.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_WANTED_H
#define TDSCONN_WANTED_H

#include <epan/packet.h>
#include <epan/prefs.h>

#include "compat.h"

/* Registers a preference. Called once, at registration. */
void wanted_register(module_t *preferences);

/* Looks for the protocols. Called once, at handoff. */
void wanted_handoff(void);

/* Whether the TDS dissector's result is needed for the frame at hand: the tree, the expert column or the expert tap
 * needs it, or the preference says that everything is to be read. */
bool wanted_in(const packet_info *pinfo, proto_tree *tree);

/* Of a packet for which wanted_in is false: whether Wireshark's TDS dissector need not be called at all. Then no tree
 * of this frame or a later one shows a trace of it, not even in frame.protocols. */
bool wanted_nowhere(const packet_info *pinfo, proto_tree *tree);

/* Whether Wireshark's TDS dissector joins the packets of a message, and marks a part in the column Info. */
bool wanted_joined(void);

#endif
