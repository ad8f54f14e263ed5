/* mars.c - one MARS session: its state, its window, its lives.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "mars.h"

static const struct {
    session_state_t from;
    sender_t sender;
    uint8_t flag;
    session_state_t to;
} moves[] = {
#define MOVE(from, sender, flag, to) {SESSION_##from, SENDER_##sender, SMP_##flag, SESSION_##to},
#include "mars.def"
};

#define MOVE_COUNT (sizeof moves / sizeof moves[0])

void mars_session_init(mars_session_t *session)
{
    *session = (mars_session_t){.state = SESSION_UNKNOWN};
}

static session_state_t next_state(session_state_t from, sender_t sender, uint8_t flags)
{
    for (size_t i = 0; i < MOVE_COUNT; i++) {
        if (moves[i].from == from && moves[i].sender == sender && moves[i].flag == flags) {
            return moves[i].to;
        }
    }
    return from;
}

/* A SYN begins a life; of the life before it nothing counts but its number. */
static void mars_reborn(mars_session_t *session)
{
    uint16_t generation = session->state == SESSION_UNKNOWN ? 0 : (uint16_t)(session->generation + 1);
    if (session->state == SESSION_MIDWAY) {
        generation = session->generation;
    }
    mars_session_init(session);
    session->generation = generation;
    session->opened = true;
}

static mars_outcome_t mars_credit(const mars_session_t *session, const mars_side_t *sender, const mars_side_t *peer)
{
    mars_outcome_t outcome = {0};
    outcome.has_credit = peer->heard || session->opened;
    uint32_t window = peer->heard ? peer->wndw : MARS_FIRST_WINDOW;
    int32_t left = (int32_t)(window - sender->seqnum); /* wraps with the numbers */
    outcome.credit = left > 0 ? (uint32_t)left : 0;
    return outcome;
}

mars_outcome_t mars_see(mars_session_t *session, sender_t sender, const smp_header_t *packet)
{
    session_state_t before = session->state;
    session_state_t after = next_state(before, sender, packet->flags);
    if (packet->flags == SMP_SYN && sender == SENDER_CLIENT) {
        mars_reborn(session);
    }
    session->state = after;
    mars_side_t *side = sender == SENDER_SERVER ? &session->server : &session->client;
    *side = (mars_side_t){true, packet->seqnum, packet->wndw};
    mars_outcome_t outcome =
        mars_credit(session, side, sender == SENDER_SERVER ? &session->client : &session->server);
    outcome.before = before;
    outcome.after = after;
    return outcome;
}

bool mars_is_open(session_state_t state)
{
    return state != SESSION_UNKNOWN && state != SESSION_CLOSED;
}

const char *mars_role_state(session_state_t state, sender_t role)
{
    bool client = role == SENDER_CLIENT;
    switch (state) {
    case SESSION_ESTABLISHED:
        return "ESTABLISHED";
    case SESSION_FIN_BY_CLIENT:
        return client ? "FIN SENT" : "FIN RECEIVED";
    case SESSION_FIN_BY_SERVER:
        return client ? "FIN RECEIVED" : "FIN SENT";
    case SESSION_CLOSED:
        return "CLOSED";
    case SESSION_UNKNOWN:
    case SESSION_MIDWAY:
        break;
    }
    return "not known";
}

bool mars_move_row(unsigned index, session_state_t *from, sender_t *sender, uint8_t *flag, session_state_t *to)
{
    if (index >= MOVE_COUNT) {
        return false;
    }
    *from = moves[index].from;
    *sender = moves[index].sender;
    *flag = moves[index].flag;
    *to = moves[index].to;
    return true;
}
