/* dns.c - what a host asks DNS, and what it is answered.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Wireshark's DNS dissector keeps what it reads to itself: others get it from a tree, which costs more than all else
 * that is done for a frame. A question's name is never compressed, and of an answer's records only the addresses count:
 * so names are only stepped over there.
 */
#include "dns.h"

enum {
    FLAG_ANSWER = 0x8000,
    FLAGS_OPCODE = 0x7800,
    FLAGS_CODE = 0x000F,
    LABEL_KIND = 0xC0, /* of a length byte: both bits set = a pointer, none = a label (RFC 1035 4.1.4) */
    NETBIOS_NAME = 32, /* bytes of an encoded name, two for each of its 16 (RFC 1001 14.1) */
};

static uint8_t lower(uint8_t byte)
{
    return byte >= 'A' && byte <= 'Z' ? (uint8_t)(byte - 'A' + 'a') : byte;
}

static bool is_of_host(uint8_t byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') || byte == '-' || byte == '_';
}

/* Adds a label. False if a host's name has none like it, or the room is used up. */
static bool add_label(dns_message_t *message, size_t *length, span_t label)
{
    if (*length + label.length + 2 > DNS_NAME_LIMIT) {
        return false;
    }
    if (*length > 0) {
        message->name[(*length)++] = '.';
    }
    for (size_t i = 0; i < label.length; i++) {
        uint8_t byte = lower(label.at[i]);
        message->name[(*length)++] = (char)byte;
        if (!is_of_host(byte)) {
            return false;
        }
    }
    return true;
}

/* The name where a question has it, and an answer to a NetBIOS question its first record. */
static bool read_name(reader_t *r, dns_message_t *message)
{
    size_t length = 0;
    for (uint8_t size = read_u8(r); r->ok && size != 0; size = read_u8(r)) {
        if ((size & LABEL_KIND) != 0 || !add_label(message, &length, read_span(r, size))) {
            return false;
        }
    }
    message->name[length] = '\0';
    return r->ok && length > 0;
}

/* One byte of a NetBIOS name, or 0. */
static uint8_t half_bytes(const char *two)
{
    uint8_t high = (uint8_t)(two[0] - 'a'), low = (uint8_t)(two[1] - 'a');
    return high > 0x0F || low > 0x0F ? 0 : lower((uint8_t)(high << 4 | low));
}

/* In place of the encoded name the one that it stands for. Its last byte is what the host is asked for. */
static bool decode_netbios(dns_message_t *message)
{
    size_t length = 0;
    while (length < NETBIOS_NAME && message->name[length] != '\0' && message->name[length] != '.') {
        length++;
    }
    if (length != NETBIOS_NAME) {
        return false;
    }
    size_t used = 0;
    for (size_t i = 0; i < NETBIOS_NAME / 2 - 1; i++) {
        uint8_t byte = half_bytes(message->name + 2 * i);
        if (byte == ' ') {
            break;
        }
        if (!is_of_host(byte)) {
            return false;
        }
        message->name[used++] = (char)byte;
    }
    message->name[used] = '\0';
    return used > 0;
}

static void skip_name(reader_t *r)
{
    for (uint8_t size = read_u8(r); r->ok && size != 0; size = read_u8(r)) {
        if ((size & LABEL_KIND) != 0) {
            read_skip(r, 1);
            return;
        }
        read_skip(r, size);
    }
}

bool dns_parse(span_t datagram, dns_message_t *message)
{
    enum { COUNTS_BEHIND = 4, CLASS_LENGTH = 2 };
    *message = (dns_message_t){0};
    reader_t r = reader_of(datagram);
    read_skip(&r, 2); /* the transaction */
    uint16_t flags = read_u16be(&r);
    uint16_t questions = read_u16be(&r);
    uint16_t answers = read_u16be(&r);
    read_skip(&r, COUNTS_BEHIND);
    message->answer = (flags & FLAG_ANSWER) != 0;
    message->code = flags & FLAGS_CODE;
    reader_t first = r;
    if (!r.ok || (flags & FLAGS_OPCODE) != 0 || questions > 1 || (questions == 0 && !message->answer) ||
        !read_name(&r, message)) {
        return false;
    }
    uint16_t type = read_u16be(&r);
    read_skip(&r, CLASS_LENGTH);
    message->type = (dns_type_t)type;
    message->records = message->answer ? answers : 0;
    message->rest = questions == 0 ? first : r;
    return r.ok && (type == DNS_TYPE_NETBIOS ? decode_netbios(message)
                                             : questions == 1 && (type == DNS_TYPE_A || type == DNS_TYPE_AAAA));
}

/* The address in a record, or nothing. */
static span_t address_in(uint16_t type, span_t data)
{
    enum { NETBIOS_FLAGS = 2 };
    size_t length = type == DNS_TYPE_AAAA ? 16 : 4;
    size_t before = type == DNS_TYPE_NETBIOS ? NETBIOS_FLAGS : 0;
    bool is_address = type == DNS_TYPE_A || type == DNS_TYPE_AAAA || type == DNS_TYPE_NETBIOS;
    return is_address && data.length >= before + length ? span_part(data, before, length) : span_none();
}

bool dns_next_address(dns_message_t *message, span_t *address)
{
    enum { CLASS_AND_TIME = 6 };
    reader_t *r = &message->rest;
    for (; message->records > 0 && r->ok; message->records--) {
        skip_name(r);
        uint16_t type = read_u16be(r);
        read_skip(r, CLASS_AND_TIME);
        *address = address_in(type, read_span(r, read_u16be(r)));
        if (address->length > 0) {
            message->records--;
            return true;
        }
    }
    return false;
}

const char *dns_code_name(uint8_t code)
{
    static const char *const names[] = {"no error", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED"};
    return code < sizeof names / sizeof names[0] ? names[code] : "an error";
}
