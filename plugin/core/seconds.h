/* seconds.h - durations as sentences and tables say them: "2.509".
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * printf writes fractions with the decimal sign of the user's locale, but programs compare, cut and search the
 * sentences. So fractions are made of whole numbers, here and nowhere else.
 */
#ifndef TDSCONN_SECONDS_H
#define TDSCONN_SECONDS_H

#include <stdint.h>

/* Durations are in nanoseconds. */
#define MILLISECONDS(n) ((n)*1000000LL)
#define SECONDS(n)      ((n)*1000000000LL)

/* A text that lives until the end of the expression: use seconds(...).text as an argument, never keep it. */
typedef struct {
    char text[48];
} seconds_t;

/* Nanoseconds in seconds with that many decimals, 9 at most; with 0 decimals there is no point. Halves are rounded away
 * from zero. INT64_MIN, a duration that is not known, gives "?". */
seconds_t seconds_rounded(int64_t nanoseconds, unsigned decimals);

/* With three decimals, as sentences have them. */
seconds_t seconds(int64_t nanoseconds);

#endif
