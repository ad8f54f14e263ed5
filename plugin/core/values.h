/* values.h - the values of the fields as C enums, from values.def and messages.def; names of other numbers.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_VALUES_H
#define TDSCONN_VALUES_H

#include <stdbool.h>
#include <stdint.h>

typedef enum {
#define STEP(tag, value, text) STEP_##tag = value,
#include "values.def"
    STEP_KEEP = 255 /* no step of its own: the step stays that of the connection */
} step_t;

typedef enum {
#define STATE(tag, value, text) STATE_##tag = value,
#include "values.def"
} state_t;

typedef enum {
#define AUTH(tag, value, text) AUTH_##tag = value,
#include "values.def"
} auth_t;

typedef enum {
#define BASIS(tag, value, text) BASIS_##tag = value,
#include "values.def"
} basis_t;

typedef enum {
#define ENCRYPTION(tag, value, text) ENCRYPTION_##tag = value,
#include "values.def"
} encryption_t;

typedef enum {
#define TRANSPORT(tag, value, text) TRANSPORT_##tag = value,
#include "values.def"
} transport_t;

typedef enum {
    SENDER_UNKNOWN = 0,
#define SENDER(tag, value, text) SENDER_##tag = value,
#include "values.def"
} sender_t;

typedef enum {
#define CLOSE(tag, value, text) CLOSE_##tag = value,
#include "values.def"
} close_t;

typedef enum {
#define SESSION(tag, value, text) SESSION_##tag = value,
#include "values.def"
} session_state_t;

typedef enum {
    SEVERITY_NONE = 0,
#define SEVERITY(tag, value, text) SEVERITY_##tag = value,
#include "values.def"
} severity_t;

typedef enum {
    MESSAGE_NONE = 0,
#define MESSAGE(tag, value, text, code, step, kind) MESSAGE_##tag = value,
#include "messages.def"
    MESSAGE_LIMIT
} message_t;

/* The kinds of messages. */
typedef enum {
    KIND_NONE,
    KIND_TCP,
    KIND_LOGIN,     /* of the opening, TLS and login */
    KIND_REQUEST,   /* a command of a client that is logged in */
    KIND_ATTENTION, /* cancels a request */
    KIND_RESPONSE,
    KIND_HIDDEN, /* encrypted: its kind is not known */
    KIND_SMP
} message_kind_t;

/* The row of one message in messages.def. */
typedef struct {
    const char *text;
    const char *code;
    step_t step;
    message_kind_t kind;
} message_row_t;

/* The row of a message; a row of zeros for a value that messages.def does not have. Never NULL. Static. */
const message_row_t *message_row(message_t message);

static inline message_kind_t message_kind(message_t message)
{
    return message_row(message)->kind;
}

/* A number and its name in a specification. Lists of them end with a row whose name is NULL. */
typedef struct {
    uint32_t number;
    const char *name;
} named_t;

/* The name of a number in such a list; NULL if the list does not have it. */
const char *name_in(const named_t *list, uint32_t number);

/* The other of the two sides; SENDER_UNKNOWN for SENDER_UNKNOWN. */
static inline sender_t sender_other(sender_t sender)
{
    if (sender == SENDER_UNKNOWN) {
        return SENDER_UNKNOWN;
    }
    return sender == SENDER_CLIENT ? SENDER_SERVER : SENDER_CLIENT;
}

#endif
