/* units.c - reads the units of a connection's byte stream.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Packets up to EOM are joined to messages, for each direction and MARS session. Messages are read by the core. The
 * result is entries of the frame, and evidence and facts of the connection.
 */
#include "readers/units.h"

#include <epan/dissectors/packet-tcp.h>

#include <inttypes.h>
#include <string.h>

#include "compat.h"
#include "core/dialect.h"
#include "core/login7.h"
#include "core/rpc.h"
#include "core/sspi.h"
#include "judge/advance.h"
#include "judge/judge.h"
#include "memory/ports.h"
#include "memory/sessions.h"
#include "memory/times.h"
#include "memory/watch.h"
#include "readers/pdu.h"
#include "wire/tcpfacts.h"

#define RESPONSE_LIMIT 0x8000 /* bytes of a response in which tokens are searched */

/* TDS packets. {{{ */

typedef void (*message_callback_t)(const pdu_t *s, const tds_message_t *m);

static const struct {
    message_callback_t callback;
    guint32 limit;     /* bytes of the message that are wanted */
    message_t message; /* what a packet that does not end it belongs to */
} callbacks[] = {
    [TDS_SQL_BATCH] = {read_command, DIALECT_BYTES, MESSAGE_SQL_BATCH},
    [TDS_OLD_LOGIN] = {read_old_login, LOGIN7_LENGTH_LIMIT, MESSAGE_OLD_LOGIN},
    [TDS_RPC] = {read_command, RPC_HEAD_LIMIT, MESSAGE_RPC},
    [TDS_RESPONSE] = {read_response, RESPONSE_LIMIT, MESSAGE_RESPONSE},
    [TDS_ATTENTION] = {read_attention, 0, MESSAGE_ATTENTION},
    [TDS_BULK_LOAD] = {read_command, 0, MESSAGE_BULK_LOAD},
    [TDS_FEDAUTH_TOKEN] = {read_fedauth_token, 8, MESSAGE_FEDAUTH_TOKEN},
    [TDS_TRANSACTION] = {read_command, 0, MESSAGE_TRANSACTION},
    [TDS_5_NORMAL] = {read_command, 0, MESSAGE_SQL_BATCH},
    [TDS_LOGIN7] = {read_login7, LOGIN7_LENGTH_LIMIT, MESSAGE_LOGIN7},
    [TDS_SSPI] = {read_sspi, LOGIN7_LENGTH_LIMIT, MESSAGE_SSPI_CLIENT},
    [TDS_PRELOGIN] = {read_prelogin, LOGIN7_LENGTH_LIMIT, MESSAGE_PRELOGIN},
};

/* A packet that ends no message. */
static void read_packet(const pdu_t *s, channel_t *channel, const tds_header_t *header, message_t message,
                        bool continued)
{
    bool login = message == MESSAGE_LOGIN7 || message == MESSAGE_OLD_LOGIN || message == MESSAGE_FEDAUTH_TOKEN;
    if (login || message_kind(message) == KIND_REQUEST) { /* it has begun */
        (void)track_see(s->track, message, s->frame.sender);
    }
    entry_t *entry = track_entry_still(s->track, &s->frame, ENTRY_TDS, MESSAGE_NONE, message);
    pdu_fill_entry(s, entry, header, continued);
    if (header->type == TDS_RESPONSE) {
        exchange_response(s, channel, entry);
    }
}

/* Whether no bytes are missing before the unit at hand. Decrypted bytes have no holes. False in sessions: it is not
 * known. */
static bool follows(const pdu_t *s)
{
    const tcp_side_t *side = track_side_of(s->track, s->frame.sender)->tcp;
    cut_place_t place = s->frame.units.cut.place;
    return s->session == NULL && (place == CUT_IN_TLS || (place == CUT_TCP && side->unit_follows));
}

/* A packet that is not the first of its message, met where none was begun: its beginning was not captured. But how
 * packets are numbered, a receiver ignores (MS-TDS 2.2.3.1.5). */
static bool starts_in_the_middle(const pdu_t *s, const assembly_t *assembly, const tds_header_t *header)
{
    bool read = header->type == TDS_RESPONSE || header->type == TDS_RPC;
    return !assembly->open && read && header->packet_id > 1 && (s->frame.units.late || !follows(s));
}

/* Only what a login is read from matters. */
static void note_truncated(const pdu_t *s, const tds_message_t *m, guint32 limit)
{
    track_t *track = s->track;
    bool request = message_kind(m->message) == KIND_REQUEST;
    bool cut = m->content.length < MIN(m->total, limit) && !m->headless && !request;
    if (cut && !connection_is_past_login(&track->connection) && !diagnosed(track, DIAGNOSIS_TRUNCATED)) {
        diagnose(track, s->frame.number, DIAGNOSIS_TRUNCATED,
                 "%u of %" PRIu64 " bytes of a login message are in the capture: its snap length cut the rest",
                 (guint)m->content.length, m->total);
    }
}

/* A driver for Sybase begins its login in a packet of its own type and goes on in one of TDS 5.0's usual type. */
static guint8 type_of_message(assembly_t *assembly, const tds_header_t *header)
{
    if (!assembly->open) {
        assembly->type = header->type;
    }
    return assembly->type == TDS_OLD_LOGIN && header->type == TDS_5_NORMAL ? TDS_OLD_LOGIN : header->type;
}

/* Where the message of this packet is put together. `alone`: all 0, for one that is all of its message, as most are. */
static assembly_t *assembly_for(const pdu_t *s, channel_t *channel, const tds_header_t *header, bool ends,
                                assembly_t *alone)
{
    const assembly_t *before = channel_message(channel, s->frame.sender);
    bool headless = starts_in_the_middle(s, before, header);
    bool several = before->open || !ends || headless;
    assembly_t *assembly = several ? channel_own_message(channel, s->frame.sender) : alone;
    assembly->headless = assembly->headless || headless;
    return assembly;
}

static void read_tds_packet(const pdu_t *s, channel_t *channel, const tds_header_t *header, span_t payload)
{
    guint32 reported = header->length - TDS_HEADER_LENGTH;
    bool ends = (header->status & TDS_EOM) != 0 || header->type == TDS_ATTENTION;
    assembly_t alone = {0};
    assembly_t *assembly = assembly_for(s, channel, header, ends, &alone);
    bool continued = assembly->open;
    guint8 type = type_of_message(assembly, header);
    if (header->type == TDS_LOGIN7) {
        note_login_packet(s, header, payload);
    }
    assembly->statuses |= header->status;
    if (!ends || continued || assembly->headless) {
        assembly->begun = continued ? assembly->begun : s->first.number;
        assembly->open = true;
        assembly_add(assembly, payload, reported, callbacks[type].limit);
    }
    if (!ends) {
        read_packet(s, channel, header, callbacks[type].message, continued);
        return;
    }
    tds_message_t whole = {
        .channel = channel,
        .header = *header,
        .content = assembly->open ? assembly_bytes(assembly) : payload,
        .total = assembly->open ? assembly->total : reported,
        .headless = assembly->headless,
        .tail = payload,
        .statuses = assembly->statuses,
        .continued = continued,
        .message = callbacks[type].message,
    };
    note_truncated(s, &whole, callbacks[type].limit);
    callbacks[type].callback(s, &whole);
    assembly_clear(assembly);
}

/* The side that sends the first handshake message of a TLS flight; SENDER_UNKNOWN where both do, or it is encrypted. */
static sender_t sender_by_handshake(span_t payload)
{
    static const sender_t senders[] = {
        [TLS_CLIENT_HELLO] = SENDER_CLIENT,        [TLS_CLIENT_KEY_EXCHANGE] = SENDER_CLIENT,
        [TLS_SERVER_HELLO] = SENDER_SERVER,        [TLS_NEW_SESSION_TICKET] = SENDER_SERVER,
        [TLS_SERVER_KEY_EXCHANGE] = SENDER_SERVER, [TLS_CERTIFICATE_REQUEST] = SENDER_SERVER,
        [TLS_SERVER_HELLO_DONE] = SENDER_SERVER,
    };
    bool handshake = payload.length > TLS_RECORD_HEADER_LENGTH && payload.at[0] == TLS_HANDSHAKE;
    guint8 type = handshake ? payload.at[TLS_RECORD_HEADER_LENGTH] : G_MAXUINT8;
    return type < G_N_ELEMENTS(senders) ? senders[type] : SENDER_UNKNOWN;
}

/* Who sent a packet, by its type and content. Both sides wrap TLS in packets of PRELOGIN's type; PRELOGIN itself is the
 * client's. */
static sender_t sender_by_packet(const tds_header_t *header, span_t payload)
{
    tls_record_t record;
    sender_t sender = tds_type_sender(header->type);
    if (header->type == TDS_SSPI && sspi_is_of_server(payload)) {
        return SENDER_SERVER;
    }
    if (sender != SENDER_UNKNOWN || header->type != TDS_PRELOGIN) {
        return sender;
    }
    if (tls_record_parse(payload, &record)) {
        return sender_by_handshake(payload);
    }
    bool options = payload.length == 0 || payload.at[0] == 0; /* PRELOGIN begins with the option VERSION */
    return options ? SENDER_CLIENT : SENDER_UNKNOWN;
}

/* Notes a packet of the server that is no response, while a response is due, or one in clear where TLS has to answer.
 */
static void note_odd_answer(const pdu_t *s, const channel_t *channel, const tds_header_t *header)
{
    if (s->frame.sender == SENDER_SERVER && channel->turn.debt.owes == SENDER_SERVER) {
        seldom_t *seldom = track_seldom(s->track);
        seldom->odd_answer = s->frame.number;
        seldom->odd_answer_type = header->type;
        seldom->odd_service = SERVICE_NONE;
    }
}

void units_note_foreign(track_t *track, const frame_t *frame, service_t service)
{
    bool named = track->seldom->odd_service > SERVICE_UNKNOWN;
    bool middle = !track->server.tcp->has_isn; /* of what: its beginning is not in the capture */
    if (frame->sender == SENDER_SERVER && !((named || middle) && service == SERVICE_UNKNOWN)) {
        seldom_t *seldom = track_seldom(track);
        seldom->odd_answer = frame->number;
        seldom->odd_service = (guint8)service;
    }
}

/* A server may send its token as a client does: raw, in a packet that no response has. */
static bool read_odd_token(const pdu_t *s, channel_t *channel, const tds_header_t *header, span_t payload)
{
    bool login_open = s->frame.sender == SENDER_SERVER && !connection_is_past_login(&s->track->connection);
    bool whole = (header->status & TDS_EOM) != 0 && !channel_message(channel, SENDER_SERVER)->open;
    if (!login_open || !whole || !sspi_starts(payload)) {
        return false;
    }
    tds_message_t message = {.channel = channel, .header = *header, .content = payload, .tail = payload};
    report_sspi(s, &message, MESSAGE_SSPI_SERVER, payload);
    return true;
}

static void read_tds_unit(pdu_t *s, channel_t *channel, span_t bytes)
{
    tds_header_t header;
    if (!tds_header_parse(bytes, &header)) {
        return;
    }
    span_t payload = span_part(bytes, TDS_HEADER_LENGTH, header.length - TDS_HEADER_LENGTH);
    if (wraps_tls(s, &header, payload)) {
        read_wrapped_tls(s, &header, payload);
        return;
    }
    sender_t by_type = tds_type_sender(header.type);
    bool by_other = by_type != SENDER_UNKNOWN && by_type != s->frame.sender;
    if (by_other || !tds_type_used(header.type)) { /* only the other side sends this type, or nobody */
        if (read_odd_token(s, channel, &header, payload)) {
            return;
        }
        note_odd_answer(s, channel, &header);
        pdu_without_message(s, &header, MESSAGE_NONE, false);
        return;
    }
    if (s->track->strict && track_alive(s->track)->position == POSITION_HELLO) {
        note_odd_answer(s, channel, &header);
    }
    read_tds_packet(s, channel, &header, payload);
}

/* }}} */

/* MARS. {{{ */

/* Whether a packet begins here. Behind a hole, one that holds what a receiver ignores has to fill what is left. */
static bool starts_packet(const mars_sender_t *from, span_t left, size_t reported)
{
    if (tds_header_plausible(left)) {
        return true;
    }
    bool possible = tds_header_possible(left) && tds_type_used(left.at[0]);
    return possible && (!from->astray || unit_due(left).length == reported);
}

/* The TDS packets in the data of a session: usually one a DATA packet, but nothing in MC-SMP says so. */
static void read_session_bytes(pdu_t *s, span_t data, guint32 reported)
{
    mars_sender_t *from = mars_sender(s->session, s->frame.sender);
    bool cut = data.length < reported; /* what comes next stands behind a hole */
    bool joined = from->bytes.length > 0;
    if (joined) {
        guint32 kept = from->bytes.length;
        assembly_add(&from->bytes, data, reported, TDS_HEADER_LENGTH + 0x10000);
        data = assembly_bytes(&from->bytes);
        reported += kept;
    }
    size_t used = 0;
    while (starts_packet(from, span_part(data, used, TDS_HEADER_LENGTH), reported - used)) {
        span_t rest = span_from(data, used);
        tds_header_t header;
        if (!tds_header_parse(rest, &header) || (header.length > rest.length && !cut)) {
            break;
        }
        from->astray = false;
        read_tds_unit(s, &s->session->channel, span_part(rest, 0, header.length));
        used += header.length;
    }
    span_t left = span_from(data, used);
    bool keep = !cut && (starts_packet(from, left, reported - used) || (left.length > 0 && left.length < 4));
    from->astray = from->astray || (left.length > 0 && !keep);
    if (joined && keep && used == 0) { /* it has grown where it is */
        return;
    }
    assembly_t next = {0};
    if (keep) {
        assembly_add(&next, left, (guint32)left.length, TDS_HEADER_LENGTH + 0x10000);
    }
    assembly_clear(&from->bytes);
    from->bytes = next;
}

/* Whether both sides agreed on MARS; true also if a PRELOGIN is not in the capture. */
static bool is_smp_agreed(const track_t *track)
{
    return track->mars || !track->client.prelogin || !track->server.prelogin;
}

static bool holds_data(const smp_header_t *header)
{
    const guint8 control = SMP_SYN | SMP_ACK | SMP_FIN;
    return header->flags == 0 || (header->flags & ~control) != 0;
}

static void read_smp_unit(pdu_t *s, span_t bytes, guint32 reported)
{
    smp_header_t header;
    if (!smp_header_parse(bytes, &header)) {
        return;
    }
    if (smp_header_sound(&header) && is_smp_agreed(s->track)) {
        smp_side_t *smp = track_smp_side(s->track, s->frame.sender, s->frame.units.inside_tls);
        smp->from = smp->from == 0 ? s->frame.number : smp->from;
        smp->in_step = true;
    }
    s->session = session_read(s->track, &s->frame, &header);
    advance_smp(s->track, &s->frame);
    const channel_t *channel = &s->session->channel;
    guint32 entry = s->track->sessions->packets.count - 1;
    bool continued = channel_message(channel, s->frame.sender)->open;
    if (reported > SMP_HEADER_LENGTH && holds_data(&header)) {
        read_session_bytes(s, span_from(bytes, SMP_HEADER_LENGTH), reported - SMP_HEADER_LENGTH);
    }
    ((smp_entry_t *)rows_at(&s->track->sessions->packets, entry))->part =
        continued || channel_message(channel, s->frame.sender)->open;
}

static void read_stray(const pdu_t *s, span_t bytes)
{
    smp_side_t *smp = track_smp_side(s->track, s->frame.sender, s->frame.units.inside_tls);
    bool due = smp->in_step && follows(s) && bytes.length > 0;
    smp->in_step = false;
    tcp_trouble(track_tcp(s->track, s->frame.sender))->gap = track_place(s->track, s->frame.number);
    sessions_stray(s->track, &s->frame, bytes, due);
}

/* }}} */

/* Sets `s` for a unit that ends in this frame. Returns where it begins, as track_unit_begin. */
static guint32 pdu_begin(pdu_t *s, track_t *track, const frame_t *frame)
{
    s->track = track;
    s->frame = *frame;
    (void)track_annotate_processed(track, frame);
    guint32 first = track_unit_begin(track, &s->frame);
    s->first = s->frame;
    s->offset = 0;
    s->session = NULL;
    s->reassembled = false;
    if (first != 0) {
        const annotation_t *annotation = track_annotation_at(track, first - 1);
        s->first.number = annotation->frame;
        s->first.at = annotation_moment(annotation);
        s->reassembled = annotation->frame != s->frame.number;
    }
    return first;
}

/* The last resort: the server's port is a known one, else the smaller one. */
static sender_t sender_by_ports(const packet_info *pinfo)
{
    sender_t sender = ports_sender(pinfo);
    if (sender != SENDER_UNKNOWN) {
        return sender;
    }
    return pinfo->srcport > pinfo->destport ? SENDER_CLIENT : SENDER_SERVER;
}

static sender_t sender_by_unit(const unit_t *unit, span_t bytes, const packet_info *pinfo)
{
    tds_header_t header = {0};
    sender_t sender = SENDER_UNKNOWN;
    if (unit->kind == UNIT_TDS && tds_header_parse(bytes, &header)) {
        sender = sender_by_packet(&header, span_from(bytes, TDS_HEADER_LENGTH));
    }
    bool by_known_port = ports_sender(pinfo) != SENDER_UNKNOWN;
    if (unit->kind == UNIT_SMP && !by_known_port && bytes.length >= SMP_HEADER_LENGTH + TDS_HEADER_LENGTH) {
        sender = tds_type_sender(bytes.at[SMP_HEADER_LENGTH]);
    }
    if (unit->kind == UNIT_TLS) {
        sender = sender_by_handshake(bytes);
    }
    if (unit->kind == UNIT_PROXY) {
        sender = SENDER_CLIENT;
    }
    return sender != SENDER_UNKNOWN ? sender : sender_by_ports(pinfo);
}

sender_t units_sender(const packet_info *pinfo, span_t bytes)
{
    unit_t unit = unit_due(bytes);
    return sender_by_unit(&unit, bytes, pinfo);
}

sender_t units_sender_of(const packet_info *pinfo, const unit_t *unit, span_t bytes)
{
    return sender_by_unit(unit, bytes, pinfo);
}

/* Before TDS 8.0 a handshake goes in packets of TDS: one that does not is that of TDS 8.0, though its ClientHello and
 * all that came before it be missing. */
static void note_strict(track_t *track, const tls_record_t *record)
{
    bool opened = track->client.prelogin || track->server.prelogin || track->login->tls->version != 0;
    track->strict = track->strict || (record->type == TLS_HANDSHAKE && !opened);
}

void units_read(track_t *track, const frame_t *frame, const unit_t *unit, span_t bytes, guint32 reported,
                guint32 offset)
{
    pdu_t s;
    guint32 first = pdu_begin(&s, track, frame);
    s.offset = offset;
    tls_record_t record;
    switch (unit->kind) {
    case UNIT_TDS:
        read_tds_unit(&s, &track->channel, bytes);
        break;
    case UNIT_SMP:
        read_smp_unit(&s, bytes, reported);
        break;
    case UNIT_TLS:
        if (tls_record_parse(bytes, &record)) {
            note_strict(track, &record);
            read_tls_record(&s, &record);
        }
        break;
    case UNIT_STRAY:
        read_stray(&s, bytes);
        break;
    case UNIT_PROXY:
        read_proxy_header(&s, bytes);
        break;
    case UNIT_NONE:
        break;
    }
    track_unit_end(track, first, &s.frame);
}

/* Notes whether TLS got a record, and whether it decrypted it. */
static void note_opening(side_t *side, bool brought, bool tried)
{
    side->skipped = !brought && (side->skipped || !tried);
}

/* Whether an encrypted record is a part of what TLS gives us: of a message, or of the end of a handshake in TLS 1.3. */
static bool is_part_of_opened(const track_t *track, const frame_t *frame)
{
    const side_t *side = track_side_of(track, frame->sender);
    bool opened = side->opened || (track_is_opened(track) && track_time(track, TIME_LOGIN)->begun == 0);
    return frame->units.brought || (opened && !side->skipped);
}

/* In TLS 1.3 alerts and tickets look like data. A part of a message is waited for with what it is a part of, but an
 * alert may come in the middle of one. */
static bool holds_nothing_for_us(const track_t *track, const frame_t *frame, guint32 length)
{
    bool alone = !track_side_of(track, frame->sender)->partial_inside;
    return track->login->tls->version == TLS_VERSION_1_3 && track->login->hidden->overhead.known &&
           !frame->units.brought && (alone || is_hidden_alert(track, length));
}

/* TLS decrypts the other side, but not this record: it counts as cut by the snap length. */
static void miss_message(const pdu_t *s)
{
    tcp_trouble(track_tcp(s->track, s->frame.sender))->cut = track_place(s->track, s->frame.number);
    sessions_cut(s->track, s->frame.sender);
    connection_miss(&s->track->connection, s->frame.sender);
    if (s->frame.sender == SENDER_CLIENT && connection_is_past_login(&s->track->connection)) {
        s->track->channel.exchange = 0; /* a request that was not read */
    }
}

void units_read_encrypted(track_t *track, const frame_t *frame, guint32 length, bool tried)
{
    note_opening(track_side(track, frame->sender), frame->units.brought, tried);
    bool opened = is_part_of_opened(track, frame);
    if (opened && !holds_nothing_for_us(track, frame, length)) {
        return;
    }
    pdu_t s;
    guint32 first = pdu_begin(&s, track, frame);
    if (opened) {
        read_opened_record(&s, length);
    } else {
        read_encrypted(&s, length);
        if (track_is_opened(track) && !is_hidden_alert(track, length)) {
            miss_message(&s);
        }
    }
    track_unit_end(track, first, &s.frame);
}

bool units_await_certificate(const track_t *track, packet_info *pinfo)
{
    ASSERT_FIRST_PASS(pinfo);
    return track->login->tls->version == TLS_VERSION_1_3 && !track->login->tls->certificate_seen &&
           track_time(track, TIME_LOGIN)->begun == 0 && track_sender(track, pinfo) == SENDER_SERVER;
}

void units_read_opened_handshake(track_t *track, packet_info *pinfo, span_t content)
{
    ASSERT_FIRST_PASS(pinfo);
    pdu_t s = {.track = track, .frame = track_frame(track, pinfo)};
    read_opened_handshake(&s, content);
}

/* Where the next SMP packet of this side begins is not known any more. */
static void fall_out_of_step(track_t *track, sender_t sender)
{
    if (track_smp(track, sender)[false].in_step || track_smp(track, sender)[true].in_step) {
        track_smp_side(track, sender, false)->in_step = track_smp_side(track, sender, true)->in_step = false;
    }
}

void units_lose_place(track_t *track, sender_t sender)
{
    track_unit_lost(track, sender);
    channel_forget_message(&track->channel, sender);
    assembly_clear(&tls_side_of(track, sender)->records);
    fall_out_of_step(track, sender);
}

void units_note_hole(track_t *track, const frame_t *frame, sender_t sender)
{
    track_note_gap(track, sender, frame->number);
    units_lose_place(track, sender);
    sessions_gap(track, sender);
}

/* What Wireshark's analysis says of a frame as the capture has it may be known better: what is acknowledged came behind
 * a hole and is in the capture, or stands in it behind its acknowledgement. */
static bool acknowledges_more(const track_t *track, const tcp_sight_t *sight)
{
    const tcp_side_t *peer = track_side_of(track, sender_other(sight->frame.sender))->tcp;
    return (gint32)(sight->ack - peer->next_seq) > 0;
}

/* Wireshark says it of the first of two such frames alone. */
static bool acknowledges_unseen(const track_t *track, const tcp_sight_t *sight)
{
    const tcp_side_t *peer = track_side_of(track, sender_other(sight->frame.sender))->tcp;
    if ((sight->analysis & TCP_FLAG_ACK_LOST_PACKET) != 0) {
        return acknowledges_more(track, sight);
    }
    const tcp_trouble_t *trouble = peer->trouble;
    bool beyond = trouble->has_missed && (gint32)(trouble->missed - peer->next_seq) > 0;
    guint32 known = beyond ? trouble->missed : peer->next_seq;
    gint32 ahead = (gint32)(sight->ack - known);
    bool says_more = sight->has_payload || (sight->flags & TCP_FIN) != 0; /* a bare ACK may be before what it is of */
    return says_more && peer->has_seq && (sight->flags & (TCP_ACK | TCP_RST)) == TCP_ACK && ahead > 0 &&
           ahead < ACK_FAR;
}

/* What the other side sent, and nobody saw. */
static void note_unseen(track_t *track, const tcp_sight_t *sight)
{
    tcp_trouble_t *trouble = tcp_trouble(track_tcp(track, sender_other(sight->frame.sender)));
    trouble->missed = sight->ack;
    trouble->has_missed = true;
    units_note_hole(track, &sight->frame, sender_other(sight->frame.sender));
}

static bool begins_further(const track_t *track, const tcp_sight_t *sight)
{
    const tcp_side_t *own = track_side_of(track, sight->frame.sender)->tcp;
    return !own->has_seq || (gint32)(sight->seq - own->next_seq) > 0;
}

bool units_are_again(const track_t *track, const tcp_sight_t *sight)
{
    return sight->analysis != 0 && watch_is_again(track, sight->frame.sender, sight->seq, sight->payload);
}

/* In sessions what comes late is not read in its order. */
static void note_out_of_order(track_t *track, const tcp_sight_t *sight)
{
    const tcp_side_t *own = track_side_of(track, sight->frame.sender)->tcp;
    if (sight->has_payload && own->has_seq && (gint32)(sight->seq - own->next_seq) < 0 &&
        !watch_is_again(track, sight->frame.sender, sight->seq, sight->payload)) {
        sessions_cut(track, sight->frame.sender);
    }
}

void units_note_gaps(track_t *track, const tcp_sight_t *sight)
{
    if (sight->frame.sender == SENDER_UNKNOWN || watch_is_of_older(track, sight)) {
        return;
    }
    note_out_of_order(track, sight);
    if (track->gaps_noted == sight->frame.number) {
        return;
    }
    bool told = (sight->analysis & (TCP_FLAG_LOST_PACKET | TCP_FLAG_ACK_LOST_PACKET)) != 0;
    bool unseen = acknowledges_unseen(track, sight);
    if (!told && !unseen) {
        return;
    }
    track->gaps_noted = sight->frame.number;
    bool first = (sight->flags & TCP_SYN) != 0; /* before it there is nothing */
    if ((sight->analysis & TCP_FLAG_LOST_PACKET) != 0 && !first && begins_further(track, sight)) {
        units_note_hole(track, &sight->frame, sight->frame.sender);
    }
    if (unseen) {
        note_unseen(track, sight);
    }
    judge_message(track, &sight->frame, MESSAGE_NONE, &track->connection);
}

/* Whether a frame has no entries. */
static bool is_unnoted(const track_t *track, guint32 frame)
{
    const annotation_t *annotation = track_annotation(track, frame);
    return annotation == NULL || annotation->entry_count == 0;
}

/* Whether a segment that TCP calls sent before goes on behind what was sent, and TCP kept all of it back. */
static bool is_kept_back(const track_t *track, const tcp_sight_t *sight)
{
    const tcp_side_t *side = track_side_of(track, sight->frame.sender)->tcp;
    bool begins_before = side->has_seq && (gint32)(sight->seq - side->next_seq) < 0;
    bool ends_behind = (gint32)(sight->seq + sight->length - side->next_seq) > 0;
    return begins_before && ends_behind && is_unnoted(track, sight->frame.number);
}

void units_note_late(track_t *track, const tcp_sight_t *sight)
{
    const guint16 late_flags = TCP_FLAGS_ANY_RETRANSMISSION | TCP_FLAG_OUT_OF_ORDER;
    bool late = sight->has_payload && (sight->analysis & late_flags) != 0 && sight->frame.sender != SENDER_UNKNOWN;
    if (late && is_kept_back(track, sight)) {
        units_note_hole(track, &sight->frame, sight->frame.sender);
        judge_message(track, &sight->frame, MESSAGE_NONE, &track->connection);
    } else if (late) {
        note_out_of_order(track, sight);
    }
}

void units_note_cut(track_t *track, const frame_t *frame)
{
    if (frame->sender != SENDER_UNKNOWN) {
        tcp_trouble(track_tcp(track, frame->sender))->cut = track_place(track, frame->number);
        sessions_cut(track, frame->sender);
        if (is_unnoted(track, frame->number)) {
            connection_miss(&track->connection, frame->sender);
        }
    }
}
