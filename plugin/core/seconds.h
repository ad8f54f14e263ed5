/* seconds.h - durations as sentences and tables say them: "2.509".
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * printf writes fractions as the user's locale has them, and a sentence is compared, cut and searched by programs: so
 * they are made of whole numbers here, and nowhere else.
 */
#ifndef TDSCONN_SECONDS_H
#define TDSCONN_SECONDS_H

#include <stdint.h>

/* Durations are in nanoseconds. */
#define MILLISECONDS(n) ((n)*1000000LL)
#define SECONDS(n)      ((n)*1000000000LL)

/* Lives as long as the expression that asks for it: seconds(...).text is an argument, never kept. */
typedef struct {
    char text[48];
} seconds_t;

/* Nanoseconds in seconds with that many decimals, 9 at most; without any there is no point. Halves are rounded up.
 * INT64_MIN, which stands for a duration that is not known, is "?". */
seconds_t seconds_rounded(int64_t nanoseconds, unsigned decimals);

/* With three decimals, as sentences have them. */
seconds_t seconds(int64_t nanoseconds);

#endif
