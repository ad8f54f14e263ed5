# Windows authentication inside SPNEGO: NTLM, Kerberos with a second leg or without its frame, and a client that wanted
# Kerberos and got NTLM.

start  2025-03-03 09:00:00

# NTLM, each token wrapped
client 10.10.10.120:50001 mac=00:15:5d:0a:0a:78 isn=1000000 syn_win=64240 win=8212
server 10.10.10.10:1433 mac=00:15:5d:0a:0a:0a isn=1500000 syn_win=65535 win=8212
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
1.000 client SYN
1.001 server SYN
1.002 client ACK
1.003 client PRELOGIN encrypt=not_supported
1.004 server PRELOGIN encrypt=not_supported
1.005 client LOGIN7 host=APP120 app=Orders server=sql.contoso.com library="Core Microsoft SqlClient Data Provider" database=AdventureWorks token=offer_ntlm
1.006 server SSPI_SERVER token=answer_ntlm_challenge domain=CONTOSO computer=SQL10 dns=contoso.com
1.007 client SSPI_CLIENT token=answer_ntlm_authenticate domain=CONTOSO user=joe33 workstation=APP120 computer=SQL10 dns=contoso.com spn=MSSQLSvc/sql.contoso.com:1433
1.008 server LOGINACK server=SQL10 database=AdventureWorks spid=61 sspi=answer_mic
1.009 client FIN
1.010 server FIN
1.011 client ACK

# The same behind an encrypted LOGIN7
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
2.009 client ENCRYPTED_LOGIN7 host=APP120 app=Orders server=sql.contoso.com library="Core Microsoft SqlClient Data Provider" database=AdventureWorks token=offer_ntlm
2.010 server SSPI_SERVER token=answer_ntlm_challenge domain=CONTOSO computer=SQL10 dns=contoso.com
2.011 client SSPI_CLIENT token=answer_ntlm_authenticate domain=CONTOSO user=joe33 workstation=APP120 computer=SQL10 dns=contoso.com spn=MSSQLSvc/sql.contoso.com:1433
2.012 server LOGINACK server=SQL10 database=AdventureWorks spid=61 sspi=answer_mic
2.013 client FIN
2.014 server FIN
2.015 client ACK

# Kerberos; the server asks for a MIC of the list of mechanisms
client 10.10.10.120:50003 mac=00:15:5d:0a:0a:78 isn=3000000 syn_win=64240 win=8212
server 10.10.10.10:1433 mac=00:15:5d:0a:0a:0a isn=3500000 syn_win=65535 win=8212
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
3.000 client SYN
3.001 server SYN
3.002 client ACK
3.003 client PRELOGIN encrypt=not_supported
3.004 server PRELOGIN encrypt=not_supported
3.005 client LOGIN7 host=APP120 app=Orders server=sql.contoso.com library="Core Microsoft SqlClient Data Provider" database=AdventureWorks token=offer_kerberos spn=MSSQLSvc/sql.contoso.com:1433 realm=CONTOSO.COM
3.006 server SSPI_SERVER token=answer_kerberos
3.007 client SSPI_CLIENT token=answer_mic
3.008 server LOGINACK server=SQL10 database=AdventureWorks spid=61 sspi=answer_mic
3.009 client FIN
3.010 server FIN
3.011 client ACK

# The same behind an encrypted LOGIN7
client 10.10.10.120:50004 mac=00:15:5d:0a:0a:78 isn=4000000 syn_win=64240 win=8212
server 10.10.10.10:1433 mac=00:15:5d:0a:0a:0a isn=4500000 syn_win=65535 win=8212
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
4.000 client SYN
4.001 server SYN
4.002 client ACK
4.003 client PRELOGIN encrypt=off
4.004 server PRELOGIN encrypt=off
4.005 client CLIENT_HELLO server_name=sql.contoso.com
4.006 server SERVER_HELLO
4.007 client CLIENT_KEY_EXCHANGE
4.008 server CHANGE_CIPHER_SPEC
4.009 client ENCRYPTED_LOGIN7 host=APP120 app=Orders server=sql.contoso.com library="Core Microsoft SqlClient Data Provider" database=AdventureWorks token=offer_kerberos spn=MSSQLSvc/sql.contoso.com:1433 realm=CONTOSO.COM
4.010 server SSPI_SERVER token=answer_kerberos
4.011 client SSPI_CLIENT token=answer_mic
4.012 server LOGINACK server=SQL10 database=AdventureWorks spid=61 sspi=answer_mic
4.013 client FIN
4.014 server FIN
4.015 client ACK

# The client offers a ticket, the server chooses NTLM
client 10.10.10.120:50005 mac=00:15:5d:0a:0a:78 isn=5000000 syn_win=64240 win=8212
server 10.10.10.10:1433 mac=00:15:5d:0a:0a:0a isn=5500000 syn_win=65535 win=8212
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
5.000 client SYN
5.001 server SYN
5.002 client ACK
5.003 client PRELOGIN encrypt=not_supported
5.004 server PRELOGIN encrypt=not_supported
5.005 client LOGIN7 host=APP120 app=Orders server=sql.contoso.com library="Core Microsoft SqlClient Data Provider" database=AdventureWorks token=offer_kerberos spn=MSSQLSvc/sql.contoso.com:1433 realm=CONTOSO.COM
5.006 server SSPI_SERVER token=answer_choice mechanism=ntlm
5.007 client SSPI_CLIENT token=answer_ntlm_negotiate
5.008 server SSPI_SERVER token=answer_ntlm_challenge domain=CONTOSO computer=SQL10 dns=contoso.com
5.009 client SSPI_CLIENT token=answer_ntlm_authenticate domain=CONTOSO user=joe33 workstation=APP120 computer=SQL10 dns=contoso.com spn=MSSQLSvc/sql.contoso.com:1433
5.010 server LOGINACK server=SQL10 database=AdventureWorks spid=61 sspi=answer_mic
5.011 client FIN
5.012 server FIN
5.013 client ACK

# The same behind an encrypted LOGIN7
client 10.10.10.120:50006 mac=00:15:5d:0a:0a:78 isn=6000000 syn_win=64240 win=8212
server 10.10.10.10:1433 mac=00:15:5d:0a:0a:0a isn=6500000 syn_win=65535 win=8212
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
6.000 client SYN
6.001 server SYN
6.002 client ACK
6.003 client PRELOGIN encrypt=off
6.004 server PRELOGIN encrypt=off
6.005 client CLIENT_HELLO server_name=sql.contoso.com
6.006 server SERVER_HELLO
6.007 client CLIENT_KEY_EXCHANGE
6.008 server CHANGE_CIPHER_SPEC
6.009 client ENCRYPTED_LOGIN7 host=APP120 app=Orders server=sql.contoso.com library="Core Microsoft SqlClient Data Provider" database=AdventureWorks token=offer_kerberos spn=MSSQLSvc/sql.contoso.com:1433 realm=CONTOSO.COM
6.010 server SSPI_SERVER token=answer_choice mechanism=ntlm
6.011 client SSPI_CLIENT token=answer_ntlm_negotiate
6.012 server SSPI_SERVER token=answer_ntlm_challenge domain=CONTOSO computer=SQL10 dns=contoso.com
6.013 client SSPI_CLIENT token=answer_ntlm_authenticate domain=CONTOSO user=joe33 workstation=APP120 computer=SQL10 dns=contoso.com spn=MSSQLSvc/sql.contoso.com:1433
6.014 server LOGINACK server=SQL10 database=AdventureWorks spid=61 sspi=answer_mic
6.015 client FIN
6.016 server FIN
6.017 client ACK

# A client that leaves the GSS frame of its AP-REQ out, and asks for no answer
client 10.10.10.120:50007 mac=00:15:5d:0a:0a:78 isn=7000000 syn_win=64240 win=8212
server 10.10.10.10:1433 mac=00:15:5d:0a:0a:0a isn=7500000 syn_win=65535 win=8212
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
7.000 client SYN
7.001 server SYN
7.002 client ACK
7.003 client PRELOGIN encrypt=not_supported
7.004 server PRELOGIN encrypt=not_supported
7.005 client LOGIN7 host=APP120 app=Orders server=sql.contoso.com library=impacket database=AdventureWorks token=offer_kerberos mechanisms=ms_kerberos framed=no spn=MSSQLSvc/sql.contoso.com:1433 realm=CONTOSO.COM
7.006 server LOGINACK server=SQL10 database=AdventureWorks spid=61
7.007 client FIN
7.008 server FIN
7.009 client ACK
