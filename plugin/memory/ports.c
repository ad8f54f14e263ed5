/* ports.c - the ports that the user calls SQL Server's, in the preferences of TDSCONN.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "memory/ports.h"

#include <epan/prefs.h>

#include "memory/capture.h"

/* A copy: not everybody who changes a preference, and frees what it was, says so. sharkd does not. */
bool ports_is_known(guint32 port)
{
    if (capture.known_ports == NULL) {
        capture.known_ports = range_copy(wmem_file_scope(), prefs_get_range_value("tdsconn", "tcp.port"));
    }
    return value_is_in_range(capture.known_ports, port);
}

sender_t ports_sender(const packet_info *pinfo)
{
    bool from_known = ports_is_known(pinfo->srcport);
    bool to_known = ports_is_known(pinfo->destport);
    if (from_known == to_known) {
        return SENDER_UNKNOWN;
    }
    return to_known ? SENDER_CLIENT : SENDER_SERVER;
}
