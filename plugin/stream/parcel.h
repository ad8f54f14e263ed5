/* parcel.h - a frame with all that is to be processed of it, when it is its turn.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * First pass only, all of it. Everything is in file scope.
 */
#ifndef TDSCONN_PARCEL_H
#define TDSCONN_PARCEL_H

#include "memory/track.h"

#define PARCEL_REST_LIMIT 0x10000 /* bytes of one unit that is not all there */

/* Something that is read of a frame's payload. */
typedef enum { DEED_UNIT, DEED_ENCRYPTED, DEED_UNFINISHED } deed_kind_t;

typedef struct {
    deed_kind_t kind;
    unit_t unit;
    guint8 *bytes; /* file scope */
    guint32 captured, reported, offset;
    units_t units; /* as they were when it was read */
    bool kept;     /* from TLS, too */
    bool follows;  /* nothing is missing before it */
} deed_t;

/* A frame with all that is to be processed of it. */
typedef struct {
    tcp_sight_t sight;
    moment_t delivered; /* when the receiver had it and all before it: later than it came, where that came again */
    bool cut;
    bool read;           /* TCP gave us its payload */
    bool at_once;        /* what was read of it was processed then */
    bool kept;           /* TCP takes it for a copy, and gives its payload to nobody */
    bool unpaired;       /* it answers what was asked before the latest request */
    bool foreign;        /* it gives the connection's payload to somebody else, or did when the frame came */
    wmem_array_t *deeds; /* deed_t, NULL = nothing was read of it */
    assembly_t payload;  /* what the capture has of it */
    assembly_t rest;     /* of a unit that goes on behind it, where it was read */
} parcel_t;

/* A parcel without a payload, which parcel_free() ends; the frame has an annotation from now on. */
parcel_t *parcel_new(track_t *track, const tcp_sight_t *sight);
void parcel_free(parcel_t *parcel);

/* Adds what was read of its payload, and a copy of the bytes. */
void parcel_add(parcel_t *parcel, deed_t deed, span_t bytes);

/* Forgets all that was read of its payload. */
void parcel_empty(parcel_t *parcel);

/* Processes all that was read of its payload. */
void parcel_process(track_t *track, const parcel_t *parcel);

#endif
