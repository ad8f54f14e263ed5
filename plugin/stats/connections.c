/* connections.c - a row each connection: three tables of the same rows, because one would be three screens wide.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "stats/statistics.h"

#include "memory/evidence.h"
#include "memory/times.h"
#include "memory/turns.h"
#include "show/describe.h"
#include "stats/outcome.h"
#include "wire/names.h"

typedef struct {
    guint32 number; /* first: rows stand by it */
    const char *client, *server, *user, *auth, *outcome, *worst;
    const char *instance, *basis, *encryption, *tls, *version, *mars, *closed;
    gint64 requests, error, resent, keep_alives;
    moment_t times[TIME_COUNT];
    wait_sum_t parts;
} connection_row_t;

#define NUMBER_COLUMN                                                                                                  \
    {                                                                                                                  \
        "Conn", CELL_COUNT, .offset = offsetof(connection_row_t, number)                                               \
    }

static const column_t columns[] = {
    NUMBER_COLUMN,
    {"Client", CELL_TEXT, .offset = offsetof(connection_row_t, client)},
    {"Server", CELL_TEXT, .offset = offsetof(connection_row_t, server)},
    {"User", CELL_TEXT, .offset = offsetof(connection_row_t, user), .limit = 24},
    {"Auth", CELL_TEXT, .offset = offsetof(connection_row_t, auth)},
    {"Outcome", CELL_TEXT, .offset = offsetof(connection_row_t, outcome)},
    {"Worst diagnosis", CELL_TEXT, .offset = offsetof(connection_row_t, worst)},
};

static const column_t detail_columns[] = {
    NUMBER_COLUMN,
    {"Instance", CELL_TEXT, .offset = offsetof(connection_row_t, instance)},
    {"Auth basis", CELL_TEXT, .offset = offsetof(connection_row_t, basis)},
    {"Encryption", CELL_TEXT, .offset = offsetof(connection_row_t, encryption)},
    {"TLS", CELL_TEXT, .offset = offsetof(connection_row_t, tls)},
    {"TDS", CELL_TEXT, .offset = offsetof(connection_row_t, version)},
    {"MARS", CELL_TEXT, .offset = offsetof(connection_row_t, mars)},
    {"Requests", CELL_NUMBER, .offset = offsetof(connection_row_t, requests)},
    {"Resent", CELL_NUMBER, .offset = offsetof(connection_row_t, resent)},
    {"Keep-alives", CELL_NUMBER, .offset = offsetof(connection_row_t, keep_alives)},
    {"Error", CELL_NUMBER, .offset = offsetof(connection_row_t, error)},
    {"Close", CELL_TEXT, .offset = offsetof(connection_row_t, closed)},
};

static const column_t time_columns[] = {
    NUMBER_COLUMN,
    {"Connect", CELL_SECONDS, .offset = offsetof(connection_row_t, times[TIME_CONNECT])},
    {"Driver handshake", CELL_SECONDS, .offset = offsetof(connection_row_t, times[TIME_PRELOGIN])},
    {"TLS handshake", CELL_SECONDS, .offset = offsetof(connection_row_t, times[TIME_TLS])},
    {"Login", CELL_SECONDS, .offset = offsetof(connection_row_t, times[TIME_LOGIN])},
    {"Authentication", CELL_SECONDS, .offset = offsetof(connection_row_t, times[TIME_AUTH])},
    {"Total s", CELL_SECONDS, .offset = offsetof(connection_row_t, times[TIME_TOTAL])},
    {"Network s", CELL_SECONDS, .offset = offsetof(connection_row_t, parts.network)},
    {"Server s", CELL_SECONDS, .offset = offsetof(connection_row_t, parts.server)},
    {"Client s", CELL_SECONDS, .offset = offsetof(connection_row_t, parts.client)},
    {"Outcome", CELL_TEXT, .offset = offsetof(connection_row_t, outcome)},
};

static connection_row_t connections_row_of(const track_t *track)
{
    auth_verdict_t verdict = track_auth(track);
    worst_t worst = outcome_worst(track);
    const error_record_t *error = outcome_error(track);
    return (connection_row_t){
        .number = track->number,
        .client = describe_endpoint(track->client.host, track->client.port, table_scratch()),
        .server = describe_endpoint(track->server.host, track->server.port, table_scratch()),
        .user = describe_user(track, table_scratch()),
        .auth = describe_mechanism(verdict, table_scratch()),
        .outcome = name_of(track->connection.state, state_names),
        .worst = worst.any ? diagnosis_name(worst.rule) : NULL,
        .instance = fact_text(track, FACT_INSTANCE),
        .basis = name_of(verdict.basis, basis_names),
        .encryption = name_of(track_encryption(track), encryption_names),
        .tls = fact_text(track, FACT_TLS_VERSION),
        .version = track_version(track),
        .mars = describe_mars(track),
        .closed = name_of(track->connection.close, close_names),
        .requests = outcome_requests(track),
        .resent = outcome_segments(track, MESSAGE_RETRANSMISSION),
        .keep_alives = outcome_segments(track, MESSAGE_KEEP_ALIVE),
        .error = error == NULL ? NUMBER_NONE : error->number,
    };
}

static void connections_add_connection(table_t *table, const track_t *track)
{
    connection_row_t row = connections_row_of(track);
    for (guint i = 0; i < TIME_COUNT; i++) {
        row.times[i] = track_took(track, (step_time_id_t)i);
    }
    row.parts = turns_login_parts(track);
    table_show(table, table_row(table, &row));
}

#define CONNECTION_STATISTIC(NAME, TITLE, COLUMNS)                                                                     \
    {                                                                                                                  \
        .name = NAME, .title = TITLE, .columns = COLUMNS, .column_count = G_N_ELEMENTS(COLUMNS),                       \
        .row_size = sizeof(connection_row_t), .order = order_by_number, .add_connection = connections_add_connection,  \
    }

const statistic_t statistic_connections = CONNECTION_STATISTIC("connections", "SQL Server Connections", columns);
const statistic_t statistic_details = CONNECTION_STATISTIC("details", "SQL Server Connection Details", detail_columns);
const statistic_t statistic_times = CONNECTION_STATISTIC("times", "SQL Server Login Times", time_columns);
