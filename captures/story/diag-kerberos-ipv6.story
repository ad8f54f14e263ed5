# A ticket that the KDC refuses, and the NTLM login that follows, all over IPv6.

start  2025-03-03 09:00:00

client [2001:db8::10]:50001 mac=00:15:5d:0a:0a:0a isn=1000000
server [2001:db8::20]:1433 mac=00:15:5d:0a:0a:14 isn=1500000
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
kdc    [2001:db8::5]:88 mac=00:15:5d:0a:0a:05
1.0085 kdc KRB_ERROR error=7 spn=MSSQLSvc/sql.contoso.com:1433 realm=CONTOSO.COM
include diag-ntlm.part at 1
1.013 server LOGINACK server=SQL20 database=Orders spid=55
1.100 client FIN
1.101 server FIN
1.102 client ACK
