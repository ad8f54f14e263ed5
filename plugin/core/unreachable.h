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
    uint32_t mtu; /* bytes, of "fragmentation needed" and "packet too big"; 0 = not given */
} unreachable_t;

/* Whether this ICMP type says that a packet did not arrive. */
bool unreachable_is_error(const unreachable_t *what);

/* Whether this says that the packet was too big for the path. */
bool unreachable_is_too_big(const unreachable_t *what);

/* Whether this says that its sender, the receiver of the packet, got some of its fragments and not all. */
bool unreachable_lacks_fragment(const unreachable_t *what);

/* "host administratively prohibited"; "unreachable" for a code without a name. Static text. */
const char *unreachable_name(const unreachable_t *what);

/* The likely cause, as a part of a sentence: "a firewall refuses it". Never NULL. Static text. */
const char *unreachable_cause(const unreachable_t *what);

#endif
