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

# The last frame may be of either side.
def at($layers; $side):
    { address: ($layers["ip_" + $side] // $layers["ipv6_" + $side])[0], port: $layers["tcp_" + $side + "port"][0] | tonumber };

select(.layers)
| .layers as $layers
| (if $layers.tdsconn_sender == ["2"] then ["dst", "src"] else ["src", "dst"] end) as [$client, $server]
| ($layers.frame_time_epoch[0] | tonumber) as $last
| { start: ($last - ($layers.tcp_time_relative[0] | tonumber)), end: $last,
    client: at($layers; $client), server: at($layers; $server) }
+ ([$schema[0] | to_entries[]
    | (.key | gsub("\\."; "_")) as $name
    | select($layers[$name])
    | { key: ($name | sub("^tdsconn_"; "")), value: (.value as $field | $layers[$name][0] | value($field)) }]
   | from_entries)
