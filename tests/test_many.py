# SPDX-License-Identifier: GPL-2.0-or-later
"""Many packets that end in one frame: each is shown and told as if it had a frame to itself, and costs no more."""

import os
import re
import shutil
import struct
from collections import Counter

import pytest
from scapy.utils import rdpcap

import captures
import wireshark
from made import BATCH, said, tds_packet, written

EOM, MORE = 1, 0
REQUEST, RESPONSE, ATTENTION = 1, 4, 6
SYN, ACK, DATA = 1, 2, 8
DONE = b"\xfd\0\0\xc1\0" + bytes(8)
FRAMES_OF_LOGIN = 11
LENGTHS = ("tds.length", "smp.length")
OF_A_PACKET = re.compile(r"(tds|smp)\.|tdsconn\.(message|mars)|_ws\.malformed")
# A frame has it once, or it tells the frames of other packets.
OF_THE_FRAME = re.compile(r"tdsconn\.mars$|tds\.(reassembled_in|fragment)$")


def smp(flags, session, number, content=b""):
    return struct.pack("<BBHIII", 0x53, flags, session, 16 + len(content), number, 4) + content


def request(number):
    return tds_packet(REQUEST, EOM, BATCH[:22] + f"select {number}".encode("utf-16-le"))


def divided(content, count):
    """The packets of one request."""
    size = -(-len(content) // count)
    parts = [content[at:at + size] for at in range(0, len(content), size)]
    return [tds_packet(REQUEST, EOM if part is parts[-1] else MORE, part, number % 256)
            for number, part in enumerate(parts, start=1)]


# Before the many, and the many, by one side. Without us Wireshark stops at 250 packets of MARS with data.
MANY = {
    "requests": ([], "client", [request(number) for number in range(600)]),
    "a request of many packets": ([], "client", divided(BATCH[:22] + "select 1".encode("utf-16-le") * 300, 600)),
    "responses": ([("client", request(1))], "server", [tds_packet(RESPONSE, EOM, DONE)] * 600),
    "attentions": ([("client", request(1))], "client", [tds_packet(ATTENTION, EOM, b"")] * 2000),
    "acknowledgements": ([("client", smp(SYN, 0, 0))], "client", [smp(ACK, 0, 0)] * 600),
    "sessions": ([], "client", [smp(SYN, number, 0) for number in range(600)]),
    "requests of a session": ([("client", smp(SYN, 0, 0))], "client",
                              [smp(DATA, 0, number, request(number)) for number in range(600)]),
}


def of_table(name, apart):
    """The capture of a row of MANY, each in a frame of its own or all in one."""
    before, sender, many = MANY[name]
    return said(*before, *((sender, one) for one in (many if apart else [b"".join(many)])))


def shown(capture, *args):
    """How often each field of TDS and SMP, and each of ours that tells of a packet, has each value behind the login."""
    frames = captures.trees(capture, *args, only="tds smp tdsconn")[FRAMES_OF_LOGIN:]
    told = [captures.parsed(line) for frame in frames for line in frame]
    return Counter((field["name"], field["show"]) for field in told
                   if OF_A_PACKET.match(field.get("name", "")) and not OF_THE_FRAME.match(field["name"]))


@pytest.mark.parametrize("passes", [[], ["-2"]], ids=["one-pass", "two-pass"])
@pytest.mark.parametrize("name", MANY)
def test_what_shares_a_frame_is_shown_as_it_is_alone(name, passes):
    """Nothing is lost, nothing comes twice, and Wireshark finds no fault in the dissectors."""
    apart = shown(of_table(name, apart=True), *passes)
    assert sum(count for (field, _), count in apart.items() if field in LENGTHS) >= len(MANY[name][2])
    assert shown(of_table(name, apart=False), *passes) == apart


def queries(capture, *args):
    """Of each request that Wireshark's TDS dissector shows: its packet's place in the frame, and the text."""
    *_, frame = captures.trees(capture, *args, only="tds")
    places, packet = [], 0
    for field in map(captures.parsed, frame):
        packet += field.get("name") == "tds.type"
        if field.get("name") == "tds.query":
            places.append((packet, field["show"]))
    return places


def test_messages_that_end_in_one_frame_are_told_apart():
    """Wireshark finds on a later pass the last message alone that it put together of packets in a frame: it stands
    where it ends, and nowhere else."""
    first, second = (BATCH[:22] + text.encode("utf-16-le") for text in ("select 1", "select 2"))
    capture = said(("client", b"".join(divided(first, 2) + divided(second, 2) + [request(3)])))
    assert queries(capture) == [(2, "select 1"), (4, "select 2"), (5, "select 3")]
    assert queries(capture, "-2") == [(4, "select 2"), (5, "select 3")]


def test_segments_that_are_held_back_lose_no_answer():
    """With tcp.reassemble_out_of_order all packets behind a late segment come at once."""
    answer = b"\x81\x01\0" + bytes(4) + b"\0\0\x38\x01n\0" + b"\xd1\x2a\0\0\0" * 30000 + DONE
    parts = [answer[at:at + 504] for at in range(0, len(answer), 504)]
    stream = b"".join(tds_packet(RESPONSE, EOM if part is parts[-1] else MORE, part, number % 256)
                      for number, part in enumerate(parts, start=1))
    segments = [stream[at:at + 1448] for at in range(0, len(stream), 1448)]
    packets = rdpcap(str(said(("client", request(1)), *(("server", segment) for segment in segments),
                              ("client", request(2)))))
    late = packets.pop(FRAMES_OF_LOGIN + 2)
    late.time = packets[-2].time + 0.001
    packets.insert(len(packets) - 1, late)
    told = wireshark.tshark(written(packets), "-2", "-o", "tcp.reassemble_out_of_order:TRUE", "-Y",
                            "tdsconn.message >= 50", "-T", "fields", "-E", "occurrence=f", "-e", "tdsconn.message")
    assert told == ["50", "55", "50"]


def own_cost(count):
    """How many instructions COUNT packets of a session in a frame take in our code and in Wireshark's layer lists."""
    capture = said(("client", smp(SYN, 0, 0)),
                   ("client", b"".join(smp(DATA, 0, number, request(number)) for number in range(count))))
    counts = wireshark.scratch("counted") / "counts"
    done = wireshark.run("valgrind", "--tool=callgrind", f"--callgrind-out-file={counts}", "tshark", "-n", "-r",
                         wireshark.readable(capture), "-2", "-T", "fields", "-e", "tdsconn.message", timeout=600)
    assert done.returncode == 0, done.stderr
    told = wireshark.output("callgrind_annotate", "--threshold=100", counts)
    rows = re.findall(r"^ *([\d,]+) \(.*(?:tdsconn\.so|:wmem_list_)", told, re.MULTILINE)
    return sum(int(row.replace(",", "")) for row in rows)


@pytest.mark.skipif(not shutil.which("valgrind"), reason="valgrind is not installed: apt-get install valgrind")
@pytest.mark.skipif("TDSCONN_PRELOAD" in os.environ, reason="a sanitized plugin does not run under valgrind")
def test_a_packet_costs_the_same_however_many_are_in_its_frame():
    assert own_cost(800) / own_cost(200) < 5
