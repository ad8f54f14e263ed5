# SPDX-License-Identifier: GPL-2.0-or-later
"""A frame says the same however it is asked: in order, backwards, at random, in one pass as far as that can know."""

import random
import re
from functools import lru_cache

import pytest

import captures
import merged
import wireshark
from enums import AUTH, MESSAGE, STEP

SEED = 20261122
PRELOGIN = 10
MIDWAY = "State: Joined midway (8)"

# What is known when the frame is read, and so is the same in one pass; fields.md calls the others final.
AT_ONCE = {"tdsconn.stream", "tdsconn.sender", "tdsconn.message", "tdsconn.request_in",
           "tdsconn.response_time", "tdsconn.attention_in", "tdsconn.attention_time", "tdsconn.error.number",
           "tdsconn.error.state", "tdsconn.error.class", "tdsconn.error.message", "tdsconn.mars.sid",
           "tdsconn.mars.event", "tdsconn.mars.state", "tdsconn.mars.label", "tdsconn.mars.open",
           "tdsconn.mars.credit", "tdsconn.mars.stall", "tdsconn.mars.generation"}

# Ways to send our ports to another dissector.
DIVERTED = {
    "57139 as HTTP": ["-d", "tcp.port==57139,http"],
    "1433 as TDS": ["-d", "tcp.port==1433,tds"],
    "1433 as HTTP": ["-d", "tcp.port==1433,http"],
    "1433 as TLS": ["-d", "tcp.port==1433,tls"],
    "another port for TDS": ["-o", "tds.tcp.port:9999"],
    "HTTP on 1433": ["-o", "http.tcp.port:1433"],
    "heuristics first": ["-o", "tcp.try_heuristic_first:TRUE"],
}

# What a connection in clear needs besides us: each of the other protocols can be switched off, the postdissectors too.
NEEDED = {"frame", "eth", "ethertype", "ip", "tcp", "tds", "tdsconn"}


@pytest.fixture(scope="module", params=[False, True], ids=["", "keys"])
def keys(request):
    """Without the key logs, and with them."""
    return captures.all_keys() if request.param else None


def labels(capture, *args, **how):
    """For each frame what stands in our part of its tree, from top to bottom."""
    frames = trees(capture, *args, **how)
    return [[text for text in map(label, map(captures.parsed, frame)) if text] for frame in frames]


def label(field):
    """The text of a line, None for one that Wireshark hides; PDML tells that of a line without a field as its value."""
    return None if field.get("hide") == "yes" else field.get("showname", field.get("show"))


@lru_cache(maxsize=None)
def trees(capture, *args, **how):
    """Our part of the tree of each frame, as lines of PDML."""
    return captures.trees(capture, *args, only="tdsconn", **how)


def test_a_file_that_was_open_before_leaves_nothing():
    """How long a connection was silent at the end counts by its own capture, not by a longer one before it."""
    long, short = captures.real("keepalive-idle"), captures.real("derived-starts-after-login-tls")
    frames = merged.frames_of(captures.real("srv-hung-no-prelogin-answer-ted"))[:5]  # PRELOGIN, and the capture ends
    path, _ = merged.written("hung", [("hung", frames)])
    load = [("load", {"file": str(wireshark.readable(one))}) for one in (long, path)]
    *_, shown = wireshark.sharkd(short, *load, ("frame", {"frame": len(frames), "proto": True}))
    assert "State: Logging in (2)" in flat(shown["tree"])
    assert not [text for text in flat(shown["tree"]) if "no answer to PRELOGIN" in text]


def flat(nodes):
    """The labels of a tree of sharkd, from top to bottom."""
    return [label for node in nodes for label in (node["l"], *flat(node.get("n", [])))]


def asked(capture, order, keys):
    """{frame: what labels() says of it}, asked of sharkd in this order."""
    requests = [("frame", {"frame": number, "proto": True}) for number in order]
    answers = wireshark.sharkd(capture, *requests, keys=keys)
    return {number: flat(node for node in answer["tree"] if node.get("f") == "tdsconn")
            for number, answer in zip(order, answers)}


def differences(wanted, got):
    """The frames of the captures in which two lists differ, with both answers."""
    _, frames = merged.together()
    return [(frame, one, other) for frame, one, other in zip(frames, wanted, got, strict=True) if one != other]


def at_once(lines):
    """The fields of a frame that one pass knows too, in order."""
    told = map(captures.parsed, lines)
    return [(field["name"], field["show"]) for field in told if field.get("name") in AT_ONCE]


def test_asked_backwards_and_at_random(keys):
    """What Wireshark shows when its user clicks about is what tshark -2 prints."""
    together, frames = merged.together()
    numbers = list(range(1, len(frames) + 1))
    wanted = labels(together, "-2", keys=keys)
    assert sum(map(bool, wanted)) > len(frames) * 0.9
    for order in (numbers[::-1], random.Random(SEED).sample(numbers, len(numbers) // 4)):
        got = asked(together, order, keys)
        assert not [(frames[number - 1], told) for number, told in got.items() if told != wanted[number - 1]]


# Frames that acknowledge what these captures lack wait for it a while, and those of their sender behind them: one pass
# shows them before anything is told of them.
LACKING = ("diag-one-sided", "mars-gap", "mars-no-header")
# The message of an encrypted login. Whether its rest follows in clear, and it ends there, shows later only.
HIDDEN_LOGIN = ("tdsconn.message", "21")


def test_one_pass_says_what_it_can(keys):
    """Every frame that one pass annotates has the fields that need no knowledge of later frames."""
    together, frames = merged.together()
    passes = zip(frames, trees(together, keys=keys), trees(together, "-2", keys=keys), strict=True)
    both = [(frame, at_once(early), at_once(late)) for frame, early, late in passes if early and late]
    assert both
    for frame, early, late in both:
        told = [one for one in early if one != HIDDEN_LOGIN or one in late]
        assert told == late or frame.startswith(LACKING) and set(told) < set(late), frame


def test_two_passes_annotate_all_that_one_does():
    together, frames = merged.together()
    passes = zip(frames, trees(together), trees(together, "-2"), strict=True)
    assert not [frame for frame, early, late in passes if early and not late]


def steps(lines):
    """The step of a frame as a number, and its messages; those below PRELOGIN are TCP's own."""
    told = [(field["name"], field["show"]) for field in map(captures.parsed, lines) if "show" in field]
    step = [int(value) for name, value in told if name == "tdsconn.step"]
    return step[0], [value for name, value in told if name == "tdsconn.message" and int(value) >= PRELOGIN]


def test_one_pass_never_runs_ahead(keys):
    """The step is the same, or Unknown, or one before where no message ends; under encryption it is a guess."""
    together, frames = merged.together()
    for frame, early, late in zip(frames, trees(together, keys=keys), trees(together, "-2", keys=keys), strict=True):
        if early and late:
            (one, _), (two, messages) = steps(early), steps(late)
            waits = frame.startswith(LACKING) and one < two
            assert one in (0, two) or one < two and not messages or MESSAGE.ENCRYPTED in messages or waits, frame


def test_one_pass_misses_only_what_comes_too_early():
    """On port 1433 the SYN is enough; elsewhere the TCP handshake passes before anybody can know."""
    together, frames = merged.together()
    one = wireshark.fields(together, "tdsconn.step")
    two = wireshark.fields(together, "tdsconn.step", "tdsconn.message", "tcp.port", two_pass=True)
    missed = [(frame, message, ports) for frame, (early,), (late, message, ports) in zip(frames, one, two, strict=True)
              if late and not early]
    assert missed
    # Its first frame is a bare ACK of a connection under way.
    assert not [miss for miss in missed if miss[1] not in ("", MESSAGE.SYN, MESSAGE.SYN_ACK)
                or "1433" in miss[2] and not miss[0].startswith("derived-starts-after-login")]


def unnumbered(frames):
    """Connections and sessions are counted, so one that is lost changes the numbers of others."""
    number = re.compile(r"(Connection|Session number|Routed to|Routed from):? \d+")
    return [[number.sub(r"\1", text) for text in frame] for frame in frames]


@pytest.mark.parametrize("diversion", DIVERTED)
def test_no_setting_loses_us(diversion):
    """Decode As and the ports of other dissectors change nothing in a connection of which we see the begin."""
    together, _ = merged.together()
    changed = differences(unnumbered(labels(together, "-2")),
                          unnumbered(labels(together, "-2", *DIVERTED[diversion])))
    assert not [(frame, before, now) for frame, before, now in changed if MIDWAY not in before]


def home_without(protocols):
    """A home of a user who switched off PROTOCOLS."""
    home = wireshark.scratch("switched-off")
    settings = home / ".config/wireshark"
    settings.mkdir(parents=True)
    (settings / "disabled_protos").write_text("".join(f"{name}\n" for name in protocols), encoding="utf-8")
    wireshark.give(home)
    return {"HOME": str(home)}


@pytest.mark.parametrize("passes", [(), ("-2",)], ids=["one-pass", "two-pass"])
def test_what_else_is_switched_off_does_not_lose_us(passes):
    """Wireshark calls no postdissector at all unless one of them has a protocol that is enabled."""
    listed = wireshark.lines(wireshark.output("tshark", "-G", "protocols"))
    others = [name for name in (line.split("\t")[2] for line in listed) if name.split(".")[0] not in NEEDED]
    capture = captures.real("ft-sql-noenc")
    ours = captures.trees(capture, *passes, only="tdsconn", env=home_without(others))
    assert any(ours)
    assert ours == captures.trees(capture, *passes, only="tdsconn")
    assert not any(captures.trees(capture, *passes, only="tdsconn", env=home_without([*others, "tdsconn"])))


def test_decode_as_tds_does_not_lose_a_connection_under_way():
    capture = captures.real("derived-midstream-odbc-params")
    assert labels(capture, "-2") == labels(capture, "-2", "-d", "tcp.port==1433,tds")


def test_a_filter_on_a_final_field_finds_early_frames():
    """-2 -Y sees the SYN of a login whose mechanism shows up later."""
    capture = captures.real("ntlm-odbc-login-only-tls")
    found = wireshark.fields(capture, "frame.number", two_pass=True,
                             display_filter=f"tdsconn.step == {STEP.TCP_HANDSHAKE} and tdsconn.auth == {AUTH.NTLM}")
    assert found == [("1",), ("2",), ("3",)]


def test_the_first_step_has_every_syn():
    """-2 -Y with that step finds the SYN and SYN-ACK of each of our connections."""
    together, frames = merged.together()
    syns, steps_1 = ([frames[int(number) - 1] for number, in wireshark.fields(together, "frame.number", two_pass=True,
                                                                            display_filter=wanted)]
                     for wanted in ("tdsconn and tcp.flags.syn == 1", f"tdsconn.step == {STEP.TCP_HANDSHAKE}"))
    assert syns and set(syns) <= set(steps_1)
