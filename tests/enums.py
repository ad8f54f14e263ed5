# SPDX-License-Identifier: GPL-2.0-or-later
"""The numbers of the fields' values by their names in plugin/core, as tshark prints them: STATE.LOGGED_IN is "3"."""

import re
from types import SimpleNamespace

import wireshark


def _named(table, macro):
    """The rows of MACRO in a table of plugin/core."""
    text = (wireshark.ROOT / "plugin/core" / table).read_text(encoding="utf-8")
    return SimpleNamespace(**dict(re.findall(rf"^{macro}\((\w+),\s*(\d+),", text, re.MULTILINE)))


STEP = _named("values.def", "STEP")
STATE = _named("values.def", "STATE")
AUTH = _named("values.def", "AUTH")
ENCRYPTION = _named("values.def", "ENCRYPTION")
CLOSE = _named("values.def", "CLOSE")
MESSAGE = _named("messages.def", "MESSAGE")
