# From `tshark -G fields` and `tshark -G values`: an index template for Elasticsearch 7.8 or later and OpenSearch.
# SPDX-License-Identifier: GPL-2.0-or-later
#
#     (tshark -G fields; tshark -G values) | grep 'tdsconn\.' | jq -Rn -f docs/pipelines/template.jq

# What a member of a row is. A number that stands for a text is a text there.
def type_of($field):
    if $field.texts then "keyword"
    else { FT_STRING: "keyword", FT_GUID: "keyword", FT_BOOLEAN: "boolean", FT_RELATIVE_TIME: "double",
           FT_UINT8: "long", FT_UINT16: "long", FT_UINT32: "long", FT_FRAMENUM: "long" }[$field.type] end;

def side: { properties: { address: { type: "ip" }, port: { type: "integer" } } };
def moment: { type: "date", format: "epoch_millis" };

# On Windows tshark ends a line with CR LF.
reduce (inputs | rtrimstr("\r") / "\t") as $line ({};
    if $line[0] == "F" then .[$line[2]].type = $line[3]
    elif $line[0] == "V" then .[$line[1]].texts = true
    else . end)
| map_values({ type: type_of(.) } | select(.type))
| with_entries(.key |= (gsub("\\."; "_") | sub("^tdsconn_"; "")))
| del(.client_address, .client_port, .server_address, .server_port)
| { index_patterns: ["tdsconn-*"],
    template: { mappings: {
        dynamic: false,
        properties: ({ start: moment, end: moment, client: side, server: side,
                       retransmissions: { type: "long" }, keep_alives: { type: "long" } } + .) } } }
