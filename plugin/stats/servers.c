/* servers.c - a row each server, by its address and port: who comes, how, and with what success.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "memory/evidence.h"
#include "memory/facts.h"
#include "stats/statistics.h"

#include <epan/to_str.h>

#include "show/describe.h"
#include "stats/outcome.h"

typedef struct {
    address host; /* file scope, as long as connections are taken */
    guint16 port;
    const char *server, *version;
    guint32 clients, connections;
    guint32 sql, ntlm, kerberos, entra, other;
    guint32 weak_tls, strict, redirected, failures, resets;
    GHashTable *known; /* addresses of clients, as texts */
} server_row_t;

static const column_t columns[] = {
    {"Server", CELL_TEXT, .offset = offsetof(server_row_t, server)},
    {"Version", CELL_TEXT, .offset = offsetof(server_row_t, version)},
    {"Clients", CELL_COUNT, .offset = offsetof(server_row_t, clients)},
    {"Conns", CELL_COUNT, .offset = offsetof(server_row_t, connections)},
    {"SQL", CELL_COUNT, .offset = offsetof(server_row_t, sql)},
    {"NTLM", CELL_COUNT, .offset = offsetof(server_row_t, ntlm)},
    {"Kerb.", CELL_COUNT, .offset = offsetof(server_row_t, kerberos)},
    {"Entra", CELL_COUNT, .offset = offsetof(server_row_t, entra)},
    {"Other", CELL_COUNT, .offset = offsetof(server_row_t, other)},
    {"Weak TLS", CELL_COUNT, .offset = offsetof(server_row_t, weak_tls)},
    {"TDS 8", CELL_COUNT, .offset = offsetof(server_row_t, strict)},
    {"Routed", CELL_COUNT, .offset = offsetof(server_row_t, redirected)},
    {"Failed", CELL_COUNT, .offset = offsetof(server_row_t, failures)},
    {"Resets", CELL_COUNT, .offset = offsetof(server_row_t, resets)},
};

static int servers_order(const void *a, const void *b)
{
    const server_row_t *left = (const server_row_t *)a;
    const server_row_t *right = (const server_row_t *)b;
    int by_address = cmp_address(&left->host, &right->host);
    return by_address != 0 ? by_address : left->port - right->port;
}

static void free_row(void *row)
{
    g_hash_table_destroy(((server_row_t *)row)->known);
}

static guint32 *auth_count(server_row_t *row, auth_t auth)
{
    switch (auth) {
    case AUTH_SQL:
        return &row->sql;
    case AUTH_NTLM:
        return &row->ntlm;
    case AUTH_KERBEROS:
        return &row->kerberos;
    case AUTH_ENTRA:
        return &row->entra;
    default:
        return &row->other;
    }
}

static server_row_t *server_row_of(table_t *table, const track_t *track)
{
    server_row_t like = {.host = *track->server.host, .port = track->server.port};
    server_row_t *row = (server_row_t *)table_row(table, &like);
    row->server = describe_endpoint(&row->host, row->port, table_scratch());
    if (row->known == NULL) {
        row->known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    }
    return row;
}

static void count_client(server_row_t *row, const address *client)
{
    char *text = address_to_str(NULL, client);
    g_hash_table_add(row->known, g_strdup(text));
    wmem_free(NULL, text);
    row->clients = g_hash_table_size(row->known);
}

static void servers_add_connection(table_t *table, const track_t *track)
{
    server_row_t *row = server_row_of(table, track);
    worst_t worst = outcome_worst(track);
    count_client(row, track->client.host);
    *auth_count(row, track_auth(track).auth) += 1;
    row->connections++;
    row->weak_tls += diagnosed(track, DIAGNOSIS_TLS_OLD);
    row->strict += track->strict;
    row->redirected += track->connection.state == STATE_REDIRECTED;
    row->failures += outcome_failure(track, &worst) != NULL;
    row->resets += outcome_is_reset(track);
    if (track_fact(track, FACT_SERVER_VERSION).frame != 0) {
        row->version = fact_text(track, FACT_SERVER_VERSION);
    }
    table_show(table, row);
}

const statistic_t statistic_servers = {
    .name = "servers",
    .title = "SQL Servers",
    .columns = columns,
    .column_count = G_N_ELEMENTS(columns),
    .row_size = sizeof(server_row_t),
    .order = servers_order,
    .free_row = free_row,
    .add_connection = servers_add_connection,
};
