# What a client may ask for in LOGIN7 and what the server sets for the session.

start  2025-03-03 09:00:00

# First login with session recovery, a mirroring partner, another packet size and language
client 10.10.10.120:50001 mac=00:15:5d:0a:0a:78 isn=1000000 syn_win=64240 win=8212
server 10.10.10.10:1433 mac=00:15:5d:0a:0a:0a isn=1500000 syn_win=65535 win=8212
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
1.000 client SYN
1.001 server SYN
1.002 client ACK
1.003 client PRELOGIN encrypt=not_supported
1.004 server PRELOGIN encrypt=not_supported
1.005 client LOGIN7 host=APP120 user=app_user password=Secret-7 app=Orders server=sql.contoso.com library=ODBC database=AdventureWorks language=Deutsch features=recovery
1.006 server LOGINACK server=SQL10 database=AdventureWorks spid=61 language=Deutsch packet_size=8000 partner=SQL11 acks=1
1.007 client FIN
1.008 server FIN
1.009 client ACK

# The lost session comes back
client 10.10.10.120:50002 mac=00:15:5d:0a:0a:78 isn=2000000 syn_win=64240 win=8212
server 10.10.10.10:1433 mac=00:15:5d:0a:0a:0a isn=2500000 syn_win=65535 win=8212
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
2.000 client SYN
2.001 server SYN
2.002 client ACK
2.003 client PRELOGIN encrypt=not_supported
2.004 server PRELOGIN encrypt=not_supported
2.005 client LOGIN7 host=APP120 user=app_user password=Secret-7 app=Orders server=sql.contoso.com library=ODBC database=AdventureWorks features=reconnect:AdventureWorks
2.006 server LOGINACK server=SQL10 database=AdventureWorks spid=61 acks=1
2.007 client FIN
2.008 server FIN
2.009 client ACK

# Read-only intent
client 10.10.10.120:50003 mac=00:15:5d:0a:0a:78 isn=3000000 syn_win=64240 win=8212
server 10.10.10.10:1433 mac=00:15:5d:0a:0a:0a isn=3500000 syn_win=65535 win=8212
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
3.000 client SYN
3.001 server SYN
3.002 client ACK
3.003 client PRELOGIN encrypt=not_supported
3.004 server PRELOGIN encrypt=not_supported
3.005 client LOGIN7 host=APP120 user=app_user password=Secret-7 app=Orders server=sql.contoso.com library=ODBC database=AdventureWorks options=read_only
3.006 server LOGINACK server=SQL10 database=AdventureWorks spid=61
3.007 client FIN
3.008 server FIN
3.009 client ACK

# Change of password
client 10.10.10.120:50004 mac=00:15:5d:0a:0a:78 isn=4000000 syn_win=64240 win=8212
server 10.10.10.10:1433 mac=00:15:5d:0a:0a:0a isn=4500000 syn_win=65535 win=8212
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
4.000 client SYN
4.001 server SYN
4.002 client ACK
4.003 client PRELOGIN encrypt=not_supported
4.004 server PRELOGIN encrypt=not_supported
4.005 client LOGIN7 host=APP120 user=app_user password=Secret-7 app=Orders server=sql.contoso.com library=ODBC database=AdventureWorks options=change_password new_password=Secret-8
4.006 server LOGINACK server=SQL10 database=AdventureWorks spid=61
4.007 client FIN
4.008 server FIN
4.009 client ACK

# User instance
client 10.10.10.120:50005 mac=00:15:5d:0a:0a:78 isn=5000000 syn_win=64240 win=8212
server 10.10.10.10:1433 mac=00:15:5d:0a:0a:0a isn=5500000 syn_win=65535 win=8212
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
5.000 client SYN
5.001 server SYN
5.002 client ACK
5.003 client PRELOGIN encrypt=not_supported
5.004 server PRELOGIN encrypt=not_supported
5.005 client LOGIN7 host=APP120 user=app_user password=Secret-7 app=Orders server=sql.contoso.com library=ODBC database=AdventureWorks options=user_instance
5.006 server LOGINACK server=SQL10 database=AdventureWorks spid=61 instance=9F1C2A77-D0A3-4A
5.007 client FIN
5.008 server FIN
5.009 client ACK
