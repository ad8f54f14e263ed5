/* lookup.c - the conversation of a frame, without a search for it each time.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "wire/lookup.h"

#include <string.h>

#include "compat.h"

#define KEPT 256 /* places; of two conversations that share one, the later stays */

static conversation_t *kept[KEPT]; /* file scope */

void lookup_forget(void)
{
    memset(kept, 0, sizeof kept);
}

static guint last_byte(const address *host)
{
    return host->len > 0 ? ((const guint8 *)host->data)[host->len - 1] : 0;
}

/* The same for both directions. */
static conversation_t **place_of(const packet_info *pinfo)
{
    return &kept[(pinfo->srcport ^ pinfo->destport ^ last_byte(&pinfo->src) ^ last_byte(&pinfo->dst)) % KEPT];
}

static bool is_between(const conversation_t *conversation, const address *one, guint32 one_port, const address *other,
                       guint32 other_port)
{
    const conversation_element_t *key = conversation->key_ptr;
    return conversation_key_port1(key) == one_port && conversation_key_port2(key) == other_port &&
           addresses_equal(conversation_key_addr1(key), one) && addresses_equal(conversation_key_addr2(key), other);
}

static bool is_of(const conversation_t *conversation, const packet_info *pinfo)
{
    return is_between(conversation, &pinfo->src, pinfo->srcport, &pinfo->dst, pinfo->destport) ||
           is_between(conversation, &pinfo->dst, pinfo->destport, &pinfo->src, pinfo->srcport);
}

conversation_t *lookup_conversation_anew(packet_info *pinfo)
{
    conversation_t *conversation = compat_find_conversation(pinfo);
    if (pinfo->ptype == PT_TCP && !PINFO_FD_VISITED(pinfo)) {
        *place_of(pinfo) = conversation;
    }
    return conversation;
}

conversation_t *lookup_kept(const packet_info *pinfo)
{
    /* Frames that were visited come in any order: what is kept may be later than they are. */
    bool in_order = pinfo->ptype == PT_TCP && !PINFO_FD_VISITED(pinfo);
    conversation_t *conversation = in_order ? *place_of(pinfo) : NULL;
    return conversation != NULL && is_of(conversation, pinfo) ? conversation : NULL;
}

conversation_t *lookup_conversation(packet_info *pinfo)
{
    conversation_t *conversation = lookup_kept(pinfo);
    return conversation != NULL ? conversation : lookup_conversation_anew(pinfo);
}
