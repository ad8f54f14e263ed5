/* parcel.h - a frame that waits for its turn, with everything that is to be processed of it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * First pass only, all of it. Everything is in file scope.
 */
#ifndef TDSCONN_PARCEL_H
#define TDSCONN_PARCEL_H

#include "memory/track.h"

#define PARCEL_REST_LIMIT 0x10000 /* bytes that are kept of a unit that is not complete */

/* Something that was read of a frame's payload: a unit, an encrypted TLS record, or a unit that goes on in a later
 * frame. */
typedef enum { DEED_UNIT, DEED_ENCRYPTED, DEED_UNFINISHED } deed_kind_t;

typedef struct {
    deed_kind_t kind;
    unit_t unit;      /* of DEED_UNIT */
    guint8 *bytes;    /* file scope, owned by the deed; NULL if there are none */
    guint32 captured; /* how many bytes that is */
    guint32 reported; /* the real length, of the unit or of the encrypted record */
    guint32 offset;   /* of the unit in its frame; of one that kept.c cut, in the bytes that it was cut from */
    units_t units;    /* as they were when it was read */
    bool kept;        /* TCP kept the bytes from us, and so from TLS, too */
    bool follows;     /* nothing is missing before it */
} deed_t;

/* A frame with everything that is to be processed of it. */
typedef struct {
    tcp_sight_t sight;
    moment_t delivered;  /* when the receiver had this frame and all before it: later than it came, after a loss */
    bool cut;            /* the snap length cut its payload */
    bool read;           /* TCP gave us its payload */
    bool at_once;        /* what was read of it was processed at once */
    bool kept;           /* TCP takes it for a copy, and gives its payload to nobody */
    bool unpaired;       /* it answers an earlier request than the latest */
    bool foreign;        /* TCP gave the connection's payload to another dissector when the frame came */
    wmem_array_t *deeds; /* deed_t; NULL = nothing was read of it */
    assembly_t payload;  /* a copy of its payload, unless it was processed at once */
    assembly_t rest;     /* of a unit that goes on in later frames, if this frame was read */
} parcel_t;

/* A new parcel without a payload. parcel_free() frees it. Also makes the annotation of the frame. */
parcel_t *parcel_new(track_t *track, const tcp_sight_t *sight);
void parcel_free(parcel_t *parcel);

/* Adds what was read of the payload, with a copy of `bytes`. deed.bytes and deed.captured are set here. */
void parcel_add(parcel_t *parcel, deed_t deed, span_t bytes);

/* Removes everything that was read of the payload. */
void parcel_empty(parcel_t *parcel);

/* Processes everything that was read of the payload. The parcel stays as it is. */
void parcel_process(track_t *track, const parcel_t *parcel);

#endif
