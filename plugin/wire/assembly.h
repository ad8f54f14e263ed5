/* assembly.h - a message put together from the packets that it comes in.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_ASSEMBLY_H
#define TDSCONN_ASSEMBLY_H

#include <glib.h>

#include "core/bytes.h"

/* The bytes of one message that have come so far. */
typedef struct {
    guint8 *bytes;        /* file scope, or NULL */
    guint32 length, room; /* bytes that are kept, and bytes that are allocated */
    guint64 total;        /* the real length of the message so far, in bytes */
    guint8 statuses;      /* the status bits of its TDS packets, or'ed; set by the caller, as all below but `holed` */
    guint8 type;          /* of its first TDS packet */
    guint32 begun;        /* the frame in which that packet begins, while `open` */
    bool open;            /* the message is not complete */
    bool headless;        /* its beginning is missing: nothing of it is kept */
    bool holed;           /* bytes of it are missing: nothing behind them is kept */
} assembly_t;

/* Appends a copy of the bytes of a packet whose real length is `reported`. At most `limit` bytes of the message are
 * kept. All bytes count in `total`, also those that are not kept because of the limit or because of a hole. */
void assembly_add(assembly_t *assembly, span_t bytes, guint32 reported, guint32 limit);

/* The bytes that are kept; cut if that is not the whole message. Valid until the next call for this assembly. */
span_t assembly_bytes(const assembly_t *assembly);

/* Frees the bytes and sets all members to 0, for the next message. */
void assembly_clear(assembly_t *assembly);

#endif
