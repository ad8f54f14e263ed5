/* ends.h - what many rules ask about a case: how the connection ends, its position, and words for sentences.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * For the files of rules, and for other texts of findings.
 */
#ifndef TDSCONN_ENDS_H
#define TDSCONN_ENDS_H

#include "characters.h"
#include "rules.h"

#include <stdarg.h>
#include <stdio.h>

/* So many sendings of a segment beside the first, or keep-alives, in a row without an answer: the path is broken. */
enum { RUN_THAT_BREAKS = 5 };

/* Writes the text of a finding, escaped for printing, RULE_TEXT bytes at most. Always true, so that a predicate can end
 * with it. */
#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
static inline bool
say(char *text, const char *format, ...)
{
    char said[RULE_TEXT + SHOWN_LONGEST]; /* a longer text is cut anyway */
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(said, sizeof said, format, arguments);
    va_end(arguments);
    (void)characters_show(text, RULE_TEXT, said);
    return true;
}

/* A part of a sentence. Lives until the end of the expression: use lasting(...).text as an argument, never keep it. */
typedef struct {
    char text[128];
} clause_t;

/* "BEFORE 0.048 s BEHIND"; empty if the duration is not known. */
static inline clause_t lasting(const char *before, moment_t duration, const char *behind)
{
    clause_t clause = {""};
    if (duration != MOMENT_NONE) {
        (void)snprintf(clause.text, sizeof clause.text, "%s%s s%s", before, seconds(duration).text, behind);
    }
    return clause;
}

/* "; connection 0 sent the client here": where the client got this address, from another server, SQL Browser or DNS;
 * empty if that is not known. */
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
    } else if (c->looked_up != NULL) {
        char name[64];
        (void)characters_show(name, sizeof name, c->looked_up);
        (void)snprintf(clause.text, sizeof clause.text, "; DNS gave this address for %s in frame %u", name,
                       c->looked_up_frame);
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

/* Whether the frame at hand ends the connection, by either side. */
static inline bool closes(const case_t *c)
{
    return is_first_fin(c) || is_breaking_rst(c);
}

/* Whether the capture ends while the connection is open, after a long silence or a long wait (LIMIT_SILENCE). */
static inline bool falls_silent(const case_t *c)
{
    int64_t limit = c->limits[LIMIT_SILENCE];
    return c->at_end && c->now.close == CLOSE_OPEN && (c->silence >= limit || c->waited >= limit);
}

/* Whether a device between resets the connection in the name of a side, by the RST's TTL. */
static inline bool is_by_device(const case_t *c)
{
    return is_breaking_rst(c) && rule_is_foreign_ttl(c->reset_ttl, c->usual_ttl);
}

/* So hosts answer what comes for a connection that they have closed: where nothing was seen that they said before, the
 * close may stand before the capture. */
static inline bool may_be_closed_before(const case_t *c)
{
    uint32_t said = c->sender == SENDER_CLIENT ? c->last_client_frame : c->last_server_frame;
    return is_breaking_rst(c) && c->bare_reset && said == 0 && c->syn_count == 0;
}

/* Whether one of the sides ends the connection itself. Only then the end says something about that side. */
static inline bool closes_itself(const case_t *c)
{
    return closes(c) && !is_by_device(c) && !may_be_closed_before(c);
}

/* Whether this end shows that a wait was in vain. A device may reset at any time, so then the wait must be long. */
static inline bool ends_wait(const case_t *c)
{
    return closes_itself(c) || (closes(c) && c->waited != MOMENT_NONE && c->waited >= c->limits[LIMIT_SILENCE]);
}

static inline bool stands_at(const case_t *c, position_t position)
{
    return (c->at_end ? c->now.position : c->before.position) == position;
}

/* Whether a side sent keep-alives, or one segment, again and again without an answer: c->sufferer. */
static inline bool is_keep_alive_unanswered(const case_t *c)
{
    return c->keep_alives >= RUN_THAT_BREAKS;
}

static inline bool is_segment_unacknowledged(const case_t *c)
{
    return c->copies >= RUN_THAT_BREAKS;
}

/* When the wait of the present turn ended. */
static inline moment_t end_of_wait(const case_t *c)
{
    return moment_sum(c->turn.since, c->waited);
}

static inline bool owes(const case_t *c, sender_t side)
{
    return c->turn.debt.owes == side;
}

static inline const char *closing_word(const case_t *c)
{
    return c->seen == MESSAGE_RST ? "reset" : "closed";
}

static inline const char *side_name(sender_t sender)
{
    return sender == SENDER_SERVER ? "server" : "client";
}

/* Who ends the connection, in words. */
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

#endif
