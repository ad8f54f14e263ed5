/* handshake.c - the TLS handshake, inside TDS packets or before them, and what TLS hides.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "core/clauses.h"
#include "readers/pdu.h"

#include <stdio.h>
#include <string.h>

#include "core/ends.h"
#include "judge/advance.h"
#include "memory/facts.h"
#include "memory/findings.h"
#include "memory/links.h"
#include "memory/tickets.h"
#include "memory/times.h"
#include "memory/turns.h"
#include "memory/watch.h"
#include "wire/text.h"

#define WRAPPED_TLS_LIMIT 0x10000
#define PROGRESS_HIDDEN   4  /* encrypted records that tdsconn.progress lists */
#define FLIGHT_MARKS      64 /* entries of a frame that are searched for its other TLS records; it may have thousands */

tls_side_t *tls_side_of(track_t *track, sender_t sender)
{
    tls_track_t *tls = track_tls(track);
    tls_side_t **side = sender == SENDER_SERVER ? &tls->server : &tls->client;
    if (*side == NULL) {
        *side = wmem_new0(wmem_file_scope(), tls_side_t);
    }
    return *side;
}

static void note_client_hello(const pdu_t *s, span_t body)
{
    tls_hello_t hello;
    if (tls_client_hello_parse(body, &hello)) {
        track_fact_bytes(s->track, FACT_TLS_SNI, s->frame.number, hello.sni);
        links_check_name(s->track);
        track_fact_bytes(s->track, FACT_TLS_ALPN, s->frame.number, hello.alpn);
        track_tls(s->track)->offered = hello.version;
        track_fact_string(s->track, FACT_TLS_OFFERED, s->frame.number, tls_version_name(hello.version));
    }
    track_begin(s->track, TIME_TLS, &s->frame);
    login_starts(s);
}

/* Wireshark's list of cipher suites is not exported, but its field has it. */
static const char *cipher_name(guint16 cipher)
{
    const header_field_info *field = proto_registrar_get_byname("tls.handshake.ciphersuite");
    bool listed = field != NULL && field->strings != NULL && (field->display & BASE_EXT_STRING) != 0;
    const char *name = listed ? try_val_to_str_ext(cipher, (value_string_ext *)(guintptr)field->strings) : NULL;
    return name != NULL ? name : "unknown";
}

static void note_server_hello(const pdu_t *s, span_t body)
{
    tls_hello_t hello;
    track_tls(s->track)->server_hello = true;
    if (s->track->encryption == ENCRYPTION_NONE) { /* both sides use TLS, whatever they agreed on */
        s->track->encryption = ENCRYPTION_UNKNOWN;
    }
    if (tls_server_hello_parse(body, &hello) && !hello.retry) {
        track_tls(s->track)->version = hello.version;
        track_fact_string(s->track, FACT_TLS_VERSION, s->frame.number, tls_version_name(hello.version));
        if (hello.cipher != 0) {
            const char *cipher = cipher_name(hello.cipher);
            track_hidden(s->track)->overhead = tls_overhead(cipher, hello.version);
            track_fact_string(s->track, FACT_TLS_CIPHER, s->frame.number, cipher);
        }
    }
}

static void note_name(const pdu_t *s, fact_id_t id, const tls_name_t *name, const char *remark)
{
    char *text = (name->wide ? text_utf16be : text_utf8)(NULL, name->text);
    bool fallback = id == FACT_TLS_CERTIFICATE && strcmp(text, "SSL_Self_Signed_Fallback") == 0;
    char *line = g_strdup_printf("%s%s", text, fallback ? " (SQL Server's self-signed fallback)" : remark);
    track_fact_string(s->track, id, s->frame.number, text[0] == '\0' ? NULL : line);
    g_free(line);
    wmem_free(NULL, text);
}

#define NAMES_LIMIT 100 /* names of a certificate that are shown; it may have thousands */

/* Notes the names that the certificate is for, else its subject. Not if the certificate is cut: a part of the list
 * would mislead. */
static void note_names(const pdu_t *s, const tls_certificate_t *certificate)
{
    if (!certificate->whole) {
        return;
    }
    char text[CERTIFICATE_NAME_TEXT];
    wmem_strbuf_t *names = wmem_strbuf_new(NULL, "");
    reader_t r = reader_of(certificate->alternatives);
    certificate_name_t name;
    for (guint i = 0; i < NAMES_LIMIT && certificate_name_next(&r, &name); i++) {
        certificate_name_text(name, text);
        wmem_strbuf_append_printf(names, "%s%s", i == 0 ? "" : FACT_LIST_BETWEEN, text);
    }
    if (wmem_strbuf_get_len(names) == 0) {
        certificate_subject_text(certificate, text);
        wmem_strbuf_append(names, text);
    }
    track_fact_string(s->track, FACT_TLS_NAMES, s->frame.number, wmem_strbuf_get_str(names));
    wmem_strbuf_destroy(names);
}

/* Whether a certificate is as valid at one time as at the other. */
static bool is_as_valid(const tls_certificate_t *certificate, gint64 one, gint64 other)
{
    bool begun = certificate->from == CERTIFICATE_NO_TIME || (one < certificate->from) == (other < certificate->from);
    bool over = certificate->until == CERTIFICATE_NO_TIME || (one > certificate->until) == (other > certificate->until);
    return begun && over;
}

/* The day of this frame. Not known if the capture was later already and the certificate is valid at one of the two
 * times only: its clock was set back, or there are two. */
static gint64 day_of(const pdu_t *s, const tls_certificate_t *certificate)
{
    gint64 stamped, latest;
    moment_t until = MAX(s->frame.at, diagnoses_latest(0).at);
    bool known = moment_date(s->frame.at, &stamped) && moment_date(until, &latest);
    return known && is_as_valid(certificate, stamped, latest) ? stamped : CERTIFICATE_NO_TIME;
}

static void note_validity(const pdu_t *s, const tls_certificate_t *certificate)
{
    tls_track_t *tls = track_tls(s->track);
    tls->certificate_from = certificate->from;
    tls->certificate_until = certificate->until;
    tls->certificate_at = day_of(s, certificate);
    if (certificate->until != CERTIFICATE_NO_TIME) {
        track_fact_time(s->track, FACT_TLS_EXPIRES, s->frame.number, certificate->until);
    }
}

static void note_certificate(const pdu_t *s, span_t body)
{
    tls_certificate_t certificate;
    if (tls_certificate_parse(body, s->track->login->tls->version, &certificate)) {
        track_tls(s->track)->certificate_seen = true;
        track_tls(s->track)->self_issued = certificate.self_issued;
        note_name(s, FACT_TLS_CERTIFICATE, &certificate.subject, certificate.self_issued ? " (self-signed)" : "");
        note_name(s, FACT_TLS_ISSUER, &certificate.issuer, "");
        note_names(s, &certificate);
        note_validity(s, &certificate);
        track_tls(s->track)->key_bits = certificate.key_bits;
        track_tls(s->track)->weak_signature = certificate.weak_signature;
        const char *asked = track_fact_text(s->track, FACT_TLS_SNI);
        track_tls(s->track)->certificate_for_others =
            asked != NULL && text_is_whole(asked) && certificate_is_for_others(&certificate, asked);
    }
}

static void note_group(const pdu_t *s, span_t body)
{
    const char *suite = track_fact_text(s->track, FACT_TLS_CIPHER);
    if (suite != NULL && tls_is_dhe(suite)) {
        track_tls(s->track)->group_bits = tls_group_bits(body);
    }
}

/* Reads a handshake message in clear. Returns the message that it is. */
static message_t read_handshake(const pdu_t *s, const tls_handshake_t *handshake)
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
    case TLS_SERVER_KEY_EXCHANGE:
        note_group(s, handshake->body);
        return MESSAGE_TLS_OTHER;
    case TLS_CLIENT_KEY_EXCHANGE:
        side->finished = true;
        return MESSAGE_CLIENT_KEY;
    default:
        return MESSAGE_TLS_OTHER;
    }
}

/* Whether the server's Finished, which comes now, resumes an earlier session: RFC 5246 7.3. */
static bool is_resumed(const track_t *track)
{
    const tls_track_t *tls = track->login->tls;
    bool keyed = tls->client != NULL && tls->client->finished;
    return tls->server_hello && tls->version <= TLS_VERSION_1_2 && !tls->certificate_seen && !keyed && !track->gap;
}

/* The end of one side's handshake is reported once: by the client's key exchange, else by its Finished. */
static message_t read_finished(const pdu_t *s)
{
    tls_side_t *side = tls_side_of(s->track, s->frame.sender);
    bool before = side->finished;
    side->finished = true;
    if (s->frame.sender == SENDER_SERVER) {
        track_tls(s->track)->resumed = is_resumed(s->track);
        track_end(s->track, TIME_TLS, &s->frame);
    }
    if (before) {
        return MESSAGE_TLS_OTHER;
    }
    return s->frame.sender == SENDER_SERVER ? MESSAGE_SERVER_FINISHED : MESSAGE_CLIENT_KEY;
}

/* Adds an entry for a TLS record. All records of a frame together are one message; MESSAGE_TLS_OTHER is replaced by a
 * more exact one. */
static entry_t *report_tls(const pdu_t *s, message_t message)
{
    track_t *track = s->track;
    const annotation_t *annotation = track_annotate(track, &s->frame);
    guint32 count = annotation->entry_count;
    for (guint32 i = count > FLIGHT_MARKS ? count - FLIGHT_MARKS : 0; i < count; i++) {
        entry_t *entry = track_entry_of(track, annotation, i);
        if (entry->kind != ENTRY_TLS) {
            continue;
        }
        if (entry->message == MESSAGE_TLS_OTHER && message != MESSAGE_NONE) {
            entry->message = MESSAGE_NONE;
        } else if (entry->message != MESSAGE_NONE && message == MESSAGE_TLS_OTHER) {
            message = MESSAGE_NONE;
        }
    }
    return message == MESSAGE_NONE ? track_entry_still(track, &s->frame, ENTRY_TLS, MESSAGE_NONE, MESSAGE_NONE)
                                   : advance_message(track, &s->frame, ENTRY_TLS, message);
}

/* A second ClientHello comes in clear behind a ChangeCipherSpec that means nothing (RFC 8446 D.4): it fills its
 * record, which an encrypted message does by accident only. */
static bool is_clear_hello(span_t body)
{
    reader_t r = reader_of(body);
    tls_handshake_t handshake;
    return tls_handshake_next(&r, &handshake) && !handshake.body.cut && r.left == 0 &&
           (handshake.type == TLS_CLIENT_HELLO || handshake.type == TLS_SERVER_HELLO);
}

static void read_handshake_record(const pdu_t *s, const tls_record_t *record)
{
    const tls_side_t *side = tls_side_of(s->track, s->frame.sender);
    if (side->ciphered && !is_clear_hello(record->body)) {
        report_tls(s, read_finished(s))->of.tls.record = record->type;
        return;
    }
    guint8 types[ENTRY_TLS_MESSAGES] = {0};
    guint8 count = 0;
    message_t message = MESSAGE_TLS_OTHER;
    reader_t r = reader_of(record->body);
    tls_handshake_t handshake;
    while (tls_handshake_next(&r, &handshake)) {
        message_t told = read_handshake(s, &handshake);
        message = told == MESSAGE_TLS_OTHER ? message : told;
        if (count < ENTRY_TLS_MESSAGES) {
            types[count++] = handshake.type;
        }
    }
    entry_t *entry = report_tls(s, message);
    entry->of.tls.record = record->type;
    entry->of.tls.count = count;
    memcpy(entry->of.tls.handshake, types, count);
}

static void progress_hidden(const pdu_t *s)
{
    if (s->track->login->hidden->records < PROGRESS_HIDDEN) {
        track_hidden(s->track)->records++;
        progress_add(s->track, s->frame.sender, MESSAGE_ENCRYPTED);
    }
}

/* Adds an entry for encrypted data, without moving the connection on. */
static entry_t *report_hidden(const pdu_t *s, message_t step_like)
{
    return track_entry_still(s->track, &s->frame, ENTRY_TLS, MESSAGE_ENCRYPTED, step_like);
}

/* Adds an entry for the client's encrypted data after the handshake: LOGIN7, or PRELOGIN in TDS 8.0. */
static entry_t *report_hidden_login(const pdu_t *s)
{
    track_t *track = s->track;
    if (track->strict && track->login->hidden->records == 0) {
        progress_hidden(s);
        track_begin(track, TIME_PRELOGIN, &s->frame);
        (void)track_see(track, MESSAGE_PRELOGIN, SENDER_CLIENT);
        turns_message(track, &s->frame, MESSAGE_PRELOGIN);
        return report_hidden(s, MESSAGE_PRELOGIN);
    }
    track_hidden(track)->records = 0;
    track_tls(track)->login_inside = true;
    login_begins(s);
    entry_t *entry = advance_message(track, &s->frame, ENTRY_TLS, MESSAGE_LOGIN7_ENCRYPTED);
    entry->flags = s->reassembled ? ENTRY_REASSEMBLED : 0;
    entry->exchange = exchange_new(s, &track->channel);
    return entry;
}

/* What the client sent last, in words: a request, if that is certain. */
static const char *hidden_question(const track_t *track, guint32 frame)
{
    bool command = track->login->hidden->command != 0 && frame >= track->login->hidden->command;
    return command ? "the encrypted request" : "encrypted data (a request, or a token)";
}

/* Raises a slow answer to an encrypted request: both are inferred from sizes and directions. */
static void note_slow_answer(const pdu_t *s)
{
    const track_t *track = s->track;
    const turn_t *turn = &track->channel.turn;
    if (s->frame.sender != SENDER_SERVER || turn->message != MESSAGE_ENCRYPTED || turn->debt.owes != SENDER_SERVER ||
        track->login->hidden->kind == HIDDEN_SMP || track_may_lack_answer(track, turn->frame)) {
        return;
    }
    moment_t took = track_since(track, (instant_t){turn->frame, turn->since}, instant_of(&s->first));
    if (took > diagnoses_limit(LIMIT_SLOW_RESPONSE)) {
        char network[RULE_TEXT], lost[RULE_TEXT];
        guint32 shown = 0;
        moment_t lost_for = watch_lost_for(track, SENDER_SERVER, s->first.number, instant_of(&s->first), &shown);
        diagnose(s->track, s->frame.number, DIAGNOSIS_SLOW_RESPONSE,
                 "%s s to the first byte of the answer to %s in frame %u%s%s, inferred from sizes and directions",
                 seconds(took).text, hidden_question(track, turn->frame), turn->frame,
                 network_words(turn, s->first.at, network), lost_words(lost_for, shown, lost));
    }
}

/* Raises a slow first answer to an encrypted login, which judge_message does not see. */
static void note_slow_login(const pdu_t *s)
{
    track_t *track = s->track;
    bool ends = track_time(track, TIME_LOGIN)->frame == s->frame.number;
    moment_t took = ends ? track_took(track, TIME_LOGIN) : MOMENT_NONE;
    if (took != MOMENT_NONE && took > diagnoses_limit(LIMIT_SLOW_STEP)) {
        char network[RULE_TEXT], lost[RULE_TEXT], whose[RULE_TEXT];
        guint32 shown = 0;
        moment_t lost_for = watch_lost_for(track, SENDER_SERVER, s->first.number, instant_of(&s->first), &shown);
        guint32 begun = track_time(track, TIME_LOGIN)->begun;
        longest_t longest = turns_longest(track, begun, instant_of(&s->frame), SENDER_SERVER);
        diagnose(track, s->frame.number, DIAGNOSIS_SLOW_STEP, "%s took %s s%s%s%s", time_name(TIME_LOGIN),
                 seconds(took).text, network_words(&track->channel.turn, s->first.at, network),
                 lost_words(lost_for, shown, lost), whose_words(&longest, took, whose));
    }
}

/* Raises an encrypted cancel. Not if the answer had just begun: some drivers always cancel the rest of an answer. */
static void note_hidden_cancel(const pdu_t *s)
{
    track_t *track = s->track;
    const hidden_request_t *request = &track->login->hidden->request;
    moment_t waited = track_since(track, (instant_t){request->frame, request->at}, instant_of(&s->frame));
    bool answering = request->answered != 0;
    if (track_may_lack_answer(track, request->frame) ||
        (answering && (waited == MOMENT_NONE || waited < diagnoses_limit(LIMIT_SLOW_STEP)))) {
        return;
    }
    char begun[64] = "", also[40] = "";
    guint32 like = links_note_cancel(track, s->frame.number, waited);
    if (answering) {
        snprintf(begun, sizeof begun, ", whose answer began in frame %u", request->answered);
    }
    if (like != 0) {
        snprintf(also, sizeof also, ", as long as in frame %u", like);
    }
    diagnose(track, s->frame.number, DIAGNOSIS_ATTENTION,
             "%s, inferred: a record of 8 bytes in TLS, as only an ATTENTION has%s after %s in frame %u%s%s",
             is_usual_timeout(waited) || like != 0 ? "command timeout"
                                                   : "cancelled by the application or its own timeout",
             lasting(", ", waited, "").text, hidden_question(track, request->frame), request->frame, begun, also);
}

/* Adds an entry for encrypted data after the login was sent. */
static entry_t *report_hidden_data(const pdu_t *s)
{
    track_t *track = s->track;
    if (s->frame.sender == SENDER_SERVER && track_time(track, TIME_LOGIN)->begun != 0) {
        track_end(track, TIME_LOGIN, &s->frame);
        track_learn_encryption(track, ENCRYPTION_FULL);
        exchange_t *login = track_exchange(track, track->channel.exchange);
        if (login != NULL) {
            login->answered = true;
        }
    }
    progress_hidden(s);
    note_slow_login(s);
    note_slow_answer(s);
    if (track->login->hidden->kind == HIDDEN_ATTENTION) {
        note_hidden_cancel(s);
    }
    return advance_entry(track, &s->frame, ENTRY_TLS, MESSAGE_ENCRYPTED);
}

#define TAG_LENGTH 16 /* RFC 8446 5.2: at least so much longer than its content is a record */

/* TLS 1.3 hides the type of its records: what is too short for TDS and SMP is an alert. In a capture that begins behind
 * the handshake nobody knows the version; older ones have no data in records so short. */
bool is_hidden_alert(const track_t *track, guint32 length)
{
    if (track->login->tls->version == 0) {
        return length < TLS_RECORD_HEADER_LENGTH + TAG_LENGTH + TDS_HEADER_LENGTH;
    }
    return track->login->tls->version == TLS_VERSION_1_3 && track->login->hidden->overhead.known &&
           length < TLS_RECORD_HEADER_LENGTH + track->login->hidden->overhead.least + TDS_HEADER_LENGTH;
}

#define ALERT_MOST 32 /* bytes of an alert with its padding; a ticket is longer */

/* RFC 8446 4.6, 6: an alert has 2 bytes, KeyUpdate 5, and some pad an alert. */
void read_opened_record(const pdu_t *s, guint32 length)
{
    const guint32 key_update = 5;
    guint32 around = TLS_RECORD_HEADER_LENGTH + s->track->login->hidden->overhead.least;
    guint32 content = length > around ? length - around : 0;
    bool alert = content <= ALERT_MOST && content != key_update;
    bool behind_prelogin = track_alive(s->track)->position == POSITION_PRELOGIN && s->frame.sender == SENDER_SERVER;
    if (behind_prelogin && !alert) {
        track_hidden(s->track)->tickets = true;
    }
    entry_t *entry = advance_entry(s->track, &s->frame, ENTRY_TLS, alert ? MESSAGE_TLS_ALERT : MESSAGE_TLS_OTHER);
    entry->of.tls.record = TLS_APPLICATION_DATA;
}

/* Reads the server's handshake messages that TLS 1.3 decrypts. Only the certificate is needed. */
void read_opened_handshake(const pdu_t *s, span_t content)
{
    reader_t r = reader_of(content);
    tls_handshake_t handshake;
    while (tls_handshake_next(&r, &handshake) && !handshake.body.cut) {
        if (handshake.type == TLS_CERTIFICATE) {
            note_certificate(s, handshake.body);
        }
    }
}

/* Adds an entry for encrypted data between the handshake and the login. In TLS 1.3 the server's first record is a
 * ticket, as no server sends first. */
static entry_t *report_encrypted_before_login(const pdu_t *s, guint32 length)
{
    track_t *track = s->track;
    if (s->frame.sender == SENDER_CLIENT) {
        return report_hidden_login(s);
    }
    if (track->login->hidden->records > 0) {
        bool answer = hidden_may_answer_prelogin(length, track->login->hidden->overhead);
        hidden_track_t *hidden = track_hidden(track);
        hidden->may_be_answered = hidden->may_be_answered || answer;
        hidden->tickets = hidden->tickets || !answer;
        if (answer) { /* it may be one: then it is not known whose turn it is */
            turns_message(track, &s->frame, MESSAGE_ENCRYPTED);
        }
        return report_hidden(s, MESSAGE_PRELOGIN);
    }
    return track->login->tls->version == TLS_VERSION_1_3 ? report_tls(s, MESSAGE_TLS_OTHER)
                                                         : report_hidden(s, MESSAGE_NONE);
}

/* Encrypted records are recognised only by their place: the client's first record after the handshake is its login, in
 * TDS 8.0 the second. In TLS 1.3 the end of the handshake looks like such a record, too. */
static entry_t *report_encrypted(const pdu_t *s, guint32 length)
{
    track_t *track = s->track;
    bool client = s->frame.sender == SENDER_CLIENT;
    position_t position = track_alive(track)->position;
    bool tls_1_3 = track->login->tls->version == TLS_VERSION_1_3;
    if (tls_1_3 && !tls_side_of(track, s->frame.sender)->finished && !(client && is_hidden_alert(track, length))) {
        return report_tls(s, read_finished(s));
    }
    if (tls_1_3 && !client &&
        !tls_side_of(track, SENDER_CLIENT)->finished) { /* the server's flight in several records */
        return report_tls(s, MESSAGE_TLS_OTHER);
    }
    if (is_hidden_alert(track, length)) {
        return advance_entry(track, &s->frame, ENTRY_TLS, MESSAGE_TLS_ALERT);
    }
    if (position >= POSITION_PRELOGIN && position <= POSITION_SECURED) {
        return report_encrypted_before_login(s, length);
    }
    return position == POSITION_LOGIN && client ? report_hidden(s, MESSAGE_LOGIN7) : report_hidden_data(s);
}

void read_encrypted(const pdu_t *s, guint32 length)
{
    track_t *track = s->track;
    bool begun = track_time(track, TIME_LOGIN)->begun != 0;
    hidden_track_t *hidden = track_hidden(track);
    hidden->kind = begun && !is_hidden_alert(track, length)
                       ? hidden_request_add(&hidden->request, s->frame.sender, s->frame.number, s->frame.at, length,
                                            hidden->overhead)
                       : HIDDEN_DATA;
    entry_t *entry = report_encrypted(s, length);
    if (!begun && entry->message == MESSAGE_LOGIN7_ENCRYPTED) {
        (void)hidden_request_add(&hidden->request, s->frame.sender, s->frame.number, s->frame.at, length,
                                 hidden->overhead);
    }
    entry->of.tls.record = TLS_APPLICATION_DATA;
    if (track_time(track, TIME_LOGIN)->begun != 0 && entry->message != MESSAGE_TLS_ALERT) {
        if (hidden->login == NULL) {
            hidden->login = wmem_new0(wmem_file_scope(), hidden_t);
        }
        hidden_add(hidden->login, s->frame.sender, s->frame.number, s->frame.at, length, hidden->overhead);
        if (s->frame.sender == SENDER_SERVER && hidden->login->count == 2) { /* its answer to the login */
            tickets_find(track);
        }
        advance_conclusion(track);
    }
}

/* Level and description stand in clear until the sender's ChangeCipherSpec. */
static void note_alert(const pdu_t *s, const tls_record_t *record)
{
    reader_t r = reader_of(record->body);
    guint8 level = read_u8(&r);
    guint8 alert = read_u8(&r);
    bool clear = r.ok && r.left == 0 && !tls_side_of(s->track, s->frame.sender)->ciphered;
    track_tls(s->track)->alert_level = clear ? level : 0;
    track_tls(s->track)->alert = clear ? alert : 0;
    if (clear && s->frame.sender == SENDER_SERVER) {
        track_seldom(s->track)->server_alert = s->frame.number;
    }
}

void read_tls_record(const pdu_t *s, const tls_record_t *record)
{
    tls_side_t *side = tls_side_of(s->track, s->frame.sender);
    switch (record->type) {
    case TLS_HANDSHAKE:
        read_handshake_record(s, record);
        break;
    case TLS_CHANGE_CIPHER_SPEC:
        side->ciphered = true;
        report_tls(s, MESSAGE_TLS_OTHER)->of.tls.record = record->type;
        break;
    case TLS_ALERT:
        note_alert(s, record);
        advance_entry(s->track, &s->frame, ENTRY_TLS, MESSAGE_TLS_ALERT)->of.tls.record = record->type;
        break;
    default:
        read_encrypted(s, record->length);
        break;
    }
}

/* Whether these bytes begin like a TLS record, as far as they go. */
static bool begins_record(span_t payload)
{
    const guint8 major_version = 3;
    tls_record_t record;
    if (payload.length >= TLS_RECORD_HEADER_LENGTH) {
        return tls_record_parse(payload, &record);
    }
    return payload.length > 0 && payload.at[0] >= TLS_CHANGE_CIPHER_SPEC && payload.at[0] <= TLS_APPLICATION_DATA &&
           (payload.length == 1 || payload.at[1] == major_version);
}

/* Whether a TDS packet wraps TLS: a record starts here, or goes on from the packet before. */
bool wraps_tls(const pdu_t *s, const tds_header_t *header, span_t payload)
{
    if (s->frame.units.inside_tls || (header->type != TDS_PRELOGIN && header->type != TDS_RESPONSE)) {
        return false;
    }
    const tls_side_t *side = track_tls_of(s->track, s->frame.sender);
    bool pending = side != NULL && side->records.length > 0;
    bool handshaking = !connection_is_past_login(&s->track->connection);
    return handshaking && (pending || begins_record(payload));
}

/* Reads the whole records of a side's TLS. Returns how many bytes they are. */
static size_t read_records(const pdu_t *s, span_t joined)
{
    size_t used = 0;
    tls_record_t record;
    while (tls_record_parse(span_from(joined, used), &record)) {
        bool whole = used + record.length <= joined.length;
        if (!whole && !joined.cut) {
            break;
        }
        read_tls_record(s, &record);
        used += whole ? record.length : joined.length - used;
    }
    bool hopeless =
        joined.length - used >= TLS_RECORD_HEADER_LENGTH && !tls_record_parse(span_from(joined, used), &record);
    return hopeless || joined.cut ? joined.length : used;
}

static void note_wrapped(const pdu_t *s, span_t records)
{
    repair_t repair = {.length = (guint32)records.length};
    if (records.length > 0) {
        repair.tls = (const guint8 *)wmem_memdup(wmem_file_scope(), records.at, records.length);
    }
    pdu_repair(s, repair);
}

void read_wrapped_tls(const pdu_t *s, const tds_header_t *header, span_t payload)
{
    tls_side_t *side = tls_side_of(s->track, s->frame.sender);
    assembly_t *records = &side->records;
    bool was_split = side->split;
    assembly_add(records, payload, header->length - TDS_HEADER_LENGTH, WRAPPED_TLS_LIMIT);
    span_t joined = assembly_bytes(records);
    size_t used = read_records(s, joined);
    bool rest = used < joined.length;
    side->split = rest && (was_split || (header->status & TDS_EOM) != 0);
    side->numbered_on = side->open ? side->numbered_on : header->packet_id > 1;
    side->open = (header->status & TDS_EOM) == 0;
    if (header->type == TDS_RESPONSE || was_split || side->split || side->numbered_on) {
        note_wrapped(s, span_part(joined, 0, used));
    }
    if (used == 0) { /* nothing ends in this packet */
        track_entry_still(s->track, &s->frame, ENTRY_TLS, MESSAGE_NONE, MESSAGE_NONE)->of.tls.record = TLS_HANDSHAKE;
    }
    if (rest) {
        memmove(records->bytes, records->bytes + used, joined.length - used);
        records->length = records->total = (guint32)(joined.length - used);
    } else {
        assembly_clear(records);
    }
}
