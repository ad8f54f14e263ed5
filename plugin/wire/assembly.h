/* assembly.h - a message put together from the packets that it comes in.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_ASSEMBLY_H
#define TDSCONN_ASSEMBLY_H

#include <glib.h>

#include "core/bytes.h"

/* Bytes of one message that are there so far. */
typedef struct {
    guint8 *bytes; /* file scope, or NULL */
    guint32 length, room;
    guint64 total;   /* bytes the message really has so far */
    guint8 statuses; /* of its TDS packets, together */
    guint8 type;     /* of the first of them */
    bool open;       /* in the middle of a message */
    bool headless;   /* its beginning is missing: nothing of it is kept */
    bool holed;      /* bytes of it are missing: nothing behind them is kept */
} assembly_t;

/* Appends the bytes of a packet that has `reported` of them, up to `limit` in all: what is over that only counts, as
 * does what has lost its place. */
void assembly_add(assembly_t *assembly, span_t bytes, guint32 reported, guint32 limit);

/* What is kept of it: cut where that is not all. */
span_t assembly_bytes(const assembly_t *assembly);

/* The next message begins. */
void assembly_clear(assembly_t *assembly);

#endif
