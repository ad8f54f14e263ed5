# Resets: by whom, when, and from where.

start  2025-03-03 09:00:00

# Of the server, in a login
client 10.10.10.10:50001 mac=00:15:5d:0a:0a:0a isn=1000000
server 10.10.10.20:1433 mac=00:15:5d:0a:0a:14 isn=1500000
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
include diag-tls.part at 1
1.009 client ENCRYPTED_LOGIN7 host=APP10 user=orders app="Order entry" server=sql.contoso.com library=ODBC database=Orders
1.020 server RST

# Of the client, in a login
client 10.10.10.10:50002 mac=00:15:5d:0a:0a:0a isn=2000000
server 10.10.10.20:1433 mac=00:15:5d:0a:0a:14 isn=2500000
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
include diag-tls.part at 2
2.009 client ENCRYPTED_LOGIN7 host=APP10 user=orders app="Order entry" server=sql.contoso.com library=ODBC database=Orders
2.020 server ACK
2.500 client RST

# Of the server, on a request
client 10.10.10.10:50003 mac=00:15:5d:0a:0a:0a isn=3000000
server 10.10.10.20:1433 mac=00:15:5d:0a:0a:14 isn=3500000
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
include diag-login.part at 3
3.100 client BATCH text="SELECT 1"
3.200 server RST

# Of the client, idle
client 10.10.10.10:50004 mac=00:15:5d:0a:0a:0a isn=4000000
server 10.10.10.20:1433 mac=00:15:5d:0a:0a:14 isn=4500000
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
include diag-login.part at 4
4.100 client BATCH text="SELECT 1"
4.101 server RESULT column=n rows=1 spid=55
4.500 client RST

# In the server's name by a device: another TTL
client 10.10.10.10:50005 mac=00:15:5d:0a:0a:0a isn=5000000
server 10.10.10.20:1433 mac=00:15:5d:0a:0a:14 isn=5500000
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
include diag-login.part at 5
5.100 client BATCH text="SELECT 1"
5.101 server RESULT column=n rows=1 spid=55
5.500 server RST ttl=64

# A TTL that is one less, as a route that changes makes it
client 10.10.10.10:50006 mac=00:15:5d:0a:0a:0a isn=6000000
server 10.10.10.20:1433 mac=00:15:5d:0a:0a:14 isn=6500000
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
include diag-login.part at 6
6.100 client BATCH text="SELECT 1"
6.101 server RESULT column=n rows=1 spid=55
6.500 server RST ttl=127

# In answer to the first request after 70 s
client 10.10.10.10:50007 mac=00:15:5d:0a:0a:0a isn=7000000
server 10.10.10.20:1433 mac=00:15:5d:0a:0a:14 isn=7500000
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
include diag-login.part at 10
80.100 client BATCH text="SELECT 1"
80.101 server RST flags=R

# In answer to a request after 30 s
client 10.10.10.10:50008 mac=00:15:5d:0a:0a:0a isn=8000000
server 10.10.10.20:1433 mac=00:15:5d:0a:0a:14 isn=8500000
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
include diag-login.part at 100
130.100 client BATCH text="SELECT 1"
130.101 server RST flags=R

# After the client's FIN
client 10.10.10.10:50009 mac=00:15:5d:0a:0a:0a isn=9000000
server 10.10.10.20:1433 mac=00:15:5d:0a:0a:14 isn=9500000
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
include diag-login.part at 140
140.100 client BATCH text="SELECT 1"
140.101 client FIN
140.102 server RESULT column=n rows=1 spid=55
140.103 client RST flags=R
