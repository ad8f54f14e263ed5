/* judge.c - asks the rules about each message of a connection, and raises what they find.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "judge/judge.h"

#include <stdio.h>

#include "core/ends.h"
#include "core/errors.h"
#include "judge/case.h"
#include "memory/facts.h"
#include "memory/links.h"

/* A client that closes on a request gives it up, as with an ATTENTION. */
static void note_abandoned(case_t *c, const track_t *track)
{
    bool closes = c->seen == MESSAGE_FIN || c->seen == MESSAGE_RST;
    if (closes && c->sender == SENDER_CLIENT && awaited_is_response(c->turn.debt.awaited)) {
        c->like_frame = links_note_cancel(track, c->frame, c->waited);
    }
}

static bool is_end_by_server(diagnosis_t rule)
{
    return rule == DIAGNOSIS_RESET_BY_SERVER || rule == DIAGNOSIS_SERVER_CLOSED_FIRST;
}

/* One finding for all, in place of those that each connection has of its own. */
static void report_once(track_t *track, diagnosis_t as, const char *text)
{
    diagnosis_t own =
        diagnosed(track, DIAGNOSIS_RESET_BY_SERVER) ? DIAGNOSIS_RESET_BY_SERVER : DIAGNOSIS_SERVER_CLOSED_FIRST;
    diagnosis_replace(track, diagnosed(track, as) ? as : own, as, text);
    diagnosis_withdraw(track, DIAGNOSIS_KILLED);
}

static void refer_to_first(track_t *track, const together_t *group, guint32 request)
{
    char text[RULE_TEXT], waiting[64] = "";
    if (request != 0) {
        (void)snprintf(waiting, sizeof waiting, ", on the request in frame %u", request);
    }
    (void)snprintf(text, sizeof text,
                   "the server's side ends this connection%s, together with connection %u: see frame %u", waiting,
                   group->members[0].track->number, group->members[0].frame);
    report_once(track, DIAGNOSIS_ENDED_TOGETHER_TOO, text);
}

#define CAUSE_TEXT 160 /* bytes: why connections end together */

/* Behind the end of several connections: what the server's last word on the first says, else what may be. */
static const char *cause_of_group(const together_t *group, char words[CAUSE_TEXT])
{
    const track_t *first = group->members[0].track;
    guint32 frame = first->seldom->ending_frame;
    if (frame == 0 || frame != first->server.tcp->last_words) {
        return "a failover, a restart, or something between that went down";
    }
    (void)snprintf(words, CAUSE_TEXT, "%s, says its message %u in frame %u", error_of_ending(first->seldom->ending),
                   first->seldom->ending, frame);
    return words;
}

static void report_group(const together_t *group)
{
    char text[RULE_TEXT], cause[CAUSE_TEXT], waiting[64] = "";
    if (group->requests > 0) {
        (void)snprintf(waiting, sizeof waiting, ", %u of them on a request", group->requests);
    }
    (void)snprintf(text, sizeof text, "the server's side ends %u connections within %s s, from frame %u to %u%s: %s",
                   group->count, seconds(moment_between(group->first.at, group->last.at)).text, group->first.frame,
                   group->last.frame, waiting, cause_of_group(group, cause));
    report_once(group->members[0].track, DIAGNOSIS_ENDED_TOGETHER, text);
}

/* Several connections of a server that end at once are said once: the first counts them. */
static void judge_end_by_server(track_t *track, const frame_t *frame, guint32 request)
{
    const together_t *group = links_note_end(track, frame, request);
    if (group->count < TOGETHER_LEAST) {
        return;
    }
    report_group(group);
    for (guint i = 1; group->count == TOGETHER_LEAST && i < TOGETHER_LEAST - 1; i++) {
        refer_to_first(group->members[i].track, group, group->members[i].request);
    }
    refer_to_first(track, group, request);
}

static bool rule_blames_kdc(diagnosis_t rule)
{
    return rule == DIAGNOSIS_SPN_UNKNOWN || rule == DIAGNOSIS_SPN_DUPLICATE || rule == DIAGNOSIS_KERBEROS_ERROR;
}

static void note_finding(track_t *track, diagnosis_t rule, const case_t *c, const char *text)
{
    diagnose(track, c->frame, rule, "%s", text);
    if (rule_blames_kdc(rule)) {
        track_fact_number(track, FACT_KERBEROS_ERROR, c->frame, c->kdc_error);
    }
}

void judge_message(track_t *track, const frame_t *frame, message_t seen, const connection_t *before)
{
    char text[RULE_TEXT];
    case_t c;
    case_at_message(&c, track, frame, seen, before);
    note_abandoned(&c, track);
    bool ended = false;
    for (const uint8_t *asked = rules_asked(&c); *asked < DIAGNOSIS_COUNT; asked++) {
        diagnosis_t rule = (diagnosis_t)*asked;
        if (case_raises(&c, track, rule, text)) {
            note_finding(track, rule, &c, text);
            ended = ended || is_end_by_server(rule);
            c.explained = c.explained || diagnosis_severity(rule) == SEVERITY_ERROR;
        }
    }
    if (ended) {
        judge_end_by_server(track, frame, turn_request(&c.turn));
    }
}
