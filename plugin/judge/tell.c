/* tell.c - which findings are told of a frame and of a connection, and what is known of them by then.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "judge/tell.h"

#include <stdio.h>
#include <string.h>

#include "core/ends.h"
#include "core/errors.h"
#include "judge/case.h"
#include "judge/late.h"
#include "memory/links.h"
#include "memory/resolver.h"
#include "memory/sessions.h"
#include "memory/times.h"
#include "memory/turns.h"
#include "memory/watch.h"
#include "show/expert.h"

/* Whether later frames disproved a finding: at first it is not known whether missing bytes arrived. */
static bool is_disproved(const track_t *track, diagnosis_t rule)
{
    return (rule == DIAGNOSIS_CAPTURE_GAP && watch_gap_is_loss(track)) || late_disproves(track, rule);
}

/* What the client did behind the server's close tells why its application got an error. */
static void use_words(const track_t *track, char words[RULE_TEXT])
{
    instant_t use = track->seldom->use_of_closed;
    moment_t after = track_since(track, track->seldom->closed, use);
    if (after != MOMENT_NONE && after >= diagnoses_limit(LIMIT_SLOW_STEP)) {
        (void)snprintf(words, RULE_TEXT,
                       "; the client, or its pool, did not heed that: it sends on in frame %u, %s s later", use.frame,
                       seconds(after).text);
    }
}

/* How long the client did nothing about the server's close, which its host acknowledged; MOMENT_NONE if it closed, or
 * that is not known. */
static moment_t left_open_for(const track_t *track)
{
    instant_t closed = track->seldom->closed;
    if (!turns_closed_for_client(track) || track->connection.client.fin || tcp_side_lacks_end(track->client.tcp) ||
        track->namesakes->after.frame != 0) {
        return MOMENT_NONE;
    }
    if (!track->connection.reset) {
        return diagnoses_silence(closed);
    }
    const annotation_t *last = track_annotation(track, track->last_frame);
    bool by_server = last != NULL && last->sender == SENDER_SERVER;
    return by_server ? track_since(track, closed, track_instant(track, track->last_frame)) : MOMENT_NONE;
}

/* The socket of a pool or an application that does not look at it stays in CLOSE_WAIT. */
static void left_open_words(const track_t *track, char words[RULE_TEXT])
{
    moment_t time = left_open_for(track);
    if (time != MOMENT_NONE && time >= diagnoses_limit(LIMIT_IDLE)) {
        (void)snprintf(words, RULE_TEXT, "; the client, or its pool, did not heed that: it has not closed %s s later",
                       seconds(time).text);
    }
}

static void close_words(const track_t *track, char words[RULE_TEXT])
{
    if (track->seldom->use_of_closed.frame != 0) {
        use_words(track, words);
    } else {
        left_open_words(track, words);
    }
}

/* A client that tries the addresses of a name one after the other may find the next one open. */
static void elsewhere_words(const track_t *track, char words[RULE_TEXT])
{
    guint32 frame;
    moment_t after;
    const track_t *other = links_accepted_elsewhere(track, &after);
    const char *name = other == NULL ? NULL : resolver_name_of(track, &frame);
    if (other != NULL) {
        (void)snprintf(words, RULE_TEXT, "; the client %sgot through to another address of %s%s, in connection %u",
                       other->client.host->type != track->client.host->type ? "probably " : "",
                       brief(name != NULL ? name : "localhost").text, lasting(" ", after, " later").text,
                       other->number);
    }
}

#define NO_RESTART SECONDS(1) /* no service starts so quickly: its accept queue was full */

/* A service that starts again, and a client that tries again. */
static void later_words(const track_t *track, char words[RULE_TEXT])
{
    moment_t after;
    const track_t *later = links_accepted_later(track, &after);
    if (later != NULL && after > NO_RESTART) {
        (void)snprintf(words, RULE_TEXT, "; the same port accepted this client%s, in connection %u",
                       lasting(" ", after, " later").text, later->number);
    }
}

static void refused_words(const track_t *track, char words[RULE_TEXT])
{
    elsewhere_words(track, words);
    if (words[0] == '\0') {
        later_words(track, words);
    }
}

static bool is_transient(const track_t *track, guint32 frame)
{
    const rows_t *errors = &track->seldom->errors;
    for (guint32 i = frames_from(errors, frame); frames_at(errors, i, frame) != NULL; i++) {
        if (error_is_transient(((const error_record_t *)rows_at(errors, i))->number)) {
            return true;
        }
    }
    return false;
}

/* Drivers and applications try again on what passes. */
static void again_words(const track_t *track, guint32 frame, char words[RULE_TEXT])
{
    moment_t after;
    const track_t *later = is_transient(track, frame) ? links_logged_in_later(track, &after) : NULL;
    if (later != NULL) {
        (void)snprintf(words, RULE_TEXT, "; the same client logged in%s, in connection %u",
                       lasting(" ", after, " later").text, later->number);
    }
}

/* A finding's text, cut so that what is said behind it is seen: Wireshark cuts longer sentences. Returns `own`. */
static const char *beside_words(const char *text, const char *words, char own[RULE_TEXT])
{
    const size_t least = 100; /* of the finding itself */
    size_t length = strlen(words);
    (void)characters_show(own, MAX(least, SENTENCE_LIMIT - MIN(length, SENTENCE_LIMIT)), text);
    return own;
}

/* What came behind a finding may tell more of it. At once it could not be known. */
static const char *with_hindsight(const track_t *track, const finding_t *finding, char text[RULE_TEXT])
{
    char words[RULE_TEXT] = "", own[RULE_TEXT];
    if (finding->rule == DIAGNOSIS_SERVER_CLOSED_FIRST || finding->rule == DIAGNOSIS_SERVER_CLOSED_LOGIN) {
        close_words(track, words);
    } else if (finding->rule == DIAGNOSIS_CONNECTION_REFUSED) {
        refused_words(track, words);
    } else {
        late_words(track, finding, words);
    }
    if (finding->rule == DIAGNOSIS_LOGIN_REFUSED && words[0] == '\0') {
        again_words(track, finding->frame, words);
    }
    if (words[0] == '\0') {
        return finding->text;
    }
    (void)say(text, "%s%s", beside_words(finding->text, words, own), words);
    return text;
}

static void report_unless_off(const track_t *track, const finding_t *finding, finding_callback_t callback, void *data)
{
    if (!diagnosis_is_off(finding->rule) && !is_disproved(track, finding->rule)) {
        char text[RULE_TEXT];
        const finding_t told = {finding->frame, finding->rule, with_hindsight(track, finding, text)};
        callback(&told, data);
    }
}

typedef struct {
    const track_t *track;
    finding_callback_t callback;
    void *data;
} callback_t;

static void report_to(const finding_t *finding, void *data)
{
    const callback_t *target = (const callback_t *)data;
    report_unless_off(target->track, finding, target->callback, target->data);
}

/* Reports the findings that only the end of the connection shows. They are not kept, but found again each time. */
static void report_end(const track_t *track, finding_callback_t callback, void *data)
{
    char text[RULE_TEXT];
    case_t c;
    case_at_end(&c, track);
    for (const uint8_t *asked = rules_asked(&c); *asked < DIAGNOSIS_COUNT; asked++) {
        const finding_t finding = {c.frame, (diagnosis_t)*asked, text};
        if (case_raises(&c, track, finding.rule, text)) {
            report_unless_off(track, &finding, callback, data);
        }
    }
    if (track->connection.close == CLOSE_OPEN) {
        callback_t target = {track, callback, data};
        sessions_waiting(track, track_instant(track, track->last_frame), c.silence, report_to, &target);
    }
}

void judge_findings_all(const track_t *track, finding_callback_t callback, void *data)
{
    guint count = track->findings.count;
    for (guint i = 0; i < count; i++) {
        report_unless_off(track, (const finding_t *)rows_at(&track->findings, i), callback, data);
    }
    report_end(track, callback, data);
}

static bool is_end_shown(const track_t *track, const packet_info *pinfo)
{
    return track_is_last(track, pinfo);
}

static bool is_found_late(const track_t *track, const packet_info *pinfo)
{
    return !PINFO_FD_VISITED(pinfo) && track->seldom->found_late != NULL &&
           wmem_list_count(track->seldom->found_late) > 0;
}

/* Most frames are behind the latest finding, if there is any. */
static bool is_found_in(const track_t *track, guint32 frame)
{
    const finding_t *latest = (const finding_t *)rows_last(&track->findings);
    return latest != NULL && latest->frame >= frame &&
           frames_at(&track->findings, frames_from(&track->findings, frame), frame) != NULL;
}

bool judge_may_find(const track_t *track, guint32 frame, const packet_info *pinfo)
{
    return is_found_in(track, frame) || is_end_shown(track, pinfo) || is_found_late(track, pinfo);
}

static void report_findings_of(const track_t *track, guint32 frame, finding_callback_t callback, void *data)
{
    guint i = frames_from(&track->findings, frame);
    const finding_t *finding;
    while ((finding = (const finding_t *)frames_at(&track->findings, i++, frame)) != NULL) {
        report_unless_off(track, finding, callback, data);
    }
}

/* Reports the findings of a frame; on the first pass also of earlier frames that were processed with it. */
static void report_frame(const track_t *track, const packet_info *pinfo, finding_callback_t callback, void *data)
{
    wmem_list_frame_t *late = is_found_late(track, pinfo) ? wmem_list_head(track->seldom->found_late) : NULL;
    for (; late != NULL; late = wmem_list_frame_next(late)) {
        report_findings_of(track, GPOINTER_TO_UINT(wmem_list_frame_data(late)), callback, data);
    }
    report_findings_of(track, number_of(pinfo), callback, data);
    if (is_end_shown(track, pinfo)) {
        report_end(track, callback, data);
    }
}

/* Who looks at the findings of a frame: `item` is where they are shown. */
typedef struct {
    packet_info *pinfo;
    proto_item *item; /* NULL without a tree: expert information counts all the same */
    gravest_t gravest;
} visit_t;

bool judge_is_bare_end(diagnosis_t rule)
{
    return rule == DIAGNOSIS_SERVER_CLOSED_FIRST || rule == DIAGNOSIS_SERVER_CLOSED_LOGIN ||
           rule == DIAGNOSIS_RESET_BY_CLIENT || rule == DIAGNOSIS_RESET_BY_CLIENT_LOGIN ||
           rule == DIAGNOSIS_RESET_BY_SERVER || rule == DIAGNOSIS_RESET_BY_SERVER_LOGIN;
}

static bool is_graver(diagnosis_t rule, const gravest_t *than)
{
    severity_t severity = diagnosis_severity(rule);
    bool explains = severity == than->severity && judge_is_bare_end(than->rule) && !judge_is_bare_end(rule);
    return severity > than->severity || explains;
}

static void keep_gravest(const finding_t *finding, void *data)
{
    visit_t *visitor = (visit_t *)data;
    if (is_graver(finding->rule, &visitor->gravest)) {
        visitor->gravest = (gravest_t){diagnosis_severity(finding->rule), finding->rule,
                                       wmem_strdup(visitor->pinfo->pool, finding->text)};
    }
}

static void show_finding(const finding_t *finding, void *data)
{
    const visit_t *visitor = (const visit_t *)data;
    finding_show(visitor->item, visitor->pinfo, finding->rule, finding->text);
    keep_gravest(finding, data);
}

gravest_t judge_gravest(const track_t *track, packet_info *pinfo)
{
    visit_t visitor = {.pinfo = pinfo};
    report_frame(track, pinfo, keep_gravest, &visitor);
    return visitor.gravest;
}

gravest_t judge_show(proto_item *item, packet_info *pinfo, const track_t *track)
{
    visit_t visitor = {.pinfo = pinfo, .item = item};
    report_frame(track, pinfo, show_finding, &visitor);
    return visitor.gravest;
}
