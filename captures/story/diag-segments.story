# Healthy connections that a reader of single segments gets wrong.

start  2025-03-03 09:00:00

# LOGINACK in the second segment
client 10.10.10.10:50001 mac=00:15:5d:0a:0a:0a isn=1000000
server 10.10.10.20:1433 mac=00:15:5d:0a:0a:14 isn=1500000
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
include diag-tls.part at 1
1.009 client ENCRYPTED_LOGIN7 host=APP10 user=orders app="Order entry" server=sql.contoso.com library=ODBC database=Orders
1.012 server LOGINACK server=SQL20 database=Orders spid=51 send=100
1.013 server REST
1.020 client BATCH text="SELECT 1"
1.021 server RESULT column=n rows=1 spid=51
2.100 client FIN
2.101 server FIN
2.102 client ACK

# Three packets in one segment
client 10.10.10.10:50002 mac=00:15:5d:0a:0a:0a isn=2000000
server 10.10.10.20:1433 mac=00:15:5d:0a:0a:14 isn=2500000
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
include diag-tls.part at 11
11.009 client ENCRYPTED_LOGIN7 host=APP10 app="Order entry" server=sql.contoso.com library=ODBC database=Orders token=offer_kerberos spn=MSSQLSvc/sql.contoso.com:1433 realm=CONTOSO.COM
11.010 server KERBEROS_AP_REP held
11.012 server LOGINACK server=SQL20 database=Orders spid=52
11.020 client BATCH text="SELECT 1"
11.021 server RESULT column=n rows=1 spid=52 held
11.021 server ATTENTION_ACK spid=52 held
11.022 server RESULT column=n rows=2 spid=52
12.100 client FIN
12.101 server FIN
12.102 client ACK

# A login that is answered without INFO tokens
client 10.10.10.10:50003 mac=00:15:5d:0a:0a:0a isn=3000000
server 10.10.10.20:1433 mac=00:15:5d:0a:0a:14 isn=3500000
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
include diag-tls.part at 21
21.009 client ENCRYPTED_LOGIN7 host=APP10 user=orders app="Order entry" server=sql.contoso.com library=ODBC database=Orders
21.012 server LOGINACK server=SQL20 database=Orders spid=53 informed=no
21.020 client BATCH text="SELECT 1"
21.021 server RESULT column=n rows=1 spid=53
22.100 client FIN
22.101 server FIN
22.102 client ACK

# PRELOGIN with two options on both sides, as JDBC and small servers send it
client 10.10.10.10:50004 mac=00:15:5d:0a:0a:0a isn=4000000
server 10.10.10.20:1433 mac=00:15:5d:0a:0a:14 isn=4500000
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
31.000 client SYN
31.001 server SYN
31.002 client ACK
31.003 client PRELOGIN encrypt=off options=few
31.004 server PRELOGIN encrypt=off options=few
31.005 client CLIENT_HELLO
31.006 server SERVER_HELLO
31.007 client CLIENT_KEY_EXCHANGE
31.008 server CHANGE_CIPHER_SPEC
31.009 client ENCRYPTED_LOGIN7 host=APP10 user=orders app="Order entry" server=sql.contoso.com library=ODBC database=Orders
31.012 server LOGINACK server=SQL20 database=Orders spid=54
31.020 client BATCH text="SELECT 1"
31.021 server RESULT column=n rows=1 spid=54
32.100 client FIN
32.101 server FIN
32.102 client ACK

# IP id 0 in every frame
client 10.10.10.10:50005 mac=00:15:5d:0a:0a:0a isn=5000000 ip_id=0
server 10.10.10.20:1433 mac=00:15:5d:0a:0a:14 isn=5500000 ip_id=0
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
include diag-login.part at 41
41.100 client BATCH text="SELECT 1"
41.101 server RESULT column=n rows=1 spid=55
42.100 client FIN
42.101 server FIN
42.102 client ACK

# LOGIN7 with a packet number of 2
client 10.10.10.10:50006 mac=00:15:5d:0a:0a:0a isn=6000000
server 10.10.10.20:1433 mac=00:15:5d:0a:0a:14 isn=6500000
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
51.000 client SYN
51.001 server SYN
51.002 client ACK
51.003 client PRELOGIN encrypt=not_supported
51.004 server PRELOGIN encrypt=not_supported
51.009 client LOGIN7 packet=2 host=APP10 app="Order entry" server=sql.contoso.com library=ODBC database=Orders token=ntlm_negotiate
51.010 server NTLM_CHALLENGE domain=CONTOSO computer=SQL20 dns=contoso.com
51.011 client NTLM_AUTHENTICATE domain=CONTOSO user=joe33 workstation=APP10 computer=SQL20 dns=contoso.com spn=MSSQLSvc/sql.contoso.com:1433
51.012 server LOGINACK server=SQL20 database=Orders spid=56
52.100 client FIN
52.101 server FIN
52.102 client ACK
