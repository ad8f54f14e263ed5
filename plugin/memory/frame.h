/* frame.h - the frame at hand, its time, and how times are kept.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * "First pass only" in a comment: the function may be called only while the frame at hand was not visited. Functions
 * with a packet_info that say so assert it. A frame_t exists on the first pass only, as frame_of asserts, so functions
 * with a frame_t or a tcp_sight_t need no assertion. The others rely on their callers.
 */
#ifndef TDSCONN_FRAME_H
#define TDSCONN_FRAME_H

#include <epan/packet.h>

#include "core/connection.h"
#include "core/moment.h"
#include "memory/numbers.h"

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
    guint8 syn_ttl;         /* of an RST that disowns the SYN of its sender: of that SYN; 0 = it is none */
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

/* The frame at hand, with its sender. First pass only, which it asserts. */
frame_t frame_of(const packet_info *pinfo, sender_t sender);

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

#endif
