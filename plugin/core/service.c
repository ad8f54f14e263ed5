/* service.c - services that are not SQL Server, by the first bytes that they send.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "service.h"

#include <stddef.h>
#include <string.h>

/* RFC 9112 4, RFC 4253 4.2, RFC 5321 4.2, RFC 1939 3, RFC 9051 7, RFC 6143 7.1.1. */
static const struct {
    const char *text;
    service_t service;
} greetings[] = {
    {"HTTP/", SERVICE_HTTP}, {"SSH-", SERVICE_SSH},  {"220 ", SERVICE_MAIL}, {"220-", SERVICE_MAIL},
    {"+OK", SERVICE_MAIL},   {"* OK", SERVICE_MAIL}, {"RFB ", SERVICE_VNC},
};

static bool begins_with(span_t bytes, const char *text)
{
    size_t length = strlen(text);
    return bytes.length >= length && memcmp(bytes.at, text, length) == 0;
}

/* A packet has its length in three bytes and the number 0. It is a greeting of protocol version 10, or an error. */
static bool is_mysql(span_t bytes)
{
    const size_t header = 4;
    return bytes.length > header && bytes.at[2] == 0 && bytes.at[3] == 0 &&
           (bytes.at[header] == 10 || bytes.at[header] == 0xFF);
}

/* ErrorResponse: a length, and the severity as its first field. */
static bool is_postgresql(span_t bytes)
{
    return bytes.length > 5 && bytes.at[0] == 'E' && bytes.at[1] == 0 && bytes.at[2] == 0 && bytes.at[5] == 'S';
}

/* TNS: a length, no checksum, and a packet that refuses, or asks for the last one again. */
static bool is_oracle(span_t bytes)
{
    enum { REFUSE = 4, RESEND = 11 };
    reader_t r = reader_of(bytes);
    uint16_t length = read_u16be(&r);
    uint16_t checksum = read_u16be(&r);
    uint8_t type = read_u8(&r);
    return r.ok && length == bytes.length && checksum == 0 && (type == REFUSE || type == RESEND);
}

/* TPKT, RFC 1006 6: version 3, and the length. */
static bool is_rdp(span_t bytes)
{
    reader_t r = reader_of(bytes);
    uint16_t version = read_u16be(&r);
    return read_u16be(&r) == bytes.length && r.ok && version == 0x0300;
}

service_t service_by_greeting(span_t bytes)
{
    static const struct {
        bool (*is)(span_t bytes);
        service_t service;
    } shapes[] = {
        {is_mysql, SERVICE_MYSQL},
        {is_postgresql, SERVICE_POSTGRESQL},
        {is_oracle, SERVICE_ORACLE},
        {is_rdp, SERVICE_RDP},
    };
    for (size_t i = 0; i < sizeof greetings / sizeof greetings[0]; i++) {
        if (begins_with(bytes, greetings[i].text)) {
            return greetings[i].service;
        }
    }
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        if (shapes[i].is(bytes)) {
            return shapes[i].service;
        }
    }
    return SERVICE_UNKNOWN;
}

const char *service_name(service_t service)
{
    static const char *const names[SERVICE_COUNT] = {
        [SERVICE_HTTP] = "HTTP",
        [SERVICE_SSH] = "SSH",
        [SERVICE_MAIL] = "a mail or FTP server's greeting",
        [SERVICE_MYSQL] = "MySQL's",
        [SERVICE_POSTGRESQL] = "PostgreSQL's",
        [SERVICE_ORACLE] = "Oracle's",
        [SERVICE_RDP] = "RDP",
        [SERVICE_VNC] = "VNC",
    };
    return service < SERVICE_COUNT ? names[service] : NULL;
}
