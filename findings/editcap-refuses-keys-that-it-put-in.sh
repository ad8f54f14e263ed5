#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# editcap 4.0.17 (Debian 12: 4.0.17-0+deb12u3), on a capture into which editcap --inject-secrets put the
# TLS keys (a pcapng with a Decryption Secrets Block).
#
# Guess:     editcap reads what it wrote: it can copy, cut or shift that capture, and take the keys out again.
# Behaviour: editcap writes nothing: the capture "can't be written as a pcapng file", which it is. editcap
#            had put the keys before the description of the interface, and then looks no further for that. What
#            tshark -w makes of the same capture has the keys behind it, and editcap takes it. 4.6.9 takes both.
# So:        docs/taking-a-trace.md puts the keys in last, and takes them out by way of tshark -w.
# shellcheck source=findings/fetch
source "$(dirname "$(realpath "$0")")/fetch"
fetch "${wireshark[@]}" wireshark-common=4.0.17-0+deb12u3
capture=$captures/real/ft-sql-full-tls

finished() { # FILE; how many packets have a Finished that the keys of the capture make readable
    tshark -r "$1" | grep -c ' Finished'
}

try() { # ARGUMENT...; what editcap makes of the capture that is the last one
    "$root/usr/bin/editcap" "$@" made.pcapng 2>&1 && echo "written, $(finished made.pcapng) Finished"
}

"$root/usr/bin/editcap" --inject-secrets tls,"$capture.keys" "$capture.pcapng" injected.pcapng
tshark -r injected.pcapng -w by-tshark.pcapng
seen=$(for file in injected by-tshark; do
    echo "$file: $(finished $file.pcapng) Finished"
    echo "$file, copied: $(try $file.pcapng)"
    echo "$file, keys taken out: $(try --discard-all-secrets $file.pcapng)"
done)
is_seen "$seen" <<'SEEN'
injected: 2 Finished
injected, copied: editcap: The capture file being read can't be written as a "pcapng" file.
injected, keys taken out: editcap: The capture file being read can't be written as a "pcapng" file.
by-tshark: 2 Finished
by-tshark, copied: written, 2 Finished
by-tshark, keys taken out: written, 0 Finished
SEEN
