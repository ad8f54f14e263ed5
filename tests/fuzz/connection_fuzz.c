/* connection_fuzz.c - for connection_see, connection_miss, connection_conclude and what asks a connection, on a stream
 * of frames; the parsers say what the frames carry, as in the plugin: unit_at, tds_header_parse, response_read,
 * sspi_parse.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * An input is frames: one byte for the sender (SERVER) and the kind of the rest; two bytes with the length of the
 * bytes that follow, for PAYLOAD; MISSED are bytes that nobody has; else the kind is a message_t by itself, as TCP's
 * flags are.
 */
#include "auth.h"
#include "connection.h"
#include "fuzz.h"
#include "tds.h"
#include "tlshello.h"
#include "tokens.h"

enum { SERVER = 0x01, MISSED = 0x7E, PAYLOAD = 0x7F };

static message_t message_of_response(span_t body)
{
    response_t response;
    response_read(body, body.length, token_format_of(0), &response);
    sspi_t sspi;
    if (response.has_sspi) {
        (void)sspi_parse(response.sspi, &sspi);
    }
    return response.has_routing       ? MESSAGE_ROUTING
           : response.has_loginack    ? MESSAGE_LOGINACK
           : response.has_sspi        ? MESSAGE_SSPI_SERVER
           : response.has_fedauthinfo ? MESSAGE_FEDAUTHINFO
           : response.error_count > 0 ? MESSAGE_LOGIN_ERROR
                                      : MESSAGE_RESPONSE;
}

static message_t message_of_tds(span_t unit, sender_t sender)
{
    static const message_t of_type[] = {
        [TDS_SQL_BATCH] = MESSAGE_SQL_BATCH,
        [TDS_OLD_LOGIN] = MESSAGE_OLD_LOGIN,
        [TDS_RPC] = MESSAGE_RPC,
        [TDS_ATTENTION] = MESSAGE_ATTENTION,
        [TDS_BULK_LOAD] = MESSAGE_BULK_LOAD,
        [TDS_FEDAUTH_TOKEN] = MESSAGE_FEDAUTH_TOKEN,
        [TDS_TRANSACTION] = MESSAGE_TRANSACTION,
        [TDS_5_NORMAL] = MESSAGE_SQL_BATCH,
        [TDS_LOGIN7] = MESSAGE_LOGIN7,
        [TDS_SSPI] = MESSAGE_SSPI_CLIENT,
    };
    tds_header_t header;
    if (!tds_header_parse(unit, &header)) {
        return MESSAGE_NONE;
    }
    span_t body = span_part(unit, TDS_HEADER_LENGTH, unit.length);
    prelogin_t prelogin;
    if (header.type == TDS_RESPONSE && !prelogin_parse(body, &prelogin)) {
        return message_of_response(body);
    }
    if (header.type == TDS_PRELOGIN || header.type == TDS_RESPONSE) {
        return sender == SENDER_SERVER ? MESSAGE_PRELOGIN_RESPONSE : MESSAGE_PRELOGIN;
    }
    return header.type < COUNT_OF(of_type) ? of_type[header.type] : MESSAGE_NONE;
}

static message_t message_of_tls(span_t unit, sender_t sender)
{
    tls_record_t record;
    if (!tls_record_parse(unit, &record) || record.type == TLS_APPLICATION_DATA) {
        return MESSAGE_ENCRYPTED;
    }
    reader_t r = reader_of(record.body);
    tls_handshake_t handshake;
    bool hello = record.type == TLS_HANDSHAKE && tls_handshake_next(&r, &handshake) &&
                 (handshake.type == TLS_CLIENT_HELLO || handshake.type == TLS_SERVER_HELLO);
    bool server = sender == SENDER_SERVER;
    return hello ? (server ? MESSAGE_SERVER_HELLO : MESSAGE_CLIENT_HELLO)
                 : (server ? MESSAGE_SERVER_FINISHED : MESSAGE_CLIENT_KEY);
}

static bool has_row(position_t before, position_t after)
{
    position_t from, to;
    message_t seen;
    for (unsigned i = 0; connection_move_row(i, &from, &seen, &to); i++) {
        if (from == before && to == after) {
            return true;
        }
    }
    return false;
}

static bool is_over(position_t position)
{
    return position == POSITION_CLOSING || position == POSITION_CLOSED;
}

static void see(connection_t *connection, message_t message, sender_t sender)
{
    connection_t before = *connection;
    outcome_t outcome = connection_see(connection, message, sender);
    bool ends = message == MESSAGE_FIN || message == MESSAGE_RST;
    CLAIM(connection->position < POSITION_COUNT);
    CLAIM(outcome == OUTCOME_MOVED || memcmp(&before, connection, sizeof before) == 0);
    bool anew = before.position <= POSITION_SECURED && has_row(POSITION_START, connection->position);
    /* The answer to the login that comes behind the server's FIN decides the state alone. */
    bool late = is_over(before.position) && connection->position == before.position && sender == SENDER_SERVER &&
                connection->state != before.state;
    CLAIM(outcome != OUTCOME_MOVED || ends || anew || late || has_row(before.position, connection->position));
    CLAIM(is_over(connection->position) == (ends || is_over(before.position)));
    CLAIM(before.position != POSITION_CLOSED || connection->position == POSITION_CLOSED);
    CLAIM(position_name(connection->position) != NULL && position_awaits(connection->position) != NULL);
    CLAIM(connection_step_of(connection, message) != STEP_KEEP);
    CLAIM((connection->close == CLOSE_OPEN) == !is_over(connection->position));
}

static void see_payload(connection_t *connection, span_t payload, sender_t sender)
{
    while (payload.length >= UNIT_HEAD_LENGTH) {
        unit_t unit = unit_at(payload);
        if (unit.kind == UNIT_NONE || unit.length == 0) {
            return;
        }
        span_t bytes = span_part(payload, 0, unit.length);
        message_t message = unit.kind == UNIT_TDS   ? message_of_tds(bytes, sender)
                            : unit.kind == UNIT_TLS ? message_of_tls(bytes, sender)
                                                    : MESSAGE_SMP_DATA;
        see(connection, message, sender);
        payload = span_part(payload, unit.length, payload.length);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    connection_t connection;
    connection_init(&connection);
    reader_t r = reader_of(span_of(data, size));
    while (r.left > 0) {
        uint8_t head = read_u8(&r);
        sender_t sender = head & SERVER ? SENDER_SERVER : SENDER_CLIENT;
        uint8_t kind = head >> 1;
        if (kind == PAYLOAD) {
            size_t length = read_u16be(&r);
            see_payload(&connection, read_span(&r, length < r.left ? length : r.left), sender);
        } else if (kind == MISSED) {
            connection_miss(&connection, sender);
        } else if (kind < MESSAGE_LIMIT) {
            see(&connection, (message_t)kind, sender);
        } else {
            connection_conclude(&connection, kind & 1 ? STATE_LOGGED_IN : STATE_LOGIN_FAILED);
        }
    }
    return 0;
}
