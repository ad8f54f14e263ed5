/* azure.h - what tells Azure SQL from other servers: the names of its gateways, and the ports of its nodes.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_AZURE_H
#define TDSCONN_AZURE_H

#include <stdbool.h>
#include <stdint.h>

/* Whether this is a name of Azure SQL, in SNI or in a certificate. NULL is none. */
bool azure_is_name(const char *name);

/* Whether one of these names is, CERTIFICATE_NAMES_BETWEEN them. NULL are none. */
bool azure_is_among(const char *names);

/* Whether a gateway of Azure SQL may send a client to this port: what firewalls have to let through for its redirects.
 */
bool azure_is_node_port(uint16_t port);

#endif
