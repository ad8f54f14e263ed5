/* once.c - gives each connection to a statistic once, when all its facts are final.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "stats/once.h"

#include <epan/tap.h>
#include <wsutil/ws_assert.h>

#include "stream/order.h"

struct once {
    connection_callback_t callback;
    void *owner;
    GHashTable *met;    /* track_t */
    GPtrArray *waiting; /* track_t, until the file is over */
};

/* Nothing is ever queued to this tap. Its listener is only called when results are drawn. */
static const char end_tap[] = "tdsconn.end";

static GPtrArray *all; /* every once_t */

once_t *once_new(connection_callback_t callback, void *owner)
{
    once_t *once = g_new0(once_t, 1);
    once->callback = callback;
    once->owner = owner;
    once->met = g_hash_table_new(g_direct_hash, g_direct_equal);
    once->waiting = g_ptr_array_new();
    g_ptr_array_add(all, once);
    return once;
}

void once_free(once_t *once)
{
    g_ptr_array_remove(all, once);
    g_hash_table_destroy(once->met);
    g_ptr_array_free(once->waiting, true);
    g_free(once);
}

void once_forget(once_t *once)
{
    g_hash_table_remove_all(once->met);
    g_ptr_array_set_size(once->waiting, 0);
}

static void pass_on_waiting(once_t *once)
{
    for (guint i = 0; i < once->waiting->len; i++) {
        const track_t *track = (const track_t *)g_ptr_array_index(once->waiting, i);
        if (!track->dropped) {
            once->callback(once->owner, track);
        }
    }
    g_ptr_array_set_size(once->waiting, 0);
}

static void file_is_over(void *data _U_)
{
    order_flush();
    for (guint i = 0; i < all->len; i++) {
        pass_on_waiting((once_t *)g_ptr_array_index(all, i));
    }
}

static tap_packet_status ignore(void *data _U_, packet_info *pinfo _U_, epan_dissect_t *edt _U_, const void *tap _U_,
                                tap_flags_t flags _U_)
{
    return TAP_PACKET_DONT_REDRAW;
}

/* Wireshark draws the newest listener first. So this one, added after those of the tables, is called before them. */
static void listen_for_end(void)
{
    static bool listening;
    if (!listening) {
        listening = true;
        GString *error =
            register_tap_listener(end_tap, all, NULL, TL_REQUIRES_NOTHING, NULL, ignore, file_is_over, NULL);
        ws_assert(error == NULL);
    }
}

void once_meet(once_t *once, const tap_frame_t *frame)
{
    const track_t *track = frame->track;
    if (track == NULL || !g_hash_table_add(once->met, (gpointer)track)) {
        return;
    }
    if (frame->final) {
        once->callback(once->owner, track);
        return;
    }
    listen_for_end();
    g_ptr_array_add(once->waiting, (gpointer)track);
}

void once_end_file(void)
{
    for (guint i = 0; i < all->len; i++) {
        once_forget((once_t *)g_ptr_array_index(all, i));
    }
}

void once_register(void)
{
    all = g_ptr_array_new();
    register_tap(end_tap);
}
