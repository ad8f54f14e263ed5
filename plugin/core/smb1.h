/* smb1.h - what SMB1 says about named pipes, read as SMB2 (MS-CIFS 2.2.3, 2.2.4, MS-SMB 2.2.4).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A command of SMB1 is read as the command of SMB2 that does the same. The number of a message is made of the client's
 * process and its multiplex id; the session is the UID; the share is the TID. A file's FID has 16 bits: it is the
 * persistent half of the id.
 */
#ifndef TDSCONN_SMB1_H
#define TDSCONN_SMB1_H

#include "smb2.h"

#define SMB1_HEADER_LENGTH 32

/* Whether these bytes begin as a message of SMB1 does. */
bool smb1_begins(span_t bytes);

/* Reads the first command of a message. A command without a counterpart in SMB2 gets the number 0. False if these bytes
 * are no message of SMB1, or are cut in its header. */
bool smb1_parse(span_t message, smb2_t *smb);

/* Reads the next command of the same message (AndX) in place of this one. False if there is none. */
bool smb1_next(smb2_t *smb);

/* Whether a message may open a session, a share or a file. Looks only at its first command. */
bool smb1_may_open(span_t message);

/* The id of the file in a request, or in an answer to a request that opens a file. Of the transactions only
 * TransactNmPipe has one. False if it has none, or is cut. */
bool smb1_file(const smb2_t *smb, smb2_file_id_t *file);

/* The file name in a request that opens a file, without the NUL; empty if there is none. UTF-16LE if
 * `request->smb1.unicode`, else in some code page. */
span_t smb1_create_name(const smb2_t *request);

/* The token of Windows authentication in a SESSION_SETUP_ANDX request; empty if there is none. */
span_t smb1_session_token(const smb2_t *request);

/* The type of the share in an answer to TREE_CONNECT_ANDX: SMB2_SHARE_PIPE, or SMB2_SHARE_DISK for all others. */
uint8_t smb1_share_type(const smb2_t *response);

#endif
