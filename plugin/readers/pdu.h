/* pdu.h - one unit or message as it is met, and how it is told: shared by the files that read them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * First pass only, all of it. Spans point into the unit or message at hand.
 */
#ifndef TDSCONN_PDU_H
#define TDSCONN_PDU_H

#include "memory/findings.h"
#include "memory/track.h"

/* A unit, and the frames it stands in. */
typedef struct {
    track_t *track;
    frame_t frame; /* where it ends */
    frame_t first; /* where its first byte is */
    bool reassembled;
    guint32 offset;        /* of the unit in its frame */
    mars_track_t *session; /* that it belongs to, or NULL */
} pdu_t;

/* A message as it is when its last packet arrives. */
typedef struct {
    channel_t *channel;
    tds_header_t header; /* of the last packet */
    span_t content;      /* all that is there of it */
    guint64 total;       /* how long it really is */
    bool headless;       /* its beginning is missing: only the tail may be looked at */
    span_t tail;         /* the last packet's bytes */
    guint8 statuses;     /* of its packets, together */
    bool continued;      /* it has more than one packet */
    message_t message;   /* what its packet type stands for */
} tds_message_t;

/* Notes what is to be shown of this unit instead of what Wireshark's TDS dissector makes of it; its frame and unit are
 * put in here. */
void pdu_repair(const pdu_t *s, repair_t repair);

/* Entries are valid until the next is added. Puts a packet's header into its entry; `continued` says that the packet
 * belongs to a message of several. Returns the entry. */
entry_t *pdu_fill_entry(const pdu_t *s, entry_t *entry, const tds_header_t *header, bool continued);

/* Entries a packet that tells nothing: its frame belongs to the step of `step_like`. */
entry_t *pdu_without_message(const pdu_t *s, const tds_header_t *header, message_t step_like, bool continued);

/* Tells the message that this packet ends. */
entry_t *pdu_message(const pdu_t *s, const tds_message_t *m, message_t message);

/* The same of a message that a response answers: it begins an exchange. */
entry_t *pdu_request(const pdu_t *s, const tds_message_t *m, message_t message);

/* What comes behind the login came without SMP: this is no connection with MARS. */
void pdu_without_smp(const pdu_t *s);

/* Tells what a message holds besides. */
void pdu_content(const pdu_t *s, message_t message);

/* Requests and responses of a channel. A request begins an exchange; its number (index + 1) is returned. */
guint32 exchange_new(const pdu_t *s, channel_t *channel);

/* An ATTENTION, which `entry` describes, takes back the latest request. */
void exchange_attention(const pdu_t *s, channel_t *channel, entry_t *entry);

/* The exchange that an answer belongs to: its request is the latest, or nobody knows which it is, and it is NULL. */
exchange_t *exchange_answered(const pdu_t *s, const channel_t *channel);

/* A packet of a response, which `entry` describes, answers the latest request. */
void exchange_response(const pdu_t *s, channel_t *channel, entry_t *entry);

/* Whether a client gives a command up after this time as a rule: the preference command_timeout. */
bool is_usual_timeout(moment_t waited);

/* The server said that it got the ATTENTION, MS-TDS 2.2.1.7. */
void exchange_acknowledged(const pdu_t *s, channel_t *channel);

/* Messages, each by the kind of its packets: PRELOGIN (MS-TDS 2.2.6.5), LOGIN7 (2.2.6.4) and the login records before
 * it, SSPI (2.2.6.8), the FedAuth token (2.2.6.3), SQL batch, RPC, bulk load and transaction manager requests (2.2.6.7,
 * 2.2.6.6, 2.2.6.1, 2.2.6.9), ATTENTION (2.2.1.7), and what the server sends in packets of type 4 (2.2.7). */
void read_prelogin(const pdu_t *s, const tds_message_t *m);
void read_login7(const pdu_t *s, const tds_message_t *m);
void read_old_login(const pdu_t *s, const tds_message_t *m);
void read_sspi(const pdu_t *s, const tds_message_t *m);
void read_fedauth_token(const pdu_t *s, const tds_message_t *m);
void read_command(const pdu_t *s, const tds_message_t *m);
void read_attention(const pdu_t *s, const tds_message_t *m);
void read_response(const pdu_t *s, const tds_message_t *m);

/* A command or its answer is met: the server refused no login before, with whose error the capture seemed to begin.
 * Called before it is told. */
void disprove_refusal(const pdu_t *s);

/* A PRELOGIN message of the server, which comes in packets of type 4. False if it is none. */
bool read_prelogin_answer(const pdu_t *s, span_t content);

/* Tells a token of Windows authentication in the message `carrier`, SSPI from the client or the server. */
void report_sspi(const pdu_t *s, const tds_message_t *m, message_t carrier, span_t token);

/* The first word of a login, of whichever side it is: what its whole time counts from, unless a SYN was seen. */
void login_starts(const pdu_t *s);

/* A packet of LOGIN7, whether it ends it or not: outside of TLS it may be the rest of one that began inside. */
void note_login_packet(const pdu_t *s, const tds_header_t *header, span_t payload);

/* The features of a list, each by its name; behind them "…" where the list is cut. */
void note_features(const pdu_t *s, fact_id_t id, const feature_set_t *features);

/* A login goes out in this frame. */
void login_begins(const pdu_t *s);

/* Versions: the best that is known stays; LOGINACK knows best. */
void note_version(track_t *track, guint32 version, bool acknowledged);
void note_server_version(track_t *track, guint32 frame, const guint8 *version);

/* A TLS record that is no encrypted data. */
void read_tls_record(const pdu_t *s, const tls_record_t *record);

/* Whether a TDS packet wraps TLS (MS-TDS 2.2.6.5), and what it wraps. */
bool wraps_tls(const pdu_t *s, const tds_header_t *header, span_t payload);
void read_wrapped_tls(const pdu_t *s, const tds_header_t *header, span_t payload);

/* A record that nobody can read, of that many bytes with its header. */
void read_encrypted(const pdu_t *s, guint32 length);

/* A record of TLS 1.3 that TLS opens and that holds nothing for us: an alert, or what a handshake has behind its end.
 */
void read_opened_record(const pdu_t *s, guint32 length);

/* What TLS 1.3 opens of the server's flight. */
void read_opened_handshake(const pdu_t *s, span_t content);

/* Whether an encrypted record of this length is an alert. */
bool is_hidden_alert(const track_t *track, guint32 length);

/* What one side of TLS has shown so far; made if it is not there. First pass only. */
tls_side_t *tls_side_of(track_t *track, sender_t sender);

#endif
