/* responses.c - the server's answers to a login, a command or a cancel.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "readers/pdu.h"

#include <wsutil/to_str.h>

#include <stdio.h>

#include "compat.h"
#include "core/clauses.h"
#include "core/ends.h"
#include "core/errors.h"
#include "judge/advance.h"
#include "memory/evidence.h"
#include "memory/facts.h"
#include "memory/turns.h"
#include "memory/links.h"
#include "memory/sessions.h"
#include "memory/tickets.h"
#include "memory/times.h"
#include "memory/watch.h"
#include "wire/text.h"

/* A text of the response in file scope; NULL if it is empty. */
static const char *keep_text(const response_t *r, span_t text)
{
    const char *kept = (r->format.wide_text ? text_utf16 : text_utf8)(wmem_file_scope(), text);
    return kept[0] == '\0' ? NULL : kept;
}

static void note_text(const pdu_t *s, const response_t *r, fact_id_t id, span_t text)
{
    (r->format.wide_text ? track_fact_utf16 : track_fact_bytes)(s->track, id, s->frame.number, text);
}

static void note_errors(const pdu_t *s, const response_t *r)
{
    track_t *track = s->track;
    for (guint i = 0; i < MIN(r->error_count, RESPONSE_ERRORS); i++) {
        const error_token_t *error = &r->errors[i];
        if (!error->readable) { /* only the last can be cut */
            return;
        }
        error_record_t record = {
            .frame = s->frame.number,
            .number = error->number,
            .state = error->state,
            .class_ = error->class_,
            .has_line = error->has_line,
            .line = error->line,
            .message = keep_text(r, error->message),
            .server = keep_text(r, error->server),
        };
        frames_add(&track_seldom(track)->errors, &record, sizeof record);
        note_text(s, r, FACT_SERVER_NAME, error->server);
    }
}

static void login_ends(const pdu_t *s)
{
    track_t *track = s->track;
    auth_evidence_t evidence = track_evidence(track);
    if (!track->gap) {
        auth_settle(&evidence);
        track_keep_evidence(track, &evidence);
    }
    tickets_find(track);
    track_end(track, TIME_AUTH, &s->frame);
    track_end(track, TIME_TOTAL, &s->frame);
    if (track->login->confirm_frame == 0) {
        track_login(track)->confirm_frame = s->frame.number;
    }
}

/* If LOGINACK directly follows an encrypted LOGIN7, that must have held a password or a certificate. Notes nothing if
 * bytes may be missing. */
static void infer_from_loginack(const pdu_t *s, const response_t *r)
{
    track_t *track = s->track;
    bool login_known = track_alive(track)->position == POSITION_LOGIN && track->encryption == ENCRYPTION_LOGIN_ONLY;
    /* FEATUREEXTACK, which shows a federated token, follows LOGINACK. */
    bool token_cut = r->cut && (!track->client.prelogin || (track->client.fedauth && track->server.fedauth));
    bool offer_known = track_fact(track, FACT_ENCRYPT_CLIENT).frame != 0; /* it shows a client certificate */
    auth_evidence_t evidence = track_evidence(track);
    if (!login_known || !offer_known || track->gap || token_cut || auth_saw_token(&evidence) ||
        hidden_has_room_for_ticket(track->login->hidden->login)) { /* a ticket may need no answer */
        return;
    }
    bool certificate = (track->client.encrypt & ENCRYPT_CLIENT_CERT) != 0;
    track_note_evidence(track, certificate ? EVIDENCE_CERTIFICATE : EVIDENCE_PLAIN_LOGINACK, s->frame.number);
}

/* What the server set for the session, from the login on. */
static void note_session(const pdu_t *s, const response_t *r)
{
    const struct {
        fact_id_t id;
        span_t text;
    } settings[] = {
        {FACT_DATABASE, r->database},           {FACT_LANGUAGE, r->language},
        {FACT_PACKET_SIZE, r->packet_size},     {FACT_FAILOVER_PARTNER, r->mirror_partner},
        {FACT_USER_INSTANCE, r->user_instance},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(settings); i++) {
        note_text(s, r, settings[i].id, settings[i].text);
    }
    if (r->has_collation) {
        char text[11] = "";
        bytes_to_hexstr(text, r->collation, sizeof r->collation);
        track_fact_string(s->track, FACT_COLLATION, s->frame.number, text);
    }
}

static void note_routing(const pdu_t *s, const routing_token_t *routing)
{
    track_fact_utf16(s->track, FACT_ROUTING_HOST, s->frame.number, routing->host);
    track_fact_number(s->track, FACT_ROUTING_PORT, s->frame.number, routing->port);
    track_fact_number(s->track, FACT_ROUTING_BASIS, s->frame.number, BASIS_SEEN);
    track_fact_utf16(s->track, FACT_ROUTING_DATABASE, s->frame.number, routing->database);
    links_expect_redirect(s->track, &s->frame);
}

/* Shutdown is announced by INFO, which is no error and may be the server's last word, or by ERROR. */
static void note_ending(const pdu_t *s, const response_t *r)
{
    guint32 number = r->info;
    for (guint i = 0; i < MIN(r->error_count, RESPONSE_ERRORS); i++) {
        number = error_of_ending(r->errors[i].number) != NULL ? r->errors[i].number : number;
    }
    if (error_of_ending(number) != NULL) {
        track_seldom(s->track)->ending_frame = s->frame.number;
        track_seldom(s->track)->ending = number;
    }
}

static void note_response(const pdu_t *s, const response_t *r)
{
    track_t *track = s->track;
    note_errors(s, r);
    note_ending(s, r);
    note_text(s, r, FACT_SERVER_NAME, r->info_server);
    if (r->has_fedauthinfo) {
        track_note_evidence(track, EVIDENCE_FEDAUTHINFO, s->frame.number);
        track_seldom(track)->fedauthinfo_frame = s->frame.number;
        track_seldom(track)->fedauthinfo_at = s->frame.at;
        track_fact_utf16(track, FACT_ENTRA_STS, s->frame.number, r->fedauth_sts);
        track_fact_utf16(track, FACT_ENTRA_SPN, s->frame.number, r->fedauth_spn);
    }
    if (feature_set_has(&r->features, FEATURE_FEDAUTH)) {
        track_note_evidence(track, EVIDENCE_FEDAUTH_ACK, s->frame.number);
    }
    note_features(s, FACT_FEATURES_ACKED, &r->features);
    if (r->has_routing) {
        note_routing(s, &r->routing);
    }
    note_session(s, r);
    if (r->has_loginack) {
        note_version(track, r->loginack.tds_version, true);
        if (r->loginack.has_version) {
            note_server_version(track, s->frame.number, r->loginack.version);
        }
    }
}

/* Adds the entry of a response. `again`: another entry describes its packet already. */
static void report_response(const pdu_t *s, const tds_message_t *m, message_t message, bool again)
{
    exchange_t *exchange = exchange_answered(s, m->channel);
    if (exchange != NULL) {
        exchange->answered = true;
    }
    entry_t *entry = pdu_message(s, m, message);
    entry->flags |= again ? ENTRY_AGAIN : 0;
    exchange_response(s, m->channel, entry);
}

/* Wireshark 4.0 reads twice the length of an SSPI token. */
static void note_sspi_repair(const pdu_t *s, const tds_message_t *m, span_t token)
{
    if (COMPAT_TDS_MISREADS_SSPI && !m->continued && token.length > 0) {
        pdu_repair(s, (repair_t){.sspi_at = TDS_HEADER_LENGTH + (guint32)(token.at - m->content.at),
                                 .sspi_length = (guint32)token.length});
    }
}

/* Whether an error may refuse a login. At the beginning of a capture, or behind a hole, only errors that are known from
 * logins do: others may belong to a command. */
static bool may_refuse_login(const track_t *track, const response_t *r)
{
    position_t position = track_alive(track)->position;
    bool command_missed = track->connection.client.missed && track->connection.server.missed; /* and LOGINACK */
    bool nothing_seen = position == POSITION_START || position == POSITION_KEPT_ALIVE;
    bool login_seen = !nothing_seen && position != POSITION_MIDWAY_HIDDEN && !command_missed;
    for (guint i = 0; !login_seen && i < MIN(r->error_count, RESPONSE_ERRORS); i++) {
        login_seen = error_meaning(r->errors[i].number) != NULL;
    }
    return login_seen;
}

/* The parts of a response that answers a login. Returns whether there was any. */
static bool report_login_response(const pdu_t *s, const tds_message_t *m, const response_t *r)
{
    enum { ERROR_UNTRUSTED_DOMAIN = 18452, SQL_SERVER_2008 = 10 }; /* before it SQL logins met this error, too */
    bool reported = false;
    if (r->has_sspi) {
        report_sspi(s, m, MESSAGE_SSPI_SERVER, r->sspi);
        note_sspi_repair(s, m, r->sspi);
        reported = true;
    }
    if (r->has_fedauthinfo) {
        report_response(s, m, MESSAGE_FEDAUTHINFO, reported);
        reported = true;
    }
    if (r->has_loginack) {
        infer_from_loginack(s, r);
        login_ends(s);
        report_response(s, m, MESSAGE_LOGINACK, reported);
        reported = true;
    } else if (r->error_count > 0 && may_refuse_login(s->track, r)) {
        if (r->errors[0].number == ERROR_UNTRUSTED_DOMAIN && s->track->server_major >= SQL_SERVER_2008) {
            track_note_evidence(s->track, EVIDENCE_UNTRUSTED_DOMAIN, s->frame.number);
        }
        login_ends(s);
        report_response(s, m, MESSAGE_LOGIN_ERROR, reported);
        reported = true;
    }
    if (r->has_routing) {
        report_response(s, m, MESSAGE_ROUTING, reported);
        reported = true;
    }
    return reported;
}

static diagnosis_t rule_of_error(guint8 class)
{
    return class >= CLASS_OF_FATAL_ERRORS ? DIAGNOSIS_SQL_ERROR_FATAL : DIAGNOSIS_SQL_ERROR;
}

/* "error 1205 (a deadlock), state 45, class 13". `meaning`: NULL = not known. */
static const char *words_of_error(guint32 number, guint8 state, guint8 class, const char *meaning,
                                  char words[RULE_TEXT])
{
    snprintf(words, RULE_TEXT, "error %u%s%s%s, state %u, class %u", number, meaning != NULL ? " (" : "",
             meaning != NULL ? meaning : "", meaning != NULL ? ")" : "", state, class);
    return words;
}

/* A pooled connection is handed to a new user, and the server refuses its login. */
static bool refuses_reset(const exchange_t *exchange, guint32 error)
{
    enum { LOGIN_FAILED = 18456 };
    return exchange != NULL && exchange->pooled && error == LOGIN_FAILED;
}

/* What an error of a command means; NULL if that is not known. */
static const char *meaning_of(const error_token_t *error)
{
    const char *of_library = error_of_library(error->number, error->message);
    return of_library != NULL ? of_library : error_of_command(error->number);
}

/* The worst of the errors in a response to a command. */
static void note_sql_error(const pdu_t *s, const exchange_t *exchange, const response_t *r)
{
    const error_token_t *worst = NULL;
    for (guint i = 0; i < MIN(r->error_count, RESPONSE_ERRORS); i++) {
        if (worst == NULL || r->errors[i].class_ > worst->class_) {
            worst = &r->errors[i];
        }
    }
    if (worst != NULL && worst->class_ >= CLASS_OF_ERRORS) {
        char said[RULE_TEXT];
        bool reset = refuses_reset(exchange, worst->number);
        const char *meaning = reset ? error_meaning(worst->number) : meaning_of(worst);
        diagnose(s->track, s->frame.number, rule_of_error(worst->class_), "%s, the worst of %u%s",
                 words_of_error(worst->number, worst->state, worst->class_, meaning, said), r->error_count,
                 reset ? "; the pooled connection could not be reset for its new user" : "");
    }
}

/* The error counts as that of a command from now on. */
static void update_error(track_t *track, guint32 frame)
{
    const error_record_t *error =
        (const error_record_t *)frames_at(&track->seldom->errors, frames_from(&track->seldom->errors, frame), frame);
    if (error == NULL || error->class_ < CLASS_OF_ERRORS) {
        diagnosis_withdraw(track, DIAGNOSIS_LOGIN_REFUSED);
        return;
    }
    char text[RULE_TEXT];
    diagnosis_replace(track, DIAGNOSIS_LOGIN_REFUSED, rule_of_error(error->class_),
                      words_of_error(error->number, error->state, error->class_, error_explained(error->number), text));
}

/* Frames from the error on belong to commands. */
static void update_frames(track_t *track, guint32 frame)
{
    for (guint32 i = frames_from(&track->annotations, frame); i < track->annotations.count; i++) {
        annotation_t *annotation = track_annotation_at(track, i);
        annotation->step = annotation->step == STEP_CONFIRMATION ? STEP_COMMAND : annotation->step;
        for (guint32 j = 0; j < annotation->entry_count; j++) {
            entry_t *entry = track_entry_of(track, annotation, j);
            entry->message = entry->message == MESSAGE_LOGIN_ERROR ? MESSAGE_RESPONSE_ERROR : entry->message;
        }
    }
}

/* A linked server may refuse a login, too. Then the error is that of a command. */
void disprove_refusal(const pdu_t *s)
{
    track_t *track = s->track;
    if (track_alive(track)->position != POSITION_REFUSED || track_time(track, TIME_LOGIN)->begun != 0 ||
        track->login->start_frame != 0) {
        return;
    }
    guint32 frame = track->login->confirm_frame;
    connection_disprove_refusal(&track->connection);
    static const auth_evidence_t none;
    track_keep_evidence(track, &none);
    track_login(track)->confirm_frame = 0;
    progress_forget(track);
    progress_add(track, SENDER_SERVER, MESSAGE_RESPONSE_ERROR);
    update_error(track, frame);
    update_frames(track, frame);
}

/* Raises a slow acknowledgement of an ATTENTION, if the server sent nothing before it. */
static bool note_slow_acknowledgement(const pdu_t *s, const exchange_t *exchange)
{
    instant_t asked = exchange_cancel(exchange).sent;
    moment_t took = track_since(s->track, asked, instant_of(&s->first));
    if (exchange->response_frame <= asked.frame || took <= diagnoses_limit(LIMIT_SLOW_RESPONSE)) {
        return false;
    }
    diagnose(
        s->track, s->frame.number, DIAGNOSIS_SLOW_RESPONSE,
        "%s s to the acknowledgement of the ATTENTION in frame %u: the server was busy, as with a rollback, or did "
        "not see it",
        seconds(took).text, asked.frame);
    return true;
}

static void note_command_answer(const pdu_t *s, const channel_t *channel, const response_t *r)
{
    exchange_t *exchange = exchange_answered(s, channel);
    note_sql_error(s, exchange, r);
    if (exchange == NULL || exchange->answered) {
        return;
    }
    exchange->answered = true;
    exchange_t so_far = *exchange;
    if (so_far.response_frame == 0) {
        so_far.response_frame = s->first.number;
    }
    if (r->attention_ack && exchange_cancel(&so_far).sent.frame != 0 && note_slow_acknowledgement(s, &so_far)) {
        return;
    }
    moment_t took = track_response_time(s->track, &so_far);
    if (took > diagnoses_limit(LIMIT_SLOW_RESPONSE)) {
        char network[RULE_TEXT] = "", lost[RULE_TEXT];
        guint32 shown = 0;
        moment_t lost_for = watch_lost_for(s->track, SENDER_SERVER, s->first.number, instant_of(&s->first), &shown);
        if (exchange->sendings > 1) {
            snprintf(network, sizeof network,
                     ", of which %s s until the server acknowledged the request, sent %u times,",
                     seconds(moment_since(moment_kept(exchange->begun), moment_kept(exchange->arrived))).text,
                     exchange->sendings);
        }
        diagnose(s->track, s->frame.number, DIAGNOSIS_SLOW_RESPONSE,
                 "%s s%s to the first byte of the answer to frame %u%s", seconds(took).text, network,
                 exchange->request_frame, lost_words(lost_for, shown, lost));
    }
}

/* Reads the end of a response behind rows, which response_read does not pass. Needs all bytes of the last packet. */
static void read_end(const tds_message_t *m, response_t *r)
{
    guint16 status = 0;
    span_t end = m->content.length == m->total ? m->content : m->tail; /* packets may divide it anywhere */
    if (r->fully_read || m->tail.length + TDS_HEADER_LENGTH < m->header.length ||
        !response_final_done(end, r->format, &status)) {
        return;
    }
    r->attention_ack = r->attention_ack || (status & DONE_ATTN) != 0;
    if ((status & (DONE_ERROR | DONE_SRVERROR)) != 0 && r->error_count == 0) {
        r->done_error = true;
        response_read_behind_rows(end, r);
    }
}

static void report_command_response(const pdu_t *s, const tds_message_t *m, const response_t *r)
{
    bool acknowledged = r->attention_ack;
    bool error = r->error_count > 0 || r->done_error;
    exchange_t *exchange = exchange_answered(s, m->channel);
    if (exchange != NULL) {
        turns_response_begins(m->channel, exchange, &s->first);
    }
    note_command_answer(s, m->channel, r);
    if (error) {
        report_response(s, m, MESSAGE_RESPONSE_ERROR, false);
    }
    if (acknowledged) {
        exchange_acknowledged(s, m->channel);
        report_response(s, m, MESSAGE_ATTENTION_ACK, error);
    }
    if (!error && !acknowledged) {
        report_response(s, m, MESSAGE_RESPONSE, false);
    }
    turns_note_late(s->track, m->channel, &s->frame, acknowledged ? MESSAGE_ATTENTION_ACK : MESSAGE_RESPONSE);
    turns_response_ends(m->channel, exchange, &s->first, &s->frame);
    if (s->session != NULL) {
        session_response_ended(s->track, s->session, &s->frame);
    }
}

static bool read_prelogin_response(const pdu_t *s, const tds_message_t *m)
{
    if (connection_is_past_login(&s->track->connection) || m->headless || !read_prelogin_answer(s, m->content)) {
        return false;
    }
    report_response(s, m, MESSAGE_PRELOGIN_RESPONSE, false);
    return true;
}

/* The format of a response if neither login nor request tells it: the one by which it consists of whole tokens. */
static token_format_t format_by_trial(const tds_message_t *m)
{
    static const token_format_t formats[] = {
        {.wide_done = true, .wide_text = true}, {.wide_done = false, .wide_text = true}, {.wide_done = false}};
    for (gsize i = 0; i < G_N_ELEMENTS(formats) && m->content.length == m->total; i++) {
        if (response_fits(m->content, formats[i])) {
            return formats[i];
        }
    }
    return formats[0];
}

static token_format_t response_format(const track_t *track, const tds_message_t *m)
{
    if (track->login->tds_version == 0 && !track->server.prelogin) {
        return track->format_known ? track->format : format_by_trial(m);
    }
    token_format_t format = token_format_of(track->login->tds_version);
    if (track->server.prelogin && track->server_major != 0 && track->server_major <= 8) {
        format.wide_done = false;
    }
    return format;
}

/* The answer to a login confirms it or refuses it, or asks for more. This one does none of these. */
static void note_undecided(const pdu_t *s, const response_t *response)
{
    position_t position = track_alive(s->track)->position;
    bool awaited = position == POSITION_LOGIN || position == POSITION_CHALLENGED || position == POSITION_RESPONDED;
    if (awaited && response->fully_read && response->error_count == 0) {
        track_seldom(s->track)->undecided = s->frame.number;
    }
}

void read_response(const pdu_t *s, const tds_message_t *m)
{
    track_t *track = s->track;
    if (m->header.spid != 0 && track->login->spid == 0) {
        track_login(track)->spid = m->header.spid;
        track_login(track)->spid_frame = s->frame.number;
    }
    if (read_prelogin_response(s, m)) {
        return;
    }
    disprove_refusal(s);
    if (track->connection.state == STATE_LOGGED_IN && track->login->confirm_frame != 0) {
        pdu_without_smp(s);
    }
    track_learn_encryption(track, s->frame.units.inside_tls ? ENCRYPTION_FULL : ENCRYPTION_LOGIN_ONLY);
    if (track_time(track, TIME_LOGIN)->begun != 0 && track_time(track, TIME_LOGIN)->frame == 0) {
        track_end(track, TIME_LOGIN, &s->frame);
        track_begin(track, TIME_AUTH, &s->frame);
    }
    response_t response;
    response_read(m->headless ? span_none() : m->content, m->total, response_format(track, m), &response);
    read_end(m, &response);
    note_response(s, &response);
    if (connection_is_past_login(&track->connection) || !report_login_response(s, m, &response)) {
        report_command_response(s, m, &response);
        note_undecided(s, &response);
        if (response.cut || m->headless) { /* it may have decided the login */
            connection_miss(&track->connection, SENDER_SERVER);
        }
    }
}
