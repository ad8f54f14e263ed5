/* observe.h - which connection the frame at hand belongs to, and what TCP, SMB and ICMP do to that in it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_OBSERVE_H
#define TDSCONN_OBSERVE_H

#include <epan/packet.h>

#include "memory/track.h"

/* Processes the frame at hand after all dissectors, on the first pass, and finds its connection on every pass. `tvb`,
 * `tree`: the frame and its tree, as a postdissector gets them. Returns the connection; NULL if the frame belongs to
 * none. */
const track_t *observe(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree);

#endif
