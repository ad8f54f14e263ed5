# MARS: where an SMP header must stand there is none: another SMID, no length that holds the header, no flag, one that is not
# defined. Each stands between sound packets, and the stream goes on behind it. (Nearly: the last one stands behind a hole in the
# capture, and may be the middle of what was lost.)

start  2024-06-05 12:00:00
client 10.10.10.10:52001 mac=00:15:5d:0a:0a:0a isn=661832901  syn_win=64240 win=8212
server 10.10.10.22:1433  mac=00:15:5d:0a:0a:16 isn=2018114600 syn_win=65535 win=8212
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=15.0.2000

include mars-login.part

0.0100 client SMP_SYN sid=0 held
0.0100 client BATCH sid=0 text="SELECT name FROM items"
0.0110 server RESULT sid=0 column=name rows=Bell spid=55
0.0120 client SMP_SYN sid=1 held
0.0120 client BATCH sid=1 text="SELECT name FROM items"
0.0130 server RESULT sid=1 column=name rows=Bell spid=55

# Another SMID, alone and between two packets of one segment.
0.0200 client SMP_ACK sid=0 smp_id=0x54
0.0210 client BATCH sid=0 text="SELECT name FROM items"
0.0220 server SMP_ACK sid=0 held
0.0220 server SMP_ACK sid=1 smp_id=0xd3 held
0.0220 server RESULT sid=0 column=name rows=Bell spid=55
# Not as long as its header; the packet behind it is found.
0.0300 client SMP_ACK sid=1 smp_length=8 held
0.0300 client BATCH sid=1 text="SELECT name FROM items"
# No flag, and one that is not defined: whose they are is in the header.
0.0310 server SMP_ACK sid=1 smp_flags=0
0.0320 server RESULT sid=1 column=name rows=Bell spid=55
0.0330 client SMP_ACK sid=0 smp_flags=0x10
0.0340 client BATCH sid=0 text="SELECT name FROM items"
# A response that nobody can read, in two segments: it is not held against the server that the request has no answer.
0.0350 server RESULT sid=0 column=name rows=Bell,Drum,Cap,Rope,Lamp spid=55 smp_id=0x54 send=60
0.0360 server REST
0.0400 client BATCH sid=1 text="SELECT name FROM items"
0.0410 server RESULT sid=1 column=name rows=Bell spid=55
# Behind a hole nobody is blamed.
0.0500 client BATCH sid=1 text="SELECT name FROM items"
0.0510 server RESULT sid=1 column=name rows=Bell,Drum spid=55 send=60 missing
0.0520 server REST
0.0600 client BATCH sid=1 text="SELECT name FROM items"
0.0610 server RESULT sid=1 column=name rows=Bell spid=55

9.0000 client FIN
9.0002 server FIN
9.0004 client ACK
