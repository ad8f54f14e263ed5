# Ends that come early: a scan that does not finish the handshake, a server that leaves in the middle of TLS, one that drops
# a PRELOGIN after a minute; and a PRELOGIN that comes with the ACK of the handshake.

start  2025-03-03 09:00:00

# A half-open scan
client 10.10.10.10:50001 mac=00:15:5d:0a:0a:0a isn=1000000
server 10.10.10.20:1433 mac=00:15:5d:0a:0a:14 isn=1500000
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
1.000 client SYN
1.001 server SYN
1.002 client RST

# The server leaves between its ServerHello and the client's key exchange
client 10.10.10.10:50002 mac=00:15:5d:0a:0a:0a isn=2000000
server 10.10.10.20:1433 mac=00:15:5d:0a:0a:14 isn=2500000
10.000 client SYN
10.001 server SYN
10.002 client ACK
10.003 client PRELOGIN encrypt=off
10.004 server PRELOGIN encrypt=off
10.005 client CLIENT_HELLO
10.006 server SERVER_HELLO
10.050 client ACK
10.100 server FIN
10.101 client FIN
10.102 server ACK

# A server that never answers, and drops the connection a minute later
client 10.10.10.10:50003 mac=00:15:5d:0a:0a:0a isn=3000000
server 10.10.10.20:1433 mac=00:15:5d:0a:0a:14 isn=3500000
20.000 client SYN
20.001 server SYN
20.002 client ACK
20.003 client PRELOGIN encrypt=off
20.004 server ACK
80.003 server FIN
80.004 client FIN
80.005 server ACK

# The ACK of the handshake brings PRELOGIN
client 10.10.10.10:50004 mac=00:15:5d:0a:0a:0a isn=4000000
server 10.10.10.20:1433 mac=00:15:5d:0a:0a:14 isn=4500000
90.000 client SYN
90.001 server SYN
90.003 client PRELOGIN encrypt=not_supported
90.004 server PRELOGIN encrypt=not_supported
90.005 client LOGIN7 host=APP10 user=orders app="Order entry" server=sql.contoso.com library=ODBC database=Orders
90.008 server LOGINACK server=SQL20 database=Orders spid=55
90.020 client BATCH text="SELECT 1" reset=yes
90.021 server RESULT column=one rows="1" spid=55
90.030 client BATCH text="SELECT 1" reset=yes
90.031 server RESULT column=one rows="1" spid=55
90.100 client FIN
90.101 server FIN
90.102 client ACK
