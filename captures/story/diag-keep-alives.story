# Idle connections: the path breaks in two of them, in the others keep-alives are answered or too few.

start  2025-03-03 09:00:00

# Windows: 10 keep-alives a second apart, then RST
client 10.10.10.10:50001 mac=00:15:5d:0a:0a:0a isn=1000000
server 10.10.10.20:1433 mac=00:15:5d:0a:0a:14 isn=1500000
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
include diag-login.part at 0
1.000 client BATCH text="SELECT 1"
1.001 server RESULT column=n rows=1 spid=55
1.050 client ACK
repeat 10 every 1
31.050 client KEEP_ALIVE
end
41.050 client RST

# Linux: keep-alives without a byte, then nothing
client 10.10.10.10:50002 mac=00:15:5d:0a:0a:0a isn=2000000
server 10.10.10.20:1433 mac=00:15:5d:0a:0a:14 isn=2500000
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
include diag-login.part at 50
repeat 6 every 10
90.000 client KEEP_ALIVE bytes=0
end

# Answered
client 10.10.10.10:50003 mac=00:15:5d:0a:0a:0a isn=3000000
server 10.10.10.20:1433 mac=00:15:5d:0a:0a:14 isn=3500000
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
include diag-login.part at 150
repeat 6 every 30
180.000 client KEEP_ALIVE
180.001 server ACK
end
361.100 client FIN
361.101 server FIN
361.102 client ACK

# Four without an answer, then one
client 10.10.10.10:50004 mac=00:15:5d:0a:0a:0a isn=4000000
server 10.10.10.20:1433 mac=00:15:5d:0a:0a:14 isn=4500000
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
include diag-login.part at 400
repeat 4 every 1
430.000 server KEEP_ALIVE
end
434.000 server KEEP_ALIVE
434.001 client ACK
435.100 client FIN
435.101 server FIN
435.102 client ACK
