/* tds.h - the TDS packet header, the units of the byte stream, PRELOGIN (MS-TDS 2.2.3, 2.2.6.5).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_TDS_H
#define TDSCONN_TDS_H

#include "bytes.h"
#include "values.h"

#define TDS_HEADER_LENGTH 8

/* Versions as LOGIN7 and LOGINACK number them, MS-TDS 2.2.6.4, 2.2.7.14; and the first byte of some. */
#define TDS_VERSION_4_2 0x04020000
#define TDS_VERSION_5_0 0x05000000
#define TDS_VERSION_7_0 0x70000000
#define TDS_VERSION_7_1 0x71000000
#define TDS_VERSION_8_0 0x08000000

enum {
    TDS_MAJOR_4_2 = 0x04,
    TDS_MAJOR_5_0 = 0x05,
    TDS_MAJOR_7_0 = 0x70,
    TDS_MAJOR_7_1 = 0x71,
    TDS_MAJOR_7_LAST = 0x7F
};

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

/* Reads the 8 bytes of a header; false if fewer are there. Does not check the values. */
bool tds_header_parse(span_t bytes, tds_header_t *header);

/* Whether these bytes look like the start of a TDS packet if nothing else is known of them: the type is used, the
 * status bits are known, the length is possible, the window is 0. Needs 4 bytes, and looks at 8 if they are there. */
bool tds_header_plausible(span_t bytes);

/* Whether a receiver accepts these bytes as the start of a packet where one is due. It ignores the window, and status
 * bits without a meaning (MS-TDS 2.2.3.1.2, 2.2.3.1.6); some drivers set them. The type may be one that nobody uses.
 * Needs 4 bytes. */
bool tds_header_possible(span_t bytes);

/* Whether this packet type is in use. */
bool tds_type_used(uint8_t type);

/* The only side that sends packets of this type. SENDER_UNKNOWN for PRELOGIN's type, which both sides use, and for
 * types that nobody uses. */
sender_t tds_type_sender(uint8_t type);

/* The byte stream of a SQL Server connection is a sequence of units. */
typedef enum {
    UNIT_NONE,  /* no unit starts here: bytes are missing, or this is something else */
    UNIT_TDS,   /* a TDS packet */
    UNIT_SMP,   /* an SMP packet, with the data in it */
    UNIT_TLS,   /* a TLS record */
    UNIT_STRAY, /* other bytes where an SMP packet is due, up to the next SMP header */
    UNIT_PROXY  /* a load balancer's PROXY header before the client's first bytes: core/proxy.h */
} unit_kind_t;

#define UNIT_HEAD_LENGTH 5 /* bytes that are needed to recognise a unit; a whole ChangeCipherSpec record has only 6 */

typedef struct {
    unit_kind_t kind;
    uint32_t length; /* in bytes, with its header; 0 = UNIT_NONE, or more bytes are needed to know it */
} unit_t;

/* The unit that starts at the first of these bytes, if nothing else is known of them. UNIT_NONE for fewer than
 * UNIT_HEAD_LENGTH bytes. */
unit_t unit_at(span_t bytes);

/* The same where a unit is due, as the unit before it ends here: also TDS headers that only tds_header_possible takes.
 */
unit_t unit_due(span_t bytes);

/* The same on a connection with MARS sessions, where only SMP packets are sent: UNIT_SMP, sound or not, or UNIT_STRAY.
 * `bytes`: all the bytes at hand. Called with the bytes of the unit alone, it gives the same answer. */
unit_t unit_among_sessions(span_t bytes);

/* Values of PRELOGIN's option ENCRYPTION, MS-TDS 2.2.6.5. */
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
    bool may_have_fedauth, may_have_mars; /* FEDAUTHREQUIRED is there, MARS is on; true also if it may be cut off */
    uint8_t version[6]; /* of the client's driver or the server's product; the last two bytes in either order */
    uint8_t encryption;
    span_t instance; /* client: name, NUL-terminated; server: one byte, 1 = not this instance */
    bool mars;
    uint8_t connection_id[16], activity_id[16]; /* GUIDs as on the wire, mixed-endian */
    uint32_t activity_sequence;
} prelogin_t;

/* Reads a PRELOGIN message, without TDS header. False if these bytes do not begin with its option list, as a TLS record
 * or a token stream. A cut message is read as far as it goes. */
bool prelogin_parse(span_t message, prelogin_t *prelogin);

/* The encryption that follows from both sides' ENCRYPTION bytes, MS-TDS 2.2.6.5. ENCRYPTION_UNKNOWN if they do not
 * agree and the connection has to end. If the server cannot encrypt it is ENCRYPTION_NONE, whatever the client asked
 * for: some clients then close, others go on in clear. */
encryption_t prelogin_encryption(uint8_t client, uint8_t server);

#endif
