/* loginrules.h - the rules about the opening of a connection, its login and how the client authenticates. Predicates
 * of diagnoses.def.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_LOGINRULES_H
#define TDSCONN_LOGINRULES_H

#include "rules.h"

bool when_connection_refused(const case_t *c, char *text);
bool when_probe(const case_t *c, char *text);
bool when_prelogin_refused(const case_t *c, char *text);
bool when_instance_mismatch(const case_t *c, char *text);
bool when_login_in_clear(const case_t *c, char *text);
bool when_no_login_sent(const case_t *c, char *text);
bool when_login_refused(const case_t *c, char *text);
bool when_login_probably_refused(const case_t *c, char *text);
bool when_late_confirmation(const case_t *c, char *text);
bool when_redirected(const case_t *c, char *text);
bool when_redirected_round(const case_t *c, char *text);
bool when_redirect_not_followed(const case_t *c, char *text);
bool when_session_recovered(const case_t *c, char *text);
bool when_certificate_login(const case_t *c, char *text);
bool when_change_password(const case_t *c, char *text);
bool when_read_only_intent(const case_t *c, char *text);
bool when_version_refused(const case_t *c, char *text);
bool when_parallel_connect(const case_t *c, char *text);
bool when_ntlm_used(const case_t *c, char *text);
bool when_ntlm_after_kerberos_failure(const case_t *c, char *text);
bool when_ntlm_anonymous(const case_t *c, char *text);
bool when_ntlm_v1(const case_t *c, char *text);
bool when_spn_unknown(const case_t *c, char *text);
bool when_spn_duplicate(const case_t *c, char *text);
bool when_kerberos_error(const case_t *c, char *text);

/* The server accepts the connection and ends it at once, before a word of the client. */
bool case_is_hung_up(const case_t *c);

/* Whether the server accepts the login at hand, or refuses it. */
bool case_is_decided(const case_t *c);

#endif
