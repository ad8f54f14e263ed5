/* tokens_fuzz.c - for response_read, response_read_behind_rows, response_final_done, tds_version_from_loginack,
 * tds_version_name.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The last byte chooses the format, and with cut_new how much of the response was captured.
 */
#include "fuzz.h"
#include "tokens.h"

#define OTHER_SPANS 11

typedef struct {
    span_t spans[OTHER_SPANS + 2 * RESPONSE_ERRORS];
} response_spans_t;

static response_spans_t spans_of(const response_t *r)
{
    response_spans_t all = {{r->sspi, r->fedauth_sts, r->fedauth_spn, r->routing.host, r->routing.database,
                             r->info_server, r->database, r->language, r->packet_size, r->mirror_partner,
                             r->user_instance}};
    for (size_t i = 0; i < RESPONSE_ERRORS; i++) {
        all.spans[OTHER_SPANS + 2 * i] = r->errors[i].message;
        all.spans[OTHER_SPANS + 2 * i + 1] = r->errors[i].server;
    }
    return all;
}

static void claim_spans_within(const response_t *response, span_t input)
{
    response_spans_t all = spans_of(response);
    for (size_t i = 0; i < COUNT_OF(all.spans); i++) {
        CLAIM(is_within(all.spans[i], input));
    }
}

/* Whoever has less of a response sees fewer of its tokens, and nothing else. */
static void claim_less(const response_t *part, const response_t *whole)
{
    CLAIM(!part->has_loginack || whole->has_loginack);
    CLAIM(!part->has_sspi || whole->has_sspi);
    CLAIM(!part->has_fedauthinfo || whole->has_fedauthinfo);
    CLAIM(!part->has_routing || whole->has_routing);
    CLAIM(part->error_count <= whole->error_count);
    CLAIM(!part->fully_read || whole->fully_read);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    span_t input = span_of(data, size);
    token_format_t format = {.wide_done = size > 0 && (data[size - 1] & 1),
                             .wide_text = size > 0 && (data[size - 1] & 2) == 0};
    response_t whole, part;
    response_read(input, size, format, &whole);
    claim_spans_within(&whole, input);
    span_t cut = cut_new(input);
    response_read(cut, size, format, &part);
    claim_spans_within(&part, cut);
    claim_less(&part, &whole);
    cut_free(cut);
    uint16_t status;
    (void)response_final_done(input, format, &status);
    response_t behind = {.format = format};
    response_read_behind_rows(input, &behind);
    claim_spans_within(&behind, input);
    (void)tds_version_name(tds_version_from_loginack(whole.loginack.tds_version));
    return 0;
}
