/* case.c - what the rules are asked about: a connection as it is at a message, or at its end.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "judge/case.h"

#include "core/azure.h"
#include "core/ends.h"
#include "core/loginrules.h"
#include "memory/evidence.h"
#include "memory/facts.h"
#include "memory/findings.h"
#include "memory/links.h"
#include "memory/resolver.h"
#include "memory/sought.h"
#include "memory/tickets.h"
#include "memory/times.h"
#include "memory/turns.h"
#include "memory/watch.h"

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
    c->client_end_missing = track->client.frames == 0 || tcp_side_lacks_end(track->client.tcp);
    c->server_end_missing = track->server.frames == 0 || tcp_side_lacks_end(track->server.tcp);
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
    return answers ? (resent_t){c->turn.message, turn_sendings(&c->turn),
                                turn_parts(&c->turn, end_of_wait(c)).request_spread}
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
    if (track->seldom->ending_frame > c->error_before.frame) {
        c->error_before = (error_before_t){track->seldom->ending_frame, track->seldom->ending, CLASS_OF_ERRORS - 1};
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

/* A frame, if it is the server's latest with a payload; else 0. */
static guint32 if_last_words(const track_t *track, guint32 frame)
{
    return frame == track->server.tcp->last_words ? frame : 0;
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
    c->server_alerted = if_last_words(track, track->seldom->server_alert);
    c->server_left = if_last_words(track, track->seldom->server_left);
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
    c->node_port = (c->routed_from != 0 || c->redirecting != 0) && azure_is_node_port(track->server.port);
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

/* When the host that does not answer a SYN did answer on this port. */
static void case_of_same_port(case_t *c, const track_t *track)
{
    bool known = links_is_server(track->server.host, track->server.port);
    const track_t *later = links_accepted_later(track, &c->accepted_after);
    const track_t *earlier = known ? links_accepted(track, &c->accepted_ago) : NULL;
    c->accepted_later = later != NULL ? later->number + 1 : 0;
    c->accepted_earlier = earlier != NULL ? earlier->number + 1 : 0;
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
        case_of_same_port(c, track);
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

void case_at_message(case_t *c, const track_t *track, const frame_t *frame, message_t seen, const connection_t *before)
{
    case_begin(c, track, before, instant_of(frame));
    c->seen = seen;
    c->sender = frame->sender;
    case_fill(c, track, instant_of(frame), frame);
}

void case_at_end(case_t *c, const track_t *track)
{
    instant_t last = track_instant(track, track->last_frame);
    case_begin(c, track, &track->connection, last);
    c->at_end = true;
    c->silence = diagnoses_silence_of(track);
    c->port_again = track->namesakes->after.frame != 0;
    case_fill(c, track, last, NULL);
}

/* Most rules do not hold, so that is asked first. */
bool case_raises(const case_t *c, const track_t *track, diagnosis_t rule, char text[RULE_TEXT])
{
    return rule_holds(rule, c, text) && !diagnosed(track, rule);
}
