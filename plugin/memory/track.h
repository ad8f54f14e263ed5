/* track.h - what is remembered of each SQL Server connection, and of each frame of it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Everything here is in file scope: Wireshark frees it when the file is closed. It is written on the first pass only,
 * and read in any order afterwards. A frame that is shown again, or out of order, finds its annotation as it was left,
 * and through it the connection's final facts. Data that is needed only while a frame is read travels in its frame_t.
 *
 * "First pass only" in a comment: the function may be called only while the frame at hand was not visited. Functions
 * with a packet_info that say so assert it. A frame_t exists on the first pass only, as frame_of asserts, so functions
 * with a frame_t or a tcp_sight_t need no assertion. The others rely on their callers.
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
#include "memory/rows.h"

#define MOMENT_COPY MILLISECONDS(1) /* equal frames that are closer than this are one frame, captured twice */

#define ASSERT_FIRST_PASS(pinfo) DISSECTOR_ASSERT(!PINFO_FD_VISITED(pinfo))

/* The time of this frame since the first frame with a time stamp; MOMENT_NONE if this one has none. */
moment_t moment_of(const packet_info *pinfo);

/* The time from one moment of the capture to another, as moment_since. Some programs make captures in which all frames
 * have the same time. So while no frame with another time was met, two equal moments give MOMENT_NONE, not 0. */
moment_t moment_between(moment_t from, moment_t to);

/* A moment in seconds since 1970. False if it is not known, or before the year 2000: then the clock was never set. */
bool moment_date(moment_t moment, gint64 *date);

/* A moment as time since 1970. False if it is not known. */
bool moment_time(moment_t moment, nstime_t *time);

/* A duration as Wireshark's nstime_t. It must not be MOMENT_NONE. */
static inline nstime_t moment_duration(moment_t duration)
{
    return (nstime_t){(time_t)(duration / SECONDS(1)), (int)(duration % SECONDS(1))};
}

/* Where the bytes stand that are cut into units: not known; in their sender's TCP stream, or a named pipe; or in the
 * bytes that TLS decrypted, where nothing is missing. */
typedef enum { CUT_UNKNOWN, CUT_TCP, CUT_IN_TLS } cut_place_t;

typedef struct {
    cut_place_t place;
    guint32 seq; /* of CUT_TCP: the sequence number of the first byte */
    guint32 raw; /* of CUT_TCP: its offset as tvb_raw_offset has it */
} cut_t;

/* Where the units of the payload at hand come from. Travels with them, on every pass. */
typedef struct {
    bool inside_tls; /* TLS decrypted them */
    bool brought;    /* of an encrypted record: TLS gave us decrypted bytes with it */
    bool again;      /* they were read before: TCP sent them again, or ICMP quotes them */
    bool late;       /* they fill a hole: units behind them were read before */
    bool unpaired;   /* they answer a request before the latest, and it is not known which */
    cut_t cut;       /* where they stand; first pass only */
} units_t;

/* What TCP does in a frame, set by watch_frame. */
typedef struct {
    bool bare_reset;        /* an RST without ACK: a host sends it if it does not know the connection */
    bool stray_reset;       /* an RST that belongs to an earlier connection, or to none */
    sender_t window_opened; /* which side opens its closed window; SENDER_UNKNOWN = none */
    guint8 reset_ttl;       /* of an RST; 0 = the frame is none */
    guint8 usual_ttl;       /* of the other frames of its sender; 0 = not known */
} tcp_event_t;

/* The frame at hand on the first pass, with the data that is needed only while it is read. */
typedef struct {
    guint32 number; /* as number_of */
    moment_t at;
    sender_t sender; /* SENDER_UNKNOWN while it is not known which side is the client */
    units_t units;   /* while its payload is read; else all 0 */
    tcp_event_t tcp; /* after watch_frame; before all 0 */
} frame_t;

/* A frame and its time; frame 0 = there is none. */
typedef struct {
    guint32 frame;
    moment_t at;
} instant_t;

static inline instant_t instant_of(const frame_t *frame)
{
    return (instant_t){frame->number, frame->at};
}

/* A TCP segment, or what SMB did to a named pipe. */
typedef struct {
    frame_t frame;
    guint16 source_port;
    guint8 flags;     /* TCP_* */
    guint16 analysis; /* TCP_FLAG_* of Wireshark's analysis */
    bool has_payload;
    guint32 payload; /* the real length of its payload in bytes */
    guint32 seq;     /* where the segment stands */
    guint32 length;  /* its length in sequence numbers: SYN and FIN count */
    guint32 ack;
    guint8 ttl;        /* or hop limit */
    guint32 selective; /* as in tcp_facts_t */
    bool copy;         /* the frame stands in the capture a second time; set by watch_frame */
    guint16 ip_id;     /* 0 = none */
    guint32 timestamp; /* TSval; 0 = none */
    bool bad_checksum; /* checked only in frames without payload, before the first PRELOGIN, ClientHello or login */
} tcp_sight_t;

/* What an entry describes, besides its message. */
typedef enum {
    ENTRY_TCP,    /* a TCP event */
    ENTRY_TDS,    /* a TDS packet: of.tds */
    ENTRY_SMP,    /* an SMP packet: of.smp */
    ENTRY_TLS,    /* a TLS record: of.tls */
    ENTRY_CONTENT /* nothing more: a message in the content of another */
} entry_kind_t;

/* Flags of an entry: its packet is one of several of its message; its unit began in an earlier frame; the packet holds
 * an SSPI token; it is another message of the packet that the entry before it describes. */
enum { ENTRY_CONTINUED = 1, ENTRY_REASSEMBLED = 2, ENTRY_SSPI_TOKEN = 4, ENTRY_AGAIN = 8 };

#define ENTRY_TLS_MESSAGES 5 /* so many handshake messages of a record are kept */

/* One unit that ends in a frame, or one message found in its content. */
typedef struct {
    guint8 message;   /* message_t; MESSAGE_NONE for a packet that ends no message */
    guint8 kind : 3;  /* entry_kind_t */
    guint8 flags : 5; /* ENTRY_CONTINUED ..., or'ed */
    union {
        struct {
            guint16 spid;
            guint8 type, status, packet_id;
        } tds;
        struct {
            guint8 record : 5, count : 3;
            guint8 handshake[ENTRY_TLS_MESSAGES]; /* types, of a record that could be read */
        } tls;
        guint16 smp[2]; /* index into track->sessions->packets, its high half first: it needs no alignment */
    } of;
    guint32 exchange; /* index into track->login->exchanges, + 1; 0 = none */
} entry_t;

/* A moment or a duration that needs no alignment: in two halves, in the order in which compilers take both at once. */
typedef struct {
    guint32 low, high;
} kept_moment_t;

static inline kept_moment_t moment_keep(moment_t moment)
{
    return (kept_moment_t){(guint32)moment, (guint32)((guint64)moment >> 32)};
}

static inline moment_t moment_kept(kept_moment_t kept)
{
    return (moment_t)((guint64)kept.high << 32 | kept.low);
}

/* An instant that needs no alignment. */
typedef struct {
    guint32 frame;
    kept_moment_t at;
} kept_instant_t;

static inline kept_instant_t instant_keep(instant_t instant)
{
    return (kept_instant_t){instant.frame, moment_keep(instant.at)};
}

static inline instant_t instant_kept(kept_instant_t kept)
{
    return (instant_t){kept.frame, moment_kept(kept.at)};
}

/* One frame of a connection. */
typedef struct {
    guint32 frame;
    guint32 first_entry : 27; /* index into track->entries */
    guint32 step : 5;         /* step_t */
    guint32 entry_count : 17;
    guint32 awaited : 8; /* awaited_t: what has to be sent next, after this frame */
    guint32 owes : 2;    /* sender_t: by which side */
    guint32 sender : 2;  /* sender_t, as known on the first pass */
    bool has_payload : 1;
    bool settled : 1;   /* the step comes from what the frame carries, not from where the connection stood */
    bool processed : 1; /* its payload was processed; a frame that waits for its turn is processed later */
    kept_moment_t at;   /* annotation_moment() */
} annotation_t;

static inline moment_t annotation_moment(const annotation_t *annotation)
{
    return moment_kept(annotation->at);
}

/* One SMP packet. */
typedef struct {
    smp_header_t header;
    guint8 state;    /* session_state_t after it */
    bool has_credit; /* `credit` is known */
    guint32 credit;  /* how many DATA packets its sender may still send */
    guint16 open;    /* how many sessions are open on the connection after it */
    guint16 generation;
    guint32 session; /* tdsconn.mars.session */
    bool part;       /* its TDS packet is only a part of a message */
    moment_t stall;  /* how long its sender had no credit, on the packet that ends that; 0 = there was no stall */
} smp_entry_t;

/* An ATTENTION, and its acknowledgement. Frame 0 = it was not seen. */
typedef struct {
    instant_t sent, acked;
} attention_t;

/* A request and its response, on the connection or on one of its MARS sessions. Frames are 0 until seen. */
typedef struct {
    guint32 request_frame;
    guint32 response_frame; /* with the first byte of the response */
    guint32 shown_frame;    /* where response_time is shown: the frame that ends the first packet of the response */
    guint32 procedure;      /* the procedure that an RPC calls, see procedures.h */
    guint16 sendings;       /* how often the request was sent; 0 until the response begins */
    guint8 command;         /* message_t of a command; MESSAGE_NONE = this is a message of the login */
    bool pooled : 1;        /* RESETCONNECTION: a pool gives the connection to another user */
    bool answered : 1;      /* the response is complete */
    bool paused : 1;        /* it was said that the server was silent in the middle of it */
    guint32 cancel;         /* use exchange_cancel(); index into capture.cancels, + 1; 0 = it was not cancelled */
    kept_moment_t begun;    /* of the request's first byte */
    kept_moment_t arrived;  /* when the server had the request's last byte; set when the response begins */
    kept_moment_t response_ended; /* of the response's last byte; MOMENT_NONE until then */
} exchange_t;

/* The latest ATTENTION for this request. */
attention_t exchange_cancel(const exchange_t *exchange);

/* The same, to be changed. In file scope. First pass only. */
attention_t *exchange_own_cancel(exchange_t *exchange);

/* A wait that ended, other than with the response to a command. */
typedef struct {
    guint32 frame;                         /* the frame that ended it */
    debt_t debt;                           /* which side owed what */
    guint8 message;                        /* message_t: the message that had to be answered */
    guint32 opened;                        /* the frame in which that message ends */
    guint32 sendings;                      /* how often it was sent */
    moment_t time;                         /* from its end to the end of the wait */
    moment_t request_spread, service_time; /* the parts of the wait, see wait_parts_t */
    bool served;       /* the service time is one: the answer came, or the server owed it, and no client paused */
    moment_t way_back; /* how long the answer was lost on its way, if it was sent more than once; 0 = not shown */
} wait_t;

/* A wait as it is kept: a login has some six. See turns_wait_at(). */
typedef struct {
    guint32 frame, opened;
    guint32 owes : 2, awaited : 8, message : 7;
    guint32 sendings : 13;
    bool served : 1;
    bool lost_back : 1; /* its way_back is in seldom_t.ways_back */
    kept_moment_t time, request_spread, service_time;
} kept_wait_t;

/* One stream of requests and responses: the connection itself, or one MARS session. */
typedef struct {
    /* Messages of several packets that are not complete, without TDS headers: channel_message(). NULL = none yet. */
    assembly_t *client_message, *server_message;
    turn_t turn;
    guint32 exchange;  /* the latest request, index into exchanges + 1; 0 = none */
    guint32 attention; /* the exchange whose ATTENTION is not acknowledged yet, index + 1; 0 = none */
} channel_t;

/* The message of a side of which packets are missing. Most messages have one packet: until one has more, all of it is
 * 0. Never NULL. Valid until the next packet is read, for which another may be made. */
const assembly_t *channel_message(const channel_t *channel, sender_t sender);

/* The same, to be changed. In file scope. First pass only. */
assembly_t *channel_own_message(channel_t *channel, sender_t sender);

/* Forgets what came of that message. First pass only. */
void channel_forget_message(channel_t *channel, sender_t sender);

/* How long one side had no credit: all stalls together, and the longest. */
typedef struct {
    moment_t total, longest;
} stall_sum_t;

/* How often packets of each side may be missing. A MARS session compares these with its own copy when its next packet
 * comes. */
typedef struct {
    struct {
        guint32 gaps;   /* bytes are missing: units that were begun have no end */
        guint32 all;    /* gaps, and frames that the snap length cut */
        guint32 strays; /* bytes that are no SMP packet: they may be packets of any session */
    } of[SENDER_SERVER + 1];
} holes_t;

/* One side of a MARS session. */
typedef struct {
    assembly_t bytes;  /* a TDS packet that goes on in the next SMP packet */
    bool astray;       /* bytes are missing: it is not known where its next TDS packet begins */
    instant_t blocked; /* since when it has no credit; frame 0 = it has credit */
    stall_sum_t stalls;
} mars_sender_t;

/* A MARS session with its stream. */
typedef struct {
    holes_t holes; /* the connection's, when this session was last updated with them */
    mars_session_t session;
    channel_t channel;
    mars_sender_t client, server; /* mars_sender() */
    guint32 number;               /* tdsconn.mars.session, of its present life */
    guint32 reported;             /* a bit for each mars_violation_t that was raised in this life */
    moment_t response_stall;      /* how long the server had no credit during the present response */
} mars_track_t;

static inline mars_sender_t *mars_sender(mars_track_t *session, sender_t sender)
{
    return sender == SENDER_SERVER ? &session->server : &session->client;
}

/* The TLS handshake in one direction. A record may begin in one TDS packet and end in another. */
typedef struct {
    assembly_t records; /* TLS records that are not complete */
    bool split;         /* a TDS message ended in the middle of a record */
    bool open;          /* the TDS message around the records has not ended */
    bool numbered_on;   /* that message does not begin with packet 1: some drivers count on from PRELOGIN */
    bool ciphered;      /* ChangeCipherSpec was sent: what follows cannot be read */
    bool finished;      /* its key exchange or Finished was reported */
} tls_side_t;

/* What to show instead of what Wireshark's TDS dissector makes of a packet. It does not find some TLS (of a server in
 * packets of type 0x04, a record that crosses messages, a message that does not begin with packet 1), and it misreads
 * some SSPI tokens. */
typedef struct {
    guint32 frame;
    guint32 unit;                 /* the offset of the unit in the frame */
    const guint8 *tls;            /* the TLS records that end in it, joined; file scope */
    guint32 length;               /* of `tls`; 0 = no record ends in it */
    guint32 sspi_at, sspi_length; /* the token's place in the packet; length 0 = this is about TLS */
} repair_t;

/* One ERROR token. */
typedef struct {
    guint32 frame;
    guint32 number;
    guint8 state, class_;
    bool has_line; /* `line` is known */
    guint32 line;
    const char *message, *server; /* UTF-8; NULL if the capture cut them */
} error_record_t;

/* The sequence numbers from `from` to before `to`, and the frame behind them, which shows that they were sent. */
typedef struct {
    guint32 from, to;
    instant_t since;
} byte_range_t;

#define LATEST_FRAMES 4 /* a copy is found if it is among so many frames of its sender behind the original */

/* What goes wrong with what one side sends. Most connections have nothing of it. */
typedef struct {
    guint32 copies;          /* how often one segment was sent again in a row, without an answer of the other side */
    guint32 copied;          /* the sequence number of that segment */
    guint32 keep_alives;     /* in a row, without an answer of the other side */
    guint32 answered_alives; /* in a row, close together though each was answered */
    instant_t alive;         /* its latest keep-alive */
    instant_t closed;        /* since when its window is closed; frame 0 = it is open */
    guint32 gap;           /* track_place() of the latest frame before which bytes of it are missing, or are no packet;
                              0 = none */
    guint32 late;          /* its latest frame with bytes that the other side had acknowledged before; 0 = none */
    guint32 cut;           /* track_place() of its latest frame with a payload that the snap length cut; 0 = none */
    guint32 unknown_until; /* if has_unknown: before this number missing ranges may have been forgotten */
    wmem_array_t *missing; /* byte_range_t before next_seq that were not seen; NULL = there never were any */
    struct {
        guint32 frame;   /* its latest frame that brings bytes which were missing; 0 = none */
        instant_t since; /* the frame that showed that these bytes had been sent */
    } refill;
    struct {
        instant_t before; /* the frame behind its first missing bytes; frame 0 = no bytes are missing, or the other side
                             acknowledges them */
        guint32 from, to; /* these bytes */
        guint32 lacked_frame; /* where the other side says that it lacks them; 0 = nowhere yet */
    } lost;
    guint32 reopened;     /* the latest frame that opened its closed window; 0 = none */
    guint32 opened_again; /* its latest SYN-ACK behind an ACK of it; 0 = none */
    guint32 missed;       /* if has_missed: up to here the other side has what was not seen */
    bool has_missed, has_unknown;
} tcp_trouble_t;

/* A frame, as far as a copy of it is equal. */
typedef struct {
    guint32 frame;
    guint32 mixed; /* its numbers: two frames that are not equal share this once in 2^32 times */
} latest_frame_t;

/* TCP, as one side sends it. */
typedef struct {
    const tcp_trouble_t *trouble; /* never NULL; tcp_trouble() to change it */
    struct tail *tail;            /* see stream/tail.h; NULL = never used */
    kept_instant_t seen;          /* its latest frame */
    kept_instant_t sent;          /* the frame that ends at next_seq; frame 0 = none */
    latest_frame_t *latest;       /* its latest frames that are no copies; where it sent two, a ring of LATEST_FRAMES */
    guint32 bad_checksums;        /* how many of its frames have a wrong TCP checksum */
    guint32 last_words;           /* its latest frame with payload that is no copy of another */
    guint32 longest;              /* the length of its longest payload in bytes */
    guint32 next_seq;             /* where its next segment should stand, if has_seq */
    guint32 acked;                /* what it acknowledged last, if has_acked */
    guint32 ack_step;             /* and by how much that is more than before */
    guint32 isn;                  /* the sequence number of its SYN, if has_isn */
    guint32 unit_from, unit_until; /* its latest unit, if has_unit: the next is due at unit_until, see stream/cut.h */
    guint8 latest_count : 4;       /* of the frames in `latest` */
    guint8 latest_place : 4;       /* in `latest`, of its next frame */
    guint8 first_ttl;              /* of its first frame; 0 = none yet */
    guint8 ttl;                    /* of its latest frame that is no RST; 0 = none yet */
    bool has_unit : 1;
    bool unit_follows : 1; /* the latest unit stands where it was due: nothing is missing before it */
    bool has_acked : 1;
    bool ack_repeated : 1; /* it acknowledged `acked` in another bare ACK, as who lacks bytes does */
    bool has_seq : 1, has_isn : 1;
} tcp_side_t;

/* SMP, as one side sends it. */
typedef struct {
    guint32 from; /* from this frame on it sends only SMP; 0 = not yet */
    bool in_step; /* its latest unit was an SMP packet */
} smp_side_t;

/* One side of a connection. */
typedef struct {
    const address *host; /* never NULL; file scope; type AT_NONE while it is not known which side is the client */
    guint16 port;
    guint8 encrypt;    /* ENCRYPTION of its PRELOGIN; 0 = not read */
    bool prelogin : 1; /* its PRELOGIN was read */
    bool fedauth : 1;  /* which has FEDAUTHREQUIRED; true also if that may be cut off */
    bool mars : 1;     /* which has MARS on; true also if that may be cut off */
    bool opened : 1;   /* TLS decrypts what it sends */
    bool skipped : 1;  /* TLS never got a record of it, and has decrypted none since: in TLS 1.3 it cannot any more */
    bool partial_inside : 1; /* what is unfinished is a unit inside TLS, not only the TLS record */
    guint32 frames;          /* how many frames it sent */
    guint32 spoke;           /* its first frame with TDS, SMP or TLS; 0 = none yet */
    guint32 partial;         /* the first frame of its unfinished unit, as annotation index + 1; 0 = there is none */
    const tcp_side_t *tcp;   /* never NULL; track_tcp() to change it */
} side_t;

struct tcp_analysis;
struct order;

/* The latest ICMP error about the segments of one side. */
typedef struct {
    guint32 frame; /* the first frame with this error */
    unreachable_t what;
    const char *from; /* the address that sent it; file scope */
    guint32 count;    /* how often it was sent */
    guint32 ignored;  /* after "too big": the length in bytes of the longest segment that is still too big; 0 = none */
    guint32 behind;   /* the sequence number behind the latest of those */
    guint32 latest;   /* the frame of the latest one */
    guint32 seq;      /* the sequence number of the segment that the latest one is about */
    bool has_seq;     /* that number was captured */
    sender_t of;      /* whose segment it was */
} icmp_track_t;

/* What is known of a connection's TLS. */
typedef struct {
    bool bound;        /* Wireshark's TLS gives decrypted bytes to the plugin */
    bool server_hello; /* a ServerHello was seen */
    bool certificate_seen, self_issued;
    bool certificate_for_others;                                /* it is not for the name that the client asked for */
    gint64 certificate_from, certificate_until, certificate_at; /* as in case_t */
    const char *weak_signature;                                 /* as these */
    guint16 key_bits, group_bits;
    bool login_inside;           /* LOGIN7 began inside TLS */
    guint8 alert_level, alert;   /* of the latest alert in clear; 0 = none */
    guint16 offered;             /* the highest version of the ClientHello */
    guint16 version;             /* the negotiated version; 0 = not known */
    tls_side_t *client, *server; /* NULL = no TLS of it was met */
} tls_track_t;

/* An encrypted login that nobody decrypts. */
typedef struct {
    hidden_t *login; /* file scope; NULL = no record of it was met */
    tls_overhead_t overhead;
    guint32 confirmed, command; /* the frames of the confirmation and of the first command, by conclusion; 0 = none */
    bool may_be_answered;       /* TDS 8.0: a record that may be the answer came after PRELOGIN */
    bool tickets;               /* TDS 8.0: a record that cannot be the answer came after PRELOGIN */
    guint8 records;             /* how many records were reported: the client's before LOGIN7, both sides' after it */
    hidden_request_t request;   /* the requests behind LOGIN7 */
    hidden_kind_t kind;         /* of the record at hand */
    bool refused;               /* concluded: the login was refused */
    bool redirected;            /* the client's next connection shows that the server redirected it */
    bool may_be_redirect;       /* the answer may be a redirect: links.c waits for a connection that follows it */
} hidden_track_t;

/* The MARS sessions of a connection. */
typedef struct {
    wmem_map_t *by_sid; /* SID -> mars_track_t; NULL = no SMP was seen */
    channel_t *channel; /* of the session with the latest request; NULL = none */
    guint32 open;       /* how many there are */
    guint32 untouched;  /* how many of them have no FIN of either side */
    holes_t holes;
    smp_side_t client_smp[2], server_smp[2]; /* outside of TLS, and inside: track_smp() */
    rows_t packets;                          /* smp_entry_t */
} sessions_t;

/* An RST in the middle of a connection, as long as nothing shows that both sides go on. */
typedef struct {
    guint32 frame;      /* 0 = there is none */
    sender_t by;        /* in whose name it came */
    guint32 next;       /* where that side's next byte stood */
    guint32 seq;        /* of the RST */
    guint32 peer_next;  /* where the other side's next byte stood */
    bool answered;      /* behind it that side acknowledged bytes that the other side sent behind it */
    connection_t alive; /* the connection as it is now if the RST ended nothing */
    debt_t debt;        /* what was owed before it */
} reset_t;

/* A connection over a named pipe. Its bytes are those of a file of SMB, and sequence numbers are offsets in that file.
 * See stream/pipe.h. */
typedef struct {
    guint16 place;  /* among the pipes of its TCP connection, from 1 */
    guint32 status; /* NTSTATUS with which the server refused the pipe, or broke it; 0 = it did not */
} pipe_t;

/* The other connections with the same addresses and ports. */
typedef struct {
    const struct track *before; /* the earlier one; NULL = not in the capture */
    instant_t after;            /* the first frame of the next one; 0 = there is none */
} namesakes_t;

/* The way_back of the wait that ended in a frame. */
typedef struct {
    guint32 frame;
    kept_moment_t lost;
} way_back_t;

/* What most connections never have. */
typedef struct {
    wmem_list_t *found_late;  /* guint32, of track_note_late(); NULL = there never was one */
    struct order *order;      /* of stream/order.c; NULL = its frames come in the order in which they were sent */
    pipe_t *pipe;             /* NULL = it is over TCP */
    icmp_track_t *icmp;       /* NULL = no ICMP error about it */
    guint32 inferred_fin_seq; /* the sequence number of the FIN of `inferred_fin` */
    reset_t reset;
    const struct track *redirected_by; /* whose server sent the client here, as it says; NULL = not known */
    guint32 redirecting;  /* how many connections may have sent the client here by a hidden redirect; 0 = none */
    guint32 server_alert; /* the latest frame with an alert of the server in clear; 0 = none */
    guint32 undecided;    /* the latest whole answer to a login with neither LOGINACK nor ERROR; 0 = none */
    guint32 odd_answer;   /* the latest frame with a packet of the server of a type that no response has, or with bytes
                           * that are no TDS; 0 = none */
    guint8 odd_answer_type;
    guint8 odd_service;      /* service_t: whose bytes stand there instead of a packet */
    instant_t closed;        /* the server's FIN, if it closed first */
    instant_t use_of_closed; /* what the client sent first behind its ACK of that, and asks for an answer */
    bool next_begun;         /* a SYN-ACK of the next connection with the same ports came: order_is_of_next() */
    proxied_t proxied;       /* `source` in file scope */
    guint32 fedauthinfo_frame;
    moment_t fedauthinfo_at;
    moment_t idle_before_data; /* the silence before the latest data, if there was one */
    instant_t data_after_idle; /* the first frame after that silence */
    rows_t clock_set;          /* guint32: the frames before which the clock was set */
    rows_t ways_back;          /* way_back_t of waits, in frame order */
    rows_t errors;             /* error_record_t */
    rows_t repairs;            /* repair_t */
    rows_t rests;              /* of unjoined.c */
    rows_t odd_headers;        /* of cut.c */
} seldom_t;

/* tdsconn.progress: see progress.h. */
typedef struct {
    guint8 *codes;       /* file scope; NULL = none yet */
    guint16 count, room; /* how many bytes are used, and how many there are */
    guint16 length;      /* of the text in bytes */
    bool full : 1;       /* no more fits in */
    bool command : 1;    /* the first command is in it */
    bool answered : 1;   /* and the answer to that */
} progress_t;

/* The frames in which a step of the login began and ended; 0 = it did not. */
typedef struct {
    guint32 begun, frame;
} kept_step_t;

/* A piece of evidence: a login has few of all that there are. */
typedef struct {
    guint32 frame; /* 0 = it turned out to be none */
    guint8 what;   /* evidence_t */
} kept_evidence_t;

/* What bytes bring to a connection: a SYN that nobody answers has nothing of it. */
typedef struct {
    const tls_track_t *tls;                           /* never NULL; track_tls() to change it */
    const hidden_track_t *hidden;                     /* never NULL; track_hidden() to change it */
    rows_t evidence;                                  /* kept_evidence_t: track_evidence() */
    rows_t facts;                                     /* kept_fact_t. Use track_fact() */
    rows_t exchanges;                                 /* exchange_t */
    rows_t waits;                                     /* kept_wait_t, in frame order */
    kept_step_t times[TIME_TOTAL - TIME_CONNECT - 1]; /* of the steps between: track_time() */
    kept_instant_t last_client;                       /* the latest message of the client; frame 0 = none yet */
    kept_instant_t latest_data;   /* the latest frame with new data; keep-alives and retransmissions do not count */
    moment_t idle_before_request; /* the silence before the latest command */
    guint32 facts_noted[FACT_COUNT / 32 + 1]; /* a bit for each fact that is among them */
    guint32 facts_until;                      /* the latest frame with a fact */
    guint32 last_wait;                        /* the wait that the end ended, index into waits + 1; 0 = none */
    guint32 tds_version;                      /* LOGIN7's number for it; 0 = not known */
    guint16 login_packet;                     /* bytes of the longest packet of LOGIN7; 0 = none was read */
    guint16 spid;
    guint32 spid_frame; /* the first frame with this SPID; 0 = none */

    /* Frames: 0 until there is one. */
    guint32 start_frame;   /* the first PRELOGIN, ClientHello or login record */
    guint32 turn_from;     /* the client's turn that ends with LOGIN7: the server's latest frame before it ... */
    guint32 turn_to;       /* ... and the first frame of LOGIN7 */
    guint32 confirm_frame; /* LOGINACK, or the ERROR that refused */
} login_t;

/* A SQL Server connection. All pointers are in file scope. */
typedef struct track {
    struct tcp_analysis *tcp; /* Wireshark's own; NULL until track_tcp_of() was called */
    guint32 number;           /* tdsconn.stream */
    guint32 place;            /* among all that were made, dropped ones too; from 1 */
    side_t client, server;    /* track_side() */
    guint32 syn_count;
    guint32 opening; /* index into the openings of links.c, + 1; 0 = no SYN was seen */

    /* Where it stands, and what was learnt. */
    connection_t connection;
    kept_step_t connect, total;  /* track_time() */
    kept_moment_t opened_at;     /* when `total` began: asked too often to be looked for */
    encryption_t encryption : 8; /* as both sides agreed; see track_encryption() */
    guint8 server_major;    /* of the server's product, by PRELOGIN: it decides the width of DONE before LOGINACK */
    token_format_t format;  /* of the server's tokens, by the client's requests, if no login tells */
    bool format_known : 1;  /* `format` is set */
    bool dropped : 1;       /* it turned out to be something else: track_forget() */
    bool strict : 1;        /* TLS came first: TDS 8.0 */
    bool mars_asked : 1;    /* the client's PRELOGIN asks for MARS */
    bool mars : 1;          /* MARS was agreed on, or SMP was seen */
    bool plain : 1;         /* after the login, TDS came without SMP */
    bool ticket_seen : 1;   /* the Kerberos SPN is from a token, not only from a KDC's answer */
    bool ntlm_v1 : 1;       /* AUTHENTICATE has a 24-byte response */
    bool ntlm_local : 1;    /* client and server are on one machine, by NTLM's flag */
    bool token_refused : 1; /* the server refused the client's token */
    bool administrator : 1; /* SQL Browser named the port as that of the dedicated administrator connection */
    bool instance_mismatch : 1, has_password : 1;
    bool server_learnt : 1;       /* its host and port are known as SQL Server's: links_learn_own_server() */
    const login_t *login;         /* never NULL; track_login() to change it */
    const seldom_t *seldom;       /* never NULL; track_seldom() to change it */
    const namesakes_t *namesakes; /* as that */
    progress_t progress;

    /* Frames: 0 until there is one. */
    guint32 last_frame;
    kept_instant_t first;           /* the first frame with a time stamp */
    kept_instant_t latest;          /* the latest frame; while a payload is read, the frame before that one */
    bool idle_with_keep_alives : 1; /* keep-alives were answered during that silence */
    bool keep_alives_answered : 1;  /* a keep-alive was answered since the latest frame with new data */
    bool client_alerted : 1;        /* the latest message of the client is a TLS alert */
    bool server_spoke_last : 1;     /* the server's latest payload was sent behind the latest message of the client */
    bool ticks : 1;                 /* a frame has another time than the first one */
    bool gap : 1;                   /* segments are missing somewhere */
    guint8 inferred_fin;            /* sender_t: whose FIN is known only by its ACK; SENDER_UNKNOWN = there is none */
    guint8 raised[(DIAGNOSIS_COUNT + 7) / 8]; /* a bit for each rule: whether it is among the findings */

    /* What TCP does: see watch.h. */
    guint32 frames, copies; /* how many frames of both sides, and how many of them are copies */
    guint32 gaps_noted;     /* the latest frame for which units_note_gaps() noted missing segments */

    /* Requests: of the connection, and of its MARS sessions. */
    channel_t channel;
    const sessions_t *sessions; /* never NULL; track_sessions() to change it */

    /* What its frames hold. */
    rows_t annotations; /* annotation_t, in frame order */
    rows_t entries;     /* entry_t */
    rows_t findings;    /* finding_t of diagnose(), in frame order */
} track_t;

/* The side that sends; the client's for SENDER_UNKNOWN. */
static inline side_t *track_side(track_t *track, sender_t sender)
{
    return sender == SENDER_SERVER ? &track->server : &track->client;
}

static inline const side_t *track_side_of(const track_t *track, sender_t sender)
{
    return sender == SENDER_SERVER ? &track->server : &track->client;
}

/* A step of the login, or all of it. */
static inline const kept_step_t *track_time(const track_t *track, step_time_id_t which)
{
    if (which == TIME_CONNECT || which == TIME_TOTAL) {
        return which == TIME_CONNECT ? &track->connect : &track->total;
    }
    return &track->login->times[which - TIME_CONNECT - 1];
}

/* How long that took; MOMENT_NONE if it did not end, or if it is not known. */
moment_t track_took(const track_t *track, step_time_id_t which);

/* When the client began with the connection, in its frame track_time(TIME_TOTAL)->begun; frame 0 = not known. */
static inline instant_t track_opened(const track_t *track)
{
    return (instant_t){track->total.begun, moment_kept(track->opened_at)};
}

/* How the client authenticated: the evidence met so far, and what it proves. */
auth_evidence_t track_evidence(const track_t *track);
auth_verdict_t track_auth(const track_t *track);

/* Whether this piece of evidence was met. */
bool track_has_evidence(const track_t *track, evidence_t what);

/* Keeps the evidence as it is now; notes a piece of it, of which only the first frame is kept. First pass only. */
void track_keep_evidence(track_t *track, const auth_evidence_t *evidence);
void track_note_evidence(track_t *track, evidence_t what, guint32 frame);

/* What is known of the TLS of a side; NULL if none was met. */
static inline const tls_side_t *track_tls_of(const track_t *track, sender_t sender)
{
    return sender == SENDER_SERVER ? track->login->tls->server : track->login->tls->client;
}

/* Parts of a connection, to be changed. Most connections lack some of them: each is made when it is first asked for
 * here, and until then all of it is 0. In file scope. First pass only. */
tcp_side_t *track_tcp(track_t *track, sender_t sender);
tcp_trouble_t *tcp_trouble(tcp_side_t *side);
tls_track_t *track_tls(track_t *track);
hidden_track_t *track_hidden(track_t *track);
sessions_t *track_sessions(track_t *track);
login_t *track_login(track_t *track);
seldom_t *track_seldom(track_t *track);
namesakes_t *track_namesakes(track_t *track);

/* What goes wrong with a side, to be changed; NULL if nothing did so far. First pass only. */
tcp_trouble_t *track_trouble_met(const track_t *track, sender_t sender);

/* Keeps both sides' addresses and ports, if they are not known yet. `sender`: who sent this frame; with SENDER_UNKNOWN
 * nothing is kept. First pass only, which it asserts. */
void track_set_sides(track_t *track, const packet_info *pinfo, sender_t sender);

/* The SMP of a side, outside of TLS or inside, to be changed. First pass only. */
static inline smp_side_t *track_smp_side(track_t *track, sender_t sender, bool inside_tls)
{
    sessions_t *sessions = track_sessions(track);
    return sender == SENDER_SERVER ? &sessions->server_smp[inside_tls] : &sessions->client_smp[inside_tls];
}

/* The same, to be read: both in a row. */
static inline const smp_side_t *track_smp(const track_t *track, sender_t sender)
{
    return sender == SENDER_SERVER ? track->sessions->server_smp : track->sessions->client_smp;
}

/* A new connection, in file scope. First pass only, as everything here that changes something. */
track_t *track_new(void);

/* The connection turned out to be something else: track_of_frame does not return it any more. It is not freed. */
void track_forget(track_t *track);

/* The connection with an annotation of this frame; NULL if there is none. If a frame has several segments, the
 * connection of the one that was met last. If it has several named pipes, the first. */
track_t *track_of_frame(guint32 frame);

/* The keys of a connection's data of a frame (p_add_proto_data). Several connections may share a frame. */
typedef enum { FRAME_PACKETS, FRAME_BYTES, FRAME_PLACE, FRAME_KEY_COUNT } frame_key_t;

static inline guint32 track_frame_key(const track_t *track, frame_key_t key)
{
    return track->number * FRAME_KEY_COUNT + (guint32)key;
}

/* The further connections with an annotation of this frame, by `index` from 0: several named pipes may share a frame.
 * NULL behind the last. */
track_t *track_also_of_frame(guint32 frame, guint index);

/* What Wireshark's TCP knows of the connection. Asked while a frame of it is dissected. */
struct tcp_analysis *track_tcp_of(track_t *track, packet_info *pinfo);

/* Whether a fact is or was known. */
static inline bool track_fact_noted(const track_t *track, fact_id_t id)
{
    return (track->login->facts_noted[id / 32] >> id % 32 & 1) != 0;
}

/* Such a fact: for track_fact(). */
fact_t track_fact_kept(const track_t *track, fact_id_t id);

/* A fact of the connection; its frame is 0 if it is not known. */
static inline fact_t track_fact(const track_t *track, fact_id_t id)
{
    return track_fact_noted(track, id) ? track_fact_kept(track, id) : (fact_t){0};
}

/* Removes a fact that turned out to be untrue. First pass only. */
void track_fact_forget(track_t *track, fact_id_t id);

/* The text of a fact, in file scope; NULL if it is not known. */
const char *track_fact_text(const track_t *track, fact_id_t id);

/* Whether this frame is the last one of the connection that Wireshark shows. Known on later passes only: false on the
 * first pass. */
bool track_is_last(const track_t *track, const packet_info *pinfo);

/* Who sent this frame; SENDER_UNKNOWN while it is not known which side is the client. */
sender_t track_sender(const track_t *track, const packet_info *pinfo);

/* The frame at hand, with its sender; track_frame takes the sender from track_sender. First pass only, which they
 * assert. */
frame_t frame_of(const packet_info *pinfo, sender_t sender);
frame_t track_frame(const track_t *track, const packet_info *pinfo);

/* The annotation of this frame; made if it is not there. First pass only. */
annotation_t *track_annotate(track_t *track, const frame_t *frame);

/* The same, when the frame is processed. The first call sets its step to that of the connection now, which may have
 * moved on while the frame waited. First pass only. */
annotation_t *track_annotate_processed(track_t *track, const frame_t *frame);

/* Notes an earlier frame that waited and is processed with the frame at hand: taps have missed it, see taps_queue.
 * track_forget_late removes all that were noted. First pass only. */
void track_note_late(track_t *track, guint32 frame);
void track_forget_late(track_t *track);

/* The annotation of a frame, or NULL. */
const annotation_t *track_annotation(const track_t *track, guint32 frame);

/* This frame of the connection, with its time; frame 0 if it has no annotation. */
instant_t track_instant(const track_t *track, guint32 frame);

static inline annotation_t *track_annotation_at(const track_t *track, guint32 index)
{
    return (annotation_t *)rows_at(&track->annotations, index);
}

static inline entry_t *track_entry_at(const track_t *track, guint32 index)
{
    return (entry_t *)rows_at(&track->entries, index);
}

/* Entry `index` of a frame, from 0 to less than its entry_count. */
static inline entry_t *track_entry_of(const track_t *track, const annotation_t *annotation, guint32 index)
{
    return track_entry_at(track, annotation->first_entry + index);
}

/* The first entry of a frame with this message, NULL if there is none. */
entry_t *track_entry_with(const track_t *track, const annotation_t *annotation, message_t message);

/* The SMP packet of an entry that is ENTRY_SMP. */
static inline smp_entry_t *track_smp_of(const track_t *track, const entry_t *entry)
{
    return (smp_entry_t *)rows_at(&track->sessions->packets, (guint32)entry->of.smp[0] << 16 | entry->of.smp[1]);
}

static inline exchange_t *track_exchange(const track_t *track, guint32 index_and_1)
{
    return index_and_1 == 0 ? NULL : (exchange_t *)rows_at(&track->login->exchanges, index_and_1 - 1);
}

/* Adds an entry to this frame, without moving the connection on (advance_entry does that, too). `message`: the message
 * of the entry, or MESSAGE_NONE. `step_like`: the message whose step the frame gets. Returns the entry, valid until the
 * next is added. First pass only. */
entry_t *track_entry_still(track_t *track, const frame_t *frame, entry_kind_t kind, message_t message,
                           message_t step_like);

/* Whether TLS decrypts what one of the sides sends. */
static inline bool track_is_opened(const track_t *track)
{
    return track->client.opened || track->server.opened;
}

/* The last ERROR of the server in a frame before this one; NULL if there is none. Valid until the next ERROR. */
const error_record_t *track_error_before(const track_t *track, guint32 frame);

/* Whether the bytes of both sides after the login can be read: they are not encrypted, or TLS decrypts both. True also
 * if the encryption is not known. */
bool track_is_readable(const track_t *track);

/* A number for the frame that is processed now: its own, or a higher one if a frame with payload that was processed
 * before has a higher number. Then the two sides have different clocks. First pass only. */
guint32 track_place(const track_t *track, guint32 frame);

/* Bytes of this sender before this frame, or acknowledged by it, are not in the capture. First pass only. */
void track_note_gap(track_t *track, sender_t sender, guint32 frame);

/* Whether the answer to the request in this frame may have been sent, and is missing in the capture. */
bool track_may_lack_answer(const track_t *track, guint32 request_frame);

/* Whether the client may have sent something after this frame that is missing in the capture or was read too late, such
 * as an ATTENTION or another request. */
bool track_may_lack_client_word(const track_t *track, guint32 frame);

/* Whether the capture has, so far, only one direction of the connection. */
bool track_is_one_sided(const track_t *track);

/* The same, and bytes were sent: so messages of the other side are missing. */
bool track_lacks_a_side(const track_t *track);

/* The step of a frame. That of an encrypted frame may come from what was concluded later. */
step_t track_step(const track_t *track, const annotation_t *annotation);

/* A unit is not complete in this frame: the frames from here to its end hold its bytes. First pass only. */
void track_unit_unfinished(track_t *track, const frame_t *frame);

/* Bytes of this sender are missing: its unfinished unit is forgotten. First pass only. */
void track_unit_lost(track_t *track, sender_t sender);

/* A unit ends in this frame. Returns the annotation index + 1 of the first frame with bytes of the unit; 0 if all of it
 * is in this frame. First pass only. */
guint32 track_unit_begin(track_t *track, const frame_t *frame);

/* Gives the step of this frame to the frames before it that only hold bytes of its unit, or acknowledge them. `first`:
 * the result of track_unit_begin. First pass only. */
void track_unit_end(track_t *track, guint32 first, const frame_t *frame);

/* The clock of the capture was set before this frame. First pass only. */
void track_note_clock_set(track_t *track, guint32 frame);

/* The time from one frame to another. MOMENT_NONE if it is not known: one is not there, the clock was set between them,
 * or all frames of the connection have one time. */
moment_t track_since(const track_t *track, instant_t from, instant_t to);

/* The same of two moments, if it is known that the clock was not set between them. */
moment_t track_between(const track_t *track, moment_t from, moment_t to);

/* How long something lasts that began at `since` and goes on at the connection's last frame and in the silence after
 * it. `silence`: its length; 0 if the connection has ended, MOMENT_NONE if it is not known. */
moment_t track_lasted(const track_t *track, instant_t since, instant_t last, moment_t silence);

/* How far two frames are apart, in whichever order they are. For two sides that may have different clocks. */
moment_t track_apart(const track_t *track, instant_t one, instant_t other);

/* The time from the end of a request to the first byte of its response, and from an ATTENTION to its acknowledgement.
 * Asked only if these have come. MOMENT_NONE if it is not known. */
moment_t track_response_time(const track_t *track, const exchange_t *exchange);
moment_t track_attention_time(const track_t *track, const exchange_t *exchange);

/* When the response began to come: the time of its first frame. */
moment_t track_responded(const track_t *track, const exchange_t *exchange);

/* Whether the acknowledgement of the ATTENTION is the only response. */
bool track_is_only_cancelled(const exchange_t *exchange);

/* Moves the connection on by its next message, as connection_see does: as it seems to stand, and as it stands if its
 * RST turns out to have ended nothing. First pass only. */
outcome_t track_see(track_t *track, message_t message, sender_t sender);

/* Where the connection stands for a message that comes: if an RST stands before that, as if it had ended nothing. */
const connection_t *track_alive(const track_t *track);

/* A step begins or ends in this frame. Only the first begin and the first end count. First pass only. */
void track_begin(track_t *track, step_time_id_t which, const frame_t *frame);
void track_end(track_t *track, step_time_id_t which, const frame_t *frame);

/* Forgets a step: it may begin and end once more. First pass only. */
void track_forget_time(track_t *track, step_time_id_t which);

/* Notes a fact of a frame. The first value stays. Strings and GUIDs are copied to file scope; NULL and empty strings
 * are no facts. First pass only. */
void track_fact_string(track_t *track, fact_id_t id, guint32 frame, const char *string);
void track_fact_utf16(track_t *track, fact_id_t id, guint32 frame, span_t utf16);
void track_fact_bytes(track_t *track, fact_id_t id, guint32 frame, span_t bytes);
void track_fact_number(track_t *track, fact_id_t id, guint32 frame, guint32 number);
void track_fact_time(track_t *track, fact_id_t id, guint32 frame, gint64 time); /* seconds since 1970 */
void track_fact_flag(track_t *track, fact_id_t id, guint32 frame, bool set);    /* false is no fact */
void track_fact_guid(track_t *track, fact_id_t id, guint32 frame, const guint8 bytes[16]);

/* Whether PRELOGIN was answered, no bytes are missing, and no TLS followed. A ClientHello alone is no TLS. */
bool track_tls_never_began(const track_t *track);

/* The encryption as both sides agreed. ENCRYPTION_NONE if they did not agree and the connection ended before TLS. */
encryption_t track_encryption(const track_t *track);

/* Sets the encryption that the connection turns out to have, if PRELOGIN did not tell. First pass only. */
void track_learn_encryption(track_t *track, encryption_t encryption);

/* The name of the TDS version, such as "7.4"; NULL if it is not known. Static text. */
const char *track_version(const track_t *track);

/* Another file begins: makes what its memory needs. */
void track_begin_file(void);

#endif
