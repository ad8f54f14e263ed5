/* ports.h - the ports that the preferences of TDSCONN name as SQL Server's.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_PORTS_H
#define TDSCONN_PORTS_H

#include <epan/packet.h>

#include "core/values.h"

/* Whether a port is one of them. */
bool ports_is_known(guint32 port);

/* Who sent this frame, if exactly one of its ports is one of them; else SENDER_UNKNOWN. */
sender_t ports_sender(const packet_info *pinfo);

#endif
