/* kerberos.h - Kerberos's error codes, by name and by what they mean for a login (RFC 4120 7.5.9).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_KERBEROS_H
#define TDSCONN_KERBEROS_H

#include <stdint.h>

/* "KRB_AP_ERR_SKEW"; "KRB-ERROR" for a code that has no name here. Static text. */
const char *kerberos_error_name(uint32_t error);

/* What it means, as the end of a sentence: "the clocks differ by more than is allowed". NULL if kerberos.def has no
 * meaning for it. Static text. */
const char *kerberos_error_meaning(uint32_t error);

/* The same where a KDC says it, and no service: the ticket that it cannot read is then the client's own. */
const char *kerberos_error_meaning_of_kdc(uint32_t error);

#endif
