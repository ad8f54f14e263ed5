# The client looks for the server's name before it connects, and waits for it: the first resolver does not answer.
# Without its domain the name does not exist. Then the server sends the client to a host whose name nobody knows.

start  2025-03-03 09:00:00

# The second resolver answers
client 10.10.10.10:50001 mac=00:15:5d:0a:0a:0a isn=1000000
server 10.10.10.20:1433 mac=00:15:5d:0a:0a:14 isn=1500000
silent 10.10.10.4:53 mac=00:15:5d:0a:0a:04
dns    10.10.10.5:53 mac=00:15:5d:0a:0a:05
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
1.000 client DNS_QUESTION to=silent name=sql.example.com id=1
2.000 client DNS_QUESTION to=dns name=sql.example.com id=1
2.004 dns DNS_ANSWER name=sql.example.com id=1 code=NXDOMAIN
2.005 client DNS_QUESTION to=silent name=sql.contoso.com id=2
3.005 client DNS_QUESTION to=dns name=sql.contoso.com id=2
3.010 dns DNS_ANSWER name=sql.contoso.com id=2 address=10.10.10.20
include diag-login.part at 3.012
4.100 client FIN
4.101 server FIN
4.102 client ACK

# Nobody answers for IPv6 addresses
client 10.10.10.10:50002 mac=00:15:5d:0a:0a:0a isn=2000000
server 10.10.10.21:1433 mac=00:15:5d:0a:0a:15 isn=2500000
dns    10.10.10.5:53 mac=00:15:5d:0a:0a:05
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
10.000 client DNS_QUESTION to=dns name=sql2.contoso.com id=3
10.001 client DNS_QUESTION to=dns name=sql2.contoso.com type=AAAA id=4
10.004 dns DNS_ANSWER name=sql2.contoso.com id=3 address=10.10.10.21
include diag-login.part at 15.002
16.100 client FIN
16.101 server FIN
16.102 client ACK

# The server sends the client to a name without an address
client 10.10.10.10:50003 mac=00:15:5d:0a:0a:0a isn=3000000
server 10.10.10.30:1433 mac=00:15:5d:0a:0a:1e isn=3500000
dns    10.10.10.5:53 mac=00:15:5d:0a:0a:05
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
include diag-tls.part at 20
20.009 client ENCRYPTED_LOGIN7 host=APP10 user=orders app="Order entry" server=listener.contoso.com library=ODBC database=Orders
20.010 server LOGINACK server=LISTENER database=Orders spid=61 routing=replica.contoso.com:1450
20.100 client FIN
20.101 server FIN
20.102 client ACK
20.110 client DNS_QUESTION to=dns name=replica.contoso.com id=5
20.150 dns DNS_ANSWER name=replica.contoso.com id=5 code=NXDOMAIN

# The capture goes on, and an answer is not slow
client 10.10.10.10:50004 mac=00:15:5d:0a:0a:0a isn=4000000
server 10.10.10.20:1433 mac=00:15:5d:0a:0a:14 isn=4500000
dns    10.10.10.5:53 mac=00:15:5d:0a:0a:05
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
30.000 client DNS_QUESTION to=dns name=sql.contoso.com id=6
30.004 dns DNS_ANSWER name=sql.contoso.com id=6 address=10.10.10.20
include diag-login.part at 30.010
31.100 client FIN
31.101 server FIN
31.102 client ACK
