/* clauses.c - the parts of sentences that several rules say.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "clauses.h"

#include "dns.h"
#include "ends.h"
#include "tlshello.h"

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

const char *case_end_words(const case_t *c)
{
    return c->port_again ? "the next use of the client's port" : "the end of the capture";
}

const char *case_part_words(const case_t *c)
{
    return c->unfinished.of == SENDER_SERVER ? "whole " : "";
}
