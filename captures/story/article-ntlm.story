# NTLM with TDS 7.3 to a named instance on port 57139; only the login is encrypted.
#
# The "Windows (NTLM)" tab of Microsoft's article "Trace the network authentication process to the Database
# Engine": its addresses, ports, times, first sequence numbers, SPIDs, packet numbers, account and bad
# checksums (the trace was taken on the client, whose network card computes them). The sizes of the messages
# are chosen here. frame=N is the number that the article prints.

start  2024-06-05 12:00:00
client 10.10.10.120:64444 mac=00:15:5d:0a:0a:78 isn=2766542083 syn_win=8192 win=513
server 10.10.10.55:57139  mac=00:15:5d:0a:0a:37 isn=3862866646 syn_win=8192 win=513
scene  tds=7.3 tls=TLS1.0-RSA-3DES certificate=fallback-rsa1024 product=10.0.5500

# TCP three-way handshake
1181.9915832 client SYN bad_checksum  frame=76078 seq=2766542083 ack=0
1181.9922255 server SYN               frame=76079 seq=3862866646 ack=2766542084
1181.9924272 client ACK bad_checksum  frame=76080 seq=2766542084 ack=3862866647

# Driver handshake
1181.9936195 client PRELOGIN encrypt=off mars=off instance=REPORTS version=10.0.5500  frame=76081
1181.9945238 server PRELOGIN encrypt=off mars=off  frame=76082

# TLS handshake
1181.9953108 client CLIENT_HELLO         frame=76083
1181.9967001 server SERVER_HELLO         frame=76084
1181.9978947 client CLIENT_KEY_EXCHANGE  frame=76085
1182.0010146 server CHANGE_CIPHER_SPEC   frame=76086

# Login, with NTLM's NEGOTIATE in the encrypted record
1182.0069763 client ENCRYPTED_LOGIN7 host=APP120 app=Reporting server=sql.contoso.com\REPORTS library=ODBC database=AdventureWorks sspi=40  frame=76096

# Authentication
1182.0093903 server NTLM_CHALLENGE domain=CONTOSO computer=SQL55 dns=contoso.com  frame=76097
1182.0102507 client NTLM_AUTHENTICATE domain=CONTOSO user=joe33 workstation=10.10.10.120 computer=SQL55 dns=contoso.com spn=MSSQLSvc/sql.contoso.com:57139  frame=76098

# Login confirmation
1182.0274716 server LOGINACK server=SQL55\REPORTS database=AdventureWorks spid=315  frame=76100

# A command
1182.0324639 client BATCH text="SELECT name FROM sys.objects"  frame=76102
