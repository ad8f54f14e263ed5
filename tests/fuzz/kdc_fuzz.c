/* kdc_fuzz.c - for kdc_parse, kdc_is_sql_server, kerberos_error, kerberos_service.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "fuzz.h"
#include "kdc.h"

static void claim_sound(const kerberos_t *about, span_t input)
{
    CLAIM(about->service_parts <= KERBEROS_NAME_PARTS);
    CLAIM(is_within(about->realm, input));
    for (size_t i = 0; i < KERBEROS_NAME_PARTS; i++) {
        CLAIM(is_within(about->service[i], input));
    }
    char room[KERBEROS_NAME_LIMIT];
    CLAIM(is_within(kerberos_service_name(about, room), span_of((const uint8_t *)room, sizeof room)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    span_t input = span_of(data, size);
    span_t cut = cut_new(input);
    kdc_message_t message;
    if (kdc_parse(input, &message)) {
        CLAIM(message.kind <= KDC_ERROR && message.about.service_parts > 0);
        claim_sound(&message.about, input);
        (void)kdc_is_sql_server(&message.about);
    }
    if (kdc_parse(cut, &message)) {
        claim_sound(&message.about, cut);
    }
    cut_free(cut);
    return 0;
}
