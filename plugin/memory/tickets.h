/* tickets.h - the requests to Kerberos KDCs in the capture, and their answers.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_TICKETS_H
#define TDSCONN_TICKETS_H

#include "memory/track.h"
#include "wire/icmp.h"
#include "wire/tcpfacts.h"

enum { KDC_PORT = 88 };

/* Whether the frame may be to or from a KDC. */
static inline bool tickets_concern(const packet_info *pinfo)
{
    return pinfo->srcport == KDC_PORT || pinfo->destport == KDC_PORT;
}

/* Reads such a frame. First pass only, which it asserts. */
void tickets_read_frame(tvbuff_t *frame, packet_info *pinfo);

/* Looks for the ticket that the client got for this connection. Notes it as evidence and, if Kerberos was used, as
 * facts. First pass only. */
void tickets_find(track_t *track);

/* A KDC's error; frame 0 = there is none. */
typedef struct {
    guint32 frame, error;
    const char *spn; /* the service, file scope; NULL = the error is about the client's account */
} refusal_t;

/* The KDC's latest error before this frame that may concern this connection: about a service that its client may have
 * meant, or about an account, if the client asked after the connection began. None that is older than the preference
 * kerberos_failure, or after which the client got the ticket. */
refusal_t tickets_refused(const track_t *track, instant_t before);

/* Notes an ICMP error about a segment or datagram to a KDC. Of another it notes nothing. First pass only, which it
 * asserts. */
void tickets_note_unreachable(const packet_info *pinfo, const icmp_answer_t *icmp);

/* This frame is the first fragment of a datagram whose rest is not there, perhaps of a KDC's answer. First pass only.
 */
void tickets_note_fragment(const packet_info *pinfo, const fragment_t *fragment);

/* Requests to KDCs without an answer. */
typedef struct {
    guint32 requests;    /* how often requests were sent; 0 = there is none */
    instant_t first;     /* the first of them */
    const char *kdc;     /* the address of the KDC that got the first, file scope */
    kdc_denial_t denied; /* of the first that was not taken */
} unheard_t;

/* The client's latest requests after this frame, back to the last one that was answered. */
unheard_t tickets_unheard(const track_t *track, guint32 behind);

/* Another file begins: makes what its memory needs. */
void tickets_begin_file(void);

#endif
