/* show.h - shows a unit by Wireshark's own dissectors, or by a repair where they would show it wrongly.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_SHOW_H
#define TDSCONN_SHOW_H

#include <epan/prefs.h>

#include "memory/track.h"

/* Registers a subtree and a preference. Called once, at registration. */
void show_register(module_t *preferences);

/* Looks up the dissectors. Called once, at handoff. */
void show_handoff(void);

/* Shows the unit in this buffer, as Wireshark shows it without the plugin, or by a repair_t of the connection. Called
 * on every pass. Wireshark's dissectors may throw. */
void show_unit(const track_t *track, const unit_t *unit, tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree);

#endif
