"""The fuzz target of the rules makes possible what C does not allow to be any number: all of it.

An input of that target is the bytes of a case. A bool that is neither 0 nor 1, a pointer to anywhere and a place behind
the end of a table are no cases. A member of these kinds that the target does not name fails there only when the bytes
happen to be wrong, so the members are read from the headers here.
"""

import re
from pathlib import Path

REPO = Path(__file__).resolve().parent.parent
CORE = sorted((REPO / "plugin" / "core").glob("*.h"))
TARGET = REPO / "tests" / "fuzz" / "rules_fuzz.c"

# What the target sets by itself, with a reason beside it.
SET_BY_HAND = {"auth.sentence", "turn.debt.awaited"}


def without_comments(text):
    return re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)


def types():
    """The members of each struct, and the names of the enums, that the headers of core define."""
    structs, enums = {}, set()
    for header in CORE:
        text = without_comments(header.read_text(encoding="utf-8"))
        for body, name in re.findall(r"typedef struct \{([^{}]*)\} (\w+);", text):
            structs[name] = re.findall(r"(const char \*|\w+\s)\s*([^;]+);", body)
        enums.update(re.findall(r"typedef enum \{[^{}]*\} (\w+);", text))
    return structs, enums


def members(structs, struct, before=""):
    """(path, type, whether it is a bit-field) of all that a struct holds, arrays of them but for the first left out."""
    for kind, names in structs[struct]:
        for name in names.split(","):
            path = before + re.match(r"\w+", name.strip()).group()
            if kind.strip() in structs:
                yield from members(structs, kind.strip(), path + ".")
            else:
                yield path, kind.strip(), ":" in name


def named(array):
    text = TARGET.read_text(encoding="utf-8")
    body = re.search(array + r"\[\] = \{(.*?)\n?\};", text, flags=re.DOTALL).group(1)
    return set(re.findall(r"AT\(([\w.]+)\)", body))


def held(kinds, bits=False):
    structs, _ = types()
    return {path for path, kind, few in members(structs, "case_t") if kind in kinds and few == bits} - SET_BY_HAND


def test_every_bool_of_a_case_is_made_a_bool():
    assert named("bools") == held({"bool"})


def test_every_text_of_a_case_is_made_a_text():
    assert named("texts") == held({"const char *"})


def test_every_place_in_a_table_is_made_one():
    _, enums = types()
    assert {"sender_t", "message_t", "position_t"} <= enums
    assert named("places") == held(enums)


def test_every_place_in_a_table_of_a_few_bits_is_made_one():
    """C has no address of it, so that the target has a line for it. A bool of one bit is nothing but a bool."""
    _, enums = types()
    made = set(re.findall(r"->(\w+) = \(\w+\)\(\w+->\1 % ", TARGET.read_text(encoding="utf-8")))
    places = {path.split(".")[-1] for path in held(enums, bits=True)}
    assert {"position", "by"} <= places
    assert made == places
