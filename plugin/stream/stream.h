/* stream.h - how the bytes of a SQL Server connection reach the plugin, on any port.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_STREAM_H
#define TDSCONN_STREAM_H

#include <epan/conversation.h>
#include <epan/packet.h>

#include "memory/track.h"

/* Registers the ports, the heuristics and the private handles. Called once, at handoff. */
void stream_register(void);

/* From this frame on, the first payload of the conversation comes to the plugin before any port's dissector, unless
 * another dissector has the conversation already. Called on a frame without payload. First pass only, which it asserts.
 */
void stream_wait_for(conversation_t *conversation, const packet_info *pinfo);

/* Whether TCP gives the payload of this conversation to the plugin, from this frame on. */
bool stream_is_ours(const conversation_t *conversation, guint32 frame);

/* Claims a conversation whose payload went to another dissector, as by Decode As, if this payload is SQL Server's.
 * Reads the whole units with which it begins; the stream comes to the plugin from the next frame on. `payload`: its
 * offset in the frame. First pass only, which it asserts. */
void stream_claim_late(tvbuff_t *frame, packet_info *pinfo, conversation_t *conversation, guint payload);

/* Claims a conversation whose first payload TCP gave to nobody, because its acknowledgement stands before it, if this
 * payload is SQL Server's. Reads nothing; the stream comes to the plugin from the next frame on. `payload`: its offset
 * in the frame. First pass only, which it asserts. */
void stream_claim_kept(tvbuff_t *frame, packet_info *pinfo, conversation_t *conversation, guint payload);

/* A frame of the next connection with the same ports: order_is_of_next(). Begins that one if this frame, or a noted
 * one, has a payload of SQL Server's, and both numbers are far from those of the connection before, whose conversation
 * is at hand. Else notes the frame, and returns NULL. From the next frame on Wireshark has a conversation of its own
 * for the new connection, with another tcp.stream: in the old one its TCP would take half of all segments for
 * retransmissions, and keep them from dissectors. Of the frame at hand nothing is read; `sight` is as claim_note_next()
 * wants it. First pass only, which it asserts. */
track_t *stream_meet_next(packet_info *pinfo, conversation_t *conversation, const tcp_sight_t *sight, span_t payload);

/* Shows whole units of a connection over a named pipe, and reads them on the first pass unless units->again. `units`
 * says where they stand. Wireshark's dissectors may throw. */
void stream_dissect_pipe(track_t *track, const units_t *units, tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree);

/* Takes the ports for which both TDSCONN and Wireshark's TDS dissector are registered. If TDSCONN is disabled, gives
 * them back, as Wireshark gives a port of a disabled protocol to nobody. Called when a file is opened or read again. */
void stream_share_ports(void);

#endif
