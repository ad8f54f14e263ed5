# MARS: the capture begins in the middle of session 3, and sees its SID used again.

start  2024-06-05 12:00:00
client 10.10.10.10:52019 mac=00:15:5d:0a:0a:0a isn=661832901  syn_win=64240 win=8212
server 10.10.10.22:1433  mac=00:15:5d:0a:0a:16 isn=2018114600 syn_win=65535 win=8212
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=15.0.2000

0.0100 client BATCH sid=3 text="SELECT name FROM items" smp_seqnum=0xffffffff smp_wndw=0x105
0.0110 server RESULT sid=3 column=name rows="Mountain bicycle*300" spid=55 smp_seqnum=0x102 smp_wndw=1
0.0111 server CONTINUE sid=3 smp_seqnum=0x103 smp_wndw=1
0.0120 client BATCH sid=3 text="SELECT name FROM items" smp_seqnum=0 smp_wndw=0x107
0.0130 server RESULT sid=3 column=name rows=Bell spid=55 smp_seqnum=0x104 smp_wndw=2
0.0140 client SMP_FIN sid=3 smp_seqnum=0 smp_wndw=0x107
0.0150 server SMP_FIN sid=3 smp_seqnum=0x104 smp_wndw=2
0.0160 client SMP_SYN sid=3
0.0170 client BATCH sid=3 text="SELECT name FROM items"
0.0180 server RESULT sid=3 column=name rows=Bell spid=55

9.0000 client FIN
9.0002 server FIN
9.0004 client ACK
