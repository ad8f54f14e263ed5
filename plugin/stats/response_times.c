/* response_times.c - how long servers take to answer, by kind of request and by procedure, and TRANSUM's parts of that:
 * Service Response Time, and tshark -z tdsconn,srt.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The time is tdsconn.response_time, from the end of the request to the first byte of its response. It counts with the
 * frame that has this field, and so do request spread and service time. A response spread counts where the response
 * ends.
 */
#include "stats/statistics.h"

#include <epan/srt_table.h>

#include "memory/exchanges.h"
#include "memory/procedures.h"
#include "wire/text.h"

enum { BY_KIND, BY_PROCEDURE, REQUEST_SPREAD, SERVICE_TIME, RESPONSE_SPREAD, TABLE_COUNT };

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

/* tshark prints no title, so that `what`, above the kinds of request, tells what is counted. */
static void kinds_init(GArray *tables, const char *title, const char *tab, const char *what)
{
    srt_stat_table *table = init_srt_table(title, tab, tables, 0, what, "tdsconn.message", NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++) {
        name_row(table, (guint32)kinds[i].message, kinds[i].name);
    }
}

static void tables_init(struct register_srt *srt _U_, GArray *tables)
{
    kinds_init(tables, "Requests of SQL Server connections", "Requests", "Request");
    init_srt_table("Procedures called by RPC", "Procedures", tables, 0, "Procedure", NULL, NULL);
    kinds_init(tables, "Request spread: until the server had the request", "Request spread", "Request spread");
    kinds_init(tables, "Service time: from then to the first byte of the response", "Service time", "Service time");
    kinds_init(tables, "Response spread: from the first to the last byte of the response", "Response spread",
               "Response spread");
}

/* Wireshark takes the time from a request to this frame; a response may have begun before it. */
static void add_time(srt_stat_table *table, guint32 number, moment_t took, packet_info *pinfo)
{
    nstime_t duration = moment_duration(took);
    nstime_t requested;
    nstime_delta(&requested, &pinfo->abs_ts, &duration);
    add_srt_table_data(table, (int)number, &requested, pinfo);
}

static srt_stat_table *srt_of(GArray *tables, guint which)
{
    return g_array_index(tables, srt_stat_table *, which);
}

/* Nothing where the duration is not known. */
static void add_part(GArray *tables, guint which, const exchange_t *exchange, moment_t took, packet_info *pinfo)
{
    if (took != MOMENT_NONE) {
        add_time(srt_of(tables, which), exchange->command, took, pinfo);
    }
}

/* The response begins here. */
static void add_answer(GArray *tables, const tap_frame_t *frame, const exchange_t *exchange, moment_t took,
                       packet_info *pinfo)
{
    add_part(tables, BY_KIND, exchange, took, pinfo);
    if (exchange->sendings != 0) { /* else nobody saw how the request went */
        add_part(tables, REQUEST_SPREAD, exchange,
                 moment_since(moment_kept(exchange->begun), moment_kept(exchange->arrived)), pinfo);
        add_part(tables, SERVICE_TIME, exchange,
                 moment_since(moment_kept(exchange->arrived), track_responded(frame->track, exchange)), pinfo);
    }
    if (exchange->command == MESSAGE_RPC) {
        srt_stat_table *procedures = srt_of(tables, BY_PROCEDURE);
        const char *name = procedure_name(exchange->procedure);
        name_row(procedures, exchange->procedure, name == NULL ? "(not readable)" : text_shown(pinfo->pool, name));
        add_time(procedures, exchange->procedure, took, pinfo);
    }
}

/* Several entries of a frame may be of one response: `added` is what the frame counted last. A response ends where its
 * message does, though what acknowledges an ATTENTION may follow: so one pass tells what two tell. */
static bool add_mark(GArray *tables, const tap_frame_t *frame, const entry_t *entry, const exchange_t **added,
                     packet_info *pinfo)
{
    const exchange_t *exchange = track_exchange(frame->track, entry->exchange);
    moment_t took = exchange == NULL ? MOMENT_NONE : track_response_time(frame->track, exchange);
    if (took == MOMENT_NONE || exchange->command == MESSAGE_NONE) {
        return false;
    }
    bool begins = exchange != *added && exchange->shown_frame == frame->number;
    bool ends = exchange->sendings != 0 && entry->message == MESSAGE_RESPONSE;
    if (begins) {
        add_answer(tables, frame, exchange, took, pinfo);
        *added = exchange;
    }
    if (ends) {
        add_part(tables, RESPONSE_SPREAD, exchange,
                 moment_since(track_responded(frame->track, exchange), annotation_moment(frame->annotation)), pinfo);
    }
    return begins || ends;
}

static tap_packet_status tables_packet(void *data, packet_info *pinfo, epan_dissect_t *edt _U_, const void *tap,
                                       tap_flags_t flags _U_)
{
    const tap_frame_t *frame = (const tap_frame_t *)tap;
    GArray *tables = ((const srt_data_t *)data)->srt_array;
    const exchange_t *added = NULL;
    bool any = false;
    for (guint32 i = 0; frame->track != NULL && i < frame->annotation->entry_count; i++) {
        any |= add_mark(tables, frame, track_entry_of(frame->track, frame->annotation, i), &added, pinfo);
    }
    return any ? TAP_PACKET_REDRAW : TAP_PACKET_DONT_REDRAW;
}

void response_times_register(int proto)
{
    register_srt_table(proto, "tdsconn", TABLE_COUNT, tables_packet, tables_init, NULL);
}
