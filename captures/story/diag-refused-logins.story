# Logins that SQL Server refuses, in the shapes of its answer; each ends the connection.

start  2025-03-03 09:00:00

# 18456 as SQL Server tells it: the state is 1 whatever the reason
client 10.10.10.10:50001 mac=00:15:5d:0a:0a:0a isn=1000000
server 10.10.10.20:1433 mac=00:15:5d:0a:0a:14 isn=1500000
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
include diag-tls.part at 1
1.009 client ENCRYPTED_LOGIN7 host=APP10 user=orders app="Order entry" server=sql.contoso.com library=ODBC database=Orders
1.012 server LOGIN_ERROR server=SQL20 number=18456 text="Login failed for user 'orders'."
1.013 server FIN
1.014 client FIN
1.015 server ACK

# 18456 with a state that says more
client 10.10.10.10:50002 mac=00:15:5d:0a:0a:0a isn=2000000
server 10.10.10.20:1433 mac=00:15:5d:0a:0a:14 isn=2500000
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
include diag-tls.part at 2
2.009 client ENCRYPTED_LOGIN7 host=APP10 user=orders app="Order entry" server=sql.contoso.com library=ODBC database=Orders
2.012 server LOGIN_ERROR server=SQL20 number=18456 state=58 text="Login failed for user 'orders'."
2.013 server FIN
2.014 client FIN
2.015 server ACK

# The database does not open, and therefore the login fails
client 10.10.10.10:50003 mac=00:15:5d:0a:0a:0a isn=3000000
server 10.10.10.20:1433 mac=00:15:5d:0a:0a:14 isn=3500000
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
include diag-tls.part at 3
3.009 client ENCRYPTED_LOGIN7 host=APP10 user=orders app="Order entry" server=sql.contoso.com library=ODBC database=Orders
3.012 server LOGIN_ERROR server=SQL20 number=4060|18456 severity=11 text="Cannot open database \"Orders\" requested by the login. The login failed.|Login failed for user 'orders'."
3.013 server FIN
3.014 client FIN
3.015 server ACK

# The password has expired
client 10.10.10.10:50004 mac=00:15:5d:0a:0a:0a isn=4000000
server 10.10.10.20:1433 mac=00:15:5d:0a:0a:14 isn=4500000
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
include diag-tls.part at 4
4.009 client ENCRYPTED_LOGIN7 host=APP10 user=orders app="Order entry" server=sql.contoso.com library=ODBC database=Orders
4.012 server LOGIN_ERROR server=SQL20 number=18487 text="Login failed for user 'orders'.  Reason: The password of the account has expired."
4.013 server FIN
4.014 client FIN
4.015 server ACK

# 18456 after NTLM: the domain controller said no
client 10.10.10.10:50005 mac=00:15:5d:0a:0a:0a isn=5000000
server 10.10.10.20:1433 mac=00:15:5d:0a:0a:14 isn=5500000
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
include diag-ntlm.part at 5
5.013 server LOGIN_ERROR server=SQL20 number=18456 text="Login failed for user 'CONTOSO\\joe33'."
5.014 server FIN
5.015 client FIN
5.016 server ACK

# The server does not know the TDS version
client 10.10.10.10:50006 mac=00:15:5d:0a:0a:0a isn=6000000
server 10.10.10.20:1433 mac=00:15:5d:0a:0a:14 isn=6500000
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
include diag-tls.part at 6
6.009 client ENCRYPTED_LOGIN7 host=APP10 user=orders app="Order entry" server=sql.contoso.com library=ODBC database=Orders
6.012 server LOGIN_ERROR server=SQL20 number=17802 severity=20 text="The Tabular Data Stream (TDS) version 0x74000004 of the client library used to open the connection is unsupported or unknown."
6.013 server FIN
6.014 client FIN
6.015 server ACK

# The maximum of connections, told in answer to PRELOGIN
client 10.10.10.10:50007 mac=00:15:5d:0a:0a:0a isn=7000000
server 10.10.10.20:1433 mac=00:15:5d:0a:0a:14 isn=7500000
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
7.000 client SYN
7.001 server SYN
7.002 client ACK
7.003 client PRELOGIN encrypt=off
7.004 server LOGIN_ERROR server=SQL20 number=17809 severity=20 text="Could not connect because the maximum number of '100' user connections has already been reached."
7.005 server FIN
7.006 client FIN
7.007 server ACK
