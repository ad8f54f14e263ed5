/* judge.c - asks the rules about a connection, and reports the findings.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "judge/judge.h"

#include <stdio.h>

#include "compat.h"
#include "characters.h"
#include "ends.h"
#include "loginrules.h"
#include "memory/evidence.h"
#include "memory/facts.h"
#include "memory/links.h"
#include "memory/resolver.h"
#include "memory/sessions.h"
#include "memory/sought.h"
#include "memory/tickets.h"
#include "memory/times.h"
#include "memory/turns.h"
#include "memory/watch.h"
#include "seconds.h"
#include "show/expert.h"

/* Whether what a side sent last, perhaps its FIN, is not in the capture. */
static bool is_end_missing(const tcp_side_t *side)
{
    return side->trouble->gap > side->last_words;
}

static void case_of_cancel(case_t *c, const track_t *track, instant_t now)
{
    const turn_t *cancel = turns_cancelled(track);
    if (cancel != NULL) {
        c->cancel = *cancel;
        c->cancelled_for = track_lasted(track, (instant_t){cancel->frame, cancel->since}, now, c->silence);
    }
}

/* An answer may have been sent in vain as what it answers. */
static void case_of_answer(case_t *c, const track_t *track)
{
    const turn_t *latest = turns_latest(track);
    if (!turn_is_open(&c->turn) && latest->by == SENDER_SERVER) {
        c->said = *latest;
    }
}

static void case_of_missing(case_t *c, const track_t *track)
{
    guint32 request = turn_request(&c->turn);
    c->answer_missing = track_may_lack_answer(track, request) || track->server.tcp->trouble->cut > request;
    c->client_end_missing = track->client.frames == 0 || is_end_missing(track->client.tcp);
    c->server_end_missing = track->server.frames == 0 || is_end_missing(track->server.tcp);
}

/* Where the message of several packets begins of which a side has sent some; G_MAXUINT32 if there is none. */
static guint32 message_begun(const channel_t *channel, sender_t sender)
{
    if (channel == NULL) {
        return G_MAXUINT32;
    }
    const assembly_t *message = channel_message(channel, sender);
    return message->open ? message->begun : G_MAXUINT32;
}

/* Where the packet, the record or the message of several packets begins in the middle of which a side is; 0 if it is in
 * none. Of a payload that the snap length cut nobody knows. */
static guint32 in_message_since(const track_t *track, sender_t sender)
{
    const side_t *side = track_side_of(track, sender);
    guint32 unit = side->partial != 0 ? track_annotation_at(track, side->partial - 1)->frame : G_MAXUINT32;
    guint32 message = MIN(message_begun(&track->channel, sender), message_begun(track->sessions->channel, sender));
    guint32 begun = MIN(unit, message);
    return begun == G_MAXUINT32 || side->tcp->trouble->cut != 0 ? 0 : begun;
}

/* Whether a side's window is closed, or was behind a frame. */
static bool was_closed_behind(const tcp_side_t *side, guint32 frame)
{
    return side->trouble->closed.frame != 0 || side->trouble->reopened > frame;
}

/* A FIN that just came is not acknowledged yet. */
static bool has_arrived(const track_t *track, sender_t sender)
{
    const tcp_side_t *side = track_side_of(track, sender)->tcp;
    const tcp_side_t *peer = track_side_of(track, sender_other(sender))->tcp;
    return peer->has_acked && side->has_seq && (gint32)(side->next_seq - peer->acked) <= 1;
}

/* Who ends the connection says no more, and who resets it takes no more: whether or not all of it had arrived. */
static bool is_end_of(const case_t *c, sender_t sender)
{
    return c->seen == MESSAGE_RST || (c->seen == MESSAGE_FIN && c->sender == sender);
}

static void case_of_unfinished(case_t *c, const track_t *track, instant_t now)
{
    guint32 client = in_message_since(track, SENDER_CLIENT), server = in_message_since(track, SENDER_SERVER);
    sender_t of = client != 0 ? SENDER_CLIENT : SENDER_SERVER;
    guint32 last = track_side_of(track, of)->tcp->last_words;
    const annotation_t *annotation = last == 0 ? NULL : track_annotation(track, last);
    bool known = annotation != NULL && (has_arrived(track, of) || is_end_of(c, of));
    if (c->unseen || (client != 0) == (server != 0) || !known) {
        return;
    }
    c->unfinished = (unfinished_t){
        .of = of,
        .begun = MAX(client, server),
        .frame = last,
        .held = was_closed_behind(track_side_of(track, sender_other(of))->tcp, last),
        .stalled_for = track_lasted(track, (instant_t){last, annotation_moment(annotation)}, now, c->silence),
    };
}

/* A login is decided, or a connection ends: only then rules ask for what has to be looked for. */
static bool is_turning_point(const case_t *c)
{
    return case_is_on(c, (occasion_t)(ON_VERDICT | ON_END));
}

/* The wait that the message at hand ends, where what it answers was sent more than once. */
static resent_t resent_now(const case_t *c)
{
    bool answers = turn_is_open(&c->turn) && c->turn.debt.owes == c->sender && turn_sendings(&c->turn) > 1;
    moment_t now = moment_sum(c->turn.since, c->waited);
    return answers ? (resent_t){c->turn.message, turn_sendings(&c->turn), turn_parts(&c->turn, now).request_spread}
                   : (resent_t){0};
}

/* The wait of the login that lost most to the network. */
static resent_t worst_resent(const track_t *track, const case_t *c)
{
    resent_t worst = resent_now(c);
    guint count = track->login->waits.count;
    for (guint i = 0; i < count; i++) {
        const wait_t wait = turns_wait_at(track, i);
        if (wait.sendings > 1 && wait.request_spread > worst.spread) {
            worst = (resent_t){(message_t)wait.message, wait.sendings, wait.request_spread};
        }
    }
    return worst;
}

/* The first packet of the answer is not all there. */
static bool has_begun_to_answer(const track_t *track, const turn_t *turn)
{
    guint32 first = track->server.partial;
    return turn->debt.owes == SENDER_SERVER && first != 0 && track_annotation_at(track, first - 1)->frame > turn->frame;
}

/* Whether the latest error is about the message that has to be answered. If the snap length cut the number that tells,
 * it is about what was sent last. */
static bool is_error_of_turn(const icmp_track_t *icmp, const turn_t *turn)
{
    bool of_message = icmp->has_seq ? turn_is_of_message(turn, icmp->seq) : icmp->latest > turn->frame;
    return icmp->of == turn->by && of_message;
}

/* Whose time a slow step and a slow login were: looked for only then. */
static void case_of_longest(case_t *c, const track_t *track, instant_t now)
{
    for (step_time_id_t i = TIME_CONNECT; i < TIME_COUNT; i++) {
        const step_time_t *time = &c->times[i];
        bool login = i == TIME_TOTAL;
        if (time->frame == c->frame && time->took > c->limits[login ? LIMIT_SLOW_LOGIN : LIMIT_SLOW_STEP]) {
            *(login ? &c->of_login : &c->of_step) = turns_longest(track, time->begun, now, c->sender);
        }
    }
}

static void case_of_turn(case_t *c, const track_t *track, instant_t now)
{
    const turn_t *turn = turns_open(track);
    if (turn != NULL && awaited_at(turn->debt.awaited, c->before.position)) {
        c->turn = *turn;
        c->turn.answering = turn->answering || has_begun_to_answer(track, turn);
    }
    if (track->seldom->icmp != NULL) {
        const icmp_track_t *icmp = track->seldom->icmp;
        c->icmp = (icmp_t){.frame = icmp->frame,
                           .count = icmp->count,
                           .what = icmp->what,
                           .from = icmp->from,
                           .of_turn = is_error_of_turn(icmp, &c->turn),
                           .ignored = icmp->ignored};
    }
    c->turn_whole = !c->unseen && c->turn.by == SENDER_SERVER && track->server.tcp->trouble->cut < c->turn.frame;
    c->token_refused = track->token_refused;
    c->odd_answer = track->seldom->odd_answer;
    c->odd_answer_type = track->seldom->odd_answer_type;
    c->odd_service = (service_t)track->seldom->odd_service;
    c->proxied = track->seldom->proxied;
    c->waited = track_lasted(track, (instant_t){c->turn.frame, c->turn.since}, now, c->silence);
    c->resent = worst_resent(track, c);
    case_of_longest(c, track, now);
    c->answer_lost_for = c->sender == SENDER_SERVER && !c->at_end
                             ? watch_lost_for(track, SENDER_SERVER, now.frame, now, &c->answer_lost_frame)
                             : MOMENT_NONE;
    c->client_word_missing = track_may_lack_client_word(track, c->turn.frame);
    c->sending_for = track_between(track, c->turn.begun, c->turn.delivery.last_sent);
    c->since_data = track_since(track, instant_kept(track->login->latest_data), now);
    c->idle_with_keep_alives = turn != NULL ? track->idle_with_keep_alives : track->keep_alives_answered;
}

static void case_of_error_before(case_t *c, const track_t *track)
{
    const error_record_t *error = track_error_before(track, c->frame);
    if (error != NULL) {
        c->error_before = (error_before_t){error->frame, error->number, error->class_};
    }
}

static void case_of_errors(case_t *c, const track_t *track)
{
    guint i = frames_from(&track->seldom->errors, c->frame);
    const error_record_t *error = (const error_record_t *)frames_at(&track->seldom->errors, i, c->frame);
    case_of_error_before(c, track);
    if (error == NULL) {
        return;
    }
    c->error_number = error->number;
    c->error_state = error->state;
    c->error_class = error->class_;
    c->error_text = error->message;
    while ((error = (const error_record_t *)frames_at(&track->seldom->errors, ++i, c->frame)) != NULL &&
           c->further_error_count < FURTHER_ERRORS) {
        c->further_errors[c->further_error_count++] = error->number;
    }
}

static void case_of_tls(case_t *c, const track_t *track)
{
    c->tls_version = track->login->tls->version;
    c->tls_offered = track->login->tls->offered;
    c->tls_resumed = track->login->tls->resumed;
    c->certificate_seen = track->login->tls->certificate_seen;
    c->self_issued = track->login->tls->self_issued;
    c->certificate = track_fact_text(track, FACT_TLS_CERTIFICATE);
    c->certificate_names = track_fact_text(track, FACT_TLS_NAMES);
    c->asked_name = track_fact_text(track, FACT_TLS_SNI);
    c->certificate_for_others = track->login->tls->certificate_for_others;
    c->certificate_from =
        track->login->tls->certificate_seen ? track->login->tls->certificate_from : CERTIFICATE_NO_TIME;
    c->certificate_until =
        track->login->tls->certificate_seen ? track->login->tls->certificate_until : CERTIFICATE_NO_TIME;
    /* The day is not known if the clock was set, or if there is none. */
    bool dated = track->login->tls->certificate_seen && track->seldom->clock_set.count == 0 && track->ticks;
    c->certificate_at = dated ? track->login->tls->certificate_at : CERTIFICATE_NO_TIME;
    c->key_bits = track->login->tls->key_bits;
    c->weak_signature = track->login->tls->weak_signature;
    c->group_bits = track->login->tls->group_bits;
    c->suite = track_fact_text(track, FACT_TLS_CIPHER);
    c->alert_fatal = track->login->tls->alert_level == TLS_ALERT_FATAL;
    c->alert = track->login->tls->alert;
    c->alert_in_clear = track->login->tls->alert_level != 0;
    bool last = track->seldom->server_alert == track->server.tcp->last_words;
    c->server_alerted = last ? track->seldom->server_alert : 0;
    c->client_finished = track->login->tls->client != NULL && track->login->tls->client->finished;
}

static void case_of_login(case_t *c, const track_t *track)
{
    c->prelogin_client = track->client.prelogin;
    c->prelogin_server = track->server.prelogin;
    c->client_alerted = track->client_alerted;
    c->encrypt_client = track->client.encrypt;
    c->encrypt_server = track->server.encrypt;
    c->encrypt_server_frame = track_fact(track, FACT_ENCRYPT_SERVER).frame;
    c->server_major = track->server_major;
    c->instance_mismatch = track->instance_mismatch;
    c->strict = track->strict;
    c->undecided = track->seldom->undecided == track->server.tcp->last_words ? track->seldom->undecided : 0;
    c->login_sent = track_time(track, TIME_LOGIN)->begun != 0;
    c->has_password = track->has_password;
    c->login_packet = track->login->login_packet;
    c->reconnect = track_fact(track, FACT_RECONNECT).frame != 0;
    c->change_password = track_fact(track, FACT_CHANGE_PASSWORD).frame != 0;
    c->read_only = track_fact(track, FACT_READ_ONLY_INTENT).frame != 0;
    c->client_certificate = (track->client.encrypt & ENCRYPT_CLIENT_CERT) != 0;
    c->mars = track->mars;
    c->mars_used = track->sessions->by_sid != NULL;
    c->readable = track_is_readable(track);
}

static void case_of_authentication(case_t *c, const track_t *track, instant_t now)
{
    auth_evidence_t evidence = track_evidence(track);
    c->auth = auth_verdict(&evidence);
    c->spn = track_fact_text(track, FACT_NTLM_SPN);
    c->kerberos_frame = auth_ticket_frame(&evidence);
    c->ntlm_v1 = track->ntlm_v1;
    c->channel_bindings = track_fact_text(track, FACT_NTLM_BINDING);
    c->ntlm_anonymous = track_fact(track, FACT_NTLM_ANONYMOUS).frame != 0;
    c->hidden_refused = track->login->hidden->refused;
    c->longer_than_logins =
        track->login->hidden->login != NULL && track->login->hidden->login->count == HIDDEN_MESSAGES;
    c->prelogin_may_be_answered = track->login->hidden->may_be_answered;
    c->tickets = track->login->hidden->tickets;
    c->fedauthinfo_frame = track->seldom->fedauthinfo_frame;
    c->since_fedauthinfo =
        track_since(track, (instant_t){track->seldom->fedauthinfo_frame, track->seldom->fedauthinfo_at}, now);
}

static void case_of_routing(case_t *c, const track_t *track)
{
    c->routing_host = track_fact_text(track, FACT_ROUTING_HOST);
    c->routing_port = track_fact(track, FACT_ROUTING_PORT).value.number;
    fact_t stream = track_fact(track, FACT_ROUTING_STREAM);
    fact_t from = track_fact(track, FACT_ROUTED_FROM);
    c->routing_followed = stream.frame != 0;
    c->routing_stream = stream.value.number;
    c->routing_hidden = track->login->hidden->redirected;
    c->routed_from = from.frame == 0 ? 0 : from.value.number + 1;
    c->redirecting = track->seldom->redirecting;
    c->circle = c->seen == MESSAGE_ROUTING ? links_circle(track) : 0;
}

/* What SQL Browser said of the port. */
static void case_of_instance(case_t *c, const track_t *track)
{
    enum { ADMINISTRATOR_PORT = 1434 }; /* of a default instance */
    fact_t instance = track_fact(track, FACT_INSTANCE);
    c->administrator = track->administrator || track->server.port == ADMINISTRATOR_PORT;
    if (instance.frame != 0) {
        c->instance = instance.value.string;
        c->instance_frame = instance.frame;
    }
}

/* Where the client got an address from that does not answer, and which other one does. */
static void case_of_name(case_t *c, const track_t *track)
{
    bool unheard = c->before.position == POSITION_SYN_SENT;
    c->looked_up = unheard ? resolver_name_of(track, &c->looked_up_frame) : NULL;
    const track_t *other =
        c->looked_up != NULL && c->at_end ? links_accepted_elsewhere(track, &c->elsewhere_after) : NULL;
    c->elsewhere = other != NULL ? other->number + 1 : 0;
    c->elsewhere_inferred = other != NULL && other->client.host->type != track->client.host->type;
}

/* Whether the client found the host that it was sent to. */
/* The look-up of a host behind a frame. */
static look_up_t look_up_of(const track_t *track, const char *host, guint32 frame)
{
    looked_up_t found = resolver_behind(track, host, frame);
    return (look_up_t){found.frame, found.failed, found.found, found.code};
}

static void case_of_target(case_t *c, const track_t *track)
{
    fact_t host = track_fact(track, FACT_ROUTING_HOST);
    if (host.frame != 0 && !c->routing_followed) {
        c->target = look_up_of(track, host.value.string, host.frame);
    }
}

static void case_of_token_service(case_t *c, const track_t *track)
{
    fact_t url = track_fact(track, FACT_ENTRA_STS);
    char *host = NULL;
    if (url.frame != 0 &&
        g_uri_split(url.value.string, G_URI_FLAGS_NONE, NULL, NULL, &host, NULL, NULL, NULL, NULL, NULL) &&
        host != NULL) {
        c->token_service = look_up_of(track, host, url.frame);
    }
    g_free(host);
}

/* The client's latest message; before the first is whole, what it sent of that. */
static instant_t last_word_of_client(const track_t *track)
{
    guint32 frame = track->login->last_client.frame != 0 ? 0 : track->client.tcp->last_words;
    const annotation_t *annotation = frame == 0 ? NULL : track_annotation(track, frame);
    return annotation == NULL ? instant_kept(track->login->last_client)
                              : (instant_t){frame, annotation_moment(annotation)};
}

/* Begins a case. */
static void case_begin(case_t *c, const track_t *track, const connection_t *before, instant_t now)
{
    bool cut = track->server.tcp->trouble->cut != 0;
    bool unseen = track->gap || track_is_one_sided(track);
    *c = (case_t){
        .frame = now.frame,
        .since_opening = track_since(track, track_opened(track), now),
        .since_client = track_since(track, last_word_of_client(track), now),
        .before = *before,
        .now = track->connection,
        .syn_count = track->syn_count,
        .server_frames = track->server.frames,
        .snapped = cut || track->client.tcp->trouble->cut != 0,
        .last_client_frame = track->login->last_client.frame,
        .last_server_frame = track->server.tcp->last_words,
        .server_spoke_last = track->server_spoke_last,
        .pipe = track->seldom->pipe != NULL,
        .pipe_status = track->seldom->pipe != NULL ? track->seldom->pipe->status : 0,
        .lost = track->gap,
        .unseen = unseen || (track->seldom->pipe != NULL && cut), /* SMB is cut, too */
        .gap = unseen || cut,
        .one_sided = track_lacks_a_side(track),
    };
    for (guint i = 0; i < LIMIT_COUNT; i++) {
        c->limits[i] = diagnoses_limit((limit_t)i);
    }
}

/* What the client did at the same time, and what the same host did on the same port at other times: asked for where the
 * connection ends. */
static void case_of_neighbours(case_t *c, const track_t *track)
{
    moment_t before = MOMENT_NONE;
    c->parallel_stream = case_is_on(c, ON_END) ? links_parallel(track) : 0;
    c->same_syn = case_is_on(c, ON_END) && c->before.position <= POSITION_REACHED ? links_same_syn(track) : 0;
    c->overtaken = c->at_end && links_is_overtaken(track);
    c->servers_missing = c->at_end && links_lack_servers();
    const track_t *accepted = NULL;
    if (c->seen == MESSAGE_RST) {
        accepted = links_accepted(track, &before);
    } else if (c->at_end && c->before.position == POSITION_SYN_SENT) {
        accepted = links_accepted_meanwhile(track);
    }
    c->accepted_stream = accepted != NULL ? accepted->number + 1 : 0;
    c->accepted_before = before;
    c->accepted_ttl = accepted != NULL ? accepted->server.tcp->first_ttl : 0;
}

static void case_of_kdc(case_t *c, const track_t *track, instant_t now)
{
    refusal_t refusal = tickets_refused(track, now);
    c->kdc_frame = refusal.frame;
    c->kdc_error = refusal.error;
    c->kdc_spn = refusal.spn;
    if (c->turn.debt.owes == SENDER_CLIENT) {
        unheard_t unheard = tickets_unheard(track, c->turn.frame);
        c->kdc_requests = unheard.requests;
        c->kdc_requested_frame = unheard.first.frame;
        c->kdc_asked_for = track_lasted(track, unheard.first, now, c->silence);
        c->kdc = unheard.kdc;
        c->kdc_denied = unheard.denied;
    }
}

/* What the side that owes something looks for. A host whose address it does not get is none that it tries to reach. */
static sought_t sought_by(const track_t *track, debt_t debt, guint32 behind, guint32 before, instant_t now)
{
    if (debt.owes == SENDER_UNKNOWN || awaited_is_response(debt.awaited)) {
        return (sought_t){0};
    }
    const address *host = track_side_of(track, (sender_t)debt.owes)->host;
    sought_t question = resolver_in_vain(host, behind, before, now);
    return question.host != NULL ? question : sought_in_vain(host, behind, before, now);
}

/* Whom else a side tried to reach while the other waited for it in the login. */
static void case_of_sought(case_t *c, const track_t *track, instant_t now)
{
    guint32 until = c->at_end ? G_MAXUINT32 : now.frame;
    if (c->waited != MOMENT_NONE && c->waited >= c->limits[LIMIT_SLOW_STEP]) {
        c->sought = sought_by(track, c->turn.debt, c->turn.frame, until, c->at_end ? diagnoses_latest(now.frame) : now);
    }
    c->sought_in_step = sought_by(track, c->of_step.debt, c->of_step.since, c->of_step.frame, now);
}

/* What both sides said. Rules that are asked in the TCP handshake do not read it. */
static void case_of_words(case_t *c, const track_t *track, instant_t now)
{
    case_of_login(c, track);
    case_of_tls(c, track);
    case_of_authentication(c, track, now);
    case_of_errors(c, track);
    case_of_routing(c, track);
    case_of_instance(c, track);
}

static bool is_handshake(message_t seen)
{
    return seen == MESSAGE_SYN || seen == MESSAGE_SYN_ACK || seen == MESSAGE_HANDSHAKE_ACK;
}

/* `frame`: NULL at the end of the connection. */
/* How long a step took is asked where it ends, and where the login does. */
static void case_of_times(case_t *c, const track_t *track)
{
    bool decided = case_is_decided(c) || track_time(track, TIME_TOTAL)->frame == c->frame;
    for (guint i = 0; i < TIME_COUNT; i++) {
        const kept_step_t *time = track_time(track, (step_time_id_t)i);
        bool asked = time->frame != 0 && (decided || time->frame == c->frame);
        moment_t took = asked ? track_took(track, (step_time_id_t)i) : 0;
        c->times[i] = (step_time_t){.begun = time->begun, .frame = time->frame, .took = took};
    }
}

static void case_fill(case_t *c, const track_t *track, instant_t now, const frame_t *frame)
{
    if (!is_handshake(c->seen)) {
        case_of_words(c, track, now);
    }
    case_of_times(c, track);
    watch_fill(c, track, now);
    if (frame != NULL) {
        c->login_readable = !frame->units.inside_tls;
        watch_fill_frame(c, track, frame);
    }
    case_of_turn(c, track, now);
    if (is_turning_point(c) || case_is_on(c, ON_LOGIN)) {
        case_of_kdc(c, track, now);
    }
    case_of_sought(c, track, now);
    if (is_turning_point(c)) {
        case_of_cancel(c, track, now);
        case_of_answer(c, track);
        case_of_missing(c, track);
        case_of_unfinished(c, track, now);
        case_of_neighbours(c, track);
        case_of_target(c, track);
        case_of_token_service(c, track);
        case_of_name(c, track);
    }
}

/* Whether a rule holds that was not raised before. Most do not hold, so that is asked first. */
static bool is_found(const track_t *track, diagnosis_t rule, const case_t *c, char text[RULE_TEXT])
{
    return rule_holds(rule, c, text) && !diagnosed(track, rule);
}

/* A client that closes on a request gives it up, as with an ATTENTION. */
static void note_abandoned(case_t *c, const track_t *track)
{
    bool closes = c->seen == MESSAGE_FIN || c->seen == MESSAGE_RST;
    if (closes && c->sender == SENDER_CLIENT && awaited_is_response(c->turn.debt.awaited)) {
        c->like_frame = links_note_cancel(track, c->frame, c->waited);
    }
}

static bool is_end_by_server(diagnosis_t rule)
{
    return rule == DIAGNOSIS_RESET_BY_SERVER || rule == DIAGNOSIS_SERVER_CLOSED_FIRST;
}

/* One finding for all, in place of those that each connection has of its own. */
static void report_once(track_t *track, diagnosis_t as, const char *text)
{
    diagnosis_t own =
        diagnosed(track, DIAGNOSIS_RESET_BY_SERVER) ? DIAGNOSIS_RESET_BY_SERVER : DIAGNOSIS_SERVER_CLOSED_FIRST;
    diagnosis_replace(track, diagnosed(track, as) ? as : own, as, text);
    diagnosis_withdraw(track, DIAGNOSIS_KILLED);
}

static void refer_to_first(track_t *track, const together_t *group, guint32 request)
{
    char text[RULE_TEXT], waiting[64] = "";
    if (request != 0) {
        (void)snprintf(waiting, sizeof waiting, ", on the request in frame %u", request);
    }
    (void)snprintf(text, sizeof text,
                   "the server's side ends this connection%s, together with connection %u: see frame %u", waiting,
                   group->members[0].track->number, group->members[0].frame);
    report_once(track, DIAGNOSIS_ENDED_TOGETHER_TOO, text);
}

static void report_group(const together_t *group)
{
    char text[RULE_TEXT], waiting[64] = "";
    if (group->requests > 0) {
        (void)snprintf(waiting, sizeof waiting, ", %u of them on a request", group->requests);
    }
    (void)snprintf(
        text, sizeof text,
        "the server's side ends %u connections within %s s, from frame %u to %u%s: a failover, a restart, or "
        "something between that went down",
        group->count, seconds(moment_between(group->first.at, group->last.at)).text, group->first.frame,
        group->last.frame, waiting);
    report_once(group->members[0].track, DIAGNOSIS_ENDED_TOGETHER, text);
}

/* Several connections of a server that end at once are said once: the first counts them. */
static void judge_end_by_server(track_t *track, const frame_t *frame, guint32 request)
{
    const together_t *group = links_note_end(track, frame, request);
    if (group->count < TOGETHER_LEAST) {
        return;
    }
    report_group(group);
    for (guint i = 1; group->count == TOGETHER_LEAST && i < TOGETHER_LEAST - 1; i++) {
        refer_to_first(group->members[i].track, group, group->members[i].request);
    }
    refer_to_first(track, group, request);
}

static bool rule_blames_kdc(diagnosis_t rule)
{
    return rule == DIAGNOSIS_SPN_UNKNOWN || rule == DIAGNOSIS_SPN_DUPLICATE || rule == DIAGNOSIS_KERBEROS_ERROR;
}

static void note_finding(track_t *track, diagnosis_t rule, const case_t *c, const char *text)
{
    diagnose(track, c->frame, rule, "%s", text);
    if (rule_blames_kdc(rule)) {
        track_fact_number(track, FACT_KERBEROS_ERROR, c->frame, c->kdc_error);
    }
}

void judge_message(track_t *track, const frame_t *frame, message_t seen, const connection_t *before)
{
    char text[RULE_TEXT];
    case_t c;
    case_begin(&c, track, before, instant_of(frame));
    c.seen = seen;
    c.sender = frame->sender;
    case_fill(&c, track, instant_of(frame), frame);
    note_abandoned(&c, track);
    bool ended = false;
    for (const uint8_t *asked = rules_asked(&c); *asked < DIAGNOSIS_COUNT; asked++) {
        diagnosis_t rule = (diagnosis_t)*asked;
        if (is_found(track, rule, &c, text)) {
            note_finding(track, rule, &c, text);
            ended = ended || is_end_by_server(rule);
            c.explained = c.explained || diagnosis_severity(rule) == SEVERITY_ERROR;
        }
    }
    if (ended) {
        judge_end_by_server(track, frame, turn_request(&c.turn));
    }
}

/* Whether later frames disproved a finding: at first it is not known whether missing bytes arrived. */
static bool is_disproved(const track_t *track, diagnosis_t rule)
{
    return (rule == DIAGNOSIS_CAPTURE_GAP && watch_gap_is_loss(track)) ||
           (rule == DIAGNOSIS_REQUEST_ABANDONED && turns_taken_all_the_same(track));
}

/* What the client did behind the server's close tells why its application got an error. */
static void use_words(const track_t *track, char words[RULE_TEXT])
{
    instant_t use = track->seldom->use_of_closed;
    moment_t after = track_since(track, track->seldom->closed, use);
    if (after != MOMENT_NONE && after >= diagnoses_limit(LIMIT_SLOW_STEP)) {
        (void)snprintf(words, RULE_TEXT,
                       "; the client, or its pool, did not heed that: it sends on in frame %u, %s s later", use.frame,
                       seconds(after).text);
    }
}

/* How long the client did nothing about the server's close, which its host acknowledged; MOMENT_NONE if it closed, or
 * that is not known. */
static moment_t left_open_for(const track_t *track)
{
    instant_t closed = track->seldom->closed;
    if (!turns_closed_for_client(track) || track->connection.client.fin || is_end_missing(track->client.tcp) ||
        track->namesakes->after.frame != 0) {
        return MOMENT_NONE;
    }
    if (!track->connection.reset) {
        return diagnoses_silence(closed);
    }
    const annotation_t *last = track_annotation(track, track->last_frame);
    bool by_server = last != NULL && last->sender == SENDER_SERVER;
    return by_server ? track_since(track, closed, track_instant(track, track->last_frame)) : MOMENT_NONE;
}

/* The socket of a pool or an application that does not look at it stays in CLOSE_WAIT. */
static void left_open_words(const track_t *track, char words[RULE_TEXT])
{
    moment_t time = left_open_for(track);
    if (time != MOMENT_NONE && time >= diagnoses_limit(LIMIT_IDLE)) {
        (void)snprintf(words, RULE_TEXT, "; the client, or its pool, did not heed that: it has not closed %s s later",
                       seconds(time).text);
    }
}

static void close_words(const track_t *track, char words[RULE_TEXT])
{
    if (track->seldom->use_of_closed.frame != 0) {
        use_words(track, words);
    } else {
        left_open_words(track, words);
    }
}

/* A client that tries the addresses of a name one after the other may find the next one open. */
static void elsewhere_words(const track_t *track, char words[RULE_TEXT])
{
    guint32 frame;
    moment_t after;
    const track_t *other = links_accepted_elsewhere(track, &after);
    const char *name = other == NULL ? NULL : resolver_name_of(track, &frame);
    if (other != NULL) {
        (void)snprintf(words, RULE_TEXT, "; the client %sgot through to another address of %s%s, in connection %u",
                       other->client.host->type != track->client.host->type ? "probably " : "",
                       brief(name != NULL ? name : "localhost").text, lasting(" ", after, " later").text,
                       other->number);
    }
}

/* What came behind a finding may tell more of it. At once it could not be known. */
static const char *with_hindsight(const track_t *track, const finding_t *finding, char text[RULE_TEXT])
{
    char words[RULE_TEXT] = "";
    if (finding->rule == DIAGNOSIS_SERVER_CLOSED_FIRST || finding->rule == DIAGNOSIS_SERVER_CLOSED_LOGIN) {
        close_words(track, words);
    } else if (finding->rule == DIAGNOSIS_CONNECTION_REFUSED) {
        elsewhere_words(track, words);
    }
    if (words[0] == '\0') {
        return finding->text;
    }
    (void)say(text, "%s%s", finding->text, words);
    return text;
}

static void report_unless_off(const track_t *track, const finding_t *finding, finding_callback_t callback, void *data)
{
    if (!diagnosis_is_off(finding->rule) && !is_disproved(track, finding->rule)) {
        char text[RULE_TEXT];
        const finding_t told = {finding->frame, finding->rule, with_hindsight(track, finding, text)};
        callback(&told, data);
    }
}

typedef struct {
    const track_t *track;
    finding_callback_t callback;
    void *data;
} callback_t;

static void report_to(const finding_t *finding, void *data)
{
    const callback_t *target = (const callback_t *)data;
    report_unless_off(target->track, finding, target->callback, target->data);
}

/* Reports the findings that only the end of the connection shows. They are not kept, but found again each time. */
static void report_end(const track_t *track, finding_callback_t callback, void *data)
{
    char text[RULE_TEXT];
    instant_t last = {track->last_frame, annotation_moment(track_annotation(track, track->last_frame))};
    case_t c;
    case_begin(&c, track, &track->connection, last);
    c.at_end = true;
    c.silence = diagnoses_silence_of(track);
    c.port_again = track->namesakes->after.frame != 0;
    case_fill(&c, track, last, NULL);
    for (const uint8_t *asked = rules_asked(&c); *asked < DIAGNOSIS_COUNT; asked++) {
        const finding_t finding = {c.frame, (diagnosis_t)*asked, text};
        if (is_found(track, finding.rule, &c, text)) {
            report_unless_off(track, &finding, callback, data);
        }
    }
    if (track->connection.close == CLOSE_OPEN) {
        callback_t target = {track, callback, data};
        sessions_waiting(track, last, c.silence, report_to, &target);
    }
}

void judge_findings_all(const track_t *track, finding_callback_t callback, void *data)
{
    guint count = track->findings.count;
    for (guint i = 0; i < count; i++) {
        report_unless_off(track, (const finding_t *)rows_at(&track->findings, i), callback, data);
    }
    report_end(track, callback, data);
}

static bool is_end_shown(const track_t *track, const packet_info *pinfo)
{
    return track_is_last(track, pinfo);
}

static bool is_found_late(const track_t *track, const packet_info *pinfo)
{
    return !PINFO_FD_VISITED(pinfo) && track->seldom->found_late != NULL &&
           wmem_list_count(track->seldom->found_late) > 0;
}

/* Most frames are behind the latest finding, if there is any. */
static bool is_found_in(const track_t *track, guint32 frame)
{
    const finding_t *latest = (const finding_t *)rows_last(&track->findings);
    return latest != NULL && latest->frame >= frame &&
           frames_at(&track->findings, frames_from(&track->findings, frame), frame) != NULL;
}

bool judge_may_find(const track_t *track, guint32 frame, const packet_info *pinfo)
{
    return is_found_in(track, frame) || is_end_shown(track, pinfo) || is_found_late(track, pinfo);
}

static void report_findings_of(const track_t *track, guint32 frame, finding_callback_t callback, void *data)
{
    guint i = frames_from(&track->findings, frame);
    const finding_t *finding;
    while ((finding = (const finding_t *)frames_at(&track->findings, i++, frame)) != NULL) {
        report_unless_off(track, finding, callback, data);
    }
}

/* Reports the findings of a frame; on the first pass also of earlier frames that were processed with it. */
static void report_frame(const track_t *track, const packet_info *pinfo, finding_callback_t callback, void *data)
{
    wmem_list_frame_t *late = is_found_late(track, pinfo) ? wmem_list_head(track->seldom->found_late) : NULL;
    for (; late != NULL; late = wmem_list_frame_next(late)) {
        report_findings_of(track, GPOINTER_TO_UINT(wmem_list_frame_data(late)), callback, data);
    }
    report_findings_of(track, number_of(pinfo), callback, data);
    if (is_end_shown(track, pinfo)) {
        report_end(track, callback, data);
    }
}

/* Who looks at the findings of a frame: `item` is where they are shown. */
typedef struct {
    packet_info *pinfo;
    proto_item *item; /* NULL without a tree: expert information counts all the same */
    gravest_t gravest;
} visit_t;

bool judge_is_bare_end(diagnosis_t rule)
{
    return rule == DIAGNOSIS_SERVER_CLOSED_FIRST || rule == DIAGNOSIS_SERVER_CLOSED_LOGIN ||
           rule == DIAGNOSIS_RESET_BY_CLIENT || rule == DIAGNOSIS_RESET_BY_CLIENT_LOGIN ||
           rule == DIAGNOSIS_RESET_BY_SERVER || rule == DIAGNOSIS_RESET_BY_SERVER_LOGIN;
}

static bool is_graver(diagnosis_t rule, const gravest_t *than)
{
    severity_t severity = diagnosis_severity(rule);
    bool explains = severity == than->severity && judge_is_bare_end(than->rule) && !judge_is_bare_end(rule);
    return severity > than->severity || explains;
}

static void keep_gravest(const finding_t *finding, void *data)
{
    visit_t *visitor = (visit_t *)data;
    if (is_graver(finding->rule, &visitor->gravest)) {
        visitor->gravest = (gravest_t){diagnosis_severity(finding->rule), finding->rule,
                                       wmem_strdup(visitor->pinfo->pool, finding->text)};
    }
}

static void show_finding(const finding_t *finding, void *data)
{
    const visit_t *visitor = (const visit_t *)data;
    finding_show(visitor->item, visitor->pinfo, finding->rule, finding->text);
    keep_gravest(finding, data);
}

gravest_t judge_gravest(const track_t *track, packet_info *pinfo)
{
    visit_t visitor = {.pinfo = pinfo};
    report_frame(track, pinfo, keep_gravest, &visitor);
    return visitor.gravest;
}

gravest_t judge_show(proto_item *item, packet_info *pinfo, const track_t *track)
{
    visit_t visitor = {.pinfo = pinfo, .item = item};
    report_frame(track, pinfo, show_finding, &visitor);
    return visitor.gravest;
}
