/* pipe.h - connections over named pipes: which files of SMB are SQL Server's pipes, and the bytes that go through them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Wireshark's dissectors hand out the bytes of each WRITE and READ: for SMB1 those of pipes, for SMB2 also those of
 * ordinary files. A file is known as SQL Server's pipe by its name and share, or by its bytes. smb.c reports what SMB
 * does to it. Several pipes share a TCP connection, and READ and WRITE cut their bytes anywhere, so the stream of each
 * pipe is joined here.
 */
#ifndef TDSCONN_PIPE_STREAM_H
#define TDSCONN_PIPE_STREAM_H

#include <epan/prefs.h>

#include "core/smb2.h"
#include "memory/track.h"

/* One direction of a pipe. */
typedef struct {
    assembly_t begun; /* a unit whose end has not come */
    guint32 offset;   /* where the next bytes stand in the pipe */
} pipe_flow_t;

/* A file that is SQL Server's pipe, or may turn out to be one. */
typedef struct {
    smb2_file_id_t id; /* if `open` */
    guint64 session;
    guint32 tree;          /* of its CREATE; 0 = not seen */
    guint64 create;        /* the number of its CREATE message, until that is answered */
    bool open;             /* it has an id */
    guint8 share;          /* SMB2_SHARE_* */
    bool named;            /* its name is one of SQL Server's */
    const char *name;      /* file scope; NULL = not known */
    frame_t asked, opened; /* CREATE and its answer; frame 0 = not seen, or processed already */
    track_t *track;        /* its connection; NULL = it is not known to be one */
    pipe_flow_t client, server;
} pipe_file_t;

static inline pipe_flow_t *pipe_flow(pipe_file_t *file, sender_t sender)
{
    return sender == SENDER_SERVER ? &file->server : &file->client;
}

/* Registers the preference; adds the heuristics. Each is called once, at registration and at handoff. */
void pipe_register(module_t *preferences);
void pipe_handoff(void);

/* Another file begins: makes what its memory needs. */
void pipe_begin_file(void);

/* The name without a leading backslash and without a leading `pipe\`, which a name may have in SMB1 and in the
 * preference. Points into `name`. */
const char *pipe_bare_name(const char *name);

/* Whether a pipe of this name is SQL Server's, by the product's own names or by the preference. */
bool pipe_is_named(const char *name);

/* What SMB does to a file, called in the order of the wire. `frame` says where, and which side does it. First pass
 * only; pipe_asked asserts it. A file without a connection (file->track) is left alone, but pipe_asked makes the
 * connection if name and share are a pipe of SQL Server's, and pipe_hole needs one. */
void pipe_asked(pipe_file_t *file, packet_info *pinfo, const frame_t *frame); /* CREATE */
void pipe_created(pipe_file_t *file, const frame_t *frame);                   /* CREATE succeeded */
void pipe_refused(pipe_file_t *file, const frame_t *frame, guint32 status);   /* CREATE failed */
void pipe_touched(pipe_file_t *file, const frame_t *frame);                   /* a command without bytes for us */
void pipe_received(pipe_file_t *file, const frame_t *frame);                  /* a WRITE succeeded */
void pipe_broken(pipe_file_t *file, const frame_t *frame, guint32 status);    /* READ or WRITE: no pipe any more */
void pipe_ends(pipe_file_t *file, const frame_t *frame, message_t message);   /* CLOSE, FIN or RST */
void pipe_closed(pipe_file_t *file, const frame_t *frame);                    /* the answer to a CLOSE */
void pipe_ended_unseen(pipe_file_t *file, sender_t by);                       /* its FIN was not captured */
void pipe_hole(pipe_file_t *file, const frame_t *frame, sender_t of);         /* bytes of that side are missing */

#endif
