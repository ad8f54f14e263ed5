/* kept.c - segments that Wireshark's TCP keeps from dissectors, cut into units.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "stream/kept.h"

#include "compat.h"
#include "core/proxy.h"
#include "core/recognise.h"
#include "core/smp.h"
#include "memory/watch.h"
#include "readers/units.h"
#include "stream/tail.h"
#include "stream/unjoined.h"

static void rest_forget(run_t *run)
{
    assembly_clear(&run->rest);
    run->kept = false;
}

/* Removes the first `used` bytes of a rest. */
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

/* The unit at this place of the rest. Its length is 0 if more bytes are needed. */
static unit_t rest_unit(const run_t *run, guint32 offset)
{
    const assembly_t *rest = &run->rest;
    span_t bytes = span_from(span_of(rest->bytes, rest->length), offset);
    span_t head = span_part(bytes, 0, SMP_HEADER_LENGTH);
    proxy_header_t proxy;
    if (run->aligned && proxy_header_parse(bytes, &proxy)) {
        return (unit_t){UNIT_PROXY, proxy.length};
    }
    if (head.length < UNIT_HEAD_LENGTH) {
        return (unit_t){rest->length < rest->total ? UNIT_NONE : UNIT_TDS, 0};
    }
    return run->aligned ? unit_due(head) : unit_at(head);
}

static void note_kept_unit(track_t *track, sender_t sender, guint32 frame, guint32 seq, guint32 length)
{
    side_t *side = track_side(track, sender);
    side->spoke = side->spoke == 0 ? frame : side->spoke;
    tcp_side_t *tcp = track_tcp(track, sender);
    tcp->unit_from = seq;
    tcp->unit_until = seq + length;
    tcp->has_unit = true;
}

/* Behind a hole TCP may take other bytes for the beginning of a unit, and wait for its end: notes that. */
static void note_astray(run_t *run, const parcel_t *parcel)
{
    if (parcel->read) {
        run->astray = parcel->rest.total > 0 && parcel->rest.total != run->rest.total;
    }
}

/* Bytes that cannot be cut into units are not read. If a snap length left the header out, then nothing is missing
 * between the segments. */
static void give_up(track_t *track, const run_t *run, const frame_t *frame, guint32 offset)
{
    const assembly_t *rest = &run->rest;
    if (rest->length < rest->total && rest->length - MIN(offset, rest->length) < UNIT_HEAD_LENGTH) {
        units_lose_place(track, frame->sender);
    } else {
        units_note_hole(track, frame, frame->sender);
    }
}

/* Cuts the rest into units, and adds those that are complete to the parcel. */
static void rest_cut(track_t *track, run_t *run, parcel_t *parcel)
{
    const frame_t *frame = &parcel->sight.frame;
    assembly_t *rest = &run->rest;
    guint32 begin = run->next - rest->total;
    guint32 offset = 0;
    while (offset < rest->total) {
        unit_t unit = rest_unit(run, offset);
        if (unit.kind == UNIT_NONE) {
            give_up(track, run, frame, offset);
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

/* Whether these bytes are whole units, and the last one ends a message. */
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

/* Adds a frame's payload to the rest, without its first `known` bytes. */
static void rest_add(run_t *run, const parcel_t *parcel, guint32 known)
{
    span_t payload = span_of(parcel->payload.bytes, parcel->payload.length);
    assembly_add(&run->rest, span_part(payload, known, payload.length), parcel->sight.payload - known,
                 PARCEL_REST_LIMIT);
}

/* The length in bytes of all units that were read of a payload, those inside TLS not counted. */
static guint32 length_of_deeds(const parcel_t *parcel)
{
    guint32 length = 0;
    for (guint i = 0; parcel->deeds != NULL && i < wmem_array_get_count(parcel->deeds); i++) {
        const deed_t *deed = (const deed_t *)wmem_array_index(parcel->deeds, i);
        length += deed->units.inside_tls ? 0 : deed->reported;
    }
    return length;
}

/* How many bytes behind a payload that TCP gave us were read with it: TCP gives us bytes that came before the segment
 * that fills the hole; and what a snap length cuts of a unit is waited for by nobody. `known`: how many of its first
 * bytes belong to such a unit. */
static guint32 length_read_ahead(const run_t *run, const parcel_t *parcel, const tcp_side_t *side, guint32 known)
{
    if (parcel->at_once) {
        return parcel->rest.total == 0 ? unjoined_left(side, run->next) : 0;
    }
    guint32 read = length_of_deeds(parcel) + (guint32)parcel->rest.total;
    if (read == 0) {
        return run->ahead;
    }
    guint32 end = parcel->sight.seq + known + read - (guint32)run->rest.total;
    return (gint32)(end - run->next) > 0 ? end - run->next : 0;
}

/* How many bytes at the end of a payload TCP gave to nobody. From 4.4 on it ends there with a unit that began before,
 * if it takes the segment for a copy. */
static guint32 length_left_out(const run_t *run, const parcel_t *parcel, const tcp_side_t *side)
{
    gint32 left = (gint32)(run->next - side->unit_until);
    bool known = parcel->kept && side->has_unit && parcel->rest.total == 0;
    return known && left > 0 && (gsize)left < parcel->payload.length ? (guint32)left : 0;
}

/* TCP gave us this payload, and also the beginning of its first unit. */
static void follow_read(track_t *track, run_t *run, parcel_t *parcel, const tcp_side_t *side, guint32 known)
{
    run->ahead = length_read_ahead(run, parcel, side, known);
    rest_forget(run);
    assembly_add(&run->rest, span_of(parcel->rest.bytes, parcel->rest.length), parcel->rest.total, PARCEL_REST_LIMIT);
    run->aligned = true;
    guint32 left = length_left_out(run, parcel, side);
    if (left > 0) {
        run->kept = true;
        rest_add(run, parcel, parcel->sight.payload - left);
        rest_cut(track, run, parcel);
    }
}

/* Whether TCP gave a payload to no dissector, or to another one. If that is TLS, and it decrypts, the units come from
 * there. */
static bool is_kept_from_us(const track_t *track, const run_t *run, const parcel_t *parcel)
{
    return !parcel->read && (parcel->kept || parcel->foreign || run->rest.total == 0) &&
           !(parcel->foreign && track_is_opened(track));
}

/* Whether a unit is due at this sequence number. */
static bool is_unit_due(const tcp_side_t *side, guint32 seq)
{
    return (side->has_unit && seq == side->unit_until) || (side->has_isn && seq == side->isn + 1);
}

/* If the other side acknowledged this segment before, it may have answered it before, too: notes that. */
static void note_late(track_t *track, parcel_t *parcel)
{
    const tcp_sight_t *sight = &parcel->sight;
    const tcp_side_t *peer = track_side_of(track, sender_other(sight->frame.sender))->tcp;
    if (peer->has_acked && (gint32)(sight->seq + sight->payload - peer->acked) <= 0) {
        tcp_trouble(track_tcp(track, sight->frame.sender))->late = sight->frame.number;
        parcel->unpaired = sight->frame.sender == SENDER_SERVER;
    }
}

/* Whether the bytes that fill a hole can be read by themselves: they are whole messages, and no message is open. */
static bool may_stand_alone(track_t *track, const parcel_t *parcel, guint32 known)
{
    span_t payload = span_of(parcel->payload.bytes, parcel->payload.length);
    return !channel_message(&track->channel, parcel->sight.frame.sender)->open &&
           are_whole_messages(span_from(payload, known));
}

/* Reads a segment that fills a hole, without its first `known` bytes, which earlier frames had. Not called with MARS:
 * the packets of sessions must be read in order. */
static void fill_hole(track_t *track, run_t *late, parcel_t *parcel, guint32 known)
{
    const tcp_sight_t *sight = &parcel->sight;
    guint32 from = sight->seq + known;
    if (late->rest.total == 0 || late->next != from) {
        rest_forget(late);
        late->aligned = is_unit_due(track_side_of(track, sight->frame.sender)->tcp, from);
        if (!late->aligned && !may_stand_alone(track, parcel, known)) {
            return;
        }
    }
    rest_add(late, parcel, known);
    late->next = sight->seq + sight->payload;
    rest_cut(track, late, parcel);
}

/* If bytes are missing before this frame, the run begins again at it. */
static void step_over_missing(run_t *run, const tcp_sight_t *sight)
{
    if (run->has_next && (gint32)(sight->seq - run->next) > 0) {
        rest_forget(run);
        run->aligned = false;
        run->ahead = 0;
        run->next = sight->seq;
    }
}

/* Extends the run by this segment. Returns how many of its first bytes were read before. */
static guint32 go_on(run_t *run, const tcp_sight_t *sight)
{
    guint32 known = (run->has_next ? run->next - sight->seq : 0) + run->ahead;
    run->ahead = known > sight->payload ? known - sight->payload : 0;
    run->next = sight->seq + sight->payload;
    return MIN(known, sight->payload);
}

/* Whether TCP gave us a payload before the beginning of its first unit came. TCP does that with a fast retransmission.
 */
static bool is_read_before(const run_t *run, const parcel_t *parcel)
{
    return parcel->read && run->rest.total > 0 && parcel->sight.frame.number < run->frame;
}

/* Whether neither TDS, SMP nor TLS begin with this byte. */
static bool is_foreign(guint8 first)
{
    return !recognisable(first) || (first < TLS_CHANGE_CIPHER_SPEC && !tds_type_used(first));
}

/* Whether a side, whose beginning is in the capture, has said nothing of TDS yet, and does not begin with it: it speaks
 * to a proxy, or as one. */
static bool is_word_of_proxy(const run_t *run, const parcel_t *parcel, const tcp_side_t *side, guint32 known)
{
    span_t payload = span_from(span_of(parcel->payload.bytes, parcel->payload.length), known);
    return side->has_isn && run->aligned && !side->has_unit && run->rest.total == 0 && payload.length > 0 &&
           is_foreign(payload.at[0]);
}

/* Reads a segment with bytes behind all that was processed of its sender. */
static void add_more(track_t *track, run_t *run, parcel_t *parcel)
{
    const tcp_sight_t *sight = &parcel->sight;
    const tcp_side_t *side = track_side_of(track, sight->frame.sender)->tcp;
    guint32 ahead = run->ahead;
    guint32 known = go_on(run, sight);
    run->aligned = run->aligned || (side->has_isn && sight->seq == side->isn + 1);
    if (is_word_of_proxy(run, parcel, side, known)) {
        return;
    }
    bool before = is_read_before(run, parcel);
    if (parcel->read && !run->kept && !before) {
        follow_read(track, run, parcel, side, MIN(ahead, sight->payload));
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
    } else if (track->sessions->by_sid == NULL && is_kept_from_us(track, run, parcel)) {
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
    run->has_next = side->tcp->has_seq;
    run->next = side->tcp->next_seq;
    run->ahead = run->rest.total == 0 ? unjoined_left(side->tcp, run->next) : 0;
    run->frame = 0;
    run->aligned = side->tcp->has_seq && (side->partial == 0 || run->rest.total > 0);
}

void kept_end(track_t *track, sender_t sender, run_t *run)
{
    if (run->rest.total > 0 && run->ahead == 0) {
        tail_return(track, sender, run->frame, run->next, &run->rest);
    }
}
