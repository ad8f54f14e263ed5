# Kerberos with TDS 7.4; only the login is encrypted. The server's SSPI token comes as a response of its
# own, and the login confirmation follows with no packet of the client between.
#
# The "Windows (Kerberos)" tab of Microsoft's article "Trace the network authentication process to the
# Database Engine": its addresses, ports, times, sequence numbers, SPIDs, packet numbers, MAC addresses and
# the IP id of frame 238. Its sequence numbers leave 3799 bytes for the client up to the login, 1291 for the
# server up to the SSPI response, 196 for that and 381 for the confirmation. frame=N is the number that the
# article prints; the frames between 224 and 236 it does not list.

start  2024-06-05 12:00:00
client 10.10.10.10:49299 mac=00:15:5d:03:f6:03 isn=2243174743 syn_win=64240 win=8212
server 10.10.10.20:1433  mac=00:15:5d:03:f6:00 isn=329197620  syn_win=8192  win=8212 ip_id=26358
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=15.0.2000

# TCP three-way handshake
16.9554967 client SYN  frame=216 seq=2243174743 ack=0
16.9561482 server SYN  frame=217 seq=329197620 ack=2243174744
16.9562004 client ACK  frame=218 seq=2243174744 ack=329197621

# Driver handshake
16.9567950 client PRELOGIN encrypt=off mars=off trace=on fedauth=on version=17.10.6  frame=219
17.0035332 server PRELOGIN encrypt=off mars=off trace=on fedauth=off  frame=220

# TLS handshake
17.0041297 client CLIENT_HELLO server_name=sqlcl20.contoso.com  frame=221
17.0081618 server SERVER_HELLO         frame=222
17.0102991 client CLIENT_KEY_EXCHANGE  frame=223
17.0120222 server CHANGE_CIPHER_SPEC   frame=224

# Login: the ticket makes it too large for one segment
17.0263860 client ENCRYPTED_LOGIN7 host=APP10 app=Reporting server=sqlcl20.contoso.com library=ODBC database=master sspi=3193 send=1460  unlisted
17.0264200 client REST send=1460  unlisted
17.0264540 client REST  frame=236
17.0268945 server ACK   frame=237 seq=329198912 ack=2243178543

# Authentication and login confirmation
17.0280923 server KERBEROS_AP_REP packet=0  frame=238 seq=329198912 ack=2243178543
17.0294294 server LOGINACK server=SQLCL20 database=master spid=57  frame=239 seq=329199108
17.0294472 client ACK  frame=240 seq=2243178543 ack=329199489

# TCP four-way closing handshake
18.5494518 client FIN  frame=242 seq=2243178543 ack=329199489
18.5501180 server ACK  frame=243 seq=329199489 ack=2243178544
18.5502723 server FIN  frame=244 seq=329199489 ack=2243178544
18.5502896 client ACK  frame=245 seq=2243178544 ack=329199490
