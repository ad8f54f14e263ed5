/* compat.h - every difference between the Wireshark versions that this builds with: 4.0, 4.4 and 4.6. No other file
 * depends on the version.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_COMPAT_H
#define TDSCONN_COMPAT_H

#include <ws_version.h>

#include <epan/conversation.h>
#include <epan/dissectors/packet-tcp.h>
#include <epan/packet.h>
#include <epan/prefs.h>

/* 4.6 calls deprecated, and may end in the version after it; each has a new name that 4.0 does not know:
 *   tvb_get_, tvb_find_, tvb_skip_ and tvb_ws_mempbrk_pattern_ with guint8 ... gint64
 *   tvb_get_bits, tvb_get_const_stringz, tvb_uncompress, tvb_child_uncompress
 *   dissector_try_uint_new, dissector_try_string, dissector_try_string_new, dissector_try_payload,
 *   dissector_try_payload_new, dissector_handle_get_short_name
 *   guint8_to_hex, guint32_to_str_buf, guint64_to_str_buf, get_guint32, get_nonzero_guint32
 *   ip_to_str, ip_to_str_buf
 *   host_key_t and whatever has hostlist in its name
 * None is used here: a use is a warning there, and warnings are errors when it is tested. What is needed of them gets
 * its new name for 4.0 in this file. */

#define TDSCONN_WIRESHARK_AT_LEAST(major, minor)                                                                       \
    (WIRESHARK_VERSION_MAJOR > (major) || (WIRESHARK_VERSION_MAJOR == (major) && WIRESHARK_VERSION_MINOR >= (minor)))

/* The truth value of callbacks and preferences: an int up to 4.0. */
#if TDSCONN_WIRESHARK_AT_LEAST(4, 4)
typedef bool ws_bool;
#else
typedef gboolean ws_bool;
#endif

/* The bits of tcp_analysis.ta->flags, which packet-tcp.c defines for itself. The same in 4.0, 4.4 and 4.6. */
enum {
    TCP_FLAG_RETRANSMISSION = 0x0001,
    TCP_FLAG_LOST_PACKET = 0x0002,
    TCP_FLAG_ACK_LOST_PACKET = 0x0004,
    TCP_FLAG_KEEP_ALIVE = 0x0008,
    TCP_FLAG_DUPLICATE_ACK = 0x0010,
    TCP_FLAG_ZERO_WINDOW = 0x0020,
    TCP_FLAG_ZERO_WINDOW_PROBE = 0x0040,
    TCP_FLAG_KEEP_ALIVE_ACK = 0x0100,
    TCP_FLAG_OUT_OF_ORDER = 0x0200,
    TCP_FLAG_FAST_RETRANSMISSION = 0x0400,
    TCP_FLAG_REUSED_PORTS = 0x2000,
    TCP_FLAG_SPURIOUS_RETRANSMISSION = 0x4000,
    TCP_FLAGS_ANY_RETRANSMISSION =
        TCP_FLAG_RETRANSMISSION | TCP_FLAG_FAST_RETRANSMISSION | TCP_FLAG_SPURIOUS_RETRANSMISSION
};

/* The flags of TCP's analysis for the frame at hand. `syn`: it has SYN. 4.6 takes a second SYN-ACK that comes soon for
 * a segment out of order. As long as nothing of a side was seen after its SYN, another SYN is a retransmission. */
static inline guint16 compat_tcp_flags(const struct tcp_analysis *tcp, bool syn)
{
    if (tcp->ta == NULL) {
        return 0;
    }
    guint16 flags = tcp->ta->flags;
    bool early = syn && (flags & TCP_FLAG_OUT_OF_ORDER) != 0;
    bool copy = early && tcp->fwd->tcp_analyze_seq_info->nextseq == tcp->fwd->base_seq + 1;
    return copy ? (guint16)((flags & ~TCP_FLAG_OUT_OF_ORDER) | TCP_FLAG_RETRANSMISSION) : flags;
}

/* Whether a side of a conversation began with a SYN of this sequence number, as far as Wireshark knows. Where it saw no
 * SYN, it takes the number before the first that it saw. */
static inline bool compat_tcp_begins_at(const tcp_flow_t *side, guint32 syn)
{
    enum { BASE_IS_SET = 0x01 }; /* TCP_S_BASE_SEQ_SET, which packet-tcp.c defines for itself */
    return (side->static_flags & BASE_IS_SET) != 0 && side->base_seq == syn;
}

/* An empty wmem_strbuf with room for this many bytes before it has to grow. */
static inline wmem_strbuf_t *compat_strbuf_sized(wmem_allocator_t *scope, gsize room)
{
#if TDSCONN_WIRESHARK_AT_LEAST(4, 4)
    return wmem_strbuf_new_sized(scope, room);
#else
    return wmem_strbuf_sized_new(scope, room, 0);
#endif
}

/* The conversation of the packet at hand; NULL if there is none. 4.4 can keep the conversations of each VLAN or
 * interface apart, and has other functions for that. */
static inline conversation_t *compat_find_conversation(packet_info *pinfo)
{
#if TDSCONN_WIRESHARK_AT_LEAST(4, 6)
    return find_conversation_pinfo_strat(pinfo, 0);
#elif TDSCONN_WIRESHARK_AT_LEAST(4, 4)
    return find_conversation_strat(pinfo, conversation_pt_to_conversation_type(pinfo->ptype), 0);
#else
    return find_conversation_pinfo(pinfo, 0);
#endif
}

/* Whether addresses and ports identify a conversation. */
static inline bool compat_ends_are_unique(void)
{
#if TDSCONN_WIRESHARK_AT_LEAST(4, 4)
    return prefs.conversation_deinterlacing_key == 0;
#else
    return true;
#endif
}

/* 4.0's packet-tds.c counts the length of an SSPI token in characters and ends in "Malformed"; 4.4 is correct. */
#define COMPAT_TDS_MISREADS_SSPI (!TDSCONN_WIRESHARK_AT_LEAST(4, 4))

/* Sets the handle that TLS calls from now on for the decrypted bytes. `data`: what TLS passed to the heuristic. */
#if TDSCONN_WIRESHARK_AT_LEAST(4, 4)
#include <epan/dissectors/packet-tls.h>
static inline void compat_tls_set_handle(void *data, dissector_handle_t handle)
{
    *((struct tlsinfo *)data)->app_handle = handle;
}
#else
static inline void compat_tls_set_handle(void *data, dissector_handle_t handle)
{
    *(dissector_handle_t *)data = handle;
}
#endif

/* 4.4's Follow also counts streams and sub-streams; ours has no sub-streams. */
#include <epan/follow.h>
#if TDSCONN_WIRESHARK_AT_LEAST(4, 4)
#define compat_register_follow(proto, tap, conversation, index, addresses, port, handler)                              \
    register_follow_stream(proto, tap, conversation, index, addresses, port, handler, NULL, NULL)
#else
#define compat_register_follow(proto, tap, conversation, index, addresses, port, handler)                              \
    register_follow_stream(proto, tap, conversation, index, addresses, port, handler)
#endif

/* 4.4 passes user data to the callbacks of a conversation filter; ours need none. */
#include <epan/conversation_filter.h>
#if TDSCONN_WIRESHARK_AT_LEAST(4, 4)
#define COMPAT_CONVERSATION_PACKET packet_info *pinfo, void *user_data _U_
#define compat_register_conversation_filter(protocol, name, valid, filter)                                             \
    register_conversation_filter(protocol, name, valid, filter, NULL)
#else
#define COMPAT_CONVERSATION_PACKET packet_info *pinfo
#define compat_register_conversation_filter(protocol, name, valid, filter)                                             \
    register_conversation_filter(protocol, name, valid, filter)
#endif

/* From epan/sequence_analysis.h, which is in no development package; its functions are exported. The library makes the
 * items, and knows the members that its version has after these. Of the list only the first four members are used. */
#include <epan/tap.h>
typedef struct seq_analysis_item {
    guint32 frame_number;
    address src_addr;
    guint16 port_src;
    address dst_addr;
    guint16 port_dst;
    gchar *frame_label; /* these three are freed with g_free */
    gchar *time_str;
    gchar *comment;
    guint16 conv_num;
    unsigned fg_color, bg_color;
    ws_bool has_color_filter;
    ws_bool display;
} seq_analysis_item_t;

typedef struct seq_analysis_info {
    const char *name;
    ws_bool any_addr;
    int nconv;
    GQueue *items; /* seq_analysis_item_t */
} seq_analysis_info_t;

WS_DLL_PUBLIC void register_seq_analysis(const char *name, const char *ui_name, const int proto_id,
                                         const char *tap_listener, guint tap_flags, tap_packet_cb tap_func);
WS_DLL_PUBLIC seq_analysis_item_t *sequence_analysis_create_sai_with_addresses(packet_info *pinfo,
                                                                               seq_analysis_info_t *sainfo);

/* From ui/tap-credentials.h, in no development package either: the data of the tap "credentials". */
typedef struct tap_credential {
    guint num;            /* the frame of the login */
    guint username_num;   /* the frame with the user name */
    guint password_hf_id; /* the field with the password; the plugin leaves it 0 */
    gchar *username;
    const gchar *proto;
    gchar *info;
} tap_credential_t;

/* plugin_describe() of 4.4 and later: what the plugin registers. Older versions do not ask. */
#define TDSCONN_DESC_DISSECTOR 1u

/* The return type of a function that opens a statistic for an argument -z. It ends with compat_stat_opened(whether it
 * is open). Before 4.6 the result is not used, and the program goes on without the statistic. */
#if TDSCONN_WIRESHARK_AT_LEAST(4, 6)
#define COMPAT_STAT_OPENED         bool
#define compat_stat_opened(opened) return opened
#else
#define COMPAT_STAT_OPENED         void
#define compat_stat_opened(opened) (void)(opened)
#endif

#endif
