/* show.c - shows a unit by Wireshark's own dissectors, or by a repair where they would show it wrongly.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "show/show.h"

#include <epan/exceptions.h>

#include "compat.h"
#include "core/dialect.h"
#include "core/tlshello.h"
#include "core/tokens.h"
#include "memory/evidence.h"
#include "memory/sessions.h"
#include "show/export.h"
#include "show/taps.h"
#include "show/wanted.h"
#include "wire/protocol.h"
#include "wire/spans.h"

static gint ett_tdsconn_wrapped = -1;

#define RESPONSE_INFO "Response"

enum { SSPI_TOKEN_HEADER = 3 }; /* bytes of a token before its content */

static dissector_handle_t tds_handle, tls_handle, ntlmssp_handle, gssapi_handle;

/* Preference: keep the responses of MARS sessions apart in Wireshark's own display. */
static ws_bool separate_sessions = true;

/* Whether that token stands where a repair says. */
static bool has_sspi_token(tvbuff_t *tvb, const repair_t *repair)
{
    span_t token = span_of_tvb(tvb, (gint)repair->sspi_at - SSPI_TOKEN_HEADER, SSPI_TOKEN_HEADER);
    reader_t r = reader_of(token);
    guint8 type = read_u8(&r);
    guint16 length = read_u16le(&r);
    return r.ok && type == TOKEN_SSPI && length == repair->sspi_length;
}

/* What TLS decrypts begins at offset 0 each time: the place alone does not name a packet. */
static bool is_repair_of(const repair_t *repair, tvbuff_t *tvb)
{
    return repair->unit == (guint32)tvb_raw_offset(tvb) && (repair->sspi_length == 0 || has_sspi_token(tvb, repair));
}

static const repair_t *repair_for(const track_t *track, guint32 frame, tvbuff_t *tvb)
{
    guint32 i = frames_from(&track->seldom->repairs, frame);
    const repair_t *repair;
    while ((repair = (const repair_t *)frames_at(&track->seldom->repairs, i++, frame)) != NULL &&
           !is_repair_of(repair, tvb)) {
    }
    return repair;
}

/* The header as Wireshark's TDS dissector shows it: that dissector itself would take the rest for something else. */
static void show_tds_header(tvbuff_t *tvb, proto_tree *tree)
{
    static const struct {
        const char *field;
        gint offset, length;
    } fields[] = {
        {"tds.type", 0, 1},
        {"tds.status", 1, 1},
        {"tds.status.eom", 1, 1},
        {"tds.status.ignore", 1, 1},
        {"tds.status.event_notif", 1, 1},
        {"tds.status.reset_conn", 1, 1},
        {"tds.status.reset_conn_skip_tran", 1, 1},
        {"tds.length", 2, 2},
        {"tds.channel", 4, 2},
        {"tds.packet_number", 6, 1},
        {"tds.window", 7, 1},
    };
    proto_item *item = proto_tree_add_item(tree, proto_get_id_by_filter_name("tds"), tvb, 0, TDS_HEADER_LENGTH, ENC_NA);
    proto_tree *header = proto_item_add_subtree(item, ett_tdsconn_wrapped);
    for (gsize i = 0; i < G_N_ELEMENTS(fields); i++) {
        int hf = proto_registrar_get_id_byname(fields[i].field);
        if (hf >= 0) {
            proto_tree_add_item(header, hf, tvb, fields[i].offset, fields[i].length, ENC_BIG_ENDIAN);
        }
    }
}

/* The rest goes to TLS with what came before it. */
static void show_wrapped_tls(const repair_t *repair, tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree)
{
    if (repair->length == 0) {
        col_set_str(pinfo->cinfo, COL_PROTOCOL, "TDS");
        col_set_str(pinfo->cinfo, COL_INFO, "TLS handshake, goes on in the next packet");
        return;
    }
    tvbuff_t *records = tvb_new_child_real_data(tvb, repair->tls, repair->length, (gint)repair->length);
    add_new_data_source(pinfo, records, "TLS from TDS packets");
    call_dissector(tls_handle, records, pinfo, tree);
}

/* The tokens of a response but one, as a response of their own. */
static void show_other_tokens(const repair_t *repair, tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree)
{
    guint start = repair->sspi_at - SSPI_TOKEN_HEADER;
    guint end = repair->sspi_at + repair->sspi_length;
    guint captured = tvb_captured_length(tvb);
    if (end > captured || captured - (end - start) <= TDS_HEADER_LENGTH) {
        return;
    }
    guint length = captured - (end - start);
    guint8 *bytes = (guint8 *)wmem_alloc(pinfo->pool, length);
    tvb_memcpy(tvb, bytes, 0, start);
    tvb_memcpy(tvb, bytes + start, (gint)end, captured - end);
    bytes[2] = (guint8)(length >> 8);
    bytes[3] = (guint8)length;
    tvbuff_t *others = tvb_new_child_real_data(tvb, bytes, length, (gint)length);
    add_new_data_source(pinfo, others, "TDS response without SSPI");
    call_dissector(tds_handle, others, pinfo, tree);
}

static void show_sspi_token(const repair_t *repair, tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree)
{
    static const guint8 ntlmssp[] = {'N', 'T', 'L', 'M', 'S', 'S', 'P', 0};
    tvbuff_t *token = tvb_new_subset_length(tvb, (gint)repair->sspi_at, (gint)repair->sspi_length);
    bool raw_ntlm = tvb_captured_length(token) >= sizeof ntlmssp && tvb_memeql(token, 0, ntlmssp, sizeof ntlmssp) == 0;
    col_set_str(pinfo->cinfo, COL_PROTOCOL, "TDS");
    col_set_str(pinfo->cinfo, COL_INFO, "Response");
    call_dissector(raw_ntlm ? ntlmssp_handle : gssapi_handle, token, pinfo, tree);
    col_set_fence(pinfo->cinfo, COL_INFO);
    show_other_tokens(repair, tvb, pinfo, tree);
}

/* MARS sessions share addresses, ports and SPID, by which Wireshark's TDS dissector joins packets: their responses
 * mix. Ports that no packet has keep them apart while it works. What is a message by itself needs no joining. */
static void show_session(const track_t *track, tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree)
{
    guint32 source = pinfo->srcport;
    guint32 destination = pinfo->destport;
    guint32 session = (tvb_get_letohs(tvb, 2) + 1u) << 16;
    if (separate_sessions && session_is_part(track, pinfo)) {
        pinfo->srcport |= session;
        pinfo->destport |= session;
    }
    TRY
    {
        call_dissector(tds_handle, tvb, pinfo, tree);
    }
    FINALLY
    {
        pinfo->srcport = source;
        pinfo->destport = destination;
    }
    ENDTRY;
}

/* Where in a unit a TDS packet begins that is all the rest of it; nowhere (false) if none does. */
static bool is_one_packet(const unit_t *unit, span_t bytes, size_t *at)
{
    tds_header_t header;
    smp_header_t smp;
    *at = unit->kind == UNIT_SMP ? SMP_HEADER_LENGTH : 0;
    bool data = unit->kind == UNIT_TDS || (smp_header_parse(bytes, &smp) && smp.flags == SMP_DATA);
    return data && !bytes.cut && tds_header_parse(span_from(bytes, *at), &header) &&
           header.length == bytes.length - *at && unit->length == bytes.length;
}

/* Whether a frame comes after the login. Where somebody may look later, the login's response must be read: it tells
 * Wireshark the version. */
static bool is_past_login(const track_t *track, const packet_info *pinfo)
{
    bool login = number_of(pinfo) <= track->login->confirm_frame || !connection_is_past_login(&track->connection);
    bool old = track_has_evidence(track, EVIDENCE_OLD_LOGIN); /* then it keeps cursors for later responses */
    return !login && !old;
}

static bool ends_response(span_t packet)
{
    return packet.at[0] == TDS_RESPONSE && (packet.at[1] & TDS_EOM) != 0;
}

/* How Wireshark's TDS dissector calls packets, by their types. */
static const struct {
    const char *name;
    const char *goes_on; /* one that goes on in the next, of a message that may be long; NULL if it is short */
    bool read_whole;     /* it is read where it is all of its message */
} packets[] = {
    [TDS_SQL_BATCH] = {"SQL batch", "SQL batch (Not last buffer)", false},
    [TDS_RESPONSE] = {RESPONSE_INFO, RESPONSE_INFO " (Not last buffer)", false},
    [TDS_BULK_LOAD] = {"Bulk load data", "Bulk load data (Not last buffer)", true},
    [TDS_LOGIN7] = {"TDS7 login", NULL, false},
    [TDS_PRELOGIN] = {"TDS7 pre-login message", NULL, false},
};

/* The name of a packet of a message of several, if it is one of the long messages, else NULL. */
static const char *name_in_message(span_t packet)
{
    guint8 type = packet.at[0];
    if (type >= G_N_ELEMENTS(packets) || packets[type].goes_on == NULL || !wanted_joined()) {
        return NULL;
    }
    if (packet.at[1] == 0) {
        return packets[type].goes_on;
    }
    bool last = packet.at[1] == TDS_EOM && packet.at[6] > 1;
    return last ? packets[type].name : NULL;
}

/* Whether Wireshark's TDS dissector may find more in this content than the type of its packet says: TLS or Windows
 * authentication, which have dissectors of their own, or what it calls malformed. It calls some logins malformed that
 * are not, as it takes their features for Windows authentication. Of a login's messages it keeps the version, for later
 * tokens of Windows authentication: a login that begins in clear and without one has none. */
static bool may_hold_more(const track_t *track, guint8 type, span_t content)
{
    tls_record_t record;
    if (type == TDS_SQL_BATCH) {
        return !request_has_headers(content);
    }
    auth_evidence_t evidence = track_evidence(track);
    return track->client.encrypt != ENCRYPT_NOT_SUP || auth_saw_token(&evidence) || tls_record_parse(content, &record);
}

/* The name of a packet that is a whole message, and one that nothing else depends on; NULL if it may be anything else.
 */
static const char *name_of_whole(const track_t *track, span_t packet)
{
    guint8 type = packet.at[0];
    bool whole = (packet.at[1] & TDS_EOM) != 0 && packet.at[6] <= 1;
    bool old = track_has_evidence(track, EVIDENCE_OLD_LOGIN); /* of which it keeps cursors */
    if (!whole || old || type >= G_N_ELEMENTS(packets) || packets[type].read_whole) {
        return NULL;
    }
    return may_hold_more(track, type, span_from(packet, TDS_HEADER_LENGTH)) ? NULL : packets[type].name;
}

/* The name of a packet that Wireshark's TDS dissector need not read where nobody looks; NULL if it must. */
static const char *name_of_unread(const track_t *track, const packet_info *pinfo, span_t packet)
{
    bool past_login = is_past_login(track, pinfo);
    if (past_login && ends_response(packet)) {
        return RESPONSE_INFO;
    }
    const char *whole = name_of_whole(track, packet);
    return whole == NULL && past_login ? name_in_message(packet) : whole;
}

/* The columns of a packet. */
static void write_info(const packet_info *pinfo, const char *info)
{
    col_clear(pinfo->cinfo, COL_INFO);
    col_append_sep_str(pinfo->cinfo, COL_INFO, ",", info);
    col_set_fence(pinfo->cinfo, COL_INFO);
}

static void show_packet(const track_t *track, const unit_t *unit, tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree)
{
    if (unit->kind == UNIT_SMP) {
        show_session(track, tvb, pinfo, tree);
    } else {
        call_dissector(tds_handle, tvb, pinfo, tree);
    }
}

/* As an ATTENTION, which has no content: Wireshark's TDS dissector puts it behind the packets before it, and does not
 * look into what they hold together. The columns are those of the response. */
static void show_closed(const track_t *track, const unit_t *unit, tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree,
                        size_t at)
{
    guint length = tvb_captured_length(tvb);
    guint8 *bytes = (guint8 *)tvb_memdup(pinfo->pool, tvb, 0, length);
    bytes[at] = TDS_ATTENTION;
    bool told = col_get_writable(pinfo->cinfo, COL_INFO);
    if (told) {
        col_set_writable(pinfo->cinfo, COL_INFO, false);
    }
    TRY
    {
        show_packet(track, unit, tvb_new_child_real_data(tvb, bytes, length, (gint)length), pinfo, tree);
    }
    FINALLY
    {
        if (told) {
            col_set_writable(pinfo->cinfo, COL_INFO, true);
        }
    }
    ENDTRY;
    write_info(pinfo, RESPONSE_INFO);
}

/* As the TDS dissector would, without it: what it keeps of the packet is for visits that will not come. */
static void show_columns(const track_t *track, const unit_t *unit, packet_info *pinfo, const char *info)
{
    if (unit->kind == UNIT_SMP && separate_sessions) {
        session_is_part(track, pinfo); /* asked for each in order */
    }
    col_set_str(pinfo->cinfo, COL_PROTOCOL, "TDS");
    write_info(pinfo, info);
}

/* Shows a packet whose content is not needed. False if it must be shown as any other. */
static bool show_unwanted(const track_t *track, const unit_t *unit, tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree)
{
    size_t at;
    span_t bytes = span_of_whole(tvb);
    if (wanted_in(pinfo, tree) || !is_one_packet(unit, bytes, &at)) {
        return false;
    }
    span_t packet = span_from(bytes, at);
    const char *name = wanted_nowhere(pinfo, tree) ? name_of_unread(track, pinfo, packet) : NULL;
    if (name != NULL) {
        show_columns(track, unit, pinfo, name);
    } else if (ends_response(packet) && is_past_login(track, pinfo)) {
        show_closed(track, unit, tvb, pinfo, tree, at);
    } else {
        return false;
    }
    return true;
}

static void show_wanted(const track_t *track, const unit_t *unit, tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree)
{
    if (!show_unwanted(track, unit, tvb, pinfo, tree)) {
        show_packet(track, unit, tvb, pinfo, tree);
    }
}

/* Wireshark's own dissector for a unit, as it would have been called without us; for records that it does not take
 * from a stream of TDS, TLS itself. */
void show_unit(const track_t *track, const unit_t *unit, tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree)
{
    export_unit(track, unit, tvb, pinfo);
    bool repaired = unit->kind == UNIT_TDS && track != NULL && track->seldom->repairs.count > 0;
    const repair_t *repair = repaired ? repair_for(track, number_of(pinfo), tvb) : NULL;
    if (repair != NULL) {
        show_tds_header(tvb, tree);
        (repair->sspi_length > 0 ? show_sspi_token : show_wrapped_tls)(repair, tvb, pinfo, tree);
        return;
    }
    switch (unit->kind) {
    case UNIT_TLS:
        call_dissector(tls_handle, tvb, pinfo, tree);
        break;
    case UNIT_SMP:
        taps_add_packet(pinfo, track, tvb);
        show_wanted(track, unit, tvb, pinfo, tree);
        break;
    case UNIT_TDS:
        show_wanted(track, unit, tvb, pinfo, tree);
        break;
    case UNIT_STRAY:
    case UNIT_PROXY: /* Wireshark's dissector of it takes the rest of the connection, too */
    case UNIT_NONE:
        call_data_dissector(tvb, pinfo, tree);
        break;
    }
}

void show_register(module_t *preferences)
{
    static gint *ett[] = {&ett_tdsconn_wrapped};
    proto_register_subtree_array(ett, array_length(ett));
    prefs_register_bool_preference(
        preferences, "separate_sessions", "Keep the responses of MARS sessions apart",
        "Wireshark's TDS dissector joins the packets of a response per MARS session. If off, it mixes the responses of "
        "parallel sessions.",
        &separate_sessions);
    wanted_register(preferences);
    export_register(proto_tdsconn);
}

void show_handoff(void)
{
    tds_handle = find_dissector_add_dependency("tds", proto_tdsconn);
    tls_handle = find_dissector_add_dependency("tls", proto_tdsconn);
    ntlmssp_handle = find_dissector_add_dependency("ntlmssp", proto_tdsconn);
    gssapi_handle = find_dissector_add_dependency("gssapi", proto_tdsconn);
    wanted_handoff();
}
