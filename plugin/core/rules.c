/* rules.c - the rules: what is wrong with a connection, or unusual.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * One predicate for each rule: if it holds, it writes what it found. Missing packets never cause a diagnosis.
 */
#include "rules.h"

#include "endrules.h"
#include "ends.h"
#include "loginrules.h"
#include "lossrules.h"
#include "piperules.h"
#include "timerules.h"
#include "tlsrules.h"
#include "waits.h"

bool rule_breaks(message_t seen, const connection_t *before)
{
    return seen == MESSAGE_RST && before->closed_first == SENDER_UNKNOWN && !before->reset;
}

bool rule_is_foreign_ttl(uint8_t ttl, uint8_t usual)
{
    int difference = (int)ttl - (int)usual;
    return ttl != 0 && usual != 0 && (difference >= 2 || difference <= -2);
}

const char *time_name(step_time_id_t which)
{
    static const char *const names[TIME_COUNT] = {
#define TIME(tag, name, field, title, text) [TIME_##tag] = (name),
#include "times.def"
    };
    return names[which];
}

/* The capture itself. */

/* A capture in which everything stands twice shows copies that were never sent. */
static bool is_duplicated(const case_t *c)
{
    return c->frame_count >= 8 && c->copy_count * 5 >= c->frame_count * 2;
}

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

/* Why a login is not there. */
static const char *no_login_words(const case_t *c)
{
    if (c->times[TIME_TOTAL].begun == 0) {
        return "the capture begins after the login";
    }
    return c->snapped ? "the login cannot be read: the capture has the SYN, and its snap length cut what came behind it"
                      : "the login cannot be read: the capture has the SYN, but lacks bytes behind it";
}

static bool when_joined_midway(const case_t *c, char *text)
{
    bool may_login = c->now.position == POSITION_MIDWAY_HIDDEN || c->now.position == POSITION_KEPT_ALIVE;
    return c->now.state == STATE_JOINED_MIDWAY && (c->at_end || !may_login) && say(text, "%s", no_login_words(c));
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

bool rule_is_of_end(diagnosis_t rule)
{
    return asked_on[rule] == ON_END;
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
