/* tds.h - the TDS packet header, the units of the byte stream, PRELOGIN (MS-TDS 2.2.3, 2.2.6.5).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_TDS_H
#define TDSCONN_TDS_H

#include "bytes.h"
#include "values.h"

#define TDS_HEADER_LENGTH 8

/* The version that TDS 8.0 calls itself in LOGIN7 and LOGINACK, MS-TDS 2.2.6.4. */
#define TDS_VERSION_8_0 0x08000000

/* Packet types, MS-TDS 2.2.3.1.1. */
enum {
    TDS_SQL_BATCH = 0x01,
    TDS_OLD_LOGIN = 0x02,
    TDS_RPC = 0x03,
    TDS_RESPONSE = 0x04,
    TDS_ATTENTION = 0x06,
    TDS_BULK_LOAD = 0x07,
    TDS_FEDAUTH_TOKEN = 0x08,
    TDS_TRANSACTION = 0x0E,
    TDS_5_NORMAL = 0x0F, /* Sybase TDS 5.0 */
    TDS_LOGIN7 = 0x10,
    TDS_SSPI = 0x11,
    TDS_PRELOGIN = 0x12
};

/* Status bits, MS-TDS 2.2.3.1.2. */
enum { TDS_EOM = 0x01, TDS_IGNORE = 0x02, TDS_RESETCONNECTION = 0x08, TDS_RESETCONNECTION_SKIPTRAN = 0x10 };

typedef struct {
    uint8_t type;
    uint8_t status;
    uint16_t length; /* with this header */
    uint16_t spid;
    uint8_t packet_id;
    uint8_t window;
} tds_header_t;

/* Reads the 8 bytes of a header; false if fewer are there. What it holds is not judged. */
bool tds_header_parse(span_t bytes, tds_header_t *header);

/* Whether these bytes, of which nothing else is known, look like the start of a TDS packet: a type that is used, known
 * status bits, a length that a packet may have, window 0. Looks at as much of the first 8 bytes as is there, 4 at
 * least. */
bool tds_header_plausible(span_t bytes);

/* Whether a receiver takes these bytes for the start of a packet, where one is due: it ignores the window and status
 * bits that have no meaning (MS-TDS 2.2.3.1.2, 2.2.3.1.6), and some drivers send them. The type may be one that nobody
 * uses. Looks at 4 bytes. */
bool tds_header_possible(span_t bytes);

/* Whether packets of this type are sent. */
bool tds_type_used(uint8_t type);

/* Who alone sends packets of this type; SENDER_UNKNOWN for PRELOGIN's type, which both use. */
sender_t tds_type_sender(uint8_t type);

/* What the byte stream of a SQL Server connection is made of. */
typedef enum {
    UNIT_NONE, /* not the start of any: bytes went missing, or this is something else */
    UNIT_TDS,
    UNIT_SMP,
    UNIT_TLS,
    UNIT_STRAY /* up to the next SMP header, where one had to stand */
} unit_kind_t;

#define UNIT_HEAD_LENGTH 5 /* the fewest bytes that tell a unit: a TLS ChangeCipherSpec record is 6 long in all */

typedef struct {
    unit_kind_t kind;
    uint32_t length; /* with its header; 0 = more bytes are needed to tell */
} unit_t;

/* Which unit starts at the first of these bytes, of which nothing else is known, and how long it is. Needs
 * UNIT_HEAD_LENGTH bytes. */
unit_t unit_at(span_t bytes);

/* The same where a unit is due, as the one before it ends here: of a TDS packet, anything that a receiver takes. */
unit_t unit_due(span_t bytes);

/* The same where MARS sessions are, so that nothing but SMP can stand: UNIT_SMP, sound or not, or UNIT_STRAY. These are
 * all the bytes at hand; the unit alone gives the same answer. */
unit_t unit_among_sessions(span_t bytes);

/* PRELOGIN option values that decide something, MS-TDS 2.2.6.5. */
enum {
    ENCRYPT_OFF = 0x00,
    ENCRYPT_ON = 0x01,
    ENCRYPT_NOT_SUP = 0x02,
    ENCRYPT_REQ = 0x03,
    ENCRYPT_VALUE_MASK = 0x3F,
    ENCRYPT_CLIENT_CERT = 0x80
};

typedef struct {
    bool has_version, has_encryption, has_instance, has_mars, has_trace;
    bool may_have_fedauth, may_have_mars; /* FEDAUTHREQUIRED is there, MARS is on; or it is cut so that this may be */
    uint8_t version[6]; /* of the client's driver or of the server's product; the last two in either order */
    uint8_t encryption;
    span_t instance; /* client: name, NUL-terminated; server: one byte, 1 = not this instance */
    bool mars;
    uint8_t connection_id[16], activity_id[16]; /* GUIDs as on the wire, mixed-endian */
    uint32_t activity_sequence;
} prelogin_t;

/* Reads a PRELOGIN message, without TDS header. False if its option list is not one (a TLS record, a token
 * stream, something else); what a cut message still holds is read. */
bool prelogin_parse(span_t message, prelogin_t *prelogin);

/* What both ENCRYPTION bytes together mean for this connection, MS-TDS 2.2.6.5; UNKNOWN if they do not agree
 * and the connection has to end. A server that cannot encrypt leaves it at NONE, whatever the client asked for:
 * some clients then close, others go on in clear. */
encryption_t prelogin_encryption(uint8_t client, uint8_t server);

#endif
