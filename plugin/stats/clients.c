/* clients.c - the table of clients: a row for each program that connects, and how it uses its connections.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "stats/statistics.h"

#include <epan/to_str.h>

#include "seconds.h"
#include "memory/facts.h"
#include "stats/outcome.h"

#define MINUTE SECONDS(60)

typedef struct {
    address host; /* file scope */
    /* As LOGIN7 has them, the name also as NTLM has it; file scope, NULL = not known. */
    const char *name, *application, *driver;
    const char *client;
    const char *pooling; /* static; NULL = not known */
    guint32 connections, failures, reused, peak, ports, retransmissions, keep_alives;
    GArray *begun; /* moment_t of each connection, as they come */
    guint from;    /* the first of them within the minute that ends with the latest */
} client_row_t;

static const column_t columns[] = {
    {"Client", CELL_TEXT, .offset = offsetof(client_row_t, client)},
    {"Host", CELL_TEXT, .offset = offsetof(client_row_t, name), .limit = 20},
    {"Application", CELL_TEXT, .offset = offsetof(client_row_t, application), .limit = 24},
    {"Driver", CELL_TEXT, .offset = offsetof(client_row_t, driver), .limit = 24},
    {"Conns", CELL_COUNT, .offset = offsetof(client_row_t, connections)},
    {"Failed", CELL_COUNT, .offset = offsetof(client_row_t, failures)},
    {"A minute", CELL_COUNT, .offset = offsetof(client_row_t, peak)},
    {"Ports reused", CELL_COUNT, .offset = offsetof(client_row_t, ports)},
    {"Pooling", CELL_TEXT, .offset = offsetof(client_row_t, pooling)},
    {"Reuses", CELL_COUNT, .offset = offsetof(client_row_t, reused)},
    {"Resent", CELL_COUNT, .offset = offsetof(client_row_t, retransmissions)},
    {"Keep-alives", CELL_COUNT, .offset = offsetof(client_row_t, keep_alives)},
};

static int client_order(const void *a, const void *b)
{
    const client_row_t *left = (const client_row_t *)a;
    const client_row_t *right = (const client_row_t *)b;
    int order = cmp_address(&left->host, &right->host);
    order = order != 0 ? order : g_strcmp0(left->name, right->name);
    order = order != 0 ? order : g_strcmp0(left->application, right->application);
    return order != 0 ? order : g_strcmp0(left->driver, right->driver);
}

static void free_client(void *row)
{
    client_row_t *client = (client_row_t *)row;
    if (client->begun != NULL) {
        g_array_free(client->begun, true);
    }
}

/* How many began within a minute. A clock that goes back begins a new minute. */
static void count_begin(client_row_t *row, moment_t begun)
{
    if (begun == MOMENT_NONE) {
        return;
    }
    if (row->begun == NULL) {
        row->begun = g_array_new(false, false, sizeof begun);
    }
    g_array_append_val(row->begun, begun);
    while (begun - g_array_index(row->begun, moment_t, row->from) > MINUTE ||
           begun < g_array_index(row->begun, moment_t, row->from)) {
        row->from++;
    }
    row->peak = MAX(row->peak, row->begun->len - row->from);
}

static guint32 pooled_reuses(const track_t *track)
{
    guint32 count = 0;
    for (guint32 i = 1; i <= track->login->exchanges.count; i++) {
        count += track_exchange(track, i)->pooled;
    }
    return count;
}

/* Pools of Microsoft's drivers ask for a reset of the connection that they hand out again: without that nobody sees
 * them.
 */
static const char *pooling_of(const client_row_t *row, const track_t *track)
{
    if (row->reused > 0) {
        return "yes";
    }
    return diagnosed(track, DIAGNOSIS_NO_POOLING) ? "no" : row->pooling;
}

static void clients_add_connection(table_t *table, const track_t *track)
{
    worst_t worst = outcome_worst(track);
    const char *login = track_fact_text(track, FACT_LOGIN_HOST);
    client_row_t like = {
        .host = *track->client.host,
        .name = login != NULL ? login : track_fact_text(track, FACT_NTLM_HOST),
        .application = track_fact_text(track, FACT_LOGIN_APP),
        .driver = track_fact_text(track, FACT_CLIENT_DRIVER),
    };
    client_row_t *row = (client_row_t *)table_row(table, &like);
    row->client = row->host.type == AT_NONE ? NULL : address_to_str(table_scratch(), &row->host);
    row->connections++;
    row->failures += outcome_failure(track, &worst) != NULL;
    row->ports += diagnosed(track, DIAGNOSIS_PORT_REUSED);
    row->reused += pooled_reuses(track);
    row->pooling = pooling_of(row, track);
    row->retransmissions += (guint32)MAX(outcome_segments(track, MESSAGE_RETRANSMISSION), 0);
    row->keep_alives += (guint32)MAX(outcome_segments(track, MESSAGE_KEEP_ALIVE), 0);
    count_begin(row, annotation_moment(track_annotation_at(track, 0)));
    table_show(table, row);
}

const statistic_t statistic_clients = {
    .name = "clients",
    .title = "SQL Server Clients",
    .columns = columns,
    .column_count = G_N_ELEMENTS(columns),
    .row_size = sizeof(client_row_t),
    .order = client_order,
    .free_row = free_client,
    .add_connection = clients_add_connection,
};
