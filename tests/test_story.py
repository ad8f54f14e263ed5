# SPDX-License-Identifier: GPL-2.0-or-later
"""The article's traces, told again as stories: the plugin prints the lines that the article prints."""
import inspect
import subprocess
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


SMALL = """\
start  2024-06-05 12:00:00
client 10.10.10.10:60123 mac=00:15:5d:0a:0a:0a isn=1000
server 10.10.10.120:1433 mac=00:15:5d:0a:0a:78 isn=5000
kdc    10.10.10.5:88     mac=00:15:5d:0a:0a:05
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=15.0.2000
1.0 client SYN seq=1000
1.1 server SYN unlisted
1.2 client PRELOGIN encrypt=off options=few
1.3 client LOGIN7 user=joe token=offer_ntlm mechanisms=ntlm options=read_only
1.4 server LOGINACK server=SQL10 database=Orders spid=61
1.5 client SMP_SYN sid=0
1.6 client BATCH text="SELECT 1" sid=0
1.7 kdc    KRB_ERROR error=7 spn=MSSQLSvc/sql10 realm=CONTOSO
repeat 2 every 1.0
2.0 client ACK
end
"""


def small(folder, text=SMALL):
    """A story in FOLDER, with the certificate that it needs."""
    (folder / "fallback-rsa2048.hex").write_text((make.STORIES / "fallback-rsa2048.hex").read_text())
    path = folder / "small.story"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("right, wrong, reported", [
    ("encrypt=off", "encrypt=maybe", "encrypt=maybe is not allowed; allowed: off on not_supported required"),
    ("encrypt=off ", "", "missing: encrypt"),
    ("options=few", "options=read_only", "options=read_only is not allowed; allowed: all few"),
    ("options=read_only", "options=few", "options=few is not allowed; allowed: read_only change_password"),
    ("token=offer_ntlm", "token=ntlm", "token=ntlm is not allowed; allowed: offer_ntlm offer_kerberos"),
    ("mechanisms=ntlm", "mechanisms=ntlm,basic", "allowed: ms_kerberos kerberos ntlm, or several"),
    ("token=offer_ntlm ", "", "unknown: mechanisms; allowed: packet token features"),
    ("user=joe", "usr=joe", "unknown: usr; allowed: packet token features"),
    ("spid=61", "spid=x", "spid=x is not allowed; allowed: a number"),
    ("spid=61", "spid=70000", "LOGINACK: .*65535"),
    ("error=7", "error=S_UNKNOWN", "error=S_UNKNOWN is not allowed; allowed: a number"),
    ("SYN seq=1000", "SYN seq=first", "seq=first is not allowed; allowed: a number"),
    ("SYN seq=1000", "SYN seq=1001", "SYN: seq is 1000, the story demands 1001"),
    ("SMP_SYN sid=0", "SMP_SYN", "SMP_SYN: missing: sid"),
    ("unlisted", "unseen", "SYN: unknown: unseen; allowed: held missing bad_checksum unlisted"),
    ("client PRELOGIN", "client PRELOG", "PRELOG: unknown word; allowed: SYN ACK FIN RST AGAIN .*PRELOGIN"),
    ("KRB_ERROR", "KRB_REPLY", "KRB_REPLY: unknown word; allowed: KRB_ERROR .*CLNT_BCAST_EX"),
    ("1.1 server", "1.1 clown", "SYN: unknown sender clown; allowed: client server kdc"),
    ("SYN unlisted", "SYN to=browser", "SYN: to=browser is not allowed; allowed: kdc"),
    ("1.1 server", "1.x server", "1.x is no time in seconds"),
    ("every 1.0", "after 1.0", "repeat N every SECONDS is expected"),
    ("repeat 2 every 1.0", "include lost.part", "there is no file lost.part beside the story"),
    ("start  2024", "start  soon", "start YEAR-MONTH-DAY HOUR:MINUTE:SECOND is expected"),
    ("10.10.10.120:1433", "10.10.10.120", "ADDRESS:PORT or .IPv6 ADDRESS.:PORT is expected"),
    (" isn=5000", " is=5000", "unknown: is; allowed: mac isn"),
    (" isn=5000", " isn=0x5", "isn=0x5 is not allowed; allowed: a number"),
    (" tls=TLS1.2-ECDHE-AES", " tls=SSL3", "tls=SSL3 is not allowed; allowed: TLS1.0-RSA-3DES TLS1.2-ECDHE-AES"),
    (" product=15.0.2000", "", "missing: product"),
    (" certificate=fallback-rsa2048", " certificate=none", "certificate=none is not allowed"),
    ('"SELECT 1"', '"SELECT 1', "No closing quotation"),
])
def test_a_mistake_is_reported_with_its_line_and_the_allowed_values(tmp_path, right, wrong, reported):
    text = SMALL.replace(right, wrong, 1)
    assert text != SMALL
    line = SMALL[:SMALL.index(right)].count("\n") + 1
    with pytest.raises(make.StoryError, match=rf"small\.story:{line}: .*{reported}|small\.story:{line}: {reported}"):
        make.make(small(tmp_path, text))


@pytest.mark.parametrize("word, function", (make.WORDS | make.DATAGRAM_WORDS).items())
def test_every_parameter_of_a_word_says_what_it_takes(word, function):
    """A word's function annotates them; without that the parameter cannot be set."""
    parameters = inspect.signature(function).parameters.values()
    assert [one.name for one in parameters if one.annotation is one.empty and one.kind is not one.VAR_KEYWORD] == [
        "scene", "sender"]


def test_the_story_without_a_mistake_is_made(tmp_path):
    assert len(merged.frames_of(make.make(small(tmp_path)))) == 10


def test_a_mistake_in_an_included_file_has_that_file_and_line(tmp_path):
    (tmp_path / "command.part").write_text("# a command\n0.1 client BATCH txt=1\n", encoding="utf-8")
    story = small(tmp_path, SMALL + "include command.part at 9\n")
    with pytest.raises(make.StoryError, match=r"command\.part:2: unknown: txt; allowed: text packet reset"):
        make.make(story)


def test_a_mistake_is_one_line_on_the_terminal(tmp_path):
    wrong = small(tmp_path, SMALL.replace("spid=61", "spid=x"))
    done = subprocess.run([sys.executable, make.__file__, wrong], capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr == f"{wrong}:10: spid=x is not allowed; allowed: a number\n"
