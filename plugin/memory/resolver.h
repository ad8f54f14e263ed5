/* resolver.h - for which names clients looked, in the same capture, before they connected.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Only over UDP, of DNS, LLMNR and NetBIOS. No frame says for what a client waits, so what comes of it is inferred.
 */
#ifndef TDSCONN_RESOLVER_H
#define TDSCONN_RESOLVER_H

#include "core/dns.h"
#include "memory/track.h"

static inline bool resolver_is_port(guint32 port)
{
    return port == DNS_PORT || port == NETBIOS_NAME_PORT || port == LLMNR_PORT;
}

/* Whether the frame may ask for a name's address, or answer that. */
static inline bool resolver_concerns(const packet_info *pinfo)
{
    return pinfo->ptype == PT_UDP && (resolver_is_port(pinfo->destport) || resolver_is_port(pinfo->srcport));
}

/* Takes such a frame. First pass only. */
void resolver_read_frame(tvbuff_t *frame, packet_info *pinfo);

/* A look-up: one name, with whatever domain behind it, and of whatever kind of address. */
typedef struct {
    const char *name; /* as it was asked for last; valid until the next frame. NULL = there was none */
    guint32 frame;    /* the first question */
    guint32 questions, unanswered;
    guint32 failed;   /* the latest answer with an error, 0 = there was none; ... */
    guint8 code;      /* ... and the error */
    guint32 answered; /* the latest answer; 0 = there was none */
    bool found;       /* an address came of it */
    moment_t took;    /* from the first question to the last answer, to the SYN if one was open then */
} looked_up_t;

/* What this connection's client looked up right before its SYN, and had not connected for before: a name that has the
 * server's address, or, where that is known by now, the name by which the client calls the server. First pass only: the
 * next connection is not told of it again. */
looked_up_t resolver_before(const track_t *track);

/* What the client asked behind that frame for that name. */
looked_up_t resolver_behind(const track_t *track, const char *name, guint32 frame);

/* Another file begins: makes what its memory needs. */
void resolver_begin_file(void);

#endif
