/* mars.h - one MARS session: its state, its window, its lives (MC-SMP 3.1 to 3.3).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_MARS_H
#define TDSCONN_MARS_H

#include "smp.h"
#include "values.h"

#define MARS_FIRST_WINDOW 4 /* HighWaterForSend of both sides before any WNDW was sent, MC-SMP 3.1.3 */

/* What one side of a session sent so far. All numbers wrap at 32 bits. */
typedef struct {
    bool heard;      /* it sent a packet */
    bool fin;        /* it sent FIN */
    bool doubted;    /* it sent something that MC-SMP does not have: its numbers are uncertain */
    uint32_t seqnum; /* the SEQNUM of its last DATA, by the rules; 0 before the first */
    uint32_t stray;  /* the SEQNUM of a packet out of order: the next may continue from there */
    bool has_stray;
    uint32_t wndw; /* the highest WNDW it sent */
} mars_side_t;

typedef struct {
    session_state_t state;
    uint16_t generation; /* how often the SID was used before: 0 in its first life */
    bool opened;         /* its SYN is in the capture, and no packet is missing since */
    bool one_sided;      /* only one side of the connection is in the capture: the other's WNDW is not known */
    bool doubted;        /* a packet of this life that MC-SMP does not have may have been its SYN or a FIN */
    mars_side_t client, server;
} mars_session_t;

/* What MC-SMP 3.1.5 forbids. For each packet at most one is reported, the first that explains it. */
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
    uint32_t credit; /* how many DATA packets the sender may still send; if has_credit */
    mars_violation_t violation;
} mars_outcome_t;

/* Sets a session to SESSION_UNKNOWN: no packet of it was met. */
void mars_session_init(mars_session_t *session);

/* Moves the session on by its next packet, in wire order. `complete`: the capture has the connection from its login on,
 * so a session without SYN was never opened. A packet that no peer accepts does not move it. */
mars_outcome_t mars_see(mars_session_t *session, sender_t sender, const smp_header_t *packet, bool complete);

/* Packets of this sender are missing: its numbers are forgotten, and taken from its next packet. If the client's are
 * missing, a SYN may be among them, so both sides' are forgotten. */
void mars_gap(mars_session_t *session, sender_t sender);

/* This sender sent something that MC-SMP does not have, which may have been any packet of the session. What depends on
 * it is not judged, and its numbers are taken from its next packet. */
void mars_doubt(mars_session_t *session, sender_t sender);

/* Whether a session in this state is open, half-closed ones included. */
bool mars_is_open(session_state_t state);

/* Whether neither side has begun to close it. */
bool mars_is_untouched(session_state_t state);

/* MC-SMP's name of this state for one of the peers, such as "FIN SENT"; "not known" if an observer cannot tell. Static
 * text. */
const char *mars_role_state(session_state_t state, sender_t role);

/* For tests of the table: row `index` of the moves. False behind the last. */
bool mars_move_row(unsigned index, session_state_t *from, sender_t *sender, uint8_t *flag, session_state_t *to);

#endif
