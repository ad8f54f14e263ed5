/* ssrp.c - the SQL Server Resolution Protocol.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "ssrp.h"

#include <string.h>

#include "characters.h"

#define ADMINISTRATOR_VERSION         0x01
#define ADMINISTRATOR_RESPONSE_LENGTH 6 /* the whole packet: RESP_SIZE counts it all here, else only the text */

static size_t name_length(span_t bytes)
{
    size_t length = 0;
    while (length < bytes.length && bytes.at[length] != 0) {
        length++;
    }
    return length;
}

/* A name and its NUL, and nothing behind it. Microsoft's JDBC driver leaves the NUL out, and is answered. */
static const char *name_fault(span_t field, span_t *name)
{
    size_t length = name_length(field);
    *name = span_part(field, 0, length);
    name->cut = field.cut && length == field.length; /* its NUL may have followed */
    if (length > SSRP_INSTANCE_LIMIT) {
        return "the instance name is longer than 32 bytes";
    }
    if (field.length == 0) {
        return "the instance name has no end";
    }
    return length + 1 < field.length ? "bytes follow the instance name" : NULL;
}

bool ssrp_request_parse(span_t datagram, ssrp_request_t *request)
{
    *request = (ssrp_request_t){0};
    if (datagram.length == 0) {
        return false;
    }
    request->type = datagram.at[0];
    span_t rest = span_from(datagram, 1);
    switch (request->type) {
    case SSRP_BROADCAST:
    case SSRP_ALL:
        request->fault = rest.length > 0 ? "bytes follow the request" : NULL;
        return true;
    case SSRP_INSTANCE:
        request->fault = name_fault(rest, &request->instance);
        return true;
    case SSRP_ADMINISTRATOR:
        request->fault = rest.length == 0 || rest.at[0] != ADMINISTRATOR_VERSION
                             ? "the protocol version is not 1"
                             : name_fault(span_from(rest, 1), &request->instance);
        return true;
    default:
        return false;
    }
}

/* MC-SQLR 2.2.5: two semicolons end an instance. */
static bool is_ended(span_t text)
{
    return text.length == 0 || (text.length >= 2 && text.at[text.length - 1] == ';' && text.at[text.length - 2] == ';');
}

/* What is wrong with a response whose text has so many bytes behind its size; NULL if nothing is. */
static const char *fault_of(const ssrp_response_t *response, size_t there)
{
    if (there < response->size) {
        return "shorter than its size says";
    }
    if (there > response->size) {
        return "bytes follow the response";
    }
    return is_ended(response->text) ? NULL : "the last instance has no end";
}

bool ssrp_response_parse(span_t datagram, ssrp_response_t *response)
{
    *response = (ssrp_response_t){0};
    reader_t r = reader_of(datagram);
    uint8_t type = read_u8(&r);
    response->size = read_u16le(&r);
    if (!r.ok || type != SSRP_RESPONSE) {
        return false;
    }
    if (response->size == ADMINISTRATOR_RESPONSE_LENGTH && datagram.length == ADMINISTRATOR_RESPONSE_LENGTH &&
        r.at[0] == ADMINISTRATOR_VERSION) {
        read_skip(&r, 1);
        response->administrator = true;
        response->administrator_port = read_u16le(&r);
        return true;
    }
    size_t there = r.left;
    response->text = read_part(&r, response->size);
    response->fault = fault_of(response, there);
    return true;
}

/* The text up to the next semicolon, which is taken off too. */
static span_t next_word(span_t *text)
{
    size_t length = 0;
    while (length < text->length && text->at[length] != ';') {
        length++;
    }
    span_t word = span_part(*text, 0, length);
    word.cut = text->cut && length == text->length;
    *text = span_from(*text, length + 1);
    return word;
}

/* MC-SQLR 2.2.5: names are compared without regard to case. */
static bool word_is(span_t word, const char *name)
{
    size_t length = strlen(name);
    return word.length == length && !word.cut && characters_same((const char *)word.at, name, length);
}

/* The port in a word; 0 if it is cut, as digits may be missing. */
static uint16_t port_of(span_t word)
{
    uint32_t port = 0;
    for (size_t i = 0; i < word.length && word.at[i] >= '0' && word.at[i] <= '9' && port <= 0xFFFF; i++) {
        port = port * 10 + (uint32_t)(word.at[i] - '0');
    }
    return port <= 0xFFFF && !word.cut ? (uint16_t)port : 0;
}

static void instance_value(ssrp_instance_t *instance, span_t name, span_t value)
{
    const struct {
        const char *name;
        span_t *value;
    } words[] = {
        {"ServerName", &instance->server}, {"InstanceName", &instance->name}, {"IsClustered", &instance->clustered},
        {"Version", &instance->version},   {"np", &instance->pipe},
    };
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (word_is(name, words[i].name)) {
            *words[i].value = value;
            return;
        }
    }
    if (word_is(name, "tcp")) {
        instance->tcp_port = port_of(value);
    }
}

/* Names and values in turn; an empty name ends the instance, one semicolon too many before it is passed over. */
bool ssrp_instance_next(span_t *text, ssrp_instance_t *instance)
{
    *instance = (ssrp_instance_t){0};
    bool any = false;
    while (text->length > 0) {
        span_t name = next_word(text);
        if (name.length == 0 && any) {
            return true;
        }
        if (name.length == 0) {
            continue;
        }
        instance_value(instance, name, next_word(text));
        any = true;
    }
    return any;
}
