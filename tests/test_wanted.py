# SPDX-License-Identifier: GPL-2.0-or-later
"""What nobody looks at is not read by Wireshark's TDS dissector, and nobody sees a difference."""

from functools import lru_cache

import pytest

import captures
import merged
import wireshark

EVERYTHING = "-o", "tdsconn.decode_all:TRUE"
CLEAR = "ft-sql-noenc"
RESPONSE = b"\x04\x01"

# Where somebody looks, and where what is seen comes from the headers of packets.
WAYS = {
    "a summary": [],
    "a summary on the second pass": ["-2"],
    "a summary of packets that are not joined": ["-o", "tds.defragment:FALSE"],
    "a filter of ours": ["-Y", "tdsconn"],
    "a column of ours": ["-o", 'gui.column.format:"Step","%Cus:tdsconn.step","Protocol","%p","Info","%i"'],
    "a column of TDS": ["-o", 'gui.column.format:"Type","%Cus:tds.type","Protocol","%p","Info","%i"'],
    "trees of what a read filter leaves": ["-2", "-R", "tdsconn.step", "-V"],
    "trees": ["-V"],
    "trees on the second pass": ["-2", "-V"],
    "a filter on the second pass": ["-2", "-Y", "tds.done.status >= 0 or tds.colmetadata.columns"],
    "a filter": ["-Y", "tds.fragment or tds.row"],
    "the expert's findings": ["-q", "-z", "expert"],
    "what is malformed": ["-Y", "_ws.malformed or _ws.expert.severity >= 1"],
    "a column of the expert": ["-o", 'gui.column.format:"Expert","%a","Info","%i"'],
    "the hierarchy of protocols": ["-q", "-z", "io,phs"],
    "the hierarchy of protocols on the second pass": ["-2", "-q", "-z", "io,phs"],
    "a stream": ["-q", "-z", "follow,tcp,raw,7"],
    "other fields": ["-T", "fields", "-e", "frame.protocols", "-e", "tcp.pdu.size", "-e", "tcp.reassembled.length",
                     "-e", "tdsconn.description", "-e", "tdsconn.summary"],
}


# A DONE of TDS 7.1, and the features of a login, that Wireshark's TDS takes for malformed.
MALFORMED = ("smb1-", "login-options")


def together(name, malformed):
    """All captures in one with what Wireshark's TDS takes for malformed, or all others."""
    chosen = [capture for capture in captures.ALL if capture.stem.startswith(MALFORMED) == malformed]
    assert chosen
    return merged.written(name, ((capture.stem, merged.frames_of(capture)) for capture in chosen))[0]


@lru_cache(maxsize=None)
def well_formed():
    return together("well-formed", False)


@lru_cache(maxsize=None)
def both(*args, keys=None):
    """The lines for these captures, with everything read and without."""
    return tuple(captures.each(lambda more: wireshark.tshark(well_formed(), *args, *more, keys=keys),
                               (EVERYTHING, ())).values())


@pytest.fixture(scope="module", params=[False, True], ids=["", "keys"])
def keys(request):
    """Without the key logs, and with them."""
    return captures.all_keys() if request.param else None


def test_all_but_the_word_malformed_is_there():
    """That is told to who looks alone."""
    path = together("malformed", True)
    everything, wanted = (wireshark.tshark(path, *more) for more in (EVERYTHING, ()))
    assert any("[Malformed Packet]" in line for line in everything)
    assert wanted == [line.replace("[Malformed Packet]", "") for line in everything]


@pytest.mark.parametrize("way", WAYS)
def test_what_is_asked_for_is_all_there(way, keys):
    everything, wanted = both(*WAYS[way], keys=keys)
    assert len(everything) > 1
    assert wanted == everything


def test_every_field_of_tds_is_there_for_who_asks(keys):
    names = [row.split("\t")[2] for row in wireshark.lines(wireshark.output("tshark", "-G", "fields"))
             if row.startswith("F\t") and row.split("\t")[4] in ("tds", "smp")]
    assert len(names) > 100
    everything, wanted = both("-T", "fields", *(arg for name in names for arg in ("-e", name)), keys=keys)
    assert wanted == everything


@lru_cache(maxsize=None)
def broken():
    """A capture in which a response behind the login is an ERROR that says that it is longer than its packet."""
    frames = [(bytearray(data), wire, time) for data, wire, time in merged.frames_of(captures.real(CLEAR))]
    data, at = next((data, at) for data, *_ in reversed(frames) if (at := data.find(RESPONSE)) >= 54)
    data[at + 8:at + 11] = b"\xaa\xff\x7f"
    path, _ = merged.written("broken", [("broken", [(bytes(data), wire, time) for data, wire, time in frames])])
    return path


def test_a_malformed_response_is_told_to_who_looks():
    """In the summary it is not: stock-differences.md says so."""
    found = wireshark.fields(broken(), "frame.number", display_filter="_ws.malformed")
    assert len(found) == 1
    whole, wanted = (wireshark.tshark(broken(), *args) for args in (EVERYTHING, ()))
    assert [line.split()[0] for line in whole if "[Malformed Packet]" in line] == [found[0][0]]
    assert wanted == [line.replace("[Malformed Packet]", "") for line in whole]
    assert "[Malformed Packet: TDS]" in wireshark.tshark(broken(), "-V")


@pytest.mark.parametrize("args", ["", "-2", "-q -z conv,tcp", "-q -z tdsconn,report", "-V"])
def test_nobody_is_warned_of_frames_that_are_not_kept(args):
    done = wireshark.run("tshark", *args.split(), "-r", wireshark.readable(captures.real(CLEAR)))
    assert (done.returncode, done.stderr) == (0, "") and done.stdout
