/* tickets.c - the requests to Kerberos KDCs in the capture, and their answers.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "memory/tickets.h"

#include <epan/ipproto.h>
#include <epan/to_str.h>

#include <string.h>

#include "core/kdc.h"
#include "memory/findings.h"
#include "wire/spans.h"
#include "memory/capture.h"
#include "memory/evidence.h"
#include "memory/facts.h"
#include "memory/times.h"
#include "wire/hosts.h"
#include "wire/text.h"

#define LATEST_LOOKED_AT 256               /* questions and answers of one client */
#define COPY_WITHIN      MILLISECONDS(100) /* a client that repeats a request waits longer */

/* What a client asked a KDC. */
typedef struct {
    instant_t begun;    /* the SYN, or the request itself */
    guint32 asked;      /* the frame in which the request begins; 0 = there was none yet */
    guint32 sendings;   /* of what is not answered */
    moment_t last_sent; /* the latest of them */
    bool answered;      /* or refused, or the capture lacks the answer */
    bool connected;     /* TCP: the KDC takes it ... */
    guint32 next;       /* ... and what it sends begins here */
    bool understood;    /* what it asks for is known */
    kdc_kind_t kind;
    const char *spn; /* a service of SQL Server, file scope; NULL = another one, or not known */
    const char *kdc; /* file scope */
    kdc_denial_t denied;
} question_t;

/* A KDC's answer about a service of SQL Server, or about the client's account. */
typedef struct {
    guint32 frame;
    moment_t at;
    kdc_kind_t kind;
    guint32 error;
    const char *spn;   /* file scope; NULL = about the account */
    const char *realm; /* file scope */
    size_t ticket;     /* bytes of it; 0 = there is none */
    guint32 asked;     /* the frame in which the client began to ask for this; 0 = not known */
} kdc_answer_t;

/* The requests of one client, and the answers to it. */
typedef struct {
    rows_t answers;          /* kdc_answer_t, in frame order */
    wmem_array_t *questions; /* question_t, in frame order */
    wmem_map_t *asking;      /* by its port: the latest of its questions, + 1 */
} kdc_client_t;

void tickets_begin_file(void)
{
    capture.kdc_clients = host_map_new();
}

/* NULL if it has neither. */
static kdc_client_t *kdc_client(const address *host)
{
    return (kdc_client_t *)wmem_map_lookup(capture.kdc_clients, host);
}

static kdc_client_t *kdc_client_make(const address *host)
{
    kdc_client_t *known = kdc_client(host);
    if (known != NULL) {
        return known;
    }
    kdc_client_t *client = wmem_new(wmem_file_scope(), kdc_client_t);
    client->answers = (rows_t){0};
    client->questions = wmem_array_sized_new(wmem_file_scope(), sizeof(question_t), 4);
    client->asking = wmem_map_new(wmem_file_scope(), g_direct_hash, g_direct_equal);
    host_map_add(capture.kdc_clients, host, client);
    return client;
}

/* Questions. */

/* Under which a question is kept. */
static gpointer question_key(port_type kind, guint32 port)
{
    return GUINT_TO_POINTER(port << 1 | (kind == PT_TCP));
}

/* The latest that a client asked from this port, or NULL. */
static question_t *question_from(const kdc_client_t *client, port_type kind, guint32 port)
{
    guint place = client == NULL ? 0 : GPOINTER_TO_UINT(wmem_map_lookup(client->asking, question_key(kind, port)));
    return place == 0 ? NULL : (question_t *)wmem_array_index(client->questions, place - 1);
}

static question_t *question_make(const packet_info *pinfo)
{
    const kdc_client_t *client = kdc_client_make(&pinfo->src);
    question_t question = {
        .begun = {number_of(pinfo), moment_of(pinfo)},
        .sendings = 1,
        .last_sent = moment_of(pinfo),
        .kdc = address_to_str(wmem_file_scope(), &pinfo->dst),
    };
    wmem_array_append_one(client->questions, question);
    guint place = wmem_array_get_count(client->questions);
    wmem_map_insert(client->asking, question_key(pinfo->ptype, pinfo->srcport), GUINT_TO_POINTER(place));
    return (question_t *)wmem_array_index(client->questions, place - 1);
}

static void count_sending(question_t *question, const packet_info *pinfo)
{
    moment_t now = moment_of(pinfo);
    if (moment_between(question->last_sent, now) > COPY_WITHIN) {
        question->sendings++;
        question->last_sent = now;
    }
}

static void read_question(question_t *question, const packet_info *pinfo, span_t bytes)
{
    kdc_message_t kdc;
    char room[KERBEROS_NAME_LIMIT];
    question->asked = number_of(pinfo);
    question->understood = kdc_parse_request(bytes, &kdc);
    question->kind = kdc.kind;
    if (question->understood && kdc_is_sql_server(&kdc.about)) {
        span_t spn = kerberos_service_name(&kdc.about, room);
        question->spn = spn.cut ? NULL : text_utf8(wmem_file_scope(), spn);
    }
}

/* A request, or more of one. */
static void read_request(const packet_info *pinfo, span_t bytes)
{
    question_t *question = question_from(kdc_client(&pinfo->src), pinfo->ptype, pinfo->srcport);
    if (question == NULL || question->answered) {
        question = question_make(pinfo);
    }
    if (question->asked == 0) {
        read_question(question, pinfo, bytes);
    } else if (pinfo->ptype == PT_UDP) {
        count_sending(question, pinfo);
    }
}

/* TCP to a KDC: a SYN begins a question, and an ACK of bytes that are not in the capture ends it. */
static void read_client_tcp(const packet_info *pinfo, const tcp_facts_t *tcp)
{
    question_t *question = question_from(kdc_client(&pinfo->src), pinfo->ptype, pinfo->srcport);
    bool open = question != NULL && !question->answered;
    if ((tcp->flags & TCP_SYN) != 0) {
        if (open && !question->connected) {
            count_sending(question, pinfo);
        } else {
            (void)question_make(pinfo);
        }
    } else if (open && question->connected && (tcp->flags & TCP_ACK) != 0 && tcp->ack != question->next) {
        question->answered = true;
    }
}

static void note_denial(question_t *question, kdc_denial_t denial)
{
    if (!question->answered && question->denied.frame == 0) {
        question->denied = denial;
    }
}

void tickets_note_unreachable(const packet_info *pinfo, const icmp_answer_t *icmp)
{
    ASSERT_FIRST_PASS(pinfo);
    port_type kind = icmp->protocol == IP_PROTO_UDP ? PT_UDP : PT_TCP;
    question_t *question =
        icmp->target_port == KDC_PORT ? question_from(kdc_client(&icmp->source), kind, icmp->source_port) : NULL;
    if (question != NULL && !unreachable_is_too_big(&icmp->what)) {
        const char *from = address_to_str(wmem_file_scope(), &icmp->from);
        note_denial(question,
                    (kdc_denial_t){.frame = number_of(pinfo), .icmp = true, .what = icmp->what, .from = from});
    }
}

void tickets_note_fragment(const packet_info *pinfo, const fragment_t *fragment)
{
    ASSERT_FIRST_PASS(pinfo);
    const kdc_client_t *client = fragment->source_port == KDC_PORT ? kdc_client(&pinfo->dst) : NULL;
    question_t *question = question_from(client, PT_UDP, fragment->target_port);
    if (question != NULL) {
        note_denial(question, (kdc_denial_t){.frame = number_of(pinfo), .part = true});
    }
}

static void read_kdc_tcp(const packet_info *pinfo, const tcp_facts_t *tcp)
{
    question_t *question = question_from(kdc_client(&pinfo->dst), pinfo->ptype, pinfo->destport);
    if (question == NULL) {
        return;
    }
    if ((tcp->flags & TCP_RST) != 0 && !question->connected) {
        note_denial(question, (kdc_denial_t){.frame = number_of(pinfo), .from = question->kdc});
    } else if ((tcp->flags & TCP_RST) != 0) {
        question->answered = true;
    }
    if ((tcp->flags & TCP_SYN) != 0) {
        question->connected = true;
        question->next = tcp->seq + 1;
        question->sendings = 1;
    }
}

/* Answers. */

/* The service that an answer is about: its own, else that of the question. NULL if there is none of SQL Server. */
static const char *service_of(const kdc_message_t *kdc, const question_t *question)
{
    char room[KERBEROS_NAME_LIMIT];
    if (!kdc_is_sql_server(&kdc->about)) {
        return question == NULL || kdc->kind != KDC_ERROR || question->kind != KDC_TGS_REQ ? NULL : question->spn;
    }
    span_t spn = kerberos_service_name(&kdc->about, room);
    return spn.cut ? NULL : text_utf8(wmem_file_scope(), spn);
}

/* Whether it decides about a ticket for the account itself. */
static bool is_about_account(const kdc_message_t *kdc, const question_t *question)
{
    return kdc->kind == KDC_AS_REP ||
           (kdc->kind == KDC_ERROR && question != NULL && question->understood && question->kind == KDC_AS_REQ);
}

/* Whether the KDC only says how it wants to be asked. */
static bool asks_again(const kdc_message_t *kdc)
{
    enum { PREAUTHENTICATION_REQUIRED = 25, TOO_BIG = 52 }; /* RFC 4120 7.2.1: it comes again over TCP */
    return kdc->about.error == PREAUTHENTICATION_REQUIRED || kdc->about.error == TOO_BIG;
}

static void note_answer(const packet_info *pinfo, const kdc_message_t *kdc, const question_t *question)
{
    const char *spn = service_of(kdc, question);
    if (asks_again(kdc) || (spn == NULL && !is_about_account(kdc, question))) {
        return;
    }
    kdc_answer_t answer = {
        .frame = number_of(pinfo),
        .at = moment_of(pinfo),
        .kind = kdc->kind,
        .error = kdc->about.error,
        .spn = spn,
        .realm = text_utf8(wmem_file_scope(), kdc->about.realm),
        .ticket = kdc->ticket,
        .asked = question == NULL ? 0 : question->asked,
    };
    rows_add(&kdc_client_make(&pinfo->dst)->answers, &answer, sizeof answer);
}

static void read_answer(const packet_info *pinfo, span_t bytes)
{
    question_t *question = question_from(kdc_client(&pinfo->dst), pinfo->ptype, pinfo->destport);
    question = question == NULL || question->answered ? NULL : question; /* else it is the rest of one, or a copy */
    kdc_message_t kdc;
    if (kdc_parse(bytes, &kdc)) {
        note_answer(pinfo, &kdc, question);
    }
    if (question != NULL) {
        question->answered = true;
    }
}

void tickets_read_frame(tvbuff_t *frame, packet_info *pinfo)
{
    ASSERT_FIRST_PASS(pinfo);
    bool by_kdc = pinfo->srcport == KDC_PORT;
    bool is_tcp = pinfo->ptype == PT_TCP;
    span_t payload;
    tcp_facts_t tcp = {0};
    if ((pinfo->ptype != PT_UDP && !is_tcp) || !payload_read(frame, pinfo, &payload) ||
        (is_tcp && !tcp_facts_read(frame, pinfo, &tcp))) {
        return;
    }
    if (is_tcp) {
        (by_kdc ? read_kdc_tcp : read_client_tcp)(pinfo, &tcp);
    }
    if (is_tcp && tcp.payload_length == 0) { /* Ethernet's padding is nothing */
        return;
    }
    payload = span_from(payload, is_tcp ? 4 : 0); /* RFC 4120 7.2.2: a length goes before the message */
    (by_kdc ? read_answer : read_request)(pinfo, payload);
}

/* Whose they are. */

/* MSSQLSvc/host:port names the port, MSSQLSvc/host:instance and MSSQLSvc/host leave it open. */
static bool spn_may_be_of(const char *spn, guint16 port)
{
    const char *colon = strrchr(spn, ':');
    return colon == NULL || !g_ascii_isdigit(colon[1]) || (guint16)strtoul(colon + 1, NULL, 10) == port;
}

/* Whether the client called the server by another name than the SPN has: in LOGIN7, or to TLS. */
static bool names_another_host(const char *spn, const track_t *track)
{
    const char *login = track_fact_text(track, FACT_LOGIN_SERVER);
    const char *name = login != NULL ? login : track_fact_text(track, FACT_TLS_SNI);
    if (strchr(spn, '/') == NULL || name == NULL) {
        return false;
    }
    if (!text_is_whole(name)) { /* perhaps */
        return true;
    }
    name = hosts_name_in(name);
    const char *host = hosts_name_in(spn);
    size_t asked = hosts_label(name);
    size_t told = hosts_label(host);
    return asked != 0 && told != 0 && (asked != told || g_ascii_strncasecmp(name, host, told) != 0);
}

/* Whether an answer is about the service of this connection: that of the client's token, where it was read. One about
 * the account is if the client asked while the connection was there. */
static bool is_about(const kdc_answer_t *answer, const track_t *track)
{
    if (answer->spn == NULL) {
        return track_time(track, TIME_TOTAL)->begun != 0 && answer->asked > track_time(track, TIME_TOTAL)->begun;
    }
    const char *spn = track_fact_text(track, track->ticket_seen ? FACT_KERBEROS_SPN : FACT_NTLM_SPN);
    return spn != NULL ? text_is_whole(spn) && g_ascii_strcasecmp(spn, answer->spn) == 0
                       : spn_may_be_of(answer->spn, track->server.port) && !names_another_host(answer->spn, track);
}

static bool is_same_service(const char *one, const char *other)
{
    return one == NULL || other == NULL ? one == other : g_ascii_strcasecmp(one, other) == 0;
}

/* Whether the client got a ticket for the same service, or for its account, behind an error. */
static bool is_overcome(const kdc_client_t *client, guint place, guint count)
{
    const kdc_answer_t *error = (const kdc_answer_t *)rows_at(&client->answers, place);
    for (guint i = place + 1; i < count; i++) {
        const kdc_answer_t *later = (const kdc_answer_t *)rows_at(&client->answers, i);
        if (later->kind != KDC_ERROR && is_same_service(later->spn, error->spn)) {
            return true;
        }
    }
    return false;
}

/* Whether an answer came that short before a frame. Where times do not tell, one that came while the connection was
 * there did. */
static bool is_recent(const kdc_answer_t *answer, const track_t *track, instant_t before, moment_t age)
{
    moment_t passed = moment_between(answer->at, before.at);
    guint32 begun = track_time(track, TIME_TOTAL)->begun;
    return passed != MOMENT_NONE ? passed <= age : begun != 0 && answer->frame > begun;
}

/* The latest answer of that kind, before a frame and not older than that, to this connection's client about a service
 * that it may have meant. MOMENT_NONE: however old. */
static const kdc_answer_t *answer_for(const track_t *track, kdc_kind_t kind, instant_t before, moment_t age)
{
    const kdc_client_t *client = kdc_client(track->client.host);
    guint count = client == NULL ? 0 : frames_from(&client->answers, before.frame);
    for (guint i = count; i > 0 && i + LATEST_LOOKED_AT > count; i--) {
        const kdc_answer_t *answer = (const kdc_answer_t *)rows_at(&client->answers, i - 1);
        if (answer->kind == kind && (age == MOMENT_NONE || is_recent(answer, track, before, age)) &&
            is_about(answer, track)) {
            return kind == KDC_ERROR && is_overcome(client, i - 1, count) ? NULL : answer;
        }
    }
    return NULL;
}

refusal_t tickets_refused(const track_t *track, instant_t before)
{
    const kdc_answer_t *answer = answer_for(track, KDC_ERROR, before, diagnoses_limit(LIMIT_KERBEROS_FAILURE));
    refusal_t refusal = {0};
    if (answer != NULL) {
        refusal = (refusal_t){answer->frame, answer->error, answer->spn};
    }
    return refusal;
}

unheard_t tickets_unheard(const track_t *track, guint32 behind)
{
    unheard_t unheard = {0};
    const kdc_client_t *client = kdc_client(track->client.host);
    guint count = client == NULL ? 0 : wmem_array_get_count(client->questions);
    for (guint i = count; i > 0 && i + LATEST_LOOKED_AT > count; i--) {
        const question_t *question = (const question_t *)wmem_array_index(client->questions, i - 1);
        if (question->answered || question->begun.frame <= behind) {
            break;
        }
        unheard.requests += question->sendings;
        unheard.first = question->begun;
        unheard.kdc = question->kdc;
        unheard.denied = question->denied.frame != 0 ? question->denied : unheard.denied;
    }
    return unheard;
}

/* The ticket that the client asked for and got in its last turn before LOGIN7, which is long enough for it. Somebody
 * else on the same host hardly does just that in just that time. */
static const kdc_answer_t *ticket_of_turn(const track_t *track)
{
    const kdc_client_t *client = kdc_client(track->client.host);
    guint32 from = track->login->turn_from;
    guint count = client == NULL || from == 0 ? 0 : frames_from(&client->answers, track->login->turn_to);
    for (guint i = count; i > 0 && i + LATEST_LOOKED_AT > count; i--) {
        const kdc_answer_t *answer = (const kdc_answer_t *)rows_at(&client->answers, i - 1);
        if (answer->kind == KDC_TGS_REP && answer->asked > from && is_about(answer, track) &&
            hidden_may_be_of_ticket(track->login->hidden->login, answer->ticket)) {
            return answer;
        }
    }
    return NULL;
}

void tickets_find(track_t *track)
{
    const kdc_answer_t *fetched = ticket_of_turn(track);
    const kdc_answer_t *answer =
        fetched != NULL ? fetched : answer_for(track, KDC_TGS_REP, (instant_t){G_MAXUINT32, MOMENT_NONE}, MOMENT_NONE);
    if (answer == NULL) {
        return;
    }
    if (fetched != NULL) {
        track_note_evidence(track, EVIDENCE_TICKET_FETCHED, fetched->frame);
    }
    if (track_auth(track).auth == AUTH_KERBEROS) {
        track_fact_string(track, FACT_KERBEROS_SPN, answer->frame, answer->spn);
        track_fact_string(track, FACT_KERBEROS_REALM, answer->frame, answer->realm);
        track_fact_number(track, FACT_KDC_FRAME, answer->frame, answer->frame);
    }
}
