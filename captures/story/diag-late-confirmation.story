# A domain controller that takes 16 s: the client gives up after 15 s, then LOGINACK comes.

start  2025-03-03 09:00:00

# The client's time is up
client 10.10.10.10:50001 mac=00:15:5d:0a:0a:0a isn=1000000
server 10.10.10.20:1433 mac=00:15:5d:0a:0a:14 isn=1500000
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
include diag-ntlm.part at 1
1.030 server ACK
16.000 client FIN
16.001 server ACK
17.011 server LOGINACK server=SQL20 database=Orders spid=55
17.012 client RST flags=R

# Somebody else logs in meanwhile, in time
client 10.10.10.10:50002 mac=00:15:5d:0a:0a:0a isn=2000000
server 10.10.10.20:1433 mac=00:15:5d:0a:0a:14 isn=2500000
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
include diag-login.part at 3
4.100 client FIN
4.101 server FIN
4.102 client ACK
