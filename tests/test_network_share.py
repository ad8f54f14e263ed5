# SPDX-License-Identifier: GPL-2.0-or-later
"""How much of a wait the network had where messages or answers did not arrive, and who owed the next one."""

import re

import pytest
from scapy.utils import rdpcap

import captures
import wireshark
from made import column, written

REPORTED = wireshark.CAPTURES / "reported"


def failure(name):
    """The row of a capture's only failure, by its columns."""
    table = wireshark.output("tshark", "-n", "-q", "-r", wireshark.readable(REPORTED / f"{name}.pcapng"),
                             "-z", "tdsconn,failures")
    titles, row = (re.split(r" *\|", line) for line in table.splitlines() if "|" in line)
    return dict(zip((title.strip() for title in titles), (cell.strip() for cell in row)))


@pytest.mark.parametrize("name, waited", [
    ("mtu-black-hole-certificate-client-side", "14.996"),  # the answer was lost, says its receiver
    ("mtu-black-hole-login", "15.000"),  # the message was sent again and again, and not for the whole time
    ("dup-linux-15-retries", "804.600"),  # to the end of the capture
    ("synack-lost-seen-at-server", "20.900"),
])
def test_what_never_arrived_was_lost_for_the_whole_wait(name, waited):
    row = failure(name)
    assert (row["Waited s"], row["Network s"]) == (waited, waited)


def test_a_silent_server_is_not_the_network():
    row = failure("tls-server-silent-after-client-finished-15s")
    assert row["Owed by"] == "server" and float(row["Waited s"]) > 14.9 and float(row["Network s"]) < 0.1  # its ACK was delayed


def test_a_client_that_refuses_the_certificate_in_tls_1_3_owed_its_key_exchange():
    assert failure("strict-cert-untrusted-tls13-alert")["Owed by"] == "client"


def test_a_response_that_was_sent_again_ends_when_the_client_has_it():
    capture = REPORTED / "slow-response-lost-server-side.pcapng"
    spread = {frame: float(time) for frame, time in column(capture, "tdsconn.response_spread").items()}
    lost = spread.pop(37)
    assert lost == pytest.approx(9.299, abs=1e-6)
    assert set(spread.values()) == {0}
    assert "arrived after 9.299 s" in column(capture, "_ws.expert.message")[43]


def test_an_ack_that_the_capture_lacks_makes_no_response_slow():
    """Of the response, the first two sendings alone, and an ACK ten seconds later: it was sent no third time."""
    packets = rdpcap(str(REPORTED / "slow-response-lost-server-side.pcapng"))
    capture = written([*packets[:38], *packets[43:]])
    assert set(column(capture, "tdsconn.response_spread").values()) == {"0.000000000"}
    assert "arrived after" not in "".join(column(capture, "_ws.expert.message").values())
