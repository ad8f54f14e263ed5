# SPDX-License-Identifier: GPL-2.0-or-later
"""Look-ups of the server's name before a connection: told where the client waited for one, and only there."""

import pytest
from scapy.layers.dns import DNS, DNSQR, DNSRR
from scapy.layers.inet import IP, UDP
from scapy.layers.l2 import Ether
from scapy.layers.llmnr import LLMNRQuery, LLMNRResponse
from scapy.layers.netbios import NBNSHeader, NBNSQueryRequest, NBNSQueryResponse
from scapy.utils import rdpcap

import wireshark
from made import LOGIN, column, told, written

CLIENT, SERVER, RESOLVER = "10.10.10.10", "10.10.10.20", "10.10.10.5"
NAME = "sql.contoso.com"  # by which LOGIN calls its server; TLS hides it there
NXDOMAIN, SERVFAIL = 3, 2
CLEAR = """0.000 client SYN
0.001 server SYN
0.002 client ACK
0.003 client PRELOGIN encrypt=not_supported
0.004 server PRELOGIN encrypt=not_supported
0.005 client LOGIN7 host=APP10 user=orders app="Order entry" server={server} library=ODBC database=Orders
0.012 server LOGINACK server=SQL20 database=Orders spid=55
"""


def asked(at, name=NAME, kind="A", port=40000, client=CLIENT, number=1, to=RESOLVER):
    packet = Ether() / IP(src=client, dst=to) / UDP(sport=port, dport=53) / DNS(
        id=number, rd=1, qd=DNSQR(qname=name, qtype=kind))
    packet.time = at
    return packet


def answered(at, name=NAME, kind="A", code=0, addresses=(SERVER,), port=40000, client=CLIENT, alias=None):
    records = None
    for address in addresses if code == 0 else ():
        record = DNSRR(rrname=alias or name, type=kind, rdata=address, ttl=60)
        records = record if records is None else records / record
    if alias is not None:
        records = DNSRR(rrname=name, type="CNAME", rdata=alias, ttl=60) / records
    count = 0 if records is None else len(addresses) + (alias is not None)  # which scapy does not count in all versions
    packet = Ether() / IP(src=RESOLVER, dst=client) / UDP(sport=53, dport=port) / DNS(
        id=1, qr=1, rd=1, ra=1, rcode=code, qd=DNSQR(qname=name, qtype=kind), an=records, ancount=count)
    packet.time = at
    return packet


def behind(datagrams, login=LOGIN):
    """A capture of datagrams, whose times are relative to the SYN that comes behind them."""
    packets = list(rdpcap(str(told(login))))
    for one in datagrams:
        one.time += packets[0].time
    return written(sorted([*datagrams, *packets], key=lambda packet: packet.time))


def said(datagrams, login=LOGIN):
    """{frame: text} of the rule."""
    found = column(behind(datagrams, login), "tdsconn.expert.slow_lookup", "tdsconn.diagnosis")
    return {frame: text for frame, (_, text) in found.items()}


WAITED = "Slow look-up of the server's name: the client probably waited {} s for the address of " + NAME + \
    " before its SYN: it asked in frame {}{}"


def test_a_slow_answer_with_the_address_of_the_server_is_told_at_the_syn():
    assert said([asked(-2.5), answered(-0.010)]) == {3: WAITED.format("2.490", 1, "")}


def test_questions_without_an_answer_are_counted():
    told_ = said([asked(-6), asked(-5), asked(-3), answered(-0.010)])
    assert told_ == {5: WAITED.format("5.990", 1, ", 2 of 3 questions without an answer")}


def test_an_error_before_the_answer_is_named():
    told_ = said([asked(-4), answered(-2, code=SERVFAIL), asked(-1.9), answered(-0.010)])
    assert told_ == {5: WAITED.format("3.990", 1, ", SERVFAIL in frame 2")}


def test_a_client_waits_for_the_other_kind_of_address_too():
    """getaddrinfo() asks for both, and returns when it has both or gives up."""
    datagrams = [asked(-5.002), asked(-5.001, kind="AAAA"), answered(-5)]
    assert said(datagrams) == {4: WAITED.format("5.002", 1, ", 1 of 2 questions without an answer")}


def test_domains_that_are_tried_are_one_look_up():
    told_ = said([asked(-3, name="sql.example.com"), answered(-1.5, name="sql.example.com", code=NXDOMAIN),
                  asked(-1.4), answered(-0.010)])
    assert told_ == {5: WAITED.format("2.990", 1, ", NXDOMAIN in frame 2")}


def test_an_alias_leads_to_the_address():
    assert list(said([asked(-2), answered(-0.010, alias="node7.contoso.com")])) == [3]


@pytest.mark.parametrize("datagrams", [
    [asked(-0.5), answered(-0.010)],
    [asked(-9), answered(-8.5)],
    [asked(-9), answered(-5), asked(-0.1), answered(-0.010, addresses=["10.10.10.99"])],
    [asked(-2.5), answered(-0.010, addresses=["10.10.10.21"])],
    [asked(-2.5, client="10.10.10.11"), answered(-0.010, client="10.10.10.11")],
    [asked(-9, kind="AAAA"), asked(-8), answered(-7.9)],
    [answered(-0.010)],
    [asked(0.5), answered(3)],
    [asked(-40), asked(-0.1), answered(-0.010)],
], ids=["quick", "long before the SYN", "slow long before, and quick", "another server", "another client",
        "given up long before", "the question is not in the capture", "behind the SYN", "two look-ups"])
def test_what_the_client_did_not_wait_for_is_not_told(datagrams):
    assert said(datagrams) == {}


def test_neighbours_that_do_not_answer_matter_only_without_dns():
    """A name of one label is asked of all at once."""
    neighbours = Ether() / IP(src=CLIENT, dst="224.0.0.252") / UDP(sport=40001, dport=5355) / LLMNRQuery(
        id=7, qd=DNSQR(qname="sql", qtype="A"))
    neighbours.time = -2.9
    assert said([asked(-3), neighbours.copy(), answered(-2.9)]) == {}
    answer = Ether() / IP(src=SERVER, dst=CLIENT) / UDP(sport=5355, dport=40001) / LLMNRResponse(
        id=7, qr=1, qd=DNSQR(qname="sql", qtype="A"), an=DNSRR(rrname="sql", type="A", rdata=SERVER))
    answer.time = -0.010
    frames = said([asked(-3), answered(-2.95, code=NXDOMAIN), neighbours, answer])
    assert list(frames) == [5] and "2.990 s for the address of sql before" in frames[5]


def test_netbios_names_are_read():
    question = Ether() / IP(src=CLIENT, dst="10.10.10.255") / UDP(sport=137, dport=137) / NBNSHeader(
        NAME_TRN_ID=9) / NBNSQueryRequest(QUESTION_NAME=b"SQL")
    question.time = -2
    reply = Ether() / IP(src=SERVER, dst=CLIENT) / UDP(sport=137, dport=137) / NBNSHeader(
        NAME_TRN_ID=9, RESPONSE=1, QDCOUNT=0, ANCOUNT=1) / NBNSQueryResponse(RR_NAME=b"SQL")
    raw = bytes(reply)
    at = raw.rindex(b"\x00\x20\x00\x01") + 8
    reply = Ether(raw[:at] + b"\x00\x06\x00\x00" + bytes(map(int, SERVER.split("."))))
    reply[IP].len, reply[UDP].len = len(reply[IP]), len(reply[UDP])
    del reply[IP].chksum, reply[UDP].chksum
    reply.time = -0.010
    frames = said([question, reply])
    assert list(frames) == [3] and "1.990 s for the address of sql before" in frames[3]


def test_the_name_that_the_client_has_for_the_server_tells_without_an_address():
    """The look-up failed in time, and the client had the address from elsewhere."""
    datagrams = [asked(-4), answered(-0.010, code=SERVFAIL)]
    named = {at: text for at, text in said(datagrams, CLEAR.format(server=NAME)).items()}
    assert len(named) == 1 and "3.990 s" in next(iter(named.values())) and "SERVFAIL" in next(iter(named.values()))
    datagrams = [asked(-4), answered(-0.010, code=SERVFAIL)]
    assert said(datagrams, CLEAR.format(server="other.contoso.com")) == {}


def test_the_next_connection_did_not_wait_for_it_again():
    again = "client 10.10.10.10:50002 mac=00:15:5d:0a:0a:0a isn=1000000\n" + LOGIN.replace("at 0", "at 0.5")
    assert list(said([asked(-2.5), answered(-0.010)], LOGIN + again)) == [3]


def test_the_preference_says_how_slow_is_slow():
    capture = behind([asked(-0.5), answered(-0.010)])
    shown = ("-2", "-Y", "tdsconn.expert.slow_lookup", "-T", "fields", "-e", "frame.number")
    for limit, frames in (("300", ["3"]), ("500", [])):
        assert wireshark.tshark(capture, "-o", f"tdsconn.slow_lookup:{limit}", *shown) == frames


def test_the_report_has_it_beside_the_slow_logins():
    lines = wireshark.tshark(behind([asked(-2.5), answered(-0.010)]), "-q", "-z", "tdsconn,report")
    assert any("slow_lookup" in line and "2.490 s" in line for line in lines)


@pytest.mark.parametrize("datagrams, why", [
    ([asked(0.1, name="replica.contoso.com"), answered(0.2, name="replica.contoso.com", code=NXDOMAIN)],
     "the look-up of that name failed: NXDOMAIN in frame {}"),
    ([asked(0.1, name="replica.contoso.com")], "the look-up of that name in frame {} brought no address"),
    ([asked(0.1, name="replica.contoso.com"), answered(0.2, name="replica.contoso.com")],
     "it may not be visible from here"),
    ([], "it may not be visible from here"),
], ids=["NXDOMAIN", "no answer", "an address", "no question"])
def test_a_redirect_to_a_name_that_has_no_address(datagrams, why):
    story = CLEAR.format(server=NAME).rstrip() + " routing=replica.contoso.com:1433\n" + \
        "0.013 client FIN\n0.014 server FIN\n" + \
        "client 10.10.10.10:50009 mac=00:15:5d:0a:0a:0a isn=1000000\n" + LOGIN.replace("at 0", "at 20")
    capture = behind(datagrams, story)
    found = column(capture, "tdsconn.expert.redirect_not_followed", "tdsconn.diagnosis")
    frames = wireshark.fields(capture, "frame.number", display_filter="dns")
    assert len(found) == 1
    told_ = next(iter(found.values()))[1]
    assert told_.endswith(why.format(frames[-1][0] if frames else ""))


def over_both(*others):
    """A client that asks over IPv4, tries the server's IPv6 address in vain, and then its IPv4 address; what no_syn_answer
    says of that. OTHERS: who else asks the same and is answered."""
    story = """client [2001:db8::10]:50001 mac=00:15:5d:0a:0a:0a isn=1000
server [2001:db8::20]:1433 mac=00:15:5d:0a:0a:14 isn=5000
0.000 client SYN
1.000 client AGAIN
3.000 client AGAIN
client 10.10.10.10:50002 mac=00:15:5d:0a:0a:0a isn=2000
server 10.10.10.20:1433 mac=00:15:5d:0a:0a:14 isn=6000
include diag-login.part at 21
"""
    datagrams = []
    for number, client in enumerate((CLIENT, *others)):
        for kind, address in (("AAAA", "2001:db8::20"), ("A", SERVER)):
            datagrams += [asked(-0.1, kind=kind, client=client, port=40000 + number),
                          answered(-0.09, kind=kind, client=client, port=40000 + number, addresses=(address,))]
    texts = column(behind(datagrams, story), "tdsconn.expert.no_syn_answer", "tdsconn.diagnosis")
    return [text for _, text in texts.values()]


def test_a_client_asks_over_either_version_of_ip():
    [text] = over_both()
    assert f"the client probably got through to another address of {NAME} 21.000 s later, in connection 1" in text


def test_of_two_who_asked_over_the_other_version_nobody_knows_who_connects():
    [text] = over_both("10.10.10.11")
    assert NAME not in text
