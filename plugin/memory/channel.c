/* channel.c - one stream of requests and responses: the connection itself, or one MARS session.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "memory/channel.h"

#include "memory/keep.h"

static const assembly_t no_message;

const assembly_t *channel_message(const channel_t *channel, sender_t sender)
{
    const assembly_t *message = sender == SENDER_SERVER ? channel->server_message : channel->client_message;
    return message == NULL ? &no_message : message;
}

assembly_t *channel_own_message(channel_t *channel, sender_t sender)
{
    assembly_t *own = (assembly_t *)keep_own(channel_message(channel, sender), &no_message, sizeof no_message);
    *(sender == SENDER_SERVER ? &channel->server_message : &channel->client_message) = own;
    return own;
}

void channel_forget_message(channel_t *channel, sender_t sender)
{
    if (channel_message(channel, sender) != &no_message) {
        assembly_clear(channel_own_message(channel, sender));
    }
}
