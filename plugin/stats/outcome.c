/* outcome.c - the outcome of a connection, the same for all statistics.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "stats/outcome.h"

#include <stdio.h>

#include "core/ends.h"
#include "judge/tell.h"
#include "memory/links.h"
#include "memory/turns.h"
#include "memory/watch.h"

/* Why the connection ended tells more than who ended it: 1 if the finding says why where the other says who, -1 if it
 * is the other way round, else 0. */
static int explains(const finding_t *finding, const worst_t *other)
{
    bool same = other->any && other->frame == finding->frame;
    return same ? judge_is_bare_end(other->rule) - judge_is_bare_end(finding->rule) : 0;
}

/* The first error led to the others; of warnings the latest is nearest to the end. */
static bool is_worse(const finding_t *finding, const worst_t *than)
{
    severity_t severity = diagnosis_severity(finding->rule);
    severity_t before = than->any ? diagnosis_severity(than->rule) : SEVERITY_LEAST;
    int why = explains(finding, than);
    return severity > before || (severity == before && (why > 0 || (severity < SEVERITY_ERROR && why == 0)));
}

/* What the server says behind the client's close is not why that closed. A refusal decides the login all the same. */
static bool is_behind_close(const track_t *track, guint32 frame)
{
    wait_t wait;
    bool gone = track->connection.closed_first == SENDER_CLIENT && turns_wait_at_end(track, &wait);
    return gone && track->connection.state != STATE_LOGIN_FAILED && frame > wait.frame;
}

static bool is_error_of_server(diagnosis_t rule)
{
    return rule == DIAGNOSIS_SQL_ERROR || rule == DIAGNOSIS_SQL_ERROR_FATAL;
}

typedef struct {
    const track_t *track;
    worst_t worst;
} worse_t;

static void keep_worse(const finding_t *finding, void *data)
{
    const track_t *track = ((worse_t *)data)->track;
    worst_t *worst = &((worse_t *)data)->worst;
    bool late = is_error_of_server(finding->rule) && is_behind_close(track, finding->frame);
    if (late || !is_worse(finding, worst)) {
        return;
    }
    worst->any = true;
    worst->rule = finding->rule;
    worst->frame = finding->frame;
    g_strlcpy(worst->text, finding->text, sizeof worst->text);
}

/* Whether the owed message may be missing in the capture. */
static bool may_have_been_paid(const track_t *track, const wait_t *wait)
{
    const tcp_trouble_t *trouble = track_side_of(track, wait->debt.owes)->tcp->trouble;
    return trouble->cut > wait->opened || (trouble->gap > wait->opened && !watch_gap_is_loss(track));
}

/* The wait when the connection ended, or at the end of the capture. False if nobody owed anything, or if the message
 * may be missing in the capture. */
static bool last_wait(const track_t *track, wait_t *wait)
{
    if (track_lacks_a_side(track)) {
        return false;
    }
    return turns_last_wait(track, diagnoses_silence_of(track), wait) && !may_have_been_paid(track, wait);
}

/* Without a finding, the message that was owed at the end is the reason. */
static void set_debt(const track_t *track, worst_t *worst)
{
    wait_t wait;
    if (last_wait(track, &wait) && awaited_text(wait.debt.awaited) != NULL) {
        snprintf(worst->text, sizeof worst->text, "the %s owed %s%s", side_name(wait.debt.owes),
                 awaited_text(wait.debt.awaited), lasting(" for ", wait.time, "").text);
    }
}

worst_t outcome_worst(const track_t *track)
{
    worse_t found = {.track = track};
    judge_findings_all(track, keep_worse, &found);
    if (!found.worst.any) {
        set_debt(track, &found.worst);
    }
    return found.worst;
}

bool outcome_is_reset(const track_t *track)
{
    close_t how = track->connection.close;
    return how == CLOSE_CLIENT_RESET || how == CLOSE_SERVER_RESET || how == CLOSE_DEVICE_RESET;
}

/* Whether the connection ended otherwise than by the client's FIN. */
static bool is_cut(const track_t *track)
{
    return outcome_is_reset(track) || track->connection.close == CLOSE_SERVER_FIRST;
}

static bool has_error(const worst_t *worst)
{
    return worst->any && diagnosis_severity(worst->rule) == SEVERITY_ERROR;
}

/* A SYN that nobody answered, and that is not one of the capture's last second: a sender repeats it after a second
 * (RFC 6298 2). Another attempt of the same client that was answered makes it none. */
static bool is_syn_unanswered(const track_t *track)
{
    wait_t wait;
    return track->connection.position == POSITION_SYN_SENT && track->connection.close == CLOSE_OPEN &&
           track->server.frames == 0 && last_wait(track, &wait) && wait.time >= SECONDS(1) &&
           !links_is_overtaken(track);
}

/* Whether the end left something owed, as far as the capture shows. */
static bool is_left_waiting(const track_t *track)
{
    wait_t wait;
    return track->login->last_wait != 0 && last_wait(track, &wait);
}

static const char *failure_after_login(const track_t *track, bool broken)
{
    const char *given_up = is_left_waiting(track) ? "Given up" : NULL;
    return broken ? "Broken" : given_up;
}

const char *outcome_failure(const track_t *track, const worst_t *worst)
{
    bool error = has_error(worst);
    bool cut = is_cut(track);
    switch (track->connection.state) {
    case STATE_LOGIN_FAILED:
        return "Login failed";
    case STATE_LOGIN_UNFINISHED:
        return "Login unfinished";
    case STATE_CONNECTING:
        return error || cut || is_syn_unanswered(track) ? "Not connected" : NULL;
    case STATE_LOGGING_IN: /* if the connection has ended, encrypted messages may have ended the login before */
        if (error && track->connection.close == CLOSE_OPEN) {
            return "Login unfinished";
        }
        return error || cut || track->login->last_wait != 0 ? "Outcome unknown" : NULL;
    case STATE_PROBE:
    case STATE_REDIRECTED: /* its end is expected, in whatever way */
        return error ? "Broken" : NULL;
    default:
        return failure_after_login(track, error || cut);
    }
}

const char *outcome_ended_by(const track_t *track)
{
    static const char *const who[] = {
        [CLOSE_NORMAL] = "client",
        [CLOSE_SERVER_FIRST] = "server",
        [CLOSE_CLIENT_RESET] = "client",
        [CLOSE_SERVER_RESET] = "server",
        [CLOSE_RESET_AFTER_CLOSE] = "client",
        [CLOSE_DEVICE_RESET] = "device",
        [CLOSE_OPEN] = NULL,
    };
    return who[track->connection.close];
}

/* Whether the server ended the connection after this error, and no further request came between. */
static bool ends_it(const track_t *track, const error_record_t *last)
{
    const exchange_t *latest = track_exchange(track, track->login->exchanges.count);
    bool by_server = is_cut(track) && track->connection.close != CLOSE_CLIENT_RESET;
    return by_server && (latest == NULL || latest->request_frame <= last->frame);
}

const error_record_t *outcome_error(const track_t *track)
{
    guint count = track->seldom->errors.count;
    for (guint i = 0; i < count; i++) {
        const error_record_t *error = (const error_record_t *)rows_at(&track->seldom->errors, i);
        if (track->connection.state == STATE_LOGIN_FAILED ||
            (error->class_ >= CLASS_OF_FATAL_ERRORS && !is_behind_close(track, error->frame))) {
            return error;
        }
    }
    const error_record_t *last = count == 0 ? NULL : (const error_record_t *)rows_at(&track->seldom->errors, count - 1);
    return last != NULL && ends_it(track, last) ? last : NULL;
}

/* Nobody's turn is open while the client is in the middle of its message. */
static bool owes_rest(const worst_t *worst, wait_t *wait)
{
    bool rest = worst->any && worst->rule == DIAGNOSIS_CLIENT_SILENT_LATER;
    if (rest) {
        *wait = (wait_t){.debt.owes = SENDER_CLIENT, .time = MOMENT_NONE, .request_spread = MOMENT_NONE};
    }
    return rest;
}

static guint32 frame_to_see(const track_t *track, const failure_t *failure)
{
    if (failure->error != NULL) {
        return failure->error->frame;
    }
    return failure->worst.any ? failure->worst.frame : track->last_frame;
}

bool outcome_failed(const track_t *track, failure_t *failure)
{
    *failure = (failure_t){.worst = outcome_worst(track), .error = outcome_error(track)};
    failure->what = outcome_failure(track, &failure->worst);
    if (failure->what == NULL) {
        return false;
    }
    const char *message = failure->error == NULL ? NULL : failure->error->message;
    failure->frame = frame_to_see(track, failure);
    failure->diagnosis = failure->worst.any ? diagnosis_name(failure->worst.rule) : NULL;
    failure->text = message != NULL ? message : failure->worst.text;
    failure->waited = last_wait(track, &failure->wait) || owes_rest(&failure->worst, &failure->wait);
    failure->network = moment_sum(failure->wait.request_spread, failure->wait.way_back);
    return true;
}

step_t outcome_step(const track_t *track)
{
    step_t furthest = STEP_UNKNOWN;
    for (guint32 i = 0; i < track->annotations.count; i++) {
        step_t step = track_step(track, track_annotation_at(track, i));
        furthest = step < STEP_CLOSE ? MAX(step, furthest) : furthest;
    }
    return furthest;
}

gint64 outcome_requests(const track_t *track)
{
    gint64 count = 0;
    for (guint32 i = 1; i <= track->login->exchanges.count; i++) {
        count += track_exchange(track, i)->command != MESSAGE_NONE;
    }
    return !track_is_readable(track) && count == 0 ? -1 : count;
}

gint64 outcome_segments(const track_t *track, message_t message)
{
    gint64 count = 0;
    for (guint32 i = 0; i < track->annotations.count; i++) {
        const annotation_t *annotation = track_annotation_at(track, i);
        for (guint32 entry = 0; entry < annotation->entry_count; entry++) {
            count += track_entry_of(track, annotation, entry)->message == message;
        }
    }
    return track->seldom->pipe != NULL ? -1 : count;
}
