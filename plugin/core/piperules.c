/* piperules.c - the rules about named pipes.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "piperules.h"

#include "ends.h"
#include "smb2.h"

#define NOBODY_LISTENS                                                                                                 \
    "nobody listens there: the protocol Named Pipes is disabled, the instance is stopped, or its pipe has another "    \
    "name"
#define ALL_IN_USE    "all instances of the pipe are in use"
#define SERVER_CLOSED "the server closed its end"

/* What a status means for a pipe (MS-ERREF 2.3.1). */
static const named_t meanings[] = {
    {0xC0000022, "the user of the SMB session may not open it"},
    {0xC0000034, NOBODY_LISTENS},
    {0xC000003A, NOBODY_LISTENS},
    {0xC00000AB, ALL_IN_USE},
    {0xC00000AC, ALL_IN_USE},
    {0xC00000AE, ALL_IN_USE},
    {0xC00000B0, SERVER_CLOSED},
    {0xC00000B1, SERVER_CLOSED},
    {0xC000014B, SERVER_CLOSED},
    {0xC00000C9, "the share of the pipes was disconnected"},
    {0xC0000203, "the SMB session ended"},
    {0xC000035C, "the SMB session expired"},
    {0, NULL},
};

/* "the user of the SMB session may not open it: STATUS_ACCESS_DENIED"; of one without a name its number. The cause
 * comes first: a column has no room for more. */
static const char *status_words(uint32_t status, char words[RULE_TEXT])
{
    const char *name = ntstatus_name(status);
    const char *meaning = name_in(meanings, status);
    if (name == NULL) {
        (void)snprintf(words, RULE_TEXT, "status 0x%08x", (unsigned)status);
    } else {
        (void)snprintf(words, RULE_TEXT, "%s%s%s", meaning == NULL ? "" : meaning, meaning == NULL ? "" : ": ", name);
    }
    return words;
}

bool when_pipe_refused(const case_t *c, char *text)
{
    char words[RULE_TEXT];
    return c->seen == MESSAGE_PIPE_REFUSED &&
           say(text, "%s in answer to the pipe's CREATE%s", status_words(c->pipe_status, words),
               lasting(" after ", c->waited, "").text);
}

bool when_pipe_unanswered(const case_t *c, char *text)
{
    bool ends = ends_wait(c);
    if (!(ends || falls_silent(c)) || c->turn.debt.owes != SENDER_SERVER ||
        c->turn.debt.awaited != POSITION_PIPE_ASKED || c->gap) {
        return false;
    }
    return ends ? say(text, "no answer to the pipe's CREATE in frame %u: %s by %s%s", c->turn.frame, closing_word(c),
                      closer_name(c), lasting(" after ", c->waited, "").text)
                : say(text, "no answer to the pipe's CREATE in frame %u until the end of the capture, %s s later",
                      c->turn.frame, seconds(c->waited).text);
}

/* "on its response to the SQL batch, frame 22": what was owed when the pipe broke. */
static const char *owed_words(const case_t *c, char words[RULE_TEXT])
{
    const char *what = turn_is_open(&c->turn) && !c->answer_missing ? awaited_text(c->turn.debt.awaited) : NULL;
    words[0] = '\0';
    if (what != NULL) {
        (void)snprintf(words, RULE_TEXT, ", while the %s owed %s since frame %u", side_name(c->turn.debt.owes), what,
                       c->turn.frame);
    }
    return words;
}

/* Behind a refused login and behind a redirection a server closes. */
bool when_pipe_broken(const case_t *c, char *text)
{
    char owed[RULE_TEXT];
    char status[RULE_TEXT];
    bool expected = c->before.state == STATE_LOGIN_FAILED || c->before.state == STATE_REDIRECTED;
    return is_first_fin(c) && c->sender == SENDER_SERVER && c->pipe_status != 0 && !expected &&
           say(text, "%s%s", status_words(c->pipe_status, status), owed_words(c, owed));
}
