/* evidence.c - how the client authenticated: what was met so far, and what it proves.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "memory/evidence.h"

/* A piece of evidence: a login has few of all that there are. */
typedef struct {
    guint32 frame; /* 0 = it turned out to be none */
    guint8 what;   /* evidence_t */
} kept_evidence_t;

static kept_evidence_t *evidence_at(const track_t *track, evidence_t what)
{
    for (guint32 i = 0; i < track->login->evidence.count; i++) {
        kept_evidence_t *kept = (kept_evidence_t *)rows_at(&track->login->evidence, i);
        if (kept->what == what) {
            return kept;
        }
    }
    return NULL;
}

bool track_has_evidence(const track_t *track, evidence_t what)
{
    const kept_evidence_t *kept = evidence_at(track, what);
    return kept != NULL && kept->frame != 0;
}

auth_evidence_t track_evidence(const track_t *track)
{
    auth_evidence_t evidence = {{0}};
    for (guint32 i = 0; i < track->login->evidence.count; i++) {
        const kept_evidence_t *kept = (const kept_evidence_t *)rows_at(&track->login->evidence, i);
        evidence.frame[kept->what] = kept->frame;
    }
    return evidence;
}

auth_verdict_t track_auth(const track_t *track)
{
    auth_evidence_t evidence = track_evidence(track);
    return auth_verdict(&evidence);
}

void track_keep_evidence(track_t *track, const auth_evidence_t *evidence)
{
    for (guint i = 0; i < EVIDENCE_COUNT; i++) {
        const kept_evidence_t now = {evidence->frame[i], (guint8)i};
        kept_evidence_t *before = evidence_at(track, (evidence_t)i);
        if (before != NULL) {
            *before = now;
        } else if (now.frame != 0) {
            rows_add(&track_login(track)->evidence, &now, sizeof now);
        }
    }
}

void track_note_evidence(track_t *track, evidence_t what, guint32 frame)
{
    auth_evidence_t evidence = track_evidence(track);
    auth_note(&evidence, what, frame);
    track_keep_evidence(track, &evidence);
}
