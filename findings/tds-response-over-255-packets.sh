#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# tshark 4.0.17 (Debian 12: 4.0.17-0+deb12u3), without tdsconn, on a response of SQL Server in over 255 TDS packets.
#
# Guess:     TDS counts packets in one byte, modulo 256 (MS-TDS 2.2.3.1.5), so a dissector that joins packets to a
#            message knows that 1 follows 0 again. A response of 301 packets is joined whole, as one of 201 is.
# Behaviour: the packets behind the 256th count as the first ones again. The joined response has 129,024 of 151,239
#            bytes, and is called "Malformed Packet". The same response is joined whole if its packets have SPID 0, but
#            SQL Server's have the session's. 4.4.19 and 4.6.9 join 129,024 bytes of the first, too.
# So:        tdsconn joins the packets of a message by their order, not by their number.
# shellcheck source=findings/fetch
source "$(dirname "$(realpath "$0")")/fetch"
fetch "${wireshark[@]}" python3-scapy=2.5.0+dfsg-2

cat >response.py <<'PYTHON'
"""A batch, and a response of ROWS rows of 501 characters in packets of 512 bytes: one row fills a packet."""
import struct
import sys

from scapy.all import IP, TCP, wrpcap

SERVER, CLIENT = ("192.0.2.2", 1433), ("192.0.2.1", 50000)


def packets(kind, spid, message, room):
    parts = [message[at:at + room] for at in range(0, len(message), room)]
    last = len(parts) - 1
    return [struct.pack(">BBHHBB", kind, number == last, 8 + len(part), spid, (number + 1) % 256, 0) + part
            for number, part in enumerate(parts)]


rows, spid = int(sys.argv[1]), int(sys.argv[2])
transaction = struct.pack("<IIHQI", 22, 18, 2, 0, 1)
batch = transaction + "select text from letter".encode("utf-16-le")
collation = b"\x09\x04\xd0\x00\x34"
column = struct.pack("<IHBH", 0, 8, 0xA7, 8000) + collation + b"\x04" + "text".encode("utf-16-le")
row = b"\xd1" + struct.pack("<H", 501) + 501 * b"x"
done = struct.pack("<BHHQ", 0xFD, 0x10, 0xC1, rows)
response = b"\x81\x01\x00" + column + rows * row + done

frames, sent = [], {SERVER: 1, CLIENT: 1}
request, answer = packets(1, 0, batch, 4088), packets(4, spid, response, 504)
for sender, receiver, each in [(CLIENT, SERVER, request), (SERVER, CLIENT, answer)]:
    for packet in each:
        tcp = TCP(sport=sender[1], dport=receiver[1], flags="PA", seq=sent[sender], ack=sent[receiver])
        frames.append(IP(src=sender[0], dst=receiver[0]) / tcp / packet)
        sent[sender] += len(packet)
wrpcap(sys.argv[3], frames)
print(f"SPID {spid}, {len(frames) - 1} packets with {len(response)} bytes")
PYTHON

seen=$(for rows_and_spid in "200 51" "300 51" "300 0"; do
    # shellcheck disable=SC2086
    /usr/bin/python3 response.py $rows_and_spid response.pcap
    tshark -r response.pcap -Y tds.reassembled.length -T fields -E separator=' ' \
        -e tds.fragment.count -e tds.reassembled.length -e _ws.malformed
done)
is_seen "$seen" <<'SEEN'
SPID 51, 201 packets with 100839 bytes
201 100839 
SPID 51, 301 packets with 151239 bytes
301 129024 [Malformed Packet: TDS],_ws.malformed
SPID 0, 301 packets with 151239 bytes
301 151239 
SEEN
