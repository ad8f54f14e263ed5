# SQL Browser is asked and answers as it should: what is nearly late, nearly malformed and nearly unanswered.

start  2025-03-03 09:00:00

# An answer after half a second, with all instances
client 10.10.10.10:50001 mac=00:15:5d:0a:0a:0a isn=1000000
server 10.10.10.20:51433 mac=00:15:5d:0a:0a:14 isn=1500000
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
browser 10.10.10.20:1434 mac=00:15:5d:0a:0a:14
1.000 client CLNT_UCAST_EX to=browser
1.500 browser SVR_RESP server=SQL20 instances=ORDERS:51433,LOCAL,STOCK:51434
include diag-login.part at 1.510
2.100 client FIN
2.101 server FIN
2.102 client ACK

# The dedicated administrator connection
client 10.10.10.10:50002 mac=00:15:5d:0a:0a:0a isn=2000000
server 10.10.10.20:51440 mac=00:15:5d:0a:0a:14 isn=2500000
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
browser 10.10.10.20:1434 mac=00:15:5d:0a:0a:14
4.000 client CLNT_UCAST_DAC instance=ORDERS to=browser
4.001 browser SVR_RESP_DAC port=51440
include diag-login.part at 4.010
5.100 client FIN
5.101 server FIN
5.102 client ACK

# An instance name of 32 bytes, and no port: SQL Browser knows a named pipe only
client 10.10.10.10:50003 mac=00:15:5d:0a:0a:0a isn=3000000
server 10.10.10.20:51433 mac=00:15:5d:0a:0a:14 isn=3500000
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
browser 10.10.10.20:1434 mac=00:15:5d:0a:0a:14
7.000 client CLNT_UCAST_INST instance=ORDERS_OF_THE_YEAR_2025_IN_EUROP to=browser
7.001 browser SVR_RESP server=SQL20 instances=ORDERS_OF_THE_YEAR_2025_IN_EUROP

# All servers are asked, and two answer
client 10.10.10.10:50004 mac=00:15:5d:0a:0a:0a isn=4000000
server 10.10.10.20:51433 mac=00:15:5d:0a:0a:14 isn=4500000
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
browser 10.10.10.20:1434 mac=00:15:5d:0a:0a:14
all     255.255.255.255:1434 mac=ff:ff:ff:ff:ff:ff
other   10.10.10.21:1434 mac=00:15:5d:0a:0a:15
9.000 client CLNT_BCAST_EX to=all
9.001 browser SVR_RESP server=SQL20 instances=ORDERS:51433,LOCAL,STOCK:51434
9.300 other SVR_RESP server=SQL21 instances=ARCHIVE:51433

# A request that nobody sees answered, for the capture ends
client 10.10.10.10:50005 mac=00:15:5d:0a:0a:0a isn=5000000
server 10.10.10.20:51433 mac=00:15:5d:0a:0a:14 isn=5500000
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
browser 10.10.10.20:1434 mac=00:15:5d:0a:0a:14
11.000 client CLNT_UCAST_INST instance=ORDERS to=browser

# Another client, 0.999 s later
client 10.10.10.11:50001 mac=00:15:5d:0a:0a:0b isn=6000000
11.998 client CLNT_UCAST_INST instance=STOCK to=browser
11.999 browser SVR_RESP server=SQL20 instances=STOCK:51434
