/* claim.h - which TCP conversations are connections to SQL Server, and what comes before that is known.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_CLAIM_H
#define TDSCONN_CLAIM_H

#include "memory/track.h"
#include "wire/tcpfacts.h"

/* The connection of the segment at hand; NULL if the segment belongs to none of SQL Server's. */
track_t *claim_find(packet_info *pinfo);

/* The connection that a conversation was claimed as; NULL if it was not. */
track_t *claim_of(const conversation_t *conversation);

/* The connection that a frame is shown with: one over a named pipe (the first, if there are several), else that of
 * claim_find. NULL if there is none. */
track_t *claim_shown(packet_info *pinfo);

/* Makes this conversation a SQL Server connection and processes the frames that were noted of it. If it is one already,
 * returns that one. `sender`: who sent this frame, used only if no noted SYN tells. `strict`: TLS came first (TDS 8.0).
 * First pass only, which it asserts. */
track_t *claim_make(packet_info *pinfo, conversation_t *conversation, sender_t sender, bool strict);

/* This conversation, with a proxy, carries the connection `capture.proxied.track`: what was read of this frame came
 * through the proxy. First pass only, which it asserts. */
void claim_proxied(packet_info *pinfo, conversation_t *conversation);

/* A SYN or SYN-ACK begins this conversation, for Wireshark: if the conversation before it, of the same ends, began with
 * the same sequence number of the client, this is the same connection, and goes on. What claim_note_next noted there is
 * handed on if it answers this SYN. Wireshark 4.4 and later begin anew behind a FIN or an RST. SYN and SYN-ACK come
 * behind those if the capture has another order, or two clocks, or if the SYN is sent again because the server refused
 * it. First pass only. */
void claim_go_on(const packet_info *pinfo, conversation_t *conversation, const tcp_facts_t *facts);

/* Notes a frame of a conversation that may turn out to be SQL Server's, with a copy of its payload, for claim_make.
 * Only the first frames are kept, EARLY_LIMIT in claim.c. First pass only. */
void claim_note_early(conversation_t *conversation, const tcp_sight_t *sight, span_t payload);

/* Notes a frame of the next connection with the same ends, whose SYN comes later in the capture: claim_go_on hands it
 * on; or claim_begin_next, if the SYN does not come. The conversation at hand is that of the connection before. `ours`:
 * the payload is SQL Server's. `sight`: without what Wireshark's TCP found out, which compares it with another
 * connection. First pass only. */
void claim_note_next(conversation_t *conversation, const tcp_sight_t *sight, span_t payload, bool ours);

/* The frame at hand begins the next connection with the same ends, whose SYN is not in the capture. `conversation` is
 * that of the connection before, and `next` a new one for the frames behind this one. Makes the connection, to which
 * those noted frames belong whose numbers fit. `sight`: of the frame at hand, with its sender; it is not processed.
 * `strict`: as for claim_make. First pass only, which it asserts. */
track_t *claim_begin_next(packet_info *pinfo, conversation_t *conversation, conversation_t *next,
                          const tcp_sight_t *sight, bool strict);

/* Whether the client's first frames may still come, and its SYN, before which this frame of the server stands: its
 * clock may be ahead. After a second, or as many frames as claim_note_next notes, they do not. First pass only. */
bool claim_awaits_next(const conversation_t *conversation, const tcp_sight_t *sight);

/* Whether the payload of a frame that claim_note_next noted is SQL Server's, and this frame is of the same connection.
 * First pass only. */
bool claim_knows_next(const conversation_t *conversation, const tcp_sight_t *sight);

/* Whether this frame acknowledges bytes of the other side that were not seen so far: they come later in the capture, or
 * never. First pass only. */
bool claim_answers_unseen(const conversation_t *conversation, const tcp_sight_t *sight);

/* Whether the sender of this frame sent a frame before it. First pass only. */
bool claim_has_sent(const conversation_t *conversation, const tcp_sight_t *sight);

/* Whether something was noted of this conversation, and it is neither claimed nor refused. */
bool claim_is_candidate(const conversation_t *conversation);

/* What a SYN or SYN-ACK seen before tells about the sender of a frame. */
typedef struct {
    sender_t sender; /* SENDER_UNKNOWN = neither was seen */
    bool has_first;  /* `first` is known */
    guint32 first;   /* the sequence number of the first byte of that sender's data */
} opening_t;

/* Of the frame at hand. First pass only. */
opening_t claim_opening(const conversation_t *conversation, const packet_info *pinfo);

/* Whether the conversation turned out to be something else. */
bool claim_is_refused(const conversation_t *conversation);

/* The conversation turned out to be something else: forgets what was noted of it, and the connection if it was claimed
 * for its port. From now on it is refused. First pass only. */
void claim_drop(conversation_t *conversation);

/* Where stream/smb.c keeps what it knows of the conversation. If there is no place yet, it is made if `made`, else NULL
 * is returned. With `made`, first pass only. */
void **claim_pipes(conversation_t *conversation, bool made);

/* The conversation was claimed only for its port, and that is in doubt: forgets the connection. A later payload may
 * claim the conversation again. First pass only. */
void claim_let_go(conversation_t *conversation);

#endif
