/* units.h - reads the units of a connection's byte stream.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_UNITS_H
#define TDSCONN_UNITS_H

#include "core/service.h"
#include "memory/track.h"

/* Who sent this payload, by how it begins, else by the ports. units_sender_of: if the unit is known already. Never
 * SENDER_UNKNOWN. */
sender_t units_sender(const packet_info *pinfo, span_t bytes);
sender_t units_sender_of(const packet_info *pinfo, const unit_t *unit, span_t bytes);

/* Reads one unit, in wire order: a TDS packet, an SMP packet, a TLS record without encrypted data, or a stray. `bytes`:
 * what the capture has of it; `reported`: its real length; `offset`: its place in the frame. First pass only. */
void units_read(track_t *track, const frame_t *frame, const unit_t *unit, span_t bytes, guint32 reported,
                guint32 offset);

/* Reads an encrypted TLS record, after Wireshark's TLS. Units that TLS decrypted were given to units_read before.
 * `length`: of the record in bytes, with its header; `tried`: TLS got the record. First pass only. */
void units_read_encrypted(track_t *track, const frame_t *frame, guint32 length, bool tried);

/* Whether TLS 1.3 may still decrypt the server's certificate in this frame; and reads what it decrypted of the
 * handshake. First pass only, which they assert. */
bool units_await_certificate(const track_t *track, packet_info *pinfo);
void units_read_opened_handshake(track_t *track, packet_info *pinfo, span_t content);

/* It is not known where this sender's next unit begins: its unfinished unit and message are forgotten. First pass only.
 */
void units_lose_place(track_t *track, sender_t sender);

/* Bytes of this sender are missing before this frame: its unfinished unit and message are forgotten. First pass only.
 */
void units_note_hole(track_t *track, const frame_t *frame, sender_t sender);

/* Notes the holes before this frame, in both directions, by Wireshark's analysis of TCP. Called before its payload is
 * read; a second call for the same frame does nothing. First pass only. */
void units_note_gaps(track_t *track, const tcp_sight_t *sight);

/* Notes that what the server says in this frame is no TDS, but of that service. Does nothing for the client. First pass
 * only. */
void units_note_foreign(track_t *track, const frame_t *frame, service_t service);

/* Whether all of this frame's payload was in earlier frames, so that it must not be read again. TCP keeps some
 * retransmissions from dissectors, but not those that it calls fast. Asked before the payload is read. First pass only.
 */
bool units_are_again(const track_t *track, const tcp_sight_t *sight);

/* Notes a segment that TCP calls a retransmission or out of order; does nothing for others. If TCP gave none of its new
 * bytes to us, they count as missing. If it may fill a hole, the sender's MARS numbers are not trusted: whether TCP
 * also delivers what follows depends on its version. First pass only. */
void units_note_late(track_t *track, const tcp_sight_t *sight);

/* Notes that the snap length cut the payload of this frame. Called after it was read. First pass only. */
void units_note_cut(track_t *track, const frame_t *frame);

#endif
