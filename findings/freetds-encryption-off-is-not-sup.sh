#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# FreeTDS 1.3.17 (Debian 12: 1.3.17+ds-2), which asks for encryption as freetds.conf says.
#
# Guess:     `encryption = off` asks for ENCRYPT_OFF (0x00, MS-TDS 2.2.6.5): the login alone is encrypted, as in the
#            drivers of Microsoft without Encrypt=yes.
# Behaviour: it asks for ENCRYPT_NOT_SUP (0x02): not even the login is encrypted, and a server that forces encryption
#            refuses the client. ENCRYPT_OFF is what `request` asks for, and a configuration that says nothing.
# So:        docs/diagnoses/encryption_mismatch.md names the setting.
# shellcheck source=findings/fetch
source "$(dirname "$(realpath "$0")")/fetch"
fetch {freetds-bin,libsybdb5,freetds-common}=1.3.17+ds-2 libodbc2=2.3.11-2+deb12u1

cat >asked.py <<'PYTHON'
"""Prints the port where it waits for a client, then the byte of ENCRYPTION in the client's PRELOGIN."""
import socket
import struct

listening = socket.create_server(("127.0.0.1", 0))
print(listening.getsockname()[1], flush=True)
client, _ = listening.accept()
header = client.recv(8, socket.MSG_WAITALL)
prelogin = client.recv(struct.unpack(">H", header[2:4])[0] - 8, socket.MSG_WAITALL)
options = prelogin[:prelogin.index(0xFF)]
places = {token: at for token, at, _ in struct.iter_unpack(">BHH", options[:len(options) // 5 * 5])}
print(f"0x{prelogin[places[1]]:02x}")
PYTHON

asked() { # the LINE of freetds.conf
    local port byte from
    exec {from}< <(/usr/bin/python3 asked.py)
    read -r port <&"$from"
    printf '[server]\nhost = 127.0.0.1\nport = %s\ntds version = 7.4\n%s\n' "$port" "$1" >freetds.conf
    FREETDSCONF=$folder/freetds.conf timeout 10 "$root/usr/bin/tsql" -S server -U user -P word \
        </dev/null >/dev/null 2>&1 || true
    read -r byte <&"$from"
    exec {from}<&-
    echo "${1:-nothing}: $byte"
}
seen=$(for line in "encryption = off" "encryption = request" "encryption = require" ""; do
    asked "$line"
done)
is_seen "$seen" <<'SEEN'
encryption = off: 0x02
encryption = request: 0x00
encryption = require: 0x01
nothing: 0x00
SEEN
