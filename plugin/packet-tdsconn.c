/* packet-tdsconn.c
 * Where every frame of a SQL Server connection stands: login step, authentication, MARS session
 *
 * Copyright 2026, the tdsconn authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * References: MS-TDS, MC-SMP; the fields and their values are listed in docs/fields.md.
 */
#include "packet-tdsconn.h"
#include "observe.h"

#include <epan/expert.h>
#include <epan/packet.h>
#include <epan/to_str.h>

#include "compat.h"
#include "core/characters.h"
#include "judge/tell.h"
#include "memory/annotations.h"
#include "memory/capture.h"
#include "memory/evidence.h"
#include "memory/facts.h"
#include "memory/findings.h"
#include "memory/procedures.h"
#include "memory/progress.h"
#include "memory/sessions.h"
#include "memory/times.h"
#include "memory/turns.h"
#include "menus/menus.h"
#include "show/describe.h"
#include "show/expert.h"
#include "show/show.h"
#include "show/taps.h"
#include "stats/outcome.h"
#include "stats/statistics.h"
#include "stream/pipe.h"
#include "stream/stream.h"
#include "wire/icmp.h"
#include "wire/names.h"
#include "wire/protocol.h"
#include "wire/tcpfacts.h"
#include "wire/text.h"

int proto_tdsconn = -1;

static dissector_handle_t tdsconn_handle;

static int hf_tdsconn_stream = -1;
static int hf_tdsconn_transport = -1;
static int hf_tdsconn_sender = -1;
static int hf_tdsconn_step = -1;
static int hf_tdsconn_step_label = -1;
static int hf_tdsconn_message = -1;
static int hf_tdsconn_state = -1;
static int hf_tdsconn_auth = -1;
static int hf_tdsconn_auth_basis = -1;
static int hf_tdsconn_auth_why = -1;
static int hf_tdsconn_auth_label = -1;
static int hf_tdsconn_encryption = -1;
static int hf_tdsconn_version = -1;
static int hf_tdsconn_mars = -1;
static int hf_tdsconn_description = -1;
static int hf_tdsconn_progress = -1;
static int hf_tdsconn_spid = -1;
static int hf_tdsconn_client_address = -1;
static int hf_tdsconn_client_port = -1;
static int hf_tdsconn_server_address = -1;
static int hf_tdsconn_server_port = -1;
static int hf_tdsconn_error_number = -1;
static int hf_tdsconn_error_state = -1;
static int hf_tdsconn_error_class = -1;
static int hf_tdsconn_error_message = -1;
static int hf_tdsconn_error_server = -1;
static int hf_tdsconn_error_line = -1;
static int hf_tdsconn_rpc = -1;
static int hf_tdsconn_request_in = -1;
static int hf_tdsconn_response_in = -1;
static int hf_tdsconn_response_time = -1;
static int hf_tdsconn_attention_in = -1;
static int hf_tdsconn_attention_ack_in = -1;
static int hf_tdsconn_attention_time = -1;
static int hf_tdsconn_turn_owes = -1;
static int hf_tdsconn_turn_awaited = -1;
static int hf_tdsconn_wait_time = -1;
static int hf_tdsconn_wait_sendings = -1;
static int hf_tdsconn_request_spread = -1;
static int hf_tdsconn_service_time = -1;
static int hf_tdsconn_response_spread = -1;
static int hf_tdsconn_close = -1;
static int hf_tdsconn_login_frame = -1;
static int hf_tdsconn_login_start_frame = -1;
static int hf_tdsconn_failure = -1;
static int hf_tdsconn_failure_diagnosis = -1;
static int hf_tdsconn_failure_error = -1;
static int hf_tdsconn_failure_text = -1;
static int hf_tdsconn_failure_frame = -1;
static int hf_tdsconn_failure_owes = -1;
static int hf_tdsconn_failure_wait = -1;
static int hf_tdsconn_failure_network = -1;
static int hf_tdsconn_summary = -1;
static int hf_tdsconn_last = -1;
static int hf_tdsconn_session = -1;
static int hf_tdsconn_mars_sid = -1;
static int hf_tdsconn_mars_event = -1;
static int hf_tdsconn_mars_state = -1;
static int hf_tdsconn_mars_state_client = -1;
static int hf_tdsconn_mars_state_server = -1;
static int hf_tdsconn_mars_label = -1;
static int hf_tdsconn_mars_brief = -1;
static int hf_tdsconn_mars_open = -1;
static int hf_tdsconn_mars_credit = -1;
static int hf_tdsconn_mars_stall = -1;
static int hf_tdsconn_mars_generation = -1;

static int hf_tdsconn_time[TIME_COUNT];
static int hf_tdsconn_fact[FACT_COUNT];

static gint ett_tdsconn = -1;
static gint ett_tdsconn_mars = -1;

/* Showing: a field of ours that nobody asks for is not built. {{{ */

static void show(proto_item *item)
{
    proto_item_set_generated(item);
}

static void show_uint(proto_tree *tree, tvbuff_t *tvb, int hf, guint32 value)
{
    if (proto_field_is_referenced(tree, hf)) {
        show(proto_tree_add_uint(tree, hf, tvb, 0, 0, value));
    }
}

static void show_string(proto_tree *tree, tvbuff_t *tvb, int hf, const char *string)
{
    if (string != NULL && proto_field_is_referenced(tree, hf)) {
        show(proto_tree_add_string(tree, hf, tvb, 0, 0, string));
    }
}

static void show_frame(proto_tree *tree, tvbuff_t *tvb, int hf, guint32 frame)
{
    guint32 shown = proto_field_is_referenced(tree, hf) ? number_shown(frame) : 0;
    if (shown != 0) {
        show_uint(tree, tvb, hf, shown);
    }
}

/* Adds no field if the value is not known. */
static void show_duration(proto_tree *tree, tvbuff_t *tvb, int hf, moment_t duration)
{
    if (duration == MOMENT_NONE || !proto_field_is_referenced(tree, hf)) {
        return;
    }
    nstime_t time = moment_duration(duration);
    show(proto_tree_add_time(tree, hf, tvb, 0, 0, &time));
}

static void show_guid(proto_tree *tree, tvbuff_t *tvb, int hf, const guint8 *bytes)
{
    e_guid_t guid;
    guid.data1 = (guint32)bytes[3] << 24 | (guint32)(bytes[2] << 16 | bytes[1] << 8 | bytes[0]);
    guid.data2 = (guint16)(bytes[5] << 8 | bytes[4]);
    guid.data3 = (guint16)(bytes[7] << 8 | bytes[6]);
    memcpy(guid.data4, bytes + 8, sizeof guid.data4);
    show(proto_tree_add_guid(tree, hf, tvb, 0, 0, &guid));
}

/* Whether a frame shows all facts of the connection: where the login was decided, and the last frame. */
static bool is_final_frame(const track_t *track, const annotation_t *annotation, const packet_info *pinfo)
{
    return annotation->frame == track->login->confirm_frame || track_is_last(track, pinfo);
}

static void show_list(proto_tree *tree, tvbuff_t *tvb, int hf, const char *list)
{
    char **values = g_strsplit(list, FACT_LIST_BETWEEN, -1);
    for (char **value = values; *value != NULL; value++) {
        show_string(tree, tvb, hf, *value);
    }
    g_strfreev(values);
}

static void show_date(proto_tree *tree, tvbuff_t *tvb, int hf, gint64 seconds)
{
    nstime_t time = NSTIME_INIT_SECS_NSECS((time_t)seconds, 0);
    show(proto_tree_add_time(tree, hf, tvb, 0, 0, &time));
}

static void show_fact(proto_tree *tree, tvbuff_t *tvb, fact_id_t id, const fact_t *fact)
{
    enum { STRING, NUMBER, BYTE, GUID, FRAME, FLAG, LIST, TIME };
    static const guint8 kinds[FACT_COUNT] = {
#define FACT(tag, filter, type, name, blurb) [FACT_##tag] = type,
#include "memory/facts.def"
    };
    switch (kinds[id]) {
    case STRING:
        show_string(tree, tvb, hf_tdsconn_fact[id], fact->value.string);
        break;
    case LIST:
        show_list(tree, tvb, hf_tdsconn_fact[id], fact->value.string);
        break;
    case TIME:
        show_date(tree, tvb, hf_tdsconn_fact[id], fact->value.time);
        break;
    case FRAME:
        show_frame(tree, tvb, hf_tdsconn_fact[id], fact->value.number);
        break;
    case FLAG:
        show(proto_tree_add_boolean(tree, hf_tdsconn_fact[id], tvb, 0, 0, fact->value.number));
        break;
    case GUID:
        show_guid(tree, tvb, hf_tdsconn_fact[id], fact->value.guid);
        break;
    default:
        show_uint(tree, tvb, hf_tdsconn_fact[id], fact->value.number);
        break;
    }
}

/* Those that this frame shows, or all. */
static void show_facts(proto_tree *tree, tvbuff_t *tvb, guint32 frame, bool all, const track_t *track)
{
    if (!all && frame > track->login->facts_until) {
        return;
    }
    for (guint i = 0; i < FACT_COUNT; i++) {
        fact_t fact = track_fact(track, (fact_id_t)i);
        if (fact.frame != 0 && (all || fact.frame == frame)) {
            show_fact(tree, tvb, (fact_id_t)i, &fact);
        }
    }
}

static void show_times(proto_tree *tree, tvbuff_t *tvb, guint32 frame, bool all, const track_t *track)
{
    for (guint i = 0; i < TIME_COUNT; i++) {
        const kept_step_t *time = track_time(track, (step_time_id_t)i);
        if (time->frame != 0 && (all || time->frame == frame)) {
            show_duration(tree, tvb, hf_tdsconn_time[i], track_took(track, (step_time_id_t)i));
        }
    }
}

static void show_errors(proto_tree *tree, tvbuff_t *tvb, guint32 frame, const track_t *track)
{
    guint i = frames_from(&track->seldom->errors, frame);
    const error_record_t *error;
    while ((error = (const error_record_t *)frames_at(&track->seldom->errors, i++, frame)) != NULL) {
        show_uint(tree, tvb, hf_tdsconn_error_number, error->number);
        show_uint(tree, tvb, hf_tdsconn_error_state, error->state);
        show_uint(tree, tvb, hf_tdsconn_error_class, error->class_);
        show_string(tree, tvb, hf_tdsconn_error_message, error->message);
        show_string(tree, tvb, hf_tdsconn_error_server, error->server);
        if (error->has_line) {
            show_uint(tree, tvb, hf_tdsconn_error_line, error->line);
        }
    }
}

/* The session's state in the words of a narrow column. */
static const char *session_in_column(guint state)
{
    if (state == SESSION_FIN_BY_CLIENT) {
        return "FIN by client";
    }
    return state == SESSION_FIN_BY_SERVER ? "FIN by server" : name_of(state, session_names);
}

/* SID and state in one text, made only if the field is asked for. */
static void show_session(proto_tree *tree, tvbuff_t *tvb, const packet_info *pinfo, int hf, guint sid,
                         const char *state)
{
    if (proto_field_is_referenced(tree, hf)) {
        show_string(tree, tvb, hf, wmem_strdup_printf(pinfo->pool, "%u %s", sid, state));
    }
}

static void show_smp(proto_tree *tree, tvbuff_t *tvb, packet_info *pinfo, const smp_entry_t *smp)
{
    proto_item *item;
    proto_tree *group = proto_tree_add_subtree_format(tree, tvb, 0, 0, ett_tdsconn_mars, &item, "MARS session %u %s",
                                                      smp->header.sid, name_of(smp->state, session_names));
    show(item);
    show_uint(group, tvb, hf_tdsconn_session, smp->session);
    show_uint(group, tvb, hf_tdsconn_mars_sid, smp->header.sid);
    show_uint(group, tvb, hf_tdsconn_mars_event, smp->header.flags);
    show_uint(group, tvb, hf_tdsconn_mars_state, smp->state);
    show_string(group, tvb, hf_tdsconn_mars_state_client, mars_role_state((session_state_t)smp->state, SENDER_CLIENT));
    show_string(group, tvb, hf_tdsconn_mars_state_server, mars_role_state((session_state_t)smp->state, SENDER_SERVER));
    show_session(group, tvb, pinfo, hf_tdsconn_mars_label, smp->header.sid, name_of(smp->state, session_names));
    show_session(group, tvb, pinfo, hf_tdsconn_mars_brief, smp->header.sid, session_in_column(smp->state));
    show_uint(group, tvb, hf_tdsconn_mars_open, smp->open);
    if (smp->has_credit) {
        show_uint(group, tvb, hf_tdsconn_mars_credit, smp->credit);
    }
    if (smp->stall > 0) {
        show_duration(group, tvb, hf_tdsconn_mars_stall, smp->stall);
    }
    show_uint(group, tvb, hf_tdsconn_mars_generation, smp->generation);
}

/* TRANSUM's parts of a response's time. */
static void show_parts(proto_tree *tree, tvbuff_t *tvb, const track_t *track, const exchange_t *exchange)
{
    if (exchange->command == MESSAGE_NONE || exchange->sendings == 0) {
        return; /* a message of the login, whose wait is shown elsewhere; or it is not known how the request was
                   delivered */
    }
    moment_t wait = track_response_time(track, exchange);
    moment_t responded = track_responded(track, exchange);
    bool known = wait != MOMENT_NONE;
    /* An acknowledgement alone is no response. */
    show_duration(tree, tvb, hf_tdsconn_wait_time,
                  track_is_only_cancelled(exchange) ? track_attention_time(track, exchange) : wait);
    show_duration(tree, tvb, hf_tdsconn_request_spread,
                  known ? moment_since(moment_kept(exchange->begun), moment_kept(exchange->arrived)) : MOMENT_NONE);
    show_duration(tree, tvb, hf_tdsconn_service_time,
                  known ? moment_since(moment_kept(exchange->arrived), responded) : MOMENT_NONE);
    show_duration(tree, tvb, hf_tdsconn_response_spread,
                  track_between(track, responded, moment_kept(exchange->response_ended)));
    show_uint(tree, tvb, hf_tdsconn_wait_sendings, exchange->sendings);
}

/* Links a request and its response, an ATTENTION and its acknowledgement. */
static void show_exchange(proto_tree *tree, tvbuff_t *tvb, guint32 frame, const track_t *track, const entry_t *entry,
                          const exchange_t *exchange)
{
    if (entry->message == MESSAGE_ATTENTION) {
        show_frame(tree, tvb, hf_tdsconn_attention_ack_in, exchange_cancel(exchange).acked.frame);
        return;
    }
    if (exchange->request_frame == frame) {
        show_string(tree, tvb, hf_tdsconn_rpc, procedure_name(exchange->procedure));
        show_frame(tree, tvb, hf_tdsconn_response_in, exchange->response_frame);
        return;
    }
    show_frame(tree, tvb, hf_tdsconn_request_in, exchange->request_frame);
    if (exchange->shown_frame == frame) {
        show_duration(tree, tvb, hf_tdsconn_response_time, track_response_time(track, exchange));
        show_parts(tree, tvb, track, exchange);
    }
    if (exchange_cancel(exchange).acked.frame == frame && entry->message == MESSAGE_ATTENTION_ACK) {
        show_frame(tree, tvb, hf_tdsconn_attention_in, exchange_cancel(exchange).sent.frame);
        show_duration(tree, tvb, hf_tdsconn_attention_time, track_attention_time(track, exchange));
    }
}

static void show_entries(proto_tree *tree, tvbuff_t *tvb, packet_info *pinfo, const track_t *track,
                         const annotation_t *annotation)
{
    guint32 shown = 0;
    for (guint32 i = 0; i < annotation->entry_count; i++) {
        const entry_t *entry = track_entry_of(track, annotation, i);
        if (entry->message != MESSAGE_NONE) {
            show_uint(tree, tvb, hf_tdsconn_message, entry->message);
        }
        if (entry->kind == ENTRY_SMP) {
            show_smp(tree, tvb, pinfo, track_smp_of(track, entry));
        }
        const exchange_t *exchange = track_exchange(track, entry->exchange);
        if (exchange != NULL && (entry->exchange != shown || entry->message == MESSAGE_ATTENTION_ACK)) {
            show_exchange(tree, tvb, annotation->frame, track, entry, exchange);
            shown = entry->exchange;
        }
    }
}

static void show_verdict(proto_tree *tree, tvbuff_t *tvb, packet_info *pinfo, const track_t *track)
{
    auth_verdict_t verdict = track_auth(track);
    show_uint(tree, tvb, hf_tdsconn_auth, verdict.auth);
    show_uint(tree, tvb, hf_tdsconn_auth_basis, verdict.basis);
    show_string(tree, tvb, hf_tdsconn_auth_label, describe_mechanism(verdict, pinfo->pool));
    if (proto_field_is_referenced(tree, hf_tdsconn_auth_why)) {
        show_string(tree, tvb, hf_tdsconn_auth_why, describe_auth(track, pinfo->pool));
    }
}

static void show_description(proto_tree *tree, tvbuff_t *tvb, packet_info *pinfo, const track_t *track,
                             const annotation_t *annotation)
{
    tcp_facts_t facts;
    if (!proto_field_is_referenced(tree, hf_tdsconn_description)) {
        return;
    }
    bool known = tcp_facts_read(tvb, pinfo, &facts);
    show_string(tree, tvb, hf_tdsconn_description, describe_frame(track, annotation, pinfo, known ? &facts : NULL));
}

static bool is_failure_asked(proto_tree *tree)
{
    const int fields[] = {hf_tdsconn_failure,      hf_tdsconn_failure_diagnosis, hf_tdsconn_failure_error,
                          hf_tdsconn_failure_text, hf_tdsconn_failure_frame,     hf_tdsconn_failure_owes,
                          hf_tdsconn_failure_wait, hf_tdsconn_failure_network};
    bool asked = false;
    for (gsize i = 0; i < G_N_ELEMENTS(fields); i++) {
        asked = asked || proto_field_is_referenced(tree, fields[i]);
    }
    return asked;
}

/* Why the connection failed, if it did. On its last frame. */
static void show_failure(proto_tree *tree, tvbuff_t *tvb, packet_info *pinfo, const track_t *track)
{
    failure_t failure;
    if (!is_failure_asked(tree) || !outcome_failed(track, &failure)) {
        return;
    }
    show_string(tree, tvb, hf_tdsconn_failure, failure.what);
    show_string(tree, tvb, hf_tdsconn_failure_diagnosis, failure.diagnosis);
    if (failure.error != NULL) {
        show_uint(tree, tvb, hf_tdsconn_failure_error, failure.error->number);
    }
    show_string(tree, tvb, hf_tdsconn_failure_text, text_shown(pinfo->pool, failure.text));
    show_frame(tree, tvb, hf_tdsconn_failure_frame, failure.frame);
    if (failure.waited) {
        show_uint(tree, tvb, hf_tdsconn_failure_owes, failure.wait.debt.owes);
        show_duration(tree, tvb, hf_tdsconn_failure_wait, failure.wait.time);
        show_duration(tree, tvb, hf_tdsconn_failure_network, failure.network);
    }
}

/* On a final frame. */
static void show_final(proto_tree *tree, tvbuff_t *tvb, packet_info *pinfo, const track_t *track)
{
    if (proto_field_is_referenced(tree, hf_tdsconn_summary)) {
        show_string(tree, tvb, hf_tdsconn_summary, describe_summary(track, !PINFO_FD_VISITED(pinfo), pinfo->pool));
    }
    if (track_is_last(track, pinfo)) {
        show_failure(tree, tvb, pinfo, track);
        show(proto_tree_add_boolean(tree, hf_tdsconn_last, tvb, 0, 0, true));
    }
}

/* Shows one end of the connection, the same in every frame: a frame's addresses depend on its direction. */
static void show_end(proto_tree *tree, tvbuff_t *tvb, packet_info *pinfo, int hf_address, int hf_port,
                     const address *host, guint16 port)
{
    if (host->type != AT_NONE && proto_field_is_referenced(tree, hf_address)) {
        show_string(tree, tvb, hf_address, address_to_str(pinfo->pool, host));
    }
    if (host->type != AT_NONE) {
        show_uint(tree, tvb, hf_port, port);
    }
}

static void show_ends(proto_tree *tree, tvbuff_t *tvb, packet_info *pinfo, const track_t *track)
{
    show_end(tree, tvb, pinfo, hf_tdsconn_client_address, hf_tdsconn_client_port, track->client.host,
             track->client.port);
    show_end(tree, tvb, pinfo, hf_tdsconn_server_address, hf_tdsconn_server_port, track->server.host,
             track->server.port);
}

static void show_connection(proto_tree *tree, tvbuff_t *tvb, packet_info *pinfo, const track_t *track, guint32 frame)
{
    show_uint(tree, tvb, hf_tdsconn_transport, track->seldom->pipe != NULL ? TRANSPORT_NAMED_PIPE : TRANSPORT_TCP);
    show_uint(tree, tvb, hf_tdsconn_state, track->connection.state);
    show_verdict(tree, tvb, pinfo, track);
    show_uint(tree, tvb, hf_tdsconn_encryption, track_encryption(track));
    show_string(tree, tvb, hf_tdsconn_version, track_version(track));
    show(proto_tree_add_boolean(tree, hf_tdsconn_mars, tvb, 0, 0, track->mars));
    if (proto_field_is_referenced(tree, hf_tdsconn_progress)) {
        show_string(tree, tvb, hf_tdsconn_progress, progress_text(track, pinfo->pool));
    }
    show_uint(tree, tvb, hf_tdsconn_close, track->connection.close);
    show_frame(tree, tvb, hf_tdsconn_login_start_frame, track->login->start_frame);
    show_frame(tree, tvb, hf_tdsconn_login_frame, track->login->confirm_frame);
    if (track->login->spid_frame != 0 && frame >= track->login->spid_frame) {
        show_uint(tree, tvb, hf_tdsconn_spid, track->login->spid);
    }
}

/* Whether somebody may read the words of the title: the tree is seen, or the protocol itself is asked for, not only
 * fields of it. */
static bool is_title_read(const proto_tree *parent)
{
    return PTREE_DATA(parent)->visible ||
           proto_registrar_get_nth((guint)proto_tdsconn)->ref_type > HF_REF_TYPE_INDIRECT;
}

/* The title of the protocol's tree. Findings are added to it. */
static proto_item *show_title(proto_tree *parent, tvbuff_t *tvb, const track_t *track, const annotation_t *annotation)
{
    if (!is_title_read(parent)) {
        return proto_tree_add_item(parent, proto_tdsconn, tvb, 0, 0, ENC_NA);
    }
    proto_item *title = proto_tree_add_protocol_format(
        parent, proto_tdsconn, tvb, 0, 0, "SQL Server Connection %u, %s, %s", track->number,
        name_of(track_step(track, annotation), step_names), name_of(track_auth(track).auth, auth_names));
    proto_item_set_generated(title);
    return title;
}

/* Shows which side has to send next after this frame, and the wait that ends in it. */
static void show_turn(proto_tree *tree, tvbuff_t *tvb, const packet_info *pinfo, const track_t *track,
                      const annotation_t *annotation)
{
    show_uint(tree, tvb, hf_tdsconn_turn_owes, annotation->owes);
    show_string(tree, tvb, hf_tdsconn_turn_awaited, awaited_text(annotation->awaited));
    wait_t wait;
    bool ends = turns_wait(track, annotation->frame, &wait);
    if (!ends && track_is_last(track, pinfo) && turns_last_wait(track, diagnoses_silence_of(track), &wait)) {
        ends = wait.frame == annotation->frame;
    }
    if (ends) {
        show_duration(tree, tvb, hf_tdsconn_wait_time, wait.time);
        show_uint(tree, tvb, hf_tdsconn_wait_sendings, wait.sendings);
        show_duration(tree, tvb, hf_tdsconn_request_spread, wait.request_spread);
        show_duration(tree, tvb, hf_tdsconn_service_time, wait.served ? wait.service_time : MOMENT_NONE);
    }
}

static void show_fields(proto_tree *tree, tvbuff_t *tvb, packet_info *pinfo, const track_t *track,
                        const annotation_t *annotation)
{
    bool final = is_final_frame(track, annotation, pinfo);
    show_uint(tree, tvb, hf_tdsconn_stream, track->number);
    sender_t sender = track_sender(track, pinfo);
    if (sender != SENDER_UNKNOWN) {
        show_uint(tree, tvb, hf_tdsconn_sender, sender);
    }
    show_uint(tree, tvb, hf_tdsconn_step, (guint32)track_step(track, annotation));
    show_string(tree, tvb, hf_tdsconn_step_label, describe_step(track, annotation));
    show_entries(tree, tvb, pinfo, track, annotation);
    show_turn(tree, tvb, pinfo, track, annotation);
    show_ends(tree, tvb, pinfo, track);
    show_connection(tree, tvb, pinfo, track, annotation->frame);
    show_description(tree, tvb, pinfo, track, annotation);
    show_facts(tree, tvb, annotation->frame, final, track);
    show_errors(tree, tvb, annotation->frame, track);
    show_times(tree, tvb, annotation->frame, final, track);
    if (final) {
        show_final(tree, tvb, pinfo, track);
    }
}

/* Appends a finding to a title, cut if there is no room: Wireshark 4.0 cuts in the middle of a character. */
static void append_finding(proto_item *title, const char *text)
{
    char told[SENTENCE_LIMIT];
    const field_info *info = title == NULL ? NULL : PITEM_FINFO(title);
    if (info == NULL || info->rep == NULL) {
        return; /* nobody sees it */
    }
    gsize used = strlen(info->rep->representation) + strlen(": ");
    if (used + SHOWN_LONGEST < sizeof told) {
        (void)characters_show(told, sizeof told - used, text);
        proto_item_append_text(title, ": %s", told);
    }
}

/* Fields are added only if they are needed, which is seldom, and saves time. Expert information is raised with and
 * without a tree. */
static void show_annotation(proto_tree *parent, tvbuff_t *tvb, packet_info *pinfo, const track_t *track,
                            const annotation_t *annotation)
{
    proto_item *title = NULL;
    proto_tree *tree = NULL;
    if (parent != NULL) {
        title = show_title(parent, tvb, track, annotation);
        tree = proto_item_add_subtree(title, ett_tdsconn);
    }
    if (proto_field_is_referenced(parent, proto_tdsconn)) {
        show_fields(tree, tvb, pinfo, track, annotation);
    }
    gravest_t gravest = judge_show(title, pinfo, track);
    gravest_show(tree, tvb, pinfo, gravest);
    if (gravest.severity >= SEVERITY_WARN) { /* read without opening the tree */
        append_finding(title, gravest.text);
    }
}

/* }}} */

/* What is known of the frame at hand, while it is shown. */
typedef struct {
    const track_t *track;
    const annotation_t *annotation;
} known_frame_t;

static int dissect_tdsconn(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    const known_frame_t *known = (const known_frame_t *)data;
    if (known == NULL) { /* called by name, as by Decode As or Lua: there are no bytes of this protocol */
        return 0;
    }
    show_annotation(tree, tvb, pinfo, known->track, known->annotation);
    follow_offer(pinfo, known->track);
    credentials_queue(pinfo, known->track);
    taps_queue(pinfo, known->track, known->annotation);
    return (int)tvb_captured_length(tvb);
}

/* Whether anything has to be shown or counted of a frame. */
static bool is_looked_at(const packet_info *pinfo, const proto_tree *tree, const known_frame_t *known)
{
    return tree != NULL || taps_are_heard() || credentials_are_heard() ||
           judge_may_find(known->track, known->annotation->frame, pinfo);
}

/* A frame that is not looked at gets no layer: that would cost time. */
static int show_if_looked_at(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, known_frame_t *known)
{
    return is_looked_at(pinfo, tree, known) ? call_dissector_only(tdsconn_handle, tvb, pinfo, tree, known) : 0;
}

/* The postdissector: called after all dissectors, for every frame. */
static int observe_frame(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data _U_)
{
    known_frame_t known = {.track = observe(tvb, pinfo, tree)};
    if (known.track == NULL) {
        return 0;
    }
    guint32 frame = number_of(pinfo);
    known.annotation = track_annotation(known.track, frame);
    int used = known.annotation == NULL ? 0 : show_if_looked_at(tvb, pinfo, tree, &known);
    track_forget_late((track_t *)known.track);
    for (guint i = 0; known.annotation != NULL && (known.track = track_also_of_frame(frame, i)) != NULL; i++) {
        known.annotation = track_annotation(known.track, frame);
        show_if_looked_at(tvb, pinfo, tree, &known);
    }
    return used;
}

/* Registration. {{{ */

static void register_facts(void)
{
    enum {
        FACT_FT_STRING = FT_STRING,
        FACT_FT_NUMBER = FT_UINT32,
        FACT_FT_BYTE = FT_UINT8,
        FACT_FT_GUID = FT_GUID,
        FACT_FT_FRAME = FT_FRAMENUM,
        FACT_FT_FLAG = FT_BOOLEAN,
        FACT_FT_LIST = FT_STRING,
        FACT_FT_TIME = FT_ABSOLUTE_TIME
    };
    static hf_register_info hf[FACT_COUNT] = {
#define FACT(tag, filter, type, name, blurb)                                                                           \
    [FACT_##tag] = {&hf_tdsconn_fact[FACT_##tag],                                                                      \
                    {name, filter, (enum ftenum)FACT_FT_##type, BASE_NONE, NULL, 0x0, blurb, HFILL}},
#include "memory/facts.def"
    };
    for (guint i = 0; i < FACT_COUNT; i++) {
        enum ftenum type = hf[i].hfinfo.type;
        hf_tdsconn_fact[i] = -1;
        if (type == FT_UINT32 || type == FT_UINT8) {
            hf[i].hfinfo.display = BASE_DEC;
        } else if (type == FT_ABSOLUTE_TIME) {
            hf[i].hfinfo.display = ABSOLUTE_TIME_UTC;
        }
    }
    hf[FACT_ENCRYPT_CLIENT].hfinfo.strings = hf[FACT_ENCRYPT_SERVER].hfinfo.strings = VALS(encrypt_option_names);
    hf[FACT_ROUTING_BASIS].hfinfo.strings = VALS(basis_names);
    hf[FACT_KERBEROS_ERROR].hfinfo.strings = VALS(kerberos_error_names);
    proto_register_field_array(proto_tdsconn, hf, FACT_COUNT);
}

static void register_times(void)
{
    static hf_register_info hf[TIME_COUNT] = {
#define TIME(tag, name, field, title, text)                                                                            \
    {&hf_tdsconn_time[TIME_##tag], {title, field, FT_RELATIVE_TIME, BASE_NONE, NULL, 0x0, text, HFILL}},
#include "core/times.def"
    };
    for (guint i = 0; i < TIME_COUNT; i++) {
        hf_tdsconn_time[i] = -1;
    }
    proto_register_field_array(proto_tdsconn, hf, TIME_COUNT);
}

/* Wireshark calls postdissectors only if one of them has an enabled protocol. So this one needs a protocol, or it would
 * depend on others. A protocol in name only is enabled with its parent, and adds no layer to a frame. */
static void register_observer(void)
{
    int observer = proto_register_protocol_in_name_only("SQL Server Connection (observer)", "TDSCONN observer",
                                                        "tdsconn.observer", proto_tdsconn, FT_PROTOCOL);
    register_postdissector(create_dissector_handle(observe_frame, observer));
}

/* The only init routine of the plugin: a file begins. */
static void begin_file(void)
{
    capture_begin();
    pipe_begin_file();
    stream_share_ports();
}

/* NOLINTNEXTLINE(readability-function-size): a list of registrations is read from top to bottom */
void proto_register_tdsconn(void)
{
    /* clang-format off */
    static hf_register_info hf[] = {
        { &hf_tdsconn_stream,
          { "Connection", "tdsconn.stream", FT_UINT32, BASE_DEC, NULL, 0x0,
            "Number of this SQL Server connection in the capture", HFILL }},
        { &hf_tdsconn_transport,
          { "Transport", "tdsconn.transport", FT_UINT8, BASE_DEC, VALS(transport_names), 0x0,
            "What carries the connection: TCP, or a named pipe over SMB", HFILL }},
        { &hf_tdsconn_sender,
          { "Sender", "tdsconn.sender", FT_UINT8, BASE_DEC, VALS(sender_names), 0x0, NULL, HFILL }},
        { &hf_tdsconn_step,
          { "Login step", "tdsconn.step", FT_UINT8, BASE_DEC, VALS(step_names), 0x0,
            "The step that this frame belongs to", HFILL }},
        { &hf_tdsconn_step_label,
          { "Step in words", "tdsconn.step.label", FT_STRING, BASE_NONE, NULL, 0x0,
            "The step, or what became of the login where it ends", HFILL }},
        { &hf_tdsconn_message,
          { "Message", "tdsconn.message", FT_UINT8, BASE_DEC, VALS(message_names), 0x0,
            "A message that ends in this frame", HFILL }},
        { &hf_tdsconn_state,
          { "State", "tdsconn.state", FT_UINT8, BASE_DEC, VALS(state_names), 0x0,
            "The final state of the connection", HFILL }},
        { &hf_tdsconn_auth,
          { "Authentication", "tdsconn.auth", FT_UINT8, BASE_DEC, VALS(auth_names), 0x0,
            "How the client authenticated", HFILL }},
        { &hf_tdsconn_auth_basis,
          { "Authentication basis", "tdsconn.auth.basis", FT_UINT8, BASE_DEC, VALS(basis_names), 0x0,
            "Certainty of the authentication", HFILL }},
        { &hf_tdsconn_auth_why,
          { "Authentication evidence", "tdsconn.auth.why", FT_STRING, BASE_NONE, NULL, 0x0, NULL, HFILL }},
        { &hf_tdsconn_auth_label,
          { "Authentication in words", "tdsconn.auth.label", FT_STRING, BASE_NONE, NULL, 0x0,
            "The authentication, with a question entry if it is inferred", HFILL }},
        { &hf_tdsconn_encryption,
          { "Encryption", "tdsconn.encryption", FT_UINT8, BASE_DEC, VALS(encryption_names), 0x0,
            "Which part of the connection is encrypted", HFILL }},
        { &hf_tdsconn_version,
          { "TDS version", "tdsconn.version", FT_STRING, BASE_NONE, NULL, 0x0, NULL, HFILL }},
        { &hf_tdsconn_mars,
          { "MARS", "tdsconn.mars", FT_BOOLEAN, BASE_NONE, NULL, 0x0,
            "MARS was agreed in PRELOGIN, or SMP was seen", HFILL }},
        { &hf_tdsconn_description,
          { "Description", "tdsconn.description", FT_STRING, BASE_NONE, NULL, 0x0,
            "The line that Network Monitor prints for this frame", HFILL }},
        { &hf_tdsconn_progress,
          { "Progress", "tdsconn.progress", FT_STRING, BASE_NONE, NULL, 0x0,
            "The login as short codes, > from the client, < from the server", HFILL }},
        { &hf_tdsconn_client_address,
          { "Client address", "tdsconn.client.address", FT_STRING, BASE_NONE, NULL, 0x0,
            "Address of the client, also on frames of the server", HFILL }},
        { &hf_tdsconn_client_port,
          { "Client port", "tdsconn.client.port", FT_UINT16, BASE_DEC, NULL, 0x0, NULL, HFILL }},
        { &hf_tdsconn_server_address,
          { "Server address", "tdsconn.server.address", FT_STRING, BASE_NONE, NULL, 0x0,
            "Address of the server, also on frames of the client", HFILL }},
        { &hf_tdsconn_server_port,
          { "Server port", "tdsconn.server.port", FT_UINT16, BASE_DEC, NULL, 0x0, NULL, HFILL }},
        { &hf_tdsconn_spid,
          { "SPID", "tdsconn.spid", FT_UINT16, BASE_DEC, NULL, 0x0, "Server process id", HFILL }},
        { &hf_tdsconn_error_number,
          { "Error number", "tdsconn.error.number", FT_UINT32, BASE_DEC, NULL, 0x0, NULL, HFILL }},
        { &hf_tdsconn_error_state,
          { "Error state", "tdsconn.error.state", FT_UINT8, BASE_DEC, NULL, 0x0, NULL, HFILL }},
        { &hf_tdsconn_error_class,
          { "Error class", "tdsconn.error.class", FT_UINT8, BASE_DEC, NULL, 0x0, "Severity of the error", HFILL }},
        { &hf_tdsconn_error_message,
          { "Error message", "tdsconn.error.message", FT_STRING, BASE_NONE, NULL, 0x0, NULL, HFILL }},
        { &hf_tdsconn_error_server,
          { "Error server", "tdsconn.error.server", FT_STRING, BASE_NONE, NULL, 0x0, NULL, HFILL }},
        { &hf_tdsconn_error_line,
          { "Error line", "tdsconn.error.line", FT_UINT32, BASE_DEC, NULL, 0x0, NULL, HFILL }},
        { &hf_tdsconn_rpc,
          { "Procedure", "tdsconn.rpc", FT_STRING, BASE_NONE, NULL, 0x0,
            "The first stored procedure that an RPC request calls", HFILL }},
        { &hf_tdsconn_request_in,
          { "Request in", "tdsconn.request_in", FT_FRAMENUM, BASE_NONE, FRAMENUM_TYPE(FT_FRAMENUM_REQUEST), 0x0,
            "The request that this answers", HFILL }},
        { &hf_tdsconn_response_in,
          { "Response in", "tdsconn.response_in", FT_FRAMENUM, BASE_NONE, FRAMENUM_TYPE(FT_FRAMENUM_RESPONSE), 0x0,
            "The first frame of the response to this", HFILL }},
        { &hf_tdsconn_response_time,
          { "Response time", "tdsconn.response_time", FT_RELATIVE_TIME, BASE_NONE, NULL, 0x0,
            "From the end of the request to the first byte of the response", HFILL }},
        { &hf_tdsconn_attention_in,
          { "Attention in", "tdsconn.attention_in", FT_FRAMENUM, BASE_NONE, NULL, 0x0,
            "The ATTENTION that this acknowledges", HFILL }},
        { &hf_tdsconn_attention_ack_in,
          { "Attention acknowledged in", "tdsconn.attention_ack_in", FT_FRAMENUM, BASE_NONE, NULL, 0x0,
            "The acknowledgement of this ATTENTION", HFILL }},
        { &hf_tdsconn_attention_time,
          { "Attention time", "tdsconn.attention_time", FT_RELATIVE_TIME, BASE_NONE, NULL, 0x0,
            "From the ATTENTION to its acknowledgement", HFILL }},
        { &hf_tdsconn_turn_owes,
          { "Whose turn", "tdsconn.turn.owes", FT_UINT8, BASE_DEC, VALS(owes_names), 0x0,
            "Who owes the next message after this frame", HFILL }},
        { &hf_tdsconn_turn_awaited,
          { "Awaited", "tdsconn.turn.awaited", FT_STRING, BASE_NONE, NULL, 0x0, "What that side owes", HFILL }},
        { &hf_tdsconn_wait_time,
          { "Wait", "tdsconn.wait.time", FT_RELATIVE_TIME, BASE_NONE, NULL, 0x0,
            "How long the message was owed that this frame brings, or whose wait it ends", HFILL }},
        { &hf_tdsconn_wait_sendings,
          { "Sendings", "tdsconn.wait.sendings", FT_UINT32, BASE_DEC, NULL, 0x0,
            "How often the message was sent that opened the wait", HFILL }},
        { &hf_tdsconn_request_spread,
          { "Request spread", "tdsconn.request_spread", FT_RELATIVE_TIME, BASE_NONE, NULL, 0x0,
            "From the first byte of the request until its receiver acknowledged the last", HFILL }},
        { &hf_tdsconn_service_time,
          { "Service time", "tdsconn.service_time", FT_RELATIVE_TIME, BASE_NONE, NULL, 0x0,
            "From the end of the request spread to the first byte of the answer", HFILL }},
        { &hf_tdsconn_response_spread,
          { "Response spread", "tdsconn.response_spread", FT_RELATIVE_TIME, BASE_NONE, NULL, 0x0,
            "From the first to the last byte of the response, or, if it was sent again, to the ACK of it", HFILL }},
        { &hf_tdsconn_close,
          { "Close", "tdsconn.close", FT_UINT8, BASE_DEC, VALS(close_names), 0x0,
            "How the connection ended", HFILL }},
        { &hf_tdsconn_login_frame,
          { "Login decided in", "tdsconn.login.frame", FT_FRAMENUM, BASE_NONE, NULL, 0x0,
            "The frame that confirmed or refused the login", HFILL }},
        { &hf_tdsconn_login_start_frame,
          { "Login begun in", "tdsconn.login.start_frame", FT_FRAMENUM, BASE_NONE, NULL, 0x0,
            "The first PRELOGIN, ClientHello or login record", HFILL }},
        { &hf_tdsconn_summary,
          { "Summary", "tdsconn.summary", FT_STRING, BASE_NONE, NULL, 0x0,
            "The connection in one line, on its last frame and on the one that decided the login", HFILL }},
        { &hf_tdsconn_failure,
          { "Failure", "tdsconn.failure", FT_STRING, BASE_NONE, NULL, 0x0,
            "How the connection failed, on its last frame", HFILL }},
        { &hf_tdsconn_failure_diagnosis,
          { "Diagnosis of the failure", "tdsconn.failure.diagnosis", FT_STRING, BASE_NONE, NULL, 0x0,
            "The rule of the worst diagnosis of the connection", HFILL }},
        { &hf_tdsconn_failure_error,
          { "Error of the failure", "tdsconn.failure.error", FT_UINT32, BASE_DEC, NULL, 0x0,
            "Number of the error that refused the login or ended the connection", HFILL }},
        { &hf_tdsconn_failure_text,
          { "Text of the failure", "tdsconn.failure.text", FT_STRING, BASE_NONE, NULL, 0x0,
            "The server's message, or what the worst diagnosis found", HFILL }},
        { &hf_tdsconn_failure_frame,
          { "Failure seen in", "tdsconn.failure.frame", FT_FRAMENUM, BASE_NONE, NULL, 0x0,
            "The frame of the error, or of the worst diagnosis", HFILL }},
        { &hf_tdsconn_failure_owes,
          { "Who owed a message in the end", "tdsconn.failure.owes", FT_UINT8, BASE_DEC, VALS(owes_names), 0x0,
            "The side whose message was missing when the connection ended", HFILL }},
        { &hf_tdsconn_failure_wait,
          { "Wait in the end", "tdsconn.failure.wait", FT_RELATIVE_TIME, BASE_NONE, NULL, 0x0,
            "How long that message was owed", HFILL }},
        { &hf_tdsconn_failure_network,
          { "Network's part of the wait", "tdsconn.failure.network", FT_RELATIVE_TIME, BASE_NONE, NULL, 0x0,
            "How much of it passed until the message before had arrived, or since the owed one was lost", HFILL }},
        { &hf_tdsconn_last,
          { "Last frame", "tdsconn.last", FT_BOOLEAN, BASE_NONE, NULL, 0x0,
            "The last frame of the connection; known in a second pass", HFILL }},
        { &hf_tdsconn_session,
          { "Session number", "tdsconn.mars.session", FT_UINT32, BASE_DEC, NULL, 0x0,
            "Number of this MARS session in the capture", HFILL }},
        { &hf_tdsconn_mars_sid,
          { "SID", "tdsconn.mars.sid", FT_UINT16, BASE_DEC, NULL, 0x0, "MARS session", HFILL }},
        { &hf_tdsconn_mars_event,
          { "Event", "tdsconn.mars.event", FT_UINT8, BASE_DEC, VALS(smp_event_names), 0x0, NULL, HFILL }},
        { &hf_tdsconn_mars_state,
          { "State", "tdsconn.mars.state", FT_UINT8, BASE_DEC, VALS(session_names), 0x0,
            "State of the session after this packet", HFILL }},
        { &hf_tdsconn_mars_state_client,
          { "State at the client", "tdsconn.mars.state.client", FT_STRING, BASE_NONE, NULL, 0x0,
            "The name in MC-SMP", HFILL }},
        { &hf_tdsconn_mars_state_server,
          { "State at the server", "tdsconn.mars.state.server", FT_STRING, BASE_NONE, NULL, 0x0,
            "The name in MC-SMP", HFILL }},
        { &hf_tdsconn_mars_label,
          { "Session", "tdsconn.mars.label", FT_STRING, BASE_NONE, NULL, 0x0, "SID and state", HFILL }},
        { &hf_tdsconn_mars_brief,
          { "Session in brief", "tdsconn.mars.brief", FT_STRING, BASE_NONE, NULL, 0x0,
            "SID and state, in the words of a narrow column", HFILL }},
        { &hf_tdsconn_mars_open,
          { "Open sessions", "tdsconn.mars.open", FT_UINT16, BASE_DEC, NULL, 0x0,
            "Sessions open on this connection after this packet", HFILL }},
        { &hf_tdsconn_mars_credit,
          { "Credit", "tdsconn.mars.credit", FT_UINT32, BASE_DEC, NULL, 0x0,
            "How many DATA packets the sender of this packet may still send", HFILL }},
        { &hf_tdsconn_mars_stall,
          { "Stall", "tdsconn.mars.stall", FT_RELATIVE_TIME, BASE_NONE, NULL, 0x0,
            "How long the other side had no credit before this packet gave it some", HFILL }},
        { &hf_tdsconn_mars_generation,
          { "Generation", "tdsconn.mars.generation", FT_UINT16, BASE_DEC, NULL, 0x0,
            "How often this SID was used before", HFILL }},
    };
    /* clang-format on */
    static gint *ett[] = {&ett_tdsconn, &ett_tdsconn_mars};

    proto_tdsconn = proto_register_protocol("SQL Server Connection", "TDSCONN", "tdsconn");
    proto_register_field_array(proto_tdsconn, hf, array_length(hf));
    register_facts();
    register_times();
    proto_register_subtree_array(ett, array_length(ett));
    module_t *preferences = prefs_register_protocol(proto_tdsconn, NULL);
    show_register(preferences);
    pipe_register(preferences);
    findings_register(proto_tdsconn, preferences);
    taps_register();
    statistics_register(proto_tdsconn);
    menus_register(proto_tdsconn);
    register_init_routine(begin_file);
    register_cleanup_routine(statistics_end_file);
    tdsconn_handle = register_dissector("tdsconn", dissect_tdsconn, proto_tdsconn);
    register_observer();
}

void proto_reg_handoff_tdsconn(void)
{
    show_handoff();
    icmp_handoff();
    stream_register();
    pipe_handoff();
}

/* }}} */
