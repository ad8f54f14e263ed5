/* diagnoses.c - telling a user what is wrong: the expert layer.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "diagnoses.h"

#include <epan/expert.h>

#include "compat.h"
#include "links.h"
#include "watch.h"

typedef struct {
    guint32 frame;
    diagnosis_t rule;
    const char *text; /* file scope */
} finding_t;

static const struct {
    const char *filter;
    int group, severity;
    const char *text;
} rules[DIAGNOSIS_COUNT] = {
#define DIAGNOSIS(tag, filter, severity, group, text) [DIAGNOSIS_##tag] = {filter, PI_##group, PI_##severity, text},
#include "core/diagnoses.def"
};

/* Thresholds, in milliseconds, by preference. */
static guint slow_login = 2000, slow_step = 1000, slow_controller = 1000, silence = 5000;

static expert_field expert_ids[DIAGNOSIS_COUNT];
static ws_bool off[DIAGNOSIS_COUNT]; /* by preference */

static const char *rule_name(diagnosis_t rule)
{
    return rules[rule].filter + strlen("tdsconn.expert.");
}

static void register_thresholds(module_t *preferences)
{
    const struct {
        const char *name, *title, *description;
        guint *value;
    } thresholds[] = {
        {"slow_login", "Slow login (ms)", "A login that takes longer is slow.", &slow_login},
        {"slow_step", "Slow step (ms)", "A step of a login that takes longer is slow.", &slow_step},
        {"slow_domain_controller", "Slow domain controller (ms)",
         "An answer to the client's token that takes longer waited for a domain controller.", &slow_controller},
        {"silence", "Silence (ms)", "At the end of a capture, what was silent for longer is not answered.", &silence},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(thresholds); i++) {
        prefs_register_uint_preference(preferences, thresholds[i].name, thresholds[i].title, thresholds[i].description,
                                       10, thresholds[i].value);
    }
}

void diagnoses_register(int proto, module_t *preferences)
{
    register_thresholds(preferences);
    static ei_register_info diagnosis_fields[DIAGNOSIS_COUNT];
    expert_module_t *experts = expert_register_protocol(proto);
    for (guint i = 0; i < DIAGNOSIS_COUNT; i++) {
        static const expert_field unset = EI_INIT;
        expert_ids[i] = unset;
        diagnosis_fields[i].ids = &expert_ids[i];
        diagnosis_fields[i].eiinfo.name = rules[i].filter;
        diagnosis_fields[i].eiinfo.group = rules[i].group;
        diagnosis_fields[i].eiinfo.severity = rules[i].severity;
        diagnosis_fields[i].eiinfo.summary = rules[i].text;
        prefs_register_bool_preference(preferences,
                                       wmem_strdup_printf(wmem_epan_scope(), "off.%s", rule_name((diagnosis_t)i)),
                                       wmem_strdup_printf(wmem_epan_scope(), "Leave out: %s", rules[i].text),
                                       "Do not raise this diagnosis.", &off[i]);
    }
    expert_register_field_array(experts, diagnosis_fields, DIAGNOSIS_COUNT);
}

gboolean diagnosed(const track_t *track, diagnosis_t rule)
{
    return track->raised[rule];
}

void diagnose(track_t *track, guint32 frame, diagnosis_t rule, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    finding_t finding = {
        .frame = frame,
        .rule = rule,
        .text = wmem_strdup_vprintf(wmem_file_scope(), format, arguments),
    };
    va_end(arguments);
    if (track->findings == NULL) {
        track->findings = wmem_array_sized_new(wmem_file_scope(), sizeof finding, 2);
    }
    wmem_array_append_one(track->findings, finding);
    track->raised[rule] = TRUE;
}

void diagnoses_tell(proto_item *item, packet_info *pinfo, diagnosis_t rule, const char *text)
{
    if (!off[rule]) {
        expert_add_info_format(pinfo, item, &expert_ids[rule], "%s", text);
    }
}

/* Cases. {{{ */

static moment_t capture_end;

void diagnoses_clock(moment_t now)
{
    capture_end = MAX(capture_end, now);
}

moment_t diagnoses_capture_end(void)
{
    return capture_end;
}

static const char *fact_or_null(const track_t *track, fact_id_t id)
{
    return track->facts[id].frame == 0 ? NULL : track->facts[id].value.string;
}

#define RECENT_EXCHANGES 64 /* as far back as an unanswered request is looked for */

/* A command that is not answered, or not to its end. */
static guint32 unanswered_request(const track_t *track)
{
    guint count = wmem_array_get_count(track->exchanges);
    for (guint i = count; i > 0 && i + RECENT_EXCHANGES > count; i--) {
        const exchange_t *exchange = track_exchange(track, i);
        bool attention_only = exchange->attention_frame == exchange->request_frame;
        if (exchange->request_frame > track->confirm_frame && !exchange->answered && !attention_only) {
            return exchange->request_frame;
        }
    }
    return 0;
}

static void case_of_errors(case_t *c, const track_t *track)
{
    guint count = track->errors == NULL ? 0 : wmem_array_get_count(track->errors);
    for (guint i = 0; i < count; i++) {
        const error_record_t *error = (const error_record_t *)wmem_array_index(track->errors, i);
        if (error->frame == c->frame) {
            c->error_count = count - i;
            c->error_number = error->number;
            c->error_state = error->state;
            c->error_class = error->class_;
            c->error_text = error->message;
            return;
        }
    }
}

static void case_of_tls(case_t *c, const track_t *track)
{
    c->tls_version = track->tls_version;
    c->tls_offered = track->tls_offered;
    c->certificate_seen = track->certificate_seen;
    c->self_issued = track->self_issued;
    c->certificate = fact_or_null(track, FACT_TLS_CERTIFICATE);
    c->alert_fatal = track->alert_level == TLS_ALERT_FATAL;
    c->alert = track->alert;
}

static void case_of_login(case_t *c, const track_t *track)
{
    c->prelogin_client = track->prelogin_client;
    c->prelogin_server = track->prelogin_server;
    c->prelogin_frame = track->start_frame;
    c->encrypt_client = track->encrypt_client;
    c->encrypt_server = track->encrypt_server;
    c->instance_mismatch = track->instance_mismatch;
    c->encryption = track->encryption;
    c->strict = track->strict;
    c->login_frame = track->times[TIME_LOGIN].begun != 0 ? track->last_client_frame : 0;
    c->login_readable = !track->inside_tls;
    c->has_password = track->has_password;
    c->reconnect = track->facts[FACT_RECONNECT].frame != 0;
    c->change_password = track->facts[FACT_CHANGE_PASSWORD].frame != 0;
    c->read_only = track->facts[FACT_READ_ONLY_INTENT].frame != 0;
    c->client_certificate = (track->encrypt_client & ENCRYPT_CLIENT_CERT) != 0;
    c->mars = track->mars;
}

static void case_of_authentication(case_t *c, const track_t *track)
{
    c->auth = auth_verdict(&track->evidence);
    c->spn = fact_or_null(track, FACT_NTLM_SPN);
    c->ntlm_v1 = track->ntlm_v1;
    c->ntlm_anonymous = track->facts[FACT_NTLM_ANONYMOUS].frame != 0;
    c->hidden_refused = track->hidden_refused;
    c->fedauthinfo_frame = track->fedauthinfo_frame;
    c->fedauthinfo_at = track->fedauthinfo_at;
    links_kdc_error(track, c->at, &c->kdc_frame, &c->kdc_error, &c->kdc_spn);
}

static void case_of_routing(case_t *c, const track_t *track)
{
    c->routing_host = fact_or_null(track, FACT_ROUTING_HOST);
    c->routing_port = track->facts[FACT_ROUTING_PORT].value.number;
    c->routing_followed = track->facts[FACT_ROUTING_STREAM].frame != 0;
}

/* An ATTENTION that nothing acknowledged. */
static guint32 open_attention(const track_t *track)
{
    guint count = wmem_array_get_count(track->exchanges);
    for (guint i = count; i > 0 && i + RECENT_EXCHANGES > count; i--) {
        const exchange_t *exchange = track_exchange(track, i);
        if (exchange->attention_frame != 0 && exchange->attention_ack_frame == 0) {
            return exchange->attention_frame;
        }
    }
    return 0;
}

static gint64 milliseconds(guint value)
{
    return (gint64)value * (NANOSECONDS / 1000);
}

static case_t case_of(const track_t *track, const connection_t *before)
{
    case_t c = {
        .before = *before,
        .now = track->connection,
        .limits = {milliseconds(slow_login), milliseconds(slow_step), milliseconds(slow_controller),
                   milliseconds(silence)},
        .syn_count = track->syn_count,
        .last_client_frame = track->last_client_frame,
        .last_client_at = track->last_client_at,
        .request_frame = unanswered_request(track),
        .lost = track->gap,
        .gap = track->gap || track->frames_client == 0 || track->frames_server == 0,
        .one_sided =
            (track->frames_client == 0 || track->frames_server == 0) && (track->client_spoke || track->server_spoke),
    };
    memcpy(c.times, track->times, sizeof c.times);
    return c;
}

static void case_fill(case_t *c, const track_t *track)
{
    case_of_login(c, track);
    case_of_tls(c, track);
    case_of_authentication(c, track);
    case_of_errors(c, track);
    case_of_routing(c, track);
    watch_fill(c, track);
    c->attention_frame = open_attention(track);
    c->parallel_stream = links_parallel(track);
}

void diagnoses_judge(track_t *track, const frame_t *frame, message_t seen, const connection_t *before)
{
    case_t c = case_of(track, before);
    c.seen = seen;
    c.sender = frame->sender;
    c.frame = frame->number;
    c.at = frame->at;
    case_fill(&c, track);
    char text[RULE_TEXT];
    for (guint i = 0; i < DIAGNOSIS_COUNT; i++) {
        if (!diagnosed(track, (diagnosis_t)i) && rule_holds((diagnosis_t)i, &c, text)) {
            diagnose(track, frame->number, (diagnosis_t)i, "%s", text);
        }
    }
}

/* }}} */

/* MARS was agreed and the login went through, but no session was ever opened. What TLS hides is no evidence. */
static bool when_mars_unused(const track_t *track)
{
    bool readable = track_encryption(track) <= ENCRYPTION_LOGIN_ONLY || track->decrypting;
    return track->mars && track->sessions == NULL && readable && track->connection.state == STATE_LOGGED_IN &&
           track->connection.close != CLOSE_OPEN;
}

/* What only the end of the connection tells: asked again whenever its last frame is shown. */
static void show_end(proto_item *item, packet_info *pinfo, const track_t *track)
{
    case_t c = case_of(track, &track->connection);
    c.at_end = TRUE;
    c.frame = pinfo->num;
    c.at = moment_of(pinfo);
    c.silence = capture_end - c.at;
    case_fill(&c, track);
    char text[RULE_TEXT];
    for (guint i = 0; i < DIAGNOSIS_COUNT; i++) {
        if (!diagnosed(track, (diagnosis_t)i) && rule_holds((diagnosis_t)i, &c, text)) {
            diagnoses_tell(item, pinfo, (diagnosis_t)i, text);
        }
    }
    if (when_mars_unused(track)) {
        diagnoses_tell(item, pinfo, DIAGNOSIS_MARS_UNUSED,
                       "MARS was agreed in PRELOGIN, but no SMP packet followed the login");
    }
}

/* The first finding on this frame or a later one. */
static guint first_finding(const track_t *track, guint32 frame)
{
    guint low = 0;
    guint high = track->findings == NULL ? 0 : wmem_array_get_count(track->findings);
    while (low < high) {
        guint middle = low + (high - low) / 2;
        if (((const finding_t *)wmem_array_index(track->findings, middle))->frame < frame) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

void diagnoses_show(proto_item *item, packet_info *pinfo, const track_t *track)
{
    guint count = track->findings == NULL ? 0 : wmem_array_get_count(track->findings);
    for (guint i = first_finding(track, pinfo->num); i < count; i++) {
        const finding_t *finding = (const finding_t *)wmem_array_index(track->findings, i);
        if (finding->frame != pinfo->num) {
            break;
        }
        diagnoses_tell(item, pinfo, finding->rule, finding->text);
    }
    if (PINFO_FD_VISITED(pinfo) && pinfo->num == track->last_frame) {
        show_end(item, pinfo, track);
    }
}
