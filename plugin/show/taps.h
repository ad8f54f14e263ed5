/* taps.h - what the plugin feeds to Wireshark's statistics, tables and Follow: all of it from one tap a frame.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_TAPS_H
#define TDSCONN_TAPS_H

#include "memory/track.h"

/* One frame of a SQL Server connection, or a datagram of SQL Browser that something is wrong with. Valid while the tap
 * runs. */
typedef struct {
    guint32 number;
    const track_t *track; /* NULL for a datagram: it has nothing else than its finding, and no entries */
    diagnosis_t browser_finding;
    bool final; /* all frames of the track were read */
    const annotation_t *annotation;
    sender_t sender;
    wmem_list_t *payloads; /* tvbuff_t of each SMP packet of the track in the frame, in order; NULL without any */
    wmem_list_t *bytes;    /* the same of what each READ and WRITE brings to its pipe */
} tap_frame_t;

/* Registers the tap. Called once, at registration, before what listens to it. */
void taps_register(void);

/* Keeps an SMP packet of this frame for Follow. */
void taps_add_packet(packet_info *pinfo, const track_t *track, tvbuff_t *packet);

/* Keeps what a READ or WRITE in this frame brings to its pipe, for Follow. */
void taps_add_bytes(packet_info *pinfo, const track_t *track, tvbuff_t *bytes);

/* Whether anybody listens. */
bool taps_are_heard(void);

/* Gives this frame to whoever listens, and on the first pass the earlier ones that were told with it. */
void taps_queue(packet_info *pinfo, const track_t *track, const annotation_t *annotation);

/* The same for a datagram of SQL Browser. */
void taps_queue_browser(packet_info *pinfo, diagnosis_t finding);

#endif
