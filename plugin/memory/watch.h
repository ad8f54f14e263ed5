/* watch.h - what TCP does to a connection between its messages: copies, keep-alives, closed windows, other hosts'
 * resets.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_WATCH_H
#define TDSCONN_WATCH_H

#include "memory/track.h"
#include "wire/tcpfacts.h"

/* What TCP did in the frame at hand. `track`: NULL as long as its conversation is no connection of ours. First pass
 * only. */
tcp_sight_t watch_sight(packet_info *pinfo, const conversation_t *conversation, track_t *track,
                        const tcp_facts_t *facts);

/* Meets a segment before its payload is read: whether it brings what was missing. First pass only. */
void watch_refill(track_t *track, const tcp_sight_t *sight);

/* A segment has to wait for bytes before it: from now on what the other side says of them counts. First pass only. */
void watch_hole(track_t *track, const tcp_sight_t *sight);

/* This frame brings what was missing: that frame, which waited for it, shows that it had been sent. First pass only. */
void watch_filled(track_t *track, const frame_t *frame, instant_t since);

/* How long ago a side had sent what this frame, or one before it from `first` on, brings: it was lost on its way, or
 * came late. `shown`: gets the frame that shows it. MOMENT_NONE if nothing does. */
moment_t watch_lost_for(const track_t *track, sender_t sender, guint32 first, instant_t now, guint32 *shown);

/* Takes a frame before its own messages are processed, and notes in it what TCP does. First pass only. */
void watch_frame(track_t *track, tcp_sight_t *sight);

/* The window that this frame opens is open, once the rules know of it. First pass only. */
void watch_note_window(track_t *track, tcp_sight_t *sight);

/* The first byte of a segment of this sender, which was not taken yet, that was in no frame before it; where it ends,
 * if all of them were. */
guint32 watch_first_new(const track_t *track, sender_t sender, guint32 seq, guint32 length);

/* Whether bytes of this sender, that a frame brings which was not taken yet, all were in frames before it. */
bool watch_is_again(const track_t *track, sender_t sender, guint32 seq, guint32 length);

/* Whether this side has acknowledged a FIN of the other that the capture does not have: its ACK is one past
 * the last segment seen; or, if the capture lacks what stands before, its latest ACK advanced by one, and no message is
 * one byte long. */
bool watch_knows_fin_of_peer(const track_t *track, sender_t sender);

/* Whether all that can be missing before this segment is one sequence number of each side: its FIN, for no message is
 * that short. */
bool watch_lacks_no_byte(const track_t *track, const tcp_sight_t *sight);

/* Whether this RST leaves room for a FIN before it, and for nothing else. */
bool watch_reset_follows_fin(const track_t *track, const tcp_sight_t *sight);

/* Whether the bytes that are missing did not reach the other side, as its ACKs say: the capture lacks nothing. */
bool watch_gap_is_loss(const track_t *track);

/* Puts into a case what was watched until now; and what this frame itself does. The second is first pass only. */
void watch_fill(case_t *c, const track_t *track, instant_t now);
void watch_fill_frame(case_t *c, const track_t *track, const frame_t *frame);

/* ICMP says in this frame that a segment of this sender did not arrive. First pass only. */
void watch_icmp(track_t *track, sender_t of, guint32 frame, const unreachable_t *what, const address *from);

#endif
