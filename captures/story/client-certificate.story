# A client certificate: PRELOGIN's bit 0x80, and LOGINACK comes without any token.

start  2025-03-03 09:00:00

# Only LOGIN7 is encrypted
client 10.10.10.120:50001 mac=00:15:5d:0a:0a:78 isn=1000000 syn_win=64240 win=8212
server 10.10.10.10:1433 mac=00:15:5d:0a:0a:0a isn=1500000 syn_win=65535 win=8212
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
1.000 client SYN
1.001 server SYN
1.002 client ACK
1.003 client PRELOGIN encrypt=certificate_off
1.004 server PRELOGIN encrypt=off
1.005 client CLIENT_HELLO server_name=sql.contoso.com
1.006 server SERVER_HELLO
1.007 client CLIENT_KEY_EXCHANGE
1.008 server CHANGE_CIPHER_SPEC
1.009 client ENCRYPTED_LOGIN7 host=APP120 app=Orders server=sql.contoso.com library="Core Microsoft SqlClient Data Provider" database=AdventureWorks
1.010 server LOGINACK server=SQL10 database=AdventureWorks spid=61
1.011 client BATCH text="SELECT 1"
1.012 server RESULT column=n rows=1 spid=61
1.013 client FIN
1.014 server FIN
1.015 client ACK

# All is encrypted: nothing tells it from a password
client 10.10.10.120:50002 mac=00:15:5d:0a:0a:78 isn=2000000 syn_win=64240 win=8212
server 10.10.10.10:1433 mac=00:15:5d:0a:0a:0a isn=2500000 syn_win=65535 win=8212
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
2.000 client SYN
2.001 server SYN
2.002 client ACK
2.003 client PRELOGIN encrypt=certificate_on
2.004 server PRELOGIN encrypt=on
2.005 client CLIENT_HELLO server_name=sql.contoso.com
2.006 server SERVER_HELLO
2.007 client CLIENT_KEY_EXCHANGE
2.008 server CHANGE_CIPHER_SPEC
2.009 client SEALED size=330
2.010 server SEALED size=420
2.011 client SEALED size=46
2.012 server SEALED size=36
2.013 client FIN
2.014 server FIN
2.015 client ACK
