/* show.h - a unit as Wireshark's own dissectors show it, and what is shown where they would take it wrongly.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_SHOW_H
#define TDSCONN_SHOW_H

#include <epan/prefs.h>

#include "memory/track.h"

/* Registers a subtree and a preference. Called once, at registration. */
void show_register(module_t *preferences);

/* Looks for the dissectors. Called once, at handoff. */
void show_handoff(void);

/* Shows the unit that this buffer holds, on every pass: as it would have been without us, or by a repair_t of the
 * connection. Wireshark's dissectors may throw. */
void show_unit(const track_t *track, const unit_t *unit, tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree);

#endif
