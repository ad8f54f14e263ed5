/* tds_test.c - the TDS packet header, the units of the byte stream, PRELOGIN.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "vectors.h"

#include <string.h>

#include "tds.h"

/* MS-TDS 4.1, "Pre-Login Request": all of the packet. */
static const char prelogin_of_the_specification[] = "12 01 002F 0000 01 00 00 001A 0006 01 0020 0001 02 0021 0001 "
                                                    "03 0022 0004 04 0026 0001 FF 090000000000 01 00 B80D0000 01";

static void header_holds_its_fields(void **state)
{
    (void)state;
    tds_header_t header;
    assert_true(tds_header_parse(hex("04 01 0196 0039 02 00"), &header));
    assert_int_equal(header.type, TDS_RESPONSE);
    assert_int_equal(header.status, TDS_EOM);
    assert_int_equal(header.length, 0x0196);
    assert_int_equal(header.spid, 57);
    assert_int_equal(header.packet_id, 2);
    assert_int_equal(header.window, 0);
}

static void header_trial(span_t bytes, const void *whole)
{
    (void)whole;
    tds_header_t header;
    assert_int_equal(tds_header_parse(bytes, &header), bytes.length >= TDS_HEADER_LENGTH);
}

static void header_needs_eight_bytes(void **state)
{
    (void)state;
    for_every_cut(hex("04 01 0196 0039 02 00 AA"), header_trial, NULL);
}

/* MS-TDS 2.2.3.1: what a header may say, and what shows that this is none. */
static void header_is_judged(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        bool plausible;
    } rows[] = {
        {"01 01 0008 0000 00 00", true},
        {"12 01 003A 0000 00 00", true},
        {"01 09 0044 0000 01 00", true}, /* RESETCONNECTION */
        {"01 10 0044 0000 01 00", true}, /* RESETCONNECTIONSKIPTRAN */
        {"06 01 0008 0000 01 00", true},
        {"0F 01 0200 0000 00 00", true}, /* TDS 5.0 */
        {"04 01 7FFF 0033 01 00", true},
        {"01 01 0007 0000 00 00", false}, /* shorter than itself */
        {"01 01 8100 0000 00 00", false}, /* longer than a packet may be */
        {"01 20 0044 0000 01 00", false}, /* a status bit that nobody has */
        {"01 01 0044 0000 01 01", false}, /* window */
        {"00 01 0044 0000 01 00", false},
        {"05 01 0044 0000 01 00", false}, /* unused types */
        {"09 01 0044 0000 01 00", false},
        {"0D 01 0044 0000 01 00", false},
        {"13 01 0044 0000 01 00", false},
        {"FF 01 0044 0000 01 00", false},
        {"01 01 00 44", true}, /* four bytes are enough to judge, what is missing is not held against it */
        {"01 01 00", false},
        {"", false},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_int_equal(tds_header_plausible(hex(rows[i].bytes)), rows[i].plausible);
    }
}

/* MS-TDS 2.2.3.1.2, 2.2.3.1.6: what a receiver ignores makes no header less of one. */
static void a_header_that_is_due_is_one_for_what_a_receiver_reads(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        uint32_t length; /* 0 = none */
    } rows[] = {
        {"06 01 0008 2CF4 01 02", 8}, /* ATTENTION as MDAC sends it: a SPID, a window */
        {"01 A1 0044 0000 01 00", 0x44},
        {"01 01 FFFF 0000 01 00", 0xFFFF},
        {"00 01 006F 0000 01 00", 0x6F}, /* a type that nobody uses */
        {"01 01 0007 0000 00 00", 0},    /* shorter than itself */
        {"13 01 0044 0000 01 00", 0},
        {"48 54 54 50 2F 31 2E 31", 0},
        {"01 01 00 44", 0}, /* too few bytes to tell a unit */
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        span_t bytes = hex(rows[i].bytes);
        unit_t unit = unit_due(bytes);
        assert_int_equal(unit.kind, rows[i].length == 0 ? UNIT_NONE : UNIT_TDS);
        assert_int_equal(unit.length, rows[i].length);
        assert_true(rows[i].length == 0 || unit_at(bytes).kind == UNIT_NONE);
    }
}

/* What looks like a unit where nothing is known is the same unit where one is due. */
static void a_unit_is_no_other_where_one_is_due(span_t bytes, const void *whole)
{
    (void)whole;
    unit_t unit = unit_at(bytes);
    unit_t due = unit_due(bytes);
    assert_true(unit.kind == UNIT_NONE || (due.kind == unit.kind && due.length == unit.length));
}

static void due_units_are_units(void **state)
{
    (void)state;
    static const char *const bytes[] = {prelogin_freetds, smp_ack, client_hello_tds8, alert_in_tds};
    for (size_t i = 0; i < COUNT_OF(bytes); i++) {
        for_every_cut(hex(bytes[i]), a_unit_is_no_other_where_one_is_due, NULL);
        for_every_change(hex(bytes[i]), a_unit_is_no_other_where_one_is_due);
    }
}

static void packet_types_have_their_sender(void **state)
{
    (void)state;
    for (unsigned type = 0; type <= 0xFF; type++) {
        static const uint8_t by_client[] = {0x01, 0x02, 0x03, 0x06, 0x07, 0x08, 0x0E, 0x0F, 0x10, 0x11};
        sender_t expected = type == 0x04 ? SENDER_SERVER : SENDER_UNKNOWN;
        for (size_t i = 0; i < sizeof by_client; i++) {
            expected = by_client[i] == type ? SENDER_CLIENT : expected;
        }
        assert_int_equal(tds_type_sender((uint8_t)type), expected);
    }
}

/* Bytes, and the unit that begins with them. */
typedef struct {
    const char *bytes;
    unit_kind_t kind;
    uint32_t length;
} unit_row_t;

static void units_are_told_apart(void **state)
{
    (void)state;
    static const unit_row_t rows[] = {
        {"12 01 003A 00", UNIT_TDS, 58},
        {"04 01 1000 0033 01 00", UNIT_TDS, 4096},
        {"53 08 0000 60000000", UNIT_SMP, 96},
        {"53 01 0000 10000000", UNIT_SMP, 16},
        {"53 03 0000 10000000", UNIT_SMP, 16}, /* bad flags, but the place is right */
        {"53 08 0000 6000", UNIT_SMP, 0},      /* its length is not there yet */
        {"53 00 0000 10000000", UNIT_NONE, 0}, /* no flag */
        {"53 10 0000 10000000", UNIT_NONE, 0}, /* no such flag */
        {"53 08 0000 0F000000", UNIT_NONE, 0}, /* shorter than its header */
        {"53 08 0000 00000001", UNIT_NONE, 0}, /* 16 MB */
        {"53 45 4C45 43542031", UNIT_NONE, 0}, /* "SELECT 1" */
        {"14 0303 0001 01", UNIT_TLS, 6},      /* ChangeCipherSpec, the shortest of all units */
        {"15 0302 0002 02 50", UNIT_TLS, 7},   /* alert */
        {"16 0301 00 B0", UNIT_TLS, 181},
        {"17 0303 4100", UNIT_TLS, 5 + 0x4100}, /* TLS 1.2 adds to the 16 KiB of a record */
        {"17 0303 5000", UNIT_NONE, 0},         /* longer than a record may be */
        {"17 0303 0000", UNIT_NONE, 0},
        {"18 0303 0010", UNIT_NONE, 0}, /* heartbeat: never here */
        {"16 0203 0010", UNIT_NONE, 0},
        {"48 5454502F312E30", UNIT_NONE, 0}, /* "HTTP/1.0" */
        {"00 0000000000000000", UNIT_NONE, 0},
        {"FF FFFFFFFFFFFFFFFF", UNIT_NONE, 0},
        {"12 01 003A", UNIT_NONE, 0}, /* fewer than the five bytes that it needs */
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        unit_t unit = unit_at(hex(rows[i].bytes));
        assert_int_equal(unit.kind, rows[i].kind);
        assert_int_equal(unit.length, rows[i].length);
    }
}

/* Real segments: each is one unit, or several one after the other, and nothing else. */
static void units_fill_real_segments(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        unit_kind_t kind;
        unsigned count;
    } rows[] = {
        {prelogin_freetds, UNIT_TDS, 1},  {login_of_4_2, UNIT_TDS, 2},
        {smp_syn_and_data, UNIT_SMP, 2},  {smp_fin_and_data, UNIT_SMP, 2},
        {smp_ack, UNIT_SMP, 1},           {client_hello_tds8, UNIT_TLS, 1},
        {server_hello_tds8, UNIT_TLS, 2}, {server_flight_in_tds, UNIT_TDS, 1},
        {alert_in_tds, UNIT_TDS, 1},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        span_t rest = hex(rows[i].bytes);
        unsigned count = 0;
        for (; rest.length > 0; count++) {
            unit_t unit = unit_at(rest);
            assert_int_equal(unit.kind, rows[i].kind);
            assert_uint_in_range(unit.length, 1, rest.length);
            rest = span_part(rest, unit.length, rest.length);
        }
        assert_int_equal(count, rows[i].count);
    }
}

static void unit_trial(span_t bytes, const void *whole)
{
    const unit_t *all = whole;
    unit_t unit = unit_at(bytes);
    if (all != NULL && bytes.length >= UNIT_HEAD_LENGTH) {
        assert_int_equal(unit.kind, all->kind);
        assert_true(unit.length == all->length || unit.length == 0);
    }
}

static void a_cut_unit_is_the_same_unit(void **state)
{
    (void)state;
    static const char *const bytes[] = {prelogin_freetds, smp_ack, client_hello_tds8, alert_in_tds};
    for (size_t i = 0; i < COUNT_OF(bytes); i++) {
        unit_t all = unit_at(hex(bytes[i]));
        for_every_cut(hex(bytes[i]), unit_trial, &all);
        for_every_change(hex(bytes[i]), unit_trial);
    }
}

/* What comes first, where nothing but SMP can stand. */
static void among_sessions_the_next_header_is_found(void **state)
{
    (void)state;
    static const unit_row_t rows[] = {
#define ACK_OF_7 "53 02 0700 10000000 05000000 09000000"
        {ACK_OF_7, UNIT_SMP, 16},
        {"53 08 0700 60000000", UNIT_SMP, 96},
        {"53 02 0700 10", UNIT_SMP, 0}, /* its length is not there yet */
        {"53 0A 0700 12000000 05000000 09000000 AABB" ACK_OF_7, UNIT_SMP, 18},

        {"53 00 0700 10000000 05000000 09000000" ACK_OF_7, UNIT_SMP, 16}, /* no flag: its length leads on */
        {"53 10 0700 10000000 05000000 09000000", UNIT_SMP, 16},          /* no such flag; the segment ends there */
        {"53 F8 0700 14000000 05000000 09000000 AABBCCDD" ACK_OF_7, UNIT_SMP, 20},
        {"53 00 0700 14000000 05000000 09000000" ACK_OF_7, UNIT_STRAY, 16}, /* its length does not lead on */
        {"53 00 0700 11000000 05000000 09000000", UNIT_STRAY, 16},
        {"53 02 0700 18000000 05000000 09000000" ACK_OF_7, UNIT_SMP, 16}, /* an ACK has 16 bytes, whatever it says */
        {"53 02 0700 18000000 05000000 09000000 AABBCCDDEEFF0011" ACK_OF_7, UNIT_SMP, 24},
        {"53 02 0700 18000000 05000000 09000000", UNIT_SMP, 16},

        {"54 02 0700 10000000 05000000 09000000" ACK_OF_7, UNIT_STRAY, 16}, /* another SMID */
        {"54 02 0700 10000000 05000000 09000000", UNIT_STRAY, 16},
        {"54", UNIT_STRAY, 1},
        {"54 08 0700 24000000 05000000 09000000" ACK_OF_7 "AABBCCDD" ACK_OF_7, UNIT_STRAY, 36}, /* data like a header */
        {"54 08 0700 60000000 05000000 09000000 0101", UNIT_STRAY, 18},     /* longer than what is there */
        {"53 02 0700 0F000000 05000000 09000000" ACK_OF_7, UNIT_STRAY, 16}, /* shorter than its header */
        {"53 02 0700 00000001 05000000 09000000" ACK_OF_7, UNIT_STRAY, 16}, /* 16 MB */
        {"01 01 0050 0000 01 00 5302" ACK_OF_7, UNIT_STRAY, 10},            /* TDS is nothing that can stand here */
        {"17 0303 0010 AABBCC 53 08 0700 6000", UNIT_STRAY, 14},            /* of the next header too few bytes */
        {"17 0303 0010 AABBCC 53 08 0700 60000000", UNIT_STRAY, 8},
        {"00" ACK_OF_7, UNIT_STRAY, 1},
        {"53 02 0041 DAFCFF" ACK_OF_7, UNIT_STRAY, 23}, /* these eight bytes are a header already */
#undef ACK_OF_7
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        span_t bytes = hex(rows[i].bytes);
        unit_t unit = unit_among_sessions(bytes);
        assert_int_equal(unit.kind, rows[i].kind);
        assert_int_equal(unit.length, rows[i].length);
        unit_t alone = unit_among_sessions(span_part(bytes, 0, unit.length == 0 ? bytes.length : unit.length));
        assert_int_equal(alone.kind, unit.kind);
        assert_int_equal(alone.length, unit.length);
    }
}

static prelogin_t parsed(const char *packet)
{
    prelogin_t prelogin;
    assert_true(prelogin_parse(tds_payload(hex(packet)), &prelogin));
    return prelogin;
}

static void prelogin_of_the_specification_is_read(void **state)
{
    (void)state;
    prelogin_t p = parsed(prelogin_of_the_specification);
    assert_true(p.has_version && p.has_encryption && p.has_instance && p.has_mars);
    assert_false(p.has_trace || p.may_have_fedauth);
    assert_int_equal(p.version[0], 9);
    assert_int_equal(p.encryption, ENCRYPT_ON);
    assert_spans(p.instance, hex("00"));
    assert_true(p.mars);
}

static void prelogin_of_freetds_is_read(void **state)
{
    (void)state;
    prelogin_t p = parsed(prelogin_freetds);
    assert_int_equal(p.encryption, ENCRYPT_NOT_SUP); /* "none (NOT_SUP)" in the captures' README */
    assert_spans(p.instance, JOIN(text("MSSQLServer"), u8(0)));
    assert_true(p.has_mars);
    assert_false(p.mars);
    assert_false(p.may_have_fedauth);
}

/* SqlClient sends every option: FEDAUTHREQUIRED does not mean that it logs in that way. */
static void prelogin_of_sqlclient_is_read(void **state)
{
    (void)state;
    prelogin_t p = parsed(prelogin_sqlclient);
    assert_memory_equal(p.version, ((uint8_t[]){4, 6, 0, 57, 0, 0}), 6);
    assert_int_equal(p.encryption, ENCRYPT_OFF);
    assert_true(p.has_mars && p.has_trace && p.may_have_fedauth);
    assert_false(p.mars);
    assert_spans(span_of(p.connection_id, 16), hex("495c3185e03a6f488c0b912aad67e092"));
    assert_spans(span_of(p.activity_id, 16), hex("152a755469d7bb459efce79968fd668e"));
    assert_int_equal(p.activity_sequence, 1);
}

/* Servers send THREADID and TRACEID with no data at all. */
static void empty_options_are_no_options(void **state)
{
    (void)state;
    prelogin_t p = parsed(prelogin_babelfish);
    assert_memory_equal(p.version, ((uint8_t[]){12, 0, 0x07, 0xD0, 0, 0}), 6);
    assert_int_equal(p.encryption, ENCRYPT_NOT_SUP);
    assert_spans(p.instance, hex("00"));
    assert_true(p.has_mars);
    span_t empty = hex("00 0015 0006 03 001B 0000 05 001B 0000 01 001B 0001 FF 0A0000000000 00");
    assert_true(prelogin_parse(empty, &p));
    assert_true(p.has_version && p.has_encryption);
    assert_false(p.has_trace || p.has_mars || p.has_instance);
}

static void options_stand_in_any_order(void **state)
{
    (void)state;
    prelogin_t p = parsed(prelogin_fedauth_server); /* VERSION, THREADID, MARS, FEDAUTHREQUIRED, ENCRYPTION */
    assert_memory_equal(p.version, ((uint8_t[]){11, 0, 0x04, 0x3B, 0, 0}), 6);
    assert_int_equal(p.encryption, ENCRYPT_ON);
    assert_true(p.may_have_fedauth && p.has_mars);
    assert_false(p.mars);
    /* The data need not stand in the order of the list, and an option that nobody knows is stepped over. */
    assert_true(prelogin_parse(hex("00 001D 0006 04 001C 0001 09 001B 0001 07 0023 0020 01 001A 0001 FF 03 77 01 "
                                   "100003E80000 0102030405060708091011121314151617181920212223242526272829303132"),
                               &p));
    assert_int_equal(p.version[0], 16);
    assert_int_equal(p.encryption, ENCRYPT_REQ);
    assert_true(p.mars);
}

/* The server's INSTOPT is one byte. */
static void wrong_instance_is_read(void **state)
{
    (void)state;
    prelogin_t p;
    assert_true(prelogin_parse(hex("00 000B 0006 02 0011 0001 FF 100003E80000 01"), &p));
    assert_spans(p.instance, hex("01"));
}

/* What else comes in packets of type 0x12 and 0x04. */
static void other_messages_are_no_prelogin(void **state)
{
    (void)state;
    prelogin_t p;
    static const char *const packets[] = {client_hello_in_tds,   server_flight_in_tds, alert_in_tds,
                                          loginack_response,     refused_response,     ntlm_challenge_response,
                                          attention_ack_response};
    for (size_t i = 0; i < COUNT_OF(packets); i++) {
        assert_false(prelogin_parse(tds_payload(hex(packets[i])), &p));
    }
    static const char *const others[] = {
        "",
        "FF", /* a list with nothing in it */
        "00",
        "01 000B 0001 FF",               /* VERSION is not first */
        "00 0006 0004 FF 10000000",      /* VERSION of 4 bytes */
        "00 0000 0006 FF 100003E80000",  /* data inside the list */
        "160303 0040",                   /* TLS */
        "AA 6000 18480000",              /* ERROR */
        "FD 0000 0000 0000000000000000", /* DONE */
        "81 0100 00000000",              /* COLMETADATA */
        "485454502F312E30",
    };
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        assert_false(prelogin_parse(hex(others[i]), &p));
    }
}

static void prelogin_trial(span_t bytes, const void *whole)
{
    const prelogin_t *all = whole;
    prelogin_t p;
    if (!prelogin_parse(bytes, &p)) {
        return;
    }
    assert_within(p.instance, bytes);
    if (all == NULL) {
        return;
    }
    assert_true(all->has_version >= p.has_version && all->has_encryption >= p.has_encryption);
    assert_true(all->has_mars >= p.has_mars && all->has_trace >= p.has_trace);
    assert_true(all->may_have_fedauth <= p.may_have_fedauth && all->may_have_mars <= p.may_have_mars);
    assert_true(all->has_instance >= p.has_instance);
    assert_cut_of(p.instance, bytes, all->instance);
    assert_true(!p.has_version || memcmp(p.version, all->version, sizeof p.version) == 0);
    assert_true(!p.has_encryption || p.encryption == all->encryption);
    assert_true(p.mars <= all->mars);
    assert_true(!p.has_trace || memcmp(p.activity_id, all->activity_id, sizeof p.activity_id) == 0);
}

static void a_cut_prelogin_says_less(void **state)
{
    (void)state;
    static const char *const packets[] = {prelogin_of_the_specification, prelogin_freetds, prelogin_babelfish,
                                          prelogin_sqlclient, prelogin_fedauth_server};
    for (size_t i = 0; i < COUNT_OF(packets); i++) {
        prelogin_t all = parsed(packets[i]);
        span_t message = tds_payload(hex(packets[i]));
        for_every_cut(message, prelogin_trial, &all);
        for_every_change(message, prelogin_trial);
    }
}

/* A capture of 5 bytes less: TRACEID's last bytes are missing, what stands before it is not. */
static void a_cut_prelogin_keeps_what_is_there(void **state)
{
    (void)state;
    span_t message = tds_payload(hex(prelogin_sqlclient));
    prelogin_t p;
    assert_true(prelogin_parse(span_part(message, 0, message.length - 5), &p));
    assert_true(p.has_version && p.has_encryption && p.has_mars);
    assert_false(p.has_trace);
    assert_true(p.may_have_fedauth);
}

static void what_a_cut_prelogin_may_say_is_not_denied(void **state)
{
    (void)state;
    span_t message = tds_payload(hex(prelogin_freetds)); /* MARS is off, nothing of FEDAUTHREQUIRED */
    prelogin_t p;
    assert_true(prelogin_parse(message, &p));
    assert_false(p.may_have_mars || p.may_have_fedauth);
    assert_true(prelogin_parse(span_part(message, 0, message.length - 1), &p)); /* MARS has the last byte */
    assert_true(p.may_have_mars && !p.may_have_fedauth);
    assert_true(prelogin_parse(span_part(message, 0, 8), &p)); /* in the list of options */
    assert_true(p.may_have_mars && p.may_have_fedauth);
}

/* MS-TDS 2.2.6.5: each row is what the client sends, each column a server that has encryption off, forced, or
 * not at all: what it answers, and what comes of it. After NOT_SUP from the server nothing is encrypted, even
 * where the client asked for it: some then close, tedious goes on in clear (captures/README.md). */
static void both_encryption_bytes_decide(void **state)
{
    (void)state;
    static const struct {
        uint8_t client;
        struct {
            uint8_t answer;
            encryption_t encryption;
        } off, forced, none;
    } rows[] = {
#define LOGIN_ONLY ENCRYPTION_LOGIN_ONLY
#define FULL       ENCRYPTION_FULL
#define CLEAR      ENCRYPTION_NONE
#define CLOSED     ENCRYPTION_UNKNOWN
        {0x00, {0x00, LOGIN_ONLY}, {0x03, FULL}, {0x02, CLEAR}}, {0x01, {0x01, FULL}, {0x01, FULL}, {0x02, CLEAR}},
        {0x02, {0x02, CLEAR}, {0x03, CLOSED}, {0x02, CLEAR}},    {0x03, {0x01, FULL}, {0x01, FULL}, {0x02, CLEAR}},
        {0x80, {0x00, LOGIN_ONLY}, {0x03, FULL}, {0x02, CLEAR}}, {0x81, {0x01, FULL}, {0x01, FULL}, {0x02, CLEAR}},
        {0x82, {0x03, CLOSED}, {0x03, CLOSED}, {0x03, CLOSED}},  {0x83, {0x01, FULL}, {0x01, FULL}, {0x02, CLEAR}},
        {0x40, {0x00, LOGIN_ONLY}, {0x43, FULL}, {0x02, CLEAR}}, /* CTAIP, of .NET Framework: masked out */
#undef LOGIN_ONLY
#undef FULL
#undef CLEAR
#undef CLOSED
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_int_equal(prelogin_encryption(rows[i].client, rows[i].off.answer), rows[i].off.encryption);
        assert_int_equal(prelogin_encryption(rows[i].client, rows[i].forced.answer), rows[i].forced.encryption);
        assert_int_equal(prelogin_encryption(rows[i].client, rows[i].none.answer), rows[i].none.encryption);
    }
}

/* Answers that no server may give: the client must end the connection. */
static void encryption_bytes_that_do_not_agree(void **state)
{
    (void)state;
    static const uint8_t pairs[][2] = {{0x01, 0x00}, {0x03, 0x00}, {0x81, 0x00}, {0x02, 0x00},
                                       {0x02, 0x01}, {0x00, 0x04}, {0x01, 0x20}};
    for (size_t i = 0; i < COUNT_OF(pairs); i++) {
        assert_int_equal(prelogin_encryption(pairs[i][0], pairs[i][1]), ENCRYPTION_UNKNOWN);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(header_holds_its_fields),
        cmocka_unit_test(header_needs_eight_bytes),
        cmocka_unit_test(header_is_judged),
        cmocka_unit_test(a_header_that_is_due_is_one_for_what_a_receiver_reads),
        cmocka_unit_test(due_units_are_units),
        cmocka_unit_test(packet_types_have_their_sender),
        cmocka_unit_test(units_are_told_apart),
        cmocka_unit_test(units_fill_real_segments),
        cmocka_unit_test(a_cut_unit_is_the_same_unit),
        cmocka_unit_test(among_sessions_the_next_header_is_found),
        cmocka_unit_test(prelogin_of_the_specification_is_read),
        cmocka_unit_test(prelogin_of_freetds_is_read),
        cmocka_unit_test(prelogin_of_sqlclient_is_read),
        cmocka_unit_test(empty_options_are_no_options),
        cmocka_unit_test(options_stand_in_any_order),
        cmocka_unit_test(wrong_instance_is_read),
        cmocka_unit_test(other_messages_are_no_prelogin),
        cmocka_unit_test(a_cut_prelogin_says_less),
        cmocka_unit_test(a_cut_prelogin_keeps_what_is_there),
        cmocka_unit_test(what_a_cut_prelogin_may_say_is_not_denied),
        cmocka_unit_test(both_encryption_bytes_decide),
        cmocka_unit_test(encryption_bytes_that_do_not_agree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
