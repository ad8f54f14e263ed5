/* rules_fuzz.c - for rule_holds with every rule and rule_is_asked, rule_is_foreign_ttl, rule_is_judged,
 * error_explained, error_of_command.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * An input is the bytes of a case: every number in it may be any number. What cannot be any number in C, because it
 * is a bool, a pointer or a place in a table, is made one that can.
 */
#include "errors.h"
#include "fuzz.h"
#include "rules.h"

#define AT(member) offsetof(case_t, member)

static const size_t bools[] = {
    AT(at_end),
    AT(port_again),
    AT(prelogin_client),
    AT(prelogin_server),
    AT(instance_mismatch),
    AT(strict),
    AT(self_issued),
    AT(certificate_seen),
    AT(certificate_for_others),
    AT(alert_fatal),
    AT(alert_in_clear),
    AT(login_readable),
    AT(has_password),
    AT(reconnect),
    AT(change_password),
    AT(read_only),
    AT(client_certificate),
    AT(mars),
    AT(mars_used),
    AT(readable),
    AT(ntlm_v1),
    AT(ntlm_anonymous),
    AT(hidden_refused),
    AT(routing_followed),
    AT(routing_hidden),
    AT(node_port),
    AT(target.found),
    AT(token_service.found),
    AT(sought.asked),
    AT(sought_in_step.asked),
    AT(longer_than_logins),
    AT(window.open),
    AT(unfinished.held),
    AT(pipe),
    AT(turn_whole),
    AT(lost),
    AT(unseen),
    AT(gap),
    AT(snapped),
    AT(tls_resumed),
    AT(one_sided),
    AT(answer_missing),
    AT(client_end_missing),
    AT(server_end_missing),
    AT(client_word_missing),
    AT(prelogin_may_be_answered),
    AT(tickets),
    AT(token_refused),
    AT(idle_with_keep_alives),
    AT(bare_reset),
    AT(heard),
    AT(overtaken),
    AT(servers_missing),
    AT(elsewhere_inferred),
    AT(administrator),
    AT(explained),
    AT(turn.answering),
    AT(cancel.answering),
    AT(cancel.delivery.placed),
    AT(icmp.what.v6),
    AT(icmp.of_turn),
    AT(kdc_denied.part),
    AT(kdc_denied.icmp),
    AT(kdc_denied.what.v6),
    AT(said.answering),
    AT(said.delivery.placed),
    AT(turn.delivery.placed),
    AT(login_sent),
    AT(client_alerted),
    AT(server_spoke_last),
    AT(client_finished),
};

static const size_t texts[] = {AT(certificate),
                               AT(certificate_names),
                               AT(channel_bindings),
                               AT(asked_name),
                               AT(suite),
                               AT(weak_signature),
                               AT(spn),
                               AT(error_text),
                               AT(routing_host),
                               AT(kdc_spn),
                               AT(kdc),
                               AT(sought.host),
                               AT(sought_in_step.host),
                               AT(icmp.from),
                               AT(kdc_denied.from),
                               AT(instance),
                               AT(looked_up),
                               AT(proxied.source)};

/* Places in tables, and the first number that is none. */
static const struct {
    size_t at;
    uint32_t limit;
} places[] = {
    {AT(seen), MESSAGE_LIMIT},
    {AT(sender), SENDER_SERVER + 1},
    {AT(sufferer), SENDER_SERVER + 1},
    {AT(window.of), SENDER_SERVER + 1},
    {AT(undelivered.of), SENDER_SERVER + 1},
    {AT(unfinished.of), SENDER_SERVER + 1},
    {AT(resent.message), MESSAGE_LIMIT},
    {AT(auth.auth), AUTH_CERTIFICATE + 1},
    {AT(auth.basis), BASIS_INFERRED + 1},
    {AT(odd_service), SERVICE_COUNT},
};

/* See turn.c: a position, or the message that is answered. */
static awaited_t possible_awaited(awaited_t any)
{
    awaited_t answer_to = any & 0x80;
    return (awaited_t)(answer_to | (any % (answer_to ? MESSAGE_LIMIT : POSITION_COUNT)));
}

static void make_turn_possible(turn_t *turn)
{
    turn->debt.owes %= SENDER_SERVER + 1;
    turn->debt.awaited = possible_awaited(turn->debt.awaited);
    turn->by = (sender_t)(turn->by % (SENDER_SERVER + 1));
    turn->message = (message_t)(turn->message % MESSAGE_LIMIT);
}

static void make_longest_possible(longest_t *longest)
{
    longest->debt.owes %= SENDER_SERVER + 1;
    longest->debt.awaited = possible_awaited(longest->debt.awaited);
}

static void make_connection_possible(connection_t *connection)
{
    connection->position = (position_t)(connection->position % POSITION_COUNT);
    connection->state = (state_t)(connection->state % (STATE_JOINED_MIDWAY + 1));
    connection->close = (close_t)(connection->close % (CLOSE_OPEN + 1));
    connection->closed_first = (sender_t)(connection->closed_first % (SENDER_SERVER + 1));
}

static void made_possible(case_t *c)
{
    static const char *const choice[] = {NULL, "", "sqlsrv.lab.test\n\n10.1.0.20\nb\nc",
                                         "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256", "MSSQLSvc/sqlsrv.lab.test:1433"};
    uint8_t *bytes = (uint8_t *)c;
    for (size_t i = 0; i < COUNT_OF(bools); i++) {
        bytes[bools[i]] &= 1;
    }
    for (size_t i = 0; i < COUNT_OF(places); i++) {
        uint32_t value;
        memcpy(&value, bytes + places[i].at, sizeof value);
        value %= places[i].limit;
        memcpy(bytes + places[i].at, &value, sizeof value);
    }
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        const char *text = choice[bytes[texts[i]] % COUNT_OF(choice)];
        memcpy(bytes + texts[i], &text, sizeof text);
    }
    make_turn_possible(&c->turn);
    make_turn_possible(&c->cancel);
    make_turn_possible(&c->said);
    make_longest_possible(&c->of_step);
    make_longest_possible(&c->of_login);
    make_connection_possible(&c->before);
    make_connection_possible(&c->now);
    c->further_error_count %= FURTHER_ERRORS + 1;
    c->seen = c->at_end ? MESSAGE_NONE : c->seen;
    c->auth.sentence = "LOGINACK and no token";
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    case_t c;
    memset(&c, 0, sizeof c);
    memcpy(&c, data, size < sizeof c ? size : sizeof c);
    made_possible(&c);
    for (unsigned i = 0; i < DIAGNOSIS_COUNT; i++) {
        char text[RULE_TEXT + 1];
        memset(text, 0, sizeof text);
        text[RULE_TEXT] = '!';
        if (rule_holds((diagnosis_t)i, &c, text)) {
            CLAIM(rule_is_judged((diagnosis_t)i));
            CLAIM(rule_is_asked((diagnosis_t)i, &c));
            CLAIM(text[0] != '\0' && memchr(text, '\0', RULE_TEXT) != NULL);
        }
        CLAIM(text[RULE_TEXT] == '!');
    }
    (void)error_explained(c.error_number);
    (void)error_of_command(c.error_number);
    (void)rule_is_foreign_ttl(c.reset_ttl, c.usual_ttl);
    return 0;
}
