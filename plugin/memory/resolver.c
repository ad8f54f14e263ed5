/* resolver.c - the names that clients looked up in the capture before they connected.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "memory/resolver.h"

#include <string.h>

#include "memory/capture.h"
#include "memory/facts.h"
#include "memory/keep.h"
#include "memory/sought.h"
#include "memory/times.h"
#include "wire/hosts.h"
#include "wire/spans.h"
#include "wire/tcpfacts.h"

#define KEPT_QUESTIONS 64                /* of a client: the latest */
#define COPY_WITHIN    MILLISECONDS(100) /* a client that repeats a question waits longer */
#define LINKED_WITHIN  SECONDS(15)       /* without an answer, resolvers ask again sooner */
#define PROMPT         SECONDS(1)        /* so soon behind an answer a client connects, or asks for the next name */
#define GIVEN_UP       SECONDS(6)        /* so long at most a resolver waits for an answer: 5 s are usual */

/* What a client asked: one name, one kind of address, until it is answered. */
typedef struct {
    char *name;   /* file scope */
    guint hash;   /* of the name */
    guint8 label; /* bytes of its first */
    guint8 type, code;
    guint16 port;
    bool reported; /* a connection had it */
    instant_t begun;
    moment_t last_sent;
    guint32 sendings;
    instant_t answered;  /* frame 0 = it is not */
    guint8 *addresses;   /* file scope; NULL = none came */
    guint address_bytes; /* of all of them */
} question_t;

/* The latest questions of a client: the one with number N is at N % KEPT_QUESTIONS. */
typedef struct {
    int type;                /* of its address, as in address_type */
    wmem_array_t *questions; /* question_t */
    guint count;             /* that there ever were */
} asker_t;

/* Who was given an address. */
typedef struct {
    const asker_t *asker; /* NULL = more than one */
} given_t;

void resolver_begin_file(void)
{
    capture.askers = host_map_new();
    capture.given = host_map_new();
}

static asker_t *asker_of(const address *host)
{
    return (asker_t *)wmem_map_lookup(capture.askers, host);
}

static asker_t *asker_make(const address *host)
{
    asker_t *asker = asker_of(host);
    if (asker == NULL) {
        asker = wmem_new0(wmem_file_scope(), asker_t);
        asker->type = host->type;
        asker->questions = wmem_array_sized_new(wmem_file_scope(), sizeof(question_t), 2);
        host_map_add(capture.askers, host, asker);
    }
    return asker;
}

/* The question with that number. */
static question_t *question_at(const asker_t *asker, guint number)
{
    return (question_t *)wmem_array_index(asker->questions, number % KEPT_QUESTIONS);
}

/* The number of the earliest that is kept. */
static guint first_kept(const asker_t *asker)
{
    return asker->count > KEPT_QUESTIONS ? asker->count - KEPT_QUESTIONS : 0;
}

/* The latest with that name and type that is not answered, or NULL. */
static question_t *open_question(const asker_t *asker, const dns_message_t *message)
{
    guint hash = asker == NULL ? 0 : g_str_hash(message->name);
    for (guint i = asker == NULL ? 0 : asker->count; i > 0 && i > first_kept(asker); i--) {
        question_t *question = question_at(asker, i - 1);
        if (question->hash == hash && question->type == message->type && strcmp(question->name, message->name) == 0) {
            return question->answered.frame == 0 ? question : NULL;
        }
    }
    return NULL;
}

/* In place of the oldest, if there is no more room. */
static void question_add(asker_t *asker, const question_t *question)
{
    if (wmem_array_get_count(asker->questions) < KEPT_QUESTIONS) {
        wmem_array_append(asker->questions, question, 1);
    } else {
        question_t *oldest = question_at(asker, asker->count);
        wmem_free(wmem_file_scope(), oldest->name);
        wmem_free(wmem_file_scope(), oldest->addresses);
        *oldest = *question;
    }
    asker->count++;
}

static void read_question(const packet_info *pinfo, const dns_message_t *message)
{
    asker_t *asker = asker_make(&pinfo->src);
    question_t *open = open_question(asker, message);
    moment_t now = moment_of(pinfo);
    moment_t since = open == NULL ? MOMENT_NONE : moment_between(open->last_sent, now);
    if (open != NULL && since <= LINKED_WITHIN) {
        open->sendings += since > COPY_WITHIN;
        open->last_sent = now;
        return;
    }
    question_t question = {
        .name = wmem_strdup(wmem_file_scope(), message->name),
        .hash = g_str_hash(message->name),
        .label = (guint8)strcspn(message->name, "."),
        .type = (guint8)message->type,
        .port = (guint16)pinfo->destport,
        .begun = {number_of(pinfo), now},
        .last_sent = now,
        .sendings = 1,
    };
    question_add(asker, &question);
}

static void keep_address(question_t *question, span_t address)
{
    enum { MOST = 256 };
    if (question->address_bytes + address.length <= MOST) {
        question->addresses =
            (guint8 *)wmem_realloc(wmem_file_scope(), question->addresses, question->address_bytes + address.length);
        memcpy(question->addresses + question->address_bytes, address.at, address.length);
        question->address_bytes += (guint)address.length;
    }
}

static void note_given(const asker_t *asker, guint16 type, span_t bytes)
{
    address host;
    set_address(&host, type == DNS_TYPE_AAAA ? AT_IPv6 : AT_IPv4, (int)bytes.length, bytes.at);
    given_t *given = (given_t *)wmem_map_lookup(capture.given, &host);
    if (given == NULL) {
        given = wmem_new(wmem_file_scope(), given_t);
        given->asker = asker;
        host_map_add(capture.given, &host, given);
    } else if (given->asker != asker) {
        given->asker = NULL;
    }
}

static void read_answer(const packet_info *pinfo, dns_message_t *message)
{
    const asker_t *asker = asker_of(&pinfo->dst);
    question_t *question = open_question(asker, message);
    span_t address;
    if (question == NULL) {
        return;
    }
    question->answered = (instant_t){number_of(pinfo), moment_of(pinfo)};
    question->code = message->code;
    while (dns_next_address(message, &address)) {
        if (address.length == (message->type == DNS_TYPE_AAAA ? IPV6_LENGTH : IPV4_LENGTH)) {
            keep_address(question, address);
            note_given(asker, message->type, address);
        }
    }
}

void resolver_read_frame(tvbuff_t *frame, packet_info *pinfo)
{
    ASSERT_FIRST_PASS(pinfo);
    span_t payload;
    dns_message_t message;
    if (!payload_read(frame, pinfo, &payload) || !dns_parse(payload, &message)) {
        return;
    }
    if (message.answer) {
        read_answer(pinfo, &message);
    } else {
        read_question(pinfo, &message);
    }
}

/* Whose they are. */

/* Whether an answer that came before that frame has this address. */
static bool has_address(const question_t *question, const address *host, guint32 before)
{
    guint size = question->type == DNS_TYPE_AAAA ? IPV6_LENGTH : IPV4_LENGTH;
    bool there = question->answered.frame != 0 && question->answered.frame < before && (guint)host->len == size;
    for (guint i = 0; there && i + size <= question->address_bytes; i += size) {
        if (memcmp(question->addresses + i, host->data, size) == 0) {
            return true;
        }
    }
    return false;
}

/* Whether a name begins with the label of the host that `like` is, as the client has it. */
static bool is_label_of(const question_t *question, const char *like)
{
    const char *host = like == NULL ? "" : hosts_name_in(like);
    size_t label = hosts_label(host);
    return label != 0 && label == question->label && g_ascii_strncasecmp(question->name, host, label) == 0;
}

/* By any of the names that the client has for the server. */
static bool is_by_name(const question_t *question, const track_t *track)
{
    static const fact_id_t names[] = {FACT_TLS_SNI, FACT_LOGIN_SERVER, FACT_KERBEROS_SPN, FACT_NTLM_SPN};
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        if (is_label_of(question, track_fact_text(track, names[i]))) {
            return true;
        }
    }
    return false;
}

static bool is_same_label(const question_t *one, const question_t *other)
{
    return one->label == other->label && strncmp(one->name, other->name, one->label) == 0;
}

static bool is_answered_by(const question_t *question, guint32 frame)
{
    return question->answered.frame != 0 && question->answered.frame < frame;
}

/* Whether a question is of another look-up than one that begins then. */
static bool is_apart(const question_t *question, moment_t begun, guint32 before)
{
    bool answered = is_answered_by(question, before);
    moment_t apart = moment_between(answered ? question->answered.at : question->last_sent, begun);
    return apart != MOMENT_NONE && apart > (answered ? PROMPT : LINKED_WITHIN);
}

/* A question that belongs to a look-up, from the latest to the earliest. */
static void add_question(looked_up_t *found, const question_t *question, guint32 before)
{
    bool answered = is_answered_by(question, before);
    found->name = found->name != NULL ? found->name : question->name;
    found->frame = question->begun.frame;
    found->questions += question->sendings;
    found->unanswered += question->sendings - answered;
    found->answered = answered ? MAX(found->answered, question->answered.frame) : found->answered;
    found->found = found->found || (answered && question->address_bytes > 0);
    if (answered && question->code != 0 && question->answered.frame > found->failed) {
        found->failed = question->answered.frame;
        found->code = question->code;
    }
}

/* Whether the client waits for this question. If DNS gave an address, it does not wait for LLMNR and NetBIOS. */
static bool is_waited_for(const question_t *question, bool known)
{
    return question->port == DNS_PORT || !known;
}

/* A look-up; `until` is when the last word of it came, `open` one that was not
 * answered when the client connected. */
typedef struct {
    looked_up_t all;
    moment_t begun, until, open;
} chain_t;

static void chain_add(chain_t *chain, const question_t *question, guint32 before, bool known)
{
    add_question(&chain->all, question, before);
    chain->begun = question->begun.at;
    if (is_answered_by(question, before)) {
        chain->until = MAX(chain->until, question->answered.at);
    } else if (is_waited_for(question, known)) {
        chain->open = MAX(chain->open, question->last_sent);
    }
}

/* All questions before that frame for the name of one of them. */
static chain_t chain_of(const asker_t *asker, const question_t *one, guint32 before, bool known)
{
    chain_t chain = {.begun = MOMENT_NONE, .until = MOMENT_NONE, .open = MOMENT_NONE};
    for (guint i = asker->count; i > 0 && i > first_kept(asker); i--) {
        question_t *question = question_at(asker, i - 1);
        if (!is_same_label(question, one) || question->begun.frame > before) {
            continue;
        }
        if (question->reported || is_apart(question, chain.begun, before)) {
            break;
        }
        chain_add(&chain, question, before, known);
        question->reported = true;
    }
    return chain;
}

/* How long the client waited, if it connected as soon as it could. */
static moment_t chain_took(const chain_t *chain, moment_t connected)
{
    moment_t open = moment_between(chain->open, connected);
    moment_t heard = moment_between(chain->until, connected);
    if (open != MOMENT_NONE && open <= GIVEN_UP) {
        return moment_between(chain->begun, connected);
    }
    return heard != MOMENT_NONE && heard <= PROMPT ? moment_between(chain->begun, chain->until) : MOMENT_NONE;
}

/* The latest question before a connection's SYN that `is` accepts and that was not returned for another connection. Its
 * number + 1; 0 = there is none. */
static guint latest_question(const asker_t *asker, const track_t *track,
                             bool (*is)(const question_t *, const track_t *))
{
    guint32 before = track_time(track, TIME_TOTAL)->begun;
    for (guint i = asker->count; i > 0 && i > first_kept(asker); i--) {
        const question_t *question = question_at(asker, i - 1);
        if (question->begun.frame < before && !question->reported && is(question, track)) {
            return i;
        }
    }
    return 0;
}

static bool is_by_address(const question_t *question, const track_t *track)
{
    return has_address(question, track->server.host, track_time(track, TIME_TOTAL)->begun);
}

/* The latest question whose answer gave the server's address. The number + 1; 0 = there is none. */
static guint question_of_address(const asker_t *asker, const track_t *track)
{
    for (guint i = asker == NULL ? 0 : asker->count; i > 0 && i > first_kept(asker); i--) {
        if (is_by_address(question_at(asker, i - 1), track)) {
            return i;
        }
    }
    return 0;
}

/* Who asked for the server's address: the client. With the other version of IP the client has another address, and it
 * is whoever alone was given that one. */
static const asker_t *asker_for(const track_t *track)
{
    const asker_t *own = asker_of(track->client.host);
    const given_t *given =
        question_of_address(own, track) != 0 ? NULL : (given_t *)wmem_map_lookup(capture.given, track->server.host);
    bool other_version = given != NULL && given->asker != NULL && given->asker->type != track->client.host->type;
    return other_version ? given->asker : own;
}

const char *resolver_name_of(const track_t *track, guint32 *frame)
{
    const asker_t *asker = asker_for(track);
    guint number = question_of_address(asker, track);
    if (number == 0) {
        return NULL;
    }
    const question_t *question = question_at(asker, number - 1);
    *frame = question->answered.frame;
    return question->name;
}

bool resolver_joins(const track_t *track, const track_t *other)
{
    const asker_t *asker = asker_for(track);
    guint one = question_of_address(asker, track), two = question_of_address(asker, other);
    return one != 0 && two != 0 && asker_for(other) == asker &&
           strcmp(question_at(asker, one - 1)->name, question_at(asker, two - 1)->name) == 0;
}

looked_up_t resolver_before(const track_t *track)
{
    const asker_t *asker = asker_of(track->client.host);
    instant_t opened = track_opened(track);
    guint by_address = asker == NULL ? 0 : latest_question(asker, track, is_by_address);
    guint latest = by_address != 0 || asker == NULL ? by_address : latest_question(asker, track, is_by_name);
    if (latest == 0) {
        return (looked_up_t){.took = MOMENT_NONE};
    }
    chain_t chain = chain_of(asker, question_at(asker, latest - 1), opened.frame, by_address != 0);
    chain.all.took = chain_took(&chain, opened.at);
    return chain.all;
}

looked_up_t resolver_behind(const track_t *track, const char *name, guint32 frame)
{
    looked_up_t found = {.took = MOMENT_NONE};
    const asker_t *asker = asker_of(track->client.host);
    for (guint i = asker == NULL ? 0 : asker->count; i > 0 && i > first_kept(asker); i--) {
        const question_t *question = question_at(asker, i - 1);
        if (question->begun.frame > frame && is_label_of(question, name)) {
            add_question(&found, question, G_MAXUINT32);
        }
    }
    return found;
}

sought_t resolver_in_vain(const address *client, guint32 behind, guint32 before, instant_t now)
{
    const asker_t *asker = asker_of(client);
    for (guint i = asker == NULL ? 0 : first_kept(asker); asker != NULL && i < asker->count; i++) {
        const question_t *question = question_at(asker, i);
        bool within = question->begun.frame > behind && question->begun.frame < before;
        bool in_vain = question->port == DNS_PORT && question->answered.frame == 0;
        if (within && in_vain && sought_is_due(question->begun, now)) {
            const char *name = (const char *)keep_shared(question->name, strlen(question->name) + 1);
            return (sought_t){.frame = question->begun.frame, .asked = true, .host = name, .port = DNS_PORT};
        }
    }
    return (sought_t){0};
}
