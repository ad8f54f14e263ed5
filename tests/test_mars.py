# SPDX-License-Identifier: GPL-2.0-or-later
"""MARS: each rule in a story of its own and nearly in another; sessions, windows and answers frame by frame."""

from collections import Counter, defaultdict
from functools import lru_cache

import pytest
from scapy.layers.inet import IP, TCP
from scapy.packet import Raw
from scapy.utils import rdpcap

import captures
import findings
import made
import merged
import wireshark

MARS = [capture for capture in captures.REAL if "mars" in capture.stem]
REFUSED = "odbc-mars-refused-by-server-noenc"
KEEP_TOGETHER = ("-o", "tdsconn.separate_sessions:FALSE")
SYN, ACK, FIN, DATA = 1, 2, 4, 8
ESTABLISHED, FIN_BY_CLIENT, CLOSED = 1, 2, 4

# Of each story the rules about MARS that are raised, with their frames; of all other rules, none that warns.
STORIES = {
    "mars-bad-flags": {"bad_flags": [14]},
    "mars-data-after-fin": {"data_after_fin": [18]},
    "mars-ends-together": {},
    "mars-gap": {},
    "mars-healthy": {},
    "mars-interleaved": {},
    "mars-midway": {},
    "mars-no-header": {"bad_flags": [16, 18, 19, 20, 22, 24]},
    "mars-packets": {},
    "mars-refused": {"refused": [5]},
    "mars-reused": {},
    "mars-sequence": {"sequence": [16]},
    "mars-session-leak": {"session_leak": [18]},
    "mars-sid-reused-early": {"sid_reused_early": [16]},
    "mars-stalled": {"stalled": [18], "window_brake": [20]},
    "mars-syn-from-server": {"syn_from_server": [15]},
    "mars-unknown-session": {"unknown_session": [15], "session_leak": [17]},
    "mars-unused": {"unused": [14]},
    "mars-waiting": {"stalled": [19, 41]},
    "mars-window-brake": {"window_brake": [40]},
    "mars-window-exceeded": {"window_exceeded": [18]},
    "mars-window-shrunk": {"window_shrunk": [17]},
    "article-mars": {},
}
# FreeTDS leaves its first session to the end of the connection, SqlClient all of them; and its readers take turns.
REAL = {
    "mars-odbc-big-interleaved-noenc": {"session_leak": 1},
    "mars-odbc-login-only-tls": {"session_leak": 1},
    "mars-odbc-noenc": {"session_leak": 1},
    "mars-sqlclient-mono-interleaved": {"session_leak": 1, "window_brake": 2},
    "mars-sqlclient-mono-login-only-tls": {"session_leak": 1},
    REFUSED: {"refused": 1},
}
STATES_AT_END = {
    "mars-odbc-big-interleaved-noenc": {0: ESTABLISHED, 1: ESTABLISHED},
    "mars-odbc-cancel-one-session": {0: ESTABLISHED},
    "mars-odbc-client-sigkill": {0: ESTABLISHED},
    "mars-odbc-login-only-tls": {0: ESTABLISHED, 1: CLOSED, 2: ESTABLISHED},
    "mars-odbc-noenc": {0: ESTABLISHED, 1: CLOSED, 2: ESTABLISHED},
    "mars-sqlclient-mono-interleaved": {0: ESTABLISHED, 1: ESTABLISHED, 2: ESTABLISHED, 3: ESTABLISHED},
    "mars-sqlclient-mono-login-only-tls": {0: ESTABLISHED, 1: ESTABLISHED, 2: ESTABLISHED},
    REFUSED: {},
}


def story(name):
    """The path of a story's capture."""
    return wireshark.CAPTURES / "story" / f"{name}.pcapng"


@lru_cache(maxsize=None)
def all_findings():
    return findings.raised([*map(story, STORIES), *MARS], captures.all_keys())


def raised(capture):
    """{rule: frames} of all our rules."""
    found = all_findings()[capture]
    named = {rule: [frame for frame, rules in found.items() if rule in rules] for rule in findings.SEVERITIES}
    return {rule: frames for rule, frames in named.items() if frames}


def about_mars(found):
    """The rules of MARS alone, without the beginning of their names."""
    return {rule.removeprefix("mars_"): frames for rule, frames in found.items() if rule.startswith("mars_")}


@lru_cache(maxsize=None)
def packets(capture, *names, bare=False):
    """[(frame, value of each field ...)] for each SMP packet of a capture."""
    rows = wireshark.fields(capture, "frame.number", *names, bare=bare, two_pass=True, keys=wireshark.keys_of(capture))
    split = [(row[0], [field.split(",") for field in row[1:]]) for row in rows if row[1]]
    return [(int(frame), *values) for frame, columns in split for values in zip(*columns, strict=True)]


def frames(name, *fields):
    """{frame: values} of a story."""
    return {int(row[0]): row[1:] for row in wireshark.fields(story(name), "frame.number", *fields, two_pass=True)}


def rows_of_sessions(capture, *options, bare=False):
    """How many rows Wireshark's own TDS shows in each session, and how many malformed packets in all."""
    counts, sid = Counter(), None
    for line in wireshark.tshark(capture, "-2", "-O", "smp,tds", "-Y", "smp", *options, bare=bare):
        if line.startswith("    SID: "):
            sid = int(line.split(": ")[1])
        counts[sid] += line.strip() == "Token - Row"
        counts["malformed"] += "Malformed Packet" in line
    return +counts


# Rules.


@pytest.mark.parametrize("name", STORIES)
def test_a_story_raises_its_rules_and_no_other(name):
    found = raised(story(name))
    assert about_mars(found) == STORIES[name]
    # The client of these closes in the middle of a command.
    closes = {"request_abandoned"} if name in ("mars-data-after-fin", "mars-waiting") else set()
    assert {rule for rule in found if rule in findings.MAY_WARN and not rule.startswith("mars_")} == closes


def test_every_rule_has_a_story():
    assert {rule for rules in STORIES.values() for rule in rules} == set(about_mars(findings.SEVERITIES))


def test_every_story_is_in_the_table():
    assert set(STORIES) == {path.stem for path in captures.STORY if path.stem.startswith(("mars-", "article-mars"))}


def test_a_filter_finds_the_frame_and_its_text_says_what_happened():
    lines = wireshark.tshark(story("mars-stalled"), "-Y", "tdsconn.expert.mars_stalled", "-T", "fields",
                             "-e", "frame.number", "-e", "_ws.expert.message")
    assert lines == ["18\tsession 0: the server had no credit for 2.000 s: the client was not reading"]


def test_a_rule_can_be_left_out():
    args = ("-o", "tdsconn.off.mars_stalled:TRUE", "-Y", "tdsconn.expert.mars_stalled")
    assert wireshark.tshark(story("mars-stalled"), *args) == []


@pytest.mark.parametrize("name", [capture.stem for capture in MARS])
def test_real_drivers_make_no_error(name):
    found = about_mars(raised(captures.real(name)))
    assert {rule: len(where) for rule, where in found.items()} == REAL.get(name, {})
    assert not {f"mars_{rule}" for rule in found} & findings.MAY_WARN


# Sessions and windows.


@pytest.mark.parametrize("name", [capture.stem for capture in MARS])
def test_packets_are_counted_as_by_bare_wireshark(name):
    def counted(sid, event, bare):
        return Counter((int(row[1], 0), int(row[2], 0)) for row in packets(captures.real(name), sid, event, bare=bare))

    ours = counted("tdsconn.mars.sid", "tdsconn.mars.event", False)
    assert ours == counted("smp.sid", "smp.flags", True)
    assert bool(ours) == (name != REFUSED)


@pytest.mark.parametrize("name", [capture.stem for capture in MARS])
def test_states_at_the_end(name):
    rows = packets(captures.real(name), "tdsconn.mars.sid", "tdsconn.mars.state")
    assert {int(sid): int(state) for _, sid, state in rows} == STATES_AT_END[name]


@pytest.mark.parametrize("name", [capture.stem for capture in MARS if capture.stem != REFUSED])
def test_credit_and_open_sessions_follow_from_the_headers(name):
    """Counted again here, from the fields of Wireshark's own dissector."""
    capture = captures.real(name)
    theirs = packets(capture, "smp.sid", "smp.flags", "smp.seqnum", "smp.wndw")
    ours = packets(capture, "tdsconn.mars.sid", "tdsconn.mars.credit", "tdsconn.mars.open")
    ports = wireshark.fields(capture, "frame.number", "tcp.dstport")
    by_client = {int(frame): port == "1433" for frame, port in ports}
    window, fins = {}, Counter()
    for (frame, sid, flags, seqnum, wndw), (_, _, credit, count) in zip(theirs, ours, strict=True):
        sender = by_client[frame]
        window[sid, sender] = int(wndw, 0)
        fins[sid] += int(flags, 0) == FIN
        assert int(credit) == window.get((sid, not sender), 4) - int(seqnum, 0)
        assert int(count) == sum(fins[one] < 2 for one in {one for one, _ in window})


def test_a_stall_is_on_the_packet_that_ends_it():
    rows = packets(story("mars-healthy"), "tdsconn.mars.event", "tdsconn.mars.credit")
    credits = {frame: (int(event), int(credit)) for frame, event, credit in rows}
    assert [credits[frame] for frame in range(12, 20)] == [
        (SYN, 4), (DATA, 3), (DATA, 3), (DATA, 2), (DATA, 1), (DATA, 0), (ACK, 4), (DATA, 3)]
    stalls = {frame: float(row[0]) for frame, row in frames("mars-healthy", "tdsconn.mars.stall").items() if row[0]}
    assert stalls == {18: 0.9, 26: 2.0, 32: 0.1}


def test_a_sid_has_several_lives():
    rows = packets(story("mars-reused"), "tdsconn.mars.label", "tdsconn.mars.generation", "tdsconn.mars.session")
    assert rows == [
        (12, "0 Established", "0", "0"), (13, "0 Established", "0", "0"), (14, "0 Established", "0", "0"),
        (15, "0 FIN sent by client", "0", "0"), (16, "0 FIN sent by client", "0", "0"), (17, "0 Closed", "0", "0"),
        (18, "0 Established", "1", "1"), (19, "0 Established", "1", "1"), (20, "0 Established", "1", "1"),
        (21, "0 FIN sent by server", "1", "1"), (22, "0 Closed", "1", "1"),
        (23, "0 Established", "2", "2"), (23, "0 Established", "2", "2"), (24, "0 Established", "2", "2"),
    ]


def test_both_peers_have_the_states_of_the_specification():
    rows = packets(story("mars-reused"), "tdsconn.mars.state.client", "tdsconn.mars.state.server")
    assert dict((frame, states) for frame, *states in rows if frame in (14, 15, 17, 21)) == {
        14: ["ESTABLISHED", "ESTABLISHED"], 15: ["FIN SENT", "FIN RECEIVED"], 17: ["CLOSED", "CLOSED"],
        21: ["FIN RECEIVED", "FIN SENT"]}


def test_a_session_that_began_before_the_capture():
    rows = frames("mars-midway", "tdsconn.mars.label", "tdsconn.mars.credit", "tdsconn.mars.generation")
    assert rows[1] == ("3 Joined midway", "", "0")  # the server's window is not known yet
    assert rows[2] == ("3 Joined midway", "3", "0")
    assert rows[4] == ("3 Joined midway", "1", "0")  # SEQNUM went over 0xFFFFFFFF to 0
    assert rows[7] == ("3 Closed", "3", "0")
    assert rows[8] == ("3 Established", "4", "1")


def test_what_a_gap_hides_is_not_judged():
    rows = frames("mars-gap", "tdsconn.mars.label", "tdsconn.mars.credit")
    assert rows[19] == ("0 Closed", "4")
    assert rows[20] == ("0 Joined midway", "")
    assert rows[21] == ("0 Joined midway", "3")


# Damage.

# What is written over a byte of a header, and where.
DAMAGE = {"another SMID": (0, 0x54), "of TDS": (0, 0x04), "no SMID": (0, 0), "no flag": (1, 0),
          "no such flag": (1, 0x10), "all flags": (1, 0xFF), "too short": (4, 8), "no length": (4, 0)}
PACKET_FIELDS = ("tdsconn.message", "tdsconn.mars.sid", "tdsconn.expert.mars_bad_flags")
OTHER_RULES = [f"tdsconn.expert.{rule}" for rule in findings.SEVERITIES if rule != "mars_bad_flags"]


def smp_headers(frames):
    """{the frame that ends an SMP packet: where the packets that begin and end in it do so}, of frames of IPv4."""
    headers = defaultdict(list)
    for place, (data, *_) in enumerate(frames):
        at = 34 + (data[46] >> 4) * 4
        while data[23] == 6 and data[at:at + 1] == b"S" and at + 16 <= len(data):
            length = int.from_bytes(data[at + 4:at + 8], "little")
            if at + length <= len(data):
                headers[place].append(at)
            at += length
    return headers


def damaged(frames, place, at, kind):
    where, byte = DAMAGE[kind]
    data, *rest = frames[place]
    data = bytearray(data)
    data[at + where] = byte
    if where == 4:  # of the length, all four bytes
        data[at + 5:at + 8] = b"\0\0\0"
    return [*frames[:place], (bytes(data), *rest), *frames[place + 1:]]


def test_a_damaged_header_is_told_at_once_and_the_stream_goes_on():
    capture = captures.real("mars-odbc-noenc")
    frames = merged.frames_of(capture)
    variants = [("whole", frames)]
    variants += [((place, at, kind), damaged(frames, place, at, kind))
                 for place, packets in smp_headers(frames).items() for at in packets for kind in DAMAGE]
    assert len(variants) > 200
    path, names = merged.written("damaged", variants, client=merged.addresses(frames[0][0])[0])
    rows = wireshark.tshark(path, "-2", "-o", "tdsconn.silence:3600000", "-T", "fields",
                            *(word for name in (*PACKET_FIELDS, *OTHER_RULES) for word in ("-e", name)))
    told = defaultdict(list)
    for name, row in zip(names, rows, strict=True):
        told[name].append(row.split("\t"))
    whole = told.pop("whole")
    for (place, at, kind), answer in told.items():
        where = f"frame {place + 1} at {at}: {kind}"
        assert [k for k, row in enumerate(answer) if row[2]] == [place], where
        assert [k for k, row in enumerate(answer) if row[:2] != whole[k][:2] and k != place] == [], where
        assert [(k, OTHER_RULES[rule]) for k, row in enumerate(answer) for rule, raised in enumerate(row[3:])
                if raised and not whole[k][3 + rule]] == [], where


def test_what_tcp_does_not_put_together_is_not_damaged():
    args = ("-o", "tcp.desegment_tcp_streams:FALSE", "-Y", "tdsconn.expert.mars_bad_flags")
    assert [wireshark.tshark(story(name), *args) for name in ("mars-packets", "mars-healthy", "mars-gap")] == [[], [], []]


# Messages.


def test_a_response_belongs_to_the_request_of_its_session():
    names = ("tdsconn.mars.sid", "tdsconn.message", "tdsconn.request_in", "tdsconn.response_in", "tdsconn.response_time")
    rows = frames("mars-interleaved", *names)
    assert {frame: rows[frame] for frame in (14, 15, 16, 17, 18, 19, 21, 22, 23, 24)} == {
        14: ("0", "63,50", "", "17", ""),
        15: ("1", "63,50", "", "16", ""),
        16: ("1", "63", "15", "", "0.008000000"),
        17: ("0", "63", "14", "", "0.010000000"),
        18: ("1", "63", "15", "", ""),
        19: ("0", "63", "14", "", ""),
        21: ("1", "63,55", "15", "", ""),
        22: ("0", "63,56", "14", "", ""),
        23: ("0", "63,50", "", "24", ""),
        24: ("0", "63,55", "23", "", "0.004000000"),
    }


def test_an_attention_cancels_in_its_session():
    names = ("tdsconn.message", "tdsconn.attention_in", "tdsconn.attention_ack_in", "tdsconn.attention_time")
    rows = frames("mars-interleaved", *names)
    assert rows[20] == ("63,54", "", "22", "")
    assert rows[22] == ("63,56", "20", "", "0.006000000")
    assert not [frame for frame, row in rows.items() if any(row[1:]) and frame not in (20, 22)]


def test_packets_that_do_not_begin_and_end_together():
    """TDS packets over several SMP packets, SMP packets over several segments, and several of them in one."""
    rows = frames("mars-packets", "tdsconn.mars.sid", "tdsconn.mars.event", "tdsconn.message", "tdsconn.request_in")
    told = {frame: row for frame, row in rows.items() if row[0] or frame == 18}
    assert told == {
        12: ("0,1,0", "1,1,8", "60,60,63,50", ""),
        13: ("0", "8", "63", ""),  # five bytes of a TDS header
        14: ("0", "8", "63,55", "12"),
        15: ("1", "8", "63", ""),
        16: ("1", "8", "63,50", ""),
        17: ("1", "8", "63,55", "16"),
        18: ("", "", "", ""),  # ten bytes of an SMP header
        19: ("0", "8", "63,50", ""),
        20: ("1", "8", "63,50", ""),
        21: ("1,0,1", "2,8,8", "61,63,55,63,55", "19,20"),
        22: ("1,0", "4,4", "62,62", ""),
        23: ("1,0", "4,4", "62,62", ""),
    }


# Wireshark's own display of the responses.

INTERLEAVED = {
    "mars-odbc-big-interleaved-noenc": {0: 2000, 1: 2000},
    "mars-sqlclient-mono-interleaved": {1: 300, 2: 300, 3: 301},
}


@pytest.mark.parametrize("name", INTERLEAVED)
def test_wireshark_shows_each_session_its_rows(name):
    assert rows_of_sessions(captures.real(name)) == INTERLEAVED[name]


@pytest.mark.parametrize("name", INTERLEAVED)
def test_without_the_preference_they_mix_as_they_did(name):
    bare = rows_of_sessions(captures.real(name), bare=True)
    assert bare["malformed"] and bare != INTERLEAVED[name]
    assert rows_of_sessions(captures.real(name), *KEEP_TOGETHER) == bare


def test_smp_packets_of_one_segment_are_all_read():
    """As a network card joins segments: the first packet of frame 13 holds 5 bytes, less than a TDS header."""
    apart = list(rdpcap(str(story("mars-packets"))))
    whole = apart[12].copy()
    whole[TCP].remove_payload()
    whole = whole / Raw(made.payload(apart[12]) + made.payload(apart[13]))
    del whole[IP].len, whole[IP].chksum, whole[TCP].chksum
    joined = made.written([*apart[:12], whole, *apart[14:]])
    assert made.raised(joined, "mars_sequence") == []
    messages = [made.column(capture, "tdsconn.message") for capture in (story("mars-packets"), joined)]
    assert messages[1][13] == ",".join((messages[0][13], messages[0][14]))
