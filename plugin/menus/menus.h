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

/* Whether anybody asks for user names. */
bool credentials_are_heard(void);

/* Reports the user name, if this frame told it. */
void credentials_queue(packet_info *pinfo, const track_t *track);

#endif
