/* mars.h - one MARS session: its state, its window, its lives (MC-SMP 3.1 to 3.3).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_MARS_H
#define TDSCONN_MARS_H

#include "smp.h"
#include "values.h"

#define MARS_FIRST_WINDOW 4 /* HighWaterForSend of both sides before any WNDW was sent, MC-SMP 3.1.3 */

/* What one side of a session said so far. All numbers wrap at 32 bits. */
typedef struct {
    bool heard;
    bool fin;
    bool doubted;    /* it may have said more since: a packet that MC-SMP does not have */
    uint32_t seqnum; /* of its last DATA, as the rules have it: 0 before the first */
    uint32_t stray;  /* of a packet out of order, in case the next goes on from there */
    bool has_stray;
    uint32_t wndw; /* the highest it sent */
} mars_side_t;

typedef struct {
    session_state_t state;
    uint16_t generation; /* 0 in the first life of a SID */
    bool opened;         /* its SYN is in the capture */
    bool one_sided;      /* only one side of the connection is: what the other allows is not known */
    bool doubted;        /* a packet of this life, that MC-SMP does not have, may have been its SYN or a FIN */
    mars_side_t client, server;
} mars_session_t;

/* What MC-SMP 3.1.5 forbids. At most one is told of a packet, the first that explains it. */
typedef enum {
    MARS_SOUND,
    MARS_BAD_FLAGS,
    MARS_SYN_FROM_SERVER,
    MARS_UNKNOWN_SESSION,
    MARS_SID_REUSED_EARLY,
    MARS_DATA_AFTER_FIN,
    MARS_SEQUENCE,
    MARS_WINDOW_SHRUNK,
    MARS_WINDOW_EXCEEDED
} mars_violation_t;

typedef struct {
    session_state_t before, after;
    bool has_credit;
    uint32_t credit; /* DATA packets that the sender may still send */
    mars_violation_t violation;
} mars_outcome_t;

/* A session that was not met before. */
void mars_session_init(mars_session_t *session);

/* Takes the next packet of the session, in wire order. `complete`: the capture has the connection from its login on,
 * so that a session without SYN was never opened. */
mars_outcome_t mars_see(mars_session_t *session, sender_t sender, const smp_header_t *packet, bool complete);

/* Packets of this sender are missing: the numbers are forgotten, and taken over from its next packet. */
void mars_gap(mars_session_t *session, sender_t sender);

/* This sender sent something that MC-SMP does not have, and that may have been any packet of the session: what depends
 * on it is not judged, its numbers are taken over from its next packet. */
void mars_doubt(mars_session_t *session, sender_t sender);

/* Whether a session in this state still takes part in the connection. */
bool mars_is_open(session_state_t state);

/* Whether neither side has begun to close it. */
bool mars_is_untouched(session_state_t state);

/* The name that MC-SMP has for this state at one of the peers ("FIN SENT"), so far as an observer can tell. */
const char *mars_role_state(session_state_t state, sender_t role);

/* For tests of the table: row `index` of the moves; false past the last. */
bool mars_move_row(unsigned index, session_state_t *from, sender_t *sender, uint8_t *flag, session_state_t *to);

#endif
