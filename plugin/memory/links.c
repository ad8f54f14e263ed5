/* links.c - connections that belong together: redirects, parallel attempts, servers that end several at once.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "memory/links.h"

#include <epan/to_str.h>

#include <string.h>

#include "core/azure.h"
#include "memory/annotations.h"
#include "memory/capture.h"
#include "memory/facts.h"
#include "memory/findings.h"
#include "memory/resolver.h"
#include "wire/hosts.h"
#include "wire/text.h"

#define REDIRECT_PATIENCE SECONDS(5) /* a client follows at once */

/* A client on its way to another server. */
typedef struct {
    track_t *from;
    instant_t sent; /* there */
    guint16 port;
    bool hidden;                /* TLS hides whether it is one, and the port */
    state_t before;             /* of `from`, before it was concluded */
    const track_t *followed_by; /* NULL = no connection yet */
} redirect_t;

/* A client that was redirected. */
typedef struct {
    wmem_array_t *redirects; /* redirect_t */
} redirected_client_t;

/* A connection that began with a SYN. */
typedef struct {
    const track_t *track;
    kept_instant_t syn;
    guint32 ends; /* hash of the client's address and the server's port: a look at the track costs more */
} attempt_t;

/* A client that gave a command up. */
typedef struct {
    guint32 frame;
    moment_t waited;
    const track_t *track;
} cancel_t;

#define TOGETHER_WITHIN    MILLISECONDS(100) /* of the one before: a host that goes down takes no longer */
#define ENDS_LOOKED_AT     32                /* as many servers may go down at once */
#define AT_ONCE            SECONDS(1)
#define A_MINUTE           SECONDS(60)
#define OPENINGS_LOOKED_AT 128
#define CANCELS_LOOKED_AT  128
#define TRACKS_BESIDE      64                /* before and behind: what is translated comes at once */
#define LATEST_LOOKED_AT   256               /* redirects of one client */
#define TIMEOUT_LEAST      SECONDS(1)        /* a shorter time-out is not set in practice */
#define TIMEOUT_VARIES     MILLISECONDS(100) /* timers fire late under load */

void links_begin_file(void)
{
    capture.links.clients = host_map_new();
    capture.links.openings = wmem_array_new(wmem_file_scope(), sizeof(attempt_t));
    capture.links.ends = wmem_array_new(wmem_file_scope(), sizeof(together_t *));
    capture.links.cancels = wmem_array_new(wmem_file_scope(), sizeof(cancel_t));
    capture.links.servers = endpoint_map_new();
}

/* NULL if it was not redirected. */
static const redirected_client_t *redirected_client(const address *host)
{
    return (const redirected_client_t *)wmem_map_lookup(capture.links.clients, host);
}

static const redirected_client_t *redirected_client_make(const address *host)
{
    const redirected_client_t *known = redirected_client(host);
    if (known != NULL) {
        return known;
    }
    redirected_client_t *client = wmem_new(wmem_file_scope(), redirected_client_t);
    client->redirects = wmem_array_sized_new(wmem_file_scope(), sizeof(redirect_t), 4);
    host_map_add(capture.links.clients, host, client);
    return client;
}

void links_note_opening(track_t *track, const frame_t *frame)
{
    guint32 ends = add_address_to_hash(track->server.port, track->client.host);
    attempt_t opening = {track, instant_keep(instant_of(frame)), ends};
    wmem_array_append_one(capture.links.openings, opening);
    track->opening = wmem_array_get_count(capture.links.openings);
}

/* Whether it was closed before that frame: one attempt after the other, not both at once. */
static bool is_over(const track_t *track, guint32 frame)
{
    return track->last_frame < frame && (track->connection.closed_first != SENDER_UNKNOWN || track->connection.reset);
}

/* The client's first sequence number, as its SYN or the answer to that has it. False if neither is there. */
static bool isn_of_client(const track_t *track, guint32 *isn)
{
    const tcp_side_t *client = track->client.tcp, *server = track->server.tcp;
    *isn = client->has_isn ? client->isn : server->acked - 1;
    return client->has_isn || (server->has_isn && server->has_acked);
}

/* Whether both are of one SYN, which something sent on to another address. */
static bool are_of_one_syn(const track_t *a, const track_t *b)
{
    guint32 one, other;
    return a->client.port == b->client.port && isn_of_client(a, &one) && isn_of_client(b, &other) && one == other &&
           !addresses_equal(a->server.host, b->server.host);
}

static bool are_of_one_client(const track_t *a, const track_t *b)
{
    return a != b && !b->dropped && a->server.port == b->server.port && addresses_equal(a->client.host, b->client.host);
}

static bool are_parallel(const track_t *a, const track_t *b)
{
    return are_of_one_client(a, b) && !are_of_one_syn(a, b);
}

static bool is_one_answered(const track_t *a, const track_t *b)
{
    return a->server.tcp->has_isn != b->server.tcp->has_isn;
}

guint32 links_same_syn(const track_t *track)
{
    guint count = wmem_array_get_count(capture.frames.tracks);
    guint from = track->place > TRACKS_BESIDE ? track->place - TRACKS_BESIDE : 0;
    guint until = MIN(count, track->place + TRACKS_BESIDE);
    track_t *const *all = (track_t *const *)wmem_array_get_raw(capture.frames.tracks);
    for (track_t *const *other = all + from; other < all + until; other++) {
        /* The quickest to ask first: a scan makes many connections that no server answers. */
        if (is_one_answered(track, *other) && are_of_one_syn(track, *other) && are_of_one_client(track, *other)) {
            return (*other)->number + 1;
        }
    }
    return 0;
}

static moment_t syn_at(const attempt_t *attempt)
{
    return moment_kept(attempt->syn.at);
}

/* Whether two attempts began within a second. `unknown`: the result if the times are not known. */
static bool is_opened_at_once(const attempt_t *self, const attempt_t *other, bool unknown)
{
    bool later = other->syn.frame > self->syn.frame;
    moment_t apart = later ? moment_between(syn_at(self), syn_at(other)) : moment_between(syn_at(other), syn_at(self));
    return apart == MOMENT_NONE ? unknown : apart <= AT_ONCE;
}

/* Looks through the neighbours of this connection in time, on both sides. */
static const track_t *parallel_to(const track_t *track, bool reached)
{
    guint count = wmem_array_get_count(capture.links.openings);
    if (track->opening == 0) {
        return NULL;
    }
    guint own = track->opening - 1;
    const attempt_t *self = (const attempt_t *)wmem_array_index(capture.links.openings, own);
    guint from = own > OPENINGS_LOOKED_AT ? own - OPENINGS_LOOKED_AT : 0;
    guint until = MIN(count, own + OPENINGS_LOOKED_AT);
    const attempt_t *all = (const attempt_t *)wmem_array_get_raw(capture.links.openings);
    for (const attempt_t *other = all + from; other < all + until; other++) {
        if (other->ends == self->ends && is_opened_at_once(self, other, reached) &&
            !is_over(other->track, self->syn.frame) && are_parallel(track, other->track) &&
            (!reached || other->track->server.tcp->has_isn)) {
            return other->track;
        }
    }
    return NULL;
}

guint32 links_parallel(const track_t *track)
{
    const track_t *other = parallel_to(track, false);
    return other == NULL ? 0 : other->number + 1;
}

/* A client that sends its SYN again to the same server still wants this connection, too. */
bool links_is_overtaken(const track_t *track)
{
    const track_t *other = parallel_to(track, true);
    return other != NULL && (track->syn_count < 2 || !addresses_equal(track->server.host, other->server.host));
}

#define TRACKS_LOOKED_AT 1024

static bool lack_servers(void)
{
    bool lacking = false;
    guint count = MIN(wmem_array_get_count(capture.frames.tracks), TRACKS_LOOKED_AT);
    for (guint i = 0; i < count; i++) {
        const track_t *track = *(track_t **)wmem_array_index(capture.frames.tracks, i);
        if (track->server.frames > 0) {
            return false;
        }
        lacking = lacking || track_lacks_a_side(track);
    }
    return lacking;
}

bool links_lack_servers(void)
{
    guint32 latest = capture.numbers.latest;
    if (latest == 0 || capture.links.servers_lack_at != latest) {
        capture.links.servers_lack_at = latest;
        capture.links.servers_lack = lack_servers();
    }
    return capture.links.servers_lack;
}

moment_t links_port_again(const track_t *track)
{
    const track_t *before = track->namesakes->before;
    if (before == NULL || before->dropped || track->opening == 0 || before->connection.reset ||
        before->connection.closed_first != SENDER_CLIENT || !before->connection.server.fin) {
        return MOMENT_NONE;
    }
    const attempt_t *self = (const attempt_t *)wmem_array_index(capture.links.openings, track->opening - 1);
    const annotation_t *end = track_annotation(before, before->last_frame);
    return end == NULL ? MOMENT_NONE : moment_between(annotation_moment(end), syn_at(self));
}

guint32 links_in_turn(const track_t *track)
{
    guint32 count = 0;
    if (track->opening == 0) {
        return 0;
    }
    guint own = track->opening - 1;
    const attempt_t *all = (const attempt_t *)wmem_array_get_raw(capture.links.openings);
    const attempt_t *first = all + (own > OPENINGS_LOOKED_AT ? own - OPENINGS_LOOKED_AT : 0);
    const attempt_t *self = all + own;
    for (const attempt_t *other = self; other > first;) {
        other--;
        if (other->ends != self->ends || !are_parallel(track, other->track) ||
            !addresses_equal(track->server.host, other->track->server.host)) {
            continue;
        }
        moment_t ago = moment_between(syn_at(other), syn_at(self));
        if (ago == MOMENT_NONE || ago > A_MINUTE) {
            break;
        }
        if (!is_over(other->track, self->syn.frame) || diagnosed(other->track, DIAGNOSIS_NO_POOLING)) {
            return 0;
        }
        count += other->track->connection.state == STATE_LOGGED_IN;
    }
    return count;
}

static bool is_accepted(const track_t *a, const track_t *b)
{
    return a != b && !b->dropped && b->server.tcp->has_isn && a->server.port == b->server.port &&
           addresses_equal(a->server.host, b->server.host);
}

const track_t *links_accepted(const track_t *track, moment_t *before)
{
    guint own = track->opening == 0 ? 0 : track->opening - 1;
    *before = MOMENT_NONE;
    for (guint i = own; i > 0 && i + OPENINGS_LOOKED_AT > own; i--) {
        const attempt_t *other = (const attempt_t *)wmem_array_index(capture.links.openings, i - 1);
        if (is_accepted(track, other->track)) {
            const attempt_t *self = (const attempt_t *)wmem_array_index(capture.links.openings, own);
            *before = moment_between(syn_at(other), syn_at(self));
            return other->track;
        }
    }
    return NULL;
}

const track_t *links_accepted_meanwhile(const track_t *track)
{
    guint count = wmem_array_get_count(capture.links.openings);
    const attempt_t *all = (const attempt_t *)wmem_array_get_raw(capture.links.openings);
    moment_t until = annotation_moment(track_annotation(track, track->last_frame));
    for (guint i = track->opening; i > 0 && i < count && i < track->opening + OPENINGS_LOOKED_AT; i++) {
        moment_t later = moment_between(until, syn_at(&all[i]));
        if (all[i].syn.frame > track->last_frame && (later == MOMENT_NONE || later > AT_ONCE)) {
            return NULL;
        }
        if (is_accepted(track, all[i].track) && are_of_one_client(track, all[i].track)) {
            return all[i].track;
        }
    }
    return NULL;
}

/* Of a client with the other version of IP nobody knows the address. */
static bool may_be_of_client(const track_t *track, const track_t *other)
{
    return track->client.host->type != other->client.host->type ||
           addresses_equal(track->client.host, other->client.host);
}

static bool is_elsewhere(const track_t *track, const track_t *other)
{
    return !other->dropped && other->server.tcp->has_isn && track->server.port == other->server.port &&
           may_be_of_client(track, other) && !addresses_equal(track->server.host, other->server.host);
}

/* "localhost" is both. */
static bool are_loopbacks(const track_t *track, const track_t *other)
{
    return track->server.host->type != other->server.host->type && hosts_is_loopback(track->server.host) &&
           hosts_is_loopback(other->server.host);
}

static bool is_accepted_elsewhere(const track_t *track, const track_t *other)
{
    return is_elsewhere(track, other) && (are_loopbacks(track, other) || resolver_joins(track, other));
}

static bool is_accepted_here(const track_t *track, const track_t *other)
{
    return is_accepted(track, other) && are_of_one_client(track, other);
}

/* The first connection behind this one for which `fits` holds. `after`: as in links_accepted_elsewhere. */
static const track_t *next_that(const track_t *track, bool (*fits)(const track_t *track, const track_t *other),
                                moment_t *after)
{
    guint count = wmem_array_get_count(capture.links.openings);
    const attempt_t *all = (const attempt_t *)wmem_array_get_raw(capture.links.openings);
    *after = MOMENT_NONE;
    for (guint i = track->opening; i > 0 && i < count && i < track->opening + OPENINGS_LOOKED_AT; i++) {
        if (fits(track, all[i].track)) {
            *after = moment_between(syn_at(&all[track->opening - 1]), syn_at(&all[i]));
            return all[i].track;
        }
    }
    return NULL;
}

const track_t *links_accepted_elsewhere(const track_t *track, moment_t *after)
{
    return next_that(track, is_accepted_elsewhere, after);
}

const track_t *links_accepted_later(const track_t *track, moment_t *after)
{
    *after = MOMENT_NONE;
    bool known = links_is_server(track->server.host, track->server.port); /* else a scan asks for each of its SYNs */
    return known ? next_that(track, is_accepted_here, after) : NULL;
}

/* Whether nothing that can be read of the two logins says that they are of different kinds. */
static bool are_like_logins(const track_t *a, const track_t *b)
{
    static const fact_id_t facts[] = {FACT_LOGIN_USER, FACT_LOGIN_DATABASE, FACT_LOGIN_APP};
    for (gsize i = 0; i < G_N_ELEMENTS(facts); i++) {
        const char *one = track_fact_text(a, facts[i]), *other = track_fact_text(b, facts[i]);
        if (one != NULL && other != NULL && strcmp(one, other) != 0) {
            return false;
        }
    }
    return true;
}

static bool is_logged_in_here(const track_t *track, const track_t *other)
{
    return is_accepted_here(track, other) && other->connection.state == STATE_LOGGED_IN &&
           are_like_logins(track, other);
}

const track_t *links_logged_in_later(const track_t *track, moment_t *after)
{
    return next_that(track, is_logged_in_here, after);
}

static bool is_like(const cancel_t *cancel, const track_t *track, moment_t waited)
{
    if (cancel->waited == MOMENT_NONE) {
        return false;
    }
    moment_t apart = cancel->waited > waited ? cancel->waited - waited : waited - cancel->waited;
    return apart <= TIMEOUT_VARIES && addresses_equal(cancel->track->client.host, track->client.host);
}

guint32 links_note_cancel(const track_t *track, guint32 frame, moment_t waited)
{
    cancel_t own = {frame, waited, track};
    guint32 found = 0;
    guint count = wmem_array_get_count(capture.links.cancels);
    for (guint i = count; i > 0 && i + CANCELS_LOOKED_AT > count && waited >= TIMEOUT_LEAST && found == 0; i--) {
        const cancel_t *cancel = (const cancel_t *)wmem_array_index(capture.links.cancels, i - 1);
        found = is_like(cancel, track, waited) ? cancel->frame : 0;
    }
    wmem_array_append_one(capture.links.cancels, own);
    return found;
}

static bool is_of_server(const together_t *group, const track_t *track)
{
    const track_t *other = group->members[0].track;
    return other->server.port == track->server.port && addresses_equal(other->server.host, track->server.host) &&
           (other->seldom->pipe != NULL) == (track->seldom->pipe != NULL);
}

/* Those that this one ends with; new ones where it is the first. */
static together_t *ending_with(const track_t *track, instant_t now)
{
    guint count = wmem_array_get_count(capture.links.ends);
    for (guint i = count; i > 0 && i + ENDS_LOOKED_AT > count; i--) {
        together_t *group = *(together_t **)wmem_array_index(capture.links.ends, i - 1);
        moment_t apart = moment_between(group->last.at, now.at);
        if (apart != MOMENT_NONE && apart <= TOGETHER_WITHIN && is_of_server(group, track)) {
            return group;
        }
    }
    together_t *group = wmem_new0(wmem_file_scope(), together_t);
    group->first = now;
    wmem_array_append_one(capture.links.ends, group);
    return group;
}

const together_t *links_note_end(track_t *track, const frame_t *frame, guint32 request)
{
    together_t *group = ending_with(track, instant_of(frame));
    if (group->count < TOGETHER_LEAST) {
        group->members[group->count].track = track;
        group->members[group->count].frame = frame->number;
        group->members[group->count].request = request;
    }
    group->count++;
    group->requests += request != 0;
    group->last = instant_of(frame);
    return group;
}

/* Servers. {{{ */

static void learn_server(const address *host, guint16 port, const track_t *by)
{
    if (!links_is_server(host, port)) {
        endpoint_map_add(capture.links.servers, host, port, (void *)by);
    }
}

void links_learn_server(const address *host, guint16 port)
{
    learn_server(host, port, NULL);
}

void links_learn_own_server(track_t *track)
{
    if (!track->server_learnt && track->server.host->type != AT_NONE && track->seldom->pipe == NULL) {
        track->server_learnt = true;
        learn_server(track->server.host, track->server.port, track);
    }
}

static void forget_server(const track_t *track)
{
    const endpoint_t server = endpoint_of(track->server.host, track->server.port);
    if (track->server.host->type != AT_NONE && wmem_map_lookup(capture.links.servers, &server) == track) {
        wmem_map_remove(capture.links.servers, &server);
    }
}

bool links_is_server(const address *host, guint16 port)
{
    const endpoint_t endpoint = endpoint_of(host, port);
    return wmem_map_contains(capture.links.servers, &endpoint);
}

/* }}} */

/* Redirects. {{{ */

void links_expect_redirect(track_t *track, const frame_t *frame)
{
    redirect_t redirect = {
        .from = track, .sent = instant_of(frame), .port = (guint16)track_fact(track, FACT_ROUTING_PORT).value.number};
    wmem_array_append_one(redirected_client_make(track->client.host)->redirects, redirect);
}

bool links_expect_hidden_redirect(track_t *track, instant_t answered)
{
    bool azure =
        azure_is_name(track_fact_text(track, FACT_TLS_SNI)) || azure_is_among(track_fact_text(track, FACT_TLS_NAMES));
    if (azure) {
        redirect_t redirect = {.from = track, .sent = answered, .hidden = true};
        wmem_array_append_one(redirected_client_make(track->client.host)->redirects, redirect);
    }
    return azure;
}

/* A server that sends a client to the port of its own that the client came from would send it round. */
static bool leads_to(const redirect_t *redirect, const packet_info *pinfo)
{
    const side_t *own = &redirect->from->server;
    bool back = pinfo->destport == own->port && addresses_equal(&pinfo->dst, own->host);
    bool port = redirect->hidden ? azure_is_node_port((guint16)pinfo->destport) : redirect->port == pinfo->destport;
    return port && !back && !redirect->from->dropped;
}

/* The redirects that a SYN may follow. */
typedef struct {
    redirect_t *first;  /* that no connection follows yet; a visible one rather than a hidden one */
    guint32 hidden_all; /* how many of those that are hidden may be meant, followed or not */
} choice_t;

static void consider(choice_t *choice, redirect_t *redirect)
{
    bool seen_before = choice->first != NULL && !choice->first->hidden;
    if (redirect->followed_by == NULL && !(redirect->hidden && seen_before)) {
        choice->first = redirect;
    }
    bool settled = redirect->followed_by != NULL && redirect->from->login->hidden->redirected;
    choice->hidden_all += redirect->hidden && !settled;
}

/* Same client, the port that was named. The host is a name, which a capture does not resolve. */
static choice_t redirects_for(const packet_info *pinfo)
{
    moment_t now = moment_of(pinfo);
    choice_t choice = {NULL, 0};
    const redirected_client_t *client = redirected_client(&pinfo->src);
    guint count = client == NULL ? 0 : wmem_array_get_count(client->redirects);
    for (guint i = count; i > 0 && i + LATEST_LOOKED_AT > count; i--) {
        redirect_t *redirect = (redirect_t *)wmem_array_index(client->redirects, i - 1);
        if (moment_between(redirect->sent.at, now) > REDIRECT_PATIENCE) {
            break;
        }
        if (leads_to(redirect, pinfo)) {
            consider(&choice, redirect);
        }
    }
    return choice;
}

bool links_is_redirect(const packet_info *pinfo)
{
    ASSERT_FIRST_PASS(pinfo);
    return redirects_for(pinfo).first != NULL;
}

guint32 links_circle(const track_t *track)
{
    const track_t *from = track->seldom->redirected_by;
    for (guint hops = 0; from != NULL && hops < LATEST_LOOKED_AT; hops++) {
        if (!from->dropped && from->server.port == track->server.port &&
            addresses_equal(from->server.host, track->server.host)) {
            return from->number + 1;
        }
        from = from->seldom->redirected_by;
    }
    return 0;
}

static void note_redirect(track_t *from, track_t *to, guint32 sent, guint32 followed, basis_t basis)
{
    track_fact_number(from, FACT_ROUTING_STREAM, sent, to->number);
    track_fact_number(from, FACT_ROUTING_BASIS, sent, basis);
    track_fact_number(to, FACT_ROUTED_FROM, followed, from->number);
    track_fact_number(to, FACT_ROUTING_BASIS, followed, basis);
}

/* The client connects at once to a port that only redirects use: so the hidden answer was a redirect. */
static void conclude_redirect(redirect_t *redirect, track_t *to, const packet_info *pinfo)
{
    track_t *from = redirect->from;
    char *host = address_to_str(NULL, &pinfo->dst);
    redirect->before = from->connection.state;
    connection_conclude(&from->connection, STATE_REDIRECTED);
    track_hidden(from)->redirected = true;
    track_fact_string(from, FACT_ROUTING_HOST, redirect->sent.frame, host);
    track_fact_number(from, FACT_ROUTING_PORT, redirect->sent.frame, pinfo->destport);
    note_redirect(from, to, redirect->sent.frame, number_of(pinfo), BASIS_INFERRED);
    wmem_free(NULL, host);
}

void links_join_redirect(track_t *track, const packet_info *pinfo)
{
    ASSERT_FIRST_PASS(pinfo);
    choice_t choice = redirects_for(pinfo);
    redirect_t *redirect = choice.first;
    if (redirect == NULL || redirect->from == track) {
        return;
    }
    redirect->followed_by = track;
    if (!redirect->hidden) {
        track_seldom(track)->redirected_by = redirect->from;
        links_learn_own_server(track); /* the server that sent the client here says so */
        note_redirect(redirect->from, track, redirect->sent.frame, number_of(pinfo), BASIS_SEEN);
        return;
    }
    track_seldom(track)->redirecting = choice.hidden_all;
    if (choice.hidden_all == 1) { /* else it is not known which of them it is */
        conclude_redirect(redirect, track, pinfo);
    }
}

/* What was concluded of the connection that seemed to send a client there is not true. */
static void withdraw(redirect_t *redirect)
{
    static const fact_id_t told[] = {FACT_ROUTING_STREAM, FACT_ROUTING_BASIS, FACT_ROUTING_HOST, FACT_ROUTING_PORT};
    track_t *from = redirect->from;
    bool concluded = redirect->hidden && from->login->hidden->redirected;
    guint count = redirect->hidden ? 0 : 1; /* of one that was seen the stream alone: the rest the server said */
    if (concluded) {
        count = G_N_ELEMENTS(told);
    }
    for (guint i = 0; i < count; i++) {
        track_fact_forget(from, told[i]);
    }
    if (concluded) {
        track_hidden(from)->redirected = false;
        from->connection.state = redirect->before;
    }
    redirect->followed_by = NULL;
}

static void forget_redirect(const track_t *track)
{
    const redirected_client_t *client = redirected_client(track->client.host);
    guint count = client == NULL ? 0 : wmem_array_get_count(client->redirects);
    for (guint i = 0; i < count; i++) {
        redirect_t *redirect = (redirect_t *)wmem_array_index(client->redirects, i);
        if (redirect->followed_by == track) {
            withdraw(redirect);
        }
    }
}

void links_check_name(track_t *track)
{
    const char *name = track_fact_text(track, FACT_TLS_SNI);
    if (track->seldom->redirecting == 0 || name == NULL || azure_is_name(name)) {
        return;
    }
    track_seldom(track)->redirecting = 0;
    forget_redirect(track);
    track_fact_forget(track, FACT_ROUTED_FROM);
    track_fact_forget(track, FACT_ROUTING_BASIS);
}

void links_forget(const track_t *track)
{
    forget_redirect(track);
    forget_server(track);
}

/* }}} */
