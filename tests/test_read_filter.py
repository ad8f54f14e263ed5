# SPDX-License-Identifier: GPL-2.0-or-later
"""With a read filter (tshark -2 -R) Wireshark numbers the frames that pass anew; each keeps what belongs to it."""

import pytest

import captures
import wireshark

READ_FILTER = "tcp.len > 0 || udp"
OF_FRAME = ["frame.time_epoch", "tcp.srcport", "tcp.seq", "tdsconn.stream", "tdsconn.step", "tdsconn.message",
            "tdsconn.auth", "tdsconn.summary", "tdsconn.spid", "tdsconn.error.number", "tdsconn.mars.session",
            "tdsconn.mars.state", "tdsconn.mars.credit", "tdsconn.turn.owes", "tdsconn.response_time", "ssrp.time"]
SUMMARY = OF_FRAME.index("tdsconn.summary")
STREAM = OF_FRAME.index("tdsconn.stream")
LINKS = ["tdsconn.request_in", "tdsconn.response_in", "tdsconn.attention_in", "tdsconn.attention_ack_in",
         "tdsconn.login.start_frame", "tdsconn.login.frame", "ssrp.request_in", "ssrp.response_in"]
# Connections of each kind: all captures would take minutes.
CHOSEN = [capture for capture in captures.ALL if capture.stem.startswith((
    "mars-", "ssrp-", "article-", "tds8-", "smb2-", "routing-", "odbc-cancel", "port-reuse", "browser-"))]


@pytest.fixture(scope="module")
def seen():
    """{capture: (the rows of the whole capture, those of the frames that pass, those with a read filter)}.

    A row is (frame.number, tdsconn.last, OF_FRAME, LINKS).
    """
    names = ["frame.number", "tdsconn.last", "tcp.len", "udp.length", *OF_FRAME, *LINKS]

    def row(values):
        number, last, tcp, udp, *rest = values
        return bool(tcp.strip("0,") or udp), (number, last, tuple(rest[:len(OF_FRAME)]), rest[len(OF_FRAME):])

    def both(capture):
        whole = [row(values) for values in wireshark.fields(capture, *names, two_pass=True)]
        read = [row(values)[1] for values in wireshark.fields(capture, *names, read_filter=READ_FILTER)]
        return [one for _, one in whole], [one for passes, one in whole if passes], read
    return captures.each(both, CHOSEN)


def without_summary(fields):
    """The summary stands on the last frame, too, which may be another."""
    return fields[:SUMMARY] + fields[SUMMARY + 1:]


def test_frames_are_numbered_anew(seen):
    """Else the other tests would show nothing."""
    for capture, (*_, read) in seen.items():
        assert [number for number, *_ in read] == [str(1 + place) for place in range(len(read))], capture.stem
    assert any(shown[-1][0] != read[-1][0] for _, shown, read in seen.values())


def test_each_frame_says_what_it_says_without_the_filter(seen):
    for capture, (_, shown, read) in seen.items():
        for (number, _, fields, _), (_, _, same, _) in zip(shown, read, strict=True):
            assert without_summary(same) == without_summary(fields), (capture.stem, number)


def test_links_lead_to_the_new_numbers(seen):
    """Those to a frame that was dropped are not there."""
    for capture, (_, shown, read) in seen.items():
        anew = {number: new for (number, *_), (new, *_) in zip(shown, read, strict=True)}
        for (number, _, _, links), (_, _, _, same) in zip(shown, read, strict=True):
            assert same == [",".join(anew[one] for one in link.split(",") if one in anew) for link in links], \
                (capture.stem, number)


def test_the_last_frame_that_passed_is_the_last_of_its_connection(seen):
    for capture, (*_, read) in seen.items():
        latest = {fields[STREAM]: number for number, _, fields, _ in read if fields[STREAM]}
        lasts = {fields[STREAM]: number for number, last, fields, _ in read if last}
        assert lasts == latest, capture.stem


def test_the_row_of_a_connection_is_that_of_the_whole_capture(seen):
    for capture, (whole, _, read) in seen.items():
        rows, of_read = ({(fields[STREAM], fields[SUMMARY]) for _, last, fields, _ in frames if last}
                         for frames in (whole, read))
        assert of_read <= rows, capture.stem
