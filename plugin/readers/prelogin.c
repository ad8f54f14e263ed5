/* prelogin.c - PRELOGIN, and the versions in it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "readers/pdu.h"

#include <stdio.h>
#include <string.h>

#include "core/proxy.h"
#include "memory/facts.h"
#include "memory/times.h"

void note_version(track_t *track, guint32 version, bool acknowledged)
{
    if (tds_version_name(version) != NULL && (acknowledged || track->login->tds_version == 0)) {
        track_login(track)->tds_version = version;
    }
}

static const char *product_name(guint8 major, guint8 minor)
{
    static const struct {
        guint8 major, minor;
        const char *name;
    } products[] = {
        {7, 0, "SQL Server 7.0"},
        {8, 0, "SQL Server 2000"},
        {9, 0, "SQL Server 2005"},
        {10, 50, "SQL Server 2008 R2"},
        {10, 0, "SQL Server 2008"},
        {11, 0, "SQL Server 2012"},
        {12, 0, "SQL Server 2014, Azure SQL or Babelfish: all of them say 12"},
        {13, 0, "SQL Server 2016"},
        {14, 0, "SQL Server 2017"},
        {15, 0, "SQL Server 2019"},
        {16, 0, "SQL Server 2022"},
        {17, 0, "SQL Server 2025"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(products); i++) {
        if (products[i].major == major && products[i].minor == minor) {
            return products[i].name;
        }
    }
    return NULL;
}

enum { VERSION_LENGTH = 4 }; /* bytes of a product's version that are shown */

/* Valid until the next call for the same side. Most connections of a capture have the versions of the one before. */
static const char *version_text(bool of_server, const guint8 *version)
{
    static struct {
        guint8 version[VERSION_LENGTH];
        char text[24];
    } latest[2];
    if (latest[of_server].text[0] == '\0' || memcmp(latest[of_server].version, version, VERSION_LENGTH) != 0) {
        memcpy(latest[of_server].version, version, VERSION_LENGTH);
        snprintf(latest[of_server].text, sizeof latest[of_server].text, "%u.%u.%u", version[0], version[1],
                 (unsigned)version[2] << 8 | version[3]);
    }
    return latest[of_server].text;
}

static void note_version_text(track_t *track, fact_id_t id, guint32 frame, const guint8 *version)
{
    if (track_fact(track, id).frame == 0) { /* LOGINACK repeats what PRELOGIN said */
        track_fact_string(track, id, frame, version_text(id == FACT_SERVER_VERSION, version));
    }
}

void note_server_version(track_t *track, guint32 frame, const guint8 *version)
{
    note_version_text(track, FACT_SERVER_VERSION, frame, version);
    track_fact_string(track, FACT_SERVER_PRODUCT, frame, product_name(version[0], version[1]));
    track->server_major = version[0];
}

static void prelogin_from_client(const pdu_t *s, const prelogin_t *p)
{
    track_t *track = s->track;
    guint32 frame = s->frame.number;
    track->client.prelogin = true;
    track->mars_asked = p->has_mars && p->mars;
    track->client.fedauth = p->may_have_fedauth;
    track->client.mars = p->may_have_mars;
    if (p->has_encryption) {
        track->client.encrypt = p->encryption;
        track_fact_number(track, FACT_ENCRYPT_CLIENT, frame, p->encryption);
    }
    if (p->has_version) {
        note_version_text(track, FACT_CLIENT_VERSION, frame, p->version);
    }
    if (p->has_trace) {
        track_fact_guid(track, FACT_CONNECTION_ID, frame, p->connection_id);
        track_fact_guid(track, FACT_ACTIVITY_ID, frame, p->activity_id);
        track_fact_number(track, FACT_ACTIVITY_SEQUENCE, frame, p->activity_sequence);
    }
    track_begin(track, TIME_PRELOGIN, &s->frame);
    login_starts(s);
}

static void prelogin_from_server(const pdu_t *s, const prelogin_t *p)
{
    track_t *track = s->track;
    track->server.prelogin = true;
    track->server.fedauth = p->may_have_fedauth;
    track->server.mars = p->may_have_mars;
    track->instance_mismatch = p->has_instance && p->instance.length == 1 && p->instance.at[0] == 1;
    if (p->has_encryption) {
        track->server.encrypt = p->encryption;
        track_fact_number(track, FACT_ENCRYPT_SERVER, s->frame.number, p->encryption);
        if (track->client.prelogin) {
            track->encryption = prelogin_encryption(track->client.encrypt, p->encryption);
        }
    }
    if (p->has_version) {
        note_server_version(track, s->frame.number, p->version);
    }
    track->mars = track->mars || (track->mars_asked && p->has_mars && p->mars);
    if (track->mars_asked && !track->mars) {
        diagnose(track, s->frame.number, DIAGNOSIS_MARS_REFUSED,
                 "the client asks for MARS, the server does not have it");
    }
    track_end(track, TIME_PRELOGIN, &s->frame);
}

void read_prelogin(const pdu_t *s, const tds_message_t *m)
{
    prelogin_t prelogin;
    if (!prelogin_parse(m->content, &prelogin) && m->content.length == m->total) {
        pdu_without_message(s, &m->header, MESSAGE_NONE, false);
        return;
    }
    prelogin_from_client(s, &prelogin);
    pdu_request(s, m, MESSAGE_PRELOGIN);
}

bool read_prelogin_answer(const pdu_t *s, span_t content)
{
    prelogin_t prelogin;
    if (!prelogin_parse(content, &prelogin)) {
        return false;
    }
    prelogin_from_server(s, &prelogin);
    return true;
}

void read_proxy_header(const pdu_t *s, span_t bytes)
{
    proxy_header_t header;
    if (proxy_header_parse(bytes, &header)) {
        const char *source = wmem_strdup(wmem_file_scope(), header.source);
        track_seldom(s->track)->proxied = (proxied_t){s->frame.number, header.version, source};
    }
}
