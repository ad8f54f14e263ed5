/* response_times.c - how long servers take to answer, by kind of request and by procedure: Service Response Time, and
 * tshark -z tdsconn,srt.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The time is tdsconn.response_time, from the end of the request to the first byte of its response. It counts with the
 * frame that has this field.
 */
#include "stats/statistics.h"

#include <epan/srt_table.h>

#include "memory/procedures.h"
#include "wire/text.h"

enum { BY_KIND, BY_PROCEDURE, TABLE_COUNT };

/* Rows are numbered by tdsconn.message. tshark has 22 places for a name. */
static const struct {
    message_t message;
    const char *name;
} kinds[] = {
    {MESSAGE_SQL_BATCH, "SQL batch"},
    {MESSAGE_RPC, "RPC"},
    {MESSAGE_BULK_LOAD, "Bulk load"},
    {MESSAGE_TRANSACTION, "Transaction manager"},
};

/* A row that there is without a name has no calls, and is not shown. When the capture is read anew, with a key log that
 * opens more of it, the rows stay with their names, but numbers are given anew. */
static void name_row(srt_stat_table *table, guint32 number, const char *name)
{
    if ((int)number >= table->num_procs || table->procedures[number].procedure == NULL) {
        init_srt_table_row(table, (int)number, name);
    } else if (strcmp(table->procedures[number].procedure, name) != 0) {
        g_free(table->procedures[number].procedure);
        table->procedures[number].procedure = g_strdup(name);
    }
}

static void tables_init(struct register_srt *srt _U_, GArray *tables)
{
    srt_stat_table *table =
        init_srt_table("Requests of SQL Server connections", "Requests", tables, 0, "Request", "tdsconn.message", NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++) {
        name_row(table, (guint32)kinds[i].message, kinds[i].name);
    }
    init_srt_table("Procedures called by RPC", "Procedures", tables, 0, "Procedure", NULL, NULL);
}

/* Wireshark takes the time from a request to this frame; a response may have begun before it. */
static void add_time(srt_stat_table *table, guint32 number, moment_t took, packet_info *pinfo)
{
    nstime_t duration = moment_duration(took);
    nstime_t requested;
    nstime_delta(&requested, &pinfo->abs_ts, &duration);
    add_srt_table_data(table, (int)number, &requested, pinfo);
}

static void add_exchange(GArray *tables, const exchange_t *exchange, moment_t took, packet_info *pinfo)
{
    add_time(g_array_index(tables, srt_stat_table *, BY_KIND), exchange->command, took, pinfo);
    if (exchange->command == MESSAGE_RPC) {
        srt_stat_table *procedures = g_array_index(tables, srt_stat_table *, BY_PROCEDURE);
        const char *name = procedure_name(exchange->procedure);
        name_row(procedures, exchange->procedure, name == NULL ? "(not readable)" : text_shown(pinfo->pool, name));
        add_time(procedures, exchange->procedure, took, pinfo);
    }
}

static tap_packet_status tables_take(void *data, packet_info *pinfo, epan_dissect_t *edt _U_, const void *tap,
                                     tap_flags_t flags _U_)
{
    const tap_frame_t *frame = (const tap_frame_t *)tap;
    const exchange_t *added = NULL;
    for (guint32 i = 0; frame->track != NULL && i < frame->annotation->mark_count; i++) {
        const mark_t *mark = track_mark_of(frame->track, frame->annotation, i);
        const exchange_t *exchange = track_exchange(frame->track, mark->exchange);
        moment_t took = exchange == NULL ? MOMENT_NONE : track_response_time(frame->track, exchange);
        if (took != MOMENT_NONE && exchange != added && exchange->command != MESSAGE_NONE &&
            exchange->shown_frame == pinfo->num) {
            add_exchange(((const srt_data_t *)data)->srt_array, exchange, took, pinfo);
            added = exchange;
        }
    }
    return added == NULL ? TAP_PACKET_DONT_REDRAW : TAP_PACKET_REDRAW;
}

void response_times_register(int proto)
{
    register_srt_table(proto, "tdsconn", TABLE_COUNT, tables_take, tables_init, NULL);
}
