/* hidden.h - what the sizes and directions of encrypted records say about a login (MS-TDS 2.2.6.4, 2.2.7.14,
 * MS-NLMP 2.2.1).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A result is given only if exactly one explanation fits the sizes.
 */
#ifndef TDSCONN_HIDDEN_H
#define TDSCONN_HIDDEN_H

#include "auth.h"
#include "values.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HIDDEN_MESSAGES 10 /* of both sides, from LOGIN7 on: no login needs more */

/* How many bytes of a TLS record's body are not content. */
typedef struct {
    bool known;           /* if not, it may be any number of the bytes */
    uint32_t least, most; /* they differ in a CBC suite, which pads to its block */
} tls_overhead_t;

/* The overhead of a cipher suite, by its IANA name ("TLS_RSA_WITH_AES_128_CBC_SHA"), and the negotiated
 * version. */
tls_overhead_t tls_overhead(const char *cipher, uint16_t version);

/* Whether a record of the server, behind the client's PRELOGIN in TDS 8.0, has a size that the answer to PRELOGIN can
 * have. Most session tickets of TLS 1.3 do not. `record_length`: in bytes, with its header, as everywhere here. */
bool hidden_may_answer_prelogin(uint32_t record_length, tls_overhead_t overhead);

/* What a record behind LOGIN7 is, by its size. */
typedef enum {
    HIDDEN_DATA,      /* the size does not tell */
    HIDDEN_ATTENTION, /* a TDS header alone (MS-TDS 2.2.1.7) */
    HIDDEN_SMP        /* an SMP header alone (MC-SMP 2.2): it has no answer, and is none */
} hidden_kind_t;

/* The latest request of the client. */
typedef struct {
    uint32_t frame;    /* of its latest record; 0 = none yet */
    int64_t at;        /* its time, as the caller gave it */
    uint32_t latest;   /* the most bytes of content that it can have */
    uint32_t answered; /* the frame of the first record of the answer; 0 = none yet */
    sender_t spoke;    /* who sent the latest record of both sides */
    bool any_answer;   /* the server sent a record, so it has all of LOGIN7 */
    bool cut_up;       /* this client sends headers as records of their own */
} hidden_request_t;

/* Adds the next encrypted record from LOGIN7 on. Returns what it is. */
hidden_kind_t hidden_request_add(hidden_request_t *request, sender_t sender, uint32_t frame, int64_t at,
                                 uint32_t record_length, tls_overhead_t overhead);

/* What one side sent before the other spoke again. Sizes are of the content, in bytes. */
typedef struct {
    sender_t sender;
    uint32_t first_frame;             /* of the first record */
    uint32_t frame;                   /* of the last one */
    int64_t at;                       /* the time of the last one, as the caller gave it */
    uint32_t records;                 /* how many they are */
    uint32_t first_least, first_most; /* the first record */
    uint32_t least, most;             /* all of it */
} hidden_message_t;

typedef struct {
    hidden_message_t messages[HIDDEN_MESSAGES];
    uint8_t count;
} hidden_t;

/* Adds the next encrypted record from LOGIN7 on. Messages behind the first HIDDEN_MESSAGES are not kept. */
void hidden_add(hidden_t *hidden, sender_t sender, uint32_t frame, int64_t at, uint32_t record_length,
                tls_overhead_t overhead);

/* Adds the length of a part of LOGIN7 that is in clear, behind its encrypted beginning. Does nothing after the server's
 * first record. */
void hidden_add_clear(hidden_t *hidden, uint32_t length);

/* Whether LOGIN7 is long enough to hold a Kerberos ticket. True also if LOGIN7 was not met, or for NULL. Asked, like
 * the next, when the server has answered LOGIN7. */
bool hidden_has_room_for_ticket(const hidden_t *hidden);

/* Whether LOGIN7 is certainly long enough to hold a ticket of this length in bytes, and the answer, if it is hidden, is
 * longer than one that chooses another mechanism. False also if LOGIN7 was not met, or for NULL. */
bool hidden_may_be_of_ticket(const hidden_t *hidden, size_t ticket);

/* The latest message; NULL if there is none. Valid until the next is added. */
const hidden_message_t *hidden_last(const hidden_t *hidden);

typedef enum { HIDDEN_OPEN, HIDDEN_CONFIRMED, HIDDEN_REFUSED } hidden_outcome_t;

typedef struct {
    hidden_outcome_t outcome;
    bool has_evidence;
    evidence_t evidence;             /* how the client authenticated, if has_evidence */
    const hidden_message_t *decided; /* the message that confirms or refuses, in `hidden`; NULL = not known which */
    uint32_t command_frame;          /* the first frame that is certainly a command; 0 = none */
} hidden_verdict_t;

/* What else the result depends on. */
typedef struct {
    bool federated_possible; /* both sides sent FEDAUTHREQUIRED in PRELOGIN, the client offered a certificate, or
                                PRELOGIN is not in the capture */
    bool closed;             /* a FIN or RST was seen */
    bool server_first;       /* the first of them was the server's */
    bool at_once;            /* it came directly after the last message, as after a refusal */
} hidden_circumstances_t;

/* What became of the login; HIDDEN_OPEN if it cannot be told. */
hidden_verdict_t hidden_judge(const hidden_t *hidden, hidden_circumstances_t circumstances);

/* Whether this login, for which hidden_judge says HIDDEN_OPEN, may have ended with a redirect (MS-TDS 2.2.7.9): the
 * client closed directly after an answer that is long enough, and sent no more than a login. This alone proves nothing.
 */
bool hidden_may_redirect(const hidden_t *hidden, hidden_circumstances_t circumstances);

#endif
