/* facts.c - the single facts of a connection.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "memory/facts.h"

#include <string.h>

#include "memory/capture.h"
#include "memory/keep.h"
#include "wire/text.h"

#define FORGOTTEN 0 /* the frame of a fact that was removed */

/* There are few. */
static kept_fact_t *fact_at(const track_t *track, fact_id_t id)
{
    for (guint32 i = 0; track_fact_noted(track, id) && i < track->login->facts.count; i++) {
        kept_fact_t *fact = (kept_fact_t *)rows_at(&track->login->facts, i);
        if (fact->id == id) {
            return fact;
        }
    }
    return NULL;
}

fact_t track_fact_kept(const track_t *track, fact_id_t id)
{
    const kept_fact_t *kept = fact_at(track, id);
    if (kept == NULL || kept->frame == FORGOTTEN) {
        return (fact_t){0};
    }
    fact_t fact = {.frame = kept->frame};
    if (kept->small) {
        fact.value.number = kept->value;
    } else {
        fact.value = capture.fact_values.at[kept->value];
    }
    return fact;
}

void track_fact_forget(track_t *track, fact_id_t id)
{
    kept_fact_t *fact = fact_at(track, id);
    if (fact != NULL) {
        fact->frame = FORGOTTEN;
    }
}

const char *track_fact_text(const track_t *track, fact_id_t id)
{
    return track_fact(track, id).value.string;
}

/* Keeps a fact, unless it is known already: the first value stays. */
static void fact_note(track_t *track, fact_id_t id, kept_fact_t fact)
{
    kept_fact_t *before = fact_at(track, id);
    fact.id = (guint8)id;
    if (before != NULL && before->frame == FORGOTTEN) {
        *before = fact;
    }
    if (before != NULL) {
        return;
    }
    rows_add(&track_login(track)->facts, &fact, sizeof fact);
    track_login(track)->facts_noted[id / 32] |= 1u << id % 32;
    track_login(track)->facts_until = MAX(track->login->facts_until, fact.frame);
}

#define VALUES_LIMIT (1u << 24) /* kept_fact_t has no room for more */

_Static_assert(FACT_COUNT <= 1 << 7, "kept_fact_t has room for each");

/* Keeps a value. Returns its index; 0 if there is no room. */
static guint32 keep_value(fact_value_t value)
{
    guint32 index = capture.fact_values.count;
    if (index >= VALUES_LIMIT) {
        return 0;
    }
    capture.fact_values.at = (fact_value_t *)keep_places(capture.fact_values.at, &capture.fact_values.room, index,
                                                         sizeof *capture.fact_values.at);
    capture.fact_values.at[index] = value;
    capture.fact_values.count++;
    return index;
}

/* Equal texts are kept once: a capture has many connections of few users, hosts and programs. */
static guint32 keep_text(const char *string)
{
    guint32 index = GPOINTER_TO_UINT(wmem_map_lookup(capture.fact_values.texts, string));
    if (index == 0) {
        char *text = wmem_strdup(wmem_file_scope(), string);
        index = keep_value((fact_value_t){.string = text});
        wmem_map_insert(capture.fact_values.texts, text, GUINT_TO_POINTER(index));
    }
    return index;
}

/* Mostly it is the text of the connection before, which is found without a hash of each of its bytes. */
static guint32 value_of_text(fact_id_t id, const char *string)
{
    guint32 *latest = &capture.fact_values.latest[id];
    if (*latest == 0 || strcmp(capture.fact_values.at[*latest].string, string) != 0) {
        *latest = keep_text(string);
    }
    return *latest;
}

/* `value`: as keep_value has it. */
static void fact_note_value(track_t *track, fact_id_t id, guint32 frame, guint32 value)
{
    if (value != 0) {
        fact_note(track, id, (kept_fact_t){.frame = frame, .value = value});
    }
}

void track_fact_string(track_t *track, fact_id_t id, guint32 frame, const char *string)
{
    if (string != NULL && string[0] != '\0' && !track_fact_noted(track, id)) {
        fact_note_value(track, id, frame, value_of_text(id, string));
    }
}

void track_fact_utf16(track_t *track, fact_id_t id, guint32 frame, span_t utf16)
{
    if (utf16.length >= 2 && !track_fact_noted(track, id)) {
        char *text = text_utf16(NULL, utf16);
        track_fact_string(track, id, frame, text);
        wmem_free(NULL, text);
    }
}

void track_fact_bytes(track_t *track, fact_id_t id, guint32 frame, span_t bytes)
{
    if (bytes.length > 0 && !track_fact_noted(track, id)) {
        char *text = text_utf8(NULL, bytes);
        track_fact_string(track, id, frame, text);
        wmem_free(NULL, text);
    }
}

void track_fact_number(track_t *track, fact_id_t id, guint32 frame, guint32 number)
{
    if (number < VALUES_LIMIT) {
        fact_note(track, id, (kept_fact_t){.frame = frame, .small = true, .value = number});
    } else if (track_fact(track, id).frame == 0) {
        fact_note_value(track, id, frame, keep_value((fact_value_t){.number = number}));
    }
}

void track_fact_time(track_t *track, fact_id_t id, guint32 frame, gint64 time)
{
    if (track_fact(track, id).frame == 0) {
        fact_note_value(track, id, frame, keep_value((fact_value_t){.time = time}));
    }
}

void track_fact_flag(track_t *track, fact_id_t id, guint32 frame, bool set)
{
    if (set) {
        track_fact_number(track, id, frame, true);
    }
}

void track_fact_guid(track_t *track, fact_id_t id, guint32 frame, const guint8 bytes[16])
{
    if (!track_fact_noted(track, id)) {
        const guint8 *guid = (const guint8 *)keep_copy(bytes, 16);
        fact_note_value(track, id, frame, keep_value((fact_value_t){.guid = guid}));
    }
}
