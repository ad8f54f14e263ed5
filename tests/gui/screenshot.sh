#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Takes a picture of Wireshark's window with a capture in it, our profile on and our details open.
#
#     tests/gui/screenshot.sh CAPTURE OUT.png [FRAME]
#
# It needs wireshark, xvfb, xdotool, openbox and imagemagick, and the plugin built: by `./dev build`, or in the
# folder that TDSCONN_BUILD_DIR names. Nothing of the user's own Wireshark settings is read or written.
set -euo pipefail

if (($# < 2 || $# > 3)); then
    sed -n '3,8s/^# \{0,1\}//p' "$0" >&2
    exit 2
fi
here=$(dirname "$(realpath "$0")")
root=$(realpath "$here/../..")
capture=$(realpath -e "$1")
out=$(realpath -m "$2")
frame=${3:-1}
build=${TDSCONN_BUILD_DIR:-$root/build/release}

width=1400
height=900
nobody=65534

scratch=$(mktemp -d -p /tmp tdsconn-gui.XXXXXX)
pids=()
finish() {
    local pid
    for pid in "${pids[@]}"; do
        kill "$pid" 2>/dev/null || true
    done
    wait 2>/dev/null || true
    rm -rf "$scratch"
}
trap finish EXIT

# A home of its own: the profile, the size of the window, the height of the packet list.
config=$scratch/home/.config/wireshark
profile="$config/profiles/SQL Server connections"
mkdir -p "$profile" "$scratch/run"
cp -rT "$root/profile" "$profile"
echo 'gui.geometry_main_upper_pane: 430' >>"$profile/recent"
cat >"$config/recent_common" <<EOF
gui.geometry_main_x: 0
gui.geometry_main_y: 0
gui.geometry_main_width: $width
gui.geometry_main_height: $height
gui.geometry_main_maximized: FALSE
EOF
cp -r "$build/plugins" "$scratch/plugins"
cp "$capture" "$scratch/${capture##*/}"
if [[ -e ${capture%.*}.keys ]]; then
    cp "${capture%.*}.keys" "$scratch/keys"
    printf 'tls.keylog_file: %s\n' "$scratch/keys" >>"$profile/preferences"
fi

# Root would be warned in a dialog, and be refused its plugin.
user=(env)
if ((EUID == 0)); then
    chown -R "$nobody:$nobody" "$scratch"
    user=(setpriv --reuid="$nobody" --regid="$nobody" --clear-groups env)
fi
chmod 700 "$scratch/run"

Xvfb -displayfd 3 -screen 0 "${width}x${height}x24" -nolisten tcp 3>"$scratch/display" 2>"$scratch/xvfb.log" &
pids+=($!)
for _ in {1..100}; do
    [[ -s $scratch/display ]] && break
    sleep 0.1
done
export DISPLAY=":$(<"$scratch/display")"
# Without a window manager no window gets the keyboard; without decorations the window fills the screen.
mkdir "$scratch/openbox"
cat >"$scratch/openbox/rc.xml" <<'EOF'
<openbox_config xmlns="http://openbox.org/3.4/rc">
  <applications><application class="*"><decor>no</decor></application></applications>
</openbox_config>
EOF
openbox --config-file "$scratch/openbox/rc.xml" 2>"$scratch/openbox.log" &
pids+=($!)

cd "$scratch"
"${user[@]}" -u WAYLAND_DISPLAY HOME="$scratch/home" XDG_RUNTIME_DIR="$scratch/run" QT_QPA_PLATFORM=xcb LC_ALL=C.UTF-8 TZ=UTC \
    WIRESHARK_PLUGIN_DIR="$scratch/plugins" WIRESHARK_EXTCAP_DIR="$scratch/run" \
    wireshark -n -C 'SQL Server connections' -o gui.update.enabled:FALSE -r "${capture##*/}" -g "$frame" \
    >"$scratch/wireshark.log" 2>&1 &
pids+=($!)

# The title holds the capture's name once it is loaded.
window=$(timeout 60 xdotool search --sync --onlyvisible --name "${capture##*/}" | head -1)
sleep 3
# Into the details (left, below), to their last tree, which is ours; open it, bring all of it into view, go back to
# its top.
xdotool mousemove --sync 300 600 click 1
sleep 0.5
xdotool key --delay 200 End shift+Right
for _ in {1..40}; do
    xdotool key --delay 20 Down
done
xdotool key --delay 200 Left
sleep 0.5
xdotool mousemove "$width" "$height"
sleep 1
import -window "$window" -strip "$scratch/picture.png"
convert "$scratch/picture.png" +dither -colors 128 -define png:compression-level=9 "$out"
