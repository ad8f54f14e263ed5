/* pipe.h - connections over named pipes: the files of SMB that are SQL Server's, and the bytes that go through them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Wireshark's dissectors hand out the bytes of each WRITE and READ: that of SMB1 those of pipes, that of SMB2 those of
 * ordinary files, too. Which file is a pipe of SQL Server's is known from its name and share, or from its bytes; what
 * SMB does to it is told by smb.c. Several pipes share a TCP connection, and READ and WRITE cut their bytes anywhere,
 * so the stream of each is put together here.
 */
#ifndef TDSCONN_PIPE_STREAM_H
#define TDSCONN_PIPE_STREAM_H

#include <epan/prefs.h>

#include "core/smb2.h"
#include "memory/track.h"

/* One direction of a pipe. */
typedef struct {
    assembly_t begun; /* a unit whose end has not come */
    guint32 offset;   /* in the pipe, of what comes next */
} pipe_flow_t;

/* A file that is SQL Server's pipe, or may turn out to be. */
typedef struct {
    smb2_file_id_t id;
    guint64 session;
    guint32 tree;          /* of its CREATE; 0 = not seen */
    guint64 create;        /* the message that opens it, as long as it is not answered */
    bool open;             /* it has an id */
    guint8 share;          /* SMB2_SHARE_* */
    bool named;            /* its name is one of SQL Server's */
    const char *name;      /* file scope; NULL = not known */
    frame_t asked, opened; /* CREATE and its answer; frame 0 = not seen, or processed */
    track_t *track;        /* NULL = nobody knows yet whether it is one */
    pipe_flow_t client, server;
} pipe_file_t;

static inline pipe_flow_t *pipe_flow(pipe_file_t *file, sender_t sender)
{
    return sender == SENDER_SERVER ? &file->server : &file->client;
}

/* Registers the preference, and the heuristic. Called once, at registration and at handoff. */
void pipe_register(module_t *preferences);
void pipe_handoff(void);

/* Another file begins: makes what its memory needs. */
void pipe_begin_file(void);

/* A name without `\pipe\` or a backslash before it, which it may have in SMB1 and in the preference: a part of `name`.
 */
const char *pipe_bare_name(const char *name);

/* Whether a pipe of this name is SQL Server's, the preference included. */
bool pipe_is_named(const char *name);

/* What SMB2 does to a file in a frame, in wire order; `frame` says which side does it. First pass only. A file that is
 * no connection as far as anybody knows is left alone. */
void pipe_asked(pipe_file_t *file, packet_info *pinfo, const frame_t *frame);
void pipe_created(pipe_file_t *file, const frame_t *frame);
void pipe_refused(pipe_file_t *file, const frame_t *frame, guint32 status);
void pipe_touched(pipe_file_t *file, const frame_t *frame);  /* a command without bytes for us */
void pipe_received(pipe_file_t *file, const frame_t *frame); /* the server says that it has what was written */
void pipe_broken(pipe_file_t *file, const frame_t *frame, guint32 status);
void pipe_ends(pipe_file_t *file, const frame_t *frame, message_t message); /* CLOSE, FIN or RST */
void pipe_closed(pipe_file_t *file, const frame_t *frame); /* the answer to a CLOSE, which may not be in the capture */
void pipe_ended_unseen(pipe_file_t *file, sender_t by);    /* its FIN was sent, and is not in the capture so far */
void pipe_hole(pipe_file_t *file, const frame_t *frame, sender_t of); /* bytes of that side are missing */

#endif
