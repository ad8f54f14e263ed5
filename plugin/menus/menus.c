/* menus.c - Follow of a MARS session or a named pipe, the Flow Graph, conversation filters, Credentials.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "menus/menus.h"

void menus_register(int proto)
{
    follow_register(proto);
    flow_register(proto);
    filters_register();
    credentials_register();
}
