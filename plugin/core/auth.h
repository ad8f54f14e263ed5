/* auth.h - how the client authenticated, concluded from the evidence met so far.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_AUTH_H
#define TDSCONN_AUTH_H

#include "sspi.h"
#include "values.h"

#include <stdbool.h>
#include <stdint.h>

typedef enum {
#define EVIDENCE(tag, auth, basis, sentence) EVIDENCE_##tag,
#include "auth.def"
    EVIDENCE_COUNT
} evidence_t;

/* The first frame with each piece of evidence; 0 = not met. */
typedef struct {
    uint32_t frame[EVIDENCE_COUNT];
} auth_evidence_t;

typedef struct {
    auth_t auth;
    basis_t basis;
    const char *sentence; /* static; NULL while there is no evidence */
    uint32_t frame;       /* of the evidence */
} auth_verdict_t;

/* Notes a piece of evidence. Only its first frame is kept. */
void auth_note(auth_evidence_t *evidence, evidence_t what, uint32_t frame);

/* Notes what an SSPI token proves. `spnego`: the token is inside SPNEGO (RFC 4178 3). There an AP-REQ is only an offer:
 * the client sends it before it knows whether the server accepts Kerberos. */
void auth_note_sspi(auth_evidence_t *evidence, sspi_kind_t kind, bool spnego, uint32_t frame);

/* The server decided on the login, and no bytes are missing. If Kerberos was offered and no NTLM followed, then
 * Kerberos was used. */
void auth_settle(auth_evidence_t *evidence);

/* Bytes are missing. If Kerberos was offered, the server may have chosen NTLM in them. */
void auth_doubt(auth_evidence_t *evidence);

/* The first frame with a Kerberos AP-REQ; 0 = none. */
uint32_t auth_ticket_frame(const auth_evidence_t *evidence);

/* Whether any token of Windows or federated authentication was met, from either side. */
bool auth_saw_token(const auth_evidence_t *evidence);

/* The verdict by the strongest evidence, the first in the order of auth.def. AUTH_UNKNOWN without evidence. */
auth_verdict_t auth_verdict(const auth_evidence_t *evidence);

#endif
