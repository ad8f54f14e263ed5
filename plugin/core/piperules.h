/* piperules.h - the rules about named pipes. Predicates of diagnoses.def.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_PIPERULES_H
#define TDSCONN_PIPERULES_H

#include "rules.h"

bool when_pipe_refused(const case_t *c, char *text);
bool when_pipe_unanswered(const case_t *c, char *text);
bool when_pipe_broken(const case_t *c, char *text);

#endif
