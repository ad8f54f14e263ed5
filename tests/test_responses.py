# SPDX-License-Identifier: GPL-2.0-or-later
"""Responses and commands: what a capture begins in, what packets divide, what an error belongs to."""

import struct

import pytest
from scapy.layers.inet import IP, TCP
from scapy.utils import rdpcap

import captures
import wireshark
from enums import MESSAGE, STATE, STEP
from made import (BATCH, CANCELLED, FAILED, LOGIN, ROWS, answer, behind_login, column, part, payload, raised, said, tds_packet, told,
                  us_varchar, written)

import tds  # made puts tests/story on the path


def test_bytes_with_which_a_capture_begins_do_not_hide_the_packets_behind_them():
    capture = part(told(LOGIN + f"""
1.000 client BATCH text="SELECT 1"
1.010 server RESULT {ROWS} spid=55 send=60
1.011 server REST send=60
1.012 server REST
1.900 client ACK
2.010 server RESULT column=name rows=B spid=55
3.000 client BATCH text="SELECT 3"
3.010 server RESULT column=name rows=B spid=55
"""), "14-99")
    assert column(capture, "tdsconn.message") == {4: MESSAGE.RESPONSE, 5: MESSAGE.SQL_BATCH, 6: MESSAGE.RESPONSE}
    assert raised(capture, "open_at_end") == []


def test_a_packet_with_a_hole_in_it_does_not_begin_the_next_one():
    capture = told(LOGIN + f"""
1.000 client BATCH text="SELECT 1"
1.010 server RESULT {ROWS} spid=55 send=60
1.011 server REST send=60 missing
1.012 server REST
2.000 client BATCH text="SELECT 2"
2.010 server RESULT column=name rows=B spid=55
3.000 client FIN
3.010 server FIN
""")
    times = column(capture, "tdsconn.response_time", "tdsconn.request_in")
    assert times[16] == ("0.010000000", "15")
    assert all(float(time) >= 0 for time, _ in times.values())


def test_the_end_of_a_response_whose_beginning_is_lost_is_not_read_as_its_beginning():
    """Bytes of a row may look like an ERROR."""
    packets = list(rdpcap(str(told(LOGIN + """
1.000 client BATCH text="SELECT 1"
"""))))[11:]
    content = tds.message("7.4", 50000, 1, 16, "bytes of a row", "SQL20") + b"\xd1row" + tds.done("7.4")
    capture = written([*packets, answer(packets[0], tds.packet(tds.RESPONSE, content, spid=55, packet_id=2))])
    assert column(capture, "tdsconn.message") == {1: MESSAGE.SQL_BATCH, 2: MESSAGE.RESPONSE}
    assert column(capture, "tdsconn.error.number") == {}


def test_an_error_behind_rows_is_read():
    """Rows are not walked: the tokens that lead to the end of the response are found from there."""
    packets = list(rdpcap(str(told(LOGIN + """
1.000 client BATCH text="SELECT 1"
"""))))
    rows = tds.result_set("7.4", "name", ["\u00aa\u0014\u00aa"] * 50)
    rows = rows[:len(rows) - len(tds.done("7.4"))]
    content = rows + tds.message("7.4", 1205, 13, 13, "deadlocked", "SQL20", 7) + tds.done("7.4", tds.DONE_ERROR)
    capture = written([*packets, answer(packets[-1], tds.packet(tds.RESPONSE, content, spid=55))])
    said = column(capture, "tdsconn.error.number", "tdsconn.error.class", "tdsconn.error.message", "tdsconn.error.line")
    assert said == {13: ("1205", "13", "deadlocked", "7")}
    assert raised(capture, "sql_error") == [13]


def test_a_command_may_fail_without_a_word():
    capture = told(LOGIN + """
1.000 client BATCH text="SELECT 1"
1.001 server SQL_ERROR server=SQL20 number=1 text="" spid=55 said=no
""")
    assert column(capture, "tdsconn.message")[13] == MESSAGE.RESPONSE_ERROR
    assert raised(capture, "sql_error") == []


@pytest.mark.parametrize("options, snap", [((), 96), (("-o", "tcp.desegment_tcp_streams:FALSE"), 9999)])
def test_what_a_unit_holds_is_no_packet_where_tcp_does_not_put_it_together(options, snap):
    """Frame 146 begins like the header of a response of SPID 200."""
    capture = part(captures.real("mars-odbc-big-interleaved-noenc"), "1-9999", "-s", f"{snap}")
    rows = wireshark.tshark(capture, *options, "-T", "fields", "-e", "tdsconn.message", "-e", "tdsconn.spid")
    assert [row.split("\t")[0] for row in rows[144:148]] == [MESSAGE.SMP_DATA, "", "", MESSAGE.SMP_DATA]
    assert {row.split("\t")[1] for row in rows} == {""}


# A column of integers and a row: what stands behind them is looked for from the end.
ONE_ROW = b"\x81\x01\0" + bytes(4) + b"\0\0\x38\x01n\0" + b"\xd1\x2a\0\0\0"


@pytest.mark.parametrize("cut", [-6, 40], ids=["DONE", "ERROR"])
def test_packets_may_divide_a_response_anywhere(cut):
    whole = ONE_ROW + FAILED
    capture = behind_login(tds_packet(1, 1, BATCH), tds_packet(4, 0, whole[:cut]) + tds_packet(4, 1, whole[cut:], 2))
    numbers = wireshark.fields(capture, "tdsconn.error.number", display_filter="tdsconn.error.number")
    assert numbers == [("8134",)]


def test_an_acknowledgement_that_two_packets_divide():
    whole = ONE_ROW + CANCELLED
    capture = behind_login(tds_packet(1, 1, BATCH) + tds_packet(6, 1, b""),
                           tds_packet(4, 0, whole[:-6]) + tds_packet(4, 1, whole[-6:], 2))
    assert raised(capture, "attention_unacknowledged") == []
    assert MESSAGE.ATTENTION_ACK in column(capture, "tdsconn.message").values()


def test_the_first_packet_of_a_request_says_that_the_connection_was_pooled():
    capture = behind_login(tds_packet(1, 8, BATCH[:30]) + tds_packet(1, 1, BATCH[30:], 2))
    assert len(raised(capture, "pooled_reuse")) == 1


def test_a_login_that_was_refused_elsewhere_is_the_error_of_a_command():
    """A linked server refuses, and the capture begins with that."""
    words = struct.pack("<IBB", 18456, 1, 14) + us_varchar("Login failed for user 'NT AUTHORITY\\ANONYMOUS LOGON'.")
    error = words + b"\0\0" + struct.pack("<I", 1)
    failed = b"\xaa" + struct.pack("<H", len(error)) + error + b"\xfd\x02\0\xc1\0" + bytes(8)
    done = b"\xfd\0\0\xc1\0" + bytes(8)
    capture = part(behind_login(tds_packet(1, 1, BATCH), tds_packet(4, 1, failed), tds_packet(1, 1, BATCH),
                                tds_packet(4, 1, done)), "13-99")
    midway = (STATE.JOINED_MIDWAY, STEP.COMMAND)
    assert column(capture, "tdsconn.state", "tdsconn.step") == dict.fromkeys((1, 2, 3), midway)
    assert column(capture, "tdsconn.message")[1] == MESSAGE.RESPONSE_ERROR and raised(capture, "sql_error") == [1]
    assert raised(capture, "login_refused") == []
    alone = part(capture, "1")
    assert column(alone, "tdsconn.state") == {1: STATE.LOGIN_FAILED} and raised(alone, "login_refused") == [1]


def test_a_request_may_be_cancelled_before_all_of_it_was_sent():
    capture = behind_login(tds_packet(1, 1, BATCH), tds_packet(4, 1, b"\xfd\0\0\xc1\0" + bytes(8)),
                           tds_packet(1, 0, BATCH[:30]) + tds_packet(6, 1, b""), tds_packet(4, 1, CANCELLED))
    assert raised(capture, "attention") == [14] and raised(capture, "attention_unacknowledged") == []
    assert column(capture, "tdsconn.message", "tdsconn.request_in")[15] == (MESSAGE.ATTENTION_ACK, "14")


@pytest.mark.parametrize("kind", [1, 7])  # a batch, a bulk load
@pytest.mark.parametrize("refused", [True, False])
def test_a_client_does_not_give_up_what_was_refused_before_all_of_it_was_sent(kind, refused):
    """The server says what is wrong with the first packets; the client sends the last one, and closes."""
    parts = [("client", tds_packet(kind, 0, BATCH, 1)), ("server", tds_packet(4, 1, FAILED)),
             ("client", tds_packet(kind, 1, b"a\0", 2))]
    packets = list(rdpcap(str(said(*(parts if refused else parts[::2])))))
    end = packets[-1].copy()
    end[TCP].seq += len(payload(end))
    end[TCP].remove_payload()
    end[TCP].flags = "FA"
    del end[IP].len, end[IP].chksum, end[TCP].chksum
    end.time += 1
    assert bool(raised(written([*packets, end]), "request_abandoned")) != refused
