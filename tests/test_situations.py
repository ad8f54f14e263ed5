# SPDX-License-Identifier: GPL-2.0-or-later
"""Situations that people report in public, made on the spot: what is told of each, over IPv4 and IPv6 alike, and that
nothing is where the fault is not."""

import re
import struct

import pytest

from scapy.layers.inet import TCP
from scapy.packet import Raw
from scapy.utils import rdpcap

import captures
import findings
import made
import wireshark
from made import FULL_TLS, HELLO, LOGIN, OPENING, TLS
from wires import FLAGS, Link, Wire, written

# Of the stories, where made finds it.
import tls

NAMES = 'host=APP10 user=orders app="Order entry" server=sql.contoso.com library=ODBC database=Orders'
LOGIN7 = f"0.009 client ENCRYPTED_LOGIN7 {NAMES}\n"
CHALLENGED = f"""0.009 client ENCRYPTED_LOGIN7 {NAMES} token=ntlm_negotiate
0.010 server NTLM_CHALLENGE domain=CONTOSO computer=SQL20 dns=contoso.com
"""
AUTHENTICATE = ("0.011 client NTLM_AUTHENTICATE domain=CONTOSO user=joe33 workstation=APP10 computer=SQL20 dns=contoso.com "
                "spn=MSSQLSvc/sql.contoso.com:1433\n0.050 server ACK\n")
ENTRA = OPENING + f"""0.003 client PRELOGIN encrypt=not_supported fedauth=on
0.004 server PRELOGIN encrypt=not_supported fedauth=on
0.005 client LOGIN7 {NAMES} features=fedauth_token:1200
"""
FULL = FULL_TLS + """
0.009 client SEALED size=330
"""
# Behind the login a request, and a part of its answer.
FULL_BUSY = FULL + """0.020 server SEALED size=420
1.000 client SEALED size=90
1.001 server SEALED size=300
3.000 client SEALED size=90
3.001 server SEALED size=300
3.001 server SEALED size=3000 send=900
"""
REQUEST = 'BATCH text="SELECT name FROM items"'
RESULT = "RESULT column=name rows=Bell,Lamp spid=55"
BUSY = LOGIN + f"1.000 client {REQUEST}\n1.010 server {RESULT}\n1.050 client ACK\n"
HALF = "RESULT column=name rows=" + "Bell" * 20 + " spid=55 send=60"
# The story sends the first of two packets.
LONG = 'BATCH text="' + "SELECT 1 " * 600 + '"'
ASK_KDC = "".join(f"{at} client TGS_REQ to=kdc spn=MSSQLSvc/sql.contoso.com:1433 realm=CONTOSO.COM\n"
                  for at in (0.0085, 2.0085, 4.0085))


def error(at, number, severity, text):
    """The answer to a command that fails."""
    return f'{at} server SQL_ERROR server=SQL20 number={number} severity={severity} text="{text}" spid=55\n'


def closed(at, who="client"):
    """An orderly end, which this side begins."""
    other = "server" if who == "client" else "client"
    return f"{at:.3f} {who} FIN\n{at + .001:.3f} {other} FIN\n{at + .002:.3f} {who} ACK\n"


def refused(number, text, **how):
    """The server's ERROR and its close."""
    also = "".join(f" {name}={value}" for name, value in how.items())
    return f'1.000 server LOGIN_ERROR server=SQL20 number={number} text="{text}"{also}\n' + closed(1.001, "server")


def alive(side, *moments, answered=True):
    """Keep-alives of a side."""
    other = "server" if side == "client" else "client"
    answer = f"{{0}}.001 {other} ACK\n" if answered else ""
    return "".join((f"{{0}} {side} KEEP_ALIVE\n" + answer).format(moment) for moment in moments)


DNS = "dns 10.10.10.5:53 mac=00:15:5d:0a:0a:05\n"
ASKED = """0.000 client DNS_QUESTION to=dns name={name} id=3
0.004 dns DNS_ANSWER name={name} id=3 address={address}
"""


def side(port, server):
    """The head of another connection."""
    return f"""client 10.10.10.10:{port} mac=00:15:5d:0a:0a:0a isn={port}0
server {server} mac=00:15:5d:0a:0a:14 isn={port}5
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
"""


def at(seconds, text):
    """The same frames, so much later; LOGIN is read from its file."""
    if text == LOGIN:
        return f"include diag-login.part at {seconds}\n"
    rows = [line.split(" ", 1) for line in text.splitlines() if line]
    return "".join(f"{seconds + float(moment):.3f} {rest}\n" for moment, rest in rows)


def routed(seconds, target):
    """A login that the server sends on."""
    return at(seconds, TLS + LOGIN7 +
              f"0.010 server LOGINACK server=SQL database=Orders spid=61 routing={target}\n" + closed(0.1))


FIN_IN_VAIN = "2.000 client FIN\n" + "".join(f"{at} client AGAIN\n" for at in (2.3, 2.9, 4.1, 6.5, 11.3, 20.9))

# {situation: (its story, {frame: {rule: what its text must say}})}
SITUATIONS = {
    # The login is refused.
    "a logon trigger": (TLS + LOGIN7 + refused(17892, "Logon failed for login 'orders' due to trigger execution."), {
        11: {"login_refused": "error 17892 .a logon trigger refused"}}),
    "the database is being recovered": (TLS + LOGIN7 + refused("922|4060|18456", "Database 'Orders' is being recovered.|a|b"), {
        11: {"login_refused": "error 922 .the database is being recovered.*then error 4060, the database cannot be opened"}}),
    "the database is in single-user mode": (TLS + LOGIN7 + refused("924|18456", "Database 'Orders' is already open.|a"), {
        11: {"login_refused": "error 924 .the database is in single-user mode"}}),
    "the elastic pool is full": (TLS + LOGIN7 + refused(10936, "Resource ID : 1. The request limit is 60."), {
        11: {"login_refused": "error 10936 .Azure: the limit of .* the elastic pool"}}),
    "a server that does not hide why": (TLS + LOGIN7 + refused(18456, "Login failed for user 'orders'.", state=8), {
        11: {"login_refused": "error 18456 .the password is wrong.: Login failed for user 'orders' .state 8, class 14.$"}}),
    "a server that says why": (
        TLS + LOGIN7 + refused(18456, "Login failed for user ''. Reason: Azure Active Directory only authentication is enabled."), {
            11: {"login_refused": "^error 18456: Login failed for user ''. Reason: Azure"}}),
    "a token that the database does not know": (
        ENTRA + refused(18456, "Login failed for user '<token-identified principal>'."), {
            7: {"login_refused": "error 18456 .this server or database has no user for the token"}}),
    "a double hop": (
        TLS + CHALLENGED + "0.011 client SSPI_CLIENT token=ntlm_anonymous workstation=WEB01\n" +
        refused(18456, "Login failed for user 'NT AUTHORITY\\\\ANONYMOUS LOGON'."), {
            12: {"ntlm_anonymous": "double hop"},
            13: {"login_refused": "error 18456 .AUTHENTICATE names nobody: .* a double hop"}}),
    "a refusal that TLS hides": (FULL + "0.020 server SEALED size=560\n" + closed(0.030, "server"), {
        12: {"server_closed_first": "what it said before, TLS hides: perhaps an error"}}),
    # Nobody answers.
    "a slow domain controller": (TLS + CHALLENGED + AUTHENTICATE + closed(15.003), {
        14: {"login_unanswered": "no answer to the token .* after 14.992 s; the server waited for a domain controller"}}),
    "no thread for the login": (TLS + LOGIN7 + "0.050 server ACK\n" + closed(15.001), {
        12: {"login_unanswered": "no answer to the login in frame 10: closed by the client after 14.992 s$"}}),
    "a slow domain controller that TLS hides": (
        FULL + "0.020 server SEALED size=250\n0.021 client SEALED size=400\n0.080 server ACK\n" + closed(15.010), {
            14: {"request_abandoned": "probably a token of the login or a request"}}),
    "half an answer to a login, which neither confirms nor refuses": (
        TLS + LOGIN7 + error("0.012", 5701, 0, "Changed database context to 'Orders'.") + closed(0.020), {
            12: {"login_unanswered": "the answer to the login in frame 11 has neither LOGINACK nor an ERROR: closed by the client"}}),
    "healthy: a login whose LOGINACK stands in another answer": (
        TLS + LOGIN7 + error("0.012", 5701, 0, "Changed database context to 'Orders'.") +
        "0.013 server LOGINACK server=SQL20 database=Orders spid=55\n" + closed(0.020), {}),
    "nobody answers the client's FIN": (LOGIN + FIN_IN_VAIN, {
        18: {"retransmission_timeout": "or the other host is down: 6 copies of a segment of the client and no ACK, then silence$"}}),
    "nobody answers the client's FIN, and it gives up": (LOGIN + FIN_IN_VAIN + "40.000 client RST flags=RA\n", {
        19: {"retransmission_timeout": "6 copies of a segment of the client and no ACK, then reset$",
             "reset_after_close": "the client gives up"}}),
    "healthy: the server answers the client's FIN late": (LOGIN + FIN_IN_VAIN + closed(21.0, "server"), {}),
    "healthy: the capture ends soon after a FIN": (LOGIN + "2.000 client FIN\n2.300 client AGAIN\n2.900 client AGAIN\n", {}),
    "a device swallows LOGIN7": (
        TLS + LOGIN7 + "".join(f"{at} client AGAIN\n" for at in (0.309, 0.909, 2.109, 4.509, 9.309)) + "15.009 client RST\n", {
            16: {"retransmission_timeout": "packets are lost on the way, or the other host is down: .* sent 6 times",
                 "login_unanswered": "never acknowledged", "reset_by_client": "segments were not acknowledged"}}),
    "a server that TLS does not suit": (HELLO + closed(0.010, "server"), {
        7: {"tls_refused_by_server": "perhaps they have no version or cipher suite in common",
            "server_closed_first": "while the server owed its ServerHello"}}),
    "a warning, and no ServerHello": (HELLO + "0.006 server ALERT level=1 alert=112\n0.050 client ACK\n" + closed(15.005), {
        9: {"no_login_sent": "15.000 s after its ClientHello; the server sent only the TLS alert unrecognized_name .112. in frame 7$"}}),
    "a warning, and the server gives up": (
        HELLO + "0.006 server ALERT level=1 alert=112\n0.050 client ACK\n" + closed(15.005, "server"), {
            9: {"login_unanswered": "no answer to the ClientHello .* after 15.000 s; the server sent only the TLS alert",
                "server_closed_first": "while the server owed its ServerHello$"}}),
    "the server takes leave": (HELLO + "0.006 server ALERT level=1 alert=0\n" + closed(0.007, "server"), {
        8: {"tls_refused_by_server": "a close instead of ServerHello", "server_closed_first": "while the server owed its ServerHello"}}),
    "the client takes leave, and the server lets it wait": (
        HELLO + "0.006 server SERVER_HELLO\n0.007 client ALERT level=1 alert=0\n0.050 server ACK\n" + closed(15, "server"), {
            10: {"tls_refused_by_client": "may not trust the certificate: close_notify after the server's certificate"}}),
    "OpenSSL 3 and an old server": (
        HELLO + "0.006 server SERVER_HELLO\n0.007 client ALERT level=2 alert=40\n" + closed(0.008), {
            8: {"tls_refused_by_client": "it takes no such suite, key or signature, or does not trust the certificate: an alert",
                "tls_alert": "handshake_failure"}}),
    "a client that takes no short key": (
        "scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa1024 product=11.0.2100\n" + HELLO +
        "0.006 server SERVER_HELLO\n0.007 client ALERT level=2 alert=42\n" + closed(0.008), {
            8: {"tls_refused_by_client": "may not trust the certificate; the certificate's RSA key has 1024 bits",
                "tls_alert": "bad_certificate"}}),
    "no ticket at once": (TLS + closed(0.050), {
        10: {"no_login_sent": "self-signed, could not make an SSPI token, or only looked at TLS$"}}),
    "no ticket when the time was up": (OPENING + """0.003 client PRELOGIN encrypt=off
0.050 server ACK
14.900 server PRELOGIN encrypt=off
14.905 client CLIENT_HELLO
14.906 server SERVER_HELLO
14.907 client CLIENT_KEY_EXCHANGE
14.908 server CHANGE_CIPHER_SPEC
""" + closed(14.990), {
        6: {"slow_step": "Driver handshake took"},
        11: {"no_login_sent": "could not make an SSPI token, or its time was up$"}}),
    "a server that left the client a second": (
        OPENING + "0.003 client PRELOGIN encrypt=off\n0.050 server ACK\n14.000 server PRELOGIN encrypt=off\n" + closed(15), {
            7: {"client_silent": "after 1.000 s; it was busy, or waited for a ticket, or its time was up, 15.000 s after its SYN$"}}),
    "SSPI fails on the server": (TLS + CHALLENGED + AUTHENTICATE + refused(
        "17806|18452", "SSPI handshake failed with error code 0x80090311, state 14 while establishing a connection|a"), {
            14: {"login_refused": "error 17806 .SSPI failed on the server.: SSPI handshake failed with error code 0x80090311.*"
                                  "; then error 18452$"}}),
    "TLS is too old for Azure": (TLS + LOGIN7 + refused(47072, "Login failed with invalid TLS version."), {
        11: {"login_refused": "error 47072 .Azure: the client's TLS is older than the server's minimum"}}),
    "a client that is slow with its token": (
        TLS + CHALLENGED + "0.050 client ACK\n" + AUTHENTICATE.replace("0.0", "30.0") +
        "30.060 server LOGINACK server=SQL20 database=Orders spid=55\n" + closed(31), {
            13: {"slow_step": "the client took 30.001 s after frame 11 for its token"},
            15: {"slow_login": "Authentication"}}),
    "a client that looks for revocation lists": (
        HELLO + "0.006 server SERVER_HELLO\n" + at(15, f"""0.007 client CLIENT_KEY_EXCHANGE
0.008 server CHANGE_CIPHER_SPEC
{LOGIN7}0.060 server LOGINACK server=SQL20 database=Orders spid=55
""") + closed(16), {
            9: {"slow_step": "took 15.003 s; 15.001 s were the client's, for its key exchange in frame 8: .* revocation lists"},
            11: {"slow_login": "of which 15.003 s TLS handshake .*; 15.001 s were the client's, for its key exchange in frame 8$"}}),
    "a server without a free worker thread": (
        OPENING + "0.003 client PRELOGIN encrypt=off\n" + at(12, "0.004 server PRELOGIN encrypt=off\n" + TLS.split("off\n")[-1] +
                                                          LOGIN7 + "0.060 server LOGINACK server=SQL20 database=Orders spid=55\n") +
        closed(13), {
            5: {"slow_step": "took 12.001 s; 12.001 s were the server's, for its answer to PRELOGIN in frame 5$"},
            11: {"slow_login": "of which 12.001 s Driver handshake .*; 12.001 s were the server's, "}}),
    # The KDC does not answer, and the client goes on with NTLM.
    "a KDC in a site that is down": (
        "client 10.10.10.10:50001 mac=00:15:5d:0a:0a:0a isn=1000000\nkdc 10.10.10.5:88 mac=00:15:5d:0a:0a:05\n" + TLS +
        ASK_KDC + (CHALLENGED + AUTHENTICATE).replace("0.0", "6.0") +
        "6.060 server LOGINACK server=SQL20 database=Orders spid=55\n" + closed(7), {
            13: {"kdc_unanswered": "answered none of 3 requests, the first in frame 10, .* the client goes on without an answer",
                 "slow_step": "the client took .* for its LOGIN7; the KDC 10.10.10.5 answered none of 3 requests"},
            17: {"slow_login": "the client, between the steps"}}),
    # The connection breaks.
    "a gateway ends what is idle, and TLS before it": (
        FULL + "0.020 server SEALED size=420\n1.000 client SEALED size=90\n1.001 server SEALED size=200\n1.050 client ACK\n"
        "1801.000 server CLOSE_NOTIFY\n" + closed(1801.001, "server"), {
            16: {"server_closed_first": "^perhaps a limit for idle connections, .*: the server closes first, 1800.001 s after"}}),
    "a client that ends TLS while the server owes its answer": (
        FULL + "0.020 server SEALED size=420\n1.000 client SEALED size=90\n1.050 server ACK\n"
        "31.000 client CLOSE_NOTIFY\n31.001 client RST\n", {
            15: {"request_abandoned": "reset by the client 30.001 s after", "reset_by_client": "while the server owed"}}),
    "KILL": (LOGIN + f"1.000 client {REQUEST}\n" + error(3, 596, 21, "Cannot continue the execution.") + closed(3.001, "server"), {
        13: {"sql_error": "error 596 .the session was ended, by KILL or a severe error., state 1, class 21"},
        14: {"server_closed_first": "the server's last word was error 596 .* in frame 13: the server closes first"}}),
    "a damaged page": (LOGIN + f"1.000 client {REQUEST}\n" + error(3, 824, 24, "I/O error") + "4.500 server RST\n", {
        13: {"sql_error": "error 824"},
        14: {"reset_by_server": "the server's last word was error 824 .* in frame 13: the server resets"}}),
    "a client that resets on a fatal error": (
        LOGIN + f"1.000 client {REQUEST}\n" + error(3, 596, 21, "Cannot continue the execution.") + "3.001 client RST\n", {
            13: {"sql_error": "error 596"},
            14: {"reset_by_client": "^the server's last word was error 596 .* in frame 13: the client resets"}}),
    "a client that resets on a small error": (
        LOGIN + f"1.000 client {REQUEST}\n" + error(3, 208, 16, "Invalid object name.") + "3.001 client RST\n", {
            14: {"reset_by_client": "^unexplained: "}}),
    "an error long before the end": (
        LOGIN + f"1.000 client {REQUEST}\n" + error(1.5, 208, 16, "Invalid object name.") + "1.550 client ACK\n" +
        closed(9, "server"), {
            15: {"server_closed_first": "^the server closes first, .* after the client's last word$"}}),
    "a gateway ends what is idle with FIN": (BUSY + alive("client", 31, 61) + closed(1801, "server"), {
        19: {"server_closed_first": "^perhaps a limit for idle connections.*: the server closes first, 1800"}}),
    "a pool gives out what the server closed": (
        BUSY + f"30.000 server FIN\n30.001 client ACK\n95.000 client {REQUEST}\n95.001 server RST flags=R\n", {
            15: {"server_closed_first": "did not heed that: it sends on in frame 17, 65.000 s later$"}}),
    "a pool that keeps what the server closed": (BUSY + "30.000 server FIN\n30.001 client ACK\n150.000 server RST\n", {
        15: {"server_closed_first": "did not heed that: it has not closed 120.000 s later$"}}),
    "the same, to the end of the capture": (
        BUSY + "30.000 server FIN\n30.001 client ACK\n" + side(50002, "10.10.10.20:1433") + at(100, LOGIN) + closed(110), {
            15: {"server_closed_first": "did not heed that: it has not closed 80.002 s later$"}}),
    "a pool that closes after a minute what the server closed": (
        BUSY + "30.000 server FIN\n30.001 client ACK\n95.000 client FIN\n95.001 server ACK\n", {
            15: {"server_closed_first": "after the client's last word$"}}),
    "a close that may not have reached the client": (BUSY + "30.000 server FIN\n150.000 server RST\n", {
        15: {"server_closed_first": "after the client's last word$"}}),
    "a pool gives out what the server closed, all in TLS": (
        FULL + "0.020 server SEALED size=420\n1.000 client SEALED size=90\n1.001 server SEALED size=200\n1.050 client ACK\n"
        "30.000 server FIN\n30.001 client ACK\n95.000 client SEALED size=90\n95.001 server RST flags=R\n", {
            15: {"server_closed_first": "^the server closes first, [^;]*; the client, .* frame 17, 65.000 s later$"}}),
    "a load balancer forgets after 350 s": (BUSY + f"352.000 client {REQUEST}\n352.001 server RST flags=R\n", {
        16: {"idle_reset": "in answer to the first request after 351 s", "reset_by_server": "a long silence"}}),
    "a load balancer resets after 240 s": (BUSY + "241.020 server RST\n", {
        15: {"idle_reset": "RST after 240 s of silence", "reset_by_server": "a long silence"}}),
    "a failover between requests": (BUSY + f"9.000 client {REQUEST}\n9.001 server RST flags=R\n", {
        16: {"reset_by_server": "no such connection is known there: a restart, another host"}}),
    "a failover when nobody speaks": (BUSY + alive("client", 31) + "61.000 client KEEP_ALIVE\n61.001 server RST flags=R\n", {
        18: {"reset_by_server": "a long silence|no such connection is known there"}}),
    "a client that is gone when the answer comes": (
        BUSY + f"2.000 client {REQUEST}\n2.050 server ACK\n5.000 server {RESULT}\n5.001 client RST flags=R\n", {
            18: {"reset_by_client": "^no such connection is known there: a restart, another host, or a device that forgot it: the client"}}),
    "a client that resets on the answer": (
        BUSY + f"2.000 client {REQUEST}\n2.050 server ACK\n5.000 server {RESULT}\n5.001 client RST\n", {
            18: {"reset_by_client": "^unexplained: "}}),
    "a restart within 30 s": (BUSY + "31.000 client KEEP_ALIVE\n31.001 server RST flags=R\n", {
        16: {"reset_by_server": "no such connection is known there: a restart, another host"}}),
    "a device forgets, keep-alives of the client": (
        BUSY + alive("client", 31, 61) + "91.000 client KEEP_ALIVE\n91.001 server RST flags=R\n", {
            20: {"idle_reset": "something between, or the server, .* in answer to a keep-alive of the client after 90 s of silence",
                 "reset_by_server": "a long silence"}}),
    "a device forgets, keep-alives of the server": (
        BUSY + alive("server", 31, 61) + "400.000 server KEEP_ALIVE\n400.001 client RST flags=R\n", {
            20: {"idle_reset": "something between, or the client, .* in answer to a keep-alive of the server after 399 s of silence",
                 "reset_by_client": "a long silence"}}),
    "keep-alives in vain, all in TLS": (
        FULL + "0.020 server SEALED size=420\n1.000 client SEALED size=90\n1.001 server SEALED size=200\n1.050 client ACK\n" +
        alive("client", *range(31, 41), answered=False) + "41.000 client RST\n", {
            25: {"keep_alive_timeout": "or the other host is down: 10 keep-alives of the client",
                 "reset_by_client": "keep-alives were not answered"}}),
    "keep-alives in vain on a request": (
        BUSY + f"2.000 client {REQUEST}\n2.050 server ACK\n" + alive("client", *range(33, 43), answered=False) +
        "43.000 client RST\n", {
            27: {"keep_alive_timeout": "or the other host is down: 10 keep-alives of the client",
                 "reset_by_client": "^keep-alives were not answered: the client resets the connection, 41.000 s after the client's "
                                    "last word; what the server had to send, its response to the SQL batch, may be lost on the way$"}}),
    "a crash in the middle of a result": (BUSY + f"2.000 client {REQUEST}\n2.010 server {HALF}\n2.050 client ACK\n3.000 server RST\n", {
        18: {"killed": "on the request in frame 15, in the middle of its answer and without an ERROR",
             "reset_by_server": "owed the rest of its response"}}),
    "a proxy whose time-out ends a request": (
        BUSY + f"2.000 client {REQUEST}\n2.050 server ACK\n" + closed(62.001, "server"), {
            17: {"killed": "frame 15 without an ERROR, 60.001 s later: KILL, shutdown, a crash, or the time-out of a proxy between$",
                 "server_closed_first": "while the server owed its response"}}),
    "KILL, at some time": (BUSY + f"2.000 client {REQUEST}\n2.050 server ACK\n" + closed(61.4, "server"), {
        17: {"killed": "frame 15 without an ERROR: KILL, shutdown, a crash, or something between$",
             "server_closed_first": "while the server owed its response"}}),
    "a crash before the result": (BUSY + f"2.000 client {REQUEST}\n2.050 server ACK\n3.000 server RST\n", {
        17: {"killed": "on the request in frame 15 without an ERROR", "reset_by_server": "owed its response"}}),
    "a crash in the middle of a result, all in TLS": (FULL_BUSY + closed(3.010, "server"), {
        17: {"server_closed_first": "0.010 s after the client's last word, in the middle of its answer: KILL, shutdown, a crash, or something between$"}}),
    "a client that ends in the middle of a result, all in TLS": (FULL_BUSY + "3.010 client RST\n", {
        17: {"reset_by_client": "in the middle of the server's answer$"}}),
    "a request into a black hole, and its ATTENTION": (
        BUSY + f"60.000 client {REQUEST}\n" + "".join(f"{at} client AGAIN\n" for at in (60.3, 60.9, 62.1, 64.5, 69.3, 78.9)) +
        "90.000 client ATTENTION\n95.000 client RST\n", {
            22: {"attention": "^command timeout, 30.000 s after the request in frame 15, sent 7 times and never acknowledged$"},
            23: {"retransmission_timeout": "or the other host is down: 6 copies of a segment of the client and no ACK, then reset",
                 "attention_unacknowledged": "frame 22 was not acknowledged; nor did what was sent before it arrive$",
                 "reset_by_client": "^segments were not acknowledged: the client resets .* after the client's last word$"}}),
    "a request that arrived late, and its ATTENTION": (
        BUSY + f"60.000 client {REQUEST}\n60.300 client AGAIN\n60.900 client AGAIN\n60.901 server ACK\n"
        "90.000 client ATTENTION\n90.010 server ATTENTION_ACK spid=55\n" + closed(95), {
            19: {"attention": "frame 15, of which 0.901 s until the server acknowledged frame 15, sent 3 times$"}}),
    # An RST that both sides outlive.
    "healthy: a forged RST that nobody heeds": (
        BUSY + f"2.000 server RST ttl=200\n3.000 client {REQUEST}\n3.010 server {RESULT}\n3.050 client ACK\n" + closed(4), {}),
    "an RST by a device, and nobody answers any more": (
        BUSY + f"2.000 server RST ttl=200\n3.000 client {REQUEST}\n3.300 client AGAIN\n", {
            15: {"reset_by_device": "^RST in the server's name", "reset_by_server": "^a device between sent it"}}),
    # Half a message.
    "a client that stops in the middle of a request": (
        LOGIN + f"1.000 client {LONG}\n1.050 server ACK\n" + closed(31, "server"), {
            14: {"client_silent": "the rest of its message since frame 12: closed by the server after 30.000 s; it was busy",
                 "server_closed_first": "^the server closes first, .*, while the client owed the rest of its message$"}}),
    "a client that ends in the middle of a request": (
        LOGIN + f"1.000 client {LONG}\n1.050 server ACK\n" + closed(31), {
            14: {"client_silent": "closed by the client after 30.000 s; it gave up, or its process ended$"}}),
    "a time-out in the middle of a request": (
        LOGIN + f"1.000 client {LONG}\n1.050 server ACK\n31.000 client ATTENTION\n31.010 server ATTENTION_ACK spid=55\n" +
        closed(32), {
            14: {"attention": "^command timeout, before the request was all sent, 30.000 s after it began in frame 12$"}}),
    "a client that stops on an answer to half a request": (
        LOGIN + f"1.000 client {LONG} send=4000\n" + error("1.050", 1205, 13, "bad") + "1.051 client REST\n1.060 server ACK\n" + closed(31), {
            13: {"sql_error": "error 1205"}}),
    "a server that keeps the rest of a request back": (
        LOGIN + f"1.000 client {LONG}\n1.050 server ACK win=0\n31.000 server RST\n", {
            14: {"zero_window": "^the server kept its window closed for 29.950 s", "reset_by_server": "after the client's last word$"}}),
    "a client that stops in the middle of LOGIN7": (
        ENTRA.replace(":1200", ":9000") + "0.050 server ACK\n15.005 server RST\n", {
            8: {"client_silent": "the rest of its message since frame 6: reset by the server after 15.000 s",
                "reset_by_server": "while the client owed the rest of its message"}}),
    "half a LOGIN7 in TLS": (TLS + LOGIN7.replace("\n", " send=100\n") + "0.050 server ACK\n" + closed(15.009), {
        12: {"client_silent": "the rest of its message since frame 10: closed by the client after 15.000 s; it gave up"}}),
    "half a PRELOGIN": (OPENING + "0.003 client PRELOGIN encrypt=on send=20\n0.050 server ACK\n" + closed(15.003), {
        6: {"client_silent": "the rest of its message since frame 4: closed by the client after 15.000 s; it gave up"}}),
    "a client that stops in the middle of a record": (
        FULL + "0.020 server SEALED size=420\n1.000 client SEALED size=4000 send=1000\n1.050 server ACK\n" + closed(31, "server"), {
            14: {"client_silent": "the rest of its message since frame 12: closed by the server after 30.000 s",
                 "server_closed_first": "while the client owed the rest of its message$"}}),
    "half a certificate": (HELLO + "0.006 server SERVER_HELLO send=600\n0.050 client ACK\n" + closed(15.005), {
        9: {"no_login_sent": "closed by the client 15.000 s after its ClientHello, in the middle of the server's answer"}}),
    "half a certificate and a reset": (HELLO + "0.006 server SERVER_HELLO send=600\n0.050 client ACK\n0.055 server RST\n", {
        9: {"reset_by_server": "while the server owed the rest of its ServerHello"}}),
    "half a PRELOGIN response": (
        OPENING + "0.003 client PRELOGIN encrypt=on\n0.004 server PRELOGIN encrypt=on send=20\n0.050 client ACK\n" + closed(15.003), {
            7: {"prelogin_unanswered": "^no whole answer to PRELOGIN in frame 4: closed by the client after 15.000 s"}}),
    "half a LOGINACK": (
        TLS + LOGIN7 + "0.012 server LOGINACK server=SQL20 database=Orders spid=55 send=100\n0.050 client ACK\n" + closed(15.009), {
            13: {"login_unanswered": "^no whole answer to the login in frame 10: closed by the client after 15.000 s"}}),
    "two bytes of another service": (
        OPENING + "0.003 client PRELOGIN encrypt=on\n0.004 server PRELOGIN encrypt=on send=2\n0.050 client ACK\n" + closed(0.053, "server"), {
            7: {"prelogin_refused": "0.050 s after PRELOGIN in frame 4, in the middle of its answer: .* another service",
                "server_closed_first": "while the server owed the rest of its answer to PRELOGIN"}}),
    "a proxy with no server behind it": (
        OPENING + "0.003 client PRELOGIN encrypt=on\n0.004 server ACK\n" + closed(0.130, "server"), {
            6: {"prelogin_refused": "0.127 s after PRELOGIN in frame 4: .*, be a proxy with no server behind it",
                "server_closed_first": "while the server owed its answer to PRELOGIN"}}),
    "somebody who tries the port by hand": (OPENING + closed(10.002), {
        4: {"client_silent": "after 10.000 s; a login time-out of a busy client, or a check by hand, as with telnet$"}}),
    "a scanner that waits for more than PRELOGIN": (
        OPENING + "0.003 client PRELOGIN encrypt=off\n0.005 server PRELOGIN encrypt=off\n" + closed(5.009), {
            6: {"client_silent": "after 5.004 s; it was busy, or waited for a ticket, or only looked whether there is a server$"}}),
    # The way to the server.
    "answers that do not reach the client": (
        "0.000 client SYN\n0.001 server SYN\n1.000 client AGAIN\n1.001 server AGAIN\n3.001 server AGAIN\n7.001 server AGAIN\n", {
            6: {"no_syn_answer": "SYN-ACK 4 times over 7.000 s and got no ACK: the way back to the client is blocked$"}}),
    "a client that is content with the SYN-ACK, or was a scan": (
        "0.000 client SYN\n0.001 server SYN\n1.001 server AGAIN\n3.001 server AGAIN\n7.001 server AGAIN\n", {
            5: {"no_syn_answer": "got no ACK: the client does not repeat its SYN: its ACK is lost .*, it is gone, or this is a scan$"}}),
    "a full accept queue": (
        OPENING + "0.003 client PRELOGIN encrypt=off\n" + "".join(f"{at} server AGAIN\n{at}.001 client ACK\n" for at in (1, 3)) +
        closed(15.003), {
            9: {"prelogin_unanswered": "; frame 7 repeats the SYN-ACK that the client had acknowledged"}}),
    "a listener whose first address is down": (
        DNS + ASKED.format(name="listener.contoso.com", address="10.10.10.41,10.10.11.41") +
        side(50001, "10.10.10.41:1433") + "0.010 client SYN\n3.010 client AGAIN\n9.010 client AGAIN\n" +
        side(50002, "10.10.11.41:1433") + at(21.01, LOGIN) + closed(22.5), {
            5: {"no_syn_answer": "3 SYNs and no answer; the client got through to another address of listener.contoso.com "
                                 "21.000 s later, in connection 1: .* as without MultiSubnetFailover$"}}),
    "a listener whose first address refuses": (
        DNS + ASKED.format(name="listener.contoso.com", address="10.10.10.41,10.10.11.41") +
        side(50001, "10.10.10.41:1433") + "0.010 client SYN\n0.011 server RST\n" +
        side(50002, "10.10.11.41:1433") + at(0.02, LOGIN) + closed(2), {
            4: {"connection_refused": "; the client got through to another address of listener.contoso.com 0.010 s later, "
                                      "in connection 1$"}}),
    "localhost, where only IPv4 is served": (
        "client [::1]:50001 mac=00:15:5d:0a:0a:0a isn=1000\nserver [::1]:1433 mac=00:15:5d:0a:0a:14 isn=1500\n"
        "0.000 client SYN\n0.001 server RST\nclient 127.0.0.1:50002 mac=00:15:5d:0a:0a:0a isn=2000\n"
        "server 127.0.0.1:1433 mac=00:15:5d:0a:0a:14 isn=2500\n" + at(0.002, LOGIN) + closed(2), {
            2: {"connection_refused": "; the client probably got through to another address of localhost 0.002 s later"}}),
    "two hosts of whose addresses nothing is known": (
        side(50001, "10.10.10.41:1433") + "0.010 client SYN\n0.011 server RST\n" +
        side(50002, "10.10.11.41:1433") + at(0.02, LOGIN) + closed(2), {
            2: {"connection_refused": "RST in answer to the SYN$"}}),
    "one of several SYNs that is lost each time": (
        side(50001, "10.10.10.20:1433") + at(0, LOGIN) + closed(0.5) + side(50002, "10.10.10.20:1433") +
        "1.000 client SYN\n2.000 client AGAIN\n4.000 client AGAIN\n" + side(50003, "10.10.10.20:1433") + at(3, LOGIN) +
        closed(9), {
            28: {"no_syn_answer": "^3 SYNs and no answer in 8.002 s, though connection 2 of this client to the same port was "
                                  "accepted meanwhile: the accept queue was full, or something between drops some SYNs$"}}),
    "one of two SYNs at once that is lost each time": (
        side(50001, "10.10.10.20:1433") + at(0, LOGIN) + closed(9) + side(50002, "10.10.10.20:1433") +
        "0.0005 client SYN\n1.000 client AGAIN\n3.000 client AGAIN\n7.000 client AGAIN\n", {
            15: {"no_syn_answer": "^4 SYNs and no answer in"}}),
    "healthy: of two SYNs at once the client drops one": (
        side(50001, "10.10.10.20:1433") + at(0, LOGIN) + closed(9) + side(50002, "10.10.10.20:1433") +
        "0.0005 client SYN\n", {}),
    "SYNs of one client that others do not share": (
        side(50002, "10.10.10.20:1433") + "1.000 client SYN\n2.000 client AGAIN\n4.000 client AGAIN\n" +
        "client 10.10.10.11:50003 mac=00:15:5d:0a:0a:0b isn=500030\n" + at(3, LOGIN) + closed(9), {
            14: {"no_syn_answer": "^3 SYNs and no answer in 8.002 s: a firewall, a host that is down"}}),
    "a host that is down for a time": (
        side(50001, "10.10.10.20:1433") + "0.000 client SYN\n1.000 client AGAIN\n3.000 client AGAIN\n7.000 client AGAIN\n" +
        side(50002, "10.10.10.20:1433") + at(15, LOGIN) + closed(25), {
            4: {"no_syn_answer": "^4 SYNs within 7.000 s and no answer; the same port accepted this client 15.000 s later, in "
                                 "connection 1: the host was down or overloaded for a time, or something between dropped the SYNs$"}}),
    "a host that goes down": (
        side(50001, "10.10.10.20:1433") + at(0, LOGIN) + closed(5) +
        side(50002, "10.10.10.20:1433") + "30.000 client SYN\n31.000 client AGAIN\n33.000 client AGAIN\n", {
            17: {"no_syn_answer": "^3 SYNs and no answer in 3.000 s: a firewall, or a host that is down; "
                                  "the same port accepted connection 0 30.000 s before$"}}),
    "a service that starts again": (
        side(50001, "10.10.10.20:1433") + "0.000 client SYN\n0.001 server RST\n0.500 client AGAIN\n0.501 server RST\n" +
        side(50002, "10.10.10.20:1433") + at(8, LOGIN) + closed(9), {
            4: {"connection_refused": "RST in answer to the SYN; the same port accepted this client 8.000 s later, in connection 1$"}}),
    "an address of yesterday": (
        DNS + ASKED.format(name="sql.contoso.com", address="10.10.10.41") +
        side(50001, "10.10.10.41:1433") + "0.010 client SYN\n1.010 client AGAIN\n3.010 client AGAIN\n" +
        side(50002, "10.10.10.99:1433") + at(20, LOGIN) + closed(22), {
            5: {"no_syn_answer": "or an address that is wrong; DNS gave this address for sql.contoso.com in frame 2$"}}),
    "redirects in a circle": (
        "".join(side(50001 + hop, f"10.10.10.{30 + hop % 2}:1433") + routed(hop, f"sql{31 - hop % 2}.contoso.com:1433")
                for hop in range(3)), {
            39: {"redirected": "to sql31.contoso.com, port 1433, as in connection 0: the redirects lead in a circle"}}),
    "a replica that refuses whom it gets": (
        routed(0, "sql31.contoso.com:1433") + side(50002, "10.10.10.31:1433") + at(0.2, TLS + LOGIN7) +
        at(1, refused("976|18456", "The target database, Orders, is not accessible.|a")), {
            25: {"login_refused": "error 976 .the database is of a secondary replica that nobody may read"}}),
    # Commands fail.
    "a linked server refuses": (
        LOGIN + f"1.000 client {REQUEST}\n" + error(1.2, 18456, 14, "Login failed for user 'NT AUTHORITY\\ANONYMOUS LOGON'.") +
        "1.250 client ACK\n" + closed(3), {
            13: {"sql_error": "^error 18456 .another server, as a linked one, refused the login., state 1, class 14"}}),
    "a linked server that does not answer": (
        LOGIN + f"1.000 client {REQUEST}\n1.050 server ACK\n" + error(22.2, 10060, 16, "TCP Provider: A connection attempt failed") +
        "22.250 client ACK\n" + closed(23), {
            14: {"sql_error": "^error 10060 .another server did not answer the connection attempt, as a linked one., state 1"}}),
    # The server is slow.
    "rows that do not come": (LOGIN + f"1.000 client {REQUEST}\n1.010 server {HALF}\n1.050 client ACK\n46.000 server REST\n" +
                              closed(47), {
        15: {"slow_response": "the server sent nothing for 44.990 s in the middle of its answer to frame 12"}}),
    "rows that are still on their way": (LOGIN + f"1.000 client {REQUEST}\n1.010 server {HALF}\n1.050 client ACK\n", {
        14: {"open_at_end": "^the capture ends in the middle of the answer to the request in frame 12$"}}),
    "rows that nobody fetched": (
        LOGIN + f"1.000 client {REQUEST}\n1.010 server {HALF}\n1.050 client ACK win=0\n45.000 client ACK\n" +
        "45.001 server REST\n" + closed(47), {15: {"zero_window": "for 43.950 s"}}),
    "a client that reads nothing cancels": (
        LOGIN + f"1.000 client {REQUEST}\n1.010 server {HALF}\n1.050 client ACK win=0\n6.000 server KEEP_ALIVE\n"
        "6.001 client ACK win=0\n31.000 client ATTENTION win=0\n31.050 server ACK\n36.000 client RST win=0\n", {
            19: {"attention_unacknowledged": "; the client's window was closed since frame 14: the server could not send that$",
                 "reset_by_client": "while the server owed", "zero_window": "the client kept its window closed for 34.950 s"}}),
    # Nothing is wrong.
    "healthy: a warning in TLS": (
        HELLO + "0.0055 server ALERT level=1 alert=112\n" + TLS.replace(HELLO, "") + LOGIN7 +
        "0.020 server LOGINACK server=SQL20 database=Orders spid=55\n" + closed(1), {}),
    "healthy: two redirects": (
        "".join(side(50001 + hop, f"10.10.10.{30 + hop}:1433") + routed(hop, f"sql{31 + hop}.contoso.com:1433")
                for hop in range(2)) + side(50003, "10.10.10.32:1433") + at(2, LOGIN) + closed(3), {}),
    "healthy: a listener with two addresses": (
        DNS + ASKED.format(name="listener.contoso.com", address="10.10.10.41,10.10.11.41") +
        side(50001, "10.10.10.41:1433") + at(0.1, LOGIN) + closed(1) + side(50002, "10.10.11.41:1433") + at(2, LOGIN) +
        closed(3), {}),
    "healthy: keep-alives": (BUSY + alive("client", 31, 61, 91) + f"120.000 client {REQUEST}\n120.010 server {RESULT}\n" +
                             closed(121), {}),
    "healthy: a client ends what it sends, and reads on": (
        BUSY + f"2.000 client {REQUEST}\n2.001 client FIN\n2.002 server ACK\n2.050 server {RESULT}\n2.090 client ACK\n"
        "2.100 server FIN\n2.101 client ACK\n", {}),
    "healthy: a pool closes after half an hour": (BUSY + closed(1801), {}),
    "healthy: NTLM": (TLS + CHALLENGED + AUTHENTICATE + "0.060 server LOGINACK server=SQL20 database=Orders spid=55\n" +
                      closed(1), {}),
    "healthy: a client that ends TLS, and resets": (
        FULL + "0.020 server SEALED size=420\n1.000 client SEALED size=90\n1.001 server SEALED size=200\n"
        "5.000 client CLOSE_NOTIFY\n5.001 client RST\n", {15: {"reset_after_close": "the end of TLS in frame 14, with nothing owed"}}),
    "healthy: all in TLS": (FULL + "0.020 server SEALED size=420\n1.000 client SEALED size=90\n1.001 server SEALED size=200\n" +
                            closed(2), {}),
}


def versions(text):
    """Of IP. Stories of several connections have their own addresses."""
    return (4,) if "client 1" in text else (4, 6)


def over_ipv6(text):
    """The same story between other addresses."""
    return """client [2001:db8::10]:50001 mac=00:15:5d:0a:0a:0a isn=1000000
server [2001:db8::20]:1433 mac=00:15:5d:0a:0a:14 isn=1500000
""" + text


@pytest.fixture(scope="module")
def told():
    """{(situation, IP's version): {(frame, rule): (severity, text)}}"""
    captures = {(name, version): made.told(over_ipv6(story) if version == 6 else story)
                for name, (story, _) in SITUATIONS.items() for version in versions(story)}
    found = findings.texts_of(captures.values())
    return {key: found[capture] for key, capture in captures.items()}


@pytest.mark.parametrize("name, version", [(name, version) for name, (story, _) in SITUATIONS.items()
                                           for version in versions(story)])
def test_the_answer(name, version, told):
    findings.check_answer(told[name, version], SITUATIONS[name][1])


def test_what_is_no_fault_of_the_server_is_no_slow_response(told):
    assert not any(rule == "slow_response" for _, rule in told["rows that nobody fetched", 4])


def with_bytes(story, frame, content):
    """The capture of a story in which a frame has other bytes, of the same number."""
    packets = list(rdpcap(str(made.told(story))))
    packet = packets[frame - 1]
    packet[TCP].payload = Raw(content.ljust(len(made.payload(packet)), b" ")[:len(made.payload(packet))])
    del packet[TCP].chksum
    return made.written(packets)


ASKS, ANSWERS = "client PRELOGIN encrypt=off", "server PRELOGIN encrypt=off"


# Whose port the client has instead of SQL Server's.
@pytest.mark.parametrize("first, end, port, content, rule, says", [
    (ASKS, closed(0.010, "server"), 1433, b"HTTP/1.1 400 Bad Request\r\n", "prelogin_refused", "in frame 5 is HTTP, no TDS"),
    (ASKS, closed(0.010), 8080, b"HTTP/1.1 400 Bad Request\r\n", "prelogin_unanswered", "in frame 5 is HTTP, no TDS"),
    (ASKS, closed(0.010, "server"), 1433, b"\x99whatever", "prelogin_refused", "in frame 5 is no TDS"),
    (ASKS, closed(0.010, "server"), 1433, b"\x15\x03\x01\0\x02\x02\x32", "prelogin_refused", "it takes TLS at once"),
    (ANSWERS, closed(0.010, "server"), 1433, b"SSH-2.0-OpenSSH_9.2\r\n", "prelogin_refused", "in frame 4 is SSH, no TDS"),
    (ANSWERS, closed(0.010, "server"), 22, b"SSH-2.0-OpenSSH_9.2\r\n", "prelogin_refused", "in frame 4 is SSH, no TDS"),
])
def test_another_service(first, end, port, content, rule, says):
    second = ANSWERS if first == ASKS else ASKS
    story = f"server 10.10.10.20:{port} mac=00:15:5d:0a:0a:14 isn=1500000\n{OPENING}0.003 {first}\n0.004 {second}\n{end}"
    capture = with_bytes(story, 5 if first == ASKS else 4, content)
    assert says in findings.texts_of([capture])[capture][6, rule][1]


HTTP, SSH, UNKNOWN_NAME = b"HTTP/1.1 400 Bad Request\r\n", b"SSH-2.0-OpenSSH_9.2\r\n", b"\x15\x03\x03\0\x02\x02\x70"
IN_CLEAR = made.tds_packet(4, 1, bytes.fromhex("00000b000601001100 01ff 100010090000 00".replace(" ", "")))  # a PRELOGIN response
NOT_STRICT = "; it begins TDS 8.0 .strict., which this server may not take$"


# What the client meets with the ClientHello of TDS 8.0, and who closes so many seconds later.
@pytest.mark.parametrize("greeting, answer, closer, later, rule, says", [
    (b"", HTTP, "server", 0, "tls_refused_by_server", "in frame 5 is HTTP, no TDS.* up to TLS 1.2 in TDS 8.0 .strict.$"),
    (b"", HTTP, "client", 0, "no_login_sent", "in frame 5 is HTTP, no TDS.* after its ClientHello$"),
    (SSH, b"", "client", 0, "no_login_sent", "in frame 4 is SSH, no TDS"),
    (b"", IN_CLEAR, "client", 0, "no_login_sent", "the packet of type 0x04 in frame 5 is no TLS" + NOT_STRICT),
    (b"", IN_CLEAR, "server", 0, "tls_refused_by_server", "in TDS 8.0 .strict., which this server may not take$"),
    (b"", UNKNOWN_NAME, "server", 0, "tls_refused_by_server", "not know the name .* in TDS 8.0 .strict. .alert 112"),
    (b"", b"", "server", 0, "tls_refused_by_server", "in TDS 8.0 .strict., which this server may not take$"),
    (b"", b"", "client", 15, "no_login_sent", "which nobody answered" + NOT_STRICT),
    (b"", b"", "server", 15, "login_unanswered", "closed by the server after 15.001 s" + NOT_STRICT),
])
def test_what_tds_8_meets(greeting, answer, closer, later, rule, says):
    wire = Wire(1, 1_750_000_000 * 10**9)
    link = Link(wire)
    hello = tls.client_hello(tls.SUITES["TLS1.2-ECDHE-AES"], "strict", "sql.contoso.com")
    segments = [("client", "SYN", b""), ("server", "SYN_ACK", b""), ("client", "ACK", b""), ("server", "DATA", greeting),
                ("client", "DATA", hello), ("server", "DATA" if answer else "ACK", answer)]
    for sender, flags, content in segments:
        if content or flags != "DATA":
            link.segment(sender, FLAGS[flags], content)
            wire.wait(500_000)
    wire.wait(later * 10**9)
    link.segment(closer, FLAGS["FIN"])
    capture = wireshark.scratch("made") / "made.pcap"
    written(capture, wire.frames)
    texts = [text for (_, found), (_, text) in findings.texts_of([capture])[capture].items() if found == rule]
    assert [bool(re.search(says, text)) for text in texts] == [True], texts


# Whether the client finishes the handshake, and after how many seconds it closes.
@pytest.mark.parametrize("finishes, later, rule, says", [
    (False, 15, "client_silent", "owed its Finished .* after 15.000 s; it was busy; TLS goes on with an earlier session$"),
    (False, 0, "no_login_sent", "it does not take the earlier TLS session .*, could not make an SSPI token"),
    (True, 0, "no_login_sent", "no LOGIN7: it could not make an SSPI token, or only looked at TLS$"),
    (True, 15, "client_silent", "owed its LOGIN7 .* after 15.000 s; it waited for a ticket"),
])
def test_a_resumed_session_of_tls_has_no_certificate_to_doubt(finishes, later, rule, says):
    suite = tls.SUITES["TLS1.2-ECDHE-AES"]
    first = [made.payload(packet) for packet in rdpcap(str(made.told(HELLO)))[3:]]
    hello = struct.pack(">H", suite.version) + bytes(32) + b"\x20" + bytes(32) + struct.pack(">HB", suite.cipher, 0)
    answer = tls.record(suite, tls.HANDSHAKE, tls.handshake(tls.SERVER_HELLO, hello)) + tls.finished(suite, "server")
    link = Link(wire := Wire(1, 1_750_000_000 * 10**9))
    segments = [("client", "SYN", b""), ("server", "SYN_ACK", b""), ("client", "ACK", b""), ("client", "DATA", first[0]),
                ("server", "DATA", first[1]), ("client", "DATA", first[2]),
                ("server", "DATA", made.tds_packet(0x12, 1, answer))]
    if finishes:
        segments += [("client", "DATA", made.tds_packet(0x12, 1, tls.finished(suite, "client"))), ("server", "ACK", b"")]
    for sender, flags, content in segments:
        link.segment(sender, FLAGS[flags], content)
        wire.wait(0 if (sender, flags) == ("client", "DATA") else 1000)
    wire.wait(later * 10**9)
    link.segment("client", FLAGS["FIN"])
    capture = wireshark.scratch("made") / "made.pcap"
    written(capture, wire.frames)
    text, = (text for (_, found), (_, text) in findings.texts_of([capture])[capture].items() if found == rule)
    assert re.search(says, text), text


# The client's word reaches the server when the client's time is nearly up.
@pytest.mark.parametrize("story, end, rule, says", [
    (TLS + CHALLENGED + AUTHENTICATE.split("\n")[0] + "\n", 15.009, "login_unanswered",
     "no answer to the token in frame 12: closed by the client after 14.998 s, sent 6 times over 14.789 s$"),
    (HELLO, 15.009, "no_login_sent", "15.004 s after its ClientHello, sent 6 times over 14.795 s, which nobody answered$"),
    (LOGIN.replace(" at 0", " at -15") + f"0.000 client {REQUEST}\n", 15.009, "request_abandoned",
     "15.009 s after its request in frame 12, of which 14.801 s until the server acknowledged frame 12, sent 6 times, without"),
])
def test_what_the_network_took_of_the_server_s_time(story, end, rule, says):
    story += "".join(f"{at} client AGAIN\n" for at in (.3, .9, 2.1, 4.5, 14.8)) + "14.801 server ACK\n"
    found = findings.texts_of([capture := made.told(story + closed(end))])[capture]
    grave = {rule: text for (_, rule), (severity, text) in found.items() if severity in ("Warning", "Error")}
    assert set(grave) == {rule} and re.search(says, grave[rule]), grave


RESENT = {
    "PRELOGIN": OPENING + "0.003 client PRELOGIN encrypt=off\n0.004 server PRELOGIN encrypt=off\n",
    "the certificate": HELLO + "0.006 server SERVER_HELLO\n",
    "CHALLENGE": TLS + CHALLENGED,
}


# When the client gets the server's word, which is sent six times.
@pytest.mark.parametrize("name, got, rule, says", [
    ("PRELOGIN", 9.6, "client_silent", "after 15.005 s, of which 9.596 s until the client acknowledged frame 5, sent 6 times; it was busy"),
    ("PRELOGIN", 14.8, "no_login_sent", "closed by the client with no LOGIN7: the server's word in frame 5, sent 6 times over 14.796 s$"),
    ("the certificate", 9.6, "client_silent", "of which 9.594 s until .* sent 6 times; it was checking the certificate"),
    ("the certificate", 14.8, "no_login_sent", "with no LOGIN7: the server's word in frame 7, sent 6 times over 14.794 s$"),
    ("CHALLENGE", 9.6, "client_silent", "of which 9.590 s until .* sent 6 times; it could not, or may not, answer with NTLM$"),
    ("CHALLENGE", 14.8, "client_silent", "of which 14.790 s until .* sent 6 times; its time was up$"),
])
def test_what_the_network_took_of_the_client_s_time(name, got, rule, says):
    story = RESENT[name] + "".join(f"{at} server AGAIN\n" for at in (.3, .9, 2.1, 4.5, got)) + f"{got} client ACK\n"
    found = findings.texts_of([capture := made.told(story + closed(15.009))])[capture]
    grave = {rule: text for (_, rule), (severity, text) in found.items() if severity in ("Warning", "Error")}
    assert set(grave) == {rule} and re.search(says, grave[rule]), grave


def test_an_ack_of_an_older_connection_shows_no_gap():
    packets = list(rdpcap(str(made.told("0.000 client SYN\n0.001 server SYN\n1.000 client AGAIN\n1.001 server AGAIN\n"
                                        "1.002 client ACK\n"))))
    packets[1][TCP].flags, packets[1][TCP].seq, packets[1][TCP].ack = "A", 77777777, 88888888
    del packets[1][TCP].chksum
    capture = made.written(packets)
    found = findings.texts_of([capture])[capture]
    assert not any(rule == "capture_gap" for _, rule in found)
    assert made.column(capture, "tdsconn.progress")[5] == ">S <SA >A"


@pytest.mark.parametrize("end, found", [
    ("9.000 client AGAIN\n", {(10, "no_syn_answer"): "^4 SYNs, and the server answers with an ACK of another connection"}),
    ("9.000 client AGAIN\n9.001 server SYN\n9.002 client ACK\n9.003 client FIN\n", {}),
])
def test_a_syn_ack_of_other_numbers_answers_no_syn(end, found):
    """As where a device changes the numbers on one way only: the client resets what it does not know."""
    tries = "".join(f"{at}.000 client {syn}\n{at}.001 server SYN\n{at}.002 client RST flags=R\n"
                    for at, syn in ((0, "SYN"), (1, "AGAIN"), (3, "AGAIN")))
    packets = list(rdpcap(str(made.told(tries + end))))
    for syn_ack, reset in zip(packets[1:9:3], packets[2:9:3]):
        syn_ack[TCP].ack = reset[TCP].seq = 77777777
        del syn_ack[TCP].chksum, reset[TCP].chksum
    capture = made.written(packets)
    findings.check_answer(findings.texts_of([capture])[capture],
                          {frame: {rule: text} for (frame, rule), text in found.items()})


# Who sees the SYN that is sent on: nobody, as on the client, or a capture where that is done.
@pytest.mark.parametrize("sent_on", [False, True])
def test_an_answer_from_another_address_is_no_lost_syn(sent_on):
    """As of a load balancer that the server's answers do not pass."""
    wire = Wire(1, 1_750_000_000 * 10**9)
    asked, real = Link(wire), Link(wire, "real")
    for pause in (1, 2, 4):
        for link in [asked, real] if sent_on else [asked]:
            link.segment("client", FLAGS["SYN"])
        real.sent["client"] = asked.sent["client"]
        real.segment("server", FLAGS["SYN_ACK"])
        real.segment("client", FLAGS["BARE_RST"])
        for link in (asked, real):
            link.sent = {"client": 1000, "server": 5000}
        wire.wait(pause * 10**9)
    asked.segment("client", FLAGS["SYN"])
    capture = wireshark.scratch("made") / "made.pcap"
    written(capture, wire.frames)
    found = findings.texts_of([capture])[capture]
    says = "another address, in connection {}: something between translates addresses on one way only$"
    wanted = {"no_syn_answer": "4 SYNs, and the SYN-ACK comes from " + says.format(1)}
    if sent_on:
        wanted["probe"] = "reset by the client, which had asked " + says.format(0)
    assert {rule for _, rule in found} == set(wanted)
    assert all(re.search(wanted[rule], text) for (_, rule), (_, text) in found.items())


@pytest.mark.parametrize("side", ["client", "server"])
def test_what_both_sides_outlive_was_no_end(side):
    capture = made.told(BUSY + f"2.000 client {REQUEST}\n2.100 {side} RST ttl=200\n2.200 server {RESULT}\n2.250 client ACK\n" +
                        closed(4))
    assert set(made.column(capture, "tdsconn.close").values()) == {"1"}  # Normal
    assert {severity for severity, _ in findings.texts_of([capture])[capture].values()} == {"Note"}


LOGINS = {
    "an encrypted LOGIN7": TLS + LOGIN7 + "0.060 server LOGINACK server=SQL20 database=Orders spid=55\n",
    "NTLM": TLS + CHALLENGED + AUTHENTICATE + "0.060 server LOGINACK server=SQL20 database=Orders spid=55\n",
    "Entra": ENTRA + "0.060 server LOGINACK server=SQL20 database=Orders spid=55\n",
    "a refusal": TLS + LOGIN7 + refused(18456, "Login failed."),
    "all in TLS": FULL + "0.020 server SEALED size=420\n",
}


def outcomes_of(chosen):
    """{capture: the connection's outcome, and the rules that are raised}."""
    found = findings.texts_of(chosen)
    rows = captures.columns(chosen, ["tdsconn.state", "tdsconn.close", "tdsconn.auth"])
    return {capture: ({tuple(row.values()) for row in rows[capture]},
                      {(rule, severity) for (_, rule), (severity, _) in found[capture].items()}) for capture in chosen}


@pytest.mark.parametrize("name", LOGINS)
def test_whose_message_came_late_is_said(name):
    """Each message of a login in turn comes 3 s late, and all behind it."""
    lines = [line.split(" ", 1) for line in LOGINS[name].splitlines() if line]
    messages = {place: line for place, (_, line) in enumerate(lines) if not re.search(" SYN| ACK| FIN", line)}
    late = {place: made.told("".join(f"{float(at) + 3 * (number >= place):.3f} {line}\n"
                                     for number, (at, line) in enumerate(lines))) for place in messages}
    found = findings.texts_of(late.values())
    for place, capture in late.items():
        told = [text for (_, rule), (_, text) in found[capture].items() if rule == "slow_step"]
        assert [re.search("the (client|server)('s,| took)", text)[1] for text in told] == [messages[place].split()[0]]


@pytest.mark.parametrize("side", ["client", "server"])
@pytest.mark.parametrize("name", LOGINS)
def test_an_rst_in_the_login_that_both_sides_outlive_was_no_end(name, side):
    """Wherever it stands, what is told is what is told without it."""
    lines = [line for line in LOGINS[name].splitlines() if line]
    if name != "a refusal":
        lines += f"1.000 client {REQUEST}\n1.010 server {RESULT}\n1.050 client ACK\n{closed(4)}".splitlines()
    opened = next(place for place, line in enumerate(lines) if "PRELOGIN" in line)
    decided = next(place for place, line in enumerate(lines) if re.search("LOGINACK|LOGIN_ERROR|size=420", line))
    plain, *told = [made.told("\n".join(lines) + "\n")] + [
        made.told("\n".join([*lines[:place], f"{lines[place - 1].split()[0]}4 {side} RST ttl=200", *lines[place:]]) + "\n")
        for place in range(opened, decided + 1)]
    outcomes = outcomes_of([plain, *told])
    assert [place for place, capture in enumerate(told) if outcomes[capture] != outcomes[plain]] == []


@pytest.mark.parametrize("story, served", [
    (TLS + LOGIN7.replace("\n", " send=100\n") + "0.050 server ACK\n" + closed(15.009), ""),
    (TLS + closed(15.009), ""),
    (TLS + LOGIN7 + closed(15.009), "15.000000000"),
])
def test_the_pause_of_a_client_is_no_service_time(story, served):
    waits = made.column(made.told(story), "tdsconn.wait.time", "tdsconn.service_time")
    assert [served for wait, served in waits.values() if wait.startswith("15.")] == [served]


def test_who_owes_the_rest_of_a_message_is_in_the_failures():
    capture = made.told(LOGIN + f"1.000 client {LONG}\n1.050 server ACK\n" + closed(31, "server"))
    table = wireshark.output("tshark", "-q", "-2", "-r", wireshark.readable(capture), "-z", "tdsconn,failures")
    row = [cell.strip() for line in table.splitlines() if "Broken" in line for cell in line.split("|")]
    assert (row[5], row[8]) == ("client", "client_silent")


def test_a_request_that_stands_behind_the_rst_that_came_after_it():
    capture = made.told(BUSY + f"1.999 client {REQUEST} missing\n2.000 client RST\n2.001 client AGAIN\n2.002 server ACK\n")
    assert set(made.column(capture, "tdsconn.close").values()) == {"3"}  # Client reset


def test_a_blind_rst_within_the_window_is_no_end():
    packets = list(rdpcap(str(made.told(BUSY + f"2.000 server RST flags=R ttl=200\n3.000 client {REQUEST}\n3.010 server {RESULT}\n"
                                        "3.050 client ACK\n" + closed(4)))))
    packets[14][TCP].seq += 1000
    del packets[14][TCP].chksum
    capture = made.written(packets)
    assert set(made.column(capture, "tdsconn.close").values()) == {"1"}  # Normal
    findings.check_answer(findings.texts_of([capture])[capture], {})


@pytest.mark.parametrize("cut", ["client", "server", "54"])
def test_what_is_not_in_the_capture_was_not_given_up(cut):
    whole = made.told(BUSY + closed(2))
    if cut == "54":
        capture = wireshark.scratch("cut") / "cut.pcap"
        wireshark.output("editcap", "-s", cut, whole, capture, bare=True)
    else:
        port = 50001 if cut == "client" else 1433
        capture = made.written([packet for packet in rdpcap(str(whole)) if packet[TCP].sport == port])
    table = wireshark.output("tshark", "-q", "-2", "-r", wireshark.readable(capture), "-z", "tdsconn,failures")
    assert "Given up" not in table and "owed" not in table


@pytest.mark.parametrize("waits", [OPENING + "0.003 client PRELOGIN encrypt=off\n", TLS + LOGIN7], ids=["PRELOGIN", "LOGIN7"])
def test_a_login_on_a_broken_path_is_not_the_servers_failure(waits):
    capture = made.told(waits + "0.050 server ACK\n" + alive("client", *range(32, 42), answered=False) + "42.000 client RST\n")
    said = set(made.column(capture, "tdsconn.failure.diagnosis").values())
    assert said == {"keep_alive_timeout"}


def test_nobody_waits_for_the_server_where_nothing_arrives():
    capture = made.told(SITUATIONS["a request into a black hole, and its ATTENTION"][0])
    table = wireshark.output("tshark", "-q", "-2", "-r", wireshark.readable(capture), "-z", "tdsconn,failures")
    row = [cell.strip() for line in table.splitlines() if "Broken" in line for cell in line.split("|")]
    assert (row[6], row[7], row[8]) == ("5.000", "5.000", "retransmission_timeout")


def test_a_client_that_closes_while_it_waits_and_resets_gave_up():
    found = findings.texts_of([capture := made.told(
        BUSY + f"2.000 client {REQUEST}\n2.001 client FIN\n2.002 server ACK\n2.050 server {RESULT}\n2.051 client RST\n")])[capture]
    assert (16, "request_abandoned") in found


def test_a_request_that_meets_the_close_on_its_way_did_not_disregard_it():
    packets = list(rdpcap(str(made.told(BUSY + f"30.000 server FIN\n30.001 client {REQUEST}\n30.002 server RST flags=R\n"))))
    packets[15][TCP].ack -= 1
    del packets[15][TCP].chksum
    found = findings.texts_of([capture := made.written(packets)])[capture]
    assert found[15, "server_closed_first"][1] == "the server closes first, 29.000 s after the client's last word"


def test_a_close_long_behind_the_answer_in_tls_ended_no_login():
    """A server that refuses closes at once."""
    severity = {}
    for pause in (0.001, 4.9, 5.1, 29):
        story = FULL + "0.020 server SEALED size=420\n0.060 client ACK\n" + closed(0.020 + pause, "server")
        found = findings.texts_of([capture := made.told(story)])[capture]
        severity[pause], = (one for (_, rule), (one, _) in found.items() if rule == "server_closed_first")
    assert severity == {0.001: "Error", 4.9: "Error", 5.1: "Warning", 29: "Warning"}


def test_who_has_closed_owes_nothing():
    capture = made.told(SITUATIONS["a pool gives out what the server closed"][0])
    owed = made.column(capture, "tdsconn.turn.owes")
    assert owed[12] == "2" and owed[17] == owed[18] == "0"
    assert made.column(capture, "tdsconn.failure")[18] == "Broken" and made.column(capture, "tdsconn.failure.owes") == {}


def test_what_the_network_took_of_the_last_wait():
    """The server owes the answer to a request that never reached it; in the second story it thinks."""
    request = LOGIN + '2.000 client BATCH text="SELECT 1"\n'
    again = "".join(f'{at} client AGAIN\n' for at in (2.3, 2.9, 4.1, 6.5, 11.3))
    taken = {}
    for name, story in (("lost", request + again + "20.000 client RST flags=R\n"),
                        ("slow", request + "2.001 server ACK\n32.000 client RST flags=R\n")):
        capture = made.told(story)
        (told,) = made.column(capture, "tdsconn.failure.owes", "tdsconn.failure.wait", "tdsconn.failure.network").values()
        taken[name] = told
    assert taken == {"lost": ("2", "18.000000000", "18.000000000"), "slow": ("2", "30.000000000", "0.001000000")}


def test_an_error_without_its_number():
    capture = snapped(TLS + LOGIN7 + refused(18456, "a"), 68)
    assert findings.texts_of([capture])[capture][11, "login_refused"][1] == "an ERROR of which the capture has no number"


def snapped(story, length=96):
    """The capture of a story, with a snap length."""
    capture = wireshark.scratch("cut") / "cut.pcap"
    wireshark.output("editcap", "-s", length, made.told(story), capture, bare=True)
    return capture


# The server's Finished has 113 bytes, its certificate more than 1000.
@pytest.mark.parametrize("end, rule", [(15.009, "client_silent"), (0.050, "no_login_sent")])
def test_a_snap_length_that_left_the_last_word_whole_hides_no_silence(end, rule):
    told = {length: snapped(TLS + closed(end), length) for length in (96, 128, 200)}
    assert {length: made.raised(capture, rule) for length, capture in told.items()} == {96: [], 128: [10], 200: [10]}


def test_a_capture_that_has_the_syn_does_not_begin_after_the_login():
    found = findings.texts_of([capture := snapped(BUSY + closed(2), 60)])[capture]
    assert [text for (_, rule), (_, text) in found.items() if rule == "joined_midway"] == [
        "the login cannot be read: the capture has the SYN, and its snap length cut what came behind it"]


def test_a_capture_without_the_login_s_bytes_says_that_they_are_missing():
    packets = list(rdpcap(str(made.told(BUSY + closed(2)))))
    capture = made.written(packets[:3] + packets[11:])
    assert [text for (_, rule), (_, text) in findings.texts_of([capture])[capture].items() if rule == "joined_midway"] == [
        "the login cannot be read: the capture has the SYN, but lacks bytes behind it"]


# Who ends a login, and on what. Of an answer that is cut nobody knows.
@pytest.mark.parametrize("story, found", [
    (FULL + "0.060 server RST\n", {(11, "reset_by_server")}),
    (FULL + closed(0.060, "server"), {(11, "server_closed_first")}),
    (HELLO + "0.030 server RST\n", {(7, "reset_by_server"), (7, "tls_refused_by_server")}),
    (TLS + CHALLENGED + "0.050 client ACK\n" + AUTHENTICATE + "0.060 server RST\n", {(15, "reset_by_server")}),
    (TLS + LOGIN7 + "0.050 server ACK\n15.009 client RST\n", {(12, "reset_by_client"), (12, "login_unanswered")}),
    (BUSY + closed(2, "server"), set()),
    (LOGIN + closed(2, "server"), set()),
    (LOGIN + "2.000 server RST\n", set()),
])
def test_a_snap_length_hides_no_end_of_a_login(story, found):
    capture = snapped(story)
    told = findings.texts_of([capture])[capture]
    assert {key for key, (severity, _) in told.items() if severity == "Error"} == found


# What TCP shows is seen in the first bytes of a frame.
CUT = [name for name, (_, says) in SITUATIONS.items() for rules in says.values()
       if (rules.keys() & {"idle_reset", "keep_alive_timeout", "login_unanswered"} and not name.startswith("half")) or
       "no such connection is known there" in rules.get("reset_by_server", "")]


@pytest.fixture(scope="module")
def told_of_cut():
    """The same of captures that are cut."""
    cut = {name: snapped(SITUATIONS[name][0]) for name in CUT}
    found = findings.texts_of(cut.values())
    return {name: found[capture] for name, capture in cut.items()}


@pytest.mark.parametrize("name", CUT)
def test_a_snap_length_hides_nothing_of_tcp(name, told_of_cut):
    for frame, rules in SITUATIONS[name][1].items():
        kept = {rule: text for rule, text in rules.items() if rule in
                ("idle_reset", "keep_alive_timeout", "login_unanswered") or "no such connection" in text}
        assert kept
        for rule, text in kept.items():
            assert re.search(text.split(";")[0], told_of_cut[name][frame, rule][1])
    assert not any(rule == "killed" for _, rule in told_of_cut[name])
