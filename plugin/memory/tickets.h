/* tickets.h - what clients asked a Kerberos KDC, and what it answered, in the same capture.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_TICKETS_H
#define TDSCONN_TICKETS_H

#include "memory/track.h"

enum { KDC_PORT = 88 };

/* Whether the frame may be to or from a KDC. */
static inline bool tickets_concern(const packet_info *pinfo)
{
    return pinfo->srcport == KDC_PORT || pinfo->destport == KDC_PORT;
}

/* Takes such a frame. First pass only. */
void tickets_read_frame(tvbuff_t *frame, packet_info *pinfo);

/* Looks for the ticket that this connection's client fetched for it, and keeps what the KDC said. First pass only. */
void tickets_find(track_t *track);

/* What a KDC refused. All 0 and NULL: nothing. */
typedef struct {
    guint32 frame, error;
    const char *spn; /* NULL = a ticket for the client's account itself */
} refusal_t;

/* The KDC's latest error before that about a service that this connection's client may have meant, or about an account
 * of that client while the connection was there; not older than the preference kerberos_failure, and with no ticket
 * behind it. */
refusal_t tickets_refused(const track_t *track, instant_t before);

/* What the client of a connection asked KDCs in vain. */
typedef struct {
    guint32 requests; /* their sendings; 0 = there is none */
    instant_t first;
    const char *kdc; /* whom it asked first */
} unheard_t;

/* What it asked behind that frame with no answer to it, nor to anything that it asked later. */
unheard_t tickets_unheard(const track_t *track, guint32 behind);

/* Another file begins: makes what its memory needs. */
void tickets_begin_file(void);

#endif
