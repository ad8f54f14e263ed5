/* sessions.h - the MARS sessions of a connection.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * First pass only, all but sessions_waiting, session_is_part and session_of_packet.
 */
#ifndef TDSCONN_SESSIONS_H
#define TDSCONN_SESSIONS_H

#include "memory/annotations.h"
#include "memory/findings.h"

/* One SMP packet. */
typedef struct {
    smp_header_t header;
    guint8 state;    /* session_state_t after it */
    bool has_credit; /* `credit` is known */
    guint32 credit;  /* how many DATA packets its sender may still send */
    guint16 open;    /* how many sessions are open on the connection after it */
    guint16 generation;
    guint32 session; /* tdsconn.mars.session */
    bool part;       /* its TDS packet is only a part of a message */
    moment_t stall;  /* how long its sender had no credit, on the packet that ends that; 0 = there was no stall */
} smp_entry_t;

/* How long one side had no credit: all stalls together, and the longest. */
typedef struct {
    moment_t total, longest;
} stall_sum_t;

/* One side of a MARS session. */
typedef struct {
    assembly_t bytes;  /* a TDS packet that goes on in the next SMP packet */
    bool astray;       /* bytes are missing: it is not known where its next TDS packet begins */
    instant_t blocked; /* since when it has no credit; frame 0 = it has credit */
    stall_sum_t stalls;
} mars_sender_t;

/* A MARS session with its stream. */
typedef struct {
    holes_t holes; /* the connection's, when this session was last updated with them */
    mars_session_t session;
    channel_t channel;
    mars_sender_t client, server; /* mars_sender() */
    guint32 number;               /* tdsconn.mars.session, of its present life */
    guint32 reported;             /* a bit for each mars_violation_t that was raised in this life */
    moment_t response_stall;      /* how long the server had no credit during the present response */
} mars_track_t;

static inline mars_sender_t *mars_sender(mars_track_t *session, sender_t sender)
{
    return sender == SENDER_SERVER ? &session->server : &session->client;
}

/* The SMP packet of an entry that is ENTRY_SMP. */
static inline smp_entry_t *track_smp_of(const track_t *track, const entry_t *entry)
{
    return (smp_entry_t *)rows_at(&track->sessions->packets, (guint32)entry->of.smp[0] << 16 | entry->of.smp[1]);
}

/* Reads an SMP packet: moves its session on, adds it to track->sessions->packets, and raises violations of MC-SMP. The
 * caller calls advance_smp afterwards. Returns the session, made if it is not there; file scope. */
mars_track_t *session_read(track_t *track, const frame_t *frame, const smp_header_t *header);

/* A response of the session ended. Raises DIAGNOSIS_MARS_WINDOW_BRAKE if the server waited for credit most of the time.
 */
void session_response_ended(track_t *track, mars_track_t *session, const frame_t *frame);

/* Whether the TDS packet in the SMP packet at hand is only a part of its message. Must be called once for each SMP
 * packet of a frame, in order. On every pass. */
bool session_is_part(const track_t *track, packet_info *pinfo);

/* Bytes of this sender are missing. No session is judged by its numbers until they are known again, and messages that
 * were begun have no end. */
void sessions_gap(track_t *track, sender_t sender);

/* A frame of this sender is cut, so packets may be missing. As sessions_gap, but messages that were begun go on. */
void sessions_cut(track_t *track, sender_t sender);

/* This sender sent something else where an SMP packet was due: it may have been a packet of any session. `at`: these
 * bytes. `due`: no bytes are missing before them, so a finding is raised. */
void sessions_stray(track_t *track, const frame_t *frame, span_t at, bool due);

/* Calls back with a finding for each session in which one side, in the middle of a message, has had no credit for
 * longer than the limit, unless that was raised before. `now`: the last frame; `silence`: how long the capture goes on
 * after it. The finding's text is valid during the callback. */
void sessions_waiting(const track_t *track, instant_t now, moment_t silence, finding_callback_t callback, void *data);

/* The connection ends in this frame. Raises findings for sessions that are open, or have no credit. */
void sessions_close(track_t *track, const frame_t *frame);

/* The number (tdsconn.mars.session) of the session of the frame's first SMP packet. False if it has none, or if
 * `track`, the connection of this frame, is NULL. On every pass. */
bool session_of_packet(const track_t *track, const packet_info *pinfo, guint32 *number);

#endif
