/* facts.h - the single facts of a connection, by number.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_FACTS_H
#define TDSCONN_FACTS_H

#include <glib.h>

#define FACT_LIST_BETWEEN "\n" /* stands between the parts of a fact that is a list */

typedef enum {
#define FACT(tag, filter, type, name, blurb) FACT_##tag,
#include "memory/facts.def"
    FACT_COUNT
} fact_id_t;

typedef struct {
    guint32 frame; /* the frame in which it was found */
    guint8 id;     /* fact_id_t */
    union {
        const char *string; /* file scope; equal strings are shared */
        guint32 number;
        gint64 time;        /* seconds since 1970 */
        const guint8 *guid; /* 16 bytes as on the wire, file scope */
    } value;
} fact_t;

#endif
