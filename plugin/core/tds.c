/* tds.c - the TDS packet header, the units of the byte stream, PRELOGIN.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tds.h"

#include <string.h>

#include "smp.h"
#include "tlshello.h"

#define TDS_KNOWN_STATUS 0x1F
#define TDS_LENGTH_LIMIT 0x8000 /* MS-TDS 2.2.3.1.3: packets of up to 32,767 bytes */

static const struct {
    bool used;
    sender_t sender;
} packet_types[] = {
    [TDS_SQL_BATCH] = {true, SENDER_CLIENT},     [TDS_OLD_LOGIN] = {true, SENDER_CLIENT},
    [TDS_RPC] = {true, SENDER_CLIENT},           [TDS_RESPONSE] = {true, SENDER_SERVER},
    [TDS_ATTENTION] = {true, SENDER_CLIENT},     [TDS_BULK_LOAD] = {true, SENDER_CLIENT},
    [TDS_FEDAUTH_TOKEN] = {true, SENDER_CLIENT}, [TDS_TRANSACTION] = {true, SENDER_CLIENT},
    [TDS_5_NORMAL] = {true, SENDER_CLIENT},      [TDS_LOGIN7] = {true, SENDER_CLIENT},
    [TDS_SSPI] = {true, SENDER_CLIENT},          [TDS_PRELOGIN] = {true, SENDER_UNKNOWN},
};

#define PACKET_TYPE_COUNT (sizeof packet_types / sizeof packet_types[0])

static uint32_t tds_length(span_t bytes)
{
    return (uint32_t)(bytes.at[2] << 8 | bytes.at[3]);
}

bool tds_header_parse(span_t bytes, tds_header_t *header)
{
    reader_t r = reader_of(bytes);
    header->type = read_u8(&r);
    header->status = read_u8(&r);
    header->length = read_u16be(&r);
    header->spid = read_u16be(&r);
    header->packet_id = read_u8(&r);
    header->window = read_u8(&r);
    return r.ok;
}

bool tds_type_used(uint8_t type)
{
    return type < PACKET_TYPE_COUNT && packet_types[type].used;
}

bool tds_header_possible(span_t bytes)
{
    reader_t r = reader_of(bytes);
    uint8_t type = read_u8(&r);
    read_skip(&r, 1);
    uint16_t length = read_u16be(&r);
    return r.ok && type < PACKET_TYPE_COUNT && length >= TDS_HEADER_LENGTH;
}

bool tds_header_plausible(span_t bytes)
{
    if (!tds_header_possible(bytes) || !tds_type_used(bytes.at[0]) || (bytes.at[1] & ~TDS_KNOWN_STATUS) != 0 ||
        tds_length(bytes) > TDS_LENGTH_LIMIT) {
        return false;
    }
    return bytes.length < TDS_HEADER_LENGTH || bytes.at[TDS_HEADER_LENGTH - 1] == 0;
}

sender_t tds_type_sender(uint8_t type)
{
    return type < PACKET_TYPE_COUNT ? packet_types[type].sender : SENDER_UNKNOWN;
}

static unit_t smp_unit(span_t bytes)
{
    if (bytes.length < 8) {
        return (unit_t){UNIT_SMP, 0};
    }
    if (!smp_header_plausible(bytes)) {
        return (unit_t){UNIT_NONE, 0};
    }
    reader_t r = reader_of(span_part(bytes, 4, 4));
    return (unit_t){UNIT_SMP, read_u32le(&r)};
}

unit_t unit_at(span_t bytes)
{
    if (bytes.length < UNIT_HEAD_LENGTH) {
        return (unit_t){UNIT_NONE, 0};
    }
    if (bytes.at[0] == SMP_ID) {
        return smp_unit(bytes);
    }
    tls_record_t record;
    if (tls_record_parse(bytes, &record)) {
        return (unit_t){UNIT_TLS, record.length};
    }
    if (!tds_header_plausible(bytes)) {
        return (unit_t){UNIT_NONE, 0};
    }
    return (unit_t){UNIT_TDS, tds_length(bytes)};
}

unit_t unit_due(span_t bytes)
{
    unit_t unit = unit_at(bytes);
    if (unit.kind != UNIT_NONE || bytes.length < UNIT_HEAD_LENGTH || !tds_header_possible(bytes)) {
        return unit;
    }
    return (unit_t){UNIT_TDS, tds_length(bytes)};
}

/* A control packet is 16 bytes long, whatever its header says, where only that leads to the next one. */
static uint32_t smp_length(span_t bytes, const smp_header_t *header)
{
    const uint8_t control = SMP_SYN | SMP_ACK | SMP_FIN;
    bool too_long = (header->flags & ~control) == 0 && header->length != SMP_HEADER_LENGTH;
    bool ends_there = smp_may_end(bytes, header->length);
    return too_long && !ends_there && smp_may_end(bytes, SMP_HEADER_LENGTH) ? SMP_HEADER_LENGTH : header->length;
}

unit_t unit_among_sessions(span_t bytes)
{
    const size_t telling = 8; /* bytes that tell where a packet ends */
    bool is_smp = bytes.length > 0 && bytes.at[0] == SMP_ID;
    if (is_smp && bytes.length < telling) {
        return (unit_t){UNIT_SMP, 0};
    }
    smp_header_t header;
    (void)smp_header_parse(bytes, &header);
    if (smp_header_plausible(bytes)) {
        return (unit_t){UNIT_SMP, smp_length(bytes, &header)};
    }
    size_t next = smp_resume(bytes);
    bool flags_alone = is_smp && next >= SMP_HEADER_LENGTH && next == header.length;
    return (unit_t){flags_alone ? UNIT_SMP : UNIT_STRAY, (uint32_t)next};
}

/* PRELOGIN option tokens. */
enum {
    OPTION_VERSION = 0x00,
    OPTION_ENCRYPTION = 0x01,
    OPTION_INSTANCE = 0x02,
    OPTION_MARS = 0x04,
    OPTION_TRACE_ID = 0x05,
    OPTION_FEDAUTH_REQUIRED = 0x06,
    OPTION_TERMINATOR = 0xFF
};

#define OPTION_LIST_SHORTEST 6 /* one option and the terminator */

/* One byte of an option: false if the option is empty or cut. */
static bool option_byte(span_t data, uint8_t *byte)
{
    if (data.length < 1) {
        return false;
    }
    *byte = data.at[0];
    return true;
}

static bool option_flag(span_t data, bool *flag)
{
    uint8_t byte = 0;
    bool has = option_byte(data, &byte);
    *flag = byte == 1;
    return has;
}

static bool option_version(span_t data, prelogin_t *p)
{
    if (data.length < sizeof p->version) {
        return false;
    }
    memcpy(p->version, data.at, sizeof p->version);
    return true;
}

static bool option_trace(span_t data, prelogin_t *p)
{
    reader_t r = reader_of(data);
    span_t connection = read_span(&r, sizeof p->connection_id);
    span_t activity = read_span(&r, sizeof p->activity_id);
    p->activity_sequence = read_u32le(&r);
    if (!r.ok) {
        return false;
    }
    memcpy(p->connection_id, connection.at, sizeof p->connection_id);
    memcpy(p->activity_id, activity.at, sizeof p->activity_id);
    return true;
}

static void prelogin_option(prelogin_t *p, uint8_t token, span_t data)
{
    switch (token) {
    case OPTION_VERSION:
        p->has_version = option_version(data, p);
        break;
    case OPTION_ENCRYPTION:
        p->has_encryption = option_byte(data, &p->encryption);
        break;
    case OPTION_INSTANCE:
        p->instance = data;
        p->has_instance = data.length > 0;
        break;
    case OPTION_MARS:
        p->has_mars = option_flag(data, &p->mars);
        break;
    case OPTION_TRACE_ID:
        p->has_trace = option_trace(data, p);
        break;
    default: /* NONCE, and unknown options, which the receiver skips too */
        break;
    }
}

/* An option of this length is there, though its data may be cut. */
static void note_possible(prelogin_t *p, uint8_t token, uint16_t length)
{
    bool told = length > 0;
    p->may_have_fedauth = p->may_have_fedauth || (told && token == OPTION_FEDAUTH_REQUIRED);
    p->may_have_mars = p->may_have_mars || (told && token == OPTION_MARS && (p->mars || !p->has_mars));
}

bool prelogin_parse(span_t message, prelogin_t *p)
{
    *p = (prelogin_t){0};
    reader_t r = reader_of(message);
    for (bool first = true;; first = false) {
        uint8_t token = read_u8(&r);
        if (r.ok && token == OPTION_TERMINATOR && !first) {
            return true;
        }
        uint16_t offset = read_u16be(&r);
        uint16_t length = read_u16be(&r);
        if (!r.ok) {
            p->may_have_fedauth = true;
            p->may_have_mars = p->may_have_mars || !p->has_mars;
            return !first; /* cut: what was read stands */
        }
        /* VERSION must stand first and be 6 bytes long; that also tells PRELOGIN from everything else. */
        if (first && (token != OPTION_VERSION || length != sizeof p->version || offset < OPTION_LIST_SHORTEST)) {
            return false;
        }
        prelogin_option(p, token, span_part(message, offset, length));
        note_possible(p, token, length);
    }
}

encryption_t prelogin_encryption(uint8_t client, uint8_t server)
{
    uint8_t asked = client & ENCRYPT_VALUE_MASK;
    bool client_insists = asked == ENCRYPT_ON || asked == ENCRYPT_REQ;
    switch (server & ENCRYPT_VALUE_MASK) {
    case ENCRYPT_OFF:
        return client_insists || asked == ENCRYPT_NOT_SUP ? ENCRYPTION_UNKNOWN : ENCRYPTION_LOGIN_ONLY;
    case ENCRYPT_ON:
    case ENCRYPT_REQ:
        return asked == ENCRYPT_NOT_SUP ? ENCRYPTION_UNKNOWN : ENCRYPTION_FULL;
    case ENCRYPT_NOT_SUP:
        return ENCRYPTION_NONE;
    default:
        return ENCRYPTION_UNKNOWN;
    }
}
