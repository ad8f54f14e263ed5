/* stream.h - getting the bytes of a SQL Server connection, on any port.
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

/* Lies in wait for the first payload of this conversation, whatever port table it belongs to. First pass only, on a
 * frame without payload. */
void stream_wait_for(conversation_t *conversation, guint32 frame);

/* Whether TCP gives us what this conversation carries, from this frame on. */
bool stream_is_ours(const conversation_t *conversation, guint32 frame);

/* Takes a connection from a dissector that Decode As gave it to: reads the units that this frame's payload holds, which
 * begins at `payload`, and gets the stream from the next frame on. First pass only. */
void stream_claim_late(tvbuff_t *frame, packet_info *pinfo, conversation_t *conversation, guint payload);

/* Gets the stream from the next frame on where TCP gave a first payload to nobody, because it was acknowledged in a
 * frame before it. First pass only. */
void stream_claim_kept(tvbuff_t *frame, packet_info *pinfo, conversation_t *conversation, guint payload);

/* Shows, and on the first pass reads, whole units of a connection over a named pipe, which stand there as `units` says.
 * Wireshark's dissectors may throw. */
void stream_dissect_pipe(track_t *track, const units_t *units, tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree);

/* The ports that both we and Wireshark's TDS dissector are registered for are ours. Whoever switches us off has them
 * given back: a port of a protocol that is not enabled is nobody's. Called when a file is opened or read anew. */
void stream_share_ports(void);

#endif
