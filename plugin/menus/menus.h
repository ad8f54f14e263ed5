/* menus.h - Follow of a MARS session or a named pipe, the Flow Graph, conversation filters, Credentials.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_MENUS_H
#define TDSCONN_MENUS_H

#include "memory/track.h"

/* Registers all of them. Called once, at registration, after the tap. */
void menus_register(int proto);

/* The parts: follow.c, flow.c, filters.c and credentials.c. */
void follow_register(int proto);
void flow_register(int proto);
void filters_register(void);
void credentials_register(void);

/* Makes Wireshark's window offer to follow the pipe of this connection, if it is one: the menu has what is among the
 * layers of the selected frame. To be called after all dissectors, when frame.protocols is made. */
void follow_offer(packet_info *pinfo, const track_t *track);

/* Whether the tap of Tools > Credentials has a listener. */
bool credentials_are_heard(void);

/* Reports the user of the connection to that tap, if this frame has the user name. Never a password. */
void credentials_queue(packet_info *pinfo, const track_t *track);

#endif
