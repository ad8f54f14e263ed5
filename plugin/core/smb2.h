/* smb2.h - what SMB2 and SMB3 say about named pipes: which are opened, by whom, and errors (MS-SMB2 2.2).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Only what a pipe needs is read. pipe.h is for the bytes that go through it.
 */
#ifndef TDSCONN_SMB2_H
#define TDSCONN_SMB2_H

#include "bytes.h"

#define SMB2_HEADER_LENGTH   64
#define NETBIOS_HEADER_BYTES 4 /* before each message over TCP, MS-SMB2 2.1 */

/* Commands, MS-SMB2 2.2.1.2. */
typedef enum {
    SMB2_SESSION_SETUP = 1,
    SMB2_TREE_CONNECT = 3,
    SMB2_CREATE = 5,
    SMB2_CLOSE = 6,
    SMB2_READ = 8,
    SMB2_WRITE = 9,
    SMB2_IOCTL = 11
} smb2_command_t;

/* Share types of TREE_CONNECT, MS-SMB2 2.2.10; 0 = not known. */
enum { SMB2_SHARE_UNKNOWN = 0, SMB2_SHARE_DISK = 1, SMB2_SHARE_PIPE = 2 };

/* NTSTATUS, MS-ERREF 2.3.1: those that the code compares with. */
#define NTSTATUS_SUCCESS         0x00000000u
#define NTSTATUS_PENDING         0x00000103u /* the final answer comes later */
#define NTSTATUS_BUFFER_OVERFLOW 0x80000005u /* a part of a message; the rest is still in the pipe */

typedef struct {
    uint64_t persistent, transient;
} smb2_file_id_t;

/* One command of a message, or the answer to one. smb1.h reads commands of SMB1 into it, too. */
typedef struct {
    uint16_t command; /* smb2_command_t, or another */
    uint32_t status;  /* of an answer */
    bool response;
    uint64_t message; /* its number; an answer has the number of its request */
    uint64_t session;
    uint32_t tree;  /* 0 in an asynchronous answer */
    uint32_t next;  /* bytes from this one's header to the next one's in the same message; 0 = it is the last */
    span_t content; /* the command, from its header on: offsets in it count from there */
    struct {
        uint16_t block; /* the offset of its words in the message; 0 = this is no command of SMB1 */
        uint8_t code;   /* the command's number in SMB1 */
        bool unicode;   /* its texts are UTF-16LE */
    } smb1;
} smb2_t;

/* Reads the command that begins here. False if these bytes are no header of SMB2. */
bool smb2_parse(span_t bytes, smb2_t *smb2);

/* Whether a message may open a session, a share or a file, or has several commands. Looks only at the first. */
bool smb2_may_open(span_t message);

/* The length in bytes of the message behind this NetBIOS header (RFC 1002 4.3.1). False if it is no such header. */
bool netbios_length(span_t bytes, uint32_t *length);

/* The id of the file in a request, or in an answer to CREATE. False if it has none, or is cut. */
bool smb2_file(const smb2_t *smb2, smb2_file_id_t *file);

/* The file name in a CREATE request, UTF-16LE; empty if there is none. */
span_t smb2_create_name(const smb2_t *request);

/* The token of Windows authentication in a SESSION_SETUP request; empty if there is none. */
span_t smb2_session_token(const smb2_t *request);

/* The type of the share in an answer to TREE_CONNECT, SMB2_SHARE_*. */
uint8_t smb2_share_type(const smb2_t *response);

/* The name of a status that says why a pipe cannot be opened or used, as in MS-ERREF; NULL for another status. Static
 * text. */
const char *ntstatus_name(uint32_t status);

/* Whether this status of a READ or WRITE means that the pipe is closed. */
bool ntstatus_ends_pipe(uint32_t status);

/* Whether a pipe of this name is SQL Server's: `sql\query`, or that of an instance, `MSSQL$NAME\sql\query`, without
 * regard to case. */
bool smb2_names_sql_server(const char *name);

#endif
