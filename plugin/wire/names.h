/* names.h - the texts of the fields' values for Wireshark, from the core's lists.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_NAMES_H
#define TDSCONN_NAMES_H

#include <epan/packet.h>

#include "core/values.h"

extern const value_string step_names[];
extern const value_string state_names[];
extern const value_string auth_names[];
extern const value_string basis_names[];
extern const value_string encryption_names[];
extern const value_string transport_names[];
extern const value_string sender_names[];
extern const value_string owes_names[];
extern const value_string close_names[];
extern const value_string session_names[];
extern const value_string severity_names[];
extern const value_string kerberos_error_names[];
extern const value_string message_names[];
extern const value_string smp_event_names[];
extern const value_string encrypt_option_names[];

/* The text of a value in one of these lists; "Unknown" if the list does not have it. Static text. */
const char *name_of(guint32 value, const value_string *names);

/* "SYN", "ACK", "FIN", "DATA"; "?" for any other combination of flags. */
const char *name_of_smp_event(guint8 flags);

#endif
