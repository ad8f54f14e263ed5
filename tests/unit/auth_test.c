/* auth_test.c - the verdict on how the client authenticated.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "vectors.h"

#include <string.h>

#include "auth.h"

static auth_verdict_t verdict_of(evidence_t what)
{
    auth_evidence_t evidence = {{0}};
    auth_note(&evidence, what, 42);
    return auth_verdict(&evidence);
}

static void without_evidence_nothing_is_said(void **state)
{
    (void)state;
    auth_evidence_t evidence = {{0}};
    auth_verdict_t verdict = auth_verdict(&evidence);
    assert_int_equal(verdict.auth, AUTH_UNKNOWN);
    assert_int_equal(verdict.basis, BASIS_UNKNOWN);
    assert_null(verdict.sentence);
    assert_int_equal(verdict.frame, 0);
    assert_false(auth_saw_token(&evidence));
}

/* Each piece of evidence alone: a row that proves nothing, or says nothing, would be no evidence. */
static void every_row_says_something(void **state)
{
    (void)state;
    for (unsigned i = 0; i < EVIDENCE_COUNT; i++) {
        auth_verdict_t verdict = verdict_of((evidence_t)i);
        assert_int_not_equal(verdict.auth, AUTH_UNKNOWN);
        assert_int_not_equal(verdict.basis, BASIS_UNKNOWN);
        assert_int_equal(verdict.frame, 42);
        assert_non_null(verdict.sentence);
        assert_true(strlen(verdict.sentence) > 0);
        assert_true(verdict.sentence[strlen(verdict.sentence) - 1] != '.'); /* ", frame 97" follows */
        for (unsigned j = 0; j < i; j++) {
            assert_string_not_equal(verdict.sentence, verdict_of((evidence_t)j).sentence);
        }
    }
}

static void evidence_proves_its_mechanism(void **state)
{
    (void)state;
    static const struct {
        evidence_t evidence;
        auth_t auth;
        basis_t basis;
    } rows[] = {
        {EVIDENCE_NTLM_CHALLENGE, AUTH_NTLM, BASIS_SEEN},
        {EVIDENCE_NTLM_AUTHENTICATE, AUTH_NTLM, BASIS_SEEN},
        {EVIDENCE_NTLM_NEGOTIATE, AUTH_NTLM, BASIS_SEEN},
        {EVIDENCE_NTLM_CHOSEN, AUTH_NTLM, BASIS_SEEN},
        {EVIDENCE_KERBEROS_ANSWER, AUTH_KERBEROS, BASIS_SEEN},
        {EVIDENCE_KERBEROS_REQUEST, AUTH_KERBEROS, BASIS_SEEN},
        {EVIDENCE_KERBEROS_CHOSEN, AUTH_KERBEROS, BASIS_SEEN},
        {EVIDENCE_KERBEROS_ERROR, AUTH_KERBEROS, BASIS_SEEN},
        {EVIDENCE_FEDAUTHINFO, AUTH_ENTRA, BASIS_SEEN},
        {EVIDENCE_FEDAUTH_TOKEN, AUTH_ENTRA, BASIS_SEEN},
        {EVIDENCE_FEDAUTH_FEATURE, AUTH_ENTRA, BASIS_SEEN},
        {EVIDENCE_FEDAUTH_ACK, AUTH_ENTRA, BASIS_SEEN},
        {EVIDENCE_SSPI_OTHER, AUTH_WINDOWS, BASIS_SEEN},
        {EVIDENCE_INTEGRATED, AUTH_WINDOWS, BASIS_SEEN},
        {EVIDENCE_PASSWORD, AUTH_SQL, BASIS_SEEN},
        {EVIDENCE_OLD_LOGIN, AUTH_SQL, BASIS_SEEN},
        /* Follows from what did not come: it could be otherwise. */
        {EVIDENCE_PLAIN_LOGINACK, AUTH_SQL, BASIS_INFERRED},
        {EVIDENCE_CERTIFICATE, AUTH_CERTIFICATE, BASIS_INFERRED},
        {EVIDENCE_UNTRUSTED_DOMAIN, AUTH_WINDOWS, BASIS_INFERRED},
        {EVIDENCE_TICKET_FETCHED, AUTH_KERBEROS, BASIS_INFERRED},
        {EVIDENCE_HIDDEN_PASSWORD, AUTH_SQL, BASIS_INFERRED},
        {EVIDENCE_HIDDEN_TICKET, AUTH_KERBEROS, BASIS_INFERRED},
        /* The server may want another mechanism. */
        {EVIDENCE_KERBEROS_OFFERED, AUTH_KERBEROS, BASIS_INFERRED},
        {EVIDENCE_OFFER_DOUBTED, AUTH_WINDOWS, BASIS_SEEN},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_int_equal(verdict_of(rows[i].evidence).auth, rows[i].auth);
        assert_int_equal(verdict_of(rows[i].evidence).basis, rows[i].basis);
    }
    assert_int_equal(COUNT_OF(rows), EVIDENCE_COUNT); /* a new row needs one here */
}

/* The stronger evidence decides, whichever came first. */
static void the_stronger_evidence_decides(void **state)
{
    (void)state;
    static const struct {
        evidence_t strong, weak;
        auth_t auth;
    } rows[] = {
        {EVIDENCE_NTLM_CHALLENGE, EVIDENCE_KERBEROS_REQUEST, AUTH_NTLM}, /* offered Kerberos, ended with NTLM */
        {EVIDENCE_NTLM_CHALLENGE, EVIDENCE_INTEGRATED, AUTH_NTLM},
        {EVIDENCE_NTLM_CHALLENGE, EVIDENCE_NTLM_NEGOTIATE, AUTH_NTLM},
        {EVIDENCE_NTLM_AUTHENTICATE, EVIDENCE_KERBEROS_ERROR, AUTH_NTLM},
        {EVIDENCE_KERBEROS_ANSWER, EVIDENCE_NTLM_NEGOTIATE, AUTH_KERBEROS},
        {EVIDENCE_KERBEROS_REQUEST, EVIDENCE_INTEGRATED, AUTH_KERBEROS},
        {EVIDENCE_KERBEROS_ANSWER, EVIDENCE_PLAIN_LOGINACK, AUTH_KERBEROS},
        {EVIDENCE_KERBEROS_CHOSEN, EVIDENCE_SSPI_OTHER, AUTH_KERBEROS},
        {EVIDENCE_FEDAUTH_ACK, EVIDENCE_PLAIN_LOGINACK, AUTH_ENTRA},
        {EVIDENCE_FEDAUTHINFO, EVIDENCE_PASSWORD, AUTH_ENTRA},
        {EVIDENCE_PASSWORD, EVIDENCE_PLAIN_LOGINACK, AUTH_SQL},
        {EVIDENCE_CERTIFICATE, EVIDENCE_PLAIN_LOGINACK, AUTH_CERTIFICATE},
        {EVIDENCE_SSPI_OTHER, EVIDENCE_UNTRUSTED_DOMAIN, AUTH_WINDOWS},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        auth_evidence_t early = {{0}}, late = {{0}};
        auth_note(&early, rows[i].strong, 5);
        auth_note(&early, rows[i].weak, 9);
        auth_note(&late, rows[i].weak, 5);
        auth_note(&late, rows[i].strong, 9);
        assert_int_equal(auth_verdict(&early).auth, rows[i].auth);
        assert_int_equal(auth_verdict(&early).frame, 5);
        assert_int_equal(auth_verdict(&late).auth, rows[i].auth);
        assert_int_equal(auth_verdict(&late).frame, 9);
    }
}

static void only_the_first_frame_counts(void **state)
{
    (void)state;
    auth_evidence_t evidence = {{0}};
    auth_note(&evidence, EVIDENCE_NTLM_CHALLENGE, 7);
    auth_note(&evidence, EVIDENCE_NTLM_CHALLENGE, 9);
    assert_int_equal(auth_verdict(&evidence).frame, 7);
}

static void sspi_tokens_are_evidence(void **state)
{
    (void)state;
    static const struct {
        sspi_kind_t kind;
        evidence_t evidence;
    } rows[] = {
        {SSPI_UNKNOWN, EVIDENCE_SSPI_OTHER},
        {SSPI_SPNEGO, EVIDENCE_SSPI_OTHER},
        {SSPI_NTLM_NEGOTIATE, EVIDENCE_NTLM_NEGOTIATE},
        {SSPI_NTLM_CHALLENGE, EVIDENCE_NTLM_CHALLENGE},
        {SSPI_NTLM_AUTHENTICATE, EVIDENCE_NTLM_AUTHENTICATE},
        {SSPI_NTLM_CHOSEN, EVIDENCE_NTLM_CHOSEN},
        {SSPI_KERBEROS_AP_REQ, EVIDENCE_KERBEROS_REQUEST},
        {SSPI_KERBEROS_AP_REP, EVIDENCE_KERBEROS_ANSWER},
        {SSPI_KERBEROS_ERROR, EVIDENCE_KERBEROS_ERROR},
        {SSPI_KERBEROS_CHOSEN, EVIDENCE_KERBEROS_CHOSEN},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        auth_evidence_t evidence = {{0}};
        auth_note_sspi(&evidence, rows[i].kind, false, 3);
        assert_int_equal(evidence.frame[rows[i].evidence], 3);
        assert_true(auth_saw_token(&evidence));
    }
}

/* RFC 4178 3: the first token of an offer is optimistic. */
static void an_offer_is_what_it_was_once_the_server_decides(void **state)
{
    (void)state;
    auth_evidence_t kerberos = {{0}}, ntlm = {{0}};
    auth_note_sspi(&kerberos, SSPI_KERBEROS_AP_REQ, true, 3);
    assert_int_equal(auth_verdict(&kerberos).basis, BASIS_INFERRED);
    assert_true(auth_saw_token(&kerberos));
    ntlm = kerberos;
    auth_settle(&kerberos);
    assert_int_equal(auth_verdict(&kerberos).basis, BASIS_SEEN);
    assert_int_equal(auth_verdict(&kerberos).frame, 3);
    auth_note_sspi(&ntlm, SSPI_NTLM_NEGOTIATE, true, 5);
    auth_settle(&ntlm);
    assert_int_equal(auth_verdict(&ntlm).auth, AUTH_NTLM);
}

static void an_offer_whose_answer_may_be_missing_is_no_choice(void **state)
{
    (void)state;
    auth_evidence_t evidence = {{0}}, settled = {{0}};
    auth_note_sspi(&evidence, SSPI_KERBEROS_AP_REQ, true, 3);
    settled = evidence;
    auth_doubt(&evidence);
    assert_int_equal(auth_verdict(&evidence).auth, AUTH_WINDOWS);
    assert_int_equal(auth_ticket_frame(&evidence), 3);
    auth_settle(&settled);
    auth_doubt(&settled);
    assert_int_equal(auth_verdict(&settled).auth, AUTH_KERBEROS);
    assert_int_equal(auth_verdict(&settled).basis, BASIS_SEEN);
}

/* After any of these a LOGINACK is no sign of an SQL login. */
static void only_windows_and_federated_logins_have_tokens(void **state)
{
    (void)state;
    static const evidence_t none[] = {EVIDENCE_PASSWORD, EVIDENCE_OLD_LOGIN, EVIDENCE_PLAIN_LOGINACK,
                                      EVIDENCE_CERTIFICATE, EVIDENCE_UNTRUSTED_DOMAIN};
    for (size_t i = 0; i < COUNT_OF(none); i++) {
        auth_evidence_t evidence = {{0}};
        auth_note(&evidence, none[i], 3);
        assert_false(auth_saw_token(&evidence));
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_evidence_nothing_is_said),
        cmocka_unit_test(every_row_says_something),
        cmocka_unit_test(evidence_proves_its_mechanism),
        cmocka_unit_test(the_stronger_evidence_decides),
        cmocka_unit_test(only_the_first_frame_counts),
        cmocka_unit_test(sspi_tokens_are_evidence),
        cmocka_unit_test(an_offer_is_what_it_was_once_the_server_decides),
        cmocka_unit_test(an_offer_whose_answer_may_be_missing_is_no_choice),
        cmocka_unit_test(only_windows_and_federated_logins_have_tokens),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
