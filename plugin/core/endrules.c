/* endrules.c - the rules about how a connection ends: who closed or reset it, and why.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "endrules.h"

#include <stdio.h>

#include "clauses.h"
#include "ends.h"
#include "errors.h"
#include "loginrules.h"
#include "lossrules.h"
#include "tds.h"
#include "tokens.h"
#include "waits.h"

/* An end that was to come, that of what never was a connection, or one of which too little is known. */
static bool is_explained(const case_t *c)
{
    const connection_t *before = &c->before;
    return before->state == STATE_LOGIN_FAILED || before->state == STATE_REDIRECTED ||
           before->position <= POSITION_REACHED || c->hidden_refused || c->one_sided || c->pipe_status != 0;
}

/* What TLS hides has no length but that of its record: the end comes in the middle of one. */
static const char *cut_words(const case_t *c)
{
    if (turn_is_open(&c->turn) || c->unfinished.of != SENDER_SERVER) {
        return "";
    }
    return c->sender == SENDER_SERVER ? ", in the middle of its answer: KILL, shutdown, a crash, or something between"
                                      : ", in the middle of the server's answer";
}

/* Seen at the one who answers: nobody repeats a keep-alive that was answered. */
static bool are_answers_lost(const case_t *c)
{
    return is_breaking_rst(c) && c->keep_alives < RUN_THAT_BREAKS && c->repeated_alives >= RUN_THAT_BREAKS;
}

/* Whether nothing of the other side reaches who resets the connection: its keep-alives tell that. What the other side
 * owes it may have sent. */
static bool is_deaf(const case_t *c)
{
    return c->turn.debt.owes != c->sender && (is_keep_alive_unanswered(c) || are_answers_lost(c));
}

/* ", while the client owed its LOGIN7". Where the server ends the connection, its word that nobody acknowledged may not
 * have reached the client. */
static const char *debt_words(const case_t *c, char words[RULE_TEXT])
{
    bool unaware = c->sender == SENDER_SERVER && !turn_was_delivered(&c->turn);
    bool paid = c->turn.debt.owes == SENDER_CLIENT && (c->client_word_missing || unaware);
    bool known = turn_is_open(&c->turn) && !c->answer_missing && !paid && !case_is_undelivered(c);
    const char *what = known ? awaited_text(c->turn.debt.awaited) : NULL;
    (void)snprintf(words, RULE_TEXT, "%s", cut_words(c));
    if (case_client_owes_rest(c)) {
        (void)snprintf(words, RULE_TEXT, ", while the client owed the rest of its message");
    } else if (what != NULL && is_deaf(c)) {
        (void)snprintf(words, RULE_TEXT, "; what the %s had to send, %s%s, may be lost on the way",
                       side_name(c->turn.debt.owes), c->unfinished.of == SENDER_SERVER ? "the rest of " : "", what);
    } else if (what != NULL) {
        (void)snprintf(words, RULE_TEXT, ", while the %s owed %s%s", side_name(c->turn.debt.owes),
                       c->unfinished.of == SENDER_SERVER ? "the rest of " : "", what);
    }
    return words;
}

#define PACKET_BEFORE_LOGIN 4096u /* bytes: MS-TDS 2.2.3.1.3, until the login agrees on another size */

/* Whether the server ends a login with a longer packet than it takes. */
static bool is_login_packet_too_long(const case_t *c)
{
    return c->login_packet > PACKET_BEFORE_LOGIN && c->sender == SENDER_SERVER && is_login(&c->before);
}

/* ", whose packet of 4933 bytes is longer than the 4096 that it takes before the login". */
static const char *limit_words(const case_t *c, char words[RULE_TEXT])
{
    words[0] = '\0';
    if (is_login_packet_too_long(c)) {
        (void)snprintf(words, RULE_TEXT, ": LOGIN7 has a packet of %u bytes, and before the login the limit is %u",
                       c->login_packet, PACKET_BEFORE_LOGIN);
    }
    return words;
}

/* The frame in which the side at hand ended TLS before it ends the connection; 0 = it did not. */
static uint32_t leave_frame(const case_t *c)
{
    if (c->sender == SENDER_SERVER) {
        return c->server_left;
    }
    return c->before.client_left ? c->last_client_frame : 0;
}

/* Since the latest data. To end TLS belongs to the end: what counts is the silence before that. */
static moment_t quiet_for(const case_t *c)
{
    uint32_t leave = leave_frame(c);
    return leave != 0 && leave == c->idle_ended_frame ? c->idle_before_data : c->since_data;
}

static bool is_quiet_for(const case_t *c, limit_t limit)
{
    moment_t quiet = quiet_for(c);
    return quiet != MOMENT_NONE && quiet >= c->limits[limit];
}

/* Whether the server's last word was no refusal: it closes right behind one. */
static bool is_pause_behind_server(const case_t *c)
{
    return c->server_spoke_last && is_quiet_for(c, LIMIT_SILENCE);
}

/* Where TLS hides the outcome: commands may have come long since. */
static bool may_be_past_login(const case_t *c)
{
    bool idle = c->idle_before_request >= c->limits[LIMIT_IDLE] || is_pause_behind_server(c);
    return c->before.position == POSITION_HIDDEN && (idle || c->longer_than_logins);
}

static bool is_in_login(const case_t *c)
{
    return is_login(&c->before) && !may_be_past_login(c);
}

/* A load balancer without a server behind it, and a server that has enough, do that. */
static bool hung_up(const case_t *c, message_t seen, char *text)
{
    char proxy[RULE_TEXT];
    return c->seen == seen && case_is_hung_up(c) &&
           say(text, "the server %s the connection%s, before a word of the client%s",
               seen == MESSAGE_RST ? "resets" : "closes", lasting(" ", c->waited, " after it accepted it").text,
               c->proxied.frame != 0 ? case_proxy_words(c, " came", proxy)
                                     : ": a load balancer with no server behind it, a limit, or a device between");
}

/* The server had the last word, which nobody can read. */
static bool is_answer_hidden(const case_t *c)
{
    return c->before.position == POSITION_HIDDEN && !turn_is_open(&c->turn) && c->server_spoke_last &&
           c->unfinished.of != SENDER_CLIENT && !is_pause_behind_server(c);
}

/* Whether the connection ends on the server's ERROR: one that is fatal, or, where the server ends it, one that it has
 * just sent, or a message by which it says that it ends. */
static bool is_end_of_error(const case_t *c)
{
    const error_before_t *error = &c->error_before;
    bool last = error->frame != 0 && error->frame == c->last_server_frame && c->server_spoke_last;
    bool soon = c->since_data != MOMENT_NONE && c->since_data < c->limits[LIMIT_SLOW_STEP];
    bool announced = soon || error_of_ending(error->number) != NULL;
    return last && ((announced && c->sender == SENDER_SERVER) || error->class >= CLASS_OF_FATAL_ERRORS);
}

/* "the server's last word was error 596 (the session was ended) in frame 13". What comes as INFO is a message. */
static const char *last_error_words(const case_t *c, char words[RULE_TEXT])
{
    const char *meaning = error_explained(c->error_before.number);
    const char *what = c->error_before.class < CLASS_OF_ERRORS ? "message" : "error";
    (void)snprintf(words, RULE_TEXT, "the server's last word was %s %u%s%s%s in frame %u", what, c->error_before.number,
                   meaning != NULL ? " (" : "", meaning != NULL ? meaning : "", meaning != NULL ? ")" : "",
                   c->error_before.frame);
    return words;
}

/* Nobody owed anything for long. */
static bool is_idle(const case_t *c)
{
    return !turn_is_open(&c->turn) && c->unfinished.of == SENDER_UNKNOWN && !c->unseen && is_quiet_for(c, LIMIT_IDLE);
}

/* Why the server closes, as far as what was said before tells; NULL if it does not. */
static const char *cause_of_close(const case_t *c, char error[RULE_TEXT])
{
    if (is_end_of_error(c)) {
        return last_error_words(c, error);
    }
    return is_idle(c) ? "perhaps a limit for idle connections, of the server or of something between" : NULL;
}

static bool closed_by_server(const case_t *c, char *text)
{
    char debt[RULE_TEXT], limit[RULE_TEXT], error[RULE_TEXT];
    const char *cause = cause_of_close(c, error);
    bool hidden = cause == NULL && is_answer_hidden(c) && c->unfinished.of == SENDER_UNKNOWN;
    return is_first_fin(c) && c->sender == SENDER_SERVER && !is_explained(c) && !c->client_end_missing &&
           !c->client_alerted &&
           say(text, "%s%sthe server closes first%s%s%s%s", cause == NULL ? "" : cause, cause == NULL ? "" : ": ",
               lasting(", ", c->since_client, " after the client's last word").text, debt_words(c, debt),
               limit_words(c, limit), hidden ? "; what it said before, TLS hides: perhaps an error" : "");
}

bool when_server_closed_first(const case_t *c, char *text)
{
    return !is_in_login(c) && closed_by_server(c, text);
}

bool when_server_closed_login(const case_t *c, char *text)
{
    return hung_up(c, MESSAGE_FIN, text) || (is_in_login(c) && !case_may_lack_message(c) && closed_by_server(c, text));
}

/* What a reset's own rules say of its cause. */

/* Whoever could not send for so long gives up. */
static bool is_on_closed_window(const case_t *c)
{
    return c->window.of == sender_other(c->sender) && c->window.closed_for > c->limits[LIMIT_ZERO_WINDOW];
}

/* Whether the server's reset may have one of these two causes, as far as times are known. */
static bool may_be_for_waiting(const case_t *c)
{
    bool after_idleness = is_breaking_rst(c) && c->idle_before_request == MOMENT_NONE;
    bool on_closed_window = c->window.of == SENDER_CLIENT && c->window.closed_for == MOMENT_NONE;
    return case_is_after_idleness(c) || is_on_closed_window(c) || after_idleness || on_closed_window;
}

/* By the client, or in its name: nothing was owed for long. */
static bool is_end_of_idleness(const case_t *c)
{
    return is_breaking_rst(c) && c->sender == SENDER_CLIENT && c->repeated_alives == 0 && is_idle(c);
}

/* The most certain first. */
static const struct {
    bool (*is)(const case_t *c);
    const char *cause;
} causes_of_reset[] = {
    {are_answers_lost, "the answers to its keep-alives do not reach it"},
    {is_keep_alive_unanswered, "keep-alives were not answered"},
    {is_segment_unacknowledged, "segments were not acknowledged"},
    {case_is_undelivered, "packets are lost on the way"},
    {is_on_closed_window, "the other side's window was closed"},
    {case_is_after_idleness, "after a long silence"},
    {case_is_unknown_there, "no such connection is known there: a restart, another host, or a device that forgot it"},
    {is_end_of_idleness,
     "nobody had anything to say: the client, or something between, has a limit for idle connections"},
};

/* Somebody owed something for so long that the debt, which is told, explains the reset. */
static bool is_for_debt(const case_t *c, const char *debt)
{
    return debt[0] != '\0' && c->waited != MOMENT_NONE && c->waited >= c->limits[LIMIT_SLOW_STEP];
}

/* Of `debt`, as debt_words has it. NULL where the debt is the cause, or another finding has it. */
static const char *cause_of_reset(const case_t *c, const char *debt, char error[RULE_TEXT])
{
    if (is_end_of_error(c)) {
        return last_error_words(c, error);
    }
    for (size_t i = 0; i < sizeof causes_of_reset / sizeof causes_of_reset[0]; i++) {
        if (causes_of_reset[i].is(c)) {
            return causes_of_reset[i].cause;
        }
    }
    return c->explained || is_for_debt(c, debt) ? NULL : "unexplained";
}

/* A client that ends TLS ends the connection, and its RST stands for FIN. */
static bool is_reset_for_leave(const case_t *c)
{
    return is_breaking_rst(c) && c->sender == SENDER_CLIENT && c->before.client_left && !turn_is_open(&c->turn) &&
           c->unfinished.of == SENDER_UNKNOWN && !is_by_device(c);
}

static bool reset_by(const case_t *c, sender_t sender, char *text)
{
    char debt[RULE_TEXT], limit[RULE_TEXT], error[RULE_TEXT];
    if (!is_breaking_rst(c) || c->sender != sender || is_explained(c) || c->client_end_missing ||
        c->server_end_missing || may_be_closed_before(c) || is_reset_for_leave(c)) {
        return false;
    }
    debt_words(c, debt);
    limit_words(c, limit);
    clause_t since = lasting(", ", c->since_client, " after the client's last word");
    if (is_by_device(c)) {
        return say(text, "a device between sent it: RST in the %s's name%s%s", side_name(sender), since.text, debt);
    }
    const char *cause = limit[0] != '\0' ? NULL : cause_of_reset(c, debt, error);
    return say(text, "%s%sthe %s resets the connection%s%s%s", cause == NULL ? "" : cause, cause == NULL ? "" : ": ",
               side_name(sender), since.text, debt, limit);
}

bool when_reset_by_client(const case_t *c, char *text)
{
    return !is_in_login(c) && reset_by(c, SENDER_CLIENT, text);
}

bool when_reset_by_client_login(const case_t *c, char *text)
{
    return is_in_login(c) && !case_may_lack_message(c) && !is_by_device(c) && reset_by(c, SENDER_CLIENT, text);
}

bool when_reset_by_server(const case_t *c, char *text)
{
    return !is_in_login(c) && reset_by(c, SENDER_SERVER, text);
}

bool when_reset_by_server_login(const case_t *c, char *text)
{
    return hung_up(c, MESSAGE_RST, text) ||
           (is_in_login(c) && !case_may_lack_message(c) && !is_by_device(c) && reset_by(c, SENDER_SERVER, text));
}

bool when_reset_after_close(const case_t *c, char *text)
{
    if (is_reset_for_leave(c)) {
        return say(text,
                   "RST after the end of TLS in frame %u, with nothing owed: the client closes like this; no fault",
                   c->last_client_frame);
    }
    bool in_vain = c->sender == SENDER_CLIENT && is_segment_unacknowledged(c);
    return c->seen == MESSAGE_RST && !c->before.reset && c->before.closed_first == SENDER_CLIENT &&
           say(text, in_vain ? "RST after the client's FIN: the client gives up, as what it sent got no ACK"
                             : "RST after the client's FIN: what was still on its way met a closed socket; no fault");
}

bool when_open_at_end(const case_t *c, char *text)
{
    return c->at_end && c->now.close == CLOSE_OPEN && turn_request(&c->turn) != 0 &&
           say(text, "%s %s answer to the request in frame %u",
               c->port_again ? "the client uses its port again" : "the capture ends",
               c->turn.answering ? "in the middle of the" : "before an", turn_request(&c->turn));
}

/* A proxy, such as HAProxy, ends what has carried nothing for so long. */
static bool may_be_timeout_of_proxy(const case_t *c)
{
    return !c->turn.answering && c->waited >= c->limits[LIMIT_SILENCE] && wait_is_round(c->waited);
}

/* A gateway has the TTL of all that comes through it. Between the ends of a pipe there is none. */
static const char *killer_between(const case_t *c)
{
    return c->pipe ? "or a crash" : "a crash, or something between";
}

bool when_killed(const case_t *c, char *text)
{
    bool timeout = may_be_timeout_of_proxy(c);
    return closes(c) && c->sender == SENDER_SERVER && turn_request(&c->turn) != 0 &&
           c->before.state == STATE_LOGGED_IN && c->pipe_status == 0 && !is_by_device(c) &&
           !case_may_be_unknown_there(c) && !may_be_for_waiting(c) && !case_is_undelivered(c) &&
           !is_keep_alive_unanswered(c) && !c->answer_missing && !c->client_end_missing &&
           say(text,
               "the server ends the connection on the request in frame %u%s without an ERROR%s: KILL, shutdown, %s",
               turn_request(&c->turn), c->turn.answering ? ", in the middle of its answer and" : "",
               timeout ? lasting(", ", c->waited, " later").text : "",
               timeout ? "a crash, or the time-out of a proxy between" : killer_between(c));
}

static bool breaks_off(const case_t *c)
{
    return is_breaking_rst(c) || (c->at_end && c->now.close == CLOSE_OPEN);
}

static const char *end_word(const case_t *c)
{
    return c->at_end ? "silence" : "a reset";
}

bool when_keep_alive_timeout(const case_t *c, char *text)
{
    if (are_answers_lost(c) && !c->unseen) {
        return say(
            text,
            "the answers do not reach the %s: %u keep-alives of it though the other side answered each, then a reset",
            side_name(c->sender), c->repeated_alives + 1);
    }
    return breaks_off(c) && is_keep_alive_unanswered(c) && !c->unseen &&
           say(text,
               "the path between is broken, or the other host is down: %u keep-alives of the %s without an answer, "
               "then "
               "%s",
               c->keep_alives, c->sufferer == SENDER_SERVER ? "server" : "client", end_word(c));
}

static bool reset_by_device(const case_t *c, char *text)
{
    return is_by_device(c) &&
           say(text, "RST in the %s's name with TTL %u, its other packets have %u: a device between sent it",
               side_name(c->sender), c->reset_ttl, c->usual_ttl);
}

/* Whether nobody had logged in yet; nor was there a redirect or a refusal that the reset came after. */
static bool is_before_confirmation(const case_t *c)
{
    return is_in_login(c) || c->before.state == STATE_CONNECTING;
}

bool when_reset_by_device(const case_t *c, char *text)
{
    return !is_before_confirmation(c) && reset_by_device(c, text);
}

bool when_reset_login_by_device(const case_t *c, char *text)
{
    return is_before_confirmation(c) && reset_by_device(c, text);
}

/* The side that closes its window is the one that does not read. */
bool when_zero_window(const case_t *c, char *text)
{
    bool over = c->window.open || closes(c) || (c->at_end && c->now.close == CLOSE_OPEN);
    bool client = c->window.of == SENDER_CLIENT;
    return over && c->window.of != SENDER_UNKNOWN && c->window.closed_for > c->limits[LIMIT_ZERO_WINDOW] &&
           say(text, "the %s kept its window closed for %s s, from frame %u%s: %s", client ? "client" : "server",
               seconds(c->window.closed_for).text, c->window.frame, c->window.open ? "" : ", to the end",
               client ? "the application was not reading its results" : "the server was not reading the request");
}

static bool is_attention_open(const case_t *c)
{
    return turn_is_cancel(&c->cancel) && !c->gap;
}

/* One that TLS hides, and that waited for so long that the sizes of records cannot be blamed. */
static bool is_hidden_attention_open(const case_t *c)
{
    bool long_enough = c->cancelled_for != MOMENT_NONE && c->cancelled_for >= c->limits[LIMIT_SLOW_STEP];
    return is_attention_open(c) && !c->readable && (falls_silent(c) || (closes(c) && long_enough));
}

/* "; it was sent 5 times over 4.500 s, and TCP got no ACK": or what the server says does not arrive. */
static const char *attention_loss(const case_t *c, char words[RULE_TEXT])
{
    bool latest = c->turn.message == MESSAGE_ATTENTION;
    words[0] = '\0';
    if (c->window.of == SENDER_CLIENT && !c->window.open && c->window.frame < c->cancel.frame) {
        (void)say(words, "; the client's window was closed since frame %u: the server could not send that",
                  c->window.frame);
    } else if (latest && case_is_resent_in_vain(c)) {
        (void)say(words, "; it was sent %u times%s, and TCP got no ACK", turn_sendings(&c->turn),
                  lasting(" over ", c->sending_for, "").text);
    } else if (latest && case_is_undelivered(c)) {
        (void)say(words, "; nor did what was sent before it arrive");
    } else if (c->sufferer == SENDER_SERVER && is_segment_unacknowledged(c)) {
        (void)say(words, "; what the server sends does not arrive: %u copies of a segment and no ACK", c->copies);
    }
    return words;
}

bool when_attention_unacknowledged(const case_t *c, char *text)
{
    char loss[RULE_TEXT];
    bool long_enough = c->cancelled_for >= c->limits[LIMIT_SILENCE] || is_segment_unacknowledged(c);
    bool silent = c->at_end && c->now.close == CLOSE_OPEN && long_enough;
    if (is_hidden_attention_open(c)) {
        return say(text,
                   "what is probably an ATTENTION, in frame %u, was not acknowledged in %s s, inferred from its size%s",
                   c->cancel.frame, seconds(c->cancelled_for).text, attention_loss(c, loss));
    }
    return (closes(c) || silent) && is_attention_open(c) && c->readable &&
           say(text, "the ATTENTION in frame %u was not acknowledged%s", c->cancel.frame, attention_loss(c, loss));
}

/* MARS was agreed and the login went through, but no session was ever opened. What TLS hides is no evidence. */
bool when_mars_unused(const case_t *c, char *text)
{
    return c->at_end && c->mars && !c->mars_used && c->readable && c->now.state == STATE_LOGGED_IN &&
           c->now.close != CLOSE_OPEN && say(text, "MARS was agreed in PRELOGIN, but no SMP packet followed the login");
}
