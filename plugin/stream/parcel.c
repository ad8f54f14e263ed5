/* parcel.c - a frame that waits for its turn, with everything that is to be processed of it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "stream/parcel.h"

#include "memory/annotations.h"
#include "readers/units.h"

parcel_t *parcel_new(track_t *track, const tcp_sight_t *sight)
{
    parcel_t *parcel = wmem_new0(wmem_file_scope(), parcel_t);
    parcel->sight = *sight;
    parcel->delivered = sight->frame.at;
    (void)track_annotate(track, &sight->frame);
    return parcel;
}

void parcel_empty(parcel_t *parcel)
{
    for (guint i = 0; parcel->deeds != NULL && i < wmem_array_get_count(parcel->deeds); i++) {
        wmem_free(wmem_file_scope(), ((deed_t *)wmem_array_index(parcel->deeds, i))->bytes);
    }
    if (parcel->deeds != NULL) {
        wmem_destroy_array(parcel->deeds);
    }
    parcel->deeds = NULL;
}

void parcel_free(parcel_t *parcel)
{
    parcel_empty(parcel);
    assembly_clear(&parcel->payload);
    assembly_clear(&parcel->rest);
    wmem_free(wmem_file_scope(), parcel);
}

void parcel_add(parcel_t *parcel, deed_t deed, span_t bytes)
{
    if (parcel->deeds == NULL) {
        parcel->deeds = wmem_array_sized_new(wmem_file_scope(), sizeof deed, 2);
    }
    deed.captured = (guint32)bytes.length;
    deed.bytes = bytes.length == 0 ? NULL : (guint8 *)wmem_memdup(wmem_file_scope(), bytes.at, bytes.length);
    wmem_array_append_one(parcel->deeds, deed);
}

/* Other frames were read since, so the state that belongs to this unit is set again while it is processed. */
static void deed_process(track_t *track, const parcel_t *parcel, const deed_t *deed)
{
    tcp_side_t *side = track_tcp(track, parcel->sight.frame.sender);
    const bool follows = side->unit_follows;
    frame_t frame = parcel->sight.frame;
    frame.units = deed->units;
    frame.units.unpaired = parcel->unpaired;
    frame.at = parcel->delivered;
    side->unit_follows = deed->follows;
    switch (deed->kind) {
    case DEED_UNIT:
        units_read(track, &frame, &deed->unit, span_of(deed->bytes, deed->captured), deed->reported, deed->offset);
        break;
    case DEED_ENCRYPTED:
        units_read_encrypted(track, &frame, deed->reported, !deed->kept);
        break;
    case DEED_UNFINISHED:
        track_unit_unfinished(track, &frame);
        break;
    }
    side->unit_follows = follows;
}

void parcel_process(track_t *track, const parcel_t *parcel)
{
    for (guint i = 0; parcel->deeds != NULL && i < wmem_array_get_count(parcel->deeds); i++) {
        deed_process(track, parcel, (const deed_t *)wmem_array_index(parcel->deeds, i));
    }
}
