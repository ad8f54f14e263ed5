/* once.h - each connection once, when everything is known of it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A statistic meets a connection with every frame that passes its filter, and wants to count it once, with its final
 * facts. In Wireshark and in tshark's second pass they are final from the first frame on. In tshark's only pass they
 * are when the file is over: connections wait until then.
 */
#ifndef TDSCONN_ONCE_H
#define TDSCONN_ONCE_H

#include "show/taps.h"

typedef struct once once_t;

typedef void (*connection_callback_t)(void *owner, const track_t *track);

/* Gives each connection that is met to `take`, with `owner`. To be freed by the caller. */
once_t *once_new(connection_callback_t callback, void *owner);
void once_free(once_t *once);

/* This frame passed the filter. */
void once_meet(once_t *once, const tap_frame_t *frame);

/* Nothing was met yet: the statistic begins again. */
void once_forget(once_t *once);

/* The file goes, and what waits goes with it. */
void once_end_file(void);

/* Called once, at registration. */
void once_register(void);

#endif
