# SPDX-License-Identifier: GPL-2.0-or-later
"""docs/pipelines.md: a row for each connection of whatever capture, and what becomes of the rows.

That the page's commands print what stands below them is tested with the other documents, in test_docs.py.
"""

import functools
import importlib
import ipaddress
import json
import re
import subprocess
import sys

import pytest

import captures
import merged
import wireshark
from enums import AUTH

sys.path.insert(0, str(wireshark.ROOT / "docs"))
examples = importlib.import_module("make-examples")

ROWS_SOURCE = (wireshark.ROOT / "plugin/stats/rows.c").read_text(encoding="utf-8")
PAGE = (wireshark.ROOT / "docs/pipelines.md").read_text(encoding="utf-8")

# What counts within a file, and sentences made of the rest: another part of the same capture has others.
NUMBERS = {"stream", "login_frame", "login_start_frame", "kerberos_kdc_frame", "routing_stream", "routing_from",
           "auth_why", "summary"}
# What only other connections and datagrams of the client tell.
OF_OTHERS = {"auth", "auth_basis", "kerberos_spn", "instance", "routing_host", "routing_port", "state",
             "failure"}

# What a row counts in all frames of its connection: no field of its last frame says it. See test_segments.py.
COUNTS = {"retransmissions", "keep_alives"}


@pytest.fixture(scope="module")
def folder():
    """A folder as the page's commands need it, where `morning.pcap` is all captures in one."""
    place = wireshark.checkout("docs", "tools")
    whole, _ = merged.together()
    shell(place, f"mergecap -F nsecpcap -w morning.pcap {wireshark.readable(whole)}",
          "docs/pipelines/rows morning.pcap > connections.ndjson")
    return place


def shell(place, *commands):
    """What bash prints for commands in a folder, as the ordinary user."""
    return wireshark.output("bash", "-euc", "\n".join(["cd \"$1\"", *commands]), "bash", place)


def objects(text):
    return [json.loads(line) for line in wireshark.lines(text)]


def section(heading):
    """The commands below a heading of the page."""
    return examples.commands(re.split(r"^#+ ", PAGE.partition(f"# {heading}\n")[2], maxsplit=1, flags=re.MULTILINE)[0])


def of_one_side(frames):
    """The frames of whoever sent the first."""
    return [frame for frame in frames if frame and merged.addresses(frame[0])[0] == merged.addresses(frames[0][0])[0]]


def in_time_order():
    """All captures by the times of their frames; their clients have the same addresses, and ports come again."""
    path = wireshark.scratch("merged") / "merged.pcapng"
    wireshark.output("mergecap", "-w", path, *map(wireshark.readable, captures.ALL))
    return path


def cut(name, frames_of):
    return merged.written(name, ((one.stem, frames_of(merged.frames_of(one))) for one in captures.ALL))[0]


KINDS = {
    "one after the other": lambda: merged.together()[0],
    "in time order": in_time_order,
    "one side only": lambda: cut("one-sided", of_one_side),
    "from the middle": lambda: cut("middle", lambda frames: frames[12:]),
    "without an end": lambda: cut("no-end", lambda frames: frames[:9]),
}


@pytest.mark.parametrize("kind", KINDS)
def test_one_row_for_each_connection(kind):
    frames = wireshark.fields(KINDS[kind](), "frame.number", "tdsconn.stream", "tdsconn.last", two_pass=True,
                              display_filter="tdsconn")
    last = {stream: number for number, stream, _ in frames}
    assert len(last) > 50
    assert sorted((stream, number) for number, stream, is_last in frames if is_last) == sorted(last.items())


# Where the times and ends of a row come from, and what has other names there.
ENDS = {f"tdsconn.{side}.{what}" for side in ("client", "server") for what in ("address", "port")}
NUMERIC = re.compile("INT|FRAMENUM")


def tap(capture, *args):
    """The rows that -z tdsconn,rows prints, in their order."""
    return objects(wireshark.output("tshark", "-q", "-n", "-r", wireshark.readable(capture), *args))


@functools.lru_cache(maxsize=None)
def types():
    """{key of a row: (field, its type)} of all fields of tdsconn."""
    told = (line.split("\t") for line in wireshark.lines(wireshark.output("tshark", "-G", "fields")))
    return {row[2].removeprefix("tdsconn.").replace(".", "_"): (row[2], row[3]) for row in told
            if row[0] == "F" and row[2].startswith("tdsconn.")}


@functools.lru_cache(maxsize=None)
def texts():
    """{(field, number): text} of all fields of tdsconn."""
    told = (line.split("\t") for line in wireshark.lines(wireshark.output("tshark", "-G", "values")))
    return {(row[1], row[2]): row[3] for row in told if row[0] == "V" and row[1].startswith("tdsconn.")}


def meant(key, text):
    """What the text that tshark prints for a field is in a row."""
    field, kind = types()[key]
    if (field, text) in texts():
        return texts()[field, text]
    if kind == "FT_BOOLEAN":
        return text.lower() in {"1", "true"}
    if kind == "FT_RELATIVE_TIME":
        return pytest.approx(float(text), rel=0, abs=1e-9)
    return int(text) if NUMERIC.search(kind) else text


def side(layers, name):
    """An end of a connection, as a row has it."""
    address, port = ((layers.get(f"tdsconn_{name}_{what}") or [None])[0] for what in ("address", "port"))
    return {"address": address, "port": port and int(port)}


def of_last_frame(layers, keys, starts):
    """A row, made of the fields of the connection's last frame; starts: {stream: when it began}."""
    times = {"start": starts[layers["tdsconn_stream"][0]], "end": float(layers["frame_time_epoch"][0])}
    told = {key: meant(key, layers[f"tdsconn_{key}"][0]) for key in keys if f"tdsconn_{key}" in layers}
    return {**{key: pytest.approx(time, rel=0, abs=1e-6) for key, time in times.items()},
            "client": side(layers, "client"), "server": side(layers, "server"), **told}


def starts_of(capture, *options):
    """{stream: when TCP's conversation of its first frame began}. That of its last frame may be another: Wireshark 4.4
    begins one with a late copy of a SYN."""
    fields = ("tdsconn.stream", "frame.time_epoch", "tcp.time_relative")
    printed = wireshark.output("tshark", "-2", "-n", "-r", capture, *options, "-Y", "tdsconn.stream", "-T", "fields",
                               "-E", "occurrence=f", *(option for field in fields for option in ("-e", field)))
    rows = [line.split("\t") for line in wireshark.lines(printed)]
    return {stream: float(time) - float(relative) for stream, time, relative in reversed(rows)}


def from_fields(capture, keys, *options):
    """{stream: row} of the fields that frames with tdsconn.last have."""
    starts = starts_of(capture, *options)
    fields = ["frame.time_epoch", "tdsconn.stream", *ENDS, *(types()[key][0] for key in keys)]
    printed = wireshark.output("tshark", "-2", "-n", "-r", capture, *options, "-Y", "tdsconn.last", "-T", "ek",
                               *(option for field in fields for option in ("-e", field)))
    rows = [of_last_frame(one["layers"], keys, starts) for one in objects(printed) if "layers" in one]
    return {row["stream"]: row for row in rows}


def compared(row, with_start=True):
    """TCP's connection began before the named pipe did: only the row of a pipe knows when that was."""
    unlike = COUNTS | ({"start"} if "pipe" in row or not with_start else set())
    return {key: value for key, value in row.items() if key not in unlike}


@pytest.mark.parametrize("keys", ["without keys", "with keys"])
@pytest.mark.parametrize("kind", KINDS)
def test_rows_are_what_the_fields_of_the_last_frames_say(keys, kind):
    """Of one side alone, Wireshark's TCP takes connections on the same ports for one: they have one start."""
    capture = wireshark.readable(KINDS[kind]())
    options = ["-o", f"tls.keylog_file:{wireshark.readable(captures.all_keys())}"] if keys == "with keys" else []
    one_pass = tap(capture, *options, "-z", "tdsconn,rows")
    two_passes = tap(capture, *options, "-2", "-z", "tdsconn,rows")
    members = sorted({key for row in two_passes for key in row if key in types()})
    with_start = kind != "one side only"
    wanted = {stream: compared(row, with_start) for stream, row in from_fields(capture, members, *options).items()}
    assert {row["stream"]: compared(row, with_start) for row in one_pass} == wanted
    assert {row["stream"]: compared(row, with_start) for row in two_passes} == wanted
    assert len(two_passes) == len(wanted) > 50


def test_rows_keeps_the_last_row_of_each_connection():
    capture = wireshark.readable(in_time_order())
    printed = tap(capture, "-z", "tdsconn,rows")
    kept = objects(wireshark.output("bash", wireshark.checkout("docs") / "docs/pipelines/rows", capture))
    assert len(kept) < len(printed)
    assert {row["stream"]: row for row in kept} == {row["stream"]: row for row in printed}
    assert len({row["stream"] for row in kept}) == len(kept)


def test_rows_do_not_need_what_wireshark_shows(folder):
    without = [option for name in ("tds", "smp", "tls") for option in ("--disable-protocol", name)]
    everything = tap(folder / "morning.pcap", "-z", "tdsconn,rows")
    assert tap(folder / "morning.pcap", *without, "-z", "tdsconn,rows") == everything


def test_tap_has_the_rows_that_its_filter_lets_pass(folder):
    capture = folder / "morning.pcap"
    kerberos = tap(capture, "-z", f"tdsconn,rows,kerberos || tdsconn.auth == {AUTH.KERBEROS}")
    everything = tap(capture, "-z", "tdsconn,rows")
    passed = {row["stream"] for row in kerberos}
    assert {row["stream"] for row in everything if row["auth"] == "Kerberos"} <= passed
    assert 5 < len(passed) < len({row["stream"] for row in everything})
    done = wireshark.run("tshark", "-q", "-r", capture, "-z", "tdsconn,rows,no.filter")
    assert done.stderr and not done.stdout
    assert (done.returncode != 0) == (wireshark.version() >= (4, 6))


@pytest.mark.skipif(wireshark.ON_WINDOWS, reason="a live capture needs dumpcap, which is not built for Windows")
def test_tap_writes_a_row_once_its_connection_is_quiet():
    """An end of the capture that never comes is not waited for; what goes on has another row at the end."""
    capture = wireshark.readable(in_time_order())
    with subprocess.Popen(wireshark.as_user("tshark", "-q", "-n", "-i", "-", "-z", "tdsconn,rows"), text=True,
                          env=wireshark.environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL) as live:
        live.stdin.buffer.write(capture.read_bytes())
        live.stdin.flush()
        first = json.loads(live.stdout.readline())
        live.stdin.close()
        rest = objects(live.stdout.read())
    assert first in tap(capture, "-z", "tdsconn,rows")
    numbers = [row["stream"] for row in [first, *rest]]
    assert len(set(numbers)) > 100 and len(numbers) > len(set(numbers))


def test_a_row_before_the_end_of_the_capture_does_not_say_that_it_ended():
    rows = tap(wireshark.readable(in_time_order()), "-z", "tdsconn,rows")
    last = {row["stream"]: row for row in rows}
    before = [row for row in rows if row is not last[row["stream"]]]
    assert sum("open so far" in row["summary"] for row in before) > 5
    assert not any("open at the end" in row["summary"] for row in before)
    assert not any("so far" in row["summary"] for row in last.values())


FITS = {
    "long": lambda value: type(value) is int,
    "integer": lambda value: type(value) is int and value < 2**31,
    "double": lambda value: type(value) in (int, float),
    "boolean": lambda value: type(value) is bool,
    "keyword": lambda value: type(value) is str and len(value.encode()) <= 32766,
    "ip": ipaddress.ip_address,
    "date": lambda value: type(value) is int,
}


def misfits(value, mapping, path=""):
    """Where a document holds what its mapping has not, or has otherwise."""
    if "properties" in mapping:
        for name, part in value.items():
            yield from misfits(part, mapping["properties"].get(name, {}), f"{path}.{name}")
    elif not FITS.get(mapping.get("type"), lambda _: False)(value):
        yield path, mapping, value


def test_documents_fit_the_template(folder):
    shell(folder, *section("OpenSearch and Elasticsearch"))
    mapping = json.loads((folder / "template.json").read_text())["template"]["mappings"]
    rows = objects((folder / "connections.ndjson").read_text())
    bulk = objects((folder / "bulk.ndjson").read_text())
    actions, documents = bulk[::2], bulk[1::2]
    assert len(actions) == len(documents) == len(rows) > 100
    assert all(action.keys() == {"index"} and action["index"].keys() == {"_index", "_id"} for action in actions)
    assert len({action["index"]["_id"] for action in actions}) == len(rows)
    assert [found for document in documents for found in misfits(document, mapping)] == []


def test_rows_name_their_members_by_their_fields(folder):
    """But the ends, times and counts; and some capture has each member."""
    named = set(re.findall(r'^    \{"(\w+)", KIND_', ROWS_SOURCE, re.MULTILINE))
    assert len(named) > 40 and named - types().keys() == COUNTS
    rows = objects((folder / "connections.ndjson").read_text())
    assert {name for row in rows for name in row} == named | {"stream", "start", "end", "client", "server"}


def test_rows_fail_where_there_is_nothing_to_read(folder):
    assert wireshark.run("bash", folder / "docs/pipelines/rows", folder / "nothing.pcap").returncode != 0
    done = wireshark.run("bash", folder / "docs/pipelines/rows", folder / "morning.pcap", bare=True)
    assert done.returncode != 0 and "tdsconn,rows" in done.stderr


def test_client_is_the_client_whoever_was_last(folder):
    rows = objects((folder / "connections.ndjson").read_text())
    told = [f" to {row['server']['address']}:{row['server']['port']}" in row["summary"]
            for row in rows if "." in (row["server"]["address"] or "")]
    assert len(told) > 40 and all(told)
    senders = wireshark.fields(folder / "morning.pcap", "tdsconn.sender", two_pass=True, display_filter="tdsconn.last")
    assert {("1",), ("2",)} <= set(senders)


def test_rows_of_parts_by_client_are_those_of_the_whole(folder):
    assert shell(folder, *section("One capture that is too large")).endswith("same\n")


def by_start(rows):
    return {(row["start"], *row["client"].values(), *row["server"].values()): row for row in rows}


def test_what_is_lost_by_cutting_at_connections(folder):
    """The page's table of what other frames tell; the rows of the parts are right in everything else."""
    for part in range(3):
        shell(folder, f"tshark -n -r morning.pcap -Y 'tcp.stream % 3 == {part}' -w connections-{part}.pcap")
    parts = by_start(objects(shell(folder, "parallel docs/pipelines/rows ::: connections-?.pcap")))
    whole = by_start(objects((folder / "connections.ndjson").read_text()))
    assert {row["state"] for key, row in whole.items() if key not in parts} == {"Connecting"}
    lost = {re.sub("^failure_.*", "failure", name) for key, row in parts.items() for name in whole[key].keys() | row.keys()
            if whole[key].get(name) != row.get(name)}
    assert OF_OTHERS <= lost
    assert sorted(lost - OF_OTHERS - NUMBERS) == []
    table = PAGE.partition("| information | comes from |")[2].partition("\n\n")[0]
    assert all(f"`tdsconn.{name.replace('_', '.')}`" in table for name in OF_OTHERS)
    assert not parts.keys() - whole.keys()
