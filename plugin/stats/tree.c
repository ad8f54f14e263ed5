/* tree.c - counts and rates of connections by what they are: tshark -z tdsconn,tree.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "memory/evidence.h"
#include "stats/statistics.h"

#include <epan/stats_tree_priv.h>

#include "stats/once.h"
#include "stats/outcome.h"
#include "wire/names.h"

static const char connections[] = "Connections";

/* Values of connections. {{{ */

static const char *state(const track_t *track)
{
    return name_of(track->connection.state, state_names);
}

static const char *auth(const track_t *track)
{
    return name_of(track_auth(track).auth, auth_names);
}

static const char *encryption(const track_t *track)
{
    return name_of(track_encryption(track), encryption_names);
}

static const char *version(const track_t *track)
{
    const char *name = track_version(track);
    return name == NULL ? "Unknown" : name;
}

static const char *step(const track_t *track)
{
    return name_of(outcome_step(track), step_names);
}

static const char *how_closed(const track_t *track)
{
    return name_of(track->connection.close, close_names);
}

/* }}} */

/* The branches, and what a connection counts for in each. */
static const struct {
    const char *title;
    const char *(*value)(const track_t *track);
} branches[] = {
    {"State", state},         {"Authentication", auth}, {"Encryption", encryption},
    {"TDS version", version}, {"Furthest step", step},  {"Close", how_closed},
};

/* The same in each tree: nodes are numbered as they are made. */
static int connections_node, branch_nodes[G_N_ELEMENTS(branches)];

static GHashTable *met; /* stats_tree -> once_t, owned */

/* Rates are counted by the tree's clock; a connection counts where it begins, also if it waited for the file's end. */
static void tree_add_connection(void *owner, const track_t *track)
{
    stats_tree *tree = (stats_tree *)owner;
    double now = tree->now;
    moment_t begun = annotation_moment(track_annotation_at(track, 0));
    tree->now = begun == MOMENT_NONE ? now : (double)begun / 1e6;
    tick_stat_node(tree, connections, 0, true);
    for (gsize i = 0; i < G_N_ELEMENTS(branches); i++) {
        stats_tree_tick_pivot(tree, branch_nodes[i], branches[i].value(track));
    }
    tree->now = now;
}

static void tree_init(stats_tree *tree)
{
    connections_node = stats_tree_create_node(tree, connections, 0, STAT_DT_INT, true);
    for (gsize i = 0; i < G_N_ELEMENTS(branches); i++) {
        branch_nodes[i] = stats_tree_create_pivot(tree, branches[i].title, connections_node);
    }
    g_hash_table_insert(met, tree, once_new(tree_add_connection, tree));
}

static tap_packet_status tree_packet(stats_tree *tree, packet_info *pinfo _U_, epan_dissect_t *edt _U_, const void *tap,
                                     tap_flags_t flags _U_)
{
    once_meet((once_t *)g_hash_table_lookup(met, tree), (const tap_frame_t *)tap);
    return TAP_PACKET_REDRAW;
}

static void tree_cleanup(stats_tree *tree)
{
    g_hash_table_remove(met, tree);
}

void tree_register(void)
{
    met = g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, (GDestroyNotify)once_free);
    stats_tree_register_plugin("tdsconn", "tdsconn", "SQL Server Overview", 0, tree_packet, tree_init, tree_cleanup);
}
