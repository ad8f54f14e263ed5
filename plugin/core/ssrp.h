/* ssrp.h - the SQL Server Resolution Protocol: requests to SQL Browser, and its responses (MC-SQLR 2.2).
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
    uint8_t type;      /* ssrp_type_t */
    span_t instance;   /* of SSRP_INSTANCE and SSRP_ADMINISTRATOR; in the client's character set */
    const char *fault; /* how it violates MC-SQLR; NULL = it does not. Static text */
} ssrp_request_t;

/* Reads a datagram to SQL Browser. False if it is empty, or if its first byte is no request's. */
bool ssrp_request_parse(span_t datagram, ssrp_request_t *request);

typedef struct {
    span_t server, name, clustered, version, pipe; /* as the response has them; empty = not there */
    uint16_t tcp_port;                             /* 0 = not there, cut, or no port */
} ssrp_instance_t;

typedef struct {
    uint16_t size;               /* RESP_SIZE */
    bool administrator;          /* the answer to SSRP_ADMINISTRATOR, which has only a port */
    uint16_t administrator_port; /* if `administrator` */
    span_t text;                 /* if not: the instances, for ssrp_instance_next */
    const char *fault;           /* how it violates MC-SQLR; NULL = it does not. Static text */
} ssrp_response_t;

/* Reads a datagram from SQL Browser. False if it is shorter than 3 bytes, or if its first byte is no response's. */
bool ssrp_response_parse(span_t datagram, ssrp_response_t *response);

/* Reads the next instance of a response's text, and moves the beginning of `text` behind it. False at the end. */
bool ssrp_instance_next(span_t *text, ssrp_instance_t *instance);

#endif
