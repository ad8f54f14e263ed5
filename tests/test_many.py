# SPDX-License-Identifier: GPL-2.0-or-later
"""tools/many: the rows of many captures in one file, which is complete or is not written."""

import json
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

import wireshark

MANY = "tools/many"
STORIES = sorted((wireshark.CAPTURES / "story").glob("*.pcapng"))
# 200 take a minute or two: `TDSCONN_CAPTURES=200`.
COUNT = int(os.environ.get("TDSCONN_CAPTURES", "60"))
TASKS = 20  # an array job has no more here
SLURM = all(map(shutil.which, ["slurmctld", "slurmd", "sbatch", "munged"])) and wireshark.AM_ROOT

# A tshark that is killed with the worker that it runs for, the first time that it reads the capture `killed`.
KILLED_ONCE = """#!/bin/bash
if [[ "$*" == */killed.pcapng* && ! -e {place}/was-killed ]]; then
    touch {place}/was-killed
    kill -9 $PPID
    exit 1
fi
exec {tshark} "$@"
"""


def captures_in(place, count):
    """COUNT captures in a folder of PLACE: stories, again and again under other names."""
    folder = place / "captures"
    folder.mkdir()
    for number in range(count):
        shutil.copy(STORIES[number % len(STORIES)], folder / f"{number:03} it's.pcapng")
    return sorted(wireshark.give(folder).iterdir())


def rows_of(capture):
    """What the file has for this capture."""
    printed = wireshark.output("tshark", "-q", "-2", "-n", "-r", capture, "-z", "tdsconn,rows")
    return [{"capture": str(capture), **json.loads(line)} for line in wireshark.lines(printed)]


def rows_in(path):
    return [json.loads(line) for line in wireshark.lines(path.read_text(encoding="utf-8"))]


def many(place, *args, **how):
    return wireshark.run("bash", place / MANY, "-o", place / "rows.ndjson", *args, **how)


def break_capture(capture):
    """It is no capture any more; what it was."""
    whole = capture.read_bytes()
    capture.write_bytes(b"no capture" + whole)
    return whole


def cut_short(capture):
    """It ends in the middle of its last packet."""
    whole = capture.read_bytes()
    capture.write_bytes(whole[:-40])


@pytest.fixture
def place():
    return wireshark.checkout("tools")


@pytest.fixture
def killing(place):
    """The variables of an environment in which the worker that reads `killed` is killed once."""
    folder = place / "bin"
    folder.mkdir()
    tshark = folder / "tshark"
    tshark.write_text(KILLED_ONCE.format(place=place, tshark=shutil.which("tshark")), encoding="utf-8")
    tshark.chmod(0o755)
    wireshark.give(place)
    return {"PATH": f"{folder}:{wireshark.environment()['PATH']}"}


def killed_among(captures):
    """One of the captures is named `killed` from now on; all of them."""
    captures[-2] = wireshark.give(captures[-2].rename(captures[-2].with_name("killed.pcapng")))
    return captures


def test_rows_are_those_of_each_capture_in_their_order(place):
    captures = captures_in(place, 5)
    done = many(place, *reversed(captures))
    assert done.returncode == 0, done.stderr
    assert "5 of 5 read" in done.stderr
    assert rows_in(place / "rows.ndjson") == [row for capture in reversed(captures) for row in rows_of(capture)]


def test_a_list_and_options_of_tshark(place):
    captures = captures_in(place, 3)
    (place / "list").write_text("".join(f"{capture}\n" for capture in captures), encoding="utf-8")
    done = many(place, "-l", place / "list", "-j", 1, "--", "-c", 3)
    assert done.returncode == 0, done.stderr
    rows = rows_in(place / "rows.ndjson")
    assert {row["state"] for row in rows} == {"Connecting"}, "three frames are a handshake of TCP"
    # With other options the rows are others.
    assert many(place, "-l", place / "list").returncode == 0
    assert "Logged in" in {row["state"] for row in rows_in(place / "rows.ndjson")}


def test_nothing_is_written_while_a_capture_is_missing(place, killing):
    captures = killed_among(captures_in(place, 6))
    whole = break_capture(captures[1])
    done = many(place, *captures, env=killing)
    assert done.returncode == 1
    assert not (place / "rows.ndjson").exists()
    assert f"not read: {captures[1]}: " in done.stderr and "format" in done.stderr.split("not read")[1]
    assert "4 of 6 captures are read" in done.stderr

    captures[1].write_bytes(whole)
    again = many(place, *captures, env=killing)
    assert again.returncode == 0, again.stderr
    read = [line for line in wireshark.lines(again.stderr) if " read: " in line]
    assert len(read) == 2, "only what was missing is read"
    assert rows_in(place / "rows.ndjson") == [row for capture in captures for row in rows_of(capture)]


def test_a_capture_that_is_cut_short_is_taken_only_if_asked_for(place):
    captures = captures_in(place, 2)
    cut_short(captures[0])
    refused = many(place, *captures)
    assert refused.returncode == 1 and "cut short" in refused.stderr
    assert not (place / "rows.ndjson").exists()
    taken = many(place, "-t", *captures)
    assert taken.returncode == 0, taken.stderr
    assert {row["capture"] for row in rows_in(place / "rows.ndjson")} == set(map(str, captures))


def test_a_capture_that_changed_is_read_again_and_the_others_are_not(place):
    captures = captures_in(place, 3)
    assert many(place, *captures).returncode == 0
    later = time.time() + 5  # a file server may have another clock
    shutil.copy(STORIES[7], captures[1])
    os.utime(captures[1], (later, later))
    done = many(place, captures[2], captures[1])
    assert done.returncode == 0, done.stderr
    assert [line.split(": ")[2] for line in wireshark.lines(done.stderr) if " read: " in line] \
        == [f"{captures[1]}, {len(rows_of(captures[1]))} connections"]
    assert rows_in(place / "rows.ndjson") == rows_of(captures[2]) + rows_of(captures[1])


def test_without_the_plugin_it_fails(place):
    done = many(place, *captures_in(place, 1), bare=True)
    assert done.returncode == 1
    assert not (place / "rows.ndjson").exists()


# A cluster of one node with two processors, all of whose daemons are of this test alone.
SLURM_CONF = """
ClusterName=test
SlurmctldHost=localhost
SlurmctldPort={port}
SlurmdPort={port_of_node}
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket={place}/munge/socket
CredType=cred/munge
StateSaveLocation={place}/state
SlurmdSpoolDir={place}/spool
SlurmctldPidFile={place}/slurmctld.pid
SlurmdPidFile={place}/slurmd.pid
SlurmctldLogFile={place}/slurmctld.log
SlurmdLogFile={place}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
ReturnToService=2
MaxArraySize={most}
SchedulerParameters=sched_min_interval=100000,sched_interval=1,defer
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
NodeName={host} NodeAddr=127.0.0.1 CPUs={cores} State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""


def until(true, seconds, what):
    """Wait till TRUE says so."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"{what} did not come to pass"
        time.sleep(0.2)


@pytest.fixture
def slurm():
    """A cluster of Slurm; what its commands find in their environment."""
    # Root's own, as all that is above it: munged wants that.
    place = Path(tempfile.mkdtemp(prefix="tdsconn-slurm-", dir="/tmp"))
    for folder in [place, place / "state", place / "spool", place / "munge"]:
        folder.mkdir(exist_ok=True)
        folder.chmod(0o755)
    key = place / "munge/key"
    key.write_bytes(os.urandom(128))
    key.chmod(0o400)
    conf = place / "slurm.conf"
    port = 20000 + os.getpid() % 20000
    conf.write_text(SLURM_CONF.format(place=place, port=port, port_of_node=port + 1, host=os.uname().nodename,
                                      cores=os.cpu_count(), most=TASKS + 1), encoding="utf-8")
    (place / "cgroup.conf").write_text("CgroupPlugin=cgroup/v1\n", encoding="utf-8")
    env = {**os.environ, "SLURM_CONF": str(conf)}
    munged = subprocess.Popen(["munged", "-F", "--force", f"--key-file={key}", f"--socket={place}/munge/socket",
                               f"--pid-file={place}/munge/pid", f"--log-file={place}/munge/log",
                               f"--seed-file={place}/munge/seed"], env=env)
    until((place / "munge/socket").exists, 30, "munged")
    daemons = [munged, subprocess.Popen(["slurmctld", "-D"], env=env, stderr=subprocess.DEVNULL),
               subprocess.Popen(["slurmd", "-D"], env=env, stderr=subprocess.DEVNULL)]
    try:
        until(lambda: "idle" in subprocess.run(["sinfo", "-h", "-o", "%T"], env=env, capture_output=True,
                                               text=True, check=False).stdout, 60, "a node of Slurm")
        yield {"SLURM_CONF": str(conf)}
    finally:
        subprocess.run(["scancel", "-u", "nobody"], env=env, check=False, capture_output=True)
        for daemon in reversed(daemons):
            daemon.terminate()
            daemon.wait(30)
        shutil.rmtree(place)


def finished(env):
    """No job is left in the queue."""
    return wireshark.output("squeue", "-h", env=env) == ""


@pytest.mark.skipif(not SLURM, reason="Slurm is not installed, or this is not root")
def test_a_cluster_reads_captures_of_which_one_is_broken_and_a_worker_is_killed(place, killing, slurm):
    env = {**killing, **slurm}
    captures = killed_among(captures_in(place, COUNT))
    whole = break_capture(captures[17])
    began = many(place, "--slurm", *captures, env=env)
    assert began.returncode == 0, began.stderr
    until(lambda: finished(env), 600, "the end of the jobs")
    assert not (place / "rows.ndjson").exists()
    log = (place / "rows.ndjson.d/merge.log").read_text(encoding="utf-8")
    missing = {line.split(": ")[2] for line in wireshark.lines(log) if "not read: " in line}
    # Who is killed leaves what it had still to read.
    assert {str(captures[17]), str(captures[-2])} <= missing
    assert len(missing) <= 2 + COUNT // TASKS
    assert many(place, "--status").returncode == 1

    captures[17].write_bytes(whole)
    again = many(place, "--slurm", *captures, env=env)
    assert f"reads {len(missing)} captures" in again.stderr
    until(lambda: finished(env), 120, "the end of the jobs")
    rows = rows_in(place / "rows.ndjson")
    assert list(dict.fromkeys(row["capture"] for row in rows)) == [str(one) for one in captures if rows_of(one)]
    expected = {story: rows_of(story) for story in STORIES[:5]}
    for number, story in enumerate(STORIES[:5]):
        assert [{**row, "capture": str(story)} for row in rows if row["capture"] == str(captures[number])] \
            == expected[story]
