/* auth.c - the verdict on how the client authenticated, from the evidence met so far.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "auth.h"

#include <stddef.h>

static const struct {
    auth_t auth;
    basis_t basis;
    const char *sentence;
} rules[EVIDENCE_COUNT] = {
#define EVIDENCE(tag, auth, basis, sentence) [EVIDENCE_##tag] = {AUTH_##auth, BASIS_##basis, sentence},
#include "auth.def"
};

void auth_note(auth_evidence_t *evidence, evidence_t what, uint32_t frame)
{
    if (evidence->frame[what] == 0) {
        evidence->frame[what] = frame;
    }
}

void auth_note_sspi(auth_evidence_t *evidence, sspi_kind_t kind, bool spnego, uint32_t frame)
{
    static const evidence_t proves[] = {
        [SSPI_UNKNOWN] = EVIDENCE_SSPI_OTHER,
        [SSPI_NTLM_NEGOTIATE] = EVIDENCE_NTLM_NEGOTIATE,
        [SSPI_NTLM_CHALLENGE] = EVIDENCE_NTLM_CHALLENGE,
        [SSPI_NTLM_AUTHENTICATE] = EVIDENCE_NTLM_AUTHENTICATE,
        [SSPI_KERBEROS_AP_REQ] = EVIDENCE_KERBEROS_REQUEST,
        [SSPI_KERBEROS_AP_REP] = EVIDENCE_KERBEROS_ANSWER,
        [SSPI_KERBEROS_ERROR] = EVIDENCE_KERBEROS_ERROR,
        [SSPI_KERBEROS_CHOSEN] = EVIDENCE_KERBEROS_CHOSEN,
        [SSPI_NTLM_CHOSEN] = EVIDENCE_NTLM_CHOSEN,
        [SSPI_SPNEGO] = EVIDENCE_SSPI_OTHER,
    };
    auth_note(evidence, spnego && kind == SSPI_KERBEROS_AP_REQ ? EVIDENCE_KERBEROS_OFFERED : proves[kind], frame);
}

void auth_settle(auth_evidence_t *evidence)
{
    uint32_t offered = evidence->frame[EVIDENCE_KERBEROS_OFFERED];
    if (offered != 0 && evidence->frame[EVIDENCE_NTLM_NEGOTIATE] == 0) {
        auth_note(evidence, EVIDENCE_KERBEROS_REQUEST, offered);
    }
}

void auth_doubt(auth_evidence_t *evidence)
{
    auth_note(evidence, EVIDENCE_OFFER_DOUBTED, evidence->frame[EVIDENCE_KERBEROS_OFFERED]);
    evidence->frame[EVIDENCE_KERBEROS_OFFERED] = 0;
}

uint32_t auth_ticket_frame(const auth_evidence_t *evidence)
{
    static const evidence_t tickets[] = {EVIDENCE_KERBEROS_REQUEST, EVIDENCE_KERBEROS_OFFERED, EVIDENCE_OFFER_DOUBTED};
    uint32_t frame = 0;
    for (size_t i = 0; i < sizeof tickets / sizeof tickets[0] && frame == 0; i++) {
        frame = evidence->frame[tickets[i]];
    }
    return frame;
}

bool auth_saw_token(const auth_evidence_t *evidence)
{
    for (size_t i = 0; i < EVIDENCE_COUNT; i++) {
        bool seen = rules[i].basis == BASIS_SEEN || i == EVIDENCE_KERBEROS_OFFERED;
        bool token = seen && rules[i].auth != AUTH_SQL;
        if (token && evidence->frame[i] != 0) {
            return true;
        }
    }
    return false;
}

auth_verdict_t auth_verdict(const auth_evidence_t *evidence)
{
    for (size_t i = 0; i < EVIDENCE_COUNT; i++) {
        if (evidence->frame[i] != 0) {
            return (auth_verdict_t){rules[i].auth, rules[i].basis, rules[i].sentence, evidence->frame[i]};
        }
    }
    return (auth_verdict_t){AUTH_UNKNOWN, BASIS_UNKNOWN, NULL, 0};
}
