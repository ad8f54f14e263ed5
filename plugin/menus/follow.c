/* follow.c - Follow: one MARS session as a stream of its own, and one named pipe.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A session is named by its number in the capture, tdsconn.mars.session, and a pipe by tdsconn.stream, so that the same
 * command works in every version.
 */
#include "menus/menus.h"

#include "show/taps.h"

#include <epan/follow.h>
#include <epan/to_str.h>

#include "compat.h"
#include "memory/sessions.h"
#include "stream/claim.h"

static gchar *filter_of_addresses(address *source, address *destination, int source_port, int destination_port)
{
    const char *ip = source->type == AT_IPv6 ? "ipv6" : "ip";
    char *a = address_to_str(NULL, source);
    char *b = address_to_str(NULL, destination);
    gchar *filter = g_strdup_printf("tdsconn && %s.addr == %s && %s.addr == %s && tcp.port == %d && tcp.port == %d", ip,
                                    a, ip, b, source_port, destination_port);
    wmem_free(NULL, a);
    wmem_free(NULL, b);
    return filter;
}

static gchar *port_name(wmem_allocator_t *scope, guint port)
{
    return wmem_strdup_printf(scope, "%u", port);
}

/* Sessions. {{{ */

/* The session of the latest filter. The tap handler does not get its filter. A frame with packets of one session has
 * passed it, but for one with packets of several this is needed. If a command has two Follows, it is the second one's.
 * sharkd makes no filter. */
static guint followed;

static gchar *follow_session_filter(guint session)
{
    followed = session;
    return g_strdup_printf("tdsconn.mars.session == %u", session);
}

static gchar *filter_of_packet(epan_dissect_t *edt _U_, packet_info *pinfo, guint *stream, guint *sub_stream _U_)
{
    return session_of_packet(claim_shown(pinfo), pinfo, stream) ? follow_session_filter(*stream) : NULL;
}

static gchar *filter_of_index(guint stream, guint sub_stream _U_)
{
    return follow_session_filter(stream);
}

/* The session that is followed in this frame. */
static guint session_of_frame(const tap_frame_t *frame)
{
    guint session = followed;
    bool any = track_also_of_frame(frame->number, 0) != NULL; /* packets of several pipes */
    for (guint32 i = 0; i < frame->annotation->entry_count; i++) {
        const entry_t *entry = track_entry_of(frame->track, frame->annotation, i);
        if (entry->kind != ENTRY_SMP) {
            continue;
        }
        guint32 one = track_smp_of(frame->track, entry)->session;
        if (any && one != session) {
            return followed;
        }
        session = one;
        any = true;
    }
    return session;
}

static tap_packet_status follow_frame(void *follow, packet_info *pinfo, epan_dissect_t *edt, const void *data,
                                      tap_flags_t flags)
{
    const tap_frame_t *frame = (const tap_frame_t *)data;
    wmem_list_frame_t *packet = frame->payloads == NULL ? NULL : wmem_list_head(frame->payloads);
    guint session = session_of_frame(frame);
    for (guint32 i = 0; packet != NULL && i < frame->annotation->entry_count; i++) {
        const entry_t *entry = track_entry_of(frame->track, frame->annotation, i);
        if (entry->kind != ENTRY_SMP) {
            continue;
        }
        const smp_entry_t *smp = track_smp_of(frame->track, entry);
        tvbuff_t *tvb = (tvbuff_t *)wmem_list_frame_data(packet);
        if (smp->session == session && tvb_captured_length(tvb) > SMP_HEADER_LENGTH) {
            follow_tvb_tap_listener(follow, pinfo, edt, tvb_new_subset_remaining(tvb, SMP_HEADER_LENGTH), flags);
        }
        packet = wmem_list_frame_next(packet);
    }
    return TAP_PACKET_DONT_REDRAW;
}

/* }}} */

/* Pipes. {{{ */

/* The pipe of the latest filter: a frame may have several pipes. */
static guint followed_pipe;

static gchar *pipe_filter(guint stream, guint sub_stream _U_)
{
    followed_pipe = stream;
    return g_strdup_printf("tdsconn.transport == %d && tdsconn.stream == %u", TRANSPORT_NAMED_PIPE, stream);
}

static gchar *pipe_filter_of_packet(epan_dissect_t *edt _U_, packet_info *pinfo, guint *stream, guint *sub_stream _U_)
{
    const track_t *track = claim_shown(pinfo);
    if (track == NULL || track->seldom->pipe == NULL) {
        return NULL;
    }
    *stream = track->number;
    return pipe_filter(track->number, 0);
}

static tap_packet_status follow_pipe(void *follow, packet_info *pinfo, epan_dissect_t *edt, const void *data,
                                     tap_flags_t flags)
{
    const tap_frame_t *frame = (const tap_frame_t *)data;
    bool own = track_also_of_frame(frame->number, 0) == NULL || frame->track->number == followed_pipe;
    wmem_list_frame_t *part = frame->bytes == NULL || !own ? NULL : wmem_list_head(frame->bytes);
    for (; part != NULL; part = wmem_list_frame_next(part)) {
        follow_tvb_tap_listener(follow, pinfo, edt, (tvbuff_t *)wmem_list_frame_data(part), flags);
    }
    return TAP_PACKET_DONT_REDRAW;
}

/* }}} */

static int proto_tdspipe = -1;

void follow_offer(packet_info *pinfo, const track_t *track)
{
    if (track->seldom->pipe != NULL) {
        wmem_list_append(pinfo->layers, GINT_TO_POINTER(proto_tdspipe));
    }
}

void follow_register(int proto)
{
    compat_register_follow(proto, "tdsconn", filter_of_packet, filter_of_index, filter_of_addresses, port_name,
                           follow_frame);
    proto_tdspipe =
        proto_register_protocol_in_name_only("SQL Server Named Pipe", "TDSPIPE", "tdspipe", proto, FT_PROTOCOL);
    compat_register_follow(proto_tdspipe, "tdsconn", pipe_filter_of_packet, pipe_filter, filter_of_addresses, port_name,
                           follow_pipe);
}
