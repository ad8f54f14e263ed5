/* expert.h - findings as Wireshark's expert information, and the preferences for them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_EXPERT_H
#define TDSCONN_EXPERT_H

#include <epan/prefs.h>

#include "memory/findings.h"

/* Registers one expert field and one off switch a rule, and the preferences for the limits. Called once, at
 * registration. */
void findings_register(int proto, module_t *preferences);

/* Shows a finding under `item`, which may be NULL: expert information counts all the same. */
void finding_show(proto_item *item, packet_info *pinfo, diagnosis_t rule, const char *text);

/* Adds what the gravest finding of a frame is, unless there is none: tdsconn.severity, and tdsconn.diagnosis in words.
 */
void gravest_show(proto_tree *tree, tvbuff_t *tvb, packet_info *pinfo, gravest_t gravest);

#endif
