/* evidence.h - how the client authenticated: what was met so far, and what it proves.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_EVIDENCE_H
#define TDSCONN_EVIDENCE_H

#include "memory/track.h"

/* How the client authenticated: the evidence met so far, and what it proves. */
auth_evidence_t track_evidence(const track_t *track);
auth_verdict_t track_auth(const track_t *track);

/* Whether this piece of evidence was met. */
bool track_has_evidence(const track_t *track, evidence_t what);

/* Keeps the evidence as it is now; notes a piece of it, of which only the first frame is kept. First pass only. */
void track_keep_evidence(track_t *track, const auth_evidence_t *evidence);
void track_note_evidence(track_t *track, evidence_t what, guint32 frame);

#endif
