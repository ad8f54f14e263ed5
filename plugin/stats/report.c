/* report.c - the report: one text of the whole capture, the worst first. tshark -z tdsconn,report, and Statistics >
 * SQL Server Report.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "stats/report.h"

#include <epan/funnel.h>
#include <epan/stat_tap_ui.h>
#include <epan/tap.h>

#include "compat.h"
#include "core/seconds.h"
#include "stats/once.h"
#include "stats/statistics.h"

#define MOST_ROWS 20
#define INDENT    "  "

/* The tables that the report is made of. */
typedef enum {
    PART_DIAGNOSES,
    PART_CAUSES,
    PART_SLOW,
    PART_RESETS,
    PART_STEPS,
    PART_SERVERS,
    PART_CERTIFICATES,
    PART_CLIENTS,
    PART_AUTH,
    PART_MARS,
    PART_COUNT
} part_t;

static const statistic_t *const part_statistics[PART_COUNT] = {
    [PART_DIAGNOSES] = &statistic_diagnoses,
    [PART_CAUSES] = &report_causes,
    [PART_SLOW] = &report_slow,
    [PART_RESETS] = &report_resets,
    [PART_STEPS] = &statistic_steps,
    [PART_SERVERS] = &statistic_servers,
    [PART_CERTIFICATES] = &report_certificates,
    [PART_CLIENTS] = &statistic_clients,
    [PART_AUTH] = &report_auth,
    [PART_MARS] = &statistic_sessions,
};

/* There is one report. */
static struct {
    table_t *parts[PART_COUNT];
    once_t *once;
    bool open;  /* its listener is there */
    bool final; /* all frames were read before */
    funnel_text_window_t *window;
    guint32 frames, connections;
    moment_t first, last; /* MOMENT_NONE = not known */
} report;

/* The text. {{{ */

static void write_title(GString *text, const char *title)
{
    g_string_append_printf(text, "\n%s\n\n", title);
}

static void report_write_time(GString *text, const char *what, moment_t at)
{
    gint64 since_1970 = 0;
    bool known = at != MOMENT_NONE && moment_date(at, &since_1970);
    GDateTime *date = known ? g_date_time_new_from_unix_utc(since_1970) : NULL;
    if (date != NULL) {
        char *words = g_date_time_format(date, "%Y-%m-%d %H:%M:%S UTC");
        g_string_append_printf(text, INDENT "%s %s\n", what, words);
        g_free(words);
        g_date_time_unref(date);
    }
}

/* The rules about faults of the capture itself. */
static const diagnosis_t flaws[] = {
    DIAGNOSIS_CAPTURE_GAP,   DIAGNOSIS_ONE_SIDED,     DIAGNOSIS_TRUNCATED, DIAGNOSIS_DUPLICATED,
    DIAGNOSIS_CLOCKS_DIFFER, DIAGNOSIS_JOINED_MIDWAY, DIAGNOSIS_TAKEN_ON,
};

static const rule_row_t *rule_at(guint index)
{
    return (const rule_row_t *)table_at(report.parts[PART_DIAGNOSES], index);
}

static bool is_flaw(diagnosis_t rule)
{
    bool found = false;
    for (gsize i = 0; i < G_N_ELEMENTS(flaws); i++) {
        found = found || flaws[i] == rule;
    }
    return found;
}

static void write_capture(GString *text)
{
    write_title(text, "Capture");
    g_string_append_printf(text, INDENT "Connections: %u, with %u frames\n", report.connections, report.frames);
    report_write_time(text, "From", report.first);
    report_write_time(text, "To  ", report.last);
    moment_t duration = moment_between(report.first, report.last);
    if (duration != MOMENT_NONE) {
        g_string_append_printf(text, INDENT "Duration: %s s\n", seconds(duration).text);
    }
    for (guint i = 0; i < table_count(report.parts[PART_DIAGNOSES]); i++) {
        const rule_row_t *row = rule_at(i);
        if (is_flaw(row->rule)) {
            g_string_append_printf(text, INDENT "%s. Connections: %u. First in frame %u: %s\n", row->meaning,
                                   row->connections, row->frame, row->first);
        }
    }
}

static void write_diagnosis(GString *text, const rule_row_t *row)
{
    g_string_append_printf(text, INDENT "%s: %s. Count: %u. Connections: %u. First in frame %u.\n", row->severity,
                           row->meaning, row->count, row->connections, row->frame);
    if (row->first[0] != '\0') {
        g_string_append_printf(text, INDENT INDENT "%s\n", row->first);
    }
    g_string_append_printf(text, INDENT INDENT "Filter: tdsconn.expert.%s  Page: docs/diagnoses/%s.md\n", row->name,
                           row->name);
}

static void write_diagnoses(GString *text)
{
    write_title(text, "Diagnoses, the worst first");
    for (guint i = 0; i < table_count(report.parts[PART_DIAGNOSES]); i++) {
        write_diagnosis(text, rule_at(i));
    }
    if (table_count(report.parts[PART_DIAGNOSES]) == 0) {
        g_string_append(text, INDENT "none\n");
    }
}

/* Findings on datagrams of SQL Browser. Datagrams without a finding are not counted. */
static void write_browser(GString *text)
{
    guint found = 0;
    write_title(text, "SQL Server Browser");
    for (guint i = 0; i < table_count(report.parts[PART_DIAGNOSES]); i++) {
        const rule_row_t *row = rule_at(i);
        if (row->connections == 0) {
            g_string_append_printf(text, INDENT "%s. Count: %u. First in frame %u.\n", row->meaning, row->count,
                                   row->frame);
            found++;
        }
    }
    if (found == 0) {
        g_string_append_printf(text, INDENT "no fault seen%s\n",
                               report.final ? "" : " (tshark needs -2 to know of requests without an answer)");
    }
}

static void write_part(GString *text, part_t part, const char *title)
{
    write_title(text, title);
    table_write(report.parts[part], text, INDENT, MOST_ROWS);
    if (table_count(report.parts[part]) == 0) {
        g_string_append(text, INDENT "none\n");
    }
}

static void write_all(GString *text)
{
    g_string_append(text, "SQL Server Report\n");
    write_capture(text);
    write_part(text, PART_CAUSES, "Failures by cause (each: -z tdsconn,failures)");
    write_diagnoses(text);
    write_part(text, PART_SLOW, "Slow logins (each step: -z tdsconn,times)");
    write_part(text, PART_RESETS, "Resets by whom");
    write_part(text, PART_SERVERS, "Servers");
    write_part(text, PART_CERTIFICATES, "Encryption and certificates");
    write_part(text, PART_CLIENTS, "Clients");
    write_part(text, PART_AUTH, "Authentication");
    write_part(text, PART_STEPS, "Steps of the logins");
    write_browser(text);
    write_part(text, PART_MARS, "MARS sessions (all: -z tdsconn,mars)");
}

/* }}} */

/* What Wireshark calls. {{{ */

static void report_reset(void *data _U_)
{
    for (guint i = 0; i < PART_COUNT; i++) {
        table_clear(report.parts[i]);
    }
    once_forget(report.once);
    report.frames = report.connections = 0;
    report.final = false;
    report.first = report.last = MOMENT_NONE;
}

static tap_packet_status report_packet(void *data _U_, packet_info *pinfo _U_, epan_dissect_t *edt _U_, const void *tap,
                                       tap_flags_t flags _U_)
{
    const tap_frame_t *frame = (const tap_frame_t *)tap;
    for (guint i = 0; i < PART_COUNT; i++) {
        table_give_frame(report.parts[i], frame);
    }
    report.final = report.final || frame->final;
    if (frame->track != NULL) {
        once_meet(report.once, frame);
    }
    return TAP_PACKET_REDRAW;
}

static void note_time(moment_t at)
{
    if (at != MOMENT_NONE) {
        report.first = report.first == MOMENT_NONE ? at : MIN(report.first, at);
        report.last = MAX(report.last, at);
    }
}

static void report_add_connection(void *owner _U_, const track_t *track)
{
    guint32 frames = track->annotations.count;
    report.connections++;
    report.frames += frames;
    note_time(annotation_moment(track_annotation_at(track, 0)));
    note_time(annotation_moment(track_annotation_at(track, frames - 1)));
    for (guint i = 0; i < PART_COUNT; i++) {
        table_give_connection(report.parts[i], track);
    }
}

/* In a window; on a terminal there is none. */
static void report_draw(void *data _U_)
{
    GString *text = g_string_new(NULL);
    write_all(text);
    if (report.window != NULL) {
        const funnel_ops_t *ops = funnel_get_funnel_ops();
        ops->clear_text(report.window);
        ops->append_text(report.window, text->str);
    } else {
        fputs(text->str, stdout);
    }
    g_string_free(text, true);
}

static void window_closed(void *data _U_)
{
    remove_tap_listener(&report);
    report.open = false;
    report.window = NULL;
}

/* tshark has text windows in name only: it cannot close one. */
static void open_window(void)
{
    const funnel_ops_t *ops = funnel_get_funnel_ops();
    if (ops != NULL && ops->set_close_cb != NULL) {
        report.window = ops->new_text_window(ops->ops_id, "SQL Server Report");
        ops->set_close_cb(report.window, window_closed, NULL);
    }
}

static void make_parts(void)
{
    for (guint i = 0; report.once == NULL && i < PART_COUNT; i++) {
        report.parts[i] = table_make(part_statistics[i]);
    }
    if (report.once == NULL) {
        report.once = once_new(report_add_connection, NULL);
    }
}

static GString *report_open(const char *filter)
{
    make_parts();
    report_reset(NULL);
    GString *error = register_tap_listener("tdsconn", &report, filter, TL_REQUIRES_NOTHING, report_reset, report_packet,
                                           report_draw, NULL);
    if (error == NULL) {
        report.open = true;
        open_window();
    }
    return error;
}

static COMPAT_STAT_OPENED report_open_by_argument(const char *argument, void *data _U_)
{
    const char *filter = g_str_has_prefix(argument, "tdsconn,report,") ? argument + strlen("tdsconn,report,") : NULL;
    GString *error = report.open ? NULL : report_open(filter);
    if (error != NULL) {
        g_printerr("tdsconn,report: %s\n", error->str);
    }
    compat_stat_opened(error == NULL);
}

/* Without a filter nothing can be wrong with it. The window's menu does not read the packets by itself. */
static void report_open_by_menu(void *data _U_)
{
    const funnel_ops_t *ops = funnel_get_funnel_ops();
    GString *error = report.open ? NULL : report_open(NULL);
    if (error != NULL) {
        g_string_free(error, true);
    }
    if (ops != NULL && ops->retap_packets != NULL) {
        ops->retap_packets(ops->ops_id);
    }
}

/* }}} */

void report_register(void)
{
    static tap_param parameters[] = {{PARAM_FILTER, "filter", "Filter", NULL, true}};
    static stat_tap_ui ui = {
        .group = REGISTER_PACKET_STAT_GROUP_UNSORTED,
        .title = "SQL Server Report",
        .cli_string = "tdsconn,report",
        .tap_init_cb = report_open_by_argument,
        .nparams = G_N_ELEMENTS(parameters),
        .params = parameters,
    };
    register_stat_tap_ui(&ui, NULL);
    funnel_register_menu("SQL Server Report", REGISTER_PACKET_STAT_GROUP_UNSORTED, report_open_by_menu, NULL, NULL,
                         false);
}
