/* expert.h - findings as Wireshark's expert information, and the preferences for them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_EXPERT_H
#define TDSCONN_EXPERT_H

#include <epan/prefs.h>

#include "memory/findings.h"

/* Registers an expert field for each row of diagnoses.def, an off switch for each rule, and the preferences for the
 * limits. Called once, at registration. */
void findings_register(int proto, module_t *preferences);

/* Adds a finding to `item` as expert information, unless its rule is switched off. `item` may be NULL. */
void finding_show(proto_item *item, packet_info *pinfo, diagnosis_t rule, const char *text);

/* Adds the gravest finding of a frame to the tree as tdsconn.severity and tdsconn.diagnosis, unless there is none. */
void gravest_show(proto_tree *tree, tvbuff_t *tvb, packet_info *pinfo, gravest_t gravest);

#endif
