/* tcpside.h - a side of a connection, and TCP as that side sends it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_TCPSIDE_H
#define TDSCONN_TCPSIDE_H

#include <epan/address.h>

#include "memory/frame.h"

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
    bool heard;              /* meanwhile the other side said something else */
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

/* Whether what a side sent last, perhaps its FIN, is not in the capture. */
static inline bool tcp_side_lacks_end(const tcp_side_t *side)
{
    return side->trouble->gap > side->last_words;
}

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

#endif
