/* tokens_test.c - the token stream of a server's response.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "vectors.h"

#include "tokens.h"

static const token_format_t wide = {.wide_done = true, .wide_text = true};
static const token_format_t narrow = {.wide_done = false, .wide_text = true};

static response_t read_all(span_t message, token_format_t format)
{
    response_t response;
    response_read(message, message.length, format, &response);
    return response;
}

static response_t read_packet(const char *packet)
{
    return read_all(tds_payload(hex(packet)), wide);
}

/* From here on: tokens as MS-TDS 2.2.7 lays them out. */

static span_t token(unsigned id, span_t body)
{
    return JOIN(u8(id), u16le((unsigned)body.length), body);
}

static span_t error_body(uint32_t number, unsigned class_, const char *message, span_t line)
{
    return JOIN(u32le(number), u8(1), u8(class_), us_varchar(message), b_varchar("SQL1"), b_varchar("proc"), line);
}

static span_t error(uint32_t number)
{
    return token(TOKEN_ERROR, error_body(number, 16, "wrong", u32le(7)));
}

static span_t loginack(uint32_t version)
{
    span_t swapped = JOIN(u8(version >> 24), u8(version >> 16 & 0xFF), u8(version >> 8 & 0xFF), u8(version & 0xFF));
    return token(TOKEN_LOGINACK, JOIN(u8(1), swapped, b_varchar("Microsoft SQL Server"), hex("10 00 03 E8")));
}

static span_t done(unsigned status, token_format_t format)
{
    return JOIN(u8(TOKEN_DONE), u16le(status), u16le(0), zeros(format.wide_done ? 8 : 4));
}

static span_t routing_body(unsigned type, span_t tail)
{
    span_t value = JOIN(u8(0), u16le(1444), us_varchar("node7.lab.test"), tail);
    return JOIN(u8(type), u16le((unsigned)value.length), value, hex("0000"));
}

static span_t fedauth_info(bool spn_first)
{
    span_t url = utf16("https://login.lab.test/"), spn = utf16("https://db.lab.test/");
    uint32_t base = 4 + 2 * 9;
    span_t url_row = JOIN(u8(1), u32le((uint32_t)url.length), u32le(base));
    span_t spn_row = JOIN(u8(2), u32le((uint32_t)spn.length), u32le(base + (uint32_t)url.length));
    span_t body = JOIN(u32le(2), spn_first ? spn_row : url_row, spn_first ? url_row : spn_row, url, spn);
    return JOIN(u8(TOKEN_FEDAUTHINFO), u32le((uint32_t)body.length), body);
}

static span_t features(span_t rows)
{
    return JOIN(u8(TOKEN_FEATUREEXTACK), rows, u8(0xFF));
}

static span_t feature(unsigned id, span_t data)
{
    return JOIN(u8(id), u32le((uint32_t)data.length), data);
}

/* ENVCHANGE 15: the length field says 1, and DWORD-counted data follows all the same. */
static span_t promote(size_t length)
{
    return JOIN(u8(TOKEN_ENVCHANGE), u16le(1), u8(15), u32le((uint32_t)length), zeros(length), u8(0));
}

static void login_response_of_babelfish_is_read(void **state)
{
    (void)state;
    response_t r = read_packet(loginack_response);
    assert_true(r.has_loginack && r.fully_read && r.has_collation);
    assert_false(r.cut || r.has_sspi || r.has_routing || r.has_fedauthinfo || r.done_error);
    assert_int_equal(r.error_count, 0);
    assert_int_equal(r.loginack.tds_version, 0x74000004);
    assert_memory_equal(r.loginack.version, ((uint8_t[]){12, 0, 0x07, 0xD0}), 4);
    assert_utf16(r.database, "shop");
    assert_utf16(r.language, "us_english");
    assert_utf16(r.info_server, "BABELFISH");
    assert_memory_equal(r.collation, ((uint8_t[]){0x09, 0x04, 0xD0, 0x00, 0x34}), 5);
}

/* TDS 7.1: 2-byte line numbers and a DONE of 8 bytes, also when 7.2's were assumed at first. */
static void login_response_of_7_1_is_read(void **state)
{
    (void)state;
    const token_format_t assumed[] = {narrow, wide};
    for (size_t i = 0; i < COUNT_OF(assumed); i++) {
        response_t r = read_all(tds_payload(hex(loginack_response_of_7_1)), assumed[i]);
        assert_true(r.has_loginack && r.fully_read);
        assert_false(r.format.wide_done || r.cut);
        assert_int_equal(r.loginack.tds_version, 0x71000001);
        assert_utf16(r.database, "shop");
        assert_utf16(r.info_server, "BABELFISH");
    }
}

/* Microsoft's own test server: FEATUREEXTACK with FEDAUTH, a product version of 11.0.1083. */
static void login_response_with_features_is_read(void **state)
{
    (void)state;
    response_t r = read_packet(loginack_response_fedauth);
    assert_true(r.has_loginack && feature_set_has(&r.features, FEATURE_FEDAUTH) && r.fully_read);
    assert_memory_equal(r.loginack.version, ((uint8_t[]){11, 0, 0x04, 0x3B}), 4);
    assert_utf16(r.packet_size, "4096");
    assert_utf16(r.info_server, "TDSTOOLS");
}

/* routing-ted-noenc, frame 9: "sqlsrv.lab.test", port 1433 (0x0599). */
static void routing_of_the_capture_is_read(void **state)
{
    (void)state;
    response_t r = read_packet(routing_response);
    assert_true(r.has_loginack && r.has_routing);
    assert_int_equal(r.routing.protocol, 0);
    assert_int_equal(r.routing.port, 0x0599);
    assert_utf16(r.routing.host, "sqlsrv.lab.test");
    assert_int_equal(r.routing.database.length, 0);
}

static void refused_login_is_read(void **state)
{
    (void)state;
    response_t r = read_packet(refused_response);
    assert_false(r.has_loginack || r.cut);
    assert_true(r.done_error && r.fully_read);
    assert_int_equal(r.error_count, 1);
    assert_int_equal(r.errors[0].number, 18456);
    assert_int_equal(r.errors[0].state, 1);
    assert_int_equal(r.errors[0].class_, 14);
    assert_utf16(r.errors[0].message, "Login failed for user \"app_user\"");
    assert_utf16(r.errors[0].server, "BABELFISH");
    assert_int_equal(r.errors[0].line, 1);
    assert_true(r.errors[0].readable);
}

static void sql_error_is_read(void **state)
{
    (void)state;
    response_t r = read_packet(error_response);
    assert_int_equal(r.errors[0].number, 8134);
    assert_int_equal(r.errors[0].class_, 16);
    assert_utf16(r.errors[0].message, "division by zero");
    assert_true(r.done_error);
}

static void attention_and_reset_are_acknowledged(void **state)
{
    (void)state;
    response_t ack = read_packet(attention_ack_response), reset = read_packet(reset_response);
    assert_true(ack.attention_ack && ack.fully_read && !ack.done_error);
    assert_true(reset.fully_read && !reset.attention_ack && !reset.done_error);
    assert_utf16(reset.language, "us_english");
}

static void sspi_is_handed_on(void **state)
{
    (void)state;
    response_t r = read_packet(ntlm_challenge_response);
    assert_true(r.has_sspi && r.fully_read && !r.has_loginack);
    assert_int_equal(r.sspi.length, 0xB2);
    assert_true(span_starts_with(r.sspi, text("NTLMSSP")));
}

/* The server's last token may stand in the message of LOGINACK. */
static void sspi_beside_loginack_is_read(void **state)
{
    (void)state;
    response_t r =
        read_all(JOIN(token(TOKEN_SSPI, hex("A1 07 3005A0030A0100")), loginack(0x74000004), done(0, wide)), wide);
    assert_true(r.has_sspi && r.has_loginack && r.fully_read);
}

/* MS-TDS 2.2.7.14: big-endian, and other numbers than LOGIN7's for 7.0 and 7.1. */
static void versions_of_loginack(void **state)
{
    (void)state;
    static const struct {
        uint32_t on_the_wire, tds_version;
        const char *name;
        bool wide_done;
    } rows[] = {
        {0x07000000, 0x70000000, "7.0", false}, {0x07010000, 0x71000000, "7.1", false},
        {0x71000001, 0x71000001, "7.1", false}, {0x72090002, 0x72090002, "7.2", true},
        {0x730A0003, 0x730A0003, "7.3A", true}, {0x730B0003, 0x730B0003, "7.3B", true},
        {0x74000004, 0x74000004, "7.4", true},  {0x08000000, 0x08000000, "8.0", true},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        token_format_t format = {.wide_done = rows[i].wide_done, .wide_text = true};
        token_format_t other = {.wide_done = !rows[i].wide_done, .wide_text = true};
        response_t r = read_all(JOIN(loginack(rows[i].on_the_wire), done(0, format)), other);
        assert_true(r.has_loginack && r.fully_read && !r.cut);
        assert_int_equal(r.loginack.tds_version, rows[i].tds_version);
        assert_int_equal(r.format.wide_done, rows[i].wide_done);
        assert_string_equal(tds_version_name(r.loginack.tds_version), rows[i].name);
        assert_int_equal(token_format_of(rows[i].tds_version).wide_done, rows[i].wide_done);
    }
    assert_string_equal(tds_version_name(0x04020000), "4.2");
    assert_string_equal(tds_version_name(0x05000000), "5.0");
    assert_null(tds_version_name(0x75000000));
    assert_null(tds_version_name(0));
}

/* Two DONE of one width, read with the other, would end out of step. */
static void done_has_the_width_of_its_version(void **state)
{
    (void)state;
    const token_format_t formats[] = {wide, narrow};
    for (size_t i = 0; i < COUNT_OF(formats); i++) {
        span_t message = JOIN(done(0x0001, formats[i]), done(0x0020, formats[i]));
        assert_true(read_all(message, formats[i]).attention_ack);
        assert_true(read_all(message, formats[i]).fully_read);
        assert_false(read_all(message, formats[1 - i]).fully_read);
    }
}

static void status_bits_of_done(void **state)
{
    (void)state;
    static const struct {
        unsigned status;
        bool error, attention;
    } rows[] = {{0x0000, false, false}, {0x0001, false, false}, {0x0002, true, false}, {0x0010, false, false},
                {0x0020, false, true},  {0x0022, true, true},   {0x0100, true, false}};
    static const unsigned family[] = {TOKEN_DONE, TOKEN_DONEPROC, TOKEN_DONEINPROC};
    for (size_t i = 0; i < COUNT_OF(rows) * COUNT_OF(family); i++) {
        span_t message = patched(done(rows[i / 3].status, wide), 0, u8(family[i % 3]));
        response_t r = read_all(message, wide);
        assert_true(r.fully_read);
        assert_int_equal(r.done_error, rows[i / 3].error);
        assert_int_equal(r.attention_ack, rows[i / 3].attention);
    }
}

static void line_number_has_the_width_of_its_version(void **state)
{
    (void)state;
    span_t wide_one = token(TOKEN_ERROR, error_body(208, 16, "x", u32le(70000)));
    span_t narrow_one = token(TOKEN_ERROR, error_body(208, 16, "x", u16le(700)));
    assert_int_equal(read_all(wide_one, wide).errors[0].line, 70000);
    assert_int_equal(read_all(narrow_one, narrow).errors[0].line, 700);
    assert_int_equal(read_all(narrow_one, wide).errors[0].line, 0);
    assert_true(read_all(narrow_one, wide).errors[0].readable); /* its number is */
    assert_false(read_all(hex("AA 2000 D000 0000 01"), wide).errors[0].readable);
}

static void errors_keep_their_order(void **state)
{
    (void)state;
    span_t message = JOIN(error(4060), error(18456), error(8134), done(2, wide));
    response_t r = read_all(message, wide);
    static const uint32_t expected[] = {4060, 18456, 8134};
    assert_int_equal(r.error_count, COUNT_OF(expected));
    for (size_t i = 0; i < COUNT_OF(expected); i++) {
        assert_int_equal(r.errors[i].number, expected[i]);
        assert_utf16(r.errors[i].server, "SQL1");
        assert_int_equal(r.errors[i].line, 7);
    }
}

static void errors_past_the_eighth_are_counted(void **state)
{
    (void)state;
    span_t message = span_none();
    for (uint32_t number = 1; number <= RESPONSE_ERRORS + 3; number++) {
        message = JOIN(message, error(number));
    }
    response_t r = read_all(JOIN(message, done(2, wide)), wide);
    assert_int_equal(r.error_count, RESPONSE_ERRORS + 3);
    assert_int_equal(r.errors[RESPONSE_ERRORS - 1].number, RESPONSE_ERRORS);
    assert_true(r.fully_read && r.done_error);
}

static void an_info_is_no_error(void **state)
{
    (void)state;
    span_t first = token(TOKEN_INFO, error_body(5701, 10, "Changed", u32le(1)));
    span_t second = JOIN(u32le(5703), u8(1), u8(10), us_varchar(""), b_varchar("OTHER"), b_varchar(""), u32le(1));
    response_t r = read_all(JOIN(first, token(TOKEN_INFO, second), done(0, wide)), wide);
    assert_int_equal(r.error_count, 0);
    assert_utf16(r.info_server, "SQL1"); /* of the first */
}

static void routing_20_and_21_are_read(void **state)
{
    (void)state;
    span_t plain = token(TOKEN_ENVCHANGE, routing_body(20, span_none()));
    span_t enhanced = token(TOKEN_ENVCHANGE, routing_body(21, us_varchar("sales")));
    const struct {
        span_t token;
        const char *database;
    } rows[] = {{plain, ""}, {enhanced, "sales"}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        response_t r = read_all(JOIN(loginack(0x74000004), rows[i].token, done(0, wide)), wide);
        assert_true(r.has_routing && r.has_loginack && r.fully_read);
        assert_int_equal(r.routing.protocol, 0);
        assert_int_equal(r.routing.port, 1444);
        assert_utf16(r.routing.host, "node7.lab.test");
        assert_utf16(r.routing.database, rows[i].database);
    }
}

/* Cut before its port a routing leads nowhere. */
static void a_cut_routing_is_none(void **state)
{
    (void)state;
    span_t message = token(TOKEN_ENVCHANGE, routing_body(20, span_none()));
    const size_t behind_port = 3 + 1 + 2 + 1 + 2;
    assert_false(read_all(span_part(message, 0, behind_port - 1), wide).has_routing);
    assert_true(read_all(span_part(message, 0, behind_port), wide).has_routing);
}

/* A message ends with its end only. */
static void a_cut_message_is_a_beginning(void **state)
{
    (void)state;
    span_t message = token(TOKEN_ERROR, error_body(18456, 14, "Login failed for user 'bob'.", u32le(1)));
    response_t r = read_all(span_part(message, 0, 3 + 8 + 2 * 12), wide);
    assert_int_equal(r.errors[0].number, 18456);
    assert_utf16(r.errors[0].message, "Login failed");
    assert_true(r.errors[0].message.cut && r.errors[0].server.cut && !r.errors[0].has_line);
    assert_int_equal(r.errors[0].server.length, 0);
}

static void environment_changes_are_told_apart(void **state)
{
    (void)state;
    span_t message = span_none();
    static const uint8_t types[] = {ENV_DATABASE, ENV_LANGUAGE, ENV_PACKET_SIZE, ENV_MIRROR_PARTNER, ENV_USER_INSTANCE};
    static const char *const values[] = {"sales", "Deutsch", "8000", "partner", "pipe"};
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        message = JOIN(message, token(TOKEN_ENVCHANGE, JOIN(u8(types[i]), b_varchar(values[i]), b_varchar("old"))));
    }
    response_t r = read_all(message, wide);
    const span_t read[] = {r.database, r.language, r.packet_size, r.mirror_partner, r.user_instance};
    for (size_t i = 0; i < COUNT_OF(read); i++) {
        assert_utf16(read[i], values[i]);
    }
    assert_false(r.has_collation || r.has_routing);
    assert_true(r.fully_read);
}

/* The walk must come out behind the token, whatever its length field says. */
static void promote_is_longer_than_it_says(void **state)
{
    (void)state;
    static const size_t lengths[] = {0, 1, 37, 300};
    for (size_t i = 0; i < COUNT_OF(lengths); i++) {
        response_t r = read_all(JOIN(promote(lengths[i]), error(3), done(2, wide)), wide);
        assert_true(r.fully_read && !r.cut);
        assert_int_equal(r.error_count, 1);
        assert_int_equal(r.errors[0].number, 3);
    }
    response_t lying = read_all(JOIN(hex("E3 0100 0F FFFFFFFF"), done(0, wide)), wide);
    assert_true(lying.cut && !lying.fully_read);
}

/* FEATUREEXTACK has no length of its own. */
static void features_end_at_their_terminator(void **state)
{
    (void)state;
    span_t rows = JOIN(feature(0x0A, u8(1)), feature(0x02, zeros(32)), feature(0x01, hex("FDFD")));
    response_t r = read_all(JOIN(loginack(0x74000004), features(rows), done(2, wide)), wide);
    assert_features(&r.features, "SESSIONRECOVERY FEDAUTH UTF8_SUPPORT");
    assert_true(r.done_error && r.fully_read);
    r = read_all(JOIN(features(feature(0x0A, u8(1))), done(0, wide)), wide);
    assert_features(&r.features, "UTF8_SUPPORT");
    assert_true(r.fully_read);
    r = read_all(JOIN(features(span_none()), done(0, wide)), wide);
    assert_features(&r.features, "");
    assert_true(r.fully_read);
    r = read_all(JOIN(loginack(0x74000004), u8(TOKEN_FEATUREEXTACK), rows), wide); /* its end is not there */
    assert_features(&r.features, "SESSIONRECOVERY FEDAUTH UTF8_SUPPORT ...");
}

static void fedauthinfo_stands_in_either_order(void **state)
{
    (void)state;
    for (int spn_first = 0; spn_first <= 1; spn_first++) {
        response_t r = read_all(fedauth_info(spn_first == 1), wide);
        assert_true(r.has_fedauthinfo && r.fully_read);
        assert_utf16(r.fedauth_sts, "https://login.lab.test/");
        assert_utf16(r.fedauth_spn, "https://db.lab.test/");
    }
}

/* Offsets and counts that point out of the token give nothing. */
static void fedauthinfo_may_lie(void **state)
{
    (void)state;
    span_t far = JOIN(u32le(0xFFFFFFFF), u8(1), u32le(0xFFFFFFFF), u32le(0xFFFFFFF0));
    response_t r = read_all(JOIN(u8(TOKEN_FEDAUTHINFO), u32le((uint32_t)far.length), far), wide);
    assert_true(r.has_fedauthinfo);
    assert_int_equal(r.fedauth_sts.length, 0);
}

static void tokens_without_facts_are_stepped_over(void **state)
{
    (void)state;
    const span_t skipped[] = {
        JOIN(u8(TOKEN_RETURNSTATUS), u32le(0)),
        token(TOKEN_ORDER, hex("0100")),
        token(TOKEN_TABNAME, hex("0000")),
        token(TOKEN_COLINFO, hex("010100")),
        JOIN(u8(TOKEN_SESSIONSTATE), u32le(5), zeros(5)),
    };
    for (size_t i = 0; i < COUNT_OF(skipped); i++) {
        response_t r = read_all(JOIN(skipped[i], error(9), done(2, wide)), wide);
        assert_int_equal(r.error_count, 1);
        assert_true(r.fully_read);
    }
}

/* Rows need the columns' types: the walk ends there and says so, and nothing behind is made up. */
static void the_walk_ends_at_rows(void **state)
{
    (void)state;
    static const uint8_t ends[] = {
        TOKEN_COLMETADATA, TOKEN_ALTMETADATA, TOKEN_RETURNVALUE, TOKEN_ROW, TOKEN_NBCROW, 0x00, 0x42};
    for (size_t i = 0; i < COUNT_OF(ends); i++) {
        response_t r = read_all(JOIN(error(1), u8(ends[i]), error(2), done(2, wide)), wide);
        assert_int_equal(r.error_count, 1);
        assert_false(r.fully_read || r.done_error || r.cut);
    }
}

static void no_token_at_all(void **state)
{
    (void)state;
    response_t r = read_all(span_none(), wide);
    assert_true(r.fully_read);
    response_read(span_none(), 12, wide, &r);
    assert_true(r.cut && !r.fully_read);
}

/* Behind rows that nobody walked, the last bytes tell how a response ended. */
static void final_done_is_found_at_the_end(void **state)
{
    (void)state;
    static const struct {
        const char *tail;
        bool wide_done, found;
        uint16_t status;
    } rows[] = {
        {"D104 FD 0000 C100 0300000000000000", true, true, 0x0000},
        {"D104 FD 2000 FD00 0000000000000000", true, true, 0x0020},
        {"FE 8200 E000 0000000000000000", true, true, 0x0082},
        {"FD 1000 C100 03000000", false, true, 0x0010},
        {"FD 0100 C100 0300000000000000", true, false, 0}, /* more follows */
        {"FF 0000 C100 0300000000000000", true, false, 0}, /* DONEINPROC never ends a response */
        {"D104 4100 C100 0300000000000000", true, false, 0},
        {"FD 0000 C100 03000000", true, false, 0}, /* too short */
        {"", true, false, 0},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        uint16_t status = 0;
        token_format_t format = {.wide_done = rows[i].wide_done};
        assert_int_equal(response_final_done(hex(rows[i].tail), format, &status), rows[i].found);
        assert_true(!rows[i].found || status == rows[i].status);
    }
}

static void a_response_fits_the_format_that_it_was_written_in(void **state)
{
    (void)state;
    static const token_format_t old = {.wide_done = false, .wide_text = false};
    span_t texts = JOIN(u32le(245), u8(1), u8(16), u16le(5), hex("77726F6E67"), u8(0), u8(0));
    span_t of_7_2 = JOIN(error(50000), done(DONE_ERROR, wide));
    span_t of_7_1 =
        JOIN(done(1, narrow), token(TOKEN_ERROR, error_body(50000, 16, "wrong", u16le(7))), done(0, narrow));
    span_t of_4_2 = JOIN(token(TOKEN_COLNAME, hex("0161")), token(TOKEN_COLFMT, hex("00000000")),
                         token(TOKEN_ERROR, JOIN(texts, u16le(1))), done(DONE_ERROR, old));
    assert_true(response_fits(of_7_2, wide) && !response_fits(of_7_2, narrow) && !response_fits(of_7_2, old));
    assert_true(response_fits(of_7_1, narrow) && !response_fits(of_7_1, wide) && !response_fits(of_7_1, old));
    assert_true(response_fits(of_4_2, old) && !response_fits(of_4_2, wide) && !response_fits(of_4_2, narrow));
    assert_false(response_fits(span_none(), wide));
    assert_false(response_fits(error(50000), wide)); /* no DONE */
    for (size_t length = 0; length < of_7_2.length; length++) {
        assert_false(response_fits(span_part(of_7_2, 0, length), wide));
    }
    assert_int_equal(read_all(of_4_2, old).errors[0].number, 245);
}

static span_t sybase_loginack(unsigned status)
{
    return token(TOKEN_LOGINACK, JOIN(u8(status), hex("05000000"), u8(3), hex("415345"), hex("0F000000")));
}

static void a_login_of_tds_5_may_be_refused_by_its_loginack(void **state)
{
    (void)state;
    static const token_format_t old = {.wide_done = false, .wide_text = false};
    span_t eed = token(TOKEN_EED, JOIN(u32le(4002), u8(1), u8(14), u8(5), hex("5A5A5A5A5A"), u8(0), u16le(1), u16le(5),
                                       hex("77726F6E67"), u8(3), hex("535942"), u8(0), u16le(0)));
    response_t refused = read_all(JOIN(sybase_loginack(6), eed, done(DONE_ERROR, old)), old);
    assert_false(refused.has_loginack);
    assert_int_equal(refused.error_count, 1);
    assert_int_equal(refused.errors[0].number, 4002);
    assert_int_equal(refused.errors[0].message.length, 5);
    assert_true(refused.errors[0].has_line);
    assert_false(read_all(JOIN(sybase_loginack(7), done(0, old)), old).has_loginack);
    response_t confirmed = read_all(JOIN(token(TOKEN_CAPABILITY, zeros(22)), sybase_loginack(5), done(0, old)), old);
    assert_true(confirmed.has_loginack && confirmed.fully_read);
    assert_int_equal(confirmed.loginack.tds_version, 0x05000000);
}

static void errors_behind_rows_are_found_from_the_end(void **state)
{
    (void)state;
    span_t rows = hex("D1 AA 04 00 AA AA 0000 D1 AA");
    span_t error = token(TOKEN_ERROR, error_body(1205, 13, "x", u32le(7)));
    span_t other = token(TOKEN_ERROR, error_body(3621, 13, "y", u32le(8)));
    span_t end = done(DONE_ERROR, wide);
    response_t r = {.format = wide};
    response_read_behind_rows(JOIN(rows, error, other, end), &r);
    assert_int_equal(r.error_count, 2);
    assert_int_equal(r.errors[0].number, 1205);
    assert_int_equal(r.errors[1].number, 3621);

    response_t none = {.format = wide};
    response_read_behind_rows(JOIN(rows, error, u8(0x00), end), &none); /* nothing leads from it to the end */
    response_read_behind_rows(JOIN(rows, end), &none);
    response_read_behind_rows(span_none(), &none);
    assert_int_equal(none.error_count, 0);
}

typedef struct {
    span_t span[11];
} spans_t;

static spans_t spans_of(const response_t *r)
{
    return (spans_t){{r->sspi, r->fedauth_sts, r->fedauth_spn, r->routing.host, r->routing.database, r->info_server,
                      r->database, r->language, r->packet_size, r->mirror_partner, r->user_instance}};
}

static void assert_error_is_lesser(const error_token_t *part, const error_token_t *whole, span_t bytes)
{
    assert_cut_of(part->message, bytes, whole->message);
    assert_cut_of(part->server, bytes, whole->server);
    assert_true(part->number == 0 || part->number == whole->number);
    assert_true(part->class_ == 0 || part->class_ == whole->class_);
    assert_true(part->line == 0 || part->line == whole->line);
    assert_true(part->readable <= whole->readable);
}

static void assert_response_is_lesser(const response_t *part, const response_t *whole, span_t bytes)
{
    spans_t of_part = spans_of(part), of_whole = spans_of(whole);
    for (size_t i = 0; i < COUNT_OF(of_part.span); i++) {
        assert_cut_of(of_part.span[i], bytes, of_whole.span[i]);
    }
    assert_true(part->has_loginack <= whole->has_loginack && part->has_routing <= whole->has_routing);
    assert_true(part->has_sspi <= whole->has_sspi);
    assert_true(part->has_fedauthinfo <= whole->has_fedauthinfo);
    assert_features_are_lesser(&part->features, &whole->features);
    assert_true(part->attention_ack <= whole->attention_ack && part->done_error <= whole->done_error);
    assert_true(part->has_collation <= whole->has_collation);
    assert_true(part->loginack.tds_version == 0 || part->loginack.tds_version == whole->loginack.tds_version);
    assert_true(part->routing.port == 0 || part->routing.port == whole->routing.port);
    assert_true(part->error_count <= whole->error_count);
    for (unsigned i = 0; i < part->error_count && i < RESPONSE_ERRORS; i++) {
        assert_error_is_lesser(&part->errors[i], &whole->errors[i], bytes);
    }
}

static void response_trial(span_t bytes, const void *whole)
{
    const response_t *all = whole;
    for (int i = 0; i < 2; i++) {
        response_t r;
        response_read(bytes, bytes.length, i == 0 ? wide : narrow, &r);
        spans_t spans = spans_of(&r);
        for (size_t j = 0; j < COUNT_OF(spans.span); j++) {
            assert_within(spans.span[j], bytes);
        }
        uint16_t status;
        (void)response_final_done(bytes, i == 0 ? wide : narrow, &status);
    }
    if (all != NULL) {
        response_t r;
        response_read(bytes, bytes.length + 1, wide, &r);
        assert_true(r.cut && !r.fully_read);
        assert_response_is_lesser(&r, all, bytes);
    }
}

static void a_cut_response_says_less(void **state)
{
    (void)state;
    const span_t messages[] = {
        tds_payload(hex(loginack_response)),
        tds_payload(hex(loginack_response_fedauth)),
        tds_payload(hex(routing_response)),
        tds_payload(hex(refused_response)),
        tds_payload(hex(reset_response)),
        tds_payload(hex(ntlm_challenge_response)),
        fedauth_info(true),
        JOIN(token(TOKEN_ENVCHANGE, routing_body(21, us_varchar("sales"))), promote(20), error(1), error(2)),
        JOIN(features(JOIN(feature(0x02, zeros(32)), feature(0x01, zeros(9)))), done(0x22, wide)),
    };
    for (size_t i = 0; i < COUNT_OF(messages); i++) {
        response_t all = read_all(messages[i], wide);
        for_every_cut(messages[i], response_trial, &all);
        for_every_change(messages[i], response_trial);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(login_response_of_babelfish_is_read),
        cmocka_unit_test(login_response_of_7_1_is_read),
        cmocka_unit_test(login_response_with_features_is_read),
        cmocka_unit_test(routing_of_the_capture_is_read),
        cmocka_unit_test(refused_login_is_read),
        cmocka_unit_test(sql_error_is_read),
        cmocka_unit_test(attention_and_reset_are_acknowledged),
        cmocka_unit_test(sspi_is_handed_on),
        cmocka_unit_test(sspi_beside_loginack_is_read),
        cmocka_unit_test(versions_of_loginack),
        cmocka_unit_test(done_has_the_width_of_its_version),
        cmocka_unit_test(status_bits_of_done),
        cmocka_unit_test(line_number_has_the_width_of_its_version),
        cmocka_unit_test(errors_keep_their_order),
        cmocka_unit_test(errors_past_the_eighth_are_counted),
        cmocka_unit_test(an_info_is_no_error),
        cmocka_unit_test(routing_20_and_21_are_read),
        cmocka_unit_test(a_cut_routing_is_none),
        cmocka_unit_test(a_cut_message_is_a_beginning),
        cmocka_unit_test(environment_changes_are_told_apart),
        cmocka_unit_test(promote_is_longer_than_it_says),
        cmocka_unit_test(features_end_at_their_terminator),
        cmocka_unit_test(fedauthinfo_stands_in_either_order),
        cmocka_unit_test(fedauthinfo_may_lie),
        cmocka_unit_test(tokens_without_facts_are_stepped_over),
        cmocka_unit_test(the_walk_ends_at_rows),
        cmocka_unit_test(no_token_at_all),
        cmocka_unit_test(final_done_is_found_at_the_end),
        cmocka_unit_test(a_response_fits_the_format_that_it_was_written_in),
        cmocka_unit_test(a_login_of_tds_5_may_be_refused_by_its_loginack),
        cmocka_unit_test(errors_behind_rows_are_found_from_the_end),
        cmocka_unit_test(a_cut_response_says_less),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
