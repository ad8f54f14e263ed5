/* login7.c - the login records: LOGIN7 with its feature extensions, and the older one of TDS 4.2 and 5.0.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "login7.h"

#include "tds.h"

#define OFFSET_FLAGS        24
#define OFFSET_STRINGS      36
#define OFFSET_SSPI         78
#define OFFSET_SSPI_LONG    90
#define SSPI_LENGTH_IS_LONG 0xFFFF

/* The first byte is (library << 1) | echo: the order that drivers and the specification's own sample use. */
static fedauth_feature_t fedauth_feature(span_t data)
{
    fedauth_feature_t fedauth = {.present = true};
    reader_t r = reader_of(data);
    uint8_t options = read_u8(&r);
    if (!r.ok) {
        fedauth.library = FEDAUTH_LIBRARY_LIMIT; /* cut before it: none of those with a name */
        return fedauth;
    }
    fedauth.library = options >> 1;
    if (fedauth.library == FEDAUTH_ADAL) {
        fedauth.workflow = read_u8(&r);
    } else {
        fedauth.token_length = read_u32le(&r);
        fedauth.has_length = r.ok;
    }
    return fedauth;
}

/* Drivers disagree on the form: "1|MS-MDS|..." in UTF-16, or a version byte and JSON in UTF-8. The first begins with a
 * printable character of ASCII. */
static bool is_utf16_text(span_t data)
{
    return data.length >= 2 && data.at[0] >= 0x20 && data.at[0] < 0x7F && data.at[1] == 0;
}

static void login7_feature(login7_t *login, const feature_t *feature)
{
    switch (feature->id) {
    case FEATURE_SESSIONRECOVERY:
        login->session_recovery = true;
        login->reconnect = feature->length > 0;
        break;
    case FEATURE_FEDAUTH:
        login->fedauth = fedauth_feature(feature->data);
        break;
    case FEATURE_USERAGENT:
        login->user_agent = is_utf16_text(feature->data) ? feature->data : span_none();
        break;
    default:
        break;
    }
}

/* ibExtension points to a DWORD that holds the offset of the features. */
static void login7_features(login7_t *login, span_t record, span_t extension)
{
    reader_t at = reader_of(extension);
    uint32_t offset = read_u32le(&at);
    if (!at.ok || offset >= record.length) {
        return;
    }
    reader_t r = reader_of(span_from(record, offset));
    feature_t feature;
    while (feature_next(&r, &feature)) {
        feature_set_add(&login->features, feature.id);
        login7_feature(login, &feature);
    }
    login->features_seen = r.ok && feature.id == FEATURE_TERMINATOR;
    login->features.cut = !login->features_seen;
}

/* Bits of OptionFlags2, TypeFlags and OptionFlags3, MS-TDS 2.2.6.4. */
enum {
    FLAGS2_INTEGRATED = 0x80,
    TYPE_READ_ONLY_INTENT = 0x20,
    FLAGS3_CHANGE_PASSWORD = 0x01,
    FLAGS3_USER_INSTANCE = 0x04,
    FLAGS3_EXTENSION = 0x10
};

static void login7_flags(login7_t *login, span_t record)
{
    reader_t r = reader_of(span_part(record, OFFSET_FLAGS, 4));
    read_skip(&r, 1);
    uint8_t flags2 = read_u8(&r);
    uint8_t type = read_u8(&r);
    uint8_t flags3 = read_u8(&r);
    login->has_flags = r.ok;
    login->integrated = (flags2 & FLAGS2_INTEGRATED) != 0;
    login->read_only_intent = (type & TYPE_READ_ONLY_INTENT) != 0;
    login->change_password = (flags3 & FLAGS3_CHANGE_PASSWORD) != 0;
    login->user_instance = (flags3 & FLAGS3_USER_INSTANCE) != 0;
    login->has_extension = (flags3 & FLAGS3_EXTENSION) != 0;
}

/* Reads one offset and length of the record's table; `unit` is 2 for characters, 1 for bytes. */
static span_t login7_value(reader_t *table, span_t record, size_t unit)
{
    uint16_t offset = read_u16le(table);
    uint16_t count = read_u16le(table);
    return table->ok && count > 0 ? span_part(record, offset, count * unit) : span_none();
}

static void login7_strings(login7_t *login, span_t record)
{
    reader_t table = reader_of(span_part(record, OFFSET_STRINGS, OFFSET_SSPI - OFFSET_STRINGS - 6));
    login->host = login7_value(&table, record, 2);
    login->user = login7_value(&table, record, 2);
    read_skip(&table, 2);
    login->has_password = read_u16le(&table) > 0; /* its bytes need not be in the capture */
    login->app = login7_value(&table, record, 2);
    login->server = login7_value(&table, record, 2);
    span_t extension = login7_value(&table, record, 1);
    login->library = login7_value(&table, record, 2);
    login->language = login7_value(&table, record, 2);
    login->database = login7_value(&table, record, 2);
    if (login->has_extension) {
        login7_features(login, record, extension);
    }
}

static span_t login7_sspi(span_t record, uint32_t tds_version)
{
    uint32_t major = tds_version >> 24;
    bool has_long_length = major != TDS_MAJOR_7_0 && major != TDS_MAJOR_7_1; /* they have 86 fixed bytes, not 94 */
    reader_t table = reader_of(span_part(record, OFFSET_SSPI, 4));
    uint16_t offset = read_u16le(&table);
    uint32_t length = read_u16le(&table);
    reader_t more = reader_of(span_part(record, OFFSET_SSPI_LONG, 4));
    uint32_t long_length = read_u32le(&more);
    if (length == SSPI_LENGTH_IS_LONG && has_long_length && more.ok && long_length > 0) {
        length = long_length;
    }
    return table.ok && length > 0 ? span_part(record, offset, length) : span_none();
}

static bool is_login7_version(uint32_t version)
{
    uint8_t major = (uint8_t)(version >> 24);
    return (major >= TDS_MAJOR_7_0 && major <= TDS_MAJOR_7_LAST) || version == TDS_VERSION_8_0;
}

bool login7_parse(span_t record, login7_t *login)
{
    *login = (login7_t){0};
    reader_t r = reader_of(record);
    login->length = read_u32le(&r);
    login->tds_version = read_u32le(&r);
    if (!r.ok || login->length < LOGIN7_FIXED_LENGTH_7_1 || login->length >= LOGIN7_LENGTH_LIMIT ||
        !is_login7_version(login->tds_version)) {
        return false;
    }
    record = span_part(record, 0, login->length);
    login7_flags(login, record);
    login7_strings(login, record);
    login->sspi = login7_sspi(record, login->tds_version);
    return true;
}

#define OLD_NAME_LENGTH    30
#define OLD_OFFSET_HOST    0
#define OLD_OFFSET_USER    31
#define OLD_OFFSET_KINDS   124
#define OLD_OFFSET_APP     140
#define OLD_OFFSET_SERVER  171
#define OLD_OFFSET_VERSION 458
#define OLD_OFFSET_LIBRARY 462

/* A name of up to 30 bytes, padded, and behind it its length. False if the length cannot be one. */
static bool old_name(span_t record, size_t offset, size_t width, span_t *name)
{
    span_t field = span_part(record, offset, width + 1);
    if (field.length <= width || field.at[width] > width) {
        return false;
    }
    *name = span_of(field.at, field.at[width]);
    return true;
}

/* How the client writes numbers of two and of four bytes, and characters. Most bytes of other protocols are 0, too, but
 * these characters are ASCII or EBCDIC. */
static bool old_kinds(span_t record)
{
    reader_t r = reader_of(span_part(record, OLD_OFFSET_KINDS, 3));
    uint8_t two_bytes = read_u8(&r);
    uint8_t four_bytes = read_u8(&r);
    uint8_t characters = read_u8(&r);
    return r.ok && (two_bytes == 2 || two_bytes == 3) && four_bytes <= 1 && (characters == 6 || characters == 7);
}

bool old_login_parse(span_t record, old_login_t *login)
{
    *login = (old_login_t){0};
    reader_t version = reader_of(span_part(record, OLD_OFFSET_VERSION, 4));
    login->major = read_u8(&version);
    login->minor = read_u8(&version);
    return version.ok && (login->major == 4 || login->major == 5) && old_kinds(record) &&
           old_name(record, OLD_OFFSET_HOST, OLD_NAME_LENGTH, &login->host) &&
           old_name(record, OLD_OFFSET_USER, OLD_NAME_LENGTH, &login->user) &&
           old_name(record, OLD_OFFSET_APP, OLD_NAME_LENGTH, &login->app) &&
           old_name(record, OLD_OFFSET_SERVER, OLD_NAME_LENGTH, &login->server) &&
           old_name(record, OLD_OFFSET_LIBRARY, 10, &login->library);
}
