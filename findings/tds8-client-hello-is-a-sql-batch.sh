#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# tshark 4.0.17 (Debian 12: 4.0.17-0+deb12u3), without tdsconn, on a TDS 8.0 connection to port 1433.
#
# Guess:     TDS 8.0 begins with TLS as HTTPS does (MS-TDS 2.1), so its handshake is shown as TLS: a TDS packet cannot
#            begin with 0x16, the type of a TLS handshake record.
# Behaviour: the port decides. ClientHello is two TDS packets, the second of them a "SQL batch". Of 12 frames with TLS
#            one is shown as such. A filter on tls.handshake.type == 1 finds no such connection. "Decode As TLS" shows
#            all 12, so nothing is wrong with the bytes. 4.4.19 and 4.6.9 do the same.
# So:        tdsconn gives a connection that begins with TLS to the TLS dissector, and what that decrypts to TDS'.
# shellcheck source=findings/fetch
source "$(dirname "$(realpath "$0")")/fetch"
fetch "${wireshark[@]}"
capture=$captures/real/tds8-strict-ted-tls13.pcapng

seen=$(for decode_as in "" "tcp.port==1433,tls"; do
    as=(-r "$capture" ${decode_as:+-d "$decode_as"})
    echo "frame 4: $(tshark "${as[@]}" -Y "frame.number == 4" -T fields -e _ws.col.Info)"
    frames=$(tshark "${as[@]}" -Y "tls.handshake || tls.app_data" -T fields -e frame.number | wc -l)
    echo "frames with TLS: $frames"
done)
is_seen "$seen" <<'SEEN'
frame 4: Unknown Packet Type: 22,SQL batch
frames with TLS: 1
frame 4: Client Hello
frames with TLS: 12
SEEN
