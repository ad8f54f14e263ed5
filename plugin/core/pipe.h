/* pipe.h - the bytes of a named pipe, in one direction: READ and WRITE cut them anywhere.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_PIPE_H
#define TDSCONN_PIPE_H

#include "tds.h"

/* In bytes. No unit is longer: lengths of TDS and TLS have 16 bits, and an SMP packet carries one TDS packet. A longer
 * one is no unit. */
#define PIPE_UNIT_LIMIT 0x11000

/* How many of these bytes are whole units. The bytes begin where a unit is due. The rest, shorter than PIPE_UNIT_LIMIT,
 * is the beginning of the next unit, and waits for more bytes. If the bytes are no units, all of them count as whole,
 * so that nothing waits. */
size_t pipe_whole(span_t bytes);

#endif
