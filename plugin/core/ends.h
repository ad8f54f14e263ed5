/* ends.h - what the rules ask of a case again and again: how a connection ends, where it stood, and how it is worded.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * For the files of rules only.
 */
#ifndef TDSCONN_ENDS_H
#define TDSCONN_ENDS_H

#include "characters.h"
#include "rules.h"

#include <stdarg.h>
#include <stdio.h>

/* Writes a finding as it may be printed, RULE_TEXT bytes at most. Always true, so that a predicate can end with it. */
#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
static inline bool
say(char *text, const char *format, ...)
{
    char said[RULE_TEXT + SHOWN_LONGEST]; /* where it is too long, its end is cut off anyway */
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(said, sizeof said, format, arguments);
    va_end(arguments);
    (void)characters_show(text, RULE_TEXT, said);
    return true;
}

/* Lives as long as the expression that asks for it. */
typedef struct {
    char text[128];
} clause_t;

/* A part of a sentence, "BEFORE 0.048 s BEHIND"; nothing where the duration is not known. */
static inline clause_t lasting(const char *before, moment_t duration, const char *behind)
{
    clause_t clause = {""};
    if (duration != MOMENT_NONE) {
        (void)snprintf(clause.text, sizeof clause.text, "%s%s s%s", before, seconds(duration).text, behind);
    }
    return clause;
}

/* "; connection 0 sent the client here": who named this address to the client, another server or SQL Browser; nothing
 * where nobody did. */
static inline clause_t sent_here_by(const case_t *c)
{
    clause_t clause = {""};
    const char *probably = "probably sent the client here (Azure's redirect, hidden by TLS)";
    if (c->redirecting > 1) {
        (void)snprintf(clause.text, sizeof clause.text, "; one of %u connections %s", c->redirecting, probably);
    } else if (c->routed_from != 0) {
        (void)snprintf(clause.text, sizeof clause.text, "; connection %u %s", c->routed_from - 1,
                       c->redirecting != 0 ? probably : "sent the client here");
    } else if (c->instance != NULL) {
        (void)snprintf(clause.text, sizeof clause.text, "; SQL Browser named this port for %.30s in frame %u",
                       c->instance, c->instance_frame); /* SQL Server's names have 16 characters at most */
    }
    return clause;
}

static inline bool is_first_fin(const case_t *c)
{
    return c->seen == MESSAGE_FIN && c->before.closed_first == SENDER_UNKNOWN && !c->before.reset;
}

static inline bool is_breaking_rst(const case_t *c)
{
    return rule_breaks(c->seen, &c->before);
}

/* Whether the frame at hand ends the connection, by whichever side. */
static inline bool closes(const case_t *c)
{
    return is_first_fin(c) || is_breaking_rst(c);
}

/* Whether the capture ends while the connection is open, and what is owed did not come for long. */
static inline bool falls_silent(const case_t *c)
{
    int64_t limit = c->limits[LIMIT_SILENCE];
    return c->at_end && c->now.close == CLOSE_OPEN && (c->silence >= limit || c->waited >= limit);
}

/* Whether a device between resets the connection in the name of one of the sides. */
static inline bool is_by_device(const case_t *c)
{
    return is_breaking_rst(c) && rule_is_foreign_ttl(c->reset_ttl, c->usual_ttl);
}

/* Whether one of the sides ends the connection: only then the end says something of that side. */
static inline bool closes_itself(const case_t *c)
{
    return closes(c) && !is_by_device(c);
}

/* Whether this end shows that a wait was in vain: a device may reset at any time. */
static inline bool ends_wait(const case_t *c)
{
    return closes_itself(c) || (closes(c) && c->waited != MOMENT_NONE && c->waited >= c->limits[LIMIT_SILENCE]);
}

static inline bool stands_at(const case_t *c, position_t position)
{
    return (c->at_end ? c->now.position : c->before.position) == position;
}

static inline const char *closing_word(const case_t *c)
{
    return c->seen == MESSAGE_RST ? "reset" : "closed";
}

static inline const char *side_name(sender_t sender)
{
    return sender == SENDER_SERVER ? "server" : "client";
}

/* Who ends the connection. */
static inline const char *closer_name(const case_t *c)
{
    if (is_by_device(c)) {
        return "a device between";
    }
    return c->sender == SENDER_SERVER ? "the server" : "the client";
}

static inline bool is_login(const connection_t *connection)
{
    return connection->state == STATE_LOGGING_IN;
}

/* ", of which 9.001 s until the server acknowledged frame 36, sent 3 times": how much of a wait that ends at `until`
 * was the network's. Nothing where the message was sent once. */
const char *network_words(const turn_t *turn, int64_t until, char words[RULE_TEXT]);

/* "; frame 36 shows that the server had sent it 9.000 s before: it was lost on the way"; nothing where `lost_for` is
 * MOMENT_NONE. */
const char *lost_words(moment_t lost_for, uint32_t shown, char words[RULE_TEXT]);

#endif
