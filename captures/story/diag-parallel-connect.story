# MultiSubnetFailover: the client tries the addresses of a listener at once and keeps the first that answers.

start  2025-03-03 09:00:00

# The one that wins
client 10.10.10.10:50001 mac=00:15:5d:0a:0a:0a isn=1000000
server 10.10.10.41:1433 mac=00:15:5d:0a:0a:29 isn=1500000
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
include diag-login.part at 0
1.100 client FIN
1.101 server FIN
1.102 client ACK

# Answers, too late
client 10.10.10.10:50002 mac=00:15:5d:0a:0a:0a isn=2000000
server 10.10.10.42:1433 mac=00:15:5d:0a:0a:2a isn=2500000
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
0.0005 client SYN
0.0110 server SYN
0.0111 client ACK
0.0112 client FIN
0.0120 server FIN
0.0121 client ACK

# Does not answer in time
client 10.10.10.10:50003 mac=00:15:5d:0a:0a:0a isn=3000000
server 10.10.10.43:1433 mac=00:15:5d:0a:0a:2b isn=3500000
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
0.0007 client SYN
1.0007 client AGAIN
