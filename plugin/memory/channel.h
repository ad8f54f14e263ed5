/* channel.h - one stream of requests and responses: the connection itself, or one MARS session.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_CHANNEL_H
#define TDSCONN_CHANNEL_H

#include <glib.h>

#include "core/turn.h"
#include "wire/assembly.h"

/* One stream of requests and responses: the connection itself, or one MARS session. */
typedef struct {
    /* Messages of several packets that are not complete, without TDS headers: channel_message(). NULL = none yet. */
    assembly_t *client_message, *server_message;
    turn_t turn;
    guint32 exchange;  /* the latest request, index into exchanges + 1; 0 = none */
    guint32 attention; /* the exchange whose ATTENTION is not acknowledged yet, index + 1; 0 = none */
} channel_t;

/* The message of a side of which packets are missing. Most messages have one packet: until one has more, all of it is
 * 0. Never NULL. Valid until the next packet is read, for which another may be made. */
const assembly_t *channel_message(const channel_t *channel, sender_t sender);

/* The same, to be changed. In file scope. First pass only. */
assembly_t *channel_own_message(channel_t *channel, sender_t sender);

/* Forgets what came of that message. First pass only. */
void channel_forget_message(channel_t *channel, sender_t sender);

#endif
