# SPDX-License-Identifier: GPL-2.0-or-later
"""The values that a story may give a parameter.

A function that a word of a story calls names them in the annotations of its parameters. A parameter without an
annotation is not for stories. `**rest` is annotated with the function that gets the rest.
"""
import inspect
import re
from dataclasses import dataclass
from typing import Callable


@dataclass(frozen=True)
class Values:
    """What a parameter takes: in words, and as a check of a text."""
    text: str
    allows: Callable


def is_hex(text):
    """Whether a text is bytes in hexadecimal digits."""
    try:
        bytes.fromhex(text)
    except ValueError:
        return False
    return True


def every(allows, separator=","):
    """A check of a list: ALLOWS holds for every item."""
    return lambda text: all(allows(item) for item in text.split(separator) if item)


def one_of(choices):
    """One of these words."""
    return Values(" ".join(choices), lambda text: text in choices)


def some_of(choices):
    """Some of these words, with commas between."""
    return Values(" ".join(choices) + ", or several with commas between", every(lambda item: item in choices))


TEXT = Values("a text", lambda text: True)
NUMBER = Values("a number", str.isdecimal)
NUMBERS = Values("numbers with commas between", every(str.isdecimal))
FIELD = Values("a number, also as 0x0a", lambda text: re.fullmatch(r"[0-9]+|0x[0-9A-Fa-f]+", text))
DOTTED = Values("numbers with dots between", every(str.isdecimal, "."))
HEX = Values("hexadecimal digits", is_hex)
YES_OR_NO = one_of(("yes", "no"))
ON_OR_OFF = one_of(("on", "off"))


def parameters(function):
    """{parameter: (its Values, whether it must be given)} of a function, and of those that get the rest."""
    found = {}
    for one in inspect.signature(function, eval_str=True).parameters.values():
        if one.annotation is one.empty:
            continue
        if one.kind is one.VAR_KEYWORD:
            rest = one.annotation
            found.update(rest if isinstance(rest, dict) else parameters(rest))
        else:
            found[one.name] = one.annotation, one.default is one.empty
    return found
