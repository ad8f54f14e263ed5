/* sightings.c - what each unit of a connection's byte stream tells.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Units become messages (packets up to EOM, joined per direction and MARS session), messages are read by the core,
 * and what they say goes three ways: marks on the frame, evidence and facts on the connection.
 */
#include "sightings.h"

#include <epan/charsets.h>

#include <string.h>

#include "compat.h"
#include "core/login7.h"
#include "diagnoses.h"
#include "links.h"
#include "sessions.h"
#include "core/sspi.h"

#define LOGIN_LIMIT 0x20000    /* MS-TDS 2.2.6.4: a LOGIN7 record is smaller */
#define RESPONSE_LIMIT 0x8000  /* as much of a response as its tokens are looked for in */
#define WRAPPED_TLS_LIMIT 0x10000
#define PROGRESS_HIDDEN 4 /* encrypted records that tdsconn.progress lists */

/* A unit, and the frames it stands in. */
typedef struct {
    track_t *track;
    frame_t frame; /* where it ends */
    frame_t first; /* where its first byte is */
    gboolean reassembled;
    guint32 offset; /* of the unit in its frame */
    mars_track_t *session; /* that it belongs to, or NULL */
} sighting_t;

/* A message as it is when its last packet arrives. */
typedef struct {
    lane_t *lane;
    tds_header_t header; /* of the last packet */
    span_t content;      /* all that is there of it */
    guint32 total;       /* how long it really is */
    gboolean broken;     /* its beginning is missing: only the tail may be looked at */
    span_t tail;         /* the last packet's bytes */
    gboolean continued;  /* it has more than one packet */
} tds_message_t;

/* For Wireshark's own dissectors, on every pass. */
static void note_repair(const sighting_t *s, repair_t repair)
{
    track_t *track = s->track;
    if (track->repairs == NULL) {
        track->repairs = wmem_array_sized_new(wmem_file_scope(), sizeof repair, 4);
    }
    repair.frame = s->frame.number;
    repair.unit = s->offset;
    wmem_array_append_one(track->repairs, repair);
}

static mark_t *mark_packet(const sighting_t *s, mark_t *mark, const tds_header_t *header, gboolean continued)
{
    mark->of.tds.type = header->type;
    mark->of.tds.status = header->status;
    mark->of.tds.packet_id = header->packet_id;
    mark->of.tds.spid = header->spid;
    mark->flags = (guint8)((continued ? MARK_CONTINUED : 0) | (s->reassembled ? MARK_REASSEMBLED : 0));
    return mark;
}

/* Tells the message that this packet ends. */
static mark_t *tell(const sighting_t *s, const tds_message_t *m, message_t message)
{
    mark_t *mark = track_tell(s->track, &s->frame, MARK_TDS, message);
    return mark_packet(s, mark, &m->header, m->continued);
}

/* Tells what a message holds besides. */
static void tell_content(const sighting_t *s, message_t message)
{
    diagnoses_judge(s->track, &s->frame, message, &s->track->connection);
    track_mark_still(s->track, &s->frame, MARK_CONTENT, message, message);
}

/* Requests and responses. {{{ */

static guint32 exchange_new(const sighting_t *s, lane_t *lane)
{
    exchange_t exchange = {.request_frame = s->frame.number, .requested = s->frame.at};
    wmem_array_append_one(s->track->exchanges, exchange);
    lane->exchange = wmem_array_get_count(s->track->exchanges);
    return lane->exchange;
}

static void exchange_attention(const sighting_t *s, lane_t *lane, mark_t *mark)
{
    exchange_t *exchange = track_exchange(s->track, lane->exchange);
    if (exchange == NULL) {
        return;
    }
    exchange->attention_frame = s->frame.number;
    exchange->attention = s->frame.at;
    exchange->attention_ack_frame = 0;
    lane->attention = lane->exchange;
    mark->exchange = lane->exchange;
}

static void exchange_response(const sighting_t *s, const lane_t *lane, mark_t *mark)
{
    exchange_t *exchange = track_exchange(s->track, lane->exchange);
    if (exchange == NULL) {
        return;
    }
    if (exchange->response_frame == 0) {
        exchange->response_frame = s->first.number;
        exchange->shown_frame = s->frame.number;
        exchange->responded = s->first.at;
    }
    mark->exchange = lane->exchange;
}

static void exchange_acknowledged(const sighting_t *s, lane_t *lane)
{
    exchange_t *exchange = track_exchange(s->track, lane->attention);
    if (exchange != NULL) {
        exchange->attention_ack_frame = s->frame.number;
        exchange->attention_acked = s->frame.at;
        lane->attention = 0;
    }
}

/* }}} */

/* Versions and products. {{{ */

static void note_version(track_t *track, guint32 version, gboolean acknowledged)
{
    if (tds_version_name(version) != NULL && (acknowledged || track->tds_version == 0)) {
        track->tds_version = version;
        track->version_acknowledged = acknowledged;
    }
}

static token_format_t response_format(const track_t *track)
{
    token_format_t format = token_format_of(track->tds_version);
    if (track->prelogin_server && track->server_major != 0 && track->server_major <= 8) {
        format.wide_done = false;
    }
    return format;
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

static void note_version_text(track_t *track, fact_id_t id, guint32 frame, const guint8 *version)
{
    char text[24];
    g_snprintf(text, sizeof text, "%u.%u.%u", version[0], version[1], version[2] << 8 | version[3]);
    track_fact_string(track, id, frame, text);
}

static void note_server_version(track_t *track, guint32 frame, const guint8 *version)
{
    note_version_text(track, FACT_SERVER_VERSION, frame, version);
    track_fact_string(track, FACT_SERVER_PRODUCT, frame, product_name(version[0], version[1]));
    track->server_major = version[0];
}

/* }}} */

/* PRELOGIN. {{{ */

static void prelogin_from_client(const sighting_t *s, const prelogin_t *p)
{
    track_t *track = s->track;
    guint32 frame = s->frame.number;
    track->prelogin_client = TRUE;
    track->mars_asked = p->has_mars && p->mars;
    track->fedauth_client = p->has_fedauth;
    if (p->has_encryption) {
        track->encrypt_client = p->encryption;
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
    if (track->start_frame == 0) {
        track->start_frame = frame;
    }
    track_begin(track, TIME_PRELOGIN, s->frame.at);
    track_begin(track, TIME_TOTAL, s->frame.at);
}

static void prelogin_from_server(const sighting_t *s, const prelogin_t *p)
{
    track_t *track = s->track;
    track->prelogin_server = TRUE;
    track->fedauth_server = p->has_fedauth;
    track->instance_mismatch = p->has_instance && p->instance.length == 1 && p->instance.at[0] == 1;
    if (p->has_encryption) {
        track->encrypt_server = p->encryption;
        track_fact_number(track, FACT_ENCRYPT_SERVER, s->frame.number, p->encryption);
        if (track->prelogin_client) {
            track->encryption = prelogin_encryption(track->encrypt_client, p->encryption);
        }
    }
    if (p->has_version) {
        note_server_version(track, s->frame.number, p->version);
    }
    track->mars = track->mars || (track->mars_asked && p->has_mars && p->mars);
    if (track->mars_asked && !track->mars) {
        diagnose(track, s->frame.number, DIAGNOSIS_MARS_REFUSED, "the client asks for MARS, the server does not have it");
    }
    track_end(track, TIME_PRELOGIN, &s->frame);
}

static void take_prelogin(const sighting_t *s, const tds_message_t *m)
{
    prelogin_t prelogin;
    if (!prelogin_parse(m->content, &prelogin) && m->content.length == m->total) {
        mark_packet(s, track_mark_still(s->track, &s->frame, MARK_TDS, MESSAGE_NONE, MESSAGE_NONE), &m->header, FALSE);
        return;
    }
    prelogin_from_client(s, &prelogin);
    mark_t *mark = tell(s, m, MESSAGE_PRELOGIN);
    mark->exchange = exchange_new(s, m->lane);
}

/* }}} */

/* LOGIN7, SSPI, federated tokens. {{{ */

static void note_ntlm(const sighting_t *s, const ntlm_t *ntlm)
{
    static const struct {
        fact_id_t id;
        gsize at;
    } names[] = {
        {FACT_NTLM_DOMAIN, offsetof(ntlm_t, domain)},
        {FACT_NTLM_USER, offsetof(ntlm_t, user)},
        {FACT_NTLM_HOST, offsetof(ntlm_t, workstation)},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        const span_t *name = (const span_t *)(const void *)((const guint8 *)ntlm + names[i].at);
        if (ntlm->unicode) {
            track_fact_utf16(s->track, names[i].id, s->frame.number, *name);
        } else {
            track_fact_bytes(s->track, names[i].id, s->frame.number, *name);
        }
    }
    s->track->ntlm_v1 = ntlm->nt_response_length == NTLM_V1_RESPONSE_LENGTH;
    track_fact_utf16(s->track, FACT_NTLM_SPN, s->frame.number, ntlm->target_spn);
    track_fact_string(s->track, FACT_NTLM_VERSION, s->frame.number, s->track->ntlm_v1 ? "NTLMv1" : "NTLMv2");
    track_fact_string(s->track, FACT_NTLM_BINDING, s->frame.number,
                      !ntlm->has_channel_bindings    ? "absent"
                      : ntlm->channel_bindings_zero ? "zero"
                                                     : "present");
    track_fact_flag(s->track, FACT_NTLM_ANONYMOUS, s->frame.number, ntlm->anonymous);
}

static void note_kerberos(const sighting_t *s, const kerberos_t *kerberos)
{
    char spn[256];
    gsize used = 0;
    for (guint i = 0; i < kerberos->service_parts && used < sizeof spn; i++) {
        used += (gsize)g_snprintf(spn + used, (gulong)(sizeof spn - used), "%s%.*s", i > 0 ? "/" : "",
                                  (int)kerberos->service[i].length, (const char *)kerberos->service[i].at);
    }
    if (used > 0) {
        track_fact_bytes(s->track, FACT_KERBEROS_SPN, s->frame.number,
                         span_of((const guint8 *)spn, MIN(used, sizeof spn - 1)));
    }
    track_fact_bytes(s->track, FACT_KERBEROS_REALM, s->frame.number, kerberos->realm);
}

/* What a token inside LOGIN7, SSPI or a response is: evidence, names, and a message of its own. Returns that
 * message, or MESSAGE_NONE. */
static message_t take_token(const sighting_t *s, span_t token)
{
    static const message_t messages[] = {
        [SSPI_NTLM_NEGOTIATE] = MESSAGE_NTLM_NEGOTIATE,
        [SSPI_NTLM_CHALLENGE] = MESSAGE_NTLM_CHALLENGE,
        [SSPI_NTLM_AUTHENTICATE] = MESSAGE_NTLM_AUTHENTICATE,
        [SSPI_KERBEROS_AP_REQ] = MESSAGE_KERBEROS_AP_REQ,
        [SSPI_KERBEROS_AP_REP] = MESSAGE_KERBEROS_AP_REP,
        [SSPI_SPNEGO] = MESSAGE_NONE,
    };
    sspi_t sspi;
    if (!sspi_parse(token, &sspi)) {
        return MESSAGE_NONE;
    }
    auth_note_sspi(&s->track->evidence, sspi.kind, s->frame.number);
    if (sspi.kind == SSPI_NTLM_AUTHENTICATE) {
        note_ntlm(s, &sspi.ntlm);
    }
    note_kerberos(s, &sspi.kerberos);
    message_t message = messages[sspi.kind];
    if (message != MESSAGE_NONE) {
        tell_content(s, message);
    }
    return message;
}

/* The step machine and tdsconn.progress take a token's message as one: NC for a CHALLENGE, SR for another. */
static void tell_sspi(const sighting_t *s, const tds_message_t *m, message_t carrier, span_t token)
{
    mark_t *mark = track_mark(s->track, &s->frame, MARK_TDS, carrier);
    mark_packet(s, mark, &m->header, m->continued)->flags |= MARK_SSPI_TOKEN;
    if (carrier == MESSAGE_SSPI_CLIENT) {
        mark->exchange = exchange_new(s, m->lane);
    } else {
        exchange_response(s, m->lane, mark);
    }
    message_t content = take_token(s, token);
    bool has_code = content != MESSAGE_NONE && message_row(content)->code[0] != '\0';
    track_progress(s->track, s->frame.sender, message_row(has_code ? content : carrier)->code);
}

static void login_begins(const sighting_t *s)
{
    track_t *track = s->track;
    track_begin(track, TIME_LOGIN, s->frame.at);
    track_begin(track, TIME_TOTAL, s->frame.at);
    if (track->start_frame == 0) {
        track->start_frame = s->frame.number;
    }
}

static void note_fedauth(const sighting_t *s, const fedauth_feature_t *fedauth)
{
    static const char *const libraries[FEDAUTH_LIBRARY_LIMIT] = {"Live ID", "Security token", "ADAL/MSAL"};
    static const char *const workflows[] = {NULL, "user and password", "integrated", "interactive or managed identity"};
    track_t *track = s->track;
    auth_note(&track->evidence, EVIDENCE_FEDAUTH_FEATURE, s->frame.number);
    if (fedauth->library < G_N_ELEMENTS(libraries)) {
        track_fact_string(track, FACT_ENTRA_LIBRARY, s->frame.number, libraries[fedauth->library]);
    }
    if (fedauth->library == FEDAUTH_ADAL && fedauth->workflow < G_N_ELEMENTS(workflows)) {
        track_fact_string(track, FACT_ENTRA_WORKFLOW, s->frame.number, workflows[fedauth->workflow]);
    }
    if (fedauth->library == FEDAUTH_SECURITY_TOKEN) {
        track_fact_number(track, FACT_ENTRA_TOKEN, s->frame.number, fedauth->token_length);
    }
}

static void note_login_evidence(const sighting_t *s, const login7_t *login)
{
    auth_evidence_t *evidence = &s->track->evidence;
    if (login->fedauth.present) {
        note_fedauth(s, &login->fedauth);
    }
    if (!login->has_flags) {
        return;
    }
    if (login->integrated) {
        auth_note(evidence, EVIDENCE_INTEGRATED, s->frame.number);
    } else if (!login->fedauth.present && (!login->has_extension || login->features_seen)) {
        auth_note(evidence, EVIDENCE_PASSWORD, s->frame.number);
    }
}

static void note_login_names(const sighting_t *s, const login7_t *login)
{
    const struct {
        fact_id_t id;
        span_t text;
    } names[] = {
        {FACT_LOGIN_USER, login->user},         {FACT_LOGIN_HOST, login->host},
        {FACT_LOGIN_APP, login->app},           {FACT_LOGIN_LIBRARY, login->library},
        {FACT_LOGIN_DATABASE, login->database}, {FACT_LOGIN_SERVER, login->server},
        {FACT_LOGIN_LOCALE, login->language},   {FACT_CLIENT_DRIVER, login->user_agent},
        {FACT_CLIENT_DRIVER, login->library},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        track_fact_utf16(s->track, names[i].id, s->frame.number, names[i].text);
    }
}

/* The rest of a LOGIN7 of which only the first packet was encrypted (MS-TDS 3.2.5.3). */
static bool is_login_tail(const sighting_t *s, const tds_message_t *m)
{
    return s->track->connection.position == POSITION_LOGIN && m->header.packet_id > 1 &&
           s->track->facts[FACT_LOGIN_HOST].frame == 0;
}

static void note_login_flags(const sighting_t *s, const login7_t *login)
{
    const struct {
        fact_id_t id;
        bool set;
    } flags[] = {
        {FACT_READ_ONLY_INTENT, login->read_only_intent}, {FACT_CHANGE_PASSWORD, login->change_password},
        {FACT_USER_INSTANCE_ASK, login->user_instance},   {FACT_RECOVERY, login->session_recovery},
        {FACT_RECONNECT, login->reconnect},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(flags); i++) {
        track_fact_flag(s->track, flags[i].id, s->frame.number, flags[i].set);
    }
}

static void take_login7(const sighting_t *s, const tds_message_t *m)
{
    login7_t login;
    if (login7_parse(m->content, &login)) {
        note_login_names(s, &login);
        note_login_flags(s, &login);
        s->track->has_password = login.has_password;
        note_login_evidence(s, &login);
        note_version(s->track, login.tds_version, FALSE);
        login_begins(s);
        mark_t *mark = tell(s, m, MESSAGE_LOGIN7);
        mark->exchange = exchange_new(s, m->lane);
        if (!s->track->inside_tls && !s->track->server_hello) {
            s->track->encryption = ENCRYPTION_NONE;
        }
        take_token(s, login.sspi);
    } else if (sspi_starts(m->content)) { /* a driver that sends its second token as LOGIN7 */
        tell_sspi(s, m, MESSAGE_SSPI_CLIENT, m->content);
    } else if (is_login_tail(s, m) || m->content.length == m->total) {
        if (is_login_tail(s, m) && !diagnosed(s->track, DIAGNOSIS_LOGIN_TAIL_IN_CLEAR)) {
            diagnose(s->track, s->frame.number, DIAGNOSIS_LOGIN_TAIL_IN_CLEAR,
                     "LOGIN7 is longer than one packet: only its first packet is encrypted");
        }
        mark_packet(s, track_mark_still(s->track, &s->frame, MARK_TDS, MESSAGE_NONE, MESSAGE_LOGIN7), &m->header, TRUE);
    } else { /* cut before its version: the packet type is all there is */
        login_begins(s);
        tell(s, m, MESSAGE_LOGIN7)->exchange = exchange_new(s, m->lane);
    }
}

static void take_old_login(const sighting_t *s, const tds_message_t *m)
{
    old_login_t login;
    if (!old_login_parse(m->content, &login)) {
        mark_packet(s, track_mark_still(s->track, &s->frame, MARK_TDS, MESSAGE_NONE, MESSAGE_NONE), &m->header, FALSE);
        return;
    }
    track_t *track = s->track;
    track_fact_bytes(track, FACT_LOGIN_HOST, s->frame.number, login.host);
    track_fact_bytes(track, FACT_LOGIN_USER, s->frame.number, login.user);
    track_fact_bytes(track, FACT_LOGIN_APP, s->frame.number, login.app);
    track_fact_bytes(track, FACT_LOGIN_SERVER, s->frame.number, login.server);
    track_fact_bytes(track, FACT_LOGIN_LIBRARY, s->frame.number, login.library);
    auth_note(&track->evidence, EVIDENCE_OLD_LOGIN, s->frame.number);
    note_version(track, login.major == 5 ? 0x05000000 : 0x04020000, FALSE);
    track->encryption = ENCRYPTION_NONE;
    track->has_password = TRUE;
    login_begins(s);
    tell(s, m, MESSAGE_OLD_LOGIN)->exchange = exchange_new(s, m->lane);
}

static void take_sspi(const sighting_t *s, const tds_message_t *m)
{
    tell_sspi(s, m, MESSAGE_SSPI_CLIENT, m->content);
}

static void take_fedauth_token(const sighting_t *s, const tds_message_t *m)
{
    reader_t r = reader_of(m->content);
    read_skip(&r, 4);
    guint32 length = read_u32le(&r);
    auth_note(&s->track->evidence, EVIDENCE_FEDAUTH_TOKEN, s->frame.number);
    if (r.ok) {
        track_fact_number(s->track, FACT_ENTRA_TOKEN, s->frame.number, length);
    }
    tell(s, m, MESSAGE_FEDAUTH_TOKEN)->exchange = exchange_new(s, m->lane);
}

/* }}} */

/* Commands. {{{ */

static message_t command_of(guint8 type)
{
    switch (type) {
    case TDS_RPC:
        return MESSAGE_RPC;
    case TDS_BULK_LOAD:
        return MESSAGE_BULK_LOAD;
    case TDS_TRANSACTION:
        return MESSAGE_TRANSACTION;
    case TDS_ATTENTION:
        return MESSAGE_ATTENTION;
    default:
        return MESSAGE_SQL_BATCH;
    }
}

static void note_pooled(const sighting_t *s, const tds_message_t *m)
{
    bool reset = (m->header.status & (TDS_RESETCONNECTION | TDS_RESETCONNECTION_SKIPTRAN)) != 0;
    if (reset && !diagnosed(s->track, DIAGNOSIS_POOLED_REUSE)) {
        diagnose(s->track, s->frame.number, DIAGNOSIS_POOLED_REUSE,
                 "RESETCONNECTION: a pooled connection is handed to a new user");
    }
}

static void take_command(const sighting_t *s, const tds_message_t *m)
{
    s->track->idle_before_request = s->frame.at - s->track->last_at;
    note_pooled(s, m);
    mark_t *mark = tell(s, m, command_of(m->header.type));
    mark->exchange = exchange_new(s, m->lane);
}

/* A request whose answer was complete is not cancelled any more: some drivers send an ATTENTION for the rows that they
 * did not read. */
static void note_cancel(const sighting_t *s, const lane_t *lane)
{
    const double usual_timeout = 30;
    const exchange_t *exchange = track_exchange(s->track, lane->exchange);
    if (exchange == NULL || exchange->answered) {
        return;
    }
    double waited = (double)(s->frame.at - exchange->requested) / NANOSECONDS;
    bool timeout = waited > usual_timeout - 0.5 && waited < usual_timeout + 1.5;
    diagnose(s->track, s->frame.number, DIAGNOSIS_ATTENTION, "%s, %.3f s after the request in frame %u",
             timeout ? "command timeout" : "cancelled by the application or its own timeout", waited,
             exchange->request_frame);
}

static void take_attention(const sighting_t *s, const tds_message_t *m)
{
    note_cancel(s, m->lane);
    exchange_attention(s, m->lane, tell(s, m, MESSAGE_ATTENTION));
}

/* }}} */

/* Responses. {{{ */

static const char *utf16_text(span_t utf16)
{
    return utf16.length < 2 ? NULL
                            : (const char *)get_utf_16_string(wmem_file_scope(), utf16.at,
                                                              (gint)(utf16.length & ~(size_t)1), ENC_LITTLE_ENDIAN);
}

static void note_errors(const sighting_t *s, const response_t *r)
{
    track_t *track = s->track;
    for (guint i = 0; i < MIN(r->error_count, RESPONSE_ERRORS); i++) {
        const error_token_t *error = &r->errors[i];
        error_record_t record = {
            .frame = s->frame.number,
            .number = error->number,
            .state = error->state,
            .class_ = error->class_,
            .line = error->line,
            .message = utf16_text(error->message),
            .server = utf16_text(error->server),
        };
        if (track->errors == NULL) {
            track->errors = wmem_array_sized_new(wmem_file_scope(), sizeof record, 2);
        }
        wmem_array_append_one(track->errors, record);
        track_fact_utf16(track, FACT_SERVER_NAME, s->frame.number, error->server);
    }
}

static void login_ends(const sighting_t *s)
{
    track_t *track = s->track;
    links_find_ticket(track);
    track_end(track, TIME_AUTH, &s->frame);
    track_end(track, TIME_TOTAL, &s->frame);
    if (track->confirm_frame == 0) {
        track->confirm_frame = s->frame.number;
    }
}

/* What an encrypted LOGIN7 must have held, from a LOGINACK that nothing led up to. Silent where something may be
 * missing. */
static void infer_from_loginack(const sighting_t *s)
{
    track_t *track = s->track;
    bool login_known = track->connection.position == POSITION_LOGIN && track->encryption == ENCRYPTION_LOGIN_ONLY;
    if (!login_known || track->gap || auth_saw_token(&track->evidence)) {
        return;
    }
    bool certificate = (track->encrypt_client & ENCRYPT_CLIENT_CERT) != 0;
    auth_note(&track->evidence, certificate ? EVIDENCE_CERTIFICATE : EVIDENCE_PLAIN_LOGINACK, s->frame.number);
}

/* What the server set for the session, from the login on. */
static void note_session(const sighting_t *s, const response_t *r)
{
    const struct {
        fact_id_t id;
        span_t text;
    } settings[] = {
        {FACT_DATABASE, r->database},       {FACT_LANGUAGE, r->language},
        {FACT_PACKET_SIZE, r->packet_size}, {FACT_FAILOVER_PARTNER, r->mirror_partner},
        {FACT_USER_INSTANCE, r->user_instance},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(settings); i++) {
        track_fact_utf16(s->track, settings[i].id, s->frame.number, settings[i].text);
    }
    if (r->has_collation) {
        char text[11];
        for (gsize i = 0; i < sizeof r->collation; i++) {
            g_snprintf(text + 2 * i, 3, "%02x", r->collation[i]);
        }
        track_fact_string(s->track, FACT_COLLATION, s->frame.number, text);
    }
}

static void note_routing(const sighting_t *s, const routing_token_t *routing)
{
    track_fact_utf16(s->track, FACT_ROUTING_HOST, s->frame.number, routing->host);
    track_fact_number(s->track, FACT_ROUTING_PORT, s->frame.number, routing->port);
    track_fact_utf16(s->track, FACT_ROUTING_DATABASE, s->frame.number, routing->database);
    links_expect_redirect(s->track, s->frame.at);
}

static void note_response(const sighting_t *s, const response_t *r)
{
    track_t *track = s->track;
    note_errors(s, r);
    track_fact_utf16(track, FACT_SERVER_NAME, s->frame.number, r->info_server);
    if (r->has_fedauthinfo) {
        auth_note(&track->evidence, EVIDENCE_FEDAUTHINFO, s->frame.number);
        track->fedauthinfo_frame = s->frame.number;
        track->fedauthinfo_at = s->frame.at;
        track_fact_utf16(track, FACT_ENTRA_STS, s->frame.number, r->fedauth_sts);
        track_fact_utf16(track, FACT_ENTRA_SPN, s->frame.number, r->fedauth_spn);
    }
    if (r->fedauth_acked) {
        auth_note(&track->evidence, EVIDENCE_FEDAUTH_ACK, s->frame.number);
    }
    if (r->has_routing) {
        note_routing(s, &r->routing);
    }
    note_session(s, r);
    if (r->has_loginack) {
        note_version(track, r->loginack.tds_version, TRUE);
        note_server_version(track, s->frame.number, r->loginack.version);
    }
}

static void tell_response(const sighting_t *s, const tds_message_t *m, message_t message)
{
    exchange_t *exchange = track_exchange(s->track, m->lane->exchange);
    if (exchange != NULL) {
        exchange->answered = TRUE;
    }
    exchange_response(s, m->lane, tell(s, m, message));
}

/* Wireshark 4.0 reads twice the length of an SSPI token. */
static void note_sspi_repair(const sighting_t *s, const tds_message_t *m, span_t token)
{
    if (COMPAT_TDS_MISREADS_SSPI && !m->continued && token.length > 0) {
        note_repair(s, (repair_t){.sspi_at = TDS_HEADER_LENGTH + (guint32)(token.at - m->content.at),
                                  .sspi_length = (guint32)token.length});
    }
}

/* The parts of a response that answers a login. Returns whether there was any. */
static bool tell_login_response(const sighting_t *s, const tds_message_t *m, const response_t *r)
{
    enum { ERROR_UNTRUSTED_DOMAIN = 18452 };
    bool told = false;
    if (r->has_sspi) {
        tell_sspi(s, m, MESSAGE_SSPI_SERVER, r->sspi);
        note_sspi_repair(s, m, r->sspi);
        told = true;
    }
    if (r->has_fedauthinfo) {
        tell_response(s, m, MESSAGE_FEDAUTHINFO);
        told = true;
    }
    if (r->has_loginack) {
        infer_from_loginack(s);
        login_ends(s);
        tell_response(s, m, MESSAGE_LOGINACK);
        told = true;
    } else if (r->error_count > 0) {
        if (r->errors[0].number == ERROR_UNTRUSTED_DOMAIN) {
            auth_note(&s->track->evidence, EVIDENCE_UNTRUSTED_DOMAIN, s->frame.number);
        }
        login_ends(s);
        tell_response(s, m, MESSAGE_LOGIN_ERROR);
        told = true;
    }
    if (r->has_routing) {
        tell_response(s, m, MESSAGE_ROUTING);
        told = true;
    }
    return told;
}

/* The worst of the errors in a response to a command. */
static void note_sql_error(const sighting_t *s, const response_t *r)
{
    enum { CLASS_OF_ERRORS = 11, CLASS_OF_FATAL_ERRORS = 20 };
    const error_token_t *worst = NULL;
    for (guint i = 0; i < MIN(r->error_count, RESPONSE_ERRORS); i++) {
        if (worst == NULL || r->errors[i].class_ > worst->class_) {
            worst = &r->errors[i];
        }
    }
    if (worst != NULL && worst->class_ >= CLASS_OF_ERRORS) {
        bool fatal = worst->class_ >= CLASS_OF_FATAL_ERRORS;
        diagnose(s->track, s->frame.number, fatal ? DIAGNOSIS_SQL_ERROR_FATAL : DIAGNOSIS_SQL_ERROR,
                 "error %u, state %u, class %u, the worst of %u", worst->number, worst->state, worst->class_,
                 r->error_count);
    }
}

static void note_command_answer(const sighting_t *s, const lane_t *lane, const response_t *r)
{
    const moment_t slow = 5 * NANOSECONDS;
    exchange_t *exchange = track_exchange(s->track, lane->exchange);
    note_sql_error(s, r);
    if (exchange == NULL || exchange->answered) {
        return;
    }
    exchange->answered = TRUE;
    moment_t responded = exchange->response_frame != 0 ? exchange->responded : s->first.at;
    if (responded - exchange->requested > slow) {
        diagnose(s->track, s->frame.number, DIAGNOSIS_SLOW_RESPONSE, "%.3f s to the first byte of the answer to frame %u",
                 (double)(responded - exchange->requested) / NANOSECONDS, exchange->request_frame);
    }
}

static void tell_command_response(const sighting_t *s, const tds_message_t *m, const response_t *r)
{
    guint16 status = 0;
    bool acknowledged = r->attention_ack;
    bool error = r->error_count > 0;
    if (!r->fully_read && m->tail.length + TDS_HEADER_LENGTH >= m->header.length &&
        response_final_done(m->tail, r->format, &status)) {
        acknowledged = acknowledged || (status & DONE_ATTN) != 0;
        error = error || (status & (DONE_ERROR | DONE_SRVERROR)) != 0;
    }
    note_command_answer(s, m->lane, r);
    if (error) {
        tell_response(s, m, MESSAGE_RESPONSE_ERROR);
    }
    if (acknowledged) {
        exchange_acknowledged(s, m->lane);
        tell_response(s, m, MESSAGE_ATTENTION_ACK);
    }
    if (!error && !acknowledged) {
        tell_response(s, m, MESSAGE_RESPONSE);
    }
    if (s->session != NULL) {
        session_response_ended(s->track, s->session, &s->frame);
    }
}

static bool take_prelogin_response(const sighting_t *s, const tds_message_t *m)
{
    prelogin_t prelogin;
    if (connection_is_past_login(&s->track->connection) || m->broken || !prelogin_parse(m->content, &prelogin)) {
        return false;
    }
    prelogin_from_server(s, &prelogin);
    tell_response(s, m, MESSAGE_PRELOGIN_RESPONSE);
    return true;
}

static void take_response(const sighting_t *s, const tds_message_t *m)
{
    track_t *track = s->track;
    if (m->header.spid != 0 && track->spid == 0) {
        track->spid = m->header.spid;
        track->spid_frame = s->frame.number;
    }
    if (take_prelogin_response(s, m)) {
        return;
    }
    if (track->times[TIME_LOGIN].begun != 0 && track->times[TIME_LOGIN].frame == 0) {
        track_end(track, TIME_LOGIN, &s->frame);
        track_begin(track, TIME_AUTH, s->frame.at);
    }
    response_t response;
    response_read(m->broken ? span_none() : m->content, m->total, response_format(track), &response);
    note_response(s, &response);
    if (connection_is_past_login(&track->connection) || !tell_login_response(s, m, &response)) {
        tell_command_response(s, m, &response);
    }
}

/* }}} */

/* TLS. {{{ */

static tls_side_t *tls_side_of(track_t *track, sender_t sender)
{
    return sender == SENDER_SERVER ? &track->tls_server : &track->tls_client;
}

static void note_client_hello(const sighting_t *s, span_t body)
{
    tls_hello_t hello;
    if (tls_client_hello_parse(body, &hello)) {
        track_fact_bytes(s->track, FACT_TLS_SNI, s->frame.number, hello.sni);
        track_fact_bytes(s->track, FACT_TLS_ALPN, s->frame.number, hello.alpn);
        s->track->tls_offered = hello.version;
        track_fact_string(s->track, FACT_TLS_OFFERED, s->frame.number, tls_version_name(hello.version));
    }
    track_begin(s->track, TIME_TLS, s->frame.at);
    if (s->track->start_frame == 0) {
        s->track->start_frame = s->frame.number;
    }
    track_begin(s->track, TIME_TOTAL, s->frame.at);
}

/* Wireshark's list of cipher suites is not exported, but its field has it. */
static const char *cipher_name(guint16 cipher)
{
    const header_field_info *field = proto_registrar_get_byname("tls.handshake.ciphersuite");
    bool listed = field != NULL && field->strings != NULL && (field->display & BASE_EXT_STRING) != 0;
    const char *name = listed ? try_val_to_str_ext(cipher, (value_string_ext *)(guintptr)field->strings) : NULL;
    return name != NULL ? name : "unknown";
}

static void note_server_hello(const sighting_t *s, span_t body)
{
    tls_hello_t hello;
    s->track->server_hello = TRUE;
    if (tls_server_hello_parse(body, &hello) && !hello.retry) {
        s->track->tls_version = hello.version;
        track_fact_string(s->track, FACT_TLS_VERSION, s->frame.number, tls_version_name(hello.version));
        if (hello.cipher != 0) {
            const char *cipher = cipher_name(hello.cipher);
            s->track->overhead = tls_overhead(cipher, hello.version);
            track_fact_string(s->track, FACT_TLS_CIPHER, s->frame.number, cipher);
        }
    }
}

static void note_name(const sighting_t *s, fact_id_t id, const tls_name_t *name, const char *remark)
{
    gint length = (gint)name->text.length;
    if (length == 0) {
        return;
    }
    char *text = name->wide ? (char *)get_ucs_2_string(NULL, name->text.at, length & ~1, ENC_BIG_ENDIAN)
                            : (char *)get_utf_8_string(NULL, name->text.at, length);
    bool fallback = id == FACT_TLS_CERTIFICATE && strcmp(text, "SSL_Self_Signed_Fallback") == 0;
    char *line = g_strdup_printf("%s%s", text, fallback ? " (SQL Server's self-signed fallback)" : remark);
    track_fact_string(s->track, id, s->frame.number, line);
    g_free(line);
    wmem_free(NULL, text);
}

static void note_certificate(const sighting_t *s, span_t body)
{
    tls_certificate_t certificate;
    if (tls_certificate_parse(body, &certificate)) {
        s->track->certificate_seen = TRUE;
        s->track->self_issued = certificate.self_issued;
        note_name(s, FACT_TLS_CERTIFICATE, &certificate.subject, certificate.self_issued ? " (self-signed)" : "");
        note_name(s, FACT_TLS_ISSUER, &certificate.issuer, "");
    }
}

/* The message that a clear handshake message is, for its sender. */
static message_t take_handshake(const sighting_t *s, const tls_handshake_t *handshake)
{
    tls_side_t *side = tls_side_of(s->track, s->frame.sender);
    switch (handshake->type) {
    case TLS_CLIENT_HELLO:
        note_client_hello(s, handshake->body);
        return MESSAGE_CLIENT_HELLO;
    case TLS_SERVER_HELLO:
        note_server_hello(s, handshake->body);
        return MESSAGE_SERVER_HELLO;
    case TLS_CERTIFICATE:
        if (s->frame.sender == SENDER_SERVER) {
            note_certificate(s, handshake->body);
        }
        return MESSAGE_TLS_OTHER;
    case TLS_CLIENT_KEY_EXCHANGE:
        side->finished = TRUE;
        return MESSAGE_CLIENT_KEY;
    default:
        return MESSAGE_TLS_OTHER;
    }
}

/* The end of one side's handshake is told once: by the client's key exchange, else by its Finished. */
static message_t take_finished(const sighting_t *s)
{
    tls_side_t *side = tls_side_of(s->track, s->frame.sender);
    bool told = side->finished;
    side->finished = TRUE;
    if (s->frame.sender == SENDER_SERVER) {
        track_end(s->track, TIME_TLS, &s->frame);
    }
    return told ? MESSAGE_TLS_OTHER : s->frame.sender == SENDER_SERVER ? MESSAGE_SERVER_FINISHED : MESSAGE_CLIENT_KEY;
}

/* One flight of TLS in a frame is one message: what has a name of its own names it. */
static mark_t *tell_tls(const sighting_t *s, message_t message)
{
    track_t *track = s->track;
    const annotation_t *annotation = track_annotate(track, &s->frame);
    for (guint32 i = 0; i < annotation->mark_count; i++) {
        mark_t *mark = track_mark_at(track, annotation->first_mark + i);
        if (mark->kind != MARK_TLS) {
            continue;
        }
        if (mark->message == MESSAGE_TLS_OTHER && message != MESSAGE_NONE) {
            mark->message = MESSAGE_NONE;
        } else if (mark->message != MESSAGE_NONE && message == MESSAGE_TLS_OTHER) {
            message = MESSAGE_NONE;
        }
    }
    return message == MESSAGE_NONE ? track_mark_still(track, &s->frame, MARK_TLS, MESSAGE_NONE, MESSAGE_NONE)
                                   : track_tell(track, &s->frame, MARK_TLS, message);
}

/* A second ClientHello comes in clear behind a ChangeCipherSpec that means nothing (RFC 8446 D.4): it fills its
 * record, which an encrypted message does by accident only. */
static bool is_clear_hello(span_t body)
{
    reader_t r = reader_of(body);
    tls_handshake_t handshake;
    return tls_handshake_next(&r, &handshake) && handshake.whole && r.left == 0 &&
           (handshake.type == TLS_CLIENT_HELLO || handshake.type == TLS_SERVER_HELLO);
}

static void take_handshake_record(const sighting_t *s, const tls_record_t *record)
{
    const tls_side_t *side = tls_side_of(s->track, s->frame.sender);
    if (side->ciphered && !is_clear_hello(record->body)) {
        tell_tls(s, take_finished(s))->of.tls.record = record->type;
        return;
    }
    guint8 types[MARK_TLS_MESSAGES];
    guint8 count = 0;
    message_t message = MESSAGE_TLS_OTHER;
    reader_t r = reader_of(record->body);
    tls_handshake_t handshake;
    while (tls_handshake_next(&r, &handshake)) {
        message_t told = take_handshake(s, &handshake);
        message = told == MESSAGE_TLS_OTHER ? message : told;
        if (count < MARK_TLS_MESSAGES) {
            types[count++] = handshake.type;
        }
    }
    mark_t *mark = tell_tls(s, message);
    mark->of.tls.record = record->type;
    mark->of.tls.count = count;
    memcpy(mark->of.tls.handshake, types, count);
}

static void progress_hidden(const sighting_t *s)
{
    if (s->track->hidden_records < PROGRESS_HIDDEN) {
        s->track->hidden_records++;
        track_progress(s->track, s->frame.sender, message_row(MESSAGE_ENCRYPTED)->code);
    }
}

/* Encrypted data that moves nothing. */
static mark_t *tell_hidden(const sighting_t *s, message_t step_like)
{
    return track_mark_still(s->track, &s->frame, MARK_TLS, MESSAGE_ENCRYPTED, step_like);
}

/* Of the client, after the handshake. */
static mark_t *tell_hidden_login(const sighting_t *s)
{
    track_t *track = s->track;
    if (track->strict && track->hidden_records == 0) {
        progress_hidden(s);
        return tell_hidden(s, MESSAGE_PRELOGIN);
    }
    track->hidden_records = 0;
    login_begins(s);
    links_find_ticket(track);
    mark_t *mark = track_tell(track, &s->frame, MARK_TLS, MESSAGE_LOGIN7_ENCRYPTED);
    mark->flags = s->reassembled ? MARK_REASSEMBLED : 0;
    mark->exchange = exchange_new(s, &track->lane);
    return mark;
}

/* After the login went out. */
static mark_t *tell_hidden_data(const sighting_t *s)
{
    track_t *track = s->track;
    if (s->frame.sender == SENDER_SERVER && track->times[TIME_LOGIN].begun != 0) {
        track_end(track, TIME_LOGIN, &s->frame);
    }
    progress_hidden(s);
    return track_mark(track, &s->frame, MARK_TLS, MESSAGE_ENCRYPTED);
}

/* TLS 1.3 hides the type of its records: what is too short for TDS and SMP is an alert. */
static bool is_hidden_alert(const track_t *track, guint32 length)
{
    return track->tls_version == TLS_VERSION_1_3 && track->overhead.known &&
           length < TLS_RECORD_HEADER_LENGTH + track->overhead.least + TDS_HEADER_LENGTH;
}

/* Encrypted records are named only by their place: the first of the client's after the handshake is its login, in
 * TDS 8.0 the second, and in TLS 1.3 the end of the handshake itself looks like one of them. */
static void take_encrypted(const sighting_t *s, guint32 length)
{
    track_t *track = s->track;
    bool client = s->frame.sender == SENDER_CLIENT;
    position_t position = track->connection.position;
    mark_t *mark;
    if (track->tls_version == TLS_VERSION_1_3 && !tls_side_of(track, s->frame.sender)->finished) {
        mark = tell_tls(s, take_finished(s));
    } else if (is_hidden_alert(track, length)) {
        mark = track_mark(track, &s->frame, MARK_TLS, MESSAGE_TLS_ALERT);
    } else if (position >= POSITION_HELLO && position <= POSITION_SECURED) {
        mark = client ? tell_hidden_login(s) : tell_hidden(s, track->hidden_records > 0 ? MESSAGE_PRELOGIN : MESSAGE_NONE);
    } else if (position == POSITION_LOGIN && client) {
        mark = tell_hidden(s, MESSAGE_LOGIN7);
    } else {
        mark = tell_hidden_data(s);
    }
    mark->of.tls.record = TLS_APPLICATION_DATA;
    if (track->times[TIME_LOGIN].begun != 0 && track->overhead.known && mark->message != MESSAGE_TLS_ALERT) {
        hidden_add(&track->hidden, s->frame.sender, s->frame.number, s->frame.at, length, track->overhead);
        track_judge_hidden(track);
    }
}

/* Level and description stand in clear until the sender's ChangeCipherSpec. */
static void note_alert(const sighting_t *s, const tls_record_t *record)
{
    reader_t r = reader_of(record->body);
    guint8 level = read_u8(&r);
    guint8 alert = read_u8(&r);
    bool clear = r.ok && r.left == 0 && !tls_side_of(s->track, s->frame.sender)->ciphered;
    s->track->alert_level = clear ? level : 0;
    s->track->alert = clear ? alert : 0;
}

static void take_tls_record(const sighting_t *s, const tls_record_t *record)
{
    tls_side_t *side = tls_side_of(s->track, s->frame.sender);
    switch (record->type) {
    case TLS_HANDSHAKE:
        take_handshake_record(s, record);
        break;
    case TLS_CHANGE_CIPHER_SPEC:
        side->ciphered = TRUE;
        tell_tls(s, MESSAGE_TLS_OTHER)->of.tls.record = record->type;
        break;
    case TLS_ALERT:
        note_alert(s, record);
        track_mark(s->track, &s->frame, MARK_TLS, MESSAGE_TLS_ALERT)->of.tls.record = record->type;
        break;
    default:
        take_encrypted(s, record->length);
        break;
    }
}

/* Whether a TDS packet wraps TLS: a record starts here, or goes on from the packet before. */
static bool wraps_tls(const sighting_t *s, const tds_header_t *header, span_t payload)
{
    if (s->track->inside_tls || (header->type != TDS_PRELOGIN && header->type != TDS_RESPONSE)) {
        return false;
    }
    tls_record_t record;
    bool pending = tls_side_of(s->track, s->frame.sender)->records.length > 0;
    bool handshaking = !connection_is_past_login(&s->track->connection);
    return handshaking && (pending || tls_record_parse(payload, &record));
}

/* Takes the whole records off what there is of a side's TLS. Returns how many bytes they are. */
static size_t take_records(const sighting_t *s, span_t joined, bool broken)
{
    size_t used = 0;
    tls_record_t record;
    while (tls_record_parse(span_part(joined, used, joined.length), &record)) {
        bool whole = used + record.length <= joined.length;
        if (!whole && !broken) {
            break;
        }
        take_tls_record(s, &record);
        used += whole ? record.length : joined.length - used;
    }
    bool hopeless = joined.length - used >= TLS_RECORD_HEADER_LENGTH &&
                    !tls_record_parse(span_part(joined, used, joined.length), &record);
    return hopeless ? joined.length : used;
}

static void note_wrapped(const sighting_t *s, span_t records)
{
    repair_t repair = {.length = (guint32)records.length};
    if (records.length > 0) {
        repair.tls = (const guint8 *)wmem_memdup(wmem_file_scope(), records.at, records.length);
    }
    note_repair(s, repair);
}

static void take_wrapped_tls(const sighting_t *s, const tds_header_t *header, span_t payload)
{
    tls_side_t *side = tls_side_of(s->track, s->frame.sender);
    assembly_t *records = &side->records;
    bool was_split = side->split;
    assembly_add(records, payload, header->length - TDS_HEADER_LENGTH, WRAPPED_TLS_LIMIT);
    span_t joined = span_of(records->bytes, records->length);
    size_t used = take_records(s, joined, records->broken);
    bool rest = used < joined.length;
    side->split = rest && (was_split || (header->status & TDS_EOM) != 0);
    if (header->type == TDS_RESPONSE || was_split || side->split) {
        note_wrapped(s, span_part(joined, 0, used));
    }
    if (used == 0) { /* nothing ends in this packet */
        track_mark_still(s->track, &s->frame, MARK_TLS, MESSAGE_NONE, MESSAGE_NONE)->of.tls.record = TLS_HANDSHAKE;
    }
    if (rest) {
        memmove(records->bytes, records->bytes + used, joined.length - used);
        records->length = (guint32)(joined.length - used);
    } else {
        assembly_clear(records);
    }
}

/* }}} */

/* TDS packets. {{{ */

typedef void (*message_taker_t)(const sighting_t *s, const tds_message_t *m);

static const struct {
    message_taker_t take;
    guint32 limit;     /* bytes of the message that are wanted */
    message_t message; /* what a packet that does not end it belongs to */
} takers[] = {
    [TDS_SQL_BATCH] = {take_command, 0, MESSAGE_SQL_BATCH},
    [TDS_OLD_LOGIN] = {take_old_login, LOGIN_LIMIT, MESSAGE_OLD_LOGIN},
    [TDS_RPC] = {take_command, 0, MESSAGE_RPC},
    [TDS_RESPONSE] = {take_response, RESPONSE_LIMIT, MESSAGE_RESPONSE},
    [TDS_ATTENTION] = {take_attention, 0, MESSAGE_ATTENTION},
    [TDS_BULK_LOAD] = {take_command, 0, MESSAGE_BULK_LOAD},
    [TDS_FEDAUTH_TOKEN] = {take_fedauth_token, 8, MESSAGE_FEDAUTH_TOKEN},
    [TDS_TRANSACTION] = {take_command, 0, MESSAGE_TRANSACTION},
    [TDS_5_NORMAL] = {take_command, 0, MESSAGE_SQL_BATCH},
    [TDS_LOGIN7] = {take_login7, LOGIN_LIMIT, MESSAGE_LOGIN7},
    [TDS_SSPI] = {take_sspi, LOGIN_LIMIT, MESSAGE_SSPI_CLIENT},
    [TDS_PRELOGIN] = {take_prelogin, LOGIN_LIMIT, MESSAGE_PRELOGIN},
};

static assembly_t *message_assembly(lane_t *lane, sender_t sender)
{
    return sender == SENDER_SERVER ? &lane->server_message : &lane->client_message;
}

/* A packet that ends no message. */
static void take_packet(const sighting_t *s, lane_t *lane, const tds_header_t *header, bool continued)
{
    mark_t *mark = track_mark_still(s->track, &s->frame, MARK_TDS, MESSAGE_NONE, takers[header->type].message);
    mark_packet(s, mark, header, continued);
    if (header->type == TDS_RESPONSE) {
        exchange_response(s, lane, mark);
    }
}

/* A packet that is not the first of its message, met where none was begun: its beginning was not captured. */
static bool starts_in_the_middle(const assembly_t *assembly, const tds_header_t *header)
{
    return !assembly->open && header->type == TDS_RESPONSE && header->packet_id > 1;
}

/* Only what a login is read from matters. */
static void note_truncated(const sighting_t *s, const tds_message_t *m, guint32 limit)
{
    track_t *track = s->track;
    bool cut = m->content.length < MIN(m->total, limit) && !m->broken;
    if (cut && !connection_is_past_login(&track->connection) && !diagnosed(track, DIAGNOSIS_TRUNCATED)) {
        diagnose(track, s->frame.number, DIAGNOSIS_TRUNCATED,
                 "%u of %u bytes of a login message are in the capture: its snap length cut the rest",
                 (guint)m->content.length, m->total);
    }
}

static void take_tds_packet(const sighting_t *s, lane_t *lane, const tds_header_t *header, span_t payload)
{
    guint32 reported = header->length - TDS_HEADER_LENGTH;
    assembly_t *assembly = message_assembly(lane, s->frame.sender);
    bool ends = (header->status & TDS_EOM) != 0 || header->type == TDS_ATTENTION;
    bool continued = assembly->open;
    if (starts_in_the_middle(assembly, header)) {
        assembly->broken = TRUE;
    }
    if (!ends || continued || assembly->broken) {
        assembly->open = TRUE;
        assembly_add(assembly, payload, reported, takers[header->type].limit);
    }
    if (!ends) {
        take_packet(s, lane, header, continued);
        return;
    }
    tds_message_t message = {
        .lane = lane,
        .header = *header,
        .content = assembly->open ? span_of(assembly->bytes, assembly->length) : payload,
        .total = assembly->open ? assembly->total : reported,
        .broken = assembly->broken && continued,
        .tail = payload,
        .continued = continued,
    };
    note_truncated(s, &message, takers[header->type].limit);
    takers[header->type].take(s, &message);
    assembly_clear(assembly);
}

/* Who sent a packet, when no SYN told who is who. */
static sender_t sender_by_packet(const tds_header_t *header, span_t payload)
{
    sender_t sender = tds_type_sender(header->type);
    if (sender != SENDER_UNKNOWN) {
        return sender;
    }
    bool server_hello = payload.length > TLS_RECORD_HEADER_LENGTH && payload.at[0] == TLS_HANDSHAKE &&
                        payload.at[TLS_RECORD_HEADER_LENGTH] == TLS_SERVER_HELLO;
    return server_hello ? SENDER_SERVER : SENDER_CLIENT;
}

static void take_tds_unit(sighting_t *s, lane_t *lane, span_t bytes)
{
    tds_header_t header;
    if (!tds_header_parse(bytes, &header) || !tds_header_plausible(bytes)) {
        return;
    }
    span_t payload = span_part(bytes, TDS_HEADER_LENGTH, header.length - TDS_HEADER_LENGTH);
    if (wraps_tls(s, &header, payload)) {
        take_wrapped_tls(s, &header, payload);
        return;
    }
    sender_t by_type = tds_type_sender(header.type);
    if (by_type != SENDER_UNKNOWN && by_type != s->frame.sender) { /* nobody but that peer sends this */
        mark_packet(s, track_mark_still(s->track, &s->frame, MARK_TDS, MESSAGE_NONE, MESSAGE_NONE), &header, FALSE);
        return;
    }
    take_tds_packet(s, lane, &header, payload);
}

/* }}} */

/* MARS. {{{ */

static assembly_t *lane_bytes(lane_t *lane, sender_t sender)
{
    return sender == SENDER_SERVER ? &lane->server_bytes : &lane->client_bytes;
}

/* The TDS packets in the data of a session: usually one a DATA packet, but nothing in MC-SMP says so. */
static void take_session_bytes(sighting_t *s, lane_t *lane, span_t data, guint32 reported)
{
    assembly_t *bytes = lane_bytes(lane, s->frame.sender);
    bool joined = bytes->length > 0;
    if (joined) {
        assembly_add(bytes, data, reported, TDS_HEADER_LENGTH + 0x10000);
        data = span_of(bytes->bytes, bytes->length);
    }
    size_t used = 0;
    while (tds_header_plausible(span_part(data, used, TDS_HEADER_LENGTH))) {
        span_t rest = span_part(data, used, data.length);
        tds_header_t header;
        if (!tds_header_parse(rest, &header) || (header.length > rest.length && data.length >= reported)) {
            break;
        }
        take_tds_unit(s, lane, span_part(rest, 0, header.length));
        used += header.length;
    }
    span_t left = span_part(data, used, data.length);
    bool keep = tds_header_plausible(left) || (left.length > 0 && left.length < 4);
    assembly_t next = {0};
    if (keep) {
        assembly_add(&next, left, (guint32)left.length, TDS_HEADER_LENGTH + 0x10000);
    }
    assembly_clear(bytes);
    *bytes = next;
}

static void take_smp_unit(sighting_t *s, span_t bytes, guint32 reported)
{
    smp_header_t header;
    if (!smp_header_parse(bytes, &header)) {
        return;
    }
    s->session = session_take(s->track, &s->frame, &header);
    if (reported > SMP_HEADER_LENGTH) {
        take_session_bytes(s, &s->session->lane, span_part(bytes, SMP_HEADER_LENGTH, bytes.length),
                           reported - SMP_HEADER_LENGTH);
    }
}

/* }}} */

/* Where the unit begins that ends in this frame. */
static guint32 sighting_begin(sighting_t *s, track_t *track, const packet_info *pinfo)
{
    s->track = track;
    s->frame = track_frame(track, pinfo);
    (void)track_annotate(track, &s->frame);
    guint32 first = track_unit_begin(track, &s->frame);
    s->first = s->frame;
    s->offset = 0;
    s->session = NULL;
    s->reassembled = FALSE;
    if (first != 0) {
        const annotation_t *annotation = track_annotation_at(track, first - 1);
        s->first.number = annotation->frame;
        s->first.at = annotation->at;
        s->reassembled = annotation->frame != s->frame.number;
    }
    return first;
}

static sender_t sender_by_unit(const unit_t *unit, span_t bytes, const packet_info *pinfo)
{
    tds_header_t header = {0};
    if (unit->kind == UNIT_TDS && tds_header_parse(bytes, &header)) {
        return sender_by_packet(&header, span_part(bytes, TDS_HEADER_LENGTH, bytes.length));
    }
    if (unit->kind == UNIT_SMP && bytes.length >= SMP_HEADER_LENGTH + TDS_HEADER_LENGTH) {
        sender_t sender = tds_type_sender(bytes.at[SMP_HEADER_LENGTH]);
        if (sender != SENDER_UNKNOWN) {
            return sender;
        }
    }
    return pinfo->srcport > pinfo->destport ? SENDER_CLIENT : SENDER_SERVER; /* nothing else to go by */
}

void sightings_unit(track_t *track, packet_info *pinfo, span_t bytes, guint32 reported, guint32 offset)
{
    unit_t unit = unit_at(bytes);
    track_set_sender(track, pinfo, sender_by_unit(&unit, bytes, pinfo));
    sighting_t s;
    guint32 first = sighting_begin(&s, track, pinfo);
    s.offset = offset;
    tls_record_t record;
    switch (unit.kind) {
    case UNIT_TDS:
        take_tds_unit(&s, &track->lane, bytes);
        break;
    case UNIT_SMP:
        take_smp_unit(&s, bytes, reported);
        break;
    case UNIT_TLS:
        if (tls_record_parse(bytes, &record)) {
            take_tls_record(&s, &record);
        }
        break;
    case UNIT_NONE:
        break;
    }
    track_unit_end(track, first, &s.frame);
}

void sightings_encrypted(track_t *track, packet_info *pinfo, guint32 length)
{
    track_set_sender(track, pinfo, pinfo->srcport > pinfo->destport ? SENDER_CLIENT : SENDER_SERVER);
    sighting_t s;
    guint32 first = sighting_begin(&s, track, pinfo);
    take_encrypted(&s, length);
    track_unit_end(track, first, &s.frame);
}

void sightings_gap(track_t *track, packet_info *pinfo)
{
    sender_t sender = track_sender(track, pinfo);
    assembly_clear(message_assembly(&track->lane, sender));
    assembly_clear(&tls_side_of(track, sender)->records);
    sessions_gap(track, sender);
    track->gap = TRUE;
    frame_t frame = track_frame(track, pinfo);
    diagnoses_judge(track, &frame, MESSAGE_NONE, &track->connection);
}
