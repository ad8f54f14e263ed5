/* hosts.h - maps from a host's address.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_HOSTS_H
#define TDSCONN_HOSTS_H

#include <epan/address.h>
#include <epan/wmem_scopes.h>

/* A map whose keys are addresses, of file scope. Any address is looked up with wmem_map_lookup. */
wmem_map_t *host_map_new(void);

/* Adds a host, whose address is copied; `value` is kept as it is. */
void host_map_add(wmem_map_t *map, const address *host, void *value);

/* Where the host begins in what names a server: "tcp:HOST,PORT", "HOST\INSTANCE", "MSSQLSvc/HOST:PORT". */
const char *hosts_name_in(const char *text);

/* How long the first label of such a host's name is; 0 where it is an address, or none. */
size_t hosts_label(const char *host);

#endif
