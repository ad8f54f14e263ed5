# Logins that fail, LOGIN7 encrypted: an untrusted domain, two errors at once, and 18452 of a server that nobody knows.

start  2025-03-03 09:00:00

# Error 18452 meets only Windows authentication
client 10.10.10.120:50001 mac=00:15:5d:0a:0a:78 isn=1000000 syn_win=64240 win=8212
server 10.10.10.10:1433 mac=00:15:5d:0a:0a:0a isn=1500000 syn_win=65535 win=8212
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
1.000 client SYN
1.001 server SYN
1.002 client ACK
1.003 client PRELOGIN encrypt=off
1.004 server PRELOGIN encrypt=off
1.005 client CLIENT_HELLO server_name=sql.contoso.com
1.006 server SERVER_HELLO
1.007 client CLIENT_KEY_EXCHANGE
1.008 server CHANGE_CIPHER_SPEC
1.009 client ENCRYPTED_LOGIN7 host=APP120 app=Orders server=sql.contoso.com library="Core Microsoft SqlClient Data Provider" database=AdventureWorks token=offer_kerberos spn=MSSQLSvc/sql.contoso.com:1433 realm=CONTOSO.COM
1.010 server LOGIN_ERROR server=SQL10 number=18452 text="Login failed. The login is from an untrusted domain and cannot be used with Integrated authentication."
1.011 server FIN
1.012 client FIN
1.013 server ACK

# 4060 and 18456
client 10.10.10.120:50002 mac=00:15:5d:0a:0a:78 isn=2000000 syn_win=64240 win=8212
server 10.10.10.10:1433 mac=00:15:5d:0a:0a:0a isn=2500000 syn_win=65535 win=8212
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
2.000 client SYN
2.001 server SYN
2.002 client ACK
2.003 client PRELOGIN encrypt=off
2.004 server PRELOGIN encrypt=off
2.005 client CLIENT_HELLO server_name=sql.contoso.com
2.006 server SERVER_HELLO
2.007 client CLIENT_KEY_EXCHANGE
2.008 server CHANGE_CIPHER_SPEC
2.009 client ENCRYPTED_LOGIN7 host=APP120 user=app_user password=Secret-7 app=Orders server=sql.contoso.com library=ODBC database=AdventureWorks
2.010 server LOGIN_ERROR server=SQL10 number=4060|18456 text="Cannot open database 'AdventureWorks' requested by the login.|Login failed for user 'app_user'."
2.011 server FIN
2.012 client FIN
2.013 server ACK

# 18452 is all that the capture has: before SQL Server 2008 a SQL login met it, too
client 10.10.10.120:50003 mac=00:15:5d:0a:0a:78 isn=3000000 syn_win=64240 win=8212
server 10.10.10.10:1433 mac=00:15:5d:0a:0a:0a isn=3500000 syn_win=65535 win=8212
scene  tds=7.1 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=8.0.2039
3.000 client SYN missing
3.001 server SYN missing
3.002 client ACK missing
3.003 client LOGIN7 host=APP120 user=app_user password=Secret-7 app=Orders server=sql.contoso.com library=ODBC database=AdventureWorks missing
3.010 server LOGIN_ERROR server=SQL10 number=18452 text="Login failed for user 'app_user'. Reason: Not associated with a trusted SQL Server connection."
3.011 client FIN
3.012 server FIN
3.013 client ACK
