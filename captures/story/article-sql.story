# SQL authentication with TDS 7.1; only the login is encrypted.
#
# The "SQL authentication" tab of Microsoft's article "Trace the network authentication process to the
# Database Engine": its addresses, ports, times, sequence numbers, SPIDs and packet numbers. Between the
# article's sequence numbers lie 662 bytes of the client and 1307 of the server; how they divide into
# messages is chosen here. frame=N is the number that the article prints.

start  2024-06-05 12:00:00
client 10.10.10.10:60123 mac=00:15:5d:0a:0a:0a isn=4050702293 syn_win=8192 win=513
server 10.10.10.120:1433 mac=00:15:5d:0a:0a:78 isn=4095166896 syn_win=8192 win=513
scene  tds=7.1 tls=TLS1.0-RSA-3DES certificate=fallback-rsa1024 product=9.0.5000

# TCP three-way handshake
116.5776698 client SYN  frame=6127 seq=4050702293 ack=0
116.5776698 server SYN  frame=6128 seq=4095166896 ack=4050702294
116.5786458 client ACK  frame=6129 seq=4050702294 ack=4095166897

# Driver handshake
116.5786458 client PRELOGIN encrypt=off instance=MSSQLServer version=8.0.341 packet=0  frame=6130
116.5805998 server PRELOGIN encrypt=off  frame=6131

# TLS handshake
116.5835288 client CLIENT_HELLO         frame=6132
116.5845058 server SERVER_HELLO         frame=6133
116.5864588 client CLIENT_KEY_EXCHANGE  frame=6134
116.5923178 server CHANGE_CIPHER_SPEC   frame=6135

# Login
116.5932948 client ENCRYPTED_LOGIN7 host=APP1010 user=reports password=Pa55phrase app=Reporting server=sql.contoso.com library=OLEDB database=AdventureWorks  frame=6136
116.5962248 server LOGINACK server=SQL120 database=AdventureWorks spid=96  frame=6137

# A command
116.5991538 client BATCH text="SELECT name FROM sys.objects"  frame=6138
116.5991538 server RESULT column=name rows=SalesOrderDetail,SalesOrderHeader,ProductModelProductDescription,Employee spid=96  frame=6139
116.8032558 client ACK  frame=6266 seq=4050702956 ack=4095168204

# TCP four-way closing handshake
116.9097008 client FIN  frame=6362 seq=4050702956 ack=4095168204
116.9097008 server ACK  frame=6363 seq=4095168204 ack=4050702957
116.9097008 server FIN  frame=6364 seq=4095168204 ack=4050702957
116.9106778 client ACK  frame=6366 seq=4050702957 ack=4095168205
