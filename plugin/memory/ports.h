/* ports.h - the ports that the user calls SQL Server's, in the preferences of TDSCONN.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_PORTS_H
#define TDSCONN_PORTS_H

#include <epan/packet.h>

#include "core/values.h"

/* Whether a port is one that the user calls SQL Server's. */
bool ports_is_known(guint32 port);

/* Who sent this frame, where one of its ports, and not both, is such a port; else SENDER_UNKNOWN. */
sender_t ports_sender(const packet_info *pinfo);

#endif
