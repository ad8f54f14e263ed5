/* rows.c - a JSON object for each connection, one for each line: tshark -z tdsconn,rows.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * In one pass it is not known which frame of a connection is its last. So a row is written when the connection is
 * closed and quiet, or open and quiet for long: then it is seen during a live capture. If it changes afterwards, the
 * row is written again at the end, with the same number: the latest row counts.
 */
#include "stats/statistics.h"

#include <epan/stat_tap_ui.h>
#include <epan/tap.h>
#include <epan/to_str.h>
#include <wsutil/json_dumper.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compat.h"
#include "memory/evidence.h"
#include "memory/facts.h"
#include "memory/progress.h"
#include "memory/times.h"
#include "show/describe.h"
#include "stats/outcome.h"
#include "stream/order.h"
#include "wire/names.h"
#include "wire/text.h"

static const char name[] = "tdsconn,rows";

/* What a row holds. {{{ */

typedef union {
    const char *text; /* NULL = not known */
    gint64 number;
    moment_t duration; /* MOMENT_NONE = not known */
} value_t;

typedef enum { KIND_OF_TEXT, KIND_OF_NUMBER, KIND_OF_FLAG, KIND_OF_DURATION } value_kind_t;

#define NUMBER_UNKNOWN ((gint64)-1)

static wmem_allocator_t *scratch; /* for the texts of one row */
static failure_t failure;         /* of the connection whose row is written */
static bool more_may_come;        /* it is written before all of the capture was read */

static value_t text_value(const char *text)
{
    return (value_t){.text = text};
}

static value_t number_value(gint64 number)
{
    return (value_t){.number = number};
}

/* A frame's number; 0 = there is none. */
static value_t frame_value(guint32 frame)
{
    return number_value(frame == 0 ? NUMBER_UNKNOWN : (gint64)frame);
}

static value_t get_stream(const track_t *track, int which _U_)
{
    return number_value(track->number);
}

static value_t get_state(const track_t *track, int which _U_)
{
    return text_value(name_of(track->connection.state, state_names));
}

static value_t get_auth(const track_t *track, int which _U_)
{
    return text_value(name_of(track_auth(track).auth, auth_names));
}

static value_t get_basis(const track_t *track, int which _U_)
{
    return text_value(name_of(track_auth(track).basis, basis_names));
}

static value_t get_why(const track_t *track, int which _U_)
{
    return text_value(describe_auth(track, scratch));
}

static value_t get_encryption(const track_t *track, int which _U_)
{
    return text_value(name_of(track_encryption(track), encryption_names));
}

static value_t get_version(const track_t *track, int which _U_)
{
    return text_value(track_version(track));
}

static value_t get_mars(const track_t *track, int which _U_)
{
    return number_value(track->mars);
}

static value_t get_close(const track_t *track, int which _U_)
{
    return text_value(name_of(track->connection.close, close_names));
}

static value_t get_spid(const track_t *track, int which _U_)
{
    return number_value(track->login->spid_frame == 0 ? NUMBER_UNKNOWN : track->login->spid);
}

static value_t get_login_start(const track_t *track, int which _U_)
{
    return frame_value(track->login->start_frame);
}

static value_t get_login_frame(const track_t *track, int which _U_)
{
    return frame_value(track->login->confirm_frame);
}

static value_t get_segments(const track_t *track, int which)
{
    return number_value(outcome_segments(track, (message_t)which));
}

static value_t get_time(const track_t *track, int which)
{
    return (value_t){.duration = track_took(track, (step_time_id_t)which)};
}

static value_t get_progress(const track_t *track, int which _U_)
{
    return text_value(progress_text(track, scratch));
}

static value_t get_failure(const track_t *track _U_, int which _U_)
{
    return text_value(failure.what);
}

static value_t get_failure_diagnosis(const track_t *track _U_, int which _U_)
{
    return text_value(failure.diagnosis);
}

static value_t get_failure_error(const track_t *track _U_, int which _U_)
{
    return number_value(failure.what == NULL || failure.error == NULL ? NUMBER_UNKNOWN : (gint64)failure.error->number);
}

static value_t get_failure_text(const track_t *track _U_, int which _U_)
{
    return text_value(failure.text);
}

static value_t get_failure_frame(const track_t *track _U_, int which _U_)
{
    return frame_value(failure.frame);
}

static value_t get_failure_owes(const track_t *track _U_, int which _U_)
{
    return text_value(failure.waited ? name_of(failure.wait.debt.owes, owes_names) : NULL);
}

static value_t get_failure_wait(const track_t *track _U_, int which _U_)
{
    return (value_t){.duration = failure.waited ? failure.wait.time : MOMENT_NONE};
}

static value_t get_failure_network(const track_t *track _U_, int which _U_)
{
    return (value_t){.duration = failure.waited ? failure.network : MOMENT_NONE};
}

static value_t get_summary(const track_t *track, int which _U_)
{
    return text_value(describe_summary(track, more_may_come, scratch));
}

static value_t get_fact_text(const track_t *track, int which)
{
    return text_value(track_fact_text(track, (fact_id_t)which));
}

static value_t get_fact_number(const track_t *track, int which)
{
    fact_t fact = track_fact(track, (fact_id_t)which);
    return number_value(fact.frame == 0 ? NUMBER_UNKNOWN : (gint64)fact.value.number);
}

/* The first three parts of a GUID are little-endian on the wire. */
static value_t get_fact_guid(const track_t *track, int which)
{
    fact_t fact = track_fact(track, (fact_id_t)which);
    if (fact.frame == 0) {
        return text_value(NULL);
    }
    const guint8 *b = fact.value.guid;
    return text_value(
        wmem_strdup_printf(scratch, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[3], b[2],
                           b[1], b[0], b[5], b[4], b[7], b[6], b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]));
}

/* A member that is not known is left out. */
static const struct {
    const char *key;
    value_kind_t kind;
    value_t (*get)(const track_t *track, int which);
    int which; /* fact_id_t, step_time_id_t, message_t; 0 where `get` asks nothing */
} members[] = {
    {"state", KIND_OF_TEXT, get_state, 0},
    {"auth", KIND_OF_TEXT, get_auth, 0},
    {"auth_basis", KIND_OF_TEXT, get_basis, 0},
    {"auth_why", KIND_OF_TEXT, get_why, 0},
    {"encryption", KIND_OF_TEXT, get_encryption, 0},
    {"version", KIND_OF_TEXT, get_version, 0},
    {"mars", KIND_OF_FLAG, get_mars, 0},
    {"close", KIND_OF_TEXT, get_close, 0},
    {"login_user", KIND_OF_TEXT, get_fact_text, FACT_LOGIN_USER},
    {"login_host", KIND_OF_TEXT, get_fact_text, FACT_LOGIN_HOST},
    {"login_app", KIND_OF_TEXT, get_fact_text, FACT_LOGIN_APP},
    {"login_library", KIND_OF_TEXT, get_fact_text, FACT_LOGIN_LIBRARY},
    {"login_database", KIND_OF_TEXT, get_fact_text, FACT_LOGIN_DATABASE},
    {"login_server", KIND_OF_TEXT, get_fact_text, FACT_LOGIN_SERVER},
    {"ntlm_domain", KIND_OF_TEXT, get_fact_text, FACT_NTLM_DOMAIN},
    {"ntlm_user", KIND_OF_TEXT, get_fact_text, FACT_NTLM_USER},
    {"ntlm_host", KIND_OF_TEXT, get_fact_text, FACT_NTLM_HOST},
    {"kerberos_spn", KIND_OF_TEXT, get_fact_text, FACT_KERBEROS_SPN},
    {"kerberos_kdc_frame", KIND_OF_NUMBER, get_fact_number, FACT_KDC_FRAME},
    {"server_name", KIND_OF_TEXT, get_fact_text, FACT_SERVER_NAME},
    {"server_version", KIND_OF_TEXT, get_fact_text, FACT_SERVER_VERSION},
    {"client_driver", KIND_OF_TEXT, get_fact_text, FACT_CLIENT_DRIVER},
    {"client_version", KIND_OF_TEXT, get_fact_text, FACT_CLIENT_VERSION},
    {"instance", KIND_OF_TEXT, get_fact_text, FACT_INSTANCE},
    {"pipe", KIND_OF_TEXT, get_fact_text, FACT_PIPE},
    {"smb_user", KIND_OF_TEXT, get_fact_text, FACT_SMB_USER},
    {"smb_auth", KIND_OF_TEXT, get_fact_text, FACT_SMB_AUTH},
    {"connection_id", KIND_OF_TEXT, get_fact_guid, FACT_CONNECTION_ID},
    {"activity_id", KIND_OF_TEXT, get_fact_guid, FACT_ACTIVITY_ID},
    {"activity_sequence", KIND_OF_NUMBER, get_fact_number, FACT_ACTIVITY_SEQUENCE},
    {"spid", KIND_OF_NUMBER, get_spid, 0},
    {"tls_version", KIND_OF_TEXT, get_fact_text, FACT_TLS_VERSION},
    {"tls_cipher", KIND_OF_TEXT, get_fact_text, FACT_TLS_CIPHER},
    {"tls_certificate", KIND_OF_TEXT, get_fact_text, FACT_TLS_CERTIFICATE},
    {"routing_host", KIND_OF_TEXT, get_fact_text, FACT_ROUTING_HOST},
    {"routing_port", KIND_OF_NUMBER, get_fact_number, FACT_ROUTING_PORT},
    {"routing_stream", KIND_OF_NUMBER, get_fact_number, FACT_ROUTING_STREAM},
    {"routing_from", KIND_OF_NUMBER, get_fact_number, FACT_ROUTED_FROM},
    {"login_start_frame", KIND_OF_NUMBER, get_login_start, 0},
    {"login_frame", KIND_OF_NUMBER, get_login_frame, 0},
    {"time_connect", KIND_OF_DURATION, get_time, TIME_CONNECT},
    {"time_prelogin", KIND_OF_DURATION, get_time, TIME_PRELOGIN},
    {"time_tls", KIND_OF_DURATION, get_time, TIME_TLS},
    {"time_login", KIND_OF_DURATION, get_time, TIME_LOGIN},
    {"time_auth", KIND_OF_DURATION, get_time, TIME_AUTH},
    {"time_total", KIND_OF_DURATION, get_time, TIME_TOTAL},
    {"retransmissions", KIND_OF_NUMBER, get_segments, MESSAGE_RETRANSMISSION},
    {"keep_alives", KIND_OF_NUMBER, get_segments, MESSAGE_KEEP_ALIVE},
    {"failure", KIND_OF_TEXT, get_failure, 0},
    {"failure_diagnosis", KIND_OF_TEXT, get_failure_diagnosis, 0},
    {"failure_error", KIND_OF_NUMBER, get_failure_error, 0},
    {"failure_text", KIND_OF_TEXT, get_failure_text, 0},
    {"failure_frame", KIND_OF_NUMBER, get_failure_frame, 0},
    {"failure_owes", KIND_OF_TEXT, get_failure_owes, 0},
    {"failure_wait", KIND_OF_DURATION, get_failure_wait, 0},
    {"failure_network", KIND_OF_DURATION, get_failure_network, 0},
    {"progress", KIND_OF_TEXT, get_progress, 0},
    {"summary", KIND_OF_TEXT, get_summary, 0},
};

/* }}} */

/* How it is written. {{{ */

static json_dumper dumper;
static GString *line; /* what it fills: into a file it would write each character by itself */

/* Seconds with all their decimals: as a double they would lose some. */
static void rows_write_time(const char *key, nstime_t time)
{
    bool negative = time.secs < 0 && time.nsecs > 0;
    gint64 seconds = (gint64)time.secs + (negative ? 1 : 0);
    const char *sign = negative && seconds == 0 ? "-" : "";
    json_dumper_set_member_name(&dumper, key);
    json_dumper_value_anyf(&dumper, "%s%" PRId64 ".%09d", sign, seconds,
                           negative ? (int)SECONDS(1) - time.nsecs : time.nsecs);
}

static void write_text(const char *key, const char *text)
{
    if (text != NULL) {
        json_dumper_set_member_name(&dumper, key);
        json_dumper_value_string(&dumper, text_shown(scratch, text));
    }
}

static void write_number(const char *key, gint64 number)
{
    if (number != NUMBER_UNKNOWN) {
        json_dumper_set_member_name(&dumper, key);
        json_dumper_value_anyf(&dumper, "%" PRId64, number);
    }
}

static void write_flag(const char *key, bool set)
{
    json_dumper_set_member_name(&dumper, key);
    json_dumper_value_anyf(&dumper, "%s", set ? "true" : "false");
}

static void write_member(const char *key, value_kind_t kind, value_t value)
{
    switch (kind) {
    case KIND_OF_TEXT:
        write_text(key, value.text);
        break;
    case KIND_OF_NUMBER:
        write_number(key, value.number);
        break;
    case KIND_OF_FLAG:
        write_flag(key, value.number != 0);
        break;
    case KIND_OF_DURATION:
        if (value.duration != MOMENT_NONE) {
            rows_write_time(key, moment_duration(value.duration));
        }
        break;
    }
}

/* One end of the connection; null where it is not known who is who. */
static void write_side(const char *key, const side_t *side)
{
    bool known = side->host->type != AT_NONE;
    json_dumper_set_member_name(&dumper, key);
    json_dumper_begin_object(&dumper);
    json_dumper_set_member_name(&dumper, "address");
    if (known) {
        json_dumper_value_string(&dumper, address_to_str(scratch, side->host));
    } else {
        json_dumper_value_anyf(&dumper, "null");
    }
    json_dumper_set_member_name(&dumper, "port");
    json_dumper_value_anyf(&dumper, known ? "%u" : "null", side->port);
    json_dumper_end_object(&dumper);
}

/* The start is that of TCP's stream: frames of it may go before the first that is known to be one of SQL Server. */
static void write_times(const track_t *track)
{
    nstime_t time;
    if (moment_time(annotation_moment(track_annotation_at(track, 0)), &time)) {
        rows_write_time("start", track->tcp == NULL ? time : track->tcp->ts_first);
    }
    if (moment_time(annotation_moment(track_annotation(track, track->last_frame)), &time)) {
        rows_write_time("end", time);
    }
}

/* `failure` is that of this connection. */
static void rows_write_row(const track_t *track)
{
    dumper = (json_dumper){.output_string = line};
    json_dumper_begin_object(&dumper);
    write_member("stream", KIND_OF_NUMBER, get_stream(track, 0)); /* first: the latest row with a number counts */
    write_times(track);
    write_side("client", &track->client);
    write_side("server", &track->server);
    for (gsize i = 0; i < G_N_ELEMENTS(members); i++) {
        write_member(members[i].key, members[i].kind, members[i].get(track, members[i].which));
    }
    json_dumper_end_object(&dumper);
    json_dumper_finish(&dumper);
    fputs(line->str, stdout);
    g_string_truncate(line, 0);
    wmem_free_all(scratch);
}

/* }}} */

/* When it is written. {{{ */

typedef struct {
    GList link; /* in `queue` */
    GQueue *queue;
    const track_t *track;
    bool written, closed; /* it was written; the connection was closed then */
    guint known;          /* what was known then */
} row_t;

static GHashTable *rows;                                  /* track_t -> row_t */
static GPtrArray *in_order;                               /* row_t, as they were met */
static GQueue closed = G_QUEUE_INIT, open = G_QUEUE_INIT; /* row_t, the one that is quiet for longest first */

/* What is known of a connection, as a hash of what changes when more is learned. `failure` is that of this connection.
 * The wait in the end of an open one lasts as long as the capture. */
static guint known_of(const track_t *track)
{
    const gint64 known[] = {
        track->last_frame,
        track->login->facts.count,
        track->findings.count,
        track->progress.count,
        track->connection.state,
        track->connection.close,
        more_may_come && track->connection.close == CLOSE_OPEN,
        failure.waited ? failure.wait.time : MOMENT_NONE,
    };
    guint hash = failure.what == NULL ? 0 : g_str_hash(failure.text);
    for (gsize i = 0; i < G_N_ELEMENTS(known); i++) {
        hash = hash * 31 + g_int64_hash(&known[i]);
    }
    return hash;
}

static bool is_closed(const track_t *track)
{
    return track->connection.reset || (track->connection.client.fin && track->connection.server.fin);
}

static void row_unqueue(row_t *row)
{
    if (row->queue != NULL) {
        g_queue_unlink(row->queue, &row->link);
        row->queue = NULL;
    }
}

/* Writes a row, unless it has not changed since it was written. */
static void row_write(row_t *row)
{
    const track_t *track = row->track;
    row_unqueue(row);
    if (track->dropped) {
        return;
    }
    outcome_failed(track, &failure);
    guint known = known_of(track);
    if (!row->written || row->known != known) {
        row->written = true;
        row->known = known;
        row->closed = is_closed(track);
        rows_write_row(track);
    }
}

/* Where it waits: nowhere, if all that is left for it is the end. */
static GQueue *queue_of(const row_t *row)
{
    if (instant_kept(row->track->latest).at == MOMENT_NONE || row->closed) {
        return NULL;
    }
    if (is_closed(row->track)) {
        return &closed;
    }
    return row->written ? NULL : &open;
}

static row_t *rows_row_of(const track_t *track)
{
    row_t *row = (row_t *)g_hash_table_lookup(rows, track);
    if (row == NULL) {
        row = g_new0(row_t, 1);
        row->track = track;
        row->link.data = row;
        g_hash_table_insert(rows, (gpointer)track, row);
        g_ptr_array_add(in_order, row);
    }
    return row;
}

static tap_packet_status rows_add_frame(void *data _U_, packet_info *pinfo _U_, epan_dissect_t *edt _U_,
                                        const void *tap, tap_flags_t flags _U_)
{
    const tap_frame_t *frame = (const tap_frame_t *)tap;
    more_may_come = !frame->final;
    if (frame->track != NULL) {
        row_t *row = rows_row_of(frame->track);
        row_unqueue(row);
        row->queue = queue_of(row);
        if (row->queue != NULL) {
            g_queue_push_tail_link(row->queue, &row->link);
        }
    }
    return TAP_PACKET_DONT_REDRAW;
}

static bool write_quiet(GQueue *queue, moment_t now, moment_t patience)
{
    bool any = false;
    while (queue->head != NULL) {
        row_t *row = (row_t *)queue->head->data;
        if (moment_since(instant_kept(row->track->latest).at, now) <= patience) {
            break;
        }
        row_write(row);
        any = true;
    }
    return any;
}

/* Each frame of the capture shows the present time. */
static tap_packet_status note_time(void *data _U_, packet_info *pinfo, epan_dissect_t *edt _U_, const void *tap _U_,
                                   tap_flags_t flags _U_)
{
    const moment_t second = SECONDS(1);
    if (closed.head != NULL || open.head != NULL) {
        moment_t now = moment_of(pinfo);
        bool any = write_quiet(&closed, now, second);
        any = write_quiet(&open, now, 60 * second) || any;
        if (any) {
            fflush(stdout);
        }
    }
    return TAP_PACKET_DONT_REDRAW;
}

/* In one pass, frames may still wait for others that were sent before them. */
static void write_rest(void *data _U_)
{
    order_flush();
    more_may_come = false;
    for (guint i = 0; i < in_order->len; i++) {
        row_write((row_t *)g_ptr_array_index(in_order, i));
    }
    fflush(stdout);
}

static void forget_rows(void *data _U_)
{
    g_queue_init(&closed);
    g_queue_init(&open);
    g_hash_table_remove_all(rows);
    g_ptr_array_set_size(in_order, 0);
}

void rows_end_file(void)
{
    if (rows != NULL) {
        write_rest(NULL);
        forget_rows(NULL);
    }
}

/* Returns whether the listener was added: the filter may be wrong. */
static bool listen_to(const char *tap, const char *filter, tap_packet_cb packet, tap_draw_cb draw)
{
    GString *error = register_tap_listener(tap, rows, filter, TL_REQUIRES_NOTHING, forget_rows, packet, draw, NULL);
    if (error != NULL) {
        g_printerr("%s: %s\n", name, error->str);
        g_string_free(error, true);
        return false;
    }
    return true;
}

static void rows_make(void)
{
    rows = g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, g_free);
    in_order = g_ptr_array_new();
    scratch = wmem_allocator_new(WMEM_ALLOCATOR_BLOCK_FAST);
    line = g_string_new(NULL);
}

/* "tdsconn,rows" or "tdsconn,rows,FILTER". */
static COMPAT_STAT_OPENED rows_begin(const char *argument, void *data _U_)
{
    const char *rest = argument + strlen(name);
    if (rows == NULL) {
        rows_make();
    }
    bool opened = listen_to("tdsconn", *rest == ',' ? rest + 1 : NULL, rows_add_frame, write_rest) &&
                  listen_to("frame", NULL, note_time, NULL);
    compat_stat_opened(opened);
}

void rows_register(void)
{
    static tap_param parameters[] = {{PARAM_FILTER, "filter", "Filter", NULL, true}};
    static stat_tap_ui ui = {
        .group = REGISTER_PACKET_STAT_GROUP_UNSORTED,
        .title = "SQL Server Connections in JSON",
        .cli_string = name,
        .tap_init_cb = rows_begin,
        .nparams = G_N_ELEMENTS(parameters),
        .params = parameters,
    };
    register_stat_tap_ui(&ui, NULL);
}

/* }}} */
