/* endrules.h - the rules about how a connection ends: who closed or reset it, and why. Predicates of diagnoses.def.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_ENDRULES_H
#define TDSCONN_ENDRULES_H

#include "rules.h"

bool when_server_closed_first(const case_t *c, char *text);
bool when_server_closed_login(const case_t *c, char *text);
bool when_reset_by_client(const case_t *c, char *text);
bool when_reset_by_client_login(const case_t *c, char *text);
bool when_reset_by_server(const case_t *c, char *text);
bool when_reset_by_server_login(const case_t *c, char *text);
bool when_reset_after_close(const case_t *c, char *text);
bool when_open_at_end(const case_t *c, char *text);
bool when_killed(const case_t *c, char *text);
bool when_keep_alive_timeout(const case_t *c, char *text);
bool when_reset_by_device(const case_t *c, char *text);
bool when_reset_login_by_device(const case_t *c, char *text);
bool when_zero_window(const case_t *c, char *text);
bool when_attention_unacknowledged(const case_t *c, char *text);
bool when_mars_unused(const case_t *c, char *text);

#endif
