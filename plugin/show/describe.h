/* describe.h - what is told of a frame or a connection in words.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * All strings are made in the packet's scope, or in the scope that is given.
 */
#ifndef TDSCONN_DESCRIBE_H
#define TDSCONN_DESCRIBE_H

#include "wire/tcpfacts.h"
#include "memory/track.h"

/* The line that Network Monitor prints for a frame, as Microsoft's article on tracing the authentication process
 * shows it. `facts` may be NULL: then the TCP part is left out. */
const char *describe_frame(const track_t *track, const annotation_t *annotation, packet_info *pinfo, tvbuff_t *frame,
                           const tcp_facts_t *facts);

/* The step of a frame; on the frame that ended the login without success, what became of it. Static text. */
const char *describe_step(const track_t *track, const annotation_t *annotation);

/* "SQL"; "SQL?" if it was not seen but inferred. Static text, or made in the scope. */
const char *describe_mechanism(auth_verdict_t verdict, wmem_allocator_t *scope);

/* The evidence for tdsconn.auth and its frame; or why it is not known. */
const char *describe_auth(const track_t *track, wmem_allocator_t *scope);

/* Who logged in, "" if nobody knows: DOMAIN\user of NTLM, else the user of LOGIN7. */
const char *describe_user(const track_t *track, wmem_allocator_t *scope);

/* "10.0.0.1:1433", "[::1]:1433"; "" for an address that is not known. */
const char *describe_endpoint(const address *host, guint16 port, wmem_allocator_t *scope);

/* A fact of text; "" if it is not known. Valid as long as the file. */
const char *fact_text(const track_t *track, fact_id_t id);

/* "on", "off"; "unknown" where nobody saw PRELOGIN answered, nor a login without it. Static text. */
const char *describe_mars(const track_t *track);

/* One line for the whole connection. */
const char *describe_summary(const track_t *track, wmem_allocator_t *scope);

#endif
