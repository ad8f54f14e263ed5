#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Draws docs/images/mars-credit.png: how many packets the server may still send, over time, in each MARS session.

    docs/plot-mars-credit.py           # needs Debian's python3-matplotlib, and the plugin built with the preset dev

The picture of docs/mars.md. Everything in it comes from tshark.
"""

import sys
from collections import defaultdict
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

import wireshark  # noqa: E402

CAPTURE = ROOT / "captures/real/mars-sqlclient-mono-interleaved.pcapng"
PICTURE = ROOT / "docs/images/mars-credit.png"
SESSIONS = {"1": "#0072b2", "2": "#d55e00", "3": "#009e73"}
# From, to, where zero is (seconds), and units in a second: the whole, and the moment when the client begins to read.
WHOLE, READING = (0.3, 0.82, 0, 1), (0.7915, 0.8005, 0.7915, 1000)
SERVER, ACK, FIRST_WINDOW = "2", "2", 4


def credits():
    """{SID: [(time, credit of the server)]}, and {SID: [time of each ACK of the client]}."""
    lines, acks, sent, window = defaultdict(list), defaultdict(list), defaultdict(int), defaultdict(lambda: FIRST_WINDOW)
    rows = wireshark.fields(CAPTURE, "frame.time_relative", "tdsconn.sender", "tdsconn.mars.sid", "tdsconn.mars.event",
                            "smp.seqnum", "smp.wndw", display_filter="tdsconn.mars.sid")
    for time, sender, sid, event, seqnum, wndw in rows:
        if sender == SERVER:
            sent[sid] = int(seqnum, 0)
        else:
            window[sid] = int(wndw, 0)
            acks[sid] += [float(time)] if event == ACK else []
        lines[sid].append((float(time), window[sid] - sent[sid]))
    return lines, acks


def draw(axes, sid, line, acks, view):
    """One session in one view, whose scale is (time at 0, units in a second)."""
    first, last, zero, unit = view

    def scaled(time):
        return (time - zero) * unit

    times, values = zip(*line, (last, line[-1][1]))
    axes.step([scaled(time) for time in times], values, where="post", color=SESSIONS[sid], linewidth=1.6)
    for begin, end, credit in zip(times, times[1:], values):
        if credit == 0:
            axes.axvspan(scaled(begin), scaled(end), color="#e4e4e4", linewidth=0)
    for time in acks:
        axes.axvline(scaled(time), color="#777777", linewidth=0.7, linestyle=":")
    axes.set_ylim(-0.25, 4.4)
    axes.set_yticks(range(5))
    axes.set_xlim(scaled(first), scaled(last))
    axes.spines[["top", "right"]].set_visible(False)


def main():
    """Draw the picture."""
    lines, acks = credits()
    figure, grid = pyplot.subplots(len(SESSIONS), 2, sharey=True, sharex="col", figsize=(11, 5.4), dpi=110,
                                   gridspec_kw={"width_ratios": (2, 3)})
    for row, sid in zip(grid, SESSIONS):
        for axes, view in zip(row, (WHOLE, READING)):
            draw(axes, sid, lines[sid], acks[sid], view)
        row[0].set_ylabel(f"session {sid}\ncredit", color=SESSIONS[sid])
    grid[0][0].set_title("All three responses", fontsize=10)
    grid[0][1].set_title("The client begins to read", fontsize=10)
    grid[-1][0].set_xlabel("seconds since the first frame")
    grid[-1][1].set_xlabel(f"milliseconds since {READING[0]} s")
    figure.suptitle("DATA packets that the server may still send   "
                    "(grey: none, it waits; dotted: an ACK of the client)", fontsize=11)
    figure.tight_layout()
    figure.savefig(PICTURE, metadata={"Software": None})


if __name__ == "__main__":
    main()
