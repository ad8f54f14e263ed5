/* moment.c - moments and durations, in nanoseconds.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "moment.h"

moment_t moment_since(moment_t from, moment_t to)
{
    if (from == MOMENT_NONE || to == MOMENT_NONE || to < from) {
        return MOMENT_NONE;
    }
    uint64_t duration = (uint64_t)to - (uint64_t)from; /* which may have no room in a moment_t */
    return duration > (uint64_t)MOMENT_LONGEST ? MOMENT_NONE : (moment_t)duration;
}

moment_t moment_sum(moment_t a, moment_t b)
{
    if (a == MOMENT_NONE || b == MOMENT_NONE) {
        return MOMENT_NONE;
    }
    if (b > 0 && a > INT64_MAX - b) {
        return INT64_MAX;
    }
    return b < 0 && a < -INT64_MAX - b ? -INT64_MAX : a + b;
}

moment_t moment_at_least(moment_t duration, moment_t more)
{
    return more == MOMENT_NONE ? duration : moment_sum(duration, more);
}
