/* waits.h - the rules about the message that was owed when a connection ended. Predicates of diagnoses.def.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_WAITS_H
#define TDSCONN_WAITS_H

#include "rules.h"

bool when_prelogin_unanswered(const case_t *c, char *text);
bool when_kdc_unanswered(const case_t *c, char *text);
bool when_client_silent(const case_t *c, char *text);
bool when_client_silent_later(const case_t *c, char *text);
bool when_login_unanswered(const case_t *c, char *text);
bool when_request_abandoned(const case_t *c, char *text);

/* Whether the server's word, which was sent more than once, reached the client so late that most of the wait was the
 * network's. */
bool case_server_came_late(const case_t *c);

/* Whether client_silent holds, so that other rules need not guess why the connection ended. */
bool case_client_was_silent(const case_t *c);

/* Whether a KDC refused a ticket to the client while it was the client's turn. */
bool case_kdc_refused_turn(const case_t *c);

/* Whether the client sends its LOGIN7 after a KDC did not answer for long. */
bool case_goes_on_without_kdc(const case_t *c);

/* Whether this time is a whole number of seconds, and not short: a timer's. */
bool wait_is_round(moment_t time);

/* Whether the client had to send, and a KDC said that it takes no request of it. */
bool case_kdc_denies(const case_t *c);

/* Whether the server closes so soon after the client's message that this is its answer. */
bool case_server_closes_at_once(const case_t *c);

/* Whether the wait for the server was so long that its end of the connection is no answer. */
bool case_is_server_late(const case_t *c);

/* "what the server says in frame 5 is HTTP, no TDS: another service, or a proxy; "; "" if it is TDS, or nothing.
 * Returns `words`. */
const char *case_service_words(const case_t *c, char words[RULE_TEXT]);

/* What may be wrong with a ClientHello that arrived and was not answered: it begins TDS 8.0. "" if it does not, or if
 * it is known what the server is instead. */
const char *case_strict_words(const case_t *c);

/* Whether the client sent only a part of its message, and nothing of the server kept it from sending the rest. */
bool case_client_owes_rest(const case_t *c);

/* Whether the client's last word was TLS's close_notify, in clear. */
bool case_client_took_leave(const case_t *c);

/* "; the server sent only the TLS alert unrecognized_name (112) in frame 7": what came instead of a ServerHello; empty
 * if nothing did. Returns `words`. */
const char *case_no_hello_words(const case_t *c, char words[RULE_TEXT]);

/* Whether the client ends the connection directly after the session tickets of TLS 1.3: it did not wait for an answer.
 */
bool case_goes_on_tickets(const case_t *c);

/* Whether a message may be missing before this end of a login. What a snap length cut before the client's latest
 * message was an answer to an earlier one. */
bool case_may_lack_message(const case_t *c);

/* Whether the server sent something after the client's message that could not be read: it may be the answer. */
bool case_is_answered_unreadably(const case_t *c);

#endif
