/* tds_fuzz.c - for tds_header_parse, tds_header_plausible, tds_header_possible, unit_at, unit_due, unit_among_sessions,
 * smp_resume, prelogin_parse.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "fuzz.h"
#include "tds.h"

static void try_unit(span_t input)
{
    if (input.length < UNIT_HEAD_LENGTH) {
        return;
    }
    unit_t unit = unit_at(input);
    CLAIM(unit.kind == UNIT_NONE || unit.kind == UNIT_TDS || unit.kind == UNIT_SMP || unit.kind == UNIT_TLS);
    CLAIM(unit.kind == UNIT_NONE || unit.length == 0 || unit.length >= UNIT_HEAD_LENGTH); /* whoever walks on gets on */
    if (unit.kind == UNIT_TDS && input.length >= TDS_HEADER_LENGTH) {
        tds_header_t header;
        CLAIM(tds_header_parse(input, &header) && header.length == unit.length);
        CLAIM(tds_header_plausible(input) && tds_header_possible(input));
    }
    unit_t due = unit_due(input);
    CLAIM(unit.kind == UNIT_NONE || (due.kind == unit.kind && due.length == unit.length));
    CLAIM(due.kind == UNIT_NONE || due.length == 0 || due.length >= UNIT_HEAD_LENGTH);
}

/* Whoever walks on among sessions gets on, and a unit by itself is what it was among the others. */
static void try_among_sessions(span_t input)
{
    while (input.length > 0) {
        unit_t unit = unit_among_sessions(input);
        CLAIM(unit.kind == UNIT_SMP || unit.kind == UNIT_STRAY);
        CLAIM(unit.length > 0 || (unit.kind == UNIT_SMP && input.length < 8));
        CLAIM(unit.kind == UNIT_SMP || unit.length <= input.length);
        if (unit.length == 0 || unit.length > input.length) {
            return;
        }
        span_t alone = span_part(input, 0, unit.length);
        CLAIM(unit_among_sessions(alone).kind == unit.kind && unit_among_sessions(alone).length == unit.length);
        input = span_from(input, unit.length);
    }
}

static void try_prelogin(span_t input)
{
    prelogin_t prelogin;
    CLAIM(!prelogin_parse(input, &prelogin) || is_within(prelogin.instance, input));
    span_t cut = cut_new(input);
    CLAIM(!prelogin_parse(cut, &prelogin) || is_within(prelogin.instance, cut));
    cut_free(cut);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    span_t input = span_of(data, size);
    tds_header_t header;
    CLAIM(tds_header_parse(input, &header) == (size >= TDS_HEADER_LENGTH));
    (void)tds_header_plausible(input);
    try_unit(input);
    span_t cut = cut_new(input);
    try_among_sessions(cut);
    cut_free(cut);
    try_prelogin(input);
    return 0;
}
