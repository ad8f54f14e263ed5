/* hidden_test.c - what sizes and turns of an encrypted login may lead to, and what they never may.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Sizes are those of MS-TDS and MS-NLMP messages with their TDS header; the random ones reach further on both
 * sides than what drivers and servers were seen to send. The verdict is asked for after every record, as the
 * plugin does.
 */
#include "hidden.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define RECORD_HEADER 5
#define RECORDS       32
#define TRIALS        100000
#define NOTHING       (-1)

static const tls_overhead_t gcm = {true, 24, 24};

/* A conversation from LOGIN7 on: sizes of records, the server's negative, 0 ends. */
typedef struct {
    int sizes[RECORDS];
    unsigned count;
} talk_t;

/* What was said on the way: the connection keeps it. */
typedef struct {
    hidden_outcome_t outcome;
    int evidence;
    uint32_t command; /* the record with which commands begin; 0 = not known */
} judged_t;

static judged_t judge_talk(const talk_t *talk, tls_overhead_t overhead, hidden_circumstances_t at_end)
{
    hidden_t hidden = {.count = 0};
    judged_t judged = {HIDDEN_OPEN, NOTHING, 0};
    for (unsigned i = 0; i <= talk->count; i++) { /* once more when the connection ends */
        hidden_circumstances_t c = {.federated_possible = at_end.federated_possible};
        if (i == talk->count) {
            c = at_end;
        } else {
            sender_t sender = talk->sizes[i] > 0 ? SENDER_CLIENT : SENDER_SERVER;
            uint32_t size = (uint32_t)(talk->sizes[i] > 0 ? talk->sizes[i] : -talk->sizes[i]);
            uint32_t padding = overhead.most - overhead.least;
            uint32_t body =
                size + overhead.least + (padding == 0 ? 0 : padding - (size + overhead.least) % (padding + 1));
            hidden_add(&hidden, sender, i + 1, i, RECORD_HEADER + body, overhead);
        }
        hidden_verdict_t verdict = hidden_judge(&hidden, c);
        judged.outcome = judged.outcome == HIDDEN_OPEN ? verdict.outcome : judged.outcome;
        judged.evidence = verdict.has_evidence ? (int)verdict.evidence : judged.evidence;
        judged.command = verdict.command_frame;
    }
    return judged;
}

/* Stories {{{ */

typedef struct {
    const char *name;
    int sizes[RECORDS];
    hidden_outcome_t outcome;
    int evidence;
    hidden_circumstances_t end;
} story_t;

static const hidden_circumstances_t client_closes = {.closed = true, .at_once = true};
static const hidden_circumstances_t server_closes = {.closed = true, .server_first = true, .at_once = true};

static void check_stories(const story_t *stories, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const story_t *s = &stories[i];
        talk_t talk = {.count = 0};
        for (; talk.count < RECORDS && s->sizes[talk.count] != 0; talk.count++) {
            talk.sizes[talk.count] = s->sizes[talk.count];
        }
        judged_t judged = judge_talk(&talk, gcm, s->end);
        if (judged.outcome != s->outcome || judged.evidence != s->evidence) {
            fail_msg("%s: outcome %d, evidence %d", s->name, (int)judged.outcome, judged.evidence);
        }
    }
}

static void a_story_that_fits_is_told(void **state)
{
    (void)state;
    const story_t stories[] = {
        {"SQL, then MARS", {330, -420, 16, 60, -100}, HIDDEN_CONFIRMED, EVIDENCE_HIDDEN_PASSWORD, client_closes},
        {"SQL, then a batch that a DONE answers",
         {330, -420, 90, -21},
         HIDDEN_CONFIRMED,
         EVIDENCE_HIDDEN_PASSWORD,
         client_closes},
        {"SQL, both sides could have used a token",
         {330, -420, 90, -21},
         HIDDEN_CONFIRMED,
         NOTHING,
         {.federated_possible = true, .closed = true, .at_once = true}},
        {"SQL, refused", {330, -170}, HIDDEN_REFUSED, NOTHING, server_closes},
        {"Kerberos", {3200, -196, -381, 90, -120}, HIDDEN_CONFIRMED, EVIDENCE_HIDDEN_TICKET, client_closes},
        {"Kerberos in two packets",
         {4096, 2200, -196, -381, 90, -120},
         HIDDEN_CONFIRMED,
         EVIDENCE_HIDDEN_TICKET,
         client_closes},
        {"NTLM and two commands", {370, -320, 520, -420, 90, -130, 60, -70}, HIDDEN_CONFIRMED, NOTHING, client_closes},
        {"MSAL and two commands",
         {360, -240, 4096, 1200, -450, 90, -130, 90, -120},
         HIDDEN_CONFIRMED,
         NOTHING,
         {.federated_possible = true, .closed = true, .at_once = true}},
    };
    check_stories(stories, sizeof stories / sizeof stories[0]);
}

/* What the client says behind the answer that let it in is a command, from its first record on. */
static void commands_begin_behind_the_answer(void **state)
{
    (void)state;
    const struct {
        talk_t talk;
        uint32_t command;
    } rows[] = {
        {{{330, -420, 16, 60, -100}, 5}, 3},                 /* SQL, then MARS */
        {{{330, -420, 4096, 900, -21}, 5}, 3},               /* SQL, then a request of two records */
        {{{3200, -196, -381, 90, -120}, 5}, 4},              /* Kerberos */
        {{{370, -320, 520, -420, 90, -130, 60, -70}, 8}, 5}, /* NTLM: AUTHENTICATE is the login's */
        {{{330, -170}, 2}, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(judge_talk(&rows[i].talk, gcm, client_closes).command, rows[i].command);
    }
}

static void what_fits_several_stories_is_not_told(void **state)
{
    (void)state;
    const story_t stories[] = {
        {"nothing yet", {330}, HIDDEN_OPEN, NOTHING, {0}},
        {"an answer that may be CHALLENGE or LOGINACK", {330, -360}, HIDDEN_OPEN, NOTHING, {0}},
        {"the same when the client closes", {330, -360}, HIDDEN_OPEN, NOTHING, client_closes},
        {"CHALLENGE, and the client gives up", {330, -125}, HIDDEN_OPEN, NOTHING, client_closes},
        {"LOGINACK, and the server goes away", {330, -226}, HIDDEN_OPEN, NOTHING, server_closes},
        {"NTLM, or SQL and a batch", {330, -360, 500, -400}, HIDDEN_OPEN, NOTHING, client_closes},
        {"a ticket or a JWT, one answer",
         {4096, 900, -450, 90, -21},
         HIDDEN_CONFIRMED,
         NOTHING,
         {.federated_possible = true, .closed = true, .at_once = true}},
        {"a server that waited for a token, and gave up",
         {330, -170},
         HIDDEN_OPEN,
         NOTHING,
         {.closed = true, .server_first = true}},
        {"the server speaks first", {-330, 360}, HIDDEN_OPEN, NOTHING, client_closes},
        {"NEGOTIATE after a choice of mechanisms",
         {360, -34, 48, -340, 500, -420},
         HIDDEN_OPEN,
         NOTHING,
         client_closes},
    };
    check_stories(stories, sizeof stories / sizeof stories[0]);
}

static hidden_t hidden_of(const int *sizes)
{
    hidden_t hidden = {.count = 0};
    for (unsigned i = 0; sizes[i] != 0; i++) {
        uint32_t size = (uint32_t)(sizes[i] > 0 ? sizes[i] : -sizes[i]);
        hidden_add(&hidden, sizes[i] > 0 ? SENDER_CLIENT : SENDER_SERVER, i + 1, i, RECORD_HEADER + size + 24, gcm);
    }
    return hidden;
}

static void a_client_that_closes_behind_the_answer_may_be_redirected(void **state)
{
    (void)state;
    const hidden_circumstances_t federated = {.federated_possible = true, .closed = true, .at_once = true};
    const hidden_circumstances_t later = {.closed = true}, open = {.at_once = true};
    const struct {
        const char *name;
        int sizes[RECORDS];
        hidden_circumstances_t end;
        bool may;
    } rows[] = {
        {"SQL", {420, -520}, client_closes, true},
        {"a long LOGIN7", {4096, 900, -520}, client_closes, true},
        {"a federated login", {360, -240, 4096, 1200, -520}, federated, true},
        {"the least that fits", {420, -89}, client_closes, true},
        {"no room for it", {420, -88}, client_closes, false},
        {"a command, probably", {420, -520, 100, -120}, client_closes, false},
        {"more than a login", {360, -240, 900, -520, 100, -120}, federated, false},
        {"no answer", {420}, client_closes, false},
        {"the server speaks first", {-520, 420}, client_closes, false},
        {"the server closes: a refusal, perhaps", {420, -520}, server_closes, false},
        {"the client closes later", {420, -520}, later, false},
        {"it is open", {420, -520}, open, false},
        {"nothing", {0}, client_closes, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        hidden_t hidden = hidden_of(rows[i].sizes);
        if (hidden_may_redirect(&hidden, rows[i].end) != rows[i].may) {
            fail_msg("%s", rows[i].name);
        }
    }
}

/* Records from LOGIN7 on, and what the last of them is. */
static hidden_kind_t last_kind(const int *sizes, tls_overhead_t overhead, hidden_request_t *request)
{
    hidden_kind_t kind = HIDDEN_DATA;
    *request = (hidden_request_t){.frame = 0};
    for (unsigned i = 0; sizes[i] != 0; i++) {
        uint32_t size = (uint32_t)(sizes[i] > 0 ? sizes[i] : -sizes[i]);
        sender_t sender = sizes[i] > 0 ? SENDER_CLIENT : SENDER_SERVER;
        kind = hidden_request_add(request, sender, i + 1, i, RECORD_HEADER + size + overhead.least, overhead);
    }
    return kind;
}

static void a_header_alone_is_an_attention_where_it_can_be_nothing_else(void **state)
{
    (void)state;
    const tls_overhead_t cbc = {true, 37, 52}, unknown = {false, 0, 0};
    const struct {
        const char *name;
        int sizes[RECORDS];
        tls_overhead_t overhead;
        hidden_kind_t kind;
        uint32_t frame, answered;
    } rows[] = {
        {"unanswered", {420, -520, 200, 8}, gcm, HIDDEN_ATTENTION, 3, 0},
        {"in the middle", {420, -520, 200, -4000, 8}, gcm, HIDDEN_ATTENTION, 3, 4},
        {"twice", {420, -520, 200, 8, 8}, gcm, HIDDEN_ATTENTION, 3, 0},
        {"the next request", {420, -520, 200, 8, -21, 90}, gcm, HIDDEN_DATA, 6, 0},
        {"a byte more", {420, -520, 200, 9}, gcm, HIDDEN_DATA, 4, 0},
        {"a byte less", {420, -520, 200, 7}, gcm, HIDDEN_DATA, 4, 0},
        {"the server's", {420, -520, 200, -8}, gcm, HIDDEN_DATA, 3, 4},
        {"a part of LOGIN7", {420, 8}, gcm, HIDDEN_DATA, 2, 0},
        {"headers alone, from LOGIN7 on", {8, 412, -520, 8, 192, -90, 8}, gcm, HIDDEN_DATA, 7, 0},
        {"the rest of a long packet", {420, -520, 16384, 8}, gcm, HIDDEN_DATA, 4, 0},
        {"an SMP header", {420, -520, 200, 16}, gcm, HIDDEN_SMP, 3, 0},
        {"an SMP header of the server", {420, -520, 200, -16}, gcm, HIDDEN_SMP, 3, 0},
        {"the shortest response, with CBC", {420, -520, 200, -21}, cbc, HIDDEN_DATA, 3, 4},
        {"a suite that is not known", {420, -520, 200, 8}, unknown, HIDDEN_DATA, 4, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        hidden_request_t request;
        hidden_kind_t kind = last_kind(rows[i].sizes, rows[i].overhead, &request);
        if (kind != rows[i].kind || request.frame != rows[i].frame || request.answered != rows[i].answered) {
            fail_msg("%s: %d, frame %u, answered %u", rows[i].name, (int)kind, request.frame, request.answered);
        }
    }
}

/* A first command of any size after an SQL login, answered in any way. */
static void a_password_is_never_taken_for_a_token(void **state)
{
    (void)state;
    for (int batch = 9; batch < 4097; batch++) {
        for (int answer = 21; answer < 1000; answer += 7) {
            talk_t talk = {.sizes = {330, -420, batch, -answer}, .count = 4};
            judged_t judged = judge_talk(&talk, gcm, client_closes);
            assert_int_not_equal(judged.evidence, EVIDENCE_HIDDEN_TICKET);
            assert_int_not_equal(judged.outcome, HIDDEN_REFUSED);
        }
    }
}

/* }}} */

/* Random logins. {{{ */

static uint64_t dice_state;

static uint32_t dice(void) /* xorshift64 */
{
    dice_state ^= dice_state << 13;
    dice_state ^= dice_state >> 7;
    dice_state ^= dice_state << 17;
    return (uint32_t)(dice_state >> 32);
}

static int between(int least, int most)
{
    return least + (int)(dice() % (uint32_t)(most - least + 1));
}

static bool in_ten(int times)
{
    return between(1, 10) <= times;
}

/* How the two ends cut what they send. */
typedef struct {
    talk_t talk;
    bool one_and_rest; /* against the attack on CBC in TLS 1.0 messages begin with a record of one byte */
    bool not_first;    /* but not LOGIN7: Java does not cut what it sends first */
} wire_t;

static void put(wire_t *w, int size)
{
    if (w->talk.count < RECORDS) {
        w->talk.sizes[w->talk.count++] = size;
    }
}

/* A message in packets of 4096 bytes, each a record. */
static void say(wire_t *w, sender_t sender, int size)
{
    const int packet = 4096;
    int sign = sender == SENDER_CLIENT ? 1 : -1;
    for (; size > 0; size -= packet) {
        int piece = size < packet ? size : packet;
        bool whole = w->not_first && w->talk.count == 0;
        if (w->one_and_rest && !whole && piece > 1) {
            put(w, sign);
            piece--;
            put(w, sign * piece);
        } else {
            put(w, sign * piece);
        }
    }
}

static void client_says(wire_t *w, int least, int most)
{
    say(w, SENDER_CLIENT, between(least, most));
}

static void server_says(wire_t *w, int least, int most)
{
    say(w, SENDER_SERVER, between(least, most));
}

/* What goes on once the login is confirmed: SMP's SYN, batches, transactions, attentions. */
static void go_on(wire_t *w)
{
    if (in_ten(2)) {
        put(w, 16);
    }
    for (int i = between(0, 4); i > 0; i--) {
        client_says(w, 8, in_ten(8) ? 300 : 9000);
        server_says(w, 21, in_ten(7) ? 200 : 9000);
    }
}

/* The server's last word on the login; true if it lets the client in. */
static bool decide(wire_t *w)
{
    bool welcome = in_ten(8);
    if (welcome) {
        server_says(w, 226, 900);
        go_on(w);
    } else {
        server_says(w, 90, 330);
    }
    return welcome;
}

/* An SPNEGO answer that only chooses, and the client's token of the chosen mechanism. */
static void choose(wire_t *w)
{
    server_says(w, 31, 60);
    client_says(w, 40, 90);
}

static bool ntlm_login(wire_t *w)
{
    client_says(w, 140, 900);
    if (in_ten(1)) {
        choose(w);
    }
    server_says(w, 121, 700);
    client_says(w, 73, 1200);
    if (in_ten(2)) { /* a last NegTokenResp in a message of its own */
        server_says(w, 20, 80);
    }
    return decide(w);
}

static bool kerberos_login(wire_t *w)
{
    client_says(w, 620, 14000);
    if (in_ten(1)) { /* the server would rather have NTLM, or a fresh ticket */
        server_says(w, 31, 250);
        client_says(w, 40, 9000);
    }
    server_says(w, 34, 400); /* a NegTokenResp that only names Kerberos, or an AP-REP */
    if (in_ten(1)) {
        client_says(w, 30, 120);
    }
    return decide(w);
}

static bool entra_login(wire_t *w)
{
    if (in_ten(5)) {
        client_says(w, 900, 14000); /* the token stands in LOGIN7 */
        return decide(w);
    }
    client_says(w, 140, 900);
    server_says(w, 90, 500);
    client_says(w, 900, 14000);
    return decide(w);
}

static bool sql_login(wire_t *w)
{
    client_says(w, 102, 1500);
    return decide(w);
}

static judged_t random_login(bool (*login)(wire_t *w), uint64_t seed, bool *welcome)
{
    static const tls_overhead_t overheads[] = {{true, 24, 24}, {true, 17, 17}, {true, 37, 52}, {true, 21, 28}};
    dice_state = (seed + 1) * 0x9E3779B97F4A7C15u;
    wire_t w = {.one_and_rest = in_ten(2), .not_first = in_ten(5)};
    *welcome = login(&w);
    hidden_circumstances_t end = {
        .closed = !*welcome || in_ten(7), .at_once = in_ten(8), .federated_possible = in_ten(2)};
    end.server_first = end.closed && (!*welcome || in_ten(1));
    return judge_talk(&w.talk, overheads[between(0, 3)], end);
}

static void random_tokens_are_never_taken_for_a_password(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        bool (*login)(wire_t *w);
    } logins[] = {{"NTLM", ntlm_login}, {"Kerberos", kerberos_login}, {"Entra", entra_login}};
    for (uint64_t seed = 0; seed < TRIALS; seed++) {
        bool welcome;
        judged_t judged = random_login(logins[seed % 3].login, seed, &welcome);
        int own = logins[seed % 3].login == kerberos_login ? EVIDENCE_HIDDEN_TICKET : NOTHING;
        if (judged.evidence != NOTHING && judged.evidence != own) {
            fail_msg("%s: evidence %d, seed %lu", logins[seed % 3].name, judged.evidence, (unsigned long)seed);
        }
    }
}

static void random_passwords_are_never_taken_for_a_token(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < TRIALS; seed++) {
        bool welcome;
        judged_t judged = random_login(sql_login, seed, &welcome);
        if (judged.evidence == EVIDENCE_HIDDEN_TICKET) {
            fail_msg("a password taken for a ticket, seed %lu", (unsigned long)seed);
        }
    }
}

/* Whether the login succeeded: what was told must be so. */
static void random_logins_end_as_they_are_told(void **state)
{
    (void)state;
    bool (*const logins[])(wire_t * w) = {ntlm_login, kerberos_login, entra_login, sql_login};
    for (uint64_t seed = 0; seed < TRIALS; seed++) {
        bool welcome;
        judged_t judged = random_login(logins[seed % 4], seed, &welcome);
        if (judged.outcome == (welcome ? HIDDEN_REFUSED : HIDDEN_CONFIRMED)) {
            fail_msg("login %d, %s, told otherwise, seed %lu", (int)(seed % 4), welcome ? "welcome" : "refused",
                     (unsigned long)seed);
        }
    }
}

/* }}} */

/* Overheads. {{{ */

static void overheads_are_those_of_the_ciphers(void **state)
{
    (void)state;
    static const struct {
        const char *cipher;
        uint16_t version;
        tls_overhead_t overhead;
    } rows[] = {
        {"TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", 0x0303, {true, 24, 24}},
        {"TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", 0x0303, {true, 16, 16}},
        {"TLS_AES_256_GCM_SHA384", 0x0304, {true, 17, 17}},
        {"TLS_RSA_WITH_AES_128_CBC_SHA", 0x0301, {true, 21, 36}},
        {"TLS_RSA_WITH_AES_128_CBC_SHA", 0x0303, {true, 37, 52}},
        {"TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384", 0x0303, {true, 65, 80}},
        {"TLS_RSA_WITH_3DES_EDE_CBC_SHA", 0x0301, {true, 21, 28}},
        {"TLS_RSA_WITH_RC4_128_SHA", 0x0303, {false, 0, 0}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        tls_overhead_t overhead = tls_overhead(rows[i].cipher, rows[i].version);
        assert_int_equal(overhead.known, rows[i].overhead.known);
        assert_int_equal(overhead.least, rows[i].overhead.least);
        assert_int_equal(overhead.most, rows[i].overhead.most);
    }
}

/* Padding leaves a range, which the true size is always in. */
static void padded_sizes_keep_the_true_one_in_their_range(void **state)
{
    (void)state;
    const uint32_t iv = 16, mac = 20, block = 16;
    tls_overhead_t overhead = tls_overhead("TLS_RSA_WITH_AES_128_CBC_SHA", 0x0303);
    for (uint32_t size = 1; size < 3000; size++) {
        uint32_t body = iv + (size + mac) / block * block + block;
        hidden_t hidden = {.count = 0};
        hidden_add(&hidden, SENDER_CLIENT, 1, 0, RECORD_HEADER + body, overhead);
        assert_true(hidden.messages[0].least <= size && size <= hidden.messages[0].most);
        assert_true(hidden.messages[0].most - hidden.messages[0].least < block);
    }
}

static void records_of_one_turn_are_one_message(void **state)
{
    (void)state;
    hidden_t hidden = {.count = 0};
    hidden_add(&hidden, SENDER_CLIENT, 7, 70, RECORD_HEADER + 24 + 4096, gcm);
    hidden_add(&hidden, SENDER_CLIENT, 8, 80, RECORD_HEADER + 24 + 100, gcm);
    hidden_add(&hidden, SENDER_SERVER, 9, 90, RECORD_HEADER + 24 + 400, gcm);
    assert_int_equal(hidden.count, 2);
    assert_int_equal(hidden.messages[0].records, 2);
    assert_int_equal(hidden.messages[0].least, 4196);
    assert_int_equal(hidden.messages[0].first_most, 4096);
    assert_int_equal(hidden.messages[0].frame, 8);
    for (unsigned i = 0; i < 3 * HIDDEN_MESSAGES; i++) {
        hidden_add(&hidden, i % 2 == 0 ? SENDER_CLIENT : SENDER_SERVER, 10 + i, 0, 100, gcm);
    }
    assert_int_equal(hidden.count, HIDDEN_MESSAGES);
    assert_int_equal(hidden.messages[1].least, 400);
}

/* c-freetds155-strict-server-answers-on: tickets of 266 bytes behind the header, an answer of 60. OpenSSL's tickets
 * that name a session on the server are as short as an answer. */
static void an_answer_to_prelogin_has_its_size(void **state)
{
    (void)state;
    const tls_overhead_t tls_1_3 = {true, 17, 17}, cbc = {true, 37, 52}, unknown = {false, 0, 0};
    assert_true(hidden_may_answer_prelogin(RECORD_HEADER + 60, tls_1_3));
    assert_false(hidden_may_answer_prelogin(RECORD_HEADER + 266, tls_1_3));
    assert_true(hidden_may_answer_prelogin(RECORD_HEADER + 57 + 17, tls_1_3));
    assert_true(hidden_may_answer_prelogin(RECORD_HEADER + 26 + 17, tls_1_3));
    assert_false(hidden_may_answer_prelogin(RECORD_HEADER + 25 + 17, tls_1_3));
    assert_true(hidden_may_answer_prelogin(RECORD_HEADER + 131 + 17, tls_1_3));
    assert_false(hidden_may_answer_prelogin(RECORD_HEADER + 132 + 17, tls_1_3));
    assert_true(hidden_may_answer_prelogin(RECORD_HEADER + 131 + 52, cbc));
    assert_true(hidden_may_answer_prelogin(RECORD_HEADER + 26 + 37, cbc));
    assert_true(hidden_may_answer_prelogin(RECORD_HEADER + 266, unknown));
    assert_false(hidden_may_answer_prelogin(0, tls_1_3));
}

/* The ticket of the KDC's answer must fit into LOGIN7, all of whose packets count. */
static void a_login_has_room_for_a_ticket_or_not(void **state)
{
    (void)state;
    static const struct {
        uint32_t login, clear, answer; /* 0 = none */
        size_t ticket;
        bool may_be, short_enough; /* for a password */
    } rows[] = {
        {1420, 0, 0, 1200, true, false},   {1419, 0, 0, 1200, false, false},
        {696, 0, 880, 1150, false, false}, /* a password with long names */
        {696, 0, 880, 400, true, false},   {1420, 0, 81, 1200, true, false},
        {1420, 0, 80, 1200, false, false}, /* the choice of NTLM */
        {4096, 0, 0, 7000, false, false},  {4096, 3124, 0, 7000, true, false},
        {1420, 0, 0, 0, false, false}, /* of unknown size */
        {480, 0, 0, 200, true, true},      {481, 0, 0, 200, true, false},
        {200, 0, 0, 200, false, true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        hidden_t hidden = {.count = 0};
        hidden_add(&hidden, SENDER_CLIENT, 1, 0, RECORD_HEADER + rows[i].login + gcm.least, gcm);
        hidden_add_clear(&hidden, rows[i].clear);
        if (rows[i].answer != 0) {
            hidden_add(&hidden, SENDER_SERVER, 2, 0, RECORD_HEADER + rows[i].answer + gcm.least, gcm);
        }
        assert_int_equal(hidden_may_be_of_ticket(&hidden, rows[i].ticket), rows[i].may_be);
        assert_int_equal(hidden_has_room_for_ticket(&hidden), !rows[i].short_enough);
    }
}

/* Of an unknown cipher suite a record may be all content, or none. */
static void an_unknown_overhead_leaves_both_open(void **state)
{
    (void)state;
    const tls_overhead_t unknown = tls_overhead("unknown", 0x0303);
    hidden_t longer = {.count = 0}, shorter = {.count = 0}, none = {.count = 0};
    hidden_add(&longer, SENDER_CLIENT, 1, 0, RECORD_HEADER + 4000, unknown);
    hidden_add(&shorter, SENDER_CLIENT, 1, 0, RECORD_HEADER + 480, unknown);
    assert_false(hidden_may_be_of_ticket(&longer, 100));
    assert_true(hidden_has_room_for_ticket(&longer));
    assert_false(hidden_has_room_for_ticket(&shorter));
    assert_true(hidden_has_room_for_ticket(&none) && hidden_has_room_for_ticket(NULL));
    assert_false(hidden_may_be_of_ticket(&none, 100) || hidden_may_be_of_ticket(NULL, 100));
}

/* A record that is shorter than its overhead holds nothing. */
static void a_record_too_short_is_empty(void **state)
{
    (void)state;
    hidden_t hidden = {.count = 0};
    hidden_add(&hidden, SENDER_CLIENT, 1, 0, 3, gcm);
    assert_int_equal(hidden.messages[0].least, 0);
    assert_int_equal(hidden.messages[0].most, 0);
    hidden_t empty = {.count = 0};
    assert_int_equal(hidden_judge(&empty, client_closes).outcome, HIDDEN_OPEN);
}

/* }}} */

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_story_that_fits_is_told),
        cmocka_unit_test(commands_begin_behind_the_answer),
        cmocka_unit_test(what_fits_several_stories_is_not_told),
        cmocka_unit_test(a_client_that_closes_behind_the_answer_may_be_redirected),
        cmocka_unit_test(a_header_alone_is_an_attention_where_it_can_be_nothing_else),
        cmocka_unit_test(a_password_is_never_taken_for_a_token),
        cmocka_unit_test(random_tokens_are_never_taken_for_a_password),
        cmocka_unit_test(random_passwords_are_never_taken_for_a_token),
        cmocka_unit_test(random_logins_end_as_they_are_told),
        cmocka_unit_test(overheads_are_those_of_the_ciphers),
        cmocka_unit_test(an_answer_to_prelogin_has_its_size),
        cmocka_unit_test(a_login_has_room_for_a_ticket_or_not),
        cmocka_unit_test(an_unknown_overhead_leaves_both_open),
        cmocka_unit_test(padded_sizes_keep_the_true_one_in_their_range),
        cmocka_unit_test(records_of_one_turn_are_one_message),
        cmocka_unit_test(a_record_too_short_is_empty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
