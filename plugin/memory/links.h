/* links.h - what one connection has to do with another in the same capture.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_LINKS_H
#define TDSCONN_LINKS_H

#include "memory/track.h"

/* The server sent this connection's client to another host and port: a connection there is looked out for. First pass
 * only. */
void links_expect_redirect(track_t *track, const frame_t *frame);

/* The same where TLS hides the server's answer and it may be a redirect: only of Azure SQL, as SNI or the certificate
 * say, for only there the ports are known. Returns whether one is looked out for. First pass only. */
bool links_expect_hidden_redirect(track_t *track, instant_t answered);

/* Where a client names another server than one of Azure SQL, no gateway sent it there: asked when SNI was read. First
 * pass only. */
void links_check_name(track_t *track);

/* How long ago the client closed the connection that had the same addresses and ports; MOMENT_NONE if that is not
 * known, or if another end than the client's FIN makes the port free at once. */
moment_t links_port_again(const track_t *track);

/* How many connections this client opened to the same server within the minute before this one's SYN, logged in on, and
 * had ended by then. 0 if one of them had not ended, if DIAGNOSIS_NO_POOLING was raised on one, or without a SYN. */
guint32 links_in_turn(const track_t *track);

/* Whether this SYN goes where a server sent its sender. First pass only. */
bool links_is_redirect(const packet_info *pinfo);

/* Joins a new connection to the one that was redirected to it, if there is one. First pass only. */
void links_join_redirect(track_t *track, const packet_info *pinfo);

/* "host:port", to look an endpoint up by. `scope` owns it. */
char *links_endpoint(wmem_allocator_t *scope, const address *host, guint16 port);

/* A host and port that are SQL Server's, as SQL Browser said. First pass only. */
void links_learn_server(const address *host, guint16 port);

/* The server of this connection spoke as SQL Server does: its host and port are one. A client's word does not make a
 * server. First pass only. */
void links_learn_own_server(track_t *track);

/* Whether this host and port are a server's by one of the two above. */
bool links_is_server(const address *host, guint16 port);

/* Notes a connection whose SYN was seen, for links_parallel. First pass only. */
void links_note_opening(track_t *track, const frame_t *frame);

/* Another connection that the same client opened to the same port within a second of this one, its number + 1;
 * 0 = none. */
guint32 links_parallel(const track_t *track);

/* The latest connection that the same host accepted on the same port before this one, NULL if none is known; how long
 * `before` it began, MOMENT_NONE if that is not known. */
const track_t *links_accepted(const track_t *track, moment_t *before);

/* Whether there is one like that of links_parallel whose server answered. */
bool links_is_overtaken(const track_t *track);

/* Notes that this connection's client gave up a command after so long. Returns the frame in which the same client gave
 * one up after just as long before, as a timeout does; 0 = none is known. First pass only. */
guint32 links_note_cancel(const track_t *track, guint32 frame, moment_t waited);

#define TOGETHER_LEAST 3 /* two may end by chance */

/* Connections that one server, or something in its name, ended so close together that one thing did it. */
typedef struct {
    struct {
        track_t *track;
        guint32 frame;
        guint32 request;       /* that waited for its response; 0 = none did */
    } members[TOGETHER_LEAST]; /* the first of them */
    guint32 count, requests;   /* of how many a request waited */
    instant_t first, last;
} together_t;

/* Notes that the server ended this connection in this frame, and returns those that it ended together with it. File
 * scope. First pass only. */
const together_t *links_note_end(track_t *track, const frame_t *frame, guint32 request);

/* Takes back what was told of a connection that turned out to be something else: that it follows a redirect, that its
 * server is one. First pass only. */
void links_forget(const track_t *track);

/* Another file begins: makes what its memory needs. */
void links_begin_file(void);

#endif
