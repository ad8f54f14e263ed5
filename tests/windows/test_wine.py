# SPDX-License-Identifier: GPL-2.0-or-later
"""What Wireshark for Windows says of the zip's DLL when it does not load it, as docs/install.md lists the messages.

tests/CMakeLists.txt names the other tests that run beside these in tshark.exe.
"""

import re
import zipfile
from functools import lru_cache

import pytest

import wireshark

ZIPS = wireshark.ROOT / "build/windows"
VERSION = (wireshark.ROOT / "plugin/VERSION").read_text(encoding="utf-8").strip()
PAGE = (wireshark.ROOT / "docs/install.md").read_text(encoding="utf-8")


@lru_cache(maxsize=None)
def dll(version, processor="x64"):
    path = ZIPS / f"tdsconn-{VERSION}-wireshark-{version}-windows-{processor}.zip"
    return zipfile.ZipFile(path).read(f"plugins/{version}/epan/tdsconn.dll")


def said(content, folder="plugins/4.0/epan"):
    """What tshark.exe prints of its plugins and what it complains of, with that DLL in a folder of the user's."""
    place = wireshark.scratch("appdata")
    place.joinpath(folder).mkdir(parents=True)
    place.joinpath(folder, "tdsconn.dll").write_bytes(content)
    done = wireshark.run("tshark", "-G", "plugins",
                         env={"WIRESHARK_PLUGIN_DIR": str(wireshark.give(place) / "plugins")})
    return done.stdout, done.stderr


def test_it_is_tshark_for_windows_that_is_tested():
    assert wireshark.ON_WINDOWS
    assert re.search(r"^Running on .*Windows", wireshark.output("tshark", "--version"), re.MULTILINE)


@pytest.mark.parametrize("content, message", [
    (dll("4.4"), "The plugin 'tdsconn.dll' was compiled for Wireshark version 4.4"),
    (dll("4.4", "arm64"), "Couldn't load plugin 'tdsconn.dll': ... Bad EXE format"),
    (dll("4.0").replace(b"libwsutil.dll", b"libwsuti_.dll"),
     "Couldn't load plugin 'tdsconn.dll': ... Module not found."),
], ids=["another version", "another processor", "a library is missing"])
def test_why_it_is_not_loaded(content, message):
    loaded, complaint = said(content)
    assert "tdsconn" not in loaded
    assert re.search(re.escape(message).replace(re.escape("..."), ".*"), complaint), complaint
    assert f"`{message}" in PAGE.replace("tdsconn.so", "tdsconn.dll")


@pytest.mark.parametrize("folder", ["plugins/4-0/epan", "plugins/4.0", "plugins/epan"])
def test_in_another_folder_it_is_passed_over(folder):
    assert "tdsconn" not in "".join(said(dll("4.0"), folder))


def test_in_its_folder_it_is_loaded():
    loaded, complaint = said(dll("4.0"))
    assert "tdsconn.dll" in loaded and complaint == ""


def test_rows_are_the_same_where_lines_end_as_on_windows():
    capture = wireshark.readable(wireshark.CAPTURES / "real/odbc-kerberos-login-only-tls.pcapng")
    rows = wireshark.checkout("docs") / "docs/pipelines/rows"
    on_windows = {"TDSCONN_CRLF": "1"}
    assert int(wireshark.output("bash", "-c", "tshark -G values | grep -c $'\\r'", env=on_windows)) > 100
    as_here, there = wireshark.output("bash", rows, capture), wireshark.output("bash", rows, capture, env=on_windows)
    assert as_here and as_here == there
