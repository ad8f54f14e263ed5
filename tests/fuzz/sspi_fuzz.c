/* sspi_fuzz.c - for sspi_parse, sspi_starts, sspi_is_of_server, kerberos_service_name, and auth_note_sspi with what
 * they find.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "auth.h"
#include "fuzz.h"

static void claim_sound(const sspi_t *sspi, span_t input)
{
    const ntlm_t *ntlm = &sspi->ntlm;
    const kerberos_t *kerberos = &sspi->kerberos;
    CLAIM(sspi->kind <= SSPI_SPNEGO);
    CLAIM(kerberos->service_parts <= KERBEROS_NAME_PARTS);
    const span_t spans[] = {ntlm->domain,    ntlm->user,           ntlm->workstation,    ntlm->target_spn,
                            kerberos->realm, kerberos->service[0], kerberos->service[1], kerberos->service[2]};
    for (size_t i = 0; i < COUNT_OF(spans); i++) {
        CLAIM(is_within(spans[i], input));
    }
    char room[KERBEROS_NAME_LIMIT];
    span_t name = kerberos_service_name(kerberos, room);
    CLAIM(is_within(name, span_of((const uint8_t *)room, sizeof room)));
}

static void claim_proves_something(const sspi_t *sspi)
{
    auth_evidence_t evidence = {{0}};
    auth_note_sspi(&evidence, sspi->kind, sspi->spnego, 1);
    auth_verdict_t verdict = auth_verdict(&evidence);
    CLAIM(verdict.frame == 1 && verdict.sentence != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    span_t input = span_of(data, size);
    sspi_t sspi;
    (void)sspi_starts(input);
    (void)sspi_is_of_server(input);
    CLAIM(sspi_parse(input, &sspi) == (size > 0));
    claim_sound(&sspi, input);
    claim_proves_something(&sspi);
    span_t cut = cut_new(input);
    (void)sspi_parse(cut, &sspi);
    claim_sound(&sspi, cut);
    cut_free(cut);
    return 0;
}
