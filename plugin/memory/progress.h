/* progress.h - tdsconn.progress: the login as short codes.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Messages are kept, and made text of where somebody looks at it: every connection has one.
 */
#ifndef TDSCONN_PROGRESS_H
#define TDSCONN_PROGRESS_H

#include "memory/track.h"

/* Adds the code of a message, if it has one and there is room. First pass only. */
void progress_add(track_t *track, sender_t sender, message_t message);

/* The same for an SMP packet of this session. First pass only. */
void progress_add_smp(track_t *track, sender_t sender, message_t message, guint16 sid);

/* Forgets all codes. First pass only. */
void progress_forget(track_t *track);

/* The text so far, allocated in `scope`. */
char *progress_text(const track_t *track, wmem_allocator_t *scope);

#endif
