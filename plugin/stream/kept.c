/* kept.c - what Wireshark's TCP keeps from dissectors, cut into units.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "stream/kept.h"

#include "compat.h"
#include "core/smp.h"
#include "memory/watch.h"
#include "readers/units.h"
#include "stream/tail.h"

static void rest_forget(run_t *run)
{
    assembly_clear(&run->rest);
    run->kept = false;
}

/* Takes the bytes of a rest that were used off its beginning. */
static void rest_shorten(assembly_t *rest, guint32 used)
{
    assembly_t left = {0};
    span_t bytes = span_part(span_of(rest->bytes, rest->length), used, rest->length);
    assembly_add(&left, bytes, rest->total - used, PARCEL_REST_LIMIT);
    assembly_clear(rest);
    *rest = left;
}

static void add_unit(parcel_t *parcel, const unit_t *unit, span_t bytes, guint32 offset, bool follows, bool late)
{
    bool encrypted = unit->kind == UNIT_TLS && bytes.at[0] == TLS_APPLICATION_DATA;
    deed_t deed = {
        .kind = encrypted ? DEED_ENCRYPTED : DEED_UNIT,
        .unit = *unit,
        .reported = unit->length,
        .offset = offset,
        .kept = true,
        .units = {.late = late, .cut = {.place = CUT_TCP}},
        .follows = follows,
    };
    parcel_add(parcel, deed, encrypted ? span_none() : bytes);
}

/* The unit at this place of the rest; of no length where more has to come. */
static unit_t rest_unit(const run_t *run, guint32 offset)
{
    const assembly_t *rest = &run->rest;
    span_t head = span_part(span_of(rest->bytes, rest->length), offset, SMP_HEADER_LENGTH);
    if (head.length < UNIT_HEAD_LENGTH) {
        return (unit_t){rest->length < rest->total ? UNIT_NONE : UNIT_TDS, 0};
    }
    return run->aligned ? unit_due(head) : unit_at(head);
}

static void note_kept_unit(track_t *track, sender_t sender, guint32 frame, guint32 seq, guint32 length)
{
    side_t *side = track_side(track, sender);
    side->spoke = side->spoke == 0 ? frame : side->spoke;
    side->tcp.unit_from = seq;
    side->tcp.unit_until = seq + length;
    side->tcp.has_unit = true;
}

/* Behind a hole TCP may take for the beginning of a unit what is none, and wait for its end. */
static void note_astray(run_t *run, const parcel_t *parcel)
{
    if (parcel->read) {
        run->astray = parcel->rest.total > 0 && parcel->rest.total != run->rest.total;
    }
}

/* Cuts the rest into units, as far as it goes. */
static void rest_cut(track_t *track, run_t *run, parcel_t *parcel)
{
    const frame_t *frame = &parcel->sight.frame;
    assembly_t *rest = &run->rest;
    guint32 begin = run->next - rest->total;
    guint32 offset = 0;
    while (offset < rest->total) {
        unit_t unit = rest_unit(run, offset);
        if (unit.kind == UNIT_NONE) {
            units_note_hole(track, frame, frame->sender); /* nobody reads what cannot be cut */
            rest_forget(run);
            run->aligned = false;
            return;
        }
        if (unit.length == 0 || unit.length > rest->total - offset) {
            break;
        }
        note_kept_unit(track, frame->sender, frame->number, begin + offset, unit.length);
        add_unit(parcel, &unit, span_part(span_of(rest->bytes, rest->length), offset, unit.length), offset,
                 run->aligned, run->late);
        run->aligned = true;
        offset += unit.length;
    }
    rest_shorten(rest, offset);
    note_astray(run, parcel);
    if (rest->total > 0) {
        parcel_add(parcel, (deed_t){.kind = DEED_UNFINISHED}, span_none());
    } else {
        run->kept = run->astray;
    }
}

/* Whether these bytes are whole units, of which the last ends a message. */
static bool are_whole_messages(span_t bytes)
{
    bool ends = false;
    while (bytes.length > 0) {
        unit_t unit = unit_at(bytes);
        if (unit.kind == UNIT_NONE || unit.length == 0 || unit.length > bytes.length) {
            return false;
        }
        ends = unit.kind != UNIT_TDS || (bytes.at[1] & TDS_EOM) != 0;
        bytes = span_from(bytes, unit.length);
    }
    return ends;
}

/* The new bytes of a frame, of which the first `known` are not. */
static void rest_add(run_t *run, const parcel_t *parcel, guint32 known)
{
    span_t payload = span_of(parcel->payload.bytes, parcel->payload.length);
    assembly_add(&run->rest, span_part(payload, known, payload.length), parcel->sight.payload - known,
                 PARCEL_REST_LIMIT);
}

/* Bytes of all the units that were read of a payload. */
static guint32 length_of_deeds(const parcel_t *parcel)
{
    guint32 length = 0;
    for (guint i = 0; parcel->deeds != NULL && i < wmem_array_get_count(parcel->deeds); i++) {
        const deed_t *deed = (const deed_t *)wmem_array_index(parcel->deeds, i);
        length += deed->units.inside_tls ? 0 : deed->reported;
    }
    return length;
}

/* TCP gave us this payload, and nothing of the unit that it may go on with was kept from us. With a segment that fills
 * a hole it may give us what came before it, and stands behind it. */
static void follow_read(run_t *run, const parcel_t *parcel)
{
    guint32 begin = parcel->sight.seq - (guint32)run->rest.total;
    guint32 end = begin + length_of_deeds(parcel) + (guint32)parcel->rest.total;
    run->ahead = (gint32)(end - run->next) > 0 ? end - run->next : 0;
    rest_forget(run);
    assembly_add(&run->rest, span_of(parcel->rest.bytes, parcel->rest.length), parcel->rest.total, PARCEL_REST_LIMIT);
    run->aligned = true;
}

/* Whether TCP gave a payload to nobody, or to somebody else: TLS, which then gives us what it opens. We wait for a
 * payload only where a unit goes on. */
static bool is_kept_from_us(const track_t *track, const run_t *run, const parcel_t *parcel)
{
    return !parcel->read && (parcel->kept || parcel->foreign || run->rest.total == 0) &&
           !(parcel->foreign && track_is_opened(track));
}

/* Whether a unit is due at this place, behind which others may have been read. */
static bool is_unit_due(const tcp_side_t *side, guint32 seq)
{
    return (side->has_unit && seq == side->unit_until) || (side->has_isn && seq == side->isn + 1);
}

/* What the other side acknowledged before, it may have answered before as well. */
static void note_late(track_t *track, parcel_t *parcel)
{
    const tcp_sight_t *sight = &parcel->sight;
    const tcp_side_t *peer = &track_side_of(track, sender_other(sight->frame.sender))->tcp;
    if (peer->has_acked && (gint32)(sight->seq + sight->payload - peer->acked) <= 0) {
        track_side(track, sight->frame.sender)->tcp.late = sight->frame.number;
        parcel->unpaired = sight->frame.sender == SENDER_SERVER;
    }
}

/* A message that goes on behind the hole that this segment fills is not mixed up with what it holds. */
static bool may_stand_alone(track_t *track, const parcel_t *parcel, guint32 known)
{
    span_t payload = span_of(parcel->payload.bytes, parcel->payload.length);
    return !channel_message(&track->channel, parcel->sight.frame.sender)->open &&
           are_whole_messages(span_from(payload, known));
}

/* A segment that was sent again, of which all but the first `known` bytes were in no frame before: later ones were. Not
 * of MARS: the packets of sessions have an order of their own, which one that comes late would turn round. */
static void fill_hole(track_t *track, run_t *late, parcel_t *parcel, guint32 known)
{
    const tcp_sight_t *sight = &parcel->sight;
    guint32 from = sight->seq + known;
    if (late->rest.total == 0 || late->next != from) {
        rest_forget(late);
        late->aligned = is_unit_due(&track_side_of(track, sight->frame.sender)->tcp, from);
        if (!late->aligned && !may_stand_alone(track, parcel, known)) {
            return;
        }
    }
    rest_add(late, parcel, known);
    late->next = sight->seq + sight->payload;
    rest_cut(track, late, parcel);
}

/* Bytes are missing before this frame, if only an ACK tells so: nothing goes on behind them. */
static void step_over_missing(run_t *run, const tcp_sight_t *sight)
{
    if (run->has_next && (gint32)(sight->seq - run->next) > 0) {
        rest_forget(run);
        run->aligned = false;
        run->ahead = 0;
        run->next = sight->seq;
    }
}

/* The run goes on with this segment. Returns how many bytes at its beginning are told already: they came before, or
 * they were read with what filled the hole before them. */
static guint32 go_on(run_t *run, const tcp_sight_t *sight)
{
    guint32 known = (run->has_next ? run->next - sight->seq : 0) + run->ahead;
    run->ahead = known > sight->payload ? known - sight->payload : 0;
    run->next = sight->seq + sight->payload;
    return MIN(known, sight->payload);
}

/* Whether TCP gave a payload to us before it had the beginning of the unit that it goes on with: what it calls a fast
 * retransmission it gives us, too. */
static bool is_read_before(const run_t *run, const parcel_t *parcel)
{
    return parcel->read && run->rest.total > 0 && parcel->sight.frame.number < run->frame;
}

/* A segment that goes on behind what was told of its sender. */
static void add_more(track_t *track, run_t *run, parcel_t *parcel)
{
    const tcp_sight_t *sight = &parcel->sight;
    const tcp_side_t *side = &track_side_of(track, sight->frame.sender)->tcp;
    guint32 known = go_on(run, sight);
    run->aligned = run->aligned || (side->has_isn && sight->seq == side->isn + 1);
    bool before = is_read_before(run, parcel);
    if (parcel->read && !run->kept && !before) {
        follow_read(run, parcel);
        return;
    }
    bool kept = known < sight->payload && (before || is_kept_from_us(track, run, parcel));
    run->kept = run->kept || kept;
    if (run->kept || run->rest.total > 0) {
        rest_add(run, parcel, known);
    }
    if (run->kept) {
        parcel_empty(parcel);
        rest_cut(track, run, parcel);
    }
}

static void add_payload(track_t *track, run_t *run, run_t *hole, parcel_t *parcel)
{
    const tcp_sight_t *sight = &parcel->sight;
    guint32 end = sight->seq + sight->payload;
    bool more = !run->has_next || (gint32)(end - run->next) > 0;
    guint32 first = more ? sight->seq : watch_first_new(track, sight->frame.sender, sight->seq, sight->payload);
    if (first == end) {
        parcel_empty(parcel);
        return;
    }
    note_late(track, parcel);
    if (more) {
        add_more(track, run, parcel);
    } else if (track->sessions == NULL && is_kept_from_us(track, run, parcel)) {
        fill_hole(track, hole, parcel, first - sight->seq);
    }
}

void kept_add(track_t *track, run_t *run, run_t *hole, parcel_t *parcel)
{
    if ((parcel->sight.flags & TCP_RST) != 0) {
        return; /* it may stand anywhere: a device, or an earlier connection, sends it as well */
    }
    guint32 end = parcel->sight.seq + parcel->sight.length;
    step_over_missing(run, &parcel->sight);
    if (parcel->sight.payload > 0) {
        add_payload(track, run, hole, parcel);
        run->frame = MAX(run->frame, parcel->sight.frame.number);
    }
    if (!run->has_next || (gint32)(end - run->next) > 0) {
        run->next = end;
        run->has_next = true;
    }
}

void kept_begin(track_t *track, sender_t sender, run_t *run)
{
    const side_t *side = track_side_of(track, sender);
    rest_forget(run);
    tail_move(track, sender, &run->rest);
    run->has_next = side->tcp.has_seq;
    run->next = side->tcp.next_seq;
    run->ahead = 0;
    run->frame = 0;
    run->aligned = side->tcp.has_seq && (side->partial == 0 || run->rest.total > 0);
}
