/* failures.c - what went wrong: a row each connection that was not made, not logged in, or broken.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "stats/statistics.h"

#include "stats/outcome.h"
#include "wire/names.h"

typedef struct {
    guint32 number, frame;
    const char *what, *ended_by, *diagnosis, *text, *owed;
    gint64 error;
    moment_t waited, network;
} failure_row_t;

static const column_t columns[] = {
    {"Conn", CELL_COUNT, .offset = offsetof(failure_row_t, number)},
    {"Frame", CELL_COUNT, .offset = offsetof(failure_row_t, frame)},
    {"What", CELL_TEXT, .offset = offsetof(failure_row_t, what)},
    {"Ended by", CELL_TEXT, .offset = offsetof(failure_row_t, ended_by)},
    {"Error", CELL_NUMBER, .offset = offsetof(failure_row_t, error)},
    {"Owed by", CELL_TEXT, .offset = offsetof(failure_row_t, owed)},
    {"Waited s", CELL_MILLISECONDS, .offset = offsetof(failure_row_t, waited)},
    {"Network s", CELL_MILLISECONDS, .offset = offsetof(failure_row_t, network)},
    {"Diagnosis", CELL_TEXT, .offset = offsetof(failure_row_t, diagnosis)},
    {"Text", CELL_TEXT, .offset = offsetof(failure_row_t, text), .limit = 44},
};

/* Who owed something when it ended, how long that was waited for, and how much of it passed until the message before it
 * had arrived, or what is owed was lost on its way. */
static void fill_wait(failure_row_t *row, const track_t *track)
{
    wait_t wait;
    row->waited = row->network = MOMENT_NONE;
    if (outcome_wait(track, &wait)) {
        row->owed = name_of(wait.debt.owes, owes_names);
        row->waited = wait.time;
        row->network = moment_sum(wait.request_spread, wait.way_back);
    }
}

static void failures_add_connection(table_t *table, const track_t *track)
{
    worst_t worst = outcome_worst(track);
    const error_record_t *error = outcome_error(track);
    failure_row_t row = {
        .number = track->number,
        .frame = outcome_frame(track, error, &worst),
        .what = outcome_failure(track, &worst),
        .ended_by = outcome_ended_by(track),
        .diagnosis = worst.any ? diagnosis_name(worst.rule) : NULL,
        .text = outcome_text(error, &worst),
        .error = error == NULL ? NUMBER_NONE : error->number,
    };
    if (row.what != NULL) {
        fill_wait(&row, track);
        table_show(table, table_row(table, &row));
    }
}

const statistic_t statistic_failures = {
    .name = "failures",
    .title = "SQL Server Failures",
    .columns = columns,
    .column_count = G_N_ELEMENTS(columns),
    .row_size = sizeof(failure_row_t),
    .order = order_by_number,
    .add_connection = failures_add_connection,
};
