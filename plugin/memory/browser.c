/* browser.c - what clients asked SQL Browser, and what it answered, in the same capture.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "memory/browser.h"

#include <epan/to_str.h>

#include <string.h>

#include "memory/capture.h"
#include "memory/facts.h"
#include "memory/findings.h"
#include "memory/links.h"
#include "wire/hosts.h"
#include "wire/text.h"

/* A datagram that says something of an earlier request: an answer, or an ICMP message that quotes it. */
typedef struct {
    guint32 frame;
    guint32 request; /* index and 1; 0 = not known */
    moment_t at;
    bool spare; /* no question is known to which it is the first answer */
} reply_t;

/* A port that an answer named. */
typedef struct {
    guint32 frame;
    const char *instance;      /* file scope, or NULL */
    bool administrator;        /* of the dedicated administrator connection */
    const track_t *connection; /* the first that followed; NULL = none */
} named_port_t;

void browser_begin_file(void)
{
    wmem_allocator_t *file = wmem_file_scope();
    capture.browser.request_of = wmem_map_new(file, wmem_str_hash, g_str_equal);
    capture.browser.heard = wmem_map_new(file, wmem_str_hash, g_str_equal);
    capture.browser.spare = wmem_map_new(file, wmem_str_hash, g_str_equal);
    capture.browser.port_of = endpoint_map_new();
}

static const char *keep_instance_name(span_t text)
{
    return text.length == 0 ? NULL : text_utf8(wmem_file_scope(), text);
}

/* The maps lead from a text to the index of its latest element, and 1. */
static void remember_latest(wmem_map_t *map, const char *key, guint index_and_1)
{
    wmem_map_insert(map, key, GUINT_TO_POINTER(index_and_1));
}

/* Frees the key. 0 = there is none. */
static guint latest_of(wmem_map_t *map, char *key)
{
    guint index_and_1 = GPOINTER_TO_UINT(wmem_map_lookup(map, key));
    wmem_free(NULL, key);
    return index_and_1;
}

static browser_request_t *request_at(guint index_and_1)
{
    return (browser_request_t *)rows_at(&capture.browser.requests, index_and_1 - 1);
}

/* "host:port". `scope` owns it. */
static char *text_of_endpoint(wmem_allocator_t *scope, const address *host, guint16 port)
{
    char *name = address_to_str(NULL, host);
    char *text = wmem_strdup_printf(scope, "%s:%u", name, port);
    wmem_free(NULL, name);
    return text;
}

static char *client_asking(wmem_allocator_t *scope, const address *client, guint16 port, const address *asked)
{
    char *from = text_of_endpoint(NULL, client, port);
    char *to = address_to_str(NULL, asked);
    char *key = wmem_strdup_printf(scope, "%s to %s", from, to);
    wmem_free(NULL, from);
    wmem_free(NULL, to);
    return key;
}

/* Whether it is for many hosts: broadcasts and multicasts, of IPv4 also to what looks like a network's last address. */
static bool is_for_all(const packet_info *pinfo)
{
    const guint8 *bytes = (const guint8 *)pinfo->dst.data;
    bool last = pinfo->dst.type == AT_IPv4 && pinfo->dst.len == 4 && (bytes[3] == 0xFF || bytes[0] >= 0xE0);
    return last || (pinfo->dst.type == AT_IPv6 && pinfo->dst.len == 16 && bytes[0] == 0xFF);
}

/* Whether a request asks what the client asked the same host not longer ago than this. */
static bool is_same_question(const browser_request_t *before, const browser_request_t *request, moment_t limit)
{
    moment_t apart = moment_since(before->at, request->at);
    return apart != MOMENT_NONE && apart < limit && before->type == request->type &&
           g_strcmp0(before->instance, request->instance) == 0;
}

/* What comes behind the answer asks again. */
static bool is_copy_of(const browser_request_t *before, const browser_request_t *request)
{
    bool open = before->answer_frame < before->frame && before->unreachable_frame == 0;
    return open && is_same_question(before, request, MOMENT_COPY);
}

/* The first answer to a request. It answers the same question that was asked just before, too. */
static void note_answered(browser_request_t *request, instant_t answer)
{
    while (request->answer_frame == 0) {
        request->answer_frame = answer.frame;
        request->answered = answer.at;
        request = request->asked_before != 0 ? request_at(request->asked_before) : request;
    }
}

/* Whether an answer stands not longer before its question than a client would wait for it. */
static bool may_be_early(const reply_t *reply, moment_t asked)
{
    moment_t apart = moment_since(reply->at, asked);
    return reply->spare && apart != MOMENT_NONE && apart <= diagnoses_limit(LIMIT_BROWSER_DUE);
}

/* With two clocks an answer may stand before its question: it waits for that. */
static bool claim_spare(guint index_and_1, char *key)
{
    browser_request_t *request = request_at(index_and_1);
    guint spare = latest_of(capture.browser.spare, key);
    reply_t *reply = spare == 0 ? NULL : (reply_t *)rows_at(&capture.browser.replies, spare - 1);
    if (reply == NULL || !may_be_early(reply, request->at)) {
        return false;
    }
    reply->spare = false;
    reply->request = index_and_1;
    note_answered(request, (instant_t){reply->frame, reply->at});
    return true;
}

/* Of the host that was asked, or else of any: many answer a broadcast, and a cluster from another address. */
static void claim_early_answer(const packet_info *pinfo, guint index_and_1)
{
    guint16 port = (guint16)pinfo->srcport;
    bool by_asked = claim_spare(index_and_1, client_asking(NULL, &pinfo->src, port, &pinfo->dst));
    if (by_asked || claim_spare(index_and_1, text_of_endpoint(NULL, &pinfo->src, port))) {
        browser_request_t *request = request_at(index_and_1);
        request->answered_by_asked = by_asked || request->asked == NULL;
        remember_latest(capture.browser.heard, address_to_str(wmem_file_scope(), &pinfo->src), index_and_1);
    }
}

/* Some drivers ask several hosts from one port. */
void browser_note_request(const packet_info *pinfo, guint8 type, span_t instance)
{
    ASSERT_FIRST_PASS(pinfo);
    guint16 port = (guint16)pinfo->srcport;
    browser_request_t request = {
        .frame = number_of(pinfo),
        .at = moment_of(pinfo),
        .type = type,
        .instance = keep_instance_name(instance),
        .asked = is_for_all(pinfo) ? NULL : address_to_str(wmem_file_scope(), &pinfo->dst),
    };
    guint latest = latest_of(capture.browser.request_of, client_asking(NULL, &pinfo->src, port, &pinfo->dst));
    if (latest != 0 && is_copy_of(request_at(latest), &request)) {
        return;
    }
    bool again = latest != 0 && is_same_question(request_at(latest), &request, diagnoses_limit(LIMIT_BROWSER_DUE));
    request.asked_before = again ? latest : 0;
    rows_add(&capture.browser.requests, &request, sizeof request);
    latest = capture.browser.requests.count;
    remember_latest(capture.browser.request_of, client_asking(wmem_file_scope(), &pinfo->src, port, &pinfo->dst),
                    latest);
    const char *any = text_of_endpoint(wmem_file_scope(), &pinfo->src, port);
    guint before = GPOINTER_TO_UINT(wmem_map_lookup(capture.browser.request_of, any));
    bool asks_all = before != 0 && request_at(before)->asked == NULL;
    if (!asks_all || request.asked == NULL) { /* whoever answers, that was asked */
        remember_latest(capture.browser.request_of, any, latest);
    }
    claim_early_answer(pinfo, latest);
}

const browser_request_t *browser_request_in(guint32 frame)
{
    return (const browser_request_t *)frames_at(&capture.browser.requests,
                                                frames_from(&capture.browser.requests, frame), frame);
}

/* The place of the client's latest request to that host, and 1; 0 = there is none. */
static guint request_to(const address *client, guint16 client_port, const address *asked)
{
    return latest_of(capture.browser.request_of, client_asking(NULL, client, client_port, asked));
}

/* This frame speaks of that request; 0 = of none that is known. Returns it, or NULL. */
static browser_request_t *note_reply(const packet_info *pinfo, guint index_and_1)
{
    reply_t reply = {.frame = number_of(pinfo), .request = index_and_1, .at = moment_of(pinfo)};
    rows_add(&capture.browser.replies, &reply, sizeof reply);
    if (index_and_1 == 0) {
        return NULL;
    }
    remember_latest(capture.browser.heard, address_to_str(wmem_file_scope(), &pinfo->dst), index_and_1);
    return request_at(index_and_1);
}

const browser_request_t *browser_request_of_reply(guint32 frame)
{
    const reply_t *reply =
        (const reply_t *)frames_at(&capture.browser.replies, frames_from(&capture.browser.replies, frame), frame);
    return reply == NULL || reply->request == 0 ? NULL : request_at(reply->request);
}

bool browser_is_from(const packet_info *pinfo, const browser_request_t *request)
{
    char *from = address_to_str(NULL, &pinfo->src);
    bool same = request->asked == NULL || strcmp(from, request->asked) == 0;
    wmem_free(NULL, from);
    return same;
}

/* Whether nobody asked for this answer yet: the question has another answer, of which it is no copy. */
static bool is_spare(const browser_request_t *request, moment_t now)
{
    if (request == NULL || request->asked == NULL || request->answer_frame == 0) {
        return request == NULL;
    }
    moment_t apart = moment_since(request->answered, now);
    return apart == MOMENT_NONE || apart >= MOMENT_COPY;
}

/* The answer in this frame waits for its question. */
static void keep_spare(const packet_info *pinfo)
{
    guint16 port = (guint16)pinfo->destport;
    wmem_allocator_t *file = wmem_file_scope();
    guint latest = capture.browser.replies.count;
    ((reply_t *)rows_last(&capture.browser.replies))->spare = true;
    remember_latest(capture.browser.spare, client_asking(file, &pinfo->dst, port, &pinfo->src), latest);
    remember_latest(capture.browser.spare, text_of_endpoint(file, &pinfo->dst, port), latest);
}

/* Many hosts answer a broadcast, and a cluster answers from another address than was asked. */
void browser_note_answer(const packet_info *pinfo)
{
    ASSERT_FIRST_PASS(pinfo);
    guint16 port = (guint16)pinfo->destport;
    guint to_host = request_to(&pinfo->dst, port, &pinfo->src);
    browser_request_t *request = note_reply(
        pinfo,
        to_host != 0 ? to_host : latest_of(capture.browser.request_of, text_of_endpoint(NULL, &pinfo->dst, port)));
    if (is_spare(request, moment_of(pinfo))) {
        keep_spare(pinfo);
    }
    if (request != NULL) {
        request->answered_by_asked = request->answered_by_asked || browser_is_from(pinfo, request);
        note_answered(request, (instant_t){number_of(pinfo), moment_of(pinfo)});
    }
}

/* The client's ICMP: it put the answer, which it quotes, not together. */
static void note_lacking(const packet_info *pinfo, const icmp_answer_t *icmp)
{
    guint quoted = request_to(&icmp->target, icmp->target_port, &icmp->source);
    browser_request_t *request = quoted == 0 ? NULL : request_at(quoted);
    if (request != NULL && unreachable_lacks_fragment(&icmp->what) && request->lacking_frame == 0) {
        request->lacking_frame = number_of(pinfo);
    }
}

void browser_note_fragment(const packet_info *pinfo, const fragment_t *fragment)
{
    ASSERT_FIRST_PASS(pinfo);
    guint asked = fragment->source_port == SSRP_PORT ? request_to(&pinfo->dst, fragment->target_port, &pinfo->src) : 0;
    if (asked != 0 && request_at(asked)->part_frame == 0) {
        request_at(asked)->part_frame = number_of(pinfo);
    }
}

void browser_note_unreachable(const packet_info *pinfo, const icmp_answer_t *icmp)
{
    ASSERT_FIRST_PASS(pinfo);
    note_lacking(pinfo, icmp);
    guint quoted = request_to(&icmp->source, icmp->source_port, &icmp->target);
    browser_request_t *request = quoted == 0 ? NULL : note_reply(pinfo, quoted);
    if (request != NULL && request->unreachable_frame == 0) {
        request->unreachable_frame = number_of(pinfo);
    }
}

static void note_port(const packet_info *pinfo, guint16 port, named_port_t named)
{
    ASSERT_FIRST_PASS(pinfo);
    if (port == 0) {
        return;
    }
    rows_add(&capture.browser.ports, &named, sizeof named);
    endpoint_map_add(capture.browser.port_of, &pinfo->src, port, GUINT_TO_POINTER(capture.browser.ports.count));
    links_learn_server(&pinfo->src, port);
}

void browser_note_port(const packet_info *pinfo, guint16 port, span_t instance)
{
    note_port(pinfo, port, (named_port_t){.frame = number_of(pinfo), .instance = keep_instance_name(instance)});
}

void browser_note_administrator(const packet_info *pinfo, guint16 port)
{
    note_port(pinfo, port, (named_port_t){.frame = number_of(pinfo), .administrator = true});
}

void browser_join_connection(track_t *track)
{
    if (track->server.host->type == AT_NONE) {
        return;
    }
    const endpoint_t server = endpoint_of(track->server.host, track->server.port);
    guint latest = GPOINTER_TO_UINT(wmem_map_lookup(capture.browser.port_of, &server));
    if (latest == 0) {
        return;
    }
    named_port_t *named = (named_port_t *)rows_at(&capture.browser.ports, latest - 1);
    if (named->connection == NULL || named->connection->dropped) {
        named->connection = track;
    }
    track->administrator = named->administrator;
    track_fact_string(track, FACT_INSTANCE, named->frame, named->instance);
}

#define TRACKS_LOOKED_AT 1024

heard_t browser_heard(const packet_info *pinfo, const browser_request_t *request)
{
    bool heard = latest_of(capture.browser.heard, address_to_str(NULL, &pinfo->src)) != 0;
    bool unheard = false;
    guint count = MIN(wmem_array_get_count(capture.frames.tracks), TRACKS_LOOKED_AT);
    for (guint i = 0; i < count; i++) {
        const track_t *track = *(track_t **)wmem_array_index(capture.frames.tracks, i);
        bool of_client = addresses_equal(track->client.host, &pinfo->src);
        bool of_host = addresses_equal(track->server.host, &pinfo->dst);
        bool lacks_server = of_client && track->server.frames == 0 && track_lacks_a_side(track);
        if (of_host && lacks_server) {
            return HEARD_ONE_SIDE;
        }
        heard = heard || ((of_client || of_host) && track->server.frames > 0);
        unheard = unheard || (lacks_server && request->asked == NULL);
    }
    if (heard) {
        return HEARD_BOTH;
    }
    return unheard ? HEARD_ONE_SIDE : HEARD_NOTHING;
}

const track_t *browser_connection_after(guint32 frame, guint index)
{
    guint first = frames_from(&capture.browser.ports, frame);
    const named_port_t *named;
    while ((named = (const named_port_t *)frames_at(&capture.browser.ports, first++, frame)) != NULL) {
        if (named->connection != NULL && !named->connection->dropped && index-- == 0) {
            return named->connection;
        }
    }
    return NULL;
}
