/* diagnoses.c - telling a user what is wrong: the expert layer.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "diagnoses.h"

#include <epan/expert.h>

typedef struct {
    guint32 frame;
    diagnosis_t rule;
    const char *text; /* file scope */
} finding_t;

static const struct {
    const char *filter;
    int group, severity;
    const char *text;
} rules[DIAGNOSIS_COUNT] = {
#define DIAGNOSIS(tag, filter, severity, group, text) [DIAGNOSIS_##tag] = {filter, PI_##group, PI_##severity, text},
#include "core/diagnoses.def"
};

static expert_field expert_ids[DIAGNOSIS_COUNT];
static gboolean off[DIAGNOSIS_COUNT]; /* by preference */

static const char *rule_name(diagnosis_t rule)
{
    return strrchr(rules[rule].filter, '.') + 1;
}

void diagnoses_register(int proto, module_t *preferences)
{
    static ei_register_info diagnosis_fields[DIAGNOSIS_COUNT];
    expert_module_t *experts = expert_register_protocol(proto);
    for (guint i = 0; i < DIAGNOSIS_COUNT; i++) {
        static const expert_field unset = EI_INIT;
        expert_ids[i] = unset;
        diagnosis_fields[i].ids = &expert_ids[i];
        diagnosis_fields[i].eiinfo.name = rules[i].filter;
        diagnosis_fields[i].eiinfo.group = rules[i].group;
        diagnosis_fields[i].eiinfo.severity = rules[i].severity;
        diagnosis_fields[i].eiinfo.summary = rules[i].text;
        prefs_register_bool_preference(preferences, wmem_strdup_printf(wmem_epan_scope(), "off.%s", rule_name((diagnosis_t)i)),
                                       wmem_strdup_printf(wmem_epan_scope(), "Leave out: %s", rules[i].text),
                                       "Do not raise this diagnosis.", &off[i]);
    }
    expert_register_field_array(experts, diagnosis_fields, DIAGNOSIS_COUNT);
}

gboolean diagnosed(const track_t *track, diagnosis_t rule)
{
    guint count = track->findings == NULL ? 0 : wmem_array_get_count(track->findings);
    for (guint i = 0; i < count; i++) {
        if (((const finding_t *)wmem_array_index(track->findings, i))->rule == rule) {
            return TRUE;
        }
    }
    return FALSE;
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
}

static void tell(proto_item *item, packet_info *pinfo, diagnosis_t rule, const char *text)
{
    if (!off[rule]) {
        expert_add_info_format(pinfo, item, &expert_ids[rule], "%s", text);
    }
}

/* MARS was agreed and the login went through, but no session was ever opened. What TLS hides is no evidence. */
static bool when_mars_unused(const track_t *track)
{
    bool readable = track_encryption(track) <= ENCRYPTION_LOGIN_ONLY || track->decrypting;
    return track->mars && track->sessions == NULL && readable && track->connection.state == STATE_LOGGED_IN &&
           track->connection.close != CLOSE_OPEN;
}

static void show_end(proto_item *item, packet_info *pinfo, const track_t *track)
{
    if (when_mars_unused(track)) {
        tell(item, pinfo, DIAGNOSIS_MARS_UNUSED, "MARS was agreed in PRELOGIN, but no SMP packet followed the login");
    }
}

void diagnoses_show(proto_item *item, packet_info *pinfo, const track_t *track)
{
    guint count = track->findings == NULL ? 0 : wmem_array_get_count(track->findings);
    for (guint i = 0; i < count; i++) {
        const finding_t *finding = (const finding_t *)wmem_array_index(track->findings, i);
        if (finding->frame == pinfo->num) {
            tell(item, pinfo, finding->rule, finding->text);
        }
    }
    if (PINFO_FD_VISITED(pinfo) && pinfo->num == track->last_frame) {
        show_end(item, pinfo, track);
    }
}
