# From `tshark -T ek -e FIELD...`: one object a connection, with texts for numbers that stand for something.
# SPDX-License-Identifier: GPL-2.0-or-later
#
#     jq -c --slurpfile schema schema.json -f docs/pipelines/connections.jq

# What a text of tshark means, by the type of its field. Wireshark 4.0 prints 1, later versions True.
def value($field):
    if $field.texts then $field.texts[.] // .
    elif $field.type == "FT_BOOLEAN" then ascii_downcase | IN("1", "true")
    elif $field.type // "" | test("INT|FRAMENUM|RELATIVE_TIME") then tonumber
    else . end;

# One side of the connection; nothing where it is not known who is who.
def side($layers; $of):
    { address: ($layers["tdsconn_" + $of + "_address"] // [null])[0],
      port: ($layers["tdsconn_" + $of + "_port"] // ["null"])[0] | fromjson };

select(.layers)
| .layers as $layers
| ($layers.frame_time_epoch[0] | tonumber) as $last
| { start: ($last - ($layers.tcp_time_relative[0] | tonumber)), end: $last,
    client: side($layers; "client"), server: side($layers; "server") }
+ ([$schema[0] | to_entries[]
    | (.key | gsub("\\."; "_")) as $name
    | select($layers[$name])
    | { key: ($name | sub("^tdsconn_"; "")), value: (.value as $field | $layers[$name][0] | value($field)) }]
   | from_entries
   | del(.client_address, .client_port, .server_address, .server_port))
