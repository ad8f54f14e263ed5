/* steps.c - how long the steps of a login take: a row each step, over all connections that ended it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "stats/statistics.h"

typedef struct {
    guint32 number; /* its place among the steps */
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
        if (track->times[i].frame != 0 && track->times[i].took != MOMENT_NONE) {
            step_row_t like = {.number = i + 1, .step = time_name((step_time_id_t)i)};
            step_row_t *row = (step_row_t *)table_row(table, &like);
            step_add(row, track->times[i].took, track->number);
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
    .order = order_by_number,
    .add_connection = steps_add_connection,
};
