/* pipe.c - connections over named pipes: which files of SMB are SQL Server's pipes, and the bytes that go through them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "stream/pipe.h"

#include <epan/dissectors/packet-smb.h>
#include <epan/dissectors/packet-smb2.h>
#include <epan/exceptions.h>

#include <string.h>

#include "compat.h"
#include "core/pipe.h"
#include "core/recognise.h"
#include "core/smb1.h"
#include "judge/advance.h"
#include "judge/judge.h"
#include "memory/capture.h"
#include "memory/clock.h"
#include "memory/facts.h"
#include "memory/lookup.h"
#include "memory/times.h"
#include "readers/units.h"
#include "show/taps.h"
#include "stream/claim.h"
#include "stream/smb.h"
#include "stream/stream.h"
#include "wire/protocol.h"
#include "wire/spans.h"
#include "wire/tcpfacts.h"

/* The bytes of one READ or WRITE, remembered for later passes. */
typedef struct {
    guint64 message;
    guint32 frame;
    guint32 place; /* of its bytes in Wireshark's buffers */
} chunk_key_t;

typedef struct {
    chunk_key_t key;
    track_t *track;
    sender_t sender;
    guint32 seq;          /* their place in the pipe */
    bool unfinished;      /* a unit that begins in them is not complete */
    const guint8 *before; /* the bytes of their first unit that came before; file scope */
    guint32 before_length;
    guint32 whole; /* how many bytes, `before` included, are whole units */
} chunk_t;

static const char *further_names = ""; /* the preference pipe_names */

/* Names. {{{ */

const char *pipe_bare_name(const char *name)
{
    name += name[0] == '\\';
    return g_ascii_strncasecmp(name, "pipe\\", 5) == 0 ? name + 5 : name;
}

/* Whether the preference has this name, with or without `\pipe\` before it. */
static bool is_further_name(const char *name)
{
    char **names = g_strsplit(further_names, ",", -1);
    bool found = false;
    for (char **further = names; *further != NULL && !found; further++) {
        const char *one = pipe_bare_name(g_strstrip(*further));
        found = one[0] != '\0' && g_ascii_strcasecmp(one, name) == 0;
    }
    g_strfreev(names);
    return found;
}

bool pipe_is_named(const char *name)
{
    return smb2_names_sql_server(name) || (further_names[0] != '\0' && is_further_name(pipe_bare_name(name)));
}

/* }}} */

/* What SMB does. {{{ */

static tcp_sight_t sight_of(const frame_t *frame)
{
    return (tcp_sight_t){.frame = *frame};
}

static void process_touched(track_t *track, const frame_t *frame)
{
    tcp_sight_t sight = sight_of(frame);
    advance_pipe(track, &sight);
}

static void process_asked(pipe_file_t *file)
{
    track_begin(file->track, TIME_CONNECT, &file->asked);
    track_begin(file->track, TIME_TOTAL, &file->asked);
    advance_message(file->track, &file->asked, ENTRY_TCP, MESSAGE_PIPE_CREATE);
    process_touched(file->track, &file->asked);
    file->asked.number = 0;
}

static void process_opened(pipe_file_t *file)
{
    track_end(file->track, TIME_CONNECT, &file->opened);
    advance_message(file->track, &file->opened, ENTRY_TCP, MESSAGE_PIPE_CREATED);
    process_touched(file->track, &file->opened);
    file->opened.number = 0;
}

static void note_facts(const smb_t *smb, const pipe_file_t *file, guint32 frame)
{
    const smb_session_t *session = smb_session(smb, file->session);
    track_fact_string(file->track, FACT_PIPE, frame, file->name);
    if (session != NULL) {
        track_fact_string(file->track, FACT_SMB_USER, frame, session->user);
        track_fact_string(file->track, FACT_SMB_AUTH, frame, session->auth);
    }
}

/* The pipe's beginning is in the capture: a unit is due at offset 0 of each direction. */
static void expect_units(track_t *track)
{
    tcp_side_t *client = track_tcp(track, SENDER_CLIENT);
    tcp_side_t *server = track_tcp(track, SENDER_SERVER);
    client->has_isn = server->has_isn = true;
    client->isn = server->isn = (guint32)-1;
}

/* Makes the connection of a file, with what was seen of the file before this frame. */
static void make_connection(smb_t *smb, pipe_file_t *file, packet_info *pinfo, const frame_t *frame)
{
    track_t *track = track_new();
    file->track = track;
    track_seldom(track)->pipe = wmem_new0(wmem_file_scope(), pipe_t);
    track->seldom->pipe->place = smb_count_pipe(smb);
    track_set_sides(track, pinfo, frame->sender);
    track->client.frames = track->server.frames = smb_is_two_sided(smb); /* of the TCP connection */
    track->gap = smb_has_gap(smb);
    note_facts(smb, file, file->asked.number != 0 ? file->asked.number : frame->number);
    if (file->asked.number != 0) {
        expect_units(track);
        process_asked(file);
    }
    if (file->opened.number != 0) {
        process_opened(file);
    }
}

void pipe_asked(pipe_file_t *file, packet_info *pinfo, const frame_t *frame)
{
    ASSERT_FIRST_PASS(pinfo);
    conversation_t *conversation = lookup_conversation(pinfo);
    if (file->named && file->share == SMB2_SHARE_PIPE && conversation != NULL) {
        make_connection(smb_of(conversation, true), file, pinfo, frame);
    }
}

void pipe_created(pipe_file_t *file, const frame_t *frame)
{
    file->opened = *frame;
    if (file->track != NULL) {
        process_opened(file);
    }
}

void pipe_refused(pipe_file_t *file, const frame_t *frame, guint32 status)
{
    track_t *track = file->track;
    if (track == NULL) {
        return;
    }
    track->seldom->pipe->status = status;
    advance_message(track, frame, ENTRY_TCP, MESSAGE_PIPE_REFUSED);
    connection_see(&track->connection, MESSAGE_FIN, SENDER_SERVER);
    process_touched(track, frame);
}

void pipe_touched(pipe_file_t *file, const frame_t *frame)
{
    if (file->track != NULL) {
        process_touched(file->track, frame);
    }
}

void pipe_received(pipe_file_t *file, const frame_t *frame)
{
    if (file->track != NULL) {
        tcp_sight_t sight = sight_of(frame);
        sight.flags = TCP_ACK;
        sight.ack = file->client.offset;
        advance_pipe(file->track, &sight);
    }
}

void pipe_broken(pipe_file_t *file, const frame_t *frame, guint32 status)
{
    if (file->track != NULL && file->track->connection.close == CLOSE_OPEN) {
        file->track->seldom->pipe->status = status;
        advance_pipe_end(file->track, frame, MESSAGE_PIPE_BROKEN);
    }
    pipe_touched(file, frame);
}

static bool has_ended(const connection_t *c, sender_t by)
{
    return by == SENDER_CLIENT ? c->client.fin : c->server.fin;
}

void pipe_ends(pipe_file_t *file, const frame_t *frame, message_t message)
{
    track_t *track = file->track;
    if (track != NULL) {
        const connection_t *c = &track->connection;
        if (!has_ended(c, frame->sender) && !c->reset) {
            advance_pipe_end(track, frame, message);
        }
        process_touched(track, frame);
    }
}

void pipe_ended_unseen(pipe_file_t *file, sender_t by)
{
    connection_t *c = file->track == NULL ? NULL : &file->track->connection;
    if (c != NULL && !has_ended(c, by) && !c->reset) {
        connection_see(c, MESSAGE_FIN, by);
    }
}

void pipe_closed(pipe_file_t *file, const frame_t *frame)
{
    pipe_ended_unseen(file, SENDER_CLIENT); /* its CLOSE was there, or nobody would answer it */
    pipe_ends(file, frame, MESSAGE_PIPE_CLOSED);
}

void pipe_hole(pipe_file_t *file, const frame_t *frame, sender_t of)
{
    tcp_side_t *side = track_tcp(file->track, of);
    assembly_clear(&pipe_flow(file, of)->begun);
    side->has_unit = side->has_isn = false;
    units_note_hole(file->track, frame, of);
    judge_message(file->track, frame, MESSAGE_NONE, &file->track->connection);
}

/* }}} */

/* Bytes. {{{ */

static guint chunk_hash(gconstpointer key)
{
    const chunk_key_t *k = (const chunk_key_t *)key;
    return k->frame * 31 + (guint)k->message * 7 + k->place;
}

static gboolean chunk_equal(gconstpointer a, gconstpointer b)
{
    const chunk_key_t *one = (const chunk_key_t *)a;
    const chunk_key_t *other = (const chunk_key_t *)b;
    return one->frame == other->frame && one->message == other->message && one->place == other->place;
}

void pipe_begin_file(void)
{
    capture.pipe_chunks = wmem_map_new(wmem_file_scope(), chunk_hash, chunk_equal);
}

/* The READ or WRITE that brings bytes, as Wireshark's dissectors describe it. */
typedef struct {
    const smb2_info_t *smb2; /* NULL = SMB1 */
    guint16 fid;             /* of SMB1; 0 = Wireshark did not see how it was opened */
    guint64 message;
    sender_t sender;
} carrier_t;

/* What Wireshark knows of the file; NULL if it did not see how it was opened. */
static const smb2_fid_info_t *file_info(const smb2_info_t *smb2)
{
    if (smb2->file != NULL) {
        return smb2->file;
    }
    return smb2->saved != NULL ? smb2->saved->file : NULL;
}

/* Reads the file id of the WRITE or FSCTL_PIPE_TRANSCEIVE that brings these bytes, from the command before them. */
static bool id_before(tvbuff_t *tvb, smb2_file_id_t *id)
{
    enum { WRITE_FIXED = 48, IOCTL_FIXED = 56 }; /* bytes of the request before its buffer, MS-SMB2 2.2.21, 2.2.31 */
    static const gint heads[] = {SMB2_HEADER_LENGTH + WRITE_FIXED, SMB2_HEADER_LENGTH + IOCTL_FIXED};
    tvbuff_t *whole = tvb_get_ds_tvb(tvb);
    gint at = (gint)tvb_raw_offset(tvb);
    smb2_t command;
    for (gsize i = 0; whole != NULL && i < G_N_ELEMENTS(heads); i++) {
        if (at >= heads[i] && smb2_parse(span_of_tvb(whole, at - heads[i], (guint)heads[i]), &command) &&
            smb2_file(&command, id)) {
            return true;
        }
    }
    return false;
}

/* The file of these bytes, if Wireshark did not see how it was opened. It is added if it may be a pipe; NULL if not. */
static pipe_file_t *unopened_file(smb_t *smb, tvbuff_t *tvb, const smb2_info_t *smb2)
{
    smb2_file_id_t id;
    const smb2_fid_info_t *info = file_info(smb2);
    if (info != NULL) {
        id = (smb2_file_id_t){info->fid_persistent, info->fid_volatile};
    } else if (!id_before(tvb, &id)) {
        return NULL;
    }
    pipe_file_t *file = smb_file(smb, &id);
    if (file != NULL) {
        return file;
    }
    guint8 share = smb_share(smb, smb2->sesid, info != NULL ? info->tid : smb2->tid);
    share = share == SMB2_SHARE_UNKNOWN && smb2->tree != NULL ? smb2->tree->share_type : share;
    bool may_be_pipe = share == SMB2_SHARE_UNKNOWN || share == SMB2_SHARE_PIPE;
    file = may_be_pipe ? smb_file_new(smb) : NULL;
    if (file == NULL) {
        return NULL;
    }
    file->id = id;
    file->open = true;
    file->session = smb2->sesid;
    file->share = share;
    file->name = info == NULL || info->name == NULL ? NULL : wmem_strdup(wmem_file_scope(), info->name);
    file->named = file->name != NULL && pipe_is_named(file->name);
    return file;
}

static pipe_file_t *file_at_hand(smb_t *smb, tvbuff_t *tvb, const smb2_info_t *smb2)
{
    const smb2_fid_info_t *info = file_info(smb2);
    pipe_file_t *file = NULL;
    if (info != NULL) {
        const smb2_file_id_t id = {info->fid_persistent, info->fid_volatile};
        file = smb_file(smb, &id);
    } else if ((smb2->flags & SMB2_FLAGS_RESPONSE) != 0) {
        file = smb_file_of_message(smb, smb2->msg_id);
    }
    return file == NULL ? unopened_file(smb, tvb, smb2) : file;
}

/* Reads the command of SMB1 that brings these bytes, if it is the first of its message. Its words, a pipe's name and
 * padding stand between them. */
static bool old_before(tvbuff_t *tvb, smb2_t *command)
{
    enum { HEAD_LEAST = 55, HEAD_MOST = 96 };
    tvbuff_t *whole = tvb_get_ds_tvb(tvb);
    gint at = (gint)tvb_raw_offset(tvb);
    for (gint head = HEAD_LEAST; whole != NULL && head <= HEAD_MOST && head <= at; head++) {
        if (smb1_parse(span_of_tvb(whole, at - head, (guint)head), command)) {
            return true;
        }
    }
    return false;
}

/* The same for SMB1. There Wireshark hands out the bytes of pipes only. */
static pipe_file_t *unopened_old_file(smb_t *smb, tvbuff_t *tvb)
{
    smb2_t command;
    smb2_file_id_t id;
    if (!old_before(tvb, &command)) {
        return NULL;
    }
    if (command.response) {
        return smb_file_of_message(smb, command.message);
    }
    if (!smb1_file(&command, &id)) {
        return NULL;
    }
    pipe_file_t *known = smb_file(smb, &id);
    pipe_file_t *file = known == NULL ? smb_file_new(smb) : NULL;
    if (file == NULL) {
        return known;
    }
    file->id = id;
    file->open = true;
    file->session = command.session;
    file->share = SMB2_SHARE_PIPE;
    return file;
}

static pipe_file_t *old_file(smb_t *smb, tvbuff_t *tvb, guint16 fid)
{
    const smb2_file_id_t id = {fid, 0};
    pipe_file_t *file = smb_file(smb, &id);
    return file == NULL ? unopened_old_file(smb, tvb) : file;
}

static pipe_file_t *file_of(smb_t *smb, tvbuff_t *tvb, const carrier_t *from)
{
    return from->smb2 == NULL ? old_file(smb, tvb, from->fid) : file_at_hand(smb, tvb, from->smb2);
}

/* Whether a file is a connection to SQL Server. Name and share are enough. If one of them is not known, or the name is
 * not SQL Server's, its bytes must be SQL Server's. A known other name on an unknown share is not. */
static bool is_connection(const pipe_file_t *file, tvbuff_t *tvb, sender_t sender)
{
    if (file->named && file->share == SMB2_SHARE_PIPE) {
        return true;
    }
    if (file->share == SMB2_SHARE_UNKNOWN && file->name != NULL && !file->named) {
        return false;
    }
    bool first = file->opened.number != 0 && sender == SENDER_CLIENT && file->client.offset == 0;
    circumstances_t c = {
        .from_start = first,
        .known_port = file->named || (file->share == SMB2_SHARE_PIPE && !first && file->opened.number == 0),
        .sender = sender,
        .length = tvb_reported_length(tvb),
    };
    recognised_t claim = recognise(span_of_tvb(tvb, 0, RECOGNISED_BYTES), &c);
    return claim == CLAIM_TDS || claim == CLAIM_STRICT;
}

/* Keeps the beginning of a unit, unless the snap length cut it. */
static void keep_begun(pipe_flow_t *flow, span_t rest, bool cut)
{
    flow->begun = (assembly_t){0};
    if (!cut && rest.length > 0) {
        assembly_add(&flow->begun, rest, (guint32)rest.length, G_MAXUINT32);
    }
}

/* Joins these bytes with those that are kept, and finds the whole units. */
static void join(pipe_flow_t *flow, chunk_t *chunk, tvbuff_t *tvb)
{
    span_t bytes = span_of_whole(tvb);
    bool cut = bytes.length < tvb_reported_length(tvb);
    if (flow->begun.length == 0) {
        chunk->whole = cut ? tvb_reported_length(tvb) : (guint32)pipe_whole(bytes);
        keep_begun(flow, span_from(bytes, chunk->whole), cut);
        return;
    }
    guint32 before = flow->begun.length;
    assembly_add(&flow->begun, bytes, (guint32)bytes.length, G_MAXUINT32);
    assembly_t joined = flow->begun;
    chunk->whole = (guint32)pipe_whole(span_of(joined.bytes, joined.length));
    if (chunk->whole > 0) {
        chunk->before_length = before;
        chunk->before = (const guint8 *)wmem_memdup(wmem_file_scope(), joined.bytes, before);
    }
    if (chunk->whole > 0 || cut) {
        keep_begun(flow, span_of(joined.bytes + chunk->whole, joined.length - chunk->whole), cut);
        assembly_clear(&joined);
    }
}

/* Notes the bytes of this READ or WRITE; NULL if they are not SQL Server's. */
static chunk_t *chunk_new(tvbuff_t *tvb, packet_info *pinfo, const carrier_t *from, const chunk_key_t *key)
{
    conversation_t *conversation = lookup_conversation(pinfo);
    smb_t *smb = conversation == NULL ? NULL : smb_of(conversation, true);
    pipe_file_t *file = smb == NULL ? NULL : file_of(smb, tvb, from);
    sender_t sender = from->sender;
    if (file == NULL || (file->track == NULL && !is_connection(file, tvb, sender))) {
        return NULL;
    }
    frame_t frame = frame_of(pinfo, sender);
    if (file->track == NULL) {
        make_connection(smb, file, pinfo, &frame);
    }
    chunk_t *chunk = wmem_new0(wmem_file_scope(), chunk_t);
    pipe_flow_t *flow = pipe_flow(file, sender);
    chunk->key = *key;
    chunk->track = file->track;
    chunk->sender = sender;
    chunk->seq = flow->offset;
    join(flow, chunk, tvb);
    chunk->unfinished = flow->begun.length > 0;
    flow->offset += tvb_reported_length(tvb);
    wmem_map_insert(capture.pipe_chunks, &chunk->key, chunk);
    return chunk;
}

#define PLACE_BITS 16 /* of a port */

/* Wireshark identifies connections by their ends, which are the same for all pipes of a TCP connection. So TLS and TDS
 * get ports that no packet has, which makes one conversation for each pipe. */
static void show_units(const chunk_t *chunk, const units_t *units, tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree)
{
    guint32 source = pinfo->srcport;
    guint32 destination = pinfo->destport;
    pinfo->srcport |= (guint32)chunk->track->seldom->pipe->place << PLACE_BITS;
    pinfo->destport |= (guint32)chunk->track->seldom->pipe->place << PLACE_BITS;
    TRY
    {
        stream_dissect_pipe(chunk->track, units, tvb, pinfo, tree);
    }
    FINALLY
    {
        pinfo->srcport = source;
        pinfo->destport = destination;
    }
    ENDTRY;
}

/* The whole units, in one buffer. */
static tvbuff_t *units_of(const chunk_t *chunk, tvbuff_t *tvb, packet_info *pinfo)
{
    if (chunk->before_length == 0) {
        return tvb_new_subset_length(tvb, 0, (gint)chunk->whole);
    }
    guint8 *bytes = (guint8 *)wmem_alloc(pinfo->pool, chunk->whole);
    memcpy(bytes, chunk->before, chunk->before_length);
    tvb_memcpy(tvb, bytes + chunk->before_length, 0, chunk->whole - chunk->before_length);
    tvbuff_t *units = tvb_new_child_real_data(tvb, bytes, chunk->whole, (gint)chunk->whole);
    add_new_data_source(pinfo, units, "TDS from a named pipe");
    return units;
}

static void show_chunk(const chunk_t *chunk, tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, bool first)
{
    guint32 shown = chunk->whole > 0 ? chunk->whole - chunk->before_length : 0;
    if (chunk->whole > 0) {
        tvbuff_t *whole = units_of(chunk, tvb, pinfo);
        units_t units = {.again = !first};
        if (first) {
            units.cut = (cut_t){
                .place = CUT_TCP, .seq = chunk->seq - chunk->before_length, .raw = (guint32)tvb_raw_offset(whole)};
        }
        show_units(chunk, &units, whole, pinfo, tree);
    }
    if (shown < tvb_captured_length(tvb)) {
        call_data_dissector(tvb_new_subset_remaining(tvb, (gint)shown), pinfo, tree);
    }
}

/* Called after the units of a READ or WRITE, as order_tcp() after those of a TCP segment. */
static void process_chunk(const chunk_t *chunk, tvbuff_t *tvb, packet_info *pinfo)
{
    track_t *track = chunk->track;
    tcp_sight_t sight = {
        .frame = frame_of(pinfo, chunk->sender),
        .has_payload = true,
        .seq = chunk->seq,
        .length = tvb_reported_length(tvb),
    };
    if (chunk->unfinished) {
        track_unit_unfinished(track, &sight.frame);
        track->channel.turn.answering |= track->channel.turn.debt.owes == chunk->sender;
    }
    if (tvb_captured_length(tvb) < tvb_reported_length(tvb)) {
        units_note_cut(track, &sight.frame);
    }
    advance_pipe(track, &sight);
}

static void read_chunk(const chunk_t *chunk, tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree)
{
    frame_t frame = frame_of(pinfo, chunk->sender);
    clock_see(chunk->track, &frame);
    TRY
    {
        show_chunk(chunk, tvb, pinfo, tree, true);
    }
    FINALLY
    {
        process_chunk(chunk, tvb, pinfo);
    }
    ENDTRY;
}

/* Dissects the bytes of a READ or WRITE. False if they are not SQL Server's. */
static bool dissect_bytes(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, const carrier_t *from)
{
    const chunk_key_t key = {from->message, number_of(pinfo), (guint32)tvb_raw_offset(tvb)};
    const chunk_t *chunk = (const chunk_t *)wmem_map_lookup(capture.pipe_chunks, &key);
    bool first = chunk == NULL && !PINFO_FD_VISITED(pinfo);
    chunk = first ? chunk_new(tvb, pinfo, from, &key) : chunk;
    if (chunk == NULL) {
        return false;
    }
    taps_add_bytes(pinfo, chunk->track, tvb);
    if (first) {
        read_chunk(chunk, tvb, pinfo, tree);
    } else {
        show_chunk(chunk, tvb, pinfo, tree, false);
    }
    return true;
}

/* The heuristic under SMB1, which gets the bytes of pipes. */
static ws_bool dissect_old_pipe(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    const smb_info_t *smb1 = (const smb_info_t *)data;
    if (smb1 == NULL || tvb_captured_length(tvb) == 0 || pinfo->flags.in_error_pkt) {
        return false;
    }
    const carrier_t from = {
        .fid = smb1->sip == NULL ? 0 : smb1->sip->fid,
        .message = (guint64)smb1->mid,
        .sender = smb1->request ? SENDER_CLIENT : SENDER_SERVER,
    };
    return dissect_bytes(tvb, pinfo, tree, &from);
}

/* The heuristic under SMB2, which gets the bytes of pipes and of other files. */
static ws_bool dissect_pipe(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    const smb2_info_t *smb2 = (const smb2_info_t *)data;
    if (smb2 == NULL || tvb_captured_length(tvb) == 0 || pinfo->flags.in_error_pkt) {
        return false;
    }
    if (!PINFO_FD_VISITED(pinfo) && smb2->tree != NULL && smb2->tree->share_type == SMB2_SHARE_DISK) {
        return false;
    }
    const carrier_t from = {
        .smb2 = smb2,
        .message = smb2->msg_id,
        .sender = (smb2->flags & SMB2_FLAGS_RESPONSE) != 0 ? SENDER_SERVER : SENDER_CLIENT,
    };
    return dissect_bytes(tvb, pinfo, tree, &from);
}

/* }}} */

void pipe_register(module_t *preferences)
{
    prefs_register_string_preference(
        preferences, "pipe_names", "Names of SQL Server's named pipes",
        "Names of pipes that SQL Server was told to use, with commas between them. Pipes whose name ends in sql\\query "
        "need not be listed.",
        &further_names);
}

void pipe_handoff(void)
{
    heur_dissector_add("smb2_pipe_subdissectors", dissect_pipe, "SQL Server connection over a named pipe",
                       "tdsconn_pipe", proto_tdsconn, HEURISTIC_ENABLE);
    heur_dissector_add("smb_transact", dissect_old_pipe, "SQL Server connection over a named pipe of SMB1",
                       "tdsconn_smb1_pipe", proto_tdsconn, HEURISTIC_ENABLE);
}
