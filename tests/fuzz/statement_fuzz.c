/* statement_fuzz.c - for statement_of, and secret_hint with the bytes as they are. The first byte is what is known: its
 * lowest bit says batch or call, the next two the version of TDS.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "fuzz.h"
#include "secret.h"
#include "statement.h"
#include "tds.h"

static statement_kind_t read_one(uint8_t known, span_t input, uint8_t *room, statement_t *statement)
{
    static const uint32_t versions[] = {0, 0x70000000, 0x71000001, 0x74000004};
    return statement_of((known & 1) != 0 ? TDS_RPC : TDS_SQL_BATCH, input, versions[known >> 1 & 3], room, statement);
}

/* The text lies in the message, or in the room and is no longer than the message. */
static void claim_sound(const statement_t *statement, statement_kind_t kind, span_t input, const uint8_t *room)
{
    CLAIM(statement->source != NULL);
    CLAIM(kind != STATEMENT_READ || statement->text.length > 0);
    CLAIM(is_within(statement->text, input) || is_within(statement->text, span_of(room, input.length)));
}

static void try_hint(span_t input)
{
    char *text = malloc(input.length + 1);
    if (text == NULL) {
        abort();
    }
    if (input.length > 0) {
        memcpy(text, input.at, input.length);
    }
    text[input.length] = '\0';
    (void)secret_hint(text);
    free(text);
}

/* What a cut message says is the beginning of what the whole one says. */
static void try_cut(uint8_t known, span_t input, const statement_t *whole, statement_kind_t kind)
{
    span_t cut = cut_new(input);
    uint8_t *room = malloc(cut.length + 1);
    if (room == NULL) {
        abort();
    }
    statement_t statement;
    cut.cut = cut.length < input.length;
    statement_kind_t found = read_one(known, cut, room, &statement);
    claim_sound(&statement, found, cut, room);
    if (kind == STATEMENT_READ && found == STATEMENT_READ && statement.wide == whole->wide) {
        CLAIM(span_starts_with(whole->text, statement.text));
    }
    free(room);
    cut_free(cut);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) {
        return 0;
    }
    span_t input = span_of(data + 1, size - 1);
    uint8_t *room = malloc(size);
    if (room == NULL) {
        abort();
    }
    statement_t statement;
    statement_kind_t kind = read_one(data[0], input, room, &statement);
    claim_sound(&statement, kind, input, room);
    try_cut(data[0], input, &statement, kind);
    try_hint(input);
    free(room);
    return 0;
}
