/* wanted.h - whether anybody looks at what Wireshark's TDS dissector finds in a message.
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

/* Whether the frame at hand has a tree in which something of TDS is looked for, or a column or a tap that tells what is
 * wrong with it. True too if the preference says that everything is wanted. */
bool wanted_in(const packet_info *pinfo, proto_tree *tree);

/* Whether a packet of TDS that is not wanted need not even be handed to Wireshark's TDS dissector: neither the tree of
 * this frame nor any later one would show a trace of it, not even in the frame's protocols. */
bool wanted_nowhere(const packet_info *pinfo, proto_tree *tree);

/* Whether Wireshark's TDS dissector joins the packets of a message, and says in the column Info that one is a part. */
bool wanted_joined(void);

#endif
