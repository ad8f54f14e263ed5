/* login7_test.c - the login records: LOGIN7 with its feature extensions, and the older one of TDS 4.2
 * and 5.0.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "vectors.h"

#include "login7.h"

/* What each captured record says, as tshark -V shows it. */
typedef struct {
    const char *packet;
    uint32_t tds_version;
    const char *host, *user, *app, *server, *library, *language, *database;
    bool password, integrated, extension, session_recovery;
    size_t sspi_length;
} record_row_t;

static const record_row_t records[] = {
    {login7_freetds, 0x74000004, "vm", "app_user", "TSQL", "sqlsrv", "TDS-Library", "us_english", "shop", true, false,
     true, false, 0},
    {login7_sqlclient, 0x74000004, "vm", "app_user", "Core .Net SqlClient Data Provider", "10.10.10.10,1433",
     "Core .Net SqlClient Data Provider", "", "shop", true, false, true, true, 0},
    /* 7.1 and 7.0 have 86 fixed bytes: the host's name stands where 7.2 has ibChangePassword. */
    {login7_of_7_1, 0x71000001, "vm", "app_user", "TSQL", "sqlsrv", "TDS-Library", "us_english", "shop", true, false,
     false, false, 0},
    {login7_of_7_0, 0x70000000, "vm", "app_user", "TSQL", "sqlsrv", "TDS-Library", "us_english", "shop", true, false,
     false, false, 0},
    {login7_ntlm, 0x74000004, "vm", "", "pyodbc-demo", "10.10.10.10", "", "us_english", "shop", false, true, true,
     false, 45},
    {login7_kerberos, 0x74000004, "vm", "", "pyodbc-demo", "sqlsrv.lab.test", "", "us_english", "shop", false, true,
     true, false, 705},
    {login7_fedauth, 0x74000004, "vm", "", "tedious-demo", "10.10.10.16", "Tedious", "us_english", "shop", false, false,
     true, false, 0},
};

static void a_set_has_what_was_added(void **state)
{
    (void)state;
    static const uint8_t added[] = {0, 1, 31, 32, 96, 254};
    feature_set_t set = {0};
    unsigned id = 0;
    for (size_t i = 0; i < COUNT_OF(added); i++) {
        feature_set_add(&set, added[i]);
    }
    for (size_t i = 0; i < COUNT_OF(added); i++) {
        id = feature_set_from(&set, id);
        assert_int_equal(id++, added[i]);
    }
    assert_int_equal(feature_set_from(&set, id), FEATURE_TERMINATOR);
    assert_int_equal(feature_set_from(&set, FEATURE_TERMINATOR + 1), FEATURE_TERMINATOR);
}

static login7_t parsed(span_t record)
{
    login7_t login;
    assert_true(login7_parse(record, &login));
    return login;
}

static void captured_records_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(records); i++) {
        const record_row_t *row = &records[i];
        login7_t login = parsed(tds_payload(hex(row->packet)));
        assert_true(login.has_flags);
        assert_int_equal(login.tds_version, row->tds_version);
        assert_utf16(login.host, row->host);
        assert_utf16(login.user, row->user);
        assert_utf16(login.app, row->app);
        assert_utf16(login.server, row->server);
        assert_utf16(login.library, row->library);
        assert_utf16(login.language, row->language);
        assert_utf16(login.database, row->database);
        assert_int_equal(login.has_password, row->password);
        assert_int_equal(login.integrated, row->integrated);
        assert_int_equal(login.has_extension, row->extension);
        assert_int_equal(login.features_seen, row->extension);
        assert_int_equal(login.session_recovery, row->session_recovery);
        assert_false(login.reconnect || login.read_only_intent || login.change_password);
        assert_int_equal(login.sspi.length, row->sspi_length);
    }
}

static void sspi_is_the_token_alone(void **state)
{
    (void)state;
    assert_true(span_starts_with(parsed(tds_payload(hex(login7_ntlm))).sspi, text("NTLMSSP")));
    assert_true(span_starts_with(parsed(tds_payload(hex(login7_kerberos))).sspi, hex("60 82")));
}

/* The captured access token's feature: options 0x03, then a token of 188 bytes. */
static void fedauth_of_tedious_is_read(void **state)
{
    (void)state;
    fedauth_feature_t fedauth = parsed(tds_payload(hex(login7_fedauth))).fedauth;
    assert_true(fedauth.present);
    assert_int_equal(fedauth.library, FEDAUTH_SECURITY_TOKEN);
    assert_int_equal(fedauth.token_length, 188);
}

#define FIXED        94 /* bytes before the variable part, in 7.2 and later */
#define AT_EXTENSION 56
#define AT_SSPI      78

/* A 7.4 record with nothing in it but `body` behind its fixed part, with this flags DWORD and table entry. */
static span_t record_with(uint32_t flags, size_t entry_at, unsigned entry_length, span_t body)
{
    span_t record = JOIN(u32le((uint32_t)(FIXED + body.length)), u32le(0x74000004), zeros(FIXED - 8), body);
    record = patched(record, 24, u32le(flags));
    return patched(record, entry_at, JOIN(u16le(FIXED), u16le(entry_length)));
}

/* The same with these features: ibExtension points to a DWORD, and that to them. */
static span_t record_with_features(span_t features)
{
    return record_with(0x10000000, AT_EXTENSION, 4, JOIN(u32le(FIXED + 4), features));
}

static span_t feature(unsigned id, span_t data)
{
    return JOIN(u8(id), u32le((uint32_t)data.length), data);
}

/* MS-TDS 2.2.6.4, as one little-endian DWORD: OptionFlags1 and 2, TypeFlags, OptionFlags3. */
static void flags_are_told_apart(void **state)
{
    (void)state;
    static const struct {
        uint32_t flags;
        bool integrated, read_only, change_password, user_instance, extension;
    } rows[] = {
        {0x00000000, .integrated = false},     {0x00008000, .integrated = true},    {0x00200000, .read_only = true},
        {0x01000000, .change_password = true}, {0x04000000, .user_instance = true}, {0x10000000, .extension = true},
        {0xEADF7FFF, .integrated = false}, /* every other bit */
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        login7_t login = parsed(record_with(rows[i].flags, AT_SSPI, 0, span_none()));
        assert_int_equal(login.integrated, rows[i].integrated);
        assert_int_equal(login.read_only_intent, rows[i].read_only);
        assert_int_equal(login.change_password, rows[i].change_password);
        assert_int_equal(login.user_instance, rows[i].user_instance);
        assert_int_equal(login.has_extension, rows[i].extension);
    }
}

/* The options byte is (library << 1) | echo; MS-TDS' text says the reverse, its sample and drivers do this. */
static void fedauth_options_are_library_then_echo(void **state)
{
    (void)state;
    static const struct {
        const char *data;
        uint8_t library, workflow;
        uint32_t token_length;
    } rows[] = {
        {"01 05000000 AABBCCDDEE", FEDAUTH_LIVE_ID, 0, 5},
        {"02 02000000 6500", FEDAUTH_SECURITY_TOKEN, 0, 2},
        {"03 02000000 6500", FEDAUTH_SECURITY_TOKEN, 0, 2},
        {"04 01", FEDAUTH_ADAL, 1, 0},
        {"05 03", FEDAUTH_ADAL, 3, 0},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        login7_t login = parsed(record_with_features(JOIN(feature(0x02, hex(rows[i].data)), u8(0xFF))));
        assert_true(login.features_seen && login.fedauth.present);
        assert_int_equal(login.fedauth.library, rows[i].library);
        assert_int_equal(login.fedauth.workflow, rows[i].workflow);
        assert_int_equal(login.fedauth.token_length, rows[i].token_length);
    }
}

/* All that have a name, the last of them in no document; and one that has none. */
static void features_have_names(void **state)
{
    (void)state;
    span_t known = JOIN(feature(0x10, span_none()), feature(0x0F, span_none()), feature(0x0E, u8(1)),
                        feature(0x0D, u8(1)), feature(0x0B, span_none()), feature(0x0A, u8(1)), feature(0x09, u8(2)),
                        feature(0x08, u8(1)), feature(0x05, span_none()), feature(0x04, u8(3)));
    span_t all = JOIN(known, feature(0x0C, u8(1)), feature(0x02, hex("0401")), feature(0x01, span_none()), u8(0xFF));
    login7_t login = parsed(record_with_features(all));
    assert_features(&login.features, "SESSIONRECOVERY FEDAUTH COLUMNENCRYPTION GLOBALTRANSACTIONS AZURESQLSUPPORT "
                                     "DATACLASSIFICATION UTF8_SUPPORT AZURESQLDNSCACHING 0x0c JSONSUPPORT "
                                     "VECTORSUPPORT ENHANCEDROUTING USERAGENT");
    login = parsed(record_with_features(JOIN(feature(0x0A, u8(1)), u8(0x02), u32le(5000), hex("0384"))));
    assert_features(&login.features, "FEDAUTH UTF8_SUPPORT ...");
}

/* A SESSIONRECOVERY with data is a connection that comes back; without, it is asked for in case. */
static void session_recovery_with_data_is_a_reconnect(void **state)
{
    (void)state;
    span_t empty = record_with_features(JOIN(feature(0x01, span_none()), u8(0xFF)));
    span_t data = JOIN(u32le(8), b_varchar("shop"), zeros(2));
    span_t again = record_with_features(JOIN(feature(0x0A, u8(1)), feature(0x01, data), u8(0xFF)));
    assert_true(parsed(empty).session_recovery);
    assert_false(parsed(empty).reconnect);
    assert_true(parsed(again).session_recovery);
    assert_true(parsed(again).reconnect);
    assert_false(parsed(again).fedauth.present);
}

static void user_agent_is_read(void **state)
{
    (void)state;
    span_t features = JOIN(feature(0x10, utf16("1|MS-MDS|6.1")), feature(0x0D, u8(1)), u8(0xFF));
    assert_utf16(parsed(record_with_features(features)).user_agent, "1|MS-MDS|6.1");
}

static void user_agent_in_another_form_is_none(void **state)
{
    (void)state;
    span_t forms[] = {
        JOIN(u8(1), text("{\"driver\": \"MS-MDS\"}")),
        text("{\"driver\": \"MS-MDS\"}"),
        u8('1'),
        zeros(4),
        utf16("\033[31m"),
    };
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        span_t features = JOIN(feature(0x10, forms[i]), u8(0xFF));
        assert_int_equal(parsed(record_with_features(features)).user_agent.length, 0);
    }
}

/* Only the terminator tells that nothing more was asked for. */
static void features_without_their_end_are_not_all_seen(void **state)
{
    (void)state;
    login7_t login = parsed(record_with_features(feature(0x0A, u8(1))));
    assert_true(login.has_extension);
    assert_false(login.features_seen);
    login = parsed(record_with_features(JOIN(u8(0x02), u32le(5000), hex("03 84130000 6500")))); /* a cut token */
    assert_false(login.features_seen);
    assert_true(login.fedauth.present);
    assert_int_equal(login.fedauth.library, FEDAUTH_SECURITY_TOKEN);
    assert_true(login.fedauth.has_length);
    assert_int_equal(login.fedauth.token_length, 0x1384);
    login = parsed(record_with_features(JOIN(u8(0x02), u32le(5000), hex("03 8413")))); /* in its length */
    assert_false(login.fedauth.has_length);
    login = parsed(record_with_features(JOIN(u8(0x02), u32le(2)))); /* cut before the options byte */
    assert_true(login.fedauth.present);
    assert_int_equal(login.fedauth.library, FEDAUTH_LIBRARY_LIMIT);
}

/* fExtension alone says whether "unused" is an extension. */
static void an_extension_without_its_flag_is_none(void **state)
{
    (void)state;
    span_t body = JOIN(u32le(FIXED + 4), feature(0x02, hex("0401")), u8(0xFF));
    login7_t login = parsed(record_with(0, AT_EXTENSION, 4, body));
    assert_false(login.has_extension || login.features_seen || login.fedauth.present);
}

static void extension_offsets_may_lie(void **state)
{
    (void)state;
    static const uint32_t offsets[] = {FIXED + 5, 0x7FFFFFFF, 0xFFFFFFFF};
    for (size_t i = 0; i < COUNT_OF(offsets); i++) {
        login7_t login = parsed(record_with(0x10000000, AT_EXTENSION, 4, JOIN(u32le(offsets[i]), u8(0xFF))));
        assert_false(login.features_seen || login.fedauth.present);
    }
}

/* cbSSPI 0xFFFF means cbSSPILong, in bytes; and only if that is not 0. */
static void long_sspi_has_its_own_length(void **state)
{
    (void)state;
    span_t token = zeros(0x10010);
    span_t record = record_with(0x8000, AT_SSPI, 0xFFFF, token);
    assert_int_equal(parsed(patched(record, 90, u32le(0x10010))).sspi.length, 0x10010);
    assert_int_equal(parsed(record).sspi.length, 0xFFFF);
    /* Not 0xFFFF: cbSSPILong is not looked at. */
    record = patched(record_with(0x8000, AT_SSPI, 20, token), 90, u32le(0x10010));
    assert_int_equal(parsed(record).sspi.length, 20);
}

/* In 86 fixed bytes there is no cbSSPILong: what stands at 90 is the host's name. */
static void old_records_have_no_long_sspi(void **state)
{
    (void)state;
    span_t record = record_with(0x8000, AT_SSPI, 0xFFFF, zeros(0x10010));
    record = patched(patched(record, 4, u32le(0x71000001)), 90, u32le(16));
    assert_int_equal(parsed(record).sspi.length, 0xFFFF);
}

/* TDS 8.0 in LOGIN7 as SqlClient and go-mssqldb send it. */
static void versions_of_login7(void **state)
{
    (void)state;
    static const struct {
        uint32_t version;
        bool known;
    } rows[] = {
        {0x70000000, true},  {0x71000001, true},  {0x72090002, true},  {0x730B0003, true},
        {0x74000004, true},  {0x08000000, true},  {0x00000000, false}, {0x00000074, false},
        {0x04020000, false}, {0x05000000, false}, {0x80000000, false}, {0xFFFFFFFF, false},
    };
    span_t record = tds_payload(hex(login7_freetds));
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        login7_t login;
        assert_int_equal(login7_parse(patched(record, 4, u32le(rows[i].version)), &login), rows[i].known);
    }
}

static void lengths_that_no_record_has(void **state)
{
    (void)state;
    static const struct {
        uint32_t length;
        bool possible;
    } rows[] = {{0, false}, {85, false}, {0x20000, false}, {0xFFFFFFFF, false}, {215, true}, {216, true}, {86, true}};
    span_t record = tds_payload(hex(login7_freetds)); /* 215 bytes long */
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        login7_t login;
        assert_int_equal(login7_parse(patched(record, 0, u32le(rows[i].length)), &login), rows[i].possible);
    }
}

/* The names of a record as one list. */
typedef struct {
    span_t span[9];
} spans_t;

static spans_t spans_of(const login7_t *l)
{
    return (spans_t){
        {l->host, l->user, l->app, l->server, l->library, l->language, l->database, l->sspi, l->user_agent}};
}

static void login7_trial(span_t bytes, const void *whole)
{
    const login7_t *all = whole;
    login7_t login;
    if (!login7_parse(bytes, &login)) {
        return;
    }
    spans_t part = spans_of(&login);
    for (size_t i = 0; i < COUNT_OF(part.span); i++) {
        assert_within(part.span[i], bytes);
    }
    if (all == NULL) {
        return;
    }
    spans_t of_all = spans_of(all);
    for (size_t i = 0; i < COUNT_OF(part.span); i++) {
        assert_cut_of(part.span[i], bytes, of_all.span[i]);
    }
    assert_true(login.has_password <= all->has_password && login.integrated <= all->integrated);
    assert_true(login.has_extension <= all->has_extension && login.session_recovery <= all->session_recovery);
    assert_true(login.fedauth.present <= all->fedauth.present && login.reconnect <= all->reconnect);
    assert_features_are_lesser(&login.features, &all->features);
    /* "All features were seen" must not be said of a block that is cut. */
    assert_true(!login.features_seen || login.fedauth.present == all->fedauth.present);
    assert_true(!login.features_seen || login.session_recovery == all->session_recovery);
}

static void a_cut_record_says_less(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(records); i++) {
        span_t record = tds_payload(hex(records[i].packet));
        login7_t all = parsed(record);
        for_every_cut(record, login7_trial, &all);
        for_every_change(record, login7_trial);
    }
}

/* As a snap length of some 150 bytes leaves it: the names and the password's bytes are cut off, that there is
 * a password is not. */
static void a_password_is_known_by_its_length(void **state)
{
    (void)state;
    login7_t login = parsed(span_part(tds_payload(hex(login7_freetds)), 0, 96));
    assert_true(login.has_password && login.has_flags);
    assert_false(login.features_seen);
    assert_utf16(login.host, "v");
    assert_int_equal(login.user.length, 0);
}

static void records_of_tds_4_and_5_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *packets;
        uint8_t major, minor;
    } rows[] = {{login_of_4_2, 4, 2}, {login_of_5_0, 5, 0}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        old_login_t login;
        assert_true(old_login_parse(tds_payload(hex(rows[i].packets)), &login));
        assert_int_equal(login.major, rows[i].major);
        assert_int_equal(login.minor, rows[i].minor);
        assert_text(login.host, "vm");
        assert_text(login.user, "app_user");
        assert_text(login.app, "TSQL");
        assert_text(login.server, "sqlsrv");
        assert_text(login.library, "TDS-Librar"); /* 10 bytes are all that the record has for it */
    }
}

static void other_records_are_no_old_login(void **state)
{
    (void)state;
    old_login_t login;
    span_t record = tds_payload(hex(login_of_4_2));
    assert_false(old_login_parse(zeros(572), &login));
    assert_false(old_login_parse(patched(record, 458, u8(7)), &login));  /* version 7.2 */
    assert_false(old_login_parse(patched(record, 61, u8(31)), &login));  /* a user of 31 bytes in 30 */
    assert_false(old_login_parse(patched(record, 472, u8(11)), &login)); /* a library of 11 in 10 */
}

static void old_login_trial(span_t bytes, const void *whole)
{
    old_login_t login;
    if (!old_login_parse(bytes, &login)) {
        return;
    }
    assert_within(login.host, bytes);
    assert_within(login.user, bytes);
    assert_within(login.app, bytes);
    assert_within(login.server, bytes);
    assert_within(login.library, bytes);
    if (whole != NULL) {
        const old_login_t *all = whole;
        assert_spans(login.user, all->user);
        assert_spans(login.library, all->library);
    }
}

static void a_cut_old_login_is_whole_or_none(void **state)
{
    (void)state;
    span_t record = tds_payload(hex(login_of_5_0));
    old_login_t all;
    assert_true(old_login_parse(record, &all));
    for_every_cut(record, old_login_trial, &all);
    for_every_change(record, old_login_trial);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(captured_records_are_read),
        cmocka_unit_test(a_set_has_what_was_added),
        cmocka_unit_test(sspi_is_the_token_alone),
        cmocka_unit_test(fedauth_of_tedious_is_read),
        cmocka_unit_test(flags_are_told_apart),
        cmocka_unit_test(fedauth_options_are_library_then_echo),
        cmocka_unit_test(session_recovery_with_data_is_a_reconnect),
        cmocka_unit_test(user_agent_is_read),
        cmocka_unit_test(user_agent_in_another_form_is_none),
        cmocka_unit_test(features_have_names),
        cmocka_unit_test(features_without_their_end_are_not_all_seen),
        cmocka_unit_test(an_extension_without_its_flag_is_none),
        cmocka_unit_test(extension_offsets_may_lie),
        cmocka_unit_test(long_sspi_has_its_own_length),
        cmocka_unit_test(old_records_have_no_long_sspi),
        cmocka_unit_test(versions_of_login7),
        cmocka_unit_test(lengths_that_no_record_has),
        cmocka_unit_test(a_cut_record_says_less),
        cmocka_unit_test(a_password_is_known_by_its_length),
        cmocka_unit_test(records_of_tds_4_and_5_are_read),
        cmocka_unit_test(other_records_are_no_old_login),
        cmocka_unit_test(a_cut_old_login_is_whole_or_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
