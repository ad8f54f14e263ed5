# A redirect that is not followed, then one that is.

start  2025-03-03 09:00:00

# Nobody goes to port 1450
client 10.10.10.10:50001 mac=00:15:5d:0a:0a:0a isn=1000000
server 10.10.10.30:1433 mac=00:15:5d:0a:0a:1e isn=1500000
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
include diag-tls.part at 1
1.009 client ENCRYPTED_LOGIN7 host=APP10 user=orders app="Order entry" server=sql.contoso.com library=ODBC database=Orders
1.010 server LOGINACK server=LISTENER database=Orders spid=61 routing=replica.contoso.com:1450
1.100 client FIN
1.101 server FIN
1.102 client ACK

# To port 1460
client 10.10.10.10:50002 mac=00:15:5d:0a:0a:0a isn=2000000
server 10.10.10.30:1433 mac=00:15:5d:0a:0a:1e isn=2500000
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
include diag-tls.part at 10
10.009 client ENCRYPTED_LOGIN7 host=APP10 user=orders app="Order entry" server=sql.contoso.com library=ODBC database=Orders
10.010 server LOGINACK server=LISTENER database=Orders spid=61 routing=replica.contoso.com:1460
10.100 client FIN
10.101 server FIN
10.102 client ACK

# That is followed
client 10.10.10.10:50003 mac=00:15:5d:0a:0a:0a isn=3000000
server 10.10.10.31:1460 mac=00:15:5d:0a:0a:1f isn=3500000
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
include diag-login.part at 10.2
11.100 client FIN
11.101 server FIN
11.102 client ACK

# The capture goes on
client 10.10.10.10:50004 mac=00:15:5d:0a:0a:0a isn=4000000
server 10.10.10.20:1433 mac=00:15:5d:0a:0a:14 isn=4500000
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
include diag-login.part at 20
21.100 client FIN
21.101 server FIN
21.102 client ACK
