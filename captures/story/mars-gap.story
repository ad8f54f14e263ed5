# MARS: a response is not in the capture, and later the SYN with which the client uses the SID again.

start  2024-06-05 12:00:00
client 10.10.10.10:52018 mac=00:15:5d:0a:0a:0a isn=661832901  syn_win=64240 win=8212
server 10.10.10.22:1433  mac=00:15:5d:0a:0a:16 isn=2018114600 syn_win=65535 win=8212
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=15.0.2000

include mars-login.part

0.0100 client SMP_SYN sid=0
0.0100 client BATCH sid=0 text="SELECT name FROM items"
0.0110 server RESULT sid=0 column=name rows=Bell spid=55

0.0120 client BATCH sid=0 text="SELECT name FROM items"
0.0130 server RESULT sid=0 column=name rows=Bell spid=55 missing
0.0140 client BATCH sid=0 text="SELECT name FROM items"
0.0150 server RESULT sid=0 column=name rows=Bell spid=55
0.0160 client SMP_FIN sid=0
0.0170 server SMP_FIN sid=0
0.0180 client SMP_SYN sid=0 missing
0.0181 client BATCH sid=0 text="SELECT name FROM items"
0.0190 server RESULT sid=0 column=name rows=Bell spid=55

9.0000 client FIN
9.0002 server FIN
9.0004 client ACK
