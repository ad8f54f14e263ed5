/* describe.c - a frame or a connection in words.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "show/describe.h"

#include <epan/dissectors/packet-tcp.h>
#include <epan/to_str.h>
#include <wsutil/to_str.h>

#include "compat.h"
#include "core/ends.h"
#include "memory/evidence.h"
#include "memory/facts.h"
#include "memory/sessions.h"
#include "memory/times.h"
#include "wire/names.h"
#include "wire/text.h"

/* What most lines fit in: one that does not is formatted again. */
#define USUAL_LINE 256

/* Network Monitor's line. {{{ */

/* Each frame has some of these, and printf takes three times as long. */
static void append_number(wmem_strbuf_t *line, const char *name, guint32 number)
{
    char digits[] = "4294967295";
    wmem_strbuf_append(line, name);
    wmem_strbuf_append(line, uint_to_str_back(digits + sizeof digits - 1, number));
}

static void nm_flags(wmem_strbuf_t *line, const char *name, guint8 flags)
{
    static const struct {
        guint8 flag;
        char letter;
    } letters[] = {{TCP_CWR, 'C'}, {TCP_ECE, 'E'}, {TCP_URG, 'U'}, {TCP_ACK, 'A'},
                   {TCP_PSH, 'P'}, {TCP_RST, 'R'}, {TCP_SYN, 'S'}, {TCP_FIN, 'F'}};
    char text[] = "........";
    for (gsize i = 0; i < G_N_ELEMENTS(letters); i++) {
        if ((flags & letters[i].flag) != 0) {
            text[i] = letters[i].letter;
        }
    }
    wmem_strbuf_append(line, name);
    wmem_strbuf_append(line, text);
}

static void nm_ports(wmem_strbuf_t *line, const packet_info *pinfo)
{
    append_number(line, ", SrcPort=", pinfo->srcport);
    append_number(line, ", DstPort=", pinfo->destport);
}

/* The shift that both SYNs agreed on; -1 if the capture does not tell. */
static int agreed_shift(packet_info *pinfo)
{
    const struct tcp_analysis *tcp = get_tcp_conversation_data(NULL, pinfo);
    bool known =
        tcp != NULL && tcp->fwd != NULL && tcp->rev != NULL && tcp->fwd->win_scale >= 0 && tcp->rev->win_scale >= 0;
    return known ? tcp->fwd->win_scale : -1;
}

/* RFC 7323, 2.3: a shift above 14 is used as 14. */
static guint scaled_window(guint window, int shift)
{
    return window << MIN(shift, 14);
}

static void nm_window(wmem_strbuf_t *line, packet_info *pinfo, const tcp_facts_t *facts)
{
    append_number(line, ", Win=", facts->window);
    if ((facts->flags & TCP_SYN) != 0) {
        if (facts->window_shift >= 0) {
            bool first = (facts->flags & TCP_ACK) == 0;
            guint scaled = scaled_window(facts->window, first ? 0 : facts->window_shift);
            wmem_strbuf_append_printf(line, " ( %s scale factor 0x%x ) = %u", first ? "Negotiating" : "Negotiated",
                                      (guint)facts->window_shift, scaled);
        }
        return;
    }
    int shift = agreed_shift(pinfo);
    if (shift >= 0) {
        wmem_strbuf_append_printf(line, " (scale factor 0x%x) = %u", (guint)shift, scaled_window(facts->window, shift));
    }
}

static bool frame_has(const track_t *track, const annotation_t *annotation, message_t message)
{
    return track_entry_with(track, annotation, message) != NULL;
}

static const char *nm_sent_again(const track_t *track, const annotation_t *annotation)
{
    if (frame_has(track, annotation, MESSAGE_KEEP_ALIVE)) {
        return " [Keep alive]";
    }
    return frame_has(track, annotation, MESSAGE_RETRANSMISSION) ? " [ReTransmit]" : "";
}

static void nm_tcp(wmem_strbuf_t *line, const track_t *track, const annotation_t *annotation, packet_info *pinfo,
                   const tcp_facts_t *facts)
{
    const char *remark = tcp_facts_bad_checksum(pinfo, facts) ? " [Bad CheckSum]" : nm_sent_again(track, annotation);
    wmem_strbuf_append(line, "TCP:");
    wmem_strbuf_append(line, remark);
    nm_flags(line, "Flags=", facts->flags);
    nm_ports(line, pinfo);
    append_number(line, ", PayloadLen=", facts->payload_length);
    append_number(line, ", Seq=", facts->seq);
    append_number(line, ", Ack=", facts->ack);
    nm_window(line, pinfo, facts);
}

static const char *nm_tds_name(const entry_t *entry)
{
    static const value_string names[] = {
        {TDS_SQL_BATCH, "SQLBatch"},
        {TDS_OLD_LOGIN, "Login"},
        {TDS_RPC, "RPCRequest"},
        {TDS_RESPONSE, "Response"},
        {TDS_ATTENTION, "Attention"},
        {TDS_BULK_LOAD, "BulkLoad"},
        {TDS_FEDAUTH_TOKEN, "FedAuthToken"},
        {TDS_TRANSACTION, "TransactionManager"},
        {TDS_5_NORMAL, "Normal"},
        {TDS_LOGIN7, "Login"},
        {TDS_SSPI, "SSPIMessage"},
        {TDS_PRELOGIN, "Prelogin"},
        {0, NULL},
    };
    return val_to_str_const(entry->of.tds.type, names, "Data");
}

static void nm_version(wmem_strbuf_t *line, const track_t *track)
{
    const char *name = track_version(track);
    guint32 number = track->strict && track->login->tds_version == 0 ? TDS_VERSION_8_0 : track->login->tds_version;
    wmem_strbuf_append(line, ", Version = ");
    if (name == NULL) {
        wmem_strbuf_append(line, "?");
    } else {
        wmem_strbuf_append_printf(line, "%.3s (0x%08x)", name, number); /* "7.3" for 7.3A and 7.3B */
    }
}

static void nm_tds(wmem_strbuf_t *line, const track_t *track, const entry_t *entry, packet_info *pinfo,
                   const tcp_facts_t *facts)
{
    bool continuous = (entry->flags & ENTRY_CONTINUED) != 0 && entry->of.tds.type == TDS_RESPONSE;
    wmem_strbuf_append(line, continuous ? "TDS:Continuous " : "TDS:");
    wmem_strbuf_append(line, nm_tds_name(entry));
    nm_version(line, track);
    append_number(line, ", SPID = ", entry->of.tds.spid);
    append_number(line, ", PacketID = ", entry->of.tds.packet_id);
    if (facts != NULL) {
        nm_flags(line, ", Flags=", facts->flags);
    }
    nm_ports(line, pinfo);
    if ((entry->flags & ENTRY_SSPI_TOKEN) != 0 && entry->of.tds.type == TDS_RESPONSE) {
        wmem_strbuf_append(line, ", TokenType: SSPI");
    }
}

static const char *nm_handshake_name(guint8 type)
{
    static const value_string names[] = {
        {TLS_HELLO_REQUEST, "Hello Request"},
        {TLS_CLIENT_HELLO, "Client Hello"},
        {TLS_SERVER_HELLO, "Server Hello"},
        {TLS_NEW_SESSION_TICKET, "New Session Ticket"},
        {TLS_ENCRYPTED_EXTENSIONS, "Encrypted Extensions"},
        {TLS_CERTIFICATE, "Certificate"},
        {TLS_SERVER_KEY_EXCHANGE, "Server Key Exchange"},
        {TLS_CERTIFICATE_REQUEST, "Certificate Request"},
        {TLS_SERVER_HELLO_DONE, "Server Hello Done"},
        {TLS_CERTIFICATE_VERIFY, "Certificate Verify"},
        {TLS_CLIENT_KEY_EXCHANGE, "Client Key Exchange"},
        {TLS_FINISHED, "Finished"},
        {TLS_CERTIFICATE_STATUS, "Certificate Status"},
        {0, NULL},
    };
    return val_to_str_const(type, names, "Unknown");
}

static void nm_handshake(wmem_strbuf_t *line, const entry_t *entry)
{
    wmem_strbuf_append(line, "HandShake:");
    if (entry->of.tls.count == 0) {
        wmem_strbuf_append(line, " Encrypted Handshake Message.");
    }
    for (guint i = 0; i < entry->of.tls.count; i++) {
        wmem_strbuf_append_printf(line, " %s.", nm_handshake_name(entry->of.tls.handshake[i]));
    }
}

static void nm_tls(wmem_strbuf_t *line, const entry_t *entry, guint layer)
{
    wmem_strbuf_append_printf(line, "%sTLS Rec Layer-%u ", layer == 1 ? "TLS:" : "; ", layer);
    switch (entry->of.tls.record) {
    case TLS_HANDSHAKE:
        nm_handshake(line, entry);
        break;
    case TLS_CHANGE_CIPHER_SPEC:
        wmem_strbuf_append(line, "Cipher Change Spec");
        break;
    case TLS_ALERT:
        wmem_strbuf_append(line, "Encrypted Alert");
        break;
    default:
        wmem_strbuf_append(line, "SSL Application Data");
        break;
    }
}

const char *fact_text(const track_t *track, fact_id_t id)
{
    const char *text = track_fact_text(track, id);
    return text == NULL ? "" : text;
}

/* For a sentence. */
static const char *shown_fact(const track_t *track, fact_id_t id, wmem_allocator_t *scope)
{
    return text_shown(scope, fact_text(track, id));
}

/* Network Monitor names NTLM by itself where a packet carries nothing else. */
static bool nm_ntlm(wmem_strbuf_t *line, const track_t *track, const annotation_t *annotation, wmem_allocator_t *scope)
{
    if (frame_has(track, annotation, MESSAGE_NTLM_CHALLENGE)) {
        wmem_strbuf_append(line, "NLMP:NTLM CHALLENGE MESSAGE");
        return true;
    }
    if (frame_has(track, annotation, MESSAGE_NTLM_AUTHENTICATE)) {
        wmem_strbuf_append_printf(
            line, "NLMP:NTLM AUTHENTICATE MESSAGE Version:NTLM %s, Domain: %s, User: %s, Workstation: %s",
            track->ntlm_v1 ? "v1" : "v2", shown_fact(track, FACT_NTLM_DOMAIN, scope),
            shown_fact(track, FACT_NTLM_USER, scope), shown_fact(track, FACT_NTLM_HOST, scope));
        return true;
    }
    return false;
}

static void nm_smp(wmem_strbuf_t *line, const smp_entry_t *smp)
{
    wmem_strbuf_append_printf(line, "SMP:%s, Sid = %u, Length = %u, SeqNum = %u, Wndw = %u",
                              name_of_smp_event(smp->header.flags), smp->header.sid, smp->header.length,
                              smp->header.seqnum, smp->header.wndw);
}

/* A login that TLS hides and TCP segments spread: Network Monitor calls it Data. */
static bool is_spread_login(const entry_t *entry)
{
    return entry->message == MESSAGE_LOGIN7_ENCRYPTED && (entry->flags & ENTRY_REASSEMBLED) != 0;
}

static void nm_entry(wmem_strbuf_t *line, const track_t *track, const entry_t *entry, packet_info *pinfo,
                     const tcp_facts_t *facts, guint tls_layer)
{
    switch ((entry_kind_t)entry->kind) {
    case ENTRY_TDS:
        nm_tds(line, track, entry, pinfo, facts);
        break;
    case ENTRY_SMP:
        nm_smp(line, track_smp_of(track, entry));
        break;
    case ENTRY_TLS:
        if (is_spread_login(entry)) {
            wmem_strbuf_append(line, "TDS:Data");
            nm_version(line, track);
            wmem_strbuf_append(line, ", Reassembled Packet");
        } else {
            nm_tls(line, entry, tls_layer);
        }
        break;
    case ENTRY_TCP:
    case ENTRY_CONTENT:
        break;
    }
}

/* An SMP DATA packet is shown by the TDS packet in it, a packet once whatever it says. */
static bool is_shown(const track_t *track, const annotation_t *annotation, guint32 index)
{
    const entry_t *entry = track_entry_of(track, annotation, index);
    if (entry->kind == ENTRY_TCP || entry->kind == ENTRY_CONTENT || (entry->flags & ENTRY_AGAIN) != 0) {
        return false;
    }
    bool data = entry->kind == ENTRY_SMP && entry->message == MESSAGE_SMP_DATA;
    bool followed =
        index + 1u < annotation->entry_count && track_entry_of(track, annotation, index + 1)->kind == ENTRY_TDS;
    return !(data && followed);
}

const char *describe_frame(const track_t *track, const annotation_t *annotation, packet_info *pinfo,
                           const tcp_facts_t *facts)
{
    wmem_strbuf_t *line = compat_strbuf_sized(pinfo->pool, USUAL_LINE);
    if (nm_ntlm(line, track, annotation, pinfo->pool)) {
        return wmem_strbuf_get_str(line);
    }
    guint tls_layer = 0;
    for (guint32 i = 0; i < annotation->entry_count; i++) {
        const entry_t *entry = track_entry_of(track, annotation, i);
        if (!is_shown(track, annotation, i)) {
            continue;
        }
        tls_layer = entry->kind == ENTRY_TLS ? tls_layer + 1 : 0;
        if (tls_layer <= 1 && wmem_strbuf_get_len(line) > 0) {
            wmem_strbuf_append(line, "; ");
        }
        nm_entry(line, track, entry, pinfo, facts, tls_layer);
    }
    if (wmem_strbuf_get_len(line) == 0 && facts != NULL) {
        nm_tcp(line, track, annotation, pinfo, facts);
    }
    return wmem_strbuf_get_str(line);
}

/* }}} */

/* Verdicts. {{{ */

/* What the login's end says for itself, which has the step of its confirmation. */
static const char *end_of_login(const track_t *track)
{
    switch (track->connection.state) {
    case STATE_LOGIN_FAILED:
        return track->login->hidden->refused ? "Login probably refused" : "Login refused";
    case STATE_REDIRECTED:
        return "Login redirected";
    default:
        return NULL;
    }
}

const char *describe_step(const track_t *track, const annotation_t *annotation)
{
    const char *end = annotation->frame == track->login->confirm_frame ? end_of_login(track) : NULL;
    return end == NULL ? name_of(track_step(track, annotation), step_names) : end;
}

const char *describe_mechanism(auth_verdict_t verdict, wmem_allocator_t *scope)
{
    const char *name = name_of(verdict.auth, auth_names);
    return verdict.basis == BASIS_INFERRED ? wmem_strdup_printf(scope, "%s?", name) : name;
}

/* Why there is no verdict on a login whose LOGIN7 alone is encrypted. */
static const char *why_unknown_of_hidden(const track_t *track)
{
    if (track->login->confirm_frame == 0) {
        return "LOGIN7 is encrypted, and no answer to it is in the capture";
    }
    return hidden_has_room_for_ticket(track->login->hidden->login)
               ? "LOGIN7 is encrypted and long enough for a ticket, the server's answer holds no SSPI or FedAuth token"
               : "LOGIN7 is encrypted and the server's answer holds no SSPI or FedAuth token";
}

static const char *why_no_login(const track_t *track)
{
    if (track->connection.state == STATE_LOGGED_IN || track->connection.state == STATE_LOGIN_FAILED) {
        return "LOGIN7 is not in the capture";
    }
    bool cut = track->client.tcp->trouble->cut != 0 && track->login->start_frame == 0;
    return cut ? "the snap length cut off what was sent" : "no login was sent in this capture";
}

/* Why there is no verdict, as far as the connection got. */
static const char *why_unknown(const track_t *track)
{
    const connection_t *c = &track->connection;
    if (c->state == STATE_JOINED_MIDWAY) {
        return "the login is not in the capture";
    }
    if (track_time(track, TIME_LOGIN)->begun == 0) {
        return why_no_login(track);
    }
    encryption_t encryption = track_encryption(track);
    if (encryption == ENCRYPTION_FULL || encryption == ENCRYPTION_STRICT) {
        return "the whole login is encrypted and no key log opens it";
    }
    if (encryption == ENCRYPTION_LOGIN_ONLY) {
        return why_unknown_of_hidden(track);
    }
    return "the capture does not hold enough of LOGIN7";
}

const char *describe_auth(const track_t *track, wmem_allocator_t *scope)
{
    auth_verdict_t verdict = track_auth(track);
    if (verdict.sentence == NULL) {
        return why_unknown(track);
    }
    return wmem_strdup_printf(scope, "%s, frame %u", verdict.sentence, verdict.frame);
}

const char *describe_user(const track_t *track, wmem_allocator_t *scope)
{
    if (track_fact(track, FACT_NTLM_USER).frame != 0) {
        const char *domain = shown_fact(track, FACT_NTLM_DOMAIN, scope);
        return wmem_strdup_printf(scope, "%s%s%s", domain, domain[0] != '\0' ? "\\" : "",
                                  shown_fact(track, FACT_NTLM_USER, scope));
    }
    return shown_fact(track, FACT_LOGIN_USER, scope);
}

const char *describe_endpoint(const address *host, guint16 port, wmem_allocator_t *scope)
{
    bool v6 = host->type == AT_IPv6;
    return host->type == AT_NONE ? ""
                                 : wmem_strdup_printf(scope, "%s%s%s:%u", v6 ? "[" : "", address_to_str(scope, host),
                                                      v6 ? "]" : "", port);
}

/* Whether what became of the login is inferred, and no bytes say so. */
static bool is_probable(const track_t *track)
{
    return track->login->hidden->refused || track->login->hidden->redirected;
}

/* "NTLM login", "Refused SQL login", "Probably refused login", "Kerberos (inferred) login". */
static const char *outcome_text(const track_t *track, wmem_allocator_t *scope)
{
    static const struct {
        const char *how, *what;
    } words[] = {
        [STATE_CONNECTING] = {"", "connection attempt"},
        [STATE_LOGGING_IN] = {"", "login under way"},
        [STATE_LOGGED_IN] = {"", "login"},
        [STATE_LOGIN_FAILED] = {"refused ", "login"},
        [STATE_REDIRECTED] = {"redirected ", "login"},
        [STATE_LOGIN_UNFINISHED] = {"unfinished ", "login"},
        [STATE_PROBE] = {"", "probe"},
        [STATE_JOINED_MIDWAY] = {"", "connection joined midway"},
    };
    auth_verdict_t verdict = track_auth(track);
    bool named = verdict.auth != AUTH_UNKNOWN;
    state_t state = track->connection.state;
    bool over = state == STATE_LOGGING_IN && track->connection.close != CLOSE_OPEN;
    char *text = wmem_strdup_printf(scope, "%s%s%s%s%s%s", is_probable(track) ? "probably " : "", words[state].how,
                                    named ? name_of(verdict.auth, auth_names) : "",
                                    verdict.basis == BASIS_INFERRED ? " (inferred)" : "", named ? " " : "",
                                    over ? "login of unknown outcome" : words[state].what);
    text[0] = g_ascii_toupper(text[0]);
    return text;
}

/* MARS came with TDS 7.2, as the wide DONE did. */
static bool is_too_old_for_mars(const track_t *track)
{
    return !track->strict && !token_format_of(track->login->tds_version).wide_done;
}

/* Whether MARS cannot be on: PRELOGIN did not agree on it, or there was none. */
static bool is_without_mars(const track_t *track)
{
    bool login_seen = track->encryption == ENCRYPTION_NONE && track_time(track, TIME_LOGIN)->begun != 0;
    bool no_prelogin = login_seen && !track->client.prelogin && track->syn_count > 0 && !track->gap;
    bool off_in_prelogin =
        track->server.prelogin && (!track->server.mars || (track->client.prelogin && !track->client.mars));
    return off_in_prelogin || no_prelogin || track->plain || is_too_old_for_mars(track);
}

const char *describe_mars(const track_t *track)
{
    if (track->mars) {
        return "on";
    }
    return is_without_mars(track) ? "off" : "unknown";
}

static void summary_error(wmem_strbuf_t *line, const track_t *track)
{
    if (track->connection.state != STATE_LOGIN_FAILED || track->seldom->errors.count == 0) {
        return;
    }
    const error_record_t *error = (const error_record_t *)rows_at(&track->seldom->errors, 0);
    wmem_strbuf_append_printf(line, ", error %u state %u", error->number, error->state);
}

static void summary_encryption(wmem_strbuf_t *line, const track_t *track)
{
    static const char *const texts[] = {
        [ENCRYPTION_UNKNOWN] = "encryption unknown",
        [ENCRYPTION_NONE] = "no encryption",
        [ENCRYPTION_LOGIN_ONLY] = "login only",
        [ENCRYPTION_FULL] = "full",
        [ENCRYPTION_STRICT] = "strict",
    };
    encryption_t encryption = track_encryption(track);
    const char *tls = "";
    if (encryption > ENCRYPTION_NONE) {
        tls = track_tls_never_began(track) ? "(not begun)" : fact_text(track, FACT_TLS_VERSION);
    }
    wmem_strbuf_append_printf(line, ", %s%s%s", texts[encryption], tls[0] != '\0' ? " " : "", tls);
}

/* Whether the client's FIN was sent again and again without an ACK: nobody knows that it closed. */
static bool is_fin_in_vain(const track_t *track)
{
    const tcp_side_t *client = track->client.tcp, *server = track->server.tcp;
    bool acknowledged = !server->has_acked || (gint32)(client->next_seq - server->acked) <= 0;
    return track->connection.close == CLOSE_NORMAL && !track->connection.server.fin && !acknowledged &&
           client->trouble->copies >= RUN_THAT_BREAKS;
}

static const char *close_text(const track_t *track, bool so_far)
{
    static const char *const texts[] = {
        [CLOSE_NORMAL] = "closed normally",
        [CLOSE_SERVER_FIRST] = "closed by the server first",
        [CLOSE_CLIENT_RESET] = "reset by the client",
        [CLOSE_SERVER_RESET] = "reset by the server",
        [CLOSE_RESET_AFTER_CLOSE] = "closed normally with a reset after it",
        [CLOSE_DEVICE_RESET] = "reset by a device between",
        [CLOSE_OPEN] = "open at the end of the capture",
    };
    close_t close = track->connection.close;
    if (is_fin_in_vain(track)) {
        return "closed by the client, whose FIN got no ACK";
    }
    return close == CLOSE_OPEN && so_far ? "open so far" : texts[close];
}

const char *describe_summary(const track_t *track, bool so_far, wmem_allocator_t *scope)
{
    wmem_strbuf_t *line = compat_strbuf_sized(scope, USUAL_LINE);
    wmem_strbuf_append(line, outcome_text(track, scope));
    const char *name = describe_user(track, scope);
    if (name[0] != '\0') {
        wmem_strbuf_append_printf(line, " of %s", name);
    }
    if (track->server.host->type != AT_NONE) {
        wmem_strbuf_append_printf(line, " to %s", describe_endpoint(track->server.host, track->server.port, scope));
    }
    moment_t total = track_took(track, TIME_TOTAL);
    if (total != MOMENT_NONE) {
        wmem_strbuf_append_printf(line, " in %s s", seconds(total).text);
    }
    summary_error(line, track);
    wmem_strbuf_append_printf(line, ", MARS %s", describe_mars(track));
    summary_encryption(line, track);
    wmem_strbuf_append_printf(line, ", %s", close_text(track, so_far));
    return wmem_strbuf_get_str(line);
}

/* }}} */
