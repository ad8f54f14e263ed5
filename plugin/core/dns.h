/* dns.h - what a host asks DNS, and what it is answered (RFC 1035 4.1), also of LLMNR (RFC 4795 2.1) and of NetBIOS
 * names (RFC 1002 4.2), whose messages look alike: as far as it tells how long a name's address was looked for.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_DNS_H
#define TDSCONN_DNS_H

#include "bytes.h"

#define DNS_NAME_LIMIT 256 /* with its NUL */

enum { DNS_PORT = 53, NETBIOS_NAME_PORT = 137, LLMNR_PORT = 5355 };

typedef enum { DNS_TYPE_A = 1, DNS_TYPE_AAAA = 28, DNS_TYPE_NETBIOS = 32 } dns_type_t;

/* A question, or what answers it. */
typedef struct {
    bool answer;
    uint8_t code;              /* RCODE of an answer; 0 = no error */
    dns_type_t type;           /* of address that is asked for */
    char name[DNS_NAME_LIMIT]; /* in lower case, labels with points between: letters, digits, '-', '_' */
    uint32_t records;          /* of the answer that were not read yet; for dns_next_address */
    reader_t rest;
} dns_message_t;

/* Reads a datagram. False if it does not ask for the address of a host's name, or answer that. A cut one is read as far
 * as it goes. */
bool dns_parse(span_t datagram, dns_message_t *message);

/* The next address of an answer: 4 bytes or 16. False if there is no more. */
bool dns_next_address(dns_message_t *message, span_t *address);

/* The name of an RCODE: "NXDOMAIN"; "an error" if it has none here. Static text. */
const char *dns_code_name(uint8_t code);

#endif
