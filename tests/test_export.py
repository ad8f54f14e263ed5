# SPDX-License-Identifier: GPL-2.0-or-later
"""Export Objects: the SQL text of each request, as Wireshark's own dissector has it, and no password."""

import re
import struct
from functools import lru_cache

import pytest

import captures
import made
import merged
import wireshark

MANY = 300  # packets of a request: more than their number can count
SECRET = "Hidden-9"
HEADERS = made.BATCH[:22]


def exported(capture, *args, keys=None):
    """{name: text} of the files."""
    folder = wireshark.scratch("exported")
    wireshark.tshark(capture, "-q", *args, "--export-objects", f"tdsconn,{folder}", keys=keys)
    return {path.name: path.read_bytes().decode() for path in folder.iterdir()}


@lru_cache(maxsize=None)
def of_all(*args):
    """Those of all captures in one, decrypted."""
    return exported(merged.together()[0], *args, keys=captures.all_keys())


def wide(text):
    return text.encode("utf-16-le")


def batch(text):
    return made.tds_packet(1, 1, HEADERS + wide(text))


def parameter(name, text):
    """A text as a parameter: nvarchar(4000)."""
    value = wide(text)
    return struct.pack("<B", len(name)) + wide(name) + b"\0\xe7" + struct.pack("<H", 8000) + bytes(5) + \
        struct.pack("<H", len(value)) + value


def call(number, *parameters):
    return made.tds_packet(3, 1, HEADERS + struct.pack("<HHH", 0xFFFF, number, 0) + b"".join(parameters))


def asked(*requests):
    """The capture of a login and these requests, each in a frame of its own and with an answer, from frame 12 on."""
    return made.said(*(turn for request in requests for turn in (("client", request), ("server", made.tds_packet(4, 1, bytes([0xfd]) + bytes(12))))))


def in_packets(text, count=MANY, constant=False):
    """A batch in so many packets."""
    content = HEADERS + wide(text)
    places = [number * len(content) // count for number in range(count + 1)]
    parts = [content[at:end] for at, end in zip(places, places[1:])]
    return [made.tds_packet(1, number == count, part, 1 if constant else number % 256)
            for number, part in enumerate(parts, start=1)]


LONG = "select '" + "".join(f"{number:05}" for number in range(3000)) + "'"


def test_one_pass_exports_what_two_do_but_for_frames_that_wait():
    """Such a frame stands in the capture before what was sent first, or behind a hole that may still be filled, and is
    told when Wireshark is through with it."""
    one, two = of_all(), of_all("-2")
    assert len(one) > 450 and one.items() <= two.items()
    frames = merged.together()[1]
    late = {frames[int(name.split("-")[1]) - 1] for name in two.keys() - one.keys()}
    assert late == {"diag-one-sided frame 7", "mars-gap frame 16", "mars-gap frame 20", "mars-no-header frame 30"}


def test_batches_are_what_stock_shows():
    """Not the other way round: of MARS in TLS stock shows none."""
    rows = wireshark.fields(merged.together()[0], "frame.number", "tds.query", keys=captures.all_keys(), bare=True,
                            display_filter="tds.query")
    # Where no login tells the version, stock takes the first of two bytes for the text.
    plain = {frame: query for frame, query in rows if len(query) > 1 and query.isascii() and not re.search(r"[\\,]|[^ -~]", query)}
    assert len(plain) > 150
    ours = {frame: of_all("-2").get(f"frame-{frame}-batch.sql") for frame in plain}
    assert ours == plain


def test_statements_of_calls_are_theirs():
    texts = {text for name, text in of_all().items() if name.endswith(("-sp_executesql.sql", "-sp_prepexec.sql"))}
    assert {"select customer from orders where id=@id", "update orders set note='x' where id=2",
            "select n from t where n=@p1"} <= texts
    assert not any("@P1 int" in text for text in texts)


@pytest.mark.parametrize("constant", [False, True])
@pytest.mark.parametrize("passes", [(), ("-2",)])
def test_a_request_of_many_packets_is_whole(passes, constant):
    capture = made.said(*(("client", packet) for packet in in_packets(LONG, constant=constant)))
    assert exported(capture, *passes) == {f"frame-{11 + MANY}-batch.sql": LONG}


@pytest.mark.parametrize("passes", [(), ("-2",)])
@pytest.mark.parametrize("lost", [1, 40, MANY])
def test_what_lacks_a_packet_says_so(lost, passes):
    capture = made.said(*(("client", packet) for packet in in_packets(LONG)), ("client", batch("select 2")))
    files = exported(made.part_without(capture, 11 + lost), *passes)
    if lost == MANY and not passes:  # the last frame stands right behind the hole: both are told behind it
        assert files == {}
        return
    assert files.pop(f"frame-{11 + MANY}-batch.sql") == "select 2"
    assert LONG not in "".join(files.values())
    if lost == 1:
        assert all("beginning" in text for text in files.values()) and all("not-written" in name for name in files)
    else:
        cut = [text for name, text in files.items() if name.endswith("-batch-cut.sql")]
        assert len(cut) == 1 and LONG.startswith(cut[0].partition("\n")[0]) and "-- Only the beginning" in cut[0]


def test_a_request_that_is_cancelled_is_no_whole_one():
    packets = in_packets(LONG, 10)[:4]
    capture = made.said(*(("client", packet) for packet in packets), ("client", made.tds_packet(6, 1, b"")))
    files = exported(capture)
    assert list(files) == ["frame-15-batch-cut.sql"]
    ignored = made.said(("client", packets[0]), ("client", made.tds_packet(1, 3, wide("x"), 2)))
    assert list(exported(ignored)) == ["frame-13-batch-cut.sql"]


SECRETS = [
    f"ALTER LOGIN sa WITH PASSWORD = '{SECRET}'",
    f"Create Login a With Password='{SECRET}'",
    f"SELECT * FROM OPENROWSET('MSDASQL', 'DRIVER={{SQL Server}};UID=sa;PWD={SECRET}', 'select 1')",
    f"select * from OpenDataSource('SQLNCLI', 'x={SECRET}').a.b.c",
    f"exec sp_addlogin 'albert', '{SECRET}'",
    f"EXEC SP_PASSWORD '{SECRET}', 'x'",
    f"EXEC \uff33\uff30_\uff30\uff21\uff33\uff33\uff37\uff2f\uff32\uff24 '{SECRET}', 'x'",  # in letters of full width
    f"alter credential c with identity='a', SECRET='{SECRET}'",
    f"exec sp_addlinkedsrvlogin 's', 'false', NULL, 'sa', '{SECRET}'",
    f"create user u with PASSWORD='{SECRET}'",
    f"OPEN SYMMETRIC KEY k DECRYPTION BY PASSWORD = '{SECRET}'",
    f"BACKUP DATABASE d TO DISK='f' WITH PASSWORD='{SECRET}'",
    f"ALTER DATABASE SCOPED CREDENTIAL c WITH IDENTITY = '{SECRET}'",
    f"CREATE APPLICATION ROLE r WITH PASSWORD='{SECRET}'",
    f"exec sp_setapprole 'r', '{SECRET}'",
    f"CREATE MASTER KEY ENCRYPTION BY PASSWORD = '{SECRET}'",
    f"CREATE CERTIFICATE c FROM FILE='f' WITH PRIVATE KEY (FILE='g', DECRYPTION BY PASSWORD='{SECRET}')",
]


@pytest.mark.parametrize("passes", [(), ("-2",)])
def test_what_may_hold_a_password_is_told_and_not_written(passes):
    requests = [request for text in SECRETS for request in (batch(text), call(10, parameter("", text)))]
    files = exported(asked(*requests, batch("select 1")), *passes)
    assert len(files) == len(requests) + 1
    told = {name: text for name, text in files.items() if name.endswith("-not-written.sql")}
    assert len(told) == len(requests)
    assert set(told.values()) == {"-- not written: it may hold a password or key\n"}
    assert "select 1" in files.values() and not any(SECRET in text for text in files.values())


def test_a_password_in_the_beginning_of_a_cut_text_is_not_written():
    packets = in_packets(f"alter login a with password='{SECRET}'" + " " * 5000, 10)
    capture = made.said(*(("client", packet) for packet in packets), ("client", batch("select 1")))
    lossy = made.part_without(capture, "17-21")
    assert exported(lossy, "-2") == {
        "frame-16-batch-not-written.sql": "-- not written: it may hold a password or key\n",
        "frame-17-batch.sql": "select 1"}
    assert not any(SECRET in text for text in exported(lossy).values())


def test_values_of_parameters_are_not_written():
    files = exported(asked(call(10, parameter("", "update t set a=@a"), parameter("", "@a nvarchar(20)"),
                                parameter("@a", SECRET)), call(12, parameter("", SECRET))))
    assert files == {"frame-12-sp_executesql.sql": "update t set a=@a"}


def test_a_file_holds_no_control_characters_but_those_of_lines():
    files = exported(asked(batch("select\t1\r\n-- \x1b[31m\x07\u009b\x7f é")))
    assert files == {"frame-12-batch.sql": "select\t1\r\n-- ?[31m???? é"}


def test_the_window_exports_the_same_whatever_was_looked_at_before():
    """sharkd reads the frames once, and those that are asked for again, as the window does."""
    capture = made.said(*(("client", packet) for packet in in_packets(LONG)), ("client", batch("select 2")))
    clicks = [("frame", {"frame": frame}) for frame in (200, 100, 13, 311)]
    tap = ("tap", {"tap0": "eo:tdsconn"})
    for results in (wireshark.sharkd(capture, *clicks, tap), wireshark.sharkd(capture, tap, *clicks, tap)):
        objects = results[-1]["taps"][0]["objects"]
        assert [(one["pkt"], one["filename"], one["len"]) for one in objects] == [
            (11 + MANY, f"frame-{11 + MANY}-batch.sql", len(LONG)), (12 + MANY, f"frame-{12 + MANY}-batch.sql", 8)]
        assert {one["hostname"] for one in objects} == {"10.10.10.20:1433"}
        assert {one["type"] for one in objects} == {"batch"}
