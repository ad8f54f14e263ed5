/* feature.c - the features that LOGIN7 asks for and that the server acknowledges.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "feature.h"

#include <stdio.h>

#include "values.h"

#define BITS 32

bool feature_next(reader_t *r, feature_t *feature)
{
    feature->id = read_u8(r);
    if (!r->ok || feature->id == FEATURE_TERMINATOR) {
        return false;
    }
    feature->length = read_u32le(r);
    if (!r->ok) {
        return false;
    }
    feature->data = read_part(r, feature->length);
    return true;
}

void feature_set_add(feature_set_t *set, uint8_t id)
{
    set->bits[id / BITS] |= UINT32_C(1) << (id % BITS);
}

bool feature_set_has(const feature_set_t *set, uint8_t id)
{
    return (set->bits[id / BITS] & UINT32_C(1) << (id % BITS)) != 0;
}

unsigned feature_set_from(const feature_set_t *set, unsigned id)
{
    while (id < FEATURE_TERMINATOR) {
        uint32_t behind = set->bits[id / BITS] >> (id % BITS); /* the first bit is that of `id` */
        if ((behind & 1) != 0) {
            return id;
        }
        id = behind == 0 ? (id / BITS + 1) * BITS : id + 1;
    }
    return FEATURE_TERMINATOR;
}

const char *feature_name(uint8_t id, char text[FEATURE_NAME])
{
    static const named_t names[] = {
#define FEATURE(tag, id) {id, #tag},
#include "feature.def"
        {0, NULL}};
    const char *name = name_in(names, id);
    if (name == NULL) {
        (void)snprintf(text, FEATURE_NAME, "0x%02x", id);
    }
    return name == NULL ? text : name;
}
