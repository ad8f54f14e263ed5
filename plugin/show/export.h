/* export.h - Export Objects: the SQL text of each request, as a file.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * It reads the packets of requests by itself, on each pass on which Wireshark exports: in the window on a later one. At
 * other times it keeps nothing.
 */
#ifndef TDSCONN_EXPORT_H
#define TDSCONN_EXPORT_H

#include "memory/track.h"

/* Registers with Wireshark's Export Objects. Called once, at registration. */
void export_register(int proto);

/* Reads a unit for the export. Called for every unit before it is shown, on every pass. */
void export_unit(const track_t *track, const unit_t *unit, tvbuff_t *tvb, packet_info *pinfo);

#endif
