/* capture.h - everything that is remembered of one capture file.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Wireshark frees what it points to when the file is closed. It changes on the first pass only, but for what is only
 * kept to find it faster, and for the requests at hand of Export Objects.
 */
#ifndef TDSCONN_CAPTURE_H
#define TDSCONN_CAPTURE_H

#include <epan/range.h>

#include "memory/track.h"

#define CONVERSATIONS_KEPT 256

enum { IPV4_LENGTH = 4, IPV6_LENGTH = 16 };

/* A copy of its ends goes with the conversation: Wireshark tells them by a call for each. Of lookup.c. */
typedef struct {
    conversation_t *conversation; /* NULL = the place is free */
    guint32 ports[2];
    int length; /* of each address */
    guint8 hosts[2][IPV6_LENGTH];
    bool is_other; /* as lookup_note_other said */
} kept_conversation_t;

typedef struct {
    /* Numbers: the next connection (tdsconn.stream) and MARS session (tdsconn.mars.session) get these. */
    guint32 connections, sessions;

    /* Of numbers.c: the latest frame of the first pass as Wireshark numbers it, 0 = it was dropped, and its place in
     * bytes; whether Wireshark was asked since then if it keeps it; what a read filter dropped, NULL = nothing. And the
     * connection that was asked for last, with its last frame that is shown. */
    struct {
        guint32 latest;
        gint64 offset;
        bool settled;
        wmem_array_t *drops;
        const track_t *asked;
        guint32 last;
    } numbers;

    /* Of the first frame that has a time stamp; whether another has another. */
    nstime_t first_time;
    bool has_first_time;
    bool ticks;

    /* The latest moment, then the latest of the frames behind that one, and so on: where no clock goes back it is the
     * last frame alone. */
    struct {
        instant_t *instants;
        guint count, room;
    } latest;

    /* The connection of each frame that has an annotation: a later pass finds it without a search. */
    struct {
        wmem_array_t *tracks; /* track_t *, as they were made */
        guint32 *places;      /* index into tracks and 1, by the frame's number; 0 = none of ours */
        guint32 room;         /* of places */
        wmem_map_t *also;     /* frame -> wmem_array_t of track_t *: further pipes of that frame */
    } frames;

    /* Only to find faster: conversations, each in a place of lookup.c, of two that share one the later; the ports that
     * the preferences call SQL Server's, NULL = to be looked up. */
    kept_conversation_t conversations[CONVERSATIONS_KEPT];
    range_t *known_ports;

    /* What a conversation leads to that was asked for last, as it is several times a frame: Wireshark searches it each
     * time. Of stream/claim.c. */
    struct {
        const conversation_t *conversation;
        struct anchor *anchor; /* NULL = it has none */
    } asked;
    /* The connection that was read of a frame with other ports than its TCP has: Wireshark's dissectors of proxies put
     * the target's. */
    struct {
        track_t *track;
        guint32 frame;
    } proxied;
    guint32 streams_begun; /* so many conversations of TCP, before this frame */

    wmem_map_t *fact_texts; /* each text of a fact to itself */

    /* Procedures that were called. */
    struct {
        wmem_map_t *numbers; /* name -> number */
        wmem_array_t *names; /* const char *, by number */
    } procedures;

    /* One connection and another: what links.c makes of it. */
    struct {
        wmem_map_t *clients;    /* address -> its redirects */
        wmem_map_t *servers;    /* "address:port" -> the connection that told of it, or NULL */
        wmem_array_t *openings; /* attempt_t, in time order */
        wmem_array_t *cancels;  /* cancel_t */
        wmem_array_t *ends;     /* together_t * */
    } links;

    wmem_map_t *kdc_clients; /* address -> what it asked a KDC, of tickets.c */
    wmem_map_t *askers;      /* address -> the names that it looked up, of resolver.c */

    /* SQL Browser. The maps lead from a text to the index of its latest element, and 1. */
    struct {
        wmem_array_t *requests; /* browser_request_t */
        wmem_array_t *replies;  /* reply_t */
        wmem_array_t *ports;    /* named_port_t */
        wmem_map_t *request_of; /* by client, and by client with the host that was asked */
        wmem_map_t *port_of;    /* by server */
        wmem_map_t *heard;      /* by client: its latest request that something came for */
    } browser;

    wmem_list_t *waiting; /* order_t in which frames wait, of stream/order.c; NULL = none ever did */

    wmem_map_t *pipe_chunks; /* chunk_key_t -> chunk_t, of stream/pipe.c */

    wmem_map_t
        *export_flows; /* the requests at hand of each connection and session, of show/export.c; NULL = of none */

    /* Whether frames may be visited again: tshark keeps none if it reads them once. See show/wanted.c. */
    enum { KEPT_UNKNOWN, KEPT, NOT_KEPT } frames_kept;
} capture_t;

extern capture_t capture;

/* Another file begins: nothing is known of it. Wireshark's init routine, the only one of the plugin. */
void capture_begin(void);

#endif
