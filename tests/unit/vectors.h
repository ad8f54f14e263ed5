/* vectors.h - bytes for the unit tests: taken from real captures, or put together by hand, and cut or
 * changed.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Every span made here lives as long as the test program: in an arena; what a trial makes is gone after it.
 * Only the copies of for_every_cut and for_every_change lie on the heap, each exactly as long as its bytes,
 * so that AddressSanitizer sees a read past them.
 */
#ifndef TDSCONN_VECTORS_H
#define TDSCONN_VECTORS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bytes.h"
#include "feature.h"

/* cmocka 1, which knows unsigned ranges only. */
#ifndef assert_uint_in_range
#define assert_uint_in_range assert_in_range
#endif

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* Bytes as hexadecimal digits; blanks between them are for the reader. */
span_t hex(const char *digits);
span_t text(const char *ascii);  /* without its NUL */
span_t utf16(const char *ascii); /* UTF-16LE */
span_t u8(unsigned value);
span_t u16le(unsigned value);
span_t u16be(unsigned value);
span_t u32le(uint32_t value);
span_t zeros(size_t length);
span_t b_varchar(const char *ascii);  /* MS-TDS 2.2.5.1.1: 1-byte character count */
span_t us_varchar(const char *ascii); /* 2-byte character count */
span_t der(unsigned tag, span_t body);

span_t joined(size_t count, const span_t *parts);
#define JOIN(...) joined(COUNT_OF(((span_t[]){__VA_ARGS__})), (span_t[]){__VA_ARGS__})

/* A copy with `with` written over the bytes from `offset` on. */
span_t patched(span_t bytes, size_t offset, span_t with);

/* What the TDS packets in these bytes carry, without their headers. */
span_t tds_payload(span_t packets);

#define assert_spans(actual, expected)                                                                                 \
    do {                                                                                                               \
        span_t actual_ = (actual), expected_ = (expected);                                                             \
        assert_int_equal(actual_.length, expected_.length);                                                            \
        if (expected_.length > 0) {                                                                                    \
            assert_memory_equal(actual_.at, expected_.at, expected_.length);                                           \
        }                                                                                                              \
    } while (0)

#define assert_utf16(actual, ascii) assert_spans(actual, utf16(ascii))
#define assert_text(actual, ascii)  assert_spans(actual, text(ascii))

/* A span read from `bytes` points into them and is what the whole message has there, or marked as its beginning. */
#define assert_cut_of(part, bytes, whole)                                                                              \
    do {                                                                                                               \
        assert_within(part, bytes);                                                                                    \
        assert_true(span_starts_with(whole, part));                                                                    \
        assert_true((part).length == 0 || (part).cut == ((part).length < (whole).length));                             \
    } while (0)

#define assert_within(part, bytes) assert_true(span_is_within(part, bytes))
bool span_is_within(span_t part, span_t bytes);

/* The names of the features in the order of their ids, a blank between; behind them "..." where the list is cut. */
void assert_features(const feature_set_t *features, const char *expected);

/* What a cut list has, the whole one has, too. */
void assert_features_are_lesser(const feature_set_t *part, const feature_set_t *whole);

/* One trial on a copy of a message; `whole` is what its parser made of all of it. */
typedef void (*trial_t)(span_t bytes, const void *whole);

/* The first n bytes alone, for every n from 0 to all of them. */
void for_every_cut(span_t bytes, trial_t trial, const void *whole);

/* Every byte in turn made 0, 0xFF, and itself with its lowest and its highest bit changed. */
void for_every_change(span_t bytes, trial_t trial);

/* From the captures of captures/README.md; the comment in vectors.c tells capture and frame. TDS packets
 * stand with their headers. */
extern const char prelogin_freetds[];
extern const char prelogin_babelfish[];
extern const char prelogin_sqlclient[];
extern const char prelogin_fedauth_server[];
extern const char login7_freetds[];
extern const char login7_sqlclient[];
extern const char login7_of_7_1[];
extern const char login7_of_7_0[];
extern const char login7_ntlm[];
extern const char login7_kerberos[];
extern const char login7_fedauth[];
extern const char login_of_4_2[];
extern const char login_of_5_0[];
extern const char ntlm_challenge_response[];
extern const char ntlm_authenticate[];
extern const char ntlm_v1_authenticate[];
extern const char kerberos_response[];
extern const char loginack_response[];
extern const char loginack_response_of_7_1[];
extern const char loginack_response_fedauth[];
extern const char routing_response[];
extern const char refused_response[];
extern const char error_response[];
extern const char attention_ack_response[];
extern const char reset_response[];
extern const char smp_syn_and_data[];
extern const char smp_ack[];
extern const char smp_fin_and_data[];
extern const char client_hello_in_tds[];
extern const char server_flight_in_tds[];
extern const char client_keys_in_tds[];
extern const char server_finished_in_tds[];
extern const char alert_in_tds[];
extern const char client_hello_tds8[];
extern const char server_hello_tds8[];

#endif
