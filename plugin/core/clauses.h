/* clauses.h - the parts of sentences that several rules say.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_CLAUSES_H
#define TDSCONN_CLAUSES_H

#include "rules.h"

/* ", of which 9.001 s until the server acknowledged frame 36, sent 3 times": the network's part of a wait that ends at
 * `until`. Empty if the message was sent once. Returns `words`. */
const char *network_words(const turn_t *turn, int64_t until, char words[RULE_TEXT]);

/* ", sent 7 times and never acknowledged", of a message that has no answer either. Empty if it arrived, or was sent
 * only once. */
const char *in_vain_words(const turn_t *turn, char words[RULE_TEXT]);

/* "; frame 36 shows that the server had sent it 9.000 s before: it was lost on the way"; empty if `lost_for` is
 * MOMENT_NONE. Returns `words`. */
const char *lost_words(moment_t lost_for, uint32_t shown, char words[RULE_TEXT]);

/* "; 15.000 s were the client's, for its key exchange in frame 8", if that is most of a time that long; else empty. */
const char *whose_words(const longest_t *longest, moment_t took, char words[RULE_TEXT]);

/* "the KDC 10.1.0.5 answered none of 3 requests, the first in frame 10", and what says that it takes none. Returns
 * `words`. */
const char *case_kdc_words(const case_t *c, char words[RULE_TEXT]);

/* "SYN in frame 10 to 10.1.0.5, port 389 (LDAP), is not answered", between `before` and `behind`; empty if there is
 * none. */
const char *case_sought_words(const sought_t *sought, const char *before, const char *behind, char words[RULE_TEXT]);

/* "the look-up of that name failed: NXDOMAIN in frame 10", for the name that is called `of`; empty if the client has an
 * address, or the capture no question. */
const char *case_look_up_words(const look_up_t *look_up, const char *of, char words[RULE_TEXT]);

/* "; a PROXY protocol header (version 2) of 10.0.0.5 stands before it in frame 4: SQL Server does not read it"; "" if
 * there is none. `stands`: how it stands there, " stands before it". Returns `words`. */
const char *case_proxy_words(const case_t *c, const char *stands, char words[RULE_TEXT]);

/* Until when nothing more came, behind "to" or "until": "the end of the capture". Static text. */
const char *case_end_words(const case_t *c);

/* "whole " if the server sent a part of its answer, else "": between "no " and what it owed. */
const char *case_part_words(const case_t *c);

/* ", sent 7 times over 13.304 s and never acknowledged", about the message that has to be answered. Empty if it was
 * sent once. Returns `words`. */
const char *case_delivery_words(const case_t *c, char words[RULE_TEXT]);

#endif
