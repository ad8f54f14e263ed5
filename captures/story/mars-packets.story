# MARS: SMP packets, TDS packets and TCP segments that do not begin and end together.

start  2024-06-05 12:00:00
client 10.10.10.10:52015 mac=00:15:5d:0a:0a:0a isn=661832901  syn_win=64240 win=8212
server 10.10.10.22:1433  mac=00:15:5d:0a:0a:16 isn=2018114600 syn_win=65535 win=8212
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=15.0.2000

include mars-login.part

0.0100 client SMP_SYN sid=0 held
0.0100 client SMP_SYN sid=1 held
0.0100 client BATCH sid=0 text="SELECT name FROM items"

# A TDS packet in two SMP packets, cut in its header, and one cut behind it
0.0110 server RESULT sid=0 column=name rows=Bell spid=55 smp_send=5
0.0111 server SMP_REST sid=0
0.0120 client BATCH sid=1 text="SELECT name FROM items" smp_send=20
0.0121 client SMP_REST sid=1
0.0130 server RESULT sid=1 column=name rows=Bell spid=55

# An SMP packet in two segments, cut in its header
0.0140 client BATCH sid=0 text="SELECT name FROM items" send=10
0.0141 client REST

# Both responses end in one segment, which an ACK begins
0.0150 client BATCH sid=1 text="SELECT name FROM items"
0.0160 server SMP_ACK sid=1 held
0.0160 server RESULT sid=0 column=name rows=Bell spid=55 held
0.0160 server RESULT sid=1 column=name rows=Saddle spid=55
0.0170 client SMP_FIN sid=1 held
0.0170 client SMP_FIN sid=0
0.0180 server SMP_FIN sid=1 held
0.0180 server SMP_FIN sid=0

9.0000 client FIN
9.0002 server FIN
9.0004 client ACK
