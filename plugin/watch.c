/* watch.c - what TCP does to a connection between its messages.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "watch.h"

#include "compat.h"
#include "diagnoses.h"
#include "tcpfacts.h"

/* A run of copies or keep-alives lasts until the other side says anything. */
static void watch_runs(track_t *track, const tcp_sight_t *sight)
{
    tcp_side_t *own = track_side(track, sight->frame.sender);
    tcp_side_t *peer = track_side(track, sender_other(sight->frame.sender));
    bool copy = (sight->analysis & TCP_FLAGS_ANY_RETRANSMISSION) != 0;
    own->last_words = sight->has_payload ? sight->frame.number : own->last_words;
    own->copies = copy ? own->copies + 1 : sight->has_payload ? 0 : own->copies;
    own->keep_alives += (sight->analysis & TCP_FLAG_KEEP_ALIVE) != 0;
    track->copies += copy || (sight->analysis & TCP_FLAG_DUPLICATE_ACK) != 0;
    if ((sight->flags & TCP_RST) == 0) {
        peer->copies = 0;
        peer->keep_alives = 0;
    }
}

static void watch_window(track_t *track, const tcp_sight_t *sight)
{
    tcp_side_t *own = track_side(track, sight->frame.sender);
    bool closed = (sight->analysis & TCP_FLAG_ZERO_WINDOW) != 0;
    if (closed && own->closed_since == MOMENT_NONE) {
        own->closed_since = sight->frame.at;
        own->closed_frame = sight->frame.number;
    } else if (!closed && own->closed_since != MOMENT_NONE && (sight->flags & (TCP_RST | TCP_SYN)) == 0) {
        track->window_opened = sight->frame.sender;
        diagnoses_judge(track, &sight->frame, MESSAGE_NONE, &track->connection);
        track->window_opened = SENDER_UNKNOWN;
        own->closed_since = MOMENT_NONE;
    }
}

/* Routers between count a TTL down alike for all of a sender's packets; a device that resets has another way. */
static void watch_ttl(track_t *track, const tcp_sight_t *sight)
{
    tcp_side_t *own = track_side(track, sight->frame.sender);
    bool reset = (sight->flags & TCP_RST) != 0;
    if (!reset && own->ttl == 0) {
        own->ttl = sight->ttl;
    }
    track->reset_ttl = reset ? sight->ttl : 0;
    track->usual_ttl = own->ttl;
}

#define SEQUENCE_FAR (1 << 24) /* bytes: a window, and data on the way */

/* An RST far from where its sender's next segment would stand, or before its first, is of an earlier connection with
 * the same ports, or forged (RFC 5961 3). */
static bool is_stray(const tcp_side_t *own, guint32 seq, gint32 ahead)
{
    return ahead >= SEQUENCE_FAR || ahead <= -SEQUENCE_FAR || (own->has_isn && (gint32)(seq - own->isn) < 0);
}

static void watch_sequence(track_t *track, const tcp_sight_t *sight)
{
    tcp_side_t *own = track_side(track, sight->frame.sender);
    guint32 next = sight->seq + sight->length;
    gint32 ahead = own->has_seq ? (gint32)(sight->seq - own->next_seq) : 0;
    bool reset = (sight->flags & TCP_RST) != 0;
    track->stray_reset = reset && is_stray(own, sight->seq, ahead);
    if (reset && !track->stray_reset && ahead > 0) { /* what stands before it is not in the capture */
        own->gap = sight->frame.number;
        track->gap = TRUE;
    }
    if (!reset && (!own->has_seq || (gint32)(next - own->next_seq) > 0)) {
        own->next_seq = next;
        own->has_seq = TRUE;
        own->has_isn =
            own->has_isn && next - own->isn < SEQUENCE_FAR; /* numbers come round: behind it is ahead of it */
    }
    if ((sight->flags & TCP_SYN) != 0) {
        own->isn = sight->seq;
        own->has_isn = TRUE;
    }
}

void watch_frame(track_t *track, const tcp_sight_t *sight)
{
    if (sight->frame.sender == SENDER_UNKNOWN) {
        return;
    }
    watch_runs(track, sight);
    watch_window(track, sight);
    watch_ttl(track, sight);
    watch_sequence(track, sight);
    track->last_at = sight->frame.at;
    track->frames++;
    track_side(track, sight->frame.sender)->bad_checksums += sight->bad_checksum;
}

static window_t closed_window(const case_t *c, const track_t *track)
{
    const tcp_side_t *client = &track->tcp_client;
    const tcp_side_t *server = &track->tcp_server;
    sender_t of = track->window_opened != SENDER_UNKNOWN ? track->window_opened
                  : client->closed_since != MOMENT_NONE  ? SENDER_CLIENT
                  : server->closed_since != MOMENT_NONE  ? SENDER_SERVER
                                                         : SENDER_UNKNOWN;
    const tcp_side_t *side = of == SENDER_SERVER ? server : client;
    if (of == SENDER_UNKNOWN) {
        return (window_t){.of = of};
    }
    return (window_t){
        .of = of,
        .frame = side->closed_frame,
        .closed_for = c->at + c->silence - side->closed_since,
        .open = track->window_opened != SENDER_UNKNOWN,
    };
}

void watch_fill(case_t *c, const track_t *track)
{
    const tcp_side_t *client = &track->tcp_client;
    const tcp_side_t *server = &track->tcp_server;
    bool by_client = client->copies + client->keep_alives >= server->copies + server->keep_alives;
    const tcp_side_t *worse = by_client ? client : server;
    c->sufferer = by_client ? SENDER_CLIENT : SENDER_SERVER;
    c->copies = worse->copies;
    c->keep_alives = worse->keep_alives;
    c->reset_ttl = track->reset_ttl;
    c->usual_ttl = track->usual_ttl;
    c->window = closed_window(c, track);
    c->idle_before_request = track->idle_before_request;
    c->frame_count = track->frames;
    c->copy_count = track->copies;
    c->bad_checksums_client = client->bad_checksums;
    c->bad_checksums_server = server->bad_checksums;
}
