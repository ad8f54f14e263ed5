/* resolver.h - the names that clients looked up in the capture before they connected.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Only DNS, LLMNR and NetBIOS over UDP. No frame says what a client waits for, so the results are inferred.
 */
#ifndef TDSCONN_RESOLVER_H
#define TDSCONN_RESOLVER_H

#include "core/dns.h"
#include "memory/track.h"

/* Whether servers answer questions for names on this UDP port: of DNS, NetBIOS or LLMNR. */
static inline bool resolver_is_port(guint32 port)
{
    return port == DNS_PORT || port == NETBIOS_NAME_PORT || port == LLMNR_PORT;
}

/* Whether the frame may be a question for the address of a name, or its answer. */
static inline bool resolver_concerns(const packet_info *pinfo)
{
    return pinfo->ptype == PT_UDP && (resolver_is_port(pinfo->destport) || resolver_is_port(pinfo->srcport));
}

/* Reads such a frame. First pass only, which it asserts. */
void resolver_read_frame(tvbuff_t *frame, packet_info *pinfo);

/* A look-up: all questions for names with the same first label, for any kind of address. */
typedef struct {
    const char *name;   /* the name in the last question; valid until the next frame. NULL = there was none */
    guint32 frame;      /* of the first question; 0 = there was none */
    guint32 questions;  /* how many were sent */
    guint32 unanswered; /* how many of them were not answered */
    guint32 failed;     /* the frame of the latest answer with an error; 0 = there was none */
    guint8 code;        /* that error */
    guint32 answered;   /* the frame of the latest answer; 0 = there was none */
    bool found;         /* an answer had an address */
    moment_t took;      /* from the first question to the last answer, or to the SYN if a question was open then */
} looked_up_t;

/* The look-up of this connection's client before its SYN: of a name with the server's address, else of a name by which
 * the client calls the server. `took` is MOMENT_NONE if the client did not connect directly after it. Each look-up is
 * returned for one connection only. First pass only. */
looked_up_t resolver_before(const track_t *track);

/* The name for which an answer before this connection's SYN gave its server's address, and the frame of the latest such
 * answer; NULL if there is none. The client may have asked over the other version of IP, if nobody else was given that
 * address. Valid until the next frame. */
const char *resolver_name_of(const track_t *track, guint32 *frame);

/* Whether answers to the client, found in the same way, gave addresses of both connections' servers for one name. */
bool resolver_joins(const track_t *track, const track_t *other);

/* The client's questions for this name, or others with the same first label, after that frame. `took` is MOMENT_NONE.
 */
looked_up_t resolver_behind(const track_t *track, const char *name, guint32 frame);

/* The client's first question to DNS behind a frame, and before another, that nobody answered up to now, for a second
 * or more. `host` NULL = there is none. */
sought_t resolver_in_vain(const address *client, guint32 behind, guint32 before, instant_t now);

/* Another file begins: makes what its memory needs. */
void resolver_begin_file(void);

#endif
