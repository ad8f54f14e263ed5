/* sessions.c - MARS sessions: a row each. Packets are those of the frames that passed the filter.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "memory/sessions.h"
#include "stats/statistics.h"

#include "wire/names.h"

typedef struct {
    guint32 number; /* tdsconn.mars.session */
    guint32 connection, sid, generation;
    gint64 opened, closed; /* frames */
    guint32 requests;
    guint32 client_packets, server_packets;
    guint64 client_bytes, server_bytes;
    moment_t stalled, longest;
    const char *waited; /* who had no credit in the longest stall */
    const char *state;
} session_row_t;

static const column_t columns[] = {
    {"Conn", CELL_COUNT, .offset = offsetof(session_row_t, connection)},
    {"SID", CELL_COUNT, .offset = offsetof(session_row_t, sid)},
    {"Life", CELL_COUNT, .offset = offsetof(session_row_t, generation)},
    {"Opened", CELL_NUMBER, .offset = offsetof(session_row_t, opened)},
    {"Closed", CELL_NUMBER, .offset = offsetof(session_row_t, closed)},
    {"Reqs", CELL_COUNT, .offset = offsetof(session_row_t, requests)},
    {"C pkts", CELL_COUNT, .offset = offsetof(session_row_t, client_packets)},
    {"S pkts", CELL_COUNT, .offset = offsetof(session_row_t, server_packets)},
    {"C bytes", CELL_BYTES, .offset = offsetof(session_row_t, client_bytes)},
    {"S bytes", CELL_BYTES, .offset = offsetof(session_row_t, server_bytes)},
    {"In stall", CELL_MILLISECONDS, .offset = offsetof(session_row_t, stalled)},
    {"Longest", CELL_MILLISECONDS, .offset = offsetof(session_row_t, longest)},
    {"Waited", CELL_TEXT, .offset = offsetof(session_row_t, waited)},
    {"State", CELL_TEXT, .offset = offsetof(session_row_t, state)},
};

static session_row_t *session_row(table_t *table, const track_t *track, const smp_entry_t *smp)
{
    session_row_t like = {
        .number = smp->session,
        .connection = track->number,
        .sid = smp->header.sid,
        .generation = smp->generation,
        .opened = NUMBER_NONE,
        .closed = NUMBER_NONE,
    };
    return (session_row_t *)table_row(table, &like);
}

static void session_add_packet(session_row_t *row, const smp_entry_t *smp, guint32 frame, sender_t sender)
{
    bool by_server = sender == SENDER_SERVER;
    *(by_server ? &row->server_packets : &row->client_packets) += 1;
    *(by_server ? &row->server_bytes : &row->client_bytes) += smp->header.length;
    row->state = name_of(smp->state, session_names);
    if (smp->header.flags == SMP_SYN) {
        row->opened = frame;
    }
    if (smp->state == SESSION_CLOSED && row->closed == NUMBER_NONE) {
        row->closed = frame;
    }
    row->stalled = moment_sum(row->stalled, smp->stall);
    if (smp->stall > row->longest) {
        row->longest = smp->stall;
        row->waited = try_val_to_str((guint32)sender_other(sender), sender_names);
    }
}

/* Requests stand behind the SMP packet that they came in. */
static void sessions_add_frame(table_t *table, const tap_frame_t *frame)
{
    session_row_t *row = NULL;
    for (guint32 i = 0; frame->track != NULL && i < frame->annotation->entry_count; i++) {
        const entry_t *entry = track_entry_of(frame->track, frame->annotation, i);
        if (entry->kind == ENTRY_SMP) {
            const smp_entry_t *smp = track_smp_of(frame->track, entry);
            row = session_row(table, frame->track, smp);
            session_add_packet(row, smp, frame->annotation->frame, frame->sender);
        } else if (row != NULL && entry->kind == ENTRY_TDS && message_kind((message_t)entry->message) == KIND_REQUEST) {
            row->requests++;
        }
        if (row != NULL) {
            table_show(table, row);
        }
    }
}

const statistic_t statistic_sessions = {
    .name = "mars",
    .title = "SQL Server MARS Sessions",
    .columns = columns,
    .column_count = G_N_ELEMENTS(columns),
    .row_size = sizeof(session_row_t),
    .order = order_by_number,
    .add_frame = sessions_add_frame,
};
