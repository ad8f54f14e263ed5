/* pipe_fuzz.c - for pipe_whole: the input's first byte says how long the pieces are in which a pipe brings the rest.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "fuzz.h"
#include "pipe.h"

/* Every byte comes out once, in order, and what waits has a limit. */
static void try_pieces(span_t bytes, size_t piece)
{
    size_t ends = 0;
    for (size_t there = 0; there < bytes.length;) {
        there = there + piece < bytes.length ? there + piece : bytes.length;
        span_t joined = span_part(bytes, ends, there - ends);
        size_t whole = pipe_whole(joined);
        CLAIM(whole <= joined.length);
        CLAIM(joined.length - whole < PIPE_UNIT_LIMIT);
        CLAIM(pipe_whole(span_part(joined, 0, whole)) == whole);
        ends += whole;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > 0) {
        span_t cut = cut_new(span_of(data + 1, size - 1));
        try_pieces(span_of(data + 1, size - 1), data[0] + (size_t)1);
        try_pieces(cut, data[0] + (size_t)1);
        cut_free(cut);
    }
    return 0;
}
