/* loginrules.c - the rules about the opening of a connection, its login and how the client authenticates.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "loginrules.h"

#include <stdio.h>
#include <string.h>

#include "characters.h"
#include "clauses.h"
#include "ends.h"
#include "errors.h"
#include "kerberos.h"
#include "lossrules.h"
#include "tds.h"
#include "tlsrules.h"
#include "waits.h"

/* Opening. */

#define SAME_TIME MILLISECONDS(200) /* a service does not stop between two attempts so close, as a rule */

bool when_connection_refused(const case_t *c, char *text)
{
    if (!is_breaking_rst(c) || c->sender != SENDER_SERVER || !stands_at(c, POSITION_SYN_SENT)) {
        return false;
    }
    if (rule_is_foreign_ttl(c->reset_ttl, c->accepted_ttl)) {
        return say(text,
                   "a device between refuses it: RST in answer to the SYN, with TTL %u, while this server has %u%s",
                   c->reset_ttl, c->accepted_ttl, sent_here_by(c).text);
    }
    if (c->accepted_before != MOMENT_NONE && c->accepted_before <= SAME_TIME) {
        return say(
            text,
            "the accept queue was full, probably: RST in answer to the SYN, %s s after connection %u to the same "
            "port was accepted",
            seconds(c->accepted_before).text, c->accepted_stream - 1);
    }
    bool host = c->accepted_ttl != 0 && c->reset_ttl != 0; /* its own TTL: no other host's */
    return say(text, "%s, %sthe accept queue is full%s: RST in answer to the SYN%s",
               c->administrator ? "the dedicated administrator connection (DAC) takes no remote clients, as without "
                                  "'remote admin connections', or nobody listens on this port"
                                : "nobody listens on this port",
               host ? "or " : "", host ? "" : ", or something between refuses", sent_here_by(c).text);
}

/* What a load balancer says in its own name is no word of the client's. */
static bool has_client_spoken(const case_t *c)
{
    return c->before.spoken && c->proxied.frame == 0;
}

/* The server accepts the connection and ends it at once, before a word of the client. */
bool case_is_hung_up(const case_t *c)
{
    bool silent = stands_at(c, POSITION_REACHED) || stands_at(c, POSITION_SYN_ANSWERED);
    return closes_itself(c) && c->sender == SENDER_SERVER && silent && !has_client_spoken(c) && !c->one_sided &&
           !c->gap && c->parallel_stream == 0 && c->waited != MOMENT_NONE && c->waited < c->limits[LIMIT_SILENCE] &&
           turn_sendings(&c->turn) == 1;
}

#define LATE_FOR_SCAN SECONDS(1) /* nobody is so far away that a scan's RST would come later */

/* A device that resets in the client's name would show the same. */
static bool say_probe(const case_t *c, char *text)
{
    if (c->same_syn != 0) {
        return say(text,
                   "%s by the client, which had asked another address, in connection %u: something between translates "
                   "addresses on one way only",
                   closing_word(c), c->same_syn - 1);
    }
    if (rule_is_foreign_ttl(c->reset_ttl, c->syn_ttl)) {
        return say(text,
                   "RST on the SYN-ACK, with TTL %u where the SYN has %u: a port scan, or a device between lets no "
                   "connection come about",
                   c->reset_ttl, c->syn_ttl);
    }
    if (c->syn_ttl != 0) {
        bool late = c->since_opening != MOMENT_NONE && c->since_opening >= LATE_FOR_SCAN;
        return late
                   ? say(text, "RST on the SYN-ACK, %s s after the SYN: the client's time was up, or it forgot the SYN",
                         seconds(c->since_opening).text)
                   : say(text, "RST on the SYN-ACK: a port scan, or a client whose time was up");
    }
    return say(text, "TCP was opened and %s without a byte: a port check, or a client whose time was up",
               closing_word(c));
}

bool when_probe(const case_t *c, char *text)
{
    return closes_itself(c) && c->now.state == STATE_PROBE && c->parallel_stream == 0 && !c->gap &&
           !case_client_was_silent(c) && !case_is_hung_up(c) && say_probe(c, text);
}

/* What the end of the server may mean that nothing explains. */
static const char *refused_prelogin_words(const case_t *c, char words[RULE_TEXT])
{
    if (c->proxied.frame != 0) {
        return case_proxy_words(c, " stands before it", words);
    }
    const char *cause = ": it may take TDS 8.0 (strict) only, be another service, be a proxy with no server behind it, "
                        "or be overloaded";
    if (c->alert_fatal && !c->client_alerted) {
        cause = ": its TLS alert says that it takes TLS at once, as TDS 8.0 (strict), or another service";
    } else if (c->unfinished.of == SENDER_SERVER) {
        cause = ", in the middle of its answer: it may be another service, or have crashed";
    }
    (void)snprintf(words, RULE_TEXT, "%s", cause);
    return words;
}

bool when_prelogin_refused(const case_t *c, char *text)
{
    char service[RULE_TEXT], why[RULE_TEXT];
    bool named = case_service_words(c, service)[0] != '\0';
    return case_server_closes_at_once(c) && stands_at(c, POSITION_PRELOGIN) && !c->gap &&
           !c->prelogin_may_be_answered &&
           say(text, "%s%s by the server %s s after PRELOGIN in frame %u%s", service, closing_word(c),
               seconds(c->waited).text, c->turn.frame, named ? "" : refused_prelogin_words(c, why));
}

bool when_instance_mismatch(const case_t *c, char *text)
{
    return c->seen == MESSAGE_PRELOGIN_RESPONSE && c->instance_mismatch &&
           say(text, "the server says in PRELOGIN that it is not the instance that the client asked for");
}

bool when_login_in_clear(const case_t *c, char *text)
{
    bool login = c->seen == MESSAGE_LOGIN7 || c->seen == MESSAGE_OLD_LOGIN;
    return login && c->login_readable && c->has_password &&
           say(text, "the login travels without TLS: its password is %s",
               c->seen == MESSAGE_OLD_LOGIN ? "plain text" : "only obfuscated");
}

/* Whether it was the client's turn to send LOGIN7, or to begin TLS for it. */
static bool is_before_login(const case_t *c)
{
    return stands_at(c, POSITION_SECURED) || stands_at(c, POSITION_KEYS) || stands_at(c, POSITION_ANSWERED);
}

/* A time-out is a second long, at least. */
static bool may_be_time_out(const case_t *c)
{
    return c->since_opening == MOMENT_NONE || c->since_opening >= SECONDS(1);
}

/* What the client would have sent next leaves few causes: TLS comes before the token. */
static bool say_why_after_prelogin(const case_t *c, char *text)
{
    encryption_t agreed = prelogin_encryption(c->encrypt_client, c->encrypt_server);
    bool tls = c->prelogin_server && (agreed == ENCRYPTION_LOGIN_ONLY || agreed == ENCRYPTION_FULL);
    bool late = may_be_time_out(c);
    const char *looked =
        late ? ", only looked whether there is a server" : ", or only looked whether there is a server";
    return say(text, "%s by the client after PRELOGIN, with no %s: it could not %s%s%s", closing_word(c),
               tls ? "ClientHello" : "LOGIN7", tls ? "begin TLS" : "make an SSPI token",
               c->kdc_error == 0 ? looked : "", late ? ", or its time was up" : "");
}

/* What the server said may never have reached the client, or so late that the client's time was up. */
static bool is_server_resent_in_vain(const case_t *c)
{
    return c->turn.by == SENDER_SERVER && (case_is_resent_in_vain(c) || case_server_came_late(c));
}

/* What became of a ClientHello without a ServerHello. */
static const char *hello_words(const case_t *c)
{
    return c->unfinished.of == SENDER_SERVER ? ", in the middle of the server's answer" : ", which nobody answered";
}

static bool say_hello_unanswered(const case_t *c, char *text)
{
    char service[RULE_TEXT], instead[RULE_TEXT], delivery[RULE_TEXT];
    bool named = case_service_words(c, service)[0] != '\0';
    bool said = case_no_hello_words(c, instead)[0] != '\0';
    return say(text, "%s%s by the client%s after its ClientHello%s%s%s%s", service, closing_word(c),
               lasting(" ", c->since_client, "").text, case_delivery_words(c, delivery),
               named || said ? "" : hello_words(c), instead, case_strict_words(c));
}

/* The client may finish TLS before it looks at the certificate, so that a close after it has more than one cause. Of an
 * earlier session it takes what it goes on with. */
static bool say_closed_after_tls(const case_t *c, char *text)
{
    char doubt[RULE_TEXT];
    bool taken = c->tls_resumed && c->client_finished;
    return say(text, "%s by the client after TLS, with no LOGIN7: %s could not make an SSPI token, or %s",
               closing_word(c), taken ? "it" : case_certificate_doubt(c, doubt),
               may_be_time_out(c) ? "its time was up" : "only looked at TLS");
}

static bool say_where_it_closed(const case_t *c, char *text)
{
    if (stands_at(c, POSITION_SECURED) || stands_at(c, POSITION_KEYS)) {
        return say_closed_after_tls(c, text);
    }
    if (stands_at(c, POSITION_PRELOGIN) && (c->prelogin_may_be_answered || case_goes_on_tickets(c))) {
        return say(text, "%s by the client%s after PRELOGIN in frame %u, with no LOGIN7: the server sent %s",
                   closing_word(c), lasting(" ", c->since_client, "").text, c->times[TIME_PRELOGIN].begun,
                   c->prelogin_may_be_answered ? "what may be its answer, encrypted"
                                               : "TLS session tickets, which this client may not take");
    }
    if (stands_at(c, POSITION_HELLO) && !c->alert_fatal) {
        return !case_is_answered_unreadably(c) && say_hello_unanswered(c, text);
    }
    return stands_at(c, POSITION_ANSWERED) && c->prelogin_client && !case_disagrees_on_encryption(c) &&
           !c->instance_mismatch && say_why_after_prelogin(c, text);
}

bool when_no_login_sent(const case_t *c, char *text)
{
    bool server_owes = stands_at(c, POSITION_KEYS) && c->turn.debt.owes == SENDER_SERVER;
    bool gap = c->gap && !(c->turn_whole && c->turn.debt.owes == SENDER_CLIENT);
    if (!closes_itself(c) || c->sender != SENDER_CLIENT || gap ||
        (case_is_before_client_goes_on(c) && !case_server_came_late(c)) || case_client_was_silent(c) || server_owes) {
        return false;
    }
    if (is_server_resent_in_vain(c)) {
        char delivery[RULE_TEXT];
        bool due = is_before_login(c) || stands_at(c, POSITION_HELLO_ANSWERED);
        return due && say(text, "%s by the client with no LOGIN7: the server's word in frame %u%s", closing_word(c),
                          c->turn.frame, case_delivery_words(c, delivery));
    }
    if (is_before_login(c) && case_kdc_refused_turn(c)) {
        return say(text, "the KDC refused it a ticket in frame %u, %s by the client with no LOGIN7", c->kdc_frame,
                   closing_word(c));
    }
    if (is_before_login(c) && case_kdc_denies(c)) {
        char words[RULE_TEXT];
        return say(text, "%s; %s by the client with no LOGIN7", case_kdc_words(c, words), closing_word(c));
    }
    return say_where_it_closed(c, text);
}

#define WORDS_OF_SERVER 80 /* characters: the least for them beside what other errors of the answer mean */

/* "; then error 18456, login failed": the others of the same answer, with what they mean if there is room behind so
 * many characters. Returns `text`. */
static const char *further_errors(const case_t *c, size_t said, char text[RULE_TEXT])
{
    size_t at = 0;
    text[0] = '\0';
    for (uint32_t i = 0; i < c->further_error_count; i++) {
        const char *meaning = error_explained(c->further_errors[i]);
        at += (size_t)snprintf(text + at, RULE_TEXT - at, "; then error %u", c->further_errors[i]);
        if (meaning != NULL && said + at + strlen(meaning) + WORDS_OF_SERVER <= SENTENCE_LIMIT) {
            at += (size_t)snprintf(text + at, RULE_TEXT - at, ", %s", meaning);
        }
    }
    return text;
}

/* The state of 18456 is 1 on the wire whatever the cause: SQL Server hides it by design, other servers may not. What
 * the client showed leaves fewer causes. */
static const char *failure_hint(const case_t *c)
{
    if (c->error_state != 1) {
        return error_of_failure_state(c->error_state);
    }
    if (c->error_text != NULL && strstr(c->error_text, "Reason: ") != NULL) {
        return NULL; /* Azure says some */
    }
    if (c->ntlm_anonymous) {
        return "AUTHENTICATE names nobody: a service without credentials, or a double hop";
    }
    if (c->auth.auth == AUTH_ENTRA) {
        return "this server or database has no user for the token, or it is of another tenant or service: state 1 "
               "hides the reason by design";
    }
    return "see the server's error log: state 1 hides the reason by design";
}

/* What to make of an error. */
static const char *error_hint(const case_t *c)
{
    enum { LOGIN_FAILED = 18456 };
    return c->error_number == LOGIN_FAILED ? failure_hint(c) : error_explained(c->error_number);
}

/* Of a sentence, so that more can follow it. */
static size_t length_without_stop(const char *sentence)
{
    size_t length = strlen(sentence);
    return length > 0 && sentence[length - 1] == '.' ? length - 1 : length;
}

/* The server's words, as far as there is room beside what is said of them: they may be long, and a field has them all.
 */
static void words_of_server(const case_t *c, char told[SENTENCE_LIMIT], size_t said)
{
    const size_t least = 40;
    size_t room = said + least < SENTENCE_LIMIT ? SENTENCE_LIMIT - said : least;
    (void)characters_show(told, room, c->error_text != NULL ? c->error_text : "its text is not in the capture");
    told[length_without_stop(told)] = '\0';
}

/* An AUTHENTICATE in TLS that is not bound to it: with Extended Protection the server takes none of these. */
static bool may_lack_bindings(const case_t *c)
{
    enum { UNTRUSTED = 18452 };
    return c->error_number == UNTRUSTED && c->auth.auth == AUTH_NTLM && c->tls_version != 0 &&
           c->channel_bindings != NULL && strcmp(c->channel_bindings, "present") != 0;
}

/* Servers answer with the same errors where a pooled connection's new user is refused. */
static bool begins_with_answer(const case_t *c)
{
    return (stands_at(c, POSITION_START) || stands_at(c, POSITION_KEPT_ALIVE)) && !c->login_sent;
}

bool when_login_refused(const case_t *c, char *text)
{
    if (c->seen != MESSAGE_LOGIN_ERROR) {
        return false;
    }
    const char *hint = error_hint(c);
    char error[RULE_TEXT], state[80], told[SENTENCE_LIMIT], further[RULE_TEXT];
    const char *also = may_lack_bindings(c) ? ", or Extended Protection: AUTHENTICATE has no channel bindings" : "";
    /* A column of the packet list shows no more than the beginning. */
    if (c->error_number == 0) {
        return say(text, "an ERROR of which the capture has no number");
    }
    (void)snprintf(error, sizeof error, "error %u%s%s%s%s: ", c->error_number, hint != NULL ? " (" : "",
                   hint != NULL ? hint : "", also, hint != NULL ? ")" : "");
    (void)snprintf(state, sizeof state, " (state %u, class %u%s)", c->error_state, c->error_class,
                   begins_with_answer(c) ? "; of a login, a pool's reset or a command" : "");
    further_errors(c, strlen(error) + strlen(state), further);
    words_of_server(c, told, strlen(error) + strlen(state) + strlen(further));
    return say(text, "%s%s%s%s", error, told, state, further);
}

bool when_login_probably_refused(const case_t *c, char *text)
{
    return closes_itself(c) && c->hidden_refused &&
           say(text, "one short encrypted answer to the login, then the end: what a refusal looks like without keys");
}

bool when_late_confirmation(const case_t *c, char *text)
{
    bool gone = c->before.closed_first == SENDER_CLIENT || c->before.reset;
    return c->seen == MESSAGE_LOGINACK && gone && !c->gap &&
           say(text, "LOGINACK came%s after the login, when the client had gone",
               lasting(" ", c->since_client, "").text);
}

bool when_redirected(const case_t *c, char *text)
{
    if (c->at_end && c->routing_hidden) {
        return say(text,
                   "the server probably sent the client to %s, port %u, in connection %u: TLS hides it, but the client "
                   "went there right after one answer",
                   c->routing_host != NULL ? brief(c->routing_host).text : "another host", c->routing_port,
                   c->routing_stream);
    }
    return c->seen == MESSAGE_ROUTING && c->circle == 0 &&
           say(text, "the server sends the client to %s, port %u",
               c->routing_host != NULL ? brief(c->routing_host).text : "an unknown host", c->routing_port);
}

/* A server sends a client on that it had sent away before. */
bool when_redirected_round(const case_t *c, char *text)
{
    return c->seen == MESSAGE_ROUTING && c->circle != 0 &&
           say(text, "the server sends the client to %s, port %u, as in connection %u: the redirects lead in a circle",
               c->routing_host != NULL ? brief(c->routing_host).text : "an unknown host", c->routing_port,
               c->circle - 1);
}

/* Why there is no connection to where the server sent the client. */
static const char *why_not_followed(const case_t *c, char why[RULE_TEXT])
{
    const char *look_up = case_look_up_words(&c->target, "that name", why);
    return look_up[0] != '\0' ? look_up : "it may not be visible from here";
}

bool when_redirect_not_followed(const case_t *c, char *text)
{
    char why[RULE_TEXT];
    return c->at_end && c->now.state == STATE_REDIRECTED && !c->routing_followed &&
           c->silence >= c->limits[LIMIT_SILENCE] &&
           say(text, "no connection to %s, port %u in the %s s that follow; %s",
               c->routing_host != NULL ? brief(c->routing_host).text : "the target", c->routing_port,
               seconds(c->silence).text, why_not_followed(c, why));
}

bool when_session_recovered(const case_t *c, char *text)
{
    return c->seen == MESSAGE_LOGIN7 && c->reconnect && say(text, "LOGIN7 brings a session back that was lost");
}

bool when_certificate_login(const case_t *c, char *text)
{
    return c->seen == MESSAGE_PRELOGIN && c->client_certificate &&
           say(text, "PRELOGIN offers to authenticate by a client certificate");
}

bool when_change_password(const case_t *c, char *text)
{
    return c->seen == MESSAGE_LOGIN7 && c->change_password && say(text, "LOGIN7 changes the password of the login");
}

bool when_read_only_intent(const case_t *c, char *text)
{
    return c->seen == MESSAGE_LOGIN7 && c->read_only && say(text, "LOGIN7 asks for a read-only replica");
}

bool when_version_refused(const case_t *c, char *text)
{
    enum { VERSION_UNKNOWN = 17802 };
    return c->seen == MESSAGE_LOGIN_ERROR && c->error_number == VERSION_UNKNOWN &&
           say(text, "error 17802: the server does not know the TDS version of LOGIN7");
}

bool when_parallel_connect(const case_t *c, char *text)
{
    return closes(c) && c->now.state == STATE_PROBE && c->parallel_stream != 0 &&
           say(text,
               "the client opened connection %u at the same time and dropped this one: MultiSubnetFailover or "
               "Transparent Network IP Resolution",
               c->parallel_stream - 1);
}

/* Authentication. */

bool case_is_decided(const case_t *c)
{
    return c->seen == MESSAGE_LOGINACK || c->seen == MESSAGE_LOGIN_ERROR;
}

bool when_ntlm_used(const case_t *c, char *text)
{
    return case_is_decided(c) && c->auth.auth == AUTH_NTLM &&
           say(text, "NTLM was used (%s, frame %u)%s%s", c->auth.sentence, c->auth.frame,
               c->spn != NULL ? "; the client meant " : "", c->spn != NULL ? brief(c->spn).text : "");
}

/* For what, or for whom, the KDC gave no ticket. */
static brief_t refused_principal(const case_t *c)
{
    return brief(c->kdc_spn != NULL ? c->kdc_spn : "the client's account");
}

bool when_ntlm_after_kerberos_failure(const case_t *c, char *text)
{
    if (!case_is_decided(c) || c->auth.auth != AUTH_NTLM || (c->kdc_error == 0 && c->kerberos_frame == 0)) {
        return false;
    }
    return c->kdc_error != 0
               ? say(text, "NTLM, after the KDC answered %s (%u) for %s in frame %u", kerberos_error_name(c->kdc_error),
                     c->kdc_error, refused_principal(c).text, c->kdc_frame)
               : say(text, "NTLM, after the Kerberos token in frame %u of the same login was not taken",
                     c->kerberos_frame);
}

bool when_ntlm_anonymous(const case_t *c, char *text)
{
    return c->seen == MESSAGE_NTLM_AUTHENTICATE && c->ntlm_anonymous &&
           say(text, "AUTHENTICATE names nobody: a service without credentials, or a double hop");
}

bool when_ntlm_v1(const case_t *c, char *text)
{
    return c->seen == MESSAGE_NTLM_AUTHENTICATE && c->ntlm_v1 &&
           say(text, "AUTHENTICATE has a 24-byte response: NTLMv1, which is easily broken");
}

/* A KDC that refuses shows in the connection that the client could not go on with. Who offers a ticket has one. */
static bool kdc_refused(const case_t *c)
{
    bool stopped = closes_itself(c) && c->sender == SENDER_CLIENT && !c->login_sent && c->prelogin_client;
    bool has_ticket = c->auth.auth == AUTH_KERBEROS || (c->auth.auth == AUTH_WINDOWS && c->kerberos_frame != 0);
    bool went_another_way =
        c->auth.auth == AUTH_SQL || c->auth.auth == AUTH_ENTRA || c->auth.auth == AUTH_CERTIFICATE || has_ticket;
    return (stopped || case_is_decided(c)) && c->kdc_error != 0 && !went_another_way;
}

enum { KDC_SERVICE_UNKNOWN = 7, KDC_NOT_UNIQUE = 8 };

/* Whether it says something of the SPN. */
static bool is_about_spn(const case_t *c, uint32_t error)
{
    return c->kdc_error == error && c->kdc_spn != NULL;
}

static bool say_kdc(const case_t *c, char *text)
{
    bool about_spn = c->kdc_error == KDC_SERVICE_UNKNOWN || c->kdc_error == KDC_NOT_UNIQUE;
    const char *meaning = about_spn && c->kdc_spn == NULL ? NULL : kerberos_error_meaning_of_kdc(c->kdc_error);
    return say(text, "the KDC answered %s (%u) for %s in frame %u%s%s", kerberos_error_name(c->kdc_error), c->kdc_error,
               refused_principal(c).text, c->kdc_frame, meaning != NULL ? ": " : "", meaning != NULL ? meaning : "");
}

bool when_spn_unknown(const case_t *c, char *text)
{
    return kdc_refused(c) && is_about_spn(c, KDC_SERVICE_UNKNOWN) && say_kdc(c, text);
}

bool when_spn_duplicate(const case_t *c, char *text)
{
    return kdc_refused(c) && is_about_spn(c, KDC_NOT_UNIQUE) && say_kdc(c, text);
}

bool when_kerberos_error(const case_t *c, char *text)
{
    return kdc_refused(c) && !is_about_spn(c, KDC_SERVICE_UNKNOWN) && !is_about_spn(c, KDC_NOT_UNIQUE) &&
           say_kdc(c, text);
}
