/* stream.c - how the bytes of a SQL Server connection reach the plugin, on any port.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * There are three ways. While only the handshake of a conversation was seen, the trampoline is its dissector, so it
 * gets the first payload before any port table. It claims the conversation, or steps aside for good. The ports of the
 * preference, and the heuristics, are for captures that begin later. The bytes of a claimed conversation are cut into
 * units. Each unit is read (units.c), and shown by Wireshark's own dissectors.
 */
#include "stream/stream.h"

#include <epan/dissectors/packet-tcp.h>
#include <epan/dissectors/packet-tls-utils.h>
#include <epan/exceptions.h>
#include <epan/prefs.h>
#include <epan/proto_data.h>
#include <epan/show_exception.h>

#include "compat.h"
#include "core/recognise.h"
#include "judge/advance.h"
#include "memory/capture.h"
#include "memory/findings.h"
#include "memory/lookup.h"
#include "memory/ports.h"
#include "memory/watch.h"
#include "readers/units.h"
#include "show/show.h"
#include "stream/claim.h"
#include "stream/cut.h"
#include "stream/layers.h"
#include "stream/order.h"
#include "stream/unjoined.h"
#include "wire/protocol.h"
#include "wire/spans.h"
#include "wire/tcpfacts.h"

#define SQL_SERVER_PORTS "1433,1434,2433" /* 1434: the administrator's */

static dissector_handle_t trampoline_handle; /* private: adds no layer of its own */
static dissector_handle_t stream_handle;     /* private, for what the trampoline claims */
static dissector_handle_t midway_handle;     /* the same under our protocol: both passes must see the same layers */
static dissector_handle_t inside_handle;     /* for what TLS decrypts */
static dissector_handle_t port_handle;       /* by port */
static dissector_handle_t tds_handle, tls_handle;
static dissector_table_t tcp_ports; /* who gets what on which port */

/* Units. {{{ */

/* The units in one buffer of TCP, of a named pipe or of TLS. */
typedef struct {
    track_t *track;
    units_t units;
    layers_t layers;
    unit_t unit;  /* the one that was cut last: the next to be dissected */
    bool several; /* more than one unit may stand in the buffer */
} bunch_t;

#define FRAME_BUNCH G_MAXUINT32 /* no connection has a key like this: track_frame_key() */

/* The bunch whose TLS record Wireshark's TLS decrypts just now; NULL = none. TLS passes no data of ours to the
 * dissector of the decrypted bytes, so the bunch is kept with the packet. */
static bunch_t *bunch_outside(packet_info *pinfo)
{
    return (bunch_t *)p_get_proto_data(pinfo->pool, pinfo, proto_tdsconn, FRAME_BUNCH);
}

static void set_bunch_outside(packet_info *pinfo, bunch_t *bunch)
{
    p_remove_proto_data(pinfo->pool, pinfo, proto_tdsconn, FRAME_BUNCH);
    if (bunch != NULL) {
        p_add_proto_data(pinfo->pool, pinfo, proto_tdsconn, FRAME_BUNCH, bunch);
    }
}

/* The frame at hand, with the origin of its units. First pass only. */
static frame_t frame_of_bunch(const bunch_t *bunch, const packet_info *pinfo)
{
    frame_t frame = track_frame(bunch->track, pinfo);
    frame.units = bunch->units;
    return frame;
}

static guint unit_length(packet_info *pinfo, tvbuff_t *tvb, int offset, void *data)
{
    bunch_t *bunch = (bunch_t *)data;
    bunch->unit = cut_unit(bunch->track, &bunch->units, pinfo, tvb, offset);
    if (bunch->unit.kind == UNIT_NONE ||
        (bunch->unit.kind == UNIT_STRAY && (gint)bunch->unit.length == tvb_captured_length_remaining(tvb, offset))) {
        /* Bytes are missing before these, or this is no TDS: not waited for, but stepped over. */
        return (guint)tvb_reported_length_remaining(tvb, offset);
    }
    return bunch->unit.length;
}

/* Whether these bytes are quoted in an ICMP error: they were sent before, in a frame of their own. */
static bool is_quoted(const packet_info *pinfo)
{
    return pinfo->flags.in_error_pkt;
}

/* Whether these bytes are to be read: on the first pass, unless they were read before. */
static bool is_first_reading(const bunch_t *bunch, const packet_info *pinfo)
{
    return !PINFO_FD_VISITED(pinfo) && !bunch->units.again;
}

/* Wireshark's TLS gives the decrypted bytes of a handshake to no dissector. But it adds them to the frame's data
 * sources: they are read from there. */
static void show_handshake(track_t *track, const unit_t *unit, tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree)
{
    guint before = g_slist_length(pinfo->data_src);
    TRY
    {
        show_unit(track, unit, tvb, pinfo, tree);
    }
    FINALLY
    {
        for (GSList *source = g_slist_nth(pinfo->data_src, before); source != NULL; source = source->next) {
            tvbuff_t *content = get_data_source_tvb((const struct data_source *)source->data);
            units_read_opened_handshake(track, pinfo, span_of_whole(content));
        }
    }
    ENDTRY;
}

static void show_opened(const bunch_t *bunch, const unit_t *unit, tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree)
{
    bool handshake = is_first_reading(bunch, pinfo) && units_await_certificate(bunch->track, pinfo);
    if (handshake) {
        show_handshake(bunch->track, unit, tvb, pinfo, tree);
    } else {
        show_unit(bunch->track, unit, tvb, pinfo, tree);
    }
}

/* Wireshark's dissectors may throw. TLS calls dissect_inside_tls with the decrypted bytes. */
static void show_by_tls(bunch_t *bunch, const unit_t *unit, tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree)
{
    bunch_t *outside = bunch_outside(pinfo);
    set_bunch_outside(pinfo, bunch);
    TRY
    {
        show_opened(bunch, unit, tvb, pinfo, tree);
    }
    FINALLY
    {
        set_bunch_outside(pinfo, outside);
    }
    ENDTRY;
}

static void show_and_read(bunch_t *bunch, const unit_t *unit, tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree)
{
    if (bunch->track->login->tls->bound) {
        show_by_tls(bunch, unit, tvb, pinfo, tree);
    } else {
        show_unit(bunch->track, unit, tvb, pinfo, tree);
    }
}

/* Where an SMP packet holds less than a TDS header, Wireshark's TDS throws what means that nothing stands behind it.
 * The next SMP packet does. */
static void show_before_others(bunch_t *bunch, const unit_t *unit, tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree)
{
    TRY
    {
        show_and_read(bunch, unit, tvb, pinfo, tree);
    }
    CATCH(FragmentBoundsError)
    {
        show_exception(tvb, pinfo, tree, EXCEPT_CODE, GET_MESSAGE);
    }
    ENDTRY;
}

/* An encrypted record is read after Wireshark's TLS, which calls dissect_inside_tls with the decrypted bytes. If TLS
 * decrypts this connection, a record that brings no bytes is a part of a message. */
static void show_encrypted(bunch_t *bunch, const unit_t *unit, tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree)
{
    bunch->units.brought = false;
    TRY
    {
        show_and_read(bunch, unit, tvb, pinfo, tree);
    }
    FINALLY
    {
        if (is_first_reading(bunch, pinfo)) {
            track_set_sides(bunch->track, pinfo, units_sender_of(pinfo, unit, span_none()));
            frame_t frame = frame_of_bunch(bunch, pinfo);
            order_encrypted(bunch->track, &frame, unit->length);
        }
    }
    ENDTRY;
}

/* Wireshark's TLS must know the dissector of the decrypted bytes before they come. Setting it counts the connection in
 * tls.stream, so it is set only for connections with TLS. */
static void bind_tls(track_t *track, packet_info *pinfo, const unit_t *unit, span_t bytes)
{
    tls_record_t record;
    span_t content = unit->kind == UNIT_TDS ? span_from(bytes, TDS_HEADER_LENGTH) : bytes;
    if (!track->login->tls->bound && tls_record_parse(content, &record)) {
        track_tls(track)->bound = true;
        tls_set_appdata_dissector(tls_handle, pinfo, inside_handle);
    }
}

/* Whether the message of a packet goes on in a later packet. */
static bool is_part(const unit_t *unit, span_t bytes)
{
    span_t header = unit->kind == UNIT_SMP ? span_part(bytes, SMP_HEADER_LENGTH, TDS_HEADER_LENGTH) : bytes;
    bool tds = unit->kind != UNIT_TLS && unit->kind != UNIT_PROXY;
    return tds && header.length >= TDS_HEADER_LENGTH && (header.at[1] & TDS_EOM) == 0;
}

static void read_unit(const bunch_t *bunch, packet_info *pinfo, const unit_t *unit, span_t bytes, guint32 reported,
                      guint32 offset)
{
    ASSERT_FIRST_PASS(pinfo);
    track_t *track = bunch->track;
    track_set_sides(track, pinfo, units_sender_of(pinfo, unit, bytes));
    frame_t frame = frame_of_bunch(bunch, pinfo);
    if (unit->kind == UNIT_TLS && bytes.at[0] == TLS_APPLICATION_DATA) {
        order_encrypted(track, &frame, unit->length);
    } else {
        order_unit(track, &frame, unit, bytes, reported, offset);
    }
}

static int dissect_unit(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    bunch_t *bunch = (bunch_t *)data;
    span_t bytes = span_of_whole(tvb);
    const unit_t unit = bunch->unit; /* what is inside it may be cut meanwhile */
    bool first_reading = is_first_reading(bunch, pinfo);
    layers_before(&bunch->layers, pinfo, is_part(&unit, bytes));
    if (first_reading) {
        bind_tls(bunch->track, pinfo, &unit, bytes);
    }
    if (unit.kind == UNIT_TLS && bytes.at[0] == TLS_APPLICATION_DATA) {
        show_encrypted(bunch, &unit, tvb, pinfo, tree);
    } else {
        if (first_reading) {
            read_unit(bunch, pinfo, &unit, bytes, tvb_reported_length(tvb), (guint32)tvb_raw_offset(tvb));
        }
        if (bunch->several && unit.kind == UNIT_SMP) {
            show_before_others(bunch, &unit, tvb, pinfo, tree);
        } else {
            show_and_read(bunch, &unit, tvb, pinfo, tree);
        }
    }
    layers_behind(&bunch->layers, pinfo);
    return (int)tvb_captured_length(tvb);
}

/* Whether a buffer is exactly one packet, as most segments are. */
static bool is_segment_one_packet(bunch_t *bunch, packet_info *pinfo, tvbuff_t *tvb)
{
    const unit_t *unit = &bunch->unit;
    bunch->unit = cut_unit(bunch->track, &bunch->units, pinfo, tvb, 0);
    return (unit->kind == UNIT_TDS || unit->kind == UNIT_SMP) && unit->length == tvb_reported_length(tvb) &&
           unit->length == tvb_captured_length(tvb);
}

/* How many whole units the buffer has. If it cannot have more than LAYERS_OWN, they are not counted. At a unit that is
 * known only by its place the count stops: then units share layers. */
static guint32 count_units(tvbuff_t *tvb)
{
    guint32 count = 0;
    guint32 reported = tvb_reported_length(tvb);
    if (reported <= LAYERS_OWN * TDS_HEADER_LENGTH) {
        return LAYERS_OWN;
    }
    for (guint32 offset = 0; offset < reported; count++) {
        unit_t unit = unit_at(span_of_tvb(tvb, (gint)offset, SMP_HEADER_LENGTH));
        if (unit.kind == UNIT_NONE || unit.length == 0 || unit.length > reported - offset) {
            break;
        }
        offset += unit.length;
    }
    return count;
}

static void dissect_units(bunch_t *bunch, tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree)
{
    bool one = is_segment_one_packet(bunch, pinfo, tvb);
    bunch->several = !one;
    bunch->layers = layers_begin(pinfo, one ? 1 : count_units(tvb));
    if (one) { /* Wireshark's TDS dissector cuts it once more, and catches its own exceptions */
        dissect_unit(tvb, pinfo, tree, bunch);
        layers_end(&bunch->layers, pinfo);
        return;
    }
    const char *ours = pinfo->current_proto;
    pinfo->current_proto = "TDS"; /* whose faults in a packet are then told under its own name */
    tcp_dissect_pdus(tvb, pinfo, tree, true, UNIT_HEAD_LENGTH, unit_length, dissect_unit, bunch);
    layers_end(&bunch->layers, pinfo);
    pinfo->current_proto = ours;
    if (is_first_reading(bunch, pinfo) && pinfo->desegment_len != 0) {
        frame_t frame = frame_of_bunch(bunch, pinfo);
        span_t rest = span_of_tvb(tvb, pinfo->desegment_offset, SPAN_ALL);
        order_unfinished(bunch->track, &frame, bunch->units.inside_tls ? span_none() : rest);
    }
}

/* What TLS decrypts: the same units, without the TLS around them. */
static int dissect_inside_tls(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data _U_)
{
    bunch_t *outside = bunch_outside(pinfo);
    track_t *track = outside != NULL ? outside->track : claim_find(pinfo);
    if (track == NULL || tvb_captured_length(tvb) == 0) {
        return 0;
    }
    if (!PINFO_FD_VISITED(pinfo)) {
        track_side(track, track_sender(track, pinfo))->opened = true;
    }
    bunch_t inside = {.track = track, .units = {.inside_tls = true, .cut = {.place = CUT_IN_TLS}}};
    if (outside != NULL) {
        outside->units.brought = true;
        inside.units.again = outside->units.again;
    }
    dissect_units(&inside, tvb, pinfo, tree);
    return (int)tvb_captured_length(tvb);
}

void stream_dissect_pipe(track_t *track, const units_t *units, tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree)
{
    bunch_t bunch = {.track = track, .units = *units};
    guint16 can_desegment = pinfo->can_desegment;
    pinfo->can_desegment = 0; /* that is done */
    TRY
    {
        dissect_units(&bunch, tvb, pinfo, tree);
    }
    FINALLY
    {
        pinfo->can_desegment = can_desegment;
    }
    ENDTRY;
}

/* A side that never sent a unit and does not begin with one speaks something else: that is left as it was. Of what
 * stands behind a hole nobody knows. */
static bool speaks_tds(const bunch_t *bunch, packet_info *pinfo, tvbuff_t *tvb)
{
    guint32 *spoke = &track_side(bunch->track, track_sender(bunch->track, pinfo))->spoke;
    if (is_first_reading(bunch, pinfo) && *spoke == 0) {
        bool speaks = tvb_captured_length(tvb) < UNIT_HEAD_LENGTH || order_awaits_filling(bunch->track) ||
                      cut_unit(bunch->track, &bunch->units, pinfo, tvb, 0).kind != UNIT_NONE;
        *spoke = speaks ? number_of(pinfo) : 0;
    }
    return *spoke != 0 && *spoke <= number_of(pinfo);
}

static void note_foreign(const bunch_t *bunch, packet_info *pinfo, tvbuff_t *tvb)
{
    if (is_first_reading(bunch, pinfo)) {
        frame_t frame = frame_of_bunch(bunch, pinfo);
        units_note_foreign(bunch->track, &frame, service_by_greeting(span_of_whole(tvb)));
    }
}

/* What TCP did in the frame whose payload is at hand: what is missing before it. `facts`: NULL where its header cannot
 * be read. Returns whether it was read before. */
static bool begin_reading(track_t *track, packet_info *pinfo, const tcp_facts_t *facts)
{
    if (facts == NULL) {
        capture.proxied.track = track;
        capture.proxied.frame = number_of(pinfo);
        return false;
    }
    tcp_sight_t sight = watch_sight(pinfo, NULL, track, facts);
    if (order_is_of_next(track, &sight, facts)) {
        return true;
    }
    if (!order_meet(track, &sight)) {
        return false;
    }
    bool again = units_are_again(track, &sight);
    watch_refill(track, &sight);
    advance_ack(track, &sight);
    units_note_gaps(track, &sight);
    return again;
}

static int dissect_stream(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    track_t *track = claim_find(pinfo);
    if (track == NULL) {
        return 0;
    }
    bunch_t bunch = {.track = track, .units = {.again = is_quoted(pinfo)}};
    if (!PINFO_FD_VISITED(pinfo)) {
        tcp_facts_t tcp;
        const tcp_facts_t *facts = lookup_headers(pinfo, &tcp) ? &tcp : NULL;
        bunch.units.again = is_quoted(pinfo) || begin_reading(track, pinfo, facts);
        bunch.units.cut = cut_begin_at(facts, pinfo, tvb, data);
    }
    if (!speaks_tds(&bunch, pinfo, tvb)) {
        note_foreign(&bunch, pinfo, tvb);
        return 0;
    }
    guint rest = is_quoted(pinfo) ? 0 : unjoined_rest(track, &bunch.units, tvb, pinfo);
    guint captured = tvb_captured_length(tvb);
    if (rest > 0) {
        call_data_dissector(tvb_new_subset_length(tvb, 0, (gint)rest), pinfo, tree);
    }
    if (rest < captured) {
        dissect_units(&bunch, rest == 0 ? tvb : tvb_new_subset_remaining(tvb, (gint)rest), pinfo, tree);
    }
    return (int)captured;
}

/* }}} */

/* The three ways in. {{{ */

static void give_port(guint32 port, gpointer to)
{
    dissector_handle_t from = to == tds_handle ? port_handle : tds_handle;
    bool both = ports_is_known(port);
    if (both && dissector_get_uint_handle(tcp_ports, port) == from) { /* and not somebody else, by Decode As */
        dissector_add_uint("tcp.port", port, (dissector_handle_t)to);
    }
}

void stream_share_ports(void)
{
    static bool given_back;
    bool enabled = proto_is_protocol_enabled(find_protocol_by_id(proto_tdsconn));
    if (!enabled || given_back) {
        range_foreach(prefs_get_range_value("tds", "tcp.port"), give_port, enabled ? port_handle : tds_handle);
        given_back = !enabled;
    }
}

static circumstances_t circumstances_of(const packet_info *pinfo, tvbuff_t *tvb, bool from_start)
{
    return (circumstances_t){
        .from_start = from_start,
        .known_port = ports_is_known(pinfo->srcport) || ports_is_known(pinfo->destport),
        .sender = from_start ? SENDER_CLIENT : ports_sender(pinfo),
        .length = tvb_reported_length(tvb),
    };
}

/* By this payload. */
static void claim_by_payload(recognised_t how, conversation_t *conversation, packet_info *pinfo, tvbuff_t *payload,
                             const void *data, dissector_handle_t handle, guint32 from_frame)
{
    if (!PINFO_FD_VISITED(pinfo)) {
        conversation_set_dissector_from_frame_number(conversation, from_frame, handle);
        sender_t sender = units_sender(pinfo, span_of_tvb(payload, 0, RECOGNISED_BYTES));
        cut_expect(claim_make(pinfo, conversation, sender, how == CLAIM_STRICT), pinfo, payload, data);
    }
}

/* Whether the snap length left too little of these bytes to tell what they are, but nothing against TDS. */
static bool is_cut_short(tvbuff_t *tvb)
{
    enum { LENGTH_FIELD_END = 4, TELLING_LENGTH = 64 }; /* of a TDS header, of a PRELOGIN */
    span_t bytes = span_of_tvb(tvb, 0, TELLING_LENGTH);
    bool cut = bytes.length > 0 && bytes.length < MIN(tvb_reported_length(tvb), TELLING_LENGTH);
    return cut && (bytes.length < LENGTH_FIELD_END
                       ? bytes.at[0] == TDS_PRELOGIN || bytes.at[0] == TDS_LOGIN7 || bytes.at[0] == TDS_OLD_LOGIN
                       : tds_header_plausible(bytes));
}

static bool is_port_of_another(guint32 port)
{
    dissector_handle_t handle = dissector_get_uint_handle(tcp_ports, port);
    return handle != NULL && handle != port_handle;
}

/* Has TCP put the next segment behind these bytes of the client, which are too few, if nobody else knows the ports. */
static int wait_for_more(tvbuff_t *tvb, packet_info *pinfo, const circumstances_t *c)
{
    bool whole = tvb_captured_length(tvb) == tvb_reported_length(tvb);
    if (!pinfo->can_desegment || !whole || !c->from_start || is_port_of_another(pinfo->srcport) ||
        is_port_of_another(pinfo->destport)) {
        return 0;
    }
    pinfo->desegment_offset = 0;
    pinfo->desegment_len = DESEGMENT_ONE_MORE_SEGMENT;
    return (int)tvb_captured_length(tvb);
}

/* Whether what this sender sent before is not in the capture, though its SYN is. TCP may have put segments together. */
static bool is_behind_hole(const opening_t *opening, tvbuff_t *tvb, const packet_info *pinfo)
{
    tcp_facts_t facts;
    if (!opening->has_first || !tcp_facts_of_frame(pinfo, &facts)) {
        return false;
    }
    guint32 first = facts.seq + ((facts.flags & TCP_SYN) != 0);
    return first + facts.payload_length - tvb_reported_length(tvb) != opening->first;
}

/* `first`: whether nothing of this sender comes before, so that the payload says what the conversation is. */
static circumstances_t circumstances_of_opened(const conversation_t *conversation, tvbuff_t *tvb,
                                               const packet_info *pinfo, bool *first)
{
    opening_t opening = claim_opening(conversation, pinfo);
    *first = opening.sender != SENDER_UNKNOWN && !is_behind_hole(&opening, tvb, pinfo);
    circumstances_t c = circumstances_of(pinfo, tvb, opening.sender == SENDER_CLIENT && *first);
    c.sender = opening.sender != SENDER_UNKNOWN ? opening.sender : c.sender;
    c.known_port = c.known_port || claim_of(conversation) != NULL; /* its SYN was to a server that somebody named */
    return c;
}

/* Of a conversation that was claimed for a keep-alive on a port of SQL Server, the first bytes are none of TDS: as the
 * end of something they might be, but who knows. */
static void doubt(conversation_t *conversation, tvbuff_t *tvb)
{
    const track_t *track = claim_of(conversation);
    if (track != NULL && track->connection.position == POSITION_KEPT_ALIVE &&
        tvb_reported_length(tvb) >= TDS_HEADER_LENGTH) {
        claim_let_go(conversation);
    }
}

/* Whether this is an answer: what the client said, which tells what the conversation is, may come behind it. */
static bool is_answer(const conversation_t *conversation, packet_info *pinfo, const circumstances_t *c)
{
    tcp_facts_t facts;
    if (c->sender != SENDER_SERVER || !tcp_facts_of_frame(pinfo, &facts)) {
        return false;
    }
    tcp_sight_t sight = watch_sight(pinfo, conversation, claim_of(conversation), &facts);
    return claim_answers_unseen(conversation, &sight);
}

/* Not of ours, or not yet. `first`: it is the first of its sender's bytes. */
static void let_go(recognised_t how, conversation_t *conversation, tvbuff_t *tvb, bool first)
{
    conversation_set_dissector(conversation, NULL); /* at the place where others set theirs */
    if (how == CLAIM_NO && first) {                 /* else a later one may tell */
        claim_drop(conversation);
    } else {
        doubt(conversation, tvb);
    }
}

/* Whether another service's server speaks first: its client may be one of SQL Server that is wrong there. */
static bool is_greeting(recognised_t how, tvbuff_t *tvb, const circumstances_t *c)
{
    return how == CLAIM_NO && c->sender == SENDER_SERVER &&
           service_by_greeting(span_of_tvb(tvb, 0, RECOGNISED_BYTES)) != SERVICE_UNKNOWN;
}

/* Of a port where SQL Server should be. Elsewhere it is kept until the client tells what this is. */
static void note_greeting(const conversation_t *conversation, tvbuff_t *tvb, const packet_info *pinfo)
{
    track_t *track = claim_of(conversation);
    if (track != NULL) {
        frame_t frame = frame_of(pinfo, SENDER_SERVER);
        units_note_foreign(track, &frame, service_by_greeting(span_of_tvb(tvb, 0, RECOGNISED_BYTES)));
    }
}

/* The first payload of a conversation whose handshake was seen. */
static int dissect_first_payload(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    conversation_t *conversation = lookup_conversation(pinfo);
    if (conversation == NULL || PINFO_FD_VISITED(pinfo) || is_quoted(pinfo)) {
        return 0;
    }
    bool first;
    circumstances_t c = circumstances_of_opened(conversation, tvb, pinfo, &first);
    recognised_t how = recognise(span_of_tvb(tvb, 0, RECOGNISED_BYTES), &c);
    if ((how == CLAIM_NO || how == CLAIM_WAIT) && c.known_port && is_cut_short(tvb)) {
        how = CLAIM_TDS;
    }
    if (how != CLAIM_TDS && how != CLAIM_STRICT && is_answer(conversation, pinfo, &c)) {
        return 0;
    }
    if (how == CLAIM_BEHIND) {
        return 0;
    }
    if (is_greeting(how, tvb, &c)) {
        note_greeting(conversation, tvb, pinfo);
        return 0;
    }
    if (how == CLAIM_WAIT) {
        return wait_for_more(tvb, pinfo, &c);
    }
    if (how == CLAIM_NO || how == CLAIM_LATER) {
        let_go(how, conversation, tvb, first);
        return 0;
    }
    claim_by_payload(how, conversation, pinfo, tvb, data, stream_handle, pinfo->num);
    return dissect_stream(tvb, pinfo, tree, data);
}

void stream_wait_for(conversation_t *conversation, const packet_info *pinfo)
{
    ASSERT_FIRST_PASS(pinfo);
    if (conversation_get_dissector(conversation, pinfo->num) == NULL) {
        conversation_set_dissector(conversation, trampoline_handle);
    }
}

/* The dissector of a proxy shows the port of the target: from 4.6 on, that of HTTP's CONNECT has no conversation with
 * it yet. NULL on a later pass, if there is none. */
static conversation_t *conversation_of(packet_info *pinfo)
{
    conversation_t *conversation = lookup_conversation_anew(pinfo);
    bool may_begin = conversation == NULL && !PINFO_FD_VISITED(pinfo);
    return may_begin ? find_or_create_conversation(pinfo) : conversation;
}

/* What a payload in the middle of a conversation says, unless its beginning said that it is something else. */
static bool is_midway(tvbuff_t *tvb, packet_info *pinfo, recognised_t *how, conversation_t **conversation)
{
    circumstances_t c = circumstances_of(pinfo, tvb, false);
    *how = recognise(span_of_tvb(tvb, 0, RECOGNISED_BYTES), &c);
    if ((*how != CLAIM_TDS && *how != CLAIM_STRICT) || is_quoted(pinfo)) {
        return false;
    }
    *conversation = conversation_of(pinfo);
    return *conversation != NULL && !claim_is_refused(*conversation);
}

/* Whether bytes are what their sender said first, as far as the capture tells. */
static bool may_be_first(const conversation_t *conversation, tvbuff_t *tvb, const packet_info *pinfo)
{
    opening_t opening = claim_opening(conversation, pinfo);
    return !is_behind_hole(&opening, tvb, pinfo);
}

/* What is not TDS goes where it went without us, as if it stood right above TCP. But the bytes with which a capture
 * begins, and those behind a segment that was lost, are the end of something, or a keep-alive, and no packet: one as
 * long as they seem to say would hide those that follow. */
static int dissect_other(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    const conversation_t *conversation = lookup_conversation_anew(pinfo);
    bool refused = conversation != NULL && claim_is_refused(conversation);
    bool claimed = conversation != NULL && claim_of(conversation) != NULL;
    if (!refused && tvb_reported_length(tvb) < TDS_HEADER_LENGTH && (!claimed || PINFO_FD_VISITED(pinfo))) {
        return call_data_dissector(tvb, pinfo, tree);
    }
    bool packet = refused || (claimed && may_be_first(conversation, tvb, pinfo));
    pinfo->can_desegment = packet ? pinfo->saved_can_desegment : 0;
    return call_dissector_only(tds_handle, tvb, pinfo, tree, data);
}

/* By port, and by Decode As. */
static int dissect_port(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    recognised_t how;
    conversation_t *conversation;
    if (!is_midway(tvb, pinfo, &how, &conversation)) {
        conversation = PINFO_FD_VISITED(pinfo) ? NULL : lookup_conversation_anew(pinfo);
        if (conversation != NULL) {
            doubt(conversation, tvb);
        }
        return dissect_other(tvb, pinfo, tree, data);
    }
    claim_by_payload(how, conversation, pinfo, tvb, data, midway_handle, pinfo->num);
    return dissect_stream(tvb, pinfo, tree, data);
}

/* Reads the whole units with which this payload of TCP begins; `offset` is where it stands in the frame. */
static void read_units(const bunch_t *bunch, packet_info *pinfo, tvbuff_t *payload, guint offset)
{
    guint32 used = 0;
    for (;;) {
        span_t bytes = span_of_tvb(payload, (gint)used, SPAN_ALL);
        unit_t unit = cut_unit(bunch->track, &bunch->units, pinfo, payload, (gint)used);
        if (unit.kind == UNIT_NONE || unit.length == 0 || unit.length > bytes.length) {
            return;
        }
        read_unit(bunch, pinfo, &unit, span_part(bytes, 0, unit.length), unit.length, offset + used);
        used += unit.length;
    }
}

void stream_claim_late(tvbuff_t *frame, packet_info *pinfo, conversation_t *conversation, guint payload)
{
    ASSERT_FIRST_PASS(pinfo);
    if (payload >= tvb_captured_length(frame)) {
        return;
    }
    tvbuff_t *tvb = tvb_new_subset_remaining(frame, (gint)payload);
    recognised_t how;
    if (!is_midway(tvb, pinfo, &how, &conversation)) {
        return;
    }
    claim_by_payload(how, conversation, pinfo, tvb, NULL, stream_handle, pinfo->num + 1);
    const bunch_t bunch = {.track = claim_of(conversation), .units = {.cut = cut_begin(pinfo, tvb, NULL)}};
    read_units(&bunch, pinfo, tvb, payload);
}

bool stream_is_ours(const conversation_t *conversation, guint32 frame)
{
    dissector_handle_t handle = conversation_get_dissector((conversation_t *)conversation, frame);
    return handle == stream_handle || handle == midway_handle;
}

void stream_claim_kept(tvbuff_t *frame, packet_info *pinfo, conversation_t *conversation, guint payload)
{
    ASSERT_FIRST_PASS(pinfo);
    if (payload >= tvb_captured_length(frame) || stream_is_ours(conversation, pinfo->num) ||
        claim_is_refused(conversation)) {
        return;
    }
    bool first;
    tvbuff_t *tvb = tvb_new_subset_remaining(frame, (gint)payload);
    circumstances_t c = circumstances_of_opened(conversation, tvb, pinfo, &first);
    recognised_t how = recognise(span_of_tvb(tvb, 0, RECOGNISED_BYTES), &c);
    if (how == CLAIM_TDS || how == CLAIM_STRICT) {
        claim_by_payload(how, conversation, pinfo, tvb, NULL, stream_handle, pinfo->num + 1);
    }
}

/* Whether a frame of the next connection with the same ports begins it. `ours`: its payload is SQL Server's, as may be
 * that of a noted frame of the server. */
static bool begins_next(const conversation_t *conversation, const tcp_sight_t *sight, bool ours)
{
    const track_t *before = claim_of(conversation);
    bool answers = sight->frame.sender == SENDER_SERVER && before->client.frames > 0;
    if (!order_is_far(before, sight) || !compat_ends_are_unique()) {
        return false;
    }
    return ours ? !answers || !claim_awaits_next(conversation, sight)
                : sight->frame.sender == SENDER_CLIENT && claim_knows_next(conversation, sight);
}

/* Bytes of the next connection of which nobody knows what they are: its beginning is not in the capture. Said once,
 * with the last frame of the connection before. */
static void note_unread(track_t *before, const conversation_t *conversation, const tcp_sight_t *sight)
{
    if (!sight->has_payload || before->seldom->next_begun || before->seldom->next_unread ||
        !order_is_far(before, sight) || claim_knows_next(conversation, sight)) {
        return;
    }
    track_seldom(before)->next_unread = true;
    diagnose(
        before, before->latest.frame, DIAGNOSIS_CAPTURE_GAP,
        "frame %u has the same ports and other sequence numbers: it is of a later connection, of which the capture "
        "lacks the beginning, and is not read",
        sight->frame.number);
}

track_t *stream_meet_next(packet_info *pinfo, conversation_t *conversation, const tcp_sight_t *sight, span_t payload)
{
    ASSERT_FIRST_PASS(pinfo);
    const circumstances_t c = {.known_port = true, .sender = sight->frame.sender, .length = sight->payload};
    recognised_t how = recognise(payload, &c);
    bool ours = how == CLAIM_TDS || how == CLAIM_STRICT;
    if (!begins_next(conversation, sight, ours)) {
        if (!ours) {
            note_unread(claim_of(conversation), conversation, sight);
        }
        claim_note_next(conversation, sight, payload, ours);
        return NULL;
    }
    conversation_t *next = conversation_new(pinfo->num + 1, &pinfo->src, &pinfo->dst, CONVERSATION_TCP, pinfo->srcport,
                                            pinfo->destport, 0);
    conversation_set_dissector(next, stream_handle);
    track_t *track = claim_begin_next(pinfo, conversation, next, sight, how == CLAIM_STRICT);
    if (ours) {
        track_side(track, c.sender)->spoke = number_of(pinfo);
    }
    return track;
}

static ws_bool dissect_heuristic(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    recognised_t how;
    conversation_t *conversation;
    bool may_be = tvb_captured_length(tvb) > 0 && recognisable(*tvb_get_ptr(tvb, 0, 1));
    if (!may_be || !is_midway(tvb, pinfo, &how, &conversation)) {
        return false;
    }
    claim_by_payload(how, conversation, pinfo, tvb, data, midway_handle, pinfo->num);
    return dissect_stream(tvb, pinfo, tree, data) != 0;
}

/* TLS on any port whose first decrypted message is a PRELOGIN: TDS 8.0 without ALPN. */
static ws_bool dissect_tls_heuristic(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    tds_header_t header;
    prelogin_t prelogin;
    span_t bytes = span_of_tvb(tvb, 0, RECOGNISED_BYTES);
    const bunch_t *outside = bunch_outside(pinfo);
    bool of_pipe = outside != NULL && outside->track->seldom->pipe != NULL;
    conversation_t *conversation = of_pipe ? NULL : lookup_conversation_anew(pinfo);
    if (conversation == NULL || !tds_header_plausible(bytes) || !tds_header_parse(bytes, &header) ||
        header.type != TDS_PRELOGIN || !prelogin_parse(span_from(bytes, TDS_HEADER_LENGTH), &prelogin)) {
        return false;
    }
    compat_tls_set_handle(data, inside_handle);
    if (!PINFO_FD_VISITED(pinfo)) {
        claim_make(pinfo, conversation, SENDER_CLIENT, true);
    }
    return dissect_inside_tls(tvb, pinfo, tree, NULL) != 0;
}

/* }}} */

void stream_register(void)
{
    tcp_ports = find_dissector_table("tcp.port");
    tds_handle = find_dissector_add_dependency("tds", proto_tdsconn);
    tls_handle = find_dissector_add_dependency("tls", proto_tdsconn);
    trampoline_handle = create_dissector_handle(dissect_first_payload, -1);
    stream_handle = create_dissector_handle(dissect_stream, -1);
    midway_handle = create_dissector_handle(dissect_stream, proto_tdsconn);
    inside_handle = create_dissector_handle(dissect_inside_tls, proto_tdsconn);
    port_handle = create_dissector_handle(dissect_port, proto_tdsconn);
    dissector_add_uint_range_with_preference("tcp.port", SQL_SERVER_PORTS, port_handle);
    heur_dissector_add("tcp", dissect_heuristic, "SQL Server connection over TCP", "tdsconn_tcp", proto_tdsconn,
                       HEURISTIC_ENABLE);
    heur_dissector_add("tls", dissect_tls_heuristic, "SQL Server connection over TLS", "tdsconn_tls", proto_tdsconn,
                       HEURISTIC_ENABLE);
}
