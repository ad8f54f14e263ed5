# SPDX-License-Identifier: GPL-2.0-or-later
"""Captures whose time stamps are wrong or not there: durations that nobody knows are not told, all else is. What is told
where a clock is set back, faults.py tries at every frame."""

import re
import struct
from functools import lru_cache

import pytest
from scapy.utils import rdpcap

import captures
import faults
import findings
import made
import merged
import wireshark

# Of the rules those that need time.
TIMED = {"slow_login", "slow_step", "slow_domain_controller", "slow_response", "idle_reset", "zero_window", "mars_stalled",
         "mars_window_brake", "browser_slow", "browser_unanswered", "redirect_not_followed", "parallel_connect",
         "answer_not_read", "client_silent", "certificate_expired", "kdc_unanswered", "port_reused", "no_pooling",
         "slow_lookup", "ended_together"}
# What is silent at the end of a capture is not answered if it is for long; a KDC's refusal counts for a while; killed is
# who was not idle; a redirect that TLS hides is one that the client followed soon.
TIMED_SOMETIMES = {"prelogin_unanswered", "login_unanswered", "attention_unacknowledged", "login_probably_refused",
                   "kerberos_error", "spn_unknown", "spn_duplicate", "ntlm_after_kerberos_failure", "killed",
                   "prelogin_refused", "clocks_differ", "no_syn_answer", "keep_alive_timeout", "retransmission_timeout",
                   "mtu", "redirected"}
# Told instead: not that the server refused PRELOGIN, but that it did not answer; a probe that may be one of several
# attempts; not that the client was silent for long, but that it did not go on; each end by itself.
INSTEAD = {"prelogin_refused": {"prelogin_unanswered"}, "parallel_connect": {"probe"},
           "client_silent": {"no_login_sent", "tls_refused_by_client", "probe"},
           "certificate_expired": {"certificate_name"},
           "ended_together": {"reset_by_server", "server_closed_first", "killed"}}
# Without time Wireshark's TCP calls these retransmissions something else.
RETRANSMITTED = {"mlkem-hello2-black-hole-at-client", "mtu-black-hole-login", "mtu-icmp-frag-needed-ignored"}
# A close right behind the answer is what a refusal looks like, where all is encrypted.
HIDDEN_REFUSALS = {"ft-unknown-user-full-tls", "tds8-strict-ted-badpw"}
HIDDEN_REDIRECTS = {"azure-redirect-hidden-11003-blocked"}
TIMES = [*faults.TIMES, "ssrp.time"]
NAMES = ["tdsconn.step", "tdsconn.message", "tdsconn.mars.state", "tdsconn.summary", *faults.FINAL,
         "tdsconn.request_in", "tdsconn.response_in"]


def block(kind, body):
    body += bytes(-len(body) % 4)
    return struct.pack("<II", kind, len(body) + 12) + body + struct.pack("<I", len(body) + 12)


def is_whole(capture):
    """A Simple Packet Block says how long the packet was, not how much of it there is."""
    return all(len(data) == wire for data, wire, _ in merged.frames_of(capture))


def timeless(capture):
    """The capture in Simple Packet Blocks, which have no time stamps."""
    section, interface = struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1), struct.pack("<HHI", 1, 0, 0)
    path = wireshark.scratch("timeless") / capture.name
    packets = (block(3, struct.pack("<I", wire) + data) for data, wire, _ in merged.frames_of(capture))
    path.write_bytes(block(0x0A0D0D0A, section) + block(1, interface) + b"".join(packets))
    return path


def at_one_time(capture, microseconds):
    """The capture with one time stamp on all frames, as programs give them that read a log or a dump."""
    section, interface = struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1), struct.pack("<HHI", 1, 0, 0)
    path = wireshark.scratch("at-one-time") / capture.name
    stamp = struct.pack("<III", 0, microseconds >> 32, microseconds & 0xFFFFFFFF)
    packets = (block(6, stamp + struct.pack("<II", len(data), wire) + data) for data, wire, _ in merged.frames_of(capture))
    path.write_bytes(block(0x0A0D0D0A, section) + block(1, interface) + b"".join(packets))
    return path


WHOLE = [capture for capture in captures.ALL if is_whole(capture)]


@lru_cache(maxsize=None)
def both():
    """{capture: its rows, and those of it without time stamps}."""
    without = {capture: timeless(capture) for capture in WHOLE}
    told = captures.columns([*WHOLE, *without.values()], [*NAMES, *TIMES, *findings.COLUMNS])
    return {capture: (told[capture], told[path]) for capture, path in without.items()}


def without_time(summary):
    return re.sub(r" in \d+\.\d{3} s", "", summary)


@pytest.mark.parametrize("capture", WHOLE, ids=captures.name_of)
def test_without_time_stamps_all_is_told_but_durations(capture):
    timed, timeless_rows = both()[capture]
    assert not any(row[name] for row in timeless_rows for name in TIMES)
    assert " s," not in "".join(row["tdsconn.summary"] for row in timeless_rows)
    if capture.stem not in HIDDEN_REFUSALS | HIDDEN_REDIRECTS | RETRANSMITTED:
        assert [{name: without_time(row[name]) for name in NAMES} for row in timed] == \
            [{name: row[name] for name in NAMES} for row in timeless_rows]


@pytest.mark.parametrize("capture", WHOLE, ids=captures.name_of)
def test_without_time_stamps_rules_of_order_hold(capture):
    timed, timeless_rows = (findings.by_frame(rows) for rows in both()[capture])
    for frame in timed.keys() | timeless_rows.keys():
        before, now = timed.get(frame, set()), timeless_rows.get(frame, set())
        instead = set().union(*(INSTEAD[rule] for rule in before & INSTEAD.keys()))
        also = {"server_closed_first", "reset_by_server"} if capture.stem in HIDDEN_REFUSALS else set()
        assert before - now <= TIMED | TIMED_SOMETIMES
        assert now - before <= instead | also


@lru_cache(maxsize=None)
def of_one_time():
    """{capture: its rows where all frames have one time, for each of two: 1970, and a day that may be true}."""
    made = {capture: [at_one_time(capture, stamp) for stamp in (0, 1_750_000_000_000_000)] for capture in WHOLE}
    told = captures.columns(sum(made.values(), []), [*NAMES, *TIMES, *findings.COLUMNS])
    return {capture: [told[path] for path in paths] for capture, paths in made.items()}


@pytest.mark.parametrize("capture", WHOLE, ids=captures.name_of)
def test_one_time_on_all_frames_is_none(capture):
    assert of_one_time()[capture] == [both()[capture][1]] * 2


DURATION = re.compile(r"-?\d+\.\d+(?= s\b)")
TABLES = ["times", "steps", "mars"]


def printed(path, statistic):
    return wireshark.tshark(path, "-q", "-z", f"tdsconn,{statistic}")


def numbers(path, statistic):
    """The durations in a table."""
    return [float(number) for line in printed(path, statistic) for number in re.findall(r"-?\d+\.\d+", line)]


def damaged():
    """A MARS connection with stalls, of which every other frame is stamped more than a century later."""
    frames = merged.frames_of(captures.real("mars-odbc-big-interleaved-noenc"))
    far = [(data, wire, time, (place % 3 == 0) * 4_100_000_000 * 10**9) for place, (data, wire, time) in enumerate(frames)]
    return merged.written("damaged", [("damaged", far)])[0]


@pytest.mark.parametrize("statistic", TABLES)
def test_times_of_a_damaged_file_lead_to_no_duration_that_nobody_lives(statistic):
    assert all(0 <= number < 366 * 24 * 3600 for number in numbers(damaged(), statistic))


def test_tables_leave_out_what_is_not_known():
    whole, set_back = captures.real("ft-sql-noenc"), captures.real("derived-clock-set-back-ft-sql")
    assert [line.split()[1] for line in printed(set_back, "steps") if "Whole login" in line] == []
    assert sorted(set(numbers(whole, "steps")) - set(numbers(set_back, "steps")))
    assert set(numbers(set_back, "steps")) < set(numbers(whole, "steps"))
    assert set(numbers(set_back, "times")) < set(numbers(whole, "times"))
    calls = [[line.split()[3] for line in printed(path, "srt") if "SQL batch" in line] for path in (whole, set_back)]
    assert calls == [["2"] * 4] * 2  # the whole time, and its three parts
    assert not any("SQL batch" in line for line in printed(timeless(whole), "srt"))


def stamped_early(text, back):
    """Such a login, of which the last frame is stamped so many seconds before the one that it follows."""
    packets = list(rdpcap(str(made.told(made.LOGIN + text))))
    packets[-1].time = float(packets[-2].time) - back
    return made.written(packets)


@pytest.mark.parametrize("last", ["client RST", 'server RESULT column=name rows=A spid=55'])
def test_stamps_of_two_processors_are_no_clock_that_was_set(last):
    text = f'1.000 client BATCH text="SELECT 1"\n1.500 {last}\n'
    assert made.raised(stamped_early(text, 0.00005), "clocks_differ") == []
    assert len(made.raised(stamped_early(text, 0.0005), "clocks_differ")) == 1


HOUR, YEARS = 3600 * 10**9, 2 * 366 * 86400 * 10**9


@pytest.mark.parametrize("name, later, known", [
    ("cert-expired-hello", YEARS, True), ("cert-name-mismatch-hello", HOUR, True), ("cert-name-mismatch-hello", YEARS, False)],
    ids=["out of date by both", "not yet valid by both", "not yet valid by one"])
def test_the_day_is_not_known_where_the_clock_was_set_back_over_the_beginning_of_a_certificate(name, later, known):
    """Before the connection stands a segment of another one."""
    frames = merged.frames_of(wireshark.CAPTURES / "reported" / f"{name}.pcapng")
    before = merged.frames_of(captures.real("ft-sql-noenc"))[0][:2]
    capture = merged.written("set-back", [("before", [(*before, frames[0][-1] + later)]), ("login", frames)])[0]
    assert bool(made.raised(capture, "certificate_expired")) == known


# Two capture points, each with a clock: one direction is stamped later than the other, by so many seconds.
APART = (0.03, 2, 300)
ALL_KINDS = ["ft-sql-noenc", "ft-badpw-noenc", "ft-badpw-login-only-tls", "ft-unknown-user-full-tls", "jdbc-ntlm-badpw-full-tls",
             "mars-odbc-client-sigkill", "mars-odbc-big-interleaved-noenc", "abort-ted-rst-after-login7-sent",
             "ft-tds7.0-nologin-reply-timeout", "abort-ted-kill-in-tls-handshake", "srv-too-many-connections"]


def apart(capture, side, seconds):
    """The capture in the order of its time stamps, where what this side sent is stamped that much later."""
    frames = merged.frames_of(capture)
    client = merged.addresses(frames[0][0])[0]
    late = [(side == "client") == (merged.addresses(data)[0] == client) for data, *_ in frames]
    shifted = [(data, wire, time + round(seconds * 10**9) * is_late)
               for (data, wire, time), is_late in zip(frames, late, strict=True)]
    name = f"{capture.stem}-{side}-{seconds}"
    return merged.written(name, [(name, sorted(shifted, key=lambda frame: frame[-1]))])[0]


@lru_cache(maxsize=None)
def of_two_clocks():
    """{capture: its rows}, {(capture, side, seconds): its rows}."""
    whole = {name: captures.real(name) for name in ALL_KINDS}
    made = {(name, side, seconds): apart(whole[name], side, seconds)
            for name in ALL_KINDS for side in ("client", "server") for seconds in APART}
    told = captures.columns([*whole.values(), *made.values()], [*faults.FINAL, "tdsconn.stream", *TIMES, *findings.COLUMNS])
    return {name: told[path] for name, path in whole.items()}, {key: told[path] for key, path in made.items()}


def finals(rows):
    return sorted({tuple(row[name] for name in faults.FINAL) for row in rows if row["tdsconn.stream"]})


@pytest.mark.parametrize("seconds", APART)
@pytest.mark.parametrize("side", ["client", "server"])
@pytest.mark.parametrize("name", ALL_KINDS)
def test_a_clock_for_each_direction_changes_no_outcome_and_no_blame(name, side, seconds):
    whole, made = of_two_clocks()
    rows = made[name, side, seconds]
    assert finals(rows) == finals(whole[name])
    known, said = (set().union(*findings.by_frame(one).values()) for one in (whole[name], rows))
    assert said == known | {"clocks_differ"}


def longest(rows, time):
    return max((float(one) for row in rows for one in row[time].split(",") if one), default=0)


@pytest.mark.parametrize("seconds", APART)
@pytest.mark.parametrize("side", ["client", "server"])
@pytest.mark.parametrize("name", ALL_KINDS)
def test_no_duration_is_longer_for_a_clock_that_is_ahead(name, side, seconds):
    whole, made = of_two_clocks()
    for time in TIMES:
        assert longest(made[name, side, seconds], time) <= longest(whole[name], time) * 1.1 + 0.02


def test_how_far_clocks_differ_is_told_as_it_is_proved():
    """The client's ACK of the SYN-ACK came 26 microseconds behind that."""
    capture = apart(captures.real("ft-badpw-noenc"), "server", 2)
    said = [text for (_, rule), (_, text) in findings.texts_of([capture])[capture].items() if rule == "clocks_differ"]
    assert len(said) == 1
    assert re.search(r"acknowledges frame \d+ and is stamped 1\.99\d+ s before it", said[0])


def test_a_long_wait_is_told_where_the_clocks_differ_by_little():
    text = '1.000 client BATCH text="SELECT 1"\n31.0 server RESULT column=name rows=A spid=55\n'
    packets = list(rdpcap(str(made.told(made.LOGIN + text))))
    for packet in packets:
        packet.time = float(packet.time) + 0.5 * (packet.sport == 1433)
    capture = made.written(sorted(packets, key=lambda packet: packet.time))
    assert len(made.raised(capture, "clocks_differ")) == 1
    assert len(made.raised(capture, "slow_response")) == 1
