/* smb1.h - what SMB1 says of named pipes, in the words of SMB2 (MS-CIFS 2.2.3, 2.2.4, MS-SMB 2.2.4).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A command of SMB1 is read as the command of SMB2 that does the same, so whoever knows SMB2 knows both. The number of
 * a message is made of the client's process and its multiplex id, the session is the UID, the share the TID. A file has
 * 16 bits: they are the persistent half of its id.
 */
#ifndef TDSCONN_SMB1_H
#define TDSCONN_SMB1_H

#include "smb2.h"

#define SMB1_HEADER_LENGTH 32

/* Whether these bytes begin as a message of SMB1 does. */
bool smb1_begins(span_t bytes);

/* Reads the first command of a message. A command that has no counterpart has the number 0. False if it is none. */
bool smb1_parse(span_t message, smb2_t *smb);

/* Goes on to the command that this one has behind it in the same message (AndX). False if there is none. */
bool smb1_next(smb2_t *smb);

/* Whether a message may open a session, a share or a file: known by a look at its first command. */
bool smb1_may_open(span_t message);

/* The file that a request means, or that an answer to a request to open one names. Of transactions, only
 * TransactNmPipe has one. False if it has none, or it is cut. */
bool smb1_file(const smb2_t *smb, smb2_file_id_t *file);

/* The name that a request opens, without its zero; empty if there is none. `smb->smb1.unicode` tells its characters:
 * UTF-16LE, or those of some code page. */
span_t smb1_create_name(const smb2_t *request);

/* The token of Windows authentication in a SESSION_SETUP_ANDX request; empty if there is none. */
span_t smb1_session_token(const smb2_t *request);

/* The type of the share that an answer to TREE_CONNECT_ANDX opens: a pipe's, or a disk's for all others. */
uint8_t smb1_share_type(const smb2_t *response);

#endif
