# What MARS may do and every rule keeps quiet about.

start  2024-06-05 12:00:00
client 10.10.10.10:52014 mac=00:15:5d:0a:0a:0a isn=661832901  syn_win=64240 win=8212
server 10.10.10.22:1433  mac=00:15:5d:0a:0a:16 isn=2018114600 syn_win=65535 win=8212
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=15.0.2000

include mars-login.part

# The window filled to the last packet, and a wait of 0.9 s for credit
0.0100 client SMP_SYN sid=0
0.0101 client BATCH sid=0 text="SELECT name FROM items"
0.0110 server RESULT sid=0 column=name rows="Mountain bicycle*690" spid=55
0.0111 server CONTINUE sid=0
0.0112 server CONTINUE sid=0
0.0113 server CONTINUE sid=0 seqnum=4
0.9113 client SMP_ACK sid=0 wndw=8
0.9120 server CONTINUE sid=0
1.9121 server CONTINUE sid=0

# A response that ends just where the window ends: the client reads it 3 s later, and the server does not wait
1.9200 client BATCH sid=0 text="SELECT name FROM items" wndw=10
1.9210 server RESULT sid=0 column=name rows="Mountain bicycle*450" spid=55
1.9211 server CONTINUE sid=0
1.9212 server CONTINUE sid=0
1.9213 server CONTINUE sid=0 seqnum=10
3.9213 client SMP_ACK sid=0 wndw=14

# The next response takes half a second, of which the server waits for credit one fifth
3.9300 client BATCH sid=0 text="SELECT name FROM items"
3.9310 server RESULT sid=0 column=name rows="Mountain bicycle*690" spid=55
3.9311 server CONTINUE sid=0
3.9312 server CONTINUE sid=0
3.9313 server CONTINUE sid=0
4.0313 client SMP_ACK sid=0
4.0320 server CONTINUE sid=0
4.4310 server CONTINUE sid=0

# A second session: its FIN is not answered before the connection closes; the first one ends without FIN
4.5000 client SMP_SYN sid=1
4.5001 client BATCH sid=1 text="SELECT name FROM items"
4.5010 server RESULT sid=1 column=name rows=Bell spid=55
4.5020 client BATCH sid=1 text="SELECT name FROM items"
4.5021 client SMP_FIN sid=1
4.5030 server RESULT sid=1 column=name rows=Bell spid=55
9.0000 client FIN
9.0001 server SMP_FIN sid=1
9.0002 client RST
