#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# tshark 4.0.17 (Debian 12: 4.0.17-0+deb12u3), without tdsconn, on three MARS sessions whose responses come by turns.
#
# Guess:     the TDS dissector joins packets to a response by session. SMP names the session in each packet (`smp.sid`),
#            and a response is all in one (MC-SMP 1.3).
# Behaviour: it joins the packets of all three to one response, which ends where one of them ends. SPID, which it goes
#            by, is the same in all sessions of a connection. Rows of one session are read from the bytes of another.
#            4.4.19 and 4.6.9 do the same.
# So:        tdsconn hands the packets of each session to the dissector as a conversation of their own.
# shellcheck source=findings/fetch
source "$(dirname "$(realpath "$0")")/fetch"
fetch "${wireshark[@]}"
capture=$captures/real/mars-sqlclient-mono-interleaved.pcapng

joined=$(tshark -r "$capture" -Y "frame.number == 197" -T fields -e tds.fragment)
seen=$(for session in 1 2 3; do
    count=$(tshark -r "$capture" -Y "frame.number in {$joined} && smp.sid == $session" -T fields -e smp.sid | wc -l)
    echo "packets of session $session in the response that ends in frame 197: $count"
done)
is_seen "$seen" <<'SEEN'
packets of session 1 in the response that ends in frame 197: 7
packets of session 2 in the response that ends in frame 197: 7
packets of session 3 in the response that ends in frame 197: 9
SEEN
