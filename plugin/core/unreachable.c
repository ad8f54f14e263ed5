/* unreachable.c - the errors of ICMP and ICMPv6 in words.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "unreachable.h"

#include <stddef.h>

enum { V4_UNREACHABLE = 3, V4_TIME_EXCEEDED = 11, V6_UNREACHABLE = 1, V6_TOO_BIG = 2, V6_TIME_EXCEEDED = 3 };
enum { V4_FRAGMENTATION_NEEDED = 4, REASSEMBLY = 1 };

#define FIREWALL "a firewall refuses it"
#define NO_ROUTE "a router has no way to this address"
#define NO_HOST  "the host does not answer in its network"
#define NO_PORT  "nobody listens on this port"
#define LOOP     "the packet went round in circles, or the way is too long"
#define TOO_BIG  "the packet was too big for the way"
#define LACKING  "a fragment of it was lost, or something between drops fragments"

static const struct {
    bool v6;
    uint8_t type, code;
    const char *name, *cause;
} rows[] = {
    {false, V4_UNREACHABLE, 0, "network unreachable", NO_ROUTE},
    {false, V4_UNREACHABLE, 1, "host unreachable", NO_HOST},
    {false, V4_UNREACHABLE, 2, "protocol unreachable", "the host has no TCP"},
    {false, V4_UNREACHABLE, 3, "port unreachable", NO_PORT},
    {false, V4_UNREACHABLE, V4_FRAGMENTATION_NEEDED, "fragmentation needed", TOO_BIG},
    {false, V4_UNREACHABLE, 5, "source route failed", NO_ROUTE},
    {false, V4_UNREACHABLE, 6, "network unknown", NO_ROUTE},
    {false, V4_UNREACHABLE, 7, "host unknown", NO_HOST},
    {false, V4_UNREACHABLE, 9, "network administratively prohibited", FIREWALL},
    {false, V4_UNREACHABLE, 10, "host administratively prohibited", FIREWALL},
    {false, V4_UNREACHABLE, 11, "network unreachable for this type of service", NO_ROUTE},
    {false, V4_UNREACHABLE, 12, "host unreachable for this type of service", NO_HOST},
    {false, V4_UNREACHABLE, 13, "communication administratively prohibited", FIREWALL},
    {false, V4_TIME_EXCEEDED, 0, "time to live exceeded", LOOP},
    {false, V4_TIME_EXCEEDED, REASSEMBLY, "fragment reassembly time exceeded", LACKING},
    {true, V6_UNREACHABLE, 0, "no route to the destination", NO_ROUTE},
    {true, V6_UNREACHABLE, 1, "communication administratively prohibited", FIREWALL},
    {true, V6_UNREACHABLE, 2, "beyond the scope of the source address", NO_ROUTE},
    {true, V6_UNREACHABLE, 3, "address unreachable", NO_HOST},
    {true, V6_UNREACHABLE, 4, "port unreachable", NO_PORT},
    {true, V6_UNREACHABLE, 5, "source address failed a policy", FIREWALL},
    {true, V6_UNREACHABLE, 6, "route to the destination rejected", FIREWALL},
    {true, V6_TOO_BIG, 0, "packet too big", TOO_BIG},
    {true, V6_TIME_EXCEEDED, 0, "hop limit exceeded", LOOP},
    {true, V6_TIME_EXCEEDED, REASSEMBLY, "fragment reassembly time exceeded", LACKING},
};

#define ROW_COUNT (sizeof rows / sizeof rows[0])

/* ROW_COUNT if there is none. */
static size_t row_of(const unreachable_t *what)
{
    size_t row = 0;
    while (row < ROW_COUNT &&
           (rows[row].v6 != what->v6 || rows[row].type != what->type || rows[row].code != what->code)) {
        row++;
    }
    return row;
}

bool unreachable_is_error(const unreachable_t *what)
{
    return what->v6 ? what->type >= V6_UNREACHABLE && what->type <= V6_TIME_EXCEEDED
                    : what->type == V4_UNREACHABLE || what->type == V4_TIME_EXCEEDED;
}

bool unreachable_is_too_big(const unreachable_t *what)
{
    return what->v6 ? what->type == V6_TOO_BIG : what->type == V4_UNREACHABLE && what->code == V4_FRAGMENTATION_NEEDED;
}

bool unreachable_lacks_fragment(const unreachable_t *what)
{
    return what->type == (what->v6 ? V6_TIME_EXCEEDED : V4_TIME_EXCEEDED) && what->code == REASSEMBLY;
}

const char *unreachable_name(const unreachable_t *what)
{
    size_t row = row_of(what);
    return row < ROW_COUNT ? rows[row].name : "unreachable";
}

const char *unreachable_cause(const unreachable_t *what)
{
    size_t row = row_of(what);
    return row < ROW_COUNT ? rows[row].cause : "something between does not pass it on";
}
