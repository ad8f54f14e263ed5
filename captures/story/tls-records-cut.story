# TLS records cut by TDS packets that each end a message, in both directions; also inside the records' headers.

start  2025-03-03 09:00:00

# Only LOGIN7 is encrypted; the second record of a flight is cut inside its header
client 10.10.10.120:50001 mac=00:15:5d:0a:0a:78 isn=1000000 syn_win=64240 win=8212
server 10.10.10.10:1433 mac=00:15:5d:0a:0a:0a isn=1500000 syn_win=65535 win=8212
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
1.000 client SYN
1.001 server SYN
1.002 client ACK
1.003 client PRELOGIN encrypt=off
1.004 server PRELOGIN encrypt=off
1.005 client CLIENT_HELLO server_name=sql.contoso.com cut=50,100
1.006 client CONTINUE
1.007 client CONTINUE
1.008 server SERVER_HELLO cut=90,700,702
1.009 server CONTINUE
1.010 server CONTINUE
1.011 server CONTINUE
1.012 client CLIENT_KEY_EXCHANGE cut=20,44
1.013 client CONTINUE
1.014 client CONTINUE
1.015 server CHANGE_CIPHER_SPEC cut=8
1.016 server CONTINUE
1.017 client ENCRYPTED_LOGIN7 host=APP120 user=app_user password=Secret-7 app=Orders server=sql.contoso.com library=ODBC database=AdventureWorks
1.018 server LOGINACK server=SQL10 database=AdventureWorks spid=61
1.019 client BATCH text="SELECT 1"
1.020 server RESULT column=n rows=1 spid=61
1.021 client FIN
1.022 server FIN
1.023 client ACK

# All is encrypted
client 10.10.10.120:50002 mac=00:15:5d:0a:0a:78 isn=2000000 syn_win=64240 win=8212
server 10.10.10.10:1433 mac=00:15:5d:0a:0a:0a isn=2500000 syn_win=65535 win=8212
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
2.000 client SYN
2.001 server SYN
2.002 client ACK
2.003 client PRELOGIN encrypt=on
2.004 server PRELOGIN encrypt=on
2.005 client CLIENT_HELLO server_name=sql.contoso.com cut=60
2.006 client CONTINUE
2.007 server SERVER_HELLO cut=1400
2.008 server CONTINUE
2.009 client CLIENT_KEY_EXCHANGE cut=40
2.010 client CONTINUE
2.011 server CHANGE_CIPHER_SPEC
2.012 client SEALED size=330
2.013 server SEALED size=420
2.014 client SEALED size=46
2.015 server SEALED size=21
2.016 client FIN
2.017 server FIN
2.018 client ACK

# The first record of each flight is cut inside its header
client 10.10.10.120:50003 mac=00:15:5d:0a:0a:78 isn=3000000 syn_win=64240 win=8212
server 10.10.10.10:1433 mac=00:15:5d:0a:0a:0a isn=3500000 syn_win=65535 win=8212
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
3.000 client SYN
3.001 server SYN
3.002 client ACK
3.003 client PRELOGIN encrypt=off
3.004 server PRELOGIN encrypt=off
3.005 client CLIENT_HELLO server_name=sql.contoso.com cut=3
3.006 client CONTINUE
3.007 server SERVER_HELLO cut=4
3.008 server CONTINUE
3.009 client CLIENT_KEY_EXCHANGE cut=1
3.010 client CONTINUE
3.011 server CHANGE_CIPHER_SPEC cut=2
3.012 server CONTINUE
3.013 client ENCRYPTED_LOGIN7 host=APP120 user=app_user password=Secret-7 app=Orders server=sql.contoso.com library=ODBC database=AdventureWorks
3.014 server LOGINACK server=SQL10 database=AdventureWorks spid=61
3.015 client BATCH text="SELECT 1"
3.016 server RESULT column=n rows=1 spid=61
3.017 client FIN
3.018 server FIN
3.019 client ACK
