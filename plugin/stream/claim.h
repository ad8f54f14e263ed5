/* claim.h - which conversations of TCP are connections to SQL Server, and what comes before that is known.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_CLAIM_H
#define TDSCONN_CLAIM_H

#include "memory/track.h"

/* The connection that the segment at hand belongs to; NULL if it is none of SQL Server's. */
track_t *claim_find(packet_info *pinfo);

/* The same for a conversation at hand. */
track_t *claim_of(const conversation_t *conversation);

/* The connection that a frame is shown with: that of claim_find, or one over a named pipe, of several the first. */
track_t *claim_shown(packet_info *pinfo);

/* Makes this conversation a SQL Server connection from this frame on, and takes over what was noted of the
 * frames before it. `sender`: who sent this one, if no handshake among them tells. `strict`: TLS came first. First pass
 * only. Returns the one that is there if it was made before. */
track_t *claim_make(packet_info *pinfo, conversation_t *conversation, sender_t sender, bool strict);

/* This conversation, to a proxy, is the connection that `capture.proxied` names: what was read of this frame came
 * through the proxy. First pass only. */
void claim_proxied(packet_info *pinfo, conversation_t *conversation);

/* Notes a frame of a conversation of which nobody knows yet what it is: a handful is kept for claim_make.
 * First pass only. */
void claim_note_early(conversation_t *conversation, const tcp_sight_t *sight, span_t payload);

/* Whether the other side spoke before this frame, which acknowledges that, and the capture has it later or never. */
bool claim_answers_unseen(const conversation_t *conversation, const tcp_sight_t *sight);

/* Whether the sender of this frame sent any before it. First pass only. */
bool claim_has_sent(const conversation_t *conversation, const tcp_sight_t *sight);

/* Whether early frames are being noted of this conversation. */
bool claim_is_candidate(const conversation_t *conversation);

/* What a SYN or SYN-ACK that was noted tells of a frame. */
typedef struct {
    sender_t sender; /* SENDER_UNKNOWN = neither was noted */
    bool has_first;
    guint32 first; /* the sequence number of the first byte of that sender's data */
} opening_t;

opening_t claim_opening(const conversation_t *conversation, const packet_info *pinfo);

/* Whether the conversation turned out to be something else. */
bool claim_is_refused(const conversation_t *conversation);

/* The conversation turned out to be something else: forgets what was noted, a claim by port included. */
void claim_drop(conversation_t *conversation);

/* Where stream/pipe.c keeps what it knows of the conversation; what `made` says whether there is room if there is none
 * yet: else NULL. */
void **claim_pipes(conversation_t *conversation, bool made);

/* Nobody knows any more what the conversation is, which was claimed for its port: a later payload may tell. */
void claim_let_go(conversation_t *conversation);

#endif
