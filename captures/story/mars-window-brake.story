# MARS: a response of 22 packets over a long line. Of every 80 ms the server may send for 1 ms: the window of 4 packets
# is the brake. Nobody stands still for a second.

start  2024-06-05 12:00:00
client 10.10.10.10:52010 mac=00:15:5d:0a:0a:0a isn=661832901  syn_win=64240 win=8212
server 10.10.10.22:1433  mac=00:15:5d:0a:0a:16 isn=2018114600 syn_win=65535 win=8212
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=15.0.2000

include mars-login.part

0.0100 client SMP_SYN sid=0
0.0101 client BATCH sid=0 text="SELECT name FROM items"
0.0900 server RESULT sid=0 column=name rows="Mountain bicycle*2500" spid=55
0.0901 server CONTINUE sid=0
0.0902 server CONTINUE sid=0
0.0903 server CONTINUE sid=0
repeat 4 every 0.0800
0.1700 client SMP_ACK sid=0
0.1701 server CONTINUE sid=0
0.1702 server CONTINUE sid=0
0.1703 server CONTINUE sid=0
0.1704 server CONTINUE sid=0
end
0.4900 client SMP_ACK sid=0
0.4901 server CONTINUE sid=0
0.4902 server CONTINUE sid=0

9.0000 client FIN
9.0002 server FIN
9.0004 client ACK
