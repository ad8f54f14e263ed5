/* connection.h - where a SQL Server connection stands, and what moves it on.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Facts only: what is wrong with a connection is for the diagnoses to say.
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
    bool fin;
    bool missed; /* connection_miss, and no message moved the connection since */
} connection_side_t;

typedef struct {
    position_t position;
    state_t state;
    close_t close;
    sender_t closed_first; /* who sent the first FIN */
    connection_side_t client, server;
    bool reset;
    bool server_mute; /* it closed without having sent a byte: said by who looks at TCP */
    bool spoken;      /* bytes were sent, in the capture or not: said by who looks at TCP */
} connection_t;

/* Three answers to a message, as a passive observer has them: it moved the connection on; it leaves it where it
 * stands; the table has nothing for it here, so something before it is missing or it is out of place. */
typedef enum { OUTCOME_MOVED, OUTCOME_STAYED, OUTCOME_UNEXPLAINED } outcome_t;

void connection_init(connection_t *connection);

/* Takes the next message of the connection, in wire order. */
outcome_t connection_see(connection_t *connection, message_t message, sender_t sender);

/* The client tries once more after an RST refused its SYN, as Windows does by itself. False if nothing was refused. */
bool connection_retry(connection_t *connection);

/* The refusal with which the capture begins was none, for commands go on: the login is not in the capture. */
void connection_disprove_refusal(connection_t *connection);

/* Bytes of that sender were sent that nobody can read: they are not in the capture. They may have brought all that the
 * next message does not rule out, so an end that follows does not say that the login was unfinished. */
void connection_miss(connection_t *connection, sender_t sender);

/* What is missing of both sides did not arrive either: it brought nothing. */
void connection_missed_nothing(connection_t *connection);

/* Who sent the first FIN, where that turned out to be another than the one that was seen first. */
void connection_closed_first_by(connection_t *connection, sender_t sender);

/* What was concluded about a login that nobody can read. Does nothing once the login is known. */
void connection_conclude(connection_t *connection, state_t state);

/* The step that a frame with `message` belongs to, asked after connection_see. */
step_t connection_step_of(const connection_t *connection, message_t message);

/* Whether the login is over: confirmed, or so far behind that commands run. */
bool connection_is_past_login(const connection_t *connection);

/* The position's name and what is awaited there. Static text. */
const char *position_name(position_t position);
const char *position_awaits(position_t position);

/* Whose turn it is there, after `spoke` spoke; SENDER_UNKNOWN = nobody's. */
sender_t position_owes(position_t position, sender_t spoke);

/* For tests of the table: row `index` of the moves; false past the last. */
bool connection_move_row(unsigned index, position_t *from, message_t *seen, position_t *to);

#endif
