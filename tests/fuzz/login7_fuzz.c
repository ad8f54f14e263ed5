/* login7_fuzz.c - for login7_parse, feature_next, old_login_parse.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "fuzz.h"
#include "login7.h"

typedef struct {
    span_t spans[9];
} login_spans_t;

static login_spans_t spans_of(const login7_t *l)
{
    return (login_spans_t){
        {l->host, l->user, l->app, l->server, l->library, l->language, l->database, l->sspi, l->user_agent}};
}

static void try_login7(span_t input)
{
    login7_t whole, part;
    bool is_one = login7_parse(input, &whole);
    login_spans_t all = spans_of(&whole);
    for (size_t i = 0; is_one && i < COUNT_OF(all.spans); i++) {
        CLAIM(is_within(all.spans[i], input));
    }
    span_t cut = cut_new(input);
    if (login7_parse(cut, &part) && is_one && cut.length >= LOGIN7_FIXED_LENGTH) {
        login_spans_t some = spans_of(&part);
        for (size_t i = 0; i < COUNT_OF(some.spans); i++) {
            CLAIM(is_within(some.spans[i], cut));
            CLAIM(is_beginning(some.spans[i], cut, all.spans[i], input));
        }
    }
    cut_free(cut);
}

static void try_old_login(span_t input)
{
    old_login_t login;
    if (old_login_parse(input, &login)) {
        span_t spans[] = {login.host, login.user, login.app, login.server, login.library};
        for (size_t i = 0; i < COUNT_OF(spans); i++) {
            CLAIM(is_within(spans[i], input));
        }
    }
}

static void try_features(span_t input)
{
    reader_t r = reader_of(input);
    feature_t feature;
    for (size_t left = r.left; feature_next(&r, &feature); left = r.left) {
        CLAIM(r.left < left);
        CLAIM(is_within(feature.data, input) && feature.data.length <= feature.length);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    span_t input = span_of(data, size);
    try_login7(input);
    try_old_login(input);
    try_features(input);
    return 0;
}
