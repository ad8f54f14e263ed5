/* links.h - connections that belong together: redirects, parallel attempts, servers that end several at once.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_LINKS_H
#define TDSCONN_LINKS_H

#include "memory/track.h"

/* The server redirected this connection's client, to the port in FACT_ROUTING_PORT. From now on a connection that
 * follows is looked for. First pass only. */
void links_expect_redirect(track_t *track, const frame_t *frame);

/* The same if TLS hides the server's answer and it may be a redirect. Only for Azure SQL, by SNI or the certificate, as
 * only its ports are known. Returns whether a connection is looked for. First pass only. */
bool links_expect_hidden_redirect(track_t *track, instant_t answered);

/* SNI was read. If it names no server of Azure SQL, no hidden redirect led here: takes such a conclusion back. First
 * pass only. */
void links_check_name(track_t *track);

/* How long before its SYN the client closed the earlier connection with the same addresses and ports. MOMENT_NONE if it
 * is not known, or if that connection ended otherwise than by the client's FIN first: then the port is free at once. */
moment_t links_port_again(const track_t *track);

/* How many connections the client opened to the same server in the minute before this one's SYN, with a login, and
 * closed before this SYN. 0 if one of them was not closed, if DIAGNOSIS_NO_POOLING was raised on one, or if no SYN of
 * this one was noted. */
guint32 links_in_turn(const track_t *track);

/* Whether this SYN may follow a redirect. First pass only, which it asserts. */
bool links_is_redirect(const packet_info *pinfo);

/* A new connection: if it follows a redirect, notes both connections with each other. First pass only, which it
 * asserts. */
void links_join_redirect(track_t *track, const packet_info *pinfo);

/* The earlier connection to the same server and port in the chain of redirects that led to this one, its number + 1; 0
 * = there is none. */
guint32 links_circle(const track_t *track);

/* The next connection of the same client to the same port of another host, which accepted it and has an address for the
 * same name, as the two loopback addresses have; NULL if there is none. The client may be one with the other version of
 * IP, as in resolver_joins.
 * `after` gets the time from this one's first SYN to that one's; MOMENT_NONE if it is not known. */
const track_t *links_accepted_elsewhere(const track_t *track, moment_t *after);

/* The client's next connection that the same host accepted on the same port, where SQL Server answers; NULL if there is
 * none. `after`: as above. */
const track_t *links_accepted_later(const track_t *track, moment_t *after);

/* The client's next connection that logged in to the same host and port; NULL if there is none. One whose LOGIN7 names
 * another user, database or application does not count. `after`: as above. */
const track_t *links_logged_in_later(const track_t *track, moment_t *after);

/* SQL Browser named this host and port as SQL Server's. First pass only. */
void links_learn_server(const address *host, guint16 port);

/* The server of this connection sent messages of SQL Server, so its host and port are SQL Server's. A client's message
 * does not prove that. First pass only. */
void links_learn_own_server(track_t *track);

/* Whether this host and port are known as SQL Server's by one of the two functions above. */
bool links_is_server(const address *host, guint16 port);

/* Notes the first SYN of a connection, for the functions here that compare connections. First pass only. */
void links_note_opening(track_t *track, const frame_t *frame);

/* Another connection that the same client opened to the same port within a second of this one, and that had not ended
 * when this one began. Its number + 1; 0 = none. */
guint32 links_parallel(const track_t *track);

/* The latest earlier connection that the same host accepted on the same port; NULL if none is known. `before` gets the
 * time from its SYN to this one's; MOMENT_NONE if it is not known. */
const track_t *links_accepted(const track_t *track, moment_t *before);

/* The client's next connection that the same host accepted on the same port between this one's first SYN and a second
 * after its last one; NULL if there is none, or times do not tell. */
const track_t *links_accepted_meanwhile(const track_t *track);

/* A connection of the same SYN to another address, which something between made of this one: the number + 1; 0 = there
 * is none. One of the two has a SYN-ACK, the other has none. */
guint32 links_same_syn(const track_t *track);

/* Whether the server answered the SYN of a connection as in links_parallel. If times are not known, it counts as
 * parallel.
 */
bool links_is_overtaken(const track_t *track);

/* Whether the capture has no frame of any server, though clients show that they got answers: it has their direction
 * only. */
bool links_lack_servers(void);

/* Notes that the client gave up a command after waiting so long. Returns the frame in which the same client gave up one
 * after the same time before, as a time-out does; 0 = none is known. First pass only. */
guint32 links_note_cancel(const track_t *track, guint32 frame, moment_t waited);

#define TOGETHER_LEAST 3 /* so many connections count as ended together: two may end by chance */

/* Connections of one server that the server's side ended so close together that they have one cause. */
typedef struct {
    struct {
        track_t *track;
        guint32 frame;         /* that ended it */
        guint32 request;       /* the frame of a request without a response; 0 = none */
    } members[TOGETHER_LEAST]; /* the first of them */
    guint32 count;             /* how many they are */
    guint32 requests;          /* how many of them have such a request */
    instant_t first, last;     /* the first and the last end */
} together_t;

/* Notes that the server ended this connection in this frame. `request`: the frame of a request without a response, 0 =
 * none. Returns the connections that it ended together with this one, this one included. File scope. First pass only.
 */
const together_t *links_note_end(track_t *track, const frame_t *frame, guint32 request);

/* The connection turned out to be something else: takes back that it follows a redirect, and that its server is SQL
 * Server. First pass only. */
void links_forget(const track_t *track);

/* Another file begins: makes what its memory needs. */
void links_begin_file(void);

#endif
