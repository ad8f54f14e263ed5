/* fuzz.h - what the fuzz targets share: a target's entry, and what must be true of every answer of a parser.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A claim that is false ends the program, as a fault that a sanitizer finds does.
 */
#ifndef TDSCONN_FUZZ_H
#define TDSCONN_FUZZ_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* Reads one input with the parsers that this target is for. Always 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CLAIM(claim)                                                                                                   \
    do {                                                                                                               \
        if (!(claim)) {                                                                                                \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #claim);                                        \
            abort();                                                                                                   \
        }                                                                                                              \
    } while (0)

/* Whether a span that a parser hands out lies in the input that it was given. */
static inline bool is_within(span_t part, span_t input)
{
    if (part.length == 0) {
        return true;
    }
    uintptr_t first = (uintptr_t)part.at, begin = (uintptr_t)input.at;
    return first >= begin && part.length <= input.length && first - begin <= input.length - part.length;
}

/* A copy of the beginning of `whole`, which its last byte chooses, on the heap and exactly as long as it is, so that
 * AddressSanitizer sees a read past it. The caller frees it. */
static inline span_t cut_new(span_t whole)
{
    size_t length = whole.length == 0 ? 0 : whole.length * whole.at[whole.length - 1] / 256;
    uint8_t *copy = malloc(length == 0 ? 1 : length);
    if (copy == NULL) {
        abort();
    }
    if (length > 0) {
        memcpy(copy, whole.at, length);
    }
    return span_of(copy, length);
}

static inline void cut_free(span_t cut)
{
    free((void *)(uintptr_t)cut.at);
}

/* Whether what was read of a cut input is the beginning of what was read at the same place of the whole one. It may
 * be another place where a damaged input names one thing twice. */
static inline bool is_beginning(span_t part, span_t cut, span_t whole, span_t input)
{
    return part.length == 0 || whole.length == 0 || part.at - cut.at != whole.at - input.at ||
           span_starts_with(whole, part);
}

#endif
