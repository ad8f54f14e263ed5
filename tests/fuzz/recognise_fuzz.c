/* recognise_fuzz.c - for recognise: the first byte says in what circumstances, the others are the payload.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "fuzz.h"
#include "recognise.h"

static bool is_ours(recognised_t claim)
{
    return claim == CLAIM_TDS || claim == CLAIM_STRICT;
}

/* Nothing but the bytes says so: they have what only TDS has, so a known port says the same. */
static void try_payload(span_t payload, circumstances_t c)
{
    c.known_port = false;
    recognised_t anywhere = recognise(payload, &c);
    c.known_port = true;
    recognised_t known = recognise(payload, &c);
    CLAIM(!is_ours(anywhere) || known == anywhere);
    CLAIM(anywhere != CLAIM_LATER || known == CLAIM_STRICT);
    CLAIM(anywhere != CLAIM_WAIT || known == CLAIM_WAIT || is_ours(known));
    CLAIM(anywhere != CLAIM_BEHIND || known == CLAIM_TDS);
    CLAIM(payload.length > 0 || known == CLAIM_WAIT);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t how = size > 0 ? data[0] : 0;
    circumstances_t c = {.from_start = (how & 1) != 0, .sender = (sender_t)(how >> 1 & 3) % (SENDER_SERVER + 1)};
    span_t payload = span_of(data + (size > 0), size - (size > 0));
    try_payload(payload, c);
    span_t cut = cut_new(payload);
    try_payload(cut, c);
    cut_free(cut);
    return 0;
}
