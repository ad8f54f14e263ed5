/* watch.h - what TCP does to a connection: copies, retransmissions, keep-alives, closed windows, missing bytes, and
 * resets by other hosts.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_WATCH_H
#define TDSCONN_WATCH_H

#include "memory/track.h"
#include "wire/icmp.h"
#include "wire/tcpfacts.h"

#define ACK_FAR (1 << 24) /* bytes: a receiver never acknowledges so much at once */

/* The TCP segment of the frame at hand. `track`: its connection; if NULL, the conversation is not known to be one, and
 * `conversation` must be given. First pass only, which it asserts. */
tcp_sight_t watch_sight(packet_info *pinfo, const conversation_t *conversation, track_t *track,
                        const tcp_facts_t *facts);

/* Whether the server answers a SYN as one of another connection with the same ports: with an ACK, or a SYN-ACK, of
 * bytes that this client never sent (RFC 5961 4, RFC 9293 3.10.7.3). It says nothing of this connection. */
bool watch_is_of_older(const track_t *track, const tcp_sight_t *sight);

/* Notes whether a segment brings bytes that were missing. Called before its payload is read. First pass only. */
void watch_refill(track_t *track, const tcp_sight_t *sight);

/* Notes the missing bytes before a segment that waits for them. From now on the ACKs of the other side tell whether
 * they arrived. First pass only. */
void watch_hole(track_t *track, const tcp_sight_t *sight);

/* Notes that this frame brings bytes which were missing. `since`: the frame that showed that they had been sent. First
 * pass only. */
void watch_filled(track_t *track, const frame_t *frame, instant_t since);

/* How long the bytes that a frame from `first` up to `now` brings were lost on their way, or came late: since the frame
 * that shows that this side had sent them. `shown` gets that frame. MOMENT_NONE if no frame shows it. */
moment_t watch_lost_for(const track_t *track, sender_t sender, guint32 first, instant_t now, guint32 *shown);

/* Notes what TCP does in a frame, and sets sight->copy and sight->frame.tcp. Called once for each frame, after the
 * units in its payload and before TCP's own messages, such as FIN, are processed. First pass only. */
void watch_frame(track_t *track, tcp_sight_t *sight);

/* The window that this frame opens counts as open from now on. Called after the rules were asked. First pass only. */
void watch_note_window(track_t *track, tcp_sight_t *sight);

/* The sequence number of the first byte of a segment that no earlier frame had; the segment's end if there is none.
 * Asked before watch_frame. */
guint32 watch_first_new(const track_t *track, sender_t sender, guint32 seq, guint32 length);

/* What one side sent and the other says that it lacks: `of` is SENDER_UNKNOWN if there is nothing. `silence`: how long
 * the capture goes on after `now`. */
lost_t watch_undelivered(const track_t *track, instant_t now, moment_t silence);

/* Whether earlier frames had all bytes of a segment. Asked before watch_frame. False for SENDER_UNKNOWN and for an
 * empty segment. */
bool watch_is_again(const track_t *track, sender_t sender, guint32 seq, guint32 length);

/* Whether this side has acknowledged a FIN of the other side that is not in the capture. Its ACK is then one past the
 * last segment seen. If the capture lacks the bytes before, the latest ACK advanced by one: no message is one byte
 * long. */
bool watch_knows_fin_of_peer(const track_t *track, sender_t sender);

/* Whether no byte of either side can be missing before this segment, but at most the FINs. */
bool watch_lacks_no_byte(const track_t *track, const tcp_sight_t *sight);

/* Whether exactly one sequence number is missing before this RST: its sender's FIN. */
bool watch_reset_follows_fin(const track_t *track, const tcp_sight_t *sight);

/* Whether bytes are missing, but by the other side's ACKs they did not arrive there either: the network lost them, not
 * the capture. */
bool watch_gap_is_loss(const track_t *track);

/* Fills the members of a case with what TCP did until now; and with what it does in this frame. The second: first pass
 * only. */
void watch_fill(case_t *c, const track_t *track, instant_t now);
void watch_fill_frame(case_t *c, const track_t *track, const frame_t *frame);

/* Notes an ICMP error about a segment of the side `of`. First pass only. */
void watch_icmp(track_t *track, sender_t of, guint32 frame, const icmp_answer_t *answer);

#endif
