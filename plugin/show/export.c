/* export.c - Export Objects: the SQL text of each request, as a file.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A text that may hold a password is listed, but not written.
 */
#include "show/export.h"

#include <epan/export_object.h>
#include <epan/tap.h>

#include <string.h>

#include "core/dialect.h"
#include "core/secret.h"
#include "core/smp.h"
#include "core/statement.h"
#include "memory/capture.h"
#include "show/describe.h"
#include "wire/spans.h"
#include "wire/text.h"

#define REQUEST_LIMIT (16u << 20) /* bytes of a request; a longer one counts as cut */
#define PACKET_LIMIT  (TDS_HEADER_LENGTH + 0x10000u)

/* The requests of a connection, or of one of its MARS sessions. */
typedef struct {
    gint64 key;
    assembly_t bytes;   /* a packet that is spread over SMP packets */
    assembly_t request; /* the packets of a request, without their headers */
    guint32 frame;      /* the latest frame with a packet of the request */
    guint8 packet_id;
    guint32 of; /* the number of its export: see `exports` */
    bool later; /* it is of a later pass */
} flow_t;

/* The data of the tap. Packet scope. */
typedef struct {
    guint32 frame;
    const char *server, *what, *file, *content;
} exported_t;

static int export_tap;
static guint32 exports; /* how often an export began or ended */

/* Objects. {{{ */

static tap_packet_status add_object(void *list, packet_info *pinfo _U_, epan_dissect_t *edt _U_, const void *data,
                                    tap_flags_t flags _U_)
{
    export_object_list_t *objects = (export_object_list_t *)list;
    const exported_t *exported = (const exported_t *)data;
    export_object_entry_t *entry = g_new0(export_object_entry_t, 1);
    entry->pkt_num = exported->frame;
    entry->hostname = g_strdup(exported->server);
    entry->content_type = g_strdup(exported->what);
    entry->filename = g_strdup(exported->file);
    entry->payload_len = strlen(exported->content);
    entry->payload_data = (guint8 *)g_strdup(exported->content);
    objects->add_entry(objects->gui_data, entry);
    return TAP_PACKET_REDRAW;
}

/* `source`, `ending`: parts of the file's name. */
static void queue_object(const track_t *track, packet_info *pinfo, const flow_t *flow, const char *source,
                         const char *ending, const char *what, const char *content)
{
    exported_t *exported = wmem_new0(pinfo->pool, exported_t);
    exported->frame = flow->frame;
    exported->server = describe_endpoint(track->server.host, track->server.port, pinfo->pool);
    exported->what = what;
    exported->file = wmem_strdup_printf(pinfo->pool, "frame-%u-%s%s.sql", flow->frame, source, ending);
    exported->content = content;
    tap_queue_packet(export_tap, pinfo, exported);
}

static void queue_unwritten(const track_t *track, packet_info *pinfo, const flow_t *flow, const char *source,
                            const char *why)
{
    const char *what = wmem_strdup_printf(pinfo->pool, "not written: %s", why);
    queue_object(track, pinfo, flow, source, "-not-written", what, wmem_strdup_printf(pinfo->pool, "-- %s\n", what));
}

/* }}} */

/* Texts. {{{ */

/* Replaces invisible control characters, which a terminal may obey, by '?'. Line ends and tabs stay. */
static void hide_controls(char *text)
{
    for (char *at = text; *at != '\0'; at++) {
        bool control = (guint8)*at < 0x20 || *at == 0x7F;
        bool late = (guint8)at[0] == 0xC2 && (guint8)at[1] >= 0x80 && (guint8)at[1] < 0xA0;
        if (late) {
            at[0] = at[1] = '?';
        } else if (control && *at != '\t' && *at != '\n' && *at != '\r') {
            *at = '?';
        }
    }
}

/* Letters of all widths and cases are the same here, as SQL Server reads names. */
static const char *hint_of(const char *text)
{
    char *usual = g_utf8_normalize(text, -1, G_NORMALIZE_ALL);
    char *small = usual == NULL ? NULL : g_utf8_casefold(usual, -1);
    const char *hint = small == NULL ? "" : secret_hint(small);
    g_free(usual);
    g_free(small);
    return hint;
}

static void queue_text(const track_t *track, packet_info *pinfo, const flow_t *flow, const statement_t *statement)
{
    span_t bytes = statement->text;
    bytes.cut = false;
    char *text = (statement->wide ? text_utf16 : text_utf8)(pinfo->pool, bytes);
    const char *hint = hint_of(text);
    if (hint != NULL) {
        queue_unwritten(track, pinfo, flow, statement->source, "it may hold a password or key");
        return;
    }
    hide_controls(text);
    if (!statement->text.cut) {
        queue_object(track, pinfo, flow, statement->source, "", statement->source, text);
        return;
    }
    const char *what = wmem_strdup_printf(pinfo->pool, "%s, only its beginning", statement->source);
    queue_object(track, pinfo, flow, statement->source, "-cut", what,
                 wmem_strdup_printf(
                     pinfo->pool,
                     "%s\n-- Only the beginning: the rest was not sent, is not in the capture, or is over 16 MiB.\n",
                     text));
}

/* }}} */

/* Requests. {{{ */

static void export_request(const track_t *track, packet_info *pinfo, const flow_t *flow, guint8 type, span_t message)
{
    guint8 *room = (guint8 *)wmem_alloc(NULL, message.length + 1);
    statement_t statement;
    statement_kind_t kind = statement_of(type, message, track->login->tds_version, room, &statement);
    if (kind == STATEMENT_READ) {
        queue_text(track, pinfo, flow, &statement);
    } else if (kind == STATEMENT_HIDDEN) {
        queue_unwritten(track, pinfo, flow, statement.source,
                        message.cut ? "too little of it is in the capture"
                                    : "its text cannot be read, or its beginning is missing");
    }
    wmem_free(NULL, room);
}

/* Exports a request whose end is not in the capture. */
static void give_up(const track_t *track, packet_info *pinfo, flow_t *flow)
{
    if (flow->request.open && !flow->request.headless) {
        span_t message = assembly_bytes(&flow->request);
        message.cut = true;
        export_request(track, pinfo, flow, flow->request.type, message);
    }
    assembly_clear(&flow->request);
}

/* The first pass's entry of this packet; NULL if it has none, as for a packet that was sent again. */
static const entry_t *mark_of(const track_t *track, guint32 frame, const tds_header_t *header)
{
    const annotation_t *annotation = track_annotation(track, frame);
    for (guint32 i = 0; annotation != NULL && i < annotation->entry_count; i++) {
        const entry_t *entry = track_entry_of(track, annotation, i);
        if (entry->kind == ENTRY_TDS && entry->of.tds.type == header->type && entry->of.tds.status == header->status &&
            entry->of.tds.packet_id == header->packet_id) {
            return entry;
        }
    }
    return NULL;
}

/* Whether this packet follows the one before: some drivers count packets, others give all of them one number. */
static bool goes_on(const flow_t *flow, const tds_header_t *header)
{
    guint8 next = (guint8)(flow->packet_id + 1);
    return header->packet_id == next || header->packet_id == flow->packet_id || (next == 0 && header->packet_id == 1);
}

/* Whether the beginning of a request is missing, or may be: without ALL_HEADERS only its packet number shows that. */
static bool begins_in_the_middle(const track_t *track, const entry_t *entry, const tds_header_t *header, span_t payload)
{
    bool doubtful = header->packet_id > 1 || track->client.tcp->trouble->gap != 0;
    return (entry->flags & ENTRY_CONTINUED) != 0 || (doubtful && !request_has_headers(payload));
}

static void end_request(const track_t *track, packet_info *pinfo, flow_t *flow, span_t message, bool ignored)
{
    if (flow->request.headless) {
        queue_unwritten(track, pinfo, flow, "request", "its beginning is not in the capture");
    } else {
        message.cut = message.cut || ignored;
        export_request(track, pinfo, flow, flow->request.type, message);
    }
    assembly_clear(&flow->request);
}

static void add_request_packet(const track_t *track, packet_info *pinfo, flow_t *flow, const tds_header_t *header,
                               span_t payload, bool headless)
{
    assembly_t *request = &flow->request;
    bool ends = (header->status & TDS_EOM) != 0;
    bool alone = ends && !request->open;
    request->headless = request->headless || headless;
    request->holed = request->holed || (request->open && !goes_on(flow, header));
    request->type = header->type;
    flow->frame = number_of(pinfo);
    flow->packet_id = header->packet_id;
    if (!alone) {
        request->open = true;
        assembly_add(request, payload, header->length - TDS_HEADER_LENGTH, REQUEST_LIMIT);
    }
    if (ends) { /* with IGNORE the request is not complete: MS-TDS 2.2.3.1.2 */
        end_request(track, pinfo, flow, alone ? payload : assembly_bytes(request), (header->status & TDS_IGNORE) != 0);
    }
}

static void export_packet(const track_t *track, packet_info *pinfo, flow_t *flow, const tds_header_t *header,
                          span_t payload)
{
    const entry_t *entry = mark_of(track, number_of(pinfo), header);
    if (entry == NULL) {
        return;
    }
    bool is_request = header->type == TDS_SQL_BATCH || header->type == TDS_RPC;
    if (flow->request.open && (!is_request || (entry->flags & ENTRY_CONTINUED) == 0)) {
        give_up(track, pinfo, flow);
    }
    if (is_request) {
        bool headless = !flow->request.open && begins_in_the_middle(track, entry, header, payload);
        add_request_packet(track, pinfo, flow, header, payload, headless);
    }
}

/* }}} */

/* Units. {{{ */

static void forget(flow_t *flow)
{
    assembly_clear(&flow->bytes);
    assembly_clear(&flow->request);
}

static flow_t *flow_at(gint64 key)
{
    if (capture.export_flows == NULL) {
        capture.export_flows = wmem_map_new(wmem_file_scope(), wmem_int64_hash, g_int64_equal);
    }
    flow_t *flow = (flow_t *)wmem_map_lookup(capture.export_flows, &key);
    if (flow == NULL) {
        flow = wmem_new0(wmem_file_scope(), flow_t);
        flow->key = key;
        wmem_map_insert(capture.export_flows, &flow->key, flow);
    }
    return flow;
}

/* The flow of the connection itself (session 0), or of a MARS session. What an earlier pass or export left in it is
 * forgotten. */
static flow_t *flow_of(const track_t *track, const packet_info *pinfo, guint32 session)
{
    gint64 key = (gint64)track->place << 32 | session;
    flow_t *flow = flow_at(key);
    bool later = PINFO_FD_VISITED(pinfo);
    if (flow->of != exports || flow->later != later || flow->frame > number_of(pinfo)) {
        forget(flow);
        flow->frame = 0;
    }
    flow->of = exports;
    flow->later = later;
    return flow;
}

/* Reads the TDS packets in the bytes at hand. Returns the bytes that are left. */
static span_t export_packets(const track_t *track, packet_info *pinfo, flow_t *flow, span_t bytes)
{
    tds_header_t header;
    while (tds_header_plausible(bytes) && tds_header_parse(bytes, &header) &&
           (header.length <= bytes.length || bytes.cut)) {
        export_packet(track, pinfo, flow, &header,
                      span_part(bytes, TDS_HEADER_LENGTH, header.length - TDS_HEADER_LENGTH));
        bytes = span_from(bytes, header.length);
    }
    return bytes;
}

/* Usually one packet in each SMP packet, but nothing in MC-SMP says so. */
static void export_session_bytes(const track_t *track, packet_info *pinfo, flow_t *flow, span_t data)
{
    bool joined = flow->bytes.length > 0;
    if (joined) {
        assembly_add(&flow->bytes, data, (guint32)data.length + data.cut, PACKET_LIMIT);
        data = assembly_bytes(&flow->bytes);
    }
    span_t left = export_packets(track, pinfo, flow, data);
    bool keep = !left.cut && left.length > 0 && (left.length < TDS_HEADER_LENGTH || tds_header_plausible(left));
    if (joined && keep && left.length == data.length) {
        return; /* these bytes are kept already */
    }
    assembly_t next = {0};
    if (keep) {
        assembly_add(&next, left, (guint32)left.length, PACKET_LIMIT);
    }
    assembly_clear(&flow->bytes);
    flow->bytes = next;
}

static void export_session(const track_t *track, packet_info *pinfo, span_t bytes)
{
    smp_header_t header;
    if (!smp_header_parse(bytes, &header)) {
        return;
    }
    flow_t *flow = flow_of(track, pinfo, header.sid + 1u);
    if ((header.flags & SMP_SYN) != 0) {
        forget(flow);
    }
    export_session_bytes(track, pinfo, flow, span_from(bytes, SMP_HEADER_LENGTH));
}

void export_unit(const track_t *track, const unit_t *unit, tvbuff_t *tvb, packet_info *pinfo)
{
    if (!have_tap_listener(export_tap) || track_sender(track, pinfo) == SENDER_SERVER) {
        return;
    }
    span_t bytes = span_of_whole(tvb);
    if (unit->kind == UNIT_TDS) {
        (void)export_packets(track, pinfo, flow_of(track, pinfo, 0), bytes);
    } else if (unit->kind == UNIT_SMP) {
        export_session(track, pinfo, bytes);
    }
}

/* }}} */

/* Wireshark begins or ends an export. After the end the file may be closed. */
static void begin_another(void)
{
    exports++;
}

void export_register(int proto)
{
    export_tap = register_export_object(proto, add_object, begin_another);
}
