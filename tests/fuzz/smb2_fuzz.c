/* smb2_fuzz.c - for smb2_parse and what it leads to, netbios_length, smb2_names_sql_server.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "fuzz.h"
#include "smb2.h"

static void try_commands(span_t input)
{
    smb2_t smb2;
    while (smb2_parse(input, &smb2)) {
        smb2_file_id_t file;
        (void)smb2_file(&smb2, &file);
        (void)smb2_share_type(&smb2);
        CLAIM(is_within(smb2.content, input));
        CLAIM(is_within(smb2_create_name(&smb2), smb2.content));
        CLAIM(is_within(smb2_session_token(&smb2), smb2.content));
        CLAIM(!ntstatus_ends_pipe(smb2.status) || ntstatus_name(smb2.status) != NULL);
        if (smb2.next < SMB2_HEADER_LENGTH) {
            return;
        }
        input = span_from(input, smb2.next);
    }
}

static void try_name(span_t input)
{
    char name[64] = "";
    memcpy(name, input.at, input.length < sizeof name - 1 ? input.length : sizeof name - 1);
    (void)smb2_names_sql_server(name);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    span_t input = span_of(data, size);
    uint32_t length;
    CLAIM(netbios_length(input, &length) == (size >= NETBIOS_HEADER_BYTES && data[0] == 0));
    span_t cut = cut_new(input);
    try_commands(cut);
    cut_free(cut);
    try_commands(input);
    if (size > 0) {
        try_name(input);
    }
    return 0;
}
