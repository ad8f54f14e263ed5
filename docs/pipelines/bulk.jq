# From the rows of connections: the lines of a bulk request, an action and a document in turn.
# SPDX-License-Identifier: GPL-2.0-or-later
#
#     jq -c -f docs/pipelines/bulk.jq
#
# The id is made of what is the same in every capture of the connection, so a row that is sent twice is stored once.

def milliseconds: . * 1000 | floor;

.start |= milliseconds
| .end |= milliseconds
| { index: { _index: "tdsconn-\(.start / 1000 | strftime("%Y-%m"))",
             _id: "\(.client.address):\(.client.port)-\(.server.address):\(.server.port)-\(.start)" } },
  .
