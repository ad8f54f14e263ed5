/* smb.c - TCP connections of SMB1 and SMB2, as far as named pipes need it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "stream/smb.h"

#include <epan/dissectors/packet-tcp.h>

#include "compat.h"
#include "core/smb1.h"
#include "core/sspi.h"
#include "memory/lookup.h"
#include "readers/units.h"
#include "stream/claim.h"
#include "wire/spans.h"
#include "wire/text.h"

/* How many of each are kept; later ones are ignored, but a new request replaces the oldest one. */
enum { FILES_LIMIT = 512, SESSIONS_LIMIT = 256, SHARES_LIMIT = 256, REQUESTS_KEPT = 64 };

enum { NAME_BYTES = 512 }; /* how many bytes of a file's name are read */

typedef struct {
    guint64 session;
    guint64 message; /* the number of its TREE_CONNECT */
    guint32 tree;
    guint8 type; /* SMB2_SHARE_*, UNKNOWN = not answered yet */
} share_t;

/* A request about a file that is not answered yet. */
typedef struct {
    guint64 message;
    smb2_file_id_t file;
    guint16 command; /* 0 = none */
} request_t;

/* One direction of the TCP connection. */
typedef struct {
    bool known;   /* a message of it was read, and `next` is known */
    guint32 next; /* the sequence number where its next message begins */
    bool has_sent, has_acked;
    guint32 sent;     /* the sequence number behind its last byte so far, if has_sent */
    guint32 acked;    /* what it acknowledged last, if has_acked */
    guint32 ack_step; /* how much more that is than before; 0 = not known */
} smb_side_t;

struct smb {
    smb_side_t sides[2];            /* of each end, see side_of() */
    const struct tcp_analysis *tcp; /* of Wireshark; NULL = not asked for yet */
    guint32 client_port;            /* 0 = not known */
    address client;
    guint16 pipes;
    bool gap;               /* segments are missing, or are out of order */
    wmem_list_t *files;     /* pipe_file_t */
    wmem_array_t *sessions; /* smb_session_t */
    wmem_array_t *shares;   /* share_t */
    request_t requests[REQUESTS_KEPT];
    guint8 request_place;
};

smb_t *smb_of(conversation_t *conversation, bool made)
{
    void **place = claim_pipes(conversation, made);
    if (place != NULL && *place == NULL && made) {
        smb_t *smb = wmem_new0(wmem_file_scope(), smb_t);
        smb->files = wmem_list_new(wmem_file_scope());
        smb->sessions = wmem_array_sized_new(wmem_file_scope(), sizeof(smb_session_t), 2);
        smb->shares = wmem_array_sized_new(wmem_file_scope(), sizeof(share_t), 2);
        *place = smb;
        lookup_forget(); /* the conversation may be known as nothing to us */
    }
    return place == NULL ? NULL : (smb_t *)*place;
}

static bool is_port_of_smb(guint32 port)
{
    enum { PORT_NETBIOS_SESSION = 139, PORT_SMB = 445 };
    return port == PORT_SMB || port == PORT_NETBIOS_SESSION;
}

bool smb_may_come(conversation_t *conversation, const packet_info *pinfo)
{
    return is_port_of_smb(pinfo->srcport) || is_port_of_smb(pinfo->destport) || smb_of(conversation, false) != NULL;
}

guint16 smb_count_pipe(smb_t *smb)
{
    return ++smb->pipes;
}

bool smb_has_gap(const smb_t *smb)
{
    return smb->gap;
}

bool smb_is_two_sided(const smb_t *smb)
{
    return smb->sides[0].known && smb->sides[1].known;
}

/* Files. {{{ */

static pipe_file_t *file_in(wmem_list_frame_t *place)
{
    return (pipe_file_t *)wmem_list_frame_data(place);
}

pipe_file_t *smb_file(smb_t *smb, const smb2_file_id_t *id)
{
    for (wmem_list_frame_t *at = wmem_list_tail(smb->files); at != NULL; at = wmem_list_frame_prev(at)) {
        pipe_file_t *file = file_in(at);
        if (file->open && file->id.persistent == id->persistent && file->id.transient == id->transient) {
            return file;
        }
    }
    return NULL;
}

static pipe_file_t *file_of_create(const smb_t *smb, guint64 message)
{
    for (wmem_list_frame_t *at = wmem_list_tail(smb->files); at != NULL; at = wmem_list_frame_prev(at)) {
        if (!file_in(at)->open && file_in(at)->create == message) {
            return file_in(at);
        }
    }
    return NULL;
}

pipe_file_t *smb_file_new(smb_t *smb)
{
    if (wmem_list_count(smb->files) >= FILES_LIMIT) {
        return NULL;
    }
    pipe_file_t *file = wmem_new0(wmem_file_scope(), pipe_file_t);
    wmem_list_append(smb->files, file);
    return file;
}

/* }}} */

/* Requests that wait for their answers. {{{ */

static request_t *request_of(smb_t *smb, guint64 message)
{
    for (guint i = 0; i < REQUESTS_KEPT; i++) {
        if (smb->requests[i].command != 0 && smb->requests[i].message == message) {
            return &smb->requests[i];
        }
    }
    return NULL;
}

/* Whether this is a command of SMB1. */
static bool is_smb1(const smb2_t *smb2)
{
    return smb2->smb1.block != 0;
}

/* SMB1 uses the number of a request again, some clients for each request. So an older one with this number is
 * forgotten. */
static void request_note(smb_t *smb, const smb2_t *smb2, const smb2_file_id_t *file)
{
    request_t *older = is_smb1(smb2) ? request_of(smb, smb2->message) : NULL;
    if (older != NULL) {
        older->command = 0;
    }
    smb->requests[smb->request_place] = (request_t){smb2->message, *file, smb2->command};
    smb->request_place = (guint8)((smb->request_place + 1) % REQUESTS_KEPT);
}

pipe_file_t *smb_file_of_message(smb_t *smb, guint64 message)
{
    const request_t *request = request_of(smb, message);
    return request == NULL ? NULL : smb_file(smb, &request->file);
}

/* }}} */

/* Commands of SMB1 and of SMB2, read in the same way. {{{ */

static bool file_of(const smb2_t *smb2, smb2_file_id_t *file)
{
    return (is_smb1(smb2) ? smb1_file : smb2_file)(smb2, file);
}

static span_t session_token_of(const smb2_t *request)
{
    return (is_smb1(request) ? smb1_session_token : smb2_session_token)(request);
}

static guint8 share_type_of(const smb2_t *response)
{
    return (is_smb1(response) ? smb1_share_type : smb2_share_type)(response);
}

/* The name in a CREATE. The caller frees it with wmem_free(NULL, ...). */
static char *create_name_of(const smb2_t *request)
{
    span_t name = (is_smb1(request) ? smb1_create_name : smb2_create_name)(request);
    bool utf16 = !is_smb1(request) || request->smb1.unicode;
    return (utf16 ? text_utf16 : text_utf8)(NULL, span_head(name, NAME_BYTES));
}

/* }}} */

/* Sessions and shares. {{{ */

const smb_session_t *smb_session(const smb_t *smb, guint64 session)
{
    for (guint i = wmem_array_get_count(smb->sessions); i > 0; i--) {
        const smb_session_t *known = (const smb_session_t *)wmem_array_index(smb->sessions, i - 1);
        if (known->agreed && known->session == session) {
            return known;
        }
    }
    return NULL;
}

/* "DOMAIN\user". */
static const char *user_of(const ntlm_t *ntlm)
{
    if (ntlm->user.length == 0) {
        return NULL;
    }
    char *(*text)(wmem_allocator_t *, span_t) = ntlm->unicode ? text_utf16 : text_utf8;
    char *domain = text(NULL, ntlm->domain);
    char *user = text(NULL, ntlm->user);
    const char *whole = domain[0] == '\0' ? wmem_strdup(wmem_file_scope(), user)
                                          : wmem_strdup_printf(wmem_file_scope(), "%s\\%s", domain, user);
    wmem_free(NULL, domain);
    wmem_free(NULL, user);
    return whole;
}

static void read_session_setup(smb_t *smb, const smb2_t *smb2)
{
    sspi_t sspi;
    bool token = sspi_parse(session_token_of(smb2), &sspi);
    bool ntlm = token && sspi.kind == SSPI_NTLM_AUTHENTICATE;
    bool kerberos = token && sspi.kind == SSPI_KERBEROS_AP_REQ;
    if ((!ntlm && !kerberos) || wmem_array_get_count(smb->sessions) >= SESSIONS_LIMIT) {
        return;
    }
    smb_session_t one = {0};
    one.session = smb2->session;
    one.message = smb2->message;
    one.user = ntlm ? user_of(&sspi.ntlm) : NULL;
    one.auth = ntlm ? "NTLM" : "Kerberos";
    wmem_array_append_one(smb->sessions, one);
}

static void read_session_answer(smb_t *smb, const smb2_t *smb2)
{
    for (guint i = wmem_array_get_count(smb->sessions); i > 0; i--) {
        smb_session_t *session = (smb_session_t *)wmem_array_index(smb->sessions, i - 1);
        if (!session->agreed && session->message == smb2->message) {
            session->agreed = smb2->status == NTSTATUS_SUCCESS;
            session->session = smb2->session;
            return;
        }
    }
}

static void read_tree_connect(smb_t *smb, const smb2_t *smb2)
{
    share_t share = {.session = smb2->session, .message = smb2->message};
    if (wmem_array_get_count(smb->shares) < SHARES_LIMIT) {
        wmem_array_append_one(smb->shares, share);
    }
}

static void read_tree_answer(smb_t *smb, const smb2_t *smb2)
{
    for (guint i = wmem_array_get_count(smb->shares); i > 0; i--) {
        share_t *share = (share_t *)wmem_array_index(smb->shares, i - 1);
        if (share->type == SMB2_SHARE_UNKNOWN && share->message == smb2->message && smb2->status == NTSTATUS_SUCCESS) {
            share->session = smb2->session; /* SMB1 may ask for session and share at once: the number is known now */
            share->tree = smb2->tree;
            share->type = share_type_of(smb2);
            return;
        }
    }
}

guint8 smb_share(const smb_t *smb, guint64 session, guint32 tree)
{
    for (guint i = wmem_array_get_count(smb->shares); i > 0; i--) {
        const share_t *share = (const share_t *)wmem_array_index(smb->shares, i - 1);
        if (share->type != SMB2_SHARE_UNKNOWN && share->session == session && share->tree == tree) {
            return share->type;
        }
    }
    return SMB2_SHARE_UNKNOWN;
}

/* }}} */

/* Commands. {{{ */

/* Remembers a file if it is a pipe, or if its share is not known and its name is SQL Server's. */
static void read_create(smb_t *smb, packet_info *pinfo, const smb2_t *smb2, const frame_t *frame)
{
    guint8 share = smb_share(smb, smb2->session, smb2->tree);
    char *name = create_name_of(smb2);
    bool named = pipe_is_named(name);
    pipe_file_t *file = share == SMB2_SHARE_PIPE || (share == SMB2_SHARE_UNKNOWN && named) ? smb_file_new(smb) : NULL;
    if (file != NULL) {
        file->session = smb2->session;
        file->create = smb2->message;
        file->tree = smb2->tree;
        file->share = share;
        file->named = named;
        file->name = wmem_strdup(wmem_file_scope(), pipe_bare_name(name));
        file->asked = *frame;
        pipe_asked(file, pinfo, frame);
    }
    wmem_free(NULL, name);
}

static void read_create_answer(smb_t *smb, const smb2_t *smb2, const frame_t *frame)
{
    pipe_file_t *file = file_of_create(smb, smb2->message);
    if (file == NULL || smb2->status == NTSTATUS_PENDING) {
        return;
    }
    if (smb2->status == NTSTATUS_SUCCESS) {
        file->open = file_of(smb2, &file->id); /* unless the snap length cut it */
        pipe_created(file, frame);
    } else {
        pipe_refused(file, frame, smb2->status);
        wmem_list_remove(smb->files, file);
    }
}

static void read_request(smb_t *smb, const smb2_t *smb2, const frame_t *frame)
{
    smb2_file_id_t id;
    pipe_file_t *file = file_of(smb2, &id) ? smb_file(smb, &id) : NULL;
    if (file == NULL) {
        return;
    }
    request_note(smb, smb2, &id);
    if (smb2->command == SMB2_CLOSE) {
        pipe_ends(file, frame, MESSAGE_PIPE_CLOSE);
    } else {
        pipe_touched(file, frame);
    }
}

static void read_answer_of_file(smb_t *smb, pipe_file_t *file, const smb2_t *smb2, const frame_t *frame)
{
    if (smb2->command == SMB2_CLOSE) {
        pipe_closed(file, frame);
        wmem_list_remove(smb->files, file);
    } else if (ntstatus_ends_pipe(smb2->status)) {
        pipe_broken(file, frame, smb2->status);
    } else if (smb2->command == SMB2_WRITE && smb2->status == NTSTATUS_SUCCESS) {
        pipe_received(file, frame);
    } else {
        pipe_touched(file, frame);
    }
}

/* The next file with a connection, from the place `at` in the list on; NULL if there is none. Moves `at` behind it. */
static pipe_file_t *next_pipe(wmem_list_frame_t **at)
{
    while (*at != NULL) {
        pipe_file_t *file = file_in(*at);
        *at = wmem_list_frame_next(*at);
        if (file->track != NULL) {
            return file;
        }
    }
    return NULL;
}

/* The only open file on this share of pipes; NULL if there are none or several. The share's TREE_CONNECT was seen, so
 * its files' CREATEs were seen, too. */
static pipe_file_t *only_file(const smb_t *smb, const smb2_t *smb2)
{
    pipe_file_t *only = NULL;
    bool pipes = smb_share(smb, smb2->session, smb2->tree) == SMB2_SHARE_PIPE;
    for (wmem_list_frame_t *at = pipes ? wmem_list_head(smb->files) : NULL; at != NULL; at = wmem_list_frame_next(at)) {
        pipe_file_t *file = file_in(at);
        if (file->open && file->session == smb2->session && file->tree == smb2->tree) {
            if (only != NULL) {
                return NULL;
            }
            only = file;
        }
    }
    return only;
}

/* The READ that was answered here is in a hole of the capture: what it brought is of one of these pipes. An answer that
 * came late does not name its tree (MS-SMB2 2.2.1.1). */
static void note_lone_bytes(const smb_t *smb, const smb2_t *smb2, const frame_t *frame)
{
    wmem_list_frame_t *at = wmem_list_head(smb->files);
    for (pipe_file_t *file = next_pipe(&at); file != NULL; file = next_pipe(&at)) {
        if (file->session == smb2->session) {
            pipe_hole(file, frame, SENDER_SERVER);
        }
    }
}

/* Reads an answer without a request: it may answer a CLOSE that is not in the capture. */
static void read_lone_answer(smb_t *smb, const smb2_t *smb2, const frame_t *frame)
{
    bool brings = smb2->command == SMB2_READ || smb2->command == SMB2_IOCTL;
    if (brings && smb->gap && smb2->status != NTSTATUS_PENDING) {
        note_lone_bytes(smb, smb2, frame);
    }
    bool closed = smb2->command == SMB2_CLOSE && smb2->status == NTSTATUS_SUCCESS;
    pipe_file_t *file = closed ? only_file(smb, smb2) : NULL;
    if (file != NULL) {
        read_answer_of_file(smb, file, smb2, frame);
    }
}

static void read_answer(smb_t *smb, const smb2_t *smb2, const frame_t *frame)
{
    request_t *request = request_of(smb, smb2->message);
    if (request == NULL) {
        read_lone_answer(smb, smb2, frame);
        return;
    }
    pipe_file_t *file = request->command != smb2->command ? NULL : smb_file(smb, &request->file);
    if (file == NULL) {
        return;
    }
    if (smb2->status == NTSTATUS_PENDING) {
        pipe_touched(file, frame);
        return;
    }
    request->command = 0;
    read_answer_of_file(smb, file, smb2, frame);
}

static void read_command(smb_t *smb, packet_info *pinfo, const smb2_t *smb2)
{
    frame_t frame = frame_of(pinfo, smb2->response ? SENDER_SERVER : SENDER_CLIENT);
    switch (smb2->command) {
    case SMB2_SESSION_SETUP:
        (smb2->response ? read_session_answer : read_session_setup)(smb, smb2);
        break;
    case SMB2_TREE_CONNECT:
        (smb2->response ? read_tree_answer : read_tree_connect)(smb, smb2);
        break;
    case SMB2_CREATE:
        if (smb2->response) {
            read_create_answer(smb, smb2, &frame);
        } else {
            read_create(smb, pinfo, smb2, &frame);
        }
        break;
    case SMB2_CLOSE:
    case SMB2_READ:
    case SMB2_WRITE:
    case SMB2_IOCTL:
        if (wmem_list_count(smb->files) > 0) {
            (smb2->response ? read_answer : read_request)(smb, smb2, &frame);
        }
        break;
    default:
        break;
    }
}

static void read_old_message(smb_t *smb, packet_info *pinfo, span_t message)
{
    smb2_t command;
    bool more = smb1_parse(message, &command);
    while (more) {
        read_command(smb, pinfo, &command);
        more = smb1_next(&command);
    }
}

/* Reads a message with all its commands. While no file is kept, only messages that open something are read: most
 * traffic of file servers has no pipes. */
static void read_message(smb_t *smb, packet_info *pinfo, span_t message)
{
    smb2_t smb2;
    bool old = smb1_begins(message);
    if (wmem_list_count(smb->files) == 0 && !(old ? smb1_may_open : smb2_may_open)(message)) {
        return;
    }
    if (old) {
        read_old_message(smb, pinfo, message);
        return;
    }
    while (smb2_parse(message, &smb2)) {
        read_command(smb, pinfo, &smb2);
        if (smb2.next < SMB2_HEADER_LENGTH) {
            return;
        }
        message = span_from(message, smb2.next);
    }
}

/* }}} */

/* Messages in a frame. {{{ */

static bool begins_message(span_t bytes)
{
    static const guint8 magic[] = {0xFE, 'S', 'M', 'B'};
    span_t message = span_from(bytes, NETBIOS_HEADER_BYTES);
    return (span_starts_with(message, span_of(magic, sizeof magic)) || smb1_begins(message)) && bytes.at[0] == 0;
}

/* The index of the side that sends: 0 for the one that was met first, whoever is the client. */
static guint side_of(smb_t *smb, const packet_info *pinfo)
{
    if (smb->client_port == 0) {
        smb->client_port = pinfo->srcport;
        copy_address_wmem(wmem_file_scope(), &smb->client, &pinfo->src);
    }
    return pinfo->srcport == smb->client_port && addresses_equal(&pinfo->src, &smb->client) ? 0 : 1;
}

/* Where in this segment a message may begin; its length, or more, if the message before goes on behind it. */
static guint32 next_message(const smb_side_t *own, const tcp_facts_t *facts)
{
    gint32 ahead = own->known ? (gint32)(own->next - facts->seq) : 0;
    return (guint32)MAX(ahead, 0); /* less: something is missing, and the next message may begin here */
}

static span_t payload_of(const tcp_facts_t *facts)
{
    return span_of_tvb(facts->tvb, (gint)tcp_facts_payload(facts), facts->payload_length);
}

/* Reads the messages that begin and end in this segment, from `offset` on. A longer one is read from the bytes that TCP
 * joined. */
static void read_segment(smb_t *smb, smb_side_t *own, packet_info *pinfo, guint32 offset, span_t payload,
                         const tcp_facts_t *facts)
{
    guint32 size;
    while (offset < facts->payload_length && netbios_length(span_from(payload, offset), &size)) {
        if (begins_message(span_from(payload, offset)) &&
            size <= facts->payload_length - offset - NETBIOS_HEADER_BYTES) {
            read_message(smb, pinfo, span_part(payload, offset + NETBIOS_HEADER_BYTES, size));
        }
        offset += NETBIOS_HEADER_BYTES + size;
        own->next = facts->seq + offset;
        own->known = true;
    }
}

/* Reads messages that TCP joined, or that SMB2 decrypted. */
static void read_source(smb_t *smb, packet_info *pinfo, tvbuff_t *source)
{
    span_t bytes = span_of_whole(source);
    guint32 size;
    while (begins_message(bytes) && netbios_length(bytes, &size) && size <= bytes.length - NETBIOS_HEADER_BYTES) {
        read_message(smb, pinfo, span_part(bytes, NETBIOS_HEADER_BYTES, size));
        bytes = span_from(bytes, NETBIOS_HEADER_BYTES + size);
    }
    read_message(smb, pinfo, bytes);
}

static void read_sources(smb_t *smb, packet_info *pinfo)
{
    for (GSList *source = pinfo->data_src == NULL ? NULL : pinfo->data_src->next; source != NULL;
         source = source->next) {
        read_source(smb, pinfo, get_data_source_tvb((const struct data_source *)source->data));
    }
}

/* If segments are missing before this frame, each pipe may lack bytes. */
static void note_holes(smb_t *smb, packet_info *pinfo, const conversation_t *conversation)
{
    smb->tcp = smb->tcp == NULL ? tcp_analysis_of(conversation) : smb->tcp;
    guint16 flags = smb->tcp == NULL ? 0 : compat_tcp_flags(smb->tcp, false);
    bool own = (flags & TCP_FLAG_LOST_PACKET) != 0;
    bool other = (flags & TCP_FLAG_ACK_LOST_PACKET) != 0;
    smb->gap = smb->gap || own || other;
    wmem_list_frame_t *at = own || other ? wmem_list_head(smb->files) : NULL;
    for (pipe_file_t *file = next_pipe(&at); file != NULL; file = next_pipe(&at)) {
        frame_t frame = track_frame(file->track, pinfo);
        pipe_hole(file, &frame, own ? frame.sender : sender_other(frame.sender));
    }
}

/* The snap length cut this segment: each pipe may lack bytes. */
static void note_cut(const smb_t *smb, packet_info *pinfo)
{
    wmem_list_frame_t *at = wmem_list_head(smb->files);
    for (pipe_file_t *file = next_pipe(&at); file != NULL; file = next_pipe(&at)) {
        frame_t frame = track_frame(file->track, pinfo);
        units_note_cut(file->track, &frame);
    }
}

/* Notes how far a side has sent and acknowledged. */
static void note_place(smb_side_t *own, const tcp_facts_t *facts)
{
    guint32 end = facts->seq + facts->payload_length;
    if (facts->payload_length > 0 && (!own->has_sent || (gint32)(end - own->sent) > 0)) {
        own->sent = end;
        own->has_sent = true;
    }
    gint32 step = own->has_acked ? (gint32)(facts->ack - own->acked) : 0;
    if ((facts->flags & (TCP_ACK | TCP_RST)) == TCP_ACK && (!own->has_acked || step > 0)) {
        own->ack_step = (guint32)step;
        own->acked = facts->ack;
        own->has_acked = true;
    }
}

/* Whether this side acknowledges a FIN of the other side: one more than its last byte. */
static bool knows_fin(const smb_side_t *own, const smb_side_t *other)
{
    return own->has_acked && (other->has_sent ? own->acked == other->sent + 1 : own->ack_step == 1);
}

/* If the TCP connection ends, its pipes end, too. The other side's FIN may have come before without being captured. */
static void end_pipes(smb_t *smb, guint side, const packet_info *pinfo, guint8 flags)
{
    bool follows = knows_fin(&smb->sides[side], &smb->sides[1 - side]);
    wmem_list_frame_t *at = wmem_list_head(smb->files);
    for (pipe_file_t *file = next_pipe(&at); file != NULL; file = next_pipe(&at)) {
        frame_t frame = track_frame(file->track, pinfo);
        if (smb->gap) { /* what ended it may be missing */
            pipe_hole(file, &frame, SENDER_SERVER);
        }
        if (follows) {
            pipe_ended_unseen(file, sender_other(frame.sender));
        }
        pipe_ends(file, &frame, (flags & TCP_RST) != 0 ? MESSAGE_RST : MESSAGE_FIN);
    }
}

/* What is known of the conversation of this segment; made with the first segment that begins a message of SMB. */
static smb_t *smb_of_segment(conversation_t *conversation, const tcp_facts_t *facts)
{
    smb_t *known = smb_of(conversation, false);
    return known != NULL ? known : smb_of(conversation, begins_message(payload_of(facts)));
}

static void read_payload(smb_t *smb, smb_side_t *own, packet_info *pinfo, const tcp_facts_t *facts)
{
    guint32 offset = next_message(own, facts);
    if (tvb_captured_length(facts->tvb) < tvb_reported_length(facts->tvb)) {
        note_cut(smb, pinfo);
    }
    if (offset < facts->payload_length) { /* most segments of a file go on with a message */
        read_segment(smb, own, pinfo, offset, payload_of(facts), facts);
    }
    read_sources(smb, pinfo);
}

void smb_observe(packet_info *pinfo, conversation_t *conversation, const tcp_facts_t *facts)
{
    ASSERT_FIRST_PASS(pinfo);
    smb_t *smb = smb_of_segment(conversation, facts);
    if (smb == NULL) {
        return;
    }
    guint side = side_of(smb, pinfo);
    note_holes(smb, pinfo, conversation);
    note_place(&smb->sides[side], facts);
    if (facts->payload_length > 0) {
        read_payload(smb, &smb->sides[side], pinfo, facts);
    }
    if ((facts->flags & (TCP_FIN | TCP_RST)) != 0) {
        end_pipes(smb, side, pinfo, facts->flags);
    }
}

/* }}} */
