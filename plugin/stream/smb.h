/* smb.h - the TCP connections of SMB1 and SMB2, as far as they have named pipes: sessions, shares, and what opens
 * files.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Wireshark's dissectors hand out what is written and read, and no more. The rest stands in the frame's own bytes,
 * in what TCP put together, and in what SMB2 decrypted.
 */
#ifndef TDSCONN_SMB_H
#define TDSCONN_SMB_H

#include "stream/pipe.h"
#include "wire/tcpfacts.h"

/* Takes a segment of a conversation that is none of ours by itself. First pass only, behind all dissectors. */
void smb_observe(tvbuff_t *frame, packet_info *pinfo, conversation_t *conversation, const tcp_facts_t *facts);

/* Whether smb_observe may learn anything of this conversation: SMB was seen there, or its ports are SMB's. */
bool smb_may_come(conversation_t *conversation, const packet_info *pinfo);

/* What is known of a conversation; NULL if nothing is. `made`: then it is made. First pass only. */
typedef struct smb smb_t;
smb_t *smb_of(conversation_t *conversation, bool made);

/* The file with this id, or that which this request is about; NULL if it is none that may be a pipe. Valid until the
 * next is added. */
pipe_file_t *smb_file(smb_t *smb, const smb2_file_id_t *id);
pipe_file_t *smb_file_of_message(smb_t *smb, guint64 message);

/* One more file, all zero; NULL if there are too many. */
pipe_file_t *smb_file_new(smb_t *smb);

/* How many pipes of SQL Server's the conversation has, with one more. */
guint16 smb_pipe_count(smb_t *smb);

/* Whether segments of it are missing so far, so that an answer may have been one of them. */
bool smb_has_gap(const smb_t *smb);

/* Whether both directions of it are in the capture. */
bool smb_is_two_sided(const smb_t *smb);

/* The type of a share of a session: SMB2_SHARE_*. */
guint8 smb_share(const smb_t *smb, guint64 session, guint32 tree);

/* The user of a session and how it authenticated, NULL where that is not known. */
typedef struct {
    guint64 session;
    guint64 message;  /* the SESSION_SETUP that is not answered yet */
    const char *user; /* file scope */
    const char *auth; /* static */
    bool agreed;
} smb_session_t;

const smb_session_t *smb_session(const smb_t *smb, guint64 session);

#endif
