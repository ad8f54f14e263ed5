/* lookup.h - the conversation of a frame, without a search for it each time.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Wireshark hashes both addresses byte by byte for each look-up, which costs more than most that is done for a frame.
 * So the latest conversations are kept, each in a place that its ports and addresses tell. What is kept holds until a
 * new conversation begins between the same ends, which TCP does on a frame with SYN and on no other.
 */
#ifndef TDSCONN_LOOKUP_H
#define TDSCONN_LOOKUP_H

#include <epan/conversation.h>
#include <epan/packet.h>

/* The conversation of the TCP segment at hand, as Wireshark finds it; NULL if there is none. A segment with SYN must
 * go through lookup_conversation_anew first. */
conversation_t *lookup_conversation(packet_info *pinfo);

/* The same where the segment may have begun a conversation. On the first pass every segment with SYN comes here. */
conversation_t *lookup_conversation_anew(packet_info *pinfo);

/* Notes that the conversation at hand is nothing to us, and whether that was noted: its frames are known by their ends
 * alone, which most frames of most captures are. First pass only. */
void lookup_note_other(const packet_info *pinfo);
bool lookup_is_other(const packet_info *pinfo);

/* Forgets what is kept: when a conversation may have begun unseen, and when one that was nothing to us may be something
 * after all. */
void lookup_forget(void);

#endif
