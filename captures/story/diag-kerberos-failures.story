# Tickets that the KDC refuses, and the NTLM logins that follow.

start  2025-03-03 09:00:00

# The SPN is unknown
client 10.10.10.10:50001 mac=00:15:5d:0a:0a:0a isn=1000000
server 10.10.10.20:1433 mac=00:15:5d:0a:0a:14 isn=1500000
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
kdc    10.10.10.5:88 mac=00:15:5d:0a:0a:05
1.0085 kdc KRB_ERROR error=7 spn=MSSQLSvc/sql.contoso.com:1433 realm=CONTOSO.COM
include diag-ntlm.part at 1
1.013 server LOGINACK server=SQL20 database=Orders spid=55
1.100 client FIN
1.101 server FIN
1.102 client ACK

# The SPN is not unique
client 10.10.10.10:50002 mac=00:15:5d:0a:0a:0a isn=2000000
server 10.10.10.20:1433 mac=00:15:5d:0a:0a:14 isn=2500000
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
kdc    10.10.10.5:88 mac=00:15:5d:0a:0a:05
21.0085 kdc KRB_ERROR error=8 spn=MSSQLSvc/sql.contoso.com:1433 realm=CONTOSO.COM
include diag-ntlm.part at 21
21.013 server LOGINACK server=SQL20 database=Orders spid=55
21.100 client FIN
21.101 server FIN
21.102 client ACK

# No common encryption type
client 10.10.10.10:50003 mac=00:15:5d:0a:0a:0a isn=3000000
server 10.10.10.20:1433 mac=00:15:5d:0a:0a:14 isn=3500000
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
kdc    10.10.10.5:88 mac=00:15:5d:0a:0a:05
41.0085 kdc KRB_ERROR error=14 spn=MSSQLSvc/sql.contoso.com:1433 realm=CONTOSO.COM
include diag-ntlm.part at 41
41.013 server LOGINACK server=SQL20 database=Orders spid=55
41.100 client FIN
41.101 server FIN
41.102 client ACK

# The SPN of another port
client 10.10.10.10:50004 mac=00:15:5d:0a:0a:0a isn=4000000
server 10.10.10.20:1433 mac=00:15:5d:0a:0a:14 isn=4500000
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
kdc    10.10.10.5:88 mac=00:15:5d:0a:0a:05
61.0085 kdc KRB_ERROR error=7 spn=MSSQLSvc/sql.contoso.com:1499 realm=CONTOSO.COM
include diag-ntlm.part at 61
61.013 server LOGINACK server=SQL20 database=Orders spid=55
61.100 client FIN
61.101 server FIN
61.102 client ACK

# A failure of 11 s ago
client 10.10.10.10:50005 mac=00:15:5d:0a:0a:0a isn=5000000
server 10.10.10.20:1433 mac=00:15:5d:0a:0a:14 isn=5500000
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
kdc    10.10.10.5:88 mac=00:15:5d:0a:0a:05
80.000 kdc KRB_ERROR error=7 spn=MSSQLSvc/sql.contoso.com:1433 realm=CONTOSO.COM
include diag-ntlm.part at 91
91.013 server LOGINACK server=SQL20 database=Orders spid=55
91.100 client FIN
91.101 server FIN
91.102 client ACK

# Unknown, and the client goes on with a password
client 10.10.10.10:50006 mac=00:15:5d:0a:0a:0a isn=6000000
server 10.10.10.20:1433 mac=00:15:5d:0a:0a:14 isn=6500000
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
kdc    10.10.10.5:88 mac=00:15:5d:0a:0a:05
110.000 kdc KRB_ERROR error=7 spn=MSSQLSvc/sql.contoso.com:1433 realm=CONTOSO.COM
include diag-login.part at 111
112.100 client FIN
112.101 server FIN
112.102 client ACK

# Unknown, and the client gives up after TLS
client 10.10.10.10:50007 mac=00:15:5d:0a:0a:0a isn=7000000
server 10.10.10.20:1433 mac=00:15:5d:0a:0a:14 isn=7500000
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
kdc    10.10.10.5:88 mac=00:15:5d:0a:0a:05
130.0085 kdc KRB_ERROR error=7 spn=MSSQLSvc/sql.contoso.com:1433 realm=CONTOSO.COM
include diag-tls.part at 130
130.100 client FIN
130.101 server FIN
130.102 client ACK
