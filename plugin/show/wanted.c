/* wanted.c - whether anybody looks at what Wireshark's TDS dissector finds in a message.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "show/wanted.h"

#include <epan/prefs-int.h>
#include <epan/tap.h>

#include "memory/capture.h"

/* Preference: Wireshark's TDS dissector reads every message, whether or not anybody looks. */
static ws_bool decode_all;

/* What may come of reading a response: its own fields, or that it cannot be read. */
static const char *const protocols[] = {"tds", "_ws.expert", "_ws.malformed", "_ws.short", "_ws.unreassembled"};
static int protocol_ids[G_N_ELEMENTS(protocols)];

/* What else a packet leaves in a tree: the frame's protocols, the size that TCP notes, what carries it, a part's bytes.
 */
static const char *const traced[] = {"frame", "tcp", "smp", "data"};
static int traced_ids[G_N_ELEMENTS(traced)];

static pref_t *joined; /* a preference of Wireshark's TDS dissector */

static bool is_any_asked(proto_tree *tree, const int *ids, gsize count)
{
    for (gsize i = 0; tree != NULL && i < count; i++) {
        if (ids[i] >= 0 && proto_field_is_referenced(tree, ids[i])) {
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
    return decode_all || is_any_asked(tree, protocol_ids, G_N_ELEMENTS(protocols)) || is_expert_heard() ||
           col_get_writable(pinfo->cinfo, COL_EXPERT);
}

/* Frames that a read filter drops have no numbers of their own: the one asked for here is kept, if any is. */
static bool are_frames_kept(const packet_info *pinfo)
{
    if (capture.frames_kept == KEPT_UNKNOWN && pinfo->num > 3) {
        capture.frames_kept = number_is_kept(pinfo, pinfo->num - 2) ? KEPT : NOT_KEPT;
    }
    return capture.frames_kept != NOT_KEPT;
}

/* Whether some statistic walks the tree, as the hierarchy of protocols does. */
static bool is_tree_walked(proto_tree *tree)
{
    return tree != NULL && (union_of_tap_listener_flags() & TL_REQUIRES_PROTO_TREE) != 0;
}

bool wanted_nowhere(const packet_info *pinfo, proto_tree *tree)
{
    return !is_any_asked(tree, traced_ids, G_N_ELEMENTS(traced)) && !is_tree_walked(tree) &&
           (PINFO_FD_VISITED(pinfo) || !are_frames_kept(pinfo));
}

bool wanted_joined(void)
{
    return joined != NULL && prefs_get_bool_value(joined, pref_current);
}

void wanted_register(module_t *preferences)
{
    prefs_register_bool_preference(
        preferences, "decode_all", "Have Wireshark read messages that nobody looks at",
        "Wireshark's TDS dissector reads most messages only when their fields are shown, filtered or counted. "
        "If on, it reads all messages, which takes longer. What is shown is the same, but for \"Malformed Packet\".",
        &decode_all);
}

void wanted_handoff(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(protocols); i++) {
        protocol_ids[i] = proto_get_id_by_filter_name(protocols[i]);
    }
    for (gsize i = 0; i < G_N_ELEMENTS(traced); i++) {
        traced_ids[i] = proto_get_id_by_filter_name(traced[i]);
    }
    joined = prefs_find_preference(prefs_find_module("tds"), "defragment");
}
