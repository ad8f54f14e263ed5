/* packet-ssrp.c
 * SQL Server Resolution Protocol: clients ask SQL Browser for the port of an instance
 *
 * Copyright 2026, the tdsconn authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * References: MC-SQLR.
 */
#include "packet-ssrp.h"

#include <epan/packet.h>
#include <epan/to_str.h>

#include "compat.h"
#include "core/ssrp.h"
#include "memory/browser.h"
#include "memory/findings.h"
#include "show/expert.h"
#include "show/taps.h"
#include "stream/order.h"
#include "wire/spans.h"
#include "wire/text.h"

static int proto_ssrp = -1;
static int hf_ssrp_type = -1;
static int hf_ssrp_instance = -1;
static int hf_ssrp_size = -1;
static int hf_ssrp_admin_port = -1;
static int hf_ssrp_server = -1;
static int hf_ssrp_name = -1;
static int hf_ssrp_clustered = -1;
static int hf_ssrp_version = -1;
static int hf_ssrp_tcp_port = -1;
static int hf_ssrp_pipe = -1;
static int hf_ssrp_request_in = -1;
static int hf_ssrp_response_in = -1;
static int hf_ssrp_unreachable_in = -1;
static int hf_ssrp_time = -1;
static int hf_ssrp_connection = -1;

static gint ett_ssrp = -1;
static gint ett_ssrp_instance = -1;

static const value_string ssrp_types[] = {
    {SSRP_BROADCAST, "CLNT_BCAST_EX"},      {SSRP_ALL, "CLNT_UCAST_EX"},
    {SSRP_INSTANCE, "CLNT_UCAST_INST"},     {SSRP_RESPONSE, "SVR_RESP"},
    {SSRP_ADMINISTRATOR, "CLNT_UCAST_DAC"}, {0, NULL},
};

/* Showing. {{{ */

static void show_generated(proto_item *item)
{
    proto_item_set_generated(item);
}

static void show_text(proto_tree *tree, tvbuff_t *tvb, packet_info *pinfo, int hf, span_t text)
{
    if (text.length > 0) {
        gint offset = (gint)(text.at - tvb_get_ptr(tvb, 0, (gint)tvb_captured_length(tvb)));
        proto_tree_add_string(tree, hf, tvb, offset, (gint)text.length, text_utf8(pinfo->pool, text));
    }
}

static const gravest_t no_fault = {.severity = SEVERITY_NONE};

static gravest_t graver(gravest_t one, gravest_t other)
{
    return other.severity > one.severity ? other : one;
}

/* Shows a finding, unless its rule is switched off, and returns it. */
static gravest_t show_finding(proto_item *item, packet_info *pinfo, diagnosis_t rule, const char *text)
{
    if (diagnosis_is_off(rule)) {
        return no_fault;
    }
    finding_show(item, pinfo, rule, text);
    taps_queue_browser(pinfo, rule);
    return (gravest_t){diagnosis_severity(rule), rule, text};
}

/* Shows how a datagram violates the protocol. Not if the capture cut it. */
static gravest_t show_fault(proto_item *item, tvbuff_t *tvb, packet_info *pinfo, const char *fault)
{
    bool whole = tvb_captured_length(tvb) == tvb_reported_length(tvb);
    return fault != NULL && whole ? show_finding(item, pinfo, DIAGNOSIS_BROWSER_MALFORMED, fault) : no_fault;
}

/* Why there is no answer, in words; NULL if the capture does not hold answers. */
static const char *no_answer_words(const browser_request_t *request, heard_t heard)
{
    static const char *const words[][2] = {
        [HEARD_BOTH] = {"no answer: SQL Browser is stopped, or a firewall is between",
                        "no answer: SQL Browser is stopped, a firewall is between, or the instance is unknown"},
        [HEARD_NOTHING] = {"no answer: SQL Browser is stopped, a firewall is between, or the capture has only this "
                           "direction",
                           "no answer: SQL Browser is stopped, a firewall is between, the instance is unknown, or the "
                           "capture has only this direction"},
        [HEARD_ONE_SIDE] = {NULL, NULL},
    };
    return words[heard][request->instance != NULL];
}

/* Why a request was not answered in time; NULL if it was. Asked when all of the capture was read. */
static const char *why_unanswered(const browser_request_t *request, packet_info *pinfo)
{
    if (request->unreachable_frame != 0) {
        return wmem_strdup_printf(pinfo->pool,
                                  "ICMP says in frame %u that it cannot be delivered: SQL Browser is stopped, or a "
                                  "firewall is between",
                                  request->unreachable_frame);
    }
    if (request->lacking_frame != 0) {
        return wmem_strdup_printf(pinfo->pool,
                                  "the client did not get all fragments of the answer, as its ICMP in frame %u says: "
                                  "perhaps a firewall drops them",
                                  request->lacking_frame);
    }
    bool answered = request->answer_frame != 0;
    moment_t waited = answered ? moment_between(request->at, request->answered)
                               : diagnoses_silence((instant_t){request->frame, request->at});
    if (waited <= diagnoses_limit(LIMIT_BROWSER_DUE)) {
        return NULL;
    }
    if (answered) {
        return wmem_strdup_printf(pinfo->pool, "no answer in time: it came after %s s", seconds(waited).text);
    }
    if (request->part_frame != 0) {
        return wmem_strdup_printf(
            pinfo->pool,
            "no whole answer: frame %u begins one, and fragments behind it are missing: perhaps a "
            "firewall drops them",
            request->part_frame);
    }
    return no_answer_words(request, browser_heard(pinfo, request));
}

static void show_frame_link(proto_tree *tree, tvbuff_t *tvb, int hf, guint32 frame)
{
    guint32 shown = number_shown(frame);
    if (shown != 0) {
        show_generated(proto_tree_add_uint(tree, hf, tvb, 0, 0, shown));
    }
}

/* Links a request to its answer. Returns what was found. */
static gravest_t show_request_links(proto_tree *tree, proto_item *item, tvbuff_t *tvb, packet_info *pinfo)
{
    const browser_request_t *request = browser_request_in(number_of(pinfo));
    if (request == NULL) {
        return no_fault;
    }
    show_frame_link(tree, tvb, hf_ssrp_response_in, request->answer_frame);
    show_frame_link(tree, tvb, hf_ssrp_unreachable_in, request->unreachable_frame);
    const char *fault = PINFO_FD_VISITED(pinfo) ? why_unanswered(request, pinfo) : NULL;
    return fault != NULL ? show_finding(item, pinfo, DIAGNOSIS_BROWSER_UNANSWERED, fault) : no_fault;
}

/* A cluster, or a host with several addresses, answers from another one than was asked; a firewall takes that for an
 * answer that nobody asked for. */
static gravest_t show_other_address(proto_item *item, packet_info *pinfo, const browser_request_t *request)
{
    if (!PINFO_FD_VISITED(pinfo) || request->answered_by_asked || browser_is_from(pinfo, request)) {
        return no_fault;
    }
    return show_finding(
        item, pinfo, DIAGNOSIS_BROWSER_OTHER_ADDRESS,
        wmem_strdup_printf(pinfo->pool,
                           "the request in frame %u went to %s, the answer comes from %s: firewalls and "
                           "some clients drop it",
                           request->frame, request->asked, address_to_str(pinfo->pool, &pinfo->src)));
}

/* Links an answer to its request. Returns what was found. */
static gravest_t show_response_links(proto_tree *tree, proto_item *item, tvbuff_t *tvb, packet_info *pinfo)
{
    const browser_request_t *request = browser_request_of_reply(number_of(pinfo));
    if (request == NULL) {
        return no_fault;
    }
    moment_t took = moment_between(request->at, moment_of(pinfo));
    show_frame_link(tree, tvb, hf_ssrp_request_in, request->frame);
    if (took != MOMENT_NONE) {
        nstime_t time = moment_duration(took);
        show_generated(proto_tree_add_time(tree, hf_ssrp_time, tvb, 0, 0, &time));
    }
    gravest_t other = show_other_address(item, pinfo, request);
    bool again = request->asked != NULL && request->answer_frame != number_of(pinfo);
    bool early = request->answer_frame < request->frame; /* another clock: this may be the next question's answer */
    if (again || early || took <= diagnoses_limit(LIMIT_BROWSER_SLOW)) {
        return other;
    }
    return graver(other, show_finding(item, pinfo, DIAGNOSIS_BROWSER_SLOW,
                                      wmem_strdup_printf(pinfo->pool, "the answer took %s s", seconds(took).text)));
}

static void show_connections(proto_tree *tree, tvbuff_t *tvb, const packet_info *pinfo)
{
    const track_t *track;
    for (guint i = 0; (track = browser_connection_after(number_of(pinfo), i)) != NULL; i++) {
        show_generated(proto_tree_add_uint(tree, hf_ssrp_connection, tvb, 0, 0, track->number));
    }
}

/* An instance's name for a title or a column. */
static const char *shown_name(wmem_allocator_t *scope, span_t name)
{
    return text_shown(scope, text_utf8(scope, span_head(name, SSRP_INSTANCE_LIMIT)));
}

static void show_instance(proto_tree *tree, tvbuff_t *tvb, packet_info *pinfo, const ssrp_instance_t *instance)
{
    const char *name = shown_name(pinfo->pool, instance->name);
    proto_tree *group = proto_tree_add_subtree_format(tree, tvb, 0, 0, ett_ssrp_instance, NULL, "Instance%s%s",
                                                      name[0] == '\0' ? " without a name" : " ", name);
    show_text(group, tvb, pinfo, hf_ssrp_server, instance->server);
    show_text(group, tvb, pinfo, hf_ssrp_name, instance->name);
    show_text(group, tvb, pinfo, hf_ssrp_clustered, instance->clustered);
    show_text(group, tvb, pinfo, hf_ssrp_version, instance->version);
    show_text(group, tvb, pinfo, hf_ssrp_pipe, instance->pipe);
    if (instance->tcp_port != 0) {
        proto_tree_add_uint(group, hf_ssrp_tcp_port, tvb, 0, 0, instance->tcp_port);
        col_append_fstr(pinfo->cinfo, COL_INFO, ", %s%sport %u", name, name[0] == '\0' ? "" : " on ",
                        instance->tcp_port);
    }
}

/* Whether the client asked for an instance that SQL Browser knows without a TCP port. What is cut, or breaks MC-SQLR,
 * may have had one. */
static bool lacks_port(tvbuff_t *tvb, const packet_info *pinfo, const ssrp_response_t *response,
                       const ssrp_instance_t *instance)
{
    const browser_request_t *request = browser_request_of_reply(number_of(pinfo));
    bool whole = tvb_captured_length(tvb) == tvb_reported_length(tvb);
    return instance->tcp_port == 0 && whole && response->fault == NULL && request != NULL &&
           request->type == SSRP_INSTANCE;
}

static gravest_t show_no_tcp(proto_item *item, packet_info *pinfo, const ssrp_instance_t *instance)
{
    const char *name = shown_name(pinfo->pool, instance->name);
    const char *left = instance->pipe.length > 0 ? "the client can only try its named pipe"
                                                 : "nor a named pipe, so that only local clients get there";
    return show_finding(
        item, pinfo, DIAGNOSIS_BROWSER_NO_TCP,
        wmem_strdup_printf(pinfo->pool, "%s has no TCP port: TCP/IP is probably switched off there; %s", name, left));
}

/* }}} */

static proto_tree *show_message(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, guint8 type, proto_item **item)
{
    col_set_str(pinfo->cinfo, COL_PROTOCOL, "SSRP");
    col_set_str(pinfo->cinfo, COL_INFO, val_to_str_const(type, ssrp_types, "Unknown"));
    *item = proto_tree_add_item(tree, proto_ssrp, tvb, 0, -1, ENC_NA);
    proto_tree *message = proto_item_add_subtree(*item, ett_ssrp);
    proto_tree_add_uint(message, hf_ssrp_type, tvb, 0, 1, type);
    return message;
}

static int dissect_request(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, span_t bytes)
{
    ssrp_request_t request;
    proto_item *item;
    if (!ssrp_request_parse(bytes, &request)) {
        return 0;
    }
    if (!PINFO_FD_VISITED(pinfo)) {
        browser_note_request(pinfo, request.type, request.instance);
    }
    proto_tree *message = show_message(tvb, pinfo, tree, request.type, &item);
    show_text(message, tvb, pinfo, hf_ssrp_instance, request.instance);
    if (request.instance.length > 0) {
        col_append_fstr(pinfo->cinfo, COL_INFO, ", %s", shown_name(pinfo->pool, request.instance));
    }
    gravest_t malformed = show_fault(item, tvb, pinfo, request.fault);
    gravest_t unanswered = show_request_links(message, item, tvb, pinfo);
    gravest_show(message, tvb, pinfo, graver(malformed, unanswered));
    return (int)tvb_captured_length(tvb);
}

static int dissect_response(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, span_t bytes)
{
    ssrp_response_t response;
    proto_item *item;
    bool first_pass = !PINFO_FD_VISITED(pinfo);
    if (!ssrp_response_parse(bytes, &response)) {
        return 0;
    }
    if (first_pass) {
        browser_note_answer(pinfo);
    }
    proto_tree *message = show_message(tvb, pinfo, tree, SSRP_RESPONSE, &item);
    proto_tree_add_uint(message, hf_ssrp_size, tvb, 1, 2, response.size);
    if (response.administrator) {
        proto_tree_add_uint(message, hf_ssrp_admin_port, tvb, 4, 2, response.administrator_port);
        col_append_fstr(pinfo->cinfo, COL_INFO, ", administrator on port %u", response.administrator_port);
        if (first_pass) {
            browser_note_administrator(pinfo, response.administrator_port);
        }
    }
    span_t text = response.text;
    ssrp_instance_t instance;
    gravest_t no_tcp = no_fault;
    while (ssrp_instance_next(&text, &instance)) {
        show_instance(message, tvb, pinfo, &instance);
        if (lacks_port(tvb, pinfo, &response, &instance)) {
            no_tcp = show_no_tcp(item, pinfo, &instance);
        }
        if (first_pass) {
            browser_note_port(pinfo, instance.tcp_port, instance.name);
        }
    }
    gravest_t malformed = show_fault(item, tvb, pinfo, response.fault);
    gravest_t slow = show_response_links(message, item, tvb, pinfo);
    gravest_show(message, tvb, pinfo, graver(graver(malformed, slow), no_tcp));
    show_connections(message, tvb, pinfo);
    return (int)tvb_captured_length(tvb);
}

void ssrp_observe(tvbuff_t *frame, packet_info *pinfo, proto_tree *tree, const icmp_answer_t *icmp)
{
    if (!proto_is_protocol_enabled(find_protocol_by_id(proto_ssrp))) {
        return;
    }
    if (!PINFO_FD_VISITED(pinfo)) {
        browser_note_unreachable(pinfo, icmp);
    }
    const browser_request_t *request = browser_request_of_reply(number_of(pinfo));
    if (request != NULL) {
        proto_item *item = proto_tree_add_item(tree, proto_ssrp, frame, 0, 0, ENC_NA);
        show_frame_link(proto_item_add_subtree(item, ett_ssrp), frame, hf_ssrp_request_in, request->frame);
    }
}

static int dissect_ssrp(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data _U_)
{
    span_t bytes = span_of_whole(tvb);
    if (bytes.length == 0 || pinfo->flags.in_error_pkt) {
        return 0;
    }
    if (PINFO_FD_VISITED(pinfo)) {
        order_flush(); /* what still waits shows whether the client got an answer */
    }
    return bytes.at[0] == SSRP_RESPONSE ? dissect_response(tvb, pinfo, tree, bytes)
                                        : dissect_request(tvb, pinfo, tree, bytes);
}

void proto_register_ssrp(void)
{
    /* clang-format off */
    static hf_register_info hf[] = {
        { &hf_ssrp_type,
          { "Type", "ssrp.type", FT_UINT8, BASE_HEX, VALS(ssrp_types), 0x0, NULL, HFILL }},
        { &hf_ssrp_instance,
          { "Requested instance", "ssrp.instance", FT_STRING, BASE_NONE, NULL, 0x0, NULL, HFILL }},
        { &hf_ssrp_size,
          { "Size", "ssrp.size", FT_UINT16, BASE_DEC, NULL, 0x0, "RESP_SIZE", HFILL }},
        { &hf_ssrp_admin_port,
          { "Administrator port", "ssrp.admin_port", FT_UINT16, BASE_DEC, NULL, 0x0,
            "TCP port of the dedicated administrator connection", HFILL }},
        { &hf_ssrp_server,
          { "Server", "ssrp.server", FT_STRING, BASE_NONE, NULL, 0x0, NULL, HFILL }},
        { &hf_ssrp_name,
          { "Instance", "ssrp.name", FT_STRING, BASE_NONE, NULL, 0x0, NULL, HFILL }},
        { &hf_ssrp_clustered,
          { "Clustered", "ssrp.clustered", FT_STRING, BASE_NONE, NULL, 0x0, NULL, HFILL }},
        { &hf_ssrp_version,
          { "Version", "ssrp.version", FT_STRING, BASE_NONE, NULL, 0x0,
            "Version from SQL Browser; LOGINACK may be more exact", HFILL }},
        { &hf_ssrp_tcp_port,
          { "TCP port", "ssrp.tcp_port", FT_UINT16, BASE_DEC, NULL, 0x0, NULL, HFILL }},
        { &hf_ssrp_pipe,
          { "Pipe", "ssrp.pipe", FT_STRING, BASE_NONE, NULL, 0x0, "Named pipe", HFILL }},
        { &hf_ssrp_request_in,
          { "Request in", "ssrp.request_in", FT_FRAMENUM, BASE_NONE, FRAMENUM_TYPE(FT_FRAMENUM_REQUEST), 0x0,
            NULL, HFILL }},
        { &hf_ssrp_response_in,
          { "Response in", "ssrp.response_in", FT_FRAMENUM, BASE_NONE, FRAMENUM_TYPE(FT_FRAMENUM_RESPONSE), 0x0,
            NULL, HFILL }},
        { &hf_ssrp_unreachable_in,
          { "Unreachable in", "ssrp.unreachable_in", FT_FRAMENUM, BASE_NONE, NULL, 0x0,
            "ICMP says that the request cannot be delivered", HFILL }},
        { &hf_ssrp_time,
          { "Time", "ssrp.time", FT_RELATIVE_TIME, BASE_NONE, NULL, 0x0, "From the request", HFILL }},
        { &hf_ssrp_connection,
          { "Connection", "ssrp.connection", FT_UINT32, BASE_DEC, NULL, 0x0,
            "tdsconn.stream of the connection after this answer", HFILL }},
    };
    /* clang-format on */
    static gint *ett[] = {&ett_ssrp, &ett_ssrp_instance};

    proto_ssrp = proto_register_protocol("SQL Server Resolution Protocol", "SSRP", "ssrp");
    proto_register_field_array(proto_ssrp, hf, array_length(hf));
    proto_register_subtree_array(ett, array_length(ett));
    register_dissector("ssrp", dissect_ssrp, proto_ssrp);
}

void proto_reg_handoff_ssrp(void)
{
    dissector_add_uint_with_preference("udp.port", SSRP_PORT, find_dissector("ssrp"));
}
