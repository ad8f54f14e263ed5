/* taps.h - the plugin's tap: all its statistics, tables, Follow and the Flow Graph are fed from it, once for each
 * frame.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_TAPS_H
#define TDSCONN_TAPS_H

#include "memory/annotations.h"
#include "memory/track.h"

/* One frame of a SQL Server connection, or a datagram of SQL Browser with a finding. Packet scope. */
typedef struct {
    guint32 number;                 /* as number_of */
    const track_t *track;           /* NULL = a datagram: only `number` and `browser_finding` are set then */
    diagnosis_t browser_finding;    /* of a datagram */
    bool final;                     /* all frames of the connection were read */
    const annotation_t *annotation; /* never NULL; of a datagram all 0 */
    sender_t sender;
    wmem_list_t *payloads; /* tvbuff_t of each SMP packet of the connection in this frame, in order; NULL = none */
    wmem_list_t *bytes;    /* tvbuff_t of the bytes of each READ and WRITE of its pipe, in order; NULL = none */
} tap_frame_t;

/* Registers the tap. Called once, at registration, before the listeners. */
void taps_register(void);

/* Keeps an SMP packet of this frame for Follow, if the tap has a listener. */
void taps_add_packet(packet_info *pinfo, const track_t *track, tvbuff_t *packet);

/* Keeps the bytes of a READ or WRITE in this frame for Follow, if the tap has a listener. */
void taps_add_bytes(packet_info *pinfo, const track_t *track, tvbuff_t *bytes);

/* Whether the tap has a listener. */
bool taps_are_heard(void);

/* Gives this frame to the listeners; on the first pass before it also the earlier frames that were processed with it,
 * see track_note_late. */
void taps_queue(packet_info *pinfo, const track_t *track, const annotation_t *annotation);

/* Gives a finding on a datagram of SQL Browser to the listeners. */
void taps_queue_browser(packet_info *pinfo, diagnosis_t finding);

#endif
