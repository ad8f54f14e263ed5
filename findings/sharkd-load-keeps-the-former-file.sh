#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# sharkd 4.0.17 (Debian 12: 4.0.17-0+deb12u3), without tdsconn: one sharkd that loads one capture after the other.
#
# Guess:     "load" closes the file that was loaded before, as the window does: a script may read any number of captures
#            in one sharkd.
# Behaviour: each file that was loaded stays open, and what was kept of it stays in memory: some 10 MB of a capture of
#            57 frames. 4.4.19 and 4.6.9 have one file open.
# So:        the tests, which read many captures in one sharkd because its start is dear, take several.
# shellcheck source=findings/fetch
source "$(dirname "$(realpath "$0")")/fetch"
fetch "${wireshark[@]}" wireshark-common=4.0.17-0+deb12u3
cp "$captures/real/mars-odbc-noenc.pcapng" one.pcapng

coproc "$root/usr/bin/sharkd" - 2>/dev/null

load() { # TIMES; waits for the answer to each
    local i
    for ((i = 1; i <= $1; i++)); do
        echo '{"jsonrpc":"2.0","id":1,"method":"load","params":{"file":"one.pcapng"}}' >&"${COPROC[1]}"
        read -r -u "${COPROC[0]}"
    done
}

open_files() {
    readlink "/proc/$COPROC_PID/fd/"* | grep -c 'one[.]pcapng'
}

megabytes() {
    awk '/VmRSS/ { print int($2 / 1024) }' "/proc/$COPROC_PID/status"
}

load 1
seen="1 load: open $(open_files) times"
before=$(megabytes)
load 20
grown=$(($(megabytes) - before))
((grown > 100)) && more="more than 100 MB" || more="$grown MB"
seen+=$'\n'"21 loads: open $(open_files) times, $more more in memory"
kill "$COPROC_PID"
is_seen "$seen" <<'SEEN'
1 load: open 1 times
21 loads: open 21 times, more than 100 MB more in memory
SEEN
