/* rules.h - what is wrong with a connection, or unusual: one predicate a rule, over the facts of a case.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_RULES_H
#define TDSCONN_RULES_H

#include "auth.h"
#include "connection.h"
#include "moment.h"
#include "turn.h"
#include "unreachable.h"
#include "values.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FURTHER_ERRORS 4

typedef enum {
#define DIAGNOSIS(tag, filter, severity, group, text, on, when) DIAGNOSIS_##tag,
#include "diagnoses.def"
    DIAGNOSIS_COUNT
} diagnosis_t;

/* When a rule is asked: it holds on no other occasion. */
typedef enum {
    ON_NOTHING = 0,       /* never */
    ON_PRELOGIN = 1 << 0, /* or its response */
    ON_HELLO = 1 << 1,    /* of TLS */
    ON_ALERT = 1 << 2,
    ON_LOGIN = 1 << 3,
    ON_TOKEN = 1 << 4,   /* by which the client authenticates behind its login */
    ON_VERDICT = 1 << 5, /* the server takes the login, refuses it, or sends the client elsewhere */
    ON_END = 1 << 6,     /* FIN, RST; or nothing was seen, the capture has no more of the connection */
    ON_ANYTHING = 1 << 7 /* whatever was seen */
} occasion_t;

/* The steps whose time is taken. */
typedef enum {
#define TIME(tag, name, field, title, text) TIME_##tag,
#include "times.def"
    TIME_COUNT
} step_time_id_t;

/* The name of such a step, or of the whole login. Static text. */
const char *time_name(step_time_id_t which);

/* How long a step took, and the frame that ended it; frame 0 = it did not end. */
typedef struct {
    uint32_t begun; /* the frame in which it began; 0 = it did not begin */
    uint32_t frame;
    moment_t begun_at;
    moment_t took; /* MOMENT_NONE = it ended, and nobody knows after how long */
} step_time_t;

/* The thresholds of the rules. */
typedef enum {
#define LIMIT(tag, preference, default_, title, description) LIMIT_##tag,
#include "limits.def"
    LIMIT_COUNT
} limit_t;

/* A TCP window that was closed: by whom, since which frame, and for how long. */
typedef struct {
    sender_t of; /* SENDER_UNKNOWN = none was */
    uint32_t frame;
    moment_t closed_for;
    bool open; /* it has just been opened again */
} window_t;

/* A wait of the login whose message was sent more than once. */
typedef struct {
    message_t message;
    uint32_t sendings; /* 0 = there was none */
    moment_t spread;   /* until the message was acknowledged */
} resent_t;

/* What ICMP said of the segments of the side whose message waits for an answer. */
typedef struct {
    uint32_t frame; /* the first that said so; 0 = nothing was said */
    uint32_t count;
    unreachable_t what;
    const char *from;
    uint32_t ignored; /* bytes of the longest segment that was sent although it was said to be too big; 0 = none was */
} icmp_t;

/* Bytes that are not in the capture, and that the other side says it lacks. */
typedef struct {
    sender_t of;           /* who sent them; SENDER_UNKNOWN = there are none */
    uint32_t frame;        /* the first of that side behind them */
    uint32_t bytes;        /* how many are missing before it */
    uint32_t longest;      /* bytes of the longest segment of that side that is there */
    uint32_t lacked_frame; /* where the other side says so */
    moment_t lacked_for;   /* since that frame, to the end of the capture if that is what was seen */
} lost_t;

/* A connection at the moment something was seen of it. Any duration may be MOMENT_NONE: not known. */
typedef struct {
    /* What was seen. `at_end`: nothing was, the capture has no more of this connection. */
    message_t seen;
    sender_t sender;
    uint32_t frame;
    bool at_end;
    moment_t silence; /* at_end: from its last frame to the end of the capture */
    connection_t before, now;

    moment_t limits[LIMIT_COUNT];
    step_time_t times[TIME_COUNT];
    uint32_t syn_count;
    uint32_t server_frames; /* that the server sent, of whatever kind */
    bool client_finished;   /* with the TLS handshake */
    bool client_alerted;    /* its last word was a TLS alert: close_notify, or that it goes */
    bool login_sent;
    uint32_t prelogin_frame, last_client_frame;
    moment_t since_client;      /* since the latest message of the client before this, or what it sent of its first */
    uint32_t last_server_frame; /* the latest with a payload of the server, also of one that could not be read */
    uint32_t fedauthinfo_frame;
    moment_t since_fedauthinfo;
    bool prelogin_client, prelogin_server;
    uint8_t encrypt_client, encrypt_server;
    uint32_t encrypt_server_frame; /* where the server says so */
    bool instance_mismatch;
    bool strict;
    uint16_t tls_version, tls_offered; /* as in the hellos; 0 = not seen */
    bool certificate_seen, self_issued;
    const char *certificate;       /* NULL if not seen */
    const char *certificate_names; /* that it is for, CERTIFICATE_NAMES_BETWEEN them; NULL if not seen */
    const char *asked_name;        /* that the client asked for in SNI, or NULL */
    bool certificate_for_others;   /* it is not for that name */
    int64_t certificate_from, certificate_until, certificate_at; /* seconds since 1970, `at` of its frame */
    const char *suite;                                           /* that the server chose, or NULL */
    bool alert_fatal;
    uint8_t alert;
    uint32_t login_packet;        /* bytes of the longest packet of LOGIN7; 0 = not read */
    const char *channel_bindings; /* of AUTHENTICATE: "absent", "zero", "present"; NULL = not known */
    bool login_readable, has_password, reconnect, change_password, read_only;
    bool client_certificate;
    bool mars, mars_used;
    bool readable; /* what follows the login is in clear, or decrypted */
    auth_verdict_t auth;
    const char *spn;         /* that the client asked for, or NULL */
    uint32_t kerberos_frame; /* a Kerberos token of this login; 0 = none */
    bool ntlm_v1, ntlm_anonymous;
    bool hidden_refused;
    bool longer_than_logins;       /* more was said, encrypted, than any login says */
    bool prelogin_may_be_answered; /* by what TLS hides */
    bool tickets;                  /* behind PRELOGIN the server sent what is no answer to it: TLS's session tickets */
    uint32_t error_number;
    uint8_t error_state, error_class;
    const char *error_text;                  /* NULL if cut */
    uint32_t further_errors[FURTHER_ERRORS]; /* of the same answer, by number; the first few */
    uint32_t further_error_count;
    const char *routing_host;
    uint32_t routing_port;
    bool routing_followed, routing_hidden; /* TLS hides the redirect: what is known of it is inferred */
    uint32_t routing_stream;               /* the connection that followed it */
    uint32_t target_asked;   /* the frame in which the client asked for that host's address; 0 = not in the capture */
    uint32_t target_failed;  /* the answer with an error; 0 = there was none */
    bool target_found;       /* the client got an address */
    uint8_t target_code;     /* that error */
    uint32_t routed_from;    /* the connection whose server sent the client here, + 1; 0 = none is known */
    uint32_t redirecting;    /* the connections of which one probably did, as TLS hides; 0 = none did */
    const char *instance;    /* whose port this is, says SQL Browser; NULL = it said nothing */
    uint32_t instance_frame; /* in this frame */
    uint32_t kdc_frame;      /* of the KDC's latest error that may be about this login; 0 = none */
    uint32_t kdc_error;
    const char *kdc_spn;          /* NULL = it was about the client's account */
    uint32_t kdc_requests;        /* that the client sent to KDCs in its turn, and that nobody answered */
    uint32_t kdc_requested_frame; /* the first of them */
    moment_t kdc_asked_for;       /* since then */
    const char *kdc;              /* whom it asked */
    turn_t turn;                  /* that was open before this; owed by nobody if none was */
    moment_t waited;              /* for what is owed, to the end of the capture if that is what was seen */
    moment_t sending_for;         /* from the first sending of the message that handed the turn over to the last */
    resent_t resent;              /* the wait of the login that lost most to the network */
    moment_t answer_lost_for;   /* how long ago the server had sent what this frame brings; NONE = that is not shown */
    uint32_t answer_lost_frame; /* the frame that shows it */
    icmp_t icmp;
    uint32_t
        accepted_stream; /* the latest connection that the same host accepted on this port, + 1; 0 = none is known */
    moment_t accepted_before;   /* how long before this one it began */
    uint8_t accepted_ttl;       /* of the host in a connection that it accepted on this port; 0 = not known */
    uint32_t odd_answer;        /* the frame of a packet that came in place of a response; 0 = none did */
    uint8_t odd_answer_type;    /* that packet's, which no response has */
    bool token_refused;         /* the server answered the client's token with an error */
    uint32_t like_frame;        /* where the same client waited just as long before it gave up; 0 = nowhere */
    moment_t since_data;        /* of either side, keep-alives not counted */
    bool idle_with_keep_alives; /* they were answered in the silence before the request at hand, or before this */
    uint32_t request_frame;     /* a request without an answer; 0 = none */
    uint32_t attention_frame;   /* an ATTENTION without acknowledgement; 0 = none */
    moment_t since_attention;   /* to the end of the capture, if that is what was seen */
    sender_t sufferer;          /* whose segments or keep-alives go unanswered */
    uint32_t copies, keep_alives;
    uint32_t repeated_alives; /* keep-alives of a side, close together though the other answered each */
    uint8_t reset_ttl, usual_ttl;
    bool bare_reset; /* it has no ACK: so hosts answer what belongs to no connection of theirs */
    window_t window;
    moment_t idle_before_request;
    moment_t idle_before_data; /* of whichever side, before the latest that came after a pause */
    uint32_t idle_ended_frame; /* the first of that */
    moment_t since_idle_ended;
    uint32_t frame_count, copy_count;
    uint32_t bad_checksums_client, bad_checksums_server;
    uint32_t parallel_stream; /* another connection that the same client opened at the same time, + 1; 0 = none */
    bool overtaken;           /* such a connection was answered */
    bool pipe;                /* it is over a named pipe */
    uint32_t pipe_status;     /* with which the server refused the pipe, or broke it off; 0 = it did not */
    bool lost;                /* segments are missing */
    lost_t undelivered;       /* but they did not arrive either */
    bool gap; /* so that what did not come may have been sent: lost, or one side is not in the capture */
    bool one_sided;
    bool answer_missing; /* segments of the server since the open request, if there is one, or ever */
    bool client_end_missing, server_end_missing; /* what that side sent last, perhaps its FIN */
    bool client_word_missing;                    /* what the client sent since the turn passed, perhaps an ATTENTION */
} case_t;

#define RULE_TEXT                 400
#define CERTIFICATE_NAMES_BETWEEN "\n"

/* Whether a case is one of these occasions, or'ed. */
bool case_is_on(const case_t *c, occasion_t occasions);

/* Whether a rule is asked in a case: in others it does not hold. */
bool rule_is_asked(diagnosis_t rule, const case_t *c);

/* All of these, in their order: each a diagnosis_t, DIAGNOSIS_COUNT behind the last. Static. */
const uint8_t *rules_asked(const case_t *c);

/* Whether a rule holds in this case. If so, its finding stands in `text`, a fragment without a full stop. */
bool rule_holds(diagnosis_t rule, const case_t *c, char text[RULE_TEXT]);

/* Whether this message is a reset that breaks the connection off: it was not closed, `before` the message. */
bool rule_breaks(message_t seen, const connection_t *before);

/* Whether a packet with this TTL or hop limit comes from somebody else than the sender's packets usually do. */
bool rule_is_foreign_ttl(uint8_t ttl, uint8_t usual);

/* Whether a rule has a predicate over cases; the others are raised where their facts are met. */
bool rule_is_judged(diagnosis_t rule);

/* What a login error number means, or NULL. MS-TDS 3.2.5.6 and the Database Engine's list of errors. */
const char *error_meaning(uint32_t number);

#endif
