/* units.h - what each unit of a connection's byte stream tells.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_UNITS_H
#define TDSCONN_UNITS_H

#include "memory/track.h"

/* Who sent this payload, by what it begins with, or by the ports. */
sender_t units_sender(const packet_info *pinfo, span_t bytes);
sender_t units_sender_of(const packet_info *pinfo, const unit_t *unit, span_t bytes);

/* Takes one unit in wire order, first pass only: a TDS packet, an SMP packet, or a TLS record that is no encrypted
 * data. `bytes` is what the capture has of it, `reported` its real length, `offset` where it stands in the frame. */
void units_read(track_t *track, const frame_t *frame, const unit_t *unit, span_t bytes, guint32 reported,
                guint32 offset);

/* Takes an encrypted TLS record after TLS had its try; `length` is the record's, in bytes. What TLS opens came by
 * units_read already; `tried`: whether TLS got it at all. */
void units_read_encrypted(track_t *track, const frame_t *frame, guint32 length, bool tried);

/* Whether TLS may still open the server's certificate, in TLS 1.3; and what it opened. First pass only. */
bool units_await_certificate(const track_t *track, packet_info *pinfo);
void units_read_opened_handshake(track_t *track, packet_info *pinfo, span_t content);

/* In this frame bytes of this sender are missing, behind which its units begin anew. First pass only. */
void units_note_hole(track_t *track, const frame_t *frame, sender_t sender);

/* Asks Wireshark's analysis of TCP, once a frame and before its payload is read, what is missing before this frame in
 * either direction: what was begun there will not be completed. First pass only. */
void units_note_gaps(track_t *track, const tcp_sight_t *sight);

/* Whether the payload of this frame was all in frames before it, and is not to be taken again: TCP keeps some copies
 * from dissectors, but hands on those that it calls fast retransmissions. Asked before its payload is read, first pass
 * only. */
bool units_are_again(const track_t *track, const tcp_sight_t *sight);

/* A segment that TCP calls sent before. It may fill a hole, and whether Wireshark's TCP also delivers what follows that
 * depends on its version: the sender's MARS numbers are no longer trusted. Or it goes on behind what was sent, and TCP
 * delivers none of that: bytes are missing as if the capture lacked them. First pass only. */
void units_note_late(track_t *track, const tcp_sight_t *sight);

/* The snap length cut the payload of this frame, which was read as far as it goes. First pass only. */
void units_note_cut(track_t *track, const frame_t *frame);

#endif
