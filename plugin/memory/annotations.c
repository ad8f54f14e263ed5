/* annotations.c - what is kept of each frame of a connection, and of what it holds.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "memory/annotations.h"

#include "memory/capture.h"
#include "memory/keep.h"

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

const annotation_t *track_annotation(const track_t *track, guint32 frame)
{
    if (frame == track->last_frame) {
        return (const annotation_t *)rows_last(&track->annotations);
    }
    guint32 *next = &capture.next_annotations[track->place % ANNOTATIONS_NEXT]; /* a pass goes from frame to frame */
    const annotation_t *annotation = (const annotation_t *)frames_at(&track->annotations, *next, frame);
    if (annotation == NULL) {
        *next = frames_from(&track->annotations, frame);
        annotation = (const annotation_t *)frames_at(&track->annotations, *next, frame);
    }
    *next += annotation != NULL;
    return annotation;
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
