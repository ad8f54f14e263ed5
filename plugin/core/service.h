/* service.h - services that are not SQL Server, by the first bytes that they send.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_SERVICE_H
#define TDSCONN_SERVICE_H

#include "bytes.h"

typedef enum {
    SERVICE_NONE, /* nothing was said that is not TDS */
    SERVICE_UNKNOWN,
    SERVICE_HTTP,
    SERVICE_SSH,
    SERVICE_MAIL, /* SMTP, POP3, IMAP, or FTP, which greets as SMTP does */
    SERVICE_MYSQL,
    SERVICE_POSTGRESQL,
    SERVICE_ORACLE,
    SERVICE_RDP,
    SERVICE_VNC,
    SERVICE_COUNT
} service_t;

/* Which service a server's first bytes are of, never SERVICE_NONE. They are none of TDS, SMP or TLS: that is asked
 * before. */
service_t service_by_greeting(span_t bytes);

/* How a sentence names it. Static text; NULL for SERVICE_NONE and SERVICE_UNKNOWN. */
const char *service_name(service_t service);

#endif
