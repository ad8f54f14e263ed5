#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# tshark 4.0.17 (Debian 12: 4.0.17-0+deb12u3), without tdsconn, on a capture of SMB 2.1 with an NTLM login.
#
# Guess:     with -2, which dissects twice so that frames know what comes later, `smb2.acct` (the session's user) stands
#            on at least the frames on which it stands in one pass.
# Behaviour: one pass shows the user on every frame of the session behind its login. With -2 no frame has it, nor
#            `smb2.host` or `smb2.domain`. A filter on the user finds everything, or nothing. 4.4.19 and 4.6.9 do the
#            same. (`smb2.filename` stands on as many frames with -2 as in one pass.)
# So:        tdsconn reads the user of a pipe itself, on the first pass: `tdsconn.smb.user`.
# shellcheck source=findings/fetch
source "$(dirname "$(realpath "$0")")/fetch"
fetch "${wireshark[@]}"
capture=$captures/real/smb21-np-samba-ntlm-signed.pcapng

frames() { # FIELD OPTION...; how many frames have it
    tshark -r "$capture" "${@:2}" -Y "$1" -T fields -e frame.number | wc -l
}

seen=$(for field in smb2.acct smb2.host smb2.domain smb2.filename; do
    echo "$field: $(frames "$field") frames in one pass, $(frames "$field" -2) with -2"
done)
is_seen "$seen" <<'SEEN'
smb2.acct: 34 frames in one pass, 0 with -2
smb2.host: 34 frames in one pass, 0 with -2
smb2.domain: 34 frames in one pass, 0 with -2
smb2.filename: 1 frames in one pass, 1 with -2
SEEN
