/* feature.h - features: LOGIN7 asks for them (FeatureExt, MS-TDS 2.2.6.4), and the server acknowledges them
 * (FEATUREEXTACK, MS-TDS 2.2.7.11). Both lists have the same form.
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

/* One feature. Valid as long as the bytes that it was read from. */
typedef struct {
    uint8_t id;
    uint32_t length; /* the real length of its data in bytes */
    span_t data;     /* cut if the capture does not hold all of it */
} feature_t;

/* Reads the next feature of a list. False at the end: at the terminator `feature->id` is FEATURE_TERMINATOR and `r->ok`
 * is true, else the list is cut. A feature with cut data is returned, and ends the reader. */
bool feature_next(reader_t *r, feature_t *feature);

/* The ids of the features in a list. */
typedef struct {
    uint32_t bits[8]; /* a bit for each id */
    bool cut;         /* the end of the list is not in the capture: it may have more */
} feature_set_t;

void feature_set_add(feature_set_t *set, uint8_t id);
bool feature_set_has(const feature_set_t *set, uint8_t id);

/* The first id of the set that is `id` or higher; FEATURE_TERMINATOR if there is none. */
unsigned feature_set_from(const feature_set_t *set, unsigned id);

#define FEATURE_NAME 5

/* The name of a feature, such as "SESSIONRECOVERY"; "0x0c" for an id without a name. Returns static text, or `text`. */
const char *feature_name(uint8_t id, char text[FEATURE_NAME]);

#endif
