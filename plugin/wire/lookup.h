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

/* The same as far as it is kept, on the first pass; NULL if it is not. The segment must be known to have no SYN. */
conversation_t *lookup_kept(const packet_info *pinfo);

/* Forgets what is kept: at the beginning of a file, and when a conversation may have begun unseen. */
void lookup_forget(void);

#endif
