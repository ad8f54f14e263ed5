/* taps.c - what the plugin feeds to Wireshark's statistics, tables, Follow and menus.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "show/taps.h"

#include <epan/proto_data.h>
#include <epan/tap.h>

#include "wire/protocol.h"

static int frame_tap;

void taps_register(void)
{
    frame_tap = register_tap("tdsconn");
}

bool taps_are_heard(void)
{
    return have_tap_listener(frame_tap);
}

/* What was kept of the track in this frame; NULL = nothing. */
static wmem_list_t *kept(packet_info *pinfo, const track_t *track, frame_key_t key)
{
    return (wmem_list_t *)p_get_proto_data(pinfo->pool, pinfo, proto_tdsconn, track_frame_key(track, key));
}

static void keep_for_tap(packet_info *pinfo, const track_t *track, frame_key_t key, tvbuff_t *tvb)
{
    if (!have_tap_listener(frame_tap)) {
        return;
    }
    wmem_list_t *list = kept(pinfo, track, key);
    if (list == NULL) {
        list = wmem_list_new(pinfo->pool);
        p_add_proto_data(pinfo->pool, pinfo, proto_tdsconn, track_frame_key(track, key), list);
    }
    wmem_list_append(list, tvb);
}

void taps_add_packet(packet_info *pinfo, const track_t *track, tvbuff_t *packet)
{
    keep_for_tap(pinfo, track, FRAME_PACKETS, packet);
}

void taps_add_bytes(packet_info *pinfo, const track_t *track, tvbuff_t *bytes)
{
    keep_for_tap(pinfo, track, FRAME_BYTES, bytes);
}

static tap_frame_t *queue_frame(packet_info *pinfo, const track_t *track, const annotation_t *annotation)
{
    tap_frame_t *frame = wmem_new0(pinfo->pool, tap_frame_t);
    frame->number = annotation->frame;
    frame->track = track;
    frame->final = PINFO_FD_VISITED(pinfo);
    frame->annotation = annotation;
    frame->sender = (sender_t)annotation->sender;
    tap_queue_packet(frame_tap, pinfo, frame);
    return frame;
}

void taps_queue(packet_info *pinfo, const track_t *track, const annotation_t *annotation)
{
    if (!have_tap_listener(frame_tap)) {
        return;
    }
    bool first_pass = !PINFO_FD_VISITED(pinfo) && track->seldom->found_late != NULL;
    wmem_list_frame_t *late = first_pass ? wmem_list_head(track->seldom->found_late) : NULL;
    for (; late != NULL; late = wmem_list_frame_next(late)) {
        (void)queue_frame(pinfo, track, track_annotation(track, GPOINTER_TO_UINT(wmem_list_frame_data(late))));
    }
    tap_frame_t *frame = queue_frame(pinfo, track, annotation);
    frame->sender = track_sender(track, pinfo);
    frame->payloads = kept(pinfo, track, FRAME_PACKETS);
    frame->bytes = track->seldom->pipe == NULL ? NULL : kept(pinfo, track, FRAME_BYTES);
}

void taps_queue_browser(packet_info *pinfo, diagnosis_t finding)
{
    static const annotation_t nothing;
    if (have_tap_listener(frame_tap)) {
        tap_frame_t *frame = wmem_new0(pinfo->pool, tap_frame_t);
        frame->number = number_of(pinfo);
        frame->annotation = &nothing;
        frame->browser_finding = finding;
        tap_queue_packet(frame_tap, pinfo, frame);
    }
}
