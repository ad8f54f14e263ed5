/* smb1_fuzz.c - for smb1_parse and what it leads to, smb1_may_open.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "fuzz.h"
#include "smb1.h"

static void try_commands(span_t input)
{
    smb2_t smb;
    bool more = smb1_parse(input, &smb);
    CLAIM(more == (input.length >= SMB1_HEADER_LENGTH && smb1_begins(input)));
    while (more) {
        smb2_file_id_t file;
        (void)smb1_file(&smb, &file);
        CLAIM(file.transient == 0 && file.persistent <= UINT16_MAX);
        CLAIM(is_within(smb1_create_name(&smb), input));
        CLAIM(is_within(smb1_session_token(&smb), input));
        CLAIM(smb1_share_type(&smb) != SMB2_SHARE_UNKNOWN);
        uint16_t before = smb.smb1.block;
        more = smb1_next(&smb);
        CLAIM(!more || smb.smb1.block > before);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    span_t input = span_of(data, size);
    (void)smb1_may_open(input);
    span_t cut = cut_new(input);
    try_commands(cut);
    cut_free(cut);
    try_commands(input);
    return 0;
}
