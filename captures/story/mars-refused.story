# The client asks for MARS, the server does not have it.

start  2024-06-05 12:00:00
client 10.10.10.10:52012 mac=00:15:5d:0a:0a:0a isn=661832901  syn_win=64240 win=8212
server 10.10.10.22:1433  mac=00:15:5d:0a:0a:16 isn=2018114600 syn_win=65535 win=8212
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=15.0.2000

0.0000 client SYN
0.0002 server SYN
0.0004 client ACK
0.0010 client PRELOGIN encrypt=off mars=on version=4.8.4084
0.0015 server PRELOGIN encrypt=off mars=off
0.0020 client CLIENT_HELLO
0.0030 server SERVER_HELLO
0.0040 client CLIENT_KEY_EXCHANGE
0.0050 server CHANGE_CIPHER_SPEC
0.0060 client ENCRYPTED_LOGIN7 host=APP10 user=orders app="Order entry" server=sqlserv22 library=".Net SqlClient Data Provider" database=Orders
0.0090 server LOGINACK server=SQLSERV22 database=Orders spid=55
0.0100 client BATCH text="SELECT name FROM items"
0.0110 server RESULT column=name rows=Bell spid=55

9.0000 client FIN
9.0002 server FIN
9.0004 client ACK
