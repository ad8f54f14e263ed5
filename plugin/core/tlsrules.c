/* tlsrules.c - the rules about encryption: what both sides agree on, the TLS handshake, the certificate.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A client that ends the handshake does not say why, or says it in the number of an alert. What the capture shows is
 * told before what can only be guessed: the version, the certificate's time, its names.
 */
#include "tlsrules.h"

#include <string.h>

#include "certificate.h"
#include "characters.h"
#include "clauses.h"
#include "ends.h"
#include "lossrules.h"
#include "tds.h"
#include "tlshello.h"
#include "waits.h"

/* What was agreed on. */

static const char *encrypt_word(uint8_t value)
{
    static const char *const words[] = {"OFF", "ON", "NOT_SUP", "REQ"};
    uint8_t masked = value & ENCRYPT_VALUE_MASK;
    return masked < sizeof words / sizeof words[0] ? words[masked] : "unknown";
}

/* A client that begins TLS insists on it, whatever it said before. */
bool case_disagrees_on_encryption(const case_t *c)
{
    uint8_t asked = c->encrypt_client & ENCRYPT_VALUE_MASK;
    bool insists = asked == ENCRYPT_ON || asked == ENCRYPT_REQ || stands_at(c, POSITION_HELLO);
    bool cannot = (c->encrypt_server & ENCRYPT_VALUE_MASK) == ENCRYPT_NOT_SUP;
    return c->prelogin_client &&
           c->encrypt_server_frame != 0 && /* of a PRELOGIN that is cut nobody knows what it says */
           (prelogin_encryption(c->encrypt_client, c->encrypt_server) == ENCRYPTION_UNKNOWN || (insists && cannot));
}

bool when_encryption_mismatch(const case_t *c, char *text)
{
    bool undecided = stands_at(c, POSITION_ANSWERED) || stands_at(c, POSITION_HELLO) || /* some go on all the same */
                     (stands_at(c, POSITION_LOGIN) && c->sender == SENDER_SERVER);
    return closes_itself(c) && undecided && case_disagrees_on_encryption(c) && !c->gap &&
           say(text, "the client says ENCRYPT_%s, the server ENCRYPT_%s in frame %u%s: %s by the %s",
               encrypt_word(c->encrypt_client), encrypt_word(c->encrypt_server), c->encrypt_server_frame,
               stands_at(c, POSITION_HELLO) ? ", the client begins TLS all the same" : "", closing_word(c),
               c->sender == SENDER_SERVER ? "server" : "client");
}

/* Alerts. */

/* What an alert says of its cause: whether the certificate may be it, and what it says where that is plain. */
typedef struct {
    uint8_t number;
    bool of_certificate;
    const char *name;
    const char *by_client, *by_server; /* NULL = nothing that is plain */
} alert_t;

/* RFC 5246 7.2.2, RFC 8446 6.2. handshake_failure, internal_error and user_canceled are sent for anything. */
static const alert_t alerts[] = {
    {TLS_CLOSE_NOTIFY, true, "close_notify", NULL, NULL},
    {10, false, "unexpected_message", NULL, NULL},
    {20, false, "bad_record_mac", NULL, NULL},
    {22, false, "record_overflow", NULL, NULL},
    {40, true, "handshake_failure", "it takes no such suite, key or signature, or does not trust the certificate",
     "perhaps they have no cipher suite in common"},
    {42, true, "bad_certificate", NULL, NULL},
    {43, true, "unsupported_certificate", "it does not take this kind of certificate", NULL},
    {44, true, "certificate_revoked", "the certificate was revoked", NULL},
    {45, true, "certificate_expired", "the certificate is out of date by its clock", NULL},
    {46, true, "certificate_unknown", NULL, NULL},
    {47, false, "illegal_parameter", NULL, NULL},
    {48, true, "unknown_ca", "it does not trust the issuer", NULL},
    {49, true, "access_denied", NULL, NULL},
    {50, false, "decode_error", NULL, NULL},
    {51, false, "decrypt_error", NULL, NULL},
    {70, false, "protocol_version", NULL, "the server takes no version that the client offered"},
    {71, false, "insufficient_security", "what the server chose is too weak for it",
     "no suite that the client offered is strong enough"},
    {80, true, "internal_error", NULL, NULL},
    {86, false, "inappropriate_fallback", NULL, "the server takes a higher version than the client offered again"},
    {90, true, "user_canceled", NULL, NULL},
    {109, false, "missing_extension", NULL, NULL},
    {112, true, "unrecognized_name", NULL, "the server does not know the name that the client asked for"},
    {116, false, "certificate_required", NULL, "the server wants a certificate of the client"},
    {120, false, "no_application_protocol", NULL, "the server does not take the protocol that the client offered"},
};

enum { ALERT_PROTOCOL_VERSION = 70 };

static const alert_t *alert_of(uint8_t number)
{
    static const alert_t unknown = {0, true, "unknown", NULL, NULL};
    for (size_t i = 0; i < sizeof alerts / sizeof alerts[0]; i++) {
        if (alerts[i].number == number) {
            return &alerts[i];
        }
    }
    return &unknown;
}

const char *case_alert_name(const case_t *c)
{
    return alert_of(c->alert)->name;
}

/* The fatal alert that this sender sends now, or sent as its last word; NULL if it sent none. */
static const alert_t *alert_by(const case_t *c, sender_t sender)
{
    bool now = c->seen == MESSAGE_TLS_ALERT && c->sender == sender;
    bool before = sender == SENDER_CLIENT && c->client_alerted;
    return c->alert_fatal && (now || before) ? alert_of(c->alert) : NULL;
}

/* " (alert 70, protocol_version)"; nothing without an alert. Returns `words`. */
static const char *alert_words(const alert_t *alert, uint8_t number, char words[RULE_TEXT])
{
    words[0] = '\0';
    if (alert != NULL) {
        (void)say(words, " (alert %u, %s)", number, alert->name);
    }
    return words;
}

bool when_tls_alert(const case_t *c, char *text)
{
    return c->seen == MESSAGE_TLS_ALERT && c->alert_fatal && is_login(&c->before) &&
           say(text, "the %s sends the fatal alert %s (%u)", side_name(c->sender), alert_of(c->alert)->name, c->alert);
}

/* Versions and suites. */

static const char *version_or(uint16_t version, const char *other)
{
    const char *name = tls_version_name(version);
    return name != NULL ? name : other;
}

bool when_tls_old(const case_t *c, char *text)
{
    return c->seen == MESSAGE_SERVER_HELLO && c->tls_version != 0 && c->tls_version < TLS_VERSION_1_2 &&
           say(text, "%s was negotiated, the client offered up to %s", version_or(c->tls_version, "an old version"),
               version_or(c->tls_offered, "an unknown version"));
}

/* Whether the server chose less than the client offered, and the client may not take that. */
static bool is_version_too_low(const case_t *c, const alert_t *alert)
{
    bool lower = c->tls_version != 0 && c->tls_version < c->tls_offered;
    return lower && (alert != NULL ? c->alert == ALERT_PROTOCOL_VERSION : c->tls_version < TLS_VERSION_1_2);
}

#define BITS_ENOUGH 2048 /* of an RSA key, or of a group for Diffie-Hellman: clients of today take no less */

/* What speaks against the suite; nothing where nothing does. Returns `words`. */
static const char *suite_words(const case_t *c, char words[RULE_TEXT])
{
    words[0] = '\0';
    if (c->suite == NULL || !tls_is_dhe(c->suite)) {
        return words;
    }
    if (c->group_bits != 0 && c->group_bits < BITS_ENOUGH) {
        (void)say(words, "the suite is TLS_DHE with a group of %u bits, which clients may not take", c->group_bits);
    } else {
        (void)say(words, "the suite is TLS_DHE: known to fail now and then between Windows versions");
    }
    return words;
}

/* The certificate. */

bool when_tls_self_signed(const case_t *c, char *text)
{
    return c->certificate_seen && c->self_issued &&
           say(text, "the server's certificate is self-signed: \"%s\"",
               c->certificate != NULL ? brief(c->certificate).text : "");
}

static const char *certificate_without_name(const case_t *c)
{
    if (c->certificate_seen) {
        return ", which has no name";
    }
    return c->tls_version == TLS_VERSION_1_3 ? ", which TLS 1.3 hides" : ", which is not in the capture";
}

/* Behind "the server's certificate" or "the certificate": which one. Returns `text`. */
static const char *which_certificate(const case_t *c, char text[RULE_TEXT])
{
    if (c->certificate == NULL) {
        return certificate_without_name(c);
    }
    (void)say(text, " \"%s\"%s", brief(c->certificate).text, c->self_issued ? ", which is self-signed" : "");
    return text;
}

static bool has_expired(const case_t *c)
{
    return c->certificate_at != CERTIFICATE_NO_TIME && c->certificate_until != CERTIFICATE_NO_TIME &&
           c->certificate_at > c->certificate_until;
}

static bool is_not_yet_valid(const case_t *c)
{
    return c->certificate_at != CERTIFICATE_NO_TIME && c->certificate_from != CERTIFICATE_NO_TIME &&
           c->certificate_at < c->certificate_from;
}

/* Its dates against that of the capture; nothing where they agree. */
static const char *date_words(const case_t *c, char words[RULE_TEXT])
{
    char date[CERTIFICATE_DATE], now[CERTIFICATE_DATE];
    words[0] = '\0';
    if (has_expired(c)) {
        (void)say(words, "the certificate expired %s, the capture is of %s",
                  certificate_date(c->certificate_until, date), certificate_date(c->certificate_at, now));
    } else if (is_not_yet_valid(c)) {
        (void)say(words, "the certificate is valid from %s on, the capture is of %s",
                  certificate_date(c->certificate_from, date), certificate_date(c->certificate_at, now));
    }
    return words;
}

#define NAMES_TOLD 3
#define NAME_TOLD  64 /* bytes of each, with its NUL */

/* The first of the names, which are CERTIFICATE_NAMES_BETWEEN. Returns how long it is. */
static size_t first_name(const char *names, char name[NAME_TOLD])
{
    size_t length = strcspn(names, CERTIFICATE_NAMES_BETWEEN);
    char first[NAME_TOLD + SHOWN_LONGEST]; /* where it is too long, its end is cut off anyway */
    (void)snprintf(first, sizeof first, "%.*s", (int)(length < sizeof first ? length : sizeof first), names);
    (void)characters_show(name, NAME_TOLD, first);
    return length;
}

/* "the client asked for A, the certificate is for B, C and 4 others"; nothing where it may be for A. */
static const char *name_words(const case_t *c, char words[RULE_TEXT])
{
    words[0] = '\0';
    if (!c->certificate_for_others || c->asked_name == NULL || c->certificate_names == NULL) {
        return words;
    }
    char told[NAME_TOLD];
    (void)characters_show(told, sizeof told, c->asked_name);
    (void)say(words, "the client asked for %s, the certificate is for ", told);
    unsigned count = 0;
    for (const char *name = c->certificate_names; *name != '\0'; count++) {
        size_t length = first_name(name, told), at = strlen(words);
        if (count < NAMES_TOLD) {
            (void)snprintf(words + at, RULE_TEXT - at, "%s%s", count > 0 ? ", " : "", told);
        }
        name += length + (name[length] != '\0' ? 1 : 0);
    }
    if (count > NAMES_TOLD) {
        size_t at = strlen(words);
        (void)snprintf(words + at, RULE_TEXT - at, " and %u more", count - NAMES_TOLD);
    }
    return words;
}

/* Whether the client ends the connection on what the server showed in the handshake: by an alert, FIN or RST, and not
 * after a silence. One that finishes TLS first may look at the certificate only then. */
static bool is_refused_by_client(const case_t *c)
{
    bool alert = c->seen == MESSAGE_TLS_ALERT && c->alert_fatal;
    bool gone = closes_itself(c) && !c->gap && !case_server_came_late(c);
    bool by_client = c->sender == SENDER_CLIENT || (gone && case_client_took_leave(c));
    return by_client && (alert || (gone && !case_is_resent_in_vain(c))) && !case_client_was_silent(c);
}

/* Whether the certificate may be the reason. */
static bool is_certificate_refused(const case_t *c)
{
    const alert_t *alert = alert_by(c, SENDER_CLIENT);
    bool finished =
        stands_at(c, POSITION_SECURED) || (stands_at(c, POSITION_KEYS) && c->turn.debt.owes != SENDER_SERVER);
    return is_refused_by_client(c) && (finished || case_is_before_client_goes_on(c)) &&
           (alert == NULL || alert->of_certificate) && !is_version_too_low(c, alert);
}

bool when_certificate_expired(const case_t *c, char *text)
{
    char words[RULE_TEXT];
    return is_certificate_refused(c) && date_words(c, words)[0] != '\0' && say(text, "%s", words);
}

bool when_certificate_name(const case_t *c, char *text)
{
    char words[RULE_TEXT];
    return is_certificate_refused(c) && name_words(c, words)[0] != '\0' && say(text, "%s", words);
}

/* What speaks most against the certificate; nothing where nothing does. Returns `words`. */
static const char *doubt_words(const case_t *c, char words[RULE_TEXT])
{
    return !has_expired(c) && name_words(c, words)[0] != '\0' ? words : date_words(c, words);
}

const char *case_certificate_doubt(const case_t *c, char words[RULE_TEXT])
{
    char which[RULE_TEXT], doubt[RULE_TEXT];
    if (c->tls_resumed) {
        return "it does not take the earlier TLS session with which the server goes on,";
    }
    const char *name = which_certificate(c, which);
    bool doubted = doubt_words(c, doubt)[0] != '\0';
    (void)say(words, "it does not trust the certificate%s%s%s%s,", name, doubted ? " (" : "", doubt,
              doubted ? ")" : "");
    return words;
}

/* Refusals. */

/* At once, on what arrived: a server that closes later never answered. */
static bool is_ended_by_server(const case_t *c)
{
    return closes_itself(c) && c->sender == SENDER_SERVER && !case_is_server_late(c) && !case_may_lack_message(c) &&
           !case_is_resent_in_vain(c);
}

enum { FIRST_WITH_TLS_1_2 = 13 }; /* the major version of SQL Server 2016 */

/* Behind the version that the client offered: what servers do not take. `known`: it is told before. */
static const char *offer_words(const case_t *c, const alert_t *alert, bool known)
{
    if (c->strict) {
        return known ? " in TDS 8.0 (strict)" : " in TDS 8.0 (strict), which this server may not take";
    }
    if (alert != NULL || known) {
        return "";
    }
    return c->server_major != 0 && c->server_major < FIRST_WITH_TLS_1_2
               ? ": perhaps they have no version or cipher suite in common, as SQL Server before 2016 takes TLS 1.2 "
                 "only with an update; or the server has no certificate that it can use"
               : ": perhaps they have no version or cipher suite in common, or the server has no certificate that it "
                 "can use";
}

bool when_tls_refused_by_server(const case_t *c, char *text)
{
    char number[RULE_TEXT], proxy[RULE_TEXT], service[RULE_TEXT];
    const alert_t *alert = alert_by(c, SENDER_SERVER);
    /* Else nobody knows what they said of encryption. */
    bool agreed = c->strict || (c->prelogin_server && (!c->gap || c->encrypt_server_frame != 0));
    const char *why = alert == NULL ? NULL : alert->by_server;
    bool known = case_service_words(c, service)[0] != '\0' || why != NULL;
    bool begun = c->unfinished.of == SENDER_SERVER; /* so it takes TLS */
    bool ended = is_ended_by_server(c) && !case_is_answered_unreadably(c) && !begun;
    const char *end = c->seen == MESSAGE_RST ? "a reset" : "a close";
    return (alert != NULL || ended) && stands_at(c, POSITION_HELLO) && agreed && !case_disagrees_on_encryption(c) &&
           say(text, "%s%s%s%s instead of ServerHello; the client offered up to %s%s%s%s", service,
               why != NULL ? why : "", why != NULL ? ": " : "", alert != NULL ? "an alert" : end,
               version_or(c->tls_offered, "an unknown version"), offer_words(c, alert, known),
               alert_words(alert, c->alert, number), case_proxy_words(c, " stands before it", proxy));
}

/* In TLS 1.3 the server is done with the handshake when it has shown its certificate. */
bool case_is_before_client_goes_on(const case_t *c)
{
    position_t position = c->before.position;
    return position == POSITION_HELLO_ANSWERED ||
           (position == POSITION_KEYS && c->tls_version == TLS_VERSION_1_3 && !c->client_finished);
}

static void append(char words[RULE_TEXT], const char *text)
{
    size_t length = strlen(words);
    (void)snprintf(words + length, RULE_TEXT - length, "%s", text);
}

/* Adds one more cause to those that are there. */
static void add_cause(char words[RULE_TEXT], const char *cause)
{
    append(words, words[0] != '\0' && cause[0] != '\0' ? "; " : "");
    append(words, cause);
}

/* Whether an alert, or none, leaves it open that what the certificate is made with is too weak. */
static bool is_weakness_possible(const alert_t *alert)
{
    static const uint8_t numbers[] = {40, 42, 43, 46, 71, 80};
    bool possible = alert == NULL;
    for (size_t i = 0; i < sizeof numbers; i++) {
        possible = possible || alert->number == numbers[i];
    }
    return possible;
}

/* What is weak; nothing where nothing is. Nobody looks at the signature of a certificate that its own key signed.
 * Returns `words`. */
static const char *weakness_words(const case_t *c, char words[RULE_TEXT])
{
    words[0] = '\0';
    if (c->key_bits != 0 && c->key_bits < BITS_ENOUGH) {
        (void)say(words, "the certificate's RSA key has %u bits, which clients may find too few", c->key_bits);
    } else if (c->weak_signature != NULL && !c->self_issued) {
        (void)say(words, "the certificate's signature is by %s, which clients may not take", c->weak_signature);
    }
    return words;
}

/* Why the client may have gone, the most certain first. Nothing where an alert says what is none of these. */
static void causes_of_refusal(const case_t *c, const alert_t *alert, char words[RULE_TEXT])
{
    char doubt[RULE_TEXT], suite[RULE_TEXT];
    bool of_certificate = alert == NULL || alert->of_certificate;
    words[0] = doubt[0] = '\0';
    if (is_version_too_low(c, alert)) {
        (void)say(words, "the server chose %s, the client %s no less than a later version",
                  version_or(c->tls_version, "an old version"), alert != NULL ? "takes" : "may take");
        return;
    }
    if (alert != NULL && alert->by_client != NULL) {
        add_cause(words, alert->by_client);
    } else {
        add_cause(words, suite_words(c, suite));
    }
    if (of_certificate) {
        add_cause(words, doubt_words(c, doubt));
    }
    if (of_certificate && words[0] == '\0') {
        add_cause(words, "the client may not trust the certificate");
    }
    if (doubt[0] == '\0' && is_weakness_possible(alert)) {
        add_cause(words, weakness_words(c, doubt));
    }
}

/* How the client says that it goes. */
static const char *way_of_leaving(const case_t *c)
{
    if (c->seen == MESSAGE_TLS_ALERT) {
        return "an alert";
    }
    return case_client_took_leave(c) ? "close_notify" : closing_word(c);
}

bool when_tls_refused_by_client(const case_t *c, char *text)
{
    char certificate[RULE_TEXT], why[RULE_TEXT], named[RULE_TEXT];
    if (!is_refused_by_client(c) || !case_is_before_client_goes_on(c)) {
        return false;
    }
    const alert_t *alert = alert_by(c, SENDER_CLIENT);
    causes_of_refusal(c, alert, why);
    return say(text, "%s%s%s after the server's certificate%s%s", why, why[0] != '\0' ? ": " : "", way_of_leaving(c),
               which_certificate(c, certificate), alert_words(alert, c->alert, named));
}
