/* describe.h - a frame or a connection in words.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Strings are allocated in `scope`, or in the packet's scope without such a parameter. None is NULL.
 */
#ifndef TDSCONN_DESCRIBE_H
#define TDSCONN_DESCRIBE_H

#include "wire/tcpfacts.h"
#include "memory/annotations.h"
#include "memory/track.h"

/* The line that Network Monitor prints for a frame, as in Microsoft's article on tracing the authentication process.
 * If `facts` is NULL, the TCP part is left out. */
const char *describe_frame(const track_t *track, const annotation_t *annotation, packet_info *pinfo,
                           const tcp_facts_t *facts);

/* The step of a frame; on the frame that ended the login without success, the outcome. Static text. */
const char *describe_step(const track_t *track, const annotation_t *annotation);

/* How the client authenticated, such as "SQL"; "SQL?" if it is inferred. Static text, or in `scope`. */
const char *describe_mechanism(auth_verdict_t verdict, wmem_allocator_t *scope);

/* The evidence for tdsconn.auth and its frame; or why it is not known. Static text, or in `scope`. */
const char *describe_auth(const track_t *track, wmem_allocator_t *scope);

/* The user who logged in, printable: DOMAIN\user of NTLM, else the user of LOGIN7. "" if it is not known. */
const char *describe_user(const track_t *track, wmem_allocator_t *scope);

/* "10.0.0.1:1433", "[::1]:1433"; "" for an address that is not known. */
const char *describe_endpoint(const address *host, guint16 port, wmem_allocator_t *scope);

/* The text of a fact, not escaped; "" if it is not known. File scope. */
const char *fact_text(const track_t *track, fact_id_t id);

/* Whether MARS is used: "on", "off", or "unknown" if the capture does not tell. Static text. */
const char *describe_mars(const track_t *track);

/* One line that sums up the connection: login, user, server, time, error, MARS, encryption and end. `so_far`: the
 * capture is still being read, so more of an open connection may come. */
const char *describe_summary(const track_t *track, bool so_far, wmem_allocator_t *scope);

#endif
