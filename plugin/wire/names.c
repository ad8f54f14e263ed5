/* names.c - the texts of the fields' values for Wireshark, from the core's lists.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "wire/names.h"

#include "core/smp.h"
#include "core/tds.h"

const value_string step_names[] = {
#define STEP(tag, value, text) {value, text},
#include "core/values.def"
    {0, NULL}};

const value_string state_names[] = {
#define STATE(tag, value, text) {value, text},
#include "core/values.def"
    {0, NULL}};

const value_string auth_names[] = {
#define AUTH(tag, value, text) {value, text},
#include "core/values.def"
    {0, NULL}};

const value_string basis_names[] = {
#define BASIS(tag, value, text) {value, text},
#include "core/values.def"
    {0, NULL}};

const value_string encryption_names[] = {
#define ENCRYPTION(tag, value, text) {value, text},
#include "core/values.def"
    {0, NULL}};

const value_string transport_names[] = {
#define TRANSPORT(tag, value, text) {value, text},
#include "core/values.def"
    {0, NULL}};

const value_string sender_names[] = {
#define SENDER(tag, value, text) {value, text},
#include "core/values.def"
    {0, NULL}};

const value_string owes_names[] = {
#define OWES(tag, value, text) {value, text},
#include "core/values.def"
    {0, NULL}};

const value_string close_names[] = {
#define CLOSE(tag, value, text) {value, text},
#include "core/values.def"
    {0, NULL}};

const value_string session_names[] = {
#define SESSION(tag, value, text) {value, text},
#include "core/values.def"
    {0, NULL}};

const value_string severity_names[] = {
#define SEVERITY(tag, value, text) {value, text},
#include "core/values.def"
    {0, NULL}};

const value_string kerberos_error_names[] = {
#define KERBEROS(number, name, meaning) {number, name},
#include "core/kerberos.def"
    {0, NULL}};

const value_string message_names[] = {
#define MESSAGE(tag, value, text, code, step, kind) {value, text},
#define SIGN(tag, value, text, code, step, kind)
#include "core/messages.def"
    {0, NULL}};

const value_string smp_event_names[] = {
    {SMP_SYN, "SYN"}, {SMP_ACK, "ACK"}, {SMP_FIN, "FIN"}, {SMP_DATA, "DATA"}, {0, NULL}};

const value_string encrypt_option_names[] = {{ENCRYPT_OFF, "ENCRYPT_OFF"},
                                             {ENCRYPT_ON, "ENCRYPT_ON"},
                                             {ENCRYPT_NOT_SUP, "ENCRYPT_NOT_SUP"},
                                             {ENCRYPT_REQ, "ENCRYPT_REQ"},
                                             {ENCRYPT_CLIENT_CERT | ENCRYPT_OFF, "ENCRYPT_CLIENT_CERT and OFF"},
                                             {ENCRYPT_CLIENT_CERT | ENCRYPT_ON, "ENCRYPT_CLIENT_CERT and ON"},
                                             {ENCRYPT_CLIENT_CERT | ENCRYPT_NOT_SUP, "ENCRYPT_CLIENT_CERT and NOT_SUP"},
                                             {ENCRYPT_CLIENT_CERT | ENCRYPT_REQ, "ENCRYPT_CLIENT_CERT and REQ"},
                                             {0, NULL}};

const char *name_of(guint32 value, const value_string *names)
{
    return val_to_str_const(value, names, "Unknown");
}

const char *name_of_smp_event(guint8 flags)
{
    return val_to_str_const(flags, smp_event_names, "?");
}
