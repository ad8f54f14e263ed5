/* annotations.h - what is kept of each frame of a connection, and of what it holds.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_ANNOTATIONS_H
#define TDSCONN_ANNOTATIONS_H

#include "memory/track.h"

/* What an entry describes, besides its message. */
typedef enum {
    ENTRY_TCP,    /* a TCP event */
    ENTRY_TDS,    /* a TDS packet: of.tds */
    ENTRY_SMP,    /* an SMP packet: of.smp */
    ENTRY_TLS,    /* a TLS record: of.tls */
    ENTRY_CONTENT /* nothing more: a message in the content of another */
} entry_kind_t;

/* Flags of an entry: its packet is one of several of its message; its unit began in an earlier frame; the packet holds
 * an SSPI token; it is another message of the packet that the entry before it describes. */
enum { ENTRY_CONTINUED = 1, ENTRY_REASSEMBLED = 2, ENTRY_SSPI_TOKEN = 4, ENTRY_AGAIN = 8 };

#define ENTRY_TLS_MESSAGES 5 /* so many handshake messages of a record are kept */

/* One unit that ends in a frame, or one message found in its content. */
typedef struct {
    guint8 message;   /* message_t; MESSAGE_NONE for a packet that ends no message */
    guint8 kind : 3;  /* entry_kind_t */
    guint8 flags : 5; /* ENTRY_CONTINUED ..., or'ed */
    union {
        struct {
            guint16 spid;
            guint8 type, status, packet_id;
        } tds;
        struct {
            guint8 record : 5, count : 3;
            guint8 handshake[ENTRY_TLS_MESSAGES]; /* types, of a record that could be read */
        } tls;
        guint16 smp[2]; /* index into track->sessions->packets, its high half first: it needs no alignment */
    } of;
    guint32 exchange; /* index into track->login->exchanges, + 1; 0 = none */
} entry_t;

/* One frame of a connection. */
typedef struct {
    guint32 frame;
    guint32 first_entry : 27; /* index into track->entries */
    guint32 step : 5;         /* step_t */
    guint32 entry_count : 17;
    guint32 awaited : 8; /* awaited_t: what has to be sent next, after this frame */
    guint32 owes : 2;    /* sender_t: by which side */
    guint32 sender : 2;  /* sender_t, as known on the first pass */
    bool has_payload : 1;
    bool settled : 1;   /* the step comes from what the frame carries, not from where the connection stood */
    bool processed : 1; /* its payload was processed; a frame that waits for its turn is processed later */
    kept_moment_t at;   /* annotation_moment() */
} annotation_t;

static inline moment_t annotation_moment(const annotation_t *annotation)
{
    return moment_kept(annotation->at);
}

/* The connection with an annotation of this frame; NULL if there is none. If a frame has several segments, the
 * connection of the one that was met last. If it has several named pipes, the first. */
track_t *track_of_frame(guint32 frame);

/* The further connections with an annotation of this frame, by `index` from 0: several named pipes may share a frame.
 * NULL behind the last. */
track_t *track_also_of_frame(guint32 frame, guint index);

/* The annotation of this frame; made if it is not there. First pass only. */
annotation_t *track_annotate(track_t *track, const frame_t *frame);

/* The same, when the frame is processed. The first call sets its step to that of the connection now, which may have
 * moved on while the frame waited. First pass only. */
annotation_t *track_annotate_processed(track_t *track, const frame_t *frame);

/* The annotation of a frame, or NULL. */
const annotation_t *track_annotation(const track_t *track, guint32 frame);

/* This frame of the connection, with its time; frame 0 if it has no annotation. */
instant_t track_instant(const track_t *track, guint32 frame);

/* Annotation `index` of the connection, from 0, in frame order. */
static inline annotation_t *track_annotation_at(const track_t *track, guint32 index)
{
    return (annotation_t *)rows_at(&track->annotations, index);
}

/* Entry `index` of the connection, from 0. */
static inline entry_t *track_entry_at(const track_t *track, guint32 index)
{
    return (entry_t *)rows_at(&track->entries, index);
}

/* Entry `index` of a frame, from 0 to less than its entry_count. */
static inline entry_t *track_entry_of(const track_t *track, const annotation_t *annotation, guint32 index)
{
    return track_entry_at(track, annotation->first_entry + index);
}

/* The first entry of a frame with this message, NULL if there is none. */
entry_t *track_entry_with(const track_t *track, const annotation_t *annotation, message_t message);

/* Adds an entry to this frame, without moving the connection on (advance_entry does that, too). `message`: the message
 * of the entry, or MESSAGE_NONE. `step_like`: the message whose step the frame gets. Returns the entry, valid until the
 * next is added. First pass only. */
entry_t *track_entry_still(track_t *track, const frame_t *frame, entry_kind_t kind, message_t message,
                           message_t step_like);

/* Whether this frame is the last one of the connection that Wireshark shows. Known on later passes only: false on the
 * first pass. */
bool track_is_last(const track_t *track, const packet_info *pinfo);

/* The step of a frame. That of an encrypted frame may come from what was concluded later. */
step_t track_step(const track_t *track, const annotation_t *annotation);

/* A unit is not complete in this frame: the frames from here to its end hold its bytes. First pass only. */
void track_unit_unfinished(track_t *track, const frame_t *frame);

/* Bytes of this sender are missing: its unfinished unit is forgotten. First pass only. */
void track_unit_lost(track_t *track, sender_t sender);

/* A unit ends in this frame. Returns the annotation index + 1 of the first frame with bytes of the unit; 0 if all of it
 * is in this frame. First pass only. */
guint32 track_unit_begin(track_t *track, const frame_t *frame);

/* Gives the step of this frame to the frames before it that only hold bytes of its unit, or acknowledge them. `first`:
 * the result of track_unit_begin. First pass only. */
void track_unit_end(track_t *track, guint32 first, const frame_t *frame);

#endif
