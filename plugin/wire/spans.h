/* spans.h - bytes of Wireshark's buffers, for the core.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_SPANS_H
#define TDSCONN_SPANS_H

#include <epan/tvbuff.h>

#include "core/bytes.h"

#define SPAN_ALL G_MAXUINT

/* The captured bytes of this buffer from `offset` on, `limit` bytes at most (SPAN_ALL = no limit). Cut if the capture
 * has fewer than the buffer really had. Valid as long as the buffer. */
static inline span_t span_of_tvb(tvbuff_t *tvb, gint offset, guint limit)
{
    guint reported = (guint)tvb_reported_length_remaining(tvb, offset); /* MIN() would call it twice */
    guint captured = (guint)tvb_captured_length_remaining(tvb, offset);
    guint wanted = MIN(reported, limit);
    guint length = MIN(captured, wanted);
    span_t bytes = length == 0 ? span_none() : span_of(tvb_get_ptr(tvb, offset, (gint)length), length);
    bytes.cut = length < wanted;
    return bytes;
}

/* All captured bytes of this buffer, in the same way. */
static inline span_t span_of_whole(tvbuff_t *tvb)
{
    guint length = tvb_captured_length(tvb);
    span_t bytes = length == 0 ? span_none() : span_of(tvb_get_ptr(tvb, 0, (gint)length), length);
    bytes.cut = length < tvb_reported_length(tvb);
    return bytes;
}

#endif
