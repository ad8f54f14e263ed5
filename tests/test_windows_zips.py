# SPDX-License-Identifier: GPL-2.0-or-later
"""What `./dev package --windows` made: what is in the zips, and what their DLLs ask of Windows and Wireshark.
Nothing of it is run here."""

import re
import subprocess
import zipfile
from functools import lru_cache

import pytest

import wireshark

ZIPS = wireshark.ROOT / "build" / "windows"
VERSION = (wireshark.ROOT / "plugin/VERSION").read_text(encoding="utf-8").strip()
KINDS = [("4.0", "x64"), ("4.4", "x64"), ("4.6", "x64"), ("4.4", "arm64"), ("4.6", "arm64")]
WIRESHARK = {"libwireshark.dll", "libwsutil.dll"}
# With the names that they have in the official Wireshark, and what is in Windows.
ALLOWED = WIRESHARK | {"glib-2.0-0.dll", "kernel32.dll", "ucrtbase.dll"}
EXPORTS = {"plugin_describe", "plugin_register", "plugin_version", "plugin_want_major", "plugin_want_minor"}
# Of epan/sequence_analysis.h, which is in no development package: plugin/compat.h declares them.
UNSEEN = {"register_seq_analysis", "sequence_analysis_create_sai_with_addresses"}
# Where the headers of every Wireshark are not kept, no zip was made: ctest says so of windows_zips.build.
KEPT = all(subprocess.run([wireshark.ROOT / "tools/wireshark-headers", "--kept", version], capture_output=True,
                          check=False).returncode == 0 for version, _ in KINDS)
pytestmark = pytest.mark.skipif(not KEPT, reason="tools/wireshark-headers has not fetched the headers")
each_kind = pytest.mark.parametrize("version, processor", KINDS)


@lru_cache(maxsize=None)
def opened(version, processor):
    return zipfile.ZipFile(ZIPS / f"tdsconn-{VERSION}-wireshark-{version}-windows-{processor}.zip")


def dll(version, processor):
    return opened(version, processor).read(f"plugins/{version}/epan/tdsconn.dll")


@lru_cache(maxsize=None)
def tables(version, processor):
    """What llvm-readobj says of the DLL: its header, imports and exports."""
    done = subprocess.run(["llvm-readobj", "--file-headers", "--coff-imports", "--coff-exports", "-"],
                          input=dll(version, processor), capture_output=True, check=True)
    return done.stdout.decode()


def imports(text):
    """{DLL: its symbols that are imported}"""
    blocks = re.findall(r"^(?:Delay)?Import \{\n(.*?)^\}", text, re.MULTILINE | re.DOTALL)
    return {re.search(r"Name: (\S+)", block)[1].lower(): set(re.findall(r"Symbol: (\S+)", block)) for block in blocks}


@lru_cache(maxsize=None)
def declared(version):
    """The names that Wireshark's headers declare as exported by its Windows libraries."""
    command = [wireshark.ROOT / "tools/wireshark-headers", "--kept", version]
    kept = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    found = set()
    for header in sorted(wireshark.Path(kept, "usr/include/wireshark").rglob("*.h")):
        text = header.read_text(encoding="utf-8", errors="replace")
        for declaration in re.findall(r"\bWS_DLL_PUBLIC\b[^;{]*", text):
            found |= set(re.findall(r"\w+", declaration))
    return found


def complaints(found, exported):
    """What is wrong with a table of imports."""
    strange = [f"imports {library}" for library in sorted(found.keys() - ALLOWED)]
    hidden = [f"{library} does not export {name}" for library in sorted(found.keys() & WIRESHARK)
              for name in sorted(found[library] - exported)]
    return strange + hidden


@each_kind
def test_imports_are_what_windows_and_wireshark_have(version, processor):
    found = imports(tables(version, processor))
    assert WIRESHARK < found.keys() and len(found["libwireshark.dll"]) > 50
    assert complaints(found, declared(version) | UNSEEN) == []


@pytest.mark.parametrize("library, name, complaint", [
    ("libglib-2.0-0.dll", "g_free", "imports libglib-2.0-0.dll"),
    ("msvcrt.dll", "memcpy", "imports msvcrt.dll"),
    ("libwireshark.dll", "tcp_dissect_pdus_secretly", "libwireshark.dll does not export tcp_dissect_pdus_secretly"),
])
def test_another_import_is_a_complaint(library, name, complaint):
    found = imports(tables("4.0", "x64"))
    found.setdefault(library, set()).add(name)
    assert complaints(found, declared("4.0") | UNSEEN) == [complaint]


@each_kind
def test_exports_are_what_wireshark_looks_for(version, processor):
    exported = tables(version, processor).split("Export {", 1)[1]
    assert set(re.findall(r"^  Name: (\w+)$", exported, re.MULTILINE)) == EXPORTS


@each_kind
def test_an_exception_of_wireshark_passes_through_the_dll(version, processor):
    """Windows' longjmp unwinds the frames between: without a table of them it ends the program."""
    done = subprocess.run(["llvm-readobj", "--unwind", "-"], input=dll(version, processor), capture_output=True, check=True)
    assert done.stdout.count(b"RuntimeFunction {") > 300


@each_kind
def test_dll_says_what_it_is(version, processor):
    machine = {"x64": "IMAGE_FILE_MACHINE_AMD64", "arm64": "IMAGE_FILE_MACHINE_ARM64"}[processor]
    assert machine in tables(version, processor)
    for text in (f"tdsconn for Wireshark {version}", VERSION, "tdsconn.dll"):
        assert (text + "\0").encode("utf-16-le") in dll(version, processor)


@each_kind
def test_zip_holds_plugin_profile_and_ten_lines(version, processor):
    names = {name for name in opened(version, processor).namelist() if not name.endswith("/")}
    profile = {f"profiles/SQL Server connections/{path.name}": path.read_bytes()
               for path in (wireshark.ROOT / "profile").iterdir()}
    plugin = f"plugins/{version}/epan/tdsconn.dll"
    assert names == {plugin, "README.tdsconn.txt", "LICENSE.tdsconn.txt", *profile}
    for name, content in profile.items():
        assert opened(version, processor).read(name) == content
    readme = opened(version, processor).read("README.tdsconn.txt").decode("ascii")
    assert readme.count("\r\n") == readme.count("\n") == 10 and "@" not in readme
    assert f"plugins\\{version}\\epan" in readme and ("on any machine" in readme) == (processor == "arm64")
