# Captures at the wrong place: only the client's frames, only the server's, then both.

start  2025-03-03 09:00:00

# The client's
client 10.10.10.10:50001 mac=00:15:5d:0a:0a:0a isn=1000000
server 10.10.10.20:1433 mac=00:15:5d:0a:0a:14 isn=1500000
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
0.000 client SYN
0.001 server SYN missing
0.002 client ACK
0.003 client PRELOGIN encrypt=off
0.004 server PRELOGIN encrypt=off missing
0.005 client CLIENT_HELLO
0.006 server SERVER_HELLO missing
0.007 client CLIENT_KEY_EXCHANGE
0.008 server CHANGE_CIPHER_SPEC missing
0.009 client ENCRYPTED_LOGIN7 host=APP10 user=orders app="Order entry" server=sql.contoso.com library=ODBC database=Orders
0.012 server LOGINACK server=SQL20 database=Orders spid=55 missing
0.100 client BATCH text="SELECT 1"
0.101 server RESULT column=n rows=1 spid=55 missing
1.100 client FIN
1.101 server FIN missing
1.102 client ACK

# The server's
client 10.10.10.10:50002 mac=00:15:5d:0a:0a:0a isn=2000000
server 10.10.10.20:1433 mac=00:15:5d:0a:0a:14 isn=2500000
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
10.0 client SYN missing
10.001 server SYN
10.002 client ACK missing
10.003 client PRELOGIN encrypt=off missing
10.004 server PRELOGIN encrypt=off
10.005 client CLIENT_HELLO missing
10.006 server SERVER_HELLO
10.007 client CLIENT_KEY_EXCHANGE missing
10.008 server CHANGE_CIPHER_SPEC
10.009 client ENCRYPTED_LOGIN7 host=APP10 user=orders app="Order entry" server=sql.contoso.com library=ODBC database=Orders missing
10.012 server LOGINACK server=SQL20 database=Orders spid=55
10.100 client BATCH text="SELECT 1" missing
10.101 server RESULT column=n rows=1 spid=55
11.100 client FIN missing
11.101 server FIN
11.102 client ACK missing

# Both
client 10.10.10.10:50003 mac=00:15:5d:0a:0a:0a isn=3000000
server 10.10.10.20:1433 mac=00:15:5d:0a:0a:14 isn=3500000
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
include diag-login.part at 20
21.100 client FIN
21.101 server FIN
21.102 client ACK
