/* layers.c - the layers that Wireshark counts in a frame with several units: few, and the same on every pass.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "stream/layers.h"

#define FEW 40 /* layers; Wireshark's own limit is 500 */

/* What is added to the number of the layer below for a unit. The list of layers is not changed by this: TCP uses its
 * length to note the size of a unit. */
enum {
    NUMBER_OF_FIRST = 0,
    NUMBER_OF_PARTS = FEW + 8,
    NUMBER_OF_ENDS,
    NUMBERS_OWN,
    NUMBER_AFTER = NUMBERS_OWN + LAYERS_OWN + 4
};

layers_t layers_begin(const packet_info *pinfo, guint32 units)
{
    return (layers_t){.below = wmem_list_count(pinfo->layers), .number = pinfo->curr_layer_num, .units = units};
}

/* Whether an earlier layer has the same protocol. */
static bool is_known(wmem_list_frame_t *layer)
{
    const void *protocol = wmem_list_frame_data(layer);
    while ((layer = wmem_list_frame_prev(layer)) != NULL) {
        if (wmem_list_frame_data(layer) == protocol) {
            return true;
        }
    }
    return false;
}

/* Removes layers above `below` whose protocol an earlier layer has. One of each stays, for frame.protocols. */
static void drop_known(guint below, wmem_list_t *list)
{
    wmem_list_frame_t *layer = wmem_list_tail(list);
    for (guint i = wmem_list_count(list); i > below && layer != NULL; i--) {
        wmem_list_frame_t *before = wmem_list_frame_prev(layer);
        if (is_known(layer)) {
            wmem_list_remove_frame(list, layer);
        }
        layer = before;
    }
}

static guint number_of_unit(const layers_t *layers, bool part)
{
    guint32 shared = layers->units > LAYERS_OWN ? layers->units - LAYERS_OWN : 0;
    if (layers->met == 0) {
        return NUMBER_OF_FIRST;
    }
    if (layers->met >= shared) {
        return NUMBERS_OWN + layers->met - shared;
    }
    return part ? NUMBER_OF_PARTS : NUMBER_OF_ENDS;
}

void layers_before(layers_t *layers, packet_info *pinfo, bool part)
{
    if (wmem_list_count(pinfo->layers) > FEW && layers->met > 0) {
        drop_known(layers->below, pinfo->layers);
    }
    pinfo->curr_layer_num = (guint8)(layers->number + number_of_unit(layers, part));
    layers->met++;
}

void layers_behind(const layers_t *layers, packet_info *pinfo)
{
    pinfo->curr_layer_num = (guint8)(layers->number + wmem_list_count(pinfo->layers) - layers->below);
}

void layers_end(const layers_t *layers, packet_info *pinfo)
{
    pinfo->curr_layer_num = (guint8)(layers->number + (layers->met > 1 ? NUMBER_AFTER : 1));
}
