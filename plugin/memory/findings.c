/* findings.c - what is wrong, as it is found: kept with the connection.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "memory/findings.h"

#include <string.h>

#include "memory/annotations.h"
#include "memory/capture.h"
#include "memory/keep.h"
#include "wire/text.h"

static const diagnosis_row_t rows[DIAGNOSIS_COUNT] = {
#define DIAGNOSIS(tag, filter, severity, group, text, on, when)                                                        \
    [DIAGNOSIS_##tag] = {filter, PI_##group, SEVERITY_##severity, text},
#include "core/diagnoses.def"
};

/* Milliseconds, by preference. */
static guint limits[LIMIT_COUNT] = {
#define LIMIT(tag, preference, default_, title, description) [LIMIT_##tag] = (default_),
#include "core/limits.def"
};

static ws_bool off[DIAGNOSIS_COUNT]; /* by preference, at the first row of a rule */

const diagnosis_row_t *diagnosis_row(diagnosis_t rule)
{
    return &rows[rule];
}

static diagnosis_t find_first_row(diagnosis_t rule)
{
    diagnosis_t first = (diagnosis_t)0;
    while (first < rule && strcmp(rows[first].filter, rows[rule].filter) != 0) {
        first++;
    }
    return first;
}

diagnosis_t diagnosis_first_row(diagnosis_t rule)
{
    static guint16 found[DIAGNOSIS_COUNT]; /* 1 more than the row; 0 = not looked for yet */
    if (found[rule] == 0) {
        found[rule] = (guint16)(find_first_row(rule) + 1);
    }
    return (diagnosis_t)(found[rule] - 1);
}

const char *diagnosis_name(diagnosis_t rule)
{
    return rows[rule].filter + strlen("tdsconn.expert.");
}

severity_t diagnosis_severity(diagnosis_t rule)
{
    return rows[rule].severity;
}

const char *diagnosis_text(diagnosis_t rule)
{
    return rows[rule].text;
}

bool diagnosis_is_off(diagnosis_t rule)
{
    return off[diagnosis_first_row(rule)];
}

guint *diagnoses_limit_setting(limit_t limit)
{
    return &limits[limit];
}

ws_bool *diagnosis_off_setting(diagnosis_t rule)
{
    return &off[diagnosis_first_row(rule)];
}

moment_t diagnoses_limit(limit_t limit)
{
    return MILLISECONDS((moment_t)limits[limit]);
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
    char *said = wmem_strdup_vprintf(NULL, format, arguments);
    va_end(arguments);
    char *shown = text_shown(NULL, said);
    finding_t finding = {.frame = frame, .rule = rule, .text = (const char *)keep_shared(shown, strlen(shown) + 1)};
    wmem_free(NULL, shown);
    wmem_free(NULL, said);
    frames_add(&track->findings, &finding, sizeof finding);
    set_diagnosed(track, rule, true);
}

void diagnosis_withdraw(track_t *track, diagnosis_t rule)
{
    if (!diagnosed(track, rule)) {
        return;
    }
    rows_t kept = {0};
    for (guint i = 0; i < track->findings.count; i++) {
        const finding_t *finding = (const finding_t *)rows_at(&track->findings, i);
        if (finding->rule != rule) {
            rows_add(&kept, finding, sizeof *finding);
        }
    }
    track->findings = kept;
    set_diagnosed(track, rule, false);
}

void diagnoses_withdraw_end(track_t *track, guint32 frame)
{
    rows_t kept = {0};
    memset(track->raised, 0, sizeof track->raised);
    for (guint i = 0; i < track->findings.count; i++) {
        const finding_t *finding = (const finding_t *)rows_at(&track->findings, i);
        if (finding->frame != frame || !rule_is_of_end((diagnosis_t)finding->rule)) {
            rows_add(&kept, finding, sizeof *finding);
            set_diagnosed(track, (diagnosis_t)finding->rule, true);
        }
    }
    track->findings = kept;
}

void diagnosis_replace(track_t *track, diagnosis_t rule, diagnosis_t by, const char *text)
{
    for (guint i = 0; i < track->findings.count; i++) {
        finding_t *finding = (finding_t *)rows_at(&track->findings, i);
        if (finding->rule == rule) {
            finding->rule = by;
            finding->text = (const char *)keep_shared(text, strlen(text) + 1);
            set_diagnosed(track, by, true);
        }
    }
    set_diagnosed(track, rule, rule == by);
}

/* Where a clock went back. */
static G_GNUC_NO_INLINE void note_latest_behind(instant_t now)
{
    while (capture.latest.count > 0 && capture.latest.instants[capture.latest.count - 1].at <= now.at) {
        capture.latest.count--;
    }
    if (capture.latest.count == capture.latest.room) {
        capture.latest.room = MAX(4, 2 * capture.latest.room);
        capture.latest.instants = wmem_realloc(wmem_file_scope(), capture.latest.instants,
                                               capture.latest.room * sizeof *capture.latest.instants);
    }
    capture.latest.instants[capture.latest.count++] = now;
}

void diagnoses_clock(guint32 frame, moment_t at)
{
    if (at == MOMENT_NONE) {
        return;
    }
    if (capture.latest.count == 1 && capture.latest.instants[0].at <= at) { /* the rule, and on every frame */
        capture.latest.instants[0] = (instant_t){frame, at};
    } else {
        note_latest_behind((instant_t){frame, at});
    }
}

instant_t diagnoses_latest(guint32 frame)
{
    guint low = 0;
    guint high = capture.latest.count;
    while (low < high) {
        guint middle = low + (high - low) / 2;
        if (capture.latest.instants[middle].frame < frame) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low == capture.latest.count ? (instant_t){0, MOMENT_NONE} : capture.latest.instants[low];
}

moment_t diagnoses_silence(instant_t since)
{
    return moment_between(since.at, diagnoses_latest(since.frame).at);
}

moment_t diagnoses_silence_of(const track_t *track)
{
    instant_t last = {track->last_frame, annotation_moment(track_annotation(track, track->last_frame))};
    return track->namesakes->after.frame != 0 ? moment_between(last.at, track->namesakes->after.at)
                                              : diagnoses_silence(last);
}
