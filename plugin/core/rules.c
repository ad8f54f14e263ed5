/* rules.c - the rules: what is wrong with a connection, or unusual.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * One predicate for each rule: if it holds, it writes what it found. Missing packets never cause a diagnosis.
 */
#include "rules.h"

#include <stdio.h>
#include <string.h>

#include "dns.h"
#include "ends.h"
#include "kerberos.h"
#include "piperules.h"
#include "tds.h"
#include "tlsrules.h"
#include "waits.h"

bool rule_breaks(message_t seen, const connection_t *before)
{
    return seen == MESSAGE_RST && before->closed_first == SENDER_UNKNOWN && !before->reset;
}

/* Opening. */

#define SAME_TIME MILLISECONDS(200) /* a service does not stop between two attempts so close, as a rule */

static bool when_connection_refused(const case_t *c, char *text)
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
    return say(text, "%s, or the accept queue is full: RST in answer to the SYN%s",
               c->administrator ? "the dedicated administrator connection (DAC) takes no remote clients, as without "
                                  "'remote admin connections', or nobody listens on this port"
                                : "nobody listens on this port",
               sent_here_by(c).text);
}

/* What a load balancer says in its own name is no word of the client's. */
static bool has_client_spoken(const case_t *c)
{
    return c->before.spoken && c->proxied.frame == 0;
}

/* The server accepts the connection and ends it at once, before a word of the client. */
static bool is_hung_up(const case_t *c)
{
    bool silent = stands_at(c, POSITION_REACHED) || stands_at(c, POSITION_SYN_ANSWERED);
    return closes_itself(c) && c->sender == SENDER_SERVER && silent && !has_client_spoken(c) && !c->one_sided &&
           !c->gap && c->parallel_stream == 0 && c->waited != MOMENT_NONE && c->waited < c->limits[LIMIT_SILENCE] &&
           turn_sendings(&c->turn) == 1;
}

static bool when_probe(const case_t *c, char *text)
{
    return closes_itself(c) && c->now.state == STATE_PROBE && c->parallel_stream == 0 && !c->gap &&
           !case_client_was_silent(c) && !is_hung_up(c) &&
           say(text, "TCP was opened and %s without a byte: a port check, or a client whose time was up",
               closing_word(c));
}

/* What the end of the server may mean that nothing explains. */
static const char *refused_prelogin_words(const case_t *c, char words[RULE_TEXT])
{
    if (c->proxied.frame != 0) {
        return case_proxy_words(c, " stands before it", words);
    }
    bool alert = c->alert_fatal && !c->client_alerted;
    (void)snprintf(words, RULE_TEXT, "%s",
                   alert ? ": its TLS alert says that it takes TLS at once, as TDS 8.0 (strict), or another service"
                         : ": it may take TDS 8.0 (strict) only, be another service, or be overloaded");
    return words;
}

static bool when_prelogin_refused(const case_t *c, char *text)
{
    char service[RULE_TEXT], why[RULE_TEXT];
    bool named = case_service_words(c, service)[0] != '\0';
    return case_server_closes_at_once(c) && stands_at(c, POSITION_PRELOGIN) && !c->gap &&
           !c->prelogin_may_be_answered &&
           say(text, "%s%s by the server %s s after PRELOGIN in frame %u%s", service, closing_word(c),
               seconds(c->waited).text, c->turn.frame, named ? "" : refused_prelogin_words(c, why));
}

static bool when_instance_mismatch(const case_t *c, char *text)
{
    return c->seen == MESSAGE_PRELOGIN_RESPONSE && c->instance_mismatch &&
           say(text, "the server says in PRELOGIN that it is not the instance that the client asked for");
}

static bool when_login_in_clear(const case_t *c, char *text)
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

/* What the server said may never have reached the client. */
static bool is_server_resent_in_vain(const case_t *c)
{
    return c->turn.by == SENDER_SERVER && case_is_resent_in_vain(c);
}

/* The client may finish TLS before it looks at the certificate, so that a close after it has more than one cause. */
static bool say_where_it_closed(const case_t *c, char *text)
{
    if (stands_at(c, POSITION_SECURED) || stands_at(c, POSITION_KEYS)) {
        char doubt[RULE_TEXT];
        return say(text, "%s by the client after TLS, with no LOGIN7: %s%s", closing_word(c),
                   case_certificate_doubt(c, doubt),
                   may_be_time_out(c) ? ", could not make an SSPI token, or its time was up"
                                      : ", or could not make an SSPI token");
    }
    if (stands_at(c, POSITION_PRELOGIN) && (c->prelogin_may_be_answered || case_goes_on_tickets(c))) {
        return say(text, "%s by the client%s after PRELOGIN in frame %u, with no LOGIN7: the server sent %s",
                   closing_word(c), lasting(" ", c->since_client, "").text, c->times[TIME_PRELOGIN].begun,
                   c->prelogin_may_be_answered ? "what may be its answer, encrypted"
                                               : "TLS session tickets, which this client may not take");
    }
    if (stands_at(c, POSITION_HELLO) && !c->alert_fatal) {
        return !case_is_answered_unreadably(c) &&
               say(text, "%s by the client%s after its ClientHello, which nobody answered", closing_word(c),
                   lasting(" ", c->since_client, "").text);
    }
    return stands_at(c, POSITION_ANSWERED) && c->prelogin_client && !case_disagrees_on_encryption(c) &&
           !c->instance_mismatch && say_why_after_prelogin(c, text);
}

static bool when_no_login_sent(const case_t *c, char *text)
{
    bool server_owes = stands_at(c, POSITION_KEYS) && c->turn.debt.owes == SENDER_SERVER;
    if (!closes_itself(c) || c->sender != SENDER_CLIENT || c->gap || case_is_before_client_goes_on(c) ||
        case_client_was_silent(c) || server_owes) {
        return false;
    }
    if (is_server_resent_in_vain(c)) {
        char delivery[RULE_TEXT];
        return is_before_login(c) && say(text, "%s by the client with no LOGIN7: the server's word in frame %u%s",
                                         closing_word(c), c->turn.frame, case_delivery_words(c, delivery));
    }
    if (is_before_login(c) && case_kdc_refused_turn(c)) {
        return say(text, "the KDC refused it a ticket in frame %u, %s by the client with no LOGIN7", c->kdc_frame,
                   closing_word(c));
    }
    return say_where_it_closed(c, text);
}

/* Errors that end a login, in the order of their numbers, as sys.messages has them, and Azure. */
static const named_t error_meanings[] = {
    {615, "the database is not there, or not yet"},
    {904, "the database does not start while the server starts or stops"},
    {916, "the login has no access to the database"},
    {921, "the database is not recovered yet"},
    {922, "the database is being recovered"},
    {923, "the database is in restricted mode"},
    {924, "the database is in single-user mode, and somebody is in it"},
    {926, "the database is marked suspect"},
    {927, "the database is being restored"},
    {942, "the database is offline"},
    {943, "the database is of a later version than the server"},
    {945, "the database lacks files, memory or disk space"},
    {946, "the database is of an earlier version than the server"},
    {948, "the database is of a later version than the server"},
    {952, "the database is on its way to another state"},
    {954, "the database is a mirror"},
    {955, "the mirrored database has no quorum"},
    {956, "the mirrored database is not synchronized with its partner yet"},
    {976, "the database is of a secondary replica that nobody may read, or its data movement is suspended"},
    {978, "the replica takes only logins with read-only intent"},
    {979, "the replica takes no logins with read-only intent"},
    {982, "no secondary replica that is online may be read"},
    {983, "the replica is neither primary nor secondary now"},
    {988, "the database has no quorum of replicas"},
    {4060, "the database cannot be opened"},
    {4064, "the user's default database cannot be opened"},
    {4221, "the secondary replica waits for transactions that are older than it"},
    {10928, "Azure: the limit of workers or sessions of the database is reached"},
    {10929, "Azure: the server is too busy for more than the database's guaranteed share"},
    {10936, "Azure: the limit of workers or sessions of the elastic pool is reached"},
    {17142, "the service is paused"},
    {17187, "the server is not ready yet"},
    {17188, "the server is shutting down"},
    {17189, "the server could not spawn a thread"},
    {17191, "the session was ended, by KILL or a severe error"},
    {17194, "the server could not load its TLS library"},
    {17197, "the login timed out on the server, which is under load"},
    {17198, "the endpoint is gone"},
    {17300, "the server has no memory for a session, or its maximum of sessions"},
    {17802, "the server does not know the client's TDS version"},
    {17803, "the server has no memory for the connection"},
    {17805, "LOGIN7 has a user type of Sybase's clients"},
    {17806, "SSPI failed on the server"},
    {17807, "the server does not know an event of the client"},
    {17809, "the server has its maximum of connections"},
    {17810, "the dedicated administrator connection is in use"},
    {17813, "the service is stopped or disabled"},
    {17827, "the password could not be encrypted"},
    {17828, "PRELOGIN was malformed"},
    {17829, "a network error while the login ran"},
    {17830, "a network error or a timeout while the login ran"},
    {17832, "LOGIN7 was malformed"},
    {17835, "the server requires encryption and the client cannot"},
    {17836, "the length of LOGIN7 or of its packet is wrong"},
    {17886, "the client sent a request while its session was reset"},
    {17892, "a logon trigger refused"},
    {18401, "the server is upgrading its databases"},
    {18450, "no Windows login of this name"},
    {18451, "only administrators may connect now"},
    {18452, "the domain refused the credentials, or it is not trusted, or a password where the server takes none"},
    {18456, "login failed"},
    {18458, "the server has as many users as licences"},
    {18459, "the limit of licensed workstations is reached"},
    {18460, "the server has as many users as licences"},
    {18461, "the server is in single-user mode"},
    {18462, "the password may not be changed so soon"},
    {18463, "the new password may not be used at this time"},
    {18464, "the new password is too short for the policy"},
    {18465, "the new password is too long for the policy"},
    {18466, "the new password is not complex enough for the policy"},
    {18467, "the password filter does not take the new password"},
    {18468, "the new password could not be checked"},
    {18470, "the account is disabled"},
    {18471, "the login may not change its password"},
    {18486, "the account is locked out"},
    {18487, "the password has expired"},
    {18488, "the password must be changed"},
    {40197, "Azure: an error while the service handled the request"},
    {40501, "Azure: the service is busy"},
    {40531, "Azure: the login does not name its server"},
    {40532, "Azure: no server of this name, or the user does not name it"},
    {40607, "Azure: it takes no Windows logins"},
    {40613, "Azure: the database is not available now"},
    {40615, "Azure: the firewall does not allow this address"},
    {40914, "Azure: no rule of the virtual network allows this address"},
    {42101, "Azure: public network access is denied"},
    {42108, "Azure: the dedicated pool is paused"},
    {42109, "Azure: the SQL pool is warming up"},
    {47072, "Azure: the client's TLS is older than the server's minimum"},
    {47073, "Azure: public network access is denied"},
    {49918, "Azure: not enough resources"},
    {49919, "Azure: too many databases are created or changed at once"},
    {49920, "Azure: too many operations at once"},
    {0, NULL},
};

const char *error_meaning(uint32_t number)
{
    return name_in(error_meanings, number);
}

/* Errors of commands that say something of the server or of the session, in the order of their numbers. */
static const named_t command_error_meanings[] = {
    {596, "the session was ended, by KILL or a severe error"},
    {601, "the data moved while it was read"},
    {701, "the server has no memory for the query"},
    {802, "the buffer pool has no memory"},
    {823, "the operating system failed to read or write a file of the database"},
    {824, "a page of the database is damaged"},
    {911, "no database of this name"},
    {1105, "the file group is full"},
    {1204, "the server has no more locks"},
    {1205, "a deadlock: this transaction was chosen to end"},
    {1222, "the time for waiting on a lock was up"},
    {3906, "the database is read-only"},
    {3908, "the database is damaged, or in emergency mode"},
    {3960, "a conflict of updates under snapshot isolation"},
    {3980, "the batch was aborted, or another request runs in the session"},
    {3989, "the request does not bring its transaction"},
    {3997, "a batch of MARS left its transaction open, which is rolled back"},
    {3998, "a transaction that cannot be committed is rolled back"},
    {4002, "the client's TDS is not correct"},
    {4014, "the server could not read the client's bytes"},
    {6005, "the server is shutting down"},
    {8501, "MSDTC is not available"},
    {8525, "the distributed transaction has ended"},
    {8623, "the query is too complex for the optimizer"},
    {8645, "the time for waiting on memory was up"},
    {8651, "the memory that the query asks for is not available"},
    {9001, "the transaction log is not available"},
    {9002, "the transaction log is full"},
    {18056, "the session could not be reset for the pool"},
    {40544, "Azure: the database has reached its size"},
    {40549, "Azure: the transaction ran too long"},
    {40550, "Azure: the session has too many locks"},
    {40551, "Azure: the session took too much of tempdb"},
    {40552, "Azure: the session took too much of the transaction log"},
    {40553, "Azure: the session took too much memory"},
    {0, NULL},
};

const char *error_explained(uint32_t number)
{
    const char *meaning = error_meaning(number);
    return meaning != NULL ? meaning : name_in(command_error_meanings, number);
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

/* The state of 18456 is 1 on the wire whatever the cause: the server hides it by design. What the client showed leaves
 * fewer causes. */
static const char *failure_hint(const case_t *c)
{
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
    if (c->error_number != LOGIN_FAILED) {
        return error_explained(c->error_number);
    }
    return c->error_state == 1 ? failure_hint(c) : NULL;
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

static bool when_login_refused(const case_t *c, char *text)
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
                   begins_with_answer(c) ? "; of a login or of a pool's reset" : "");
    further_errors(c, strlen(error) + strlen(state), further);
    words_of_server(c, told, strlen(error) + strlen(state) + strlen(further));
    return say(text, "%s%s%s%s", error, told, state, further);
}

static bool when_login_probably_refused(const case_t *c, char *text)
{
    return closes_itself(c) && c->hidden_refused &&
           say(text, "one short encrypted answer to the login, then the end: what a refusal looks like without keys");
}

static bool when_late_confirmation(const case_t *c, char *text)
{
    bool gone = c->before.closed_first == SENDER_CLIENT || c->before.reset;
    return c->seen == MESSAGE_LOGINACK && gone && !c->gap &&
           say(text, "LOGINACK came%s after the login, when the client had gone",
               lasting(" ", c->since_client, "").text);
}

static bool when_redirected(const case_t *c, char *text)
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
static bool when_redirected_round(const case_t *c, char *text)
{
    return c->seen == MESSAGE_ROUTING && c->circle != 0 &&
           say(text, "the server sends the client to %s, port %u, as in connection %u: the redirects lead in a circle",
               c->routing_host != NULL ? brief(c->routing_host).text : "an unknown host", c->routing_port,
               c->circle - 1);
}

/* Why there is no connection to where the server sent the client. */
static const char *why_not_followed(const case_t *c, char why[RULE_TEXT])
{
    if (c->target_asked == 0 || c->target_found) {
        (void)say(why, "it may not be visible from here");
    } else if (c->target_failed != 0) {
        (void)say(why, "the look-up of that name failed: %s in frame %u", dns_code_name(c->target_code),
                  c->target_failed);
    } else {
        (void)say(why, "the look-up of that name in frame %u brought no address", c->target_asked);
    }
    return why;
}

static bool when_redirect_not_followed(const case_t *c, char *text)
{
    char why[RULE_TEXT];
    return c->at_end && c->now.state == STATE_REDIRECTED && !c->routing_followed &&
           c->silence >= c->limits[LIMIT_SILENCE] &&
           say(text, "no connection to %s, port %u in the %s s that follow; %s",
               c->routing_host != NULL ? brief(c->routing_host).text : "the target", c->routing_port,
               seconds(c->silence).text, why_not_followed(c, why));
}

static bool when_session_recovered(const case_t *c, char *text)
{
    return c->seen == MESSAGE_LOGIN7 && c->reconnect && say(text, "LOGIN7 brings a session back that was lost");
}

static bool when_certificate_login(const case_t *c, char *text)
{
    return c->seen == MESSAGE_PRELOGIN && c->client_certificate &&
           say(text, "PRELOGIN offers to authenticate by a client certificate");
}

static bool when_change_password(const case_t *c, char *text)
{
    return c->seen == MESSAGE_LOGIN7 && c->change_password && say(text, "LOGIN7 changes the password of the login");
}

static bool when_read_only_intent(const case_t *c, char *text)
{
    return c->seen == MESSAGE_LOGIN7 && c->read_only && say(text, "LOGIN7 asks for a read-only replica");
}

static bool when_version_refused(const case_t *c, char *text)
{
    enum { VERSION_UNKNOWN = 17802 };
    return c->seen == MESSAGE_LOGIN_ERROR && c->error_number == VERSION_UNKNOWN &&
           say(text, "error 17802: the server does not know the TDS version of LOGIN7");
}

/* Authentication. */

static bool is_decided(const case_t *c)
{
    return c->seen == MESSAGE_LOGINACK || c->seen == MESSAGE_LOGIN_ERROR;
}

static bool when_ntlm_used(const case_t *c, char *text)
{
    return is_decided(c) && c->auth.auth == AUTH_NTLM &&
           say(text, "NTLM was used (%s, frame %u)%s%s", c->auth.sentence, c->auth.frame,
               c->spn != NULL ? "; the client meant " : "", c->spn != NULL ? brief(c->spn).text : "");
}

/* For what, or for whom, the KDC gave no ticket. */
static brief_t refused_principal(const case_t *c)
{
    return brief(c->kdc_spn != NULL ? c->kdc_spn : "the client's account");
}

static bool when_ntlm_after_kerberos_failure(const case_t *c, char *text)
{
    if (!is_decided(c) || c->auth.auth != AUTH_NTLM || (c->kdc_error == 0 && c->kerberos_frame == 0)) {
        return false;
    }
    return c->kdc_error != 0
               ? say(text, "NTLM, after the KDC answered %s (%u) for %s in frame %u", kerberos_error_name(c->kdc_error),
                     c->kdc_error, refused_principal(c).text, c->kdc_frame)
               : say(text, "NTLM, after the Kerberos token in frame %u of the same login was not taken",
                     c->kerberos_frame);
}

static bool when_ntlm_anonymous(const case_t *c, char *text)
{
    return c->seen == MESSAGE_NTLM_AUTHENTICATE && c->ntlm_anonymous &&
           say(text, "AUTHENTICATE names nobody: a service without credentials, or a double hop");
}

static bool when_ntlm_v1(const case_t *c, char *text)
{
    return c->seen == MESSAGE_NTLM_AUTHENTICATE && c->ntlm_v1 &&
           say(text, "AUTHENTICATE has a 24-byte response: NTLMv1, which is easily broken");
}

/* A KDC that refuses shows in the connection that the client could not go on with. */
static bool kdc_refused(const case_t *c)
{
    bool stopped = closes_itself(c) && c->sender == SENDER_CLIENT && !c->login_sent && c->prelogin_client;
    bool went_another_way = c->auth.auth == AUTH_SQL || c->auth.auth == AUTH_ENTRA ||
                            c->auth.auth == AUTH_CERTIFICATE || c->auth.auth == AUTH_KERBEROS;
    return (stopped || is_decided(c)) && c->kdc_error != 0 && !went_another_way;
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
    const char *meaning = about_spn && c->kdc_spn == NULL ? NULL : kerberos_error_meaning(c->kdc_error);
    return say(text, "the KDC answered %s (%u) for %s in frame %u%s%s", kerberos_error_name(c->kdc_error), c->kdc_error,
               refused_principal(c).text, c->kdc_frame, meaning != NULL ? ": " : "", meaning != NULL ? meaning : "");
}

static bool when_spn_unknown(const case_t *c, char *text)
{
    return kdc_refused(c) && is_about_spn(c, KDC_SERVICE_UNKNOWN) && say_kdc(c, text);
}

static bool when_spn_duplicate(const case_t *c, char *text)
{
    return kdc_refused(c) && is_about_spn(c, KDC_NOT_UNIQUE) && say_kdc(c, text);
}

static bool when_kerberos_error(const case_t *c, char *text)
{
    return kdc_refused(c) && !is_about_spn(c, KDC_SERVICE_UNKNOWN) && !is_about_spn(c, KDC_NOT_UNIQUE) &&
           say_kdc(c, text);
}

/* Time. */

const char *time_name(step_time_id_t which)
{
    static const char *const names[TIME_COUNT] = {
#define TIME(tag, name, field, title, text) [TIME_##tag] = (name),
#include "times.def"
    };
    return names[which];
}

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

/* The server asks the domain controller after AUTHENTICATE, or after a LOGIN7 with a ticket. */
static bool when_slow_domain_controller(const case_t *c, char *text)
{
    bool windows = c->auth.auth == AUTH_NTLM || c->auth.auth == AUTH_KERBEROS || c->auth.auth == AUTH_WINDOWS;
    if (!is_decided(c) || !windows || c->last_client_frame == 0 ||
        waited_for_decision(c) <= c->limits[LIMIT_SLOW_CONTROLLER]) {
        return false;
    }
    bool accepted = c->turn.message == MESSAGE_KERBEROS_AP_REP; /* what is slow now comes after the ticket was taken */
    bool after_it = accepted && c->waited > c->limits[LIMIT_SLOW_CONTROLLER];
    bool others_slow = c->times[TIME_CONNECT].took > c->limits[LIMIT_SLOW_STEP] ||
                       c->times[TIME_PRELOGIN].took > c->limits[LIMIT_SLOW_STEP] ||
                       c->times[TIME_TLS].took > c->limits[LIMIT_SLOW_STEP];
    return !others_slow && !after_it &&
           say(text,
               "%s s from the client's token in frame %u to the answer: the server waited for a domain "
               "controller, probably",
               seconds(c->since_client).text, c->last_client_frame);
}

static bool when_entra_token_wait(const case_t *c, char *text)
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

static bool when_slow_login(const case_t *c, char *text)
{
    char slowest[RULE_TEXT], resent[RULE_TEXT], lost[RULE_TEXT];
    const step_time_t *total = &c->times[TIME_TOTAL];
    if (!is_decided(c) || total->frame != c->frame || total->took <= c->limits[LIMIT_SLOW_LOGIN]) {
        return false;
    }
    return say(text, "%s s%s (%s %s, PRELOGIN %s, TLS %s, login %s, authentication %s, between them %s)%s%s",
               seconds(total->took).text, slowest_words(c, slowest), c->pipe ? "pipe" : "TCP",
               seconds(c->times[TIME_CONNECT].took).text, seconds(c->times[TIME_PRELOGIN].took).text,
               seconds(c->times[TIME_TLS].took).text, seconds(c->times[TIME_LOGIN].took).text,
               seconds(c->times[TIME_AUTH].took).text, seconds(time_between(c)).text,
               resent_words(c, total->took, resent), way_back_words(c, total->took, lost));
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
    char network[RULE_TEXT], kdc[RULE_TEXT];
    bool due = is_between_steps((position_t)c->turn.debt.awaited) || is_token_due(c);
    bool owed = c->turn.debt.owes == SENDER_CLIENT && due;
    bool came = c->sender == SENDER_CLIENT && message_kind(c->seen) == KIND_LOGIN;
    return owed && came && c->waited > c->limits[LIMIT_SLOW_STEP] &&
           say(text, "the client took %s s after frame %u for %s%s%s%s", seconds(c->waited).text, c->turn.frame,
               awaited_text(c->turn.debt.awaited),
               network_words(&c->turn, moment_sum(c->turn.since, c->waited), network),
               case_goes_on_without_kdc(c) ? "; " : "", case_goes_on_without_kdc(c) ? case_kdc_words(c, kdc) : "");
}

static bool when_slow_step(const case_t *c, char *text)
{
    char network[RULE_TEXT], lost[RULE_TEXT];
    for (step_time_id_t i = TIME_CONNECT; i < TIME_TOTAL; i++) {
        if (c->times[i].frame == c->frame && c->times[i].took > c->limits[LIMIT_SLOW_STEP]) {
            return say(text, "%s took %s s%s%s", step_name(c, i), seconds(c->times[i].took).text,
                       resent_words(c, c->times[i].took, network), way_back_words(c, c->times[i].took, lost));
        }
    }
    return say_client_was_slow(c, text);
}

/* Closing. */

/* An end that was to come, that of what never was a connection, or one of which too little is known. */
static bool is_explained(const case_t *c)
{
    const connection_t *before = &c->before;
    return before->state == STATE_LOGIN_FAILED || before->state == STATE_REDIRECTED ||
           before->position <= POSITION_REACHED || c->hidden_refused || c->one_sided || c->pipe_status != 0;
}

/* ", while the client owed its LOGIN7". */
static const char *debt_words(const case_t *c, char words[RULE_TEXT])
{
    bool paid = c->turn.debt.owes == SENDER_CLIENT && c->client_word_missing;
    bool known = turn_is_open(&c->turn) && !c->answer_missing && !paid && !case_is_undelivered(c);
    const char *what = known ? awaited_text(c->turn.debt.awaited) : NULL;
    words[0] = '\0';
    if (what != NULL) {
        (void)snprintf(words, RULE_TEXT, ", while the %s owed %s", side_name(c->turn.debt.owes), what);
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

/* Where TLS hides the outcome: commands may have come long since. */
static bool may_be_past_login(const case_t *c)
{
    bool idle = c->idle_before_request >= c->limits[LIMIT_IDLE] || c->since_data >= c->limits[LIMIT_IDLE];
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
    return c->seen == seen && is_hung_up(c) &&
           say(text, "the server %s the connection%s, before a word of the client%s",
               seen == MESSAGE_RST ? "resets" : "closes", lasting(" ", c->waited, " after it accepted it").text,
               c->proxied.frame != 0 ? case_proxy_words(c, " came", proxy)
                                     : ": a load balancer with no server behind it, a limit, or a device between");
}

/* The server had the last word, which nobody can read. */
static bool is_answer_hidden(const case_t *c)
{
    return c->before.position == POSITION_HIDDEN && !turn_is_open(&c->turn) &&
           c->last_server_frame > c->last_client_frame;
}

/* Whether the server ends the connection on its own ERROR: one that is fatal, or one that it has just sent. */
static bool is_end_of_error(const case_t *c)
{
    enum { FATAL = 20 }; /* Database Engine error severities: from this class on the server ends the connection */
    const error_before_t *error = &c->error_before;
    bool last = error->frame != 0 && error->frame == c->last_server_frame && error->frame > c->last_client_frame;
    bool soon = c->since_data != MOMENT_NONE && c->since_data < c->limits[LIMIT_SLOW_STEP];
    return c->sender == SENDER_SERVER && last && (soon || error->class >= FATAL);
}

/* "the server's last word was error 596 (the session was ended) in frame 13". */
static const char *last_error_words(const case_t *c, char words[RULE_TEXT])
{
    const char *meaning = error_explained(c->error_before.number);
    (void)snprintf(words, RULE_TEXT, "the server's last word was error %u%s%s%s in frame %u", c->error_before.number,
                   meaning != NULL ? " (" : "", meaning != NULL ? meaning : "", meaning != NULL ? ")" : "",
                   c->error_before.frame);
    return words;
}

/* Nobody owed anything for long. */
static bool is_idle(const case_t *c)
{
    return !turn_is_open(&c->turn) && !c->unseen && c->since_data != MOMENT_NONE &&
           c->since_data >= c->limits[LIMIT_IDLE];
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
    bool hidden = cause == NULL && is_answer_hidden(c);
    return is_first_fin(c) && c->sender == SENDER_SERVER && !is_explained(c) && !c->client_end_missing &&
           !c->client_alerted &&
           say(text, "%s%sthe server closes first%s%s%s%s", cause == NULL ? "" : cause, cause == NULL ? "" : ": ",
               lasting(", ", c->since_client, " after the client's last word").text, debt_words(c, debt),
               limit_words(c, limit), hidden ? "; what it said before, TLS hides: perhaps an error" : "");
}

static bool when_server_closed_first(const case_t *c, char *text)
{
    return !is_in_login(c) && closed_by_server(c, text);
}

static bool when_server_closed_login(const case_t *c, char *text)
{
    return hung_up(c, MESSAGE_FIN, text) || (is_in_login(c) && !c->gap && closed_by_server(c, text));
}

/* What a reset's own rules say of its cause. */

bool rule_is_foreign_ttl(uint8_t ttl, uint8_t usual)
{
    int difference = (int)ttl - (int)usual;
    return ttl != 0 && usual != 0 && (difference >= 2 || difference <= -2);
}

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

/* Seen at the one who answers: nobody repeats a keep-alive that was answered. */
static bool are_answers_lost(const case_t *c)
{
    return is_breaking_rst(c) && c->keep_alives < RUN_THAT_BREAKS && c->repeated_alives >= RUN_THAT_BREAKS;
}

static bool is_keep_alive_unanswered(const case_t *c)
{
    return c->keep_alives >= RUN_THAT_BREAKS;
}

static bool is_segment_unacknowledged(const case_t *c)
{
    return c->copies >= RUN_THAT_BREAKS;
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
    {is_by_device, "a device between sent it"},
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
    if (is_end_of_error(c) && !is_by_device(c)) {
        return last_error_words(c, error);
    }
    for (size_t i = 0; i < sizeof causes_of_reset / sizeof causes_of_reset[0]; i++) {
        if (causes_of_reset[i].is(c)) {
            return causes_of_reset[i].cause;
        }
    }
    return c->explained || is_for_debt(c, debt) ? NULL : "unexplained";
}

/* So hosts answer what comes for a connection that they have closed: where nothing was seen that they said before, the
 * close may stand before the capture. */
static bool may_be_closed_before(const case_t *c)
{
    uint32_t said = c->sender == SENDER_CLIENT ? c->last_client_frame : c->last_server_frame;
    return c->bare_reset && said == 0 && c->before.state == STATE_JOINED_MIDWAY;
}

static bool reset_by(const case_t *c, sender_t sender, char *text)
{
    char debt[RULE_TEXT], limit[RULE_TEXT], error[RULE_TEXT];
    if (!is_breaking_rst(c) || c->sender != sender || is_explained(c) || c->client_end_missing ||
        c->server_end_missing || may_be_closed_before(c)) {
        return false;
    }
    debt_words(c, debt);
    limit_words(c, limit);
    const char *cause = limit[0] != '\0' ? NULL : cause_of_reset(c, debt, error);
    return say(text, "%s%sthe %s resets the connection%s%s%s", cause == NULL ? "" : cause, cause == NULL ? "" : ": ",
               side_name(sender), lasting(", ", c->since_client, " after the client's last word").text, debt, limit);
}

static bool when_reset_by_client(const case_t *c, char *text)
{
    return !is_in_login(c) && reset_by(c, SENDER_CLIENT, text);
}

static bool when_reset_by_client_login(const case_t *c, char *text)
{
    return is_in_login(c) && !c->gap && !is_by_device(c) && reset_by(c, SENDER_CLIENT, text);
}

static bool when_reset_by_server(const case_t *c, char *text)
{
    return !is_in_login(c) && reset_by(c, SENDER_SERVER, text);
}

static bool when_reset_by_server_login(const case_t *c, char *text)
{
    return hung_up(c, MESSAGE_RST, text) ||
           (is_in_login(c) && !c->gap && !is_by_device(c) && reset_by(c, SENDER_SERVER, text));
}

static bool when_reset_after_close(const case_t *c, char *text)
{
    return c->seen == MESSAGE_RST && !c->before.reset && c->before.closed_first == SENDER_CLIENT &&
           say(text, "RST after the client's FIN: what was still on its way met a closed socket; no fault");
}

static bool when_open_at_end(const case_t *c, char *text)
{
    return c->at_end && c->now.close == CLOSE_OPEN && turn_request(&c->turn) != 0 &&
           say(text, "the capture ends before an answer to the request in frame %u", turn_request(&c->turn));
}

static bool when_killed(const case_t *c, char *text)
{
    return closes(c) && c->sender == SENDER_SERVER && turn_request(&c->turn) != 0 &&
           c->before.state == STATE_LOGGED_IN && c->pipe_status == 0 && !is_by_device(c) &&
           !case_may_be_unknown_there(c) && !may_be_for_waiting(c) && !case_is_undelivered(c) &&
           !is_keep_alive_unanswered(c) && !c->answer_missing && !c->client_end_missing &&
           say(text,
               "the server ends the connection on the request in frame %u%s without an ERROR: KILL, shutdown, or a "
               "crash",
               turn_request(&c->turn), c->turn.answering ? ", in the middle of its answer and" : "");
}

static bool breaks_off(const case_t *c)
{
    return is_breaking_rst(c) || (c->at_end && c->now.close == CLOSE_OPEN);
}

static const char *end_word(const case_t *c)
{
    return c->at_end ? "silence" : "a reset";
}

static bool when_keep_alive_timeout(const case_t *c, char *text)
{
    if (are_answers_lost(c) && !c->unseen) {
        return say(
            text,
            "the answers do not reach the %s: %u keep-alives of it though the other side answered each, then a reset",
            side_name(c->sender), c->repeated_alives + 1);
    }
    return breaks_off(c) && c->keep_alives >= RUN_THAT_BREAKS && !c->unseen &&
           say(text,
               "the path between is broken, or the other host is down: %u keep-alives of the %s without an answer, "
               "then "
               "%s",
               c->keep_alives, c->sufferer == SENDER_SERVER ? "server" : "client", end_word(c));
}

/* A capture in which everything stands twice shows copies that were never sent. */
static bool is_duplicated(const case_t *c)
{
    return c->frame_count >= 8 && c->copy_count * 5 >= c->frame_count * 2;
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

static bool when_reset_by_device(const case_t *c, char *text)
{
    return !is_before_confirmation(c) && reset_by_device(c, text);
}

static bool when_reset_login_by_device(const case_t *c, char *text)
{
    return is_before_confirmation(c) && reset_by_device(c, text);
}

/* The side that closes its window is the one that does not read. */
static bool when_zero_window(const case_t *c, char *text)
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

/* "; it was sent 5 times over 4.500 s, and TCP got no ACK". */
static const char *attention_loss(const case_t *c, char words[RULE_TEXT])
{
    words[0] = '\0';
    if (c->turn.message == MESSAGE_ATTENTION && case_is_resent_in_vain(c)) {
        (void)say(words, "; it was sent %u times%s, and TCP got no ACK", turn_sendings(&c->turn),
                  lasting(" over ", c->sending_for, "").text);
    }
    return words;
}

static bool when_attention_unacknowledged(const case_t *c, char *text)
{
    char loss[RULE_TEXT];
    bool long_enough = c->cancelled_for >= c->limits[LIMIT_SILENCE] || c->copies >= RUN_THAT_BREAKS;
    bool silent = c->at_end && c->now.close == CLOSE_OPEN && long_enough;
    if (is_hidden_attention_open(c)) {
        return say(text,
                   "what is probably an ATTENTION, in frame %u, was not acknowledged in %s s, inferred from its size%s",
                   c->cancel.frame, seconds(c->cancelled_for).text, attention_loss(c, loss));
    }
    return (closes(c) || silent) && is_attention_open(c) && c->readable &&
           say(text, "the ATTENTION in frame %u was not acknowledged%s", c->cancel.frame, attention_loss(c, loss));
}

static bool when_parallel_connect(const case_t *c, char *text)
{
    return closes(c) && c->now.state == STATE_PROBE && c->parallel_stream != 0 &&
           say(text,
               "the client opened connection %u at the same time and dropped this one: MultiSubnetFailover or "
               "Transparent Network IP Resolution",
               c->parallel_stream - 1);
}

/* MARS was agreed and the login went through, but no session was ever opened. What TLS hides is no evidence. */
static bool when_mars_unused(const case_t *c, char *text)
{
    return c->at_end && c->mars && !c->mars_used && c->readable && c->now.state == STATE_LOGGED_IN &&
           c->now.close != CLOSE_OPEN && say(text, "MARS was agreed in PRELOGIN, but no SMP packet followed the login");
}

/* The capture itself. */

static bool when_duplicated(const case_t *c, char *text)
{
    return c->at_end && is_duplicated(c) &&
           say(text,
               "at least %u of %u frames are copies: the capture was taken at two places, or on two interfaces, at "
               "once",
               c->copy_count, c->frame_count);
}

/* Checksums that the network card fills in are wrong where they were captured, before it. */
static bool when_taken_on(const case_t *c, char *text)
{
    bool first_word = c->seen == MESSAGE_PRELOGIN || c->seen == MESSAGE_CLIENT_HELLO || c->seen == MESSAGE_LOGIN7 ||
                      c->seen == MESSAGE_OLD_LOGIN;
    bool client = c->bad_checksums_client > 0 && c->bad_checksums_server == 0;
    bool server = c->bad_checksums_server > 0 && c->bad_checksums_client == 0;
    return first_word && (client || server) &&
           say(text, "taken on the %s: the TCP checksums of its packets are wrong, as offloading leaves them",
               client ? "client" : "server");
}

static bool when_joined_midway(const case_t *c, char *text)
{
    bool may_login = c->now.position == POSITION_MIDWAY_HIDDEN || c->now.position == POSITION_KEPT_ALIVE;
    return c->now.state == STATE_JOINED_MIDWAY && (c->at_end || !may_login) &&
           say(text, "the capture begins after the login");
}

static bool when_capture_gap(const case_t *c, char *text)
{
    return c->lost && c->undelivered.of == SENDER_UNKNOWN &&
           say(text, "segments are missing before this frame, or come behind it: what was in them is not judged");
}

static bool when_one_sided(const case_t *c, char *text)
{
    return c->at_end && c->one_sided && say(text, "only one direction of this connection is in the capture");
}

typedef bool (*predicate_t)(const case_t *c, char *text);

static const predicate_t predicates[DIAGNOSIS_COUNT] = {
#define DIAGNOSIS(tag, filter, severity, group, text, on, when) [DIAGNOSIS_##tag] = (when),
#include "diagnoses.def"
};

static const uint8_t asked_on[DIAGNOSIS_COUNT] = {
#define DIAGNOSIS(tag, filter, severity, group, text, on, when) [DIAGNOSIS_##tag] = (on),
#include "diagnoses.def"
};

_Static_assert(DIAGNOSIS_COUNT <= UINT8_MAX, "rules_asked() has a byte for each rule");

/* Every case is ON_ANYTHING, and what was seen. */
static occasion_t occasion_of(const case_t *c)
{
    static const uint8_t by_message[MESSAGE_LIMIT] = {
        [MESSAGE_PRELOGIN] = ON_PRELOGIN,
        [MESSAGE_PRELOGIN_RESPONSE] = ON_PRELOGIN,
        [MESSAGE_CLIENT_HELLO] = ON_HELLO,
        [MESSAGE_SERVER_HELLO] = ON_HELLO,
        [MESSAGE_TLS_ALERT] = ON_ALERT,
        [MESSAGE_LOGIN7] = ON_LOGIN,
        [MESSAGE_LOGIN7_ENCRYPTED] = ON_LOGIN,
        [MESSAGE_OLD_LOGIN] = ON_LOGIN,
        [MESSAGE_NTLM_AUTHENTICATE] = ON_TOKEN,
        [MESSAGE_FEDAUTH_TOKEN] = ON_TOKEN,
        [MESSAGE_LOGINACK] = ON_VERDICT,
        [MESSAGE_LOGIN_ERROR] = ON_VERDICT,
        [MESSAGE_ROUTING] = ON_VERDICT,
        [MESSAGE_PIPE_REFUSED] = ON_VERDICT,
        [MESSAGE_FIN] = ON_END,
        [MESSAGE_RST] = ON_END,
    };
    return (occasion_t)(ON_ANYTHING | (c->at_end ? ON_END : by_message[c->seen]));
}

bool case_is_on(const case_t *c, occasion_t occasions)
{
    return (occasion_of(c) & occasions) != 0;
}

bool rule_is_asked(diagnosis_t rule, const case_t *c)
{
    return case_is_on(c, (occasion_t)asked_on[rule]);
}

const uint8_t *rules_asked(const case_t *c)
{
    static uint8_t lists[MESSAGE_LIMIT + 1][DIAGNOSIS_COUNT + 1];
    uint8_t *list = lists[c->at_end ? MESSAGE_LIMIT : c->seen];
    if (list[0] == list[1]) { /* not made yet: no rule stands in a list twice */
        size_t count = 0;
        for (diagnosis_t rule = 0; rule < DIAGNOSIS_COUNT; rule++) {
            list[count] = (uint8_t)rule;
            count += rule_is_asked(rule, c);
        }
        list[count] = DIAGNOSIS_COUNT;
    }
    return list;
}

bool rule_is_judged(diagnosis_t rule)
{
    return predicates[rule] != NULL;
}

bool rule_holds(diagnosis_t rule, const case_t *c, char text[RULE_TEXT])
{
    text[0] = '\0';
    return predicates[rule] != NULL && predicates[rule](c, text);
}
