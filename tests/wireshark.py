# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs tshark, sharkd and editcap on the plugin that was just built, as an ordinary user.

Wireshark that runs as root loads no personal plugin and ignores WIRESHARK_PLUGIN_DIR. So root's
tests run it as NOBODY, and on copies, because NOBODY may not be able to reach the checkout.
"""

import atexit
import json
import os
import re
import shutil
import subprocess
import tempfile
from datetime import datetime
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CAPTURES = ROOT / "captures"
BUILD = Path(os.environ.get("TDSCONN_BUILD_DIR", ROOT / "build/dev"))
# Whether the programs are those of Windows, under Wine: tools/windows-wireshark.
ON_WINDOWS = any(BUILD.glob("plugins/*/epan/tdsconn.dll"))
PLUGIN = "tdsconn.dll" if ON_WINDOWS else "tdsconn.so"

AM_ROOT = os.geteuid() == 0
NOBODY = 65534

# Root's TMPDIR may be a folder that NOBODY cannot reach; /tmp never is.
SCRATCH = Path(tempfile.mkdtemp(prefix="tdsconn-tests-", dir="/tmp" if AM_ROOT else None))
atexit.register(shutil.rmtree, SCRATCH, ignore_errors=True)

_copies = {}


def give(path):
    """Give PATH to the user that Wireshark runs as, a folder with all that is in it; PATH again."""
    for found in [path, *(path.rglob("*") if path.is_dir() else [])] if AM_ROOT else []:
        os.chown(found, NOBODY, NOBODY)
    return path


def scratch(name):
    """A new empty folder that Wireshark can read and write; it goes when the tests end."""
    return give(Path(tempfile.mkdtemp(prefix=name + "-", dir=SCRATCH)))


def _copy_of_folder(folder, place):
    """A copy of FOLDER in the folder PLACE, for the user that Wireshark runs as."""
    return give(Path(shutil.copytree(folder, place / folder.name)))


give(SCRATCH)
_HOME = scratch("home")
_EMPTY = scratch("empty")
_PLUGINS = BUILD / "plugins"
if AM_ROOT and _PLUGINS.exists():
    # The folder of one version and its epan folder are made by the build: their modes follow the umask.
    _PLUGINS = _copy_of_folder(_PLUGINS, scratch("built"))


def checkout(*names):
    """A new folder with copies of the project's files and folders NAMES, which Wireshark's user can read and write."""
    place = scratch("checkout")
    for name in names:
        if (ROOT / name).is_dir():
            _copy_of_folder(ROOT / name, place)
        else:
            give(Path(shutil.copy(ROOT / name, place)))
    return place


def readable(path):
    """PATH itself, or a copy of it that Wireshark's user can read."""
    path = Path(path).resolve(strict=True)
    if not AM_ROOT or SCRATCH in path.parents:
        return path
    stat = path.stat()
    key = (path, stat.st_mtime_ns, stat.st_size)
    if key not in _copies:
        _copies[key] = give(shutil.copyfile(path, scratch("copy") / path.name))
    return _copies[key]


def environment(bare=False, env=None):
    """What a program finds in its environment: a home of its own, the plugin that was built, nothing of the user's."""
    found = {
        "PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
        "HOME": str(_HOME),
        "TZ": "UTC",
        "LC_ALL": "C.UTF-8",
        "WIRESHARK_PLUGIN_DIR": str(_EMPTY if bare else _PLUGINS),
        # `tshark -G` starts every capture helper, and androiddump hangs under AddressSanitizer.
        "WIRESHARK_EXTCAP_DIR": str(_EMPTY),
    }
    if not bare:
        # A fault of a dissector is a failed test, not a line in its output.
        found["WIRESHARK_ABORT_ON_DISSECTOR_BUG"] = "1"
        if "TDSCONN_PRELOAD" in os.environ:
            # A sanitized plugin in a tshark that is not: its runtime must come first, and tshark's leaks are not ours.
            found["LD_PRELOAD"] = os.environ["TDSCONN_PRELOAD"]
            found["ASAN_OPTIONS"] = "detect_leaks=0"
            found["UBSAN_OPTIONS"] = "print_stacktrace=1"
    return {**found, **(env or {})}


def as_user(program, *args):
    """The command line that runs a program as the ordinary user."""
    drop = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"] if AM_ROOT else []
    return [*drop, program, *map(str, args)]


def run(program, *args, bare=False, stdin=None, env=None, timeout=300):
    """Run a program as the ordinary user; a CompletedProcess with text, whatever the exit code.

    bare: without any plugin of ours, as if it were not installed. env: variables to add.
    """
    return subprocess.run(
        as_user(program, *args),
        env=environment(bare, env),
        cwd=_HOME,
        input=stdin,
        stdin=subprocess.DEVNULL if stdin is None else None,
        capture_output=True,
        encoding="utf-8",
        errors="backslashreplace",
        timeout=timeout,
    )


def output(program, *args, **how):
    """The standard output of a run that must go well: exit code 0 and no warning from GLib or Wireshark."""
    done = run(program, *args, **how)
    if done.returncode != 0 or "WARNING **" in done.stderr or "CRITICAL **" in done.stderr:
        command = " ".join([program, *map(str, args)])
        raise AssertionError(f"{command}\nexit code {done.returncode}\n{done.stderr}")
    return done.stdout


def lines(text):
    """Not splitlines(): it also splits at characters that a field may hold."""
    return text.removesuffix("\n").split("\n") if text else []


def keys_of(capture):
    """The TLS key log beside CAPTURE, or None."""
    keys = Path(capture).with_suffix(".keys")
    return keys if keys.exists() else None


def tshark(capture, *args, keys=None, **how):
    """The lines that tshark prints for CAPTURE. keys: a TLS key log to decrypt with."""
    decrypt = ["-o", f"tls.keylog_file:{readable(keys)}"] if keys else []
    return lines(output("tshark", "-n", "-r", readable(capture), *decrypt, *args, **how))


@lru_cache(maxsize=None)
def version():
    """The version of tshark: (4, 0), (4, 4)..."""
    return tuple(map(int, re.search(r"\d+\.\d+", output("tshark", "--version"))[0].split(".")))


def as_numbers(value):
    """A field's values as 4.0 prints them: later versions have words for a truth value."""
    return ",".join({"True": "1", "False": "0"}.get(one, one) for one in value.split(","))


def as_iso(value):
    """A field's time as 4.6 prints it, to the nanosecond; earlier versions write "Nov 19, 2036 16:34:32.000000000 UTC"."""
    told = re.fullmatch(r"(\w{3} [ \d]\d, \d{4} \d\d:\d\d:\d\d)(\.\d{9}) UTC", value)
    return f"{datetime.strptime(told[1], '%b %d, %Y %H:%M:%S').isoformat()}{told[2]}Z" if told else value


def as_in_4_0(value):
    """A cell of -T fields as 4.0 prints it: later versions double a backslash."""
    return as_numbers(value).replace("\\\\", "\\") if version() > (4, 0) else value


def fields(capture, *names, two_pass=False, keys=None, display_filter=None, read_filter=None, bare=False):
    """One tuple of texts a frame, in the order of NAMES; several values of a field are joined by a comma."""
    args = ["-2"] if two_pass or read_filter else []
    args += ["-R", read_filter] if read_filter else []
    args += ["-Y", display_filter] if display_filter else []
    args += ["-T", "fields", "-E", "separator=/t", "-E", "occurrence=a", "-E", "aggregator=,"]
    for name in names:
        args += ["-e", name]
    return [tuple(map(as_in_4_0, line.split("\t"))) for line in tshark(capture, *args, keys=keys, bare=bare)]


def sharkd(capture, *requests, keys=None, **how):
    """The results of sharkd for REQUESTS, each a pair of method and parameters, asked in this order.

    >>> sharkd(capture, ("frame", {"frame": 9, "proto": True}), ("frame", {"frame": 1, "proto": True}))
    """
    decrypt = [setting("tls.keylog_file", readable(keys))] if keys else []
    results = sharkd_session(*decrypt, load(capture), *requests, **how)
    return results[len(results) - len(requests):]


def load(capture):
    """The request to open CAPTURE; what was open is closed."""
    return "load", {"file": str(readable(capture))}


def checks(filters):
    """The requests that fail if one of the display filters does not compile; the name of a field is one, too."""
    return [("check", {"filter": one}) for one in filters]


def setting(preference, value):
    """The request to give a preference another value, in what is opened next."""
    return "setconf", {"name": preference, "value": str(value)}


def request_lines(requests):
    """What sharkd reads for REQUESTS, numbered from 1: a line each."""
    return "".join(
        json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params}) + "\n"
        for number, (method, params) in enumerate(requests, start=1)
    )


def sharkd_session(*requests, under=(), **how):
    """The results of one sharkd for all of REQUESTS. UNDER: a program and its arguments that sharkd is to run under."""
    told = output(*under, "sharkd", "-", stdin=request_lines(requests), **how)
    replies = [json.loads(line) for line in lines(told) if line]
    for number, (request, reply) in enumerate(zip(requests, replies, strict=True), start=1):
        if reply.get("id") != number or "error" in reply:
            raise AssertionError(f"sharkd answered {reply} to {request}")
    return [reply["result"] for reply in replies]


def plugins(bare=False):
    """The file names of the plugins that tshark loads."""
    return {line.split("\t")[0].strip() for line in lines(output("tshark", "-G", "plugins", bare=bare))}
