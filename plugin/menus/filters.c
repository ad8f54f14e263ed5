/* filters.c - Analyze > Conversation Filter: the frame's connection, or its MARS session.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "menus/menus.h"

#include "compat.h"
#include "memory/sessions.h"
#include "stream/claim.h"

static ws_bool has_connection(COMPAT_CONVERSATION_PACKET)
{
    const track_t *track = claim_shown(pinfo);
    return track != NULL && track_annotation(track, number_of(pinfo)) != NULL;
}

static gchar *connection_filter(COMPAT_CONVERSATION_PACKET)
{
    const track_t *track = claim_shown(pinfo);
    return track == NULL ? NULL : g_strdup_printf("tdsconn.stream eq %u", track->number);
}

static ws_bool has_session(COMPAT_CONVERSATION_PACKET)
{
    guint32 number;
    return session_of_packet(claim_shown(pinfo), pinfo, &number);
}

static gchar *session_filter(COMPAT_CONVERSATION_PACKET)
{
    guint32 number;
    return session_of_packet(claim_shown(pinfo), pinfo, &number) ? g_strdup_printf("tdsconn.mars.session eq %u", number)
                                                                 : NULL;
}

void filters_register(void)
{
    compat_register_conversation_filter("tdsconn", "SQL Server connection", has_connection, connection_filter);
    compat_register_conversation_filter("tdsconn", "MARS session", has_session, session_filter);
}
