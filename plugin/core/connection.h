/* connection.h - the position of a SQL Server connection in its life, and the messages that move it on.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Only facts are kept here. What is wrong with a connection is for the rules to say.
 */
#ifndef TDSCONN_CONNECTION_H
#define TDSCONN_CONNECTION_H

#include "values.h"

#include <stdbool.h>
#include <stdint.h>

typedef enum {
#define POSITION(tag, step, state, owes, awaited) POSITION_##tag,
#define MOVE(from, seen, to)
#include "steps.def"
    POSITION_COUNT
} position_t;

/* What one side did. */
typedef struct {
    bool fin : 1;    /* it sent FIN */
    bool missed : 1; /* bytes of it are missing (connection_miss), and no message has moved the connection since */
} connection_side_t;

typedef struct {
    position_t position : 8;
    state_t state : 8;
    close_t close : 8;
    sender_t closed_first : 8; /* who sent the first FIN; SENDER_UNKNOWN = nobody */
    connection_side_t client, server;
    bool reset : 1;       /* an RST was seen */
    bool server_mute : 1; /* the server closed without having sent a byte. Set by the caller, who watches TCP */
    bool client_left : 1; /* the client's latest word ends TLS, behind the login. Set by the caller, who reads TLS */
    bool spoken : 1;      /* bytes were sent, in the capture or not. Set by the caller, who watches TCP */
    bool answer_owed : 1; /* the server owed its answer when the client closed first. Set by the caller, who knows the
                           * turn, before that FIN */
} connection_t;

/* The effect of a message: it moved the connection on; it belongs here and moves nothing; or steps.def has no move for
 * it here, so something before it is missing, or it is out of place. */
typedef enum { OUTCOME_MOVED, OUTCOME_STAYED, OUTCOME_UNEXPLAINED } outcome_t;

/* A connection of which nothing was seen. */
void connection_init(connection_t *connection);

/* Moves the connection on by its next message, in wire order. */
outcome_t connection_see(connection_t *connection, message_t message, sender_t sender);

/* The client sends another SYN after an RST refused the first, as Windows does by itself: the connection starts again.
 * False, and nothing changes, if no SYN was refused. */
bool connection_retry(connection_t *connection);

/* The capture seemed to begin with a refused login, but commands follow. So it begins after the login. Does nothing in
 * another position. */
void connection_disprove_refusal(connection_t *connection);

/* Bytes of this sender are not in the capture. They may have held anything that the next message does not rule out. So
 * if the connection ends next, that does not mean that the login was unfinished. */
void connection_miss(connection_t *connection, sender_t sender);

/* The missing bytes of both sides did not arrive, so they changed nothing. */
void connection_missed_nothing(connection_t *connection);

/* Corrects who sent the first FIN, if that was not the one that was seen first. Does nothing after an RST. */
void connection_closed_first_by(connection_t *connection, sender_t sender);

/* Sets the state that was concluded for an unreadable login. Does nothing if the end of the login is known. */
void connection_conclude(connection_t *connection, state_t state);

/* The step of a frame with `message` (MESSAGE_NONE = of the position). Asked after connection_see. */
step_t connection_step_of(const connection_t *connection, message_t message);

/* Whether the login is over: it was confirmed or redirected, or the capture begins after it. */
bool connection_is_past_login(const connection_t *connection);

/* The position's name, and what is awaited there, in words for a sentence (NULL = nothing). Static text. */
const char *position_name(position_t position);
const char *position_awaits(position_t position);

/* Which side has to send next in this position, if `spoke` sent last. SENDER_UNKNOWN = neither. */
sender_t position_owes(position_t position, sender_t spoke);

/* For tests of the table: row `index` of the moves. False behind the last. */
bool connection_move_row(unsigned index, position_t *from, message_t *seen, position_t *to);

#endif
