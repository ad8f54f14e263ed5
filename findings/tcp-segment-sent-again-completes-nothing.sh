#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# tshark 4.0.17 (Debian 12: 4.0.17-0+deb12u3), without tdsconn, on a response of which the network lost one segment
# once: it comes again 0.3 s later, behind the others. The capture was taken at the client: nothing is missing from it.
#
# Guess:     Wireshark's TCP adds the segment that comes again to the packet that waits for it, and shows the packet in
#            that frame, or in the one where it ends.
# Behaviour: with its default preferences it marks the segment [TCP Retransmission] and gives its bytes to nobody. That
#            TDS packet of 4,096 bytes is never shown, with -2 neither. tcp.reassemble_out_of_order brings it back, and
#            hides all behind a segment that never comes (tcp-out-of-order-hides-all-behind-a-gap.sh).
# So:        tdsconn cuts the packets itself behind such a hole (plugin/stream/kept.c).
# shellcheck source=findings/fetch
source "$(dirname "$(realpath "$0")")/fetch"
fetch "${wireshark[@]}" wireshark-common=4.0.17-0+deb12u3
whole=$captures/real/zero-window-client-3s.pcapng
edit() { "$root/usr/bin/editcap" "$@"; }
edit -r "$whole" before.pcapng 1-31 33-36
edit -r -t 0.3 "$whole" behind.pcapng 32 37-100000
"$root/usr/bin/mergecap" -w again.pcapng before.pcapng behind.pcapng

seen=$(for file in "$whole" again.pcapng; do
    for on in FALSE TRUE; do
        order=(-o "tcp.reassemble_out_of_order:$on")
        numbers=$(tshark -2 -r "$file" "${order[@]}" -Y "tds.type == 4" -T fields -e tds.packet_number)
        packets=$(tr ',' '\n' <<<"$numbers" | wc -l)
        echo "$(basename "$file" .pcapng), $on: $packets packets of responses"
    done
done)
is_seen "$seen" <<'SEEN'
zero-window-client-3s, FALSE: 93 packets of responses
zero-window-client-3s, TRUE: 93 packets of responses
again, FALSE: 92 packets of responses
again, TRUE: 93 packets of responses
SEEN
