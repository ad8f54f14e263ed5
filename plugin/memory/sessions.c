/* sessions.c - the MARS sessions of a connection.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "memory/sessions.h"

#include <epan/proto_data.h>

#include <stdio.h>

#include "memory/capture.h"
#include "memory/exchanges.h"
#include "memory/findings.h"
#include "memory/times.h"
#include "wire/protocol.h"

#define BRAKE_LEAST MILLISECONDS(200) /* a shorter response is never reported as slow */
#define LEAK_LEAST  2                 /* drivers close the last session with the connection */

/* Bits of mars_track_t.reported besides those of mars_violation_t. */
enum { REPORTED_STALLED = MARS_WINDOW_EXCEEDED + 1, REPORTED_BRAKE };

/* Forgets an unfinished message. */
static void forget_message(mars_track_t *session, sender_t sender)
{
    channel_forget_message(&session->channel, sender);
    assembly_clear(&mars_sender(session, sender)->bytes);
    mars_sender(session, sender)->astray = true;
}

/* From now on neither side counts as waiting for credit. */
static void end_waiting(mars_track_t *session)
{
    session->client.blocked = session->server.blocked = (instant_t){0};
}

/* Holes. A connection may have many sessions and many holes, so each session looks for new ones with its next packet.
 * {{{ */

void sessions_gap(track_t *track, sender_t sender)
{
    track_sessions(track)->holes.of[sender].gaps++;
    sessions_cut(track, sender);
}

void sessions_cut(track_t *track, sender_t sender)
{
    track_sessions(track)->holes.of[sender].all++;
}

void sessions_stray(track_t *track, const frame_t *frame, span_t at, bool due)
{
    smp_header_t header;
    (void)smp_header_parse(at, &header);
    track_sessions(track)->holes.of[frame->sender].strays++;
    if (due) {
        diagnose(track, frame->number, DIAGNOSIS_MARS_BAD_FLAGS,
                 "no SMP header where one must stand: SMID 0x%02x, flags 0x%02x, length %u", at.at[0], header.flags,
                 header.length);
    }
}

static bool has_new_holes(const track_t *track, const mars_track_t *session, sender_t sender)
{
    return session->holes.of[sender].all != track->sessions->holes.of[sender].all;
}

static bool has_new_strays(const track_t *track, const mars_track_t *session, sender_t sender)
{
    return session->holes.of[sender].strays != track->sessions->holes.of[sender].strays;
}

/* Whether packets of this session may be missing, or be among strays. */
static bool may_lack_packets(const track_t *track, const mars_track_t *session, sender_t sender)
{
    return has_new_holes(track, session, sender) || has_new_strays(track, session, sender);
}

/* Packets of this sender may be missing in the session. */
static void read_hole(const track_t *track, mars_track_t *session, sender_t sender)
{
    mars_gap(&session->session, sender);
    end_waiting(session);
    if (session->holes.of[sender].gaps != track->sessions->holes.of[sender].gaps) {
        forget_message(session, sender);
    }
}

/* A stray of this sender may have been a packet of the session. */
static void read_stray(mars_track_t *session, sender_t sender)
{
    mars_doubt(&session->session, sender);
    end_waiting(session);
    forget_message(session, sender);
}

static void read_holes(const track_t *track, mars_track_t *session)
{
    for (sender_t sender = SENDER_CLIENT; sender <= SENDER_SERVER; sender++) {
        if (has_new_strays(track, session, sender)) {
            read_stray(session, sender);
        }
        if (has_new_holes(track, session, sender)) {
            read_hole(track, session, sender);
        }
    }
    session->holes = track->sessions->holes;
}

/* }}} */

/* The session with this SID, made if it was not met before. */
static mars_track_t *session_of(track_t *track, guint16 sid)
{
    if (track->sessions->by_sid == NULL) {
        track_sessions(track)->by_sid = wmem_map_new(wmem_file_scope(), g_direct_hash, g_direct_equal);
        track->mars = true;
    }
    mars_track_t *session = (mars_track_t *)wmem_map_lookup(track->sessions->by_sid, GUINT_TO_POINTER(sid));
    if (session == NULL) {
        session = wmem_new0(wmem_file_scope(), mars_track_t);
        mars_session_init(&session->session);
        session->number = capture.sessions++;
        session->holes = track->sessions->holes;
        session->holes.of[SENDER_CLIENT].strays = 0; /* any of them may have opened it */
        wmem_map_insert(track->sessions->by_sid, GUINT_TO_POINTER(sid), session);
    }
    read_holes(track, session);
    return session;
}

static guint32 recount(guint32 count, bool before, bool after)
{
    return count + (after && !before) - (before && !after);
}

static void count_open(track_t *track, const mars_outcome_t *outcome)
{
    session_state_t before = outcome->before;
    session_state_t after = outcome->after;
    track_sessions(track)->open = recount(track->sessions->open, mars_is_open(before), mars_is_open(after));
    track_sessions(track)->untouched =
        recount(track->sessions->untouched, mars_is_untouched(before), mars_is_untouched(after));
}

/* Whether this is reported for the first time in this life of the session. */
static bool is_first_report(mars_track_t *session, guint what)
{
    bool first = (session->reported & (1u << what)) == 0;
    session->reported |= 1u << what;
    return first;
}

/* What each rule's text needs is in the packet and in what the session knew before it. */
static void judge_packet(track_t *track, const frame_t *frame, const smp_header_t *header, const mars_session_t *before,
                         mars_violation_t violation, mars_track_t *session)
{
    const mars_side_t *side = frame->sender == SENDER_SERVER ? &before->server : &before->client;
    const mars_side_t *peer = frame->sender == SENDER_SERVER ? &before->client : &before->server;
    const char *who = frame->sender == SENDER_SERVER ? "server" : "client";
    guint sid = header->sid;
    if (violation == MARS_SOUND || !is_first_report(session, violation)) {
        return;
    }
    switch (violation) {
    case MARS_BAD_FLAGS:
        diagnose(track, frame->number, DIAGNOSIS_MARS_BAD_FLAGS,
                 "SMP packet of session %u with flags 0x%02x and length %u", sid, header->flags, header->length);
        break;
    case MARS_SYN_FROM_SERVER:
        diagnose(track, frame->number, DIAGNOSIS_MARS_SYN_FROM_SERVER, "the server opens session %u: only a client may",
                 sid);
        break;
    case MARS_UNKNOWN_SESSION:
        diagnose(track, frame->number, DIAGNOSIS_MARS_UNKNOWN_SESSION, "session %u was never opened, the %s uses it",
                 sid, who);
        break;
    case MARS_SID_REUSED_EARLY:
        diagnose(track, frame->number, DIAGNOSIS_MARS_SID_REUSED_EARLY,
                 "session %u is opened again while it is in state \"%s\"", sid,
                 mars_role_state(before->state, SENDER_CLIENT));
        break;
    case MARS_DATA_AFTER_FIN:
        diagnose(track, frame->number, DIAGNOSIS_MARS_DATA_AFTER_FIN, "the %s sends on session %u after its FIN", who,
                 sid);
        break;
    case MARS_SEQUENCE:
        diagnose(track, frame->number, DIAGNOSIS_MARS_SEQUENCE, "session %u: SEQNUM %u from the %s, %u was due", sid,
                 header->seqnum, who, side->seqnum + (header->flags == SMP_DATA));
        break;
    case MARS_WINDOW_SHRUNK:
        diagnose(track, frame->number, DIAGNOSIS_MARS_WINDOW_SHRUNK, "session %u: the %s takes WNDW back from %u to %u",
                 sid, who, side->wndw, header->wndw);
        break;
    case MARS_WINDOW_EXCEEDED:
        diagnose(track, frame->number, DIAGNOSIS_MARS_WINDOW_EXCEEDED,
                 "session %u: the %s sends SEQNUM %u, but WNDW is %u", sid, who, header->seqnum,
                 peer->heard ? peer->wndw : MARS_FIRST_WINDOW);
        break;
    case MARS_SOUND:
        break;
    }
}

/* A sender that is in the middle of a message waits; one that has nothing to send does not. */
static bool has_more_to_send(mars_track_t *session, sender_t sender)
{
    return channel_message(&session->channel, sender)->open || mars_sender(session, sender)->bytes.length > 0;
}

static void stall_ended(track_t *track, mars_track_t *session, const frame_t *frame, guint16 sid, moment_t stall)
{
    sender_t waiting = sender_other(frame->sender);
    if (!has_more_to_send(session, waiting)) {
        return; /* it had nothing more to send, so it did not wait */
    }
    stall_sum_t *sum = &mars_sender(session, waiting)->stalls;
    sum->total = moment_sum(sum->total, stall);
    sum->longest = MAX(sum->longest, stall);
    session->response_stall = moment_sum(session->response_stall, waiting == SENDER_SERVER ? stall : 0);
    if (stall > diagnoses_limit(LIMIT_MARS_STALL) && is_first_report(session, REPORTED_STALLED)) {
        diagnose(track, frame->number, DIAGNOSIS_MARS_STALLED,
                 "session %u: the %s had no credit for %s s: the %s was not reading", sid,
                 waiting == SENDER_SERVER ? "server" : "client", seconds(stall).text,
                 waiting == SENDER_SERVER ? "client" : "server");
    }
}

/* The sender's own credit, and the other side's that this packet may have opened again. */
static void note_window(track_t *track, mars_track_t *session, const frame_t *frame, const mars_outcome_t *outcome,
                        smp_entry_t *entry)
{
    bool by_server = frame->sender == SENDER_SERVER;
    instant_t *own = &mars_sender(session, frame->sender)->blocked;
    instant_t *peers = &mars_sender(session, sender_other(frame->sender))->blocked;
    const mars_side_t *side = by_server ? &session->session.server : &session->session.client;
    const mars_side_t *peer = by_server ? &session->session.client : &session->session.server;
    if (outcome->has_credit && outcome->credit > 0) {
        *own = (instant_t){0};
    } else if (outcome->has_credit && own->frame == 0) {
        *own = instant_of(frame);
    }
    if (peers->frame != 0 && (gint32)(side->wndw - peer->seqnum) > 0) {
        moment_t stall = track_since(track, *peers, instant_of(frame));
        entry->stall = stall == MOMENT_NONE ? 0 : stall;
        *peers = (instant_t){0};
        stall_ended(track, session, frame, entry->header.sid, entry->stall);
    }
}

static bool begins_again(const mars_session_t *before, const smp_header_t *header, const mars_outcome_t *outcome)
{
    bool taken = outcome->violation == MARS_SOUND || outcome->violation == MARS_SID_REUSED_EARLY;
    return header->flags == SMP_SYN && taken && before->state != SESSION_UNKNOWN;
}

/* Requests and responses of one life are not answers to those of another. */
static void forget_life(mars_track_t *session)
{
    forget_message(session, SENDER_CLIENT);
    forget_message(session, SENDER_SERVER);
    session->channel.exchange = session->channel.attention = 0;
    end_waiting(session);
    session->response_stall = 0;
    session->reported = 0;
}

mars_track_t *session_read(track_t *track, const frame_t *frame, const smp_header_t *header)
{
    mars_track_t *session = session_of(track, header->sid);
    mars_session_t before = session->session;
    session->session.one_sided = track_is_one_sided(track) || !track_is_readable(track);
    bool unread = track->sessions->holes.of[SENDER_CLIENT].all != 0; /* a SYN may be among it */
    bool complete = track->login->confirm_frame != 0 && !track->gap && !session->session.one_sided && !unread;
    mars_outcome_t outcome = mars_see(&session->session, frame->sender, header, complete);
    if (begins_again(&before, header, &outcome)) {
        forget_life(session);
    }
    if (session->session.generation != before.generation) {
        session->number = capture.sessions++;
    }
    judge_packet(track, frame, header, &before, outcome.violation, session);
    count_open(track, &outcome);
    smp_entry_t entry = {
        .header = *header,
        .state = (guint8)outcome.after,
        .has_credit = outcome.has_credit,
        .credit = outcome.credit,
        .open = (guint16)MIN(track->sessions->open, G_MAXUINT16),
        .generation = session->session.generation,
        .session = session->number,
    };
    note_window(track, session, frame, &outcome, &entry);
    rows_add(&track_sessions(track)->packets, &entry, sizeof entry);
    return session;
}

void session_response_ended(track_t *track, mars_track_t *session, const frame_t *frame)
{
    const exchange_t *exchange = track_exchange(track, session->channel.exchange);
    moment_t stalled = session->response_stall;
    session->response_stall = 0;
    if (exchange == NULL || exchange->response_frame == 0) {
        return;
    }
    moment_t took = track_since(track, track_instant(track, exchange->response_frame), instant_of(frame));
    if (took >= BRAKE_LEAST && stalled > took / 2 && is_first_report(session, REPORTED_BRAKE)) {
        diagnose(track, frame->number, DIAGNOSIS_MARS_WINDOW_BRAKE,
                 "%s s of the response's %s s the server waited for credit: a MARS session has at most %d packets "
                 "on the way",
                 seconds(stalled).text, seconds(took).text, MARS_FIRST_WINDOW);
    }
}

/* The arguments of sessions_waiting. */
typedef struct {
    const track_t *track;
    instant_t now;
    moment_t silence; /* behind that */
    finding_callback_t callback;
    void *data;
} waiting_t;

/* One side of a session that waits at the end, in the middle of a message. */
static void report_waiting(const waiting_t *waiting, guint sid, sender_t side, moment_t stall)
{
    char text[RULE_TEXT];
    snprintf(text, sizeof text, "session %u: the %s had no credit for %s s, to the end: the %s was not reading", sid,
             side == SENDER_SERVER ? "server" : "client", seconds(stall).text,
             side == SENDER_SERVER ? "client" : "server");
    waiting->callback(&(finding_t){waiting->now.frame, DIAGNOSIS_MARS_STALLED, text}, waiting->data);
}

static void look_for_waiting(gpointer sid, gpointer value, gpointer data)
{
    mars_track_t *session = (mars_track_t *)value;
    const waiting_t *waiting = (const waiting_t *)data;
    bool reported = (session->reported & (1u << REPORTED_STALLED)) != 0;
    if (may_lack_packets(waiting->track, session, SENDER_CLIENT) ||
        may_lack_packets(waiting->track, session, SENDER_SERVER)) {
        return; /* it may have had credit since */
    }
    for (sender_t side = SENDER_CLIENT; !reported && side <= SENDER_SERVER; side++) {
        instant_t since = mars_sender(session, side)->blocked;
        moment_t stall = track_lasted(waiting->track, since, waiting->now, waiting->silence);
        reported = stall > diagnoses_limit(LIMIT_MARS_STALL) && has_more_to_send(session, side);
        if (reported) {
            report_waiting(waiting, GPOINTER_TO_UINT(sid), side, stall);
        }
    }
}

void sessions_waiting(const track_t *track, instant_t now, moment_t silence, finding_callback_t callback, void *data)
{
    waiting_t waiting = {track, now, silence, callback, data};
    if (track->sessions->by_sid != NULL) {
        wmem_map_foreach(track->sessions->by_sid, look_for_waiting, &waiting);
    }
}

static void raise_waiting(const finding_t *finding, void *track)
{
    diagnose((track_t *)track, finding->frame, finding->rule, "%s", finding->text);
}

static void close_session(gpointer sid _U_, gpointer value, gpointer data _U_)
{
    end_waiting((mars_track_t *)value);
}

void sessions_close(track_t *track, const frame_t *frame)
{
    sessions_waiting(track, instant_of(frame), 0, raise_waiting, track);
    if (track->sessions->by_sid != NULL) {
        wmem_map_foreach(track->sessions->by_sid, close_session, NULL);
    }
    bool has_strays =
        track->sessions->holes.of[SENDER_CLIENT].strays + track->sessions->holes.of[SENDER_SERVER].strays > 0;
    if (track->sessions->untouched >= LEAK_LEAST && !has_strays && !diagnosed(track, DIAGNOSIS_MARS_SESSION_LEAK)) {
        diagnose(track, frame->number, DIAGNOSIS_MARS_SESSION_LEAK,
                 "the connection closes while %u MARS sessions are open", track->sessions->untouched);
    }
}

/* The place of the first entry of an SMP packet, from this one on. */
static guint32 smp_place(const track_t *track, const annotation_t *annotation, guint32 place)
{
    while (place < annotation->entry_count && track_entry_of(track, annotation, place)->kind != ENTRY_SMP) {
        place++;
    }
    return place;
}

/* The SMP packet of a frame that has the first such place, which is then that behind it; NULL = there is none. */
static const smp_entry_t *next_smp(const track_t *track, guint32 frame, guint32 *place)
{
    const annotation_t *annotation = track_annotation(track, frame);
    guint32 at = annotation == NULL ? 0 : smp_place(track, annotation, *place);
    if (annotation == NULL || at >= annotation->entry_count) {
        return NULL;
    }
    *place = at + 1;
    return track_smp_of(track, track_entry_of(track, annotation, at));
}

/* How far the packets of the frame at hand were asked for. */
static guint32 *place_asked(const track_t *track, packet_info *pinfo)
{
    guint32 key = track_frame_key(track, FRAME_PLACE);
    guint32 *place = (guint32 *)p_get_proto_data(pinfo->pool, pinfo, proto_tdsconn, key);
    if (place == NULL) {
        place = wmem_new0(pinfo->pool, guint32);
        p_add_proto_data(pinfo->pool, pinfo, proto_tdsconn, key, place);
    }
    return place;
}

bool session_is_part(const track_t *track, packet_info *pinfo)
{
    const smp_entry_t *smp = next_smp(track, number_of(pinfo), place_asked(track, pinfo));
    return smp != NULL && smp->part;
}

bool session_of_packet(const track_t *track, const packet_info *pinfo, guint32 *number)
{
    guint32 place = 0;
    const smp_entry_t *smp = track == NULL ? NULL : next_smp(track, number_of(pinfo), &place);
    if (smp == NULL) {
        return false;
    }
    *number = smp->session;
    return true;
}
