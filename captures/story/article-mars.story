# MARS: an NTLM login with TDS 7.4, then one SMP session; only the login is encrypted.
#
# The "MARS" tab of Microsoft's article "Trace the network authentication process to the Database Engine":
# its addresses, ports, times, SPIDs, packet numbers, the SMP numbers of frame 40911 and bad checksums (the
# trace was taken on the server). It cuts the sequence numbers after 8 of their 9 digits: the client's first
# is 66183290x and that of frame 6900 is 66183319x, so PRELOGIN and Client Hello have about 290 bytes.
# frame=N is the number that the article prints; it lists only the beginning and the end of the session.

start  2024-06-05 12:00:00
client 10.10.10.10:52965 mac=00:15:5d:0a:0a:0a isn=661832901  syn_win=64240 win=8212
server 10.10.10.22:1433  mac=00:15:5d:0a:0a:16 isn=2018114600 syn_win=65535 win=8212
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=15.0.2000

# TCP three-way handshake, with an offer of ECN
568.0608108 client SYN flags=SEC               frame=6704 seq=661832901 ack=0
568.0608483 server SYN flags=SAE bad_checksum  frame=6713 ack=661832902
568.0613015 client ACK                         frame=6754 seq=661832902

# Driver handshake
568.0615479 client PRELOGIN encrypt=off mars=on trace=on fedauth=on version=4.8.4084  frame=6777
568.0616817 server PRELOGIN encrypt=off mars=on trace=on fedauth=off  frame=6786

# TLS handshake
568.0622426 client CLIENT_HELLO server_name=sqlserv22.contoso.com  frame=6833
568.0627953 server SERVER_HELLO         frame=6873
568.0632639 client ACK                  frame=6900 seq=661833192
568.0643795 client CLIENT_KEY_EXCHANGE  frame=6977
568.0655160 server CHANGE_CIPHER_SPEC   frame=7045

# Login, with NTLM's NEGOTIATE in the encrypted record; the article calls it reassembled, so it came in two segments
568.0679639 client ENCRYPTED_LOGIN7 host=APP10 app="Order entry" server=sqlserv22.contoso.com library=".Net SqlClient Data Provider" database=AdventureWorks sspi=40 send=256  unlisted
568.0679639 client REST  frame=7233

# Authentication
568.0684467 server NTLM_CHALLENGE domain=CONTOSO computer=SQLSERV22 dns=contoso.com  frame=7275
568.0692389 client NTLM_AUTHENTICATE domain=CONTOSO user=joe12 workstation=APP10 computer=SQLSERV22 dns=contoso.com spn=MSSQLSvc/sqlserv22.contoso.com:1433  frame=7331
568.1295675 server ACK bad_checksum  frame=11791

# Login confirmation
568.2162145 server LOGINACK server=SQLSERV22 database=AdventureWorks spid=255  frame=17978

# A new MARS session
568.2170301 client SMP_SYN sid=0 seqnum=0 wndw=4  frame=18024

# Commands on the session
568.2170301 client BATCH sid=0 text="SET TEXTSIZE 64512"  frame=18028
568.2170676 server ACK bad_checksum  frame=18031
568.2173641 server RESULT sid=0 column=done rows=yes spid=255  frame=18038
568.2178650 client BATCH sid=0 text="SELECT item FROM orders WHERE id < 60"  frame=18079

# What the article leaves out: the answer, and 31 commands of one packet each way
568.2184000 server RESULT sid=0 column=item rows="Mountain bicycle*200" spid=255  unlisted
568.2184100 server CONTINUE sid=0  unlisted
568.2190000 client SMP_ACK sid=0 seqnum=2 wndw=7  unlisted
repeat 31 every 0.0094
568.2200000 client BATCH sid=0 text="SELECT item FROM orders WHERE id = 7"  unlisted
568.2205000 server RESULT sid=0 column=item rows=Bell spid=255  unlisted
end
568.5114000 client BATCH sid=0 text="SELECT item FROM orders"  seqnum=34 wndw=38  unlisted

# A response of several packets, and the SMP:ACK that lets the server go on
568.5121135 server RESULT sid=0 column=item rows="Touring bicycle*300" spid=255  seqnum=35  frame=40874
568.5121237 server CONTINUE sid=0  seqnum=36  frame=40876
568.5124644 client SMP_ACK sid=0 seqnum=34 wndw=40  frame=40911
568.5128422 server CONTINUE sid=0  seqnum=37  frame=40950
