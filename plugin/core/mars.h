/* mars.h - one MARS session: its state, its window, its lives (MC-SMP 3.1 to 3.3).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_MARS_H
#define TDSCONN_MARS_H

#include "smp.h"
#include "values.h"

#define MARS_FIRST_WINDOW 4 /* HighWaterForSend of both sides before any WNDW was sent, MC-SMP 3.1.3 */

/* What one side of a session last said. */
typedef struct {
    bool heard;
    uint32_t seqnum, wndw;
} mars_side_t;

typedef struct {
    session_state_t state;
    uint16_t generation; /* 0 in the first life of a SID */
    bool opened;         /* its SYN is in the capture */
    mars_side_t client, server;
} mars_session_t;

typedef struct {
    session_state_t before, after;
    bool has_credit;
    uint32_t credit; /* DATA packets that the sender may still send */
} mars_outcome_t;

/* A session that was not met before. */
void mars_session_init(mars_session_t *session);

/* Takes the next packet of the session, in wire order. */
mars_outcome_t mars_see(mars_session_t *session, sender_t sender, const smp_header_t *packet);

/* Whether a session in this state still takes part in the connection. */
bool mars_is_open(session_state_t state);

/* The name that MC-SMP has for this state at one of the peers ("FIN SENT"), so far as an observer can tell. */
const char *mars_role_state(session_state_t state, sender_t role);

/* For tests of the table: row `index` of the moves; false past the last. */
bool mars_move_row(unsigned index, session_state_t *from, sender_t *sender, uint8_t *flag, session_state_t *to);

#endif
