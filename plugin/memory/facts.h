/* facts.h - the single facts of a connection.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_FACTS_H
#define TDSCONN_FACTS_H

#include "memory/track.h"

/* Whether a fact is or was known. */
static inline bool track_fact_noted(const track_t *track, fact_id_t id)
{
    return (track->login->facts_noted[id / 32] >> id % 32 & 1) != 0;
}

/* The value of such a fact; its frame is 0 if it was removed since. Called by track_fact only. */
fact_t track_fact_kept(const track_t *track, fact_id_t id);

/* A fact of the connection; its frame is 0 if it is not known. */
static inline fact_t track_fact(const track_t *track, fact_id_t id)
{
    return track_fact_noted(track, id) ? track_fact_kept(track, id) : (fact_t){0};
}

/* Removes a fact that turned out to be untrue. First pass only. */
void track_fact_forget(track_t *track, fact_id_t id);

/* The text of a fact, in file scope; NULL if it is not known. */
const char *track_fact_text(const track_t *track, fact_id_t id);

/* Notes a fact of a frame. The first value stays. Strings and GUIDs are copied to file scope; NULL and empty strings
 * are no facts. First pass only. */
void track_fact_string(track_t *track, fact_id_t id, guint32 frame, const char *string);
void track_fact_utf16(track_t *track, fact_id_t id, guint32 frame, span_t utf16);
void track_fact_bytes(track_t *track, fact_id_t id, guint32 frame, span_t bytes);
void track_fact_number(track_t *track, fact_id_t id, guint32 frame, guint32 number);
void track_fact_time(track_t *track, fact_id_t id, guint32 frame, gint64 time); /* seconds since 1970 */
void track_fact_flag(track_t *track, fact_id_t id, guint32 frame, bool set);    /* false is no fact */
void track_fact_guid(track_t *track, fact_id_t id, guint32 frame, const guint8 bytes[16]);

#endif
