/* exchanges.c - the requests of a connection, each with its response and what cancelled it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "memory/exchanges.h"

#include "memory/annotations.h"
#include "memory/capture.h"
#include "memory/times.h"

moment_t track_response_time(const track_t *track, const exchange_t *exchange)
{
    return track_since(track, track_instant(track, exchange->request_frame),
                       track_instant(track, exchange->response_frame));
}

moment_t track_responded(const track_t *track, const exchange_t *exchange)
{
    return track_instant(track, exchange->response_frame).at;
}

attention_t exchange_cancel(const exchange_t *exchange)
{
    attention_t cancel = {0};
    if (exchange->cancel != 0) {
        cancel = *(const attention_t *)rows_at(&capture.cancels, exchange->cancel - 1);
    }
    return cancel;
}

attention_t *exchange_own_cancel(exchange_t *exchange)
{
    static const attention_t none;
    if (exchange->cancel == 0) {
        rows_add(&capture.cancels, &none, sizeof none);
        exchange->cancel = capture.cancels.count;
    }
    return (attention_t *)rows_at(&capture.cancels, exchange->cancel - 1);
}

bool track_is_only_cancelled(const exchange_t *exchange)
{
    return exchange_cancel(exchange).acked.frame != 0 &&
           exchange->response_frame > exchange_cancel(exchange).sent.frame;
}

moment_t track_attention_time(const track_t *track, const exchange_t *exchange)
{
    return track_since(track, exchange_cancel(exchange).sent, exchange_cancel(exchange).acked);
}
