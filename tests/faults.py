#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What the plugin says of a capture that lost a segment or some, has one twice, out of order or long after it was
acknowledged, ends early, begins late, perhaps with a keep-alive, has one side only, or the beginning of each frame, whose
clock was set back, or that has a clock for each direction.

    tests/faults.py [CAPTURE ...]      prints the table, and every wrong answer; the exit code is 1 if there is any

Each fault is made at each frame of each real capture, or at FRAMES of them, and what is said is held against what is
said of the whole: no login, no mechanism, no end that was not there; no party blamed for what the capture lost (asked of
all but those that begin late, of which no name can be sure); from the message after the fault on, every frame annotated
as before; where only the clocks differ, all that was known. TDSCONN_BUILD_DIR names the build folder; build/dev is the
default.
"""

import sys
from collections import Counter, defaultdict
from dataclasses import dataclass, replace

from scapy.layers.inet import IP, TCP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import Ether

import captures
import findings
import merged
import wireshark

FRAMES = 60  # of a capture that are tried; the test tries fewer
HOLE = 6  # frames in a row
CLOCKS = (-3, -0.3, 0.3, 3)  # milliseconds that the first sender's clock is ahead of the other's
SNAP_LENGTHS = (60, 68, 96, 128, 200, 256)
SET_BACK = 3600 * 10**9  # nanoseconds: longer than any capture, so that it shows
SMB1, SMB2 = b"\xffSMB", b"\xfeSMB"
ELLIPSIS = "\u2026"  # behind the beginning of a name

GRAVE = sorted(f"tdsconn.expert.{rule}" for rule in findings.MAY_WARN)
GAP = "tdsconn.expert.capture_gap"
MALFORMED = "_ws.malformed"
PIPE = "tdsconn.pipe"
FINAL = ["tdsconn.state", "tdsconn.auth", "tdsconn.auth.basis", "tdsconn.encryption", "tdsconn.close"]
REQUESTS = {"50", "51", "52", "53"}  # of tdsconn.message
CERTAIN = {"tdsconn.state": {"Logged in", "Login failed", "Redirected", "Login unfinished", "Probe"},
           "tdsconn.auth": {"SQL", "NTLM", "Kerberos", "Entra", "Certificate"},
           "tdsconn.encryption": {"None", "Login only", "Full", "Strict"},
           "tdsconn.close": {"Normal", "Server closed first", "Client reset", "Server reset",
                             "Reset by a device between"}}
# (said, truth): the faults that leave what is said, and take away what makes it untrue: the RST, a FIN or the FIN that
# came first, the end before any TLS.
LESS_SEEN = {("Normal", "Reset after close"): {"lost", "hole", "ends at", "one side"},
             ("Normal", "Server closed first"): {"hole", "one side"},
             ("Server closed first", "Normal"): {"hole", "one side", "lost", "swapped"},  # a FIN, a CLOSE, what came before
             ("Client reset", "Reset after close"): {"hole", "begins at", "keep-alive"},
             ("Client reset", "Server closed first"): {"lost", "hole", "swapped", "one side"},
             ("Server reset", "Server closed first"): {"hole", "begins at", "keep-alive"},
             ("Full", "None"): {"lost", "hole", "swapped", "ends at"}}
# The server's end of a pipe is told by one answer, which no sequence number shows to be missing.
LESS_SEEN_OF_PIPES = {("Normal", "Server closed first"): {"lost", "late", "swapped"}}
# What is raised where it cannot be told that it was the login that ended so.
LESS_KNOWN = {"tdsconn.expert.login_refused": "tdsconn.expert.sql_error",
              # or how long it took
              "tdsconn.expert.prelogin_refused": "tdsconn.expert.prelogin_unanswered",
              "tdsconn.expert.login_probably_refused": "tdsconn.expert.server_closed_first"}
# All faults of a capture are in one file, so that the same end stands there many times: several at once are told once.
TOGETHER = "tdsconn.expert.ended_together"
ENDS = {f"tdsconn.expert.{rule}" for rule in ("server_closed_first", "reset_by_server", "killed")}
# What is known by the order of two hosts' frames, or is not Wireshark's conversation yet: with two clocks it is not. The ticket
# that came between PRELOGIN and LOGIN7; a login that begins with the capture; the SYN-ACK before the SYN of ports used again.
BY_ORDER = {"odbc-kerberos-full-tls": {"kerberos.realm", "kerberos.spn"},
            "derived-starts-after-login-tls": {"state"},
            "port-reuse": {"state", "auth", "auth.basis", "encryption", "close"}}
# What is told of a connection at all: a part of a capture tells less of it, and nothing else.
FACTS = [f"tdsconn.{fact}" for fact in """
    activity_id activity_sequence client.driver client.port client.version connection_id entra.library entra.spn entra.sts
    entra.token_length entra.workflow env.collation env.database env.failover_partner env.language env.packet_size
    error.class error.line error.number error.server error.state instance kerberos.realm kerberos.spn login.app
    login.database login.host login.library login.locale login.read_only_intent login.reconnect login.server
    login.session_recovery login.user mars.event mars.generation mars.sid ntlm.anonymous ntlm.channel_bindings ntlm.domain
    ntlm.host ntlm.spn ntlm.user ntlm.version prelogin.encrypt.client prelogin.encrypt.server routing.database
    routing.host routing.port rpc server.name server.port server.product spid tls.alpn tls.certificate
    tls.certificate.expires tls.certificate.names tls.cipher tls.issuer tls.offered tls.sni tls.version version""".split()]
TIMES = [f"tdsconn.{time}" for time in """
    attention_time mars.stall response_time time.auth time.connect time.login time.prelogin time.tls time.total""".split()]
# Texts of SQL Browser, which no connection is needed for.
BROWSER = [f"ssrp.{text}" for text in "instance server name clustered version tcp_port pipe admin_port".split()]
NAMED_IN = 40  # frames: names stand in a login, and in the first commands
STEPS = (13, 59)  # between the lengths that are tried, up to 400 bytes and up to 1500: odd, as a character has two bytes
# Of a session whose FIN is lost the other side's FIN is known; of one that begins behind the capture's beginning, nothing.
SESSION_UNSURE = {"", "Unknown", "Joined midway", "FIN sent by client", "FIN sent by server"}


@dataclass(frozen=True)
class Fault:
    """A capture with one fault: the frames that are left, by their place in the whole, and how much of each."""
    kind: str
    frame: int
    left: tuple
    snap: int = 0x40000
    set_back: int = sys.maxsize  # the place of the first frame that is stamped with an earlier time
    times: tuple = ()  # of the frames that are left, where they are not those of their places
    before: bytes = b""  # a frame that stands before all
    capture: str = ""

    def __str__(self):
        return f"{self.kind} {self.frame + 1}"


def faults_of(count, tried):
    """The faults of a capture of COUNT frames, at as many of them as are to be TRIED; the first is none."""
    everything = tuple(range(count))
    yield Fault("whole", count, everything)
    for k in sorted({round(i * (count - 1) / (tried - 1)) for i in range(tried)}) if count > tried else everything:
        yield Fault("lost", k, everything[:k] + everything[k + 1:])
        yield Fault("hole", min(k + HOLE, count) - 1, everything[:k] + everything[k + HOLE:])
        yield Fault("twice", k, everything[:k + 1] + everything[k:])
        yield Fault("ends at", k, everything[:k + 1])
        yield Fault("begins at", k, everything[k:])
        if k:  # from the first frame on it is another clock, and none that was set
            yield Fault("set back", k, everything, set_back=k)
        if k + HOLE < count:
            yield Fault("late", k, everything[:k] + everything[k + 1:k + HOLE] + (k,) + everything[k + HOLE:])
        if k + 1 < count:
            yield Fault("swapped", k, everything[:k] + (k + 1, k) + everything[k + 2:])


def sides_of(frames):
    """The faults of one direction: what each sender sent."""
    senders = [merged.addresses(data)[0] for data, *_ in frames]
    for number, sender in enumerate(sorted(set(senders))):
        yield Fault("one side", number, tuple(k for k, one in enumerate(senders) if one == sender))


def is_of_pipes(frames):
    return any(SMB1 in data or SMB2 in data for data, *_ in frames)


def clocks_of(name, frames):
    """The faults of a clock for each direction: what is sent first may come later. Not of named pipes: what Wireshark's TCP
    takes for a copy, its SMB does not get."""
    if is_of_pipes(frames):
        return
    frames = in_time(frames)
    first = merged.addresses(frames[0][0])[0]
    for number, milliseconds in enumerate(CLOCKS):
        ahead = [round(milliseconds * 10**6) * (merged.addresses(data)[0] == first) for data, *_ in frames]
        stamps = sorted((time + more, k) for k, ((*_, time), more) in enumerate(zip(frames, ahead)))
        yield Fault("two clocks", number, tuple(k for _, k in stamps), times=tuple(time for time, _ in stamps), capture=name)


def keep_alive(data):
    """A keep-alive of this frame's sender, as Windows sends it, or nothing if the frame has no payload of TCP."""
    frame = Ether(data)
    if TCP not in frame or frame[TCP].flags.S or not frame[TCP].payload:
        return b""
    frame[TCP].remove_payload()
    frame[TCP].seq = (frame[TCP].seq - 1) % 2**32
    frame[TCP].flags = "A"
    for layer, field in ((IP, "len"), (IP, "chksum"), (IPv6, "plen"), (TCP, "chksum")):
        if layer in frame:
            delattr(frame[layer], field)
    return bytes(frame / b"\0")


def alives_of(frames, tried):
    """The faults of a capture that begins with a keep-alive. Not of named pipes from 4.4 on: its NBSS takes the byte for the
    beginning of a message, and then reads nothing of that side."""
    if is_of_pipes(frames) and wireshark.version() >= (4, 4):
        return
    places = [k for k, (data, *_) in enumerate(frames) if keep_alive(data)]
    for k in places[::max(1, len(places) // tried)]:
        yield Fault("keep-alive", k, tuple(range(k, len(frames))), before=keep_alive(frames[k][0]))


def snaps_of(count):
    """The faults of a snap length."""
    for snap in SNAP_LENGTHS:
        yield Fault("cut to", snap - 1, tuple(range(count)), snap)


def raised_with_clocks(capture, snap):
    """{fault: the rules} that are raised with a snap length and two clocks, and neither with that snap length nor without."""
    frames = merged.frames_of(capture)
    whole, cut = (Fault("whole", len(frames), tuple(range(len(frames))), length) for length in (0x40000, snap))
    clocks = [replace(fault, snap=snap) for fault in clocks_of(capture.stem, frames)]
    variants = [(fault, stamped(fault, frames)) for fault in (whole, cut, *clocks)]
    path, origins = merged.written(capture.stem, variants, client=merged.addresses(frames[0][0])[0])
    names = [f"tdsconn.expert.{rule}" for rule in findings.SEVERITIES if rule != "clocks_differ"]
    rows = wireshark.tshark(path, "-2", "-o", "tdsconn.silence:3600000", "-T", "fields",
                            *(word for name in names for word in ("-e", name)))
    raised = defaultdict(set)
    for fault, row in zip(origins, rows, strict=True):
        raised[fault] |= {name.removeprefix("tdsconn.expert.") for name, text in zip(names, row.split("\t")) if text}
    return {str(fault): raised[fault] - raised[whole] - raised[cut] for fault in clocks}


def in_time(frames):
    """The frames in their order, each at a time that is not before the one before it."""
    return [(*frame[:2], time) for frame, time in zip(frames, sorted(time for *_, time in frames))]


def stamped(fault, frames):
    """The frames of a fault, of which some have a time stamp that is not their time."""
    left = in_time([frames[k] for k in fault.left])
    if fault.times:
        return [(data[:fault.snap], wire, time)
                for (data, wire, _), time in zip((frames[k] for k in fault.left), fault.times, strict=True)]
    if fault.before:
        left = [(fault.before, len(fault.before), left[0][-1]), *left]
    return [(data[:fault.snap], wire, time, *([time - SET_BACK] if place >= fault.set_back else []))
            for place, (data, wire, time) in zip((fault.frame, *fault.left) if fault.before else fault.left, left, strict=True)]


def told(capture, tried):
    """{fault: [the fields of each frame that is left]}."""
    frames = merged.frames_of(capture)
    faults = [*faults_of(len(frames), tried), *sides_of(frames), *snaps_of(len(frames)), *clocks_of(capture.stem, frames),
              *alives_of(frames, tried)]
    variants = [(fault, stamped(fault, frames)) for fault in faults]
    path, origins = merged.written(capture.stem, variants, client=merged.addresses(frames[0][0])[0])
    names = ["tdsconn.stream", "tdsconn.step", "tdsconn.message", "tdsconn.mars.state", *FINAL, *FACTS, *TIMES, *GRAVE, GAP, PIPE,
             MALFORMED]
    # All faults end when the whole does: what is silent then is not silent for that reason.
    rows = wireshark.tshark(path, "-2", "-o", "tdsconn.silence:3600000", "-T", "fields",
                            *(word for name in names for word in ("-e", name)))
    answers = defaultdict(list)
    for fault, row in zip(origins, rows):
        answers[fault].append(dict(zip(names, row.split("\t"))))
    return answers


def text(name, row):
    return captures.texts(name).get(row[name], row[name])


def is_less_seen(fault, said, truth, of_pipe):
    """Whether it is no wonder that this is said after the fault."""
    tables = (LESS_SEEN, LESS_SEEN_OF_PIPES) if of_pipe else (LESS_SEEN,)
    return any(fault.kind in table.get((said, truth), ()) for table in tables)


def inventions(fault, row, whole, known):
    """Facts of a frame's connection that the whole capture does not know. KNOWN: what it knows of the connection elsewhere,
    for a frame that says something of a pipe only where the pipe's own frames are missing: the end of the SMB connection."""
    for name, certain in CERTAIN.items():
        said, truth = text(name, row), text(name, whole)
        truths = {truth} if whole["tdsconn.stream"] else known[name] | {truth}
        of_pipe = known[PIPE] != {""}
        if said in certain and said not in truths and not any(is_less_seen(fault, said, one, of_pipe) for one in truths):
            yield f"{said} ({truth or 'no connection'})"


def facts_of(rows):
    """{field: the values that it has anywhere}."""
    return {name: {value for row in rows for value in row[name].split(",")} for name in FACTS}


def is_beginning(value, whole):
    """Whether a text says that it is the beginning of the WHOLE, and is."""
    return value.endswith(ELLIPSIS) and whole.startswith(value.removesuffix(ELLIPSIS))


def misread(row, known):
    """Facts that the whole capture has nowhere. Of a text the snap length may have left the beginning, if that is said."""
    for name in FACTS:
        for value in filter(None, row[name].split(",")):
            if value not in known[name] and not any(is_beginning(value, fact) for fact in known[name]):
                yield f"{name.removeprefix('tdsconn.')} {value}"


def sessions_misjudged(row, whole):
    """States of MARS sessions that are others in the whole capture, where it has that packet's end, too."""
    names = captures.texts("tdsconn.mars.state")
    said, truth = ([names.get(value, value) for value in one["tdsconn.mars.state"].split(",")] for one in (row, whole))
    for state, true_one in zip(said, truth):
        if true_one and state not in SESSION_UNSURE and state != true_one:
            yield f"session {state} ({true_one})"


def mistimed(row, truth):
    """Durations that are not those of the whole capture, which some may be without."""
    for name in TIMES:
        known = truth[name].split(",")
        yield from (f"{name.removeprefix('tdsconn.')} {time}" for time in row[name].split(",") if time and time not in known)


def unlearned(fault, rows, whole):
    """(field, what is known of the whole, and not where its clocks differ): missing is what never comes."""
    said, truth = facts_of(rows), facts_of(whole)
    yield from ((name, value) for name in FACTS for value in truth[name] - said[name])
    for place, row in zip(fault.left, rows):
        yield from ((name, f"{text(name, row)} ({text(name, whole[place])})")
                    for name in FINAL if row[name] != whole[place][name])
        if row[GAP] and not any(one[GAP] for one in whole):
            yield GAP, "capture_gap"


def wrong(fault, rows, whole):
    """{kind of mistake: what is said} of one fault."""
    mistakes = defaultdict(list)
    if fault.before:
        mistakes["misread"] += ["keep-alive"] * bool(rows[0][MALFORMED])
        rows = rows[1:]
    if fault.kind == "two clocks":
        mistakes["unlearned"] += (f"{name.removeprefix('tdsconn.')} {what}" for name, what in unlearned(fault, rows, whole)
                                  if name.removeprefix("tdsconn.") not in BY_ORDER.get(fault.capture, ()))
    facts = facts_of(whole)
    truth = {place: whole[place] for place in fault.left}
    again = back_at(fault, whole)
    known = {name for row in whole for name in GRAVE if row[name]}
    finals = {name: {text(name, row) for row in whole} for name in (*CERTAIN, PIPE)}
    known |= {LESS_KNOWN[name] for name in known if name in LESS_KNOWN}
    known |= ENDS if TOGETHER in known else {TOGETHER} if known & ENDS else set()
    for place, row in zip(fault.left, rows):
        mistakes["invented"] += inventions(fault, row, truth[place], finals)
        if fault.kind == "set back":
            mistakes["mistimed"] += mistimed(row, truth[place])
        mistakes["misread"] += misread(row, facts)
        if fault.kind != "late":  # the other side's FIN may stand before it
            mistakes["misread"] += sessions_misjudged(row, truth[place])
        # What went before gives the rest its name: an error refuses a login, or is a command's.
        if fault.kind not in ("begins at", "keep-alive"):
            mistakes["blamed"] += [name.removeprefix("tdsconn.expert.") for name in GRAVE
                                   if row[name] and name not in known]
        if place > again[truth[place]["tdsconn.stream"]] and annotated(row) != annotated(truth[place]):
            mistakes["not recovered"].append(str(place + 1))
    return {kind: sorted(set(said)) for kind, said in mistakes.items() if said}


def annotated(row):
    return row["tdsconn.step"], row["tdsconn.message"]


def back_at(fault, whole):
    """{connection: the place from which on all should be as it was}: the second request after that of the fault, or none.

    Of a login that TLS hides from beginning to end nothing is sure once a part of it is missing.
    """
    requests = defaultdict(list)
    for place, row in enumerate(whole):
        if place > fault.frame and REQUESTS & set(row["tdsconn.message"].split(",")):
            requests[row["tdsconn.stream"]].append(place)
    hidden = text("tdsconn.encryption", whole[-1]) in ("Full", "Strict")
    never = hidden or fault.kind in ("one side", "ends at", "cut to", "two clocks")
    return defaultdict(lambda: len(whole), {} if never else {stream: places[1] for stream, places in requests.items()
                                                            if len(places) > 1})


def judged(capture, tried=FRAMES):
    """(fault, {kind of mistake: what is said}) of all faults of a capture, made at as many frames as are to be TRIED."""
    answers = told(capture, tried)
    whole = next(rows for fault, rows in answers.items() if fault.kind == "whole")
    return [(fault, wrong(fault, rows, whole)) for fault, rows in answers.items() if fault.kind != "whole"]


def lengths_of(capture):
    """The snap lengths that are tried of a capture: others than of the one before it."""
    place = captures.ALL.index(capture)
    return *range(54 + place % STEPS[0], 400, STEPS[0]), *range(400 + place % STEPS[1], 1500, STEPS[1])


def misnamed(capture):
    """{snap length: what is said} of all lengths that leave a name which the whole capture has not, and do not say so."""
    frames = merged.frames_of(capture)[:NAMED_IN]
    lengths = lengths_of(capture)
    variants = [(snap, [(data[:snap], *rest) for data, *rest in in_time(frames)]) for snap in (0x40000, *lengths)]
    path, origins = merged.written(capture.stem, variants, client=merged.addresses(frames[0][0])[0])
    names = [*FACTS, *BROWSER]
    rows = wireshark.tshark(path, "-2", "-T", "fields", *(word for name in names for word in ("-e", name)))
    told = defaultdict(lambda: defaultdict(set))
    for snap, row in zip(origins, rows, strict=True):
        for name, values in zip(names, row.split("\t"), strict=True):
            told[snap][name] |= set(filter(None, values.split(",")))
    whole = told.pop(0x40000)
    wrong_names = {snap: [f"{name} {value}" for name, values in one.items() for value in values - whole[name]
                          if not any(is_beginning(value, fact) for fact in whole[name])] for snap, one in told.items()}
    return {snap: said for snap, said in wrong_names.items() if said}


def main():
    chosen = [capture for capture in captures.REAL if not sys.argv[1:] or capture.stem in sys.argv[1:]]
    made, failed = Counter(), Counter()
    for capture, faults in captures.each(judged, chosen).items():
        for fault, mistakes in faults:
            made[fault.kind] += 1
            for kind, said in mistakes.items():
                failed[fault.kind, kind] += 1
                print(f"{capture.stem}: {fault}: {kind}: {', '.join(said)}")
    for capture, lengths in captures.each(misnamed, chosen).items():
        for snap, said in lengths.items():
            failed["snap length", "misread"] += 1
            print(f"{capture.stem}: snap length {snap}: {', '.join(said)}")
    kinds = ("invented", "misread", "mistimed", "blamed", "not recovered", "unlearned")
    print(f"{'fault':12}{'made':>8}" + "".join(f"{kind:>16}" for kind in kinds))
    for fault, count in made.items():
        print(f"{fault:12}{count:8}" + "".join(f"{failed[fault, kind]:16}" for kind in kinds))
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
