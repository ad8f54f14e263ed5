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

static void failures_add_connection(table_t *table, const track_t *track)
{
    failure_t failure;
    if (!outcome_failed(track, &failure)) {
        return;
    }
    const wait_t *wait = failure.waited ? &failure.wait : NULL;
    failure_row_t row = {
        .number = track->number,
        .frame = failure.frame,
        .what = failure.what,
        .ended_by = outcome_ended_by(track),
        .diagnosis = failure.diagnosis,
        .text = failure.text,
        .error = failure.error == NULL ? NUMBER_NONE : failure.error->number,
        .owed = wait == NULL ? NULL : name_of(wait->debt.owes, owes_names),
        .waited = wait == NULL ? MOMENT_NONE : wait->time,
        .network = wait == NULL ? MOMENT_NONE : failure.network,
    };
    table_show(table, table_row(table, &row));
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
