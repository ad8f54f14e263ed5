/* sspi.h - what a Windows authentication token is and whom it names (MS-TDS 2.2.6.8, MS-NLMP 2.2, RFC 4178,
 * RFC 4120, RFC 4121).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Raw NTLMSSP, raw GSS Kerberos, and both inside SPNEGO. No challenge, response, ticket or key leaves here.
 */
#ifndef TDSCONN_SSPI_H
#define TDSCONN_SSPI_H

#include "bytes.h"

typedef enum {
    SSPI_UNKNOWN, /* a token, but of no kind known here */
    SSPI_NTLM_NEGOTIATE,
    SSPI_NTLM_CHALLENGE,
    SSPI_NTLM_AUTHENTICATE,
    SSPI_KERBEROS_AP_REQ,
    SSPI_KERBEROS_AP_REP,
    SSPI_KERBEROS_ERROR,
    SSPI_KERBEROS_CHOSEN, /* a SPNEGO answer that names Kerberos and holds no token of its own */
    SSPI_NTLM_CHOSEN,
    SSPI_SPNEGO /* SPNEGO that names no mechanism: a final accept, a mechListMIC */
} sspi_kind_t;

#define NTLM_V1_RESPONSE_LENGTH 24
#define KERBEROS_NAME_PARTS     3

typedef struct {
    bool unicode;                     /* the names below are UTF-16LE, else in an OEM character set */
    span_t domain, user, workstation; /* AUTHENTICATE */
    span_t target_spn;                /* MsvAvTargetName, UTF-16LE */
    uint16_t nt_response_length;      /* 24 = NTLMv1 */
    bool anonymous;                   /* the flag, or neither user nor domain */
    bool says_anonymous;              /* the flag */
    bool local_call;                  /* of CHALLENGE, or AUTHENTICATE: both are on one machine, names are not sent */
    bool bindings_reported;           /* all of AUTHENTICATE that may hold channel bindings is there */
    bool has_channel_bindings;        /* MsvAvChannelBindings is there ... */
    bool channel_bindings_zero;       /* ... but says that there are none */
} ntlm_t;

typedef struct {
    span_t realm;                        /* of the ticket in an AP-REQ, or of a KRB-ERROR */
    span_t service[KERBEROS_NAME_PARTS]; /* MSSQLSvc, host:port */
    uint8_t service_parts;
    bool service_cut; /* more of them follow, or followed */
    uint32_t error;   /* KRB-ERROR's error-code */
} kerberos_t;

typedef struct {
    sspi_kind_t kind;
    bool spnego;         /* wrapped */
    bool rejected;       /* a SPNEGO answer that ends the negotiation: negState reject */
    ntlm_t ntlm;         /* for the NTLM kinds */
    kerberos_t kerberos; /* for the Kerberos kinds */
} sspi_t;

/* Reads a token; false if there is none. A token that is cut is read as far as it goes. */
bool sspi_parse(span_t token, sspi_t *sspi);

/* Adds the name strings of a PrincipalName, and reads the body of a KRB-ERROR: for the messages of a KDC too. */
void kerberos_service(kerberos_t *kerberos, span_t principal);
void kerberos_error(kerberos_t *kerberos, span_t body);

#define KERBEROS_NAME_LIMIT 256

/* The service's name as in an SPN, "MSSQLSvc/host:port", put into `room`; empty if there is no name. */
span_t kerberos_service_name(const kerberos_t *kerberos, char room[KERBEROS_NAME_LIMIT]);

/* Whether these bytes start like a token that is sent raw: NTLMSSP, GSS-API, SPNEGO. */
bool sspi_starts(span_t bytes);

/* Whether these bytes are such a token that only a server sends: a CHALLENGE, an AP-REP, a KRB-ERROR. */
bool sspi_is_of_server(span_t bytes);

#endif
