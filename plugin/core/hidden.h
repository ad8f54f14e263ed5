/* hidden.h - what sizes and turns of an encrypted login allow to say (MS-TDS 2.2.6.4, 2.2.7.14,
 * MS-NLMP 2.2.1).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Only where one story fits and the others cannot; everything else is silence.
 */
#ifndef TDSCONN_HIDDEN_H
#define TDSCONN_HIDDEN_H

#include "auth.h"
#include "values.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HIDDEN_MESSAGES 10 /* of both sides, from LOGIN7 on: no login needs more */

/* How many bytes of a record are not content. */
typedef struct {
    bool known;           /* else any number: all, or none */
    uint32_t least, most; /* CBC pads: the difference is its block */
} tls_overhead_t;

/* The overhead of a cipher suite, by its IANA name ("TLS_RSA_WITH_AES_128_CBC_SHA"), and the negotiated
 * version. */
tls_overhead_t tls_overhead(const char *cipher, uint16_t version);

/* Whether a record of the server, in TDS 8.0 behind the client's PRELOGIN, may hold the answer to it: what is shorter,
 * or longer, is none, such as most session tickets of TLS 1.3. */
bool hidden_may_answer_prelogin(uint32_t record_length, tls_overhead_t overhead);

/* What a record behind LOGIN7 is, as far as its size tells. */
typedef enum {
    HIDDEN_DATA,      /* more cannot be said */
    HIDDEN_ATTENTION, /* a TDS header alone (MS-TDS 2.2.1.7) */
    HIDDEN_SMP        /* an SMP header alone (MC-SMP 2.2): nobody answers it, and it answers nothing */
} hidden_kind_t;

/* What the client asked last. */
typedef struct {
    uint32_t frame; /* of its latest record; 0 = none yet */
    int64_t at;
    uint32_t latest;   /* bytes of that, at the most */
    uint32_t answered; /* the frame of the first record of the answer; 0 = none yet */
    sender_t spoke;    /* who sent the latest record of all */
    bool any_answer;   /* the server spoke, so that it has all of LOGIN7 */
    bool cut_up;       /* this client sends headers as records of their own */
} hidden_request_t;

/* Takes the next encrypted record from LOGIN7 on, and says what it is. */
hidden_kind_t hidden_request_add(hidden_request_t *request, sender_t sender, uint32_t frame, int64_t at,
                                 uint32_t record_length, tls_overhead_t overhead);

/* What one side sent before the other spoke again. Sizes are of the content, in bytes. */
typedef struct {
    sender_t sender;
    uint32_t first_frame; /* of the first record */
    uint32_t frame;       /* of the last one */
    int64_t at;           /* of the last one, in the caller's unit */
    uint32_t records;
    uint32_t first_least, first_most; /* the first record */
    uint32_t least, most;             /* all of it */
} hidden_message_t;

typedef struct {
    hidden_message_t messages[HIDDEN_MESSAGES];
    uint8_t count;
} hidden_t;

/* Takes the next encrypted record from LOGIN7 on; what does not fit any more is dropped. */
void hidden_add(hidden_t *hidden, sender_t sender, uint32_t frame, int64_t at, uint32_t record_length,
                tls_overhead_t overhead);

/* Takes a part of LOGIN7 that is in clear, behind its beginning that is not. */
void hidden_add_clear(hidden_t *hidden, uint32_t length);

/* Both are asked when the server has answered LOGIN7. Whether it may hold a ticket: true where it was not met, or NULL.
 */
bool hidden_has_room_for_ticket(const hidden_t *hidden);

/* Whether it certainly is as long as one that holds a ticket of that length, and the answer, as far as it is hidden, is
 * more than a choice of another mechanism. False where it was not met, or NULL. */
bool hidden_may_be_of_ticket(const hidden_t *hidden, size_t ticket);

/* The latest message; NULL if there is none. Valid until the next is added. */
const hidden_message_t *hidden_last(const hidden_t *hidden);

typedef enum { HIDDEN_OPEN, HIDDEN_CONFIRMED, HIDDEN_REFUSED } hidden_outcome_t;

typedef struct {
    hidden_outcome_t outcome;
    bool has_evidence;
    evidence_t evidence;             /* how the client authenticated, if that can be told too */
    const hidden_message_t *decided; /* the confirming or refusing message, or NULL if it is not known which it was */
    uint32_t command_frame;          /* the first frame that certainly is a command; 0 = none */
} hidden_verdict_t;

/* What else decides. */
typedef struct {
    bool federated_possible; /* both sides spoke of FEDAUTHREQUIRED in PRELOGIN, the client of a certificate,
                                or nobody saw PRELOGIN */
    bool closed;             /* a FIN or RST was seen */
    bool server_first;       /* and it was the server's */
    bool at_once;            /* and came right behind the last message, as a refusal's does */
} hidden_circumstances_t;

hidden_verdict_t hidden_judge(const hidden_t *hidden, hidden_circumstances_t circumstances);

/* Whether a redirect (MS-TDS 2.2.7.9) may end this login, of which hidden_judge said nothing: the client closed right
 * behind the answer, which has room for one, and had said no more than a login says. That alone proves nothing. */
bool hidden_may_redirect(const hidden_t *hidden, hidden_circumstances_t circumstances);

#endif
