# What a KDC's ticket, and the size of an encrypted LOGIN7, say of a login that TLS hides: Kerberos without mutual
# authentication, and SQL logins beside which another process fetches a ticket.

start  2025-03-03 09:00:00

# Kerberos that asks for no answer; the ticket is fetched right before LOGIN7, which is only encrypted
client 10.10.10.120:50001 mac=00:15:5d:0a:0a:78 isn=1000000 syn_win=64240 win=8212
server 10.10.10.10:1433 mac=00:15:5d:0a:0a:0a isn=1500000 syn_win=65535 win=8212
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
kdc    10.10.10.5:88 mac=00:15:5d:0a:0a:05
include diag-tls.part at 1
1.0082 client TGS_REQ to=kdc spn=MSSQLSvc/sql.contoso.com:1433 realm=CONTOSO.COM
1.0085 kdc TGS_REP spn=MSSQLSvc/sql.contoso.com:1433 realm=CONTOSO.COM ticket=1000
1.009 client ENCRYPTED_LOGIN7 host=APP120 app=Orders server=sql.contoso.com library=pytds database=Orders token=offer_kerberos mechanisms=kerberos spn=MSSQLSvc/sql.contoso.com:1433 realm=CONTOSO.COM ticket=1000
1.010 server LOGINACK server=SQL10 database=Orders spid=61
1.011 client FIN
1.012 server FIN
1.013 client ACK

# The same with a ticket from before the capture: it may as well be a password with long names
client 10.10.10.120:50002 mac=00:15:5d:0a:0a:78 isn=2000000 syn_win=64240 win=8212
server 10.10.10.10:1433 mac=00:15:5d:0a:0a:0a isn=2500000 syn_win=65535 win=8212
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
include diag-tls.part at 21
21.009 client ENCRYPTED_LOGIN7 host=APP120 app=Orders server=sql.contoso.com library=pytds database=Orders token=offer_kerberos mechanisms=kerberos spn=MSSQLSvc/sql.contoso.com:1433 realm=CONTOSO.COM ticket=300
21.010 server LOGINACK server=SQL10 database=Orders spid=61
21.011 client FIN
21.012 server FIN
21.013 client ACK

# A large ticket from before the capture, LOGIN7 in two packets
client 10.10.10.120:50003 mac=00:15:5d:0a:0a:78 isn=3000000 syn_win=64240 win=8212
server 10.10.10.10:1433 mac=00:15:5d:0a:0a:0a isn=3500000 syn_win=65535 win=8212
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
include diag-tls.part at 41
41.009 client ENCRYPTED_LOGIN7 host=APP120 app=Orders server=sql.contoso.com library=pytds database=Orders token=offer_kerberos mechanisms=kerberos spn=MSSQLSvc/sql.contoso.com:1433 realm=CONTOSO.COM ticket=5200
41.010 client CONTINUE
41.011 server LOGINACK server=SQL10 database=Orders spid=61
41.012 client FIN
41.013 server FIN
41.014 client ACK

# The large ticket is fetched right before: the part of LOGIN7 that is in clear counts
client 10.10.10.120:50004 mac=00:15:5d:0a:0a:78 isn=4000000 syn_win=64240 win=8212
server 10.10.10.10:1433 mac=00:15:5d:0a:0a:0a isn=4500000 syn_win=65535 win=8212
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
kdc    10.10.10.5:88 mac=00:15:5d:0a:0a:05
include diag-tls.part at 61
61.0082 client TGS_REQ to=kdc spn=MSSQLSvc/sql.contoso.com:1433 realm=CONTOSO.COM
61.0085 kdc TGS_REP spn=MSSQLSvc/sql.contoso.com:1433 realm=CONTOSO.COM ticket=5200
61.009 client ENCRYPTED_LOGIN7 host=APP120 app=Orders server=sql.contoso.com library=pytds database=Orders token=offer_kerberos mechanisms=kerberos spn=MSSQLSvc/sql.contoso.com:1433 realm=CONTOSO.COM ticket=5200
61.010 client CONTINUE
61.011 server LOGINACK server=SQL10 database=Orders spid=61
61.012 client FIN
61.013 server FIN
61.014 client ACK

# A password with long names, while another process fetches a ticket that is longer than this LOGIN7
client 10.10.10.120:50005 mac=00:15:5d:0a:0a:78 isn=5000000 syn_win=64240 win=8212
server 10.10.10.10:1433 mac=00:15:5d:0a:0a:0a isn=5500000 syn_win=65535 win=8212
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
kdc    10.10.10.5:88 mac=00:15:5d:0a:0a:05
include diag-tls.part at 81
81.0082 client TGS_REQ to=kdc spn=MSSQLSvc/sql.contoso.com:1433 realm=CONTOSO.COM
81.0085 kdc TGS_REP spn=MSSQLSvc/sql.contoso.com:1433 realm=CONTOSO.COM ticket=1000
81.009 client ENCRYPTED_LOGIN7 host=APP120 user=orders_application_reader password=a-rather-long-password-of-the-orders-application app="Order entry of the regional warehouse, nightly reconciliation of all open positions" server=sql.contoso.com library="An access library with a long name" database=Orders_of_the_regional_warehouse
81.010 server LOGINACK server=SQL10 database=Orders spid=61
81.011 client FIN
81.012 server FIN
81.013 client ACK

# Full TLS from here on: SQL, a long LOGIN7, and another process fetches a ticket while TLS still goes on
client 10.10.10.120:50006 mac=00:15:5d:0a:0a:78 isn=6000000 syn_win=64240 win=8212
server 10.10.10.10:1433 mac=00:15:5d:0a:0a:0a isn=6500000 syn_win=65535 win=8212
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
kdc    10.10.10.5:88 mac=00:15:5d:0a:0a:05
101.000 client SYN
101.001 server SYN
101.002 client ACK
101.003 client PRELOGIN encrypt=on
101.004 server PRELOGIN encrypt=on
101.005 client CLIENT_HELLO
101.0055 client TGS_REQ to=kdc spn=MSSQLSvc/sql.contoso.com:1433 realm=CONTOSO.COM
101.006 server SERVER_HELLO
101.007 client CLIENT_KEY_EXCHANGE
101.0075 kdc TGS_REP spn=MSSQLSvc/sql.contoso.com:1433 realm=CONTOSO.COM ticket=400
101.008 server CHANGE_CIPHER_SPEC
101.009 client SEALED size=1400
101.010 server SEALED size=420
101.011 client SEALED size=90
101.012 server SEALED size=140
101.013 client FIN
101.014 server FIN
101.015 client ACK

# The same; the ticket is asked for before the server ends TLS, and comes behind that
client 10.10.10.120:50007 mac=00:15:5d:0a:0a:78 isn=7000000 syn_win=64240 win=8212
server 10.10.10.10:1433 mac=00:15:5d:0a:0a:0a isn=7500000 syn_win=65535 win=8212
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
kdc    10.10.10.5:88 mac=00:15:5d:0a:0a:05
121.000 client SYN
121.001 server SYN
121.002 client ACK
121.003 client PRELOGIN encrypt=on
121.004 server PRELOGIN encrypt=on
121.005 client CLIENT_HELLO
121.006 server SERVER_HELLO
121.007 client CLIENT_KEY_EXCHANGE
121.0075 client TGS_REQ to=kdc spn=MSSQLSvc/sql.contoso.com:1433 realm=CONTOSO.COM
121.008 server CHANGE_CIPHER_SPEC
121.0085 kdc TGS_REP spn=MSSQLSvc/sql.contoso.com:1433 realm=CONTOSO.COM ticket=400
121.009 client SEALED size=1400
121.010 server SEALED size=420
121.011 client SEALED size=90
121.012 server SEALED size=140
121.013 client FIN
121.014 server FIN
121.015 client ACK

# Kerberos that asks for no answer
client 10.10.10.120:50008 mac=00:15:5d:0a:0a:78 isn=8000000 syn_win=64240 win=8212
server 10.10.10.10:1433 mac=00:15:5d:0a:0a:0a isn=8500000 syn_win=65535 win=8212
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
kdc    10.10.10.5:88 mac=00:15:5d:0a:0a:05
141.000 client SYN
141.001 server SYN
141.002 client ACK
141.003 client PRELOGIN encrypt=on
141.004 server PRELOGIN encrypt=on
141.005 client CLIENT_HELLO
141.006 server SERVER_HELLO
141.007 client CLIENT_KEY_EXCHANGE
141.008 server CHANGE_CIPHER_SPEC
141.0082 client TGS_REQ to=kdc spn=MSSQLSvc/sql.contoso.com:1433 realm=CONTOSO.COM
141.0085 kdc TGS_REP spn=MSSQLSvc/sql.contoso.com:1433 realm=CONTOSO.COM ticket=1000
141.009 client SEALED size=1600
141.010 server SEALED size=420
141.011 client SEALED size=90
141.012 server SEALED size=140
141.013 client FIN
141.014 server FIN
141.015 client ACK

# The client shows its ticket, the server chooses NTLM
client 10.10.10.120:50009 mac=00:15:5d:0a:0a:78 isn=9000000 syn_win=64240 win=8212
server 10.10.10.10:1433 mac=00:15:5d:0a:0a:0a isn=9500000 syn_win=65535 win=8212
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
kdc    10.10.10.5:88 mac=00:15:5d:0a:0a:05
161.000 client SYN
161.001 server SYN
161.002 client ACK
161.003 client PRELOGIN encrypt=on
161.004 server PRELOGIN encrypt=on
161.005 client CLIENT_HELLO
161.006 server SERVER_HELLO
161.007 client CLIENT_KEY_EXCHANGE
161.008 server CHANGE_CIPHER_SPEC
161.0082 client TGS_REQ to=kdc spn=MSSQLSvc/sql.contoso.com:1433 realm=CONTOSO.COM
161.0085 kdc TGS_REP spn=MSSQLSvc/sql.contoso.com:1433 realm=CONTOSO.COM ticket=1000
161.009 client SEALED size=1600
161.010 server SEALED size=36
161.011 client SEALED size=98
161.012 server SEALED size=290
161.013 client SEALED size=560
161.014 server SEALED size=420
161.015 client FIN
161.016 server FIN
161.017 client ACK
