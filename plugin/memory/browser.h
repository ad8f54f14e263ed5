/* browser.h - the requests to SQL Browser in the capture, and the replies to them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_BROWSER_H
#define TDSCONN_BROWSER_H

#include "memory/track.h"
#include "wire/icmp.h"
#include "wire/tcpfacts.h"

enum { SSRP_PORT = 1434 };

/* A request, with its first replies. */
typedef struct {
    guint32 frame;
    guint32 answer_frame;      /* of the first answer, which may stand before the request; 0 = none */
    guint32 unreachable_frame; /* of the first ICMP error about it; 0 = none */
    guint32 part_frame;        /* of the first fragment of an answer, whose rest did not come; 0 = none */
    guint32 lacking_frame;     /* of the client's ICMP that it lacks a fragment of the answer; 0 = none */
    moment_t at, answered;     /* the times of the request and of the first answer */
    guint8 type;               /* as on the wire */
    guint32 asked_before;      /* the client's same question to the same host shortly before, as index + 1; 0 = none */
    const char *instance;      /* the instance that it names, file scope; NULL = none */
    const char *asked; /* the address of the host that was asked, file scope; NULL = many: a broadcast or multicast */
    bool answered_by_asked; /* that host answered; true also for a broadcast. If not, a request may be missing */
} browser_request_t;

/* This frame is a request of this type, for this instance or none. A copy of the frame is not counted again. First pass
 * only, which it asserts, as all below that take a packet_info and say so. */
void browser_note_request(const packet_info *pinfo, guint8 type, span_t instance);

/* This frame is an answer. It belongs to its receiver's latest request to this host; if there is none, to its latest
 * request to any host; if there is none yet, or that has an answer, perhaps to the next, as a capture may have a clock
 * for each direction. First pass only. */
void browser_note_answer(const packet_info *pinfo);

/* The answer in this frame names a TCP port of its sender, and perhaps an instance: SQL Server listens there. Does
 * nothing for port 0. First pass only. */
void browser_note_port(const packet_info *pinfo, guint16 port, span_t instance);

/* The same of the port of the dedicated administrator connection (DAC), which is that of no instance. */
void browser_note_administrator(const packet_info *pinfo, guint16 port);

/* An ICMP error in this frame quotes a datagram: if it is a request, its latest to that host is noted as undeliverable;
 * if it is an answer of which the client lacks a fragment, that is noted. First pass only. */
void browser_note_unreachable(const packet_info *pinfo, const icmp_answer_t *icmp);

/* This frame is the first fragment of a datagram whose rest is not there, perhaps of an answer. First pass only. */
void browser_note_fragment(const packet_info *pinfo, const fragment_t *fragment);

/* A connection begins. If SQL Browser named its port, notes the instance as a fact, and the connection with the answer.
 * First pass only. */
void browser_join_connection(track_t *track);

/* The request in this frame; NULL if there is none. Valid until the next request is noted. */
const browser_request_t *browser_request_in(guint32 frame);

/* The request to which the answer or ICMP error in this frame belongs; NULL if there is none. Valid until the next
 * request is noted. */
const browser_request_t *browser_request_of_reply(guint32 frame);

/* Whether this frame comes from the host that was asked. True also for a broadcast. */
bool browser_is_from(const packet_info *pinfo, const browser_request_t *request);

/* Whether the capture has frames to the client or from the host of a request, besides its answer. */
typedef enum {
    HEARD_BOTH,    /* it has such frames */
    HEARD_NOTHING, /* it has none: the host may be down, or the capture may have one direction only */
    HEARD_ONE_SIDE /* it has only the client's side of a connection with answers: the other direction is not captured */
} heard_t;

/* Of the request in this frame. Looks at the first connections of the capture, up to a limit. Asked on later passes. */
heard_t browser_heard(const packet_info *pinfo, const browser_request_t *request);

/* For each port that the answer in this frame names, the first connection to it after the answer; by `index` from 0,
 * ports without one left out. NULL behind the last. */
const track_t *browser_connection_after(guint32 frame, guint index);

/* Another file begins: makes what its memory needs. */
void browser_begin_file(void);

#endif
