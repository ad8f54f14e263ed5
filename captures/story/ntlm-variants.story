# NTLM's variants in AUTHENTICATE: nobody, version 1, and the channel bindings.

start  2025-03-03 09:00:00

# Anonymous
client 10.10.10.120:50001 mac=00:15:5d:0a:0a:78 isn=1000000 syn_win=64240 win=8212
server 10.10.10.10:1433 mac=00:15:5d:0a:0a:0a isn=1500000 syn_win=65535 win=8212
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
1.000 client SYN
1.001 server SYN
1.002 client ACK
1.003 client PRELOGIN encrypt=not_supported
1.004 server PRELOGIN encrypt=not_supported
1.005 client LOGIN7 host=APP120 app=Orders server=sql.contoso.com library="Core Microsoft SqlClient Data Provider" database=AdventureWorks token=ntlm_negotiate
1.006 server NTLM_CHALLENGE domain=CONTOSO computer=SQL10 dns=contoso.com
1.007 client SSPI_CLIENT token=ntlm_anonymous workstation=APP120
1.008 server LOGIN_ERROR server=SQL10 number=18456 text="Login failed for user 'NT AUTHORITY\\ANONYMOUS LOGON'."
1.009 server FIN
1.010 client FIN
1.011 server ACK

# NTLMv1
client 10.10.10.120:50002 mac=00:15:5d:0a:0a:78 isn=2000000 syn_win=64240 win=8212
server 10.10.10.10:1433 mac=00:15:5d:0a:0a:0a isn=2500000 syn_win=65535 win=8212
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
2.000 client SYN
2.001 server SYN
2.002 client ACK
2.003 client PRELOGIN encrypt=not_supported
2.004 server PRELOGIN encrypt=not_supported
2.005 client LOGIN7 host=APP120 app=Orders server=sql.contoso.com library="Core Microsoft SqlClient Data Provider" database=AdventureWorks token=ntlm_negotiate
2.006 server NTLM_CHALLENGE domain=CONTOSO computer=SQL10 dns=contoso.com
2.007 client SSPI_CLIENT token=ntlm_authenticate_v1 domain=CONTOSO user=joe33 workstation=APP120
2.008 server LOGINACK server=SQL10 database=AdventureWorks spid=61
2.009 client FIN
2.010 server FIN
2.011 client ACK

# Channel bindings: zero
client 10.10.10.120:50003 mac=00:15:5d:0a:0a:78 isn=3000000 syn_win=64240 win=8212
server 10.10.10.10:1433 mac=00:15:5d:0a:0a:0a isn=3500000 syn_win=65535 win=8212
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
3.000 client SYN
3.001 server SYN
3.002 client ACK
3.003 client PRELOGIN encrypt=not_supported
3.004 server PRELOGIN encrypt=not_supported
3.005 client LOGIN7 host=APP120 app=Orders server=sql.contoso.com library="Core Microsoft SqlClient Data Provider" database=AdventureWorks token=ntlm_negotiate
3.006 server NTLM_CHALLENGE domain=CONTOSO computer=SQL10 dns=contoso.com
3.007 client NTLM_AUTHENTICATE domain=CONTOSO user=joe33 workstation=APP120 computer=SQL10 dns=contoso.com spn=MSSQLSvc/sql.contoso.com:1433 bindings=zero
3.008 server LOGINACK server=SQL10 database=AdventureWorks spid=61
3.009 client FIN
3.010 server FIN
3.011 client ACK

# Channel bindings: present
client 10.10.10.120:50004 mac=00:15:5d:0a:0a:78 isn=4000000 syn_win=64240 win=8212
server 10.10.10.10:1433 mac=00:15:5d:0a:0a:0a isn=4500000 syn_win=65535 win=8212
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
4.000 client SYN
4.001 server SYN
4.002 client ACK
4.003 client PRELOGIN encrypt=not_supported
4.004 server PRELOGIN encrypt=not_supported
4.005 client LOGIN7 host=APP120 app=Orders server=sql.contoso.com library="Core Microsoft SqlClient Data Provider" database=AdventureWorks token=ntlm_negotiate
4.006 server NTLM_CHALLENGE domain=CONTOSO computer=SQL10 dns=contoso.com
4.007 client NTLM_AUTHENTICATE domain=CONTOSO user=joe33 workstation=APP120 computer=SQL10 dns=contoso.com spn=MSSQLSvc/sql.contoso.com:1433 bindings=present
4.008 server LOGINACK server=SQL10 database=AdventureWorks spid=61
4.009 client FIN
4.010 server FIN
4.011 client ACK

# Channel bindings: absent
client 10.10.10.120:50005 mac=00:15:5d:0a:0a:78 isn=5000000 syn_win=64240 win=8212
server 10.10.10.10:1433 mac=00:15:5d:0a:0a:0a isn=5500000 syn_win=65535 win=8212
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
5.000 client SYN
5.001 server SYN
5.002 client ACK
5.003 client PRELOGIN encrypt=not_supported
5.004 server PRELOGIN encrypt=not_supported
5.005 client LOGIN7 host=APP120 app=Orders server=sql.contoso.com library="Core Microsoft SqlClient Data Provider" database=AdventureWorks token=ntlm_negotiate
5.006 server NTLM_CHALLENGE domain=CONTOSO computer=SQL10 dns=contoso.com
5.007 client NTLM_AUTHENTICATE domain=CONTOSO user=joe33 workstation=APP120 computer=SQL10 dns=contoso.com spn=MSSQLSvc/sql.contoso.com:1433 bindings=absent
5.008 server LOGINACK server=SQL10 database=AdventureWorks spid=61
5.009 client FIN
5.010 server FIN
5.011 client ACK
