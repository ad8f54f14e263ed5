/* procedures.h - the procedures that are called in the capture, with a number for each.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_PROCEDURES_H
#define TDSCONN_PROCEDURES_H

#include <glib.h>

#include "core/rpc.h"

/* The procedure is not known: the message is encrypted, cut or damaged, or the capture has too many names. */
#define PROCEDURE_UNKNOWN 0

/* The number of the procedure that this RPC message calls: the protocol's number for a well-known procedure, else a
 * number of its own for each name, up to a limit. PROCEDURE_UNKNOWN if it is not known. First pass only. */
guint32 procedure_of(span_t message);

/* The name of a procedure; NULL for PROCEDURE_UNKNOWN. File scope, or static. */
const char *procedure_name(guint32 number);

/* Another file begins: makes what its memory needs. */
void procedures_begin_file(void);

#endif
