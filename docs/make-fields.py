#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes docs/fields.md from what the plugin registers, and the words below where its own are too short.

    docs/make-fields.py            # writes it; needs the plugin built with the preset dev, see TDSCONN_BUILD_DIR
    docs/make-fields.py --check    # only says whether it is up to date
"""

import re
import sys
from collections import defaultdict
from pathlib import Path

DOCS = Path(__file__).resolve().parent
sys.path.insert(0, str(DOCS.parent / "tests"))

import generated  # noqa: E402
import wireshark  # noqa: E402

HEAD = """# Fields

All fields that tdsconn adds to frames. Use them in display filters, columns, `tshark -e`, coloring rules and
statistics. Write a value as its number or as its text: `tdsconn.auth == 3` and `tdsconn.auth == "Kerberos"` are the
same. Texts work with `==`, `!=` and `in`. For "greater than" use numbers.

**Final** fields (marked F) depend on the whole connection. In Wireshark's window and with `tshark -2` every frame has
the final value, also the SYN. In `tshark` without `-2` a frame has the value that was known at that moment.

With a read filter (`tshark -2 -R`, or *Read filter* when you open a file) Wireshark numbers the frames that pass anew,
from 1. Fields that lead to a frame, as `tdsconn.request_in`, have these numbers. Sentences and tables name a frame by
its place in the whole file. `tdsconn.last` is on the last frame that passed.

A text that ends in `…` is only the beginning of one: the capture does not have the rest.

No field contains passwords, access tokens, tickets or NTLM responses.
"""

TYPES = {
    "FT_UINT8": "number", "FT_UINT16": "number", "FT_UINT32": "number", "FT_STRING": "text", "FT_BOOLEAN": "yes or no",
    "FT_FRAMENUM": "frame", "FT_RELATIVE_TIME": "seconds", "FT_ABSOLUTE_TIME": "time", "FT_GUID": "GUID", "FT_NONE": "mark",
}

# Heading, text for the whole group, and a pattern of its fields. A field belongs to the first that matches.
GROUPS = [
    ("On every frame of a SQL Server connection",
     "Frames with only TCP have these fields, too: SYN, bare ACK, keep-alive, FIN, RST.",
     r"(stream|transport|sender|step(\..*)?|message|state|auth(\..*)?|encryption|version|mars|description|progress|close)$"),
    ("Login and end of the connection",
     "",
     r"(login\.frame|login\.start_frame|last|summary)$"),
    ("Failure",
     "Why the connection failed, as in the table [failures](statistics.md#failures). Only on the last frame of a "
     "connection that failed. They need a second pass.",
     r"failure"),
    ("The server's process", "On every frame, from the first frame that contains it.", r"spid$"),
    ("Login record",
     "From LOGIN7, or the login record of TDS 4 and 5, if it is in clear or decrypted. These fields and those of the "
     "groups down to *Routing* are on three frames: the one that contains the fact, the one that decided the login, and "
     "the last.",
     r"login\."),
    ("Windows authentication", "", r"(ntlm|kerberos)\."),
    ("Entra", "", r"entra\."),
    ("Session", "What the server set with ENVCHANGE when it confirmed the login.", r"env\."),
    ("Client and server", "", r"(server|client|instance|connection_id|activity)"),
    ("Negotiated encryption", "", r"(prelogin|tls)\."),
    ("Named pipe", "On connections over named pipes: [named-pipes.md](named-pipes.md).", r"(pipe$|smb\.)"),
    ("Routing", "When a server redirects the client to another server: Azure SQL, read-only routing.", r"routing\."),
    ("Errors", "One value for each ERROR token, in wire order, on the frame where the response ends.", r"error\."),
    ("Durations of the steps",
     "On the frame that ends the step. The frame that decided the login and the last frame have all of them.",
     r"time\."),
    ("Requests and responses", "With MARS, these are per session.", r"(rpc$|request_in$|response_in$|response_time$|attention)"),
    ("Turns and waits",
     "Who owes the next message, and how long it was waited for. The parts of a wait have the names of Wireshark's plugin "
     "TRANSUM: request spread, service time, response spread. They are on responses, and on the frames that end a step of "
     "the login or the connection.",
     r"(turn\.|wait\.|request_spread$|service_time$|response_spread$)"),
    ("MARS", "One value for each SMP packet that ends in the frame.", r"mars\."),
    ("SQL Server Browser",
     "On the datagrams of UDP port 1434, which belong to no connection. The connection that follows the answer has the "
     "instance in `tdsconn.instance`.", r"ssrp\."),
    ("Diagnoses",
     "On the frame that proves it. They are also in *Analyze > Expert Information*.", r"(expert\.|severity$|diagnosis$)"),
]

FINAL = {"state", "auth", "auth.basis", "auth.why", "auth.label", "encryption", "version", "mars", "progress", "close", "login.frame",
         "login.start_frame"}

# Where the plugin's own texts are too short.
MEANINGS = {
    "severity": "Severity of the worst diagnosis on this frame. `tdsconn.severity >= 3` finds all warnings and errors. "
                "Unlike `_ws.expert.severity`, it ignores other dissectors.",
    "diagnosis": "The worst diagnosis on this frame, and what was found, in one text for a column: `Login refused: error "
                 "18456 (see the server's error log: …`.",
    "step.label": "The step as the profile shows it. Where the server ended the login without success it says "
                  "`Login refused`, `Login probably refused` or `Login redirected`.",
    "auth.label": "`tdsconn.auth` with a question mark if it is inferred: `SQL?`.",
    "stream": "Number of the connection in the capture, from 0. If a client reuses its port, the new connection gets a "
              "new number.",
    "sender": "Sender of the frame. Missing until the capture shows which side is the client.",
    "step": "Login step of the frame, with the names of Microsoft's article *Trace the network authentication process*. "
            "A bare ACK, keep-alive or retransmission has the current step of the connection. See [steps.md](steps.md).",
    "message": "One value for each message that **ends** in the frame, in wire order. In one pass, an encrypted LOGIN7 "
               "whose rest is in clear also appears on the frame where its encrypted part ends.",
    "state": "Final state of the connection. `Probe`: only TCP, no byte of TDS. `Joined midway`: the login is not in "
             "the capture.",
    "auth": "How the client authenticated. `Windows`: integrated, but the capture does not show whether NTLM or "
            "Kerberos. `Entra`: any federated authentication.",
    "auth.basis": "`Seen`: bytes in the capture prove it. `Inferred`: it follows from other facts, but could be wrong. "
                  "`Unknown`: the capture does not show it.",
    "auth.why": "One sentence: the evidence for `tdsconn.auth` and its frame, or why it is unknown.",
    "encryption": "`Login only`: TLS hides the login record; all later messages are in clear. `Full`: TLS until the "
                  "end. `Strict`: TDS 8.0, TLS comes first. PRELOGIN agrees on it. If the connection ended before TLS, "
                  "the summary says `(not begun)`.",
    "version": "TDS version: `7.0` `7.1` `7.2` `7.3A` `7.3B` `7.4` `8.0`, for Sybase `4.2` `5.0`. It is the version "
               "that the server confirmed, or without confirmation the one that the client wanted.",
    "mars": "MARS was agreed in PRELOGIN, or the capture contains its protocol SMP.",
    "description": "The line that Network Monitor prints for this frame, as in Microsoft's article.",
    "progress": "The login as short codes, `>` from the client, `<` from the server. See the "
                "[codes](#codes-of-tdsconnprogress) below. At most the login and the first command; `…` replaces the "
                "rest.",
    "close": "How the connection ended. `Reset after close` is harmless: the client had already sent FIN.",
    "last": "Only on the last frame of the connection. It needs a second pass.",
    "summary": "The connection in one line, on the frame that decided the login and on the last frame.",
    "failure": "How it failed: `Not connected`, `Login failed`, `Login unfinished`, `Outcome unknown`, `Broken` or "
               "`Given up`. As a filter it finds one frame for each connection that failed.",
    "failure.diagnosis": "The worst [diagnosis](diagnoses.md) of the connection: `login_refused`.",
    "error.number": "Number of the error, such as 18456.",
    "error.state": "State of the error. For 18456 the client always gets 1.",
    "error.message": "Text of the error.",
    "error.server": "Server that reports the error.",
    "error.line": "Line of the batch or procedure.",
    "turn.owes": "Who owes the next message after this frame. With MARS: in the session that asked last.",
    "turn.awaited": "What that side owes.",
    "wait.time": "How long the message was owed that this frame brings, or whose wait ends here: by ATTENTION, FIN, RST, or on "
                 "the last frame.",
    "wait.sendings": "How often the message before the wait was sent. Copies of a frame in the capture do not count.",
    "request_spread": "From the first byte of the request until the receiver acknowledged its last byte. If only the answer "
                      "acknowledges it: until it was sent the last time.",
    "service_time": "From the end of the request spread to the first byte of the answer; without an answer of the server, to "
                    "the end of the wait. A client that did not go on has none.",
    "response_spread": "From the first to the last byte of the response; if it was sent again, to the ACK of it.",
    "mars.event": "Kind of the SMP packet.",
    "mars.state.client": "MC-SMP's name for this state at the client.",
    "mars.state.server": "MC-SMP's name for this state at the server.",
    "mars.label": "SID and state together: `0 Established`, `3 FIN sent by client`.",
    "mars.brief": "The same in the words of a narrow column: `3 FIN by client`.",
    "ssrp.type": "Kind of the message.",
    "ssrp.instance": "Instance in the request.",
    "ssrp.size": "RESP_SIZE of the answer.",
    "ssrp.server": "Name of the server's host. This and the next five fields have a value for each instance in the "
                   "answer.",
    "ssrp.name": "Name of the instance.",
    "ssrp.clustered": "Whether the instance is clustered, in the server's words.",
    "ssrp.tcp_port": "TCP port of the instance.",
    "ssrp.request_in": "The request that this answers.",
    "ssrp.response_in": "The answer to this request.",
    "ssrp.connection": "Number of the connection (`tdsconn.stream`) after this answer.",
    "ssrp.time": "From the request to the answer.",
    "mars.generation": "How often this SID was used before; 0 for the first session.",
}

MESSAGES = re.compile(r'^(?:MESSAGE|SIGN)\((\w+),\s*\d+,\s*"([^"]*)",\s*"([^"]*)"', re.MULTILINE)


LONG_LIST = 9  # values; more stand in a list of their own


PROTOCOLS = ("tdsconn", "ssrp")


def filter_of(name):
    return name if name.startswith("ssrp.") else f"tdsconn.{name}"


def registered():
    """(name, type, blurb or label) of each field, in the plugin's order. The names are without tdsconn."""
    for line in wireshark.lines(wireshark.output("tshark", "-G", "fields")):
        kind, label, name, field_type, parent, _, _, *blurb = line.split("\t") + [""] * 7
        if kind == "F" and parent in PROTOCOLS:
            yield name.removeprefix("tdsconn."), field_type, blurb[0] or label


def values():
    """The list of value texts of each field."""
    found = defaultdict(list)
    for line in wireshark.lines(wireshark.output("tshark", "-G", "values")):
        kind, name, *rest = line.split("\t") + [""]
        if kind == "V" and name.split(".")[0] in PROTOCOLS:
            found[name.removeprefix("tdsconn.")].append(f"{rest[0]} `{rest[1]}`")
    return found


def group_of(name):
    for heading, _, pattern in GROUPS:
        if re.match(pattern, name):
            return heading
    raise SystemExit(f"tdsconn.{name} belongs to no group of docs/make-fields.py")


def rows(fields, texts):
    for name, field_type, blurb in fields:
        meaning = MEANINGS.get(name, blurb).removesuffix(".") + "."
        if len(texts[name]) > LONG_LIST:
            meaning += f" Values: [below](#values-of-{filter_of(name).replace('.', '')})."
        elif texts[name]:
            meaning += f" Values: {', '.join(texts[name])}."
        yield f"| `{filter_of(name)}` | {TYPES[field_type]}{', F' if name in FINAL else ''} | {meaning} |"


def long_lists(texts):
    for name, list_ in texts.items():
        if len(list_) > LONG_LIST:
            yield f"\n## Values of {filter_of(name)}\n"
            yield from (f"- {text}" for text in list_)


def codes():
    text = (DOCS.parent / "plugin/core/messages.def").read_text()
    yield "\n## Codes of tdsconn.progress\n"
    by_code = defaultdict(list)
    for _, name, code in MESSAGES.findall(text):
        if code:
            by_code[code].append(name)
    yield "| code | message |\n|---|---|"
    for code, names in by_code.items():
        yield f"| `{code}` | {', '.join(names)} |"
    yield "\nThe codes of SMP packets end with the number of their session: `>MS0`."


def document():
    texts = values()
    by_group = defaultdict(list)
    for field in registered():
        by_group[group_of(field[0])].append(field)
    unknown = MEANINGS.keys() | FINAL
    unknown -= {field[0] for fields in by_group.values() for field in fields}
    if unknown:
        raise SystemExit(f"docs/make-fields.py describes what is not registered: {sorted(unknown)}")
    yield HEAD
    for heading, text, _ in GROUPS:
        yield f"## {heading}\n"
        if text:
            yield text + "\n"
        yield "| field | type | meaning |\n|---|---|---|"
        yield from rows(by_group[heading], texts)
        yield ""
    yield from long_lists(texts)
    yield from codes()


if __name__ == "__main__":
    generated.main(__doc__, {DOCS / "fields.md": "\n".join(document()) + "\n"})
