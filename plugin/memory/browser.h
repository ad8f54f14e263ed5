/* browser.h - what clients asked SQL Browser, and what it answered, in the same capture.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_BROWSER_H
#define TDSCONN_BROWSER_H

#include "memory/track.h"
#include "wire/icmp.h"

/* A request, with the answer that it got. Frames are 0 until there is one. */
typedef struct {
    guint32 frame;
    guint32 answer_frame, unreachable_frame;
    moment_t at, answered;
    bool names_instance;
    const char *asked;      /* the host, file scope; NULL = everybody */
    bool answered_by_asked; /* else the capture may lack the request to who answered */
} browser_request_t;

/* This frame is a request. First pass only. */
void browser_note_request(const packet_info *pinfo, bool names_instance);

/* This frame is an answer: it belongs to its receiver's latest request to this host, or to any. First pass only. */
void browser_note_answer(const packet_info *pinfo);

/* The answer in this frame names a TCP port, and maybe an instance: SQL Server is there. Port 0 is none. First pass
 * only. */
void browser_note_port(const packet_info *pinfo, guint16 port, span_t instance);

/* ICMP quotes a datagram in this frame: of a request to that host, and of no other. First pass only. */
void browser_note_unreachable(const packet_info *pinfo, const icmp_answer_t *icmp);

/* A connection to a port that SQL Browser named begins: joins the two. First pass only. */
void browser_join_connection(track_t *track);

/* The request in this frame; NULL if there is none. Valid until the next is noted, as the one below. */
const browser_request_t *browser_request_in(guint32 frame);

/* The request that the answer or ICMP message in this frame belongs to; NULL if there is none. */
const browser_request_t *browser_request_of_reply(guint32 frame);

/* Whether this frame comes from the host that was asked, or everybody was. */
bool browser_is_from(const packet_info *pinfo, const browser_request_t *request);

/* What the capture has of the hosts of the request in this frame besides. */
typedef enum {
    HEARD_BOTH,    /* something that was sent to the client, or that the host sent */
    HEARD_NOTHING, /* no such thing: the host may be down, or the capture has one direction only */
    HEARD_ONE_SIDE /* the client's side of a connection that the other side answered: what comes back is not captured */
} heard_t;

/* Of the request in this frame. Looks at so many connections, and not on the first pass. */
heard_t browser_heard(const packet_info *pinfo, const browser_request_t *request);

/* The connection that followed first to a port which the answer in this frame named, by `index` from 0; NULL behind the
 * last. */
const track_t *browser_connection_after(guint32 frame, guint index);

/* Another file begins: makes what its memory needs. */
void browser_begin_file(void);

#endif
