# SPDX-License-Identifier: GPL-2.0-or-later
"""Wireshark's real window on a screen of its own: what a user sees in it, clicks and types.

What is on the screen is read from it, by OCR. Everything is waited for, with a deadline; nothing sleeps and hopes.
"""

import contextlib
import csv
import io
import os
import re
import shutil
import subprocess
import tempfile
import time
from collections import namedtuple
from pathlib import Path

import wireshark

WIDTH, HEIGHT = 1400, 900
PATIENCE = 120  # seconds: the machine may be busy with other tests
PICTURE = Path(tempfile.gettempdir()) / f"tdsconn-gui-{os.getpid()}.png"  # of the screen, when a wait was in vain
os.environ["OMP_THREAD_LIMIT"] = "1"  # tesseract is slower with more, on a small machine
PROFILE = "SQL Server connections"
NEEDED = ["Xvfb", "openbox", "xdotool", "import", "convert", "tesseract", "wireshark"]

# Without decorations the main window fills the screen; without a window manager no window gets the keyboard.
OPENBOX = """<openbox_config xmlns="http://openbox.org/3.4/rc">
  <applications><application class="*"><decor>no</decor></application></applications>
</openbox_config>
"""
GEOMETRY = f"""gui.geometry_main_x: 0
gui.geometry_main_y: 0
gui.geometry_main_width: {WIDTH}
gui.geometry_main_height: {HEIGHT}
gui.geometry_main_maximized: FALSE
"""

Word = namedtuple("Word", "text x y")


def tool(*args, stdin=None, check=True):
    """The output of one of the desktop's tools, bytes."""
    return subprocess.run(list(map(str, args)), input=stdin, capture_output=True, check=check, timeout=PATIENCE).stdout


def waited(what, found, patience=PATIENCE):
    """What found() returns as soon as it is true; an AssertionError that names WHAT if that never comes."""
    end = time.monotonic() + patience
    while True:
        result = found()
        if result:
            return result
        if time.monotonic() > end:
            PICTURE.write_bytes(tool("import", "-window", "root", "png:-"))
            raise AssertionError(f"waited {patience} s in vain for {what}; the screen is in {PICTURE}")
        time.sleep(0.1)


def show_graphs(profile, names):
    """In I/O Graphs only the graphs of these names are ticked. They come first: the dialog shows few."""
    path = profile / "io_graphs"
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line.startswith('"')]
    wanted = [line for line in lines if any(f',"{name}",' in line for name in names)]
    ticked = [re.sub('^"[^"]*"', '"Enabled"' if line in wanted else '"Disabled"', line)
              for line in sorted(lines, key=lambda line: line not in wanted)]
    path.write_text("\n".join(ticked) + "\n", encoding="utf-8")


def home(preferences="", graphs=()):
    """A new user's home with the profile in it, and the main window as big as the screen."""
    made = wireshark.scratch("gui")
    config = made / "home/.config/wireshark"
    profile = config / "profiles" / PROFILE
    shutil.copytree(wireshark.ROOT / "profile", profile)
    if graphs:
        show_graphs(profile, graphs)
    with open(profile / "preferences", "a", encoding="utf-8") as file:
        file.write(preferences)
    with open(profile / "recent", "a", encoding="utf-8") as file:
        file.write("gui.geometry_main_upper_pane: 430\n")
    (config / "recent_common").write_text(GEOMETRY)
    (made / "run").mkdir(mode=0o700)
    return wireshark.give(made)


@contextlib.contextmanager
def process(command, **how):
    """A program that runs as long as the block does."""
    with open(os.devnull, "wb") as nowhere:
        running = subprocess.Popen(command, stdout=how.pop("stdout", nowhere), stderr=nowhere, **how)
    try:
        yield running
    finally:
        running.terminate()
        try:
            running.wait(10)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()


def manages(manager):
    """Whether the window manager has begun. xdotool says 0 desktops, and fails, as long as there is none."""
    assert manager.poll() is None, f"the window manager ended with {manager.returncode}"
    return subprocess.run(["xdotool", "get_num_desktops"], capture_output=True, timeout=PATIENCE).returncode == 0


@contextlib.contextmanager
def screen():
    """An empty X screen with a window manager; DISPLAY says where, for as long as the block runs."""
    missing = [name for name in NEEDED if not shutil.which(name)]
    assert not missing, f"not installed: {', '.join(missing)}; ./dev test installs them, ctest -LE gui leaves this out"
    folder = wireshark.scratch("screen")
    (folder / "rc.xml").write_text(OPENBOX)
    read, write = os.pipe()
    before = os.environ.get("DISPLAY")
    # Without -noreset it forgets everybody when its last client leaves, also those who are only just coming.
    server = ["Xvfb", "-displayfd", str(write), "-screen", "0", f"{WIDTH}x{HEIGHT}x24", "-nolisten", "tcp", "-noreset"]
    with process(server, pass_fds=[write]):
        os.close(write)
        with open(read) as number:
            os.environ["DISPLAY"] = ":" + number.readline().strip()
        try:
            with process(["openbox", "--config-file", folder / "rc.xml"]) as manager:
                waited("the window manager", lambda: manages(manager))
                yield
        finally:
            os.environ.pop("DISPLAY")
            if before is not None:
                os.environ["DISPLAY"] = before


def windows():
    """The numbers of Wireshark's visible windows, menus that are open included."""
    return set(tool("xdotool", "search", "--onlyvisible", "--class", "wireshark", check=False).decode().split())


def titled(pattern, but=frozenset()):
    """The window whose title this regular expression is found in, as soon as there is one; none of the numbers BUT."""
    find = ["xdotool", "search", "--onlyvisible", "--name", pattern]

    def found():
        return [number for number in tool(*find, check=False).decode().split() if number not in but]

    return Window(waited(f"a window {pattern}", found)[0])


def title_of(window):
    """The title of a window."""
    return tool("xdotool", "getwindowname", window.number).decode().strip()


def press(*keys):
    """Types keys, by xdotool's names, into the window that has the keyboard."""
    tool("xdotool", "key", "--delay", "50", *keys)


# Ways to read: how colours become grey (one makes no grey on grey of black on red, the other no white on white of blue),
# and tesseract's idea of the page.
TEXT = (("-separate", "-evaluate-sequence", "Max"), "11")
SCATTERED = (("-colorspace", "Gray"), "11")
LINES = (("-colorspace", "Gray"), "6")
# Rows of several colours: what differs from the colour of its row. 101 pixels are longer than any word.
ROWS = (("-colorspace", "Gray", "(", "+clone", "-statistic", "Median", "101x1", ")", "-compose", "difference",
         "-composite", "-negate", "-level", "30%,100%"), "6")


def alike(text):
    """A text with one letter for those that OCR takes for each other."""
    return text.translate(str.maketrans("Q0|1I", "OOlll"))


class Window:
    """One window of the screen, or a part of it: WIDTHxHEIGHT+X+Y."""

    def __init__(self, number, part=None):
        self.number, self.part = number, part

    def picture(self):
        """What it shows, as PNG."""
        cut = ["-crop", self.part, "+repage"] if self.part else []
        return tool("import", "-window", self.number, *cut, "png:-")

    def place(self):
        """Its left upper corner on the screen."""
        told = tool("xdotool", "getwindowgeometry", "--shell", self.number).decode()
        x, y = (int(re.search(rf"{axis}=(-?\d+)", told)[1]) for axis in "XY")
        dx, dy = map(int, self.part.split("+")[1:]) if self.part else (0, 0)
        return x + dx, y + dy

    def words(self, grey, layout):
        """The words in it, each with its middle on the screen. Twice the size: OCR is made for paper."""
        left, top = self.place()
        large = tool("convert", "png:-", *grey, "-scale", "200%", "png:-", stdin=self.picture())
        rows = tool("tesseract", "stdin", "stdout", "--psm", layout, "tsv", stdin=large).decode()
        for row in csv.DictReader(io.StringIO(rows), delimiter="\t", quoting=csv.QUOTE_NONE):
            if row["text"] and row["text"].strip():
                x = (int(row["left"]) + int(row["width"]) // 2) // 2
                y = (int(row["top"]) + int(row["height"]) // 2) // 2
                yield Word(row["text"], left + x, top + y)

    def texts(self, ways=(TEXT, SCATTERED)):
        """All of its words with one space between, as read in each of these ways."""
        for way in ways:
            yield " ".join(word.text for word in self.words(*way))

    def wait_for(self, *patterns, ways=(TEXT, SCATTERED)):
        """Waits until each of these regular expressions is found in its text, read in one of these ways."""
        seen = []

        def found():
            seen[:] = []
            for text in self.texts(ways):
                seen.append(text)
                if all(any(re.search(pattern, one) for one in seen) for pattern in patterns):
                    return True
            return False

        try:
            waited(patterns, found)
        except AssertionError as error:
            raise AssertionError(f"{error}; it says: {seen}") from None

    def find(self, phrase):
        """The middle of a phrase on the screen, None if it is not there."""
        wanted = [alike(word) for word in phrase.split()]
        for way in (SCATTERED, LINES):
            words = list(self.words(*way))
            for start in range(len(words) - len(wanted) + 1):
                some = words[start:start + len(wanted)]
                if [alike(word.text) for word in some] == wanted:
                    return sum(word.x for word in some) // len(some), some[0].y
        return None

    def click(self, phrase, button=1):
        """Clicks on a phrase, once it is there."""
        x, y = waited(f"“{phrase}” to click on", lambda: self.find(phrase))
        tool("xdotool", "mousemove", "--sync", x, y, "click", button)


def activate(window):
    """Brings a window to the front and gives it the keyboard."""
    bring = ["xdotool", "windowactivate", "--sync", window.number]
    waited("the window in front", lambda: subprocess.run(bring, capture_output=True, timeout=PATIENCE).returncode == 0)


@contextlib.contextmanager
def dialog(title, main, width=WIDTH, height=HEIGHT - 200):
    """The dialog with this title of a main window, made so big; it is closed in the end."""
    window = titled(rf"{re.escape(title)} .* {re.escape(title_of(main))}")
    activate(window)
    tool("xdotool", "windowsize", "--sync", window.number, width, height, check=False)
    try:
        yield window
    finally:
        tool("xdotool", "windowclose", window.number)
        activate(main)


def no_filter(window):
    """Takes the display filter away."""
    part_of(window, "filter bar").click("Logins")
    press("ctrl+slash", "ctrl+a", "BackSpace", "Return")


def go_to(window, frame):
    """Selects a frame of all of them: no filter is left. Its number is then told in the details."""
    no_filter(window)
    press("ctrl+g")
    tool("xdotool", "type", "--delay", "50", f"{frame}")
    press("Return")
    part_of(window, "details").wait_for(rf"Frame {frame}:")


def to_the_top(window):
    """Selects the first frame in the packet list and leaves the keyboard there."""
    x, y = part_of(window, "packet list").place()
    tool("xdotool", "mousemove", "--sync", x + 300, y + 60, "click", 1)
    press("ctrl+Home")


def open_file(window, capture):
    """Opens another capture in the same window, by File > Open. Other windows may have one of that name."""
    press("ctrl+o")
    activate(titled("Open Capture File"))
    tool("xdotool", "type", "--delay", "20", f"{wireshark.readable(capture)}")
    press("Return")
    waited(f"{capture.name} in the window", lambda: title_of(window) == capture.name)


@contextlib.contextmanager
def wireshark_on(capture, *args, keys=None, graphs=()):
    """Wireshark with a capture and our profile, as long as the block runs; its main window.

    graphs: the names of those to tick in I/O Graphs, in place of the profile's.
    """
    decrypt = f"tls.keylog_file: {wireshark.readable(keys)}\n" if keys else ""
    folder = home(decrypt, graphs)
    place = {"HOME": folder / "home", "XDG_RUNTIME_DIR": folder / "run", "QT_QPA_PLATFORM": "xcb",
             "DISPLAY": os.environ["DISPLAY"]}
    command = wireshark.as_user("wireshark", "-n", "-C", PROFILE, "-o", "gui.update.enabled:FALSE",
                                "-r", wireshark.readable(capture), *args)
    environment = wireshark.environment(env={name: str(value) for name, value in place.items()})
    before = windows()  # another one may have opened the same capture
    with process(command, env=environment, cwd=folder):
        window = titled(f"^{re.escape(capture.name)}$", before)
        activate(window)
        yield window


# Parts of the main window: WIDTHxHEIGHT+X+Y.
PARTS = {
    "menu bar": f"{WIDTH}x28+0+0",
    "filter bar": f"{WIDTH}x32+0+62",
    "packet list": f"{WIDTH}x426+0+88",
    "details": f"700x360+0+520",
    "status bar": f"{WIDTH}x26+0+{HEIGHT - 26}",
}


def part_of(window, name):
    """A part of the main window, by its name in PARTS."""
    return Window(window.number, PARTS[name])


def opened_by(action, what):
    """The window that an action opens: a dialog, a menu, a list."""
    before = windows()
    action()
    return Window(waited(what, lambda: windows() - before).pop())


def choose(window, *path):
    """Chooses from the menu of the main window: choose(main, "Statistics", "Flow Graph")."""
    menu = part_of(window, "menu bar")
    for label in path[:-1]:
        menu = opened_by(lambda parent=menu, wanted=label: parent.click(wanted), f"the menu {label}")
    menu.click(path[-1])


@contextlib.contextmanager
def export_objects(main, *size):
    """The SQL texts that can be exported of a main window's capture; it is closed in the end."""
    choose(main, "File", "Export Objects", "TDSCONN")
    window = titled("TDSCONN object list")  # and not which capture
    activate(window)
    tool("xdotool", "windowsize", "--sync", window.number, *size, check=False)
    try:
        yield window
    finally:
        activate(window)
        press("Escape")
        activate(main)


@contextlib.contextmanager
def io_graphs(main, *size):
    """Statistics > I/O Graphs of a main window; it is closed in the end."""
    menu = opened_by(lambda: part_of(main, "menu bar").click("Statistics"), "the menu Statistics")
    menu.wait_for("Conversations")
    press("i")  # "I/O Graphs" is underlined, which OCR does not read
    with dialog("I/O Graphs", main, *size) as graphs:
        yield graphs


@contextlib.contextmanager
def flow_graph(main, *size):
    """The Flow Graph of the logins in a main window's capture; it is closed in the end."""
    choose(main, "Statistics", "Flow Graph")
    with dialog("Flow", main, *size) as graph:
        graph.click("All Flows")
        press("S", "Q", "L", "Return")
        yield graph
