/* track.h - what is remembered of each SQL Server connection, and of each frame of it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Everything here lives in file scope: Wireshark frees it when the file is closed. It is written on the first pass
 * only and read in any order afterwards; a frame that is shown again, or out of order, finds its annotation as it
 * was left, and through it the connection's final facts.
 */
#ifndef TDSCONN_TRACK_H
#define TDSCONN_TRACK_H

#include <epan/conversation.h>
#include <epan/packet.h>

#include "core/auth.h"
#include "core/connection.h"
#include "core/mars.h"
#include "core/tds.h"
#include "core/tlshello.h"
#include "core/tokens.h"
#include "facts.h"

/* Nanoseconds since the first frame of the capture; as a difference, a duration. */
typedef gint64 moment_t;
#define MOMENT_NONE G_MININT64

moment_t moment_of(const packet_info *pinfo);

/* What a mark describes besides the message that ends there. */
typedef enum { MARK_TCP, MARK_TDS, MARK_SMP, MARK_TLS, MARK_CONTENT } mark_kind_t;

enum { MARK_CONTINUED = 1, MARK_REASSEMBLED = 2, MARK_SSPI_TOKEN = 4 };

#define MARK_TLS_MESSAGES 5

/* One unit of the stream that ends in a frame, or one message that is told from its content. */
typedef struct {
    guint8 message; /* message_t; MESSAGE_NONE for a packet that ends no message */
    guint8 kind;    /* mark_kind_t */
    guint8 flags;   /* MARK_CONTINUED ... */
    guint8 lane;    /* reserved for the kind's own use */
    union {
        struct {
            guint16 spid;
            guint8 type, status, packet_id;
        } tds;
        struct {
            guint8 record, count;
            guint8 handshake[MARK_TLS_MESSAGES]; /* types, of a record that could be read */
        } tls;
        guint32 smp; /* index into track->smp */
    } of;
    guint32 exchange; /* index into track->exchanges and 1; 0 = none */
} mark_t;

/* One frame of a connection. */
typedef struct {
    guint32 frame;
    guint32 first_mark; /* index into track->marks */
    guint16 mark_count;
    guint8 step;   /* step_t */
    guint8 sender; /* sender_t, as known on the first pass */
    gboolean has_payload;
    moment_t at;
} annotation_t;

/* One SMP packet. */
typedef struct {
    smp_header_t header;
    guint8 state; /* session_state_t after it */
    gboolean has_credit;
    guint32 credit;
    guint16 open; /* sessions open on the connection after it */
    guint16 generation;
    moment_t stall; /* how long its sender had had no credit, on the packet that ended that; 0 = no stall */
} smp_mark_t;

/* A request and its response, on the connection or on one of its MARS sessions. Frames are 0 until seen. */
typedef struct {
    guint32 request_frame;
    guint32 response_frame; /* where the first byte of the response is */
    guint32 shown_frame;    /* where response_time is shown: the frame that ends the first packet of it */
    guint32 attention_frame;
    guint32 attention_ack_frame;
    moment_t requested, responded, attention, attention_acked;
} exchange_t;

/* Bytes of one message that are there so far. */
typedef struct {
    guint8 *bytes; /* file scope, or NULL */
    guint32 length, room;
    guint32 total;   /* bytes the message really has so far */
    gboolean open;   /* in the middle of a message */
    gboolean broken; /* bytes of it are missing: its content is not to be read */
} assembly_t;

/* One stream of requests and responses: the connection itself, or one MARS session. */
typedef struct {
    assembly_t from_client, from_server;
    guint32 exchange; /* the request that is not wholly answered yet, index and 1; 0 = none */
    guint32 attention; /* the exchange whose ATTENTION is not acknowledged yet, index and 1 */
} lane_t;

/* A MARS session with its stream. */
typedef struct {
    mars_session_t session;
    lane_t lane;
    moment_t client_blocked, server_blocked; /* since when that side has had no credit; MOMENT_NONE = it has */
} mars_track_t;

/* The TLS handshake in one direction: records may cross the packets that wrap them. */
typedef struct {
    assembly_t records;
    gboolean ciphered; /* ChangeCipherSpec was sent: what follows cannot be read */
    gboolean finished; /* its key exchange or Finished was told */
    gboolean hello;
} tls_side_t;

typedef enum { TIME_CONNECT, TIME_PRELOGIN, TIME_TLS, TIME_LOGIN, TIME_AUTH, TIME_TOTAL, TIME_COUNT } time_t_;

/* How long a step took, and the frame that ended it; frame 0 = it did not end. */
typedef struct {
    moment_t begun;
    moment_t took;
    guint32 frame;
} step_time_t;

/* One ERROR token. */
typedef struct {
    guint32 frame;
    guint32 number;
    guint8 state, class_;
    guint32 line;
    const char *message, *server; /* UTF-8; NULL if the capture cut them */
} error_record_t;

typedef struct {
    guint32 number;  /* tdsconn.stream */
    guint32 tcp_stream;
    guint8 sequence_known;
    address client;  /* file scope; type AT_NONE while nobody knows who is who */
    address server;
    guint16 client_port, server_port;

    connection_t connection;
    auth_evidence_t evidence;
    fact_t facts[FACT_COUNT];
    step_time_t times[TIME_COUNT];
    guint32 tds_version; /* LOGIN7's number for it; 0 = not known */
    encryption_t encryption; /* as agreed */
    gboolean mars;           /* agreed or seen */
    gboolean strict;         /* TLS came first: TDS 8.0 */
    gboolean prelogin_client, prelogin_server;
    guint8 encrypt_client, encrypt_server;
    gboolean mars_asked;
    gboolean gap;          /* bytes are missing somewhere before the login was decided */
    gboolean decrypted;    /* TLS gives us its content */
    gboolean server_hello; /* TLS got as far as a ServerHello */
    guint8 hidden_records; /* strict without keys: encrypted records of the client so far, up to 3 */
    guint8 server_major;   /* of PRELOGIN: decides the width of DONE before LOGINACK */
    guint16 spid;

    lane_t lane;
    wmem_map_t *sessions; /* SID -> mars_track_t, once SMP was seen */
    guint16 sessions_open;
    tls_side_t tls_client, tls_server;
    guint32 partial_client, partial_server; /* annotation (and 1) of the first frame of an unfinished unit */

    wmem_array_t *annotations; /* annotation_t, in frame order */
    wmem_array_t *marks;       /* mark_t */
    wmem_array_t *smp;         /* smp_mark_t, NULL without MARS */
    wmem_array_t *exchanges;   /* exchange_t */
    wmem_array_t *errors;      /* error_record_t, NULL without any */
    wmem_strbuf_t *progress;
    gboolean progress_full;
    gboolean progress_command; /* the first command is in it */

    guint32 start_frame;   /* first PRELOGIN, ClientHello or login record */
    guint32 confirm_frame; /* LOGINACK, or the ERROR that refused */
    guint32 last_frame;
} track_t;

/* The connection that a frame belongs to; NULL if it is none of SQL Server's. */
track_t *track_find(packet_info *pinfo);

/* Makes this conversation a SQL Server connection from this frame on, and takes over what was noted of the
 * frames before it. First pass only. Returns the one that is there if it was made before. */
track_t *track_claim(packet_info *pinfo, conversation_t *conversation);

/* Notes a frame of a conversation of which nobody knows yet what it is: a handful is kept for track_claim.
 * First pass only. */
void track_note_early(packet_info *pinfo, conversation_t *conversation, guint8 tcp_flags, guint32 payload_length);

/* Whether early frames are being noted of this conversation. */
gboolean track_is_candidate(conversation_t *conversation);

/* The conversation turned out to be something else: forgets what was noted, a claim by port included. */
void track_drop(conversation_t *conversation);

/* Who sent this frame. */
sender_t track_sender(const track_t *track, const packet_info *pinfo);

/* Says who is the client, if nobody knows yet: the sender of this frame, or its receiver. */
void track_set_sender(track_t *track, const packet_info *pinfo, sender_t sender);

/* The annotation of this frame, made if it is not there. First pass only. Valid until the next is made. */
annotation_t *track_annotate(track_t *track, packet_info *pinfo);

/* The annotation of a frame, or NULL. Valid until the next is made. */
const annotation_t *track_annotation(const track_t *track, guint32 frame);

static inline annotation_t *track_annotation_at(const track_t *track, guint32 index)
{
    return (annotation_t *)wmem_array_index(track->annotations, index);
}

static inline mark_t *track_mark_at(const track_t *track, guint32 index)
{
    return (mark_t *)wmem_array_index(track->marks, index);
}

static inline exchange_t *track_exchange(const track_t *track, guint32 index_and_1)
{
    return index_and_1 == 0 ? NULL : (exchange_t *)wmem_array_index(track->exchanges, index_and_1 - 1);
}

/* Adds a mark to this frame, moves the connection on by its message and the frame to the step of it, and returns
 * the mark. Valid until the next is added. */
mark_t *track_mark(track_t *track, packet_info *pinfo, mark_kind_t kind, message_t message, sender_t sender);

/* The same for a message that is told but moves nothing. */
mark_t *track_mark_only(track_t *track, packet_info *pinfo, mark_kind_t kind, message_t message);

/* Moves the connection on without telling a message. */
void track_see(track_t *track, message_t message, sender_t sender, guint32 frame);

/* The first frame whose bytes belong to the unit that ends in this frame: where TCP segments were joined it is an
 * earlier one. Forgets them, and gives them the step that this frame has. */
const annotation_t *track_take_partial(track_t *track, packet_info *pinfo, sender_t sender);

/* Times of steps: the first begin and the first end count. */
void track_begin(track_t *track, time_t_ which, moment_t at);
void track_end(track_t *track, time_t_ which, moment_t at, guint32 frame);

/* Keeps a fact; the first value stays. Strings are copied to file scope. */
void track_fact_string(track_t *track, fact_id_t id, guint32 frame, const char *string);
void track_fact_number(track_t *track, fact_id_t id, guint32 frame, guint32 number);
void track_fact_guid(track_t *track, fact_id_t id, guint32 frame, const guint8 bytes[16]);

/* A UTF-16LE span as UTF-8, in the packet's scope. NULL for an empty one. */
const char *text_of_utf16(wmem_allocator_t *scope, span_t utf16);

/* ASCII or UTF-8 bytes as a printable string, in the packet's scope. NULL for an empty span. */
const char *text_of_bytes(wmem_allocator_t *scope, span_t bytes);

/* Appends to an assembly, up to `limit` bytes; what is over the limit only counts. */
void assembly_add(assembly_t *assembly, span_t bytes, guint32 reported, guint32 limit);
void assembly_clear(assembly_t *assembly);

/* The end of everything that is known of one file: numbers start over. */
void track_init_file(void);

#endif
