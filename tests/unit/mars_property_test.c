/* mars_property_test.c - whatever two peers do under MC-SMP raises nothing, and whatever they may not do raises its
 * own rule, once.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A model of two peers (MC-SMP 3.1 to 3.3) talks at random, with each direction of the wire as late as it likes; the
 * observer stands somewhere between. TDSCONN_SEED chooses other traces than the usual ones.
 */
#include "vectors.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "mars.h"

#define TRACES  100000
#define SIDS    3
#define PACKETS 80 /* of one trace */
#define RULES   (MARS_WINDOW_EXCEEDED + 1)

/* Chance. {{{ */

static uint64_t chance_state;

static uint32_t chance(uint32_t below)
{
    chance_state ^= chance_state << 13; /* xorshift64 */
    chance_state ^= chance_state >> 7;
    chance_state ^= chance_state << 17;
    return (uint32_t)(chance_state >> 33) % below;
}

/* }}} */

/* The peers. {{{ */

typedef struct {
    sender_t sender;
    smp_header_t header;
} packet_t;

/* One session at one peer, with the names of MC-SMP 3.1.1. */
typedef struct {
    bool open, fin_sent, fin_received;
    uint32_t seq_for_send, high_for_send, seq_for_recv, high_for_recv, last_high_for_recv;
} end_t;

typedef struct {
    sender_t sender;
    uint32_t ack_threshold;
    bool fills_window;
    end_t ends[SIDS];
    packet_t sent[PACKETS]; /* into the wire */
    size_t sent_count, observed, received;
} peer_t;

/* What the observer saw, and what it knew of the packet's session before it. */
typedef struct {
    bool complete;
    size_t count;
    packet_t packets[PACKETS];
    mars_session_t before[PACKETS];
} trace_t;

static uint32_t unread(const end_t *end)
{
    return end->seq_for_recv + MARS_FIRST_WINDOW - end->high_for_recv;
}

static void peer_sends(peer_t *peer, uint16_t sid, uint8_t flag)
{
    end_t *end = &peer->ends[sid];
    uint32_t length = flag == SMP_DATA ? SMP_HEADER_LENGTH + chance(100) : SMP_HEADER_LENGTH;
    end->seq_for_send += flag == SMP_DATA;
    end->last_high_for_recv = end->high_for_recv;
    smp_header_t header = {flag, sid, length, end->seq_for_send, end->high_for_recv};
    peer->sent[peer->sent_count++] = (packet_t){peer->sender, header};
}

static void end_opens(end_t *end)
{
    *end = (end_t){.open = true,
                   .high_for_send = MARS_FIRST_WINDOW,
                   .high_for_recv = MARS_FIRST_WINDOW,
                   .last_high_for_recv = MARS_FIRST_WINDOW};
}

static void end_closes(end_t *end)
{
    end->open = !(end->fin_sent && end->fin_received);
}

static void peer_receives(peer_t *peer, const smp_header_t *header)
{
    end_t *end = &peer->ends[header->sid];
    if (header->flags == SMP_SYN) {
        end_opens(end);
        return;
    }
    end->high_for_send = header->wndw;
    end->seq_for_recv = header->seqnum;
    end->fin_received = end->fin_received || header->flags == SMP_FIN;
    end_closes(end);
}

/* The application at this peer does something to a session, if it can. */
static void peer_acts(peer_t *peer, uint16_t sid)
{
    end_t *end = &peer->ends[sid];
    if (!end->open) {
        if (peer->sender == SENDER_CLIENT) {
            end_opens(end);
            peer_sends(peer, sid, SMP_SYN);
        }
        return;
    }
    uint32_t credit = end->high_for_send - end->seq_for_send;
    bool may_send = !end->fin_sent && !end->fin_received;
    uint32_t what = chance(16);
    if (what < 8) {
        if (may_send && credit > (peer->fills_window ? 0 : 1)) {
            peer_sends(peer, sid, SMP_DATA);
        }
    } else if (what < 15) {
        if (unread(end) > 0) {
            end->high_for_recv++;
        }
        if (may_send && end->high_for_recv - end->last_high_for_recv >= peer->ack_threshold) {
            peer_sends(peer, sid, SMP_ACK);
        }
    } else if (!end->fin_sent) {
        peer_sends(peer, sid, SMP_FIN);
        end->fin_sent = true;
        end_closes(end);
    }
}

static void peers_start(peer_t *client, peer_t *server, bool from_the_login)
{
    *client = (peer_t){.sender = SENDER_CLIENT, .ack_threshold = 2 + chance(2), .fills_window = chance(2) == 0};
    *server = (peer_t){.sender = SENDER_SERVER, .ack_threshold = 2 + chance(2), .fills_window = chance(2) == 0};
    if (from_the_login) {
        return;
    }
    for (uint16_t sid = 0; sid < SIDS; sid++) { /* in the middle of sessions whose numbers are about to wrap */
        uint32_t by_client = 0u - chance(12), by_server = 0u - chance(12);
        bool fin = chance(8) == 0, by = chance(2) == 0;
        for (unsigned i = 0; i < 2; i++) {
            peer_t *peer = i == 0 ? client : server;
            uint32_t own = i == 0 ? by_client : by_server, others = i == 0 ? by_server : by_client;
            end_opens(&peer->ends[sid]);
            peer->ends[sid].seq_for_send = own;
            peer->ends[sid].high_for_send = own + MARS_FIRST_WINDOW;
            peer->ends[sid].seq_for_recv = others;
            peer->ends[sid].high_for_recv = peer->ends[sid].last_high_for_recv = others + MARS_FIRST_WINDOW;
            peer->ends[sid].fin_sent = fin && by == (i == 0);
            peer->ends[sid].fin_received = fin && by != (i == 0);
        }
    }
}

static void observe(trace_t *trace, peer_t *peer)
{
    if (peer->observed < peer->sent_count) {
        trace->packets[trace->count++] = peer->sent[peer->observed++];
    }
}

static void deliver(peer_t *from, peer_t *to)
{
    if (from->received < from->observed) {
        peer_receives(to, &from->sent[from->received++].header);
    }
}

static void talk(trace_t *trace)
{
    peer_t client, server;
    trace->complete = chance(4) != 0;
    trace->count = 0;
    peers_start(&client, &server, trace->complete);
    size_t length = 20 + chance(PACKETS - 20);
    for (unsigned turn = 0; turn < 20 * PACKETS && trace->count < length; turn++) {
        peer_t *one = chance(2) == 0 ? &client : &server;
        peer_t *other = one == &client ? &server : &client;
        switch (chance(3)) {
        case 0:
            if (client.sent_count + server.sent_count < PACKETS) {
                peer_acts(one, (uint16_t)chance(SIDS));
            }
            break;
        case 1:
            observe(trace, one);
            break;
        default:
            deliver(one, other);
            break;
        }
    }
}

/* }}} */

/* The observer. {{{ */

typedef struct {
    mars_session_t sessions[SIDS + 1]; /* the last is opened by nobody */
} observer_t;

static observer_t new_observer(void)
{
    observer_t observer;
    for (size_t i = 0; i < COUNT_OF(observer.sessions); i++) {
        mars_session_init(&observer.sessions[i]);
    }
    return observer;
}

static mars_outcome_t observer_sees(observer_t *observer, const packet_t *packet, bool complete)
{
    return mars_see(&observer->sessions[packet->header.sid], packet->sender, &packet->header, complete);
}

static void print_trace(const packet_t *packets, size_t count, size_t here)
{
    for (size_t i = 0; i < count; i++) {
        const smp_header_t *h = &packets[i].header;
        print_message("%c %zu %s flags %02x sid %u length %u seqnum %u wndw %u\n", i == here ? '>' : ' ', i,
                      packets[i].sender == SENDER_CLIENT ? "client" : "server", h->flags, h->sid, h->length, h->seqnum,
                      h->wndw);
    }
}

/* Fails unless `violation` is raised by packet `where` and nothing by any other. */
static void assert_raises(const packet_t *packets, size_t count, bool complete, mars_violation_t violation,
                          size_t where)
{
    observer_t observer = new_observer();
    for (size_t i = 0; i < count; i++) {
        mars_violation_t due = i == where ? violation : MARS_SOUND;
        mars_violation_t raised = observer_sees(&observer, &packets[i], complete).violation;
        if (raised != due) {
            print_trace(packets, count, i);
            fail_msg("%s trace, packet %zu raises %d, not %d; mutated at %zu", complete ? "complete" : "joined midway",
                     i, raised, due, where);
        }
    }
}

static void observe_legal(trace_t *trace)
{
    observer_t observer = new_observer();
    for (size_t i = 0; i < trace->count; i++) {
        trace->before[i] = observer.sessions[trace->packets[i].header.sid];
        mars_outcome_t outcome = observer_sees(&observer, &trace->packets[i], trace->complete);
        if (outcome.violation != MARS_SOUND) {
            print_trace(trace->packets, trace->count, i);
            fail_msg("a legal trace raises %d at packet %zu", outcome.violation, i);
        }
    }
}

/* }}} */

/* Mutations. {{{
 *
 * One thing is wrong, and the peers go on as if it were not. A peer that rejects the wrong packet would close the
 * connection; one that does not check, as SqlClient's, goes on just so. Where a packet is wrong so that the receiver
 * cannot take it, it is put in besides the others and does not replace one: without the packet it replaces, the rest
 * of the trace would be wrong as well.
 */

typedef struct {
    packet_t packets[PACKETS + 1];
    size_t count, where;
} mutant_t;

static void mutant_insert(mutant_t *mutant, const trace_t *trace, size_t at, packet_t packet)
{
    memcpy(mutant->packets, trace->packets, at * sizeof packet);
    mutant->packets[at] = packet;
    memcpy(mutant->packets + at + 1, trace->packets + at, (trace->count - at) * sizeof packet);
    mutant->count = trace->count + 1;
    mutant->where = at;
}

static void mutant_replace(mutant_t *mutant, const trace_t *trace, size_t at, packet_t packet)
{
    memcpy(mutant->packets, trace->packets, trace->count * sizeof packet);
    mutant->packets[at] = packet;
    mutant->count = trace->count;
    mutant->where = at;
}

static void mutant_remove(mutant_t *mutant, const trace_t *trace, size_t at)
{
    mutant_replace(mutant, trace, at, trace->packets[at]);
    memmove(mutant->packets + at, mutant->packets + at + 1, (trace->count - at - 1) * sizeof(packet_t));
    mutant->count--;
}

static const mars_side_t *side_of(const mars_session_t *session, sender_t sender)
{
    return sender == SENDER_SERVER ? &session->server : &session->client;
}

static bool knows(const mars_session_t *session, sender_t sender)
{
    return session->opened || side_of(session, sender)->heard;
}

/* What this side could send next in the session of packet `at`. */
static packet_t next_of(const trace_t *trace, size_t at, sender_t sender, uint8_t flag)
{
    const mars_side_t *side = side_of(&trace->before[at], sender);
    smp_header_t header = {flag, trace->packets[at].header.sid, SMP_HEADER_LENGTH, side->seqnum + (flag == SMP_DATA),
                           side->heard ? side->wndw : MARS_FIRST_WINDOW};
    return (packet_t){sender, header};
}

static sender_t any_sender(void)
{
    return chance(2) == 0 ? SENDER_CLIENT : SENDER_SERVER;
}

static uint8_t any_flag(uint8_t first, uint8_t second, uint8_t third)
{
    const uint8_t flags[] = {first, second, third};
    return flags[chance(3)];
}

static bool bad_flags(const trace_t *trace, size_t at, mutant_t *mutant)
{
    packet_t packet = next_of(trace, at, any_sender(), (uint8_t)chance(0x100));
    packet.header.length = 17; /* so that a lone SYN, ACK or FIN is not sound either */
    if (packet.header.flags == SMP_DATA) {
        packet.header.flags = 0;
    }
    mutant_insert(mutant, trace, at, packet);
    return true;
}

/* The same of a packet that was sent so: the receiver takes it for what it was meant to be. */
static bool flags_damaged(const trace_t *trace, size_t at, mutant_t *mutant)
{
    packet_t packet = trace->packets[at];
    uint8_t bit = (uint8_t)(1u << chance(8));
    packet.header.flags ^= bit; /* none, two, or one that is not defined */
    mutant_replace(mutant, trace, at, packet);
    return true;
}

static bool control_with_data(const trace_t *trace, size_t at, mutant_t *mutant)
{
    packet_t packet = next_of(trace, at, any_sender(), any_flag(SMP_SYN, SMP_ACK, SMP_FIN));
    packet.header.length = chance(2) == 0 ? chance(SMP_HEADER_LENGTH) : SMP_HEADER_LENGTH + 1 + chance(100000);
    mutant_insert(mutant, trace, at, packet);
    return true;
}

static bool syn_from_server(const trace_t *trace, size_t at, mutant_t *mutant)
{
    mutant_insert(mutant, trace, at, next_of(trace, at, SENDER_SERVER, SMP_SYN));
    return true;
}

/* Of a SID that is opened later, or never. */
static bool unknown_session(const trace_t *trace, size_t at, mutant_t *mutant)
{
    packet_t packet = {any_sender(), {any_flag(SMP_ACK, SMP_FIN, SMP_DATA), SIDS, SMP_HEADER_LENGTH, chance(9), 4}};
    if (!trace->complete) { /* it may have been opened before the capture */
        return false;
    }
    if (trace->before[at].state == SESSION_UNKNOWN && chance(2) == 0) {
        packet.header.sid = trace->packets[at].header.sid;
    }
    mutant_insert(mutant, trace, at, packet);
    return true;
}

/* A SYN too much would begin a life in the middle of another, whose packets all had wrong numbers then. So a FIN is
 * left out, and the SYN that follows is too early. */
static bool syn_on_open_sid(const trace_t *trace, size_t at, mutant_t *mutant)
{
    if (trace->packets[at].header.flags != SMP_FIN || !trace->before[at].opened) {
        return false;
    }
    for (size_t i = at + 1; i < trace->count; i++) {
        const smp_header_t *header = &trace->packets[i].header;
        if (header->flags == SMP_SYN && header->sid == trace->packets[at].header.sid) {
            mutant_remove(mutant, trace, at);
            mutant->where = i - 1;
            return true;
        }
    }
    return false;
}

static bool after_own_fin(const trace_t *trace, size_t at, mutant_t *mutant)
{
    sender_t sender = any_sender();
    if (!side_of(&trace->before[at], sender)->fin) {
        return false;
    }
    mutant_insert(mutant, trace, at, next_of(trace, at, sender, chance(2) == 0 ? SMP_DATA : SMP_FIN));
    return true;
}

/* Only this packet has the wrong number, the next ones have theirs. */
static bool wrong_seqnum(const trace_t *trace, size_t at, mutant_t *mutant, uint8_t flag, uint32_t seqnum)
{
    packet_t packet = trace->packets[at];
    if (packet.header.flags != flag || !knows(&trace->before[at], packet.sender)) {
        return false;
    }
    packet.header.seqnum = seqnum;
    mutant_replace(mutant, trace, at, packet);
    return true;
}

static bool data_skipped(const trace_t *trace, size_t at, mutant_t *mutant)
{
    return wrong_seqnum(trace, at, mutant, SMP_DATA, trace->packets[at].header.seqnum + 1 + chance(1000));
}

static bool data_back(const trace_t *trace, size_t at, mutant_t *mutant)
{
    return wrong_seqnum(trace, at, mutant, SMP_DATA, trace->packets[at].header.seqnum - 1 - chance(1000));
}

/* The same packet twice. Of the first of a session joined midway the second is known. */
static bool data_repeated(const trace_t *trace, size_t at, mutant_t *mutant)
{
    if (trace->packets[at].header.flags != SMP_DATA || trace->before[at].state == SESSION_UNKNOWN) {
        return false;
    }
    mutant_insert(mutant, trace, at, trace->packets[at]);
    mutant->where = at + 1;
    return true;
}

/* A number left out for good: its packet is not there. The next DATA or ACK of that side is wrong then. If the packet
 * brought a higher WNDW, its peer could be wrong as well. */
static bool data_left_out(const trace_t *trace, size_t at, mutant_t *mutant)
{
    const packet_t *packet = &trace->packets[at];
    const mars_side_t *side = side_of(&trace->before[at], packet->sender);
    if (packet->header.flags != SMP_DATA || !side->heard || side->wndw != packet->header.wndw) {
        return false;
    }
    for (size_t i = at + 1; i < trace->count; i++) {
        const packet_t *next = &trace->packets[i];
        if (next->header.sid != packet->header.sid || next->sender != packet->sender) {
            continue;
        }
        mutant_remove(mutant, trace, at);
        mutant->where = i - 1;
        return next->header.flags == SMP_DATA || next->header.flags == SMP_ACK;
    }
    return false;
}

static bool ack_wrong(const trace_t *trace, size_t at, mutant_t *mutant)
{
    uint32_t by = 1 + chance(1000);
    return wrong_seqnum(trace, at, mutant, SMP_ACK, trace->packets[at].header.seqnum + (chance(2) == 0 ? by : 0u - by));
}

/* In a packet that raises it, the peer would go on to send what it no longer may. So it is one that repeats the
 * WNDW before it, or one besides. */
static bool window_shrunk(const trace_t *trace, size_t at, mutant_t *mutant)
{
    packet_t packet = trace->packets[at];
    const mars_side_t *side = side_of(&trace->before[at], packet.sender);
    if (packet.header.flags == SMP_SYN || !side->heard) {
        return false;
    }
    if (packet.header.wndw == side->wndw) {
        packet.header.wndw -= 1 + chance(1000);
        mutant_replace(mutant, trace, at, packet);
        return true;
    }
    packet = next_of(trace, at, packet.sender, SMP_ACK);
    packet.header.wndw -= 1 + chance(1000);
    mutant_insert(mutant, trace, at, packet);
    return true;
}

/* DATA sent before the packet that allows it; between the two its sender says nothing else in the session, or its
 * own numbers would be out of order too. */
static bool window_exceeded(const trace_t *trace, size_t at, mutant_t *mutant)
{
    const packet_t *data = &trace->packets[at];
    if (data->header.flags != SMP_DATA || !trace->before[at].opened) {
        return false;
    }
    for (size_t i = at; i-- > 0;) {
        const packet_t *earlier = &trace->packets[i];
        if (earlier->header.sid != data->header.sid) {
            continue;
        }
        const mars_side_t *peer = side_of(&trace->before[i], earlier->sender);
        uint32_t allowed = peer->heard ? peer->wndw : MARS_FIRST_WINDOW;
        if (earlier->sender == data->sender || earlier->header.flags == SMP_SYN) {
            return false;
        }
        if ((int32_t)(data->header.seqnum - allowed) > 0) {
            mutant_replace(mutant, trace, at, *data);
            memmove(mutant->packets + i + 1, mutant->packets + i, (at - i) * sizeof *data);
            mutant->packets[i] = *data;
            mutant->where = i;
            return true;
        }
    }
    return false;
}

static const struct {
    const char *name;
    mars_violation_t violation;
    bool (*mutate)(const trace_t *trace, size_t at, mutant_t *mutant); /* false if it cannot be done there */
} mutations[] = {
    {"bad flags", MARS_BAD_FLAGS, bad_flags},
    {"flags damaged on the way", MARS_BAD_FLAGS, flags_damaged},
    {"control packet that is not 16 bytes", MARS_BAD_FLAGS, control_with_data},
    {"SYN from the server", MARS_SYN_FROM_SERVER, syn_from_server},
    {"session that was not opened", MARS_UNKNOWN_SESSION, unknown_session},
    {"SYN on an open SID", MARS_SID_REUSED_EARLY, syn_on_open_sid},
    {"DATA or FIN after the own FIN", MARS_DATA_AFTER_FIN, after_own_fin},
    {"DATA with a number too high", MARS_SEQUENCE, data_skipped},
    {"DATA with a number too low", MARS_SEQUENCE, data_back},
    {"DATA repeated", MARS_SEQUENCE, data_repeated},
    {"DATA left out", MARS_SEQUENCE, data_left_out},
    {"ACK with a wrong number", MARS_SEQUENCE, ack_wrong},
    {"WNDW lowered", MARS_WINDOW_SHRUNK, window_shrunk},
    {"DATA beyond the window", MARS_WINDOW_EXCEEDED, window_exceeded},
};

/* Whether the mutation could be done anywhere; begins to look at a random packet. */
static bool mutate(const trace_t *trace, size_t which)
{
    static mutant_t mutant;
    size_t start = chance((uint32_t)trace->count);
    for (size_t i = 0; i < trace->count; i++) {
        if (mutations[which].mutate(trace, (start + i) % trace->count, &mutant)) {
            assert_raises(mutant.packets, mutant.count, trace->complete, mutations[which].violation, mutant.where);
            return true;
        }
    }
    return false;
}

/* }}} */

/* One packet of a legal trace is so damaged that nobody knows whose it is. Nothing that comes behind it is forbidden.
 */
static void assert_damage_is_not_blamed(const trace_t *trace, size_t damaged)
{
    observer_t observer = new_observer();
    for (size_t i = 0; i < trace->count; i++) {
        for (size_t sid = 0; i == damaged && sid < COUNT_OF(observer.sessions); sid++) {
            mars_doubt(&observer.sessions[sid], trace->packets[i].sender);
        }
        mars_violation_t raised =
            i == damaged ? MARS_SOUND : observer_sees(&observer, &trace->packets[i], trace->complete).violation;
        if (raised != MARS_SOUND) {
            print_trace(trace->packets, trace->count, i);
            fail_msg("packet %zu raises %d, behind damage at %zu", i, raised, damaged);
        }
    }
}

static void legal_traces_raise_nothing_and_each_mutation_its_rule(void **state)
{
    (void)state;
    static trace_t trace;
    size_t packets = 0, done[COUNT_OF(mutations)] = {0}, wrapped = 0, reused = 0;
    bool rules[RULES] = {false};
    for (size_t i = 0; i < TRACES; i++) {
        do {
            talk(&trace);
        } while (trace.count == 0);
        observe_legal(&trace);
        assert_damage_is_not_blamed(&trace, chance((uint32_t)trace.count));
        packets += trace.count;
        for (size_t k = 0; k < trace.count; k++) {
            wrapped += trace.before[k].state != SESSION_UNKNOWN && trace.packets[k].header.flags == SMP_DATA &&
                       !trace.before[k].opened && trace.packets[k].header.seqnum == 0;
            reused += trace.before[k].state == SESSION_CLOSED;
        }
        for (size_t which = 0; which < COUNT_OF(mutations); which++) {
            done[which] += mutate(&trace, which);
        }
    }
    print_message("%d legal traces of %zu packets; numbers wrapped in %zu sessions, %zu SIDs reused\n", TRACES, packets,
                  wrapped, reused);
    for (size_t which = 0; which < COUNT_OF(mutations); which++) {
        print_message("%8zu x %s\n", done[which], mutations[which].name);
        assert_uint_in_range(done[which], TRACES / 10, TRACES);
        rules[mutations[which].violation] = true;
    }
    for (size_t rule = MARS_SOUND + 1; rule < RULES; rule++) {
        assert_true(rules[rule]);
    }
    assert_true(wrapped > TRACES / 10 && reused > TRACES / 10);
}

static double seconds_since(clock_t start)
{
    return (double)(clock() - start) / CLOCKS_PER_SEC;
}

/* What a session needs does not grow: the core allocates nothing. */
static void a_long_session_takes_no_more_memory(void **state)
{
    (void)state;
    const uint32_t count = 1000000;
    mars_session_t session;
    mars_session_init(&session);
    clock_t start = clock();
    smp_header_t syn = {SMP_SYN, 7, 16, 0, 4}, data = {SMP_DATA, 7, 96, 0, 4}, ack = {SMP_ACK, 7, 16, 0, 4};
    (void)mars_see(&session, SENDER_CLIENT, &syn, true);
    for (uint32_t i = 0; i < count; i++) {
        const bool sends = i % 3 != 2;
        data.seqnum += sends;
        ack.wndw = data.seqnum + MARS_FIRST_WINDOW;
        mars_outcome_t outcome =
            sends ? mars_see(&session, SENDER_SERVER, &data, true) : mars_see(&session, SENDER_CLIENT, &ack, true);
        assert_int_equal(outcome.violation, MARS_SOUND);
    }
    print_message("%u packets of one session: %.3f s, %zu bytes\n", count, seconds_since(start), sizeof session);
}

static void all_sids_take_the_memory_of_each(void **state)
{
    (void)state;
    enum { COUNT = 0x10000, ROUNDS = 15 };
    mars_session_t *sessions = calloc(COUNT, sizeof *sessions);
    assert_non_null(sessions);
    clock_t start = clock();
    for (uint32_t round = 0; round <= ROUNDS; round++) {
        for (uint32_t sid = 0; sid < COUNT; sid++) {
            smp_header_t header = {round == 0 ? SMP_SYN : SMP_DATA, (uint16_t)sid, 16, round, 4};
            header.wndw = round == 0 ? ROUNDS : MARS_FIRST_WINDOW;
            sender_t sender = round == 0 ? SENDER_CLIENT : SENDER_SERVER;
            assert_int_equal(mars_see(&sessions[sid], sender, &header, true).violation, MARS_SOUND);
        }
    }
    print_message("%d packets of %d sessions: %.3f s, %zu bytes\n", COUNT * (ROUNDS + 1), COUNT, seconds_since(start),
                  COUNT * sizeof *sessions);
    free(sessions);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(legal_traces_raise_nothing_and_each_mutation_its_rule),
        cmocka_unit_test(a_long_session_takes_no_more_memory),
        cmocka_unit_test(all_sids_take_the_memory_of_each),
    };
    const char *seed = getenv("TDSCONN_SEED");
    chance_state = seed != NULL ? strtoull(seed, NULL, 0) | 1 : 20240605;
    print_message("TDSCONN_SEED=%" PRIu64 "\n", chance_state);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
