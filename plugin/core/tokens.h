/* tokens.h - the token stream of a server's response, as far as a login, an error or a cancel needs it
 * (MS-TDS 2.2.7).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_TOKENS_H
#define TDSCONN_TOKENS_H

#include "feature.h"

enum {
    TOKEN_RETURNSTATUS = 0x79,
    TOKEN_COLMETADATA = 0x81,
    TOKEN_ALTMETADATA = 0x88,
    TOKEN_COLNAME = 0xA0, /* TDS 4.2: names and types of columns */
    TOKEN_COLFMT = 0xA1,
    TOKEN_TABNAME = 0xA4,
    TOKEN_COLINFO = 0xA5,
    TOKEN_ORDER = 0xA9,
    TOKEN_ERROR = 0xAA,
    TOKEN_INFO = 0xAB,
    TOKEN_RETURNVALUE = 0xAC,
    TOKEN_LOGINACK = 0xAD,
    TOKEN_FEATUREEXTACK = 0xAE, /* CONTROL of TDS 4.2 and 5.0 */
    TOKEN_ROW = 0xD1,
    TOKEN_NBCROW = 0xD2,
    TOKEN_CAPABILITY = 0xE2, /* TDS 5.0 */
    TOKEN_ENVCHANGE = 0xE3,
    TOKEN_SESSIONSTATE = 0xE4,
    TOKEN_EED = 0xE5, /* TDS 5.0: an error, or what informs */
    TOKEN_SSPI = 0xED,
    TOKEN_FEDAUTHINFO = 0xEE,
    TOKEN_DONE = 0xFD,
    TOKEN_DONEPROC = 0xFE,
    TOKEN_DONEINPROC = 0xFF
};

/* Classes of an ERROR token, MS-TDS 2.2.7.10: below the first it only informs, from the second on the connection
 * ends. */
enum { CLASS_OF_ERRORS = 11, CLASS_OF_FATAL_ERRORS = 20 };

/* Status bits of the DONE family, MS-TDS 2.2.7.6. */
enum { DONE_ERROR = 0x0002, DONE_ATTN = 0x0020, DONE_SRVERROR = 0x0100 };

/* ENVCHANGE types, MS-TDS 2.2.7.9. */
enum {
    ENV_DATABASE = 1,
    ENV_LANGUAGE = 2,
    ENV_PACKET_SIZE = 4,
    ENV_COLLATION = 7,
    ENV_MIRROR_PARTNER = 13,
    ENV_PROMOTE = 15,
    ENV_USER_INSTANCE = 19,
    ENV_ROUTING = 20,
    ENV_ENHANCED_ROUTING = 21
};

typedef struct {
    uint32_t number;
    uint8_t state, class_;  /* "class" in MS-TDS; the word is C++'s */
    span_t message, server; /* UTF-16LE */
    uint32_t line;
    bool readable; /* number, state and class are there: the texts may be cut */
    bool has_line; /* all of it is there */
} error_token_t;

typedef struct {
    uint32_t tds_version; /* as the number LOGIN7 has for that version, e.g. 0x74000004 */
    bool has_version;
    uint8_t version[4]; /* major, minor, build high, build low */
} loginack_token_t;

typedef struct {
    uint8_t protocol; /* 0 = TCP */
    uint16_t port;
    span_t host;     /* UTF-16LE */
    span_t database; /* UTF-16LE, enhanced routing only */
} routing_token_t;

/* What decides the width of some tokens: it must be known before LOGINACK tells. */
typedef struct {
    bool wide_done; /* DONE has an 8-byte row count and ERROR a 4-byte line number: TDS 7.2 and later */
    bool wide_text; /* texts are UTF-16LE: TDS 7.0 and later */
} token_format_t;

/* The format of a version, given as LOGIN7's number for it; 7.2's for one that is not known. */
token_format_t token_format_of(uint32_t tds_version);

#define RESPONSE_ERRORS 8

/* What one response, whole or cut, says. Spans point into the message. */
typedef struct {
    bool has_loginack, has_sspi, has_fedauthinfo, has_routing;
    bool attention_ack, done_error;
    bool fully_read;       /* the token walk reached the end of the message */
    bool cut;              /* it met the end of what the capture holds */
    token_format_t format; /* as assumed, or as LOGINACK corrected it */
    loginack_token_t loginack;
    feature_set_t features; /* that FEATUREEXTACK acknowledges */
    span_t sspi;
    span_t fedauth_sts, fedauth_spn; /* UTF-16LE */
    routing_token_t routing;
    unsigned error_count; /* all ERROR tokens; the first RESPONSE_ERRORS are kept */
    error_token_t errors[RESPONSE_ERRORS];
    span_t info_server; /* ServerName of the first INFO token, UTF-16LE */
    span_t database, language, packet_size, mirror_partner, user_instance; /* ENVCHANGE new values, UTF-16LE */
    uint8_t collation[5];
    bool has_collation;
} response_t;

/* Walks the tokens of a response, without TDS header, up to its end or to the first token that only a full
 * dissector can step over (rows). `message_length` is how long the message really is; `message` holds what the
 * capture has of its beginning. */
void response_read(span_t message, size_t message_length, token_format_t format, response_t *response);

/* Whether a response, whole and without TDS header, is nothing but whole tokens of this format up to the DONE that ends
 * it. */
bool response_fits(span_t message, token_format_t format);

/* Reads the ERROR tokens behind rows that nobody walked: the first from which whole tokens lead to the end of these
 * bytes, the last of a response, and those that follow it. */
void response_read_behind_rows(span_t message, response_t *response);

/* The status of the DONE token that ends a response, from its last packet's bytes: also behind rows that nobody
 * walked. False if the bytes do not end in one. */
bool response_final_done(span_t tail, token_format_t format, uint16_t *status);

/* LOGIN7's number for the version that LOGINACK names, which for 7.0 and 7.1 is another: 0x07010000 is
 * 0x71000000. MS-TDS 2.2.7.14. */
uint32_t tds_version_from_loginack(uint32_t version);

/* "7.4" for 0x74000004, "7.3A", "7.3B"; NULL for a number that is no version. Static text. */
const char *tds_version_name(uint32_t version);

#endif
