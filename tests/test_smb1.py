# SPDX-License-Identifier: GPL-2.0-or-later
"""Connections over named pipes of SMB1: the same is told of them as of those of SMB2.

SMB1 is written here as Windows writes it, after MS-CIFS 2.2 and MS-SMB 2.2: texts of 2 bytes, a number for each
request, the session and the share asked for in one message. Clients that number nothing are in captures/real.
"""

import struct

import pytest

import captures
import wireshark
from test_pipes import (
    ACCESS_DENIED, BATCH, DISCONNECTED, DONE, LOGIN7, LOGINACK, NAMED_PIPE, NOT_FOUND, OVERFLOW, PRELOGIN,
    PRELOGIN_ANSWER, SUCCESS, Smb, findings, last, messages)

CLOSE, WRITE_OLD, TRANSACTION, OPEN_ANDX, READ_ANDX, WRITE_ANDX = 0x04, 0x0B, 0x25, 0x2D, 0x2E, 0x2F
SESSION_SETUP_ANDX, TREE_CONNECT_ANDX, NT_CREATE_ANDX = 0x73, 0x75, 0xA2
USER, IPC, PROCESS = 0x0801, 0x0802, 0xFEFF
NO_ANDX = b"\xff\0\0\0"
HEADER = 32
RAW_START = 0x0C  # of a WRITE: two bytes of length stand before a message


def block(words, data=b""):
    """The words of a command and its bytes."""
    assert len(words) % 2 == 0
    return bytes([len(words) // 2]) + words + struct.pack("<H", len(data)) + data


def andx(code, first, then):
    """A command's words and bytes, with another command behind it."""
    return first[:1] + struct.pack("<BBH", code, 0, HEADER + len(first)) + first[5:] + then


def ntlm_token():
    """The token that the client of a real capture sends."""
    [[payload]] = wireshark.fields(captures.real("smb1-np-samba"), "tcp.payload", display_filter="frame.number == 10")
    message = bytes.fromhex(payload)[4:]
    return message[59:59 + struct.unpack_from("<H", message, 47)[0]]


class Smb1(Smb):
    """A TCP connection with SMB1 in it, and the frames of it."""

    def __init__(self, service=b"IPC\0", numbered=True, unicode=True):
        super().__init__(begun=False)
        self.numbered, self.unicode = numbered, unicode
        for client, flags in ((True, "S"), (False, "SA"), (True, "A")):
            self.segment(client, flags=flags)
        token = ntlm_token()
        setup = block(NO_ANDX + struct.pack("<HHHIHII", 4356, 50, 0, 0, len(token), 0, 0x800000D4), token + bytes(3))
        path = self.text("\\\\10.0.0.2\\IPC$", len(setup) + HEADER + 12)
        tree = block(NO_ANDX + struct.pack("<HH", 8, 1), b"\0" + path + b"?????\0")
        self.request(SESSION_SETUP_ANDX, andx(TREE_CONNECT_ANDX, setup, tree), user=0, tree=0xFFFF)
        done = block(NO_ANDX + struct.pack("<HH", 0, 0), bytes(5))
        self.reply(SESSION_SETUP_ANDX, andx(TREE_CONNECT_ANDX, done, block(NO_ANDX + bytes(2), service + bytes(2))))

    def text(self, text, at):
        """A text that stands AT this place of a message."""
        return bytes(at % 2) + (text + "\0").encode("utf-16-le") if self.unicode else text.encode() + b"\0"

    def message_of(self, code, body, response, status, number, user=USER, tree=IPC):
        """A message."""
        flags = (0xC807 if self.unicode else 0x4807)
        return struct.pack("<4sBIBHHQHHHHH", b"\xffSMB", code, status, 0x98 if response else 0x18, flags, 0, 0, 0,
                           tree, PROCESS, user, number) + body

    def request(self, code, body, **who):
        """A request; the number of its frame."""
        self.message += 64 if self.numbered else 0
        self.waiting = self.message
        return self.send(True, self.message_of(code, body, False, 0, self.message, **who))

    def reply(self, code, body=b"\0\0\0", status=SUCCESS, message=None):
        """An answer; the number of its frame."""
        number = self.waiting if message is None else message
        return self.send(False, self.message_of(code, body, True, status, number))

    def create(self, name, status=SUCCESS, file=1):
        words = NO_ANDX + struct.pack("<BHIIIQIIIIIB", 0, 2 * len(name), 0x16, 0, 0x2019F, 0, 0, 3, 1, 0x40, 2, 3)
        number = self.request(NT_CREATE_ANDX, block(words, self.text(name, HEADER + 3 + len(words))))
        if status is None:
            return number
        if status != SUCCESS:
            return self.reply(NT_CREATE_ANDX, status=status)
        opened = NO_ANDX + struct.pack("<BHI32sIQQHHB", 0, file, 1, b"", 0x80, 0, 0, 2, 0x5FF, 0)
        return self.reply(NT_CREATE_ANDX, block(opened + bytes(len(opened) % 2)))

    def open(self, name, file=1):
        """A file is opened as before NT_CREATE_ANDX."""
        words = NO_ANDX + bytes(26)
        self.request(OPEN_ANDX, block(words, self.text(name, HEADER + 3 + len(words))))
        return self.reply(OPEN_ANDX, block(NO_ANDX + struct.pack("<H", file) + bytes(24)))

    def write(self, data, file=1, piece=None, mode=8):
        for at in range(0, len(data), piece or len(data)):
            part = data[at:at + (piece or len(data))]
            part = struct.pack("<H", len(part)) + part if mode == RAW_START else part
            words = NO_ANDX + struct.pack("<HIIHHHHHI", file, 0, 0xFFFFFFFF, mode, len(part), 0, len(part), 64, 0)
            number = self.request(WRITE_ANDX, block(words, b"\xee" + part))
            self.reply(WRITE_ANDX, block(NO_ANDX + struct.pack("<HHI", len(part), 0xFFFF, 0)))
        return number

    def ask_read(self, file=1):
        self.request(READ_ANDX, block(NO_ANDX + struct.pack("<HIHHIHI", file, 0, 4096, 4096, 0xFFFFFFFF, 0, 0)))
        return self.message

    @staticmethod
    def read_body(data):
        """What answers a READ_ANDX."""
        return block(NO_ANDX + struct.pack("<HHHHHHQ", 0xFFFF, 0, 0, len(data), 60, 0, 0), b"\xee" + data)

    def read(self, data, file=1, piece=None, status=SUCCESS):
        for at in range(0, len(data), piece or len(data)):
            self.ask_read(file)
            number = self.reply(READ_ANDX, self.read_body(data[at:at + (piece or len(data))]), status)
        return number

    def transact(self, data, answer, file=1, status=SUCCESS):
        """Bytes of the client and the answer to them, in one exchange; the number of the answer's frame."""
        name = self.text("\\PIPE\\", HEADER + 3 + 32)
        at = HEADER + 3 + 32 + len(name)
        words = struct.pack("<HHHHBBHIHHHHHBBHH", 0, len(data), 0, 4096, 0, 0, 0, 0, 0, 0, at, len(data), at, 2, 0, 0x26,
                            file)
        self.request(TRANSACTION, block(words, name + data))
        words = struct.pack("<HHHHHHHHHBB", 0, len(answer), 0, 0, 56, 0, len(answer), 56, 0, 0, 0)
        return self.reply(TRANSACTION, block(words, b"\0" + answer), status)

    def close(self, file=1):
        self.request(CLOSE, block(struct.pack("<HI", file, 0xFFFFFFFF)))
        return self.reply(CLOSE)


WHOLE = ">PC <PO >PL <PR >L7 <LA >BAT <RES >F <F"


@pytest.mark.parametrize("how", [{}, {"numbered": False}, {"unicode": False}])
@pytest.mark.parametrize("piece", [None, 100, 7])
def test_what_smb2_tells_smb1_tells(how, piece):
    smb = Smb1(**how)
    smb.create(r"\sql\query")
    smb.login(piece=piece)
    smb.write(BATCH, piece=piece)
    smb.read(DONE, piece=piece)
    smb.close()
    assert last(smb.capture(), "tdsconn.transport", "tdsconn.state", "tdsconn.auth", "tdsconn.close",
                "tdsconn.progress", "tdsconn.pipe", "tdsconn.smb.user", "tdsconn.smb.auth") == {
        "0": [NAMED_PIPE, "3", "1", "1", WHOLE, r"sql\query", r"CORP\alice", "NTLM"]}


@pytest.mark.parametrize("capture", ["smb1-np-samba", "smb1-np-samba-trans"])
@pytest.mark.parametrize("two_pass", [False, True])
def test_one_pass_and_two_see_the_same_frames(capture, two_pass):
    rows = wireshark.fields(captures.real(capture), "frame.number", "tdsconn.stream", two_pass=two_pass,
                            display_filter="tdsconn")
    assert [int(number) for number, _ in rows] == list(range(14, 34 if capture == "smb1-np-samba" else 32))
    assert {stream for _, stream in rows} == {"0"}


def test_transactions_and_lengths_before_messages():
    smb = Smb1()
    smb.create(r"\MSSQL$SALES\sql\query")
    smb.write(PRELOGIN, mode=RAW_START)
    smb.read(PRELOGIN_ANSWER)
    smb.transact(LOGIN7, LOGINACK)
    cut = smb.transact(BATCH, DONE[:9], status=OVERFLOW)
    whole = smb.read(DONE[9:])
    smb.close()
    capture = smb.capture()
    assert messages(capture)[whole] == "55" and cut not in messages(capture)
    assert last(capture, "tdsconn.progress", "tdsconn.pipe") == {"0": [WHOLE, r"MSSQL$SALES\sql\query"]}


def test_a_pipe_opened_as_before_windows_nt():
    smb = Smb1(unicode=False)
    smb.open(r"\PIPE\sql\query")
    smb.login()
    smb.close()
    assert last(smb.capture(), "tdsconn.state", "tdsconn.pipe") == {"0": ["3", r"sql\query"]}


@pytest.mark.parametrize("status, meaning", [
    (NOT_FOUND, "nobody listens there: "),
    (ACCESS_DENIED, "the user of the SMB session may not open it: STATUS_ACCESS_DENIED in answer"),
])
def test_a_refused_pipe_says_why(status, meaning):
    smb = Smb1()
    refused = smb.create(r"\sql\query", status)
    [[frame, _, text]] = findings(smb.capture(), "pipe_refused")
    assert int(frame) == refused and text.startswith(meaning)


def test_a_create_without_an_answer():
    smb = Smb1()
    asked = smb.create(r"\sql\query", None)
    smb.at += 9
    end = smb.segment(True, flags="FA")
    [[frame, _, text]] = findings(smb.capture(), "pipe_unanswered")
    assert int(frame) == end and f"no answer to the pipe's CREATE in frame {asked}" in text


def test_a_pipe_breaks_in_the_middle():
    smb = Smb1()
    smb.create(r"\sql\query")
    smb.login()
    smb.write(BATCH)
    smb.ask_read()
    broken = smb.reply(READ_ANDX, status=DISCONNECTED)
    smb.close()
    [[frame, _, text]] = findings(smb.capture(), "pipe_broken")
    assert int(frame) == broken and "the server owed its response to the SQL batch" in text
    assert text.startswith("the server closed its end: STATUS_PIPE_DISCONNECTED")


def test_two_pipes_are_two():
    """A request without an answer is no matter for those that have the same number."""
    smb = Smb1(numbered=False)
    smb.create(r"\sql\query", file=1)
    smb.create(r"\MSSQL$B\sql\query", file=2)
    for step in ((PRELOGIN, PRELOGIN_ANSWER), (LOGIN7, LOGINACK), (BATCH, DONE)):
        for request, take in zip(step, (smb.write, smb.read)):
            take(request, file=1, piece=30)
            smb.ask_read(file=1)
            take(request, file=2, piece=50)
    smb.close(1)
    smb.close(2)
    assert last(smb.capture(), "tdsconn.pipe", "tdsconn.progress") == {
        "0": [r"sql\query", WHOLE], "1": [r"MSSQL$B\sql\query", WHOLE]}


@pytest.mark.parametrize("name, service", [("\\srvsvc", b"IPC\0"), ("\\sql\\query", b"A:\0")])
def test_other_files_are_left_alone(name, service):
    """What a disk's file holds, and another pipe's, even if it looks like a message without its beginning."""
    smb = Smb1(service)
    smb.create(name)
    for _ in range(3):
        smb.write(b"\x05\0\x0b\x03" + bytes(68))
        smb.read(b"\x05\0\x0c\x03" + bytes(64))
    smb.close()
    assert wireshark.fields(smb.capture(), "frame.number", display_filter="tdsconn") == []


def test_another_name_is_known_by_its_bytes():
    smb = Smb1()
    smb.create(r"\own\name")
    smb.login()
    smb.close()
    assert last(smb.capture(), "tdsconn.state", "tdsconn.pipe") == {"0": ["3", r"own\name"]}


def test_a_capture_that_begins_behind_create():
    smb = Smb1()
    smb.create(r"\sql\query")
    begin = len(smb.frames)
    smb.login()
    smb.transact(BATCH, DONE)
    smb.close()
    del smb.frames[:begin]
    assert last(smb.capture(), "tdsconn.state", "tdsconn.pipe", "tdsconn.progress") == {
        "0": ["3", "", ">PL <PR >L7 <LA >BAT <RES >F <F"]}
