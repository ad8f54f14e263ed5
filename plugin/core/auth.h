/* auth.h - the verdict on how the client authenticated, from the evidence met so far.
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

/* The first frame of each piece of evidence; 0 = not met. */
typedef struct {
    uint32_t frame[EVIDENCE_COUNT];
} auth_evidence_t;

typedef struct {
    auth_t auth;
    basis_t basis;
    const char *sentence; /* static; NULL while there is no evidence */
    uint32_t frame;       /* of the evidence */
} auth_verdict_t;

/* Notes a piece of evidence; only its first frame counts. */
void auth_note(auth_evidence_t *evidence, evidence_t what, uint32_t frame);

/* Notes what an SSPI token proves. Inside SPNEGO (RFC 4178 3) an AP-REQ is that of the mechanism that the client likes
 * best, sent before it knows whether the server takes it. */
void auth_note_sspi(auth_evidence_t *evidence, sspi_kind_t kind, bool spnego, uint32_t frame);

/* The server decided on the login, and nothing is missing: the mechanism that was offered first it was, if there was no
 * other. */
void auth_settle(auth_evidence_t *evidence);

/* Whether any token of Windows or federated authentication was met, from either side. */
bool auth_saw_token(const auth_evidence_t *evidence);

auth_verdict_t auth_verdict(const auth_evidence_t *evidence);

#endif
