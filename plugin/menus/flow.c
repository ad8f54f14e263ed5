/* flow.c - Statistics > Flow Graph: the ladder of the logins, with an arrow for each message.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "menus/menus.h"

#include "show/taps.h"

#include <epan/epan_dissect.h>

#include "compat.h"
#include "judge/tell.h"
#include "memory/findings.h"
#include "memory/sessions.h"
#include "memory/turns.h"
#include "show/describe.h"
#include "wire/names.h"

/* The arrow's label: "PL PRELOGIN". {{{ */

/* Whether a message only carries the next one, which is shown instead. */
static bool is_carrier(const entry_t *entry)
{
    return entry->message == MESSAGE_SMP_DATA || entry->message == MESSAGE_SSPI_CLIENT ||
           entry->message == MESSAGE_SSPI_SERVER;
}

/* Whether entry `index` of the frame is part of the message before it: a token in a login, a packet in a session. */
static bool is_inside(const track_t *track, const annotation_t *annotation, guint32 index)
{
    const entry_t *entry = track_entry_of(track, annotation, index);
    const entry_t *before = index == 0 ? NULL : track_entry_of(track, annotation, index - 1);
    return entry->kind == ENTRY_CONTENT ||
           (entry->kind == ENTRY_TDS && before != NULL && before->message == MESSAGE_SMP_DATA);
}

static const char *code_of(const track_t *track, const entry_t *entry, wmem_allocator_t *scope)
{
    const char *code = message_row((message_t)entry->message)->code;
    if (entry->kind != ENTRY_SMP) {
        return code;
    }
    const smp_entry_t *smp = track_smp_of(track, entry);
    return wmem_strdup_printf(scope, "%s%u", code, smp->header.sid);
}

/* The message that begins with entry `*index`; leaves *index behind what is inside it. */
static const char *next_label(const track_t *track, const annotation_t *annotation, guint32 *index,
                              wmem_allocator_t *scope)
{
    const entry_t *outer = track_entry_of(track, annotation, *index);
    const char *code = code_of(track, outer, scope);
    const char *name = message_row((message_t)outer->message)->text;
    while (++*index < annotation->entry_count && is_inside(track, annotation, *index)) {
        const entry_t *inner = track_entry_of(track, annotation, *index);
        const message_row_t *row = message_row((message_t)inner->message);
        if (inner->message == MESSAGE_NONE) {
            continue;
        }
        bool own_code = outer->kind != ENTRY_SMP && row->code[0] != '\0';
        code = own_code ? row->code : code;
        name = is_carrier(outer) ? row->text : wmem_strdup_printf(scope, "%s, %s", name, row->text);
    }
    const char *gap = code[0] == '\0' ? "" : " ";
    return wmem_strdup_printf(scope, "%s%s%s", code, gap, name);
}

/* }}} */

/* The comment: the step, and what is wrong or else Network Monitor's line. {{{ */

/* How long a side waited for what this frame brings, or until it gave up; MOMENT_NONE if there was no wait. */
static moment_t waited_for(const tap_frame_t *frame, const packet_info *pinfo)
{
    wait_t wait;
    moment_t longest = turns_wait(frame->track, number_of(pinfo), &wait) ? wait.time : MOMENT_NONE;
    for (guint32 i = 0; i < frame->annotation->entry_count; i++) {
        const entry_t *entry = track_entry_of(frame->track, frame->annotation, i);
        const exchange_t *exchange = track_exchange(frame->track, entry->exchange);
        bool shown = exchange != NULL && exchange->shown_frame == number_of(pinfo);
        longest = MAX(longest, shown ? track_response_time(frame->track, exchange) : MOMENT_NONE);
    }
    return longest;
}

/* A wait that is long for a step: the ladder shows where the time went. */
static const char *wait_text(const tap_frame_t *frame, packet_info *pinfo)
{
    moment_t waited = waited_for(frame, pinfo);
    bool known = waited != MOMENT_NONE && waited > diagnoses_limit(LIMIT_SLOW_STEP);
    return known ? wmem_strdup_printf(pinfo->pool, " (waited %s s)", seconds(waited).text) : "";
}

static const char *comment_of(const tap_frame_t *frame, packet_info *pinfo, epan_dissect_t *edt)
{
    gravest_t gravest = judge_gravest(frame->track, pinfo);
    const char *text = gravest.severity >= SEVERITY_NOTE ? gravest.text : NULL;
    if (text == NULL) {
        tcp_facts_t facts;
        bool known = tcp_facts_read(edt->tvb, pinfo, &facts);
        text = describe_frame(frame->track, frame->annotation, pinfo, known ? &facts : NULL);
    }
    step_t step = track_step(frame->track, frame->annotation);
    return wmem_strdup_printf(pinfo->pool, "%s%s: %s", name_of(step, step_names), wait_text(frame, pinfo), text);
}

/* }}} */

static void arrow_add(seq_analysis_info_t *graph, packet_info *pinfo, const track_t *track, const char *label,
                      const char *comment)
{
    seq_analysis_item_t *arrow = sequence_analysis_create_sai_with_addresses(pinfo, graph);
    if (arrow == NULL) {
        return;
    }
    arrow->frame_number = pinfo->num;
    arrow->port_src = (guint16)pinfo->srcport;
    arrow->port_dst = (guint16)pinfo->destport;
    arrow->frame_label = g_strdup(label);
    arrow->comment = g_strdup(comment);
    arrow->conv_num = (guint16)track->number;
    arrow->display = true;
    g_queue_push_tail(graph->items, arrow);
}

/* The ACK that ends the TCP handshake is no message of the field, but one of the ladder's first three arrows. */
static bool is_handshake_ack(const tap_frame_t *frame)
{
    return frame->annotation->step == STEP_TCP_HANDSHAKE && frame->annotation->entry_count == 0 &&
           frame->sender == SENDER_CLIENT;
}

static tap_packet_status flow_frame(void *data, packet_info *pinfo, epan_dissect_t *edt, const void *tap,
                                    tap_flags_t flags _U_)
{
    seq_analysis_info_t *graph = (seq_analysis_info_t *)data;
    const tap_frame_t *frame = (const tap_frame_t *)tap;
    bool opens = is_handshake_ack(frame);
    bool late = frame->number != number_of(pinfo); /* its arrow would need its addresses */
    if (late || (frame->annotation->entry_count == 0 && !opens)) {
        return TAP_PACKET_DONT_REDRAW;
    }
    const char *comment = comment_of(frame, pinfo, edt);
    if (opens) {
        arrow_add(graph, pinfo, frame->track, "A ACK", comment);
    }
    guint32 index = 0;
    while (index < frame->annotation->entry_count) {
        if (track_entry_of(frame->track, frame->annotation, index)->message == MESSAGE_NONE) {
            index++; /* a packet that ends no message */
            continue;
        }
        const char *label = next_label(frame->track, frame->annotation, &index, pinfo->pool);
        arrow_add(graph, pinfo, frame->track, label, comment);
    }
    return TAP_PACKET_REDRAW;
}

void flow_register(int proto)
{
    register_seq_analysis("tdsconn", "SQL Server logins", proto, "tdsconn", 0, flow_frame);
}
