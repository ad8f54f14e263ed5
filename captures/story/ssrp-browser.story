# SQL Browser is asked for a port and answers, or does not, or late, or with what MC-SQLR does not have.

start  2025-03-03 09:00:00

# Asked, answered, and the login goes to the port of the answer
client 10.10.10.10:50001 mac=00:15:5d:0a:0a:0a isn=1000000
server 10.10.10.20:51433 mac=00:15:5d:0a:0a:14 isn=1500000
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
browser 10.10.10.20:1434 mac=00:15:5d:0a:0a:14
1.000 client CLNT_UCAST_INST instance=ORDERS to=browser
1.001 browser SVR_RESP server=SQL20 instances=ORDERS:51433
include diag-login.part at 1.010
2.100 client FIN
2.101 server FIN
2.102 client ACK

# No answer; the port is known, so the login needs none
client 10.10.10.10:50002 mac=00:15:5d:0a:0a:0a isn=2000000
server 10.10.10.20:51433 mac=00:15:5d:0a:0a:14 isn=2500000
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
browser 10.10.10.20:1434 mac=00:15:5d:0a:0a:14
4.000 client CLNT_UCAST_INST instance=STOCKS to=browser
include diag-login.part at 5
6.100 client FIN
6.101 server FIN
6.102 client ACK

# An answer after 0.7 s, and the login goes to another instance than that of the first
client 10.10.10.10:50003 mac=00:15:5d:0a:0a:0a isn=3000000
server 10.10.10.20:51434 mac=00:15:5d:0a:0a:14 isn=3500000
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
browser 10.10.10.20:1434 mac=00:15:5d:0a:0a:14
8.000 client CLNT_UCAST_INST instance=STOCK to=browser
8.700 browser SVR_RESP server=SQL20 instances=STOCK:51434
include diag-login.part at 8.710
9.100 client FIN
9.101 server FIN
9.102 client ACK

# An answer after 1.2 s, when the client waits no more
client 10.10.10.10:50004 mac=00:15:5d:0a:0a:0a isn=4000000
server 10.10.10.20:51433 mac=00:15:5d:0a:0a:14 isn=4500000
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
browser 10.10.10.20:1434 mac=00:15:5d:0a:0a:14
11.000 client CLNT_UCAST_EX to=browser
12.200 browser SVR_RESP server=SQL20 instances=ORDERS:51433,STOCK:51434

# RESP_SIZE is larger than the data
client 10.10.10.10:50005 mac=00:15:5d:0a:0a:0a isn=5000000
server 10.10.10.20:51433 mac=00:15:5d:0a:0a:14 isn=5500000
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
browser 10.10.10.20:1434 mac=00:15:5d:0a:0a:14
14.000 client CLNT_UCAST_INST instance=ORDERS to=browser
14.001 browser SVR_RESP server=SQL20 instances=ORDERS:51433 size_off=40

# RESP_SIZE is smaller than the data
client 10.10.10.10:50006 mac=00:15:5d:0a:0a:0a isn=6000000
server 10.10.10.20:51433 mac=00:15:5d:0a:0a:14 isn=6500000
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
browser 10.10.10.20:1434 mac=00:15:5d:0a:0a:14
16.000 client CLNT_UCAST_INST instance=ORDERS to=browser
16.001 browser SVR_RESP server=SQL20 instances=ORDERS:51433 size_off=-2

# An instance name of 33 bytes, to which SQL Browser says nothing
client 10.10.10.10:50007 mac=00:15:5d:0a:0a:0a isn=7000000
server 10.10.10.20:51433 mac=00:15:5d:0a:0a:14 isn=7500000
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
browser 10.10.10.20:1434 mac=00:15:5d:0a:0a:14
18.000 client CLNT_UCAST_INST instance=ORDERS_OF_THE_YEAR_2025_IN_EUROPE to=browser

# An instance name without its NUL
client 10.10.10.10:50008 mac=00:15:5d:0a:0a:0a isn=8000000
server 10.10.10.20:51433 mac=00:15:5d:0a:0a:14 isn=8500000
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
browser 10.10.10.20:1434 mac=00:15:5d:0a:0a:14
20.000 client CLNT_UCAST_INST instance=ORDERS end="" to=browser
20.001 browser SVR_RESP server=SQL20 instances=ORDERS:51433

# A protocol version that CLNT_UCAST_DAC does not have
client 10.10.10.10:50009 mac=00:15:5d:0a:0a:0a isn=9000000
server 10.10.10.20:51433 mac=00:15:5d:0a:0a:14 isn=9500000
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
browser 10.10.10.20:1434 mac=00:15:5d:0a:0a:14
22.000 client CLNT_UCAST_DAC instance=ORDERS version=2 to=browser
22.001 browser SVR_RESP_DAC port=51440

# Nobody listens on UDP 1434: ICMP quotes the request, of an old host only its headers
client 10.10.10.10:50010 mac=00:15:5d:0a:0a:0a isn=10000000
server 10.10.10.22:51433 mac=00:15:5d:0a:0a:16 isn=10500000
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
browser 10.10.10.22:1434 mac=00:15:5d:0a:0a:16
24.000 client CLNT_UCAST_INST instance=ORDERS to=browser
24.001 browser PORT_UNREACHABLE
25.000 client CLNT_UCAST_INST instance=ORDERS to=browser
25.001 browser PORT_UNREACHABLE bytes=0

# An answer whose last instance has no end
client 10.10.10.10:50011 mac=00:15:5d:0a:0a:0a isn=11000000
server 10.10.10.20:51433 mac=00:15:5d:0a:0a:14 isn=11500000
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
browser 10.10.10.20:1434 mac=00:15:5d:0a:0a:14
26.000 client CLNT_UCAST_EX to=browser
26.001 browser SVR_RESP server=SQL20 instances=ORDERS:51433,STOCK:51434 end=";"
