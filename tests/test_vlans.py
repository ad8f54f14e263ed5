# SPDX-License-Identifier: GPL-2.0-or-later
"""The same addresses and ports in two VLANs at the same time, as behind two firewalls or in a lab that was copied."""

import pytest
from scapy.utils import PcapWriter

import captures
import merged
import wireshark

OWN_CONVERSATIONS = ["-o", "protocols.conversation_deinterlacing_key:VMI"]  # of each VLAN, MAC and interface
LATER = 1_000_000  # nanoseconds


def tagged(frames, vlan, later):
    """The frames in a VLAN, so much later."""
    return [(time + later, data[:12] + b"\x81\x00" + vlan.to_bytes(2, "big") + data[12:]) for data, _, time in frames]


@pytest.mark.skipif(wireshark.version() < (4, 4), reason="4.0 takes them for one conversation")
@pytest.mark.parametrize("name", ["odbc-kerberos-login-only-tls", "mars-odbc-noenc"])
def test_each_vlan_has_a_connection_of_its_own(name):
    frames = merged.frames_of(captures.real(name))
    path = wireshark.scratch("vlans") / "both.pcap"
    with PcapWriter(str(path), nano=True) as writer:
        writer.write_header(None)
        for time, data in sorted(tagged(frames, 10, 0) + tagged(frames, 20, LATER)):
            writer.write_packet(data, sec=time // 10**9, usec=time % 10**9)
    asked = ["-2", "-Y", "tdsconn.last", "-T", "fields", "-e", "tdsconn.stream", "-e", "tdsconn.summary"]
    (_, summary), = (line.split("\t") for line in wireshark.tshark(captures.real(name), *asked))
    assert wireshark.tshark(path, *OWN_CONVERSATIONS, *asked) == [f"0\t{summary}", f"1\t{summary}"]
