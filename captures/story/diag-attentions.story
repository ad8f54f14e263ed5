# Requests that are cancelled: after 30 s, by the application, without an acknowledgement, and after the answer.

start  2025-03-03 09:00:00

# The command timeout of 30 s, acknowledged
client 10.10.10.10:50001 mac=00:15:5d:0a:0a:0a isn=1000000
server 10.10.10.20:1433 mac=00:15:5d:0a:0a:14 isn=1500000
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
include diag-login.part at 1
2.000 client BATCH text="SELECT 1"
2.050 server ACK
32.000 client ATTENTION
32.001 server ATTENTION_ACK spid=55
33.100 client FIN
33.101 server FIN
33.102 client ACK

# The command timeout of 30 s; the server does not answer, and after 5 s the client goes
client 10.10.10.10:50002 mac=00:15:5d:0a:0a:0a isn=2000000
server 10.10.10.20:1433 mac=00:15:5d:0a:0a:14 isn=2500000
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
include diag-login.part at 41
42.000 client BATCH text="SELECT 1"
42.050 server ACK
72.000 client ATTENTION
72.050 server ACK
77.000 client FIN
77.001 server ACK

# By the application
client 10.10.10.10:50003 mac=00:15:5d:0a:0a:0a isn=3000000
server 10.10.10.20:1433 mac=00:15:5d:0a:0a:14 isn=3500000
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
include diag-login.part at 81
82.000 client BATCH text="SELECT 1"
82.050 server ACK
87.000 client ATTENTION
87.001 server ATTENTION_ACK spid=55
88.100 client FIN
88.101 server FIN
88.102 client ACK

# The answer was there already
client 10.10.10.10:50004 mac=00:15:5d:0a:0a:0a isn=4000000
server 10.10.10.20:1433 mac=00:15:5d:0a:0a:14 isn=4500000
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
include diag-login.part at 91
92.000 client BATCH text="SELECT 1"
92.001 server RESULT column=n rows=1 spid=55
92.100 client ATTENTION
92.101 server ATTENTION_ACK spid=55
93.100 client FIN
93.101 server FIN
93.102 client ACK
