# Routing over two hops: to a read-only replica by name, from there with a database to a port of its own.

start  2025-03-03 09:00:00

# The listener
client 10.10.10.120:50001 mac=00:15:5d:0a:0a:78 isn=1000000 syn_win=64240 win=8212
server 10.10.10.10:1433 mac=00:15:5d:0a:0a:0a isn=1500000 syn_win=65535 win=8212
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
1.000 client SYN
1.001 server SYN
1.002 client ACK
1.003 client PRELOGIN encrypt=not_supported
1.004 server PRELOGIN encrypt=not_supported
1.005 client LOGIN7 host=APP120 user=app_user password=Secret-7 app=Orders server=sql.contoso.com library=ODBC database=AdventureWorks options=read_only features=enhanced_routing
1.006 server LOGINACK server=LISTENER database=AdventureWorks spid=61 routing=replica.contoso.com:1450
1.007 client FIN
1.008 server FIN
1.009 client ACK

# The replica, which sends the client on; ENVCHANGE 21
client 10.10.10.120:50002 mac=00:15:5d:0a:0a:78 isn=2000000 syn_win=64240 win=8212
server 10.10.10.11:1450 mac=00:15:5d:0a:0a:0b isn=2500000 syn_win=65535 win=8212
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
2.000 client SYN
2.001 server SYN
2.002 client ACK
2.003 client PRELOGIN encrypt=not_supported
2.004 server PRELOGIN encrypt=not_supported
2.005 client LOGIN7 host=APP120 user=app_user password=Secret-7 app=Orders server=sql.contoso.com library=ODBC database=AdventureWorks options=read_only features=enhanced_routing
2.006 server LOGINACK server=REPLICA database=AdventureWorks spid=62 routing=node7.contoso.com:11007 routing_database=AdventureWorks_7 acks=15
2.007 client FIN
2.008 server FIN
2.009 client ACK

# The node
client 10.10.10.120:50003 mac=00:15:5d:0a:0a:78 isn=3000000 syn_win=64240 win=8212
server 10.10.10.12:11007 mac=00:15:5d:0a:0a:0c isn=3500000 syn_win=65535 win=8212
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
3.000 client SYN
3.001 server SYN
3.002 client ACK
3.003 client PRELOGIN encrypt=not_supported
3.004 server PRELOGIN encrypt=not_supported
3.005 client LOGIN7 host=APP120 user=app_user password=Secret-7 app=Orders server=sql.contoso.com library=ODBC database=AdventureWorks options=read_only features=enhanced_routing
3.006 server LOGINACK server=NODE7 database=AdventureWorks_7 spid=63
3.007 client BATCH text="SELECT 1"
3.008 server RESULT column=n rows=1 spid=63
3.009 client FIN
3.010 server FIN
3.011 client ACK
