/* tokens.h - the tokens in a server's response that matter for a login, an error or a cancel (MS-TDS 2.2.7).
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

/* Classes of an ERROR token, MS-TDS 2.2.7.10. Below the first it is only information; from the second on the connection
 * ends. */
enum { CLASS_OF_ERRORS = 11, CLASS_OF_FATAL_ERRORS = 20 };

/* Status bits of the DONE family, MS-TDS 2.2.7.6. */
enum { DONE_MORE = 0x0001, DONE_ERROR = 0x0002, DONE_ATTN = 0x0020, DONE_SRVERROR = 0x0100 };

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
    bool readable; /* number, state and class are there; the texts may be cut */
    bool has_line; /* the whole token is there, with `line` */
} error_token_t;

typedef struct {
    uint32_t tds_version; /* LOGIN7's number for the version, such as 0x74000004; 0 = cut */
    bool has_version;     /* `version` is there */
    uint8_t version[4];   /* of the product: major, minor, build high, build low */
} loginack_token_t;

typedef struct {
    uint8_t protocol; /* 0 = TCP */
    uint16_t port;
    span_t host;     /* UTF-16LE */
    span_t database; /* UTF-16LE, enhanced routing only */
} routing_token_t;

/* The version decides the width of some tokens. It must be known before LOGINACK tells it. */
typedef struct {
    bool wide_done; /* DONE has an 8-byte row count and ERROR a 4-byte line number: TDS 7.2 and later */
    bool wide_text; /* texts are UTF-16LE: TDS 7.0 and later */
} token_format_t;

/* The format of a version, given as LOGIN7's number for it. That of 7.2 for an unknown version. */
token_format_t token_format_of(uint32_t tds_version);

#define RESPONSE_ERRORS 8

/* What a response says, whole or cut. Spans point into the message. */
typedef struct {
    bool has_loginack, has_sspi, has_fedauthinfo, has_routing;
    bool attention_ack, done_error; /* a DONE token has the bit DONE_ATTN; DONE_ERROR or DONE_SRVERROR */
    bool fully_read;                /* all tokens were read, to the end of the message */
    bool cut;                       /* the capture does not hold all of the message, or a token leads past its end */
    token_format_t format;          /* as the caller gave it, or as LOGINACK corrected it */
    loginack_token_t loginack;
    feature_set_t features; /* the features that FEATUREEXTACK acknowledges */
    span_t sspi;
    span_t fedauth_sts, fedauth_spn; /* UTF-16LE */
    routing_token_t routing;
    unsigned error_count; /* all ERROR tokens; the first RESPONSE_ERRORS are kept */
    error_token_t errors[RESPONSE_ERRORS];
    span_t info_server; /* ServerName of the first INFO token, UTF-16LE */
    uint32_t info;      /* the number of the last INFO token; 0 = there is none */
    span_t database, language, packet_size, mirror_partner, user_instance; /* ENVCHANGE new values, UTF-16LE */
    uint8_t collation[5];
    bool has_collation;
} response_t;

/* Reads the tokens of a response, without TDS header, up to its end, or up to the first token whose length only a full
 * dissector knows (rows). `message`: the captured beginning of the response; `message_length`: its real length. */
void response_read(span_t message, size_t message_length, token_format_t format, response_t *response);

/* Whether a whole response, without TDS header, consists of whole tokens of this format, with a DONE or DONEPROC at the
 * end. */
bool response_fits(span_t message, token_format_t format);

/* Adds the ERROR tokens behind rows that response_read did not read. `message`: the last bytes of a response. The first
 * one is the first ERROR token from which whole tokens lead to the end of these bytes. */
void response_read_behind_rows(span_t message, response_t *response);

/* The status of the final DONE token of a response, also behind rows. `tail`: the bytes of its last packet. False if
 * they do not end with such a token. */
bool response_final_done(span_t tail, token_format_t format, uint16_t *status);

/* LOGIN7's number for a version of LOGINACK, which has other numbers for 7.0 and 7.1: 0x07010000 is 0x71000000. MS-TDS
 * 2.2.7.14. */
uint32_t tds_version_from_loginack(uint32_t version);

/* "7.4" for 0x74000004; also "7.3A" and "7.3B". NULL for a number that is no version. Static text. */
const char *tds_version_name(uint32_t version);

#endif
