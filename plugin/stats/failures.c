/* failures.c - what went wrong: a row each connection that was not made, not logged in, or broken.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "stats/statistics.h"

#include "stats/outcome.h"

typedef struct {
    guint32 number;
    const track_t *track; /* while it is being shown */
    const char *what;
    guint32 frame;
    gint64 error;
    worst_t worst;
} failure_row_t;

static const failure_row_t *failure(const void *row)
{
    return (const failure_row_t *)row;
}

static const char *what_failed(const void *row, wmem_allocator_t *scope _U_)
{
    return failure(row)->what;
}

static const char *ended_by(const void *row, wmem_allocator_t *scope _U_)
{
    return outcome_ended_by(failure(row)->track);
}

static const char *diagnosis(const void *row, wmem_allocator_t *scope _U_)
{
    return failure(row)->worst.any ? diagnosis_name(failure(row)->worst.rule) : NULL;
}

/* The server's words; without any, what was found. */
static const char *text(const void *row, wmem_allocator_t *scope _U_)
{
    const error_record_t *error = outcome_error(failure(row)->track);
    return error != NULL && error->message != NULL ? error->message : failure(row)->worst.text;
}

static const column_t columns[] = {
    {"Conn", CELL_COUNT, .offset = offsetof(failure_row_t, number)},
    {"Frame", CELL_COUNT, .offset = offsetof(failure_row_t, frame)},
    {"What", CELL_TEXT, .text = what_failed},
    {"Ended by", CELL_TEXT, .text = ended_by},
    {"Error", CELL_NUMBER, .offset = offsetof(failure_row_t, error)},
    {"Diagnosis", CELL_TEXT, .text = diagnosis},
    {"Text", CELL_TEXT, .text = text, .limit = 44},
};

static int order(const void *a, const void *b)
{
    return order_of(failure(a)->number, failure(b)->number);
}

/* Where to look: the error, what was found, or the end. */
static guint32 frame_of(const track_t *track, const error_record_t *error, const worst_t *worst)
{
    return error != NULL ? error->frame : worst->any ? worst->frame : track->last_frame;
}

static void take_connection(table_t *table, const track_t *track)
{
    failure_row_t row = {.number = track->number, .track = track, .worst = outcome_worst(track)};
    row.what = outcome_failure(track, &row.worst);
    if (row.what == NULL) {
        return;
    }
    const error_record_t *error = outcome_error(track);
    row.error = error == NULL ? NUMBER_NONE : error->number;
    row.frame = frame_of(track, error, &row.worst);
    table_show(table, table_row(table, &row));
}

const statistic_t statistic_failures = {
    .name = "failures",
    .title = "SQL Server Failures",
    .columns = columns,
    .column_count = G_N_ELEMENTS(columns),
    .row_size = sizeof(failure_row_t),
    .order = order,
    .take_connection = take_connection,
};
