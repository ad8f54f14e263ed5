/* smb2.h - what SMB2 and SMB3 say of named pipes: who opens which, what goes wrong with it, as whom (MS-SMB2 2.2).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Only what a pipe needs is read. The bytes that go through it are no business of this file: pipe.h.
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

/* NTSTATUS, MS-ERREF 2.3.1: those that are told apart. */
#define NTSTATUS_SUCCESS         0x00000000u
#define NTSTATUS_PENDING         0x00000103u /* the answer comes later */
#define NTSTATUS_BUFFER_OVERFLOW 0x80000005u /* a part of a message, the rest is still in the pipe */

typedef struct {
    uint64_t persistent, transient;
} smb2_file_id_t;

/* One command of a message, or the answer to one. smb1.h reads those of SMB1 as the same. */
typedef struct {
    uint16_t command; /* smb2_command_t, or another */
    uint32_t status;  /* of an answer */
    bool response;
    uint64_t message; /* the number that an answer has from its request */
    uint64_t session;
    uint32_t tree;  /* 0 in an asynchronous answer */
    uint32_t next;  /* bytes from this one's header to the next one's in the same message; 0 = it is the last */
    span_t content; /* with its header: offsets count from there */
    struct {
        uint16_t block; /* where its words stand in the message; 0 = it is no command of SMB1 */
        uint8_t code;   /* as SMB1 has it */
        bool unicode;   /* its texts are UTF-16LE */
    } smb1;
} smb2_t;

/* Reads the command that begins here. False if these bytes are no header of SMB2. */
bool smb2_parse(span_t bytes, smb2_t *smb2);

/* Whether a message may open a session, a share or a file, or has several commands: known by a look at its first. */
bool smb2_may_open(span_t message);

/* The bytes of the message that this header stands before (RFC 1002 4.3.1), without it. False if it is none. */
bool netbios_length(span_t bytes, uint32_t *length);

/* The file that a request means, or that an answer to CREATE names. False if it has none, or it is cut. */
bool smb2_file(const smb2_t *smb2, smb2_file_id_t *file);

/* The name that a CREATE request opens, UTF-16LE; empty if there is none. */
span_t smb2_create_name(const smb2_t *request);

/* The token of Windows authentication in a SESSION_SETUP request; empty if there is none. */
span_t smb2_session_token(const smb2_t *request);

/* The type of the share that an answer to TREE_CONNECT opens. */
uint8_t smb2_share_type(const smb2_t *response);

/* The name of a status that says why a pipe cannot be opened or used, as MS-ERREF has it; NULL if it is another.
 * Static text. */
const char *ntstatus_name(uint32_t status);

/* Whether a READ or WRITE with this status says that the pipe is no more. */
bool ntstatus_ends_pipe(uint32_t status);

/* Whether a pipe of this name is SQL Server's: `sql\query`, and that of an instance, `MSSQL$NAME\sql\query`. */
bool smb2_names_sql_server(const char *name);

#endif
