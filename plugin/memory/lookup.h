/* lookup.h - the conversation of a frame, without a search for it each time.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Wireshark hashes both addresses byte by byte for each look-up, which costs more than most other work for a frame. So
 * the latest conversations are kept, each in a place that follows from its ports. A kept conversation is
 * valid until a new one begins between the same ends. TCP begins one only on a frame with SYN; stream_meet_next() does
 * it, too, and forgets those that are kept.
 */
#ifndef TDSCONN_LOOKUP_H
#define TDSCONN_LOOKUP_H

#include <epan/conversation.h>
#include <epan/packet.h>

#include "memory/capture.h"

/* The conversation of the TCP segment at hand, as Wireshark finds it; NULL if there is none. For a segment with SYN
 * call lookup_conversation_anew first. */
conversation_t *lookup_conversation(packet_info *pinfo);

/* The same, without using what is kept: the segment may have begun a conversation. To be called for every segment with
 * SYN on the first pass. */
conversation_t *lookup_conversation_anew(packet_info *pinfo);

/* The headers of the TCP segment at hand, as tcp_facts_of_frame reads them: once, though the segment's payload and what
 * TCP did with it are processed apart. False if they are not there; then `facts` is undefined. First pass only, which
 * it asserts. */
bool lookup_headers(const packet_info *pinfo, tcp_facts_t *facts);

/* Notes that the conversation at hand is not SQL Server's. First pass only, which it asserts. */
void lookup_note_other(const packet_info *pinfo);

/* The conversation of the TCP segment at hand, and whether that was noted; NULL if it is not kept, or if a conversation
 * may have begun since the last call. Needs only the addresses and ports, as most frames of most captures are others'.
 * Called once for each frame. NULL on later passes. */
const kept_conversation_t *lookup_kept(const packet_info *pinfo);

/* Forgets all kept conversations. Called when a conversation may have begun unseen, and when one that was noted as not
 * SQL Server's may be after all. */
void lookup_forget(void);

#endif
