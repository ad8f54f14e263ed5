/* capture.h - everything that is remembered of one capture file.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Wireshark frees what it points to when the file is closed. It changes on the first pass only, except caches and the
 * requests at hand of Export Objects.
 */
#ifndef TDSCONN_CAPTURE_H
#define TDSCONN_CAPTURE_H

#include <epan/range.h>

#include "memory/track.h"
#include "wire/tcpfacts.h"

#define KEEP_SIZES 65 /* in keep.c: larger memory that an array leaves behind is not used again */

#define KEEP_LATEST 256 /* in keep.c: so many things are looked among for an equal one */

#define CONVERSATIONS_KEPT 256 /* in the cache of lookup.c */
#define ANNOTATIONS_NEXT   256 /* in that of track_annotation() */

/* An end of a conversation in the cache of lookup.c. */
typedef struct {
    guint32 port;
    guint8 host[IPV6_LENGTH];
} kept_end_t;

/* A conversation in this cache, with a copy of its ends. */
typedef struct {
    conversation_t *conversation; /* NULL = the place is free */
    kept_end_t ends[2];
    int kind;      /* of both addresses: AT_IPv4 or AT_IPv6 */
    bool is_other; /* as lookup_note_other said */
} kept_conversation_t;

typedef struct {
    /* The numbers of the next connection (tdsconn.stream) and MARS session (tdsconn.mars.session). */
    guint32 connections, sessions;

    /* Of keep.c. */
    struct {
        guint8 *next; /* in the chunk that is cut now */
        gsize left;   /* how many bytes there are */
        void *left_behind[KEEP_SIZES];
        struct {
            const void *at;
            gsize size;
        } latest[KEEP_LATEST]; /* what is shared, by its hash */
    } kept;

    /* Of numbers.c. */
    struct {
        guint32 latest;       /* the latest frame of the first pass, as Wireshark numbers it; 0 = it was dropped */
        gint64 offset;        /* its offset in the file */
        bool unstamped;       /* a frame has no time stamp */
        bool settled;         /* it is known whether Wireshark keeps that frame */
        rows_t drops;         /* drop_t: what a read filter dropped */
        const track_t *asked; /* a cache of track_is_last(): the connection that was asked for last ... */
        guint32 last;         /* ... and its last frame that is shown */
    } numbers;

    nstime_t first_time; /* of the first frame that has a time stamp */
    bool has_first_time;
    bool ticks; /* another frame has another time */

    /* By how much, at least, the clocks of two directions of a connection differ: the most so far; 0 = not known. */
    moment_t clocks_apart;

    /* The frame with the latest time, then the one with the latest time behind that one, and so on. If no clock goes
     * back, this is only the last frame. */
    struct {
        instant_t *instants;
        guint count, room;
    } latest;

    /* The connection of each frame with an annotation. */
    struct {
        wmem_array_t *tracks; /* track_t *, in the order in which they were made */
        guint32 *places;      /* by the frame's place in the file: index into tracks + 1; 0 = no connection */
        guint32 room;         /* how many places there are */
        wmem_map_t *also;     /* frame -> wmem_array_t of track_t *: further pipes of that frame */
    } frames;

    /* Caches: conversations, see lookup.c; of most connections at hand, which annotation stands behind the one that was
     * asked for last, see track_annotation(); and the ports of the preference, NULL = to be looked up. */
    kept_conversation_t conversations[CONVERSATIONS_KEPT];
    guint32 next_annotations[ANNOTATIONS_NEXT]; /* an index, at the remainder of the connection's place */
    range_t *known_ports;

    /* Of stream/claim.c: the data of each conversation, by its index. Wireshark would keep it in a tree of its own. */
    struct {
        struct anchor **of; /* NULL = it has none */
        guint32 room;       /* how many places there are */
    } anchors;

    /* A connection that was read in a frame with other ports than the frame's TCP: Wireshark's dissectors of proxies
     * set the ports of the target. */
    struct {
        track_t *track;
        guint32 frame;
    } proxied;
    guint32 streams_begun; /* how many TCP conversations there were at the last call of lookup_kept() */

    /* The headers of the latest segment that lookup_headers() read. A frame may have several, in each other. */
    struct {
        guint32 frame; /* 0 = there is none */
        guint32 source_port, destination_port;
        const void *source; /* the address, in Wireshark's memory */
        tcp_facts_t facts;
    } headers;

    /* The values of facts: texts, of which equal ones are shared, GUIDs, dates, large numbers. */
    struct {
        fact_value_t *at;
        guint32 count, room;
        wmem_map_t *texts;          /* text -> its index */
        guint32 latest[FACT_COUNT]; /* the index of each fact's latest text; 0 = there is none */
    } fact_values;

    /* Of procedures.c. */
    struct {
        wmem_map_t *numbers; /* name -> number */
        wmem_array_t *names; /* const char *, by number */
    } procedures;

    rows_t cancels; /* attention_t of requests: see exchange_cancel() */

    /* Of links.c. */
    struct {
        wmem_map_t *clients;    /* address -> redirected_client_t */
        wmem_map_t *servers;    /* endpoint_t -> the connection by which it is known; NULL = SQL Browser */
        wmem_array_t *openings; /* attempt_t, in time order */
        wmem_array_t *cancels;  /* cancel_t */
        wmem_array_t *ends;     /* together_t * */

        /* A cache of links_lack_servers(), which each connection that goes unanswered asks. */
        guint32 servers_lack_at; /* the latest frame when it was asked; 0 = it was not */
        bool servers_lack;
    } links;

    wmem_map_t *kdc_clients; /* of tickets.c: address -> kdc_client_t */
    wmem_map_t *seekers;     /* of sought.c: address -> seeker_t */
    wmem_map_t *askers;      /* of resolver.c: address -> asker_t */
    wmem_map_t *given;       /* of resolver.c: address that an answer gave -> given_t */

    /* Of browser.c. The values of the maps are the index of the latest element + 1. */
    struct {
        rows_t requests;        /* browser_request_t */
        rows_t replies;         /* reply_t */
        rows_t ports;           /* named_port_t */
        wmem_map_t *request_of; /* by client, and by client with the host that was asked */
        wmem_map_t *port_of;    /* by the server's endpoint_t */
        wmem_map_t *heard;      /* by client: its latest request with a reply */
        wmem_map_t *spare;      /* keyed as request_of: the latest answer that nobody asked for yet */
    } browser;

    wmem_list_t *waiting;     /* of stream/order.c: order_t in which frames wait; NULL = there never was one */
    wmem_map_t *pipe_chunks;  /* of stream/pipe.c: chunk_key_t -> chunk_t */
    wmem_map_t *export_flows; /* of show/export.c: the requests at hand; NULL = none */

    /* Of show/wanted.c: whether Wireshark keeps frames, to visit them again. tshark does not if it reads them once. */
    enum { KEPT_UNKNOWN, KEPT, NOT_KEPT } frames_kept;
} capture_t;

extern capture_t capture;

/* Another file begins: forgets everything, and makes what the parts in memory/ need. Called by the plugin's init
 * routine. */
void capture_begin(void);

#endif
