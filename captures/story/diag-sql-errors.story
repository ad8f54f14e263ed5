# Errors of commands by class, and a session that is killed.

start  2025-03-03 09:00:00

# Class 16, class 10, an answer in 4 s
client 10.10.10.10:50001 mac=00:15:5d:0a:0a:0a isn=1000000
server 10.10.10.20:1433 mac=00:15:5d:0a:0a:14 isn=1500000
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
include diag-login.part at 1
2.000 client BATCH text="SELECT 1"
2.001 server SQL_ERROR server=SQL20 number=208 text="Invalid object name 'Orders'." spid=55
2.100 client BATCH text="SELECT 1"
2.101 server SQL_ERROR server=SQL20 number=5701 severity=10 text="Changed database context to 'Orders'." spid=55
3.000 client BATCH text="SELECT 1"
7.000 server RESULT column=n rows=1 spid=55
8.100 client FIN
8.101 server FIN
8.102 client ACK

# Class 20, and the server closes
client 10.10.10.10:50002 mac=00:15:5d:0a:0a:0a isn=2000000
server 10.10.10.20:1433 mac=00:15:5d:0a:0a:14 isn=2500000
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
include diag-login.part at 11
12.000 client BATCH text="SELECT 1"
12.001 server SQL_ERROR server=SQL20 number=824 severity=24 text="SQL Server detected a logical consistency-based I/O error." spid=55
12.002 server FIN
12.003 client FIN
12.004 server ACK

# KILL while a command runs
client 10.10.10.10:50003 mac=00:15:5d:0a:0a:0a isn=3000000
server 10.10.10.20:1433 mac=00:15:5d:0a:0a:14 isn=3500000
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
include diag-login.part at 21
22.000 client BATCH text="SELECT 1"
22.050 server ACK
25.000 server FIN
25.001 client FIN
25.002 server ACK

# The server closes an idle connection
client 10.10.10.10:50004 mac=00:15:5d:0a:0a:0a isn=4000000
server 10.10.10.20:1433 mac=00:15:5d:0a:0a:14 isn=4500000
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
include diag-login.part at 31
32.000 client BATCH text="SELECT 1"
32.001 server RESULT column=n rows=1 spid=55
45.000 server FIN
45.001 client FIN
45.002 server ACK

# The server closes in the middle of a login
client 10.10.10.10:50005 mac=00:15:5d:0a:0a:0a isn=5000000
server 10.10.10.20:1433 mac=00:15:5d:0a:0a:14 isn=5500000
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
include diag-tls.part at 51
51.009 client ENCRYPTED_LOGIN7 host=APP10 user=orders app="Order entry" server=sql.contoso.com library=ODBC database=Orders
52.000 server FIN
52.001 client FIN
52.002 server ACK
