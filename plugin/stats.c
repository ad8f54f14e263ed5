/* stats.c - tables for Statistics and tshark -z.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "taps.h"

#include <epan/stat_tap_ui.h>

#include "names.h"

#define COUNT_OF(array) (sizeof(array) / sizeof(array)[0])

/* MARS sessions: one row a session. {{{ */

typedef struct {
    guint32 connection;
    guint16 sid, generation;
    guint32 opened, closed; /* frames; 0 = not in the capture */
    guint32 requests;
    guint32 client_packets, server_packets, client_bytes, server_bytes, acks;
    moment_t stalled, longest;
    sender_t longest_of; /* who waited */
    session_state_t state;
    guint index; /* in the table */
} session_row_t;

static stat_tap_table_item session_columns[] = {
    {TABLE_ITEM_UINT, TAP_ALIGN_RIGHT, "Connection", "%5u"},
    {TABLE_ITEM_UINT, TAP_ALIGN_RIGHT, "SID", "%5u"},
    {TABLE_ITEM_UINT, TAP_ALIGN_RIGHT, "Generation", "%3u"},
    {TABLE_ITEM_UINT, TAP_ALIGN_RIGHT, "Opened in", "%7u"},
    {TABLE_ITEM_UINT, TAP_ALIGN_RIGHT, "Closed in", "%7u"},
    {TABLE_ITEM_UINT, TAP_ALIGN_RIGHT, "Requests", "%6u"},
    {TABLE_ITEM_UINT, TAP_ALIGN_RIGHT, "Client packets", "%7u"},
    {TABLE_ITEM_UINT, TAP_ALIGN_RIGHT, "Server packets", "%7u"},
    {TABLE_ITEM_UINT, TAP_ALIGN_RIGHT, "Client bytes", "%9u"},
    {TABLE_ITEM_UINT, TAP_ALIGN_RIGHT, "Server bytes", "%9u"},
    {TABLE_ITEM_UINT, TAP_ALIGN_RIGHT, "ACKs", "%6u"},
    {TABLE_ITEM_FLOAT, TAP_ALIGN_RIGHT, "Longest stall (s)", "%9.3f"},
    {TABLE_ITEM_STRING, TAP_ALIGN_LEFT, "Who waited", "%-6s"},
    {TABLE_ITEM_FLOAT, TAP_ALIGN_RIGHT, "Time in stall (s)", "%9.3f"},
    {TABLE_ITEM_STRING, TAP_ALIGN_LEFT, "State at end", "%s"},
};

/* Of the table that is being filled: tdsconn.mars.session and 1 -> session_row_t, owned. Wireshark keeps one set of
 * tables a statistic. */
static GHashTable *session_rows;

static void sessions_forget(void)
{
    if (session_rows != NULL) {
        g_hash_table_destroy(session_rows);
    }
    session_rows = g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, g_free);
}

static session_row_t *session_row(const track_t *track, const smp_mark_t *smp)
{
    gpointer key = GUINT_TO_POINTER(smp->session + 1);
    session_row_t *row = (session_row_t *)g_hash_table_lookup(session_rows, key);
    if (row == NULL) {
        row = g_new0(session_row_t, 1);
        row->connection = track->number;
        row->sid = smp->header.sid;
        row->generation = smp->generation;
        row->index = g_hash_table_size(session_rows);
        g_hash_table_insert(session_rows, key, row);
    }
    return row;
}

static void session_add_packet(session_row_t *row, const smp_mark_t *smp, guint32 frame, sender_t sender)
{
    bool by_server = sender == SENDER_SERVER;
    *(by_server ? &row->server_packets : &row->client_packets) += 1;
    *(by_server ? &row->server_bytes : &row->client_bytes) += smp->header.length;
    row->acks += smp->header.flags == SMP_ACK;
    row->state = (session_state_t)smp->state;
    if (smp->header.flags == SMP_SYN) {
        row->opened = frame;
    }
    if (smp->state == SESSION_CLOSED && row->closed == 0) {
        row->closed = frame;
    }
    row->stalled += smp->stall;
    if (smp->stall > row->longest) {
        row->longest = smp->stall;
        row->longest_of = sender_other(sender);
    }
}

static bool is_request(const mark_t *mark)
{
    return mark->kind == MARK_TDS && mark->message >= MESSAGE_SQL_BATCH && mark->message <= MESSAGE_TRANSACTION;
}

static void set_uint(stat_tap_table_item_type *cell, guint value)
{
    cell->type = TABLE_ITEM_UINT;
    cell->value.uint_value = value;
}

static void set_seconds(stat_tap_table_item_type *cell, moment_t value)
{
    cell->type = TABLE_ITEM_FLOAT;
    cell->value.float_value = (double)value / 1e9;
}

static void set_string(stat_tap_table_item_type *cell, const char *value)
{
    cell->type = TABLE_ITEM_STRING;
    cell->value.string_value = value;
}

static void session_show(stat_tap_table *table, const session_row_t *row)
{
    stat_tap_table_item_type cells[COUNT_OF(session_columns)] = {{0}};
    const guint numbers[] = {row->connection,
                             row->sid,
                             row->generation,
                             row->opened,
                             row->closed,
                             row->requests,
                             row->client_packets,
                             row->server_packets,
                             row->client_bytes,
                             row->server_bytes,
                             row->acks};
    guint column = 0;
    while (column < COUNT_OF(numbers)) {
        set_uint(&cells[column], numbers[column]);
        column++;
    }
    set_seconds(&cells[column++], row->longest);
    set_string(&cells[column++],
               row->longest_of == SENDER_UNKNOWN ? "-" : val_to_str_const((guint32)row->longest_of, sender_names, "-"));
    set_seconds(&cells[column++], row->stalled);
    set_string(&cells[column++], name_of_session(row->state));
    stat_tap_init_table_row(table, row->index, COUNT_OF(session_columns), cells);
}

/* Requests stand behind the SMP packet that they came in. */
static void sessions_add_frame(stat_tap_table *table, const tap_frame_t *frame)
{
    session_row_t *row = NULL;
    for (guint32 i = 0; i < frame->annotation->mark_count; i++) {
        const mark_t *mark = track_mark_at(frame->track, frame->annotation->first_mark + i);
        if (mark->kind == MARK_SMP) {
            const smp_mark_t *smp = (const smp_mark_t *)wmem_array_index(frame->track->smp, mark->of.smp);
            row = session_row(frame->track, smp);
            session_add_packet(row, smp, frame->annotation->frame, frame->sender);
        } else if (row != NULL && is_request(mark)) {
            row->requests++;
        }
        if (row != NULL) {
            session_show(table, row);
        }
    }
}

static void sessions_init(stat_tap_table_ui *ui)
{
    static const char title[] = "MARS sessions of SQL Server connections";
    sessions_forget();
    if (stat_tap_find_table(ui, title) == NULL) {
        stat_tap_add_table(ui, stat_tap_init_table(title, COUNT_OF(session_columns), 0, "tdsconn.mars.session == %d"));
    }
}

static tap_packet_status sessions_packet(void *data, packet_info *pinfo _U_, epan_dissect_t *edt _U_, const void *tap,
                                         tap_flags_t flags _U_)
{
    const stat_data_t *stat = (const stat_data_t *)data;
    const tap_frame_t *frame = (const tap_frame_t *)tap;
    if (frame->track->smp == NULL) {
        return TAP_PACKET_DONT_REDRAW;
    }
    sessions_add_frame(g_array_index(stat->stat_tap_data->tables, stat_tap_table *, 0), frame);
    return TAP_PACKET_REDRAW;
}

static void sessions_reset(stat_tap_table *table)
{
    table->num_elements = 0;
    sessions_forget();
}

/* }}} */

void stats_register(void)
{
    static tap_param parameters[] = {{PARAM_FILTER, "filter", "Filter", NULL, TRUE}};
    static stat_tap_table_ui sessions = {
        .group = REGISTER_PACKET_STAT_GROUP_UNSORTED,
        .title = "SQL Server MARS Sessions",
        .tap_name = "tdsconn",
        .cli_string = "tdsconn,mars",
        .stat_tap_init_cb = sessions_init,
        .packet_func = sessions_packet,
        .stat_tap_reset_table_cb = sessions_reset,
        .nfields = COUNT_OF(session_columns),
        .fields = session_columns,
        .nparams = COUNT_OF(parameters),
        .params = parameters,
    };
    register_stat_tap_table_ui(&sessions);
}
