/* sspi.h - tokens of Windows authentication: their kind, and the names in them (MS-TDS 2.2.6.8, MS-NLMP 2.2, RFC 4178,
 * RFC 4120, RFC 4121).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Raw NTLMSSP, raw GSS Kerberos, and both inside SPNEGO. No challenge, response, ticket or key is returned.
 */
#ifndef TDSCONN_SSPI_H
#define TDSCONN_SSPI_H

#include "bytes.h"

typedef enum {
    SSPI_UNKNOWN, /* a token of an unknown kind */
    SSPI_NTLM_NEGOTIATE,
    SSPI_NTLM_CHALLENGE,
    SSPI_NTLM_AUTHENTICATE,
    SSPI_KERBEROS_AP_REQ,
    SSPI_KERBEROS_AP_REP,
    SSPI_KERBEROS_ERROR,
    SSPI_KERBEROS_CHOSEN, /* a SPNEGO answer that chooses Kerberos, without a Kerberos token */
    SSPI_NTLM_CHOSEN,     /* the same with NTLM */
    SSPI_SPNEGO           /* SPNEGO without a known mechanism, such as a final accept */
} sspi_kind_t;

#define NTLM_V1_RESPONSE_LENGTH 24
#define KERBEROS_NAME_PARTS     3

typedef struct {
    bool unicode;                     /* the names below are UTF-16LE, else in an OEM character set */
    span_t domain, user, workstation; /* AUTHENTICATE */
    span_t target_spn;                /* MsvAvTargetName, UTF-16LE */
    uint16_t nt_response_length;      /* 24 = NTLMv1 */
    bool anonymous;                   /* the flag ANONYMOUS is set, or user and domain are empty */
    bool says_anonymous;              /* the flag ANONYMOUS is set */
    bool local_call;                  /* CHALLENGE, AUTHENTICATE: both sides are on one machine; names are not sent */
    bool bindings_reported;           /* the part of AUTHENTICATE that may hold channel bindings is there */
    bool has_channel_bindings;        /* it has MsvAvChannelBindings ... */
    bool channel_bindings_zero;       /* ... which is all zero: no bindings */
} ntlm_t;

typedef struct {
    span_t realm;                        /* of the ticket in an AP-REQ, or of a KRB-ERROR */
    span_t service[KERBEROS_NAME_PARTS]; /* the parts of the service's name: MSSQLSvc, host:port */
    uint8_t service_parts;               /* how many they are */
    bool service_cut;                    /* the name has more parts, or is cut */
    uint32_t error;                      /* the error-code of a KRB-ERROR */
} kerberos_t;

typedef struct {
    sspi_kind_t kind;
    bool spnego;         /* the token is inside SPNEGO */
    bool rejected;       /* a SPNEGO answer with negState reject, which ends the negotiation */
    ntlm_t ntlm;         /* for the NTLM kinds */
    kerberos_t kerberos; /* for the Kerberos kinds */
} sspi_t;

/* Reads a token. False if it is empty. A cut token is read as far as it goes. Spans point into the token. */
bool sspi_parse(span_t token, sspi_t *sspi);

/* Adds the parts of a PrincipalName to the service's name; reads the body of a KRB-ERROR. Also for kdc.h. */
void kerberos_service(kerberos_t *kerberos, span_t principal);
void kerberos_error(kerberos_t *kerberos, span_t body);

#define KERBEROS_NAME_LIMIT 256

/* Writes the service's name as in an SPN, "MSSQLSvc/host:port", to `room`, without a NUL. Empty if there is none. */
span_t kerberos_service_name(const kerberos_t *kerberos, char room[KERBEROS_NAME_LIMIT]);

/* Whether these bytes begin like a token: NTLMSSP, GSS-API or SPNEGO. */
bool sspi_starts(span_t bytes);

/* Whether these bytes are a token that only a server sends: a CHALLENGE, an AP-REP or a KRB-ERROR. */
bool sspi_is_of_server(span_t bytes);

#endif
