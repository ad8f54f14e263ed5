/* credentials.c - Tools > Credentials: who logged in. Never a password.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "menus/menus.h"

#include <epan/tap.h>

#include "compat.h"
#include "memory/facts.h"
#include "show/describe.h"

static int credentials_tap;

void credentials_register(void)
{
    credentials_tap = register_tap("credentials"); /* Wireshark's own, which many protocols report to */
}

bool credentials_are_heard(void)
{
    return have_tap_listener(credentials_tap);
}

static bool is_login(const track_t *track, const annotation_t *annotation)
{
    for (guint32 i = 0; i < annotation->entry_count; i++) {
        guint8 message = track_entry_of(track, annotation, i)->message;
        if (message == MESSAGE_LOGIN7 || message == MESSAGE_LOGIN7_ENCRYPTED || message == MESSAGE_OLD_LOGIN) {
            return true;
        }
    }
    return false;
}

/* The login record that the user of frame `told` belongs to: NTLM tells the user only after the server's challenge. */
static guint32 login_frame(const track_t *track, guint32 told)
{
    guint count = track->annotations.count;
    for (guint i = 0; i < count; i++) {
        const annotation_t *annotation = track_annotation_at(track, i);
        if (annotation->frame >= told) {
            break;
        }
        if (is_login(track, annotation)) {
            return annotation->frame;
        }
    }
    return told;
}

void credentials_queue(packet_info *pinfo, const track_t *track)
{
    if (number_of(pinfo) > track->login->facts_until) {
        return;
    }
    fact_t ntlm = track_fact(track, FACT_NTLM_USER);
    fact_t user = ntlm.frame != 0 ? ntlm : track_fact(track, FACT_LOGIN_USER);
    if (user.frame != number_of(pinfo) || !have_tap_listener(credentials_tap)) {
        return;
    }
    tap_credential_t *credential = wmem_new0(pinfo->pool, tap_credential_t);
    credential->num = number_shown(login_frame(track, user.frame));
    credential->username_num = number_shown(user.frame);
    credential->username = wmem_strdup(pinfo->pool, describe_user(track, pinfo->pool));
    credential->proto = "TDSCONN";
    credential->info = wmem_strdup(pinfo->pool, describe_summary(track, !PINFO_FD_VISITED(pinfo), pinfo->pool));
    tap_queue_packet(credentials_tap, pinfo, credential);
}
