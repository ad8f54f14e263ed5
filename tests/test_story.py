# SPDX-License-Identifier: GPL-2.0-or-later
"""The article's traces, told again as stories: the plugin prints the lines that the article prints."""
import sys
from decimal import Decimal

import pytest

import captures
import merged
import wireshark

sys.path.insert(0, str(wireshark.ROOT / "tests" / "story"))
import make  # noqa: E402  (it lies in the folder of the line before)

STORIES = sorted(make.STORIES.glob("*.story"))
ARTICLE = [story for story in STORIES if story.with_suffix(".expected").exists()]


def name(path):
    """The name of a test: the story's."""
    return path.stem


def expected_lines(story):
    """The article's lines as (time since the first, source, destination, description)."""
    text = story.with_suffix(".expected").read_text(encoding="utf-8")
    lines = [line.split("\t") for line in text.splitlines() if not line.startswith("#")]
    first = Decimal(lines[0][0])
    return [(Decimal(time) - first, source, destination, text) for time, source, destination, text in lines]


def printed_lines(story):
    """What tshark prints of the frames that the article lists, in the form of expected_lines."""
    rows = wireshark.fields(story.with_suffix(".pcapng"), "frame.time_relative", "ip.src", "ip.dst",
                            "tdsconn.description", two_pass=True)
    told = make.read(story).lines
    assert len(rows) == len(told)
    return [(Decimal(row[0]), *row[1:]) for row, line in zip(rows, told) if "unlisted" not in line.marks]


def shortened(printed, expected):
    """The printed lines, each description cut where the article cuts it."""
    return [(*line[:3], line[3][:len(wanted[3])]) for line, wanted in zip(printed, expected)]


@pytest.mark.parametrize("story", STORIES, ids=name)
def test_the_capture_is_what_the_story_tells(story, tmp_path):
    """The committed capture comes out of its story again: every byte of every frame, and its time."""
    made = make.make(story, tmp_path / "made.pcapng")
    assert merged.frames_of(made) == merged.frames_of(story.with_suffix(".pcapng"))


@pytest.mark.parametrize("story", ARTICLE, ids=name)
def test_prints_the_lines_of_the_article(story):
    """Time, source, destination and description of each frame, as far as the article prints them."""
    expected, printed = expected_lines(story), printed_lines(story)
    assert shortened(printed, expected) == expected
    assert len(printed) == len(expected)


@pytest.fixture(scope="module")
def checksums():
    """{story: for each frame whether its TCP checksum is right, "" if it has none}."""
    fields = ["tcp.checksum", "tcp.checksum_calculated"]
    made = {story.with_suffix(".pcapng"): story for story in STORIES}
    told = captures.columns(made, fields, settings={"tcp.check_checksum": "TRUE"})
    return {made[capture]: [row[fields[0]] and str(int(row[fields[0]] == row[fields[1]])) for row in rows]
            for capture, rows in told.items()}


@pytest.mark.parametrize("story", STORIES, ids=name)
def test_checksums_are_wrong_only_where_told(story, checksums):
    """A frame that its sender's network card would still have summed, and no other. Later Wiresharks than 4.0 call such
    a sum good, so the sums are compared here."""
    other = {*make.DATAGRAM_WORDS, make.UNREACHABLE}  # has no TCP header
    told = ["" if line.word in other else str(int("bad_checksum" not in line.marks)) for line in make.read(story).lines]
    assert checksums[story] == told


def test_a_story_fails_when_its_numbers_do_not_come_out(tmp_path):
    """A sequence number that the sizes of the messages contradict is refused, with its line."""
    text = (make.STORIES / "article-sql.story").read_text(encoding="utf-8")
    wrong = tmp_path / "wrong.story"
    wrong.write_text(text.replace("seq=4050702956", "seq=4050702957", 1), encoding="utf-8")
    (tmp_path / "fallback-rsa1024.hex").write_text((make.STORIES / "fallback-rsa1024.hex").read_text())
    with pytest.raises(make.StoryError, match="seq is 4050702956, the story demands 4050702957"):
        make.make(wrong)
