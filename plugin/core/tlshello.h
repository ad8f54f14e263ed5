/* tlshello.h - what a TLS handshake shows to everybody: records, hellos, the certificate, alerts
 * (RFC 5246, RFC 8446, RFC 6066, RFC 7301).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Wireshark's own dissector shows and decrypts TLS. Here only that is read which a verdict on the connection needs,
 * even if that dissector does not get whole records.
 */
#ifndef TDSCONN_TLSHELLO_H
#define TDSCONN_TLSHELLO_H

#include "bytes.h"
#include "certificate.h"

#define TLS_RECORD_HEADER_LENGTH 5

enum { TLS_CHANGE_CIPHER_SPEC = 0x14, TLS_ALERT = 0x15, TLS_HANDSHAKE = 0x16, TLS_APPLICATION_DATA = 0x17 };

/* Handshake message types. */
enum {
    TLS_HELLO_REQUEST = 0,
    TLS_CLIENT_HELLO = 1,
    TLS_SERVER_HELLO = 2,
    TLS_NEW_SESSION_TICKET = 4,
    TLS_ENCRYPTED_EXTENSIONS = 8,
    TLS_CERTIFICATE = 11,
    TLS_SERVER_KEY_EXCHANGE = 12,
    TLS_CERTIFICATE_REQUEST = 13,
    TLS_SERVER_HELLO_DONE = 14,
    TLS_CERTIFICATE_VERIFY = 15,
    TLS_CLIENT_KEY_EXCHANGE = 16,
    TLS_FINISHED = 20,
    TLS_CERTIFICATE_STATUS = 22
};

enum { TLS_ALERT_WARNING = 1, TLS_ALERT_FATAL = 2, TLS_CLOSE_NOTIFY = 0 };

#define TLS_VERSION_1_0 0x0301
#define TLS_VERSION_1_2 0x0303
#define TLS_VERSION_1_3 0x0304

typedef struct {
    uint8_t type;
    uint16_t version; /* of the record layer: neither the offered nor the negotiated one */
    uint32_t length;  /* with its header */
    span_t body;      /* as much of it as is there */
} tls_record_t;

/* Reads a record's header. False if these bytes cannot be one, or if they are cut in the header. */
bool tls_record_parse(span_t bytes, tls_record_t *record);

typedef struct {
    uint8_t type;
    span_t body;
} tls_handshake_t;

/* Reads the next handshake message. `r` reads the body of one record, or the joined bodies of several. False at the
 * end, or if the message type is not known: then the record is encrypted. A cut message is returned as far as it goes.
 */
bool tls_handshake_next(reader_t *r, tls_handshake_t *message);

typedef struct {
    uint16_t version; /* client: the highest it offers; server: the one it chose; 0 = the hello is cut before it */
    uint16_t cipher;  /* of a server; 0 = cut */
    span_t sni;       /* of a client: the name it asks for; ASCII */
    span_t alpn;      /* the first name that is offered, or the chosen one; ASCII */
    bool alpn_tds8;   /* tds/8.0 is among the names */
    bool retry;       /* of a server: this is a HelloRetryRequest */
} tls_hello_t;

/* Reads the body of a ClientHello or ServerHello. False if it is too short to name a version. */
bool tls_client_hello_parse(span_t body, tls_hello_t *hello);
bool tls_server_hello_parse(span_t body, tls_hello_t *hello);

/* Reads the first certificate in the body of a Certificate message. `version`: the negotiated one, as TLS 1.3 has a
 * context before the chain. False if the certificate is cut before its subject. */
bool tls_certificate_parse(span_t body, uint16_t version, tls_certificate_t *certificate);

/* Whether a cipher suite of this name has a group for Diffie-Hellman that the server chooses. */
bool tls_is_dhe(const char *suite);

/* The length in bits of the prime of that group, by the body of a ServerKeyExchange; 0 if that is cut. */
uint16_t tls_group_bits(span_t body);

/* "TLS 1.2" for 0x0303, NULL for a number that has no name. Static text. */
const char *tls_version_name(uint16_t version);

#endif
