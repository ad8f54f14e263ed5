/* expert.c - findings as Wireshark's expert information, and the preferences for them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "show/expert.h"

#include <epan/expert.h>

#include "compat.h"
#include "memory/findings.h"
#include "wire/names.h"

static const struct {
    const char *name, *title, *description;
} limit_texts[LIMIT_COUNT] = {
#define LIMIT(tag, preference, default_, title, description) [LIMIT_##tag] = {preference, title, description},
#include "core/limits.def"
};

static const int expert_severities[] = {
    [SEVERITY_CHAT] = PI_CHAT,
    [SEVERITY_NOTE] = PI_NOTE,
    [SEVERITY_WARN] = PI_WARN,
    [SEVERITY_ERROR] = PI_ERROR,
};

static int hf_tdsconn_severity = -1;
static int hf_tdsconn_diagnosis = -1;
static expert_field expert_ids[DIAGNOSIS_COUNT];

static void register_limits(module_t *preferences)
{
    for (guint i = 0; i < LIMIT_COUNT; i++) {
        prefs_register_uint_preference(preferences, limit_texts[i].name, limit_texts[i].title,
                                       limit_texts[i].description, 10, diagnoses_limit_setting((limit_t)i));
    }
}

static void register_off_switch(module_t *preferences, diagnosis_t rule)
{
    wmem_allocator_t *scope = wmem_epan_scope();
    prefs_register_bool_preference(preferences, wmem_strdup_printf(scope, "off.%s", diagnosis_name(rule)),
                                   wmem_strdup_printf(scope, "Switch off: %s", diagnosis_text(rule)),
                                   "Do not report this diagnosis.", diagnosis_off_setting(rule));
}

static void register_gravest(int proto)
{
    static hf_register_info hf[] = {
        {&hf_tdsconn_severity,
         {"Severity", "tdsconn.severity", FT_UINT8, BASE_DEC, VALS(severity_names), 0x0,
          "Severity of the worst diagnosis on this frame", HFILL}},
        {&hf_tdsconn_diagnosis,
         {"Diagnosis", "tdsconn.diagnosis", FT_STRING, BASE_NONE, NULL, 0x0,
          "The worst diagnosis on this frame, and what was found", HFILL}},
    };
    proto_register_field_array(proto, hf, array_length(hf));
}

static void register_rules(int proto, module_t *preferences)
{
    static ei_register_info fields[DIAGNOSIS_COUNT];
    expert_module_t *experts = expert_register_protocol(proto);
    for (diagnosis_t rule = 0; rule < DIAGNOSIS_COUNT; rule++) {
        static const expert_field unset = EI_INIT;
        const diagnosis_row_t *row = diagnosis_row(rule);
        expert_ids[rule] = unset;
        fields[rule].ids = &expert_ids[rule];
        fields[rule].eiinfo.name = row->filter;
        fields[rule].eiinfo.group = row->group;
        fields[rule].eiinfo.severity = expert_severities[row->severity];
        fields[rule].eiinfo.summary = row->text;
        if (diagnosis_first_row(rule) == rule) {
            register_off_switch(preferences, rule);
        }
    }
    expert_register_field_array(experts, fields, DIAGNOSIS_COUNT);
}

void findings_register(int proto, module_t *preferences)
{
    register_limits(preferences);
    register_gravest(proto);
    register_rules(proto, preferences);
}

void finding_show(proto_item *item, packet_info *pinfo, diagnosis_t rule, const char *text)
{
    if (!diagnosis_is_off(rule)) {
        expert_add_info_format(pinfo, item, &expert_ids[rule], "%s", text);
    }
}

void gravest_show(proto_tree *tree, tvbuff_t *tvb, packet_info *pinfo, gravest_t gravest)
{
    if (gravest.severity == SEVERITY_NONE) {
        return;
    }
    proto_item_set_generated(proto_tree_add_uint(tree, hf_tdsconn_severity, tvb, 0, 0, gravest.severity));
    if (proto_field_is_referenced(tree, hf_tdsconn_diagnosis)) {
        const char *words = wmem_strdup_printf(pinfo->pool, "%s: %s", diagnosis_text(gravest.rule), gravest.text);
        proto_item_set_generated(proto_tree_add_string(tree, hf_tdsconn_diagnosis, tvb, 0, 0, words));
    }
}
