# Look-ups of the server's name that no login waited for: one took long, but the client had time; one was quick, but for
# another server nobody answers; one came after the client had connected.

start  2025-03-03 09:00:00

client 10.10.10.10:50001 mac=00:15:5d:0a:0a:0a isn=1000000
server 10.10.10.20:1433 mac=00:15:5d:0a:0a:14 isn=1500000
dns    10.10.10.5:53 mac=00:15:5d:0a:0a:05
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
1.000 client DNS_QUESTION to=dns name=sql.contoso.com id=1
3.500 dns DNS_ANSWER name=sql.contoso.com id=1 address=10.10.10.20
include diag-login.part at 9
10.100 client FIN
10.101 server FIN
10.102 client ACK

client 10.10.10.10:50002 mac=00:15:5d:0a:0a:0a isn=2000000
server 10.10.10.21:1433 mac=00:15:5d:0a:0a:15 isn=2500000
dns    10.10.10.5:53 mac=00:15:5d:0a:0a:05
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
16.000 client DNS_QUESTION to=dns name=printer.contoso.com id=2
19.990 client DNS_QUESTION to=dns name=sql2.contoso.com id=3
19.995 dns DNS_ANSWER name=sql2.contoso.com id=3 address=10.10.10.21
include diag-login.part at 20
20.500 client DNS_QUESTION to=dns name=sql2.contoso.com id=4
21.100 client FIN
21.101 server FIN
21.102 client ACK
24.000 dns DNS_ANSWER name=sql2.contoso.com id=4 address=10.10.10.21
