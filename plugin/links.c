/* links.c - what one connection has to do with another, or with a KDC, in the same capture.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "links.h"

#include <epan/to_str.h>

#include <string.h>

#include "core/kdc.h"
#include "tcpfacts.h"

#define REDIRECT_PATIENCE (30 * NANOSECONDS) /* a client follows at once; name look-ups may fail first */
#define KDC_PORT          88

/* A client on its way to another server. */
typedef struct {
    track_t *from;
    moment_t at;
    guint16 port;
    gboolean followed;
} redirect_t;

/* A KDC's word about a service of SQL Server. */
typedef struct {
    guint32 frame;
    moment_t at;
    address client; /* file scope */
    kdc_kind_t kind;
    guint32 error;
    const char *spn, *realm; /* file scope */
} kdc_answer_t;

static wmem_map_t *servers;     /* "address:port", file scope */
static wmem_array_t *redirects; /* redirect_t, file scope */
static wmem_array_t *answers;   /* kdc_answer_t, file scope */
static wmem_array_t *openings;  /* opening_t, file scope, in time order */

/* A connection that began with a SYN. */
typedef struct {
    const track_t *track;
    moment_t at;
} opening_t;

/* A client that gave a command up. */
typedef struct {
    guint32 frame;
    moment_t waited;
    const track_t *track;
} cancel_t;

static wmem_array_t *cancels; /* cancel_t, file scope */

#define AT_ONCE            NANOSECONDS
#define OPENINGS_LOOKED_AT 128
#define CANCELS_LOOKED_AT  128
#define TIMEOUT_LEAST      NANOSECONDS        /* nobody sets a shorter one */
#define TIMEOUT_VARIES     (NANOSECONDS / 10) /* timers fire late under load */

void links_init_file(void)
{
    redirects = wmem_array_new(wmem_file_scope(), sizeof(redirect_t));
    answers = wmem_array_new(wmem_file_scope(), sizeof(kdc_answer_t));
    openings = wmem_array_new(wmem_file_scope(), sizeof(opening_t));
    cancels = wmem_array_new(wmem_file_scope(), sizeof(cancel_t));
    servers = wmem_map_new(wmem_file_scope(), wmem_str_hash, g_str_equal);
}

void links_note_opening(track_t *track, moment_t at)
{
    opening_t opening = {track, at};
    wmem_array_append_one(openings, opening);
    track->opening = wmem_array_get_count(openings);
}

/* Whether it was closed before that moment: one attempt after the other, not both at once. */
static bool is_over(const track_t *track, moment_t at)
{
    return track->last_at < at && (track->connection.closed_first != SENDER_UNKNOWN || track->connection.reset);
}

static bool are_parallel(const track_t *a, const track_t *b)
{
    return a != b && a->server_port == b->server_port && addresses_equal(&a->client, &b->client);
}

/* Looks through the neighbours of this connection in time, on both sides. */
guint32 links_parallel(const track_t *track)
{
    guint count = wmem_array_get_count(openings);
    if (track->opening == 0) {
        return 0;
    }
    guint own = track->opening - 1;
    moment_t at = ((const opening_t *)wmem_array_index(openings, own))->at;
    guint from = own > OPENINGS_LOOKED_AT ? own - OPENINGS_LOOKED_AT : 0;
    for (guint i = from; i < count && i < own + OPENINGS_LOOKED_AT; i++) {
        const opening_t *other = (const opening_t *)wmem_array_index(openings, i);
        moment_t apart = other->at > at ? other->at - at : at - other->at;
        if (apart <= AT_ONCE && !is_over(other->track, at) && are_parallel(track, other->track)) {
            return other->track->number + 1;
        }
    }
    return 0;
}

static bool is_like(const cancel_t *cancel, const track_t *track, moment_t waited)
{
    moment_t apart = cancel->waited > waited ? cancel->waited - waited : waited - cancel->waited;
    return apart <= TIMEOUT_VARIES && addresses_equal(&cancel->track->client, &track->client);
}

guint32 links_like_cancel(const track_t *track, guint32 frame, moment_t waited)
{
    cancel_t own = {frame, waited, track};
    guint32 found = 0;
    guint count = wmem_array_get_count(cancels);
    for (guint i = count; i > 0 && i + CANCELS_LOOKED_AT > count && waited >= TIMEOUT_LEAST && found == 0; i--) {
        const cancel_t *cancel = (const cancel_t *)wmem_array_index(cancels, i - 1);
        found = is_like(cancel, track, waited) ? cancel->frame : 0;
    }
    wmem_array_append_one(cancels, own);
    return found;
}

/* Servers. {{{ */

char *links_endpoint(wmem_allocator_t *scope, const address *host, guint16 port)
{
    char *name = address_to_str(NULL, host);
    char *key = wmem_strdup_printf(scope, "%s:%u", name, port);
    wmem_free(NULL, name);
    return key;
}

void links_learn_server(const address *host, guint16 port)
{
    if (!links_is_server(host, port)) {
        wmem_map_insert(servers, links_endpoint(wmem_file_scope(), host, port), GINT_TO_POINTER(1));
    }
}

gboolean links_is_server(const address *host, guint16 port)
{
    if (wmem_map_size(servers) == 0) {
        return FALSE;
    }
    char *key = links_endpoint(NULL, host, port);
    gboolean known = wmem_map_contains(servers, key);
    wmem_free(NULL, key);
    return known;
}

/* }}} */

/* Redirects. {{{ */

void links_expect_redirect(track_t *track, moment_t at)
{
    redirect_t redirect = {.from = track, .at = at, .port = (guint16)track->facts[FACT_ROUTING_PORT].value.number};
    wmem_array_append_one(redirects, redirect);
}

/* The latest redirect that this SYN may follow: same client, the port that was named. The host is a name, which a
 * capture does not resolve. */
static redirect_t *redirect_for(const packet_info *pinfo)
{
    moment_t now = moment_of(pinfo);
    for (guint i = wmem_array_get_count(redirects); i > 0; i--) {
        redirect_t *redirect = (redirect_t *)wmem_array_index(redirects, i - 1);
        if (now - redirect->at > REDIRECT_PATIENCE) {
            return NULL;
        }
        if (!redirect->followed && redirect->port == pinfo->destport &&
            addresses_equal(&redirect->from->client, &pinfo->src)) {
            return redirect;
        }
    }
    return NULL;
}

gboolean links_is_redirect(const packet_info *pinfo)
{
    return redirect_for(pinfo) != NULL;
}

void links_join_redirect(track_t *track, const packet_info *pinfo)
{
    redirect_t *redirect = redirect_for(pinfo);
    if (redirect == NULL || redirect->from == track) {
        return;
    }
    redirect->followed = TRUE;
    track_fact_number(redirect->from, FACT_ROUTING_STREAM, redirect->from->facts[FACT_ROUTING_PORT].frame,
                      track->number);
    track_fact_number(track, FACT_ROUTED_FROM, pinfo->num, redirect->from->number);
}

/* }}} */

/* Tickets. {{{ */

static void note_answer(const packet_info *pinfo, const kdc_message_t *kdc)
{
    char spn[KERBEROS_NAME_LIMIT];
    kerberos_service_name(&kdc->about, spn);
    kdc_answer_t answer = {
        .frame = pinfo->num,
        .at = moment_of(pinfo),
        .kind = kdc->kind,
        .error = kdc->about.error,
        .spn = wmem_strdup(wmem_file_scope(), spn),
        .realm = wmem_strndup(wmem_file_scope(), (const char *)kdc->about.realm.at, kdc->about.realm.length),
    };
    copy_address_wmem(wmem_file_scope(), &answer.client, &pinfo->dst);
    wmem_array_append_one(answers, answer);
}

void links_take_kdc(tvbuff_t *frame, packet_info *pinfo)
{
    if (pinfo->srcport != KDC_PORT || (pinfo->ptype != PT_UDP && pinfo->ptype != PT_TCP)) {
        return;
    }
    guint payload = 0;
    if (!payload_offset_read(frame, pinfo, &payload)) {
        return;
    }
    payload += pinfo->ptype == PT_TCP ? 4 : 0; /* RFC 4120 7.2.2: a length goes before the message */
    gint there = tvb_captured_length_remaining(frame, (gint)payload);
    kdc_message_t kdc;
    if (there > 0 && kdc_parse(span_of(tvb_get_ptr(frame, (gint)payload, there), (size_t)there), &kdc) &&
        kdc_is_sql_server(&kdc.about)) {
        note_answer(pinfo, &kdc);
    }
}

/* MSSQLSvc/host:port names the port, MSSQLSvc/host:instance and MSSQLSvc/host leave it open. */
static bool spn_may_be_of(const char *spn, guint16 port)
{
    const char *colon = strrchr(spn, ':');
    return colon == NULL || !g_ascii_isdigit(colon[1]) || (guint16)strtoul(colon + 1, NULL, 10) == port;
}

void links_kdc_error(const track_t *track, moment_t at, guint32 *frame, guint32 *error, const char **spn)
{
    const moment_t recent = 10 * NANOSECONDS;
    *frame = *error = 0;
    *spn = NULL;
    for (guint i = wmem_array_get_count(answers); i > 0 && track->client.type != AT_NONE; i--) {
        const kdc_answer_t *answer = (const kdc_answer_t *)wmem_array_index(answers, i - 1);
        if (answer->kind == KDC_ERROR && addresses_equal(&answer->client, &track->client) && answer->at <= at &&
            at - answer->at <= recent && spn_may_be_of(answer->spn, track->server_port)) {
            *frame = answer->frame;
            *error = answer->error;
            *spn = answer->spn;
            return;
        }
    }
}

void links_find_ticket(track_t *track)
{
    for (guint i = wmem_array_get_count(answers); i > 0 && track->client.type != AT_NONE; i--) {
        const kdc_answer_t *answer = (const kdc_answer_t *)wmem_array_index(answers, i - 1);
        if (answer->kind != KDC_TGS_REP || !addresses_equal(&answer->client, &track->client) ||
            !spn_may_be_of(answer->spn, track->server_port)) {
            continue;
        }
        const step_time_t *total = &track->times[TIME_TOTAL];
        bool meanwhile = total->begun != 0 && answer->at >= total->begun - 1;
        auth_t auth = auth_verdict(&track->evidence).auth;
        if (meanwhile && track->times[TIME_LOGIN].begun != 0) {
            auth_note(&track->evidence, EVIDENCE_TICKET_FETCHED, answer->frame);
        }
        if (auth == AUTH_KERBEROS || meanwhile) {
            track_fact_string(track, FACT_KERBEROS_SPN, answer->frame, answer->spn);
            track_fact_string(track, FACT_KERBEROS_REALM, answer->frame, answer->realm);
            track_fact_number(track, FACT_KDC_FRAME, answer->frame, answer->frame);
        }
        return;
    }
}

/* }}} */
