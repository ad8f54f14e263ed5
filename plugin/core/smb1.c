/* smb1.c - what SMB1 says of named pipes, in the words of SMB2.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "smb1.h"

/* MS-CIFS 2.2.2.1 */
enum {
    CODE_CLOSE = 0x04,
    CODE_READ = 0x0A,
    CODE_WRITE = 0x0B,
    CODE_TRANSACTION = 0x25,
    CODE_OPEN_ANDX = 0x2D,
    CODE_READ_ANDX = 0x2E,
    CODE_WRITE_ANDX = 0x2F,
    CODE_SESSION_SETUP_ANDX = 0x73,
    CODE_LOGOFF_ANDX = 0x74,
    CODE_TREE_CONNECT_ANDX = 0x75,
    CODE_NT_CREATE_ANDX = 0xA2
};

enum { NO_FILE = 0xFF };

/* Where the FID stands among the words, in a request and in an answer. */
static const struct {
    uint8_t code;
    uint8_t command;
    bool andx; /* another may follow it */
    uint8_t file_asked, file_answered;
} commands[] = {
    {CODE_CLOSE, SMB2_CLOSE, false, 0, NO_FILE},
    {CODE_READ, SMB2_READ, false, 0, NO_FILE},
    {CODE_WRITE, SMB2_WRITE, false, 0, NO_FILE},
    {CODE_TRANSACTION, SMB2_IOCTL, false, 30, NO_FILE},
    {CODE_OPEN_ANDX, SMB2_CREATE, true, NO_FILE, 4},
    {CODE_READ_ANDX, SMB2_READ, true, 4, NO_FILE},
    {CODE_WRITE_ANDX, SMB2_WRITE, true, 4, NO_FILE},
    {CODE_SESSION_SETUP_ANDX, SMB2_SESSION_SETUP, true, NO_FILE, NO_FILE},
    {CODE_LOGOFF_ANDX, 0, true, NO_FILE, NO_FILE},
    {CODE_TREE_CONNECT_ANDX, SMB2_TREE_CONNECT, true, NO_FILE, NO_FILE},
    {CODE_NT_CREATE_ANDX, SMB2_CREATE, true, NO_FILE, 5},
};

#define COMMAND_COUNT (sizeof commands / sizeof commands[0])

/* Its row; COMMAND_COUNT if it has none. */
static size_t row_of(uint8_t code)
{
    size_t i = 0;
    while (i < COMMAND_COUNT && commands[i].code != code) {
        i++;
    }
    return i;
}

bool smb1_begins(span_t bytes)
{
    static const uint8_t magic[] = {0xFF, 'S', 'M', 'B'};
    return span_starts_with(bytes, span_of(magic, sizeof magic));
}

static void read_command(smb2_t *smb, uint8_t code, uint16_t block)
{
    size_t row = row_of(code);
    smb->command = row < COMMAND_COUNT ? commands[row].command : 0;
    smb->smb1.code = code;
    smb->smb1.block = block;
}

bool smb1_parse(span_t message, smb2_t *smb)
{
    enum { FLAG_RESPONSE = 0x80, FLAG2_UNICODE = 0x8000 }; /* MS-CIFS 2.2.3.1 */
    if (message.length < SMB1_HEADER_LENGTH || !smb1_begins(message)) {
        return false;
    }
    reader_t r = reader_of(span_from(message, 4));
    uint8_t code = read_u8(&r);
    *smb = (smb2_t){.status = read_u32le(&r), .content = message};
    smb->response = (read_u8(&r) & FLAG_RESPONSE) != 0;
    smb->smb1.unicode = (read_u16le(&r) & FLAG2_UNICODE) != 0;
    uint16_t process_high = read_u16le(&r);
    read_skip(&r, 10); /* its signature */
    smb->tree = read_u16le(&r);
    uint16_t process = read_u16le(&r);
    smb->session = read_u16le(&r);
    smb->message = (uint64_t)process_high << 32 | (uint32_t)process << 16 | read_u16le(&r);
    read_command(smb, code, SMB1_HEADER_LENGTH);
    return true;
}

/* The words of a command. `end`: where they end in its message, and its bytes begin with their number. */
static span_t words_of(const smb2_t *smb, size_t *end)
{
    reader_t r = reader_of(span_from(smb->content, smb->smb1.block));
    size_t length = (size_t)read_u8(&r) * 2;
    *end = smb->smb1.block + 1u + length;
    return span_part(smb->content, smb->smb1.block + 1u, length);
}

static reader_t word_at(const smb2_t *smb, size_t offset)
{
    size_t end;
    return reader_of(span_from(words_of(smb, &end), offset));
}

/* The bytes behind the words. `at`: where they begin in the message. */
static span_t bytes_of(const smb2_t *smb, size_t *at)
{
    (void)words_of(smb, at);
    reader_t r = reader_of(span_from(smb->content, *at));
    uint16_t length = read_u16le(&r);
    *at += 2;
    return span_part(smb->content, *at, length);
}

bool smb1_next(smb2_t *smb)
{
    enum { NO_MORE = 0xFF };
    size_t row = row_of(smb->smb1.code);
    if (row == COMMAND_COUNT || !commands[row].andx) {
        return false;
    }
    reader_t r = word_at(smb, 0);
    uint8_t code = read_u8(&r);
    read_skip(&r, 1);
    uint16_t block = read_u16le(&r);
    if (!r.ok || code == NO_MORE || block <= smb->smb1.block || block >= smb->content.length) {
        return false;
    }
    read_command(smb, code, block);
    return true;
}

bool smb1_may_open(span_t message)
{
    reader_t r = reader_of(span_from(message, 4));
    switch (read_u8(&r)) {
    case CODE_SESSION_SETUP_ANDX:
    case CODE_TREE_CONNECT_ANDX:
    case CODE_OPEN_ANDX:
    case CODE_NT_CREATE_ANDX:
        return true;
    default:
        return false;
    }
}

/* Of the transactions with pipes this alone carries bytes, MS-CIFS 2.2.5.6. */
static bool is_transceive(const smb2_t *smb)
{
    enum { AT_SETUP = 28, TRANSACT_NMPIPE = 0x26 };
    reader_t r = word_at(smb, AT_SETUP);
    return read_u16le(&r) == TRANSACT_NMPIPE;
}

bool smb1_file(const smb2_t *smb, smb2_file_id_t *file)
{
    size_t row = row_of(smb->smb1.code);
    *file = (smb2_file_id_t){0};
    if (row == COMMAND_COUNT || (smb->smb1.code == CODE_TRANSACTION && !is_transceive(smb))) {
        return false;
    }
    uint8_t offset = smb->response ? commands[row].file_answered : commands[row].file_asked;
    reader_t r = word_at(smb, offset);
    file->persistent = read_u16le(&r);
    return offset != NO_FILE && r.ok;
}

/* Up to the zero that ends it: 1 or 2 bytes. */
static span_t before_zero(span_t text, size_t unit)
{
    size_t length = 0;
    while (length + unit <= text.length && (text.at[length] != 0 || text.at[length + unit - 1] != 0)) {
        length += unit;
    }
    return span_part(text, 0, length);
}

/* Characters of 2 bytes begin at an even place of the message. */
span_t smb1_create_name(const smb2_t *request)
{
    size_t at;
    span_t bytes = bytes_of(request, &at);
    bool unicode = request->smb1.unicode;
    return before_zero(span_from(bytes, unicode ? at % 2 : 0), unicode ? 2 : 1);
}

/* With 12 words it has a token: MS-SMB 2.2.4.6.1. */
span_t smb1_session_token(const smb2_t *request)
{
    enum { AT_LENGTH = 14, WORDS_WITH_TOKEN = 12 };
    size_t at;
    bool has_token = words_of(request, &at).length == (size_t)WORDS_WITH_TOKEN * 2;
    reader_t r = word_at(request, AT_LENGTH);
    uint16_t length = read_u16le(&r);
    return has_token ? span_part(bytes_of(request, &at), 0, length) : span_none();
}

uint8_t smb1_share_type(const smb2_t *response)
{
    static const uint8_t pipes[] = {'I', 'P', 'C', 0};
    size_t at;
    span_t service = bytes_of(response, &at);
    return span_starts_with(service, span_of(pipes, sizeof pipes)) ? SMB2_SHARE_PIPE : SMB2_SHARE_DISK;
}
