/* smp.h - the Session Multiplex Protocol header of MARS (MC-SMP 2.2).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_SMP_H
#define TDSCONN_SMP_H

#include "bytes.h"

#define SMP_ID            0x53
#define SMP_HEADER_LENGTH 16

enum { SMP_SYN = 0x01, SMP_ACK = 0x02, SMP_FIN = 0x04, SMP_DATA = 0x08 };

typedef struct {
    uint8_t flags; /* SMP_*; exactly one in a sound packet */
    uint16_t sid;
    uint32_t length; /* with this header */
    uint32_t seqnum;
    uint32_t wndw; /* highest SEQNUM that the sender of this packet is ready to receive */
} smp_header_t;

/* Reads the header. False if fewer than 16 bytes are there, or if the first is not SMP_ID. */
bool smp_header_parse(span_t bytes, smp_header_t *header);

/* Whether exactly one flag is set and a packet without data is 16 bytes long (MC-SMP 2.2.1). */
bool smp_header_sound(const smp_header_t *header);

/* Whether an SMP packet, sound or not, may start here. Looks only at the first 8 bytes, so it works on a short segment.
 */
bool smp_header_plausible(span_t bytes);

/* These bytes begin with an unsound SMP header, or with none. Returns the offset of the next sound header: the one to
 * which the length in this header leads, else the first that is found. bytes.length if there is none. */
size_t smp_resume(span_t bytes);

/* Whether a packet that starts here may be `length` bytes long: a sound header follows it, or nothing. */
bool smp_may_end(span_t bytes, size_t length);

#endif
