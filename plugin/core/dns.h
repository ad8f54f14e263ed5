/* dns.h - questions for the address of a name, and their answers: of DNS (RFC 1035 4.1), and of LLMNR (RFC 4795 2.1)
 * and NetBIOS names (RFC 1002 4.2), whose messages look alike.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_DNS_H
#define TDSCONN_DNS_H

#include "bytes.h"

#define DNS_NAME_LIMIT 256 /* with its NUL */

enum { DNS_PORT = 53, NETBIOS_NAME_PORT = 137, LLMNR_PORT = 5355 };

typedef enum { DNS_TYPE_A = 1, DNS_TYPE_AAAA = 28, DNS_TYPE_NETBIOS = 32 } dns_type_t;

/* A question, or its answer. */
typedef struct {
    bool answer;
    uint8_t code;              /* RCODE; 0 = no error */
    dns_type_t type;           /* which kind of address is asked for */
    char name[DNS_NAME_LIMIT]; /* in lower case: labels of letters, digits, '-' and '_', with dots between */
    uint32_t records;          /* how many records of the answer were not read yet; for dns_next_address */
    reader_t rest;             /* these records; for dns_next_address */
} dns_message_t;

/* Reads a datagram up to the end of its question. False if that is cut, or if it does not ask for the address of a
 * host's name, or answer such a question. */
bool dns_parse(span_t datagram, dns_message_t *message);

/* Reads the next address of an answer: 4 or 16 bytes, in network order. False if there is no more in these bytes. */
bool dns_next_address(dns_message_t *message, span_t *address);

/* The name of an RCODE, such as "NXDOMAIN"; "an error" for a code that has no name here. Static text. */
const char *dns_code_name(uint8_t code);

#endif
