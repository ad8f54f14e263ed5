/* connections.c - a row each connection: three tables of the same rows, because one would be three screens wide.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "stats/statistics.h"

#include <epan/to_str.h>

#include "describe.h"
#include "names.h"
#include "stats/outcome.h"

typedef struct {
    guint32 number;
    const track_t *track; /* while it is being shown */
    gint64 error, requests;
    worst_t worst;
    moment_t times[TIME_COUNT];
} connection_row_t;

static const track_t *track_in(const void *row)
{
    return ((const connection_row_t *)row)->track;
}

/* Texts. {{{ */

static const char *client(const void *row, wmem_allocator_t *scope)
{
    return describe_endpoint(&track_in(row)->client, track_in(row)->client_port, scope);
}

static const char *server(const void *row, wmem_allocator_t *scope)
{
    return describe_endpoint(&track_in(row)->server, track_in(row)->server_port, scope);
}

static const char *user(const void *row, wmem_allocator_t *scope)
{
    return describe_user(track_in(row), scope);
}

static const char *auth(const void *row, wmem_allocator_t *scope _U_)
{
    return name_of_auth(auth_verdict(&track_in(row)->evidence).auth);
}

static const char *basis(const void *row, wmem_allocator_t *scope _U_)
{
    return val_to_str_const((guint32)auth_verdict(&track_in(row)->evidence).basis, basis_names, "");
}

static const char *outcome(const void *row, wmem_allocator_t *scope _U_)
{
    return val_to_str_const((guint32)track_in(row)->connection.state, state_names, "");
}

static const char *worst(const void *row, wmem_allocator_t *scope _U_)
{
    const worst_t *found = &((const connection_row_t *)row)->worst;
    return found->any ? diagnosis_name(found->rule) : NULL;
}

static const char *instance(const void *row, wmem_allocator_t *scope _U_)
{
    return fact_text(track_in(row), FACT_INSTANCE);
}

static const char *encryption(const void *row, wmem_allocator_t *scope _U_)
{
    return val_to_str_const((guint32)track_encryption(track_in(row)), encryption_names, "");
}

static const char *tls(const void *row, wmem_allocator_t *scope _U_)
{
    return fact_text(track_in(row), FACT_TLS_VERSION);
}

static const char *version(const void *row, wmem_allocator_t *scope _U_)
{
    return track_version(track_in(row));
}

static const char *mars(const void *row, wmem_allocator_t *scope _U_)
{
    return describe_mars(track_in(row));
}

static const char *closed(const void *row, wmem_allocator_t *scope _U_)
{
    return val_to_str_const((guint32)track_in(row)->connection.close, close_names, "");
}

/* }}} */

#define NUMBER_COLUMN                                                                                                  \
    {                                                                                                                  \
        "Conn", CELL_COUNT, .offset = offsetof(connection_row_t, number)                                               \
    }

static const column_t columns[] = {
    NUMBER_COLUMN,
    {"Client", CELL_TEXT, .text = client},
    {"Server", CELL_TEXT, .text = server},
    {"User", CELL_TEXT, .text = user, .limit = 24},
    {"Auth", CELL_TEXT, .text = auth},
    {"Outcome", CELL_TEXT, .text = outcome},
    {"Worst diagnosis", CELL_TEXT, .text = worst},
};

static const column_t detail_columns[] = {
    NUMBER_COLUMN,
    {"Instance", CELL_TEXT, .text = instance},
    {"Auth basis", CELL_TEXT, .text = basis},
    {"Encryption", CELL_TEXT, .text = encryption},
    {"TLS", CELL_TEXT, .text = tls},
    {"TDS", CELL_TEXT, .text = version},
    {"MARS", CELL_TEXT, .text = mars},
    {"Requests", CELL_NUMBER, .offset = offsetof(connection_row_t, requests)},
    {"Error", CELL_NUMBER, .offset = offsetof(connection_row_t, error)},
    {"Close", CELL_TEXT, .text = closed},
};

static const column_t time_columns[] = {
    NUMBER_COLUMN,
    {"TCP handshake", CELL_SECONDS, .offset = offsetof(connection_row_t, times[TIME_CONNECT])},
    {"Driver handshake", CELL_SECONDS, .offset = offsetof(connection_row_t, times[TIME_PRELOGIN])},
    {"TLS handshake", CELL_SECONDS, .offset = offsetof(connection_row_t, times[TIME_TLS])},
    {"Login", CELL_SECONDS, .offset = offsetof(connection_row_t, times[TIME_LOGIN])},
    {"Authentication", CELL_SECONDS, .offset = offsetof(connection_row_t, times[TIME_AUTH])},
    {"Total s", CELL_SECONDS, .offset = offsetof(connection_row_t, times[TIME_TOTAL])},
    {"Outcome", CELL_TEXT, .text = outcome},
};

static int order(const void *a, const void *b)
{
    return order_of(((const connection_row_t *)a)->number, ((const connection_row_t *)b)->number);
}

static void take_connection(table_t *table, const track_t *track)
{
    const error_record_t *error = outcome_error(track);
    connection_row_t row = {
        .number = track->number,
        .track = track,
        .error = error == NULL ? NUMBER_NONE : error->number,
        .requests = outcome_requests(track),
        .worst = outcome_worst(track),
    };
    for (guint i = 0; i < TIME_COUNT; i++) {
        row.times[i] = track->times[i].frame == 0 ? MOMENT_NONE : track->times[i].took;
    }
    table_show(table, table_row(table, &row));
}

#define CONNECTION_STATISTIC(NAME, TITLE, COLUMNS)                                                                     \
    {                                                                                                                  \
        .name = NAME, .title = TITLE, .columns = COLUMNS, .column_count = G_N_ELEMENTS(COLUMNS),                       \
        .row_size = sizeof(connection_row_t), .order = order, .take_connection = take_connection,                      \
    }

const statistic_t statistic_connections = CONNECTION_STATISTIC("connections", "SQL Server Connections", columns);
const statistic_t statistic_details = CONNECTION_STATISTIC("details", "SQL Server Connection Details", detail_columns);
const statistic_t statistic_times = CONNECTION_STATISTIC("times", "SQL Server Login Times", time_columns);
