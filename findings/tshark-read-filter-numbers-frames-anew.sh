#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# tshark 4.0.17 (Debian 12: 4.0.17-0+deb12u3), without tdsconn, with a read filter (-2 -R).
#
# Guess:     a frame keeps its number: `-2 -R tds -Y FILTER` prints the frame.number that `-Y FILTER` prints, and that
#            editcap takes.
# Behaviour: the frames that pass -R are numbered anew, from 1 and without gaps. A report that says "frame 7" means
#            frame 13 of the file. The manual page does not say so. 4.4.19 and 4.6.9 do the same.
# So:        tdsconn finds what it keeps of a frame by its place in the file, not by its number alone.
# shellcheck source=findings/fetch
source "$(dirname "$(realpath "$0")")/fetch"
fetch "${wireshark[@]}"
capture=$captures/real/odbc-cancel-attention-noenc.pcapng

attentions() { # OPTION...
    tshark -r "$capture" "$@" -Y "tds.type == 6" -T fields -e frame.number | paste -sd " "
}
is_seen "$(attentions; attentions -2 -R tds)" <<'SEEN'
13 18 22 26 30
7 11 15 19 22
SEEN
