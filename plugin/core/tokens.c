/* tokens.c - the token stream of a server's response, as far as a login, an error or a cancel needs it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tokens.h"

#include <string.h>

#include "tds.h"
#include "values.h"

/* What may be read of a token. */
typedef enum {
    LENGTH_UNKNOWN, /* not to be stepped over without knowing columns and types */
    LENGTH_USHORT,
    LENGTH_ULONG,
    LENGTH_FIXED_4,
    LENGTH_DONE,
    LENGTH_FEATURES /* runs to its own terminator */
} token_length_t;

typedef void (*token_reader_t)(response_t *response, span_t body);

static size_t width_of(token_format_t format)
{
    return format.wide_text ? 2 : 1;
}

/* Texts, as far as they are there. */

static span_t read_us_varchar(reader_t *r, token_format_t format)
{
    return read_part(r, read_u16le(r) * width_of(format));
}

static span_t read_b_varchar(reader_t *r, token_format_t format)
{
    return read_part(r, read_u8(r) * width_of(format));
}

/* What ERROR, INFO and EED begin with. */
static error_token_t error_head(reader_t *r)
{
    error_token_t error = {0};
    error.number = read_u32le(r);
    error.state = read_u8(r);
    error.class_ = read_u8(r);
    error.readable = r->ok;
    return error;
}

static void error_texts(error_token_t *error, reader_t *r, token_format_t format)
{
    error->message = read_us_varchar(r, format);
    error->server = read_b_varchar(r, format);
    (void)read_b_varchar(r, format); /* procedure */
}

/* `sound`: whether the body holds exactly one error; NULL if nobody asks. */
static error_token_t error_token(span_t body, token_format_t format, bool *sound)
{
    reader_t r = reader_of(body);
    error_token_t error = error_head(&r);
    error_texts(&error, &r, format);
    error.line = format.wide_done ? read_u32le(&r) : read_u16le(&r);
    error.has_line = r.ok;
    if (sound != NULL) {
        *sound = r.ok && r.left == 0;
    }
    return error;
}

static void add_error(response_t *response, const error_token_t *error)
{
    if (response->error_count < RESPONSE_ERRORS) {
        response->errors[response->error_count] = *error;
    }
    response->error_count++;
}

static void add_info(response_t *response, const error_token_t *info)
{
    if (response->info_server.length == 0) {
        response->info_server = info->server;
    }
    response->info = info->readable ? info->number : response->info;
}

static void read_error(response_t *response, span_t body)
{
    error_token_t error = error_token(body, response->format, NULL);
    add_error(response, &error);
}

static void read_info(response_t *response, span_t body)
{
    error_token_t info = error_token(body, response->format, NULL);
    add_info(response, &info);
}

/* EED of TDS 5.0: an ERROR with SQLSTATE, a status and the state of the transaction. What is cut before its class may
 * be no error. */
static void read_eed(response_t *response, span_t body)
{
    reader_t r = reader_of(body);
    error_token_t error = error_head(&r);
    read_skip(&r, read_u8(&r));
    read_skip(&r, 1 + 2);
    error_texts(&error, &r, response->format);
    error.line = read_u16le(&r);
    error.has_line = r.ok;
    bool is_error = error.readable && error.class_ >= CLASS_OF_ERRORS;
    (is_error ? add_error : add_info)(response, &error);
}

token_format_t token_format_of(uint32_t tds_version)
{
    uint32_t major = tds_version >> 24;
    bool old = major == TDS_MAJOR_4_2 || major == TDS_MAJOR_5_0;
    return (token_format_t){.wide_done = !old && major != TDS_MAJOR_7_0 && major != TDS_MAJOR_7_1, .wide_text = !old};
}

/* In TDS 5.0 the first byte says whether the login succeeded, failed, or goes on. What is cut before the version may be
 * of TDS 5.0. */
static bool is_no_confirmation(uint8_t status, bool has_version, uint32_t version)
{
    enum { FAILED = 6, GOES_ON = 7 };
    return (!has_version || version == TDS_VERSION_5_0) && (status == FAILED || status == GOES_ON);
}

static void read_loginack(response_t *response, span_t body)
{
    reader_t r = reader_of(body);
    uint8_t interface = read_u8(&r);
    bool has_interface = r.ok;
    uint32_t version = read_u32be(&r);
    response->has_loginack = response->has_loginack || (has_interface && !is_no_confirmation(interface, r.ok, version));
    if (!r.ok) {
        return;
    }
    response->loginack.tds_version = tds_version_from_loginack(version);
    response->format = token_format_of(response->loginack.tds_version);
    (void)read_b_varchar(&r, response->format); /* the product's name */
    span_t product_version = read_span(&r, sizeof response->loginack.version);
    if (r.ok) {
        memcpy(response->loginack.version, product_version.at, sizeof response->loginack.version);
        response->loginack.has_version = true;
    }
}

static void read_sspi(response_t *response, span_t body)
{
    response->has_sspi = true;
    response->sspi = body;
}

/* FEDAUTHINFO, MS-TDS 2.2.7.12: offsets count from CountOfInfoIDs; the options stand in any order. */
static void read_fedauthinfo(response_t *response, span_t body)
{
    enum { INFO_STS_URL = 1, INFO_SPN = 2 };
    response->has_fedauthinfo = true;
    reader_t r = reader_of(body);
    uint32_t count = read_u32le(&r);
    for (uint32_t i = 0; i < count && r.ok; i++) {
        uint8_t id = read_u8(&r);
        uint32_t length = read_u32le(&r);
        uint32_t offset = read_u32le(&r);
        if (r.ok && id == INFO_STS_URL) {
            response->fedauth_sts = span_part(body, offset, length);
        } else if (r.ok && id == INFO_SPN) {
            response->fedauth_spn = span_part(body, offset, length);
        }
    }
}

static void read_routing(response_t *response, reader_t *r, bool enhanced)
{
    read_skip(r, 2); /* length of the value */
    routing_token_t routing = {.protocol = read_u8(r)};
    routing.port = read_u16le(r);
    if (!r->ok) { /* what came before it stands */
        return;
    }
    routing.host = read_us_varchar(r, response->format);
    if (enhanced) {
        routing.database = read_us_varchar(r, response->format);
    }
    response->routing = routing;
    response->has_routing = true;
}

static void read_collation(response_t *response, reader_t *r)
{
    span_t collation = read_span(r, read_u8(r));
    if (r->ok && collation.length == sizeof response->collation) {
        memcpy(response->collation, collation.at, sizeof response->collation);
        response->has_collation = true;
    }
}

static void read_envchange(response_t *response, span_t body)
{
    reader_t r = reader_of(body);
    uint8_t type = read_u8(&r);
    if (!r.ok) {
        return;
    }
    switch (type) {
    case ENV_DATABASE:
        response->database = read_b_varchar(&r, response->format);
        break;
    case ENV_LANGUAGE:
        response->language = read_b_varchar(&r, response->format);
        break;
    case ENV_PACKET_SIZE:
        response->packet_size = read_b_varchar(&r, response->format);
        break;
    case ENV_COLLATION:
        read_collation(response, &r);
        break;
    case ENV_MIRROR_PARTNER:
        response->mirror_partner = read_b_varchar(&r, response->format);
        break;
    case ENV_USER_INSTANCE:
        response->user_instance = read_b_varchar(&r, response->format);
        break;
    case ENV_ROUTING:
    case ENV_ENHANCED_ROUTING:
        read_routing(response, &r, type == ENV_ENHANCED_ROUTING);
        break;
    default:
        break;
    }
}

static void read_done(response_t *response, span_t body)
{
    reader_t r = reader_of(body);
    uint16_t status = read_u16le(&r);
    if (r.ok) {
        response->attention_ack = response->attention_ack || (status & DONE_ATTN) != 0;
        response->done_error = response->done_error || (status & (DONE_ERROR | DONE_SRVERROR)) != 0;
    }
}

static void read_features(response_t *response, span_t body)
{
    if (!response->format.wide_text) { /* CONTROL */
        return;
    }
    reader_t r = reader_of(body);
    feature_t feature;
    while (feature_next(&r, &feature)) {
        feature_set_add(&response->features, feature.id);
    }
    response->features.cut = response->features.cut || !r.ok;
}

static const struct {
    token_length_t length;
    token_reader_t read; /* NULL = only stepped over */
} tokens[256] = {
    [TOKEN_RETURNSTATUS] = {LENGTH_FIXED_4, NULL},
    [TOKEN_COLNAME] = {LENGTH_USHORT, NULL},
    [TOKEN_COLFMT] = {LENGTH_USHORT, NULL},
    [TOKEN_TABNAME] = {LENGTH_USHORT, NULL},
    [TOKEN_COLINFO] = {LENGTH_USHORT, NULL},
    [TOKEN_ORDER] = {LENGTH_USHORT, NULL},
    [TOKEN_ERROR] = {LENGTH_USHORT, read_error},
    [TOKEN_INFO] = {LENGTH_USHORT, read_info},
    [TOKEN_LOGINACK] = {LENGTH_USHORT, read_loginack},
    [TOKEN_FEATUREEXTACK] = {LENGTH_FEATURES, read_features},
    [TOKEN_CAPABILITY] = {LENGTH_USHORT, NULL},
    [TOKEN_ENVCHANGE] = {LENGTH_USHORT, read_envchange},
    [TOKEN_EED] = {LENGTH_USHORT, read_eed},
    [TOKEN_SESSIONSTATE] = {LENGTH_ULONG, NULL},
    [TOKEN_SSPI] = {LENGTH_USHORT, read_sspi},
    [TOKEN_FEDAUTHINFO] = {LENGTH_ULONG, read_fedauthinfo},
    [TOKEN_DONE] = {LENGTH_DONE, read_done},
    [TOKEN_DONEPROC] = {LENGTH_DONE, read_done},
    [TOKEN_DONEINPROC] = {LENGTH_DONE, read_done},
};

static size_t done_length(token_format_t format)
{
    return format.wide_done ? 12 : 8; /* status 2, command 2, row count 8 or 4 */
}

/* How long a FEATUREEXTACK is, its terminator included: it does not say so itself. */
static size_t features_length(reader_t r)
{
    size_t before = r.left;
    feature_t feature;
    while (feature_next(&r, &feature)) {
    }
    return before - r.left;
}

/* ENVCHANGE 15 claims one byte and is longer (MS-TDS 2.2.7.9): a DWORD-counted token and an empty old value follow.
 * Where that count is cut, all that is there belongs to it. */
static size_t promote_length(const reader_t *r)
{
    reader_t inside = *r;
    if (read_u8(&inside) != ENV_PROMOTE) {
        return 0;
    }
    uint32_t length = read_u32le(&inside);
    return inside.ok ? (size_t)length + 6 : SIZE_MAX;
}

static size_t token_length(reader_t *r, uint8_t token, token_format_t format)
{
    switch (tokens[token].length) {
    case LENGTH_USHORT: {
        size_t length = read_u16le(r);
        size_t promote = token == TOKEN_ENVCHANGE ? promote_length(r) : 0;
        return promote > length ? promote : length;
    }
    case LENGTH_ULONG:
        return read_u32le(r);
    case LENGTH_FIXED_4:
        return 4;
    case LENGTH_DONE:
        return done_length(format);
    case LENGTH_FEATURES:
        return format.wide_text ? features_length(*r) : read_u16le(r);
    case LENGTH_UNKNOWN:
        break;
    }
    r->ok = false;
    return 0;
}

void response_read(span_t message, size_t message_length, token_format_t format, response_t *response)
{
    *response = (response_t){.format = format};
    reader_t r = reader_of(message);
    response->cut = message.length < message_length;
    while (r.left > 0) {
        uint8_t token = read_u8(&r);
        if (tokens[token].length == LENGTH_UNKNOWN) {
            return;
        }
        size_t length = token_length(&r, token, response->format);
        span_t body = read_part(&r, length);
        response->cut = response->cut || body.cut;
        if (tokens[token].read != NULL) {
            tokens[token].read(response, body);
        }
    }
    response->fully_read = !response->cut;
}

/* The length of the token that begins these bytes, with its type; 0 if it is not known, or not all there. An ERROR has
 * to be one to the last byte. */
static size_t sound_token(span_t bytes, token_format_t format)
{
    reader_t r = reader_of(bytes);
    uint8_t token = read_u8(&r);
    bool known = r.ok && tokens[token].length != LENGTH_UNKNOWN;
    size_t length = known ? token_length(&r, token, format) : 0;
    if (!known || !r.ok || length > r.left) {
        return 0;
    }
    bool sound = true;
    if (token == TOKEN_ERROR || token == TOKEN_INFO) {
        (void)error_token(span_of(r.at, length), format, &sound);
    }
    return sound ? bytes.length - r.left + length : 0;
}

bool response_fits(span_t message, token_format_t format)
{
    uint8_t token = 0;
    for (size_t length; message.length > 0; message = span_from(message, length)) {
        token = message.at[0];
        length = sound_token(message, format);
        if (length == 0) {
            return false;
        }
    }
    return token == TOKEN_DONE || token == TOKEN_DONEPROC;
}

void response_read_behind_rows(span_t message, response_t *response)
{
    size_t at = 0;
    while (at < message.length) {
        size_t end = at;
        size_t length = message.at[at] == TOKEN_ERROR ? sound_token(span_from(message, at), response->format) : 0;
        while (length != 0) {
            end += length;
            length = sound_token(span_from(message, end), response->format);
        }
        if (end == message.length) {
            break;
        }
        at = end > at ? end : at + 1; /* what did not lead from here to the end does not from its middle */
    }
    for (size_t length; at < message.length; at += length) {
        span_t rest = span_from(message, at);
        length = sound_token(rest, response->format);
        if (rest.at[0] == TOKEN_ERROR) {
            read_error(response, span_part(rest, 3, length - 3));
        }
    }
}

bool response_final_done(span_t tail, token_format_t format, uint16_t *status)
{
    size_t length = 1 + done_length(format);
    if (tail.length < length) {
        return false;
    }
    reader_t r = reader_of(span_part(tail, tail.length - length, length));
    uint8_t token = read_u8(&r);
    *status = read_u16le(&r);
    return (token == TOKEN_DONE || token == TOKEN_DONEPROC) && (*status & DONE_MORE) == 0;
}

uint32_t tds_version_from_loginack(uint32_t version)
{
    enum { LOGINACK_7_0 = 0x07000000, LOGINACK_7_1 = 0x07010000 };
    switch (version) {
    case LOGINACK_7_0:
        return TDS_VERSION_7_0;
    case LOGINACK_7_1:
        return TDS_VERSION_7_1;
    default:
        return version;
    }
}

const char *tds_version_name(uint32_t version)
{
    static const named_t names[] = {
        {TDS_VERSION_7_0, "7.0"}, {TDS_VERSION_7_1, "7.1"}, {0x71000001, "7.1"}, {0x72090002, "7.2"},
        {0x730A0003, "7.3A"},     {0x730B0003, "7.3B"},     {0x74000004, "7.4"}, {TDS_VERSION_8_0, "8.0"},
        {TDS_VERSION_4_2, "4.2"}, {TDS_VERSION_5_0, "5.0"}, {0, NULL},
    };
    return name_in(names, version);
}
