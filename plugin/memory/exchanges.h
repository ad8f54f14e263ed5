/* exchanges.h - the requests of a connection, each with its response and what cancelled it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_EXCHANGES_H
#define TDSCONN_EXCHANGES_H

#include "memory/track.h"

/* An ATTENTION, and its acknowledgement. Frame 0 = it was not seen. */
typedef struct {
    instant_t sent, acked;
} attention_t;

/* A request and its response, on the connection or on one of its MARS sessions. Frames are 0 until seen. */
typedef struct {
    guint32 request_frame;
    guint32 response_frame; /* with the first byte of the response */
    guint32 shown_frame;    /* where response_time is shown: the frame that ends the first packet of the response */
    guint32 procedure;      /* the procedure that an RPC calls, see procedures.h */
    guint16 sendings;       /* how often the request was sent; 0 until the response begins */
    guint8 command;         /* message_t of a command; MESSAGE_NONE = this is a message of the login */
    bool pooled : 1;        /* RESETCONNECTION: a pool gives the connection to another user */
    bool answered : 1;      /* the response is complete */
    bool paused : 1;        /* it was said that the server was silent in the middle of it */
    guint32 cancel;         /* use exchange_cancel(); index into capture.cancels, + 1; 0 = it was not cancelled */
    kept_moment_t begun;    /* of the request's first byte */
    kept_moment_t arrived;  /* when the server had the request's last byte; set when the response begins */
    kept_moment_t response_ended; /* of the response's last byte; MOMENT_NONE until then */
} exchange_t;

/* The latest ATTENTION for this request. */
attention_t exchange_cancel(const exchange_t *exchange);

/* The same, to be changed. In file scope. First pass only. */
attention_t *exchange_own_cancel(exchange_t *exchange);

static inline exchange_t *track_exchange(const track_t *track, guint32 index_and_1)
{
    return index_and_1 == 0 ? NULL : (exchange_t *)rows_at(&track->login->exchanges, index_and_1 - 1);
}

/* The time from the end of a request to the first byte of its response, and from an ATTENTION to its acknowledgement.
 * Asked only if these have come. MOMENT_NONE if it is not known. */
moment_t track_response_time(const track_t *track, const exchange_t *exchange);
moment_t track_attention_time(const track_t *track, const exchange_t *exchange);

/* When the response began to come: the time of its first frame. */
moment_t track_responded(const track_t *track, const exchange_t *exchange);

/* Whether the acknowledgement of the ATTENTION is the only response. */
bool track_is_only_cancelled(const exchange_t *exchange);

#endif
