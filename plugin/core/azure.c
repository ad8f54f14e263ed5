/* azure.c - how Azure SQL differs from other servers: the names of its gateways, and the ports of its nodes.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "azure.h"

#include <stddef.h>
#include <string.h>

#include "characters.h"
#include "rules.h"

/* As Azure's documentation of SQL Database, Managed Instance, Synapse and Fabric has them, for each of its clouds. */
static const char *const domains[] = {
    ".database.windows.net",      ".database.usgovcloudapi.net",    ".database.chinacloudapi.cn",
    ".database.cloudapi.de",      ".sql.azuresynapse.net",          ".sql.azuresynapse.usgovcloudapi.net",
    ".sql.azuresynapse.azure.cn", ".database.fabric.microsoft.com", ".datawarehouse.fabric.microsoft.com",
};

#define NODE_PORTS_FROM 11000 /* "Azure SQL Database connectivity architecture", redirect */
#define NODE_PORTS_TO   11999

static bool ends_with(const char *name, size_t length, const char *end)
{
    size_t tail = strlen(end);
    return length > tail && characters_same(name + length - tail, end, tail);
}

static bool is_name(const char *name, size_t length)
{
    bool found = false;
    size_t dot = length > 0 && name[length - 1] == '.';
    for (size_t i = 0; i < sizeof domains / sizeof domains[0]; i++) {
        found = found || ends_with(name, length - dot, domains[i]);
    }
    return found;
}

bool azure_is_name(const char *name)
{
    return name != NULL && is_name(name, strlen(name));
}

bool azure_is_among(const char *names)
{
    bool found = false;
    while (names != NULL && !found) {
        size_t length = strcspn(names, CERTIFICATE_NAMES_BETWEEN);
        found = is_name(names, length);
        names = names[length] == '\0' ? NULL : names + length + 1;
    }
    return found;
}

bool azure_is_node_port(uint16_t port)
{
    return port >= NODE_PORTS_FROM && port <= NODE_PORTS_TO;
}
