/* hosts.c - hosts: maps from their addresses, with or without a port, and host names in the names of servers.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "wire/hosts.h"

#include <string.h>

static guint host_hash(gconstpointer host)
{
    return add_address_to_hash(0, (const address *)host);
}

static gboolean host_equal(gconstpointer one, gconstpointer other)
{
    return addresses_equal((const address *)one, (const address *)other);
}

wmem_map_t *host_map_new(void)
{
    return wmem_map_new(wmem_file_scope(), host_hash, host_equal);
}

void host_map_add(wmem_map_t *map, const address *host, void *value)
{
    address *key = wmem_new(wmem_file_scope(), address);
    copy_address_wmem(wmem_file_scope(), key, host);
    wmem_map_insert(map, key, value);
}

static guint endpoint_hash(gconstpointer endpoint)
{
    return add_address_to_hash(((const endpoint_t *)endpoint)->port, &((const endpoint_t *)endpoint)->host);
}

static gboolean endpoint_equal(gconstpointer one, gconstpointer other)
{
    const endpoint_t *a = (const endpoint_t *)one;
    const endpoint_t *b = (const endpoint_t *)other;
    return a->port == b->port && addresses_equal(&a->host, &b->host);
}

wmem_map_t *endpoint_map_new(void)
{
    return wmem_map_new(wmem_file_scope(), endpoint_hash, endpoint_equal);
}

void endpoint_map_add(wmem_map_t *map, const address *host, guint16 port, void *value)
{
    endpoint_t *key = wmem_new(wmem_file_scope(), endpoint_t);
    copy_address_wmem(wmem_file_scope(), &key->host, host);
    key->port = port;
    wmem_map_insert(map, key, value);
}

bool hosts_is_loopback(const address *host)
{
    static const guint8 v6[16] = {[15] = 1};
    const guint8 *bytes = (const guint8 *)host->data;
    return (host->type == AT_IPv4 && bytes[0] == 127) || (host->type == AT_IPv6 && memcmp(bytes, v6, sizeof v6) == 0);
}

const char *hosts_name_in(const char *text)
{
    const char *slash = strchr(text, '/');
    text = slash != NULL ? slash + 1 : text;
    return g_ascii_strncasecmp(text, "tcp:", 4) == 0 ? text + 4 : text;
}

size_t hosts_label(const char *host)
{
    size_t length = strcspn(host, ".,:\\");
    return strspn(host, "0123456789") == length ? 0 : length;
}
