/* pipe.h - the bytes of a named pipe, in one direction: READ and WRITE cut them anywhere.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_PIPE_H
#define TDSCONN_PIPE_H

#include "tds.h"

/* No unit is longer: TDS and TLS have 16 bits for a length, SMP has one of these in it. One that says so is none. */
#define PIPE_UNIT_LIMIT 0x11000

/* How many of these bytes, which begin where a unit is due, are whole units. The rest, which is shorter than
 * PIPE_UNIT_LIMIT, is the beginning of another, and waits for the bytes that follow. Bytes that are no unit do not
 * wait: all of them count as whole. */
size_t pipe_whole(span_t bytes);

#endif
