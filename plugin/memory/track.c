/* track.c - what is remembered of each SQL Server connection.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "memory/track.h"

#include <epan/dissectors/packet-tcp.h>

#include "memory/annotations.h"
#include "memory/capture.h"
#include "memory/evidence.h"
#include "memory/keep.h"
#include "memory/times.h"

void track_begin_file(void)
{
    capture.fact_values.texts = wmem_map_new(wmem_file_scope(), wmem_str_hash, g_str_equal);
    capture.fact_values.count = 1; /* 0 = there is no room */
    capture.frames.tracks = wmem_array_new(wmem_file_scope(), sizeof(track_t *));
    capture.frames.also = wmem_map_new(wmem_file_scope(), g_direct_hash, g_direct_equal);
}

struct tcp_analysis *track_tcp_of(track_t *track, packet_info *pinfo)
{
    if (track->tcp == NULL) {
        track->tcp = get_tcp_conversation_data(NULL, pinfo);
    }
    return track->tcp;
}

/* Parts that were not made yet. */
static const tcp_trouble_t no_trouble;
static const tcp_side_t no_tcp = {.trouble = &no_trouble};
static const tls_track_t no_tls;
static const hidden_track_t no_hidden;
static const login_t no_login = {.tls = &no_tls, .hidden = &no_hidden};
static const sessions_t no_sessions;
static const seldom_t nothing_seldom;
static const namesakes_t no_namesakes;
static const address no_host = ADDRESS_INIT_NONE;

tcp_side_t *track_tcp(track_t *track, sender_t sender)
{
    side_t *side = track_side(track, sender);
    tcp_side_t *own = (tcp_side_t *)keep_own(side->tcp, &no_tcp, sizeof no_tcp);
    side->tcp = own;
    return own;
}

tcp_trouble_t *tcp_trouble(tcp_side_t *side)
{
    tcp_trouble_t *own = (tcp_trouble_t *)keep_own(side->trouble, &no_trouble, sizeof no_trouble);
    side->trouble = own;
    return own;
}

tls_track_t *track_tls(track_t *track)
{
    tls_track_t *own = (tls_track_t *)keep_own(track->login->tls, &no_tls, sizeof no_tls);
    track_login(track)->tls = own;
    return own;
}

hidden_track_t *track_hidden(track_t *track)
{
    hidden_track_t *own = (hidden_track_t *)keep_own(track->login->hidden, &no_hidden, sizeof no_hidden);
    track_login(track)->hidden = own;
    return own;
}

sessions_t *track_sessions(track_t *track)
{
    sessions_t *own = (sessions_t *)keep_own(track->sessions, &no_sessions, sizeof no_sessions);
    track->sessions = own;
    return own;
}

login_t *track_login(track_t *track)
{
    login_t *own = (login_t *)keep_own(track->login, &no_login, sizeof no_login);
    track->login = own;
    return own;
}

seldom_t *track_seldom(track_t *track)
{
    seldom_t *own = (seldom_t *)keep_own(track->seldom, &nothing_seldom, sizeof nothing_seldom);
    track->seldom = own;
    return own;
}

namesakes_t *track_namesakes(track_t *track)
{
    namesakes_t *own = (namesakes_t *)keep_own(track->namesakes, &no_namesakes, sizeof no_namesakes);
    track->namesakes = own;
    return own;
}

tcp_trouble_t *track_trouble_met(const track_t *track, sender_t sender)
{
    const tcp_trouble_t *trouble = track_side_of(track, sender)->tcp->trouble;
    return trouble == &no_trouble ? NULL : (tcp_trouble_t *)trouble;
}

track_t *track_new(void)
{
    static const track_t empty;
    track_t *track = (track_t *)keep_copy(&empty, sizeof empty);
    track->number = capture.connections++;
    wmem_array_append_one(capture.frames.tracks, track);
    track->place = wmem_array_get_count(capture.frames.tracks);
    connection_init(&track->connection);
    track->client.tcp = track->server.tcp = &no_tcp;
    track->login = &no_login;
    track->sessions = &no_sessions;
    track->seldom = &nothing_seldom;
    track->namesakes = &no_namesakes;
    track->client.host = track->server.host = &no_host;
    return track;
}

void track_forget(track_t *track)
{
    track->dropped = true;
    capture.connections -= track->number + 1 == capture.connections;
}

/* From 4.6 on, the dissector of HTTP's CONNECT puts the target's name there, of whichever side. */
static const address *host_of(const address *host, const address *of_ip)
{
    return host->type == AT_STRINGZ ? of_ip : host;
}

sender_t track_sender(const track_t *track, const packet_info *pinfo)
{
    if (track->client.host->type == AT_NONE) {
        return SENDER_UNKNOWN;
    }
    /* The ports of a pipe have more bits while it is shown: see stream/pipe.c. */
    bool from_client = (guint16)pinfo->srcport == track->client.port &&
                       addresses_equal(host_of(&pinfo->src, &pinfo->net_src), track->client.host);
    return from_client ? SENDER_CLIENT : SENDER_SERVER;
}

frame_t track_frame(const track_t *track, const packet_info *pinfo)
{
    return frame_of(pinfo, track_sender(track, pinfo));
}

void track_note_late(track_t *track, guint32 frame)
{
    if (track->seldom->found_late == NULL) {
        track_seldom(track)->found_late = wmem_list_new(wmem_file_scope());
    }
    wmem_list_append(track->seldom->found_late, GUINT_TO_POINTER(frame));
}

void track_forget_late(track_t *track)
{
    while (track->seldom->found_late != NULL && wmem_list_head(track->seldom->found_late) != NULL) {
        wmem_list_remove_frame(track->seldom->found_late, wmem_list_head(track->seldom->found_late));
    }
}

bool track_is_one_sided(const track_t *track)
{
    return track->client.frames == 0 || track->server.frames == 0;
}

bool track_lacks_a_side(const track_t *track)
{
    return track_is_one_sided(track) && track->connection.spoken;
}

guint32 track_place(const track_t *track, guint32 frame)
{
    guint32 last = MAX(track->client.tcp->last_words, track->server.tcp->last_words);
    return frame >= last ? frame : last + 1;
}

void track_note_gap(track_t *track, sender_t sender, guint32 frame)
{
    tcp_trouble(track_tcp(track, sender))->gap = track_place(track, frame);
    track->gap = true;
    if (track_has_evidence(track, EVIDENCE_KERBEROS_OFFERED)) {
        auth_evidence_t evidence = track_evidence(track);
        auth_doubt(&evidence);
        track_keep_evidence(track, &evidence);
    }
    connection_miss(&track->connection, sender);
}

bool track_may_lack_answer(const track_t *track, guint32 request_frame)
{
    guint32 late = track->client.tcp->trouble->late;
    bool answered_before = late != 0 && late >= request_frame;
    return track_is_one_sided(track) || track->server.tcp->trouble->gap > request_frame || answered_before;
}

bool track_may_lack_client_word(const track_t *track, guint32 frame)
{
    const tcp_trouble_t *trouble = track->client.tcp->trouble;
    return MAX(trouble->late, MAX(trouble->gap, trouble->cut)) > frame;
}

/* Whether TLS of a side got further than to its first message, which may be one that the capture has not. */
static bool is_past_hello(const tls_side_t *side)
{
    return side != NULL && (side->ciphered || side->finished);
}

bool track_tls_never_began(const track_t *track)
{
    bool seen = track->login->tls->server_hello || is_past_hello(track->login->tls->client) ||
                is_past_hello(track->login->tls->server);
    return track->client.prelogin && track->server.prelogin && !track->strict && !seen && !track->gap &&
           track->server.tcp->trouble->cut == 0;
}

encryption_t track_encryption(const track_t *track)
{
    if (track->strict) {
        return ENCRYPTION_STRICT;
    }
    bool ended = track->connection.close != CLOSE_OPEN;
    bool undecided = track->encryption == ENCRYPTION_UNKNOWN;
    return undecided && ended && track_tls_never_began(track) ? ENCRYPTION_NONE : track->encryption;
}

const error_record_t *track_error_before(const track_t *track, guint32 frame)
{
    const rows_t *errors = &track->seldom->errors;
    guint32 next = frames_from(errors, frame);
    return next == 0 ? NULL : (const error_record_t *)rows_at(errors, next - 1);
}

bool track_is_readable(const track_t *track)
{
    return track_encryption(track) <= ENCRYPTION_LOGIN_ONLY || (track->client.opened && track->server.opened);
}

outcome_t track_see(track_t *track, message_t message, sender_t sender)
{
    if (message == MESSAGE_FIN && track->connection.closed_first == SENDER_UNKNOWN) {
        track->connection.answer_owed = sender == SENDER_CLIENT && track->channel.turn.debt.owes == SENDER_SERVER;
    }
    if (track->seldom->reset.frame != 0) {
        (void)connection_see(&track_seldom(track)->reset.alive, message, sender);
    }
    return connection_see(&track->connection, message, sender);
}

const connection_t *track_alive(const track_t *track)
{
    return track->seldom->reset.frame != 0 ? &track->seldom->reset.alive : &track->connection;
}

void track_learn_encryption(track_t *track, encryption_t encryption)
{
    if (track->encryption == ENCRYPTION_UNKNOWN && track->login->tls->server_hello &&
        track_time(track, TIME_LOGIN)->begun != 0) {
        track->encryption = encryption;
    }
}

const char *track_version(const track_t *track)
{
    return tds_version_name(track->strict ? TDS_VERSION_8_0 : track->login->tds_version);
}

static void set_side(side_t *side, const address *host, guint32 port)
{
    address kept;
    set_address(&kept, host->type, host->len, host->len == 0 ? NULL : keep_shared(host->data, (gsize)host->len));
    side->host = (const address *)keep_shared(&kept, sizeof kept);
    side->port = (guint16)port;
}

void track_set_sides(track_t *track, const packet_info *pinfo, sender_t sender)
{
    ASSERT_FIRST_PASS(pinfo);
    if (track->client.host->type != AT_NONE || sender == SENDER_UNKNOWN) {
        return;
    }
    set_side(track_side(track, sender), host_of(&pinfo->src, &pinfo->net_src), pinfo->srcport);
    set_side(track_side(track, sender_other(sender)), host_of(&pinfo->dst, &pinfo->net_dst), pinfo->destport);
}
