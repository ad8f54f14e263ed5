# SQL Server 7.0 and 2000 with an encrypted LOGIN7: TLS in packets of type 0x04, row counts and line numbers of four and
# two bytes. Nobody sees what version the client asks for: LOGINACK tells it, and before that the server's PRELOGIN.

start  2025-03-03 09:00:00

# TDS 7.1
client 10.10.10.120:50001 mac=00:15:5d:0a:0a:78 isn=1000000 syn_win=64240 win=8212
server 10.10.10.10:1433 mac=00:15:5d:0a:0a:0a isn=1500000 syn_win=65535 win=8212
scene  tds=7.1 tls=TLS1.0-RSA-3DES certificate=fallback-rsa1024 product=8.0.2039
1.000 client SYN
1.001 server SYN
1.002 client ACK
1.003 client PRELOGIN encrypt=off
1.004 server PRELOGIN encrypt=off
1.005 client CLIENT_HELLO
1.006 server SERVER_HELLO type=4
1.007 client CLIENT_KEY_EXCHANGE
1.008 server CHANGE_CIPHER_SPEC type=4
1.009 client ENCRYPTED_LOGIN7 host=APP120 user=app_user password=Secret-7 app=Orders server=sql.contoso.com library=ODBC database=AdventureWorks
1.010 server LOGINACK server=SQL10 database=AdventureWorks spid=61
1.011 client BATCH text="SELECT 1"
1.012 server RESULT column=n rows=1 spid=61
1.013 client FIN
1.014 server FIN
1.015 client ACK

# TDS 7.0
client 10.10.10.120:50002 mac=00:15:5d:0a:0a:78 isn=2000000 syn_win=64240 win=8212
server 10.10.10.10:1433 mac=00:15:5d:0a:0a:0a isn=2500000 syn_win=65535 win=8212
scene  tds=7.0 tls=TLS1.0-RSA-3DES certificate=fallback-rsa1024 product=7.0.1063
2.000 client SYN
2.001 server SYN
2.002 client ACK
2.003 client PRELOGIN encrypt=off
2.004 server PRELOGIN encrypt=off
2.005 client CLIENT_HELLO
2.006 server SERVER_HELLO type=4
2.007 client CLIENT_KEY_EXCHANGE
2.008 server CHANGE_CIPHER_SPEC type=4
2.009 client ENCRYPTED_LOGIN7 host=APP120 user=app_user password=Secret-7 app=Orders server=sql.contoso.com library=ODBC database=AdventureWorks
2.010 server LOGINACK server=SQL10 database=AdventureWorks spid=61
2.011 client BATCH text="SELECT 1"
2.012 server RESULT column=n rows=1 spid=61
2.013 client FIN
2.014 server FIN
2.015 client ACK

# TDS 7.1, refused before LOGINACK could tell the version
client 10.10.10.120:50003 mac=00:15:5d:0a:0a:78 isn=3000000 syn_win=64240 win=8212
server 10.10.10.10:1433 mac=00:15:5d:0a:0a:0a isn=3500000 syn_win=65535 win=8212
scene  tds=7.1 tls=TLS1.0-RSA-3DES certificate=fallback-rsa1024 product=8.0.2039
3.000 client SYN
3.001 server SYN
3.002 client ACK
3.003 client PRELOGIN encrypt=off
3.004 server PRELOGIN encrypt=off
3.005 client CLIENT_HELLO
3.006 server SERVER_HELLO type=4
3.007 client CLIENT_KEY_EXCHANGE
3.008 server CHANGE_CIPHER_SPEC type=4
3.009 client ENCRYPTED_LOGIN7 host=APP120 user=app_user password=Secret-7 app=Orders server=sql.contoso.com library=ODBC database=AdventureWorks
3.010 server LOGIN_ERROR server=SQL10 number=4060|18456 text="Cannot open database requested in login.|Login failed for user."
3.011 server FIN
3.012 client FIN
3.013 server ACK
