/* rules_test.c - each rule about a connection: a case that it holds in, and one that is near and that it does
 * not.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "vectors.h"

#include <string.h>

#include "certificate.h"
#include "characters.h"
#include "errors.h"
#include "rules.h"
#include "tds.h"
#include "tlshello.h"

/* A login with a password, TLS 1.2 for it alone, at the moment of its LOGINACK: nothing is wrong with it. */
static case_t healthy(void)
{
    case_t c = {
        .seen = MESSAGE_LOGINACK,
        .sender = SENDER_SERVER,
        .frame = 11,
        .before = {.position = POSITION_LOGIN, .state = STATE_LOGGING_IN, .close = CLOSE_OPEN},
        .now = {.position = POSITION_CONFIRMED, .state = STATE_LOGGED_IN, .close = CLOSE_OPEN},
        .limits =
            {
#define LIMIT(tag, preference, default_, title, description) [LIMIT_##tag] = MILLISECONDS(default_),
#include "limits.def"
            },
        .syn_count = 1,
        .login_sent = true,
        .last_client_frame = 10,
        .since_opening = MILLISECONDS(9),
        .since_client = MILLISECONDS(3),
        .since_data = MILLISECONDS(3),
        .waited = MILLISECONDS(3),
        .sending_for = 0,
        .answer_lost_for = MOMENT_NONE,
        .since_idle_ended = MOMENT_NONE,
        .prelogin_client = true,
        .prelogin_server = true,
        .encrypt_client = ENCRYPT_OFF,
        .encrypt_server = ENCRYPT_OFF,
        .encrypt_server_frame = 6,
        .tls_version = TLS_VERSION_1_2,
        .tls_offered = TLS_VERSION_1_2,
        .certificate_seen = true,
        .certificate = "sql.contoso.com",
        .has_password = true,
        .auth = {.auth = AUTH_SQL, .frame = 11, .sentence = "LOGINACK and no token"},
        .reset_ttl = 0,
        .usual_ttl = 128,
        .sufferer = SENDER_CLIENT,
        .frame_count = 11,
    };
    for (step_time_id_t i = TIME_CONNECT; i < TIME_COUNT; i++) {
        c.times[i] = (step_time_t){.begun = 1, .took = MILLISECONDS(1), .frame = 3 + (uint32_t)i};
    }
    c.times[TIME_PRELOGIN].begun = 4;
    c.times[TIME_TOTAL] = (step_time_t){.begun = 1, .took = MILLISECONDS(5), .frame = c.frame};
    return c;
}

/* What the modifiers are made of. */

static void stand(case_t *c, position_t position, state_t state)
{
    c->before.position = c->now.position = position;
    c->before.state = c->now.state = state;
    c->turn = (turn_t){
        .debt = login_debt(&c->before, MESSAGE_NONE, SENDER_CLIENT),
        .frame = position == POSITION_PRELOGIN ? c->times[TIME_PRELOGIN].begun : c->last_client_frame,
    };
}

static void see(case_t *c, message_t seen, sender_t sender)
{
    c->seen = seen;
    c->sender = sender;
}

static void end(case_t *c, message_t fin_or_rst, sender_t sender, position_t position, state_t state)
{
    see(c, fin_or_rst, sender);
    stand(c, position, state);
    c->now.position = POSITION_CLOSING;
    c->now.close = sender == SENDER_SERVER ? CLOSE_SERVER_FIRST : CLOSE_NORMAL;
}

static void end_of_capture(case_t *c, position_t position, state_t state)
{
    stand(c, position, state);
    c->seen = MESSAGE_NONE;
    c->at_end = true;
    c->silence = SECONDS(6);
}

/* The client asks in frame 12, 3 ms before the frame at hand. */
static void ask(case_t *c)
{
    c->turn.debt = command_debt(MESSAGE_SQL_BATCH);
    c->turn.by = SENDER_CLIENT;
    c->turn.message = MESSAGE_SQL_BATCH;
    c->turn.frame = 12;
}

/* It takes that back. */
static void cancel(case_t *c)
{
    c->turn.debt = command_debt(MESSAGE_ATTENTION);
    c->turn.message = MESSAGE_ATTENTION;
    c->cancel = c->turn;
}

/* What handed the turn over was sent so often again, and never acknowledged. */
static void deliver(case_t *c, uint32_t resendings)
{
    c->turn.delivery.placed = true;
    c->turn.delivery.resendings = resendings;
    c->turn.delivery.acked_frame = 0;
}

/* So many bytes of the server never arrived before its frame 14, as frame 15 says. */
static void lack(case_t *c, uint32_t bytes, moment_t lacked_for)
{
    c->undelivered = (lost_t){.of = SENDER_SERVER,
                              .frame = 14,
                              .bytes = bytes,
                              .longest = 1369,
                              .lacked_frame = 15,
                              .lacked_for = lacked_for};
}

static void wait_for_client(case_t *c, position_t position, message_t by, moment_t waited)
{
    c->turn.debt = (debt_t){SENDER_CLIENT, (awaited_t)position};
    c->turn.by = SENDER_SERVER;
    c->turn.message = by;
    c->waited = waited;
}

static void slow(case_t *c, step_time_id_t step, moment_t took)
{
    c->times[TIME_TOTAL].took += took - c->times[step].took;
    c->times[step].took = took;
}

static void refuse(case_t *c, uint32_t number, uint8_t state)
{
    see(c, MESSAGE_LOGIN_ERROR, SENDER_SERVER);
    c->error_number = number;
    c->error_state = state;
    c->error_class = 14;
}

static void kdc_says(case_t *c, uint32_t error)
{
    c->kdc_error = error;
    c->kdc_frame = 2;
    c->kdc_spn = "MSSQLSvc/sql.contoso.com:1433";
}

static void close_window(case_t *c, sender_t of)
{
    c->window.of = of;
    c->window.closed_for = SECONDS(3);
}

/* clang-format off */
#define MODIFY(name, statements)     \
    static void name(case_t *c)      \
    {                                \
        statements                   \
    }

/* ICMP says something of the client's segments. */
static void say_icmp(case_t *c, uint8_t code, uint32_t mtu)
{
    c->icmp.frame = 2;
    c->icmp.count = 1;
    c->icmp.from = "10.0.0.1";
    c->icmp.of_turn = true;
    c->icmp.what.type = 3;
    c->icmp.what.code = code;
    c->icmp.what.mtu = mtu;
}

static void nothing(case_t *c)
{
    (void)c;
}

/* Opening. */
MODIFY(syns, end_of_capture(c, POSITION_SYN_SENT, STATE_CONNECTING); c->syn_count = 2; c->waited = SECONDS(2);
       c->sending_for = SECONDS(1);)
MODIFY(syns_to_the_end, syns(c); c->waited = SECONDS(1);)
MODIFY(late_syn, syns(c); c->syn_count = 1;)
MODIFY(lone_syn, late_syn(c); c->waited = SECONDS(6);)
MODIFY(named, syns(c); c->looked_up = "sql.contoso.com"; c->looked_up_frame = 2;)
MODIFY(in_turn, named(c); c->elsewhere = 2; c->elsewhere_after = SECONDS(21);)
MODIFY(browsed, syns(c); c->instance = "ORDERS"; c->instance_frame = 2;)
MODIFY(overtaken, syns(c); c->overtaken = true;)
MODIFY(one_direction, syns(c); c->servers_missing = true;)
MODIFY(lost_syn_ack, end_of_capture(c, POSITION_SYN_ANSWERED, STATE_CONNECTING); deliver(c, 2);)
MODIFY(arrived_syn_ack, lost_syn_ack(c); c->turn.delivery.acked_frame = 9;)
MODIFY(rst_to_syn, end(c, MESSAGE_RST, SENDER_SERVER, POSITION_SYN_SENT, STATE_CONNECTING);)
MODIFY(rst_of_client, end(c, MESSAGE_RST, SENDER_CLIENT, POSITION_SYN_SENT, STATE_CONNECTING);)
MODIFY(probe, end(c, MESSAGE_FIN, SENDER_CLIENT, POSITION_REACHED, STATE_CONNECTING); c->now.state = STATE_PROBE;)
MODIFY(parallel, probe(c); c->parallel_stream = 1;)
MODIFY(prelogin_waits, end(c, MESSAGE_FIN, SENDER_CLIENT, POSITION_PRELOGIN, STATE_LOGGING_IN);)
MODIFY(silent_client, end(c, MESSAGE_FIN, SENDER_CLIENT, POSITION_ANSWERED, STATE_LOGGING_IN);
       wait_for_client(c, POSITION_ANSWERED, MESSAGE_PRELOGIN_RESPONSE, SECONDS(15));)
MODIFY(quick_client, silent_client(c); c->waited = MILLISECONDS(3);)
MODIFY(asks_kdc, silent_client(c); c->kdc_requests = 2; c->kdc_asked_for = SECONDS(14);)
MODIFY(asks_kdc_once, asks_kdc(c); c->kdc_requests = 1;)
MODIFY(asks_kdc_just_now, asks_kdc_once(c); c->kdc_asked_for = SECONDS(2);)
MODIFY(asks_kdc_gap, asks_kdc(c); c->gap = true;)
MODIFY(stopped, end(c, MESSAGE_FIN, SENDER_CLIENT, POSITION_ANSWERED, STATE_LOGGING_IN); c->prelogin_client = true;
       c->login_sent = false; c->auth.auth = AUTH_UNKNOWN;
       wait_for_client(c, POSITION_ANSWERED, MESSAGE_PRELOGIN_RESPONSE, MILLISECONDS(3));)
MODIFY(account_refused, stopped(c); kdc_says(c, 6); c->kdc_spn = NULL;)
MODIFY(krbtgt_unknown, stopped(c); kdc_says(c, 7); c->kdc_spn = NULL;)
MODIFY(service_refused, stopped(c); kdc_says(c, 7);)
MODIFY(silent_client_gap, silent_client(c); c->gap = true;)
MODIFY(silent_client_cut, silent_client(c); c->client_word_missing = true;)
MODIFY(unreached_client, silent_client(c); deliver(c, 1);)
MODIFY(challenged, end(c, MESSAGE_FIN, SENDER_CLIENT, POSITION_CHALLENGED, STATE_LOGGING_IN);
       wait_for_client(c, POSITION_CHALLENGED, MESSAGE_NTLM_CHALLENGE, MILLISECONDS(8));)
MODIFY(refused_token, challenged(c); c->token_refused = true;)
MODIFY(prelogin_gap, prelogin_waits(c); c->gap = true;)
MODIFY(prelogin_refused, end(c, MESSAGE_FIN, SENDER_SERVER, POSITION_PRELOGIN, STATE_LOGGING_IN);)
MODIFY(prelogin_dropped, prelogin_refused(c); c->waited = SECONDS(5);)
MODIFY(prelogin_perhaps_answered, prelogin_waits(c); c->prelogin_may_be_answered = true;)
MODIFY(tickets_alone, prelogin_waits(c); c->tickets = true;)
MODIFY(tickets_and_long_silence, tickets_alone(c); c->waited = SECONDS(5);)
MODIFY(refused_behind_an_answer, prelogin_refused(c); c->prelogin_may_be_answered = true;)
MODIFY(mismatch, end(c, MESSAGE_FIN, SENDER_CLIENT, POSITION_ANSWERED, STATE_LOGGING_IN); c->encrypt_client = ENCRYPT_ON;
       c->encrypt_server = ENCRYPT_NOT_SUP;)
MODIFY(login_closed, end(c, MESSAGE_FIN, SENDER_SERVER, POSITION_LOGIN, STATE_LOGGING_IN);)
MODIFY(mismatch_at_login, login_closed(c); c->encrypt_client = ENCRYPT_NOT_SUP; c->encrypt_server = ENCRYPT_REQ;)
MODIFY(no_encryption, mismatch(c); c->encrypt_client = ENCRYPT_OFF;)
MODIFY(tls_all_the_same, no_encryption(c); end(c, MESSAGE_FIN, SENDER_SERVER, POSITION_HELLO, STATE_LOGGING_IN);)
MODIFY(other_instance, see(c, MESSAGE_PRELOGIN_RESPONSE, SENDER_SERVER); c->instance_mismatch = true;)
MODIFY(right_instance, see(c, MESSAGE_PRELOGIN_RESPONSE, SENDER_SERVER);)
MODIFY(hello_closed, end(c, MESSAGE_FIN, SENDER_SERVER, POSITION_HELLO, STATE_LOGGING_IN);)
MODIFY(hello_dropped, hello_closed(c); c->waited = SECONDS(5);)
MODIFY(hello_closed_in_vain, hello_closed(c); deliver(c, 1);)
MODIFY(hello_waits, end_of_capture(c, POSITION_HELLO, STATE_LOGGING_IN);)
MODIFY(hello_answered_closed, end(c, MESSAGE_FIN, SENDER_SERVER, POSITION_HELLO_ANSWERED, STATE_LOGGING_IN);)
MODIFY(certificate_closed, end(c, MESSAGE_FIN, SENDER_CLIENT, POSITION_HELLO_ANSWERED, STATE_LOGGING_IN);)
MODIFY(certificate_2023, c->certificate_until = 1672531200; c->certificate_at = 1760000000;)
MODIFY(certificate_2027, c->certificate_from = 1798761600; c->certificate_until = 1830297600; c->certificate_at = 1760000000;)
MODIFY(other_name, c->certificate_for_others = true; c->asked_name = "sql.contoso.com";
       c->certificate_names = "a.corp.local\nb.corp.local\n10.1.0.20\nc.corp.local\n*.corp.local";)
MODIFY(expired_closed, certificate_closed(c); certificate_2023(c);)
MODIFY(expired_taken, certificate_2023(c);)
MODIFY(expired_waited_for, expired_closed(c);
       wait_for_client(c, POSITION_HELLO_ANSWERED, MESSAGE_SERVER_HELLO, SECONDS(15));)
MODIFY(expired_no_clock, expired_closed(c); c->certificate_at = CERTIFICATE_NO_TIME;)
MODIFY(not_yet_closed, certificate_closed(c); certificate_2027(c);)
MODIFY(name_closed, certificate_closed(c); other_name(c);)
MODIFY(name_taken, other_name(c);)
MODIFY(name_after_tls, end(c, MESSAGE_FIN, SENDER_CLIENT, POSITION_SECURED, STATE_LOGGING_IN); other_name(c);)
MODIFY(all_against_it, expired_closed(c); other_name(c);)
MODIFY(tls_1_0_closed, all_against_it(c); c->tls_version = 0x0301;)
MODIFY(dhe_closed, certificate_closed(c); c->suite = "TLS_DHE_RSA_WITH_AES_256_GCM_SHA384";)
MODIFY(small_group_closed, dhe_closed(c); c->group_bits = 1024;)
MODIFY(small_key_closed, certificate_closed(c); c->key_bits = 1024;)
MODIFY(sha1_closed, certificate_closed(c); c->key_bits = 2048; c->weak_signature = "SHA-1";)
MODIFY(own_sha1_closed, sha1_closed(c); c->self_issued = true;)
MODIFY(ecdhe_closed, certificate_closed(c); c->suite = "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384";)
MODIFY(fatal_alert, see(c, MESSAGE_TLS_ALERT, SENDER_CLIENT); stand(c, POSITION_HELLO_ANSWERED, STATE_LOGGING_IN);
       c->alert_fatal = true; c->alert = 48;)
MODIFY(version_alert, fatal_alert(c); tls_1_0_closed(c); see(c, MESSAGE_TLS_ALERT, SENDER_CLIENT); c->alert = 70;)
MODIFY(name_alert, fatal_alert(c); other_name(c); c->alert = 42;)
MODIFY(small_key_alert, name_alert(c); c->key_bits = 1024;)
MODIFY(bad_alert, name_alert(c); c->alert = 47;)
MODIFY(server_alert, hello_closed(c); see(c, MESSAGE_TLS_ALERT, SENDER_SERVER); c->alert_fatal = true; c->alert = 70;)
MODIFY(silent_after_alert, expired_waited_for(c); c->client_alerted = c->alert_fatal = true;)
MODIFY(silent_after_leave, expired_waited_for(c); c->client_alerted = c->alert_in_clear = true;)
MODIFY(left, expired_closed(c); c->sender = SENDER_SERVER; c->client_alerted = c->alert_in_clear = true;)
MODIFY(left_hidden, left(c); c->alert_in_clear = false;)
MODIFY(warning_alert, fatal_alert(c); c->alert_fatal = false;)
MODIFY(tls_1_1, see(c, MESSAGE_SERVER_HELLO, SENDER_SERVER); c->tls_version = 0x0302;)
MODIFY(tls_1_2, see(c, MESSAGE_SERVER_HELLO, SENDER_SERVER);)
MODIFY(self_issued, c->self_issued = true;)
MODIFY(issued, c->certificate_seen = true;)
MODIFY(clear_password, see(c, MESSAGE_LOGIN7, SENDER_CLIENT); c->login_readable = true;)
MODIFY(clear_token, clear_password(c); c->has_password = false;)
MODIFY(server_unheard, silent_client(c); deliver(c, 3); c->sending_for = SECONDS(7);)
MODIFY(no_login, end(c, MESSAGE_FIN, SENDER_CLIENT, POSITION_SECURED, STATE_LOGGING_IN);)
MODIFY(hello_unanswered, end(c, MESSAGE_FIN, SENDER_CLIENT, POSITION_HELLO, STATE_LOGGING_IN);)
MODIFY(after_alert, hello_unanswered(c); c->alert_fatal = true;)
MODIFY(login_waits, end(c, MESSAGE_RST, SENDER_CLIENT, POSITION_LOGIN, STATE_LOGGING_IN);)
MODIFY(finished_waits, end(c, MESSAGE_FIN, SENDER_CLIENT, POSITION_KEYS, STATE_LOGGING_IN);
       c->turn.debt.owes = SENDER_SERVER; c->turn.debt.awaited = POSITION_KEYS; c->client_finished = true;)
MODIFY(alert_waits_for_nothing, finished_waits(c); c->client_finished = false;)
MODIFY(ticket_taken, login_waits(c); stand(c, POSITION_CHALLENGED, STATE_LOGGING_IN); c->turn.by = SENDER_SERVER;
       c->turn.debt.owes = SENDER_SERVER; c->turn.message = MESSAGE_KERBEROS_AP_REP; c->last_server_frame = 11; c->server_spoke_last = true;)
MODIFY(login_answer_unread, login_waits(c); c->last_server_frame = c->last_client_frame + 1; c->server_spoke_last = true;)
MODIFY(login_undecided, login_answer_unread(c); c->undecided = c->last_server_frame;)
MODIFY(login_waits_briefly, end_of_capture(c, POSITION_LOGIN, STATE_LOGGING_IN); c->silence = SECONDS(4);)
MODIFY(prelogin_answered, end(c, MESSAGE_FIN, SENDER_CLIENT, POSITION_ANSWERED, STATE_LOGGING_IN); c->prelogin_client = true;
       c->prelogin_server = true; c->since_client = 0; c->times[TIME_CONNECT].frame = 3;)
MODIFY(closed_before_tls, prelogin_answered(c); c->encrypt_client = c->encrypt_server = ENCRYPT_ON;)
MODIFY(closed_before_tls_late, closed_before_tls(c); c->since_opening = SECONDS(15);)
MODIFY(closed_before_login, prelogin_answered(c); c->encrypt_client = c->encrypt_server = ENCRYPT_NOT_SUP;)
MODIFY(login_answered_oddly, login_answer_unread(c); c->odd_answer = c->last_server_frame; c->odd_answer_type = 0;)
MODIFY(login_waits_long, end_of_capture(c, POSITION_LOGIN, STATE_LOGGING_IN);)
MODIFY(refused, refuse(c, 18456, 1);)
MODIFY(hidden_refusal, end(c, MESSAGE_FIN, SENDER_SERVER, POSITION_HIDDEN, STATE_LOGGING_IN); c->hidden_refused = true;)
MODIFY(hidden_login, end(c, MESSAGE_FIN, SENDER_CLIENT, POSITION_HIDDEN, STATE_LOGGING_IN);)
MODIFY(late, c->before.closed_first = SENDER_CLIENT;)
MODIFY(routed, see(c, MESSAGE_ROUTING, SENDER_SERVER); c->routing_host = "replica"; c->routing_port = 1433;)
MODIFY(routed_round, routed(c); c->circle = 1;)
MODIFY(not_followed, end_of_capture(c, POSITION_CLOSED, STATE_REDIRECTED);)
MODIFY(went_to_node, not_followed(c); c->routing_followed = c->routing_hidden = true; c->routing_stream = 4;)
MODIFY(followed, not_followed(c); c->routing_followed = true;)
MODIFY(login7, see(c, MESSAGE_LOGIN7, SENDER_CLIENT);)
MODIFY(reconnect, login7(c); c->reconnect = true;)
MODIFY(change_password, login7(c); c->change_password = true;)
MODIFY(read_only, login7(c); c->read_only = true;)
MODIFY(prelogin, see(c, MESSAGE_PRELOGIN, SENDER_CLIENT);)
MODIFY(client_certificate, prelogin(c); c->client_certificate = true;)
MODIFY(old_version, refuse(c, 17802, 1);)

/* Authentication. */
MODIFY(ntlm, c->auth.auth = AUTH_NTLM;)
MODIFY(kerberos, c->auth.auth = AUTH_KERBEROS;)
MODIFY(ntlm_after_error, ntlm(c); kdc_says(c, 7);)
MODIFY(ntlm_after_token, ntlm(c); see(c, MESSAGE_LOGINACK, SENDER_SERVER); c->kerberos_frame = 8;)
MODIFY(kerberos_after_token, ntlm_after_token(c); kerberos(c);)
MODIFY(kerberos_after_error, kerberos(c); kdc_says(c, 7);)
MODIFY(authenticate, see(c, MESSAGE_NTLM_AUTHENTICATE, SENDER_CLIENT);)
MODIFY(anonymous, authenticate(c); c->ntlm_anonymous = true;)
MODIFY(version_1, authenticate(c); c->ntlm_v1 = true;)
MODIFY(unbound, ntlm(c); refuse(c, 18452, 1); c->tls_version = 0x0303; c->channel_bindings = "absent";)
MODIFY(bound, unbound(c); c->channel_bindings = "present";)
MODIFY(without_tls, unbound(c); c->tls_version = 0;)
MODIFY(unbound_bad_password, unbound(c); refuse(c, 18456, 1);)
MODIFY(unknown, ntlm(c); kdc_says(c, 7);)
MODIFY(duplicate, ntlm(c); kdc_says(c, 8);)
MODIFY(no_type, ntlm(c); kdc_says(c, 14);)
MODIFY(slow_client, see(c, MESSAGE_CLIENT_HELLO, SENDER_CLIENT);
       wait_for_client(c, POSITION_ANSWERED, MESSAGE_PRELOGIN_RESPONSE, SECONDS(2));)
MODIFY(slow_server_hello, slow_client(c); see(c, MESSAGE_SERVER_HELLO, SENDER_SERVER);)
MODIFY(slow_after_ticket, kerberos(c); c->since_client = c->waited = SECONDS(2);
       c->turn.message = MESSAGE_KERBEROS_AP_REP;)
MODIFY(slow_controller, ntlm(c); c->since_client = SECONDS(2);)
MODIFY(slow_network, slow_controller(c); c->resent.sendings = 3; c->resent.spread = SECONDS(2);)
MODIFY(slow_way_back, slow_controller(c); c->answer_lost_for = SECONDS(2);)
MODIFY(slow_password, c->since_client = SECONDS(2);)
MODIFY(fedauth, see(c, MESSAGE_FEDAUTH_TOKEN, SENDER_CLIENT); c->fedauthinfo_frame = 9;)
MODIFY(fedauth_alone, see(c, MESSAGE_FEDAUTH_TOKEN, SENDER_CLIENT);)

/* Time. */
MODIFY(slow_tls, slow(c, TIME_TLS, SECONDS(3)); c->times[TIME_TLS].frame = c->frame;)
MODIFY(quick_tls, slow(c, TIME_TLS, SECONDS(1)); c->times[TIME_TLS].frame = c->frame;)

/* Closing. */
MODIFY(server_fin, end(c, MESSAGE_FIN, SENDER_SERVER, POSITION_COMMAND, STATE_LOGGED_IN);)
MODIFY(server_fin_one_sided, server_fin(c); c->one_sided = true;)
MODIFY(server_fin_login, end(c, MESSAGE_FIN, SENDER_SERVER, POSITION_LOGIN, STATE_LOGGING_IN);)
MODIFY(server_fin_refused, end(c, MESSAGE_FIN, SENDER_SERVER, POSITION_REFUSED, STATE_LOGIN_FAILED);)
MODIFY(client_rst, end(c, MESSAGE_RST, SENDER_CLIENT, POSITION_COMMAND, STATE_LOGGED_IN);)
MODIFY(client_rst_login, end(c, MESSAGE_RST, SENDER_CLIENT, POSITION_LOGIN, STATE_LOGGING_IN);)
MODIFY(bare_rst_midway, client_rst(c); c->bare_reset = true; c->syn_count = 0;)
MODIFY(bare_rst_first, bare_rst_midway(c); c->last_client_frame = 0;)
MODIFY(client_rst_late, client_rst(c); c->before.closed_first = SENDER_CLIENT;)
MODIFY(rst_after_wait, end(c, MESSAGE_RST, SENDER_SERVER, POSITION_LOGIN, STATE_LOGGED_IN);
       c->since_client = c->waited = SECONDS(9);)
MODIFY(server_rst, end(c, MESSAGE_RST, SENDER_SERVER, POSITION_COMMAND, STATE_LOGGED_IN);)
MODIFY(hangs_up, end(c, MESSAGE_FIN, SENDER_SERVER, POSITION_REACHED, STATE_CONNECTING);)
MODIFY(resets_at_once, end(c, MESSAGE_RST, SENDER_SERVER, POSITION_REACHED, STATE_CONNECTING);)
MODIFY(resets_spoken, resets_at_once(c); c->before.spoken = true;)
MODIFY(resets_late, resets_at_once(c); c->waited = SECONDS(5);)
MODIFY(long_packet_fin, server_fin_login(c); c->login_packet = 4097;)
MODIFY(whole_packet_fin, server_fin_login(c); c->login_packet = 4096;)
MODIFY(server_rst_login, end(c, MESSAGE_RST, SENDER_SERVER, POSITION_LOGIN, STATE_LOGGING_IN);)
MODIFY(server_rst_hidden, end(c, MESSAGE_RST, SENDER_SERVER, POSITION_HIDDEN, STATE_LOGGING_IN);)
MODIFY(server_rst_hidden_idle, server_rst_hidden(c); c->idle_before_request = SECONDS(60);)
MODIFY(server_rst_hidden_long, server_rst_hidden(c); c->longer_than_logins = true;)
MODIFY(open_request, end_of_capture(c, POSITION_COMMAND, STATE_LOGGED_IN); ask(c);)
MODIFY(closed_request, open_request(c); c->now.close = CLOSE_NORMAL;)
MODIFY(killed, server_fin(c); ask(c);)
MODIFY(killed_by_rst, server_rst(c); ask(c);)
MODIFY(killed_with_open_window, killed(c); c->window.of = SENDER_CLIENT;)
MODIFY(killed_by_device, killed_by_rst(c); c->reset_ttl = 64;)
MODIFY(killed_for_its_window, killed_by_rst(c); close_window(c, SENDER_CLIENT);)
MODIFY(keep_alives, client_rst(c); c->keep_alives = 5;)
MODIFY(four_keep_alives, client_rst(c); c->keep_alives = 4;)
MODIFY(copies, open_request(c); c->copies = 5;)
MODIFY(icmp_to_syn, syns(c); say_icmp(c, 10, 0);)
MODIFY(icmp_to_earlier, icmp_to_syn(c); c->icmp.of_turn = false;)
MODIFY(icmp_too_big, syns(c); say_icmp(c, 4, 1400);)
MODIFY(icmp_ignored, icmp_too_big(c); c->icmp.ignored = 1460;)
MODIFY(large_lost, open_request(c); ask(c); deliver(c, 5); c->turn.delivery.arrived = 300;
       c->turn.delivery.resent_length = 1460;)
MODIFY(small_lost, large_lost(c); c->turn.delivery.resent_length = 60;)
MODIFY(large_answer_lost, large_lost(c); c->said = c->turn; c->said.debt.owes = SENDER_UNKNOWN;
       c->said.by = SENDER_SERVER; c->turn = (turn_t){0};)
MODIFY(larger_arrived, large_answer_lost(c); c->said.delivery.arrived = 1460;)
MODIFY(small_answer_lost, large_answer_lost(c); c->said.delivery.resent_length = 60;)
MODIFY(four_copies, copies(c); c->copies = 4;)
MODIFY(undelivered, open_request(c); ask(c); deliver(c, 5);)
MODIFY(sent_again, undelivered(c); c->turn.delivery.resendings = 4;)
MODIFY(delivered_late, undelivered(c); c->turn.delivery.acked_frame = 20;)
MODIFY(abandoned, end(c, MESSAGE_FIN, SENDER_CLIENT, POSITION_COMMAND, STATE_LOGGED_IN); ask(c);)
MODIFY(closed_idle, abandoned(c); c->turn.debt.owes = SENDER_UNKNOWN; c->turn.debt.awaited = AWAITED_NOTHING;)
MODIFY(half_sent, closed_idle(c); c->unfinished.of = SENDER_CLIENT; c->unfinished.begun = c->last_server_frame + 1;)
MODIFY(half_sent_answered, half_sent(c); c->last_server_frame = c->unfinished.begun + 1;)
MODIFY(half_sent_login, half_sent(c); c->before.state = STATE_LOGGING_IN; c->before.position = POSITION_LOGIN;)
MODIFY(abandoned_undelivered, abandoned(c); deliver(c, 5);)
MODIFY(abandoned_resent, abandoned(c); deliver(c, 2);)
MODIFY(abandoned_unread, abandoned(c); c->last_server_frame = c->last_client_frame + 1; c->server_spoke_last = true;)
MODIFY(abandoned_alone, abandoned(c); c->keep_alives = 5;)
MODIFY(abandoned_gap, abandoned(c); c->answer_missing = true;)
MODIFY(other_ttl, server_rst(c); c->reset_ttl = 64;)
MODIFY(next_ttl, server_rst(c); c->reset_ttl = 127;)
MODIFY(other_ttl_login, server_rst_login(c); c->reset_ttl = 64;)
MODIFY(other_ttl_hello, end(c, MESSAGE_RST, SENDER_SERVER, POSITION_HELLO, STATE_LOGGING_IN); c->reset_ttl = 64;)
MODIFY(other_ttl_prelogin, end(c, MESSAGE_RST, SENDER_SERVER, POSITION_PRELOGIN, STATE_LOGGING_IN); c->reset_ttl = 64;)
MODIFY(other_ttl_secured, end(c, MESSAGE_RST, SENDER_CLIENT, POSITION_SECURED, STATE_LOGGING_IN); c->reset_ttl = 64;)
MODIFY(other_ttl_late, other_ttl_prelogin(c); c->waited = SECONDS(5);)
MODIFY(unknown_there, killed_by_rst(c); ask(c); deliver(c, 0); c->bare_reset = true;)
MODIFY(known_there, unknown_there(c); c->turn.delivery.acked_frame = 13;)
MODIFY(unknown_there_gap, unknown_there(c); c->unseen = true;)
MODIFY(known_there_gap, known_there(c); c->unseen = true;)
MODIFY(late_word, client_rst(c); c->bare_reset = true; c->idle_before_data = SECONDS(60); c->idle_ended_frame = 14;
       c->since_idle_ended = MILLISECONDS(9);)
MODIFY(late_word_to_client, late_word(c); c->idle_ended_frame = c->last_client_frame;)
MODIFY(late_word_and_time, late_word(c); c->since_idle_ended = SECONDS(3);)
MODIFY(idle, server_rst(c); ask(c); c->idle_before_request = SECONDS(60);)
MODIFY(idle_unasked, server_rst(c); c->since_data = SECONDS(60);)
MODIFY(idle_alone, idle_unasked(c); c->keep_alives = 5;)
MODIFY(less_idle_unasked, server_rst(c); c->since_data = SECONDS(59);)
MODIFY(less_idle, idle(c); c->idle_before_request = SECONDS(59);)
MODIFY(idle_gap, idle(c); c->unseen = true;)
MODIFY(less_idle_gap, less_idle(c); c->unseen = true;)
MODIFY(no_ack, end(c, MESSAGE_FIN, SENDER_CLIENT, POSITION_COMMAND, STATE_LOGGED_IN); c->readable = true;
       cancel(c);)
MODIFY(hidden_no_ack, end(c, MESSAGE_RST, SENDER_CLIENT, POSITION_HIDDEN, STATE_LOGGING_IN); cancel(c);
       c->cancelled_for = SECONDS(5);)
MODIFY(hidden_no_ack_yet, hidden_no_ack(c); c->cancelled_for = MILLISECONDS(900);)
MODIFY(no_ack_seen, no_ack(c); c->gap = true;)

/* The capture. */
MODIFY(twice, end_of_capture(c, POSITION_CLOSED, STATE_LOGGED_IN); c->frame_count = 20; c->copy_count = 9;)
MODIFY(some_twice, twice(c); c->copy_count = 7;)
MODIFY(on_client, prelogin(c); c->bad_checksums_client = 1;)
MODIFY(bad_everywhere, on_client(c); c->bad_checksums_server = 1;)
MODIFY(on_client_with_old_tds, see(c, MESSAGE_OLD_LOGIN, SENDER_CLIENT); c->bad_checksums_client = 1;)
MODIFY(window_opens, see(c, MESSAGE_NONE, SENDER_CLIENT);
       close_window(c, SENDER_CLIENT); c->window.open = true;)
MODIFY(window_opens_soon, window_opens(c); c->window.closed_for = SECONDS(1);)
MODIFY(window_at_close, server_fin(c); close_window(c, SENDER_SERVER);)
MODIFY(window_still_closed, window_opens(c); c->window.open = false;)
MODIFY(pipe_not_there, see(c, MESSAGE_PIPE_REFUSED, SENDER_SERVER); stand(c, POSITION_PIPE_ASKED, STATE_CONNECTING);
       c->pipe = true; c->pipe_status = 0xC0000034;)
MODIFY(pipe_opened, pipe_not_there(c); see(c, MESSAGE_PIPE_CREATED, SENDER_SERVER); c->pipe_status = 0;)
MODIFY(pipe_waits, end_of_capture(c, POSITION_PIPE_ASKED, STATE_CONNECTING); c->now.close = CLOSE_OPEN;)
MODIFY(pipe_given_up, end(c, MESSAGE_RST, SENDER_CLIENT, POSITION_PIPE_ASKED, STATE_CONNECTING);)
MODIFY(pipe_hung_up, end(c, MESSAGE_FIN, SENDER_SERVER, POSITION_PIPE_ASKED, STATE_CONNECTING);)
MODIFY(pipe_waits_gap, pipe_waits(c); c->gap = true;)
MODIFY(pipe_is_open, end(c, MESSAGE_RST, SENDER_CLIENT, POSITION_PIPE_OPEN, STATE_CONNECTING);)
MODIFY(pipe_breaks, end(c, MESSAGE_FIN, SENDER_SERVER, POSITION_COMMAND, STATE_LOGGED_IN); c->pipe = true;
       c->pipe_status = 0xC00000B0; ask(c);)
MODIFY(pipe_ends_refused, end(c, MESSAGE_FIN, SENDER_SERVER, POSITION_REFUSED, STATE_LOGIN_FAILED); c->pipe = true;
       c->pipe_status = 0xC00000B0;)
MODIFY(pipe_closed, end(c, MESSAGE_FIN, SENDER_SERVER, POSITION_COMMAND, STATE_LOGGED_IN); c->pipe = true;)
MODIFY(mars_idle, end_of_capture(c, POSITION_CONFIRMED, STATE_LOGGED_IN); c->now.close = CLOSE_NORMAL;
       c->mars = c->readable = true;)
MODIFY(mars_hidden, mars_idle(c); c->readable = false;)
MODIFY(mars_lively, mars_idle(c); c->mars_used = true;)
MODIFY(midway, stand(c, POSITION_MIDWAY, STATE_JOINED_MIDWAY);)
MODIFY(midway_hidden, stand(c, POSITION_MIDWAY_HIDDEN, STATE_JOINED_MIDWAY);)
MODIFY(kept_alive, stand(c, POSITION_KEPT_ALIVE, STATE_JOINED_MIDWAY);)
MODIFY(hello_warned, hello_unanswered(c); c->last_server_frame = c->last_client_frame + 1; c->server_spoke_last = true;
       c->server_alerted = c->last_server_frame;)
MODIFY(hello_answer_unread, hello_unanswered(c); c->last_server_frame = c->last_client_frame + 1; c->server_spoke_last = true;)
MODIFY(hello_closed_unread, hello_closed(c); c->last_server_frame = c->last_client_frame + 1; c->server_spoke_last = true;)
MODIFY(server_fin_hello, end(c, MESSAGE_FIN, SENDER_SERVER, POSITION_HELLO_ANSWERED, STATE_LOGGING_IN);)
MODIFY(client_fin_hello, end(c, MESSAGE_FIN, SENDER_CLIENT, POSITION_HELLO_ANSWERED, STATE_LOGGING_IN);)
MODIFY(server_fin_reached, end(c, MESSAGE_FIN, SENDER_SERVER, POSITION_REACHED, STATE_CONNECTING);)
MODIFY(lost, c->lost = c->gap = true;)
MODIFY(lacked, lost(c); lack(c, 460, SECONDS(1));)
MODIFY(lacked_at_end, open_request(c); c->silence = 0; lacked(c);)
MODIFY(large_lacked, client_fin_hello(c); lack(c, 1460, SECONDS(5));)
MODIFY(small_lacked, client_fin_hello(c); lack(c, 460, SECONDS(5));)
MODIFY(other_side, c->gap = true;)
MODIFY(one_side, end_of_capture(c, POSITION_LOGIN, STATE_LOGGING_IN); c->one_sided = c->gap = true;)

/* clang-format on */

#define ROW(tag, holds, nearly)                                                                                        \
    {                                                                                                                  \
        DIAGNOSIS_##tag, #tag, holds, nearly                                                                           \
    }

static const struct {
    diagnosis_t rule;
    const char *name;
    void (*holds)(case_t *c);
    void (*nearly)(case_t *c);
} rows[] = {
    ROW(UNREACHABLE, icmp_to_syn, icmp_too_big),
    ROW(MTU, icmp_ignored, icmp_too_big),
    ROW(UNREACHABLE, icmp_to_syn, icmp_to_earlier),
    ROW(MTU, large_lost, small_lost),
    ROW(MTU, large_answer_lost, small_answer_lost),
    ROW(MTU, large_answer_lost, larger_arrived),
    ROW(MTU, large_lacked, small_lacked),
    ROW(RETRANSMISSION_TIMEOUT, small_lacked, lacked_at_end),
    ROW(CAPTURE_GAP, lost, lacked),
    ROW(NO_SYN_ANSWER, syns, late_syn),
    ROW(NO_SYN_ANSWER, syns, syns_to_the_end),
    ROW(NO_SYN_ANSWER, syns, icmp_to_syn),
    ROW(NO_SYN_ANSWER, lone_syn, overtaken),
    ROW(NO_SYN_ANSWER, syns, one_direction),
    ROW(NO_SYN_ANSWER, browsed, overtaken),
    ROW(NO_SYN_ANSWER, named, overtaken),
    ROW(NO_SYN_ANSWER, in_turn, overtaken),
    ROW(NO_SYN_ANSWER, lost_syn_ack, arrived_syn_ack),
    ROW(CONNECTION_REFUSED, rst_to_syn, rst_of_client),
    ROW(PIPE_REFUSED, pipe_not_there, pipe_opened),
    ROW(PIPE_UNANSWERED, pipe_waits, pipe_waits_gap),
    ROW(PIPE_UNANSWERED, pipe_given_up, pipe_is_open),
    ROW(PIPE_UNANSWERED, pipe_hung_up, pipe_closed),
    ROW(PIPE_BROKEN, pipe_breaks, pipe_ends_refused),
    ROW(PIPE_BROKEN, pipe_breaks, pipe_closed),
    ROW(PROBE, probe, parallel),
    ROW(PROBE, probe, hangs_up),
    ROW(PARALLEL_CONNECT, parallel, probe),
    ROW(CLIENT_SILENT, silent_client, quick_client),
    ROW(KDC_UNANSWERED, asks_kdc, silent_client),
    ROW(KDC_UNANSWERED, asks_kdc_once, asks_kdc_just_now),
    ROW(KDC_UNANSWERED, asks_kdc, asks_kdc_gap),
    ROW(SPN_UNKNOWN, service_refused, krbtgt_unknown),
    ROW(KERBEROS_ERROR, account_refused, service_refused),
    ROW(CLIENT_SILENT, half_sent_login, half_sent),
    ROW(CLIENT_SILENT_LATER, half_sent, half_sent_answered),
    ROW(CLIENT_SILENT_LATER, half_sent, half_sent_login),
    ROW(CLIENT_SILENT, silent_client, silent_client_gap),
    ROW(CLIENT_SILENT, silent_client, silent_client_cut),
    ROW(CLIENT_SILENT, silent_client, unreached_client),
    ROW(CLIENT_SILENT, challenged, refused_token),
    ROW(PRELOGIN_UNANSWERED, prelogin_waits, prelogin_gap),
    ROW(PRELOGIN_UNANSWERED, prelogin_dropped, prelogin_refused),
    ROW(PRELOGIN_UNANSWERED, prelogin_waits, prelogin_perhaps_answered),
    ROW(PRELOGIN_UNANSWERED, tickets_and_long_silence, tickets_alone),
    ROW(PRELOGIN_REFUSED, prelogin_refused, prelogin_waits),
    ROW(PRELOGIN_REFUSED, prelogin_refused, other_ttl_prelogin),
    ROW(PRELOGIN_REFUSED, prelogin_refused, refused_behind_an_answer),
    ROW(PRELOGIN_REFUSED, prelogin_refused, prelogin_dropped),
    ROW(ENCRYPTION_MISMATCH, mismatch, no_encryption),
    ROW(ENCRYPTION_MISMATCH, mismatch_at_login, login_closed),
    ROW(ENCRYPTION_MISMATCH, tls_all_the_same, hello_closed),
    ROW(INSTANCE_MISMATCH, other_instance, right_instance),
    ROW(TLS_REFUSED_BY_SERVER, hello_closed, hello_answered_closed),
    ROW(TLS_REFUSED_BY_SERVER, hello_closed, other_ttl_hello),
    ROW(TLS_REFUSED_BY_SERVER, hello_closed, tls_all_the_same),
    ROW(TLS_REFUSED_BY_SERVER, hello_closed, hello_dropped),
    ROW(TLS_REFUSED_BY_SERVER, hello_closed, hello_closed_unread),
    ROW(TLS_REFUSED_BY_SERVER, hello_closed, hello_closed_in_vain),
    ROW(TLS_REFUSED_BY_CLIENT, certificate_closed, hello_answered_closed),
    ROW(TLS_REFUSED_BY_CLIENT, expired_closed, expired_waited_for),
    ROW(CLIENT_SILENT, expired_waited_for, silent_after_alert),
    ROW(CLIENT_SILENT, expired_waited_for, silent_after_leave),
    ROW(TLS_REFUSED_BY_CLIENT, left, left_hidden),
    ROW(CERTIFICATE_EXPIRED, expired_closed, expired_taken),
    ROW(CERTIFICATE_EXPIRED, expired_closed, expired_waited_for),
    ROW(CERTIFICATE_EXPIRED, not_yet_closed, expired_no_clock),
    ROW(CERTIFICATE_EXPIRED, expired_closed, tls_1_0_closed),
    ROW(CERTIFICATE_NAME, name_closed, name_taken),
    ROW(CERTIFICATE_NAME, name_after_tls, certificate_closed),
    ROW(CERTIFICATE_NAME, name_alert, bad_alert),
    ROW(CERTIFICATE_NAME, name_alert, version_alert),
    ROW(TLS_ALERT, fatal_alert, warning_alert),
    ROW(TLS_OLD, tls_1_1, tls_1_2),
    ROW(TLS_SELF_SIGNED, self_issued, issued),
    ROW(LOGIN_IN_CLEAR, clear_password, clear_token),
    ROW(NO_LOGIN_SENT, no_login, mismatch),
    ROW(NO_LOGIN_SENT, no_login, other_ttl_secured),
    ROW(NO_LOGIN_SENT, hello_unanswered, after_alert),
    ROW(NO_LOGIN_SENT, hello_unanswered, hello_answer_unread),
    ROW(NO_LOGIN_SENT, hello_warned, hello_answer_unread),
    ROW(NO_LOGIN_SENT, prelogin_perhaps_answered, prelogin_waits),
    ROW(NO_LOGIN_SENT, tickets_alone, tickets_and_long_silence),
    ROW(LOGIN_UNANSWERED, login_waits, hidden_login),
    ROW(LOGIN_UNANSWERED, login_waits, login_answer_unread),
    ROW(LOGIN_UNANSWERED, login_answered_oddly, login_answer_unread),
    ROW(LOGIN_UNANSWERED, login_undecided, login_answer_unread),
    ROW(LOGIN_UNANSWERED, hello_dropped, hello_closed),
    ROW(LOGIN_UNANSWERED, hello_waits, hello_unanswered), /* of which no_login_sent tells */
    ROW(LOGIN_UNANSWERED, ticket_taken, challenged),
    ROW(LOGIN_UNANSWERED, finished_waits, alert_waits_for_nothing),
    ROW(LOGIN_UNANSWERED, login_waits_long, login_waits_briefly),
    ROW(LOGIN_REFUSED, refused, nothing),
    ROW(LOGIN_PROBABLY_REFUSED, hidden_refusal, hidden_login),
    ROW(LATE_CONFIRMATION, late, nothing),
    ROW(REDIRECTED, routed, nothing),
    ROW(REDIRECTED, routed, routed_round),
    ROW(REDIRECTED_ROUND, routed_round, routed),
    ROW(REDIRECTED, went_to_node, followed),
    ROW(REDIRECT_NOT_FOLLOWED, not_followed, followed),
    ROW(SESSION_RECOVERED, reconnect, login7),
    ROW(CERTIFICATE_LOGIN, client_certificate, prelogin),
    ROW(CHANGE_PASSWORD, change_password, login7),
    ROW(READ_ONLY_INTENT, read_only, login7),
    ROW(VERSION_REFUSED, old_version, refused),
    ROW(NTLM_USED, ntlm, kerberos),
    ROW(NTLM_AFTER_KERBEROS_FAILURE, ntlm_after_error, kerberos_after_error),
    ROW(NTLM_AFTER_KERBEROS_FAILURE, ntlm_after_token, kerberos_after_token),
    ROW(NTLM_ANONYMOUS, anonymous, authenticate),
    ROW(NTLM_V1, version_1, authenticate),
    ROW(SPN_UNKNOWN, unknown, duplicate),
    ROW(SPN_DUPLICATE, duplicate, unknown),
    ROW(KERBEROS_ERROR, no_type, unknown),
    ROW(SLOW_DOMAIN_CONTROLLER, slow_controller, slow_password),
    ROW(SLOW_DOMAIN_CONTROLLER, slow_controller, slow_way_back),
    ROW(SLOW_DOMAIN_CONTROLLER, slow_controller, slow_network),
    ROW(SLOW_DOMAIN_CONTROLLER, slow_controller, slow_after_ticket),
    ROW(ENTRA_TOKEN_WAIT, fedauth, fedauth_alone),
    ROW(SLOW_LOGIN, slow_tls, quick_tls),
    ROW(SLOW_STEP, slow_client, slow_server_hello),
    ROW(SLOW_STEP, slow_tls, quick_tls),
    ROW(SERVER_CLOSED_FIRST, server_fin, server_fin_refused),
    ROW(SERVER_CLOSED_FIRST, server_fin, server_fin_one_sided),
    ROW(SERVER_CLOSED_FIRST, server_fin, server_fin_login),
    ROW(SERVER_CLOSED_FIRST, server_fin, server_fin_reached),
    ROW(SERVER_CLOSED_LOGIN, server_fin_login, server_fin),
    ROW(SERVER_CLOSED_LOGIN, server_fin_hello, client_fin_hello),
    ROW(RESET_BY_CLIENT, client_rst, client_rst_late),
    ROW(RESET_BY_CLIENT, bare_rst_midway, bare_rst_first),
    ROW(RESET_BY_CLIENT, client_rst, client_rst_login),
    ROW(RESET_BY_CLIENT_LOGIN, client_rst_login, client_rst),
    ROW(RESET_BY_SERVER, server_rst, server_rst_login),
    ROW(RESET_BY_SERVER_LOGIN, server_rst_login, server_rst),
    ROW(RESET_BY_SERVER_LOGIN, server_rst_hidden, server_rst_hidden_idle),
    ROW(RESET_BY_SERVER_LOGIN, server_rst_hidden, server_rst_hidden_long),
    ROW(RESET_BY_SERVER, server_rst_hidden_idle, server_rst_hidden),
    ROW(RESET_BY_SERVER_LOGIN, server_rst_login, other_ttl_login),
    ROW(RESET_BY_SERVER_LOGIN, resets_at_once, resets_spoken),
    ROW(RESET_BY_SERVER_LOGIN, resets_at_once, resets_late),
    ROW(SERVER_CLOSED_LOGIN, hangs_up, resets_at_once),
    ROW(RESET_AFTER_CLOSE, client_rst_late, client_rst),
    ROW(OPEN_AT_END, open_request, closed_request),
    ROW(KILLED, killed, server_fin),
    ROW(KILLED, killed, killed_by_device),
    ROW(KILLED, known_there, unknown_there),
    ROW(KILLED, known_there_gap, unknown_there_gap),
    ROW(KILLED, less_idle_gap, idle_gap),
    ROW(KILLED, killed, killed_for_its_window),
    ROW(KEEP_ALIVE_TIMEOUT, keep_alives, four_keep_alives),
    ROW(RETRANSMISSION_TIMEOUT, copies, four_copies),
    ROW(RETRANSMISSION_TIMEOUT, undelivered, sent_again),
    ROW(RETRANSMISSION_TIMEOUT, undelivered, delivered_late),
    ROW(REQUEST_ABANDONED, abandoned, closed_idle),
    ROW(REQUEST_ABANDONED, abandoned, abandoned_undelivered),
    ROW(REQUEST_ABANDONED, abandoned, abandoned_resent),
    ROW(REQUEST_ABANDONED, abandoned, abandoned_gap),
    ROW(REQUEST_ABANDONED, abandoned, abandoned_unread),
    ROW(REQUEST_ABANDONED, abandoned, abandoned_alone),
    ROW(RESET_BY_DEVICE, other_ttl, next_ttl),
    ROW(RESET_BY_DEVICE, other_ttl, other_ttl_login),
    ROW(RESET_LOGIN_BY_DEVICE, other_ttl_login, other_ttl),
    ROW(PRELOGIN_UNANSWERED, other_ttl_late, other_ttl_prelogin),
    ROW(IDLE_RESET, idle, less_idle),
    ROW(IDLE_RESET, idle_unasked, idle_alone),
    ROW(IDLE_RESET, late_word, late_word_to_client),
    ROW(IDLE_RESET, late_word, late_word_and_time),
    ROW(IDLE_RESET, idle_unasked, less_idle_unasked),
    ROW(ATTENTION_UNACKNOWLEDGED, no_ack, no_ack_seen),
    ROW(ATTENTION_UNACKNOWLEDGED, hidden_no_ack, hidden_no_ack_yet),
    ROW(ZERO_WINDOW, window_opens, window_opens_soon),
    ROW(ZERO_WINDOW, window_at_close, window_still_closed),
    ROW(MARS_UNUSED, mars_idle, mars_hidden),
    ROW(MARS_UNUSED, mars_idle, mars_lively),
    ROW(DUPLICATED, twice, some_twice),
    ROW(TAKEN_ON, on_client, bad_everywhere),
    ROW(TAKEN_ON, on_client_with_old_tds, bad_everywhere),
    ROW(JOINED_MIDWAY, midway, nothing),
    ROW(JOINED_MIDWAY, midway, midway_hidden),
    ROW(JOINED_MIDWAY, midway, kept_alive),
    ROW(CAPTURE_GAP, lost, other_side),
    ROW(ONE_SIDED, one_side, login_waits_long),
};

#define ROW_COUNT (sizeof rows / sizeof rows[0])

static case_t modified(void (*modify)(case_t *c))
{
    case_t c = healthy();
    modify(&c);
    return c;
}

static void rule_holds_in_its_case(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROW_COUNT; i++) {
        char text[RULE_TEXT];
        case_t c = modified(rows[i].holds);
        if (!rule_holds(rows[i].rule, &c, text) || text[0] == '\0' || text[strlen(text) - 1] == '.') {
            fail_msg("row %zu, %s: \"%s\"", i, rows[i].name, text);
        }
    }
}

/* What holds where nobody asks is never told. */
static void rule_is_asked_where_it_holds(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROW_COUNT; i++) {
        case_t c = modified(rows[i].holds);
        if (!rule_is_asked(rows[i].rule, &c)) {
            fail_msg("row %zu, %s", i, rows[i].name);
        }
    }
}

static void rule_does_not_hold_in_the_near_case(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROW_COUNT; i++) {
        char text[RULE_TEXT];
        case_t c = modified(rows[i].nearly);
        if (rule_holds(rows[i].rule, &c, text)) {
            fail_msg("row %zu, %s: \"%s\"", i, rows[i].name, text);
        }
    }
}

/* All names of a case are this one. */
static void name_all(case_t *c, const char *name)
{
    c->certificate = c->spn = c->kdc_spn = c->routing_host = c->error_text = c->instance = name;
    c->looked_up = name;
}

/* Wireshark cuts off the end of a long sentence: a name in it must leave room for the rest. */
static void a_long_name_hides_nothing_behind_it(void **state)
{
    (void)state;
    char name[RULE_TEXT];
    memset(name, 'x', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    for (size_t i = 0; i < ROW_COUNT; i++) {
        char text[RULE_TEXT];
        case_t c = modified(rows[i].holds);
        name_all(&c, name);
        if (!rule_holds(rows[i].rule, &c, text) || strlen(text) >= SENTENCE_LIMIT) {
            fail_msg("row %zu, %s: %zu bytes: \"%s\"", i, rows[i].name, strlen(text), text);
        }
    }
}

static void many_long_names(case_t *c)
{
    static char names[RULE_TEXT];
    memset(names, 'x', sizeof names - 1);
    names[100] = names[200] = names[300] = CERTIFICATE_NAMES_BETWEEN[0];
    name_closed(c);
    c->asked_name = c->certificate_names = names;
}

static void a_name_of_a_certificate_that_is_cut_says_so(void **state)
{
    (void)state;
    char text[RULE_TEXT];
    case_t c = modified(many_long_names);
    assert_true(rule_holds(DIAGNOSIS_CERTIFICATE_NAME, &c, text));
    assert_non_null(strstr(text, "asked for xxx"));
    assert_non_null(strstr(text, "x\xE2\x80\xA6, the certificate is for xxx"));
    assert_non_null(strstr(text, "x\xE2\x80\xA6, xxx"));
}

static void no_control_of_a_name_is_printed(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROW_COUNT; i++) {
        char text[RULE_TEXT];
        case_t c = modified(rows[i].holds);
        name_all(&c, "a\033[31m\n\xC2\x85\xE2\x80\xAE\xFF");
        assert_true(rule_holds(rows[i].rule, &c, text));
        if (strpbrk(text, "\033\n\xC2\xAE\xFF") != NULL) {
            fail_msg("row %zu, %s: \"%s\"", i, rows[i].name, text);
        }
    }
}

static void every_judged_rule_has_a_row(void **state)
{
    (void)state;
    bool has_row[DIAGNOSIS_COUNT] = {false};
    for (size_t i = 0; i < ROW_COUNT; i++) {
        has_row[rows[i].rule] = true;
    }
    for (diagnosis_t rule = 0; rule < DIAGNOSIS_COUNT; rule++) {
        assert_int_equal(rule_is_judged(rule), has_row[rule]);
    }
}

static void nothing_is_said_of_a_healthy_login(void **state)
{
    (void)state;
    case_t c = healthy();
    for (diagnosis_t rule = 0; rule < DIAGNOSIS_COUNT; rule++) {
        char text[RULE_TEXT];
        if (rule_holds(rule, &c, text)) {
            fail_msg("rule %d: \"%s\"", (int)rule, text);
        }
    }
}

static const char *text_of(diagnosis_t rule, void (*modify)(case_t *c))
{
    static char text[RULE_TEXT];
    case_t c = modified(modify);
    assert_true(rule_holds(rule, &c, text));
    return text;
}

static void client_waits_between_steps(case_t *c)
{
    c->times[TIME_TOTAL].took = SECONDS(4);
}

static void the_slowest_part_is_blamed(void **state)
{
    (void)state;
    assert_non_null(strstr(text_of(DIAGNOSIS_SLOW_LOGIN, slow_tls), "3.004 s, of which 3.000 s TLS handshake ("));
    assert_non_null(
        strstr(text_of(DIAGNOSIS_SLOW_LOGIN, client_waits_between_steps), " s the client, between the steps ("));
}

static void telling_state(case_t *c)
{
    refuse(c, 18456, 58);
}

static void state_1_of_18456_hides_the_reason(void **state)
{
    (void)state;
    assert_non_null(strstr(text_of(DIAGNOSIS_LOGIN_REFUSED, refused), "hides the reason"));
    assert_null(strstr(text_of(DIAGNOSIS_LOGIN_REFUSED, telling_state), "hides the reason"));
    assert_null(strstr(text_of(DIAGNOSIS_LOGIN_REFUSED, old_version), "hides the reason"));
}

/* What the capture shows comes before what can only be guessed. */
static void a_refused_handshake_names_its_cause(void **state)
{
    (void)state;
    static const struct {
        diagnosis_t rule;
        void (*modify)(case_t *c);
        const char *text;
    } causes[] = {
        {DIAGNOSIS_TLS_REFUSED_BY_CLIENT, certificate_closed,
         "the client may not trust the certificate: closed after the server's certificate \"sql.contoso.com\""},
        {DIAGNOSIS_TLS_REFUSED_BY_CLIENT, version_alert,
         "the server chose TLS 1.0, the client takes no less than a later version: an alert after the server's "
         "certificate \"sql.contoso.com\" (alert 70, protocol_version)"},
        {DIAGNOSIS_TLS_REFUSED_BY_CLIENT, tls_1_0_closed,
         "the server chose TLS 1.0, the client may take no less than a later version: closed after the server's "
         "certificate \"sql.contoso.com\""},
        {DIAGNOSIS_TLS_REFUSED_BY_CLIENT, all_against_it,
         "the certificate expired 2023-01-01, the capture is of 2025-10-09: closed after the server's certificate "
         "\"sql.contoso.com\""},
        {DIAGNOSIS_TLS_REFUSED_BY_CLIENT, name_alert,
         "the client asked for sql.contoso.com, the certificate is for a.corp.local, b.corp.local, 10.1.0.20 and 2 "
         "more: an alert after the server's certificate \"sql.contoso.com\" (alert 42, bad_certificate)"},
        {DIAGNOSIS_TLS_REFUSED_BY_CLIENT, small_key_alert,
         "the client asked for sql.contoso.com, the certificate is for a.corp.local, b.corp.local, 10.1.0.20 and 2 "
         "more: an alert after the server's certificate \"sql.contoso.com\" (alert 42, bad_certificate)"},
        {DIAGNOSIS_TLS_REFUSED_BY_CLIENT, bad_alert,
         "an alert after the server's certificate \"sql.contoso.com\" (alert 47, illegal_parameter)"},
        {DIAGNOSIS_TLS_REFUSED_BY_CLIENT, fatal_alert,
         "it does not trust the issuer: an alert after the server's certificate \"sql.contoso.com\" (alert 48, "
         "unknown_ca)"},
        {DIAGNOSIS_TLS_REFUSED_BY_CLIENT, dhe_closed,
         "the suite is TLS_DHE: known to fail now and then between Windows versions: closed after the server's "
         "certificate \"sql.contoso.com\""},
        {DIAGNOSIS_TLS_REFUSED_BY_CLIENT, small_group_closed,
         "the suite is TLS_DHE with a group of 1024 bits, which clients may not take: closed after the server's "
         "certificate \"sql.contoso.com\""},
        {DIAGNOSIS_TLS_REFUSED_BY_CLIENT, small_key_closed,
         "the client may not trust the certificate; the certificate's RSA key has 1024 bits, which clients may find "
         "too "
         "few: closed after the server's certificate \"sql.contoso.com\""},
        {DIAGNOSIS_TLS_REFUSED_BY_CLIENT, sha1_closed,
         "the client may not trust the certificate; the certificate's signature is by SHA-1, which clients may not "
         "take: "
         "closed after the server's certificate \"sql.contoso.com\""},
        {DIAGNOSIS_TLS_REFUSED_BY_CLIENT, own_sha1_closed,
         "the client may not trust the certificate: closed after the server's certificate \"sql.contoso.com\", which "
         "is "
         "self-signed"},
        {DIAGNOSIS_TLS_REFUSED_BY_CLIENT, ecdhe_closed,
         "the client may not trust the certificate: closed after the server's certificate \"sql.contoso.com\""},
        {DIAGNOSIS_TLS_REFUSED_BY_SERVER, server_alert,
         "the server takes no version that the client offered: an alert instead of ServerHello; the client offered "
         "up to TLS 1.2 (alert 70, protocol_version)"},
        {DIAGNOSIS_CERTIFICATE_EXPIRED, not_yet_closed,
         "the certificate is valid from 2027-01-01 on, the capture is of 2025-10-09"},
        {DIAGNOSIS_NO_LOGIN_SENT, closed_before_tls,
         "closed by the client after PRELOGIN, with no ClientHello: it could not begin TLS, or only looked whether "
         "there is a server"},
        {DIAGNOSIS_NO_LOGIN_SENT, closed_before_tls_late,
         "closed by the client after PRELOGIN, with no ClientHello: it could not begin TLS, only looked whether there "
         "is a server, or its time was up"},
        {DIAGNOSIS_NO_LOGIN_SENT, closed_before_login,
         "closed by the client after PRELOGIN, with no LOGIN7: it could not make an SSPI token, or only looked whether "
         "there is a server"},
        {DIAGNOSIS_NO_LOGIN_SENT, server_unheard,
         "closed by the client with no LOGIN7: the server's word in frame 10, sent 4 times over 7.000 s and never "
         "acknowledged"},
        {DIAGNOSIS_LOGIN_UNANSWERED, ticket_taken,
         "no LOGINACK after the AP-REP in frame 10: reset by the client after 0.003 s"},
        {DIAGNOSIS_NO_LOGIN_SENT, name_after_tls,
         "closed by the client after TLS, with no LOGIN7: it does not trust the certificate \"sql.contoso.com\" (the "
         "client asked for sql.contoso.com, the certificate is for a.corp.local, b.corp.local, 10.1.0.20 and 2 more), "
         "could not make an SSPI token, or only looked at TLS"},
    };
    for (size_t i = 0; i < sizeof causes / sizeof causes[0]; i++) {
        assert_string_equal(text_of(causes[i].rule, causes[i].modify), causes[i].text);
    }
}

static void a_reset_names_its_cause(void **state)
{
    (void)state;
    static const struct {
        void (*modify)(case_t *c);
        const char *cause;
    } causes[] = {
        {server_rst, "unexplained"},
        {other_ttl, "a device between sent it"},
        {idle, "after a long silence"},
    };
    for (size_t i = 0; i < sizeof causes / sizeof causes[0]; i++) {
        assert_non_null(strstr(text_of(DIAGNOSIS_RESET_BY_SERVER, causes[i].modify), causes[i].cause));
    }
    assert_string_equal(text_of(DIAGNOSIS_RESET_BY_SERVER, rst_after_wait),
                        "the server resets the connection, 9.000 s after the client's last word, while the server owed "
                        "its answer to LOGIN7");
    assert_non_null(strstr(text_of(DIAGNOSIS_RESET_BY_CLIENT, keep_alives), "keep-alives were not answered"));
}

/* Every duration of a case. */
static void time_is_unknown(case_t *c)
{
    c->since_client = c->since_fedauthinfo = c->cancelled_for = MOMENT_NONE;
    c->waited = c->sending_for = c->since_data = MOMENT_NONE;
    c->silence = c->idle_before_request = c->window.closed_for = MOMENT_NONE;
    for (step_time_id_t i = TIME_CONNECT; i < TIME_COUNT; i++) {
        c->times[i].took = MOMENT_NONE;
    }
}

static const char *timeless_text_of(diagnosis_t rule, void (*modify)(case_t *c))
{
    static char text[RULE_TEXT];
    case_t c = modified(modify);
    time_is_unknown(&c);
    return rule_holds(rule, &c, text) ? text : NULL;
}

static void what_order_alone_tells_is_told_without_time(void **state)
{
    (void)state;
    static const struct {
        diagnosis_t rule;
        void (*modify)(case_t *c);
        const char *text;
    } told[] = {
        {DIAGNOSIS_PRELOGIN_UNANSWERED, prelogin_waits, "no answer to PRELOGIN in frame 4: closed by the client"},
        {DIAGNOSIS_PRELOGIN_UNANSWERED, prelogin_refused, "no answer to PRELOGIN in frame 4: closed by the server"},
        {DIAGNOSIS_NO_LOGIN_SENT, hello_unanswered,
         "closed by the client after its ClientHello, which nobody answered"},
        {DIAGNOSIS_LOGIN_UNANSWERED, login_waits, "no answer to the login in frame 10: reset by the client"},
        {DIAGNOSIS_LATE_CONFIRMATION, late, "LOGINACK came after the login, when the client had gone"},
        {DIAGNOSIS_ENTRA_TOKEN_WAIT, fedauth, "the client sent its token after FEDAUTHINFO in frame 9"},
        {DIAGNOSIS_SERVER_CLOSED_FIRST, server_fin, "the server closes first"},
        {DIAGNOSIS_RESET_BY_CLIENT, client_rst, "unexplained: the client resets the connection"},
        {DIAGNOSIS_RETRANSMISSION_TIMEOUT, copies,
         "packets are lost on the way, or the other host is down: 5 copies of a segment of the client and no ACK, then "
         "silence"},
    };
    for (size_t i = 0; i < sizeof told / sizeof told[0]; i++) {
        const char *text = timeless_text_of(told[i].rule, told[i].modify);
        assert_non_null(text);
        assert_string_equal(text, told[i].text);
    }
}

static void what_takes_time_is_not_told_without_it(void **state)
{
    (void)state;
    static const struct {
        diagnosis_t rule;
        void (*modify)(case_t *c);
    } timed[] = {
        {DIAGNOSIS_PRELOGIN_REFUSED, prelogin_refused},
        {DIAGNOSIS_LOGIN_UNANSWERED, login_waits_long},
        {DIAGNOSIS_REDIRECT_NOT_FOLLOWED, not_followed},
        {DIAGNOSIS_SLOW_DOMAIN_CONTROLLER, slow_controller},
        {DIAGNOSIS_SLOW_LOGIN, slow_tls},
        {DIAGNOSIS_SLOW_STEP, slow_tls},
        {DIAGNOSIS_IDLE_RESET, idle},
        {DIAGNOSIS_KILLED, killed_by_rst},
        {DIAGNOSIS_KILLED, killed_with_open_window},
        {DIAGNOSIS_ZERO_WINDOW, window_opens},
    };
    for (size_t i = 0; i < sizeof timed / sizeof timed[0]; i++) {
        char text[RULE_TEXT];
        case_t c = modified(timed[i].modify);
        assert_true(rule_holds(timed[i].rule, &c, text));
        assert_null(timeless_text_of(timed[i].rule, timed[i].modify));
    }
}

static void step_of_unknown_time(case_t *c)
{
    slow_tls(c);
    c->times[TIME_PRELOGIN].took = MOMENT_NONE;
}

static void of_a_slow_login_what_is_not_known_is_said(void **state)
{
    (void)state;
    assert_string_equal(
        text_of(DIAGNOSIS_SLOW_LOGIN, step_of_unknown_time),
        "3.004 s (TCP 0.001, PRELOGIN ?, TLS 3.000, login 0.001, authentication 0.001, between them ?)");
}

static void two_errors_at_length(case_t *c)
{
    static char words[RULE_TEXT];
    memset(words, 'w', sizeof words - 1);
    refused(c);
    c->error_number = 4060;
    c->error_text = words;
    c->further_errors[0] = 18456;
    c->further_error_count = 1;
}

static void an_untrusted_domain_may_be_a_missing_binding(void **state)
{
    (void)state;
    const char *const binding = "has no channel bindings";
    assert_non_null(strstr(text_of(DIAGNOSIS_LOGIN_REFUSED, unbound), binding));
    assert_null(strstr(text_of(DIAGNOSIS_LOGIN_REFUSED, bound), binding));
    assert_null(strstr(text_of(DIAGNOSIS_LOGIN_REFUSED, without_tls), binding));
    assert_null(strstr(text_of(DIAGNOSIS_LOGIN_REFUSED, unbound_bad_password), binding));
}

static void a_login_packet_over_the_limit_explains_the_end(void **state)
{
    (void)state;
    assert_non_null(strstr(text_of(DIAGNOSIS_SERVER_CLOSED_LOGIN, long_packet_fin), "a packet of 4097 bytes"));
    assert_null(strstr(text_of(DIAGNOSIS_SERVER_CLOSED_LOGIN, whole_packet_fin), "a packet of"));
}

static void a_refusal_says_what_it_means_before_its_words(void **state)
{
    (void)state;
    const char *told = text_of(DIAGNOSIS_LOGIN_REFUSED, two_errors_at_length);
    const char *meaning = strstr(told, "(the database cannot be opened): www");
    const char *further = strstr(told, "; then error 18456, login failed");
    assert_true(meaning != NULL && further != NULL && meaning < further);
    assert_non_null(strstr(told, ELLIPSIS " (state 1, class 14); then error"));
    assert_true(strlen(told) == SENTENCE_LIMIT - 1 && strlen(told) == (size_t)(further - told) + strlen(further));
}

static void errors_have_a_meaning_or_none(void **state)
{
    (void)state;
    assert_string_equal(error_meaning(18456), "login failed");
    assert_true(error_is_transient(40613));
    assert_false(error_is_transient(18456));
    assert_non_null(strstr(error_of_ending(6005), "shutting down"));
    assert_null(error_of_ending(8153));
    assert_null(error_meaning(50000));
    assert_null(error_meaning(1205)); /* no login meets it */
    assert_non_null(error_explained(18456));
    assert_non_null(strstr(error_explained(1205), "deadlock"));
    assert_non_null(strstr(error_of_failure_state(8), "password"));
    assert_null(error_of_failure_state(1));
    assert_non_null(strstr(error_of_command(18456), "another server"));
    assert_non_null(strstr(error_of_command(916), "no access"));
    assert_null(error_of_command(233));
    static const uint8_t words[] = {'T', 0,   'C', 0,   'P', 0,   ' ', 0,   'P', 0,   'r', 0,   'o', 0,   'v',
                                    0,   'i', 0,   'd', 0,   'e', 0,   'r', 0,   ':', 0,   ' ', 0,   'T', 0};
    assert_non_null(strstr(error_of_library(10060, span_of(words, sizeof words)), "did not answer"));
    assert_non_null(strstr(error_of_library(1, span_of(words, sizeof words)), "another server"));
    assert_null(error_of_library(10060, span_of(words, sizeof words - 4)));
    assert_null(error_explained(233)); /* drivers number a broken connection so, the server a NULL in a column */
}

/* case.c does not fill in what was said for the messages of the TCP handshake. */
static void rules_of_the_tcp_handshake_read_nothing_that_was_said(void **state)
{
    (void)state;
    static const message_t seen[] = {MESSAGE_SYN, MESSAGE_SYN_ACK, MESSAGE_HANDSHAKE_ACK};
    static const diagnosis_t asked[] = {
        DIAGNOSIS_TLS_SELF_SIGNED, /* not before there is a certificate */
        DIAGNOSIS_SLOW_STEP,       DIAGNOSIS_ZERO_WINDOW, DIAGNOSIS_JOINED_MIDWAY,
        DIAGNOSIS_CAPTURE_GAP,     DIAGNOSIS_COUNT,
    };
    for (size_t i = 0; i < sizeof seen / sizeof seen[0]; i++) {
        const case_t c = {.seen = seen[i]};
        const uint8_t *rules = rules_asked(&c);
        for (size_t j = 0; j < sizeof asked / sizeof asked[0]; j++) {
            assert_int_equal(rules[j], asked[j]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rule_holds_in_its_case),
        cmocka_unit_test(rule_is_asked_where_it_holds),
        cmocka_unit_test(rule_does_not_hold_in_the_near_case),
        cmocka_unit_test(rules_of_the_tcp_handshake_read_nothing_that_was_said),
        cmocka_unit_test(every_judged_rule_has_a_row),
        cmocka_unit_test(a_long_name_hides_nothing_behind_it),
        cmocka_unit_test(a_name_of_a_certificate_that_is_cut_says_so),
        cmocka_unit_test(no_control_of_a_name_is_printed),
        cmocka_unit_test(an_untrusted_domain_may_be_a_missing_binding),
        cmocka_unit_test(a_login_packet_over_the_limit_explains_the_end),
        cmocka_unit_test(a_refusal_says_what_it_means_before_its_words),
        cmocka_unit_test(nothing_is_said_of_a_healthy_login),
        cmocka_unit_test(the_slowest_part_is_blamed),
        cmocka_unit_test(state_1_of_18456_hides_the_reason),
        cmocka_unit_test(a_refused_handshake_names_its_cause),
        cmocka_unit_test(a_reset_names_its_cause),
        cmocka_unit_test(errors_have_a_meaning_or_none),
        cmocka_unit_test(what_order_alone_tells_is_told_without_time),
        cmocka_unit_test(what_takes_time_is_not_told_without_it),
        cmocka_unit_test(of_a_slow_login_what_is_not_known_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
