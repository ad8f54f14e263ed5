/* timerules.c - the rules about the time that a login takes, and whose time it was.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "timerules.h"

#include <stdio.h>

#include "clauses.h"
#include "ends.h"
#include "loginrules.h"
#include "waits.h"

/* A pipe has no handshake of TCP of its own. */
static const char *step_name(const case_t *c, step_time_id_t which)
{
    return c->pipe && which == TIME_CONNECT ? "The opening of the pipe" : time_name(which);
}

/* What passed between the steps, when it was the client's turn. */
static moment_t time_between(const case_t *c)
{
    moment_t steps = 0;
    for (step_time_id_t i = TIME_CONNECT; i < TIME_TOTAL; i++) {
        steps = moment_sum(steps, c->times[i].took);
    }
    return moment_since(steps, c->times[TIME_TOTAL].took);
}

/* ", of which 2.500 s TLS handshake": what took longest. Nothing where the time of a step is not known. */
static const char *slowest_words(const case_t *c, char words[RULE_TEXT])
{
    step_time_id_t slowest = TIME_CONNECT;
    words[0] = '\0';
    for (step_time_id_t i = TIME_CONNECT; i < TIME_TOTAL; i++) {
        if (c->times[i].took == MOMENT_NONE) {
            return words;
        }
        slowest = c->times[i].took > c->times[slowest].took ? i : slowest;
    }
    moment_t between = time_between(c);
    bool client = between > c->times[slowest].took;
    (void)snprintf(words, RULE_TEXT, ", of which %s s %s", seconds(client ? between : c->times[slowest].took).text,
                   client ? "the client, between the steps" : step_name(c, slowest));
    return words;
}

/* What is left of the wait for the decision without what the network took. */
static moment_t waited_for_decision(const case_t *c)
{
    moment_t network = c->resent.sendings > 1 ? c->resent.spread : 0;
    moment_t way_back = c->answer_lost_for != MOMENT_NONE ? c->answer_lost_for : 0;
    moment_t left = moment_since(moment_sum(network, way_back), c->since_client);
    return network == 0 && way_back == 0 ? c->since_client : left;
}

/* Whom that side asked in vain meanwhile, else what a client does behind the server's certificate. */
static const char *busy_words(const case_t *c, char words[RULE_TEXT])
{
    const debt_t *debt = &c->of_step.debt;
    bool checks = debt->awaited == POSITION_HELLO_ANSWERED || debt->awaited == POSITION_KEYS;
    if (c->sought_in_step.host != NULL) {
        return case_sought_words(&c->sought_in_step, "; its ", "", words);
    }
    return debt->owes == SENDER_CLIENT && checks
               ? ": then it checks the certificate, perhaps with revocation lists that it cannot reach"
               : "";
}

/* Whether the time up to the server's word was the client's: it owed its token, and perhaps closed meanwhile. */
static bool is_time_of_client(const case_t *c)
{
    bool gone = c->before.closed_first == SENDER_CLIENT && !c->before.answer_owed;
    return owes(c, SENDER_CLIENT) || gone;
}

/* The server asks the domain controller after AUTHENTICATE, or after a LOGIN7 with a ticket. */
bool when_slow_domain_controller(const case_t *c, char *text)
{
    bool windows = c->auth.auth == AUTH_NTLM || c->auth.auth == AUTH_KERBEROS || c->auth.auth == AUTH_WINDOWS;
    if (!case_is_decided(c) || !windows || c->last_client_frame == 0 || is_time_of_client(c) ||
        waited_for_decision(c) <= c->limits[LIMIT_SLOW_CONTROLLER]) {
        return false;
    }
    bool accepted = c->turn.message == MESSAGE_KERBEROS_AP_REP; /* what is slow now comes after the ticket was taken */
    bool after_it = accepted && c->waited > c->limits[LIMIT_SLOW_CONTROLLER];
    bool others_slow = c->times[TIME_CONNECT].took > c->limits[LIMIT_SLOW_STEP] ||
                       c->times[TIME_PRELOGIN].took > c->limits[LIMIT_SLOW_STEP] ||
                       c->times[TIME_TLS].took > c->limits[LIMIT_SLOW_STEP];
    char sought[RULE_TEXT];
    return !others_slow && !after_it &&
           say(text,
               "%s s from the client's token in frame %u to the answer: the server waited for a domain "
               "controller, probably%s",
               seconds(c->since_client).text, c->last_client_frame,
               case_sought_words(&c->sought, "; its ", "", sought));
}

bool when_entra_token_wait(const case_t *c, char *text)
{
    return c->seen == MESSAGE_FEDAUTH_TOKEN && c->fedauthinfo_frame != 0 &&
           say(text, "the client sent its token%s after FEDAUTHINFO in frame %u%s",
               lasting(" ", c->since_fedauthinfo, "").text, c->fedauthinfo_frame,
               c->since_fedauthinfo != MOMENT_NONE ? ": its time at the token service" : "");
}

/* ", of which 3.000 s until SYN was acknowledged, sent 3 times", of a time that long. */
static const char *resent_words(const case_t *c, int64_t took, char words[RULE_TEXT])
{
    bool part = c->resent.sendings > 1 && c->resent.spread <= took && c->resent.spread > took / 4;
    words[0] = '\0';
    if (part) {
        (void)snprintf(words, RULE_TEXT, ", of which %s s until %s was acknowledged, sent %u times",
                       seconds(c->resent.spread).text, message_row(c->resent.message)->text, c->resent.sendings);
    }
    return words;
}

/* Where that took a good part of `took`. */
static const char *way_back_words(const case_t *c, int64_t took, char words[RULE_TEXT])
{
    bool part = c->answer_lost_for != MOMENT_NONE && c->answer_lost_for > took / 4;
    return lost_words(part ? c->answer_lost_for : MOMENT_NONE, c->answer_lost_frame, words);
}

bool when_slow_login(const case_t *c, char *text)
{
    char slowest[RULE_TEXT], resent[RULE_TEXT], lost[RULE_TEXT], whose[RULE_TEXT];
    const step_time_t *total = &c->times[TIME_TOTAL];
    if (!case_is_decided(c) || total->frame != c->frame || total->took <= c->limits[LIMIT_SLOW_LOGIN]) {
        return false;
    }
    return say(text, "%s s%s (%s %s, PRELOGIN %s, TLS %s, login %s, authentication %s, between them %s)%s%s%s",
               seconds(total->took).text, slowest_words(c, slowest), c->pipe ? "pipe" : "TCP",
               seconds(c->times[TIME_CONNECT].took).text, seconds(c->times[TIME_PRELOGIN].took).text,
               seconds(c->times[TIME_TLS].took).text, seconds(c->times[TIME_LOGIN].took).text,
               seconds(c->times[TIME_AUTH].took).text, seconds(time_between(c)).text,
               resent_words(c, total->took, resent), way_back_words(c, total->took, lost),
               whose_words(&c->of_login, total->took, whose));
}

/* Between the steps it is the client's turn. */
static bool is_between_steps(position_t awaited)
{
    return awaited == POSITION_REACHED || awaited == POSITION_PIPE_OPEN || awaited == POSITION_ANSWERED ||
           awaited == POSITION_SECURED;
}

/* The time at a token service has a rule of its own. */
static bool is_token_due(const case_t *c)
{
    return c->turn.debt.awaited == POSITION_CHALLENGED && c->turn.message != MESSAGE_FEDAUTHINFO;
}

static bool say_client_was_slow(const case_t *c, char *text)
{
    char network[RULE_TEXT], kdc[RULE_TEXT], sought[RULE_TEXT];
    bool due = is_between_steps((position_t)c->turn.debt.awaited) || is_token_due(c);
    bool owed = c->turn.debt.owes == SENDER_CLIENT && due;
    bool came = c->sender == SENDER_CLIENT && message_kind(c->seen) == KIND_LOGIN;
    bool alone = case_goes_on_without_kdc(c);
    return owed && came && c->waited > c->limits[LIMIT_SLOW_STEP] &&
           say(text, "the client took %s s after frame %u for %s%s%s%s", seconds(c->waited).text, c->turn.frame,
               awaited_text(c->turn.debt.awaited), network_words(&c->turn, end_of_wait(c), network), alone ? "; " : "",
               alone ? case_kdc_words(c, kdc) : case_sought_words(&c->sought, "; its ", "", sought));
}

bool when_slow_step(const case_t *c, char *text)
{
    char network[RULE_TEXT], lost[RULE_TEXT], whose[RULE_TEXT], busy[RULE_TEXT];
    for (step_time_id_t i = TIME_CONNECT; i < TIME_TOTAL; i++) {
        if (c->times[i].frame == c->frame && c->times[i].took > c->limits[LIMIT_SLOW_STEP]) {
            moment_t took = c->times[i].took;
            whose_words(&c->of_step, took, whose);
            return say(text, "%s took %s s%s%s%s%s", step_name(c, i), seconds(took).text,
                       resent_words(c, took, network), way_back_words(c, took, lost), whose,
                       whose[0] != '\0' ? busy_words(c, busy) : "");
        }
    }
    return say_client_was_slow(c, text);
}
