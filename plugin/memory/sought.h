/* sought.h - which other hosts the clients of SQL Server tried to reach: a client that keeps the server waiting may
 * wait for one of them itself, as for a domain controller, a revocation list or a token service.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_SOUGHT_H
#define TDSCONN_SOUGHT_H

#include "memory/track.h"

/* From now on the connections are noted that this host opens. First pass only. */
void sought_watch(const address *host);

/* Notes a SYN to a host that is no SQL Server. `conversation`: that of the frame. First pass only, which it
 * asserts. */
void sought_note_syn(const packet_info *pinfo, const conversation_t *conversation);

/* The first SYN of this host behind a frame, and before another, that nobody answered up to now, for a second or more.
 * `host` NULL = there is none. A host that refused is none: that takes no time. */
sought_t sought_in_vain(const address *host, guint32 behind, guint32 before, instant_t now);

/* Another file begins: makes what its memory needs. */
void sought_begin_file(void);

#endif
