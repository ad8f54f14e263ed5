/* track.h - what is remembered of each SQL Server connection.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Everything here is in file scope: Wireshark frees it when the file is closed. It is written on the first pass only,
 * and read in any order afterwards. A frame that is shown again, or out of order, finds its annotation as it was left,
 * and through it the connection's final facts. Data that is needed only while a frame is read travels in its frame_t.
 */
#ifndef TDSCONN_TRACK_H
#define TDSCONN_TRACK_H

#include <epan/packet.h>

#include "core/connection.h"
#include "core/tds.h"
#include "core/tokens.h"
#include "memory/parts.h"
#include "memory/tcpside.h"

struct tcp_analysis;

/* One ERROR token. */
typedef struct {
    guint32 frame;
    guint32 number;
    guint8 state, class_;
    bool has_line; /* `line` is known */
    guint32 line;
    const char *message, *server; /* UTF-8; NULL if the capture cut them */
} error_record_t;

/* tdsconn.progress: see progress.h. */
typedef struct {
    guint8 *codes;       /* file scope; NULL = none yet */
    guint16 count, room; /* how many bytes are used, and how many there are */
    guint16 length;      /* of the text in bytes */
    bool full : 1;       /* no more fits in */
    bool command : 1;    /* the first command is in it */
    bool answered : 1;   /* and the answer to that */
} progress_t;

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

/* The keys of a connection's data of a frame (p_add_proto_data). Several connections may share a frame. */
typedef enum { FRAME_PACKETS, FRAME_BYTES, FRAME_PLACE, FRAME_KEY_COUNT } frame_key_t;

static inline guint32 track_frame_key(const track_t *track, frame_key_t key)
{
    return track->number * FRAME_KEY_COUNT + (guint32)key;
}

/* What Wireshark's TCP knows of the connection. Asked while a frame of it is dissected. */
struct tcp_analysis *track_tcp_of(track_t *track, packet_info *pinfo);

/* Who sent this frame; SENDER_UNKNOWN while it is not known which side is the client. */
sender_t track_sender(const track_t *track, const packet_info *pinfo);

/* The same, with the sender that track_sender finds. First pass only, which it asserts. */
frame_t track_frame(const track_t *track, const packet_info *pinfo);

/* Notes an earlier frame that waited and is processed with the frame at hand: taps have missed it, see taps_queue.
 * track_forget_late removes all that were noted. First pass only. */
void track_note_late(track_t *track, guint32 frame);
void track_forget_late(track_t *track);

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

/* Moves the connection on by its next message, as connection_see does: as it seems to stand, and as it stands if its
 * RST turns out to have ended nothing. First pass only. */
outcome_t track_see(track_t *track, message_t message, sender_t sender);

/* Where the connection stands for a message that comes: if an RST stands before that, as if it had ended nothing. */
const connection_t *track_alive(const track_t *track);

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
