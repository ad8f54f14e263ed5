# IP id 0 in every frame: the server's RST on a request has the id of its SYN-ACK and is no copy of it.

start  2025-03-03 09:00:00

# All ids are 0
client 10.10.10.10:50001 mac=00:15:5d:0a:0a:0a isn=1000000 ip_id=0
server 10.10.10.20:1433 mac=00:15:5d:0a:0a:14 isn=1500000 ip_id=0
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
include diag-login.part at 0
0.100 client BATCH text="SELECT 1"
0.200 server RST
