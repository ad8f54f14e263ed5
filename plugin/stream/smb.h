/* smb.h - TCP connections of SMB1 and SMB2, as far as named pipes need it: sessions, shares, and requests that open
 * files.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Wireshark's dissectors hand out only what is written and read. The rest is read from the frame's own bytes, from the
 * messages that TCP joined, and from what SMB2 decrypted.
 */
#ifndef TDSCONN_SMB_H
#define TDSCONN_SMB_H

#include "stream/pipe.h"
#include "wire/tcpfacts.h"

/* Reads a TCP segment of a conversation that is not itself a SQL Server connection. Called after all dissectors. First
 * pass only, which it asserts. */
void smb_observe(packet_info *pinfo, conversation_t *conversation, const tcp_facts_t *facts);

/* Whether smb_observe may find something in this conversation: SMB was seen there, or a port is SMB's (139, 445). */
bool smb_may_come(conversation_t *conversation, const packet_info *pinfo);

/* What is known of a conversation; NULL if nothing is. With `made` it is made, first pass only. File scope. */
typedef struct smb smb_t;
smb_t *smb_of(conversation_t *conversation, bool made);

/* The open file with this id, or the file that this request is about. NULL if it is none that may be a pipe. File
 * scope. */
pipe_file_t *smb_file(smb_t *smb, const smb2_file_id_t *id);
pipe_file_t *smb_file_of_message(smb_t *smb, guint64 message);

/* Adds a file, all zero; NULL if there are too many. File scope. First pass only. */
pipe_file_t *smb_file_new(smb_t *smb);

/* Counts one more pipe of SQL Server's in the conversation. Returns its place, from 1. First pass only. */
guint16 smb_count_pipe(smb_t *smb);

/* Whether segments of the conversation are missing so far, so that an answer may be among them. */
bool smb_has_gap(const smb_t *smb);

/* Whether SMB messages of both directions are in the capture so far. */
bool smb_is_two_sided(const smb_t *smb);

/* The type of a share of a session, SMB2_SHARE_*; SMB2_SHARE_UNKNOWN if its TREE_CONNECT was not seen answered. */
guint8 smb_share(const smb_t *smb, guint64 session, guint32 tree);

/* A session of SMB: its user, and how it authenticated. */
typedef struct {
    guint64 session;
    guint64 message;  /* the number of its SESSION_SETUP */
    const char *user; /* file scope; NULL = not known, as with Kerberos */
    const char *auth; /* "NTLM" or "Kerberos"; static */
    bool agreed;      /* the server answered with success */
} smb_session_t;

/* The session with this number that the server agreed to; NULL if none is known. Valid until the next is added. */
const smb_session_t *smb_session(const smb_t *smb, guint64 session);

#endif
