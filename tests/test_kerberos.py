# SPDX-License-Identifier: GPL-2.0-or-later
"""What a KDC grants or refuses, and the login that it belongs to."""

import pytest
from scapy.layers.inet import TCP, UDP
from scapy.layers.l2 import Ether
from scapy.utils import rdpcap

import captures
from made import LOGIN, column, raised, told, written


def test_a_ticket_for_another_server_is_not_the_ticket_of_this_login():
    packets = list(rdpcap(str(captures.real("odbc-kerberos-noenc"))))
    before = column(captures.real("odbc-kerberos-noenc"), "tdsconn.kerberos.kdc_frame")
    granted = int(set(before.values()).pop())
    other = packets[granted - 1].copy()
    place = bytes(other).index(b"MSSQLSvc")
    changed = bytearray(bytes(other))
    name = changed.index(b"sql", place + 8)
    changed[name:name + 3] = b"srv"
    other = Ether(bytes(changed))
    other.time = packets[granted - 1].time
    for layer in (UDP, TCP):
        if layer in other:
            del other[layer].chksum
    packets.insert(granted, other)
    after = column(written(packets), "tdsconn.kerberos.kdc_frame")
    assert set(after.values()) == {str(granted)}


KDC = "kdc    10.10.10.5:88 mac=00:15:5d:0a:0a:05\n"
WENT_ON = "0.013 server LOGINACK server=SQL20 database=Orders spid=55\n0.100 client FIN\n0.101 server FIN\n"
KERBEROS_RULES = ("spn_unknown", "spn_duplicate", "kerberos_error", "ntlm_after_kerberos_failure")


@pytest.mark.parametrize("error, spn, login", [
    (7, "MSSQLSvc/other.contoso.com:1433", "include diag-ntlm.part at 0\n" + WENT_ON),  # NTLM names its own
    (7, "MSSQLSvc/other.contoso.com:1433", LOGIN + "0.100 client FIN\n"),  # and a password needs none
    (52, "MSSQLSvc/sql.contoso.com:1433", "include diag-ntlm.part at 0\n" + WENT_ON),  # the same again over TCP
], ids=["another server's", "a password", "too big for UDP"])
def test_what_a_kdc_says_of_something_else_is_not_told(error, spn, login):
    capture = told(KDC + f"0.0001 kdc KRB_ERROR error={error} spn={spn} realm=CONTOSO.COM\n" + login)
    assert {rule: raised(capture, rule) for rule in KERBEROS_RULES} == dict.fromkeys(KERBEROS_RULES, [])
