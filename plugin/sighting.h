/* sighting.h - one unit or message as it is met, and how it is told: shared by the files that read them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * First pass only, all of it. Spans point into the unit or message at hand.
 */
#ifndef TDSCONN_SIGHTING_H
#define TDSCONN_SIGHTING_H

#include "diagnoses.h"
#include "track.h"

/* A unit, and the frames it stands in. */
typedef struct {
    track_t *track;
    frame_t frame; /* where it ends */
    frame_t first; /* where its first byte is */
    bool reassembled;
    guint32 offset;        /* of the unit in its frame */
    mars_track_t *session; /* that it belongs to, or NULL */
} sighting_t;

/* A message as it is when its last packet arrives. */
typedef struct {
    lane_t *lane;
    tds_header_t header; /* of the last packet */
    span_t content;      /* all that is there of it */
    guint32 total;       /* how long it really is */
    bool broken;         /* its beginning is missing: only the tail may be looked at */
    span_t tail;         /* the last packet's bytes */
    bool continued;      /* it has more than one packet */
    message_t message;   /* what its packet type stands for */
} tds_message_t;

/* Notes what is to be shown of this unit instead of what Wireshark's TDS dissector makes of it. */
void sighting_repair(const sighting_t *s, repair_t repair);

/* Puts a packet's header into its mark. */
mark_t *sighting_mark_packet(const sighting_t *s, mark_t *mark, const tds_header_t *header, bool continued);

/* Marks a packet that tells nothing: its frame belongs to the step of `step_like`. */
mark_t *sighting_pass(const sighting_t *s, const tds_header_t *header, message_t step_like, bool continued);

/* Tells the message that this packet ends. */
mark_t *sighting_tell(const sighting_t *s, const tds_message_t *m, message_t message);

/* The same of a message that a response answers: it begins an exchange. */
mark_t *sighting_request(const sighting_t *s, const tds_message_t *m, message_t message);

/* Tells what a message holds besides. */
void sighting_tell_content(const sighting_t *s, message_t message);

/* Requests and responses. A request begins an exchange; its number (index + 1) is returned. */
guint32 exchange_new(const sighting_t *s, lane_t *lane);
void exchange_attention(const sighting_t *s, lane_t *lane, mark_t *mark);
void exchange_response(const sighting_t *s, const lane_t *lane, mark_t *mark);
void exchange_acknowledged(const sighting_t *s, lane_t *lane);

/* Messages, each by the kind of its packets. */
void take_prelogin(const sighting_t *s, const tds_message_t *m);
void take_login7(const sighting_t *s, const tds_message_t *m);
void take_old_login(const sighting_t *s, const tds_message_t *m);
void take_sspi(const sighting_t *s, const tds_message_t *m);
void take_fedauth_token(const sighting_t *s, const tds_message_t *m);
void take_command(const sighting_t *s, const tds_message_t *m);
void take_attention(const sighting_t *s, const tds_message_t *m);
void take_response(const sighting_t *s, const tds_message_t *m);

/* A PRELOGIN message of the server. False if it is none. */
bool take_prelogin_answer(const sighting_t *s, span_t content);

/* Tells a token of Windows authentication in the message `carrier`, SSPI from the client or the server. */
void tell_sspi(const sighting_t *s, const tds_message_t *m, message_t carrier, span_t token);

/* The first word of a login, of whichever side it is: what its whole time counts from, unless a SYN was seen. */
void login_starts(const sighting_t *s);

/* A login goes out in this frame. */
void login_begins(const sighting_t *s);

/* Versions: the best that is known stays; LOGINACK knows best. */
void note_version(track_t *track, guint32 version, bool acknowledged);
void note_server_version(track_t *track, guint32 frame, const guint8 *version);

/* TLS: records of a handshake, those inside TDS packets, and those that nobody can read. */
void take_tls_record(const sighting_t *s, const tls_record_t *record);
bool wraps_tls(const sighting_t *s, const tds_header_t *header, span_t payload);
void take_wrapped_tls(const sighting_t *s, const tds_header_t *header, span_t payload);
void take_encrypted(const sighting_t *s, guint32 length);

/* Whether an encrypted record of this length is an alert. */
bool is_hidden_alert(const track_t *track, guint32 length);

/* What one side of TLS has shown so far; made if it is not there. First pass only. */
tls_side_t *tls_side_of(track_t *track, sender_t sender);

#endif
