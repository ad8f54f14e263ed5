# Slow logins, a step of 2.5 s in each; then one slow in all and in no step, and one that is just not slow.

start  2025-03-03 09:00:00

# The SYN-ACK is late
client 10.10.10.10:50001 mac=00:15:5d:0a:0a:0a isn=1000000
server 10.10.10.20:1433 mac=00:15:5d:0a:0a:14 isn=1500000
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
1.000 client SYN
3.500 server SYN
3.501 client ACK
3.502 client PRELOGIN encrypt=off
3.503 server PRELOGIN encrypt=off
3.504 client CLIENT_HELLO
3.505 server SERVER_HELLO
3.506 client CLIENT_KEY_EXCHANGE
3.507 server CHANGE_CIPHER_SPEC
3.508 client ENCRYPTED_LOGIN7 host=APP10 user=orders app="Order entry" server=sql.contoso.com library=ODBC database=Orders
3.509 server LOGINACK server=SQL20 database=Orders spid=51
4.100 client FIN
4.101 server FIN
4.102 client ACK

# The answer to PRELOGIN is late: the server is too busy to accept
client 10.10.10.10:50002 mac=00:15:5d:0a:0a:0a isn=2000000
server 10.10.10.20:1433 mac=00:15:5d:0a:0a:14 isn=2500000
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
11.000 client SYN
11.001 server SYN
11.002 client ACK
11.003 client PRELOGIN encrypt=off
13.503 server PRELOGIN encrypt=off
13.504 client CLIENT_HELLO
13.505 server SERVER_HELLO
13.506 client CLIENT_KEY_EXCHANGE
13.507 server CHANGE_CIPHER_SPEC
13.508 client ENCRYPTED_LOGIN7 host=APP10 user=orders app="Order entry" server=sql.contoso.com library=ODBC database=Orders
13.509 server LOGINACK server=SQL20 database=Orders spid=52
14.100 client FIN
14.101 server FIN
14.102 client ACK

# The client takes its time over the certificate
client 10.10.10.10:50003 mac=00:15:5d:0a:0a:0a isn=3000000
server 10.10.10.20:1433 mac=00:15:5d:0a:0a:14 isn=3500000
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
21.000 client SYN
21.001 server SYN
21.002 client ACK
21.003 client PRELOGIN encrypt=off
21.004 server PRELOGIN encrypt=off
21.005 client CLIENT_HELLO
21.006 server SERVER_HELLO
23.506 client CLIENT_KEY_EXCHANGE
23.507 server CHANGE_CIPHER_SPEC
23.508 client ENCRYPTED_LOGIN7 host=APP10 user=orders app="Order entry" server=sql.contoso.com library=ODBC database=Orders
23.509 server LOGINACK server=SQL20 database=Orders spid=53
24.100 client FIN
24.101 server FIN
24.102 client ACK

# The answer to a login with a password is late
client 10.10.10.10:50004 mac=00:15:5d:0a:0a:0a isn=4000000
server 10.10.10.20:1433 mac=00:15:5d:0a:0a:14 isn=4500000
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
include diag-tls.part at 31
31.009 client ENCRYPTED_LOGIN7 host=APP10 user=orders app="Order entry" server=sql.contoso.com library=ODBC database=Orders
33.509 server LOGINACK server=SQL20 database=Orders spid=54
34.100 client FIN
34.101 server FIN
34.102 client ACK

# The confirmation of NTLM is late: the domain controller
client 10.10.10.10:50005 mac=00:15:5d:0a:0a:0a isn=5000000
server 10.10.10.20:1433 mac=00:15:5d:0a:0a:14 isn=5500000
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
include diag-ntlm.part at 41
43.511 server LOGINACK server=SQL20 database=Orders spid=55
44.100 client FIN
44.101 server FIN
44.102 client ACK

# The answer to a ticket is late: the domain controller, too
client 10.10.10.10:50006 mac=00:15:5d:0a:0a:0a isn=6000000
server 10.10.10.20:1433 mac=00:15:5d:0a:0a:14 isn=6500000
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
include diag-tls.part at 51
51.009 client ENCRYPTED_LOGIN7 host=APP10 app="Order entry" server=sql.contoso.com library=ODBC database=Orders token=offer_kerberos spn=MSSQLSvc/sql.contoso.com:1433 realm=CONTOSO.COM
53.509 server KERBEROS_AP_REP
53.510 server LOGINACK server=SQL20 database=Orders spid=56
54.100 client FIN
54.101 server FIN
54.102 client ACK

# A domain controller after other slow steps: not to be blamed alone
client 10.10.10.10:50007 mac=00:15:5d:0a:0a:0a isn=7000000
server 10.10.10.20:1433 mac=00:15:5d:0a:0a:14 isn=7500000
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
61.000 client SYN
61.001 server SYN
61.002 client ACK
61.003 client PRELOGIN encrypt=off
63.503 server PRELOGIN encrypt=off
63.504 client CLIENT_HELLO
63.505 server SERVER_HELLO
63.506 client CLIENT_KEY_EXCHANGE
63.507 server CHANGE_CIPHER_SPEC
63.508 client ENCRYPTED_LOGIN7 host=APP10 app="Order entry" server=sql.contoso.com library=ODBC database=Orders token=ntlm_negotiate
63.509 server NTLM_CHALLENGE domain=CONTOSO computer=SQL20 dns=contoso.com
63.510 client NTLM_AUTHENTICATE domain=CONTOSO user=joe33 workstation=APP10 computer=SQL20 dns=contoso.com spn=MSSQLSvc/sql.contoso.com:1433
65.010 server LOGINACK server=SQL20 database=Orders spid=57
66.100 client FIN
66.101 server FIN
66.102 client ACK

# Four steps of 0.8 s each: no step is slow, the login is
client 10.10.10.10:50008 mac=00:15:5d:0a:0a:0a isn=8000000
server 10.10.10.20:1433 mac=00:15:5d:0a:0a:14 isn=8500000
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
71.000 client SYN
71.800 server SYN
71.801 client ACK
71.802 client PRELOGIN encrypt=off
72.602 server PRELOGIN encrypt=off
72.603 client CLIENT_HELLO
73.402 server SERVER_HELLO
73.403 client CLIENT_KEY_EXCHANGE
73.404 server CHANGE_CIPHER_SPEC
73.405 client ENCRYPTED_LOGIN7 host=APP10 user=orders app="Order entry" server=sql.contoso.com library=ODBC database=Orders
74.205 server LOGINACK server=SQL20 database=Orders spid=58
75.100 client FIN
75.101 server FIN
75.102 client ACK

# The client waits between its steps: no step is slow, the login is
client 10.10.10.10:50009 mac=00:15:5d:0a:0a:0a isn=9000000
server 10.10.10.20:1433 mac=00:15:5d:0a:0a:14 isn=9500000
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
81.000 client SYN
81.001 server SYN
81.002 client ACK
83.502 client PRELOGIN encrypt=off
83.503 server PRELOGIN encrypt=off
83.504 client CLIENT_HELLO
83.505 server SERVER_HELLO
83.506 client CLIENT_KEY_EXCHANGE
83.507 server CHANGE_CIPHER_SPEC
83.508 client ENCRYPTED_LOGIN7 host=APP10 user=orders app="Order entry" server=sql.contoso.com library=ODBC database=Orders
83.509 server LOGINACK server=SQL20 database=Orders spid=59
84.100 client FIN
84.101 server FIN
84.102 client ACK

# 1.9 s in all, 0.95 s in the longest step: not slow
client 10.10.10.10:50010 mac=00:15:5d:0a:0a:0a isn=10000000
server 10.10.10.20:1433 mac=00:15:5d:0a:0a:14 isn=10500000
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
91.000 client SYN
91.001 server SYN
91.002 client ACK
91.003 client PRELOGIN encrypt=off
91.903 server PRELOGIN encrypt=off
91.904 client CLIENT_HELLO
91.905 server SERVER_HELLO
91.906 client CLIENT_KEY_EXCHANGE
91.907 server CHANGE_CIPHER_SPEC
91.908 client ENCRYPTED_LOGIN7 host=APP10 app="Order entry" server=sql.contoso.com library=ODBC database=Orders token=ntlm_negotiate
91.909 server NTLM_CHALLENGE domain=CONTOSO computer=SQL20 dns=contoso.com
91.910 client NTLM_AUTHENTICATE domain=CONTOSO user=joe33 workstation=APP10 computer=SQL20 dns=contoso.com spn=MSSQLSvc/sql.contoso.com:1433
92.860 server LOGINACK server=SQL20 database=Orders spid=60
93.100 client FIN
93.101 server FIN
93.102 client ACK
