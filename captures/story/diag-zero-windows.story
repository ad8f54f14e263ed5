# Closed windows by role: the server's for 3 s, the client's for 3 s, the client's for half a second.

start  2025-03-03 09:00:00

# The server does not read the rest of a long batch
client 10.10.10.10:50001 mac=00:15:5d:0a:0a:0a isn=1000000
server 10.10.10.20:1433 mac=00:15:5d:0a:0a:14 isn=1500000
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
include diag-login.part at 0
1.000 client BATCH text="INSERT Orders VALUES (1), (2), (3), (4), (5), (6), (7), (8), (9), (10), (11), (12)" send=60
1.001 server ACK win=0
1.300 client KEEP_ALIVE
1.301 server ACK win=0
4.001 server ACK
4.002 client REST
4.003 server RESULT column=n rows=12 spid=55
5.100 client FIN
5.101 server FIN
5.102 client ACK

# The client does not read its result
client 10.10.10.10:50002 mac=00:15:5d:0a:0a:0a isn=2000000
server 10.10.10.20:1433 mac=00:15:5d:0a:0a:14 isn=2500000
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
include diag-login.part at 10
11.000 client BATCH text="SELECT n FROM Numbers"
11.001 server RESULT column=n rows=1234567890*100 spid=55 send=1000
11.002 client ACK win=0
11.300 server KEEP_ALIVE
11.301 client ACK win=0
14.002 client ACK
14.003 server REST
15.100 client FIN
15.101 server FIN
15.102 client ACK

# A moment of it
client 10.10.10.10:50003 mac=00:15:5d:0a:0a:0a isn=3000000
server 10.10.10.20:1433 mac=00:15:5d:0a:0a:14 isn=3500000
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
include diag-login.part at 20
21.000 client BATCH text="SELECT n FROM Numbers"
21.001 server RESULT column=n rows=1234567890*100 spid=55 send=1000
21.002 client ACK win=0
21.502 client ACK
21.503 server REST
22.100 client FIN
22.101 server FIN
22.102 client ACK

# The client does not read its result, and the server gives up: a window that never opens again
client 10.10.10.10:50004 mac=00:15:5d:0a:0a:0a isn=4000000
server 10.10.10.20:1433 mac=00:15:5d:0a:0a:14 isn=4500000
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
include diag-login.part at 30
31.000 client BATCH text="SELECT n FROM Numbers"
31.001 server RESULT column=n rows=1234567890*100 spid=55 send=1000
31.002 client ACK win=0
34.502 server RST

# The same for a moment
client 10.10.10.10:50005 mac=00:15:5d:0a:0a:0a isn=5000000
server 10.10.10.20:1433 mac=00:15:5d:0a:0a:14 isn=5500000
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
include diag-login.part at 40
41.000 client BATCH text="SELECT n FROM Numbers"
41.001 server RESULT column=n rows=1234567890*100 spid=55 send=1000
41.002 client ACK win=0
41.502 server RST
