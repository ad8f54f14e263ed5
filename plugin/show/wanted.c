/* wanted.c - whether anybody looks at what Wireshark's TDS dissector finds in a message.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "show/wanted.h"

#include <epan/tap.h>

/* Preference: Wireshark's TDS dissector reads every response, whether or not anybody looks. */
static ws_bool decode_all;

/* What may come of reading a response: its own fields, or that it cannot be read. */
static const char *const protocols[] = {"tds", "_ws.expert", "_ws.malformed", "_ws.short", "_ws.unreassembled"};
static int protocol_ids[G_N_ELEMENTS(protocols)];

static bool is_tree_asked(proto_tree *tree)
{
    for (gsize i = 0; tree != NULL && i < G_N_ELEMENTS(protocols); i++) {
        if (protocol_ids[i] >= 0 && proto_field_is_referenced(tree, protocol_ids[i])) {
            return true;
        }
    }
    return false;
}

/* Wireshark registers this tap later than dissectors look for others. */
static bool is_expert_heard(void)
{
    static int expert_tap; /* 0 = not known yet */
    if (expert_tap == 0) {
        expert_tap = find_tap_id("expert");
    }
    return expert_tap != 0 && have_tap_listener(expert_tap);
}

bool wanted_in(const packet_info *pinfo, proto_tree *tree)
{
    return decode_all || is_tree_asked(tree) || is_expert_heard() || col_get_writable(pinfo->cinfo, COL_EXPERT);
}

void wanted_register(module_t *preferences)
{
    prefs_register_bool_preference(
        preferences, "decode_all", "Have Wireshark read responses that nobody looks at",
        "Behind the login, Wireshark's TDS dissector reads a response when its fields are shown, filtered or counted. "
        "If on, it reads all of them, which takes longer. What is shown is the same, but for \"Malformed Packet\".",
        &decode_all);
}

void wanted_handoff(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(protocols); i++) {
        protocol_ids[i] = proto_get_id_by_filter_name(protocols[i]);
    }
}
