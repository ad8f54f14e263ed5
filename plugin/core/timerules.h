/* timerules.h - the rules about the time that a login takes, and whose time it was. Predicates of diagnoses.def.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_TIMERULES_H
#define TDSCONN_TIMERULES_H

#include "rules.h"

bool when_slow_domain_controller(const case_t *c, char *text);
bool when_entra_token_wait(const case_t *c, char *text);
bool when_slow_login(const case_t *c, char *text);
bool when_slow_step(const case_t *c, char *text);

#endif
