# MARS is agreed on, the login goes through, and the client closes without a session.

start  2024-06-05 12:00:00
client 10.10.10.10:52013 mac=00:15:5d:0a:0a:0a isn=661832901  syn_win=64240 win=8212
server 10.10.10.22:1433  mac=00:15:5d:0a:0a:16 isn=2018114600 syn_win=65535 win=8212
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=15.0.2000

include mars-login.part



9.0000 client FIN
9.0002 server FIN
9.0004 client ACK
