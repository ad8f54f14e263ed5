/* unreachable.h - the errors of ICMP and ICMPv6 in words (RFC 792, RFC 1812 5.2.7.1, RFC 4443 3).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_UNREACHABLE_H
#define TDSCONN_UNREACHABLE_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    bool v6;
    uint8_t type, code;
    uint32_t mtu; /* of "fragmentation needed" and "packet too big"; 0 = not said */
} unreachable_t;

/* Whether ICMP has this type for a packet that did not arrive. */
bool unreachable_is_error(const unreachable_t *what);

/* Whether the packet was too big for the way. */
bool unreachable_is_too_big(const unreachable_t *what);

/* "host administratively prohibited"; "unreachable" for a code without a name. Static text. */
const char *unreachable_name(const unreachable_t *what);

/* What to make of it: "a firewall", "no route". Static text. */
const char *unreachable_cause(const unreachable_t *what);

#endif
