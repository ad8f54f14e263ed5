/* hosts.h - hosts: maps from their addresses, with or without a port, and host names in the names of servers.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_HOSTS_H
#define TDSCONN_HOSTS_H

#include <epan/address.h>
#include <epan/wmem_scopes.h>

#include <stdbool.h>

/* A new map whose keys are addresses, in file scope. Look up an address with wmem_map_lookup. */
wmem_map_t *host_map_new(void);

/* Adds a host. The address is copied; `value` is not. */
void host_map_add(wmem_map_t *map, const address *host, void *value);

/* A host and a port of it. */
typedef struct {
    address host;
    guint16 port;
} endpoint_t;

/* This one, to look it up with wmem_map_lookup. The address is not copied. */
static inline endpoint_t endpoint_of(const address *host, guint16 port)
{
    return (endpoint_t){*host, port};
}

/* A new map whose keys are endpoint_t, in file scope. */
wmem_map_t *endpoint_map_new(void);

/* Adds an endpoint, or gives it another value. The address is copied; `value` is not. */
void endpoint_map_add(wmem_map_t *map, const address *host, guint16 port, void *value);

/* Whether the address is of the host itself: 127.0.0.0/8 or ::1 (RFC 6890 2.2.2, 2.2.3). */
bool hosts_is_loopback(const address *host);

/* Where the host begins in the name of a server, such as "tcp:HOST,PORT", "HOST\INSTANCE" or "MSSQLSvc/HOST:PORT".
 * Points into `text`. */
const char *hosts_name_in(const char *text);

/* The length of the first label of such a host's name, in bytes; 0 for an IPv4 address and for an empty name. */
size_t hosts_label(const char *host);

#endif
