/* seconds.c - durations as sentences and tables say them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "seconds.h"

#include <inttypes.h>
#include <stdio.h>

static uint64_t power_of_10(unsigned exponent)
{
    uint64_t power = 1;
    while (exponent-- > 0) {
        power *= 10;
    }
    return power;
}

seconds_t seconds_rounded(int64_t nanoseconds, unsigned decimals)
{
    const unsigned all_decimals = 9;
    unsigned shown = decimals < all_decimals ? decimals : all_decimals;
    uint64_t size = nanoseconds < 0 ? 0 - (uint64_t)nanoseconds : (uint64_t)nanoseconds;
    uint64_t unit = power_of_10(all_decimals - shown);
    uint64_t rounded = size / unit + (size % unit * 2 >= unit && unit > 1);
    uint64_t whole = power_of_10(shown);
    const char *sign = nanoseconds < 0 && rounded > 0 ? "-" : "";
    seconds_t seconds = {"?"};
    if (nanoseconds == INT64_MIN) {
        return seconds;
    }
    if (shown == 0) {
        (void)snprintf(seconds.text, sizeof seconds.text, "%s%" PRIu64, sign, rounded);
    } else {
        (void)snprintf(seconds.text, sizeof seconds.text, "%s%" PRIu64 ".%0*" PRIu64, sign, rounded / whole, (int)shown,
                       rounded % whole);
    }
    return seconds;
}

seconds_t seconds(int64_t nanoseconds)
{
    return seconds_rounded(nanoseconds, 3);
}
