# Ports that are used again at once, by a client that opens a connection for each command: first 22 connections, each
# closed before the next; then the port of the last again, 3 s after the client closed it; then again after a reset, where
# it was free at once.

start  2025-03-03 09:00:00

client 10.10.10.10:50001 mac=00:15:5d:0a:0a:0a isn=1000000
server 10.10.10.20:1433 mac=00:15:5d:0a:0a:14 isn=1500000
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
include diag-login.part at 1
1.500 client FIN
1.501 server FIN
1.502 client ACK

client 10.10.10.10:50002 mac=00:15:5d:0a:0a:0a isn=2000000
server 10.10.10.20:1433 mac=00:15:5d:0a:0a:14 isn=2500000
include diag-login.part at 3
3.500 client FIN
3.501 server FIN
3.502 client ACK

client 10.10.10.10:50003 mac=00:15:5d:0a:0a:0a isn=3000000
server 10.10.10.20:1433 mac=00:15:5d:0a:0a:14 isn=3500000
include diag-login.part at 5
5.500 client FIN
5.501 server FIN
5.502 client ACK

client 10.10.10.10:50004 mac=00:15:5d:0a:0a:0a isn=4000000
server 10.10.10.20:1433 mac=00:15:5d:0a:0a:14 isn=4500000
include diag-login.part at 7
7.500 client FIN
7.501 server FIN
7.502 client ACK

client 10.10.10.10:50005 mac=00:15:5d:0a:0a:0a isn=5000000
server 10.10.10.20:1433 mac=00:15:5d:0a:0a:14 isn=5500000
include diag-login.part at 9
9.500 client FIN
9.501 server FIN
9.502 client ACK

client 10.10.10.10:50006 mac=00:15:5d:0a:0a:0a isn=6000000
server 10.10.10.20:1433 mac=00:15:5d:0a:0a:14 isn=6500000
include diag-login.part at 11
11.500 client FIN
11.501 server FIN
11.502 client ACK

client 10.10.10.10:50007 mac=00:15:5d:0a:0a:0a isn=7000000
server 10.10.10.20:1433 mac=00:15:5d:0a:0a:14 isn=7500000
include diag-login.part at 13
13.500 client FIN
13.501 server FIN
13.502 client ACK

client 10.10.10.10:50008 mac=00:15:5d:0a:0a:0a isn=8000000
server 10.10.10.20:1433 mac=00:15:5d:0a:0a:14 isn=8500000
include diag-login.part at 15
15.500 client FIN
15.501 server FIN
15.502 client ACK

client 10.10.10.10:50009 mac=00:15:5d:0a:0a:0a isn=9000000
server 10.10.10.20:1433 mac=00:15:5d:0a:0a:14 isn=9500000
include diag-login.part at 17
17.500 client FIN
17.501 server FIN
17.502 client ACK

client 10.10.10.10:50010 mac=00:15:5d:0a:0a:0a isn=10000000
server 10.10.10.20:1433 mac=00:15:5d:0a:0a:14 isn=10500000
include diag-login.part at 19
19.500 client FIN
19.501 server FIN
19.502 client ACK

client 10.10.10.10:50011 mac=00:15:5d:0a:0a:0a isn=11000000
server 10.10.10.20:1433 mac=00:15:5d:0a:0a:14 isn=11500000
include diag-login.part at 21
21.500 client FIN
21.501 server FIN
21.502 client ACK

client 10.10.10.10:50012 mac=00:15:5d:0a:0a:0a isn=12000000
server 10.10.10.20:1433 mac=00:15:5d:0a:0a:14 isn=12500000
include diag-login.part at 23
23.500 client FIN
23.501 server FIN
23.502 client ACK

client 10.10.10.10:50013 mac=00:15:5d:0a:0a:0a isn=13000000
server 10.10.10.20:1433 mac=00:15:5d:0a:0a:14 isn=13500000
include diag-login.part at 25
25.500 client FIN
25.501 server FIN
25.502 client ACK

client 10.10.10.10:50014 mac=00:15:5d:0a:0a:0a isn=14000000
server 10.10.10.20:1433 mac=00:15:5d:0a:0a:14 isn=14500000
include diag-login.part at 27
27.500 client FIN
27.501 server FIN
27.502 client ACK

client 10.10.10.10:50015 mac=00:15:5d:0a:0a:0a isn=15000000
server 10.10.10.20:1433 mac=00:15:5d:0a:0a:14 isn=15500000
include diag-login.part at 29
29.500 client FIN
29.501 server FIN
29.502 client ACK

client 10.10.10.10:50016 mac=00:15:5d:0a:0a:0a isn=16000000
server 10.10.10.20:1433 mac=00:15:5d:0a:0a:14 isn=16500000
include diag-login.part at 31
31.500 client FIN
31.501 server FIN
31.502 client ACK

client 10.10.10.10:50017 mac=00:15:5d:0a:0a:0a isn=17000000
server 10.10.10.20:1433 mac=00:15:5d:0a:0a:14 isn=17500000
include diag-login.part at 33
33.500 client FIN
33.501 server FIN
33.502 client ACK

client 10.10.10.10:50018 mac=00:15:5d:0a:0a:0a isn=18000000
server 10.10.10.20:1433 mac=00:15:5d:0a:0a:14 isn=18500000
include diag-login.part at 35
35.500 client FIN
35.501 server FIN
35.502 client ACK

client 10.10.10.10:50019 mac=00:15:5d:0a:0a:0a isn=19000000
server 10.10.10.20:1433 mac=00:15:5d:0a:0a:14 isn=19500000
include diag-login.part at 37
37.500 client FIN
37.501 server FIN
37.502 client ACK

client 10.10.10.10:50020 mac=00:15:5d:0a:0a:0a isn=20000000
server 10.10.10.20:1433 mac=00:15:5d:0a:0a:14 isn=20500000
include diag-login.part at 39
39.500 client FIN
39.501 server FIN
39.502 client ACK

client 10.10.10.10:50021 mac=00:15:5d:0a:0a:0a isn=21000000
server 10.10.10.20:1433 mac=00:15:5d:0a:0a:14 isn=21500000
include diag-login.part at 41
41.500 client FIN
41.501 server FIN
41.502 client ACK

client 10.10.10.10:50022 mac=00:15:5d:0a:0a:0a isn=22000000
server 10.10.10.20:1433 mac=00:15:5d:0a:0a:14 isn=22500000
include diag-login.part at 43
43.500 client FIN
43.501 server FIN
43.502 client ACK

# The port of the last again, 2.498 s after its end
client 10.10.10.10:50022 mac=00:15:5d:0a:0a:0a isn=30250000
server 10.10.10.20:1433 mac=00:15:5d:0a:0a:14 isn=30750000
include diag-login.part at 46
46.500 client RST

# Free at once: the one before was reset
client 10.10.10.10:50022 mac=00:15:5d:0a:0a:0a isn=40250000
server 10.10.10.20:1433 mac=00:15:5d:0a:0a:14 isn=40750000
include diag-login.part at 48
48.500 client FIN
48.501 server FIN
48.502 client ACK

# After 99.5 s no system keeps it any more
client 10.10.10.10:50022 mac=00:15:5d:0a:0a:0a isn=50250000
server 10.10.10.20:1433 mac=00:15:5d:0a:0a:14 isn=50750000
include diag-login.part at 148
148.500 client FIN
148.501 server FIN
148.502 client ACK
