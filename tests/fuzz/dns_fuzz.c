/* dns_fuzz.c - for dns_parse, dns_next_address.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <string.h>

#include "dns.h"
#include "fuzz.h"

static void try_addresses(dns_message_t *message, span_t input)
{
    span_t address;
    for (uint32_t left = message->records; dns_next_address(message, &address); left = message->records) {
        CLAIM(message->records < left);
        CLAIM(address.length == 4 || address.length == 16);
        CLAIM(is_within(address, input));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    span_t input = span_of(data, size);
    dns_message_t message;
    if (dns_parse(input, &message)) {
        CLAIM(memchr(message.name, '\0', DNS_NAME_LIMIT) != NULL && message.name[0] != '\0');
        CLAIM(message.answer || message.records == 0);
        CLAIM(dns_code_name(message.code) != NULL);
        try_addresses(&message, input);
    }
    return 0;
}
