/* tlsrules.h - the rules about encryption: the agreement on it, the TLS handshake, the certificate. Predicates of
 * diagnoses.def.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_TLSRULES_H
#define TDSCONN_TLSRULES_H

#include "rules.h"

bool when_encryption_mismatch(const case_t *c, char *text);
bool when_tls_refused_by_server(const case_t *c, char *text);
bool when_tls_refused_by_client(const case_t *c, char *text);
bool when_certificate_expired(const case_t *c, char *text);
bool when_certificate_name(const case_t *c, char *text);
bool when_tls_alert(const case_t *c, char *text);
bool when_tls_old(const case_t *c, char *text);
bool when_tls_self_signed(const case_t *c, char *text);

/* Whether the two sides' ENCRYPTION options do not agree. False if one of them is not known. */
bool case_disagrees_on_encryption(const case_t *c);

/* Whether the server has sent its certificate, and the client has not gone on with the handshake. */
bool case_is_before_client_goes_on(const case_t *c);

/* "it does not trust the certificate,", with its name and what speaks against it; in a resumed session without one, of
 * that. Returns `words`, or static text. */
const char *case_certificate_doubt(const case_t *c, char words[RULE_TEXT]);

/* The name of the latest readable alert, as in RFC 8446. Static text. */
const char *case_alert_name(const case_t *c);

#endif
