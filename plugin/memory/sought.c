/* sought.c - which other hosts the clients of SQL Server, and the servers, tried to reach.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "memory/sought.h"

#include <epan/dissectors/packet-tcp.h>
#include <epan/to_str.h>

#include <string.h>

#include "memory/capture.h"
#include "memory/keep.h"
#include "memory/tickets.h"
#include "wire/hosts.h"
#include "wire/tcpfacts.h"

enum { LATEST = 16 };  /* a host opens no more at once while it is waited for */
enum { ONLY_SYN = 1 }; /* tcp_analysis.conversation_completeness: nothing but SYNs of one side */

/* A connection that a host opened. */
typedef struct {
    const conversation_t *conversation;
    instant_t syn;
    guint16 port;
    guint8 kind, length;       /* of the address */
    guint8 bytes[IPV6_LENGTH]; /* of the address */
} opened_t;

/* A host that is watched. */
typedef struct {
    guint32 count;    /* of all that it opened */
    opened_t *latest; /* LATEST, by count; NULL = it opened none */
} seeker_t;

void sought_begin_file(void)
{
    capture.seekers = host_map_new();
}

static seeker_t *seeker_of(const address *host)
{
    return (seeker_t *)wmem_map_lookup(capture.seekers, host);
}

void sought_watch(const address *host)
{
    if (seeker_of(host) == NULL) {
        host_map_add(capture.seekers, host, wmem_new0(wmem_file_scope(), seeker_t));
    }
}

static opened_t *opened_at(const seeker_t *seeker, guint32 place)
{
    return &seeker->latest[place % LATEST];
}

static bool is_noted(const seeker_t *seeker, const conversation_t *conversation)
{
    for (guint32 i = 0; i < MIN(seeker->count, LATEST); i++) {
        if (seeker->latest[i].conversation == conversation) {
            return true;
        }
    }
    return false;
}

/* Questions to KDCs are noted in tickets.c. */
static bool concerns(const packet_info *pinfo)
{
    return pinfo->destport != KDC_PORT && pinfo->dst.len > 0 && pinfo->dst.len <= IPV6_LENGTH;
}

void sought_note_syn(const packet_info *pinfo, const conversation_t *conversation)
{
    ASSERT_FIRST_PASS(pinfo);
    seeker_t *seeker = seeker_of(&pinfo->src);
    if (seeker == NULL || !concerns(pinfo) || is_noted(seeker, conversation)) {
        return;
    }
    if (seeker->latest == NULL) {
        seeker->latest = wmem_alloc_array(wmem_file_scope(), opened_t, LATEST);
    }
    opened_t *opened = opened_at(seeker, seeker->count++);
    *opened = (opened_t){
        .conversation = conversation,
        .syn = {number_of(pinfo), moment_of(pinfo)},
        .port = (guint16)pinfo->destport,
        .kind = (guint8)pinfo->dst.type,
        .length = (guint8)pinfo->dst.len,
    };
    memcpy(opened->bytes, pinfo->dst.data, (size_t)pinfo->dst.len);
}

static bool is_unanswered(const opened_t *opened, instant_t now)
{
    const struct tcp_analysis *tcp = tcp_analysis_of(opened->conversation);
    return tcp != NULL && tcp->conversation_completeness == ONLY_SYN && sought_is_due(opened->syn, now);
}

static const char *name_of(const opened_t *opened)
{
    address host = ADDRESS_INIT(opened->kind, opened->length, opened->bytes);
    char text[WS_INET6_ADDRSTRLEN];
    address_to_str_buf(&host, text, sizeof text);
    return (const char *)keep_shared(text, strlen(text) + 1);
}

sought_t sought_in_vain(const address *host, guint32 behind, guint32 before, instant_t now)
{
    const seeker_t *seeker = seeker_of(host);
    guint32 count = seeker == NULL ? 0 : seeker->count;
    for (guint32 i = count > LATEST ? count - LATEST : 0; i < count; i++) {
        const opened_t *opened = opened_at(seeker, i);
        if (opened->syn.frame > behind && opened->syn.frame < before && is_unanswered(opened, now)) {
            return (sought_t){.frame = opened->syn.frame, .host = name_of(opened), .port = opened->port};
        }
    }
    return (sought_t){0};
}
