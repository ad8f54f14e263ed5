/* plugin.c - what Wireshark looks for in a plugin.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <epan/proto.h>

#include <gmodule.h>

#include "compat.h"
#include "packet-ssrp.h"
#include "packet-tdsconn.h"

G_MODULE_EXPORT const gchar plugin_version[] = TDSCONN_VERSION;
G_MODULE_EXPORT const int plugin_want_major = WIRESHARK_VERSION_MAJOR;
G_MODULE_EXPORT const int plugin_want_minor = WIRESHARK_VERSION_MINOR;

G_MODULE_EXPORT void plugin_register(void);
G_MODULE_EXPORT guint32 plugin_describe(void);

void plugin_register(void)
{
    static proto_plugin tdsconn, ssrp;
    tdsconn.register_protoinfo = proto_register_tdsconn;
    tdsconn.register_handoff = proto_reg_handoff_tdsconn;
    ssrp.register_protoinfo = proto_register_ssrp;
    ssrp.register_handoff = proto_reg_handoff_ssrp;
    proto_register_plugin(&tdsconn);
    proto_register_plugin(&ssrp);
}

guint32 plugin_describe(void)
{
    return TDSCONN_DESC_DISSECTOR;
}
