/* azure.h - how Azure SQL differs from other servers: the names of its gateways, and the ports of its nodes.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_AZURE_H
#define TDSCONN_AZURE_H

#include <stdbool.h>
#include <stdint.h>

/* Whether this name, from SNI or from a certificate, is one of Azure SQL. False for NULL. */
bool azure_is_name(const char *name);

/* Whether one of these names is, with CERTIFICATE_NAMES_BETWEEN between them. False for NULL. */
bool azure_is_among(const char *names);

/* Whether a gateway of Azure SQL may redirect a client to this port. Firewalls must allow these ports. */
bool azure_is_node_port(uint16_t port);

#endif
