/* ssrp.h - the SQL Server Resolution Protocol: what clients ask SQL Browser and what it answers (MC-SQLR 2.2).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_SSRP_H
#define TDSCONN_SSRP_H

#include "bytes.h"

#define SSRP_INSTANCE_LIMIT 32 /* bytes of an instance name, without its NUL */

typedef enum {
    SSRP_BROADCAST = 0x02,    /* CLNT_BCAST_EX: every instance of every server */
    SSRP_ALL = 0x03,          /* CLNT_UCAST_EX: every instance of one server */
    SSRP_INSTANCE = 0x04,     /* CLNT_UCAST_INST */
    SSRP_RESPONSE = 0x05,     /* SVR_RESP */
    SSRP_ADMINISTRATOR = 0x0F /* CLNT_UCAST_DAC: the dedicated administrator connection */
} ssrp_type_t;

typedef struct {
    uint8_t type;
    span_t instance;   /* of SSRP_INSTANCE and SSRP_ADMINISTRATOR; in the client's character set */
    const char *fault; /* how it breaks MC-SQLR, or NULL. Static text */
} ssrp_request_t;

/* Reads a datagram to SQL Browser. False if its first byte is none of a request's. */
bool ssrp_request_parse(span_t datagram, ssrp_request_t *request);

typedef struct {
    span_t server, name, clustered, version, pipe;
    uint16_t tcp_port; /* 0 = none is named */
} ssrp_instance_t;

typedef struct {
    uint16_t size;      /* RESP_SIZE */
    bool administrator; /* it answers SSRP_ADMINISTRATOR: only a port */
    uint16_t administrator_port;
    span_t text; /* else the instances */
    const char *fault;
} ssrp_response_t;

/* Reads a datagram from SQL Browser. False if its first byte is not a response's. */
bool ssrp_response_parse(span_t datagram, ssrp_response_t *response);

/* Takes the next instance off a response's text. False at the end. */
bool ssrp_instance_next(span_t *text, ssrp_instance_t *instance);

#endif
