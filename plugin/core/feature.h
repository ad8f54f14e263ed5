/* feature.h - the features that LOGIN7 asks for (FeatureExt, MS-TDS 2.2.6.4) and that the server acknowledges
 * (FEATUREEXTACK, MS-TDS 2.2.7.11): both are lists of the same form.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_FEATURE_H
#define TDSCONN_FEATURE_H

#include "bytes.h"

enum {
#define FEATURE(tag, id) FEATURE_##tag = (id),
#include "feature.def"
    FEATURE_TERMINATOR = 0xFF
};

/* One feature as {id, data}; valid as long as the bytes. */
typedef struct {
    uint8_t id;
    uint32_t length;
    span_t data; /* as much of it as the capture holds */
} feature_t;

/* Takes the next feature off a reader over a list. False at the terminator, with its id, or at the end; a cut feature
 * ends the reader. */
bool feature_next(reader_t *r, feature_t *feature);

/* Which features a list has, by id. */
typedef struct {
    uint32_t bits[8];
    bool cut; /* the end of the list is not in the capture: it may have others */
} feature_set_t;

void feature_set_add(feature_set_t *set, uint8_t id);
bool feature_set_has(const feature_set_t *set, uint8_t id);

/* The first feature of a set from this id on; FEATURE_TERMINATOR if there is none. */
unsigned feature_set_from(const feature_set_t *set, unsigned id);

#define FEATURE_NAME 5

/* "SESSIONRECOVERY"; an id that has no name as "0x0c". Returns static text, or `text` with the latter. */
const char *feature_name(uint8_t id, char text[FEATURE_NAME]);

#endif
