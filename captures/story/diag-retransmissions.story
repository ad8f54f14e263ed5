# Requests that get lost: five copies and a reset, five copies and silence, three copies and an answer.

start  2025-03-03 09:00:00

# Then RST
client 10.10.10.10:50001 mac=00:15:5d:0a:0a:0a isn=1000000
server 10.10.10.20:1433 mac=00:15:5d:0a:0a:14 isn=1500000
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
include diag-login.part at 0
1.000 client BATCH text="SELECT 1"
1.300 client AGAIN
1.900 client AGAIN
3.100 client AGAIN
5.500 client AGAIN
10.300 client AGAIN
19.900 client RST

# Then silence; the server sends
client 10.10.10.10:50002 mac=00:15:5d:0a:0a:0a isn=2000000
server 10.10.10.20:1433 mac=00:15:5d:0a:0a:14 isn=2500000
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
include diag-login.part at 30
31.000 client BATCH text="SELECT 1"
31.001 server RESULT column=n rows=1 spid=55
31.301 server AGAIN
31.901 server AGAIN
33.101 server AGAIN
35.501 server AGAIN
40.301 server AGAIN

# Then an answer
client 10.10.10.10:50003 mac=00:15:5d:0a:0a:0a isn=3000000
server 10.10.10.20:1433 mac=00:15:5d:0a:0a:14 isn=3500000
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
include diag-login.part at 60
61.000 client BATCH text="SELECT 1"
61.300 client AGAIN
61.900 client AGAIN
63.100 client AGAIN
63.101 server RESULT column=n rows=1 spid=55
64.100 client FIN
64.101 server FIN
64.102 client ACK
