/* late.c - what the server's answer tells that came when the client had closed.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A FIN ends what its sender sends, not what it reads (RFC 9293 3.6). Whether the client got the answer is shown by its
 * host: it acknowledges the answer, or it has no socket any more and sends RST. Else bytes do not tell.
 */
#include "judge/late.h"

#include <stdio.h>

#include "core/ends.h"
#include "memory/times.h"
#include "memory/turns.h"

/* What is found where the client closes on something that the server owes. */
static bool is_of_wait(diagnosis_t rule)
{
    return rule == DIAGNOSIS_PRELOGIN_UNANSWERED || rule == DIAGNOSIS_LOGIN_UNANSWERED ||
           rule == DIAGNOSIS_NO_LOGIN_SENT || rule == DIAGNOSIS_REQUEST_ABANDONED ||
           rule == DIAGNOSIS_ATTENTION_UNACKNOWLEDGED;
}

static bool is_login_refused(const track_t *track)
{
    return track->seldom->late.message == MESSAGE_LOGIN_ERROR && track->connection.state == STATE_LOGIN_FAILED;
}

bool late_disproves(const track_t *track, diagnosis_t rule)
{
    if (track->seldom->late.said.frame == 0 || !is_of_wait(rule)) {
        return false;
    }
    bool login = rule != DIAGNOSIS_ATTENTION_UNACKNOWLEDGED && rule != DIAGNOSIS_REQUEST_ABANDONED;
    return login ? is_login_refused(track) : turns_taken_all_the_same(track);
}

/* Behind the article, what came late. */
static const char *late_name(const track_t *track)
{
    switch ((message_t)track->seldom->late.message) {
    case MESSAGE_ATTENTION_ACK:
        return "the acknowledgement";
    case MESSAGE_LOGINACK:
        return "LOGINACK";
    case MESSAGE_LOGIN_ERROR:
        return "a refusal";
    case MESSAGE_ENCRYPTED:
        return "something that TLS hides";
    default:
        return "an answer";
    }
}

/* What came behind the client's close. */
static void words_of_answer(const track_t *track, const wait_t *wait, char words[RULE_TEXT])
{
    const late_t *late = &track->seldom->late;
    moment_t after = track_since(track, track_instant(track, wait->frame), late->said);
    (void)snprintf(words, RULE_TEXT, "; %s came%s, in frame %u", late_name(track), lasting(" ", after, " later").text,
                   late->said.frame);
}

/* "the client had closed in frame 12, 15.000 s after frame 10". */
static void words_of_close(const track_t *track, const wait_t *wait, char words[RULE_TEXT])
{
    const char *how = track->connection.closed_first == SENDER_CLIENT ? "closed" : "reset the connection";
    char after[RULE_TEXT] = "";
    if (wait->time != MOMENT_NONE) {
        (void)snprintf(after, sizeof after, ", %s s after frame %u", seconds(wait->time).text, wait->opened);
    }
    if (track->seldom->late.crossed) {
        (void)snprintf(words, RULE_TEXT, "it crossed the client's FIN in frame %u%s", wait->frame, after);
    } else {
        (void)snprintf(words, RULE_TEXT, "the client had %s in frame %u%s", how, wait->frame, after);
    }
}

/* When the client had closed before a refusal, and whether it got it. */
static void words_of_refusal(const track_t *track, const wait_t *wait, char words[RULE_TEXT])
{
    char close[RULE_TEXT];
    bool reset = track->connection.closed_first != SENDER_CLIENT || track->seldom->late.reset != 0;
    words_of_close(track, wait, close);
    if (turns_took_late(track)) {
        (void)say(words, "; %s, but its host acknowledged this", close);
    } else if (reset) {
        (void)say(words, "; too late: %s", close);
    } else {
        (void)say(words, "; %s: it may not have read this", close);
    }
}

void late_words(const track_t *track, const finding_t *finding, char words[RULE_TEXT])
{
    wait_t wait;
    guint32 said = track->seldom->late.said.frame;
    if (said == 0 || !turns_wait_at_end(track, &wait)) {
        return;
    }
    if (is_of_wait(finding->rule) && finding->frame == wait.frame) {
        words_of_answer(track, &wait, words);
    } else if (finding->rule == DIAGNOSIS_LOGIN_REFUSED && finding->frame == said) {
        words_of_refusal(track, &wait, words);
    } else if (finding->rule == DIAGNOSIS_LATE_CONFIRMATION && finding->frame == said && turns_took_late(track)) {
        (void)say(words, "; its host acknowledged this all the same");
    }
}
