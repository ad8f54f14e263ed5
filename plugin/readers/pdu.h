/* pdu.h - one unit or message, and its entries and exchanges: shared by the files that read messages.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * First pass only, all of it but is_usual_timeout and is_hidden_alert. Spans point into the unit or message at hand.
 */
#ifndef TDSCONN_PDU_H
#define TDSCONN_PDU_H

#include "memory/annotations.h"
#include "memory/exchanges.h"
#include "memory/findings.h"
#include "memory/progress.h"
#include "memory/sessions.h"
#include "memory/track.h"

/* A unit, and the frames in which it stands. */
typedef struct {
    track_t *track;
    frame_t frame;         /* the frame in which it ends */
    frame_t first;         /* the frame with its first byte */
    bool reassembled;      /* these are different frames */
    guint32 offset;        /* of the unit in its frame, in bytes */
    mars_track_t *session; /* the MARS session that it belongs to; NULL = none */
} pdu_t;

/* A message, when its last packet has come. */
typedef struct {
    channel_t *channel;
    tds_header_t header; /* of the last packet */
    span_t content;      /* its bytes without TDS headers, as many as are kept: see the limits in units.c */
    guint64 total;       /* its real length in bytes, without TDS headers */
    bool headless;       /* its beginning is missing: then only `tail` is valid */
    span_t tail;         /* the bytes of the last packet, without TDS header */
    guint8 statuses;     /* the status bits of its packets, or'ed */
    bool continued;      /* it has more than one packet */
    message_t message;   /* the message that its packet type stands for */
} tds_message_t;

/* Notes what to show of this unit instead of what Wireshark's TDS dissector makes of it. repair.frame and repair.unit
 * are set here. */
void pdu_repair(const pdu_t *s, repair_t repair);

/* Writes a packet's header into its entry, and returns the entry. `continued`: the packet is one of several of its
 * message. Entries are valid until the next is added, here and below. */
entry_t *pdu_fill_entry(const pdu_t *s, entry_t *entry, const tds_header_t *header, bool continued);

/* Adds an entry for a packet without a message. `step_like`: the message whose step the frame gets. */
entry_t *pdu_without_message(const pdu_t *s, const tds_header_t *header, message_t step_like, bool continued);

/* Adds an entry for the message that this packet ends, and moves the connection on. */
entry_t *pdu_message(const pdu_t *s, const tds_message_t *m, message_t message);

/* The same for a message that a response answers. Begins an exchange. */
entry_t *pdu_request(const pdu_t *s, const tds_message_t *m, message_t message);

/* A command came without SMP: the connection does not use MARS. Does nothing in a session, or after a gap. */
void pdu_without_smp(const pdu_t *s);

/* Adds an entry for a message in the content of another, such as an NTLM token, and judges it. */
void pdu_content(const pdu_t *s, message_t message);

/* A request begins an exchange in this channel. Returns its index + 1. */
guint32 exchange_new(const pdu_t *s, channel_t *channel);

/* An ATTENTION cancels the latest request of the channel. `entry`: of the ATTENTION. */
void exchange_attention(const pdu_t *s, channel_t *channel, entry_t *entry);

/* The exchange that this answer belongs to, that of the latest request. NULL if there is none, or if the answer may
 * belong to an earlier request. Valid until the next exchange begins. */
exchange_t *exchange_answered(const pdu_t *s, const channel_t *channel);

/* A packet of a response answers the latest request. `entry`: of that packet. */
void exchange_response(const pdu_t *s, channel_t *channel, entry_t *entry);

/* Whether this wait is as long as the usual command timeout, the preference command_timeout: up to 0.5 s shorter or 1.5
 * s longer. */
bool is_usual_timeout(moment_t waited);

/* The server acknowledged the ATTENTION, MS-TDS 2.2.1.7. */
void exchange_acknowledged(const pdu_t *s, channel_t *channel);

/* Read a message, each by the type of its packets: PRELOGIN (MS-TDS 2.2.6.5), LOGIN7 (2.2.6.4) and the login records
 * before it, SSPI (2.2.6.8), the FedAuth token (2.2.6.3), SQL batch, RPC, bulk load and transaction manager requests
 * (2.2.6.7, 2.2.6.6, 2.2.6.1, 2.2.6.9), ATTENTION (2.2.1.7), and what the server sends in packets of type 4 (2.2.7). */
void read_prelogin(const pdu_t *s, const tds_message_t *m);
void read_login7(const pdu_t *s, const tds_message_t *m);
void read_old_login(const pdu_t *s, const tds_message_t *m);
void read_sspi(const pdu_t *s, const tds_message_t *m);
void read_fedauth_token(const pdu_t *s, const tds_message_t *m);
void read_command(const pdu_t *s, const tds_message_t *m);
void read_attention(const pdu_t *s, const tds_message_t *m);
void read_response(const pdu_t *s, const tds_message_t *m);

/* A command or its answer came. So if the capture seemed to begin with a refused login, that was no login. Called
 * before the entry of the command is added. */
void disprove_refusal(const pdu_t *s);

/* Notes a load balancer's PROXY header before the client's first bytes. */
void read_proxy_header(const pdu_t *s, span_t bytes);

/* Reads the server's PRELOGIN, which comes in packets of type 4. `content`: without TDS header. False if it is none. */
bool read_prelogin_answer(const pdu_t *s, span_t content);

/* Reports a token of Windows authentication. `carrier`: MESSAGE_SSPI_CLIENT or MESSAGE_SSPI_SERVER. */
void report_sspi(const pdu_t *s, const tds_message_t *m, message_t carrier, span_t token);

/* The login starts, at the latest, with this message: the whole time of the login counts from it, unless a SYN was
 * seen. */
void login_starts(const pdu_t *s);

/* Notes a packet of LOGIN7, the last one or not. Outside of TLS it may continue a LOGIN7 that began inside. */
void note_login_packet(const pdu_t *s, const tds_header_t *header, span_t payload);

/* Notes the names of features as a fact, with "…" at the end if the list is cut. No fact without a feature. */
void note_features(const pdu_t *s, fact_id_t id, const feature_set_t *features);

/* LOGIN7 or an older login record ends in this frame: TIME_LOGIN begins. */
void login_begins(const pdu_t *s);

/* Notes the TDS version, by LOGIN7's number for it. `acknowledged`: by LOGINACK, which replaces what was known; else
 * the first one stays. A number without a name is ignored. */
void note_version(track_t *track, guint32 version, bool acknowledged);

/* Notes the version of the server's product, 4 bytes: major, minor, build high, build low. */
void note_server_version(track_t *track, guint32 frame, const guint8 *version);

/* Reads a TLS record: handshake, ChangeCipherSpec, alert, or encrypted data. */
void read_tls_record(const pdu_t *s, const tls_record_t *record);

/* Whether this TDS packet contains a part of the TLS handshake (MS-TDS 2.2.6.5); and reads it. */
bool wraps_tls(const pdu_t *s, const tds_header_t *header, span_t payload);
void read_wrapped_tls(const pdu_t *s, const tds_header_t *header, span_t payload);

/* Reads an encrypted record that TLS does not decrypt. `length`: in bytes, with its header. */
void read_encrypted(const pdu_t *s, guint32 length);

/* Reads a record of TLS 1.3 that TLS decrypts, but that has no TDS in it: an alert, a session ticket, a KeyUpdate.
 * `length`: in bytes, with its header. */
void read_opened_record(const pdu_t *s, guint32 length);

/* Reads handshake messages of the server that TLS 1.3 decrypts: the certificate. */
void read_opened_handshake(const pdu_t *s, span_t content);

/* Whether an encrypted record of TLS 1.3 with this length, in bytes with its header, is an alert: it is too short for
 * TDS and SMP. False if the cipher suite is not known. */
bool is_hidden_alert(const track_t *track, guint32 length);

/* The TLS of one side; made if it is not there. File scope. */
tls_side_t *tls_side_of(track_t *track, sender_t sender);

#endif
