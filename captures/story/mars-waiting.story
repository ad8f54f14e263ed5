# MARS: a client that stops reading in the middle of a response, and never goes on. One closes the connection 3 s later; of
# the other the capture ends.

start  2024-06-05 12:00:00
client 10.10.10.10:52010 mac=00:15:5d:0a:0a:0a isn=661832901  syn_win=64240 win=8212
server 10.10.10.22:1433  mac=00:15:5d:0a:0a:16 isn=2018114600 syn_win=65535 win=8212
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=15.0.2000

include mars-login.part

0.0100 client SMP_SYN sid=0
0.0101 client BATCH sid=0 text="SELECT name FROM items"
0.0110 server RESULT sid=0 column=name rows="Mountain bicycle*690" spid=55
0.0111 server CONTINUE sid=0
0.0112 server CONTINUE sid=0
0.0113 server CONTINUE sid=0 seqnum=4
0.0500 client ACK
3.0113 client FIN
3.0114 server FIN
3.0115 client ACK

client 10.10.10.10:52011 mac=00:15:5d:0a:0a:0a isn=761832901  syn_win=64240 win=8212
server 10.10.10.22:1433  mac=00:15:5d:0a:0a:16 isn=3018114600 syn_win=65535 win=8212

include mars-login.part at 10

10.0100 client SMP_SYN sid=0
10.0101 client BATCH sid=0 text="SELECT name FROM items"
10.0110 server RESULT sid=0 column=name rows="Mountain bicycle*690" spid=55
10.0111 server CONTINUE sid=0
10.0112 server CONTINUE sid=0
10.0113 server CONTINUE sid=0 seqnum=4
10.0500 client ACK
11.5000 server KEEP_ALIVE
11.5001 client ACK
