/* ssrp_test.c - what clients ask SQL Browser and what it answers.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <string.h>

#include "vectors.h"

#include "ssrp.h"

#define NAME_OF_32 "INSTANCE_NAME_OF_THIRTYTWO_BYTES"

static span_t request_bytes(unsigned type, const char *name)
{
    return JOIN(u8(type), text(name), zeros(1));
}

static span_t dac_request_bytes(unsigned version, const char *name)
{
    return JOIN(u8(SSRP_ADMINISTRATOR), u8(version), text(name), zeros(1));
}

/* SVR_RESP. */
static span_t response_of(const char *data)
{
    return JOIN(u8(SSRP_RESPONSE), u16le((unsigned)text(data).length), text(data));
}

static ssrp_request_t asked(span_t datagram)
{
    ssrp_request_t request;
    assert_true(ssrp_request_parse(datagram, &request));
    return request;
}

static ssrp_response_t answered(span_t datagram)
{
    ssrp_response_t response;
    assert_true(ssrp_response_parse(datagram, &response));
    return response;
}

/* The instances of RESP_DATA; returns how many. */
static size_t instances_of(span_t data, ssrp_instance_t *instances, size_t limit)
{
    size_t count = 0;
    ssrp_instance_t instance;
    while (ssrp_instance_next(&data, &instance)) {
        assert_true(count < limit);
        instances[count++] = instance;
    }
    assert_int_equal(data.length, 0);
    return count;
}

static ssrp_instance_t only_instance(const char *data)
{
    ssrp_instance_t instance;
    assert_int_equal(instances_of(text(data), &instance, 1), 1);
    return instance;
}

/* Requests. {{{ */

/* MC-SQLR 2.2.1 to 2.2.4. */
static void each_request_is_read(void **state)
{
    (void)state;
    static const struct {
        const char *datagram;
        ssrp_type_t type;
        const char *instance;
    } rows[] = {
        {"02", SSRP_BROADCAST, ""},
        {"03", SSRP_ALL, ""},
        {"04 4F 52 44 45 52 53 00", SSRP_INSTANCE, "ORDERS"},
        {"0F 01 4F 52 44 45 52 53 00", SSRP_ADMINISTRATOR, "ORDERS"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        ssrp_request_t request = asked(hex(rows[i].datagram));
        assert_int_equal(request.type, rows[i].type);
        assert_text(request.instance, rows[i].instance);
        assert_null(request.fault);
    }
}

static void no_other_first_byte_is_a_request(void **state)
{
    (void)state;
    ssrp_request_t request;
    assert_false(ssrp_request_parse(span_none(), &request));
    for (unsigned type = 0; type <= 0xFF; type++) {
        bool known = type == 0x02 || type == 0x03 || type == 0x04 || type == 0x0F;
        assert_int_equal(ssrp_request_parse(request_bytes(type, "ORDERS"), &request), known);
    }
}

static void an_instance_name_has_32_bytes_at_most(void **state)
{
    (void)state;
    ssrp_request_t request = asked(request_bytes(SSRP_INSTANCE, NAME_OF_32));
    assert_text(request.instance, NAME_OF_32);
    assert_null(request.fault);
    assert_null(asked(dac_request_bytes(1, NAME_OF_32)).fault);
    static const char too_long[] = "the instance name is longer than 32 bytes";
    request = asked(request_bytes(SSRP_INSTANCE, NAME_OF_32 "X"));
    assert_text(request.instance, NAME_OF_32 "X");
    assert_string_equal(request.fault, too_long);
    assert_string_equal(asked(dac_request_bytes(1, NAME_OF_32 "X")).fault, too_long);
}

static void what_breaks_a_request_is_told(void **state)
{
    (void)state;
    static const struct {
        const char *datagram, *fault;
    } rows[] = {
        {"02 00", "bytes follow the request"},
        {"03 00", "bytes follow the request"},
        {"04", "the instance name has no end"},
        {"04 4F 52", NULL}, /* as mssql-jdbc sends it */
        {"04 4F 52 00 00", "bytes follow the instance name"},
        {"0F", "the protocol version is not 1"},
        {"0F 02 4F 52 00", "the protocol version is not 1"},
        {"0F 01", "the instance name has no end"},
        {"0F 01 4F 52", NULL},
        {"0F 01 4F 52 00 41", "bytes follow the instance name"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const char *fault = asked(hex(rows[i].datagram)).fault;
        assert_true((fault == NULL) == (rows[i].fault == NULL));
        assert_true(fault == NULL || strcmp(fault, rows[i].fault) == 0);
    }
}

static void request_trial(span_t bytes, const void *whole)
{
    ssrp_request_t request;
    bool read = ssrp_request_parse(bytes, &request);
    assert_within(request.instance, bytes);
    if (whole != NULL) {
        const ssrp_request_t *all = whole;
        assert_int_equal(read, bytes.length > 0);
        assert_true(span_starts_with(all->instance, request.instance));
        bool ended = bytes.length > 0 && bytes.at[bytes.length - 1] == 0;
        assert_true(request.instance.length == 0 || request.instance.cut == !ended);
    }
}

static void a_cut_request_is_a_normal_answer(void **state)
{
    (void)state;
    span_t instance = request_bytes(SSRP_INSTANCE, "ORDERS"), administrator = dac_request_bytes(1, "ORDERS");
    ssrp_request_t whole = asked(instance);
    for_every_cut(instance, request_trial, &whole);
    whole = asked(administrator);
    for_every_cut(administrator, request_trial, &whole);
    for_every_change(instance, request_trial);
    for_every_change(administrator, request_trial);
}

/* }}} */

/* Answers. {{{ */

/* MC-SQLR 2.2.5, with the names and values in the order of its grammar. */
#define ORDERS                                                                                                         \
    "ServerName;SQL20;InstanceName;ORDERS;IsClustered;No;Version;16.0.1000.6;"                                         \
    "np;\\\\SQL20\\pipe\\MSSQL$ORDERS\\sql\\query;tcp;51433;;"
#define STOCK "ServerName;SQL20;InstanceName;STOCK;IsClustered;Yes;Version;15.0.2000.5;tcp;51434;;"
#define LOCAL "ServerName;SQL20;InstanceName;LOCAL;IsClustered;No;Version;15.0.2000.5;;"

static void an_instance_is_read(void **state)
{
    (void)state;
    span_t datagram = response_of(ORDERS);
    ssrp_response_t response = answered(datagram);
    assert_false(response.administrator);
    assert_int_equal(response.size, datagram.length - 3);
    assert_text(response.text, ORDERS);
    assert_null(response.fault);
    ssrp_instance_t instance;
    assert_int_equal(instances_of(response.text, &instance, 1), 1);
    assert_text(instance.server, "SQL20");
    assert_text(instance.name, "ORDERS");
    assert_text(instance.clustered, "No");
    assert_text(instance.version, "16.0.1000.6");
    assert_text(instance.pipe, "\\\\SQL20\\pipe\\MSSQL$ORDERS\\sql\\query");
    assert_int_equal(instance.tcp_port, 51433);
}

static void each_of_several_instances_is_read(void **state)
{
    (void)state;
    ssrp_response_t response = answered(response_of(ORDERS LOCAL STOCK));
    assert_null(response.fault);
    ssrp_instance_t instances[3];
    assert_int_equal(instances_of(response.text, instances, 3), 3);
    assert_text(instances[0].name, "ORDERS");
    assert_int_equal(instances[0].tcp_port, 51433);
    assert_text(instances[1].name, "LOCAL"); /* shared memory only: no protocol is named */
    assert_int_equal(instances[1].tcp_port, 0);
    assert_text(instances[1].pipe, "");
    assert_text(instances[2].name, "STOCK");
    assert_text(instances[2].clustered, "Yes");
    assert_text(instances[2].pipe, ""); /* not that of ORDERS */
    assert_int_equal(instances[2].tcp_port, 51434);
}

static void names_are_compared_without_regard_to_case(void **state)
{
    (void)state;
    ssrp_instance_t instance = only_instance("SERVERNAME;SQL20;instancename;ORDERS;TCP;51433;NP;pipe;;");
    assert_text(instance.server, "SQL20");
    assert_text(instance.name, "ORDERS");
    assert_text(instance.pipe, "pipe");
    assert_int_equal(instance.tcp_port, 51433);
}

/* via, rpc, spx, adsp and bv of old servers are of no use here. */
static void other_protocols_are_passed_over(void **state)
{
    (void)state;
    ssrp_instance_t instance = only_instance("InstanceName;ORDERS;via;SQL20,1:1433;rpc;SQL20;spx;SQL20;adsp;SQL20;"
                                             "bv;item;group;organization;tcp;51433;;");
    assert_text(instance.name, "ORDERS");
    assert_int_equal(instance.tcp_port, 51433);
}

static void a_port_is_a_number_up_to_65535(void **state)
{
    (void)state;
    static const struct {
        const char *data;
        uint16_t port;
    } rows[] = {
        {"tcp;1;;", 1},     {"tcp;65535;;", 65535},  {"tcp;65536;;", 0},
        {"tcp;0;;", 0},     {"tcp;4294968729;;", 0}, /* 1433 in 32 bits */
        {"tcp;abc;;", 0},   {"tcp;;;", 0},           {"tcp", 0},
        {"tcpx;1433;;", 0}, {"tc;1433;;", 0},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_int_equal(only_instance(rows[i].data).tcp_port, rows[i].port);
    }
}

/* MC-SQLR 2.2.6: RESP_SIZE counts the whole packet. */
static void the_port_of_the_administrator_is_read(void **state)
{
    (void)state;
    ssrp_response_t response = answered(hex("05 0600 01 9A05"));
    assert_true(response.administrator);
    assert_int_equal(response.administrator_port, 1434);
    assert_int_equal(response.size, 6);
    assert_int_equal(response.text.length, 0);
    assert_null(response.fault);
}

static void nearly_an_answer_for_the_administrator(void **state)
{
    (void)state;
    static const struct {
        const char *datagram, *fault;
    } rows[] = {
        {"05 0600 02 9A05", "shorter than its size says"}, /* PROTOCOLVERSION */
        {"05 0600 01 9A", "shorter than its size says"},     {"05 0600 01 9A05 00", "shorter than its size says"},
        {"05 0300 01 9A05", "the last instance has no end"}, /* three bytes of RESP_DATA */
        {"05 0500 01 9A05", "shorter than its size says"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        ssrp_response_t response = answered(hex(rows[i].datagram));
        assert_false(response.administrator);
        assert_string_equal(response.fault, rows[i].fault);
    }
}

static void the_size_is_that_of_the_data(void **state)
{
    (void)state;
    span_t datagram = response_of(STOCK), data = text(STOCK);
    for (unsigned more = 1; more <= 0xFFFF - data.length; more += 37) {
        ssrp_response_t response = answered(patched(datagram, 1, u16le((unsigned)data.length + more)));
        assert_string_equal(response.fault, "shorter than its size says");
        assert_text(response.text, STOCK);
    }
    for (unsigned size = 0; size < data.length; size++) {
        ssrp_response_t response = answered(patched(datagram, 1, u16le(size)));
        assert_string_equal(response.fault, "bytes follow the response");
        assert_spans(response.text, span_part(data, 0, size));
    }
    assert_null(answered(hex("05 0000")).fault);
}

/* Servers whose data end early are read as far as they go. */
static void the_last_instance_needs_no_end(void **state)
{
    (void)state;
    static const char *const ends[] = {"", ";", ";;"};
    for (size_t i = 0; i < COUNT_OF(ends); i++) {
        span_t data = JOIN(text(ORDERS "ServerName;SQL20;InstanceName;STOCK;tcp;51434"), text(ends[i]));
        ssrp_instance_t instances[2];
        assert_int_equal(instances_of(data, instances, 2), 2);
        assert_text(instances[1].name, "STOCK");
        assert_int_equal(instances[1].tcp_port, 51434);
    }
    ssrp_instance_t instance;
    assert_int_equal(instances_of(text(""), &instance, 1), 0);
    assert_int_equal(instances_of(text(";"), &instance, 1), 0);
    assert_text(only_instance("InstanceName").name, ""); /* no value */
    assert_text(only_instance(";;InstanceName;ORDERS;;").name, "ORDERS");
}

static void no_other_first_byte_is_an_answer(void **state)
{
    (void)state;
    ssrp_response_t response;
    for (unsigned type = 0; type <= 0xFF; type++) {
        assert_int_equal(ssrp_response_parse(patched(response_of(STOCK), 0, u8(type)), &response), type == 0x05);
    }
}

static void response_trial(span_t bytes, const void *whole)
{
    ssrp_response_t response;
    if (!ssrp_response_parse(bytes, &response)) {
        assert_true(whole == NULL || bytes.length < 3);
        return;
    }
    assert_within(response.text, bytes);
    span_t rest = response.text;
    ssrp_instance_t instance;
    while (ssrp_instance_next(&rest, &instance)) {
        const span_t words[] = {instance.server, instance.name, instance.clustered, instance.version, instance.pipe};
        for (size_t i = 0; i < COUNT_OF(words); i++) {
            assert_within(words[i], bytes);
        }
    }
    assert_int_equal(rest.length, 0);
    if (whole != NULL) {
        const ssrp_response_t *all = whole;
        assert_int_equal(response.size, all->size);
        assert_true(bytes.length == 3u + all->size || response.fault != NULL);
        assert_cut_of(response.text, bytes, all->text);
    }
}

static void a_cut_answer_is_a_normal_answer(void **state)
{
    (void)state;
    span_t datagram = response_of(ORDERS STOCK);
    ssrp_response_t whole = answered(datagram);
    for_every_cut(datagram, response_trial, &whole);
    for_every_change(datagram, response_trial);
    for_every_change(hex("05 0600 01 9A05"), response_trial);
}

/* A port of which digits may be missing is none. */
static void a_cut_answer_names_no_other_port(void **state)
{
    (void)state;
    span_t datagram = response_of(ORDERS);
    for (size_t length = 3; length < datagram.length; length++) {
        ssrp_response_t response = answered(span_part(datagram, 0, length));
        ssrp_instance_t instance = {0};
        (void)ssrp_instance_next(&response.text, &instance);
        assert_int_equal(instance.tcp_port, length + 1 < datagram.length ? 0 : 51433);
        assert_true(instance.name.length == 0 || instance.name.cut == (instance.name.length < strlen("ORDERS")) ||
                    response.text.length == 0);
    }
}

static void a_cut_answer_for_the_administrator_has_no_port(void **state)
{
    (void)state;
    span_t datagram = hex("05 0600 01 9A05");
    for (size_t length = 0; length < datagram.length; length++) {
        ssrp_response_t response;
        assert_int_equal(ssrp_response_parse(span_part(datagram, 0, length), &response), length >= 3);
        assert_false(response.administrator);
        assert_int_equal(response.administrator_port, 0);
    }
}

/* }}} */

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_request_is_read),
        cmocka_unit_test(no_other_first_byte_is_a_request),
        cmocka_unit_test(an_instance_name_has_32_bytes_at_most),
        cmocka_unit_test(what_breaks_a_request_is_told),
        cmocka_unit_test(a_cut_request_is_a_normal_answer),
        cmocka_unit_test(an_instance_is_read),
        cmocka_unit_test(each_of_several_instances_is_read),
        cmocka_unit_test(names_are_compared_without_regard_to_case),
        cmocka_unit_test(other_protocols_are_passed_over),
        cmocka_unit_test(a_port_is_a_number_up_to_65535),
        cmocka_unit_test(the_port_of_the_administrator_is_read),
        cmocka_unit_test(nearly_an_answer_for_the_administrator),
        cmocka_unit_test(the_size_is_that_of_the_data),
        cmocka_unit_test(the_last_instance_needs_no_end),
        cmocka_unit_test(no_other_first_byte_is_an_answer),
        cmocka_unit_test(a_cut_answer_is_a_normal_answer),
        cmocka_unit_test(a_cut_answer_names_no_other_port),
        cmocka_unit_test(a_cut_answer_for_the_administrator_has_no_port),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
