/* hidden_fuzz.c - for tls_overhead, hidden_add, hidden_judge, hidden_may_redirect, hidden_request_add, auth_note,
 * auth_verdict, auth_saw_token.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * An input is one byte for the circumstances, one for the cipher suite, and then the encrypted records of a
 * connection: one byte for the sender and two for the length each.
 */
#include "fuzz.h"
#include "hidden.h"

static const struct {
    const char *cipher;
    uint16_t version;
} suites[] = {
    {"TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", 0x0303},
    {"TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", 0x0303},
    {"TLS_RSA_WITH_AES_128_CCM_8", 0x0303},
    {"TLS_RSA_WITH_AES_128_CBC_SHA", 0x0301},
    {"TLS_RSA_WITH_AES_256_CBC_SHA256", 0x0303},
    {"TLS_RSA_WITH_3DES_EDE_CBC_SHA", 0x0302},
    {"TLS_AES_128_GCM_SHA256", 0x0304},
    {"", 0},
};

static void claim_sound(const hidden_t *hidden)
{
    CLAIM(hidden->count <= HIDDEN_MESSAGES);
    for (size_t i = 0; i < hidden->count; i++) {
        const hidden_message_t *m = &hidden->messages[i];
        CLAIM(m->records > 0 && m->first_least <= m->first_most && m->least <= m->most);
        CLAIM(m->first_least <= m->least && m->first_most <= m->most);
        CLAIM(i == 0 || m->sender != hidden->messages[i - 1].sender);
    }
}

static void claim_reasoned(const hidden_t *hidden, hidden_verdict_t verdict, uint32_t frames)
{
    CLAIM(verdict.outcome == HIDDEN_OPEN || hidden->count > 1);
    CLAIM(verdict.decided == NULL ||
          (verdict.decided >= hidden->messages && verdict.decided < hidden->messages + hidden->count));
    CLAIM(verdict.command_frame <= frames);
    CLAIM(!verdict.has_evidence || verdict.outcome == HIDDEN_CONFIRMED);
    if (verdict.has_evidence) {
        auth_evidence_t evidence = {{0}};
        auth_note(&evidence, verdict.evidence, 1);
        CLAIM(auth_verdict(&evidence).sentence != NULL);
        (void)auth_saw_token(&evidence);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    reader_t r = reader_of(span_of(data, size));
    uint8_t how = read_u8(&r);
    uint8_t suite = read_u8(&r) % COUNT_OF(suites);
    hidden_circumstances_t circumstances = {how & 1, how & 2, how & 4, how & 8};
    tls_overhead_t overhead = tls_overhead(suites[suite].cipher, suites[suite].version);
    hidden_t hidden = {.count = 0};
    hidden_request_t request = {.frame = 0};
    for (uint32_t frame = 1; r.left >= 3; frame++) {
        sender_t sender = read_u8(&r) & 1 ? SENDER_SERVER : SENDER_CLIENT;
        uint32_t length = read_u16be(&r);
        hidden_add(&hidden, sender, frame, frame, length, overhead);
        hidden_kind_t kind = hidden_request_add(&request, sender, frame, frame, length, overhead);
        CLAIM(kind != HIDDEN_ATTENTION || (sender == SENDER_CLIENT && request.any_answer));
        CLAIM(request.frame <= frame && request.answered <= frame);
        CLAIM(!hidden_may_redirect(&hidden, circumstances) || (circumstances.closed && !circumstances.server_first));
        claim_sound(&hidden);
        claim_reasoned(&hidden, hidden_judge(&hidden, circumstances), frame);
    }
    return 0;
}
