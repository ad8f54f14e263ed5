/* findings.c - the diagnoses: a row each rule that was raised, the worst first.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "stats/statistics.h"

#include "stats/report.h"

#include "judge/tell.h"
#include "wire/names.h"

static const rule_row_t *rule_row(const void *row)
{
    return (const rule_row_t *)row;
}

static const column_t columns[] = {
    {"Diagnosis", CELL_TEXT, .offset = offsetof(rule_row_t, name)},
    {"Severity", CELL_TEXT, .offset = offsetof(rule_row_t, severity)},
    {"Count", CELL_COUNT, .offset = offsetof(rule_row_t, count)},
    {"Conns", CELL_COUNT, .offset = offsetof(rule_row_t, connections)},
    {"First frame", CELL_COUNT, .offset = offsetof(rule_row_t, frame)},
    {"What it means", CELL_TEXT, .offset = offsetof(rule_row_t, meaning)},
};

static int findings_order(const void *a, const void *b)
{
    int worse = (int)diagnosis_severity(rule_row(b)->rule) - (int)diagnosis_severity(rule_row(a)->rule);
    return worse != 0 ? worse : (int)rule_row(a)->rule - (int)rule_row(b)->rule;
}

/* `text` is what was found; "" if only the rule is known. */
static rule_row_t *count_finding(table_t *table, diagnosis_t found, guint32 frame, const char *text)
{
    rule_row_t like = {
        .rule = found,
        .name = diagnosis_name(found),
        .severity = name_of(diagnosis_severity(found), severity_names),
        .meaning = diagnosis_text(found),
        .frame = frame,
        .latest = NUMBER_NONE,
    };
    rule_row_t *row = (rule_row_t *)table_row(table, &like);
    if (row->count++ == 0 || frame < row->frame) {
        row->frame = frame;
        g_strlcpy(row->first, text, sizeof row->first);
    }
    return row;
}

/* Where a finding is counted. */
typedef struct {
    table_t *table;
    guint32 connection;
} place_t;

static void findings_add(const finding_t *finding, void *data)
{
    const place_t *place = (const place_t *)data;
    rule_row_t *row = count_finding(place->table, finding->rule, finding->frame, finding->text);
    row->connections += row->latest != place->connection;
    row->latest = place->connection;
    table_show(place->table, row);
}

static void findings_add_connection(table_t *table, const track_t *track)
{
    place_t place = {table, track->number};
    judge_findings_all(track, findings_add, &place);
}

/* A datagram of SQL Browser belongs to no connection: what is wrong with it comes by itself. */
static void findings_add_frame(table_t *table, const tap_frame_t *frame)
{
    if (frame->track == NULL) {
        table_show(table, count_finding(table, frame->browser_finding, frame->number, ""));
    }
}

const statistic_t statistic_diagnoses = {
    .name = "diagnoses",
    .title = "SQL Server Diagnoses",
    .columns = columns,
    .column_count = G_N_ELEMENTS(columns),
    .row_size = sizeof(rule_row_t),
    .order = findings_order,
    .add_connection = findings_add_connection,
    .add_frame = findings_add_frame,
};
