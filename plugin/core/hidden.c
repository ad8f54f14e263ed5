/* hidden.c - what the sizes and directions of encrypted records say about a login.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hidden.h"

#include <stddef.h>
#include <string.h>

#include "smp.h"
#include "tds.h"
#include "tlshello.h"

/* All with the TDS header. The reasoning stands in docs/encrypted-logins.md. */
#define LOGIN_WITHOUT_TICKET       480 /* LOGIN7 of at most this size holds no AP-REQ and no JWT */
#define LOGIN_WITH_TICKET          700 /* from this size on it may */
#define LOGIN_AROUND_TICKET        220 /* what a LOGIN7 with a ticket has besides it, at the least */
#define NO_AUTHENTICATE            72  /* an NTLM AUTHENTICATE is larger: 64 bytes fixed part behind 8 of header */
#define NO_NEGOTIATE               40  /* nor is an NTLM NEGOTIATE smaller: 32 behind 8 */
#define NO_PIECE                   8   /* a record of so little may be cut off its message: one byte, as TLS 1.0 does */
#define NO_LOGIN_ANSWER            31  /* all that asks the client for more is larger, a lone DONE is not */
#define LOGINACK_LEAST             74  /* the token with the shortest product name, and DONE */
#define SSPI_ANSWER_MOST           400 /* an AP-REP with its wrapping is smaller */
#define SPNEGO_CHOICE_MOST         80  /* a NegTokenResp that only names a mechanism is smaller, an AP-REP is not */
#define ERROR_MOST                 120 /* smaller than any CHALLENGE: with names of two characters that has 121 */
#define ERROR_BEFORE_SERVER_CLOSES 220 /* no answer with LOGINACK was seen below 226 */
#define PRELOGIN_ANSWER_LEAST      26  /* with VERSION and ENCRYPTION alone */
#define PRELOGIN_ANSWER_MOST       131 /* with every option that there is, each as long as it may be */
#define REDIRECT_LEAST             89  /* LOGINACK, DONE, and ENVCHANGE 20 with a name of one character */
#define LEGS_WITHOUT_TICKET        2   /* LOGIN7 and one token: NTLM, or a federated token */
#define LEGS_WITH_TICKET           3   /* a ticket refused, then NTLM from the start */

tls_overhead_t tls_overhead(const char *cipher, uint16_t version)
{
    static const struct {
        const char *part;
        uint32_t bytes;
    } aead[] = {{"_CHACHA20_", 16}, {"_CCM_8", 16}, {"_CCM", 24}, {"_GCM", 24}};
    static const struct {
        const char *part;
        uint32_t mac;
    } cbc[] = {{"_CBC_SHA384", 48}, {"_CBC_SHA256", 32}, {"_CBC_SHA", 20}};

    if (version == TLS_VERSION_1_3) {
        return (tls_overhead_t){true, 17, 17}; /* tag 16, content type 1; padding is not used in practice */
    }
    for (size_t i = 0; i < sizeof aead / sizeof aead[0]; i++) {
        if (strstr(cipher, aead[i].part) != NULL) {
            return (tls_overhead_t){true, aead[i].bytes, aead[i].bytes};
        }
    }
    for (size_t i = 0; i < sizeof cbc / sizeof cbc[0]; i++) {
        if (strstr(cipher, cbc[i].part) != NULL) {
            uint32_t block = strstr(cipher, "3DES") != NULL ? 8 : 16;
            uint32_t iv = version > TLS_VERSION_1_0 ? block : 0; /* TLS 1.0 chains it */
            return (tls_overhead_t){true, iv + cbc[i].mac + 1, iv + cbc[i].mac + block};
        }
    }
    return (tls_overhead_t){false, 0, 0};
}

static uint32_t minus(uint32_t a, uint32_t b)
{
    return a > b ? a - b : 0;
}

bool hidden_may_answer_prelogin(uint32_t record_length, tls_overhead_t overhead)
{
    uint32_t body = minus(record_length, TLS_RECORD_HEADER_LENGTH);
    return !overhead.known ||
           (minus(body, overhead.least) >= PRELOGIN_ANSWER_LEAST && minus(body, overhead.most) <= PRELOGIN_ANSWER_MOST);
}

void hidden_add(hidden_t *hidden, sender_t sender, uint32_t frame, int64_t at, uint32_t record_length,
                tls_overhead_t overhead)
{
    uint32_t body = minus(record_length, TLS_RECORD_HEADER_LENGTH);
    uint32_t least = overhead.known ? minus(body, overhead.most) : 0;
    uint32_t most = overhead.known ? minus(body, overhead.least) : body;
    hidden_message_t *last = hidden->count == 0 ? NULL : &hidden->messages[hidden->count - 1];
    if (last != NULL && last->sender == sender) {
        last->frame = frame;
        last->at = at;
        last->records++;
        last->least += least;
        last->most += most;
    } else if (hidden->count < HIDDEN_MESSAGES) {
        hidden->messages[hidden->count++] = (hidden_message_t){sender, frame, frame, at, 1, least, most, least, most};
    }
}

static bool is_exactly(uint32_t record_length, tls_overhead_t overhead, uint32_t content)
{
    return overhead.known && overhead.least == overhead.most &&
           record_length == TLS_RECORD_HEADER_LENGTH + overhead.least + content;
}

static bool may_be(uint32_t record_length, tls_overhead_t overhead, uint32_t content)
{
    uint32_t body = minus(record_length, TLS_RECORD_HEADER_LENGTH);
    return overhead.known && body >= content + overhead.least && body <= content + overhead.most;
}

/* The rest of a packet that was too long for its record may be as short as a header. */
static bool may_be_rest(const hidden_request_t *request)
{
    const uint32_t fullest = 0x4000; /* RFC 8446 5.1 */
    return request->spoke == SENDER_CLIENT && request->latest >= fullest;
}

static void ask(hidden_request_t *request, uint32_t frame, int64_t at, uint32_t most)
{
    request->frame = frame;
    request->at = at;
    request->latest = most;
    request->answered = 0;
}

hidden_kind_t hidden_request_add(hidden_request_t *request, sender_t sender, uint32_t frame, int64_t at,
                                 uint32_t record_length, tls_overhead_t overhead)
{
    bool smp = sender == SENDER_CLIENT ? may_be(record_length, overhead, SMP_HEADER_LENGTH)
                                       : is_exactly(record_length, overhead, SMP_HEADER_LENGTH);
    if (smp) { /* no request is so short, with its headers, and no response at all */
        return HIDDEN_SMP;
    }
    if (sender == SENDER_SERVER) {
        request->answered = request->answered == 0 ? frame : request->answered;
        request->spoke = sender;
        request->any_answer = true;
        return HIDDEN_DATA;
    }
    bool header = is_exactly(record_length, overhead, TDS_HEADER_LENGTH);
    bool attention = header && request->any_answer && !request->cut_up && !may_be_rest(request);
    request->cut_up = request->cut_up || (header && !request->any_answer);
    if (!attention) {
        ask(request, frame, at, minus(record_length, TLS_RECORD_HEADER_LENGTH + overhead.least));
    }
    request->spoke = sender;
    return attention ? HIDDEN_ATTENTION : HIDDEN_DATA;
}

static const hidden_message_t *login_of(const hidden_t *hidden)
{
    bool met = hidden != NULL && hidden->count > 0 && hidden->messages[0].sender == SENDER_CLIENT;
    return met ? &hidden->messages[0] : NULL;
}

void hidden_add_clear(hidden_t *hidden, uint32_t length)
{
    if (hidden->count == 1) {
        hidden->messages[0].least += length;
        hidden->messages[0].most += length;
    }
}

bool hidden_has_room_for_ticket(const hidden_t *hidden)
{
    const hidden_message_t *login = login_of(hidden);
    return login == NULL || login->most > LOGIN_WITHOUT_TICKET;
}

bool hidden_may_be_of_ticket(const hidden_t *hidden, size_t ticket)
{
    const hidden_message_t *login = login_of(hidden);
    if (login == NULL || ticket == 0 || login->least < LOGIN_AROUND_TICKET ||
        login->least - LOGIN_AROUND_TICKET < ticket) {
        return false;
    }
    return hidden->count < 2 || hidden->messages[1].least > SPNEGO_CHOICE_MOST;
}

const hidden_message_t *hidden_last(const hidden_t *hidden)
{
    return hidden->count == 0 ? NULL : &hidden->messages[hidden->count - 1];
}

/* The stories. Even places are the client's: LOGIN7 first; odd ones the server's. */

static const hidden_message_t *message_at(const hidden_t *hidden, unsigned index)
{
    return index < hidden->count ? &hidden->messages[index] : NULL;
}

/* Whether the server answered with a lone DONE, and nothing more of that answer can come. A NegTokenResp that
 * ends a login is as short, but LOGINACK follows it. */
static bool is_lone_done(const hidden_t *hidden, unsigned index, bool closed)
{
    const hidden_message_t *reply = message_at(hidden, index);
    return reply != NULL && reply->most <= NO_LOGIN_ANSWER && (closed || message_at(hidden, index + 1) != NULL);
}

/* Whether a message begins with a whole record too short for a token. */
static bool begins_short(const hidden_message_t *message, uint32_t least_token)
{
    return message->first_least > NO_PIECE && message->first_most < least_token;
}

/* LOGINACK came at once, for what follows is no token: a request too short for one, or one that a lone DONE
 * answers. With a LOGIN7 that had room for no ticket, that leaves a password. */
static bool is_password_story(const hidden_t *hidden, bool closed)
{
    const hidden_message_t *login = message_at(hidden, 0);
    const hidden_message_t *answer = message_at(hidden, 1);
    const hidden_message_t *next = message_at(hidden, 2);
    if (next == NULL || login->most > LOGIN_WITHOUT_TICKET || answer->records != 1 || answer->least < LOGINACK_LEAST) {
        return false;
    }
    return begins_short(next, NO_AUTHENTICATE) || is_lone_done(hidden, 3, closed);
}

/* The server speaks twice after a LOGIN7 with room for a ticket: its AP-REP, then LOGINACK; and the client
 * goes on. */
static bool is_ticket_story(const hidden_t *hidden)
{
    const hidden_message_t *login = message_at(hidden, 0);
    const hidden_message_t *answer = message_at(hidden, 1);
    return message_at(hidden, 2) != NULL && login->least >= LOGIN_WITH_TICKET && answer->records == 2 &&
           answer->first_most > NO_LOGIN_ANSWER && answer->first_most < SSPI_ANSWER_MOST &&
           answer->most - answer->first_most >= LOGINACK_LEAST;
}

/* How many turns of the client a login may take. A first answer that only chooses a mechanism adds one. */
static unsigned legs_of(const hidden_t *hidden, bool ticket)
{
    const hidden_message_t *answer = message_at(hidden, 1);
    bool choice = answer != NULL && answer->least < LOGINACK_LEAST;
    return ticket ? LEGS_WITH_TICKET : LEGS_WITHOUT_TICKET + choice;
}

/* More turns of the client than any login takes, or one that no login has: the frame of the first. */
static uint32_t first_command(const hidden_t *hidden, bool closed)
{
    bool ticket = hidden->count > 0 && hidden->messages[0].most > LOGIN_WITHOUT_TICKET;
    unsigned legs = legs_of(hidden, ticket);
    for (unsigned i = 2; i < hidden->count; i += 2) {
        bool too_small = !ticket && begins_short(&hidden->messages[i], NO_NEGOTIATE);
        if (i / 2 >= legs || too_small || is_lone_done(hidden, i + 1, closed)) {
            return hidden->messages[i].first_frame;
        }
    }
    return 0;
}

/* One short answer to LOGIN7, and the end. */
static bool is_refusal(const hidden_t *hidden, hidden_circumstances_t c)
{
    const hidden_message_t *login = message_at(hidden, 0);
    const hidden_message_t *answer = message_at(hidden, 1);
    if (!c.closed || !c.at_once || hidden->count != 2 || answer->records != 1 || answer->least <= NO_LOGIN_ANSWER ||
        login->most > LOGIN_WITHOUT_TICKET) {
        return false;
    }
    return answer->most <= (c.server_first ? ERROR_BEFORE_SERVER_CLOSES : ERROR_MOST);
}

static hidden_verdict_t confirmed(const hidden_message_t *decided, uint32_t command_frame)
{
    return (hidden_verdict_t){.outcome = HIDDEN_CONFIRMED, .decided = decided, .command_frame = command_frame};
}

hidden_verdict_t hidden_judge(const hidden_t *hidden, hidden_circumstances_t c)
{
    hidden_verdict_t verdict = {.outcome = HIDDEN_OPEN};
    uint32_t command = first_command(hidden, c.closed);
    if (hidden->count == 0 || hidden->messages[0].sender != SENDER_CLIENT) {
        return verdict;
    }
    if (is_password_story(hidden, c.closed)) {
        verdict = confirmed(&hidden->messages[1], hidden->messages[2].first_frame);
        verdict.has_evidence = !c.federated_possible;
        verdict.evidence = EVIDENCE_HIDDEN_PASSWORD;
    } else if (is_ticket_story(hidden)) {
        verdict = confirmed(&hidden->messages[1], hidden->messages[2].first_frame);
        verdict.has_evidence = true;
        verdict.evidence = EVIDENCE_HIDDEN_TICKET;
    } else if (command != 0) {
        verdict = confirmed(NULL, command);
    } else if (is_refusal(hidden, c)) {
        verdict.outcome = HIDDEN_REFUSED;
        verdict.decided = &hidden->messages[1];
    }
    return verdict;
}

bool hidden_may_redirect(const hidden_t *hidden, hidden_circumstances_t c)
{
    enum { ONE_LEG = 2, WITH_TOKEN = 4 }; /* messages: a federated token is a leg of its own */
    bool login = hidden->count == ONE_LEG || (hidden->count == WITH_TOKEN && c.federated_possible);
    return c.closed && !c.server_first && c.at_once && login && login_of(hidden) != NULL &&
           hidden->messages[hidden->count - 1].most >= REDIRECT_LEAST;
}
