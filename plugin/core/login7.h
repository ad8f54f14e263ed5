/* login7.h - the login records: LOGIN7 with its feature extensions (MS-TDS 2.2.6.4), and the older one of TDS 4.2
 * and 5.0.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The bytes of the password are never returned, only whether there is one.
 */
#ifndef TDSCONN_LOGIN7_H
#define TDSCONN_LOGIN7_H

#include "feature.h"

#define LOGIN7_FIXED_LENGTH     94 /* TDS 7.2 and later */
#define LOGIN7_FIXED_LENGTH_7_1 86 /* no ibChangePassword, no cbSSPILong */

#define LOGIN7_LENGTH_LIMIT 0x20000 /* MS-TDS 2.2.6.4: a record is smaller */

/* FEDAUTH libraries, MS-TDS 2.2.6.4. */
enum { FEDAUTH_LIVE_ID = 0x00, FEDAUTH_SECURITY_TOKEN = 0x01, FEDAUTH_ADAL = 0x02, FEDAUTH_LIBRARY_LIMIT = 0x03 };

typedef struct {
    bool present;
    uint8_t library;       /* FEDAUTH_*; FEDAUTH_LIBRARY_LIMIT if it is cut */
    uint8_t workflow;      /* of FEDAUTH_ADAL */
    uint32_t token_length; /* of the other libraries, in bytes; the token itself is not returned */
    bool has_length;       /* token_length is known */
} fedauth_feature_t;

typedef struct {
    uint32_t length;      /* of the record in bytes, as it says itself */
    uint32_t tds_version; /* as sent, such as 0x74000004 */
    bool has_flags;       /* the flags in the next line are in the capture */
    bool integrated, read_only_intent, change_password, user_instance, has_extension;
    /* UTF-16LE; cut if the capture does not hold all of it */
    span_t host, user, app, server, library, language, database;
    bool has_password;
    span_t sspi;
    feature_set_t features; /* the features that it asks for */
    bool features_seen;     /* all of the FeatureExt block is in the capture: other features were not asked for */
    bool session_recovery;  /* it asks for SESSIONRECOVERY */
    bool reconnect;         /* and sends the data of a lost connection with it */
    fedauth_feature_t fedauth;
    span_t user_agent; /* UTF-16LE; empty if the driver sends another form of it */
} login7_t;

/* Reads a LOGIN7 record, without TDS header. False if its length or version cannot be LOGIN7's. A cut record is read as
 * far as it goes. */
bool login7_parse(span_t record, login7_t *login);

typedef struct {
    span_t host, user, app, server, library; /* in the client's character set */
    uint8_t major, minor;                    /* protocol version: 4.2, 5.0 */
} old_login_t;

/* Reads the login record of TDS 4.2 and 5.0 (packet type 0x02). False if its string lengths or its version cannot be
 * such a record's, or if it is cut before its library. */
bool old_login_parse(span_t record, old_login_t *login);

#endif
