/* waits.c - the rules about the message that was owed when a connection ended.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Each looks at the turn: which side owed the next message, since when, and whether the message before it arrived.
 * Missing packets never cause a diagnosis.
 */
#include "waits.h"

#include "clauses.h"
#include "ends.h"
#include "lossrules.h"
#include "tlshello.h"
#include "tlsrules.h"

#define ROUND_WITHIN  MILLISECONDS(20) /* of a whole number of seconds: timers fire late */
#define TIMEOUT_LEAST SECONDS(2)       /* of those that are recognised by their length alone */

/* The server has seen the client's word and wants no more: later than that it is one that never answered. */
bool case_server_closes_at_once(const case_t *c)
{
    return closes_itself(c) && c->sender == SENDER_SERVER && c->waited != MOMENT_NONE &&
           c->waited < c->limits[LIMIT_SILENCE];
}

/* The client's turn. */

/* What a client is busy with when it owes something, and from when on that is no quick decision. */
typedef struct {
    position_t position;
    message_t message; /* that handed the turn over; MESSAGE_NONE = any */
    limit_t least;     /* LIMIT_COUNT = at once */
    const char *cause;
} silence_t;

static const silence_t silences[] = {
    {POSITION_REACHED, MESSAGE_NONE, LIMIT_SILENCE,
     "a login time-out of a busy client, or a check by hand, as with telnet"},
    {POSITION_PIPE_OPEN, MESSAGE_NONE, LIMIT_SILENCE, "a login time-out of a busy client, no check of the pipe"},
    {POSITION_ANSWERED, MESSAGE_NONE, LIMIT_SLOW_STEP, "it was busy, or waited for a ticket"},
    {POSITION_HELLO_ANSWERED, MESSAGE_NONE, LIMIT_SLOW_STEP,
     "it was checking the certificate (perhaps its revocation list), or was busy"},
    {POSITION_KEYS, MESSAGE_NONE, LIMIT_SLOW_STEP,
     "it was checking the certificate (perhaps its revocation list), or was busy"},
    {POSITION_SECURED, MESSAGE_NONE, LIMIT_SLOW_STEP, "it waited for a ticket or a token, or was busy"},
    {POSITION_CHALLENGED, MESSAGE_NTLM_CHALLENGE, LIMIT_COUNT, "it could not, or may not, answer with NTLM"},
    {POSITION_CHALLENGED, MESSAGE_FEDAUTHINFO, LIMIT_COUNT, "it got no token from its token service"},
    {POSITION_CHALLENGED, MESSAGE_NONE, LIMIT_COUNT, "it could not make the token"},
};

/* There is no certificate then. */
static const char busy_in_resumption[] = "it was busy; TLS goes on with an earlier session";

static const silence_t *silence_of(const case_t *c)
{
    for (size_t i = 0; i < sizeof silences / sizeof silences[0]; i++) {
        const silence_t *row = &silences[i];
        if (row->position == c->turn.debt.awaited &&
            (row->message == MESSAGE_NONE || row->message == c->turn.message)) {
            return row;
        }
    }
    return NULL;
}

bool case_client_took_leave(const case_t *c)
{
    return c->client_alerted && c->alert_in_clear && c->alert == TLS_CLOSE_NOTIFY;
}

/* The part of the wait that is of the side whose turn it is: the other's word may have reached it late. */
static moment_t own_wait(const case_t *c)
{
    bool again = c->turn.by == sender_other(c->turn.debt.owes) && turn_sendings(&c->turn) > 1 &&
                 turn_was_delivered(&c->turn) && c->waited != MOMENT_NONE;
    moment_t own = again ? turn_parts(&c->turn, end_of_wait(c)).service_time : MOMENT_NONE;
    return own == MOMENT_NONE ? c->waited : own;
}

/* ", of which 9.306 s until the client acknowledged frame 5, sent 6 times": what is not that part. */
static const char *late_words(const case_t *c, char words[RULE_TEXT])
{
    words[0] = '\0';
    return own_wait(c) == c->waited ? words : network_words(&c->turn, end_of_wait(c), words);
}

bool case_server_came_late(const case_t *c)
{
    moment_t least = c->limits[LIMIT_SLOW_STEP];
    return owes(c, SENDER_CLIENT) && c->waited != MOMENT_NONE && c->waited >= least && own_wait(c) < least;
}

/* The silence of the client that this end explains; NULL if it is none. */
static const silence_t *client_silence(const case_t *c)
{
    const silence_t *row = owes(c, SENDER_CLIENT) && !c->token_refused ? silence_of(c) : NULL;
    bool ends = ends_wait(c) || falls_silent(c);
    bool refused = case_client_took_leave(c) || (c->client_alerted && c->alert_fatal); /* that was its word */
    bool gap = c->gap && !c->turn_whole;
    if (row == NULL || !ends || refused || gap || c->client_word_missing || c->parallel_stream != 0 ||
        !turn_was_delivered(&c->turn)) {
        return NULL;
    }
    return row->least == LIMIT_COUNT || own_wait(c) >= c->limits[row->least] ? row : NULL;
}

bool case_client_was_silent(const case_t *c)
{
    return client_silence(c) != NULL;
}

/* A KDC that the client asks in vain takes its time: what came within it may be missing from the capture. One that says
 * that it takes no request does not. */
static bool is_kdc_unheard(const case_t *c)
{
    bool again = c->kdc_requests > 1 && c->kdc_asked_for >= c->limits[LIMIT_SLOW_STEP];
    return owes(c, SENDER_CLIENT) && !c->gap && !c->client_word_missing && c->kdc_requests > 0 &&
           (again || c->kdc_asked_for >= c->limits[LIMIT_SILENCE] || c->kdc_denied.frame != 0);
}

static bool is_kdc_silent(const case_t *c)
{
    return (ends_wait(c) || falls_silent(c)) && is_kdc_unheard(c);
}

bool case_kdc_denies(const case_t *c)
{
    return is_kdc_silent(c) && c->kdc_denied.frame != 0;
}

bool case_goes_on_without_kdc(const case_t *c)
{
    bool login = c->seen == MESSAGE_LOGIN7 || c->seen == MESSAGE_LOGIN7_ENCRYPTED;
    return c->sender == SENDER_CLIENT && login && is_kdc_unheard(c);
}

bool when_kdc_unanswered(const case_t *c, char *text)
{
    char words[RULE_TEXT];
    bool goes_on = case_goes_on_without_kdc(c);
    return (goes_on || is_kdc_silent(c)) &&
           say(text, "%s%s: the client %s", case_kdc_words(c, words), lasting(", ", c->kdc_asked_for, " before").text,
               goes_on ? "goes on without an answer" : "got no ticket");
}

bool case_kdc_refused_turn(const case_t *c)
{
    return c->kdc_error != 0 && owes(c, SENDER_CLIENT) && c->kdc_frame > c->turn.frame;
}

/* If the client does not end the connection itself, it may have sent something that was lost, unless the capture was
 * taken on the client. */
static const char *doubt_of_silence(const case_t *c)
{
    bool says_so = !c->at_end && c->sender == SENDER_CLIENT && !is_by_device(c);
    if (c->sufferer == SENDER_SERVER && is_keep_alive_unanswered(c)) {
        return ", or the path to it is broken, as keep-alives say";
    }
    return says_so || c->bad_checksums_client > 0 ? "" : ", or what it sent was lost on the way";
}

static bool is_closed_by_client(const case_t *c)
{
    return closes_itself(c) && c->sender == SENDER_CLIENT;
}

bool wait_is_round(moment_t time)
{
    moment_t over = time % SECONDS(1);
    return time >= TIMEOUT_LEAST && (over <= ROUND_WITHIN || over >= SECONDS(1) - ROUND_WITHIN);
}

/* ", or its time was up, 15.000 s after its SYN": where that looks like a time-out, and others had most of it. */
static const char *time_up_words(const case_t *c, char words[RULE_TEXT])
{
    bool up = is_closed_by_client(c) && c->since_opening != MOMENT_NONE && wait_is_round(c->since_opening) &&
              c->waited < c->since_opening / 2;
    words[0] = '\0';
    if (up) {
        (void)snprintf(words, RULE_TEXT, ", or its time was up, %s s after its SYN", seconds(c->since_opening).text);
    }
    return words;
}

/* A scanner or a monitor that has its answer to PRELOGIN waits for more, for a time of its own. */
static const char *look_words(const case_t *c, const silence_t *row)
{
    bool looked = row->position == POSITION_ANSWERED && is_closed_by_client(c) && wait_is_round(c->waited);
    return looked ? ", or only looked whether there is a server" : "";
}

/* What the capture shows of what the client did meanwhile, with ": " behind it; empty if it shows nothing. */
static const char *evidence_words(const case_t *c, char words[RULE_TEXT])
{
    char look_up[RULE_TEXT];
    bool token = c->turn.message == MESSAGE_FEDAUTHINFO;
    if (token && case_look_up_words(&c->token_service, "its token service", look_up)[0] != '\0') {
        (void)say(words, "%s: ", look_up);
        return words;
    }
    return case_sought_words(&c->sought, "its ", ": ", words);
}

/* What the client was busy with: what the capture shows of it, else what it may have been. */
static void silence_words(const case_t *c, const silence_t *row, char words[RULE_TEXT])
{
    if (is_kdc_silent(c)) {
        (void)case_kdc_words(c, words);
    } else if (case_kdc_refused_turn(c)) {
        (void)snprintf(words, RULE_TEXT, "the KDC refused it a ticket in frame %u", c->kdc_frame);
    } else {
        char up[RULE_TEXT], evidence[RULE_TEXT];
        const char *cause = c->tls_resumed && row->position == POSITION_KEYS ? busy_in_resumption : row->cause;
        cause = case_server_came_late(c) ? "its time was up" : cause;
        (void)say(words, "%s%s%s%s%s", evidence_words(c, evidence), cause, look_words(c, row), time_up_words(c, up),
                  doubt_of_silence(c));
    }
}

/* What the server said meanwhile may be why the rest does not come, and one that reads nothing keeps it back. */
bool case_client_owes_rest(const case_t *c)
{
    const unfinished_t *part = &c->unfinished;
    return part->of == SENDER_CLIENT && !part->held && c->last_server_frame < part->begun;
}

/* The client ends the connection in the middle of its message, or leaves the rest of it out for long. */
static bool is_client_stuck(const case_t *c)
{
    const unfinished_t *part = &c->unfinished;
    bool long_enough = part->stalled_for != MOMENT_NONE && part->stalled_for >= c->limits[LIMIT_SLOW_STEP];
    bool ends = is_closed_by_client(c) || ((ends_wait(c) || falls_silent(c)) && long_enough);
    return case_client_owes_rest(c) && ends;
}

static bool say_stuck(const case_t *c, char *text)
{
    if (c->at_end) {
        return say(
            text, "the client owed the rest of its message since frame %u: nothing for %s s, to %s; it was busy%s",
            c->unfinished.frame, seconds(c->unfinished.stalled_for).text, case_end_words(c), doubt_of_silence(c));
    }
    return say(text, "the client owed the rest of its message since frame %u: %s by %s%s; %s%s", c->unfinished.frame,
               closing_word(c), closer_name(c), lasting(" after ", c->unfinished.stalled_for, "").text,
               is_closed_by_client(c) ? "it gave up, or its process ended" : "it was busy", doubt_of_silence(c));
}

static bool is_surely_login(const case_t *c)
{
    return is_login(&c->before) && c->before.position != POSITION_HIDDEN;
}

/* Behind the login, or where TLS hides whether it is: an application that does not go on. */
bool when_client_silent_later(const case_t *c, char *text)
{
    return !is_surely_login(c) && client_silence(c) == NULL && is_client_stuck(c) && say_stuck(c, text);
}

bool when_client_silent(const case_t *c, char *text)
{
    const silence_t *row = client_silence(c);
    if ((row != NULL || is_surely_login(c)) && is_client_stuck(c)) { /* it had what it needed to begin */
        return say_stuck(c, text);
    }
    if (row == NULL) {
        return false;
    }
    char cause[RULE_TEXT], network[RULE_TEXT];
    const char *what = awaited_text(c->turn.debt.awaited);
    silence_words(c, row, cause);
    late_words(c, network);
    if (c->at_end) {
        return say(text, "the client owed %s since frame %u: nothing for %s s, to %s%s; %s", what, c->turn.frame,
                   seconds(c->waited).text, case_end_words(c), network, cause);
    }
    return say(text, "the client owed %s since frame %u: %s by %s%s%s; %s", what, c->turn.frame, closing_word(c),
               closer_name(c), lasting(" after ", c->waited, "").text, network, cause);
}

/* The server's turn in a login. */

/* The client goes as soon as it has the session tickets of TLS 1.3: it did not wait for an answer. Where the clock was
 * set nobody knows how long it waited, and the server is not blamed. */
bool case_goes_on_tickets(const case_t *c)
{
    return closes(c) && c->sender == SENDER_CLIENT && c->tickets && !c->prelogin_may_be_answered &&
           (c->waited == MOMENT_NONE || c->waited < c->limits[LIMIT_SILENCE]);
}

/* A packet came where a response was due, and clients take only packets of the response's type for one. */
static bool is_answered_oddly(const case_t *c)
{
    return c->odd_answer > c->turn.frame && c->odd_answer == c->last_server_frame;
}

/* Whether what the server says, be it before a word of the client, is none of TDS. */
static bool is_another_service(const case_t *c)
{
    return c->odd_service != SERVICE_NONE;
}

const char *case_service_words(const case_t *c, char words[RULE_TEXT])
{
    words[0] = '\0';
    if (is_another_service(c)) {
        const char *name = service_name(c->odd_service);
        (void)snprintf(words, RULE_TEXT,
                       "what the server says in frame %u is %s%sno TDS: another service, or a proxy; ", c->odd_answer,
                       name != NULL ? name : "", name != NULL ? ", " : "");
    }
    return words;
}

const char *case_no_hello_words(const case_t *c, char words[RULE_TEXT])
{
    words[0] = '\0';
    if (c->server_alerted != 0 && !c->client_alerted) {
        (void)snprintf(words, RULE_TEXT, "; the server sent only the TLS alert %s (%u) in frame %u", case_alert_name(c),
                       c->alert, c->server_alerted);
    } else if (is_answered_oddly(c) && !is_another_service(c)) {
        (void)snprintf(words, RULE_TEXT, "; the packet of type 0x%02x in frame %u is no TLS", c->odd_answer_type,
                       c->odd_answer);
    }
    return words;
}

const char *case_strict_words(const case_t *c)
{
    bool hello = c->turn.debt.awaited == POSITION_HELLO && turn_was_delivered(&c->turn);
    return c->strict && hello && !is_another_service(c) ? "; it begins TDS 8.0 (strict), which this server may not take"
                                                        : "";
}

static const char *odd_words(const case_t *c, char words[RULE_TEXT])
{
    words[0] = '\0';
    if (is_answered_oddly(c) && !is_another_service(c)) {
        (void)snprintf(words, RULE_TEXT, "; the packet of type 0x%02x in frame %u is no response", c->odd_answer_type,
                       c->odd_answer);
    }
    return words;
}

/* The handshake of TCP did not end for the server, though it did for the client. */
static const char *opening_words(const case_t *c, char words[RULE_TEXT])
{
    words[0] = '\0';
    if (c->opened_again != 0) {
        (void)snprintf(
            words, RULE_TEXT,
            "; frame %u repeats the SYN-ACK that the client had acknowledged: nothing of it arrives, or the accept "
            "queue is full",
            c->opened_again);
    }
    return words;
}

bool when_prelogin_unanswered(const case_t *c, char *text)
{
    char delivery[RULE_TEXT], proxy[RULE_TEXT], service[RULE_TEXT], opening[RULE_TEXT];
    bool given_up = ends_wait(c) && !case_server_closes_at_once(c);
    if (!(given_up || falls_silent(c)) || !stands_at(c, POSITION_PRELOGIN) || !owes(c, SENDER_SERVER) || c->gap ||
        c->prelogin_may_be_answered || case_goes_on_tickets(c)) {
        return false;
    }
    case_service_words(c, service);
    case_delivery_words(c, delivery);
    case_proxy_words(c, " stands before it", proxy);
    opening_words(c, opening);
    return given_up ? say(text, "%sno %sanswer to PRELOGIN in frame %u: %s by %s%s%s%s%s", service, case_part_words(c),
                          c->turn.frame, closing_word(c), closer_name(c), lasting(" after ", c->waited, "").text,
                          delivery, proxy, opening)
                    : say(text, "%sno %sanswer to PRELOGIN in frame %u until %s, %s s later%s%s%s", service,
                          case_part_words(c), c->turn.frame, case_end_words(c), seconds(c->waited).text, delivery,
                          proxy, opening);
}

/* What came before the ClientHello, or instead of the ServerHello. */
static const char *hello_words(const case_t *c, char words[RULE_TEXT])
{
    return case_no_hello_words(c, words)[0] != '\0' ? words : case_proxy_words(c, " stands before it", words);
}

/* What is said of the message that the server did not answer; NULL where another rule says it. */
static const char *unanswered_message(const case_t *c)
{
    switch ((position_t)c->turn.debt.awaited) {
    case POSITION_HELLO: /* no_login_sent says it of a client that goes */
        return c->sender == SENDER_CLIENT && closes(c) ? NULL : "answer to the ClientHello";
    case POSITION_KEYS:
        return c->client_finished ? "answer to the client's Finished" : NULL; /* an alert, which TLS 1.3 hides */
    case POSITION_LOGIN:
        return "answer to the login";
    case POSITION_RESPONDED:
        return "answer to the token";
    default:
        return c->turn.message == MESSAGE_KERBEROS_AP_REP && !stands_at(c, POSITION_CONFIRMED)
                   ? "LOGINACK after the AP-REP"
                   : NULL;
    }
}

bool case_is_answered_unreadably(const case_t *c)
{
    bool spoke = c->server_spoke_last && !is_answered_oddly(c) && c->server_alerted == 0;
    return c->turn.by != SENDER_SERVER && spoke && c->unfinished.of != SENDER_SERVER;
}

bool case_may_lack_message(const case_t *c)
{
    bool silent = owes(c, SENDER_SERVER) && c->turn.by == SENDER_CLIENT && c->last_server_frame < c->turn.frame;
    return c->unseen || (c->gap && !silent);
}

bool case_is_server_late(const case_t *c)
{
    return c->waited != MOMENT_NONE && c->waited >= c->limits[LIMIT_SILENCE];
}

/* A client gives up on any answer; a server that closes says so elsewhere, but for that of its silence before TLS. */
static bool is_given_up(const case_t *c)
{
    bool server = c->sender == SENDER_SERVER && c->turn.debt.awaited == POSITION_HELLO && case_is_server_late(c);
    return ends_wait(c) && (c->sender == SENDER_CLIENT || server);
}

/* What the server does with a token that it has, and whom it asked in vain meanwhile. */
static const char *server_busy_words(const case_t *c, char words[RULE_TEXT])
{
    char sought[RULE_TEXT];
    bool asks = c->auth.auth == AUTH_NTLM && c->turn.debt.awaited == POSITION_RESPONDED &&
                turn_was_delivered(&c->turn) && own_wait(c) > c->limits[LIMIT_SLOW_CONTROLLER];
    const char *controller = asks ? "; the server waited for a domain controller, probably" : "";
    (void)say(words, "%s%s", case_sought_words(&c->sought, "; the server's ", "", sought), controller);
    return words;
}

/* The server answered the login, and said nothing by which the client knows that it is logged in. */
static bool when_login_undecided(const case_t *c, char *text)
{
    bool ends = ends_wait(c) || falls_silent(c);
    if (!ends || c->undecided == 0 || !is_login(&c->before) || c->unseen) {
        return false;
    }
    return c->at_end
               ? say(text, "the answer to the login in frame %u has neither LOGINACK nor an ERROR: nothing until %s",
                     c->undecided, case_end_words(c))
               : say(text, "the answer to the login in frame %u has neither LOGINACK nor an ERROR: %s by %s%s",
                     c->undecided, closing_word(c), closer_name(c), lasting(" ", c->since_data, " after it").text);
}

bool when_login_unanswered(const case_t *c, char *text)
{
    if (when_login_undecided(c, text)) {
        return true;
    }
    char delivery[RULE_TEXT];
    char odd[RULE_TEXT], service[RULE_TEXT], busy[RULE_TEXT];
    bool given_up = is_given_up(c);
    const char *what = owes(c, SENDER_SERVER) ? unanswered_message(c) : NULL;
    if (!(given_up || falls_silent(c)) || what == NULL || case_is_answered_unreadably(c) || c->unseen) {
        return false;
    }
    case_service_words(c, service);
    case_delivery_words(c, delivery);
    (void)(c->turn.debt.awaited == POSITION_HELLO ? hello_words(c, odd) : odd_words(c, odd));
    const char *why = server_busy_words(c, busy)[0] != '\0' ? busy : case_strict_words(c);
    return given_up
               ? say(text, "%sno %s%s in frame %u: %s by %s%s%s%s%s", service, case_part_words(c), what, c->turn.frame,
                     closing_word(c), closer_name(c), lasting(" after ", c->waited, "").text, delivery, odd, why)
               : say(text, "%sno %s%s in frame %u until %s, %s s later%s%s%s", service, case_part_words(c), what,
                     c->turn.frame, case_end_words(c), seconds(c->waited).text, delivery, odd, why);
}

/* The server's turn in a command. */

/* Whether the server sent anything behind the request. Its clock may be behind the client's. */
static bool has_server_spoken(const case_t *c)
{
    return c->server_spoke_last || c->last_server_frame > c->turn.frame;
}

/* Whether the server may have answered with bytes that were not read: no key decrypts them, or another dissector has
 * them. With MARS the server may have sent only SMP, which is not visible if all is encrypted. */
static bool may_be_answered_unread(const case_t *c)
{
    if (c->mars || c->mars_used) {
        return c->turn.message == MESSAGE_ENCRYPTED && has_server_spoken(c);
    }
    return !c->turn.answering && case_is_answered_unreadably(c);
}

/* Behind "probably a ", what may have been encrypted beside a request. */
static const char *what_else_it_was(const case_t *c)
{
    if (c->last_server_frame == 0) {
        return "login or a ";
    }
    return is_login(&c->before) ? "token of the login or a " : "";
}

/* Whether the request was sent again, more than once, and never acknowledged: nobody knows that it arrived. The capture
 * may lack some of the segments, so that they are less than RUN_THAT_BREAKS. */
static bool is_resent_in_vain(const case_t *c)
{
    return turn_is_open(&c->turn) && !turn_was_delivered(&c->turn) && c->turn.delivery.resendings > 1;
}

bool when_request_abandoned(const case_t *c, char *text)
{
    bool command = awaited_is_response(c->turn.debt.awaited);
    if (!closes_itself(c) || c->sender != SENDER_CLIENT || !command || c->answer_missing || c->client_word_missing ||
        case_is_undelivered(c) || is_resent_in_vain(c) || is_keep_alive_unanswered(c) || may_be_answered_unread(c)) {
        return false;
    }
    char also[40] = "", late[RULE_TEXT];
    if (c->like_frame != 0) {
        (void)snprintf(also, sizeof also, ", as long as in frame %u", c->like_frame);
    }
    bool timeout = wait_is_round(c->waited) || c->like_frame != 0;
    bool answering = c->turn.answering || (!c->mars_used && has_server_spoken(c));
    if (c->turn.message == MESSAGE_ENCRYPTED) { /* where sizes do not tell, an ATTENTION may be among it */
        return say(text,
                   "%s by the client%s after what it sent encrypted in frame %u%s and %s: probably a "
                   "%srequest, inferred from directions%s%s",
                   closing_word(c), lasting(" ", c->waited, "").text, c->turn.frame, late_words(c, late),
                   answering ? "in the middle of the answer" : "nobody answered", what_else_it_was(c), also,
                   timeout ? "; this looks like a time-out" : "");
    }
    return say(text, "%s by the client%s after its request in frame %u%s, %s and without an ATTENTION%s%s",
               closing_word(c), lasting(" ", c->waited, "").text, c->turn.frame, late_words(c, late),
               answering ? "in the middle of the answer" : "without an answer", also,
               timeout ? ": this looks like a time-out" : "");
}
