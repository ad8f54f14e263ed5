/* procedures.h - the procedures that were called in the capture, each by a number of its own.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_PROCEDURES_H
#define TDSCONN_PROCEDURES_H

#include <glib.h>

#include "core/rpc.h"

/* Nothing names the procedure: the message was encrypted, cut or damaged, or the capture has too many names. */
#define PROCEDURE_UNKNOWN 0

/* The number of the procedure that this RPC message calls: that of the protocol if it is called by number or its name
 * is one of those, else one that the capture's other names do not have, as long as there are not thousands of them.
 * PROCEDURE_UNKNOWN if there is none. First pass only. */
guint32 procedure_of(span_t message);

/* Its name; NULL for PROCEDURE_UNKNOWN. Valid as long as the file. */
const char *procedure_name(guint32 number);

/* Another file begins: makes what its memory needs. */
void procedures_begin_file(void);

#endif
