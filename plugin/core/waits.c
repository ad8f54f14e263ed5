/* waits.c - the rules about the message that was owed when a connection ended.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Each looks at the turn: which side owed the next message, since when, and whether the message before it arrived.
 * Missing packets never cause a diagnosis.
 */
#include "waits.h"

#include "dns.h"
#include "ends.h"
#include "tlshello.h"
#include "tlsrules.h"

#define ROUND_WITHIN  MILLISECONDS(20) /* of a whole number of seconds: timers fire late */
#define LARGE_SEGMENT 1000             /* bytes: every path takes shorter ones */
#define TIMEOUT_LEAST SECONDS(2)       /* of those that are recognised by their length alone */

static bool owes(const case_t *c, sender_t side)
{
    return c->turn.debt.owes == side;
}

/* ", sent 7 times over 13.304 s and never acknowledged": nothing where it arrived at once. */
const char *case_delivery_words(const case_t *c, char words[RULE_TEXT])
{
    uint32_t sendings = turn_sendings(&c->turn);
    words[0] = '\0';
    if (sendings > 1) {
        (void)snprintf(words, RULE_TEXT, ", sent %u times%s%s", sendings, lasting(" over ", c->sending_for, "").text,
                       turn_was_delivered(&c->turn) ? "" : " and never acknowledged");
    }
    return words;
}

const char *case_proxy_words(const case_t *c, const char *stands, char words[RULE_TEXT])
{
    words[0] = '\0';
    if (c->proxied.frame != 0) {
        const char *source = c->proxied.source != NULL ? c->proxied.source : "";
        (void)snprintf(words, RULE_TEXT,
                       "; a PROXY protocol header (version %u)%s%s%s in frame %u: SQL Server does not read it",
                       c->proxied.version, source[0] == '\0' ? "" : " of ", source, stands, c->proxied.frame);
    }
    return words;
}

const char *network_words(const turn_t *turn, int64_t until, char words[RULE_TEXT])
{
    words[0] = '\0';
    if (turn_sendings(turn) > 1) {
        (void)snprintf(words, RULE_TEXT, ", of which %s s until the %s acknowledged frame %u, sent %u times",
                       seconds(turn_parts(turn, until).request_spread).text, side_name(sender_other(turn->by)),
                       turn->frame, turn_sendings(turn));
    }
    return words;
}

const char *in_vain_words(const turn_t *turn, char words[RULE_TEXT])
{
    words[0] = '\0';
    if (turn_sendings(turn) > 1 && !turn_was_delivered(turn)) {
        (void)snprintf(words, RULE_TEXT, ", sent %u times and never acknowledged", turn_sendings(turn));
    }
    return words;
}

const char *lost_words(moment_t lost_for, uint32_t shown, char words[RULE_TEXT])
{
    words[0] = '\0';
    if (lost_for != MOMENT_NONE) {
        (void)snprintf(words, RULE_TEXT,
                       "; frame %u shows that the server had sent it %s s before: it was lost on the way", shown,
                       seconds(lost_for).text);
    }
    return words;
}

const char *whose_words(const longest_t *longest, moment_t took, char words[RULE_TEXT])
{
    const char *what = awaited_text(longest->debt.awaited);
    words[0] = '\0';
    if (what != NULL && longest->time > took / 2) {
        (void)snprintf(words, RULE_TEXT, "; %s s were the %s's, for %s in frame %u", seconds(longest->time).text,
                       side_name(longest->debt.owes), what, longest->frame);
    }
    return words;
}

/* The server has seen the client's word and wants no more: later than that it is one that never answered. */
bool case_server_closes_at_once(const case_t *c)
{
    return closes_itself(c) && c->sender == SENDER_SERVER && c->waited != MOMENT_NONE &&
           c->waited < c->limits[LIMIT_SILENCE];
}

/* ICMP. */

static bool ends_or_stops(const case_t *c)
{
    return closes(c) || (c->at_end && c->now.close == CLOSE_OPEN);
}

/* ICMP speaks of what is owed: nothing of it arrived. */
static bool is_unreachable(const case_t *c)
{
    return ends_or_stops(c) && c->icmp.frame != 0 && c->icmp.of_turn && !unreachable_is_too_big(&c->icmp.what) &&
           turn_is_open(&c->turn) && c->turn.delivery.acked_frame == 0;
}

bool when_unreachable(const case_t *c, char *text)
{
    return is_unreachable(c) && say(text, "%s, %s: ICMP in frame %u, from %s, in answer to %s%s",
                                    unreachable_name(&c->icmp.what), unreachable_cause(&c->icmp.what), c->icmp.frame,
                                    c->icmp.from, message_row(c->turn.message)->text, sent_here_by(c).text);
}

/* Seen where the bytes should have come: their receiver says that it lacks them. */
static bool is_lost_on_way(const case_t *c)
{
    moment_t least = c->limits[c->at_end ? LIMIT_SILENCE : LIMIT_SLOW_STEP];
    return ends_or_stops(c) && c->undelivered.of != SENDER_UNKNOWN && c->undelivered.lacked_for >= least;
}

/* The same of full segments: each that arrived was shorter, and what is missing was not sent again in vain for long. */
static bool are_large_lost_on_way(const case_t *c)
{
    return is_lost_on_way(c) && c->undelivered.lacked_for >= c->limits[LIMIT_SILENCE] &&
           c->undelivered.bytes >= LARGE_SEGMENT && c->undelivered.longest < c->undelivered.bytes;
}

/* The message that may have been sent in vain: the one that has to be answered, else the answer. */
static const turn_t *latest_message(const case_t *c)
{
    return turn_is_open(&c->turn) ? &c->turn : &c->said;
}

/* Segments of full size get no ACK, and what is shorter behind them does: the receiver says so. */
static bool are_only_large_lost(const case_t *c)
{
    return turn_lost_segment(latest_message(c), RUN_THAT_BREAKS) >= LARGE_SEGMENT;
}

bool when_mtu(const case_t *c, char *text)
{
    if (!ends_or_stops(c)) {
        return false;
    }
    if (c->icmp.frame != 0 && unreachable_is_too_big(&c->icmp.what) && c->icmp.ignored != 0) {
        return say(text, "ICMP in frame %u, from %s, asks for packets of %u bytes at most; segments of %u bytes go on",
                   c->icmp.frame, c->icmp.from, c->icmp.what.mtu, c->icmp.ignored);
    }
    if (are_large_lost_on_way(c)) {
        return say(text,
                   "%u bytes of the %s before frame %u never arrived, segments of up to %u bytes did: the way may take "
                   "no larger packets (MTU)",
                   c->undelivered.bytes, side_name(c->undelivered.of), c->undelivered.frame, c->undelivered.longest);
    }
    return are_only_large_lost(c) && say(text,
                                         "segments of %u bytes of the %s get no ACK, shorter ones behind them do: the "
                                         "way takes no packets of this size (MTU)",
                                         latest_message(c)->delivery.resent_length, side_name(latest_message(c)->by));
}

/* Opening. */

#define SYN_ANSWER SECONDS(1) /* no way there and back is longer: RFC 6298 2.1 sends again then */

/* The loser of several attempts at once is no failure, and neither is a SYN at the very end of a capture. A capture of
 * the clients' direction alone shows no answer, not even a refusal. */
static bool is_syn_unanswered(const case_t *c)
{
    enum { SYNS_THAT_TELL = 2, SYNS_ENOUGH = 3 }; /* Windows sends no more */
    bool timed = c->waited != MOMENT_NONE && c->sending_for != MOMENT_NONE;
    bool due = !timed || c->waited >= moment_sum(c->sending_for, SYN_ANSWER) || c->syn_count >= SYNS_ENOUGH;
    bool long_enough = (c->syn_count >= SYNS_THAT_TELL && due) || c->waited >= c->limits[LIMIT_SILENCE];
    return c->at_end && stands_at(c, POSITION_SYN_SENT) && c->now.close == CLOSE_OPEN && long_enough && !c->overtaken &&
           !c->servers_missing && !is_unreachable(c);
}

/* Seen at the server: the client does not get its SYN-ACK. Its own RST would answer that. */
static bool is_syn_ack_lost(const case_t *c)
{
    enum { RESENDINGS_THAT_TELL = 2 };
    bool reset = is_breaking_rst(c) && (c->sender == SENDER_SERVER || is_by_device(c));
    return (c->at_end || reset) && stands_at(c, POSITION_SYN_ANSWERED) && !c->one_sided &&
           !turn_was_delivered(&c->turn) && c->turn.delivery.resendings >= RESENDINGS_THAT_TELL;
}

static bool say_tried_in_turn(const case_t *c, char *text)
{
    char name[41];
    (void)characters_show(name, sizeof name, c->looked_up);
    return say(text,
               "%u SYN%s and no answer; the client %sgot through to another address of %s%s, in connection %u: they "
               "are tried one after the other, as without MultiSubnetFailover",
               c->syn_count, c->syn_count == 1 ? "" : "s", c->elsewhere_inferred ? "probably " : "", name,
               lasting(" ", c->elsewhere_after, " later").text, c->elsewhere - 1);
}

bool when_no_syn_answer(const case_t *c, char *text)
{
    if (is_syn_ack_lost(c)) {
        return say(text, "the server sent its SYN-ACK %u times%s and got no ACK: the way back to the client is blocked",
                   turn_sendings(&c->turn), lasting(" over ", c->sending_for, "").text);
    }
    if (!is_syn_unanswered(c)) {
        return false;
    }
    if (c->same_syn != 0) {
        return say(text,
                   "%u SYN%s, and the SYN-ACK comes from another address, in connection %u: something between "
                   "translates addresses on one way only",
                   c->syn_count, c->syn_count == 1 ? "" : "s", c->same_syn - 1);
    }
    if (c->server_frames > 0) {
        return say(
            text,
            "%u SYN%s, and the server answers with an ACK of another connection: an older one on the same ports, or a "
            "device between changes the numbers",
            c->syn_count, c->syn_count == 1 ? "" : "s");
    }
    if (c->accepted_stream != 0) {
        return say(text,
                   "%u SYN%s and no answer%s, though connection %u of this client to the same port was accepted "
                   "meanwhile: the accept queue was full, or something between drops some SYNs",
                   c->syn_count, c->syn_count == 1 ? "" : "s", lasting(" in ", c->waited, "").text,
                   c->accepted_stream - 1);
    }
    if (c->elsewhere != 0 && c->looked_up != NULL) {
        return say_tried_in_turn(c, text);
    }
    return say(text, "%u SYN%s and no answer%s: a firewall, a host that is down, or an address that is wrong%s",
               c->syn_count, c->syn_count == 1 ? "" : "s", lasting(" in ", c->waited, "").text, sent_here_by(c).text);
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

/* When the wait ended. */
static moment_t end_of_wait(const case_t *c)
{
    return moment_sum(c->turn.since, c->waited);
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

/* What runs on a port that a client goes to before it logs in. */
static const char *service_at(uint16_t port)
{
    static const struct {
        uint16_t port;
        const char *name;
    } rows[] = {{53, " (DNS)"},   {80, " (HTTP, as for revocation lists)"},
                {389, " (LDAP)"}, {443, " (HTTPS)"},
                {636, " (LDAP)"}, {3268, " (LDAP)"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].port == port) {
            return rows[i].name;
        }
    }
    return "";
}

const char *case_sought_words(const sought_t *sought, const char *before, const char *behind, char words[RULE_TEXT])
{
    words[0] = '\0';
    if (sought->host != NULL && sought->asked) {
        (void)snprintf(words, RULE_TEXT, "%squestion for the address of %s in frame %u is not answered%s", before,
                       brief(sought->host).text, sought->frame, behind);
    } else if (sought->host != NULL) {
        (void)snprintf(words, RULE_TEXT, "%sSYN in frame %u to %s, port %u%s, is not answered%s", before, sought->frame,
                       sought->host, (unsigned)sought->port, service_at(sought->port), behind);
    }
    return words;
}

const char *case_look_up_words(const look_up_t *look_up, const char *of, char words[RULE_TEXT])
{
    words[0] = '\0';
    if (look_up->asked == 0 || look_up->found) {
        return words;
    }
    if (look_up->failed != 0) {
        (void)snprintf(words, RULE_TEXT, "the look-up of %s failed: %s in frame %u", of, dns_code_name(look_up->code),
                       look_up->failed);
    } else {
        (void)snprintf(words, RULE_TEXT, "the look-up of %s in frame %u brought no address", of, look_up->asked);
    }
    return words;
}

/* " (RST in frame 11, from 10.1.0.5: no KDC runs there, or a firewall refuses it)". */
static const char *denial_words(const kdc_denial_t *denied, char words[RULE_TEXT])
{
    words[0] = '\0';
    if (denied->part) {
        (void)snprintf(words, RULE_TEXT, " (fragments behind frame %u are missing: perhaps a firewall drops them)",
                       denied->frame);
    } else if (denied->frame != 0) {
        (void)snprintf(words, RULE_TEXT, " (%s in frame %u, from %s: %s)",
                       denied->icmp ? unreachable_name(&denied->what) : "RST", denied->frame, denied->from,
                       denied->icmp ? unreachable_cause(&denied->what) : "no KDC runs there, or a firewall refuses it");
    }
    return words;
}

/* "the KDC 10.1.0.5 answered none of 3 requests, the first in frame 10". */
const char *case_kdc_words(const case_t *c, char words[RULE_TEXT])
{
    char denial[RULE_TEXT];
    (void)snprintf(words, RULE_TEXT, "the KDC %s answered none of %u request%s%s, the first in frame %u%s", c->kdc,
                   c->kdc_requests, c->kdc_requests == 1 ? "" : "s", c->kdc_denied.part ? " whole" : "",
                   c->kdc_requested_frame, denial_words(&c->kdc_denied, denial));
    return words;
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
    return says_so || c->bad_checksums_client > 0 ? "" : ", or what it sent was lost on the way";
}

static bool is_closed_by_client(const case_t *c)
{
    return closes_itself(c) && c->sender == SENDER_CLIENT;
}

static bool is_round(moment_t time)
{
    moment_t over = time % SECONDS(1);
    return time >= TIMEOUT_LEAST && (over <= ROUND_WITHIN || over >= SECONDS(1) - ROUND_WITHIN);
}

/* ", or its time was up, 15.000 s after its SYN": where that looks like a time-out, and others had most of it. */
static const char *time_up_words(const case_t *c, char words[RULE_TEXT])
{
    bool up = is_closed_by_client(c) && c->since_opening != MOMENT_NONE && is_round(c->since_opening) &&
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
    bool looked = row->position == POSITION_ANSWERED && is_closed_by_client(c) && is_round(c->waited);
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

const char *case_end_words(const case_t *c)
{
    return c->port_again ? "the next use of the client's port" : "the end of the capture";
}

const char *case_part_words(const case_t *c)
{
    return c->unfinished.of == SENDER_SERVER ? "whole " : "";
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
        case_is_undelivered(c) || is_resent_in_vain(c) || c->keep_alives >= RUN_THAT_BREAKS ||
        may_be_answered_unread(c)) {
        return false;
    }
    char also[40] = "", late[RULE_TEXT];
    if (c->like_frame != 0) {
        (void)snprintf(also, sizeof also, ", as long as in frame %u", c->like_frame);
    }
    bool timeout = is_round(c->waited) || c->like_frame != 0;
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

/* The network. */

static const char *end_of(const case_t *c)
{
    return c->at_end ? "silence" : closing_word(c);
}

bool case_is_resent_in_vain(const case_t *c)
{
    return turn_is_open(&c->turn) && !turn_was_delivered(&c->turn) && turn_sendings(&c->turn) > 1;
}

/* The message that has to be answered was sent again and again. */
static bool is_turn_undelivered(const case_t *c)
{
    return is_lost_on_way(c) ||
           (turn_is_open(&c->turn) && !turn_was_delivered(&c->turn) && c->turn.delivery.resendings >= RUN_THAT_BREAKS);
}

/* What its sender had sent before it was, as a request before the ATTENTION that cancels it. */
static bool is_behind_undelivered(const case_t *c)
{
    return turn_is_open(&c->turn) && !turn_was_delivered(&c->turn) && c->sufferer == c->turn.by &&
           c->copies >= RUN_THAT_BREAKS;
}

bool case_is_undelivered(const case_t *c)
{
    return is_turn_undelivered(c) || is_behind_undelivered(c);
}

/* What is lost, as far as the sizes tell. A host that says something is not down. */
static const char *loss_of(const case_t *c)
{
    if (are_large_lost_on_way(c) || are_only_large_lost(c)) {
        return "large packets are lost on the way (MTU)";
    }
    bool says_so = is_lost_on_way(c) || c->turn.delivery.lacking_frame > c->turn.frame || c->heard;
    return says_so ? "packets are lost on the way" : "packets are lost on the way, or the other host is down";
}

/* What of the debt may be among the lost bytes. */
static const char *lost_debt(const case_t *c)
{
    return turn_is_cancel(&c->turn) ? "its response, or its acknowledgement of the ATTENTION"
                                    : awaited_text(c->turn.debt.awaited);
}

static bool say_lost(const case_t *c, char *text)
{
    char debt[RULE_TEXT] = "";
    if (owes(c, c->undelivered.of) && c->undelivered.frame > c->turn.frame) {
        (void)snprintf(debt, sizeof debt, " (%s)", lost_debt(c));
    }
    return say(text, "%s: %u bytes of the %s%s before frame %u never arrived, as frame %u says, then %s after %s s",
               loss_of(c), c->undelivered.bytes, side_name(c->undelivered.of), debt, c->undelivered.frame,
               c->undelivered.lacked_frame, end_of(c), seconds(c->undelivered.lacked_for).text);
}

bool when_retransmission_timeout(const case_t *c, char *text)
{
    if (is_lost_on_way(c)) {
        return say_lost(c, text);
    }
    bool over = closes(c) || (c->at_end && c->now.close == CLOSE_OPEN);
    bool syn = stands_at(c, POSITION_SYN_SENT) || stands_at(c, POSITION_SYN_ANSWERED);
    bool turn = is_turn_undelivered(c);
    bool other = c->copies >= RUN_THAT_BREAKS; /* of what handed no turn over, as an answer */
    if (!over || syn || c->one_sided || !(turn || other)) {
        return false;
    }
    const char *end = end_of(c);
    char idle[96] = "";
    if (c->idle_before_request >= c->limits[LIMIT_IDLE]) {
        (void)snprintf(idle, sizeof idle, "; %s s of silence came before it",
                       seconds_rounded(c->idle_before_request, 0).text);
    }
    return turn ? say(text, "%s: frame %u of the %s was sent %u times%s and got no ACK, then %s%s", loss_of(c),
                      c->turn.frame, side_name(c->turn.by), turn_sendings(&c->turn),
                      lasting(" over ", c->sending_for, "").text, end, idle)
                : say(text, "%s: %u copies of a segment of the %s and no ACK, then %s%s", loss_of(c), c->copies,
                      side_name(c->sufferer), end, idle);
}

/* Long silences. */

#define ANSWERED_AT_ONCE SECONDS(2) /* by an RST: no way is longer */

/* A keep-alive is what this RST answers. */
static bool is_answer_to_keep_alive(const case_t *c)
{
    return is_breaking_rst(c) && c->bare_reset && c->keep_alives > 0 && c->keep_alives < RUN_THAT_BREAKS &&
           c->sufferer == sender_other(c->sender) && !is_by_device(c);
}

/* The client's RST meets the server's first words after a silence: it, or something between, has forgotten. */
static bool is_answer_to_late_word(const case_t *c)
{
    return c->sender == SENDER_CLIENT && c->idle_ended_frame > c->last_client_frame && c->bare_reset &&
           c->idle_before_data >= c->limits[LIMIT_IDLE] && c->since_idle_ended != MOMENT_NONE &&
           c->since_idle_ended <= ANSWERED_AT_ONCE;
}

/* By the server, or in its name: a client that resets an idle connection just ends it. */
static bool is_after_idleness_of_client(const case_t *c)
{
    bool answers_data = c->turn.debt.owes == SENDER_SERVER && c->idle_before_request >= c->limits[LIMIT_IDLE];
    return c->sender == SENDER_SERVER &&
           (answers_data || (!turn_is_open(&c->turn) && c->since_data >= c->limits[LIMIT_IDLE]));
}

static bool is_late_answer_to_keep_alive(const case_t *c)
{
    return is_answer_to_keep_alive(c) && c->since_data != MOMENT_NONE && c->since_data >= c->limits[LIMIT_IDLE];
}

/* Somebody waited in vain: that is why, and not the silence. */
static bool is_path_broken(const case_t *c)
{
    return c->keep_alives >= RUN_THAT_BREAKS || c->copies >= RUN_THAT_BREAKS || case_is_undelivered(c);
}

bool case_is_after_idleness(const case_t *c)
{
    return is_breaking_rst(c) && !is_path_broken(c) &&
           (is_after_idleness_of_client(c) || is_answer_to_late_word(c) || is_late_answer_to_keep_alive(c));
}

/* The server's RST meets what it should answer. */
static bool is_answer_to_request(const case_t *c)
{
    return is_breaking_rst(c) && c->bare_reset && c->sender == SENDER_SERVER && turn_is_open(&c->turn) &&
           c->turn.debt.owes == SENDER_SERVER && c->turn.delivery.acked_frame == 0 && c->waited != MOMENT_NONE &&
           c->waited <= ANSWERED_AT_ONCE && !is_by_device(c);
}

bool case_may_be_unknown_there(const case_t *c)
{
    return is_answer_to_request(c) || is_answer_to_keep_alive(c);
}

bool case_is_unknown_there(const case_t *c)
{
    return !c->unseen && case_may_be_unknown_there(c);
}

/* The sender of the RST, or whoever uses its name. */
static const char *who_may_forget(const case_t *c)
{
    if (is_by_device(c)) {
        return "something between";
    }
    return c->sender == SENDER_SERVER ? "something between, or the server," : "something between, or the client,";
}

bool when_idle_reset(const case_t *c, char *text)
{
    if (c->unseen || !case_is_after_idleness(c)) {
        return false;
    }
    const char *keep_alives = c->idle_with_keep_alives ? ", with keep-alives only" : "";
    const char *who = who_may_forget(c);
    if (is_late_answer_to_keep_alive(c)) {
        return say(text,
                   "%s had forgotten the connection: RST in answer to a keep-alive of the %s after %s s of silence",
                   who, side_name(c->sufferer), seconds_rounded(c->since_data, 0).text);
    }
    if (c->sender == SENDER_CLIENT) {
        return say(text,
                   "%s had forgotten the connection: RST in answer to the server's first words after %s s of silence",
                   who, seconds_rounded(c->idle_before_data, 0).text);
    }
    return turn_is_open(&c->turn)
               ? say(text,
                     "%s had forgotten the connection: RST in answer to the first request after %s s of silence%s", who,
                     seconds_rounded(c->idle_before_request, 0).text, keep_alives)
               : say(text, "%s has a limit for idle connections: RST after %s s of silence%s",
                     is_by_device(c) ? who : "the server, or something between,",
                     seconds_rounded(c->since_data, 0).text, keep_alives);
}
