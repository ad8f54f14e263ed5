/* track.h - what is remembered of each SQL Server connection, and of each frame of it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Everything here lives in file scope: Wireshark frees it when the file is closed. It is written on the first pass
 * only and read in any order afterwards; a frame that is shown again, or out of order, finds its annotation as it
 * was left, and through it the connection's final facts. What belongs to a frame only while it is read
 * travels in its frame_t. That is made on the first pass only, which frame_of asserts: what takes one cannot be called
 * later, nor what it calls.
 */
#ifndef TDSCONN_TRACK_H
#define TDSCONN_TRACK_H

#include <epan/conversation.h>
#include <epan/packet.h>

#include "wire/assembly.h"
#include "core/auth.h"
#include "core/connection.h"
#include "core/hidden.h"
#include "core/mars.h"
#include "core/moment.h"
#include "core/rules.h"
#include "core/tds.h"
#include "core/tlshello.h"
#include "core/tokens.h"
#include "core/turn.h"
#include "core/unreachable.h"
#include "memory/facts.h"
#include "memory/numbers.h"

#define MOMENT_COPY MILLISECONDS(1) /* closer than that, a frame stands in the capture more than once */

#define ASSERT_FIRST_PASS(pinfo) DISSECTOR_ASSERT(!PINFO_FD_VISITED(pinfo))

/* The moment of this frame; MOMENT_NONE if it has no time stamp. */
moment_t moment_of(const packet_info *pinfo);

/* How long it is from one moment of the capture to another, as moment_since. Programs that make a capture of a log or a
 * dump give all its frames one time: while no frame had another one, the same moment is no duration of 0. */
moment_t moment_between(moment_t from, moment_t to);

/* The moment in seconds since 1970. False if it is not known, or if the clock was never set: nobody spoke TLS to a SQL
 * Server before 2000. */
bool moment_date(moment_t moment, gint64 *date);

/* The moment since 1970. False if it is not known. */
bool moment_time(moment_t moment, nstime_t *time);

/* A duration that is known, as Wireshark has them. */
static inline nstime_t moment_duration(moment_t duration)
{
    return (nstime_t){(time_t)(duration / SECONDS(1)), (int)(duration % SECONDS(1))};
}

/* Where bytes stand that are cut into units: at `seq` of their sender's stream, and at `raw` of Wireshark's buffers; or
 * in what TLS decrypted, where nothing is missing. */
typedef enum { CUT_UNKNOWN, CUT_TCP, CUT_IN_TLS } cut_place_t;

typedef struct {
    cut_place_t place;
    guint32 seq, raw;
} cut_t;

/* The units of a payload at hand: where they come from. It travels with them, on every pass. */
typedef struct {
    bool inside_tls; /* they come out of TLS */
    bool brought;    /* an encrypted record: TLS gave us something of it */
    bool again;      /* they were read before: TCP sent them once more */
    bool late;       /* they fill a hole: what stands behind them was met before */
    bool unpaired;   /* they answer a request that is not the latest: nobody knows which it is */
    cut_t cut;       /* where they stand; first pass only */
} units_t;

/* What TCP does in a frame, as watch_frame finds it. */
typedef struct {
    bool bare_reset;             /* it is an RST without ACK, as hosts answer what belongs to no connection of theirs */
    bool stray_reset;            /* its RST belongs to an earlier connection, or to none */
    sender_t window_opened;      /* who opens a closed window */
    guint8 reset_ttl, usual_ttl; /* of its RST, 0 = it has none, and of its sender otherwise */
} tcp_event_t;

/* A frame as the first pass meets it: all that belongs to the frame at hand, and is not remembered, travels in it. */
typedef struct {
    guint32 number;
    moment_t at;
    sender_t sender; /* SENDER_UNKNOWN while nobody knows who is who */
    units_t units;   /* while its payload is read, else all 0 */
    tcp_event_t tcp; /* behind watch_frame, else all 0 */
} frame_t;

/* When something was: frame 0 = it was not. */
typedef struct {
    guint32 frame;
    moment_t at;
} instant_t;

static inline instant_t instant_of(const frame_t *frame)
{
    return (instant_t){frame->number, frame->at};
}

/* What TCP did in a frame. */
typedef struct {
    frame_t frame;
    guint16 source_port;
    guint8 flags;     /* TCP_* */
    guint16 analysis; /* TCP_FLAG_* of Wireshark's analysis */
    bool has_payload;
    guint32 payload;     /* bytes of it, also where the capture cut them */
    guint32 seq, length; /* where the segment stands, and how far it goes: SYN and FIN count */
    guint32 ack;
    guint8 ttl;        /* or hop limit */
    bool selective;    /* SACK: later bytes than `ack` arrived */
    bool copy;         /* the frame stands in the capture a second time: told by watch_frame */
    guint16 ip_id;     /* 0 = none */
    guint32 timestamp; /* TSval; 0 = none */
    bool bad_checksum; /* only looked at in frames without payload, before the connection is known */
} tcp_sight_t;

/* What an entry describes besides the message that ends there. */
typedef enum { ENTRY_TCP, ENTRY_TDS, ENTRY_SMP, ENTRY_TLS, ENTRY_CONTENT } entry_kind_t;

/* ENTRY_AGAIN: another message of the packet that the entry before it describes. */
enum { ENTRY_CONTINUED = 1, ENTRY_REASSEMBLED = 2, ENTRY_SSPI_TOKEN = 4, ENTRY_AGAIN = 8 };

#define ENTRY_TLS_MESSAGES 5

/* One unit of the stream that ends in a frame, or one message that is told from its content. */
typedef struct {
    guint8 message; /* message_t; MESSAGE_NONE for a packet that ends no message */
    guint8 kind;    /* entry_kind_t */
    guint8 flags;   /* ENTRY_CONTINUED ... */
    union {
        struct {
            guint16 spid;
            guint8 type, status, packet_id;
        } tds;
        struct {
            guint8 record, count;
            guint8 handshake[ENTRY_TLS_MESSAGES]; /* types, of a record that could be read */
        } tls;
        guint32 smp; /* index into track->smp */
    } of;
    guint32 exchange; /* index into track->exchanges, + 1; 0 = none */
} entry_t;

/* One frame of a connection. */
typedef struct {
    guint32 frame;
    guint32 first_entry; /* index into track->entries */
    guint32 entry_count;
    guint8 step;   /* step_t */
    guint8 sender; /* sender_t, as known on the first pass */
    guint8 has_payload;
    guint8 settled; /* its step came from what it carries, not from where the connection stood */
    guint8 owes;    /* sender_t: whose turn it is behind it */
    awaited_t awaited;
    guint8 processed; /* what it carries was processed: later than it came, if it was sent later */
    moment_t at;
} annotation_t;

/* One SMP packet. */
typedef struct {
    smp_header_t header;
    guint8 state; /* session_state_t after it */
    bool has_credit;
    guint32 credit;
    guint16 open; /* sessions open on the connection after it */
    guint16 generation;
    guint32 session; /* tdsconn.mars.session */
    bool part;       /* it holds a TDS packet that is only a part of its message */
    moment_t stall;  /* how long its sender had had no credit, on the packet that ended that; 0 = no stall */
} smp_entry_t;

/* A request and its response, on the connection or on one of its MARS sessions. Frames are 0 until seen. */
typedef struct {
    guint32 request_frame;
    guint32 response_frame; /* where the first byte of the response is */
    guint32 shown_frame;    /* where response_time is shown: the frame that ends the first packet of it */
    guint32 attention_frame;
    guint32 attention_ack_frame;
    guint8 command;    /* message_t of what a client asks once it is logged in; MESSAGE_NONE = a message of the login */
    guint32 procedure; /* that an RPC calls, see procedures.h */
    bool pooled;       /* RESETCONNECTION: another user gets the connection */
    bool answered;     /* to the end */
    guint16 sendings;  /* of the request; 0 until the response begins */
    moment_t begun, arrived; /* the request's first byte; when the server had its last */
    moment_t response_ended; /* the last byte of the response; MOMENT_NONE until then */
    moment_t requested, responded, attention, attention_acked;
} exchange_t;

/* A wait that ended, other than with a response. */
typedef struct {
    guint32 frame; /* that ended it */
    debt_t debt;
    message_t message; /* that opened it */
    guint32 opened;    /* where that ends */
    guint32 sendings;  /* of that */
    moment_t time;     /* since that message was all sent */
    moment_t request_spread, service_time;
    moment_t way_back; /* of the answer, where it was sent more than once: 0 = none of it was shown */
} wait_t;

/* One stream of requests and responses: the connection itself, or one MARS session. */
typedef struct {
    assembly_t client_message, server_message; /* the packets of a message, without their headers: channel_message() */
    turn_t turn;
    guint32 exchange;  /* the latest request, index + 1; 0 = none */
    guint32 attention; /* the exchange whose ATTENTION is not acknowledged yet, index + 1 */
} channel_t;

static inline assembly_t *channel_message(channel_t *channel, sender_t sender)
{
    return sender == SENDER_SERVER ? &channel->server_message : &channel->client_message;
}

/* How long one side had no credit. */
typedef struct {
    moment_t total, longest;
} stall_sum_t;

/* How often bytes of each side are missing: gaps, where what was begun has no end, and all that may hide packets. Where
 * strays stand, there were packets, but nobody knows which. */
typedef struct {
    struct {
        guint32 gaps, all, strays;
    } of[SENDER_SERVER + 1];
} holes_t;

/* What one side of a MARS session sends. */
typedef struct {
    assembly_t bytes;  /* a packet that is spread over SMP packets */
    bool astray;       /* bytes of it are missing: where its next packet begins is not known */
    instant_t blocked; /* since when it has had no credit; frame 0 = it has */
    stall_sum_t stalls;
} mars_sender_t;

/* A MARS session with its stream. */
typedef struct {
    holes_t holes; /* of the connection, as far as this session knows */
    mars_session_t session;
    channel_t channel;
    mars_sender_t client, server; /* mars_sender() */
    guint32 number;               /* tdsconn.mars.session, of its present life */
    guint32 reported;             /* bit per mars_violation_t that was raised in this life */
    moment_t response_stall;      /* of the server, in the response at hand */
} mars_track_t;

static inline mars_sender_t *mars_sender(mars_track_t *session, sender_t sender)
{
    return sender == SENDER_SERVER ? &session->server : &session->client;
}

/* The TLS handshake in one direction: records may cross the packets that wrap them. */
typedef struct {
    assembly_t records;
    bool split;       /* a message ended in the middle of a record */
    bool open;        /* the message that wraps it has not ended */
    bool numbered_on; /* it does not begin with packet 1: some drivers count on, from PRELOGIN */
    bool ciphered;    /* ChangeCipherSpec was sent: what follows cannot be read */
    bool finished;    /* its key exchange or Finished was told */
} tls_side_t;

/* A TDS packet that Wireshark's TDS dissector takes wrongly, and what is to be shown instead: TLS that it does not
 * find (the server's in type 0x04, a record that crosses messages, a message that begins with another packet than the
 * first), or an SSPI token that it misreads. */
typedef struct {
    guint32 frame;
    guint32 unit;                 /* which of the frame's units, by its offset there */
    const guint8 *tls;            /* the TLS records that end in it, joined; file scope */
    guint32 length;               /* 0 = none ends in it */
    guint32 sspi_at, sspi_length; /* the token's place in the packet; length 0 = it is about TLS */
} repair_t;

/* One ERROR token. */
typedef struct {
    guint32 frame;
    guint32 number;
    guint8 state, class_;
    bool has_line;
    guint32 line;
    const char *message, *server; /* UTF-8; NULL if the capture cut them */
} error_record_t;

/* Sequence numbers from one to before the other, and the frame behind them, which shows that they were sent. */
typedef struct {
    guint32 from, to;
    instant_t since;
} byte_range_t;

#define LATEST_FRAMES 4 /* as many may stand between a frame and its copy */

/* What TCP does on one side. */
typedef struct {
    struct {
        instant_t at;
        guint32 seq, ack, timestamp;
        guint16 ip_id;
        guint8 flags;
    } latest[LATEST_FRAMES]; /* its latest frames that are no copies, in a ring */
    guint8 latest_place;
    guint32 copies;          /* of one segment, in a row, without a word of the other side */
    guint32 copied;          /* the sequence number of that segment */
    guint32 keep_alives;     /* in a row, likewise */
    guint32 answered_alives; /* in a row, close together though each was answered */
    instant_t alive;         /* its latest keep-alive */
    instant_t seen;          /* its latest frame */
    instant_t sent;          /* the frame that brought what stands before next_seq; frame 0 = none did */
    instant_t closed;        /* since when its window is; frame 0 = it is open */
    guint32 bad_checksums;
    guint32 last_words;    /* the latest frame with payload of it */
    guint32 gap;           /* the latest frame that tells of bytes of it that are missing or no packet; 0 = none does */
    guint32 late;          /* its latest frame with what the other side had acknowledged before; 0 = none */
    guint32 cut;           /* its latest frame with payload that the snap length cut; 0 = none */
    struct tail *tail;     /* of a unit that goes on; NULL = none ever did */
    wmem_array_t *missing; /* byte_range_t before next_seq that were not seen; NULL = none ever were */
    guint32 unknown_until; /* before it ranges may have been forgotten, if any were */
    guint32 longest;       /* bytes of its longest segment */
    struct {
        guint32 frame;   /* its latest that brings bytes which were missing; 0 = none did */
        instant_t since; /* the frame that showed that they had been sent */
    } refill;
    struct {
        instant_t before; /* the frame behind its first bytes that are missing; frame 0 = there is none, or the other
                             side acknowledges them */
        guint32 from, to; /* those bytes */
        guint32 lacked_frame; /* where the other side says that it lacks them; 0 = nowhere yet */
    } lost;
    guint32 next_seq; /* where its next segment should stand */
    guint32 acked;    /* the latest that it acknowledged, and by how much that was more */
    guint32 ack_step;
    guint32 isn;
    guint32 unit_from, unit_until; /* its latest unit, and so where the next is due, see cut.h */
    guint8 first_ttl;              /* of its first frame; 0 = none yet */
    guint8 ttl;                    /* of its latest frame that is no RST */
    bool has_unit;                 /* one was met */
    bool unit_follows;             /* the latest was due where it stands: nothing is missing before it */
    bool has_unknown;
    bool has_acked;
    bool has_seq, has_isn;
} tcp_side_t;

/* SMP, as one side sends it. */
typedef struct {
    guint32 from; /* the frame from which on it sends nothing else; 0 = none yet */
    bool in_step; /* its latest unit was a packet of it */
} smp_side_t;

/* One side of a connection. */
typedef struct {
    address host; /* file scope; type AT_NONE while nobody knows who is who */
    guint16 port;
    bool prelogin; /* its PRELOGIN was read */
    bool fedauth;  /* and spoke of FEDAUTHREQUIRED, or is cut so that it may have */
    bool mars;     /* and has MARS on, or is cut so that it may */
    guint8 encrypt;
    bool opened;     /* TLS gives us what it sends */
    guint32 frames;  /* that it sent */
    guint32 spoke;   /* the first of them with TDS, SMP or TLS; 0 = none yet */
    guint32 partial; /* annotation (index + 1) of the first frame of its unfinished unit */
    tcp_side_t tcp;
    smp_side_t smp[2]; /* outside of TLS, and inside: track_smp_side() */
    tls_side_t *tls;   /* file scope; NULL = no TLS of it was met */
} side_t;

struct tcp_analysis;
struct order;

/* The latest that ICMP said of a connection's segments. */
typedef struct {
    guint32 frame;
    unreachable_t what;
    const char *from; /* who said so; file scope */
    guint32 count;    /* how often that was said */
    guint32 ignored;  /* the longest segment that the sender sent after that, of "too big": more bytes than the MTU has
                         room for */
    sender_t of;      /* whose segment it was */
} icmp_track_t;

/* What TLS told in clear. */
typedef struct {
    bool bound;        /* it was told to give us its content */
    bool server_hello; /* it got as far as a ServerHello */
    bool certificate_seen, self_issued;
    bool certificate_for_others;                                /* not for the name that the client asked for */
    gint64 certificate_from, certificate_until, certificate_at; /* as in case_t */
    bool login_inside;                                          /* LOGIN7 began in what it encrypts */
    guint8 alert_level, alert;
    guint16 offered; /* the highest version of the ClientHello */
    guint16 version; /* negotiated; 0 = not known */
} tls_track_t;

/* A login that is encrypted, without keys. */
typedef struct {
    hidden_t *login;            /* file scope, NULL = nothing of one was met */
    guint32 turn_from, turn_to; /* the client's, that ends with LOGIN7: the server's frame before it, LOGIN7's first */
    tls_overhead_t overhead;
    guint32 confirmed, command; /* frames concluded from it; 0 = none */
    bool may_be_answered;       /* PRELOGIN, in TDS 8.0: a record came behind it that may hold the answer */
    bool tickets;               /* behind it came what cannot */
    guint8 records;             /* told so far: the client's before LOGIN7, anybody's after it */
    hidden_request_t request;   /* behind LOGIN7 */
    hidden_kind_t kind;         /* of the record at hand */
    bool refused;
    bool redirected;      /* where the client went tells that the server redirected it */
    bool may_be_redirect; /* what it says may be a redirect, and links.c waits for who follows it */
} hidden_track_t;

/* tdsconn.progress. */
typedef struct {
    wmem_strbuf_t *text;
    bool full;
    bool command;  /* the first command is in it */
    bool answered; /* and the answer to it */
} progress_t;

/* Of a connection over a named pipe: its bytes are those of a file of SMB2, and what is said of TCP's sequence numbers
 * holds of their places there. See stream/pipe.h. */
typedef struct {
    guint16 place;  /* among the pipes of its TCP connection, from 1 */
    guint32 status; /* with which the server refused the pipe, or broke it off; 0 = it did not */
} pipe_t;

typedef struct track {
    struct tcp_analysis *tcp; /* Wireshark's own, file scope; NULL until it was asked for */
    wmem_list_t *found_late;  /* guint32, of track_note_late(); NULL = there never was one */
    struct order *order;      /* of stream/order.c, file scope; NULL = its frames come as they were sent */
    guint32 number;           /* tdsconn.stream */
    guint32 place;            /* among all that were made, dropped ones too; from 1 */
    bool dropped;             /* it turned out to be something else: only who met it before still knows it */
    side_t client, server;    /* track_side() */
    pipe_t *pipe;             /* file scope; NULL = it is over TCP */
    guint32 syn_count;
    const struct track *before; /* the connection that had the same addresses and ports; NULL = none in the capture */
    guint32 opening;            /* place among the openings of links.c, + 1; 0 = no SYN was seen */

    /* Where it stands, and what was learnt. */
    connection_t connection;
    auth_evidence_t evidence;
    step_time_t times[TIME_COUNT];
    wmem_array_t *facts;            /* fact_t: a connection has a few of them; NULL = none */
    guint8 fact_places[FACT_COUNT]; /* index into facts, + 1; 0 = not known */
    guint32 facts_until;            /* the latest frame that told one */
    guint32 tds_version;            /* LOGIN7's number for it; 0 = not known */
    token_format_t format;          /* of the server's tokens, by the client's requests: where no login told */
    bool format_known;
    encryption_t encryption; /* as agreed */
    guint8 server_major;     /* of PRELOGIN: decides the width of DONE before LOGINACK */
    bool strict;             /* TLS came first: TDS 8.0 */
    bool mars_asked;
    guint32 redirecting; /* the connections of which one probably sent the client here, as TLS hides; 0 = none did */
    bool mars;           /* agreed or seen */
    bool plain;          /* behind the login TDS came without SMP */
    bool ticket_seen;    /* the Kerberos SPN is that of a token, not only of a KDC's answer */
    bool ntlm_v1;        /* the AUTHENTICATE held a 24-byte response */
    bool ntlm_local;     /* client and server are on one machine, as NTLM says */
    guint32 odd_answer;  /* the latest frame with a packet of the server that no response has, and its type; 0 = none */
    guint8 odd_answer_type;
    bool token_refused; /* the server said that it does not take the client's token */
    bool instance_mismatch, has_password;
    guint16 login_packet; /* bytes of the longest packet of LOGIN7; 0 = none was read */
    bool server_learnt;   /* as one of SQL Server, see links.h */
    guint16 spid;
    guint32 spid_frame; /* the first that has it */
    tls_track_t tls;
    icmp_track_t *icmp; /* file scope; NULL = it said nothing */
    hidden_track_t hidden;
    progress_t progress;

    /* Frames: 0 until there is one. */
    guint32 start_frame; /* first PRELOGIN, ClientHello or login record */
    guint32 prelogin_frame;
    guint32 confirm_frame; /* LOGINACK, or the ERROR that refused */
    guint32 last_frame;
    guint32 last_client_frame; /* the latest message of the client */
    moment_t last_client_at;
    bool client_alerted; /* it is a TLS alert */
    guint32 fedauthinfo_frame;
    moment_t fedauthinfo_at;
    wmem_array_t *clock_set;      /* guint32: the frames from which on the clock was another; NULL = there is none */
    instant_t first;              /* the first frame that has a time stamp */
    bool ticks;                   /* a later frame has another one */
    instant_t latest;             /* frame of both sides; while its payload is read, the one before */
    instant_t latest_data;        /* of either side; keep-alives and what was sent before are none */
    bool keep_alives_answered;    /* since then */
    moment_t idle_before_request; /* before the latest command */
    moment_t idle_before_data;    /* before the latest data, where that came after a pause */
    instant_t data_after_idle;    /* the first of it */
    bool idle_with_keep_alives;   /* they were answered meanwhile */

    /* What TCP does: see watch.h. */
    guint32 frames, copies;   /* of both sides */
    bool gap;                 /* segments are missing somewhere */
    guint32 gaps_noted;       /* the latest frame that was asked for them */
    sender_t inferred_fin;    /* whose FIN is only known by its ACK; SENDER_UNKNOWN = nobody's */
    guint32 inferred_fin_seq; /* where it would stand */

    /* Requests: of the connection, and of its MARS sessions. */
    channel_t channel;
    channel_t *mars_channel; /* of the MARS session that asked last; NULL = none did */
    wmem_map_t *sessions;    /* SID -> mars_track_t, once SMP was seen */
    guint32 sessions_open;
    guint32 sessions_untouched; /* of these, without any FIN */
    holes_t holes;

    /* What its frames hold. */
    wmem_array_t *annotations;                /* annotation_t, in frame order */
    wmem_array_t *entries;                    /* entry_t */
    wmem_array_t *smp;                        /* smp_entry_t, NULL without MARS */
    wmem_array_t *exchanges;                  /* exchange_t */
    wmem_array_t *repairs;                    /* repair_t, NULL without any */
    wmem_array_t *rests;                      /* of unjoined.c, NULL without any */
    wmem_array_t *odd_headers;                /* of cut.c, NULL without any */
    wmem_array_t *errors;                     /* error_record_t, NULL without any */
    guint32 last_wait;                        /* the wait that the end of the connection ended, index + 1; 0 = none */
    wmem_array_t *waits;                      /* wait_t, in frame order; NULL without any */
    wmem_array_t *findings;                   /* what diagnose() raised, in frame order; NULL without any */
    guint8 raised[(DIAGNOSIS_COUNT + 7) / 8]; /* a bit for each rule: whether it is among the findings */
} track_t;

/* The side that sends; the client's where nobody knows who that is. */
static inline side_t *track_side(track_t *track, sender_t sender)
{
    return sender == SENDER_SERVER ? &track->server : &track->client;
}

static inline const side_t *track_side_of(const track_t *track, sender_t sender)
{
    return sender == SENDER_SERVER ? &track->server : &track->client;
}

/* Keeps both peers' addresses and ports, if nobody knows yet who is the client. `sender`: who sent this frame; with
 * SENDER_UNKNOWN nothing is kept. First pass only. */
void track_set_sides(track_t *track, const packet_info *pinfo, sender_t sender);

/* What a side sends in SMP, outside of TLS or inside. */
static inline smp_side_t *track_smp_side(track_t *track, sender_t sender, bool inside_tls)
{
    return &track_side(track, sender)->smp[inside_tls];
}

/* A connection of which nothing is known yet. First pass only, as all that changes something here. */
track_t *track_new(void);

/* It turned out to be something else: frames do not lead to it any more. */
void track_forget(track_t *track);

/* The connection that has an annotation of this frame; NULL if none has. For a frame with several segments it is that
 * of the one which was met last, the innermost. */
track_t *track_of_frame(guint32 frame);

/* Under which keys the parts keep what belongs to a connection in a frame: several may share it. */
typedef enum { FRAME_PACKETS, FRAME_BYTES, FRAME_PLACE, FRAME_KEY_COUNT } frame_key_t;

static inline guint32 track_frame_key(const track_t *track, frame_key_t key)
{
    return track->number * FRAME_KEY_COUNT + (guint32)key;
}

/* Another connection with an annotation of this frame, by `index` from 0: named pipes share the frames of their TCP
 * connection. NULL behind the last. */
track_t *track_also_of_frame(guint32 frame, guint index);

/* What Wireshark's TCP knows of the connection; it points to the analysis of the frame at hand. */
struct tcp_analysis *track_tcp_of(track_t *track, packet_info *pinfo);

/* A fact of the connection; NULL if it is not known. Valid until the next is noted. */
const fact_t *track_fact(const track_t *track, fact_id_t id);

/* It turned out to be untrue. First pass only. */
void track_fact_forget(track_t *track, fact_id_t id);

/* The text of a fact, in file scope; NULL if it is not known. */
const char *track_fact_text(const track_t *track, fact_id_t id);

/* Whether this frame is the last of the connection that Wireshark shows. Only known on a later pass: false on the
 * first. */
bool track_is_last(const track_t *track, const packet_info *pinfo);

/* Who sent this frame. */
sender_t track_sender(const track_t *track, const packet_info *pinfo);

/* This frame, for everything that is noted of it, and who sent it. First pass only, which it asserts: so nothing that
 * wants a frame_t can be called later. The second asks track_sender. */
frame_t frame_of(const packet_info *pinfo, sender_t sender);
frame_t track_frame(const track_t *track, const packet_info *pinfo);

/* The annotation of this frame, made if it is not there. First pass only. Valid until the next is made. */
annotation_t *track_annotate(track_t *track, const frame_t *frame);

/* The same, before the frame is processed: until then its step is that of the frames around it. First pass only. */
annotation_t *track_annotate_processed(track_t *track, const frame_t *frame);

/* Arrays in frame order whose elements begin with their guint32 frame; NULL is an empty one. The index of the first
 * element on this frame or a later one; the count of elements if there is none. */
guint frames_from(wmem_array_t *array, guint32 frame);

/* Frames that were told behind later ones, while the frame at hand was read: whoever shows them and counts them on the
 * first pass has missed them. First pass only. */
void track_note_late(track_t *track, guint32 frame);
void track_forget_late(track_t *track);

/* The element at this index if it is on this frame, else NULL. Valid until the next is added. */
void *frames_at(wmem_array_t *array, guint index, guint32 frame);

/* Adds an element of this size where its frame belongs, behind those of the same frame. */
void frames_add(wmem_array_t *array, const void *element, gsize size);

/* The annotation of a frame, or NULL. Valid until the next is made. */
const annotation_t *track_annotation(const track_t *track, guint32 frame);

static inline annotation_t *track_annotation_at(const track_t *track, guint32 index)
{
    return (annotation_t *)wmem_array_index(track->annotations, index);
}

static inline entry_t *track_entry_at(const track_t *track, guint32 index)
{
    return (entry_t *)wmem_array_index(track->entries, index);
}

/* Entry `index` of a frame, less than its entry_count. Valid until the next is added. */
static inline entry_t *track_entry_of(const track_t *track, const annotation_t *annotation, guint32 index)
{
    return track_entry_at(track, annotation->first_entry + index);
}

/* The first entry of a frame with this message, NULL if there is none. Valid until the next is added. */
entry_t *track_entry_with(const track_t *track, const annotation_t *annotation, message_t message);

/* The SMP packet of an entry that is ENTRY_SMP. Valid until the next is added. */
static inline smp_entry_t *track_smp_of(const track_t *track, const entry_t *entry)
{
    return (smp_entry_t *)wmem_array_index(track->smp, entry->of.smp);
}

static inline exchange_t *track_exchange(const track_t *track, guint32 index_and_1)
{
    return index_and_1 == 0 ? NULL : (exchange_t *)wmem_array_index(track->exchanges, index_and_1 - 1);
}

/* Adds an entry to this frame and returns it, valid until the next is added; the connection stays where it stands.
 * `message` is told, or is MESSAGE_NONE; the frame belongs to the step of `step_like`. advance_entry moves the
 * connection, too. */
entry_t *track_entry_still(track_t *track, const frame_t *frame, entry_kind_t kind, message_t message,
                           message_t step_like);

/* Whether TLS gives us what one of the sides sends. */
static inline bool track_is_opened(const track_t *track)
{
    return track->client.opened || track->server.opened;
}

/* Whether what both sides send behind the login can be read: it is not encrypted, or TLS gives us all of it. */
bool track_is_readable(const track_t *track);

/* This frame tells that bytes of this sender are not in the capture. First pass only. */
void track_note_gap(track_t *track, sender_t sender, guint32 frame);

/* Whether the answer to a request in this frame may have been sent, and is not in the capture. */
bool track_may_lack_answer(const track_t *track, guint32 request_frame);

/* Whether the client may have sent something behind this frame that is not in the capture, or came too late to be read:
 * an ATTENTION, or another request. */
bool track_may_lack_client_word(const track_t *track, guint32 frame);

/* Whether the capture has, so far, only one direction of the connection. */
bool track_is_one_sided(const track_t *track);

/* Whether it has only one direction of what both said: what the other side sent nobody knows. */
bool track_lacks_a_side(const track_t *track);

/* The step of a frame, that of an encrypted one by what was concluded later. */
step_t track_step(const track_t *track, const annotation_t *annotation);

/* The frames from here to the end of a unit hold its bytes: called where a unit is left unfinished in a frame. */
void track_unit_unfinished(track_t *track, const frame_t *frame);

/* Bytes of this sender are missing: what was left unfinished has no end. */
void track_unit_lost(track_t *track, sender_t sender);

/* The annotation (index + 1) of the first frame that holds bytes of the unit that ends in this frame, and
 * forgets it; 0 = the unit is all in this frame. */
guint32 track_unit_begin(track_t *track, const frame_t *frame);

/* Gives the frames from annotation `first` (index + 1) on that hold nothing but the start of this frame's unit, or
 * acknowledge it, the step of this frame. */
void track_unit_end(track_t *track, guint32 first, const frame_t *frame);

/* The clock that stamped the frames was set before this one. First pass only. */
void track_note_clock_set(track_t *track, guint32 frame);

/* This frame has another time than those before it: what they ended took no time that the clock could tell. First pass
 * only. */
void track_note_tick(track_t *track);

/* How long it is from one thing to another; MOMENT_NONE if that is not known: also where all frames of the connection
 * have one time. */
moment_t track_since(const track_t *track, instant_t from, instant_t to);

/* The same of two moments, where the clock was not set between them. */
moment_t track_between(const track_t *track, moment_t from, moment_t to);

/* How long something lasts that goes on at the connection's last frame, and through the silence behind it (0 = the
 * connection has ended, MOMENT_NONE = nobody knows). */
moment_t track_lasted(const track_t *track, instant_t since, instant_t last, moment_t silence);

/* The same in whichever order they are stamped: how far apart, where each side may have a clock of its own. */
moment_t track_apart(const track_t *track, instant_t one, instant_t other);

/* From the end of a request to the first byte of its response, which has come; from an ATTENTION to its
 * acknowledgement. */
moment_t track_response_time(const track_t *track, const exchange_t *exchange);
moment_t track_attention_time(const track_t *track, const exchange_t *exchange);

/* Whether the server said nothing before the ATTENTION: its acknowledgement is all the response there is. */
bool track_is_only_cancelled(const exchange_t *exchange);

/* Times of steps: the first begin and the first end count. */
void track_begin(track_t *track, step_time_id_t which, const frame_t *frame);
void track_end(track_t *track, step_time_id_t which, const frame_t *frame);

/* Keeps a fact; the first value stays. Strings are copied to file scope; an empty one is no fact. */
void track_fact_string(track_t *track, fact_id_t id, guint32 frame, const char *string);
void track_fact_utf16(track_t *track, fact_id_t id, guint32 frame, span_t utf16);
void track_fact_bytes(track_t *track, fact_id_t id, guint32 frame, span_t bytes);
void track_fact_number(track_t *track, fact_id_t id, guint32 frame, guint32 number);
void track_fact_time(track_t *track, fact_id_t id, guint32 frame, gint64 time); /* seconds since 1970 */
void track_fact_flag(track_t *track, fact_id_t id, guint32 frame, bool set);    /* false is no fact */
void track_fact_guid(track_t *track, fact_id_t id, guint32 frame, const guint8 bytes[16]);

/* PRELOGIN was answered, and no TLS followed as far as all of it is in the capture: a ClientHello alone is none. */
bool track_tls_never_began(const track_t *track);

/* The encryption that the connection has, or had: as agreed. None where nothing was agreed and it ended before TLS. */
encryption_t track_encryption(const track_t *track);

/* What of the connection turns out to be encrypted, where nobody agreed on it in the capture. First pass only. */
void track_learn_encryption(track_t *track, encryption_t encryption);

/* The name of the TDS version; NULL if it is not known. Static text. */
const char *track_version(const track_t *track);

/* Another file begins: makes what its memory needs. */
void track_begin_file(void);

#endif
