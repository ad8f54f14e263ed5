#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# tshark 4.0.17 (Debian 12: 4.0.17-0+deb12u3), without tdsconn, on a pcapng whose Decryption Secrets Block, with the TLS
# keys, is its last block, as a program writes it that learns the keys while it captures.
#
# Guess:     in one pass the keys come too late; with -2 the whole file was read before the second pass, so that TLS is
#            decrypted as if the keys stood in front, or in tls.keylog_file.
# Behaviour: with -2 nothing is decrypted either: whether there are keys for a handshake is asked once, on the first
#            pass. 4.6.9 does the same.
# So:        docs/taking-a-trace.md says where the keys have to stand.
# shellcheck source=findings/fetch
source "$(dirname "$(realpath "$0")")/fetch"
fetch "${wireshark[@]}" wireshark-common=4.0.17-0+deb12u3
capture=$captures/real/ft-sql-full-tls

"$root/usr/bin/editcap" --inject-secrets tls,"$capture.keys" "$capture.pcapng" in-front.pcapng
python3 - <<'PYTHON'
from pathlib import Path

KEYS = b"\x0a\x00\x00\x00"
rest, blocks = Path("in-front.pcapng").read_bytes(), []
while rest:
    length = int.from_bytes(rest[4:8], "little")
    blocks.append(rest[:length])
    rest = rest[length:]
blocks.sort(key=lambda block: block.startswith(KEYS))  # it keeps the order of the others
Path("behind.pcapng").write_bytes(b"".join(blocks))
PYTHON

finished() { # OPTION...; how many packets have a Finished that the keys make readable
    tshark "$@" | grep -c ' Finished' || true
}

seen=$(for where in in-front behind; do
    echo "$where: $(finished -r $where.pcapng) in one pass, $(finished -2 -r $where.pcapng) with -2"
done
echo "behind, and in a file: $(finished -r behind.pcapng -o "tls.keylog_file:$capture.keys") in one pass")
is_seen "$seen" <<'SEEN'
in-front: 2 in one pass, 2 with -2
behind: 0 in one pass, 0 with -2
behind, and in a file: 2 in one pass
SEEN
