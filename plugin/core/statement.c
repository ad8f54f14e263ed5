/* statement.c - the SQL text that a request brings.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "statement.h"

#include <string.h>

#include "characters.h"
#include "dialect.h"
#include "rpc.h"
#include "tds.h"

/* Procedures that get a statement, and which of their parameters it is, from 0. */
static const struct {
    const char *name;
    uint16_t number;
    uint8_t place;
} procedures[] = {
    {"sp_executesql", 10, 0}, {"sp_prepexec", 13, 2},     {"sp_prepare", 11, 2},
    {"sp_cursoropen", 2, 1},  {"sp_cursorprepare", 3, 2}, {"sp_cursorprepexec", 5, 3},
};

enum { PROCEDURES = sizeof procedures / sizeof procedures[0] };

/* Types of what stands before a statement, and of itself: MS-TDS 2.2.5.4. */
enum {
    TYPE_TEXT = 0x23,
    TYPE_INTN = 0x26,
    TYPE_INT4 = 0x38,
    TYPE_NTEXT = 0x63,
    TYPE_BIGVARCHAR = 0xA7,
    TYPE_BIGCHAR = 0xAF,
    TYPE_NVARCHAR = 0xE7,
    TYPE_NCHAR = 0xEF
};

enum { COLLATION_LENGTH = 5 };

/* The parameters of a call, one after the other. */
typedef struct {
    reader_t reader;
    bool collations; /* texts have one, from TDS 7.1 on */
    uint8_t *room;
} parameters_t;

typedef struct {
    span_t text;
    bool is_text, wide;
} parameter_t;

/* A value in pieces, MS-TDS 2.2.5.2.3: the whole length, which may be unknown; then each piece behind its length. */
static span_t read_pieces(parameters_t *p)
{
    static const uint64_t null = UINT64_MAX;
    size_t used = 0;
    span_t joined = span_none();
    if (read_le(&p->reader, 8) == null) {
        return joined;
    }
    uint32_t length;
    while (p->reader.ok && (length = read_u32le(&p->reader)) != 0) {
        span_t piece = read_part(&p->reader, length);
        if (piece.length > 0) {
            memcpy(p->room + used, piece.at, piece.length);
            used += piece.length;
        }
    }
    joined = used == 0 ? span_none() : span_of(p->room, used);
    joined.cut = !p->reader.ok;
    return joined;
}

/* Behind the type: the longest that it may be, the collation, how long it is. */
static span_t read_short_text(parameters_t *p)
{
    enum { IN_PIECES = 0xFFFF, NULL_TEXT = 0xFFFF };
    uint16_t longest = read_u16le(&p->reader);
    read_skip(&p->reader, p->collations ? COLLATION_LENGTH : 0);
    if (longest == IN_PIECES) {
        return read_pieces(p);
    }
    uint16_t length = read_u16le(&p->reader);
    return length == NULL_TEXT ? span_none() : read_part(&p->reader, length);
}

static span_t read_long_text(parameters_t *p)
{
    read_skip(&p->reader, 4 + (p->collations ? COLLATION_LENGTH : 0u));
    uint32_t length = read_u32le(&p->reader);
    return length == UINT32_MAX ? span_none() : read_part(&p->reader, length);
}

static void skip_number(parameters_t *p)
{
    read_skip(&p->reader, 1);
    read_skip(&p->reader, read_u8(&p->reader));
}

/* False for a type that has no business here. */
static bool read_value(parameters_t *p, uint8_t type, parameter_t *parameter)
{
    parameter->is_text = true;
    parameter->wide = type == TYPE_NVARCHAR || type == TYPE_NCHAR || type == TYPE_NTEXT;
    switch (type) {
    case TYPE_NVARCHAR:
    case TYPE_NCHAR:
    case TYPE_BIGVARCHAR:
    case TYPE_BIGCHAR:
        parameter->text = read_short_text(p);
        return true;
    case TYPE_NTEXT:
    case TYPE_TEXT:
        parameter->text = read_long_text(p);
        return true;
    case TYPE_INTN:
        parameter->is_text = false;
        skip_number(p);
        return true;
    case TYPE_INT4:
        parameter->is_text = false;
        read_skip(&p->reader, 4);
        return true;
    default:
        return false;
    }
}

/* Its name, its flags, its type, its value. */
static bool read_parameter(parameters_t *p, parameter_t *parameter)
{
    enum { ENCRYPTED = 8 };
    *parameter = (parameter_t){0};
    read_skip(&p->reader, 2 * (size_t)read_u8(&p->reader));
    uint8_t flags = read_u8(&p->reader);
    uint8_t type = read_u8(&p->reader);
    return p->reader.ok && (flags & ENCRYPTED) == 0 && read_value(p, type, parameter);
}

/* The end of a name of UTF-16 as ASCII; other characters are no letters. */
static void narrow(span_t utf16, size_t length, char *text)
{
    const uint8_t *at = utf16.at + utf16.length / 2 * 2 - 2 * length;
    for (size_t i = 0; i < length; i++) {
        bool ascii = at[2 * i] < 0x80 && at[2 * i + 1] == 0;
        text[i] = '?';
        if (ascii) {
            memcpy(text + i, at + 2 * i, 1);
        }
    }
}

/* Whether a name is that of a procedure but for capitals, with or without the database and schema that it is in. */
static bool is_named(span_t utf16, const char *name)
{
    char text[32];
    size_t length = strlen(name);
    size_t characters = utf16.length / 2;
    bool qualified = characters > length;
    if (utf16.cut || characters < length || length + qualified > sizeof text) {
        return false;
    }
    narrow(utf16, length + qualified, text);
    return characters_same(text + qualified, name, length) && (!qualified || text[0] == '.');
}

/* Place among the procedures; PROCEDURES if it is none of them. */
static size_t procedure_of(const rpc_t *rpc)
{
    size_t i = 0;
    while (i < PROCEDURES &&
           (rpc->name.length > 0 ? !is_named(rpc->name, procedures[i].name) : rpc->number != procedures[i].number)) {
        i++;
    }
    return i;
}

/* What is read where the text is this one. `hidden`: there may be one that cannot be read. */
static statement_kind_t kind_of_text(span_t text, bool hidden)
{
    if (text.length > 0) {
        return STATEMENT_READ;
    }
    return hidden ? STATEMENT_HIDDEN : STATEMENT_NONE;
}

static statement_kind_t statement_of_parameters(parameters_t *p, uint8_t place, statement_t *statement)
{
    parameter_t parameter;
    bool read = read_parameter(p, &parameter);
    for (uint8_t i = 0; i < place && read; i++) {
        read = p->reader.ok && read_parameter(p, &parameter);
    }
    if (!read || !parameter.is_text) {
        return STATEMENT_HIDDEN;
    }
    statement->text = parameter.text;
    statement->wide = parameter.wide;
    return kind_of_text(parameter.text, !p->reader.ok);
}

/* TDS 7.0, and what is older than that. */
static bool is_before_collations(uint32_t tds_version)
{
    return tds_version >> 24 == TDS_MAJOR_7_0 || !token_format_of(tds_version).wide_text;
}

static statement_kind_t statement_of_call(span_t message, uint32_t tds_version, uint8_t *room, statement_t *statement)
{
    rpc_t rpc;
    reader_t behind;
    if (!rpc_read(message, &rpc, &behind)) {
        return STATEMENT_HIDDEN;
    }
    size_t procedure = procedure_of(&rpc);
    if (procedure == PROCEDURES) {
        return rpc.name.cut ? STATEMENT_HIDDEN : STATEMENT_NONE;
    }
    statement->source = procedures[procedure].name;
    bool headers = request_has_headers(message);
    if (!headers && tds_version == 0) {
        return STATEMENT_HIDDEN;
    }
    parameters_t p = {behind, headers || !is_before_collations(tds_version), room};
    read_skip(&p.reader, 2); /* flags of the call */
    return statement_of_parameters(&p, procedures[procedure].place, statement);
}

/* All that stands behind the headers, which none lacks from TDS 7.2 on. */
static statement_kind_t statement_of_batch(span_t message, uint32_t tds_version, statement_t *statement)
{
    token_format_t format = token_format_of(tds_version);
    reader_t r = reader_of(message);
    statement->text = message;
    if (request_has_headers(message)) {
        statement->text = span_from(message, read_u32le(&r));
        statement->wide = true;
    } else if (tds_version != 0 ? format.wide_done : !dialect_of_request(TDS_SQL_BATCH, message, &format)) {
        return STATEMENT_HIDDEN;
    } else {
        statement->wide = format.wide_text;
    }
    return kind_of_text(statement->text, message.cut);
}

statement_kind_t statement_of(uint8_t type, span_t message, uint32_t tds_version, uint8_t *room, statement_t *statement)
{
    enum { TELLING = 10 }; /* bytes that tell whether there are headers */
    *statement = (statement_t){.source = type == TDS_SQL_BATCH ? "batch" : "call"};
    if (message.cut && message.length < TELLING) {
        return STATEMENT_HIDDEN;
    }
    switch (type) {
    case TDS_SQL_BATCH:
        return statement_of_batch(message, tds_version, statement);
    case TDS_RPC:
        return statement_of_call(message, tds_version, room, statement);
    default:
        return STATEMENT_NONE;
    }
}
