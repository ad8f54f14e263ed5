# Servers that are not what the client wants: another instance, a certificate, an alert.

start  2025-03-03 09:00:00

# Another instance
client 10.10.10.10:50001 mac=00:15:5d:0a:0a:0a isn=1000000
server 10.10.10.20:1433 mac=00:15:5d:0a:0a:14 isn=1500000
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
1.000 client SYN
1.001 server SYN
1.002 client ACK
1.003 client PRELOGIN encrypt=off instance=ORDERS
1.004 server PRELOGIN encrypt=off instance=mismatch
1.005 client FIN
1.006 server FIN
1.007 client ACK

# The client closes on the certificate
client 10.10.10.10:50002 mac=00:15:5d:0a:0a:0a isn=2000000
server 10.10.10.20:1433 mac=00:15:5d:0a:0a:14 isn=2500000
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
2.000 client SYN
2.001 server SYN
2.002 client ACK
2.003 client PRELOGIN encrypt=on
2.004 server PRELOGIN encrypt=on
2.005 client CLIENT_HELLO
2.006 server SERVER_HELLO
2.020 client FIN
2.021 server FIN
2.022 client ACK

# The client says why: unknown_ca
client 10.10.10.10:50003 mac=00:15:5d:0a:0a:0a isn=3000000
server 10.10.10.20:1433 mac=00:15:5d:0a:0a:14 isn=3500000
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
3.000 client SYN
3.001 server SYN
3.002 client ACK
3.003 client PRELOGIN encrypt=on
3.004 server PRELOGIN encrypt=on
3.005 client CLIENT_HELLO
3.006 server SERVER_HELLO
3.020 client ALERT level=2 alert=48
3.021 client FIN
3.022 server FIN
3.023 client ACK

# The server wants a newer TLS: protocol_version
client 10.10.10.10:50004 mac=00:15:5d:0a:0a:0a isn=4000000
server 10.10.10.20:1433 mac=00:15:5d:0a:0a:14 isn=4500000
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
4.000 client SYN
4.001 server SYN
4.002 client ACK
4.003 client PRELOGIN encrypt=on
4.004 server PRELOGIN encrypt=on
4.005 client CLIENT_HELLO
4.006 server ALERT level=2 alert=70
4.007 server FIN
4.008 client FIN
4.009 server ACK

# A warning is no failure: unrecognized_name
client 10.10.10.10:50005 mac=00:15:5d:0a:0a:0a isn=5000000
server 10.10.10.20:1433 mac=00:15:5d:0a:0a:14 isn=5500000
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
5.000 client SYN
5.001 server SYN
5.002 client ACK
5.003 client PRELOGIN encrypt=off
5.004 server PRELOGIN encrypt=off
5.005 client CLIENT_HELLO
5.006 server ALERT level=1 alert=112
5.007 server SERVER_HELLO
5.008 client CLIENT_KEY_EXCHANGE
5.009 server CHANGE_CIPHER_SPEC
5.010 client ENCRYPTED_LOGIN7 host=APP10 user=orders app="Order entry" server=sql.contoso.com library=ODBC database=Orders
5.012 server LOGINACK server=SQL20 database=Orders spid=55
6.100 client FIN
6.101 server FIN
6.102 client ACK
