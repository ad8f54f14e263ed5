# Entra logins: FEDAUTHINFO and the client's token, a token inside LOGIN7, and a client that only asks in PRELOGIN.
#
# Drivers send all of this inside TLS; LOGIN7 is in clear here so that it can be read without keys.

start  2025-03-03 09:00:00

# MSAL with user and password; the token service comes first
client 10.10.10.120:50001 mac=00:15:5d:0a:0a:78 isn=1000000 syn_win=64240 win=8212
server 10.10.10.10:1433 mac=00:15:5d:0a:0a:0a isn=1500000 syn_win=65535 win=8212
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=12.0.2000
1.000 client SYN
1.001 server SYN
1.002 client ACK
1.003 client PRELOGIN encrypt=not_supported trace=on fedauth=on
1.004 server PRELOGIN encrypt=not_supported fedauth=on
1.005 client LOGIN7 host=APP120 app=Orders server=sql.contoso.com library="Core Microsoft SqlClient Data Provider" database=AdventureWorks features=fedauth_msal:password
1.006 server FEDAUTHINFO sts=https://login.microsoftonline.com/contoso spn=https://database.windows.net/ order=sts,spn
1.007 client FEDAUTH_TOKEN length=5200
1.008 client CONTINUE
1.009 server LOGINACK server=SQL10 database=AdventureWorks spid=61 acks=2
1.010 client BATCH text="SELECT 1"
1.011 server RESULT column=n rows=1 spid=61
1.012 client FIN
1.013 server FIN
1.014 client ACK

# MSAL, integrated; the name of the service comes first
client 10.10.10.120:50002 mac=00:15:5d:0a:0a:78 isn=2000000 syn_win=64240 win=8212
server 10.10.10.10:1433 mac=00:15:5d:0a:0a:0a isn=2500000 syn_win=65535 win=8212
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=12.0.2000
2.000 client SYN
2.001 server SYN
2.002 client ACK
2.003 client PRELOGIN encrypt=not_supported trace=on fedauth=on
2.004 server PRELOGIN encrypt=not_supported fedauth=on
2.005 client LOGIN7 host=APP120 app=Orders server=sql.contoso.com library="Core Microsoft SqlClient Data Provider" database=AdventureWorks features=fedauth_msal:integrated
2.006 server FEDAUTHINFO sts=https://login.microsoftonline.com/contoso spn=https://database.windows.net/ order=spn,sts
2.007 client FEDAUTH_TOKEN length=5200
2.008 client CONTINUE
2.009 server LOGINACK server=SQL10 database=AdventureWorks spid=61 acks=2
2.010 client BATCH text="SELECT 1"
2.011 server RESULT column=n rows=1 spid=61
2.012 client FIN
2.013 server FIN
2.014 client ACK

# The same behind an encrypted LOGIN7: FEDAUTHINFO tells it
client 10.10.10.120:50003 mac=00:15:5d:0a:0a:78 isn=3000000 syn_win=64240 win=8212
server 10.10.10.10:1433 mac=00:15:5d:0a:0a:0a isn=3500000 syn_win=65535 win=8212
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=12.0.2000
3.000 client SYN
3.001 server SYN
3.002 client ACK
3.003 client PRELOGIN encrypt=off trace=on fedauth=on
3.004 server PRELOGIN encrypt=off fedauth=on
3.005 client CLIENT_HELLO server_name=sql.contoso.com
3.006 server SERVER_HELLO
3.007 client CLIENT_KEY_EXCHANGE
3.008 server CHANGE_CIPHER_SPEC
3.009 client ENCRYPTED_LOGIN7 host=APP120 app=Orders server=sql.contoso.com library="Core Microsoft SqlClient Data Provider" database=AdventureWorks features=fedauth_msal:interactive
3.010 server FEDAUTHINFO sts=https://login.microsoftonline.com/contoso spn=https://database.windows.net/
3.011 client FEDAUTH_TOKEN length=3000
3.012 server LOGINACK server=SQL10 database=AdventureWorks spid=61 acks=2
3.013 client FIN
3.014 server FIN
3.015 client ACK

# An access token inside LOGIN7
client 10.10.10.120:50004 mac=00:15:5d:0a:0a:78 isn=4000000 syn_win=64240 win=8212
server 10.10.10.10:1433 mac=00:15:5d:0a:0a:0a isn=4500000 syn_win=65535 win=8212
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=12.0.2000
4.000 client SYN
4.001 server SYN
4.002 client ACK
4.003 client PRELOGIN encrypt=not_supported trace=on fedauth=on
4.004 server PRELOGIN encrypt=not_supported fedauth=off
4.005 client LOGIN7 host=APP120 app=Orders server=sql.contoso.com library="Core Microsoft SqlClient Data Provider" database=AdventureWorks features=fedauth_token:3000
4.006 server LOGINACK server=SQL10 database=AdventureWorks spid=61 acks=2
4.007 client FIN
4.008 server FIN
4.009 client ACK

# Both speak of FEDAUTHREQUIRED in PRELOGIN; the login has a password
client 10.10.10.120:50005 mac=00:15:5d:0a:0a:78 isn=5000000 syn_win=64240 win=8212
server 10.10.10.10:1433 mac=00:15:5d:0a:0a:0a isn=5500000 syn_win=65535 win=8212
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
5.000 client SYN
5.001 server SYN
5.002 client ACK
5.003 client PRELOGIN encrypt=off trace=on fedauth=on
5.004 server PRELOGIN encrypt=off fedauth=off
5.005 client CLIENT_HELLO server_name=sql.contoso.com
5.006 server SERVER_HELLO
5.007 client CLIENT_KEY_EXCHANGE
5.008 server CHANGE_CIPHER_SPEC
5.009 client ENCRYPTED_LOGIN7 host=APP120 user=app_user password=Secret-7 app=Orders server=sql.contoso.com library=ODBC database=AdventureWorks
5.010 server LOGINACK server=SQL10 database=AdventureWorks spid=61
5.011 client FIN
5.012 server FIN
5.013 client ACK
