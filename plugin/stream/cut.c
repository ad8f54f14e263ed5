/* cut.c - where the units begin in the bytes of a connection.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "stream/cut.h"

#include <epan/dissectors/packet-tcp.h>

#include "core/proxy.h"
#include "core/recognise.h"
#include "wire/spans.h"

/* A TDS header that was recognised only by its place. Later passes do not know the place, so it is remembered. */
typedef struct {
    guint32 frame;
    guint32 offset; /* as tvb_raw_offset has it */
} odd_header_t;

static guint32 raw_offset(tvbuff_t *tvb, gint offset)
{
    return (guint32)(tvb_raw_offset(tvb) + offset);
}

/* The PROXY header at this place; UNIT_NONE if there is none. */
static unit_t proxy_at(tvbuff_t *tvb, gint offset)
{
    proxy_header_t header;
    bool proxied = proxy_header_parse(span_of_tvb(tvb, offset, RECOGNISED_BYTES), &header);
    return proxied ? (unit_t){UNIT_PROXY, header.length} : (unit_t){UNIT_NONE, 0};
}

static bool is_odd(const track_t *track, guint32 frame, guint32 offset)
{
    guint place = frames_from(&track->seldom->odd_headers, frame);
    const odd_header_t *odd;
    while ((odd = (const odd_header_t *)frames_at(&track->seldom->odd_headers, place++, frame)) != NULL) {
        if (odd->offset == offset) {
            return true;
        }
    }
    return false;
}

static void note_odd(track_t *track, guint32 frame, guint32 offset)
{
    odd_header_t odd = {frame, offset};
    if (is_odd(track, frame, offset)) {
        return;
    }
    rows_add(&track_seldom(track)->odd_headers, &odd, sizeof odd);
}

cut_t cut_begin_at(const tcp_facts_t *facts, const packet_info *pinfo, tvbuff_t *tvb, const void *data)
{
    ASSERT_FIRST_PASS(pinfo);
    const struct tcpinfo *tcp = (const struct tcpinfo *)data;
    if (facts == NULL) {
        return (cut_t){.place = CUT_UNKNOWN};
    }
    /* If TCP joined segments, it knows where they begin. Else these bytes may be only the end of the payload: its
     * beginning belongs to a packet of the segment before. */
    bool joined = tcp != NULL && pinfo->can_desegment > 0;
    guint32 length = joined ? tcp->nxtseq - tcp->seq : tvb_reported_length(tvb);
    return (cut_t){
        .place = CUT_TCP,
        .seq = facts->seq + facts->payload_length - length,
        .raw = raw_offset(tvb, 0),
    };
}

cut_t cut_begin(const packet_info *pinfo, tvbuff_t *tvb, const void *data)
{
    tcp_facts_t facts;
    return cut_begin_at(tcp_facts_of_frame(pinfo, &facts) ? &facts : NULL, pinfo, tvb, data);
}

void cut_expect(track_t *track, const packet_info *pinfo, tvbuff_t *tvb, const void *data)
{
    ASSERT_FIRST_PASS(pinfo);
    cut_t cut = cut_begin(pinfo, tvb, data);
    tcp_side_t *side = track_tcp(track, track_sender(track, pinfo));
    if (cut.place == CUT_TCP) {
        side->unit_from = side->unit_until = cut.seq;
        side->has_unit = true;
    }
}

static bool is_due(const tcp_side_t *side, guint32 seq)
{
    return side->has_unit ? seq == side->unit_until || seq == side->unit_from : side->has_isn && seq == side->isn + 1;
}

/* Whether bytes that do not look like a unit are one by their place. `due`: a unit is due here. `fits`: by its length
 * it ends where the payload ends. Either is enough for a used packet type that this sender may send; a type that nobody
 * uses needs both. Inside TLS nothing is missing, so a used type is enough. */
static bool is_unit_by_place(const units_t *units, sender_t sender, span_t head, bool due, bool fits)
{
    sender_t of_type = tds_type_sender(head.at[0]);
    bool used = tds_type_used(head.at[0]);
    bool may_send = of_type == SENDER_UNKNOWN || of_type == sender || sender == SENDER_UNKNOWN;
    return (used && due) || (fits && (due || (used && may_send))) || (used && units->cut.place == CUT_IN_TLS);
}

/* Notes the unit at hand as the latest of its side. The same unit may be noted again. */
static void note_unit(tcp_side_t *side, guint32 seq, guint32 length)
{
    if (!side->has_unit || seq != side->unit_from) {
        side->unit_follows = is_due(side, seq);
    }
    side->unit_from = seq;
    side->unit_until = seq + length;
    side->has_unit = true;
}

/* Whether this side sends only SMP by now. */
static bool is_multiplexed(const track_t *track, const units_t *units, const packet_info *pinfo, sender_t sender)
{
    guint32 from = track_smp(track, sender)[units->inside_tls].from;
    return from != 0 && number_of(pinfo) >= from;
}

/* Whether SMP must begin here: it was agreed on, and this side has sent nothing since the login. Then these unreadable
 * bytes are its first packet. */
static bool is_first_of_smp(const track_t *track, sender_t sender, bool due)
{
    const smp_side_t *smp = track_smp(track, sender);
    bool begins = track->sessions->by_sid != NULL || track->connection.position == POSITION_CONFIRMED;
    bool agreed = track->mars && track->client.prelogin && track->server.prelogin;
    return due && begins && agreed && !track->gap && smp[false].from == 0 && smp[true].from == 0;
}

/* On the first pass: the unit at this place, of a side that does not send only SMP; UNIT_NONE if there is none. */
static unit_t cut_first(track_t *track, const units_t *units, const packet_info *pinfo, tvbuff_t *tvb, gint offset,
                        bool due)
{
    span_t head = span_of_tvb(tvb, offset, SMP_HEADER_LENGTH);
    sender_t sender = track_sender(track, pinfo);
    unit_t unit = unit_at(head);
    if (unit.kind != UNIT_NONE || head.length < UNIT_HEAD_LENGTH) {
        return unit;
    }
    unit_t proxy = due && sender == SENDER_CLIENT ? proxy_at(tvb, offset) : unit;
    if (proxy.kind != UNIT_NONE) {
        note_odd(track, number_of(pinfo), raw_offset(tvb, offset));
        return proxy;
    }
    unit_t by_place = unit_due(head);
    bool may_be_tds = by_place.kind != UNIT_NONE && track->sessions->by_sid == NULL;
    if (!may_be_tds && is_first_of_smp(track, sender, due || units->cut.place == CUT_IN_TLS)) {
        *track_smp_side(track, sender, units->inside_tls) = (smp_side_t){.from = number_of(pinfo), .in_step = true};
        return unit_among_sessions(span_of_tvb(tvb, offset, SPAN_ALL));
    }
    bool fits = by_place.length == (guint)tvb_reported_length_remaining(tvb, offset);
    if (by_place.kind == UNIT_NONE || !is_unit_by_place(units, sender, head, due, fits)) {
        return unit;
    }
    note_odd(track, number_of(pinfo), raw_offset(tvb, offset));
    return by_place;
}

static unit_t cut_visited(const track_t *track, const packet_info *pinfo, tvbuff_t *tvb, gint offset)
{
    span_t head = span_of_tvb(tvb, offset, SMP_HEADER_LENGTH);
    unit_t unit = unit_at(head);
    if (unit.kind != UNIT_NONE || !is_odd(track, number_of(pinfo), raw_offset(tvb, offset))) {
        return unit;
    }
    unit_t proxy = proxy_at(tvb, offset);
    return proxy.kind != UNIT_NONE ? proxy : unit_due(head);
}

unit_t cut_unit(track_t *track, const units_t *units, packet_info *pinfo, tvbuff_t *tvb, gint offset)
{
    sender_t sender = track_sender(track, pinfo);
    bool multiplexed = is_multiplexed(track, units, pinfo, sender);
    if (PINFO_FD_VISITED(pinfo) && !multiplexed) {
        return cut_visited(track, pinfo, tvb, offset);
    }
    const tcp_side_t *side = track_side_of(track, sender)->tcp;
    bool placed = units->cut.place == CUT_TCP && !units->again && !PINFO_FD_VISITED(pinfo);
    guint32 seq = units->cut.seq + (raw_offset(tvb, offset) - units->cut.raw);
    unit_t unit = multiplexed ? unit_among_sessions(span_of_tvb(tvb, offset, SPAN_ALL))
                              : cut_first(track, units, pinfo, tvb, offset, placed && is_due(side, seq));
    if (placed && unit.kind != UNIT_NONE) {
        note_unit(track_tcp(track, sender), seq, unit.length);
    }
    return unit;
}
