# MARS: two responses at the same time, and one of the requests is cancelled.

start  2024-06-05 12:00:00
client 10.10.10.10:52017 mac=00:15:5d:0a:0a:0a isn=661832901  syn_win=64240 win=8212
server 10.10.10.22:1433  mac=00:15:5d:0a:0a:16 isn=2018114600 syn_win=65535 win=8212
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=15.0.2000

include mars-login.part

0.0100 client SMP_SYN sid=0
0.0101 client SMP_SYN sid=1
0.0110 client BATCH sid=0 text="SELECT name FROM items"
0.0120 client BATCH sid=1 text="SELECT name FROM items"
0.0200 server RESULT sid=1 column=name rows="Mountain bicycle*340" spid=55
0.0210 server RESULT sid=0 column=name rows="Mountain bicycle*450" spid=55
0.0220 server CONTINUE sid=1
0.0230 server CONTINUE sid=0
0.0240 client ATTENTION sid=0
0.0250 server CONTINUE sid=1
0.0300 server ATTENTION_ACK sid=0 spid=55 packet=3
0.0310 client BATCH sid=0 text="SELECT name FROM items"
0.0350 server RESULT sid=0 column=name rows=Bell spid=55
0.0400 client SMP_FIN sid=1
0.0401 server SMP_FIN sid=1

9.0000 client FIN
9.0002 server FIN
9.0004 client ACK
