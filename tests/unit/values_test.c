/* values_test.c - the numbers and texts of the fields against the contract in docs/fields.md.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The contract is written out here once more on purpose: who changes a value in a table breaks somebody's
 * filter, and has to say so twice.
 */
#include "vectors.h"

#include "values.h"

typedef struct {
    unsigned value;
    const char *text;
} value_row_t;

static void assert_same_rows(const value_row_t *rows, size_t count, const value_row_t *contract, size_t contract_count)
{
    assert_int_equal(count, contract_count);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(rows[i].value, contract[i].value);
        assert_string_equal(rows[i].text, contract[i].text);
    }
}

#define ASSERT_SAME_ROWS(rows, contract) assert_same_rows(rows, COUNT_OF(rows), contract, COUNT_OF(contract))

static void steps_are_as_promised(void **state)
{
    (void)state;
    static const value_row_t rows[] = {
#define STEP(tag, value, text) {value, text},
#include "values.def"
    };
    static const value_row_t contract[] = {
        {0, "Unknown"}, {1, "TCP handshake"},  {2, "Driver handshake"},   {3, "TLS handshake"},
        {4, "Login"},   {5, "Authentication"}, {6, "Login confirmation"}, {7, "Command"},
        {8, "Close"},   {9, "Pipe opening"}};
    ASSERT_SAME_ROWS(rows, contract);
}

static void states_are_as_promised(void **state)
{
    (void)state;
    static const value_row_t rows[] = {
#define STATE(tag, value, text) {value, text},
#include "values.def"
    };
    static const value_row_t contract[] = {{1, "Connecting"},   {2, "Logging in"},   {3, "Logged in"},
                                           {4, "Login failed"}, {5, "Redirected"},   {6, "Login unfinished"},
                                           {7, "Probe"},        {8, "Joined midway"}};
    ASSERT_SAME_ROWS(rows, contract);
}

static void auths_and_bases_are_as_promised(void **state)
{
    (void)state;
    static const value_row_t rows[] = {
#define AUTH(tag, value, text) {value, text},
#include "values.def"
#define BASIS(tag, value, text) {value, text},
#include "values.def"
    };
    static const value_row_t contract[] = {{0, "Unknown"}, {1, "SQL"},     {2, "NTLM"},        {3, "Kerberos"},
                                           {4, "Entra"},   {5, "Windows"}, {6, "Certificate"}, {0, "Unknown"},
                                           {1, "Seen"},    {2, "Inferred"}};
    ASSERT_SAME_ROWS(rows, contract);
}

static void encryptions_and_senders_are_as_promised(void **state)
{
    (void)state;
    static const value_row_t rows[] = {
#define ENCRYPTION(tag, value, text) {value, text},
#include "values.def"
#define SENDER(tag, value, text) {value, text},
#include "values.def"
    };
    static const value_row_t contract[] = {{0, "Unknown"}, {1, "None"},   {2, "Login only"}, {3, "Full"},
                                           {4, "Strict"},  {1, "client"}, {2, "server"}};
    ASSERT_SAME_ROWS(rows, contract);
}

static void transports_are_as_promised(void **state)
{
    (void)state;
    static const value_row_t rows[] = {
#define TRANSPORT(tag, value, text) {value, text},
#include "values.def"
    };
    static const value_row_t contract[] = {{1, "TCP"}, {2, "Named pipe"}};
    ASSERT_SAME_ROWS(rows, contract);
}

static void closes_are_as_promised(void **state)
{
    (void)state;
    static const value_row_t rows[] = {
#define CLOSE(tag, value, text) {value, text},
#include "values.def"
    };
    static const value_row_t contract[] = {{1, "Normal"},
                                           {2, "Server closed first"},
                                           {3, "Client reset"},
                                           {4, "Server reset"},
                                           {5, "Reset after close"},
                                           {6, "Reset by a device between"},
                                           {7, "Open at end of capture"}};
    ASSERT_SAME_ROWS(rows, contract);
}

static void severities_are_as_promised(void **state)
{
    (void)state;
    static const value_row_t rows[] = {
#define SEVERITY(tag, value, text) {value, text},
#include "values.def"
    };
    static const value_row_t contract[] = {{1, "Chat"}, {2, "Note"}, {3, "Warning"}, {4, "Error"}};
    ASSERT_SAME_ROWS(rows, contract);
}

static void sessions_are_as_promised(void **state)
{
    (void)state;
    static const value_row_t rows[] = {
#define SESSION(tag, value, text) {value, text},
#include "values.def"
    };
    static const value_row_t contract[] = {
        {0, "Unknown"}, {1, "Established"},  {2, "FIN sent by client"}, {3, "FIN sent by server"},
        {4, "Closed"},  {5, "Joined midway"}};
    ASSERT_SAME_ROWS(rows, contract);
}

/* Value, text and short code of tdsconn.progress ("" = none). */
static const struct {
    unsigned value;
    const char *text, *code;
} messages[] = {
    {1, "SYN", "S"},
    {2, "SYN-ACK", "SA"},
    {3, "FIN", "F"},
    {4, "RST", "R"},
    {5, "keep-alive", ""},
    {6, "keep-alive ACK", ""},
    {7, "zero window", ""},
    {8, "retransmission", ""},
    {10, "PRELOGIN", "PL"},
    {11, "PRELOGIN response", "PR"},
    {12, "TLS ClientHello", "CH"},
    {13, "TLS ServerHello", "SH"},
    {14, "TLS client key exchange / Finished", "KE"},
    {15, "TLS server Finished", "CF"},
    {16, "TLS alert", ""},
    {17, "TLS handshake (other)", ""},
    {20, "LOGIN7", "L7"},
    {21, "LOGIN7 (encrypted)", "L7*"},
    {22, "SSPI (client)", "SS"},
    {23, "SSPI (server)", "SR"},
    {24, "NTLM NEGOTIATE", ""},
    {25, "NTLM CHALLENGE", "NC"},
    {26, "NTLM AUTHENTICATE", "NR"},
    {27, "Kerberos AP-REQ", ""},
    {28, "Kerberos AP-REP", ""},
    {29, "FEDAUTHINFO", "FI"},
    {30, "FedAuth token", "FT"},
    {31, "TDS 4/5 login", "L7"},
    {40, "LOGINACK", "LA"},
    {41, "login ERROR", "ER"},
    {42, "Routing", "RD"},
    {50, "SQL batch", "BAT"},
    {51, "RPC", "RPC"},
    {52, "Bulk load", "BLK"},
    {53, "Transaction manager request", "TM"},
    {54, "Attention", "ATT"},
    {55, "Response", "RES"},
    {56, "Attention acknowledgement", "RES"},
    {57, "Encrypted data", "ENC"},
    {58, "Response with ERROR", "RES"},
    {60, "SMP SYN", "MS"},
    {61, "SMP ACK", "MA"},
    {62, "SMP FIN", "MF"},
    {63, "SMP DATA", "MD"},
    {70, "Pipe CREATE", "PC"},
    {71, "Pipe CREATE response", "PO"},
    {72, "Pipe CREATE refused", "PX"},
    {73, "Pipe CLOSE", "F"},
    {74, "Pipe CLOSE response", "F"},
    {75, "Pipe broken", "F"},
};

static void messages_are_as_promised(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(messages); i++) {
        const message_row_t *row = message_row((message_t)messages[i].value);
        assert_non_null(row->text);
        assert_string_equal(row->text, messages[i].text);
        assert_string_equal(row->code, messages[i].code);
    }
}

/* Two more rows are for the step machine alone; every other value has no row. */
static void no_message_was_not_promised(void **state)
{
    (void)state;
    unsigned rows = 0;
    for (unsigned value = 0; value < 256; value++) {
        rows += message_row((message_t)value)->text != NULL;
    }
    assert_int_equal(rows, COUNT_OF(messages) + 2);
    assert_string_equal(message_row(MESSAGE_HANDSHAKE_ACK)->text, "ACK");
    assert_string_equal(message_row(MESSAGE_REQUEST)->text, "request");
    assert_null(message_row(MESSAGE_NONE)->text);
    assert_null(message_row((message_t)1000)->text);
}

static void peers_have_each_other(void **state)
{
    (void)state;
    assert_int_equal(sender_other(SENDER_CLIENT), SENDER_SERVER);
    assert_int_equal(sender_other(SENDER_SERVER), SENDER_CLIENT);
    assert_int_equal(sender_other(SENDER_UNKNOWN), SENDER_UNKNOWN);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_are_as_promised),           cmocka_unit_test(states_are_as_promised),
        cmocka_unit_test(auths_and_bases_are_as_promised), cmocka_unit_test(encryptions_and_senders_are_as_promised),
        cmocka_unit_test(transports_are_as_promised),      cmocka_unit_test(closes_are_as_promised),
        cmocka_unit_test(sessions_are_as_promised),        cmocka_unit_test(severities_are_as_promised),
        cmocka_unit_test(messages_are_as_promised),        cmocka_unit_test(no_message_was_not_promised),
        cmocka_unit_test(peers_have_each_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
