/* smb2.c - what SMB2 and SMB3 say of named pipes.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "smb2.h"

#include <string.h>

#include "characters.h"

enum { FLAG_RESPONSE = 0x1, FLAG_ASYNC = 0x2 }; /* MS-SMB2 2.2.1 */

static reader_t reader_at(const smb2_t *smb2, size_t offset)
{
    return reader_of(span_from(smb2->content, offset));
}

bool smb2_parse(span_t bytes, smb2_t *smb2)
{
    static const uint8_t magic[] = {0xFE, 'S', 'M', 'B', SMB2_HEADER_LENGTH, 0};
    if (bytes.length < SMB2_HEADER_LENGTH || !span_starts_with(bytes, span_of(magic, sizeof magic))) {
        return false;
    }
    reader_t r = reader_of(span_from(bytes, 8));
    *smb2 = (smb2_t){.status = read_u32le(&r), .content = bytes};
    smb2->command = read_u16le(&r);
    read_skip(&r, 2);
    uint32_t flags = read_u32le(&r);
    smb2->response = (flags & FLAG_RESPONSE) != 0;
    smb2->next = read_u32le(&r);
    smb2->message = read_le(&r, 8);
    read_skip(&r, 4);
    uint32_t tree = read_u32le(&r);
    smb2->tree = (flags & FLAG_ASYNC) == 0 ? tree : 0;
    smb2->session = read_le(&r, 8);
    if (smb2->next != 0) {
        smb2->content = span_part(bytes, 0, smb2->next < SMB2_HEADER_LENGTH ? SMB2_HEADER_LENGTH : smb2->next);
    }
    return true;
}

bool smb2_may_open(span_t message)
{
    enum { AT_COMMAND = 12, AT_NEXT = 20 };
    reader_t command = reader_of(span_from(message, AT_COMMAND));
    reader_t next = reader_of(span_from(message, AT_NEXT));
    switch (read_u16le(&command)) {
    case SMB2_SESSION_SETUP:
    case SMB2_TREE_CONNECT:
    case SMB2_CREATE:
        return true;
    default:
        return read_u32le(&next) != 0;
    }
}

bool netbios_length(span_t bytes, uint32_t *length)
{
    reader_t r = reader_of(bytes);
    uint8_t session_message = read_u8(&r);
    *length = read_u24be(&r);
    return r.ok && session_message == 0;
}

/* Where a FileId stands behind the header; 0 = there is none. */
static size_t file_offset(const smb2_t *smb2)
{
    if (smb2->response) {
        return smb2->command == SMB2_CREATE ? 64 : 0;
    }
    switch (smb2->command) {
    case SMB2_CLOSE:
    case SMB2_IOCTL:
        return 8;
    case SMB2_READ:
    case SMB2_WRITE:
        return 16;
    default:
        return 0;
    }
}

bool smb2_file(const smb2_t *smb2, smb2_file_id_t *file)
{
    size_t offset = file_offset(smb2);
    reader_t r = reader_at(smb2, SMB2_HEADER_LENGTH + offset);
    file->persistent = read_le(&r, 8);
    file->transient = read_le(&r, 8);
    return offset != 0 && r.ok;
}

/* What an offset and a length, behind each other at this place, point to. */
static span_t pointed_to(const smb2_t *smb2, size_t at)
{
    reader_t r = reader_at(smb2, at);
    uint16_t offset = read_u16le(&r);
    uint16_t length = read_u16le(&r);
    return r.ok && offset >= SMB2_HEADER_LENGTH ? span_part(smb2->content, offset, length) : span_none();
}

span_t smb2_create_name(const smb2_t *request)
{
    enum { AT_NAME = 44 }; /* MS-SMB2 2.2.13 */
    return pointed_to(request, SMB2_HEADER_LENGTH + AT_NAME);
}

span_t smb2_session_token(const smb2_t *request)
{
    enum { AT_TOKEN = 12 }; /* MS-SMB2 2.2.5 */
    return pointed_to(request, SMB2_HEADER_LENGTH + AT_TOKEN);
}

uint8_t smb2_share_type(const smb2_t *response)
{
    enum { AT_TYPE = 2 }; /* MS-SMB2 2.2.10 */
    reader_t r = reader_at(response, SMB2_HEADER_LENGTH + AT_TYPE);
    return read_u8(&r);
}

/* MS-ERREF 2.3.1. `ends`: to a READ or WRITE it says that the pipe is no more. */
static const struct {
    uint32_t status;
    bool ends;
    const char *name;
} statuses[] = {
    {0xC0000022, false, "STATUS_ACCESS_DENIED"},
    {0xC0000033, false, "STATUS_OBJECT_NAME_INVALID"},
    {0xC0000034, false, "STATUS_OBJECT_NAME_NOT_FOUND"},
    {0xC000003A, false, "STATUS_OBJECT_PATH_NOT_FOUND"},
    {0xC000009A, false, "STATUS_INSUFFICIENT_RESOURCES"},
    {0xC00000AB, false, "STATUS_INSTANCE_NOT_AVAILABLE"},
    {0xC00000AC, false, "STATUS_PIPE_NOT_AVAILABLE"},
    {0xC00000AE, false, "STATUS_PIPE_BUSY"},
    {0xC00000B0, true, "STATUS_PIPE_DISCONNECTED"},
    {0xC00000B1, true, "STATUS_PIPE_CLOSING"},
    {0xC00000B5, false, "STATUS_IO_TIMEOUT"},
    {0xC00000C9, true, "STATUS_NETWORK_NAME_DELETED"},
    {0xC000014B, true, "STATUS_PIPE_BROKEN"},
    {0xC0000203, true, "STATUS_USER_SESSION_DELETED"},
    {0xC000020C, true, "STATUS_CONNECTION_DISCONNECTED"},
    {0xC000035C, true, "STATUS_NETWORK_SESSION_EXPIRED"},
};

#define STATUS_COUNT (sizeof statuses / sizeof statuses[0])

const char *ntstatus_name(uint32_t status)
{
    for (size_t i = 0; i < STATUS_COUNT; i++) {
        if (statuses[i].status == status) {
            return statuses[i].name;
        }
    }
    return NULL;
}

bool ntstatus_ends_pipe(uint32_t status)
{
    for (size_t i = 0; i < STATUS_COUNT; i++) {
        if (statuses[i].status == status) {
            return statuses[i].ends;
        }
    }
    return false;
}

bool smb2_names_sql_server(const char *name)
{
    static const char usual[] = "sql\\query";
    size_t length = strlen(name);
    size_t tail = sizeof usual - 1;
    bool alone = length == tail || (length > tail && name[length - tail - 1] == '\\');
    return alone && characters_same(name + length - tail, usual, tail);
}
