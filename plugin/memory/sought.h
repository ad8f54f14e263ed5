/* sought.h - which other hosts the clients of SQL Server tried to reach: a client that keeps the server waiting may
 * wait for one of them itself, as for a domain controller, a revocation list or a token service.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_SOUGHT_H
#define TDSCONN_SOUGHT_H

#include <epan/conversation.h>

#include "memory/track.h"

/* From now on the connections are noted that this host opens. First pass only. */
void sought_watch(const address *host);

/* Notes a SYN to a host that is no SQL Server. `conversation`: that of the frame. First pass only, which it
 * asserts. */
void sought_note_syn(const packet_info *pinfo, const conversation_t *conversation);

/* Whether what a host sent should be answered by now: a sender repeats its SYN after a second (RFC 6298 2), and some
 * resolvers their question. False if the times are not known. */
static inline bool sought_is_due(instant_t sent, instant_t now)
{
    moment_t since = moment_between(sent.at, now.at);
    return since != MOMENT_NONE && since >= SECONDS(1);
}

/* The first SYN of this host behind a frame, and before another, that nobody answered up to now, for a second or more.
 * `host` NULL = there is none. A host that refused is none: that takes no time. */
sought_t sought_in_vain(const address *host, guint32 behind, guint32 before, instant_t now);

/* Another file begins: makes what its memory needs. */
void sought_begin_file(void);

#endif
