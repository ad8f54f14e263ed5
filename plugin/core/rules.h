/* rules.h - the rules: what is wrong with a connection, or unusual. One predicate for each rule, over the facts of a
 * case.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_RULES_H
#define TDSCONN_RULES_H

#include "auth.h"
#include "connection.h"
#include "moment.h"
#include "proxy.h"
#include "service.h"
#include "turn.h"
#include "unreachable.h"
#include "values.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FURTHER_ERRORS 4 /* so many errors of an answer are kept behind the first */

typedef enum {
#define DIAGNOSIS(tag, filter, severity, group, text, on, when) DIAGNOSIS_##tag,
#include "diagnoses.def"
    DIAGNOSIS_COUNT
} diagnosis_t;

/* The occasions on which a rule is asked. It holds on no other one. Bits, to be or'ed. */
typedef enum {
    ON_NOTHING = 0,       /* never */
    ON_PRELOGIN = 1 << 0, /* PRELOGIN, or the response to it */
    ON_HELLO = 1 << 1,    /* ClientHello, ServerHello */
    ON_ALERT = 1 << 2,
    ON_LOGIN = 1 << 3,
    ON_TOKEN = 1 << 4,   /* a token of the client behind LOGIN7 */
    ON_VERDICT = 1 << 5, /* the server accepts the login, refuses it, or redirects the client */
    ON_END = 1 << 6,     /* FIN, RST, or the end of the capture */
    ON_ANYTHING = 1 << 7 /* any message, and the end of the capture */
} occasion_t;

/* The steps whose time is measured. */
typedef enum {
#define TIME(tag, name, field, title, text) TIME_##tag,
#include "times.def"
    TIME_COUNT
} step_time_id_t;

/* The name of such a step, or of the whole login. Static text. */
const char *time_name(step_time_id_t which);

/* The time of a step. */
typedef struct {
    uint32_t begun; /* the frame in which it began; 0 = it did not begin */
    uint32_t frame; /* the frame in which it ended; 0 = it did not end */
    moment_t took;  /* if it ended; MOMENT_NONE = not known */
} step_time_t;

/* The thresholds of the rules. */
typedef enum {
#define LIMIT(tag, preference, default_, title, description) LIMIT_##tag,
#include "limits.def"
    LIMIT_COUNT
} limit_t;

/* A closed TCP window. */
typedef struct {
    sender_t of;    /* whose window; SENDER_UNKNOWN = none is closed */
    uint32_t frame; /* the frame that closed it */
    moment_t closed_for;
    bool open; /* the frame at hand opens it again */
} window_t;

/* A message of the login that was sent more than once. */
typedef struct {
    message_t message;
    uint32_t sendings; /* how often it was sent; 0 = there is none */
    moment_t spread;   /* from its first byte until it was acknowledged */
} resent_t;

/* The longest wait of a step or of a login that ended with what was awaited. */
typedef struct {
    debt_t debt;    /* who owed what; nobody = there was none, or its time is not known */
    uint32_t since; /* the frame with what had to be answered */
    uint32_t frame; /* where it ended */
    moment_t time;  /* that side's own part of it: without what the network took, as far as that is known */
} longest_t;

/* The latest ICMP error about the connection's segments. */
typedef struct {
    uint32_t frame; /* the first frame with this error; 0 = there is none */
    uint32_t count; /* how many frames have it */
    unreachable_t what;
    const char *from; /* the address that sent it */
    bool of_turn;     /* it is about the message that has to be answered */
    uint32_t ignored; /* the length in bytes of the longest segment that was too big after the error; 0 = none */
} icmp_t;

/* What says that a KDC does not take a request, or that its answer did not come whole. */
typedef struct {
    uint32_t frame; /* 0 = nothing does */
    bool part;      /* a fragment that begins its answer, whose rest did not come ... */
    bool icmp;      /* ... or ICMP, with `what`; else a RST that answers a SYN */
    unreachable_t what;
    const char *from; /* the address that sent it */
} kdc_denial_t;

/* What the client looked for elsewhere, and nobody answered: a host, by the SYN of a TCP connection, or its address. */
typedef struct {
    uint32_t frame;   /* of its SYN, or of its question to DNS */
    bool asked;       /* it is a question */
    const char *host; /* the address; of a question the name; NULL = there is none */
    uint16_t port;
} sought_t;

/* The look-up of a host's name by the client. */
typedef struct {
    uint32_t asked;  /* the frame of the client's DNS question; 0 = not in the capture */
    uint32_t failed; /* the frame of an answer with an error; 0 = none */
    bool found;      /* the client got an address */
    uint8_t code;    /* that error */
} look_up_t;

/* The last ERROR that the server sent before, or the INFO by which it said that it ends. */
typedef struct {
    uint32_t frame; /* 0 = there is none */
    uint32_t number;
    uint8_t class;
} error_before_t;

/* Bytes that are not in the capture and did not reach the other side, as that says. */
typedef struct {
    sender_t of;           /* who sent them; SENDER_UNKNOWN = there are none */
    uint32_t frame;        /* the first frame of that side behind them */
    uint32_t bytes;        /* how many bytes are missing before it */
    uint32_t longest;      /* the length of that side's longest segment in the capture */
    uint32_t lacked_frame; /* the frame in which the other side says that it lacks them */
    moment_t lacked_for;   /* from `frame` to now, or to the end of the capture */
} lost_t;

/* A message of which a side has sent only a part, whose bytes all arrived. */
typedef struct {
    sender_t of;          /* who sends it; SENDER_UNKNOWN = there is none */
    uint32_t begun;       /* the frame in which it begins */
    uint32_t frame;       /* the latest frame with a part of it */
    bool held;            /* its receiver's window was closed behind that frame */
    moment_t stalled_for; /* since that frame, to now or to the end of the capture */
} unfinished_t;

/* A connection at one moment. Any duration may be MOMENT_NONE: not known. Strings are valid as long as the file. */
typedef struct {
    message_t seen;           /* the message that was just seen; MESSAGE_NONE = none */
    sender_t sender;          /* who sent it */
    uint32_t frame;           /* its frame; at_end: the connection's last frame */
    bool at_end;              /* the capture has no more of this connection */
    moment_t silence;         /* at_end: from its last frame to the end of the capture, or to ... */
    bool port_again;          /* ... at_end: ... a new connection with the same ports: the end of this one is missing */
    connection_t before, now; /* before the message, and after it */

    moment_t limits[LIMIT_COUNT];
    step_time_t times[TIME_COUNT];
    uint32_t syn_count;
    uint32_t server_frames;  /* how many frames the server sent */
    bool client_finished;    /* the client finished its part of the TLS handshake */
    bool client_alerted;     /* the client's last message was a TLS alert */
    uint32_t server_alerted; /* the server's latest frame with payload, if that is a TLS alert in clear; else 0 */
    uint32_t server_left;    /* the same, if the server ends TLS in it, behind the login; else 0 */
    uint32_t undecided;      /* the server's latest frame with payload, if that ends an answer to the login with neither
                              * LOGINACK nor ERROR; else 0 */
    bool login_sent;
    uint32_t last_client_frame; /* the client's latest message before this one; 0 = none */
    moment_t since_opening;     /* since the connection's first SYN */
    moment_t since_client; /* since that message; before the first is complete, since the client's latest payload */
    uint32_t last_server_frame; /* the server's latest frame with payload, readable or not */
    bool server_spoke_last;     /* it was sent behind the client's latest message */
    uint32_t fedauthinfo_frame; /* 0 = none */
    moment_t since_fedauthinfo;
    bool prelogin_client, prelogin_server;  /* the PRELOGIN of each side was read */
    uint8_t encrypt_client, encrypt_server; /* ENCRYPTION in it */
    uint32_t encrypt_server_frame;          /* the frame with the server's; 0 = not read */
    uint8_t server_major;                   /* of the server's version in PRELOGIN; 0 = not known */
    bool instance_mismatch;                 /* the server says that it is another instance */
    bool strict;                            /* TDS 8.0 */
    uint16_t tls_version, tls_offered;      /* as in the hellos; 0 = not seen */
    bool tls_resumed;                       /* TLS goes on with an earlier session, without a certificate */
    bool certificate_seen, self_issued;
    const char *certificate;       /* its subject; NULL if not seen */
    const char *certificate_names; /* the names that it is for, CERTIFICATE_NAMES_BETWEEN them; NULL if not seen */
    const char *asked_name;        /* the name that the client asked for in SNI; NULL = none */
    bool certificate_for_others;   /* the certificate is not for that name */
    int64_t certificate_from, certificate_until; /* seconds since 1970; CERTIFICATE_NO_TIME = not known */
    int64_t certificate_at;                      /* the time of its frame, in the same way */
    uint16_t key_bits;                           /* of its RSA key; 0 = not known */
    const char *weak_signature;                  /* the hash that its issuer signed, if SHA-1 or MD5; else NULL */
    uint16_t group_bits;                         /* of the group of a TLS_DHE suite; 0 = not known */
    const char *suite;                           /* the cipher suite that the server chose; NULL = not known */
    bool alert_fatal;                            /* of the latest TLS alert that is readable */
    uint8_t alert;                               /* its number */
    bool alert_in_clear;                         /* it was readable: `alert` is known */
    uint32_t login_packet;                       /* the length in bytes of the longest packet of LOGIN7; 0 = not read */
    const char *channel_bindings;                /* of AUTHENTICATE: "absent", "zero", "present"; NULL = not known */
    bool login_readable, has_password, reconnect, change_password, read_only;
    bool client_certificate;
    bool mars, mars_used;
    bool readable; /* the bytes after the login are in clear, or decrypted */
    auth_verdict_t auth;
    const char *spn;         /* the SPN in NTLM's AUTHENTICATE; NULL = none */
    uint32_t kerberos_frame; /* the frame with the client's Kerberos token; 0 = none */
    bool ntlm_v1, ntlm_anonymous;
    bool hidden_refused;           /* concluded: the encrypted login was refused */
    bool longer_than_logins;       /* there were more encrypted messages than any login has */
    bool prelogin_may_be_answered; /* TDS 8.0: an encrypted record may be the answer to PRELOGIN */
    bool tickets;                  /* TDS 8.0: after PRELOGIN the server sent session tickets of TLS, and no answer */
    uint32_t error_number;
    uint8_t error_state, error_class;
    const char *error_text;                  /* NULL if cut */
    uint32_t further_errors[FURTHER_ERRORS]; /* the numbers of the next errors in the same answer */
    uint32_t further_error_count;            /* how many are there */
    error_before_t error_before;             /* the server's latest before this message */
    const char *routing_host;
    uint32_t routing_port;
    bool routing_followed;   /* a connection followed the redirect */
    bool routing_hidden;     /* TLS hides the redirect: it is inferred */
    uint32_t routing_stream; /* the connection that followed it */
    look_up_t target;        /* of that host, behind the redirect */
    uint32_t routed_from;    /* the connection whose server sent the client here, + 1; 0 = none is known */
    uint32_t circle;         /* an earlier connection to the same server in this chain of redirects, + 1; 0 = none */
    uint32_t redirecting;    /* how many connections may have sent the client here by a hidden redirect; 0 = none */
    bool node_port;          /* and its port is one to which Azure's gateways redirect */
    const char *instance;    /* the instance to which SQL Browser gave this port; NULL = not known */
    uint32_t instance_frame; /* the frame of SQL Browser's answer */
    bool administrator;      /* the port is that of the dedicated administrator connection (DAC) */
    const char *looked_up;   /* the name for which DNS gave the server's address; NULL = not known, or of no interest */
    uint32_t looked_up_frame; /* the frame of that answer */
    uint32_t elsewhere;       /* the client's next connection to another address of that name, + 1; 0 = none */
    moment_t elsewhere_after; /* how long after this one that began */
    bool elsewhere_inferred;  /* it is over the other version of IP: who asked for both addresses is its client */
    uint32_t kdc_frame;       /* of the KDC's latest error that may concern this login; 0 = none */
    uint32_t kdc_error;
    const char *kdc_spn;          /* the service; NULL = the error is about the client's account */
    uint32_t kdc_requests;        /* how often the client asked KDCs in its turn without an answer */
    uint32_t kdc_requested_frame; /* the first of these requests */
    moment_t kdc_asked_for;       /* since that frame */
    const char *kdc;              /* the KDC's address */
    look_up_t token_service;      /* of the host that FEDAUTHINFO names */
    sought_t sought;              /* by the side whose turn it is, in a login */
    sought_t sought_in_step;      /* by the side that `of_step` waits for */
    kdc_denial_t kdc_denied;      /* what says that one of these requests is not taken */
    turn_t turn;                  /* the turn that was open before the message; all 0 if none was */
    moment_t waited;              /* since that turn began, to now or to the end of the capture */
    turn_t cancel;              /* the turn of the ATTENTION that waits longest; in MARS perhaps another than `turn` */
    moment_t cancelled_for;     /* as `waited` */
    moment_t sending_for;       /* from the first to the last sending of the message that has to be answered */
    resent_t resent;            /* the message of the login that lost most time to the network */
    longest_t of_step;          /* in the step that ends here, if that is a slow one */
    longest_t of_login;         /* in the login that is decided here, if that is a slow one */
    moment_t answer_lost_for;   /* how long the answer in this frame was lost on its way; MOMENT_NONE = not shown */
    uint32_t answer_lost_frame; /* the frame that shows it */
    turn_t said;                /* the server's latest message, if nobody owes an answer to it; else all 0 */
    icmp_t icmp;
    /* A connection that the same host accepted on this port, + 1; 0 = none is known. Of a RST the latest before it;
     * at_end one of the same client that came while this one's SYNs were not answered. */
    uint32_t accepted_stream;
    moment_t accepted_before;     /* how long before this one that connection began */
    uint32_t accepted_later;      /* at_end the same client's next one, + 1; 0 = none */
    moment_t accepted_after;      /* from this one's SYN to that one's */
    uint32_t accepted_earlier;    /* at_end the latest before it, of any client, + 1; 0 = none */
    moment_t accepted_ago;        /* from that one's SYN to this one's */
    uint8_t accepted_ttl;         /* the host's TTL in that connection; 0 = not known */
    uint32_t odd_answer;          /* the server's latest packet of a type that no response has, or its latest bytes that
                                   * are no TDS; 0 = none */
    uint8_t odd_answer_type;      /* that type */
    service_t odd_service;        /* whose bytes they are; SERVICE_NONE = it is a packet */
    proxied_t proxied;            /* a PROXY header before the client's first bytes */
    bool token_refused;           /* the server refused the client's token */
    uint32_t like_frame;          /* where the same client gave up after waiting just as long; 0 = nowhere */
    moment_t since_data;          /* since the latest new data of either side; keep-alives do not count */
    bool idle_with_keep_alives;   /* keep-alives were answered in the silence before the open request, or before now */
    sender_t sufferer;            /* the side with more segments and keep-alives without an answer */
    uint32_t copies, keep_alives; /* how many in a row that side sent again without an answer */
    bool heard;                   /* since the first of these copies the other side said something else */
    uint32_t repeated_alives;     /* keep-alives of a side in a row, close together though each was answered */
    uint8_t reset_ttl, usual_ttl; /* of this RST, 0 = it is none; and of its sender's other frames */
    uint8_t syn_ttl;              /* of the SYN that this RST disowns; 0 = it disowns none */
    bool bare_reset;              /* this RST has no ACK: a host sends it if it does not know the connection */
    window_t window;
    moment_t idle_before_request; /* the silence before the latest request */
    moment_t idle_before_data;    /* the silence before data of either side, the latest one that was a pause */
    uint32_t idle_ended_frame;    /* the frame that ended that pause */
    moment_t since_idle_ended;    /* since that frame */
    uint32_t frame_count, copy_count;
    uint32_t bad_checksums_client, bad_checksums_server;
    uint32_t parallel_stream; /* another connection that the same client opened at the same time, + 1; 0 = none */
    bool explained;           /* an error that a rule before this one found in this very end says why it came */
    uint32_t same_syn;        /* a connection of the same SYN to another address, + 1; 0 = none. One has a SYN-ACK */
    bool overtaken;           /* the server answered the SYN of such a connection */
    bool servers_missing;     /* at_end: no server's frames are in the capture, though clients got answers */
    bool pipe;                /* the connection is over a named pipe */
    uint32_t pipe_status;     /* NTSTATUS with which the server refused the pipe, or broke it; 0 = it did not */
    bool turn_whole;    /* the server's message that handed the turn over is not cut, nor anything of it behind that */
    bool lost;          /* segments are missing in the capture */
    lost_t undelivered; /* missing bytes that did not arrive either */
    unfinished_t unfinished;
    uint32_t opened_again; /* the server's latest SYN-ACK after the client's ACK of it; 0 = none */
    bool unseen;    /* segments may be missing; one that is cut shows all that TCP does, but not what a pipe does */
    bool gap;       /* a message may be missing: segments are missing or cut, or one direction is not in the capture */
    bool snapped;   /* the snap length cut segments of either side */
    bool one_sided; /* only one direction of the connection is in the capture */
    bool answer_missing; /* the server's answer to the open request may be missing in the capture */
    bool client_end_missing, server_end_missing; /* the last bytes of that side, perhaps with FIN, are missing */
    bool client_word_missing; /* bytes of the client since the turn began are missing, perhaps an ATTENTION */
} case_t;

#define RULE_TEXT                 400  /* bytes of a finding's text, with its NUL */
#define CERTIFICATE_NAMES_BETWEEN "\n" /* stands between the names of a certificate */

/* Whether a case is one of these occasions. */
bool case_is_on(const case_t *c, occasion_t occasions);

/* Whether a rule is asked in a case. In others it does not hold. */
bool rule_is_asked(diagnosis_t rule, const case_t *c);

/* Whether a rule is about how a connection ends, and asked on nothing else. */
bool rule_is_of_end(diagnosis_t rule);

/* All rules that are asked in a case, in the order of diagnoses.def, and DIAGNOSIS_COUNT behind the last. Static. */
const uint8_t *rules_asked(const case_t *c);

/* Whether a rule holds in this case. If so, `text` gets its finding, a sentence without a full stop; else `text` is
 * undefined. */
bool rule_holds(diagnosis_t rule, const case_t *c, char text[RULE_TEXT]);

/* Whether this message is an RST that ends the connection: no FIN or RST came before it. */
bool rule_breaks(message_t seen, const connection_t *before);

/* Whether a packet with this TTL or hop limit was sent by another host than the sender's usual packets. */
bool rule_is_foreign_ttl(uint8_t ttl, uint8_t usual);

/* Whether a rule has a predicate. The others are raised by the code that reads their messages. */
bool rule_is_judged(diagnosis_t rule);

#endif
