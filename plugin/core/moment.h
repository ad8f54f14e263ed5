/* moment.h - moments and durations, in nanoseconds.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A capture may have no time stamps, its clock may be set while it runs, and a damaged file may hold any time. So a
 * moment or a duration may be unknown, and no difference or sum of them wraps.
 */
#ifndef TDSCONN_MOMENT_H
#define TDSCONN_MOMENT_H

#include "seconds.h"

#include <stdint.h>

/* Nanoseconds since the first frame of the capture; as a difference, a duration. */
typedef int64_t moment_t;

/* Not known. It is less than every duration: what is unknown is never longer than a limit. */
#define MOMENT_NONE INT64_MIN

/* No connection lasts longer: if it seems so, a clock was corrected. */
#define MOMENT_LONGEST SECONDS(366LL * 24 * 3600)

/* The time from one moment to another. MOMENT_NONE if one of them is not known, if `to` lies before `from`, or if it is
 * longer than MOMENT_LONGEST. */
moment_t moment_since(moment_t from, moment_t to);

/* The sum, limited to what a moment_t can hold; MOMENT_NONE if one of the two is. */
moment_t moment_sum(moment_t a, moment_t b);

/* The same, but if `more` is MOMENT_NONE it counts as 0. */
moment_t moment_at_least(moment_t duration, moment_t more);

#endif
