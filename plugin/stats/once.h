/* once.h - gives each connection to a statistic once, when all its facts are final.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A statistic meets a connection with every frame that passes its filter, and counts it once, with its final facts. In
 * Wireshark and in tshark's second pass the facts are final from the first frame on. If tshark reads the file once,
 * they are final at the end of the file, and connections wait until then.
 */
#ifndef TDSCONN_ONCE_H
#define TDSCONN_ONCE_H

#include "show/taps.h"

typedef struct once once_t;

typedef void (*connection_callback_t)(void *owner, const track_t *track);

/* From now on each connection that is met is passed to `callback` once, with `owner`. The caller frees it with
 * once_free. */
once_t *once_new(connection_callback_t callback, void *owner);
void once_free(once_t *once);

/* A frame passed the statistic's filter. */
void once_meet(once_t *once, const tap_frame_t *frame);

/* Forgets what was met: the statistic begins again. */
void once_forget(once_t *once);

/* The file is closed: all forget what they met, and connections that wait are dropped. */
void once_end_file(void);

/* Called once, at registration. */
void once_register(void);

#endif
