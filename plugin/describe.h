/* describe.h - what is told of a frame or a connection in words.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * All strings are made in the packet's scope.
 */
#ifndef TDSCONN_DESCRIBE_H
#define TDSCONN_DESCRIBE_H

#include "tcpfacts.h"
#include "track.h"

/* The line that Network Monitor prints for a frame, as Microsoft's article on tracing the authentication process
 * shows it. `facts` may be NULL: then the TCP part is left out. */
const char *describe_frame(const track_t *track, const annotation_t *annotation, packet_info *pinfo, tvbuff_t *frame,
                           const tcp_facts_t *facts);

/* The evidence for tdsconn.auth and its frame; or why it is not known. */
const char *describe_auth(const track_t *track, packet_info *pinfo);

/* Who logged in, DOMAIN\user for NTLM; "" if nothing in clear tells. */
const char *describe_user(const track_t *track, packet_info *pinfo);

/* One line for the whole connection. */
const char *describe_summary(const track_t *track, packet_info *pinfo);

#endif
