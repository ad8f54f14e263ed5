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
    STEP_KEEP = 255 /* no step of its own: the one the connection stood at */
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

/* What a message is to a connection. */
typedef enum {
    KIND_NONE,
    KIND_TCP,
    KIND_LOGIN,     /* opening, TLS and login: each leads on */
    KIND_REQUEST,   /* a client asks for something once it is logged in */
    KIND_ATTENTION, /* it takes that back */
    KIND_RESPONSE,
    KIND_HIDDEN, /* nobody can read what it is */
    KIND_SMP
} message_kind_t;

/* What messages.def says of one message; an all-zero row for a value that it does not have. */
typedef struct {
    const char *text;
    const char *code;
    step_t step;
    message_kind_t kind;
} message_row_t;

const message_row_t *message_row(message_t message);

static inline message_kind_t message_kind(message_t message)
{
    return message_row(message)->kind;
}

/* A number that some specification gives a name. Lists of them end with a row without one. */
typedef struct {
    uint32_t number;
    const char *name;
} named_t;

/* The name of a number in such a list, or NULL. */
const char *name_in(const named_t *list, uint32_t number);

/* The other of the two peers; SENDER_UNKNOWN stays so. */
static inline sender_t sender_other(sender_t sender)
{
    if (sender == SENDER_UNKNOWN) {
        return SENDER_UNKNOWN;
    }
    return sender == SENDER_CLIENT ? SENDER_SERVER : SENDER_CLIENT;
}

#endif
