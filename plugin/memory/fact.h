/* fact.h - one fact of a connection, and the numbers of all that there are.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_FACT_H
#define TDSCONN_FACT_H

#include <glib.h>

#define FACT_LIST_BETWEEN "\n" /* stands between the parts of a fact that is a list */

typedef enum {
#define FACT(tag, filter, type, name, blurb) FACT_##tag,
#include "memory/facts.def"
    FACT_COUNT
} fact_id_t;

typedef union {
    const char *string; /* file scope; equal strings are shared */
    guint32 number;
    gint64 time;        /* seconds since 1970 */
    const guint8 *guid; /* 16 bytes as on the wire, file scope */
} fact_value_t;

typedef struct {
    guint32 frame; /* the frame in which it was found; 0 = it is not known, and all of this is 0 */
    fact_value_t value;
} fact_t;

/* A fact as it is kept: a connection has some twenty. */
typedef struct {
    guint32 frame;
    guint32 id : 7;     /* fact_id_t */
    guint32 small : 1;  /* `value` is the fact's number */
    guint32 value : 24; /* else index into capture.fact_values, where equal texts are kept once */
} kept_fact_t;

#endif
