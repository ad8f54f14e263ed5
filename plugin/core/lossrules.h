/* lossrules.h - the rules about what the network does not deliver. Predicates of diagnoses.def.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_LOSSRULES_H
#define TDSCONN_LOSSRULES_H

#include "rules.h"

bool when_unreachable(const case_t *c, char *text);
bool when_mtu(const case_t *c, char *text);
bool when_no_syn_answer(const case_t *c, char *text);
bool when_retransmission_timeout(const case_t *c, char *text);
bool when_idle_reset(const case_t *c, char *text);

/* Whether the reset at hand comes after a long silence. */
bool case_is_after_idleness(const case_t *c);

/* Whether an RST without ACK answers at once what was not acknowledged before. A host answers so if it does not know
 * the connection. */
bool case_is_unknown_there(const case_t *c);

/* The same, whatever the capture lacks. */
bool case_may_be_unknown_there(const case_t *c);

/* Whether the message that has to be answered was sent again, and no ACK says that it arrived. */
bool case_is_resent_in_vain(const case_t *c);

/* Whether bytes never arrived: their receiver says so, or they were sent again many times without an ACK. */
bool case_is_undelivered(const case_t *c);

#endif
