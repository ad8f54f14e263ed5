/* der_fuzz.c - for der_next, der_child, der_descend.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "der.h"
#include "fuzz.h"

/* Every element of a level, and for constructed ones those in it, down to a depth that no real token has. */
static void walk(span_t body, unsigned depth)
{
    const uint8_t constructed = 0x20;
    reader_t r = reader_of(body);
    der_t element;
    for (size_t left = r.left; der_next(&r, &element); left = r.left) {
        CLAIM(r.left < left);
        CLAIM(is_within(element.body, body));
        CLAIM(!element.body.cut || r.left == 0);
        if (depth > 0 && (element.tag & constructed)) {
            walk(element.body, depth - 1);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    span_t input = span_of(data, size);
    walk(input, 8);
    if (size > 0) {
        CLAIM(is_within(der_child(input, data[size - 1]), input));
        CLAIM(is_within(der_descend(input, data, size < 4 ? size : 4), input));
    }
    return 0;
}
