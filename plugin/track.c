/* track.c - what is remembered of each SQL Server connection, and of each frame of it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "track.h"

#include <epan/charsets.h>
#include <epan/dissectors/packet-tcp.h>

#include <string.h>

#include "compat.h"
#include "diagnoses.h"
#include "links.h"
#include "lookup.h"
#include "packet-ssrp.h"
#include "packet-tdsconn.h"
#include "sessions.h"
#include "tcpfacts.h"
#include "watch.h"

#define EARLY_LIMIT    24  /* frames kept of a conversation that is not claimed yet */
#define FACTS_USUAL    24  /* of a login in clear */
#define PROGRESS_LIMIT 240 /* bytes of tdsconn.progress */
#define ELLIPSIS       "\xE2\x80\xA6"

/* What a conversation of TCP leads to: our connection, or what was noted before it was known to be one. */
typedef struct {
    track_t *track;
    wmem_array_t *early; /* tcp_sight_t */
    gboolean refused;    /* its first payload was something else: it is not looked at again */
} anchor_t;

static guint32 connection_count;

/* The connection of each frame that has an annotation, by the frame's number: a later pass finds it without a search.
 * File scope. */
static struct {
    wmem_array_t *tracks; /* track_t *, as they were made */
    guint32 *places;      /* index into tracks and 1, by frame; 0 = none of ours */
    guint32 room;         /* of places */
} by_frame;

static wmem_map_t *fact_texts; /* each text of a fact to itself, file scope */

void track_init_file(void)
{
    connection_count = 0;
    fact_texts = wmem_map_new(wmem_file_scope(), wmem_str_hash, g_str_equal);
    by_frame.tracks = wmem_array_new(wmem_file_scope(), sizeof(track_t *));
    by_frame.places = NULL;
    by_frame.room = 0;
}

/* A damaged file may hold any time: what is more than 63 years off is taken for that, so that moments can be added. */
moment_t moment_of(const packet_info *pinfo)
{
    const gint64 limit = 2000000000;
    return CLAMP((gint64)pinfo->rel_ts.secs, -limit, limit) * NANOSECONDS + pinfo->rel_ts.nsecs;
}

static anchor_t *anchor_of(const conversation_t *conversation)
{
    return (anchor_t *)conversation_get_proto_data(conversation, proto_tdsconn);
}

static anchor_t *anchor_make(conversation_t *conversation)
{
    anchor_t *anchor = anchor_of(conversation);
    if (anchor == NULL) {
        anchor = wmem_new0(wmem_file_scope(), anchor_t);
        conversation_add_proto_data(conversation, proto_tdsconn, anchor);
    }
    return anchor;
}

track_t *track_of(const conversation_t *conversation)
{
    const anchor_t *anchor = anchor_of(conversation);
    return anchor == NULL ? NULL : anchor->track;
}

track_t *track_of_frame(guint32 frame)
{
    guint32 place = frame < by_frame.room ? by_frame.places[frame] : 0;
    track_t *track = place == 0 ? NULL : *(track_t **)wmem_array_index(by_frame.tracks, place - 1);
    return track == NULL || track->dropped ? NULL : track;
}

static void note_frame(guint32 frame, const track_t *track)
{
    if (frame >= by_frame.room) {
        guint32 room = MAX(frame + 1, by_frame.room * 2);
        by_frame.places = wmem_realloc(wmem_file_scope(), by_frame.places, room * sizeof *by_frame.places);
        memset(by_frame.places + by_frame.room, 0, (room - by_frame.room) * sizeof *by_frame.places);
        by_frame.room = room;
    }
    by_frame.places[frame] = track->place;
}

/* Where that is known: otherwise false. */
static bool is_of_track(const track_t *track, const packet_info *pinfo)
{
    bool sent = pinfo->srcport == track->client_port && pinfo->destport == track->server_port;
    bool received = pinfo->srcport == track->server_port && pinfo->destport == track->client_port;
    return track->client.type != AT_NONE && (sent || received);
}

track_t *track_find(packet_info *pinfo)
{
    track_t *noted = PINFO_FD_VISITED(pinfo) ? track_of_frame(pinfo->num) : NULL;
    if (noted != NULL && is_of_track(noted, pinfo)) {
        return noted;
    }
    const conversation_t *conversation = lookup_conversation(pinfo);
    return conversation == NULL ? NULL : track_of(conversation);
}

gboolean track_is_candidate(const conversation_t *conversation)
{
    const anchor_t *anchor = anchor_of(conversation);
    return anchor != NULL && anchor->track == NULL && !anchor->refused;
}

void track_note_early(conversation_t *conversation, const tcp_sight_t *sight)
{
    anchor_t *anchor = anchor_make(conversation);
    if (anchor->early == NULL) {
        anchor->early = wmem_array_sized_new(wmem_file_scope(), sizeof *sight, 4);
    }
    if (wmem_array_get_count(anchor->early) < EARLY_LIMIT) {
        wmem_array_append(anchor->early, sight, 1);
    }
}

gboolean track_is_of_opener(const conversation_t *conversation, const packet_info *pinfo)
{
    const anchor_t *anchor = anchor_of(conversation);
    if (anchor != NULL && anchor->track != NULL) {
        return track_sender(anchor->track, pinfo) == SENDER_CLIENT;
    }
    for (guint32 i = 0; anchor != NULL && anchor->early != NULL && i < wmem_array_get_count(anchor->early); i++) {
        const tcp_sight_t *sight = (const tcp_sight_t *)wmem_array_index(anchor->early, i);
        if ((sight->flags & TCP_SYN) != 0) {
            bool answer = (sight->flags & TCP_ACK) != 0;
            return (sight->source_port == pinfo->srcport) != answer;
        }
    }
    return FALSE;
}

gboolean track_is_refused(const conversation_t *conversation)
{
    const anchor_t *anchor = anchor_of(conversation);
    return anchor != NULL && anchor->refused;
}

struct tcp_analysis *track_tcp_of(track_t *track, packet_info *pinfo)
{
    if (track->tcp == NULL) {
        track->tcp = get_tcp_conversation_data(NULL, pinfo);
    }
    return track->tcp;
}

void track_drop(conversation_t *conversation)
{
    anchor_t *anchor = anchor_make(conversation);
    if (anchor->track != NULL) {
        anchor->track->dropped = TRUE;
        connection_count -= anchor->track->number + 1 == connection_count;
    }
    if (anchor->early != NULL) {
        wmem_destroy_array(anchor->early);
    }
    *anchor = (anchor_t){.refused = TRUE};
}

static track_t *track_new(void)
{
    wmem_allocator_t *file = wmem_file_scope();
    track_t *track = wmem_new0(file, track_t);
    track->number = connection_count++;
    wmem_array_append_one(by_frame.tracks, track);
    track->place = wmem_array_get_count(by_frame.tracks);
    connection_init(&track->connection);
    track->tcp_client.closed_since = track->tcp_server.closed_since = MOMENT_NONE;
    clear_address(&track->client);
    clear_address(&track->server);
    track->annotations = wmem_array_sized_new(file, sizeof(annotation_t), 24);
    track->marks = wmem_array_sized_new(file, sizeof(mark_t), 24);
    track->exchanges = wmem_array_sized_new(file, sizeof(exchange_t), 2);
    track->progress = wmem_strbuf_new(file, "");
    return track;
}

static void set_client(track_t *track, const address *client, guint16 client_port, const address *server,
                       guint16 server_port)
{
    copy_address_wmem(wmem_file_scope(), &track->client, client);
    copy_address_wmem(wmem_file_scope(), &track->server, server);
    track->client_port = client_port;
    track->server_port = server_port;
    links_learn_server(server, server_port);
}

void track_set_sender(track_t *track, const packet_info *pinfo, sender_t sender)
{
    if (track->client.type != AT_NONE || sender == SENDER_UNKNOWN) {
        return;
    }
    if (sender == SENDER_CLIENT) {
        set_client(track, &pinfo->src, (guint16)pinfo->srcport, &pinfo->dst, (guint16)pinfo->destport);
    } else {
        set_client(track, &pinfo->dst, (guint16)pinfo->destport, &pinfo->src, (guint16)pinfo->srcport);
    }
}

sender_t track_sender(const track_t *track, const packet_info *pinfo)
{
    if (track->client.type == AT_NONE) {
        return SENDER_UNKNOWN;
    }
    bool from_client = pinfo->srcport == track->client_port && addresses_equal(&pinfo->src, &track->client);
    return from_client ? SENDER_CLIENT : SENDER_SERVER;
}

frame_t track_frame(const track_t *track, const packet_info *pinfo)
{
    return (frame_t){pinfo->num, moment_of(pinfo), track_sender(track, pinfo)};
}

/* Who sent an early frame, now that a SYN among them or the frame that claims tells who is who. */
static sender_t early_sender(const track_t *track, const tcp_sight_t *sight)
{
    if (track->client.type == AT_NONE) {
        return SENDER_UNKNOWN;
    }
    return sight->source_port == track->client_port ? SENDER_CLIENT : SENDER_SERVER;
}

/* The sender of a SYN is the client, and the receiver of a SYN-ACK: `pinfo` is any frame of the conversation. */
static void sender_from_handshake(track_t *track, const packet_info *pinfo, const wmem_array_t *early)
{
    for (guint32 i = 0; early != NULL && i < wmem_array_get_count((wmem_array_t *)early); i++) {
        const tcp_sight_t *sight = (const tcp_sight_t *)wmem_array_index((wmem_array_t *)early, i);
        if ((sight->flags & TCP_SYN) == 0) {
            continue;
        }
        bool by_client = (sight->flags & TCP_ACK) == 0;
        bool same_sender = sight->source_port == pinfo->srcport;
        track_set_sender(track, pinfo, by_client == same_sender ? SENDER_CLIENT : SENDER_SERVER);
        return;
    }
}

track_t *track_claim(packet_info *pinfo, conversation_t *conversation, sender_t sender)
{
    anchor_t *anchor = anchor_make(conversation);
    if (anchor->track != NULL) {
        return anchor->track;
    }
    track_t *track = track_new();
    anchor->track = track;
    sender_from_handshake(track, pinfo, anchor->early);
    track_set_sender(track, pinfo, sender);
    for (guint32 i = 0; anchor->early != NULL && i < wmem_array_get_count(anchor->early); i++) {
        tcp_sight_t sight = *(const tcp_sight_t *)wmem_array_index(anchor->early, i);
        sight.frame.sender = early_sender(track, &sight);
        track_tcp(track, &sight);
        if (sight.has_payload) { /* only a TLS handshake is waited through */
            track_annotate(track, &sight.frame)->step = STEP_TLS;
        }
    }
    if (anchor->early != NULL) {
        wmem_destroy_array(anchor->early);
        anchor->early = NULL;
    }
    links_join_redirect(track, pinfo);
    ssrp_join_connection(track);
    return track;
}

annotation_t *track_annotate(track_t *track, const frame_t *frame)
{
    guint32 count = wmem_array_get_count(track->annotations);
    annotation_t *last = count == 0 ? NULL : track_annotation_at(track, count - 1);
    if (last != NULL && last->frame == frame->number) {
        return last;
    }
    annotation_t annotation = {
        .frame = frame->number,
        .first_mark = wmem_array_get_count(track->marks),
        .step = (guint8)connection_step_of(&track->connection, MESSAGE_NONE),
        .sender = (guint8)frame->sender,
        .at = frame->at,
    };
    wmem_array_append_one(track->annotations, annotation);
    note_frame(frame->number, track);
    track->last_frame = frame->number;
    return track_annotation_at(track, count);
}

guint frames_from(wmem_array_t *array, guint32 frame)
{
    guint low = 0;
    guint high = array == NULL ? 0 : wmem_array_get_count(array);
    while (low < high) {
        guint middle = low + (high - low) / 2;
        if (*(const guint32 *)wmem_array_index(array, middle) < frame) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

void *frames_at(wmem_array_t *array, guint index, guint32 frame)
{
    guint32 *element =
        array == NULL || index >= wmem_array_get_count(array) ? NULL : (guint32 *)wmem_array_index(array, index);
    return element != NULL && *element == frame ? element : NULL;
}

const annotation_t *track_annotation(const track_t *track, guint32 frame)
{
    if (frame == track->last_frame) {
        return (const annotation_t *)wmem_array_index(track->annotations, wmem_array_get_count(track->annotations) - 1);
    }
    return (const annotation_t *)frames_at(track->annotations, frames_from(track->annotations, frame), frame);
}

/* What a frame carries tells its step. That of TCP counts where there is nothing else: a FIN that comes with the
 * last response does not hide it. */
static void annotation_set_step(annotation_t *annotation, mark_kind_t kind, message_t step_like, step_t step)
{
    bool own = message_row(step_like)->step != STEP_KEEP;
    if (kind == MARK_TCP && annotation->settled) {
        return;
    }
    if (own || !annotation->settled) {
        annotation->step = (guint8)step;
    }
    annotation->settled = annotation->settled || (own && kind != MARK_TCP);
}

mark_t *track_mark_still(track_t *track, const frame_t *frame, mark_kind_t kind, message_t message, message_t step_like)
{
    annotation_t *annotation = track_annotate(track, frame);
    annotation_set_step(annotation, kind, step_like, connection_step_of(&track->connection, step_like));
    mark_t mark = {.message = (guint8)message, .kind = (guint8)kind};
    wmem_array_append_one(track->marks, mark);
    annotation->mark_count++;
    return track_mark_at(track, wmem_array_get_count(track->marks) - 1);
}

static bool is_command(message_t message)
{
    return message >= MESSAGE_SQL_BATCH && message <= MESSAGE_ATTENTION;
}

static void progress_stop(track_t *track)
{
    wmem_strbuf_append(track->progress, " " ELLIPSIS);
    track->progress_full = TRUE;
}

void track_progress(track_t *track, sender_t sender, const char *code)
{
    if (track->progress_full || code[0] == '\0') {
        return;
    }
    if (track->progress_answered || wmem_strbuf_get_len(track->progress) > PROGRESS_LIMIT) {
        progress_stop(track);
        return;
    }
    if (wmem_strbuf_get_len(track->progress) > 0) {
        wmem_strbuf_append_c(track->progress, ' ');
    }
    wmem_strbuf_append_c(track->progress, sender == SENDER_SERVER ? '<' : '>');
    wmem_strbuf_append(track->progress, code);
}

/* The login, the first command and its answer, the end if it comes next: anything else is left out. */
static void progress_message(track_t *track, sender_t sender, message_t message)
{
    gboolean answered = track->progress_answered;
    if (is_command(message)) {
        track->progress_answered = track->progress_answered || track->progress_command;
        track->progress_command = TRUE;
    }
    if (message == MESSAGE_FIN || message == MESSAGE_RST) {
        track->progress_answered = FALSE;
    }
    track_progress(track, sender, message_row(message)->code);
    bool answer = message == MESSAGE_RESPONSE || message == MESSAGE_RESPONSE_ERROR || message == MESSAGE_ATTENTION_ACK;
    track->progress_answered = answered || (answer && track->progress_command);
}

/* Commands and their responses are many and change nothing: only what leads to a login or away from one is judged. */
static bool is_worth_judging(message_t message, const connection_t *before, const connection_t *now)
{
    return message < MESSAGE_SQL_BATCH || before->state != now->state;
}

/* The latest word of the client, for those who wait for an answer: noted when it was judged. */
static void note_client(track_t *track, const frame_t *frame, mark_kind_t kind)
{
    if (kind != MARK_TCP && frame->sender == SENDER_CLIENT) {
        track->last_client_frame = frame->number;
        track->last_client_at = frame->at;
    }
}

mark_t *track_mark(track_t *track, const frame_t *frame, mark_kind_t kind, message_t message)
{
    connection_t before = track->connection;
    (void)track_annotate(track, frame);
    connection_see(&track->connection, message, frame->sender);
    if (message == MESSAGE_FIN || message == MESSAGE_RST) {
        track_judge_hidden(track);
    }
    if (message == MESSAGE_RST && rule_is_foreign_ttl(track->reset_ttl, track->usual_ttl)) {
        track->connection.close = CLOSE_DEVICE_RESET;
    }
    if (is_worth_judging(message, &before, &track->connection)) {
        diagnoses_judge(track, frame, message, &before);
    }
    note_client(track, frame, kind);
    return track_mark_still(track, frame, kind, message, message);
}

mark_t *track_tell(track_t *track, const frame_t *frame, mark_kind_t kind, message_t message)
{
    progress_message(track, frame->sender, message);
    return track_mark(track, frame, kind, message);
}

gboolean track_is_one_sided(const track_t *track)
{
    return track->frames_client == 0 || track->frames_server == 0;
}

void track_judge_hidden(track_t *track)
{
    if (track->hidden == NULL || track->decrypting || track->gap) {
        return;
    }
    const connection_t *c = &track->connection;
    hidden_circumstances_t circumstances = {
        .federated_possible = !track->prelogin_client || (track->fedauth_client && track->fedauth_server) ||
                              (track->encrypt_client & ENCRYPT_CLIENT_CERT) != 0,
        .closed = c->close != CLOSE_OPEN,
        .server_first = c->closed_first == SENDER_SERVER,
    };
    hidden_verdict_t verdict = hidden_judge(track->hidden, circumstances);
    if (verdict.outcome == HIDDEN_OPEN) {
        return;
    }
    connection_conclude(&track->connection, verdict.outcome == HIDDEN_CONFIRMED ? STATE_LOGGED_IN : STATE_LOGIN_FAILED);
    track->hidden_refused = verdict.outcome == HIDDEN_REFUSED;
    track->hidden_command = verdict.command_frame;
    if (verdict.has_evidence) {
        auth_note(&track->evidence, verdict.evidence, verdict.decided->frame);
    }
    if (verdict.decided != NULL && track->confirm_frame == 0) {
        frame_t decided = {verdict.decided->frame, verdict.decided->at, SENDER_SERVER};
        track->hidden_confirmed = track->confirm_frame = decided.number;
        track_end(track, TIME_TOTAL, &decided);
    }
}

step_t track_step(const track_t *track, const annotation_t *annotation)
{
    bool hidden = annotation->step == STEP_UNKNOWN && track->hidden != NULL;
    guint32 confirmed = track->hidden_confirmed;
    if (!hidden || (confirmed == 0 && track->hidden_command == 0)) {
        return (step_t)annotation->step;
    }
    if (annotation->frame == confirmed) {
        return STEP_CONFIRMATION;
    }
    if (confirmed != 0 && annotation->frame < confirmed) {
        return STEP_AUTHENTICATION;
    }
    guint32 command = track->hidden_command;
    if (command != 0 && annotation->frame >= command) {
        return STEP_COMMAND;
    }
    return confirmed != 0 ? STEP_CONFIRMATION : STEP_UNKNOWN;
}

/* The bare ACK that ends the handshake: told by the step machine, not by the field. */
static void tcp_handshake_ack(track_t *track, const tcp_sight_t *sight)
{
    connection_t before = track->connection;
    if (sight->frame.sender == SENDER_CLIENT) { /* an ACK that brings the first message ends the handshake as well */
        track_end(track, TIME_CONNECT, &sight->frame);
    }
    if (sight->frame.sender == SENDER_CLIENT &&
        connection_see(&track->connection, MESSAGE_HANDSHAKE_ACK, SENDER_CLIENT) == OUTCOME_MOVED) {
        track_progress(track, SENDER_CLIENT, message_row(MESSAGE_HANDSHAKE_ACK)->code);
        diagnoses_judge(track, &sight->frame, MESSAGE_HANDSHAKE_ACK, &before);
    }
}

static bool tcp_is_retransmission(const tcp_sight_t *sight)
{
    return (sight->analysis & TCP_FLAGS_ANY_RETRANSMISSION) != 0;
}

/* Opens, and what TCP's analysis says of the segment: before what it carries. */
static void tcp_opening(track_t *track, const tcp_sight_t *sight)
{
    if ((sight->flags & TCP_SYN) == 0) {
        return;
    }
    message_t message = (sight->flags & TCP_ACK) != 0 ? MESSAGE_SYN_ACK : MESSAGE_SYN;
    if (message == MESSAGE_SYN) {
        if (track->syn_count++ == 0) {
            links_note_opening(track, sight->frame.at);
        }
        track_begin(track, TIME_CONNECT, sight->frame.at);
        track_begin(track, TIME_TOTAL, sight->frame.at);
    }
    if (tcp_is_retransmission(sight)) {
        track_mark_still(track, &sight->frame, MARK_TCP, message, message);
    } else {
        track_tell(track, &sight->frame, MARK_TCP, message);
    }
}

static void tcp_closing(track_t *track, const tcp_sight_t *sight)
{
    if ((sight->flags & TCP_FIN) != 0) {
        if (tcp_is_retransmission(sight)) {
            track_mark_still(track, &sight->frame, MARK_TCP, MESSAGE_FIN, MESSAGE_FIN);
        } else {
            track_tell(track, &sight->frame, MARK_TCP, MESSAGE_FIN);
        }
    }
    if ((sight->flags & TCP_RST) == 0) {
        return;
    }
    if (track->stray_reset) {
        track_mark_still(track, &sight->frame, MARK_TCP, MESSAGE_RST, MESSAGE_NONE);
    } else {
        track_tell(track, &sight->frame, MARK_TCP, MESSAGE_RST);
    }
}

static void tcp_analysis_marks(track_t *track, const tcp_sight_t *sight)
{
    static const struct {
        guint16 flags;
        message_t message;
    } rows[] = {
        {TCP_FLAG_KEEP_ALIVE, MESSAGE_KEEP_ALIVE},
        {TCP_FLAG_KEEP_ALIVE_ACK, MESSAGE_KEEP_ALIVE_ACK},
        {TCP_FLAG_ZERO_WINDOW, MESSAGE_ZERO_WINDOW},
        {TCP_FLAGS_ANY_RETRANSMISSION, MESSAGE_RETRANSMISSION},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        if ((sight->analysis & rows[i].flags) != 0) {
            track_mark_still(track, &sight->frame, MARK_TCP, rows[i].message, rows[i].message);
        }
    }
}

/* A keep-alive may repeat a byte, which nobody gets to see. */
static bool carries_bytes(const tcp_sight_t *sight)
{
    return sight->has_payload && (sight->analysis & TCP_FLAG_KEEP_ALIVE) == 0;
}

void track_tcp(track_t *track, const tcp_sight_t *sight)
{
    annotation_t *annotation = track_annotate(track, &sight->frame);
    annotation->has_payload = sight->has_payload;
    watch_frame(track, sight);
    track->frames_client += sight->frame.sender == SENDER_CLIENT;
    track->frames_server += sight->frame.sender == SENDER_SERVER;
    tcp_opening(track, sight);
    tcp_analysis_marks(track, sight);
    if ((sight->flags & (TCP_SYN | TCP_FIN | TCP_RST)) == 0) {
        tcp_handshake_ack(track, sight);
    }
    track->connection.spoken = track->connection.spoken || track->gap || carries_bytes(sight);
    tcp_closing(track, sight);
    if ((sight->flags & (TCP_FIN | TCP_RST)) != 0) {
        sessions_close(track, &sight->frame);
    }
}

static guint32 *partial_of(track_t *track, sender_t sender)
{
    return sender == SENDER_SERVER ? &track->partial_server : &track->partial_client;
}

void track_unit_unfinished(track_t *track, const frame_t *frame)
{
    guint32 *partial = partial_of(track, frame->sender);
    (void)track_annotate(track, frame);
    if (*partial == 0) {
        *partial = wmem_array_get_count(track->annotations);
    }
}

guint32 track_unit_begin(track_t *track, const frame_t *frame)
{
    guint32 *partial = partial_of(track, frame->sender);
    guint32 first = *partial;
    *partial = 0;
    return first;
}

void track_unit_end(track_t *track, guint32 first, const frame_t *frame)
{
    guint32 count = wmem_array_get_count(track->annotations);
    guint8 step = track_annotate(track, frame)->step;
    for (guint32 i = first; first != 0 && i < count; i++) {
        annotation_t *annotation = track_annotation_at(track, i - 1);
        if (annotation->sender == frame->sender && annotation->has_payload && !annotation->settled) {
            annotation->step = step;
        }
    }
}

void track_begin(track_t *track, step_time_id_t which, moment_t at)
{
    step_time_t *time = &track->times[which];
    if (time->begun == 0 && time->frame == 0) {
        time->begun = at + 1; /* never 0, so that 0 says "not begun" */
    }
}

void track_end(track_t *track, step_time_id_t which, const frame_t *frame)
{
    step_time_t *time = &track->times[which];
    if (time->begun != 0 && time->frame == 0) {
        time->took = frame->at - (time->begun - 1);
        time->frame = frame->number;
    }
}

const fact_t *track_fact(const track_t *track, fact_id_t id)
{
    guint8 place = track->fact_places[id];
    return place == 0 ? NULL : (const fact_t *)wmem_array_index(track->facts, place - 1u);
}

const char *track_fact_text(const track_t *track, fact_id_t id)
{
    const fact_t *fact = track_fact(track, id);
    return fact == NULL ? NULL : fact->value.string;
}

/* The first to tell a fact is believed. */
static void fact_note(track_t *track, fact_id_t id, fact_t fact)
{
    if (track->fact_places[id] != 0) {
        return;
    }
    if (track->facts == NULL) {
        track->facts = wmem_array_sized_new(wmem_file_scope(), sizeof fact, FACTS_USUAL);
    }
    wmem_array_append_one(track->facts, fact);
    track->fact_places[id] = (guint8)wmem_array_get_count(track->facts);
    track->facts_until = MAX(track->facts_until, fact.frame);
}

/* A capture has many connections of few users, hosts and programs. */
static const char *shared_text(const char *string)
{
    const char *known = (const char *)wmem_map_lookup(fact_texts, string);
    if (known == NULL) {
        known = wmem_strdup(wmem_file_scope(), string);
        wmem_map_insert(fact_texts, known, (void *)known);
    }
    return known;
}

void track_fact_string(track_t *track, fact_id_t id, guint32 frame, const char *string)
{
    if (string != NULL && string[0] != '\0' && track->fact_places[id] == 0) {
        fact_note(track, id, (fact_t){.frame = frame, .value.string = shared_text(string)});
    }
}

void track_fact_utf16(track_t *track, fact_id_t id, guint32 frame, span_t utf16)
{
    if (utf16.length >= 2 && track->fact_places[id] == 0) {
        char *text = (char *)get_utf_16_string(NULL, utf16.at, (gint)(utf16.length & ~(size_t)1), ENC_LITTLE_ENDIAN);
        track_fact_string(track, id, frame, text);
        wmem_free(NULL, text);
    }
}

void track_fact_bytes(track_t *track, fact_id_t id, guint32 frame, span_t bytes)
{
    if (bytes.length > 0 && track->fact_places[id] == 0) {
        char *text = (char *)get_utf_8_string(NULL, bytes.at, (gint)bytes.length);
        track_fact_string(track, id, frame, text);
        wmem_free(NULL, text);
    }
}

void track_fact_number(track_t *track, fact_id_t id, guint32 frame, guint32 number)
{
    fact_note(track, id, (fact_t){.frame = frame, .value.number = number});
}

void track_fact_flag(track_t *track, fact_id_t id, guint32 frame, gboolean set)
{
    if (set) {
        track_fact_number(track, id, frame, TRUE);
    }
}

void track_fact_guid(track_t *track, fact_id_t id, guint32 frame, const guint8 bytes[16])
{
    if (track->fact_places[id] == 0) {
        const guint8 *guid = (const guint8 *)wmem_memdup(wmem_file_scope(), bytes, 16);
        fact_note(track, id, (fact_t){.frame = frame, .value.guid = guid});
    }
}

encryption_t track_encryption(const track_t *track)
{
    if (track->strict) {
        return ENCRYPTION_STRICT;
    }
    bool ended = track->connection.close != CLOSE_OPEN;
    if (ended && track->prelogin_server && !track->server_hello) {
        return ENCRYPTION_NONE;
    }
    return track->encryption;
}

const char *track_version(const track_t *track)
{
    return tds_version_name(track->strict ? 0x08000000 : track->tds_version);
}

void assembly_add(assembly_t *assembly, span_t bytes, guint32 reported, guint32 limit)
{
    assembly->total += reported;
    assembly->broken = assembly->broken || bytes.length < reported;
    guint32 left = limit > assembly->length ? limit - assembly->length : 0;
    guint32 take = (guint32)bytes.length < left ? (guint32)bytes.length : left;
    if (take == 0) {
        return;
    }
    if (assembly->length + take > assembly->room) {
        assembly->room = (assembly->length + take) * 2;
        assembly->bytes = (guint8 *)wmem_realloc(wmem_file_scope(), assembly->bytes, assembly->room);
    }
    memcpy(assembly->bytes + assembly->length, bytes.at, take);
    assembly->length += take;
}

void assembly_clear(assembly_t *assembly)
{
    wmem_free(wmem_file_scope(), assembly->bytes);
    *assembly = (assembly_t){0};
}
