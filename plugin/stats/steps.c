/* steps.c - how long the steps of a login take: a row each step, over all connections that ended it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "memory/times.h"
#include "stats/statistics.h"

#include "wire/names.h"

typedef struct {
    guint32 number; /* its place among the steps */
    bool pipe;      /* it opens a named pipe, where others do the handshake of TCP */
    const char *step;
    guint32 count;
    moment_t least, average, most, sum;
    gint64 slowest; /* connection */
} step_row_t;

static const column_t columns[] = {
    {"No", CELL_COUNT, .offset = offsetof(step_row_t, number)},
    {"Step", CELL_TEXT, .offset = offsetof(step_row_t, step)},
    {"Count", CELL_COUNT, .offset = offsetof(step_row_t, count)},
    {"Min s", CELL_SECONDS, .offset = offsetof(step_row_t, least)},
    {"Average s", CELL_SECONDS, .offset = offsetof(step_row_t, average)},
    {"Max s", CELL_SECONDS, .offset = offsetof(step_row_t, most)},
    {"Slowest conn", CELL_NUMBER, .offset = offsetof(step_row_t, slowest)},
};

static int step_order(const void *a, const void *b)
{
    int order = order_by_number(a, b);
    return order != 0 ? order : (int)((const step_row_t *)a)->pipe - (int)((const step_row_t *)b)->pipe;
}

static step_row_t step_like(const track_t *track, step_time_id_t which)
{
    bool pipe = track->seldom->pipe != NULL && which == TIME_CONNECT;
    return (step_row_t){
        .number = which + 1,
        .pipe = pipe,
        .step = pipe ? name_of(STEP_PIPE, step_names) : time_name(which),
    };
}

static void step_add(step_row_t *row, moment_t took, guint32 connection)
{
    if (row->count == 0 || took > row->most) {
        row->most = took;
        row->slowest = connection;
    }
    row->least = row->count == 0 ? took : MIN(row->least, took);
    row->count++;
    row->sum = moment_sum(row->sum, took);
    row->average = row->sum / row->count;
}

static void steps_add_connection(table_t *table, const track_t *track)
{
    for (guint32 i = 0; i < TIME_COUNT; i++) {
        moment_t took = track_took(track, (step_time_id_t)i);
        if (took != MOMENT_NONE) {
            step_row_t like = step_like(track, (step_time_id_t)i);
            step_row_t *row = (step_row_t *)table_row(table, &like);
            step_add(row, took, track->number);
            table_show(table, row);
        }
    }
}

const statistic_t statistic_steps = {
    .name = "steps",
    .title = "SQL Server Login Steps",
    .columns = columns,
    .column_count = G_N_ELEMENTS(columns),
    .row_size = sizeof(step_row_t),
    .order = step_order,
    .add_connection = steps_add_connection,
};
