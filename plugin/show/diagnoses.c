/* diagnoses.c - what is wrong, as it is found: kept with the connection, and told as expert information.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "show/diagnoses.h"

#include <epan/expert.h>

#include "compat.h"
#include "wire/names.h"

static const struct {
    const char *filter;
    int group;
    severity_t severity;
    const char *text;
} rules[DIAGNOSIS_COUNT] = {
#define DIAGNOSIS(tag, filter, severity, group, text, when)                                                            \
    [DIAGNOSIS_##tag] = {filter, PI_##group, SEVERITY_##severity, text},
#include "core/diagnoses.def"
};

static const struct {
    const char *name, *title, *description;
} limit_texts[LIMIT_COUNT] = {
#define LIMIT(tag, preference, default_, title, description) [LIMIT_##tag] = {preference, title, description},
#include "core/limits.def"
};

/* Milliseconds, by preference. */
static guint limits[LIMIT_COUNT] = {
#define LIMIT(tag, preference, default_, title, description) [LIMIT_##tag] = (default_),
#include "core/limits.def"
};

static const int expert_severities[] = {
    [SEVERITY_CHAT] = PI_CHAT,
    [SEVERITY_NOTE] = PI_NOTE,
    [SEVERITY_WARN] = PI_WARN,
    [SEVERITY_ERROR] = PI_ERROR,
};

static moment_t capture_end;

static int hf_tdsconn_severity = -1;
static expert_field expert_ids[DIAGNOSIS_COUNT];
static ws_bool off[DIAGNOSIS_COUNT]; /* by preference, at the first row of a rule */

/* The first row of a rule that has one for each severity. */
static diagnosis_t first_row(diagnosis_t rule)
{
    diagnosis_t first = (diagnosis_t)0;
    while (first < rule && strcmp(rules[first].filter, rules[rule].filter) != 0) {
        first++;
    }
    return first;
}

const char *diagnosis_name(diagnosis_t rule)
{
    return rules[rule].filter + strlen("tdsconn.expert.");
}

severity_t diagnosis_severity(diagnosis_t rule)
{
    return rules[rule].severity;
}

const char *diagnosis_text(diagnosis_t rule)
{
    return rules[rule].text;
}

bool diagnosis_is_off(diagnosis_t rule)
{
    return off[first_row(rule)];
}

static void register_limits(module_t *preferences)
{
    for (guint i = 0; i < LIMIT_COUNT; i++) {
        prefs_register_uint_preference(preferences, limit_texts[i].name, limit_texts[i].title,
                                       limit_texts[i].description, 10, &limits[i]);
    }
}

moment_t diagnoses_limit(limit_t limit)
{
    return (moment_t)limits[limit] * (NANOSECONDS / 1000);
}

static void register_severity(int proto)
{
    static hf_register_info hf[] = {
        {&hf_tdsconn_severity,
         {"Severity", "tdsconn.severity", FT_UINT8, BASE_DEC, VALS(severity_names), 0x0,
          "Of the gravest diagnosis on this frame", HFILL}},
    };
    proto_register_field_array(proto, hf, array_length(hf));
}

void diagnoses_register(int proto, module_t *preferences)
{
    register_limits(preferences);
    register_severity(proto);
    static ei_register_info diagnosis_fields[DIAGNOSIS_COUNT];
    expert_module_t *experts = expert_register_protocol(proto);
    for (guint i = 0; i < DIAGNOSIS_COUNT; i++) {
        static const expert_field unset = EI_INIT;
        expert_ids[i] = unset;
        diagnosis_fields[i].ids = &expert_ids[i];
        diagnosis_fields[i].eiinfo.name = rules[i].filter;
        diagnosis_fields[i].eiinfo.group = rules[i].group;
        diagnosis_fields[i].eiinfo.severity = expert_severities[rules[i].severity];
        diagnosis_fields[i].eiinfo.summary = rules[i].text;
        if (first_row((diagnosis_t)i) != i) {
            continue;
        }
        prefs_register_bool_preference(preferences,
                                       wmem_strdup_printf(wmem_epan_scope(), "off.%s", diagnosis_name((diagnosis_t)i)),
                                       wmem_strdup_printf(wmem_epan_scope(), "Leave out: %s", rules[i].text),
                                       "Do not raise this diagnosis.", &off[i]);
    }
    expert_register_field_array(experts, diagnosis_fields, DIAGNOSIS_COUNT);
}

bool diagnosed(const track_t *track, diagnosis_t rule)
{
    return (track->raised[rule / 8] >> rule % 8 & 1) != 0;
}

static void set_diagnosed(track_t *track, diagnosis_t rule, bool raised)
{
    guint8 bit = (guint8)(1 << rule % 8);
    track->raised[rule / 8] = (guint8)(raised ? track->raised[rule / 8] | bit : track->raised[rule / 8] & ~bit);
}

void diagnose(track_t *track, guint32 frame, diagnosis_t rule, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    finding_t finding = {
        .frame = frame,
        .rule = rule,
        .text = wmem_strdup_vprintf(wmem_file_scope(), format, arguments),
    };
    va_end(arguments);
    if (track->findings == NULL) {
        track->findings = wmem_array_sized_new(wmem_file_scope(), sizeof finding, 2);
    }
    wmem_array_append_one(track->findings, finding);
    set_diagnosed(track, rule, true);
}

void diagnosis_withdraw(track_t *track, diagnosis_t rule)
{
    if (!diagnosed(track, rule)) {
        return;
    }
    guint count = wmem_array_get_count(track->findings);
    wmem_array_t *kept = wmem_array_sized_new(wmem_file_scope(), sizeof(finding_t), count);
    for (guint i = 0; i < count; i++) {
        const finding_t *finding = (const finding_t *)wmem_array_index(track->findings, i);
        if (finding->rule != rule) {
            wmem_array_append(kept, finding, 1);
        }
    }
    track->findings = kept;
    set_diagnosed(track, rule, false);
}

void diagnosis_replace(track_t *track, diagnosis_t rule, diagnosis_t by, const char *text)
{
    guint count = track->findings == NULL ? 0 : wmem_array_get_count(track->findings);
    for (guint i = 0; i < count; i++) {
        finding_t *finding = (finding_t *)wmem_array_index(track->findings, i);
        if (finding->rule == rule) {
            finding->rule = by;
            finding->text = wmem_strdup(wmem_file_scope(), text);
            set_diagnosed(track, by, true);
        }
    }
    set_diagnosed(track, rule, false);
}

void diagnoses_tell(proto_item *item, packet_info *pinfo, diagnosis_t rule, const char *text)
{
    if (!diagnosis_is_off(rule)) {
        expert_add_info_format(pinfo, item, &expert_ids[rule], "%s", text);
    }
}

void diagnoses_show_severity(proto_tree *tree, tvbuff_t *tvb, severity_t severity)
{
    if (severity != SEVERITY_NONE) {
        proto_item_set_generated(proto_tree_add_uint(tree, hf_tdsconn_severity, tvb, 0, 0, severity));
    }
}

void diagnoses_init_file(void)
{
    capture_end = 0;
}

void diagnoses_clock(moment_t now)
{
    capture_end = MAX(capture_end, now);
}

moment_t diagnoses_capture_end(void)
{
    return capture_end;
}
