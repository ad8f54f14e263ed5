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

static int32_t distance(uint32_t from, uint32_t to)
{
    return (int32_t)(to - from); /* wraps with the numbers */
}

static uint32_t window_of(const mars_side_t *side)
{
    return side->heard ? side->wndw : MARS_FIRST_WINDOW;
}

/* The SEQNUM that a packet of this side must have: DATA counts on, everything else repeats (MC-SMP 2.2.1.1). A FIN
 * with another is not forbidden, nor is a SYN. */
static bool in_sequence(const mars_side_t *side, const smp_header_t *packet)
{
    switch (packet->flags) {
    case SMP_DATA:
        return packet->seqnum == side->seqnum + 1 || (side->has_stray && packet->seqnum == side->stray + 1);
    case SMP_ACK:
        return packet->seqnum == side->seqnum || (side->has_stray && packet->seqnum == side->stray);
    default:
        return true;
    }
}

/* Whether it is known what this side allows: it said so, or it has said nothing yet. */
static bool is_window_known(const mars_session_t *session, const mars_side_t *side)
{
    return !side->doubted && (side->heard || (session->opened && !session->one_sided));
}

/* Rules about numbers; they need to know both what this side said before and what its peer allowed. */
static mars_violation_t number_violation(const mars_session_t *session, const mars_side_t *side,
                                         const mars_side_t *peer, const smp_header_t *packet)
{
    bool known = side->heard || session->opened;
    if (known && !side->doubted && !in_sequence(side, packet)) {
        return MARS_SEQUENCE;
    }
    if (side->heard && distance(side->wndw, packet->wndw) < 0) {
        return MARS_WINDOW_SHRUNK;
    }
    if (packet->flags == SMP_DATA && is_window_known(session, peer) && distance(window_of(peer), packet->seqnum) > 0) {
        return MARS_WINDOW_EXCEEDED;
    }
    return MARS_SOUND;
}

static mars_violation_t syn_violation(const mars_session_t *session, sender_t sender)
{
    if (sender == SENDER_SERVER) {
        return MARS_SYN_FROM_SERVER;
    }
    /* Of a life that was not seen from its SYN on, a FIN may have been missed. */
    return session->opened && !session->doubted && session->state != SESSION_CLOSED ? MARS_SID_REUSED_EARLY
                                                                                    : MARS_SOUND;
}

static mars_violation_t violation_of(const mars_session_t *session, sender_t sender, const smp_header_t *packet,
                                     bool complete)
{
    const mars_side_t *side = sender == SENDER_SERVER ? &session->server : &session->client;
    const mars_side_t *peer = sender == SENDER_SERVER ? &session->client : &session->server;
    if (!smp_header_sound(packet)) {
        return MARS_BAD_FLAGS;
    }
    if (packet->flags == SMP_SYN) {
        return syn_violation(session, sender);
    }
    if (session->state == SESSION_UNKNOWN) {
        return complete && !session->doubted ? MARS_UNKNOWN_SESSION : MARS_SOUND;
    }
    if (side->fin && !session->doubted && (packet->flags == SMP_DATA || packet->flags == SMP_FIN)) {
        return MARS_DATA_AFTER_FIN;
    }
    return number_violation(session, side, peer, packet);
}

/* What the packet said, kept so that one wrong number does not make the next ones wrong too. */
static void side_hears(mars_side_t *side, const smp_header_t *packet, mars_violation_t violation)
{
    bool counts = packet->flags == SMP_DATA || packet->flags == SMP_ACK; /* a FIN may have any number */
    bool adopted = !side->heard || (counts && side->doubted) ||
                   (side->has_stray && packet->seqnum == side->stray + (packet->flags == SMP_DATA));
    if (violation == MARS_SEQUENCE) {
        side->stray = packet->seqnum;
        side->has_stray = true;
        side->seqnum += packet->flags == SMP_DATA;
    } else if (packet->flags == SMP_DATA || adopted) {
        side->has_stray = side->has_stray && packet->seqnum != side->stray + 1 && packet->seqnum != side->seqnum + 1;
        side->seqnum = packet->seqnum;
    }
    if (!side->heard || distance(side->wndw, packet->wndw) > 0) {
        side->wndw = packet->wndw;
    }
    side->heard = true;
    side->doubted = side->doubted && !counts;
    side->fin = side->fin || packet->flags == SMP_FIN;
}

static mars_outcome_t mars_credit(const mars_session_t *session, const mars_side_t *side, const mars_side_t *peer)
{
    int32_t left = distance(side->seqnum, window_of(peer));
    return (mars_outcome_t){
        .has_credit = is_window_known(session, peer) && !side->doubted,
        .credit = left > 0 ? (uint32_t)left : 0,
    };
}

/* Packets that no peer would accept change nothing. */
static bool is_ignored(mars_violation_t violation)
{
    return violation == MARS_BAD_FLAGS || violation == MARS_SYN_FROM_SERVER || violation == MARS_DATA_AFTER_FIN;
}

static void forget_session(mars_session_t *session)
{
    session->client = session->server = (mars_side_t){0};
    session->state = SESSION_UNKNOWN;
    session->opened = false;
}

/* The other side's FIN was seen first, and what this side sent until now was not: its FIN and SYN may be missing. */
static bool may_be_reopened(const mars_session_t *session, const mars_side_t *side, const mars_side_t *peer,
                            const smp_header_t *packet)
{
    return !session->opened && peer->fin && !side->heard && packet->flags == SMP_DATA;
}

mars_outcome_t mars_see(mars_session_t *session, sender_t sender, const smp_header_t *packet, bool complete)
{
    mars_side_t *side = sender == SENDER_SERVER ? &session->server : &session->client;
    const mars_side_t *peer = sender == SENDER_SERVER ? &session->client : &session->server;
    bool reopened = session->one_sided && side->fin && packet->flags != SMP_ACK; /* by the other side */
    if (reopened || may_be_reopened(session, side, peer, packet)) {
        forget_session(session);
    }
    session_state_t before = session->state;
    mars_violation_t violation = violation_of(session, sender, packet, complete);
    if (!is_ignored(violation)) {
        session_state_t after = next_state(before, sender, packet->flags);
        if (packet->flags == SMP_SYN) {
            mars_reborn(session);
        }
        session->state = after;
        side_hears(side, packet, violation);
    }
    if (violation == MARS_BAD_FLAGS) {
        mars_doubt(session, sender);
    }
    mars_outcome_t outcome = mars_credit(session, side, peer);
    outcome.before = before;
    outcome.after = session->state;
    outcome.violation = violation;
    return outcome;
}

/* Whether both sides may have sent their FIN, so that the client may open the session again. */
static bool may_be_over(const mars_session_t *session)
{
    bool one_fin = session->state == SESSION_FIN_BY_CLIENT || session->state == SESSION_FIN_BY_SERVER;
    bool other_may_be_missed = !session->opened || session->doubted;
    return session->state == SESSION_CLOSED || (one_fin && other_may_be_missed);
}

void mars_doubt(mars_session_t *session, sender_t sender)
{
    bool may_be_syn = sender == SENDER_CLIENT && may_be_over(session);
    session->doubted = true;
    if (may_be_syn) { /* both sides count anew */
        session->client = session->server = (mars_side_t){0};
        session->opened = false;
    } else {
        (sender == SENDER_SERVER ? &session->server : &session->client)->doubted = true;
    }
}

void mars_gap(mars_session_t *session, sender_t sender)
{
    bool fin = session->server.fin && sender == SENDER_SERVER;
    session->server = (mars_side_t){.fin = fin};
    if (sender != SENDER_SERVER) { /* a SYN may be among them, and both sides count anew */
        session->client = (mars_side_t){0};
    }
    session->opened = false; /* so that what is not known is not judged */
}

bool mars_is_open(session_state_t state)
{
    return state != SESSION_UNKNOWN && state != SESSION_CLOSED;
}

bool mars_is_untouched(session_state_t state)
{
    return state == SESSION_ESTABLISHED || state == SESSION_MIDWAY;
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
