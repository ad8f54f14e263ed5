# SPDX-License-Identifier: GPL-2.0-or-later
"""The messages of MC-SQLR, the SQL Server Resolution Protocol."""
import struct

CLNT_BCAST_EX, CLNT_UCAST_EX, CLNT_UCAST_INST, SVR_RESP, CLNT_UCAST_DAC = 0x02, 0x03, 0x04, 0x05, 0x0F


def request(kind, data=b""):
    """A message of a client."""
    return bytes([kind]) + data


def instance(server, name, port, version):
    """What SQL Browser says of an instance; without a port it says that of a named pipe."""
    protocol = ("tcp", port) if port else ("np", f"\\\\{server}\\pipe\\MSSQL${name}\\sql\\query")
    words = ("ServerName", server, "InstanceName", name, "IsClustered", "No", "Version", version, *protocol)
    return ";".join(words) + ";;"


def response(text, size_off=0):
    """SVR_RESP; RESP_SIZE is that of the text and so much more."""
    data = text.encode()
    return struct.pack("<BH", SVR_RESP, len(data) + size_off) + data


def administrator_response(port):
    """SVR_RESP to CLNT_UCAST_DAC; RESP_SIZE is that of the whole message."""
    return struct.pack("<BHBH", SVR_RESP, 6, 1, port)
