/* track.c - what is remembered of each SQL Server connection, and of each frame of it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "memory/track.h"

#include <epan/dissectors/packet-tcp.h>

#include <string.h>

#include "memory/capture.h"
#include "memory/keep.h"
#include "wire/text.h"

void track_begin_file(void)
{
    capture.fact_values.texts = wmem_map_new(wmem_file_scope(), wmem_str_hash, g_str_equal);
    capture.fact_values.count = 1; /* 0 = there is no room */
    capture.frames.tracks = wmem_array_new(wmem_file_scope(), sizeof(track_t *));
    capture.frames.also = wmem_map_new(wmem_file_scope(), g_direct_hash, g_direct_equal);
}

/* Wireshark's own relative time counts from a time reference that the user may set. A damaged file may hold any time:
 * what is more than 63 years off is taken for that, so that a moment has room for it. */
moment_t moment_of(const packet_info *pinfo)
{
    const gint64 limit = 2000000000;
    if ((pinfo->presence_flags & PINFO_HAS_TS) == 0) {
        return MOMENT_NONE;
    }
    if (!capture.has_first_time) {
        capture.first_time = pinfo->abs_ts;
        capture.has_first_time = true;
    }
    capture.ticks = capture.ticks || nstime_cmp(&pinfo->abs_ts, &capture.first_time) != 0;
    gint64 seconds = (gint64)pinfo->abs_ts.secs - (gint64)capture.first_time.secs;
    return SECONDS(CLAMP(seconds, -limit, limit)) + pinfo->abs_ts.nsecs - capture.first_time.nsecs;
}

moment_t moment_between(moment_t from, moment_t to)
{
    return from != to || capture.ticks ? moment_since(from, to) : MOMENT_NONE;
}

bool moment_time(moment_t moment, nstime_t *time)
{
    if (moment == MOMENT_NONE) {
        return false;
    }
    moment_t nanoseconds = moment_sum(moment, capture.first_time.nsecs);
    int before = nanoseconds % SECONDS(1) < 0;
    time->secs = capture.first_time.secs + (time_t)(nanoseconds / SECONDS(1)) - before;
    time->nsecs = (int)(nanoseconds % SECONDS(1)) + before * (int)SECONDS(1);
    return true;
}

bool moment_date(moment_t moment, gint64 *date)
{
    const gint64 year_2000 = 946684800;
    nstime_t time;
    if (!moment_time(moment, &time)) {
        return false;
    }
    *date = time.secs;
    return *date >= year_2000;
}

track_t *track_of_frame(guint32 frame)
{
    guint32 place = frame < capture.frames.room ? capture.frames.places[frame] : 0;
    track_t *track = place == 0 ? NULL : *(track_t **)wmem_array_index(capture.frames.tracks, place - 1);
    return track == NULL || track->dropped ? NULL : track;
}

track_t *track_also_of_frame(guint32 frame, guint index)
{
    wmem_array_t *also = (wmem_array_t *)wmem_map_lookup(capture.frames.also, GUINT_TO_POINTER(frame));
    return also == NULL || index >= wmem_array_get_count(also) ? NULL : *(track_t **)wmem_array_index(also, index);
}

/* Of two pipes the first keeps its place. */
static bool is_further_pipe(guint32 frame, track_t *track)
{
    const track_t *first = track->seldom->pipe == NULL ? NULL : track_of_frame(frame);
    if (first == NULL || first->seldom->pipe == NULL) {
        return false;
    }
    wmem_array_t *also = (wmem_array_t *)wmem_map_lookup(capture.frames.also, GUINT_TO_POINTER(frame));
    if (also == NULL) {
        also = wmem_array_sized_new(wmem_file_scope(), sizeof(track_t *), 1);
        wmem_map_insert(capture.frames.also, GUINT_TO_POINTER(frame), also);
    }
    wmem_array_append_one(also, track);
    return true;
}

static void note_frame(guint32 frame, track_t *track)
{
    if (is_further_pipe(frame, track)) {
        return;
    }
    capture.frames.places =
        (guint32 *)keep_places(capture.frames.places, &capture.frames.room, frame, sizeof *capture.frames.places);
    capture.frames.places[frame] = track->place;
}

struct tcp_analysis *track_tcp_of(track_t *track, packet_info *pinfo)
{
    if (track->tcp == NULL) {
        track->tcp = get_tcp_conversation_data(NULL, pinfo);
    }
    return track->tcp;
}

/* Parts that were not made yet. */
static const tcp_trouble_t no_trouble;
static const tcp_side_t no_tcp = {.trouble = &no_trouble};
static const tls_track_t no_tls;
static const hidden_track_t no_hidden;
static const login_t no_login = {.tls = &no_tls, .hidden = &no_hidden};
static const sessions_t no_sessions;
static const seldom_t nothing_seldom;
static const namesakes_t no_namesakes;
static const assembly_t no_message;
static const address no_host = ADDRESS_INIT_NONE;

/* A part that may be changed: a copy of the one that stands for those that were not made, where it is that. */
static void *own_part(const void *part, const void *none, gsize size)
{
    return part == none ? keep_copy(none, size) : (void *)part;
}

tcp_side_t *track_tcp(track_t *track, sender_t sender)
{
    side_t *side = track_side(track, sender);
    tcp_side_t *own = (tcp_side_t *)own_part(side->tcp, &no_tcp, sizeof no_tcp);
    side->tcp = own;
    return own;
}

tcp_trouble_t *tcp_trouble(tcp_side_t *side)
{
    tcp_trouble_t *own = (tcp_trouble_t *)own_part(side->trouble, &no_trouble, sizeof no_trouble);
    side->trouble = own;
    return own;
}

tls_track_t *track_tls(track_t *track)
{
    tls_track_t *own = (tls_track_t *)own_part(track->login->tls, &no_tls, sizeof no_tls);
    track_login(track)->tls = own;
    return own;
}

hidden_track_t *track_hidden(track_t *track)
{
    hidden_track_t *own = (hidden_track_t *)own_part(track->login->hidden, &no_hidden, sizeof no_hidden);
    track_login(track)->hidden = own;
    return own;
}

sessions_t *track_sessions(track_t *track)
{
    sessions_t *own = (sessions_t *)own_part(track->sessions, &no_sessions, sizeof no_sessions);
    track->sessions = own;
    return own;
}

login_t *track_login(track_t *track)
{
    login_t *own = (login_t *)own_part(track->login, &no_login, sizeof no_login);
    track->login = own;
    return own;
}

seldom_t *track_seldom(track_t *track)
{
    seldom_t *own = (seldom_t *)own_part(track->seldom, &nothing_seldom, sizeof nothing_seldom);
    track->seldom = own;
    return own;
}

namesakes_t *track_namesakes(track_t *track)
{
    namesakes_t *own = (namesakes_t *)own_part(track->namesakes, &no_namesakes, sizeof no_namesakes);
    track->namesakes = own;
    return own;
}

const assembly_t *channel_message(const channel_t *channel, sender_t sender)
{
    const assembly_t *message = sender == SENDER_SERVER ? channel->server_message : channel->client_message;
    return message == NULL ? &no_message : message;
}

assembly_t *channel_own_message(channel_t *channel, sender_t sender)
{
    assembly_t *own = (assembly_t *)own_part(channel_message(channel, sender), &no_message, sizeof no_message);
    *(sender == SENDER_SERVER ? &channel->server_message : &channel->client_message) = own;
    return own;
}

void channel_forget_message(channel_t *channel, sender_t sender)
{
    if (channel_message(channel, sender) != &no_message) {
        assembly_clear(channel_own_message(channel, sender));
    }
}

tcp_trouble_t *track_trouble_met(const track_t *track, sender_t sender)
{
    const tcp_trouble_t *trouble = track_side_of(track, sender)->tcp->trouble;
    return trouble == &no_trouble ? NULL : (tcp_trouble_t *)trouble;
}

track_t *track_new(void)
{
    static const track_t empty;
    track_t *track = (track_t *)keep_copy(&empty, sizeof empty);
    track->number = capture.connections++;
    wmem_array_append_one(capture.frames.tracks, track);
    track->place = wmem_array_get_count(capture.frames.tracks);
    connection_init(&track->connection);
    track->client.tcp = track->server.tcp = &no_tcp;
    track->login = &no_login;
    track->sessions = &no_sessions;
    track->seldom = &nothing_seldom;
    track->namesakes = &no_namesakes;
    track->client.host = track->server.host = &no_host;
    return track;
}

void track_forget(track_t *track)
{
    track->dropped = true;
    capture.connections -= track->number + 1 == capture.connections;
}

/* The last frame of the connection that is shown; 0 if none is. */
static guint32 last_shown(const track_t *track)
{
    guint count = track->annotations.count;
    while (count > 0 && number_shown(track_annotation_at(track, count - 1)->frame) == 0) {
        count--;
    }
    return count == 0 ? 0 : track_annotation_at(track, count - 1)->frame;
}

bool track_is_last(const track_t *track, const packet_info *pinfo)
{
    if (!PINFO_FD_VISITED(pinfo)) {
        return false;
    }
    guint32 number = number_of(pinfo); /* first: it learns of the latest frame whether it was dropped */
    if (capture.numbers.drops.count == 0) {
        return number == track->last_frame;
    }
    if (capture.numbers.asked != track) { /* as the frames of a connection stand together more often than not */
        capture.numbers.asked = track;
        capture.numbers.last = last_shown(track);
    }
    return number == capture.numbers.last;
}

/* From 4.6 on, the dissector of HTTP's CONNECT puts the target's name there, of whichever side. */
static const address *host_of(const address *host, const address *of_ip)
{
    return host->type == AT_STRINGZ ? of_ip : host;
}

sender_t track_sender(const track_t *track, const packet_info *pinfo)
{
    if (track->client.host->type == AT_NONE) {
        return SENDER_UNKNOWN;
    }
    /* The ports of a pipe have more bits while it is shown: see stream/pipe.c. */
    bool from_client = (guint16)pinfo->srcport == track->client.port &&
                       addresses_equal(host_of(&pinfo->src, &pinfo->net_src), track->client.host);
    return from_client ? SENDER_CLIENT : SENDER_SERVER;
}

frame_t frame_of(const packet_info *pinfo, sender_t sender)
{
    ASSERT_FIRST_PASS(pinfo);
    return (frame_t){.number = number_of(pinfo), .at = moment_of(pinfo), .sender = sender};
}

frame_t track_frame(const track_t *track, const packet_info *pinfo)
{
    return frame_of(pinfo, track_sender(track, pinfo));
}

/* The annotation of a frame that has one, + 1. */
static guint32 annotation_index(const track_t *track, guint32 frame)
{
    guint32 count = track->annotations.count;
    return frame == track->last_frame ? count : frames_from(&track->annotations, frame) + 1;
}

annotation_t *track_annotate(track_t *track, const frame_t *frame)
{
    guint32 count = track->annotations.count;
    if (count > 0 && frame->number <= track->last_frame) { /* none of ours is met behind a later one */
        return track_annotation_at(track, annotation_index(track, frame->number) - 1);
    }
    annotation_t annotation = {
        .frame = frame->number,
        .first_entry = track->entries.count,
        .step = (guint8)connection_step_of(&track->connection, MESSAGE_NONE),
        .sender = (guint8)frame->sender,
        .at = moment_keep(frame->at),
    };
    note_frame(frame->number, track);
    track->last_frame = frame->number;
    return (annotation_t *)rows_add(&track->annotations, &annotation, sizeof annotation);
}

annotation_t *track_annotate_processed(track_t *track, const frame_t *frame)
{
    annotation_t *annotation = track_annotate(track, frame);
    if (!annotation->processed) {
        annotation->first_entry = track->entries.count;
        annotation->step = (guint8)connection_step_of(&track->connection, MESSAGE_NONE);
        annotation->processed = true;
    }
    return annotation;
}

void track_note_late(track_t *track, guint32 frame)
{
    if (track->seldom->found_late == NULL) {
        track_seldom(track)->found_late = wmem_list_new(wmem_file_scope());
    }
    wmem_list_append(track->seldom->found_late, GUINT_TO_POINTER(frame));
}

void track_forget_late(track_t *track)
{
    while (track->seldom->found_late != NULL && wmem_list_head(track->seldom->found_late) != NULL) {
        wmem_list_remove_frame(track->seldom->found_late, wmem_list_head(track->seldom->found_late));
    }
}

const annotation_t *track_annotation(const track_t *track, guint32 frame)
{
    if (frame == track->last_frame) {
        return (const annotation_t *)rows_last(&track->annotations);
    }
    return (const annotation_t *)frames_at(&track->annotations, frames_from(&track->annotations, frame), frame);
}

instant_t track_instant(const track_t *track, guint32 frame)
{
    const annotation_t *annotation = frame == 0 ? NULL : track_annotation(track, frame);
    instant_t then = {0};
    if (annotation != NULL) {
        then = (instant_t){frame, annotation_moment(annotation)};
    }
    return then;
}

entry_t *track_entry_with(const track_t *track, const annotation_t *annotation, message_t message)
{
    for (guint32 i = 0; i < annotation->entry_count; i++) {
        entry_t *entry = track_entry_of(track, annotation, i);
        if (entry->message == message) {
            return entry;
        }
    }
    return NULL;
}

/* The content of a frame decides its step. The step of TCP counts only if there is nothing else: a FIN with the last
 * response does not hide it. */
static void annotation_set_step(annotation_t *annotation, entry_kind_t kind, message_t step_like, step_t step)
{
    bool own = message_row(step_like)->step != STEP_KEEP;
    if (kind == ENTRY_TCP && annotation->settled) {
        return;
    }
    if (own || !annotation->settled) {
        annotation->step = (guint8)step;
    }
    annotation->settled = annotation->settled || (own && kind != ENTRY_TCP);
}

/* The entries of a frame stand together: where others were made since, they stand there once more. */
static void entries_move_to_end(track_t *track, annotation_t *annotation)
{
    guint32 end = track->entries.count;
    guint32 first = annotation->first_entry;
    if (first + annotation->entry_count == end) {
        return;
    }
    annotation->first_entry = end;
    for (guint32 i = 0; i < annotation->entry_count; i++) {
        rows_add(&track->entries, track_entry_at(track, first + i), sizeof(entry_t));
    }
}

entry_t *track_entry_still(track_t *track, const frame_t *frame, entry_kind_t kind, message_t message,
                           message_t step_like)
{
    annotation_t *annotation = track_annotate(track, frame);
    annotation_set_step(annotation, kind, step_like, connection_step_of(&track->connection, step_like));
    entries_move_to_end(track, annotation);
    entry_t entry = {.message = (guint8)message, .kind = (guint8)kind};
    annotation->entry_count++;
    return (entry_t *)rows_add(&track->entries, &entry, sizeof entry);
}

bool track_is_one_sided(const track_t *track)
{
    return track->client.frames == 0 || track->server.frames == 0;
}

bool track_lacks_a_side(const track_t *track)
{
    return track_is_one_sided(track) && track->connection.spoken;
}

guint32 track_place(const track_t *track, guint32 frame)
{
    guint32 last = MAX(track->client.tcp->last_words, track->server.tcp->last_words);
    return frame >= last ? frame : last + 1;
}

void track_note_gap(track_t *track, sender_t sender, guint32 frame)
{
    tcp_trouble(track_tcp(track, sender))->gap = track_place(track, frame);
    track->gap = true;
    if (track_has_evidence(track, EVIDENCE_KERBEROS_OFFERED)) {
        auth_evidence_t evidence = track_evidence(track);
        auth_doubt(&evidence);
        track_keep_evidence(track, &evidence);
    }
    connection_miss(&track->connection, sender);
}

bool track_may_lack_answer(const track_t *track, guint32 request_frame)
{
    guint32 late = track->client.tcp->trouble->late;
    bool answered_before = late != 0 && late >= request_frame;
    return track_is_one_sided(track) || track->server.tcp->trouble->gap > request_frame || answered_before;
}

bool track_may_lack_client_word(const track_t *track, guint32 frame)
{
    const tcp_trouble_t *trouble = track->client.tcp->trouble;
    return MAX(trouble->late, MAX(trouble->gap, trouble->cut)) > frame;
}

/* Whether a frame was processed before another, by the order of their entries. */
static bool is_noted_before(const track_t *track, const annotation_t *annotation, guint32 frame)
{
    const annotation_t *other = track->seldom->order == NULL ? NULL : track_annotation(track, frame);
    return other == NULL || other->first_entry == annotation->first_entry
               ? annotation->frame < frame
               : annotation->first_entry < other->first_entry;
}

step_t track_step(const track_t *track, const annotation_t *annotation)
{
    bool hidden = annotation->step == STEP_UNKNOWN && track->login->hidden->login != NULL;
    guint32 confirmed = track->login->hidden->confirmed;
    if (!hidden || (confirmed == 0 && track->login->hidden->command == 0)) {
        return (step_t)annotation->step;
    }
    if (annotation->frame == confirmed) {
        return STEP_CONFIRMATION;
    }
    if (confirmed != 0 && is_noted_before(track, annotation, confirmed)) {
        return STEP_AUTHENTICATION;
    }
    guint32 command = track->login->hidden->command;
    if (command != 0 && !is_noted_before(track, annotation, command)) {
        return STEP_COMMAND;
    }
    return confirmed != 0 ? STEP_CONFIRMATION : STEP_UNKNOWN;
}

void track_unit_unfinished(track_t *track, const frame_t *frame)
{
    side_t *side = track_side(track, frame->sender);
    (void)track_annotate_processed(track, frame);
    if (side->partial == 0) {
        side->partial = annotation_index(track, frame->number);
    }
    side->partial_inside = side->partial_inside || frame->units.inside_tls;
}

void track_unit_lost(track_t *track, sender_t sender)
{
    side_t *side = track_side(track, sender);
    side->partial = 0;
    side->partial_inside = false;
}

guint32 track_unit_begin(track_t *track, const frame_t *frame)
{
    guint32 first = track_side(track, frame->sender)->partial;
    track_unit_lost(track, frame->sender);
    return first;
}

/* Whether a frame is one of those in which a unit of this sender grew: it has some of it, or acknowledges some. */
static bool belongs_to_unit(const annotation_t *annotation, sender_t sender, guint8 step)
{
    bool part = annotation->sender == sender && annotation->has_payload;
    bool bare = !annotation->has_payload && annotation->step < step;
    return !annotation->settled && (part || bare);
}

void track_unit_end(track_t *track, guint32 first, const frame_t *frame)
{
    guint32 own = annotation_index(track, frame->number);
    guint8 step = track_annotate(track, frame)->step;
    for (guint32 i = first; first != 0 && i < own; i++) {
        annotation_t *annotation = track_annotation_at(track, i - 1);
        if (belongs_to_unit(annotation, frame->sender, step)) {
            annotation->step = step;
        }
    }
}

void track_note_clock_set(track_t *track, guint32 frame)
{
    rows_add(&track_seldom(track)->clock_set, &frame, sizeof frame);
}

/* Whether the clock was set between two frames. */
static bool was_clock_set(const track_t *track, guint32 one, guint32 other)
{
    guint32 i = frames_from(&track->seldom->clock_set, MIN(one, other) + 1);
    return i < track->seldom->clock_set.count &&
           *(const guint32 *)rows_at(&track->seldom->clock_set, i) <= MAX(one, other);
}

/* A step, to be changed. */
static kept_step_t *own_time(track_t *track, step_time_id_t which)
{
    if (which != TIME_CONNECT && which != TIME_TOTAL) {
        (void)track_login(track);
    }
    return (kept_step_t *)track_time(track, which);
}

void track_forget_time(track_t *track, step_time_id_t which)
{
    *own_time(track, which) = (kept_step_t){0};
}

moment_t track_took(const track_t *track, step_time_id_t which)
{
    const kept_step_t *time = track_time(track, which);
    return time->frame == 0 ? MOMENT_NONE
                            : track_since(track, track_instant(track, time->begun), track_instant(track, time->frame));
}

moment_t track_between(const track_t *track, moment_t from, moment_t to)
{
    return from != to || track->ticks ? moment_since(from, to) : MOMENT_NONE;
}

moment_t track_since(const track_t *track, instant_t from, instant_t to)
{
    bool known = from.frame != 0 && !was_clock_set(track, from.frame, to.frame);
    return known ? track_between(track, from.at, to.at) : MOMENT_NONE;
}

moment_t track_lasted(const track_t *track, instant_t since, instant_t last, moment_t silence)
{
    bool only = silence > 0 && since.frame != 0 && since.at == last.at; /* a clock that goes on behind it was there */
    return moment_at_least(only ? 0 : track_since(track, since, last), silence);
}

moment_t track_apart(const track_t *track, instant_t one, instant_t other)
{
    moment_t apart = track_since(track, one, other);
    return apart != MOMENT_NONE ? apart : track_since(track, other, one);
}

moment_t track_response_time(const track_t *track, const exchange_t *exchange)
{
    return track_since(track, track_instant(track, exchange->request_frame),
                       track_instant(track, exchange->response_frame));
}

moment_t track_responded(const track_t *track, const exchange_t *exchange)
{
    return track_instant(track, exchange->response_frame).at;
}

attention_t exchange_cancel(const exchange_t *exchange)
{
    attention_t cancel = {0};
    if (exchange->cancel != 0) {
        cancel = *(const attention_t *)rows_at(&capture.cancels, exchange->cancel - 1);
    }
    return cancel;
}

attention_t *exchange_own_cancel(exchange_t *exchange)
{
    static const attention_t none;
    if (exchange->cancel == 0) {
        rows_add(&capture.cancels, &none, sizeof none);
        exchange->cancel = capture.cancels.count;
    }
    return (attention_t *)rows_at(&capture.cancels, exchange->cancel - 1);
}

bool track_is_only_cancelled(const exchange_t *exchange)
{
    return exchange_cancel(exchange).acked.frame != 0 &&
           exchange->response_frame > exchange_cancel(exchange).sent.frame;
}

moment_t track_attention_time(const track_t *track, const exchange_t *exchange)
{
    return track_since(track, exchange_cancel(exchange).sent, exchange_cancel(exchange).acked);
}

void track_begin(track_t *track, step_time_id_t which, const frame_t *frame)
{
    kept_step_t *time = own_time(track, which);
    if (time->begun == 0 && time->frame == 0) {
        time->begun = frame->number;
        track->opened_at = which == TIME_TOTAL ? moment_keep(frame->at) : track->opened_at;
    }
}

void track_end(track_t *track, step_time_id_t which, const frame_t *frame)
{
    kept_step_t *time = own_time(track, which);
    if (time->begun != 0 && time->frame == 0) {
        time->frame = frame->number;
    }
}

static kept_evidence_t *evidence_at(const track_t *track, evidence_t what)
{
    for (guint32 i = 0; i < track->login->evidence.count; i++) {
        kept_evidence_t *kept = (kept_evidence_t *)rows_at(&track->login->evidence, i);
        if (kept->what == what) {
            return kept;
        }
    }
    return NULL;
}

bool track_has_evidence(const track_t *track, evidence_t what)
{
    const kept_evidence_t *kept = evidence_at(track, what);
    return kept != NULL && kept->frame != 0;
}

auth_evidence_t track_evidence(const track_t *track)
{
    auth_evidence_t evidence = {{0}};
    for (guint32 i = 0; i < track->login->evidence.count; i++) {
        const kept_evidence_t *kept = (const kept_evidence_t *)rows_at(&track->login->evidence, i);
        evidence.frame[kept->what] = kept->frame;
    }
    return evidence;
}

auth_verdict_t track_auth(const track_t *track)
{
    auth_evidence_t evidence = track_evidence(track);
    return auth_verdict(&evidence);
}

void track_keep_evidence(track_t *track, const auth_evidence_t *evidence)
{
    for (guint i = 0; i < EVIDENCE_COUNT; i++) {
        const kept_evidence_t now = {evidence->frame[i], (guint8)i};
        kept_evidence_t *before = evidence_at(track, (evidence_t)i);
        if (before != NULL) {
            *before = now;
        } else if (now.frame != 0) {
            rows_add(&track_login(track)->evidence, &now, sizeof now);
        }
    }
}

void track_note_evidence(track_t *track, evidence_t what, guint32 frame)
{
    auth_evidence_t evidence = track_evidence(track);
    auth_note(&evidence, what, frame);
    track_keep_evidence(track, &evidence);
}

#define FORGOTTEN 0 /* the frame of a fact that was removed */

/* There are few. */
static kept_fact_t *fact_at(const track_t *track, fact_id_t id)
{
    for (guint32 i = 0; track_fact_noted(track, id) && i < track->login->facts.count; i++) {
        kept_fact_t *fact = (kept_fact_t *)rows_at(&track->login->facts, i);
        if (fact->id == id) {
            return fact;
        }
    }
    return NULL;
}

fact_t track_fact_kept(const track_t *track, fact_id_t id)
{
    const kept_fact_t *kept = fact_at(track, id);
    if (kept == NULL || kept->frame == FORGOTTEN) {
        return (fact_t){0};
    }
    fact_t fact = {.frame = kept->frame};
    if (kept->small) {
        fact.value.number = kept->value;
    } else {
        fact.value = capture.fact_values.at[kept->value];
    }
    return fact;
}

void track_fact_forget(track_t *track, fact_id_t id)
{
    kept_fact_t *fact = fact_at(track, id);
    if (fact != NULL) {
        fact->frame = FORGOTTEN;
    }
}

const char *track_fact_text(const track_t *track, fact_id_t id)
{
    return track_fact(track, id).value.string;
}

/* Keeps a fact, unless it is known already: the first value stays. */
static void fact_note(track_t *track, fact_id_t id, kept_fact_t fact)
{
    kept_fact_t *before = fact_at(track, id);
    fact.id = (guint8)id;
    if (before != NULL && before->frame == FORGOTTEN) {
        *before = fact;
    }
    if (before != NULL) {
        return;
    }
    rows_add(&track_login(track)->facts, &fact, sizeof fact);
    track_login(track)->facts_noted[id / 32] |= 1u << id % 32;
    track_login(track)->facts_until = MAX(track->login->facts_until, fact.frame);
}

#define VALUES_LIMIT (1u << 24) /* kept_fact_t has no room for more */

_Static_assert(FACT_COUNT <= 1 << 7, "kept_fact_t has room for each");

/* Keeps a value. Returns its index; 0 if there is no room. */
static guint32 keep_value(fact_value_t value)
{
    guint32 index = capture.fact_values.count;
    if (index >= VALUES_LIMIT) {
        return 0;
    }
    capture.fact_values.at = (fact_value_t *)keep_places(capture.fact_values.at, &capture.fact_values.room, index,
                                                         sizeof *capture.fact_values.at);
    capture.fact_values.at[index] = value;
    capture.fact_values.count++;
    return index;
}

/* Equal texts are kept once: a capture has many connections of few users, hosts and programs. */
static guint32 keep_text(const char *string)
{
    guint32 index = GPOINTER_TO_UINT(wmem_map_lookup(capture.fact_values.texts, string));
    if (index == 0) {
        char *text = wmem_strdup(wmem_file_scope(), string);
        index = keep_value((fact_value_t){.string = text});
        wmem_map_insert(capture.fact_values.texts, text, GUINT_TO_POINTER(index));
    }
    return index;
}

/* Mostly it is the text of the connection before, which is found without a hash of each of its bytes. */
static guint32 value_of_text(fact_id_t id, const char *string)
{
    guint32 *latest = &capture.fact_values.latest[id];
    if (*latest == 0 || strcmp(capture.fact_values.at[*latest].string, string) != 0) {
        *latest = keep_text(string);
    }
    return *latest;
}

/* `value`: as keep_value has it. */
static void fact_note_value(track_t *track, fact_id_t id, guint32 frame, guint32 value)
{
    if (value != 0) {
        fact_note(track, id, (kept_fact_t){.frame = frame, .value = value});
    }
}

void track_fact_string(track_t *track, fact_id_t id, guint32 frame, const char *string)
{
    if (string != NULL && string[0] != '\0' && !track_fact_noted(track, id)) {
        fact_note_value(track, id, frame, value_of_text(id, string));
    }
}

void track_fact_utf16(track_t *track, fact_id_t id, guint32 frame, span_t utf16)
{
    if (utf16.length >= 2 && !track_fact_noted(track, id)) {
        char *text = text_utf16(NULL, utf16);
        track_fact_string(track, id, frame, text);
        wmem_free(NULL, text);
    }
}

void track_fact_bytes(track_t *track, fact_id_t id, guint32 frame, span_t bytes)
{
    if (bytes.length > 0 && !track_fact_noted(track, id)) {
        char *text = text_utf8(NULL, bytes);
        track_fact_string(track, id, frame, text);
        wmem_free(NULL, text);
    }
}

void track_fact_number(track_t *track, fact_id_t id, guint32 frame, guint32 number)
{
    if (number < VALUES_LIMIT) {
        fact_note(track, id, (kept_fact_t){.frame = frame, .small = true, .value = number});
    } else if (track_fact(track, id).frame == 0) {
        fact_note_value(track, id, frame, keep_value((fact_value_t){.number = number}));
    }
}

void track_fact_time(track_t *track, fact_id_t id, guint32 frame, gint64 time)
{
    if (track_fact(track, id).frame == 0) {
        fact_note_value(track, id, frame, keep_value((fact_value_t){.time = time}));
    }
}

void track_fact_flag(track_t *track, fact_id_t id, guint32 frame, bool set)
{
    if (set) {
        track_fact_number(track, id, frame, true);
    }
}

void track_fact_guid(track_t *track, fact_id_t id, guint32 frame, const guint8 bytes[16])
{
    if (!track_fact_noted(track, id)) {
        const guint8 *guid = (const guint8 *)keep_copy(bytes, 16);
        fact_note_value(track, id, frame, keep_value((fact_value_t){.guid = guid}));
    }
}

/* Whether TLS of a side got further than to its first message, which may be one that the capture has not. */
static bool is_past_hello(const tls_side_t *side)
{
    return side != NULL && (side->ciphered || side->finished);
}

bool track_tls_never_began(const track_t *track)
{
    bool seen = track->login->tls->server_hello || is_past_hello(track->login->tls->client) ||
                is_past_hello(track->login->tls->server);
    return track->client.prelogin && track->server.prelogin && !track->strict && !seen && !track->gap &&
           track->server.tcp->trouble->cut == 0;
}

encryption_t track_encryption(const track_t *track)
{
    if (track->strict) {
        return ENCRYPTION_STRICT;
    }
    bool ended = track->connection.close != CLOSE_OPEN;
    bool undecided = track->encryption == ENCRYPTION_UNKNOWN;
    return undecided && ended && track_tls_never_began(track) ? ENCRYPTION_NONE : track->encryption;
}

const error_record_t *track_error_before(const track_t *track, guint32 frame)
{
    const rows_t *errors = &track->seldom->errors;
    guint32 next = frames_from(errors, frame);
    return next == 0 ? NULL : (const error_record_t *)rows_at(errors, next - 1);
}

bool track_is_readable(const track_t *track)
{
    return track_encryption(track) <= ENCRYPTION_LOGIN_ONLY || (track->client.opened && track->server.opened);
}

outcome_t track_see(track_t *track, message_t message, sender_t sender)
{
    if (track->seldom->reset.frame != 0) {
        (void)connection_see(&track_seldom(track)->reset.alive, message, sender);
    }
    return connection_see(&track->connection, message, sender);
}

const connection_t *track_alive(const track_t *track)
{
    return track->seldom->reset.frame != 0 ? &track->seldom->reset.alive : &track->connection;
}

void track_learn_encryption(track_t *track, encryption_t encryption)
{
    if (track->encryption == ENCRYPTION_UNKNOWN && track->login->tls->server_hello &&
        track_time(track, TIME_LOGIN)->begun != 0) {
        track->encryption = encryption;
    }
}

const char *track_version(const track_t *track)
{
    return tds_version_name(track->strict ? TDS_VERSION_8_0 : track->login->tds_version);
}

static void set_side(side_t *side, const address *host, guint32 port)
{
    address kept;
    set_address(&kept, host->type, host->len, host->len == 0 ? NULL : keep_shared(host->data, (gsize)host->len));
    side->host = (const address *)keep_shared(&kept, sizeof kept);
    side->port = (guint16)port;
}

void track_set_sides(track_t *track, const packet_info *pinfo, sender_t sender)
{
    ASSERT_FIRST_PASS(pinfo);
    if (track->client.host->type != AT_NONE || sender == SENDER_UNKNOWN) {
        return;
    }
    set_side(track_side(track, sender), host_of(&pinfo->src, &pinfo->net_src), pinfo->srcport);
    set_side(track_side(track, sender_other(sender)), host_of(&pinfo->dst, &pinfo->net_dst), pinfo->destport);
}
