#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# tshark 4.0.17 (Debian 12: 4.0.17-0+deb12u3), without tdsconn, on a login of SQL Server with the key log of its TLS.
#
# Guess:     with the key log in `tls.keylog_file`, a filter on tds.7login.username finds the login, as http.request
#            finds what HTTPS holds: the TDS dissector itself gives these packets to TLS.
# Behaviour: TLS decrypts them (Follow TLS Stream shows LOGIN7: 10 01, the user name in UTF-16), but no dissector gets
#            what it decrypts. No frame has tds.7login.username, and the frame's Info is empty. So do 4.4.19 and 4.6.9.
# So:        tdsconn registers with TLS for what comes out of these connections, and hands it to the TDS dissector.
# shellcheck source=findings/fetch
source "$(dirname "$(realpath "$0")")/fetch"
fetch "${wireshark[@]}"
login=$captures/real/ft-badpw-login-only-tls
capture=(-r "$login.pcapng" -o "tls.keylog_file:$login.keys")

user=$(printf app_user | iconv -t UTF-16LE | od -An -v -tx1 | tr -d ' \n')
decrypted=$(tshark "${capture[@]}" -q -z follow,tls,raw,0 | grep -Ec "^\s*1001.*$user" || true)
seen="packets of type LOGIN7 that Follow TLS Stream has, with the user's name: $decrypted
frames with tds.7login.username: $(tshark "${capture[@]}" -Y tds.7login.username -T fields -e frame.number | wc -l)"
is_seen "$seen" <<'SEEN'
packets of type LOGIN7 that Follow TLS Stream has, with the user's name: 1
frames with tds.7login.username: 0
SEEN
