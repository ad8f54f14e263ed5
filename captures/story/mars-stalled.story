# MARS: the client does not read for 2 s in the middle of a response; the server has no credit.

start  2024-06-05 12:00:00
client 10.10.10.10:52009 mac=00:15:5d:0a:0a:0a isn=661832901  syn_win=64240 win=8212
server 10.10.10.22:1433  mac=00:15:5d:0a:0a:16 isn=2018114600 syn_win=65535 win=8212
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=15.0.2000

include mars-login.part

0.0100 client SMP_SYN sid=0
0.0101 client BATCH sid=0 text="SELECT name FROM items"
0.0110 server RESULT sid=0 column=name rows="Mountain bicycle*690" spid=55
0.0111 server CONTINUE sid=0
0.0112 server CONTINUE sid=0
0.0113 server CONTINUE sid=0 seqnum=4
2.0113 client SMP_ACK sid=0 wndw=8
2.0120 server CONTINUE sid=0
2.0121 server CONTINUE sid=0

# Again, and said only once
2.0130 client BATCH sid=0 text="SELECT name FROM items" wndw=10
2.0140 server RESULT sid=0 column=name rows="Mountain bicycle*690" spid=55
2.0141 server CONTINUE sid=0
2.0142 server CONTINUE sid=0
2.0143 server CONTINUE sid=0 seqnum=10
4.0143 client SMP_ACK sid=0 wndw=14
4.0150 server CONTINUE sid=0
4.0151 server CONTINUE sid=0

9.0000 client FIN
9.0002 server FIN
9.0004 client ACK
