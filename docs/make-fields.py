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

Every field that tdsconn adds to a frame. They can be used in display filters, columns, `tshark -e`, coloring rules and
statistics. A value can be given by its number or by its text: `tdsconn.auth == 3` and `tdsconn.auth == "Kerberos"` are
the same. (Text compares with `==`, `!=` and `in`; for "greater than" use the numbers.)

**Final** fields (marked F) are known when the whole connection was read. In Wireshark's window and with `tshark -2` they
have their final value on every frame, the SYN included. In `tshark` without `-2` they have what was known at that frame.

Passwords, access tokens, tickets and NTLM responses are in none of them.
"""

TYPES = {
    "FT_UINT8": "number", "FT_UINT16": "number", "FT_UINT32": "number", "FT_STRING": "text", "FT_BOOLEAN": "yes or no",
    "FT_FRAMENUM": "frame", "FT_RELATIVE_TIME": "seconds", "FT_GUID": "GUID", "FT_NONE": "mark",
}

# Heading, what the fields of the group have in common, and which they are; the first that fits.
GROUPS = [
    ("On every frame of a SQL Server connection",
     "Frames of TCP alone are included: SYN, bare ACK, keep-alive, FIN, RST.",
     r"(stream|sender|step|message|state|auth(\..*)?|encryption|version|mars|description|progress|close)$"),
    ("Where the connection's login and end are",
     "",
     r"(login\.frame|login\.start_frame|last|summary)$"),
    ("The server's process", "On every frame from the one that tells it.", r"spid$"),
    ("Login record",
     "From LOGIN7, or the login record of TDS 4 and 5, where it is in clear. Like all fields from here to *Routing*, "
     "except the errors: on the frame that told it, on the frame that decided the login, and on the connection's last.",
     r"login\."),
    ("Windows authentication", "", r"(ntlm|kerberos)\."),
    ("Entra", "", r"entra\."),
    ("Session", "What the server set in ENVCHANGE while it confirmed the login.", r"env\."),
    ("Who is who", "", r"(server|client|instance|connection_id|activity)"),
    ("Encryption as negotiated", "", r"(prelogin|tls)\."),
    ("Routing", "Where a server sends the client on to another: Azure SQL, read-only routing.", r"routing\."),
    ("Errors", "One of each for every ERROR token, on the frame where the response ends, in wire order.", r"error\."),
    ("Durations of the steps",
     "On the frame that ends the step; all of them on the frame that decided the login and on the connection's last.",
     r"time\."),
    ("Requests and responses", "Per MARS session, where there are any.", r"(rpc$|request|response|attention)"),
    ("MARS", "One of each for every SMP packet that ends in the frame.", r"mars\."),
    ("SQL Server Browser",
     "On the datagrams of port 1434, which are no frames of a connection. `tdsconn.instance` has the instance on the "
     "connection that followed the answer.", r"ssrp\."),
    ("Diagnoses",
     "What is worth a look, on the frame where it shows. They are in *Analyze > Expert Information*, too.", r"(expert\.|severity$)"),
]

FINAL = {"state", "auth", "auth.basis", "auth.why", "encryption", "version", "mars", "progress", "close", "login.frame",
         "login.start_frame"}

# Where the plugin's own words are not enough.
MEANINGS = {
    "severity": "How grave the gravest diagnosis of this frame is. `tdsconn.severity >= 3`: where something is wrong. "
                "Unlike `_ws.expert.severity` it leaves out what other dissectors complain of.",
    "stream": "Number of the connection in the capture, from 0. A client that uses its port again begins a new one.",
    "sender": "Who sent the frame. Not there while nothing tells who is the client.",
    "step": "The step of the login that the frame belongs to, by the names of Microsoft's article *Trace the network "
            "authentication process*. A bare ACK, keep-alive or retransmission belongs to the step where the connection "
            "stood. See [steps.md](steps.md).",
    "message": "What the frame carries: one for each message that **ends** in it, in wire order. In one pass an encrypted LOGIN7 whose rest follows in clear is told where its encrypted part ends, too.",
    "state": "Where the connection stands. `Probe`: TCP only, not one byte of TDS. `Joined midway`: the login is not in "
             "the capture.",
    "auth": "How the client authenticated. `Windows`: integrated, but nothing names the mechanism. `Entra`: any federated "
            "authentication.",
    "auth.basis": "`Seen`: bytes in the capture prove it. `Inferred`: it follows from what is visible, and could be "
                  "otherwise. `Unknown`: nothing tells.",
    "auth.why": "The evidence for `tdsconn.auth` and the frame it is in, or why it is not known. One sentence.",
    "encryption": "`Login only`: TLS for the login record, everything after it is in clear. `Full`: TLS to the end. "
                  "`Strict`: TDS 8.0, TLS comes before everything else.",
    "version": "TDS version: `7.0` `7.1` `7.2` `7.3A` `7.3B` `7.4` `8.0`, of Sybase `4.2` `5.0`. As the server "
               "confirmed it, else as the client asked.",
    "mars": "MARS was agreed in PRELOGIN, or its protocol SMP was seen.",
    "description": "The line that Network Monitor prints for this frame, as in Microsoft's article.",
    "progress": "The login as short codes, `>` by the client, `<` by the server; the [codes](#codes-of-tdsconnprogress) "
                "stand below. The login and the first command at most; what was left out is `…`.",
    "close": "How the connection ended. `Reset after close` is harmless: the client had sent its FIN before.",
    "last": "On the last frame of the connection only. It is not there without a second pass.",
    "summary": "The connection in one line, on the frame that decided the login and on the connection's last.",
    "error.number": "Number of the error, such as 18456.",
    "error.state": "State of the error. For 18456 the server sends 1 to the client whatever the reason.",
    "error.message": "Text of the error.",
    "error.server": "Server that reports it.",
    "error.line": "Line of the batch or procedure.",
    "mars.event": "Kind of the SMP packet.",
    "mars.state.client": "The name that MC-SMP has for this state at the client.",
    "mars.state.server": "The name that MC-SMP has for this state at the server.",
    "mars.label": "Session and state in one, for a column: `0 Established`.",
    "ssrp.type": "Kind of the message",
    "ssrp.server": "Name of the server's host. One for each instance in the answer, as are the five below.",
    "ssrp.tcp_port": "TCP port of the instance.",
    "ssrp.connection": "Number of the connection (`tdsconn.stream`) that followed this answer.",
    "mars.generation": "How often this SID was used before; 0 in its first life.",
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
    yield "\nThe codes of SMP end in the number of their session: `>MS0`."


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
