# MARS: the responses of two sessions end in one segment, each of them a message of two packets.

start  2024-06-05 12:00:00
client 10.10.10.10:52018 mac=00:15:5d:0a:0a:0a isn=661832901  syn_win=64240 win=8212
server 10.10.10.22:1433  mac=00:15:5d:0a:0a:16 isn=2018114600 syn_win=65535 win=8212
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=15.0.2000

include mars-login.part

0.0100 client SMP_SYN sid=0
0.0101 client SMP_SYN sid=1
0.0110 client BATCH sid=0 text="SELECT name FROM items"
0.0120 client BATCH sid=1 text="SELECT name FROM items"
0.0200 server RESULT sid=0 column=name rows="Mountain bicycle*200" spid=55
0.0210 server RESULT sid=1 column=name rows="Road bicycle*290" spid=55
0.0220 server CONTINUE sid=0 held
0.0220 server CONTINUE sid=1
0.0400 client SMP_FIN sid=0
0.0401 server SMP_FIN sid=0
0.0402 client SMP_FIN sid=1
0.0403 server SMP_FIN sid=1

9.0000 client FIN
9.0002 server FIN
9.0004 client ACK
