/* lossrules.c - the rules about what the network does not deliver.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Missing packets never cause a diagnosis.
 */
#include "lossrules.h"

#include "clauses.h"
#include "ends.h"

#define LARGE_SEGMENT 1000 /* bytes: every path takes shorter ones */

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

/* An address that answered before is not wrong. */
static const char *down_words(const case_t *c, char words[RULE_TEXT])
{
    if (c->accepted_earlier == 0) {
        return "a host that is down, or an address that is wrong";
    }
    (void)snprintf(words, RULE_TEXT, "or a host that is down; the same port accepted connection %u%s",
                   c->accepted_earlier - 1, lasting(" ", c->accepted_ago, " before").text);
    return words;
}

/* Where nothing shows what became of the SYNs but what the port does at other times. */
static bool say_not_reached(const case_t *c, char *text)
{
    if (c->accepted_later != 0) {
        moment_t sending = c->syn_count == 1 ? MOMENT_NONE : c->sending_for;
        return say(
            text,
            "%u SYN%s%s and no answer; the same port accepted this client%s, in connection %u: the host was down or "
            "overloaded for a time, or something between dropped the SYNs",
            c->syn_count, c->syn_count == 1 ? "" : "s", lasting(" within ", sending, "").text,
            lasting(" ", c->accepted_after, " later").text, c->accepted_later - 1);
    }
    char words[RULE_TEXT];
    return say(text, "%u SYN%s and no answer%s: a firewall, %s%s%s", c->syn_count, c->syn_count == 1 ? "" : "s",
               lasting(" in ", c->waited, "").text, down_words(c, words), sent_here_by(c).text,
               c->node_port ? "; Azure's redirects need the ports 11000 to 11999 open" : "");
}

/* A client that did not get the SYN-ACK repeats its SYN. One that does not has the SYN-ACK, or never wanted it. */
static const char *syn_ack_cause(const case_t *c)
{
    return c->syn_count > 1
               ? "the way back to the client is blocked"
               : "the client does not repeat its SYN: its ACK is lost on the way here, it is gone, or this is "
                 "a scan";
}

bool when_no_syn_answer(const case_t *c, char *text)
{
    if (is_syn_ack_lost(c)) {
        return say(text, "the server sent its SYN-ACK %u times%s and got no ACK: %s", turn_sendings(&c->turn),
                   lasting(" over ", c->sending_for, "").text, syn_ack_cause(c));
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
    return say_not_reached(c, text);
}

/* Segments that get no ACK. */

static const char *end_of(const case_t *c)
{
    if (!c->at_end) {
        return closing_word(c);
    }
    return c->now.reset ? "reset" : "silence";
}

/* Whether the capture ends before the other side has answered a FIN with its own. */
static bool is_left_half_closed(const case_t *c)
{
    return c->at_end && c->now.closed_first != SENDER_UNKNOWN && !(c->now.client.fin && c->now.server.fin);
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
           is_segment_unacknowledged(c);
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
    bool over = closes(c) || (c->at_end && c->now.close == CLOSE_OPEN) || is_left_half_closed(c);
    bool syn = stands_at(c, POSITION_SYN_SENT) || stands_at(c, POSITION_SYN_ANSWERED);
    bool turn = is_turn_undelivered(c);
    bool other = is_segment_unacknowledged(c); /* of what handed no turn over, as an answer */
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
    return is_keep_alive_unanswered(c) || is_segment_unacknowledged(c) || case_is_undelivered(c);
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

/* The client's RST meets the server's latest words. A client that ends the connection itself sends RST with ACK. */
static bool is_answer_to_response(const case_t *c)
{
    return is_breaking_rst(c) && c->bare_reset && c->sender == SENDER_CLIENT && c->server_spoke_last &&
           c->said.frame != 0 && c->said.delivery.acked_frame == 0 && c->since_data != MOMENT_NONE &&
           c->since_data <= ANSWERED_AT_ONCE && !is_by_device(c);
}

bool case_may_be_unknown_there(const case_t *c)
{
    return is_answer_to_request(c) || is_answer_to_response(c) || is_answer_to_keep_alive(c);
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
