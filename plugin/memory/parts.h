/* parts.h - the parts of a connection that most connections lack, and what bytes bring to one.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_PARTS_H
#define TDSCONN_PARTS_H

#include <epan/address.h>

#include "core/auth.h"
#include "core/connection.h"
#include "core/hidden.h"
#include "core/mars.h"
#include "core/proxy.h"
#include "core/rules.h"
#include "core/tlshello.h"
#include "core/unreachable.h"
#include "memory/channel.h"
#include "memory/fact.h"
#include "memory/frame.h"
#include "memory/rows.h"
#include "wire/assembly.h"

struct order;
struct track;

/* The TLS handshake in one direction. A record may begin in one TDS packet and end in another. */
typedef struct {
    assembly_t records; /* TLS records that are not complete */
    bool split;         /* a TDS message ended in the middle of a record */
    bool open;          /* the TDS message around the records has not ended */
    bool numbered_on;   /* that message does not begin with packet 1: some drivers count on from PRELOGIN */
    bool ciphered;      /* ChangeCipherSpec was sent: what follows cannot be read */
    bool finished;      /* its key exchange or Finished was reported */
} tls_side_t;

/* SMP, as one side sends it. */
typedef struct {
    guint32 from; /* from this frame on it sends only SMP; 0 = not yet */
    bool in_step; /* its latest unit was an SMP packet */
} smp_side_t;

/* How often packets of each side may be missing. A MARS session compares these with its own copy when its next packet
 * comes. */
typedef struct {
    struct {
        guint32 gaps;   /* bytes are missing: units that were begun have no end */
        guint32 all;    /* gaps, and frames that the snap length cut */
        guint32 strays; /* bytes that are no SMP packet: they may be packets of any session */
    } of[SENDER_SERVER + 1];
} holes_t;

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
    bool resumed;      /* the server ends its handshake before the client sends a key: an earlier session goes on */
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

/* The server's first word that answers what it owed when the client closed. */
typedef struct {
    instant_t said; /* frame 0 = there is none */
    guint8 message; /* message_t */
    bool crossed;   /* the server sent it before it had the client's FIN */
    guint32 reset;  /* the client's RST behind it; 0 = none */
} late_t;

/* A bare ACK of the client, with numbers far from all before: the capture may lack much, or a new connection begin. */
typedef struct {
    guint32 from, to; /* where its next byte would have stood, and where it stands; both 0 = there was none */
} leap_t;

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

/* What most connections never have. */
typedef struct {
    wmem_list_t *found_late;  /* guint32, of track_note_late(); NULL = there never was one */
    struct order *order;      /* of stream/order.c; NULL = its frames come in the order in which they were sent */
    pipe_t *pipe;             /* NULL = it is over TCP */
    icmp_track_t *icmp;       /* NULL = no ICMP error about it */
    guint32 inferred_fin_seq; /* the sequence number of the FIN of `inferred_fin` */
    reset_t reset;
    leap_t leap;
    const struct track *redirected_by; /* whose server sent the client here, as it says; NULL = not known */
    guint32 redirecting;  /* how many connections may have sent the client here by a hidden redirect; 0 = none */
    guint32 server_alert; /* the latest frame with an alert of the server in clear; 0 = none */
    guint32 server_left;  /* the latest frame in which the server ends TLS behind the login; 0 = none */
    guint32 undecided;    /* the latest whole answer to a login with neither LOGINACK nor ERROR; 0 = none */
    guint32 odd_answer;   /* the latest frame with a packet of the server of a type that no response has, or with bytes
                           * that are no TDS; 0 = none */
    guint8 odd_answer_type;
    guint8 odd_service; /* service_t: whose bytes stand there instead of a packet */
    instant_t closed;   /* the server's FIN, if it closed first */
    late_t late;
    instant_t use_of_closed; /* what the client sent first behind its ACK of that, and asks for an answer */
    bool next_begun;         /* a SYN-ACK of the next connection with the same ports came: order_is_of_next() */
    bool next_unread;        /* it was said that the next connection with the same ports is not read */
    proxied_t proxied;       /* `source` in file scope */
    guint32 fedauthinfo_frame;
    moment_t fedauthinfo_at;
    moment_t idle_before_data; /* the silence before the latest data, if there was one */
    instant_t data_after_idle; /* the first frame after that silence */
    rows_t clock_set;          /* guint32: the frames before which the clock was set */
    moment_t clocks_apart;     /* by how much, at least, the clocks of its directions differ; 0 = not known */
    sender_t early;            /* the side whose frames are stamped that much too early for the other's */
    rows_t ways_back;          /* way_back_t of waits, in frame order */
    rows_t errors;             /* error_record_t */
    guint32 ending_frame;      /* the latest frame with INFO or ERROR by which the server says that it ends; 0 = none */
    guint32 ending;            /* the number of that */
    rows_t repairs;            /* repair_t */
    rows_t rests;              /* of unjoined.c */
    rows_t odd_headers;        /* of cut.c */
} seldom_t;

/* The frames in which a step of the login began and ended; 0 = it did not. */
typedef struct {
    guint32 begun, frame;
} kept_step_t;

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

#endif
