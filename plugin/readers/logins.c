/* logins.c - LOGIN7, the older login, SSPI and federated tokens.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "readers/pdu.h"

#include "core/characters.h"
#include "core/kerberos.h"
#include "core/login7.h"
#include "core/sspi.h"
#include "judge/advance.h"
#include "memory/evidence.h"
#include "memory/facts.h"
#include "memory/times.h"
#include "wire/names.h"

static void note_ntlm(const pdu_t *s, const ntlm_t *ntlm)
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
    if (ntlm->nt_response_length >= NTLM_V1_RESPONSE_LENGTH) { /* an anonymous AUTHENTICATE has none */
        track_fact_string(s->track, FACT_NTLM_VERSION, s->frame.number, s->track->ntlm_v1 ? "NTLMv1" : "NTLMv2");
    }
    if (ntlm->bindings_reported) {
        const char *filled = ntlm->channel_bindings_zero ? "zero" : "present";
        track_fact_string(s->track, FACT_NTLM_BINDING, s->frame.number, ntlm->has_channel_bindings ? filled : "absent");
    }
    bool local = s->track->ntlm_local && !ntlm->says_anonymous; /* no names are sent: both sides are on one machine */
    track_fact_flag(s->track, FACT_NTLM_ANONYMOUS, s->frame.number, ntlm->anonymous && !local);
}

static void note_kerberos(const pdu_t *s, const kerberos_t *kerberos)
{
    char room[KERBEROS_NAME_LIMIT];
    span_t spn = kerberos_service_name(kerberos, room);
    s->track->ticket_seen = s->track->ticket_seen || spn.length > 0;
    track_fact_bytes(s->track, FACT_KERBEROS_SPN, s->frame.number, spn);
    track_fact_bytes(s->track, FACT_KERBEROS_REALM, s->frame.number, kerberos->realm);
}

/* Raises a finding if the server refuses the client's token, with a KRB-ERROR or a SPNEGO reject. */
static void note_refusal(const pdu_t *s, const sspi_t *sspi)
{
    track_t *track = s->track;
    bool kerberos = sspi->kind == SSPI_KERBEROS_ERROR;
    if (s->frame.sender != SENDER_SERVER || !(kerberos || sspi->rejected) ||
        diagnosed(track, DIAGNOSIS_TOKEN_REFUSED)) {
        return;
    }
    track->token_refused = true;
    const char *spn = track_fact_text(track, FACT_KERBEROS_SPN);
    if (!kerberos) {
        diagnose(track, s->frame.number, DIAGNOSIS_TOKEN_REFUSED, "SPNEGO reject, in answer to the client's %s token",
                 name_of(track_auth(track).auth, auth_names));
        return;
    }
    guint32 error = sspi->kerberos.error;
    const char *meaning = kerberos_error_meaning(error);
    track_fact_number(track, FACT_KERBEROS_ERROR, s->frame.number, error);
    diagnose(track, s->frame.number, DIAGNOSIS_TOKEN_REFUSED, "%s (%u)%s%s%s%s", kerberos_error_name(error), error,
             spn != NULL ? " for " : "", spn != NULL ? brief(spn).text : "", meaning != NULL ? ": " : "",
             meaning != NULL ? meaning : "");
}

/* Reads a token inside LOGIN7, SSPI or a response: notes evidence and names, and adds its message. Returns that
 * message, or MESSAGE_NONE. */
static message_t read_token(const pdu_t *s, span_t token)
{
    static const message_t messages[] = {
        [SSPI_NTLM_NEGOTIATE] = MESSAGE_NTLM_NEGOTIATE,       [SSPI_NTLM_CHALLENGE] = MESSAGE_NTLM_CHALLENGE,
        [SSPI_NTLM_AUTHENTICATE] = MESSAGE_NTLM_AUTHENTICATE, [SSPI_KERBEROS_AP_REQ] = MESSAGE_KERBEROS_AP_REQ,
        [SSPI_KERBEROS_AP_REP] = MESSAGE_KERBEROS_AP_REP,     [SSPI_SPNEGO] = MESSAGE_NONE,
    };
    sspi_t sspi;
    if (!sspi_parse(token, &sspi)) {
        return MESSAGE_NONE;
    }
    auth_evidence_t evidence = track_evidence(s->track);
    auth_note_sspi(&evidence, sspi.kind, sspi.spnego, s->frame.number);
    track_keep_evidence(s->track, &evidence);
    s->track->ntlm_local = s->track->ntlm_local || sspi.ntlm.local_call;
    if (sspi.kind == SSPI_NTLM_AUTHENTICATE) {
        note_ntlm(s, &sspi.ntlm);
    }
    note_kerberos(s, &sspi.kerberos);
    note_refusal(s, &sspi);
    message_t message = messages[sspi.kind];
    if (message != MESSAGE_NONE) {
        pdu_content(s, message);
    }
    return message;
}

/* A token and its message get one code in tdsconn.progress: NC for a CHALLENGE, SR for another answer. */
void report_sspi(const pdu_t *s, const tds_message_t *m, message_t carrier, span_t token)
{
    entry_t *entry = advance_entry(s->track, &s->frame, ENTRY_TDS, carrier);
    pdu_fill_entry(s, entry, &m->header, m->continued)->flags |= ENTRY_SSPI_TOKEN;
    if (carrier == MESSAGE_SSPI_CLIENT) {
        entry->exchange = exchange_new(s, m->channel);
    } else {
        exchange_response(s, m->channel, entry);
    }
    message_t content = read_token(s, token);
    bool has_code = content != MESSAGE_NONE && message_row(content)->code[0] != '\0';
    progress_add(s->track, s->frame.sender, has_code ? content : carrier);
}

void login_starts(const pdu_t *s)
{
    track_begin(s->track, TIME_TOTAL, &s->frame);
    if (s->track->login->start_frame == 0) {
        track_login(s->track)->start_frame = s->frame.number;
    }
}

void login_begins(const pdu_t *s)
{
    if (s->track->login->turn_to == 0) {
        track_login(s->track)->turn_from = s->track->server.tcp->last_words;
        track_login(s->track)->turn_to = s->first.number;
    }
    track_begin(s->track, TIME_LOGIN, &s->frame);
    login_starts(s);
}

static void note_fedauth(const pdu_t *s, const fedauth_feature_t *fedauth)
{
    static const char *const libraries[FEDAUTH_LIBRARY_LIMIT] = {"Live ID", "Security token", "ADAL/MSAL"};
    static const char *const workflows[] = {NULL, "user and password", "integrated", "interactive or managed identity"};
    track_t *track = s->track;
    track_note_evidence(track, EVIDENCE_FEDAUTH_FEATURE, s->frame.number);
    if (fedauth->library < G_N_ELEMENTS(libraries)) {
        track_fact_string(track, FACT_ENTRA_LIBRARY, s->frame.number, libraries[fedauth->library]);
    }
    if (fedauth->library == FEDAUTH_ADAL && fedauth->workflow < G_N_ELEMENTS(workflows)) {
        track_fact_string(track, FACT_ENTRA_WORKFLOW, s->frame.number, workflows[fedauth->workflow]);
    }
    if (fedauth->library == FEDAUTH_SECURITY_TOKEN && fedauth->has_length) {
        track_fact_number(track, FACT_ENTRA_TOKEN, s->frame.number, fedauth->token_length);
    }
}

static void note_login_evidence(const pdu_t *s, const login7_t *login)
{
    if (login->fedauth.present) {
        note_fedauth(s, &login->fedauth);
    }
    if (!login->has_flags) {
        return;
    }
    if (login->integrated) {
        track_note_evidence(s->track, EVIDENCE_INTEGRATED, s->frame.number);
    } else if (!login->fedauth.present && (!login->has_extension || login->features_seen)) {
        track_note_evidence(s->track, EVIDENCE_PASSWORD, s->frame.number);
    }
}

static void note_login_names(const pdu_t *s, const login7_t *login)
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

/* Whether this is the rest of a LOGIN7 whose first packet alone was encrypted (MS-TDS 3.2.5.3). The packet number does
 * not show it, as some drivers begin with 0. A driver that sends its second token as LOGIN7 begins with the token. */
static bool is_login_tail(const pdu_t *s, span_t payload)
{
    const track_t *track = s->track;
    return track_alive(track)->position == POSITION_LOGIN && track->login->tls->login_inside &&
           !s->frame.units.inside_tls && !sspi_starts(payload);
}

void note_login_packet(const pdu_t *s, const tds_header_t *header, span_t payload)
{
    track_t *track = s->track;
    track_login(track)->login_packet = MAX(track->login->login_packet, header->length);
    if (s->frame.units.inside_tls) {
        track_tls(track)->login_inside = true;
        return;
    }
    if (!is_login_tail(s, payload)) {
        return;
    }
    if (track->login->hidden->login != NULL) {
        hidden_add_clear(track->login->hidden->login, header->length);
    }
    if (!diagnosed(track, DIAGNOSIS_LOGIN_TAIL_IN_CLEAR)) {
        diagnose(track, s->frame.number, DIAGNOSIS_LOGIN_TAIL_IN_CLEAR,
                 "LOGIN7 is longer than one packet: only its first packet is encrypted");
    }
}

static void note_login_flags(const pdu_t *s, const login7_t *login)
{
    const struct {
        fact_id_t id;
        bool set;
    } flags[] = {
        {FACT_READ_ONLY_INTENT, login->read_only_intent},
        {FACT_CHANGE_PASSWORD, login->change_password},
        {FACT_USER_INSTANCE_ASK, login->user_instance},
        {FACT_RECOVERY, login->session_recovery},
        {FACT_RECONNECT, login->reconnect},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(flags); i++) {
        track_fact_flag(s->track, flags[i].id, s->frame.number, flags[i].set);
    }
}

void note_features(const pdu_t *s, fact_id_t id, const feature_set_t *features)
{
    char text[FEATURE_NAME];
    wmem_strbuf_t *names = wmem_strbuf_new(NULL, "");
    unsigned feature = 0;
    while ((feature = feature_set_from(features, feature)) < FEATURE_TERMINATOR) {
        wmem_strbuf_append(names, wmem_strbuf_get_len(names) == 0 ? "" : FACT_LIST_BETWEEN);
        wmem_strbuf_append(names, feature_name((uint8_t)feature++, text));
    }
    if (features->cut && wmem_strbuf_get_len(names) > 0) {
        wmem_strbuf_append(names, FACT_LIST_BETWEEN ELLIPSIS);
    }
    track_fact_string(s->track, id, s->frame.number, wmem_strbuf_get_str(names));
    wmem_strbuf_destroy(names);
}

static void report_login7(const pdu_t *s, const tds_message_t *m, const login7_t *login)
{
    note_login_names(s, login);
    note_login_flags(s, login);
    note_features(s, FACT_FEATURES, &login->features);
    s->track->has_password = login->has_password;
    note_login_evidence(s, login);
    note_version(s->track, login->tds_version, false);
    login_begins(s);
    pdu_request(s, m, MESSAGE_LOGIN7);
    if (!s->frame.units.inside_tls && !s->track->login->tls->server_hello) {
        s->track->encryption = ENCRYPTION_NONE;
    }
    read_token(s, login->sspi);
}

/* So far the encrypted record counted as the whole login. But LOGIN7 ends in this packet, and its answer follows this
 * one. */
static void move_hidden_login(const pdu_t *s, entry_t *end)
{
    track_t *track = s->track;
    exchange_t *login = track_exchange(track, track->channel.exchange);
    const annotation_t *annotation = login == NULL ? NULL : track_annotation(track, login->request_frame);
    entry_t *begun = annotation == NULL ? NULL : track_entry_with(track, annotation, MESSAGE_LOGIN7_ENCRYPTED);
    if (begun == NULL || login->response_frame != 0) {
        return;
    }
    begun->message = MESSAGE_NONE;
    begun->exchange = 0;
    end->message = MESSAGE_LOGIN7_ENCRYPTED;
    end->exchange = track->channel.exchange;
    login->request_frame = s->frame.number;
    track_login(track)->last_client = instant_keep(instant_of(&s->frame));
    track->server_spoke_last = false;
    track_forget_time(track, TIME_LOGIN);
    track_begin(track, TIME_LOGIN, &s->frame);
}

/* Reads the rest of a login whose beginning is encrypted. */
static void read_login_tail(const pdu_t *s, const tds_message_t *m)
{
    move_hidden_login(s, pdu_without_message(s, &m->header, MESSAGE_LOGIN7, true));
}

void read_login7(const pdu_t *s, const tds_message_t *m)
{
    login7_t login;
    if (login7_parse(m->content, &login)) {
        report_login7(s, m, &login);
    } else if (sspi_starts(m->content)) { /* a driver that sends its second token as LOGIN7 */
        report_sspi(s, m, MESSAGE_SSPI_CLIENT, m->content);
    } else if (is_login_tail(s, m->tail)) {
        read_login_tail(s, m);
    } else if (m->content.length == m->total) { /* no LOGIN7 at all */
        pdu_without_message(s, &m->header, MESSAGE_LOGIN7, true);
    } else { /* cut before its version: only the packet type is there */
        login_begins(s);
        pdu_request(s, m, MESSAGE_LOGIN7);
    }
}

void read_old_login(const pdu_t *s, const tds_message_t *m)
{
    old_login_t login;
    if (!old_login_parse(m->content, &login)) {
        pdu_without_message(s, &m->header, MESSAGE_NONE, false);
        return;
    }
    track_t *track = s->track;
    track_fact_bytes(track, FACT_LOGIN_HOST, s->frame.number, login.host);
    track_fact_bytes(track, FACT_LOGIN_USER, s->frame.number, login.user);
    track_fact_bytes(track, FACT_LOGIN_APP, s->frame.number, login.app);
    track_fact_bytes(track, FACT_LOGIN_SERVER, s->frame.number, login.server);
    track_fact_bytes(track, FACT_LOGIN_LIBRARY, s->frame.number, login.library);
    track_note_evidence(track, EVIDENCE_OLD_LOGIN, s->frame.number);
    note_version(track, login.major == TDS_MAJOR_5_0 ? TDS_VERSION_5_0 : TDS_VERSION_4_2, false);
    track->encryption = ENCRYPTION_NONE;
    track->has_password = true;
    login_begins(s);
    pdu_request(s, m, MESSAGE_OLD_LOGIN);
}

void read_sspi(const pdu_t *s, const tds_message_t *m)
{
    report_sspi(s, m, MESSAGE_SSPI_CLIENT, m->content);
}

void read_fedauth_token(const pdu_t *s, const tds_message_t *m)
{
    reader_t r = reader_of(m->content);
    read_skip(&r, 4);
    guint32 length = read_u32le(&r);
    track_note_evidence(s->track, EVIDENCE_FEDAUTH_TOKEN, s->frame.number);
    if (r.ok) {
        track_fact_number(s->track, FACT_ENTRA_TOKEN, s->frame.number, length);
    }
    pdu_request(s, m, MESSAGE_FEDAUTH_TOKEN);
}
