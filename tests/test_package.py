# SPDX-License-Identifier: GPL-2.0-or-later
"""What `./dev package` made is installed, used and removed: the .deb in a system of its own, the tarball in a new
home."""

import os
import shlex
import subprocess
import tarfile

import pytest

import wireshark

PACKAGES = wireshark.ROOT / "build" / "package" / "packages"
CAPTURE = wireshark.CAPTURES / "real/odbc-kerberos-login-only-tls.pcapng"
SUMMARY = "Kerberos login to 10.10.10.10:1433 in 0.048 s, MARS off, login only TLS 1.2, closed normally"
PROFILE = "SQL Server connections"
VERSION = ".".join(map(str, wireshark.version()))
OURS = (wireshark.ROOT / "plugin/VERSION").read_text(encoding="utf-8").strip()

# A system that is this one until something in it is changed, and that is gone when its command ends.
OWN_SYSTEM = """
set -e
mount -t tmpfs tmpfs /mnt
mkdir /mnt/changed /mnt/work /mnt/root
mount -t overlay -o lowerdir=/,upperdir=/mnt/changed,workdir=/mnt/work overlay /mnt/root
mount -t proc proc /mnt/root/proc
mount --rbind /dev /mnt/root/dev
cp "$1" /mnt/root/root/package.deb
cp "$2" /mnt/root/var/tmp/capture.pcapng
install -d -o nobody /mnt/root/home/nobody
exec chroot /mnt/root env -i PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 sh -c "$3"
"""
AS_NOBODY = f"setpriv --reuid={wireshark.NOBODY} --regid={wireshark.NOBODY} --clear-groups env HOME=/home/nobody"

needs_root = pytest.mark.skipif(not wireshark.AM_ROOT, reason="only root installs packages")


def package(pattern):
    """The one package of this version whose name ends so."""
    (found,) = PACKAGES.glob(f"tdsconn?{OURS}*{pattern}")
    return found


def in_own_system(script):
    """Run a shell script as root in a system where root/package.deb is; what it prints."""
    command = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", OWN_SYSTEM, "sh"]
    arguments = [package(".deb"), wireshark.readable(CAPTURE), script]
    return subprocess.run([*command, *map(str, arguments)], capture_output=True, text=True, timeout=300)


def tshark(*args):
    """A command line of tshark as an ordinary user who has no settings."""
    return f"{AS_NOBODY} tshark {shlex.join(args)}"


SUMMARIES = ["-C", PROFILE, "-2", "-r", "/var/tmp/capture.pcapng", "-Y", "tdsconn.last", "-T", "fields",
             "-e", "tdsconn.summary"]
DOC = "/usr/share/doc/tdsconn"
ROWS = f"{DOC}/docs/pipelines/rows /var/tmp/capture.pcapng | jq -r .summary"
# The same of the one part that the capture is cut into, by the two tools for many and for large captures.
TOOLS = f"{AS_NOBODY} {DOC}/tools/cut -n 1 -d /home/nobody /var/tmp/capture.pcapng >/dev/null && " \
    f"{AS_NOBODY} {DOC}/tools/many -o /home/nobody/rows /home/nobody/part-1.pcapng 2>/dev/null && " \
    "jq -r .summary /home/nobody/rows"
USED = [tshark("-G", "plugins") + " | grep tdsconn.so", tshark(*SUMMARIES), f"{AS_NOBODY} {ROWS}", TOOLS]


@needs_root
def test_deb_is_installed_and_used():
    done = in_own_system(" && ".join(["dpkg -i /root/package.deb >/dev/null", *USED]))
    assert done.returncode == 0, done.stderr
    loaded, *summaries = done.stdout.splitlines()
    assert f"/wireshark/plugins/{VERSION}/epan/tdsconn.so" in loaded
    assert summaries == [SUMMARY] * 3


@needs_root
def test_deb_brings_profile_manual_page_and_documents():
    listed = "dpkg -i /root/package.deb >/dev/null && dpkg -L tdsconn && zcat /usr/share/man/man7/tdsconn.7.gz"
    done = in_own_system(listed)
    assert done.returncode == 0, done.stderr
    for wanted in (f"/usr/share/wireshark/profiles/{PROFILE}/preferences", "/usr/share/doc/tdsconn/docs/fields.md",
                   "/usr/share/doc/tdsconn/README.md", "tdsconn \\- SQL Server connections in Wireshark"):
        assert wanted in done.stdout


@needs_root
def test_deb_leaves_nothing_behind():
    """But folders that belong to other packages too."""
    done = in_own_system("""
        dpkg -i /root/package.deb >/dev/null && dpkg -L tdsconn >/root/held && wc -l </root/held
        dpkg -P tdsconn >/dev/null || echo not removed
        while read -r path; do
            [ ! -e "$path" ] || [ "$path" = /. ] || dpkg -S "$path" >/dev/null || echo "$path"
        done </root/held""")
    held, *left = done.stdout.splitlines()
    assert int(held) > 100 and not left, done.stderr


@needs_root
@pytest.mark.parametrize("lie, missing", [
    ("s/^\\(Package: libwireshark\\)[0-9]*$/\\199/", "libwireshark"),
    (f"/^Package: wireshark-common$/,/^$/s/^Version: {VERSION}/Version: 4.99/", "wireshark-common"),
], ids=["library", "plugin folder"])
def test_deb_refuses_another_wireshark(lie, missing):
    """dpkg believes its own list: with another version in it, the package does not fit."""
    done = in_own_system(f"sed -i {shlex.quote(lie)} /var/lib/dpkg/status && dpkg -i /root/package.deb")
    assert done.returncode != 0
    assert f"tdsconn depends on {missing}" in done.stderr


def test_deb_is_clean():
    """lintian, Debian's checker of packages, has nothing to say."""
    done = wireshark.run("lintian", "--fail-on", "error,warning", wireshark.readable(package(".deb")))
    assert done.returncode == 0 and not done.stdout, done.stdout + done.stderr


def in_home(home, *args):
    """Run tshark as the user whose home folder this is."""
    return wireshark.output("env", "-u", "WIRESHARK_PLUGIN_DIR", "tshark", *args, env={"HOME": str(home)})


def test_tarball_is_unpacked_used_and_removed():
    home = wireshark.scratch("user")
    with tarfile.open(package(".tar.gz")) as tar:
        names = tar.getnames()
        tar.extractall(home)
    assert f"{home}/.local/lib/wireshark/plugins/{VERSION}/epan/tdsconn.so" in in_home(home, "-G", "plugins")
    args = [str(wireshark.readable(CAPTURE)) if one.endswith(".pcapng") else one for one in SUMMARIES]
    assert in_home(home, *args).strip() == SUMMARY
    for name in names:
        if (home / name).is_file():
            os.remove(home / name)
    assert "tdsconn.so" not in in_home(home, "-G", "plugins")


def test_manual_page_has_no_fault():
    (page,) = (PACKAGES.parent / "packaging").glob("tdsconn.7")
    done = wireshark.run("groff", "-man", "-Tutf8", "-ww", "-z", wireshark.readable(page))
    assert done.returncode == 0 and not done.stderr
