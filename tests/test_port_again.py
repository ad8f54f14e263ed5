# SPDX-License-Identifier: GPL-2.0-or-later
"""A client's port again, for the same server, where the capture lacks the SYN and the SYN-ACK of the new connection.

Wireshark's TCP then has both connections in one conversation.
"""

import json
import random

import pytest
from scapy.layers.inet import TCP
from scapy.utils import rdpcap

import captures
import wireshark
from enums import MESSAGE, STATE
from made import LOGIN, ROWS, STORIES, column, payload, raised, thrice, told, written

SEED = 20261201
CLIENT = 50001
SESSION = LOGIN + f'0.100 client BATCH text="SELECT 1"\n0.120 server RESULT {ROWS} spid=55\n'
CLOSED = SESSION + "0.200 client FIN\n0.201 server ACK\n0.202 server FIN\n0.203 client ACK\n"
RESET = SESSION + "0.200 client RST\n"
REFUSED = "\n".join(line for line in (STORIES / "diag-login.part").read_text().splitlines()
                    if line[0] != "#" and "LOGINACK" not in line) + """
0.012 server LOGIN_ERROR server=SQL20 number=18456 text="Login failed for user 'orders'."
"""
# Of CLOSED, frames.
SYN, SYN_ACK, ACK, LOGINACK, BATCH, RESULT = 1, 2, 3, 11, 12, 13
WHOLE = [MESSAGE.PRELOGIN, MESSAGE.PRELOGIN_RESPONSE, MESSAGE.CLIENT_HELLO, MESSAGE.SERVER_HELLO, MESSAGE.CLIENT_KEY,
         MESSAGE.SERVER_FINISHED, MESSAGE.LOGIN7_ENCRYPTED, MESSAGE.LOGINACK, MESSAGE.SQL_BATCH, MESSAGE.RESPONSE,
         MESSAGE.FIN, MESSAGE.FIN]
# By the rules of TCP, half of all numbers are ahead of one, and half are behind.
AHEAD, BEHIND = 0x40000000, 0xC0000000
TO_WRAP = 2**32 - 1_500_020  # the server's number, of 1.5 million in the story, comes round within PRELOGIN
NUMBERS = [(AHEAD, AHEAD), (AHEAD, BEHIND), (BEHIND, AHEAD), (BEHIND, BEHIND), (AHEAD, TO_WRAP)]


def by_client(packet):
    return packet[TCP].sport == CLIENT


def moved(story, client=AHEAD, server=BEHIND, later=30, without=(SYN, SYN_ACK)):
    """The packets of a story as another connection with the same ports has them: other numbers, so much later."""
    packets = []
    for number, packet in enumerate(rdpcap(str(told(story))), 1):
        own, other = (client, server) if by_client(packet) else (server, client)
        packet[TCP].seq = (packet[TCP].seq + own) % 2**32
        if packet[TCP].flags.A:
            packet[TCP].ack = (packet[TCP].ack + other) % 2**32
        del packet[TCP].chksum
        packet.time += later
        if number not in without:
            packets.append(packet)
    return packets


def behind(story, *later):
    """The capture of a story, and these packets behind it."""
    return written([*rdpcap(str(told(story))), *later])


def said(capture, connection, **how):
    """The messages of a connection, in order."""
    rows = wireshark.fields(capture, "tdsconn.message", display_filter=f"tdsconn.stream == {connection}", **how)
    return [message for (messages,) in rows for message in messages.split(",") if message]


def connections(capture):
    """How many connections there are, and the frames of the capture that are of none."""
    rows = wireshark.fields(capture, "frame.number", "tdsconn.stream", two_pass=True)
    return len({number for _, number in rows if number}), [int(frame) for frame, number in rows if not number]


@pytest.mark.parametrize("first, client, server", [
    *((CLOSED, *numbers) for numbers in NUMBERS), (RESET, AHEAD, AHEAD), (RESET, BEHIND, BEHIND),
], ids=[*(f"closed {client:x} {server:x}" for client, server in NUMBERS), "reset ahead", "reset behind"])
def test_a_login_on_the_ports_of_a_connection_that_is_over(first, client, server):
    capture = behind(first, *moved(CLOSED, client, server))
    assert connections(capture) == (2, [])
    assert said(capture, 1) == said(capture, 1, two_pass=True) == WHOLE
    assert said(capture, 0, two_pass=True) == said(told(first), 0, two_pass=True)
    assert column(capture, "tdsconn.summary")[len(rdpcap(str(capture)))].endswith("closed normally")


def test_a_refusal_on_the_ports_of_a_connection_that_is_over():
    capture = behind(CLOSED, *moved(REFUSED, BEHIND, AHEAD))
    assert raised(capture, "login_refused") == [max(column(capture, "tdsconn.error.number"))]
    assert set(column(capture, "tdsconn.state").values()) == {STATE.LOGGED_IN, STATE.LOGIN_FAILED}


@pytest.mark.parametrize("without", [(SYN,), (SYN_ACK,), (SYN, SYN_ACK, ACK)], ids=["SYN", "SYN-ACK", "three frames"])
@pytest.mark.parametrize("numbers", [AHEAD, BEHIND])
def test_what_is_left_of_the_handshake_is_of_the_new_connection(numbers, without):
    capture = behind(CLOSED, *moved(CLOSED, numbers, numbers, without=without))
    assert connections(capture) == (2, [])
    assert [one for one in said(capture, 1, two_pass=True)
            if one not in (MESSAGE.SYN, MESSAGE.SYN_ACK)] == WHOLE


@pytest.mark.parametrize("first, rest", [
    (LOGINACK, WHOLE[7:]), (BATCH, WHOLE[8:]), (RESULT, WHOLE[9:]),
], ids=["LOGINACK", "SQL batch", "response"])
@pytest.mark.parametrize("numbers", [AHEAD, BEHIND])
def test_a_connection_may_begin_where_its_capture_does(numbers, first, rest):
    capture = behind(CLOSED, *moved(CLOSED, numbers, numbers, without=range(1, first)))
    assert connections(capture) == (2, [])
    assert said(capture, 1, two_pass=True) == rest


@pytest.mark.parametrize("numbers", [AHEAD, BEHIND])
def test_one_direction_is_enough(numbers):
    capture = behind(CLOSED, *(packet for packet in moved(CLOSED, numbers, numbers) if by_client(packet)))
    assert connections(capture) == (2, [])
    assert said(capture, 1, two_pass=True) == [*WHOLE[0:8:2], WHOLE[8], MESSAGE.FIN]


@pytest.mark.parametrize("client, server", NUMBERS[:4:3])
def test_a_new_login_ends_a_connection_whose_end_is_missing(client, server):
    """The bare ACK before PRELOGIN stays with the first connection: it says no more than that the capture lacks bytes."""
    capture = behind(SESSION, *moved(CLOSED, client, server, later=300))
    assert connections(capture) == (2, [])
    assert said(capture, 1) == WHOLE
    assert column(capture, "tdsconn.state")[1] == STATE.LOGGED_IN


@pytest.mark.parametrize("story, numbers, without", [
    (LOGIN, (AHEAD, BEHIND), range(1, BATCH)),
    (LOGIN, (0, 0), (SYN, SYN_ACK)),
    (LOGIN, (AHEAD, 0), (SYN, SYN_ACK)),
    (LOGIN, (0, AHEAD), (SYN, SYN_ACK)),
], ids=["no PRELOGIN", "sent again", "the client's number alone", "the server's number alone"])
def test_an_open_connection_goes_on_without_such_a_login(story, numbers, without):
    capture = behind(story, *moved(CLOSED, *numbers, without=without))
    assert connections(capture)[0] == 1


def test_in_a_login_nothing_begins():
    login = rdpcap(str(told(LOGIN)))[:LOGINACK - 2]
    assert connections(written([*login, *moved(CLOSED)]))[0] == 1


@pytest.mark.parametrize("client, server", [(0, 0), (2**16, 0), (0, 2**16), (2**16, 2**16)])
def test_copies_of_the_old_connection_are_no_new_one(client, server):
    """A mirror port, a file merged twice, or a device that moves numbers a little."""
    assert connections(behind(CLOSED, *moved(CLOSED, client, server)))[0] == 1


def test_keep_alives_and_resets_behind_the_end_begin_nothing():
    packets = moved(CLOSED)
    for flags in ("A", "R", "RA"):
        alive = packets[0].copy()
        alive[TCP].flags = flags
        assert connections(behind(CLOSED, alive))[0] == 1
    alive = rdpcap(str(told(CLOSED)))[-1]
    alive[TCP].seq -= 1
    assert connections(behind(CLOSED, alive)) == (1, [])


def test_three_capture_points_tell_two_connections():
    capture = thrice(behind(CLOSED, *moved(CLOSED)))
    assert connections(capture) == (2, [])


@pytest.mark.parametrize("without", [(), (SYN_ACK,)], ids=["both", "SYN alone"])
def test_a_servers_clock_that_is_ahead_begins_no_connection_of_its_own(without):
    """Its answers stand before the SYN, of which nobody knows yet that it comes."""
    packets = moved(CLOSED, without=without)
    for packet in packets:
        packet.time -= 0 if by_client(packet) else 0.03
    capture = behind(CLOSED, *sorted(packets, key=lambda packet: packet.time))
    assert connections(capture)[0] == 2


def test_one_login_after_the_other():
    """Each time the numbers are others."""
    capture = behind(CLOSED, *moved(CLOSED, AHEAD, BEHIND), *moved(CLOSED, 0x70000000, 0x10000000, later=60),
                     *moved(CLOSED, 0x10000000, 0x70000000, later=90))
    assert connections(capture) == (4, [])
    assert [said(capture, number) for number in (1, 2, 3)] == [WHOLE] * 3


def test_a_first_message_in_two_segments():
    one = moved(CLOSED, BEHIND, BEHIND)
    prelogin = one[1]
    head, rest = prelogin.copy(), prelogin.copy()
    content = payload(prelogin)
    for packet, part, back in ((head, content[:8], 0), (rest, content[8:], 8)):
        packet[TCP].remove_payload()
        packet = packet / part
        packet[TCP].seq += back
        del packet["IP"].len, packet["IP"].chksum
        one.insert(2 if back else 1, packet)
    one.remove(prelogin)
    capture = behind(CLOSED, *one)
    assert connections(capture) == (2, [])
    assert said(capture, 1, two_pass=True) == WHOLE


def test_bytes_that_nobody_can_read_are_told():
    """Of the later connection only the middle of a response is there."""
    end = moved(CLOSED, BEHIND, AHEAD)[RESULT - 3]
    middle = payload(end)[11:]
    end[TCP].remove_payload()
    end = end / middle
    end[TCP].seq += 11
    del end["IP"].len, end["IP"].chksum
    capture = behind(CLOSED, end)
    frames = len(rdpcap(str(capture)))
    assert connections(capture) == (1, [frames])
    assert raised(capture, "capture_gap") == [frames - 1]
    assert f"frame {frames} has the same ports" in column(capture, "_ws.expert.message")[frames - 1]
    assert raised(told(CLOSED), "capture_gap") == raised(behind(CLOSED, *moved(CLOSED)), "capture_gap") == []


def test_tables_and_rows_have_both():
    capture = behind(CLOSED, *moved(CLOSED, BEHIND, BEHIND))
    rows = [json.loads(line) for line in wireshark.tshark(capture, "-q", "-2", "-z", "tdsconn,rows") if line.startswith("{")]
    assert [row["stream"] for row in rows] == [0, 1]
    assert len({json.dumps({key: row.get(key) for key in ("state", "user")}) for row in rows}) == 1


def labels(nodes):
    """The texts of a tree of sharkd."""
    return [text for node in nodes for text in (node["l"], *labels(node.get("n", [])))]


def test_a_window_asks_in_any_order():
    capture = behind(CLOSED, *moved(CLOSED, BEHIND, AHEAD))
    frames = range(1, len(rdpcap(str(capture))) + 1)
    told_of = []
    for order in (frames, random.Random(SEED).sample(frames, len(frames))):
        trees = wireshark.sharkd(capture, *(("frame", {"frame": frame, "proto": True}) for frame in order))
        ours = [[node for node in tree["tree"] if node["l"].startswith("SQL Server Connection")] for tree in trees]
        told_of.append({frame: labels(nodes) for frame, nodes in zip(order, ours)})
    assert told_of[0] == told_of[1]
    assert [told_of[0][frame][0][:23] for frame in (1, len(frames))] == [f"SQL Server Connection {number}" for number in "01"]
