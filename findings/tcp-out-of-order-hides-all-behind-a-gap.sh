#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# tshark 4.0.17 (Debian 12: 4.0.17-0+deb12u3), without tdsconn, on a capture that lacks one segment of the server's.
#
# Guess:     `tcp.reassemble_out_of_order` puts segments in order. Where one never comes, but the other side
#            acknowledges what stands behind it, it gives up and goes on as without the preference. So it never shows
#            fewer messages.
# Behaviour: it waits for that segment until the capture ends. Nothing of that side behind the gap is shown: five
#            responses with four errors are gone, and no frame tells that they are. 4.4.19 and 4.6.9 do the same.
# So:        the profile leaves the preference off, and tells why.
# shellcheck source=findings/fetch
source "$(dirname "$(realpath "$0")")/fetch"
fetch "${wireshark[@]}" wireshark-common=4.0.17-0+deb12u3
"$root/usr/bin/editcap" "$captures/real/ted-sqlerrors-noenc.pcapng" gap.pcapng 13

seen=$(for on in FALSE TRUE; do
    capture=(-r gap.pcapng -o "tcp.reassemble_out_of_order:$on")
    responses=$(tshark "${capture[@]}" -Y "tds.type == 4" -T fields -e frame.number | wc -l)
    errors=$(tshark "${capture[@]}" -Y tds.error -T fields -e frame.number | wc -l)
    echo "$on: $responses responses, $errors of them with an error"
done)
is_seen "$seen" <<'SEEN'
FALSE: 7 responses, 4 of them with an error
TRUE: 2 responses, 0 of them with an error
SEEN
