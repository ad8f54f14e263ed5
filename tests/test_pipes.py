# SPDX-License-Identifier: GPL-2.0-or-later
"""Connections over named pipes: what SMB2 does to them, and which files are none.

The TDS in these captures is that of smb2-np-impacket-byte-mode-reads-cross-packets; SMB2 around it is written here,
after MS-SMB2 2.2.
"""

import struct

import pytest
from scapy.layers.inet import IP, TCP
from scapy.layers.l2 import Ether
from scapy.packet import Raw
from scapy.utils import rdpcap, wrpcap

import captures
import enums
import wireshark
from enums import MESSAGE, STATE, STEP

SESSION_SETUP, TREE_CONNECT, CREATE, CLOSE, READ, WRITE = 1, 3, 5, 6, 8, 9
DISK, PIPE = 1, 2
SESSION, IPC = 0x1122334455667788, 7

SUCCESS, PENDING, OVERFLOW = 0, 0x103, 0x80000005
NOT_FOUND, ACCESS_DENIED, NOT_AVAILABLE = 0xC0000034, 0xC0000022, 0xC00000AC
DISCONNECTED, CANCELLED = 0xC00000B0, 0xC0000120

NAMED_PIPE = "2"


def payload(packet):
    """The payload of a segment."""
    return bytes(packet[TCP].payload)


def tds_of_capture():
    """(PRELOGIN, its answer, LOGIN7, LOGINACK, SQL batch) as their packets stand in the pipe."""
    frames = rdpcap(str(captures.real("smb2-np-impacket-byte-mode-reads-cross-packets")))
    written, read = 4 + 64 + 48, 4 + 64 + 16
    found = (payload(frames[number - 1])[at:]
             for number, at in ((16, written), (19, read), (20, written), (23, read), (24, written)))
    return tuple(packet[:int.from_bytes(packet[2:4], "big")] for packet in found)  # zeros may stand behind it


PRELOGIN, PRELOGIN_ANSWER, LOGIN7, LOGINACK, BATCH = tds_of_capture()
DONE = bytes.fromhex("04 01 0011 0037 01 00 fd 0000 c100 01000000")


class Smb:
    """A TCP connection with SMB2 in it, and the frames of it."""

    def __init__(self, begun=True, share=PIPE):
        self.frames, self.at = [], 1_700_000_000.0
        self.seq = {True: 1000, False: 5000}
        self.message, self.waiting = 0, 0
        if begun:
            self.segment(True, flags="S")
            self.segment(False, flags="SA")
            self.segment(True)
            self.ask(TREE_CONNECT, struct.pack("<HHHH", 9, 0, 72, 0), tree=0)
            self.answer(TREE_CONNECT, struct.pack("<HBBIII", 16, share, 0, 0, 0, 0x1FF))

    def segment(self, client, data=b"", flags="A"):
        """A segment; its number."""
        ends = (("10.0.0.1", 50000), ("10.0.0.2", 445))
        (source, sport), (destination, dport) = ends if client else ends[::-1]
        packet = (Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02") / IP(src=source, dst=destination) /
                  TCP(sport=sport, dport=dport, flags=flags, seq=self.seq[client],
                      ack=0 if flags == "S" else self.seq[not client], window=60000) / Raw(data))
        self.at += 0.001
        packet.time = self.at
        self.seq[client] += len(data) + ("S" in flags or "F" in flags)
        self.frames.append(packet)
        return len(self.frames)

    @staticmethod
    def command(command, body, response, status, message, tree, next_command=0):
        """A command with its header."""
        return struct.pack("<4sHHIHHIIQIIQ16s", b"\xfeSMB", 64, 1, status, command, 1, int(response), next_command,
                           message, 0, tree, SESSION, b"") + body

    def send(self, client, *commands):
        """Commands, each in a message of its own, in one segment; its number."""
        return self.segment(client, b"".join(struct.pack(">I", len(one)) + one for one in commands), "PA")

    def ask(self, command, body, tree=IPC):
        """A request; the number of its frame. It is the one that the next answer is for."""
        self.message += 1
        self.waiting = self.message
        return self.send(True, self.command(command, body, False, 0, self.message, tree))

    def answer(self, command, body=struct.pack("<HHI", 9, 0, 0) + b"\0", status=SUCCESS, message=None):
        """An answer; the number of its frame."""
        return self.send(False, self.command(command, body, True, status, message or self.waiting, IPC))

    def create(self, name, status=SUCCESS, file=1):
        """A file is opened, or not; the number of the answer's frame. Without a status nobody answers."""
        text = name.encode("utf-16-le")
        body = struct.pack("<HBBIQQIIIIIHHII", 57, 0, 0, 2, 0, 0, 0x12019F, 0x80, 0, 1, 0x40, 120, len(text), 0, 0)
        number = self.ask(CREATE, body + text)
        if status is None:
            return number
        if status != SUCCESS:
            return self.answer(CREATE, status=status)
        return self.created(file)

    def created(self, file=1):
        """The answer to a CREATE that opens a file; its number."""
        return self.answer(CREATE, struct.pack("<HBBIQQQQQQII", 89, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0x80, 0) +
                           struct.pack("<QQII", file, file, 0, 0))

    def write(self, data, file=1, piece=None):
        """Bytes of the client, in pieces; the number of the last WRITE's frame."""
        for at in range(0, len(data), piece or len(data)):
            part = data[at:at + (piece or len(data))]
            number = self.ask(WRITE, struct.pack("<HHIQQQIIHHI", 49, 112, len(part), 0, file, file, 0, 0, 0, 0, 0) + part)
            self.answer(WRITE, struct.pack("<HHIIHH", 17, 0, len(part), 0, 0, 0))
        return number

    def ask_read(self, file=1):
        """A READ; its message."""
        self.ask(READ, struct.pack("<HBBIQQQIIIHHB", 49, 80, 0, 65536, 0, file, file, 0, 0, 0, 0, 0, 0))
        return self.message

    @staticmethod
    def read_body(data):
        """What answers a READ."""
        return struct.pack("<HBBIII", 17, 80, 0, len(data), 0, 0) + data

    def read(self, data, file=1, piece=None, status=SUCCESS):
        """Bytes of the server, in pieces; the number of the last answer's frame."""
        for at in range(0, len(data), piece or len(data)):
            self.ask_read(file)
            number = self.answer(READ, self.read_body(data[at:at + (piece or len(data))]), status)
        return number

    def close(self, file=1):
        """CLOSE and its answer."""
        self.ask(CLOSE, struct.pack("<HHIQQ", 24, 0, 0, file, file))
        return self.answer(CLOSE, struct.pack("<HHI", 60, 0, 0) + bytes(52))

    def login(self, file=1, piece=None):
        """A login that succeeds."""
        for request, response in ((PRELOGIN, PRELOGIN_ANSWER), (LOGIN7, LOGINACK)):
            self.write(request, file, piece)
            self.read(response, file, piece)

    def capture(self):
        """The frames as a capture."""
        path = wireshark.scratch("pipes") / "pipes.pcap"
        wrpcap(str(path), self.frames)
        return wireshark.give(path)


def shortened(packet, length):
    """The packet as a snap length leaves it."""
    short = Ether(bytes(packet)[:length])
    short.time, short.wirelen = packet.time, len(packet)
    return short


def last(capture, *names, **how):
    """The values of NAMES at the end of each connection."""
    rows = wireshark.fields(capture, "tdsconn.stream", *names, two_pass=True, display_filter="tdsconn.last", **how)
    return {stream: values for stream, *values in rows}


def findings(capture, rule):
    """(frame, text) of a finding."""
    return wireshark.fields(capture, "frame.number", f"tdsconn.expert.{rule}", "_ws.expert.message", two_pass=True,
                            display_filter=f"tdsconn.expert.{rule}")


def messages(capture):
    """Each frame's messages."""
    return {int(frame): told for frame, told in
            wireshark.fields(capture, "frame.number", "tdsconn.message", display_filter="tdsconn.message")}


@pytest.mark.parametrize("piece", [None, 1000, 100, 7, 1])
def test_pieces_do_not_matter(piece):
    smb = Smb()
    smb.create(r"sql\query")
    smb.login(piece=piece)
    smb.write(BATCH, piece=piece)
    smb.read(DONE, piece=piece)
    smb.close()
    assert last(smb.capture(), "tdsconn.transport", "tdsconn.state", "tdsconn.auth", "tdsconn.close",
                "tdsconn.progress", "tdsconn.pipe") == {
        "0": [NAMED_PIPE, "3", "1", "1", ">PC <PO >PL <PR >L7 <LA >BAT <RES >F <F", r"sql\query"]}


def test_a_read_may_wait_and_come_in_parts():
    """READ before WRITE, STATUS_PENDING, and STATUS_BUFFER_OVERFLOW with a part of a message."""
    smb = Smb()
    smb.create(r"MSSQL$SALES\sql\query")
    smb.login()
    waiting = smb.ask_read()
    pending = smb.answer(READ, status=PENDING)
    smb.write(BATCH)
    smb.answer(READ, smb.read_body(DONE[:9]), OVERFLOW, message=waiting)
    whole = smb.read(DONE[9:])
    smb.close()
    capture = smb.capture()
    assert messages(capture)[whole] == "55"
    assert wireshark.fields(capture, "tdsconn.stream", "tdsconn.message", display_filter=f"frame.number == {pending}") \
        == [("0", "")]
    assert findings(capture, "request_abandoned") == []


@pytest.mark.parametrize("status, meaning", [
    (NOT_FOUND, "nobody listens there: "),
    (ACCESS_DENIED, "the user of the SMB session may not open it: STATUS_ACCESS_DENIED in answer"),
    (NOT_AVAILABLE, "all instances of the pipe are in use: STATUS_PIPE_NOT_AVAILABLE in answer"),
    (0xC0001234, "status 0xc0001234"),
])
def test_a_refused_pipe_says_why(status, meaning):
    smb = Smb()
    refused = smb.create(r"sql\query", status)
    capture = smb.capture()
    [[frame, _, text]] = findings(capture, "pipe_refused")
    assert int(frame) == refused and text.startswith(meaning)
    assert last(capture, "tdsconn.state", "tdsconn.pipe") == {"0": [STATE.CONNECTING, r"sql\query"]}
    assert {rule for rule in ("pipe_broken", "pipe_unanswered", "probe", "server_closed_first")
            if findings(capture, rule)} == set()


def test_a_create_whose_answer_is_cut_is_not_refused():
    """The snap length leaves its status, and not the number of the file."""
    smb = Smb()
    answer = smb.create(r"sql\query")
    smb.frames[answer - 1] = shortened(smb.frames[answer - 1], 150)
    capture = smb.capture()
    assert messages(capture)[answer] == str(MESSAGE.PIPE_CREATED)
    assert findings(capture, "pipe_refused") == []


def test_a_pipe_of_which_all_between_create_and_close_is_lost_is_no_probe():
    smb = Smb()
    created = smb.create(r"sql\query")
    smb.login()
    close = smb.close()
    del smb.frames[created:close - 2]
    capture = smb.capture()
    assert findings(capture, "capture_gap")
    assert last(capture, "tdsconn.state") == {"0": [STATE.LOGGING_IN]}


def test_a_create_without_an_answer():
    smb = Smb()
    asked = smb.create(r"sql\query", None)
    smb.at += 9
    end = smb.segment(True, flags="FA")
    [[frame, _, text]] = findings(smb.capture(), "pipe_unanswered")
    assert int(frame) == end and f"no answer to the pipe's CREATE in frame {asked}" in text


def test_a_pipe_breaks_in_the_middle():
    smb = Smb()
    smb.create(r"sql\query")
    smb.login()
    smb.write(BATCH)
    smb.ask_read()
    broken = smb.answer(READ, status=DISCONNECTED)
    smb.close()
    capture = smb.capture()
    [[frame, _, text]] = findings(capture, "pipe_broken")
    assert int(frame) == broken and "the server owed its response to the SQL batch" in text
    assert text.startswith("the server closed its end: STATUS_PIPE_DISCONNECTED")
    assert last(capture, "tdsconn.close") == {"0": [enums.CLOSE.SERVER_FIRST]}
    assert findings(capture, "killed") == findings(capture, "server_closed_first") == []


def test_a_cancelled_read_breaks_nothing():
    smb = Smb()
    smb.create(r"sql\query")
    smb.login()
    smb.ask_read()
    smb.answer(READ, status=CANCELLED)
    smb.close()
    capture = smb.capture()
    assert findings(capture, "pipe_broken") == []
    assert last(capture, "tdsconn.close") == {"0": [enums.CLOSE.NORMAL]}


@pytest.mark.parametrize("end", [{"flags": "R"}, {"flags": "FA"}])
def test_two_pipes_of_a_tcp_connection_are_two(end):
    """They end with it, in a frame that belongs to both."""
    smb = Smb()
    smb.create(r"sql\query", file=1)
    smb.create(r"MSSQL$B\sql\query", file=2)
    for step in ((PRELOGIN, PRELOGIN_ANSWER), (LOGIN7, LOGINACK), (BATCH, DONE)):
        for request, take in zip(step, (smb.write, smb.read)):
            take(request, file=1, piece=30)
            take(request, file=2, piece=50)
    smb.segment(True, **end)
    capture = smb.capture()
    rows = wireshark.fields(capture, "tdsconn.stream", "tdsconn.pipe", "tdsconn.progress", two_pass=True,
                            display_filter="tdsconn.last")
    assert rows[-1][0] == "0,1"
    assert rows[-1][1] == r"sql\query,MSSQL$B\sql\query"
    assert all(told.startswith(">PC <PO >PL <PR >L7 <LA >BAT <RES") for told in rows[-1][2].split(","))


def test_a_close_that_the_capture_lost_is_known_by_its_answer():
    smb = Smb()
    smb.create(r"sql\query")
    smb.login()
    close = smb.close() - 1
    smb.segment(False, flags="FA")
    del smb.frames[close - 1]
    assert last(smb.capture(), "tdsconn.close") == {"0": [enums.CLOSE.NORMAL]}


def test_a_close_that_the_capture_lost_may_be_that_of_another_pipe():
    smb = Smb()
    smb.create(r"sql\query", file=1)
    smb.create("srvsvc", file=2)
    smb.login(file=1)
    close = smb.close(file=2) - 1
    smb.write(BATCH, file=1)
    smb.read(DONE, file=1)
    smb.segment(False, flags="FA")
    del smb.frames[close - 1]
    capture = smb.capture()
    assert last(capture, "tdsconn.close") == {"0": [enums.CLOSE.SERVER_FIRST]}
    # The batch came behind what was lost. Wireshark 4.6 tells of the loss in fewer frames, so that this is known there.
    assert {frame for frame, *_ in findings(capture, "server_closed_first")} <= {str(len(smb.frames))}


@pytest.mark.parametrize("end, close", [("FA", enums.CLOSE.NORMAL), ("RA", enums.CLOSE.RESET_AFTER_CLOSE)])
def test_a_fin_that_the_capture_lost_is_known_by_its_acknowledgement(end, close):
    smb = Smb()
    smb.create(r"sql\query")
    smb.login()
    lost = smb.segment(True, flags="FA")
    smb.segment(False)
    smb.segment(False, flags=end)
    del smb.frames[lost - 1]
    assert last(smb.capture(), "tdsconn.close") == {"0": [close]}


def test_answers_for_two_pipes_in_one_frame():
    smb = Smb()
    smb.create(r"sql\query", file=1)
    smb.create(r"sql\query", file=2)
    for file in (1, 2):
        smb.login(file)
        smb.write(BATCH, file)
    first, second = smb.ask_read(1), smb.ask_read(2)
    both = smb.send(False, *(smb.command(READ, smb.read_body(DONE), True, 0, message, IPC)
                             for message in (first, second)))
    capture = smb.capture()
    assert wireshark.fields(capture, "tdsconn.stream", "tdsconn.message", display_filter=f"frame.number == {both}") == \
        [("0,1", "55,55")]


@pytest.mark.parametrize("name", [r"sql\query", "a.bin"])
def test_a_file_on_a_disk_is_no_pipe(name):
    smb = Smb(share=DISK)
    smb.create(name)
    smb.login()
    smb.close()
    assert wireshark.fields(smb.capture(), "frame.number", display_filter="tdsconn") == []


def test_a_pipe_of_others_is_none():
    smb = Smb()
    smb.create("srvsvc")
    smb.write(bytes.fromhex("05000b03100000004800000001000000b810b810000000000100000000000100") + bytes(40))
    smb.read(bytes.fromhex("05000c03100000004400000001000000b810b810") + bytes(48))
    smb.close()
    assert wireshark.fields(smb.capture(), "frame.number", display_filter="tdsconn") == []


def test_a_pipe_with_another_name_is_known_by_its_bytes():
    smb = Smb()
    smb.create(r"custom\pipe")
    smb.login()
    smb.close()
    assert last(smb.capture(), "tdsconn.pipe", "tdsconn.progress") == {"0": [r"custom\pipe", ">PC <PO >PL <PR >L7 <LA >F <F"]}


def test_a_name_of_the_preference_is_enough():
    smb = Smb()
    refused = smb.create(r"Custom\Pipe", NOT_FOUND)
    capture = smb.capture()
    assert findings(capture, "pipe_refused") == []
    rows = wireshark.tshark(capture, "-o", r"tdsconn.pipe_names:other, \pipe\custom\pipe", "-Y",
                            "tdsconn.expert.pipe_refused", "-T", "fields", "-e", "frame.number")
    assert rows == [str(refused)]


def test_a_capture_that_begins_behind_create():
    """Which file a READ is about is known from what was asked."""
    smb = Smb(begun=False)
    smb.login(file=5)
    smb.write(BATCH, file=5)
    smb.read(DONE, file=5)
    smb.close(file=5)
    assert last(smb.capture(), "tdsconn.state", "tdsconn.pipe", "tdsconn.progress") == {
        "0": ["3", "", ">PL <PR >L7 <LA >BAT <RES >F <F"]}


def test_a_hole_is_told_and_what_follows_is_read():
    smb = Smb()
    smb.create(r"sql\query")
    smb.login()
    smb.write(BATCH)
    lost = smb.read(DONE[:9])
    smb.read(DONE[9:])
    smb.write(BATCH)
    answer = smb.read(DONE)
    smb.close()
    del smb.frames[lost - 1]
    capture = smb.capture()
    assert findings(capture, "capture_gap")
    assert messages(capture)[answer - 1] == "55"
    assert findings(capture, "killed") == findings(capture, "request_abandoned") == []


def test_one_pass_tells_the_same_steps():
    smb = Smb()
    smb.create(r"sql\query")
    smb.login(piece=50)
    smb.close()
    capture = smb.capture()
    one, two = (wireshark.fields(capture, "tdsconn.step", "tdsconn.message", "tds.type", two_pass=passes)
                for passes in (False, True))
    assert [row[1:] for row in one] == [row[1:] for row in two]


def followed(capture, stream, two_pass=False):
    """(what the client sent, what the server sent) by Follow, as bytes."""
    told = wireshark.run("tshark", *(["-2"] if two_pass else []), "-q", "-r", capture, "-z", f"follow,tdspipe,raw,{stream}").stdout
    lines = [line for line in told.splitlines() if line.strip() and all(one in "0123456789abcdef" for one in line.strip())]
    return tuple(b"".join(bytes.fromhex(line.strip()) for line in lines if line.startswith("\t") is by_server)
                 for by_server in (False, True))


@pytest.mark.parametrize("two_pass", [False, True])
def test_follow_shows_the_bytes_of_one_pipe(two_pass):
    smb = Smb()
    smb.create(r"sql\query", file=1)
    smb.create(r"sql\query", file=2)
    for file in (1, 2):
        smb.login(file, piece=100)
        smb.write(BATCH, file)
    first, second = smb.ask_read(1), smb.ask_read(2)
    smb.send(False, *(smb.command(READ, smb.read_body(data), True, 0, message, IPC)
                      for message, data in ((first, DONE), (second, DONE + DONE))))
    capture = smb.capture()
    sent, got = PRELOGIN + LOGIN7 + BATCH, PRELOGIN_ANSWER + LOGINACK
    assert followed(capture, 0, two_pass) == (sent, got + DONE)
    assert followed(capture, 1, two_pass) == (sent, got + DONE + DONE)


def through_a_pipe(name, smb, file=1):
    """Has the bytes of a real capture of one TCP connection written and read; [(number, by the client)] of those frames."""
    frames = []
    for packet in rdpcap(str(captures.real(name))):
        data = payload(packet) if TCP in packet else b""
        if data:
            by_client = packet[TCP].dport == 1433
            frames.append(((smb.write if by_client else smb.read)(data, file), by_client))
    return frames


SESSIONS = ["tdsconn.message", "tdsconn.mars.sid", "tdsconn.mars.event", "tdsconn.mars.credit", "tdsconn.mars.open",
            "tdsconn.mars.session"]


def told_of_data(capture, names, display_filter):
    """The rows of NAMES, of frames that tell any message."""
    return [row for row in wireshark.fields(capture, *names, two_pass=True, display_filter=display_filter) if row[0]]


def test_mars_in_a_pipe_is_as_over_tcp():
    smb = Smb()
    smb.create(r"sql\query")
    through_a_pipe("mars-odbc-noenc", smb)
    capture = smb.capture()
    over_tcp = told_of_data(captures.real("mars-odbc-noenc"), SESSIONS, "tcp.len > 0 && tdsconn.message")
    assert told_of_data(capture, SESSIONS, f"tdsconn.message && !(tdsconn.step == {STEP.PIPE})") == over_tcp
    assert any(len(row[1].split(",")) > 1 for row in over_tcp) or len({row[1] for row in over_tcp}) > 2
    whole = wireshark.run("tshark", "-q", "-r", captures.real("mars-odbc-noenc"), "-z", "follow,tdsconn,raw,1").stdout
    ours = wireshark.run("tshark", "-q", "-r", capture, "-z", "follow,tdsconn,raw,1").stdout
    assert len(ours.splitlines()) > 8 and ours.splitlines()[6:] == whole.splitlines()[6:]
