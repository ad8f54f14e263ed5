/* ssrp_fuzz.c - for ssrp_request_parse, ssrp_response_parse, ssrp_instance_next.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "fuzz.h"
#include "ssrp.h"

static void try_instances(span_t text)
{
    span_t rest = text;
    ssrp_instance_t one;
    for (size_t left = rest.length; ssrp_instance_next(&rest, &one); left = rest.length) {
        CLAIM(rest.length < left);
        const span_t spans[] = {one.server, one.name, one.clustered, one.version, one.pipe};
        for (size_t i = 0; i < COUNT_OF(spans); i++) {
            CLAIM(is_within(spans[i], text));
        }
    }
    CLAIM(rest.length == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    span_t input = span_of(data, size);
    ssrp_request_t request;
    ssrp_response_t response;
    if (ssrp_request_parse(input, &request)) {
        CLAIM(is_within(request.instance, input));
        CLAIM(request.fault != NULL || request.instance.length <= SSRP_INSTANCE_LIMIT);
    }
    if (ssrp_response_parse(input, &response)) {
        CLAIM(is_within(response.text, input) && response.text.length <= response.size);
        try_instances(response.text);
    }
    return 0;
}
