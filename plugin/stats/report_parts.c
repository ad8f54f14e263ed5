/* report_parts.c - tables that only the report has: they group what the tables of Statistics list.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "stats/report.h"

#include <epan/to_str.h>

#include "judge/tell.h"
#include "memory/evidence.h"
#include "memory/facts.h"
#include "memory/sessions.h"
#include "show/describe.h"
#include "stats/outcome.h"
#include "wire/names.h"

#define COUNT_OF(table) ((guint)G_N_ELEMENTS(table))

#define FRAMES_MOST 4

/* The first of some frames, in order, and as a text. */
typedef struct {
    guint32 number[FRAMES_MOST];
    char text[60];
} frames_t;

/* One more than `count`. Returns whether it is the first of them. */
static bool add_frame(frames_t *frames, guint32 count, guint32 frame)
{
    guint kept = MIN(count, FRAMES_MOST), at = kept;
    for (; at > 0 && frames->number[at - 1] > frame; at--) {
        if (at < FRAMES_MOST) {
            frames->number[at] = frames->number[at - 1];
        }
    }
    if (at < FRAMES_MOST) {
        frames->number[at] = frame;
    }
    frames->text[0] = '\0';
    for (guint i = 0; i < MIN(count + 1, FRAMES_MOST); i++) {
        gsize length = strlen(frames->text);
        (void)snprintf(frames->text + length, sizeof frames->text - length, "%s%u", i == 0 ? "" : " ",
                       frames->number[i]);
    }
    g_strlcat(frames->text, count >= FRAMES_MOST ? " ..." : "", sizeof frames->text);
    return at == 0;
}

/* Texts that may be NULL. */
static int order_of_texts(const char *left, const char *right)
{
    return g_strcmp0(left, right);
}

static int order_of_numbers(gint64 left, gint64 right)
{
    return (left > right) - (left < right);
}

/* Causes of failures. {{{ */

typedef struct {
    const char *what, *diagnosis; /* static */
    const char *owed;             /* the side that owed a message in the end; static */
    gint64 error;
    guint32 connections;
    moment_t waited;       /* the longest */
    const track_t *first;  /* of them */
    bool servers, clients; /* there are others than that one's */
    const char *server, *client;
    frames_t frames;
    char text[RULE_TEXT]; /* of the first */
} cause_row_t;

static const column_t cause_columns[] = {
    {"Conns", CELL_COUNT, .offset = offsetof(cause_row_t, connections)},
    {"What", CELL_TEXT, .offset = offsetof(cause_row_t, what)},
    {"Diagnosis", CELL_TEXT, .offset = offsetof(cause_row_t, diagnosis)},
    {"Error", CELL_NUMBER, .offset = offsetof(cause_row_t, error)},
    {"Owed by", CELL_TEXT, .offset = offsetof(cause_row_t, owed)},
    {"Longest s", CELL_MILLISECONDS, .offset = offsetof(cause_row_t, waited)},
    {"Server", CELL_TEXT, .offset = offsetof(cause_row_t, server)},
    {"Client", CELL_TEXT, .offset = offsetof(cause_row_t, client)},
    {"Frames", CELL_CHARACTERS, .offset = offsetof(cause_row_t, frames.text)},
    {"Text of the first", CELL_CHARACTERS, .offset = offsetof(cause_row_t, text), .limit = 60},
};

static int cause_order(const void *a, const void *b)
{
    const cause_row_t *left = (const cause_row_t *)a;
    const cause_row_t *right = (const cause_row_t *)b;
    int order = order_of_texts(right->what, left->what); /* what was never opened before what broke later */
    order = order != 0 ? order : order_of_texts(left->diagnosis, right->diagnosis);
    order = order != 0 ? order : order_of_texts(left->owed, right->owed);
    return order != 0 ? order : order_of_numbers(left->error, right->error);
}

/* What happened most often comes first. */
static int cause_rank(const void *a, const void *b)
{
    return order_of_numbers(((const cause_row_t *)b)->connections, ((const cause_row_t *)a)->connections);
}

static const char *with_others(const char *end, bool others)
{
    return wmem_strdup_printf(table_scratch(), "%s%s", end, others ? " ..." : "");
}

/* The ends of the first connection, and whether there are others. */
static void add_ends(cause_row_t *row, const track_t *track, bool is_first)
{
    wmem_allocator_t *scope = table_scratch();
    const track_t *other = row->first != NULL ? row->first : track;
    row->servers = row->servers || other->server.port != track->server.port ||
                   !addresses_equal(other->server.host, track->server.host);
    row->clients = row->clients || !addresses_equal(other->client.host, track->client.host);
    const track_t *first = is_first ? track : other;
    row->first = first;
    row->server = with_others(describe_endpoint(first->server.host, first->server.port, scope), row->servers);
    row->client = first->client.host->type == AT_NONE
                      ? NULL
                      : with_others(address_to_str(scope, first->client.host), row->clients);
}

static void causes_add_connection(table_t *table, const track_t *track)
{
    failure_t failure;
    if (!outcome_failed(track, &failure)) {
        return;
    }
    cause_row_t like = {
        .what = failure.what,
        .diagnosis = failure.diagnosis,
        .error = failure.error == NULL ? NUMBER_NONE : failure.error->number,
        .owed = failure.waited ? name_of(failure.wait.debt.owes, owes_names) : NULL,
        .waited = MOMENT_NONE,
    };
    cause_row_t *row = (cause_row_t *)table_row(table, &like);
    bool first = add_frame(&row->frames, row->connections++, failure.frame);
    if (first) {
        g_strlcpy(row->text, failure.text, sizeof row->text);
    }
    row->waited = failure.waited ? MAX(row->waited, failure.wait.time) : row->waited;
    add_ends(row, track, first);
    table_show(table, row);
}

const statistic_t report_causes = {
    .columns = cause_columns,
    .column_count = COUNT_OF(cause_columns),
    .row_size = sizeof(cause_row_t),
    .order = cause_order,
    .rank = cause_rank,
    .add_connection = causes_add_connection,
};

/* }}} */

/* Slow logins. {{{ */

typedef struct {
    guint32 number, frame;
    const char *rule; /* static */
    char text[RULE_TEXT];
} slow_row_t;

static const column_t slow_columns[] = {
    {"Conn", CELL_COUNT, .offset = offsetof(slow_row_t, number)},
    {"Frame", CELL_COUNT, .offset = offsetof(slow_row_t, frame)},
    {"Diagnosis", CELL_TEXT, .offset = offsetof(slow_row_t, rule)},
    {"What was waited for", CELL_CHARACTERS, .offset = offsetof(slow_row_t, text), .limit = 240},
};

static int slow_order(const void *a, const void *b)
{
    const slow_row_t *left = (const slow_row_t *)a;
    const slow_row_t *right = (const slow_row_t *)b;
    int order = order_of_numbers(left->number, right->number);
    order = order != 0 ? order : order_of_numbers(left->frame, right->frame);
    return order != 0 ? order : order_of_texts(left->rule, right->rule);
}

typedef struct {
    table_t *table;
    guint32 number;
} place_t;

static void slow_add_finding(const finding_t *finding, void *data)
{
    const place_t *place = (const place_t *)data;
    if (finding->rule == DIAGNOSIS_SLOW_LOGIN || finding->rule == DIAGNOSIS_SLOW_DOMAIN_CONTROLLER ||
        finding->rule == DIAGNOSIS_SLOW_LOOKUP) {
        slow_row_t like = {place->number, finding->frame, diagnosis_name(finding->rule), ""};
        g_strlcpy(like.text, finding->text, sizeof like.text);
        table_show(place->table, table_row(place->table, &like));
    }
}

static void slow_add_connection(table_t *table, const track_t *track)
{
    place_t place = {table, track->number};
    judge_findings_all(track, slow_add_finding, &place);
}

const statistic_t report_slow = {
    .columns = slow_columns,
    .column_count = COUNT_OF(slow_columns),
    .row_size = sizeof(slow_row_t),
    .order = slow_order,
    .add_connection = slow_add_connection,
};

/* }}} */

/* Resets. {{{ */

typedef struct {
    close_t close;
    bool after_login;
    const char *by, *when, *diagnosis; /* static */
    guint32 connections, retransmissions, keep_alives;
    frames_t frames;
} reset_row_t;

static const column_t reset_columns[] = {
    {"Conns", CELL_COUNT, .offset = offsetof(reset_row_t, connections)},
    {"By", CELL_TEXT, .offset = offsetof(reset_row_t, by)},
    {"When", CELL_TEXT, .offset = offsetof(reset_row_t, when)},
    {"Worst diagnosis", CELL_TEXT, .offset = offsetof(reset_row_t, diagnosis)},
    {"Resent", CELL_COUNT, .offset = offsetof(reset_row_t, retransmissions)},
    {"Keep-alives", CELL_COUNT, .offset = offsetof(reset_row_t, keep_alives)},
    {"Last frames", CELL_CHARACTERS, .offset = offsetof(reset_row_t, frames.text)},
};

static int reset_order(const void *a, const void *b)
{
    const reset_row_t *left = (const reset_row_t *)a;
    const reset_row_t *right = (const reset_row_t *)b;
    int order = (int)left->after_login - (int)right->after_login;
    order = order != 0 ? order : (int)left->close - (int)right->close;
    return order != 0 ? order : order_of_texts(left->diagnosis, right->diagnosis);
}

static void resets_add_connection(table_t *table, const track_t *track)
{
    if (!outcome_is_reset(track)) {
        return;
    }
    worst_t worst = outcome_worst(track);
    bool after = connection_is_past_login(&track->connection);
    reset_row_t like = {
        .close = track->connection.close,
        .after_login = after,
        .by = outcome_ended_by(track),
        .when = after ? "after the login" : "before the login's end",
        .diagnosis = worst.any ? diagnosis_name(worst.rule) : NULL,
    };
    reset_row_t *row = (reset_row_t *)table_row(table, &like);
    (void)add_frame(&row->frames, row->connections++, track->last_frame);
    row->retransmissions += (guint32)MAX(outcome_segments(track, MESSAGE_RETRANSMISSION), 0);
    row->keep_alives += (guint32)MAX(outcome_segments(track, MESSAGE_KEEP_ALIVE), 0);
    table_show(table, row);
}

const statistic_t report_resets = {
    .columns = reset_columns,
    .column_count = COUNT_OF(reset_columns),
    .row_size = sizeof(reset_row_t),
    .order = reset_order,
    .add_connection = resets_add_connection,
};

/* }}} */

/* Encryption and certificates of servers. {{{ */

typedef struct {
    address host; /* file scope */
    guint16 port;
    const char *encryption, *tls, *certificate; /* static, or file scope */
    gint64 until;
    const char *server, *expires;
    guint32 connections;
} certificate_row_t;

static const column_t certificate_columns[] = {
    {"Server", CELL_TEXT, .offset = offsetof(certificate_row_t, server)},
    {"Conns", CELL_COUNT, .offset = offsetof(certificate_row_t, connections)},
    {"Encryption", CELL_TEXT, .offset = offsetof(certificate_row_t, encryption)},
    {"TLS", CELL_TEXT, .offset = offsetof(certificate_row_t, tls)},
    {"Expires", CELL_TEXT, .offset = offsetof(certificate_row_t, expires)},
    {"Certificate", CELL_TEXT, .offset = offsetof(certificate_row_t, certificate), .limit = 60},
};

static int certificate_order(const void *a, const void *b)
{
    const certificate_row_t *left = (const certificate_row_t *)a;
    const certificate_row_t *right = (const certificate_row_t *)b;
    int order = cmp_address(&left->host, &right->host);
    order = order != 0 ? order : (int)left->port - (int)right->port;
    order = order != 0 ? order : order_of_texts(left->encryption, right->encryption);
    order = order != 0 ? order : order_of_texts(left->tls, right->tls);
    order = order != 0 ? order : order_of_texts(left->certificate, right->certificate);
    return order != 0 ? order : order_of_numbers(left->until, right->until);
}

static const char *day_of(gint64 time)
{
    GDateTime *date = g_date_time_new_from_unix_utc(time);
    if (date == NULL) {
        return NULL;
    }
    char *day = g_date_time_format(date, "%Y-%m-%d");
    const char *kept = wmem_strdup(table_scratch(), day);
    g_free(day);
    g_date_time_unref(date);
    return kept;
}

static void certificates_add_connection(table_t *table, const track_t *track)
{
    fact_t until = track_fact(track, FACT_TLS_EXPIRES);
    certificate_row_t like = {
        .host = *track->server.host,
        .port = track->server.port,
        .encryption = name_of(track_encryption(track), encryption_names),
        .tls = track_fact_text(track, FACT_TLS_VERSION),
        .certificate = track_fact_text(track, FACT_TLS_CERTIFICATE),
        .until = until.frame == 0 ? NUMBER_NONE : until.value.time,
    };
    certificate_row_t *row = (certificate_row_t *)table_row(table, &like);
    row->server = describe_endpoint(&row->host, row->port, table_scratch());
    row->expires = until.frame == 0 ? NULL : day_of(row->until);
    row->connections++;
    table_show(table, row);
}

const statistic_t report_certificates = {
    .columns = certificate_columns,
    .column_count = COUNT_OF(certificate_columns),
    .row_size = sizeof(certificate_row_t),
    .order = certificate_order,
    .add_connection = certificates_add_connection,
};

/* }}} */

/* Authentication. {{{ */

typedef struct {
    auth_verdict_t verdict;
    const char *spn; /* file scope */
    const char *auth, *basis;
    guint32 connections, failures;
} auth_row_t;

static const column_t auth_columns[] = {
    {"Conns", CELL_COUNT, .offset = offsetof(auth_row_t, connections)},
    {"Failed", CELL_COUNT, .offset = offsetof(auth_row_t, failures)},
    {"Auth", CELL_TEXT, .offset = offsetof(auth_row_t, auth)},
    {"Basis", CELL_TEXT, .offset = offsetof(auth_row_t, basis)},
    {"SPN", CELL_TEXT, .offset = offsetof(auth_row_t, spn), .limit = 80},
};

static int auth_order(const void *a, const void *b)
{
    const auth_row_t *left = (const auth_row_t *)a;
    const auth_row_t *right = (const auth_row_t *)b;
    int order = (int)left->verdict.auth - (int)right->verdict.auth;
    order = order != 0 ? order : (int)left->verdict.basis - (int)right->verdict.basis;
    return order != 0 ? order : order_of_texts(left->spn, right->spn);
}

static void auth_add_connection(table_t *table, const track_t *track)
{
    worst_t worst = outcome_worst(track);
    const char *spn = track_fact_text(track, FACT_KERBEROS_SPN);
    auth_row_t like = {.verdict = track_auth(track)};
    like.spn = spn != NULL ? spn : track_fact_text(track, FACT_NTLM_SPN);
    auth_row_t *row = (auth_row_t *)table_row(table, &like);
    row->auth = name_of(row->verdict.auth, auth_names);
    row->basis = name_of(row->verdict.basis, basis_names);
    row->connections++;
    row->failures += outcome_failure(track, &worst) != NULL;
    table_show(table, row);
}

const statistic_t report_auth = {
    .columns = auth_columns,
    .column_count = COUNT_OF(auth_columns),
    .row_size = sizeof(auth_row_t),
    .order = auth_order,
    .add_connection = auth_add_connection,
};

/* }}} */
