# SPDX-License-Identifier: GPL-2.0-or-later
"""The plugin for Windows is compiled with MinGW's ABI, the official Wireshark with that of MSVC: what the plugin reads of
Wireshark lies at the same places in both."""

import re
import subprocess

import pytest

import test_windows_zips
import wireshark

pytestmark = test_windows_zips.pytestmark
WORK = wireshark.ROOT / "build" / "windows"
ABIS = {"x64": ("x86_64-w64-windows-gnu", "x86_64-pc-windows-msvc"),
        "arm64": ("aarch64-w64-windows-gnu", "aarch64-pc-windows-msvc")}
# The plugin reads these. If they are not compared, the headers that have them were not read.
READ = {"struct _packet_info", "struct tcp_analysis", "struct _address", "struct tcpinfo", "struct conversation",
        "struct _stat_tap_table_ui"}


def headers():
    """The lines that include all headers of Wireshark that the plugin includes."""
    found = set()
    for source in (wireshark.ROOT / "plugin").rglob("*.[ch]"):
        text = source.read_text(encoding="utf-8")
        found |= set(re.findall(r"^#include <(?:epan|wsutil)/.*>$", text, re.MULTILINE))
    return "\n".join(["#include <epan/packet.h>", *sorted(found)]) + "\n"


def clang(source, *args):
    done = subprocess.run(["clang", "-x", "c", *args, "-"], input=source, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def preprocessed(kind):
    """The text of those headers with the options that the zip's DLL was compiled with; KIND: 4.4-x64."""
    flags = (WORK / kind / "flags").read_text(encoding="utf-8").splitlines()
    # MinGW's own body for a function that clang has for MSVC.
    return clang(headers(), *flags, "-E", "-P").replace("__debugbreak", "mingw_debugbreak")


def layouts(source, target):
    """{record: its members with their places, and its size}"""
    dump = clang(source, "-target", target, "-std=gnu11", "-w", "-fsyntax-only", "-Xclang", "-fdump-record-layouts-complete")
    blocks = dump.split("*** Dumping AST Record Layout\n")[1:]
    return {block.split("|", 1)[1].split("\n", 1)[0].strip(): block for block in blocks}


def differing(mingw, msvc):
    """The records with another layout. A long double of C is known to differ; Wireshark has none."""
    return {name for name in mingw.keys() | msvc.keys()
            if mingw.get(name) != msvc.get(name) and "long double" not in mingw.get(name, "")}


@test_windows_zips.each_kind
def test_records_have_msvcs_layout(version, processor):
    source = preprocessed(f"{version}-{processor}")
    mingw, msvc = (layouts(source, target) for target in ABIS[processor])
    assert READ - mingw.keys() == set()
    assert differing(mingw, msvc) == set()


@pytest.mark.parametrize("processor", ABIS)
def test_another_layout_is_found(processor):
    source = "struct same { char a; int b : 3; } same; struct other { char a; OTHER b; } other;\n"
    types = ("int", "short")
    mingw, msvc = (layouts(source.replace("OTHER", one), target) for one, target in zip(types, ABIS[processor]))
    assert differing(mingw, msvc) == {"struct other"}
